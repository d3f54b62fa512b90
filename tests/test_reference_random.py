"""The reference against the naive model, over lives that nobody thought of.

Times are drawn at, one below and one above the instants at which something ends. Failures are programs to paste.
"""

import random
from collections import Counter
from collections.abc import Hashable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test

from naive_model import NaiveModel
from random_desk import (
    CONSTANTS,
    WEIGHTS,
    RandomDesk,
    check_agrees_with_naive_model,
    check_cleanup_changes_no_answer,
    check_orders_do_not_interfere,
    outcomes,
    random_events,
)
from tracker_kit import Constants, Desk, Event, Kit, Told
from tracker_state import clone, normal_form


def machine_for(kit: Kit) -> type[RuleBasedStateMachine]:
    """A state machine that lives one desk's life with the tracker and the naive model side by side."""

    class Life(RuleBasedStateMachine):
        @initialize(data=st.data(), constants=st.sampled_from(CONSTANTS), crossing=st.booleans())
        def begin(self, data: Any, constants: Constants, crossing: bool) -> None:
            self.naive = NaiveModel(constants)
            self.desk = kit.desk(constants)
            self.random = RandomDesk(constants, self.picker(data), groups=3, crossing=crossing)

        def picker(self, data: Any) -> Any:
            return lambda values: data.draw(st.sampled_from(list(values)))

        def live(self, data: Any, what: str) -> None:
            self.random.pick = self.picker(data)
            event = self.random.next_event(what)
            assert self.desk.apply(event) == self.naive.apply(event)

        @rule(data=st.data())
        def register(self, data: Any) -> None:
            self.live(data, "register")

        @rule(data=st.data())
        def record(self, data: Any) -> None:
            self.live(data, "record")

        @rule(data=st.data())
        def finalize(self, data: Any) -> None:
            self.live(data, "finalize")

        @rule(data=st.data())
        def fail(self, data: Any) -> None:
            self.live(data, "fail")

        @rule(data=st.data())
        def clear(self, data: Any) -> None:
            self.live(data, "clear")

        @rule(data=st.data())
        def end(self, data: Any) -> None:
            self.live(data, "end")

        @rule(data=st.data())
        def confirm(self, data: Any) -> None:
            self.live(data, "confirm")

        @rule(data=st.data())
        def cleanup(self, data: Any) -> None:
            self.live(data, "cleanup")

        @rule(data=st.data())
        def sync(self, data: Any) -> None:
            self.live(data, "sync")

        @rule(data=st.data())
        def sync_twice(self, data: Any) -> None:
            self.live(data, "sync")
            self.live(data, "sync")
            self.live(data, "confirm")

        @precondition(lambda self: hasattr(self, "desk") and kit.module.__name__ == "orphan_tracker")
        @rule()
        def forget_nothing_by_cloning(self) -> None:
            self.desk.tracker = clone(self.desk.tracker)

    return Life


def test_reference_agrees_with_the_naive_model(kit: Kit) -> None:
    examples = settings.default.max_examples
    run_state_machine_as_test(machine_for(kit), settings=settings(max_examples=examples, stateful_step_count=40))


@pytest.mark.parametrize("seed", range(60))
def test_reference_agrees_with_the_naive_model_on_seeded_lives(kit: Kit, seed: int) -> None:
    constants, events = random_events(seed, 60, crossing=seed % 3 == 0)
    check_agrees_with_naive_model(kit, constants, events)


@given(seed=st.integers(0, 2**32))
def test_r2_dropping_all_other_orders_changes_nothing_about_one(kit: Kit, seed: int) -> None:
    check_orders_do_not_interfere(kit, *random_events(seed, 40))


@given(seed=st.integers(0, 2**32))
def test_r3_cleanup_anywhere_changes_no_answer(kit: Kit, seed: int) -> None:
    check_cleanup_changes_no_answer(kit, *random_events(seed, 40, crossing=True))


def tiny_life(seed: int, length: int, now: int = 0) -> list[Event]:
    """A life of one group with constants of a few units, whose snapshots show the present."""
    rng = random.Random(seed)
    life = []
    for _ in range(length):
        now += rng.choice((0, 0, 1))
        what, oid = rng.choice(WEIGHTS), rng.choice(("1", "2"))
        listing = tuple((one, rng.choice(((), ("c",), (None,)))) for one in ("1", "2") if rng.random() < 0.6)
        life.append(Event(what, now, ("c",), oid, now, listing, ("1", "2"), rng.choice(((), (), ("1",)))))
    return life


def relative(told: Told, start: int) -> Told:
    """With the instant counted from start; when exactly an aged orphan became one is forgotten in a normal form."""
    return told._replace(until=None if told.until is None or told.reason == "AGED" else told.until - start)


def test_trackers_with_equal_normal_forms_answer_alike(kit: Kit) -> None:
    """What `normal_form` leaves out changes no later answer, whatever led to it and whenever."""
    constants = Constants(grace=2, ttl=2, protection=1, prefix="c")
    known: dict[Hashable, tuple[Desk, int]] = {}
    met = 0
    for seed in range(500):
        desk = kit.desk(constants)
        for event in tiny_life(seed, 12):
            desk.apply(event)
        now = event.t
        other, then = known.setdefault(normal_form(desk.tracker, now, confirms=True), (desk, now))
        if other is desk:
            continue
        met += 1
        other = Desk(kit, clone(other.tracker))
        for event in tiny_life(seed + 10_000, 12, now):
            answer = desk.apply(event)
            earlier = other.apply(replace(event, t=event.t - now + then, as_of=event.as_of - now + then))
            assert (earlier.protected, earlier.new) == (answer.protected, answer.new)
            assert [relative(one, then) for one in earlier.told] == [relative(one, now) for one in answer.told]
    assert met >= 60, met


def test_seeded_lives_meet_every_reason(kit: Kit) -> None:
    """For each never, a sometimes: the random desks are kept and cancelled for every reason there is."""
    met: Counter[str] = Counter()
    for seed in range(60):
        constants, events = random_events(seed, 60)
        assert {event.what for event in events} <= set(WEIGHTS)
        met.update(told.reason for outcome in outcomes(kit, constants, events) for told in outcome.told)
    assert set(met) == {reason.name for reason in kit.module.Reason}
    assert min(met.values()) >= 20, met


@pytest.mark.deep
@pytest.mark.parametrize("block", range(20))
def test_reference_agrees_with_the_naive_model_on_thousands_of_lives(kit: Kit, block: int) -> None:
    for seed in range(1_000 + block * 200, 1_200 + block * 200):
        constants, events = random_events(seed, 60, crossing=seed % 3 == 0)
        check_agrees_with_naive_model(kit, constants, events)
