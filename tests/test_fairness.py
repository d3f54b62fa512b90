"""What may be asked: the suite keeps to its world, and the bound is the one that the proofs derive."""

from itertools import islice

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orphan_oracle.fairness import NUMBER_LIMIT, World, askable, threshold
from orphan_oracle.judgement import judged
from orphan_oracle.protocol import read_reply
from orphan_oracle.scenario import Scenario, read_scenario, run_request, scenario_document
from orphan_oracle.shrinking import TRIES, shrunk
from orphan_oracle.suite import Plan, suite
from orphan_proofs import timing
from orphan_spec.constants import SECOND, Constants, Environment
from orphan_spec.events import NAMES, NOT_STATED, Act, OpenOrder, RecordOid, Register, Restart, Sync

LENGTHS = st.integers(1, 40)


@given(LENGTHS, LENGTHS, st.none() | LENGTHS, st.none() | LENGTHS, st.none() | st.integers(0, 40))
def test_the_bound_is_the_one_that_is_proved(
    grace: int, ttl: int, shortest: int | None, longest: int | None, age: int | None
) -> None:
    if shortest is not None and longest is not None and shortest > longest:
        shortest, longest = longest, shortest
    constants = Constants(grace, ttl, 1)
    environment = Environment(shortest, longest, age)
    assert threshold(constants, World(shortest, longest, age)) == timing.threshold(constants, environment).at


PLANS = {
    "default": Plan(scenarios=120),
    "assumed": Plan(scenarios=120, world=World(response_latency_max=2 * SECOND)),
    "periodic": Plan(scenarios=120, world=World(10 * SECOND, 10 * SECOND, 0, 2 * SECOND)),
    "jitter": Plan(scenarios=120, world=World(2 * SECOND, 12 * SECOND, SECOND, None)),
    "owned": Plan(scenarios=120, owned_cloid_prefix="own-"),
    "few events": Plan(scenarios=120, vocabulary=("register", "record_oid", "sync")),
}


def _is_life(scenario: Scenario) -> bool:
    return scenario.name.startswith(("life/", "long/", "ladder/"))


@pytest.mark.parametrize("name", PLANS)
def test_lives_keep_to_their_world_and_the_reference_survives_them(name: str) -> None:
    import json

    from orphan_tracker import driver

    plan = PLANS[name]
    lives = list(islice(filter(_is_life, suite(plan)), 60))
    assert len(lives) >= 40
    for scenario in lives:
        assert {NAMES[type(step)] for step in scenario.steps} <= set(plan.vocabulary)
        assert scenario.steps[-1].t < NUMBER_LIMIT
        reply, _ = driver.answer(run_request(scenario, 1))
        outcomes = read_reply(json.dumps(reply).encode(), scenario, 1)
        assert isinstance(outcomes, tuple), outcomes
        assert judged(scenario, outcomes) == [], scenario.name


def in_flight(latency: int, observe: str, *, named: bool = True) -> Scenario:
    """An order that is shown at once and recorded after the latency."""
    cloid = "c" if observe == "cloid" else NOT_STATED
    steps = [Register(0, ("c",)), Sync(1, 1, (OpenOrder("7", cloid),), ())]
    environment = Environment(observe="cloid" if observe == "cloid" else "oid")
    return Scenario("x", (*steps, *([RecordOid(latency, "c", "7")] if named else [])), Constants(), environment)


def test_latency_stays_below_the_bound_where_it_has_to() -> None:
    grace = Constants().orphan_grace_period
    assert askable(in_flight(grace - 1, "oid"), World())
    assert not askable(in_flight(grace, "oid"), World())
    assert askable(in_flight(grace, "cloid"), World())
    assumed = World(response_latency_max=SECOND)
    for observe in ("oid", "cloid"):
        assert askable(in_flight(SECOND, observe), assumed)
        assert not askable(in_flight(SECOND + 1, observe), assumed)
    assert not askable(in_flight(SECOND, "cloid", named=False), assumed)


def test_a_scenario_that_mixes_listings_with_and_without_cloids_is_not_asked() -> None:
    rows = (OpenOrder("7", "c"), OpenOrder("8"))
    assert not askable(Scenario("x", (Sync(1, 1, rows, ()),)), World())


def test_late_snapshots_are_not_asked_and_failed_fetches_count_for_nothing() -> None:
    late = (Sync(5, 5, (), ()), Sync(6, 4, (), ()))
    assert not askable(Scenario("x", late), World())
    assert askable(Scenario("x", (Sync(5, 5, None, ()), Sync(6, 4, (), ()))), World())


def test_an_order_that_rests_before_its_registration_is_not_asked_where_cloids_are_not_shown() -> None:
    """Also where the TTL is within the grace, so that any latency is fair: S3 needs A8 there too."""
    constants = Constants(orphan_grace_period=40, expected_cloid_ttl=5)
    for first, fair in ((10, False), (60, True)):
        steps = (Sync(first, first, (OpenOrder("7"),), ()), Register(57, ("c",)), RecordOid(61, "c", "7"))
        ordered = tuple(sorted(steps, key=lambda step: step.t))
        assert askable(Scenario("resting first", ordered, constants), World()) is fair


def test_a_local_order_that_snapshots_lack_for_the_grace_is_not_shown_again() -> None:
    """Whoever drops it has all the evidence that N13 asks for."""
    row = (OpenOrder("7"),)
    for last, fair in ((4, True), (5, False)):
        lacking = (Sync(1, 1, row, ("7",)), Sync(2, 2, (), ("7",)), Sync(2 + last, 2 + last, (), ("7",)))
        back = Sync(20, 20, row, ("7",))
        assert askable(Scenario("lacking", lacking, Constants(orphan_grace_period=5)), World())
        assert askable(Scenario("back", (*lacking, back), Constants(orphan_grace_period=5)), World()) is fair


def test_an_act_without_a_snapshot_is_not_asked() -> None:
    sync, act = Sync(1, 1, (OpenOrder("7"),), ("7",)), Act(2, ("7",))
    assert askable(Scenario("in order", (sync, act)), World())
    for steps in ((act,), (Sync(1, 1, None, ()), act), (sync, Restart(2), act)):
        assert not askable(Scenario("nothing to act on", steps), World())


def test_scenarios_survive_being_written_and_read() -> None:
    for scenario in islice(suite(Plan(scenarios=12)), 0, None, 40):
        assert read_scenario(scenario_document(scenario), "x") == scenario


def test_shrinking_asks_a_bounded_number_of_times_and_keeps_what_fails() -> None:
    scenario = max(suite(Plan(scenarios=30)), key=lambda one: len(one.steps))
    asked = 0

    def fails(one: Scenario) -> bool:
        nonlocal asked
        asked += 1
        return sum(isinstance(step, Sync) for step in one.steps) >= 2

    assert len(shrunk(scenario, World(), fails).steps) == 2
    assert asked <= TRIES
