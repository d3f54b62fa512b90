"""The timing guarantees: derived numbers against every run there is, witnesses against the judge and the reference."""

import random
from dataclasses import replace

import pytest

from orphan_proofs import liveness, timing
from orphan_proofs.tuning import PRESETS
from orphan_spec.constants import SECOND, Constants, Environment
from orphan_spec.events import NOT_STATED, Clear, Event, OpenOrder, RecordOid, Register, Sync
from slow_timing import World, first_false_cancel, longest_stay, lost_stay, retry
from timing_cases import CASES, DEGENERATE, Case, acted, case, judged, nearest, random_cases, scaled, spaced, world_of


def test_there_are_enough_cases() -> None:
    assert len(set(CASES)) >= 200
    assert {liveness.orphan_bound(*value).attained for value in CASES} == {True, False}
    assert any(timing.threshold(*value).at is None for value in CASES)
    assert any(timing.threshold(*value).gaps > 2 for value in CASES)


def test_the_bound_of_l1_is_that_of_every_run_there_is() -> None:
    for value in CASES:
        assert longest_stay(world_of(*value)) == nearest(liveness.orphan_bound(*value)), value


def test_in_finer_units_runs_come_closer_to_the_bound() -> None:
    for value in [*DEGENERATE, *random_cases(40, 6, seed=6)]:
        for scale in (2, 3):
            if world_of(*value).grace < 20:
                found = longest_stay(world_of(*value, scale))
                assert found == nearest(liveness.orphan_bound(*value), scale), value


def test_the_threshold_of_s3_is_that_of_every_run_there_is() -> None:
    for constants, environment in CASES:
        found = first_false_cancel(world_of(constants, environment), constants.expected_cloid_ttl)
        assert found == timing.threshold(constants, environment).at, (constants, environment)


def test_a_lost_finalized_order_stays_as_long_as_in_every_run_there_is() -> None:
    for constants, environment in CASES:
        protection = constants.finalized_protection_period
        (stay,) = (stay for stay in liveness.stays(constants, environment) if stay.kind == "finalized")
        bound = liveness.course(constants, environment, protection)
        strict = (not bound.reached) + (not bound.stretch.attained)
        assert lost_stay(world_of(constants, environment), protection) == stay.in_all - strict, (constants, environment)


def test_after_a_failed_cancel_the_next_comes_as_late_as_in_every_run_there_is() -> None:
    for value in [*DEGENERATE, *random_cases(40, 6, seed=10)]:
        (stay,) = (stay for stay in liveness.stays(*value) if stay.kind == "cancelled")
        assert retry(world_of(*value)) == nearest(stay.bound), value


def lived(dice: random.Random, constants: Constants, environment: Environment) -> tuple[list[Event], int]:
    """What is said of an order up to some instant, and the instant from which nothing protects it or is said of it."""
    said: list[Event] = []
    until = {"rest": dice.randint(0, 20), "expected": 0, "heard": 0}
    for t in sorted(dice.randint(0, 30) for _ in range(dice.randint(0, 5))):
        kinds = [Register(t, ("c1",)), Clear(t, "77")] + ([RecordOid(t, "c1", "77")] * 2 if t >= until["rest"] else [])
        event = dice.choice(kinds)
        said.append(event)
        if isinstance(event, Register):
            until["expected"] = t + constants.expected_cloid_ttl
        elif isinstance(event, RecordOid):
            until["heard"] = t + constants.finalized_protection_period
    return said, max(*until.values(), *(event.t for event in said), 0)


def test_no_history_makes_the_reference_take_longer() -> None:
    dice, reached = random.Random(11), 0
    for _ in range(1500):
        constants, environment = dice.choice(DEGENERATE + CASES[-12:])
        said, start = lived(dice, constants, environment)
        rest = dice.randint(0, 20)
        start = max(start, rest)
        bound = liveness.orphan_bound(constants, environment)
        shown = (OpenOrder("77", dice.choice(["c1", NOT_STATED])),)
        events, t, as_of = list(said), dice.randint(-environment.sync_period_max, environment.sync_period_max), 0
        while t <= start + bound.ns:
            as_of = max(as_of, t - dice.choice([0, environment.snapshot_age_max]), 0)
            if t >= as_of:
                events.append(Sync(t, as_of, shown if as_of > rest else (), ()))
            t += max(1, dice.choice([environment.sync_period_min or 1, environment.sync_period_max]))
        events.sort(key=lambda event: event.t)
        syncs = [event for event in events if isinstance(event, Sync)]
        cancels = [
            sync.t for sync, done in zip(syncs, acted(events, constants), strict=True) if done and sync.t > start
        ]
        assert cancels, (constants, environment, events)
        assert cancels[0] - start <= bound.ns
        reached += cancels[0] - start >= bound.ns - 2
    assert reached > 10


def test_the_solver_confirms_every_number_and_nothing_else() -> None:
    for constants, environment in CASES[:60]:
        timing.confirm(constants, environment, timing.threshold(constants, environment))
        bound = liveness.orphan_bound(constants, environment)
        liveness.confirm(constants, environment, bound)
        wrong = [
            replace(bound, ns=bound.ns + 1),
            replace(bound, ns=bound.ns - 1),
            replace(bound, attained=not bound.attained),
        ]
        for other in wrong:
            with pytest.raises(AssertionError):
                liveness.confirm(constants, environment, other)


def test_the_judge_and_the_reference_agree_with_every_witness() -> None:
    large = [scaled(value, SECOND) for value in CASES] + [(p.constants, p.environment) for p in PRESETS.values()]
    for value in [*CASES, *large, *random_cases(100, 10**12, seed=7), *random_cases(100, 40, seed=8)]:
        constants, environment = value
        bound, found = liveness.orphan_bound(*value), timing.threshold(*value)
        orphan, lost = liveness.orphan_witness(*value), liveness.finalized_witness(*value)
        if orphan:
            assert orphan[-1].t == nearest(bound)
        for run in filter(None, (orphan, lost)):
            assert judged(run, value) == [], value
            assert acted(run, constants) == [event.cancelled for event in run if isinstance(event, Sync)], value
            assert spaced(run, environment)
        if found.at is not None and environment.observe == "oid" and (run := timing.witness(*value, found)):
            assert judged(run, value) == [("S3", found.at)], value
            assert acted(run, constants) == [event.cancelled for event in run if isinstance(event, Sync)]
            assert spaced(run, environment)
        assert judged(liveness.expectation_witness(*value), value) == []


TINY = [case(2, 9, 3, 1, 2, 1), case(3, 9, 3, 2, 3, 1), case(1, 9, 1, 1, 2, 2), case(4, 9, 1, 3, 3, 2)]


@pytest.mark.parametrize("value", TINY)
def test_the_reference_driven_over_all_syncs_agrees(value: Case) -> None:
    constants = value[0]
    world, longest, pairs = world_of(*value), 0, [(t, t - lag) for t in range(3) for lag in range(3)]
    shown = (OpenOrder("77"),)
    starts = [Sync(t, as_of, (), ()) for t, as_of in pairs if as_of == 0 and t <= world.age]
    stack: list[list[Sync]] = [[start] for start in starts]
    while stack:
        run = stack.pop()
        last = run[-1]
        for gap, younger in world.syncs_after(last.t - last.as_of):
            as_of = last.as_of + younger
            longer = [*run, Sync(last.t + gap, as_of, shown if as_of > 0 else (), ())]
            if acted(longer, constants)[-1]:
                longest = max(longest, longer[-1].t)
            elif as_of > 0:
                stack.append(longer)
    assert longest == nearest(liveness.orphan_bound(*value))


@pytest.mark.deep
def test_deep_all_numbers_are_those_of_every_run_there_is() -> None:
    for constants, environment in [*random_cases(400, 30, seed=9), *random_cases(60, 50, seed=12)]:
        world = world_of(constants, environment)
        assert longest_stay(world) == nearest(liveness.orphan_bound(constants, environment)), (constants, environment)
        found = first_false_cancel(world, constants.expected_cloid_ttl)
        assert found == timing.threshold(constants, environment).at, (constants, environment)


def test_without_a_limit_there_is_no_bound() -> None:
    for missing in ({"sync_period_max": None}, {"snapshot_age_max": None}):
        environment = replace(Environment(2, 3, 1), **missing)
        assert liveness.orphan_bound(Constants(4, 9, 5), environment) is None
        assert liveness.orphan_witness(Constants(4, 9, 5), environment) == []
        assert liveness.finalized_witness(Constants(4, 9, 5), environment) == []
        assert liveness.stays(Constants(4, 9, 5), environment) == []
        liveness.confirm(Constants(4, 9, 5), environment, None)
    for huge in (40, 80):
        assert longest_stay(World(4, 2, huge, 1)) >= huge
        assert longest_stay(World(4, 2, 3, huge)) >= huge
    with pytest.raises(AssertionError):
        liveness.confirm(Constants(4, 9, 5), Environment(2, 3, 1), None)


def test_an_unlimited_period_is_as_bad_as_a_huge_one() -> None:
    for grace, shortest, age in ((5, 2, 0), (5, 7, 0), (5, 0, 3), (9, 2, 4)):
        environment = Environment(shortest, None, age)
        huge = World(grace, shortest, 2 * (grace + shortest), age)
        assert timing.threshold(Constants(grace, 99, 1), environment).at == first_false_cancel(huge, 99)
