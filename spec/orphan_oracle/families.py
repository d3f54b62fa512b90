"""Small scenarios, exhaustively: each way to protect an order or to break its age, against syncs around every instant.

Three rules. A story tells what happens to one order and says at which instant its last protection ends; the probes put syncs
one below, at and one above that instant, and the grace later. A story's name is for ever, and says what it is about. Which of
them may be asked in a world is decided by `askable`, not here.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import product
from typing import Final

from orphan_oracle.scenario import Scenario
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import (
    NOT_STATED,
    Cleanup,
    Clear,
    Event,
    Fail,
    Finalize,
    OpenOrder,
    RecordOid,
    Register,
    Sync,
)

C, D, OID, OTHER = "c1", "c2", "77", "78"


@dataclass(frozen=True, slots=True)
class Story:
    """What happens to order 77 before the probes come."""

    events: tuple[Event, ...]
    end: int
    """The instant from which nothing protects it."""

    cloid: str | None = C
    """What listings show it with."""


Teller = Callable[[int, int, int], Story]
"""Tells a story for a grace, a TTL and a protection period."""


def orphan(grace: int, ttl: int, protection: int) -> Story:
    return Story((), 0, None)


def in_flight(grace: int, ttl: int, protection: int) -> Story:
    return Story((Register(0, (C,)),), ttl)


def answered(grace: int, ttl: int, protection: int) -> Story:
    return Story((Register(0, (C,)), RecordOid(1, C, OID)), max(ttl, 1 + protection))


def answered_late_in_the_window(grace: int, ttl: int, protection: int) -> Story:
    return Story((Register(0, (C,)), RecordOid(ttl - 1, C, OID)), ttl - 1 + protection)


def answered_just_in_time(grace: int, ttl: int, protection: int) -> Story:
    t = min(grace, ttl) - 1
    return Story((Register(0, (C,)), RecordOid(t, C, OID)), max(ttl, t + protection))


def answered_after_the_window(grace: int, ttl: int, protection: int) -> Story:
    return Story((Register(0, (C,)), RecordOid(ttl, C, OID)), ttl + protection)


def answered_long_after_the_window(grace: int, ttl: int, protection: int) -> Story:
    return Story((Register(0, (C,)), Cleanup(ttl), RecordOid(2 * ttl, C, OID)), 2 * ttl + protection)


def answered_unexpected(grace: int, ttl: int, protection: int) -> Story:
    return Story((RecordOid(0, C, OID),), protection)


def answered_twice(grace: int, ttl: int, protection: int) -> Story:
    events = (RecordOid(0, C, OID), RecordOid(protection - 1, C, OID))
    return Story(events, protection)


def finalized(grace: int, ttl: int, protection: int) -> Story:
    return Story((Register(0, (C,)), RecordOid(1, C, OID), Finalize(2, C, OID)), 2 + protection)


def finalized_late(grace: int, ttl: int, protection: int) -> Story:
    t = max(ttl, protection) + 1
    return Story((Register(0, (C,)), RecordOid(1, C, OID), Finalize(t, C, OID)), t + protection)


def finalized_unrecorded(grace: int, ttl: int, protection: int) -> Story:
    return Story((Register(0, (C,)), Finalize(1, C, OID)), 1 + protection)


def finalized_unexpected(grace: int, ttl: int, protection: int) -> Story:
    return Story((Finalize(0, C, OID),), protection)


def finalized_twice(grace: int, ttl: int, protection: int) -> Story:
    return Story((Finalize(0, C, OID), Finalize(protection - 1, C, OID)), protection)


def finalized_then_answered(grace: int, ttl: int, protection: int) -> Story:
    events = (Register(0, (C,)), Finalize(1, C, OID), RecordOid(protection, C, OID))
    return Story(events, 2 * protection)


def finalized_under_another_oid(grace: int, ttl: int, protection: int) -> Story:
    events = (Register(0, (C,)), RecordOid(1, C, OID), Finalize(2, C, OTHER))
    return Story(events, 1 + protection)


def rejected(grace: int, ttl: int, protection: int) -> Story:
    return Story((Register(0, (C,)), Fail(1, C)), 1)


def rejected_after_the_answer(grace: int, ttl: int, protection: int) -> Story:
    events = (Register(0, (C,)), RecordOid(1, C, OID), Fail(2, C))
    return Story(events, 1 + protection)


def registered_again(grace: int, ttl: int, protection: int) -> Story:
    events = (Register(0, (C,)), RecordOid(1, C, OID), Register(ttl - 1, (C,)))
    return Story(events, max(2 * ttl - 1, 1 + protection))


def registered_again_after_the_window(grace: int, ttl: int, protection: int) -> Story:
    events = (Register(0, (C,)), RecordOid(1, C, OID), Register(ttl, (C,)))
    return Story(events, max(2 * ttl, 1 + protection))


def registered_again_after_the_finalize(grace: int, ttl: int, protection: int) -> Story:
    events = (Register(0, (C,)), Finalize(1, C, OID), Register(2, (C,)))
    return Story(events, max(2 + ttl, 1 + protection))


def elder_finalized_again(grace: int, ttl: int, protection: int) -> Story:
    events = (Finalize(0, C, OTHER), Register(1, (C,)), RecordOid(2, C, OID), Finalize(3, C, OTHER))
    return Story(events, max(1 + ttl, 2 + protection))


def second_oid(grace: int, ttl: int, protection: int) -> Story:
    events = (Register(0, (C,)), RecordOid(1, C, OID), RecordOid(2, C, OTHER))
    return Story(events, max(ttl, 1 + protection))


def first_oid_of_a_modify(grace: int, ttl: int, protection: int) -> Story:
    events = (Register(0, (C,)), RecordOid(1, C, OTHER), RecordOid(2, C, OID))
    return Story(events, max(ttl, 2 + protection))


def registered_with_others(grace: int, ttl: int, protection: int) -> Story:
    events = (Register(0, (D, C)), RecordOid(1, D, OTHER), RecordOid(2, C, OID), Finalize(3, D, OTHER))
    return Story(events, max(ttl, 2 + protection))


STORIES: Final[tuple[Teller, ...]] = (
    orphan,
    in_flight,
    answered,
    answered_late_in_the_window,
    answered_just_in_time,
    answered_after_the_window,
    answered_long_after_the_window,
    answered_unexpected,
    answered_twice,
    finalized,
    finalized_late,
    finalized_unrecorded,
    finalized_unexpected,
    finalized_twice,
    finalized_then_answered,
    finalized_under_another_oid,
    rejected,
    rejected_after_the_answer,
    registered_again,
    registered_again_after_the_window,
    registered_again_after_the_finalize,
    elder_finalized_again,
    second_oid,
    first_oid_of_a_modify,
    registered_with_others,
)


def probes(story: Story, grace: int) -> Iterator[tuple[str, list[tuple[int, int]]]]:
    """Sets of syncs, each as `t` and `as_of`, with a name."""
    end = story.end
    last = story.events[-1].t if story.events else 0
    early = [(last + 1, last + 1)] if last + 1 < end - 1 else []
    for before, first, second in product((True, False), (-1, 0, 1), (-1, 0, 1, 2)):
        if before and not early:
            continue
        start = end + first
        if start < last:
            continue
        pair = [(start, start), (start + grace + second, start + grace + second)]
        name = f"{'seen' if before else 'new'}{first:+d}{second:+d}"
        yield name, [*(early if before else []), *pair]
    around = [end + offset for offset in (-1, 0, 1, 2) if end + offset >= last]
    yield "burst", [*early, *((t, t) for t in around), *((t + grace, t + grace) for t in [*around, end + 3])]
    yield "sparse", [(end + n * (11 * grace), end + n * (11 * grace)) for n in (1, 2, 3)]
    yield "stale", [(end + grace, end + 1), (end + 2 * grace, end + 1), (end + 2 * grace + 1, end + 1 + grace - 1)]
    yield "lagging", [(end + grace, end + 1), (end + 3 * grace, end + grace + 2)]
    yield "retry", [(end + 1 + n * (grace + 1), end + 1 + n * (grace + 1)) for n in range(5)]
    yield "steady", [(t, t) for t in range(max(last, 0) + grace // 2, end + 4 * grace, max(grace // 2, end // 12, 1))]


def plain(constants: Constants, observe: str) -> Iterator[Scenario]:
    """Every story with every probe."""
    grace = constants.orphan_grace_period
    for teller in STORIES:
        story = teller(grace, constants.expected_cloid_ttl, constants.finalized_protection_period)
        for name, syncs in probes(story, grace):
            rows = _rows(story, observe)
            events = [*story.events, *(Sync(t, as_of, rows, ()) for t, as_of in syncs)]
            yield _scenario(f"{teller.__name__}/{observe}/{name}", events, constants, observe)


def _rows(story: Story, observe: str) -> tuple[OpenOrder, ...]:
    return (OpenOrder(OID, story.cloid if observe == "cloid" else NOT_STATED),)


def _scenario(name: str, events: Iterable[Event], constants: Constants, observe: str) -> Scenario:
    environment = Environment(observe="cloid" if observe == "cloid" else "oid")
    return Scenario(name, tuple(sorted(events, key=lambda event: event.t)), constants, environment)


Breaker = Callable[[int, int, int], list[Event]]
"""What happens to an aging orphan between its first sync at grace and its last, at most two graces later."""


def _sync(t: int, *oids: str, local: tuple[str, ...] = (), as_of: int | None = None) -> Sync:
    return Sync(t, t if as_of is None else as_of, tuple(OpenOrder(oid, f"c{oid}") for oid in oids), local)


def breakers(grace: int, ttl: int, protection: int) -> dict[str, list[Event]]:
    """Ways to interrupt, or not to interrupt, the age of an orphan that was seen at 1."""
    t = 2 + grace // 2
    cloid = f"c{OID}"
    return {
        "nothing": [],
        "absent": [_sync(t, OTHER)],
        "empty": [_sync(t)],
        "failed_fetch": [Sync(t, t, None, ())],
        "tracked": [_sync(t, OID, local=(OID,))],
        "cleared": [Clear(t, OID)],
        "other_cleared": [Clear(t, OTHER)],
        "cleanup": [Cleanup(t)],
        "recorded": [RecordOid(t, cloid, OID)],
        "finalized": [Finalize(t, cloid, OID)],
        "registered_and_rejected": [Register(t, (cloid,)), Fail(t + 1, cloid)],
        "registered_and_finalized": [Register(t, (cloid,)), Finalize(t + 1, cloid, OID)],
        "other_registered": [Register(t, (f"c{OTHER}",))],
        "other_recorded": [RecordOid(t, f"c{OTHER}", OTHER)],
        "other_finalized": [Finalize(t, f"c{OTHER}", OTHER)],
        "other_rejected": [Register(t, ("c9",)), Fail(t + 1, "c9")],
        "same_snapshot": [_sync(t, OID, as_of=1)],
        "seen_between": [_sync(t, OID)],
        "other_cancelled": [_sync(t, OID, OTHER), Clear(t + 1, OTHER)],
    }


def broken_ages(constants: Constants, observe: str) -> Iterator[Scenario]:
    """An orphan that ages, something that may interrupt it, and syncs that tell."""
    grace, ttl, protection = (
        constants.orphan_grace_period,
        constants.expected_cloid_ttl,
        constants.finalized_protection_period,
    )
    ends = {0: "at_once", protection: "after_protection", ttl: "after_ttl", max(ttl, protection): "after_all"}
    for name, events in breakers(grace, ttl, protection).items():
        last = max((event.t for event in events), default=1)
        for (wait, when), offset, gap in product(ends.items(), (0, 1), (-1, 0, 1)):
            third = max(1 + grace, last + 1) + wait + offset
            fourth = third + grace + gap
            steps: list[Event] = [_sync(1, OID), *events, _sync(third, OID), _sync(fourth, OID)]
            steps += [_sync(fourth + 1 + n * (grace + 1), OID) for n in (0, 1, 2)]
            shown = [_as_shown(step, observe) for step in steps]
            yield _scenario(f"age_{name}/{observe}/{when}{offset:+d}{gap:+d}", shown, constants, observe)


def broken_ages_of_known(constants: Constants, observe: str) -> Iterator[Scenario]:
    """The same for an order that was answered and finalized long ago, so that only a new window can end its age."""
    grace, ttl, protection = (
        constants.orphan_grace_period,
        constants.expected_cloid_ttl,
        constants.finalized_protection_period,
    )
    cloid = f"c{OID}"
    begin = protection + 1
    t = begin + 1
    happenings: dict[str, list[Event]] = {
        "nothing": [],
        "repeated": [RecordOid(t, cloid, OID), Finalize(t + 1, cloid, OID)],
        "registered": [Register(t, (cloid,))],
        "registered_and_recorded": [Register(t, (cloid,)), RecordOid(t + 1, cloid, OID)],
        "registered_and_rejected": [Register(t, (cloid,)), Fail(t + 1, cloid)],
    }
    for (name, events), wait, gap in product(happenings.items(), (grace, ttl, 2 * ttl), (-1, 0, 1, 2)):
        third = t + wait + 2
        instants = (third, third + grace + gap, third + 2 * grace + gap + 1, third + 3 * grace + gap + 2)
        known: list[Event] = [RecordOid(0, cloid, OID), Finalize(0, cloid, OID)]
        steps: list[Event] = [*known, _sync(begin, OID), *events, *(_sync(one, OID) for one in instants)]
        shown = [_as_shown(step, observe) for step in steps]
        yield _scenario(f"age_of_known_{name}/{observe}/{wait // grace}{gap:+d}", shown, constants, observe)


def owned(constants: Constants, prefix: str) -> Iterator[Scenario]:
    """Orders whose CLOID is ours, somebody else's, or none, heard of or not."""
    grace, protection = constants.orphan_grace_period, constants.finalized_protection_period
    environment = Environment(observe="cloid", owned_cloid_prefix=prefix)
    cloids = {"ours": f"{prefix}1", "hers": f"not-{prefix}1", "nobodys": None, "ends_like_ours": f"1{prefix}"}
    for (name, cloid), heard in product(cloids.items(), ("unheard", "recorded", "finalized")):
        news: dict[str, list[Event]] = {
            "unheard": [],
            "recorded": [RecordOid(0, cloid or f"{prefix}2", OID)],
            "finalized": [Finalize(0, cloid or f"{prefix}2", OID)],
        }
        for wait in (0, protection):
            row = (OpenOrder(OID, cloid),)
            instants = sorted({1, wait + 1, wait + 2 + grace, wait + 3 + 2 * grace})
            syncs = [Sync(t, t, row, ()) for t in instants]
            yield Scenario(f"owned_{name}/{heard}/{wait}", (*news[heard], *syncs), constants, environment)


def shared(constants: Constants, prefix: str) -> Iterator[Scenario]:
    """An order that is listed twice, with a CLOID of ours and with one of somebody else's: it is ours."""
    grace = constants.orphan_grace_period
    environment = Environment(observe="cloid", owned_cloid_prefix=prefix)
    rows = (OpenOrder(OID, f"{prefix}1"), OpenOrder(OID, f"not-{prefix}1"))
    for number, listing in enumerate((rows, rows[::-1])):
        syncs = tuple(Sync(t, t, listing, ()) for t in (1, 2 + grace))
        yield Scenario(f"owned_both/{number}", syncs, constants, environment)


def _as_shown(step: Event, observe: str) -> Event:
    if not isinstance(step, Sync) or step.open is None or observe == "cloid":
        return step
    return Sync(step.t, step.as_of, tuple(OpenOrder(row.oid, NOT_STATED) for row in step.open), step.local)


def crowds(constants: Constants, observe: str) -> Iterator[Scenario]:
    """Many orders at once: half of them are protected, half are not, and their ids differ in the last digit only."""
    grace, ttl = constants.orphan_grace_period, constants.expected_cloid_ttl
    for count, base in ((50, 1), (50, 2**53), (400, 10**15), (3000, 2**53)):
        oids = [str(base + n) for n in range(count)]
        cloids = [f"0x{n:032x}" for n in range(count)]
        news: list[Event] = [Register(0, tuple(cloids[::2]))]
        news += [RecordOid(1 + n, cloids[n], oids[n]) for n in range(0, count, 2)]
        rows = tuple(
            OpenOrder(oid, cloid if observe == "cloid" else NOT_STATED) for oid, cloid in zip(oids, cloids, strict=True)
        )
        start = 2 + count
        forgotten = start + constants.finalized_protection_period
        instants = (start, start + grace, start + grace + 1, forgotten, ttl - 1, ttl, ttl + grace)
        syncs = [Sync(t, t, rows, ()) for t in sorted({t for t in instants if t >= start})]
        yield _scenario(f"crowd/{observe}/{count}-from-{base}", [*news, *syncs], constants, observe)


def small(constants: Constants, observe: str) -> Iterator[Scenario]:
    """All small scenarios for these constants."""
    yield from plain(constants, observe)
    yield from broken_ages(constants, observe)
    yield from broken_ages_of_known(constants, observe)
