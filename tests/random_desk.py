"""Random desks: events at, one below and one above the instants at which something ends.

`pick` chooses one of several values: `random.Random(seed).choice` for a table that must be quick and always the same, a
Hypothesis draw where failures shall shrink. Orders come in groups that share CLOIDs; nothing crosses groups unless asked.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TypeVar

from naive_model import NaiveModel
from tracker_kit import Constants, Event, Kit, Outcome, S, Shown

T = TypeVar("T")
Pick = Callable[[Sequence[T]], T]

CONSTANTS = (
    Constants(),
    Constants(prefix="c"),
    Constants(grace=3, ttl=7, protection=2, prefix="c"),
    Constants(grace=1, ttl=1, protection=1),
    Constants(grace=40 * S, ttl=5 * S, protection=7 * S),
)


class RandomDesk:
    """Makes the next event, knowing which instants matter."""

    def __init__(self, constants: Constants, pick: "Pick", groups: int = 2, crossing: bool = False) -> None:
        self.constants = constants
        self.pick = pick
        self.groups = {f"c{n}": (f"{n}1", f"{n}2") for n in range(groups)} | {f"x{groups}": (f"{groups}1",)}
        self.crossing = crossing
        self.now = 0
        self.ends: list[int] = [0]
        self.latest_as_of = 0

    def next_event(self, what: str) -> Event:
        """An event of this kind at a later, or the same, instant."""
        constants = self.constants
        self.now = self.next_instant()
        now = self.now
        self.ends += [now + constants.grace, now + constants.ttl, now + constants.protection]
        cloid = self.pick(list(self.groups))
        oid = self.pick(self.all_oids() if self.crossing else self.groups[cloid])
        match what:
            case "register":
                return Event("register", now, (cloid,))
            case "record" | "finalize":
                return Event(what, now, (cloid,), oid)
            case "fail":
                return Event("fail", now, (cloid,))
            case "clear" | "end":
                return Event(what, now, oid=oid)
            case "confirm":
                asked = tuple(one for one in self.all_oids() if self.pick((True, True, False)))
                return Event("confirm", now, oids=asked, local=tuple(one for one in asked if self.pick(range(6)) == 0))
            case "cleanup":
                return Event("cleanup", now)
            case "sync":
                return self.next_sync(now)
            case _:
                raise AssertionError(what)

    def next_sync(self, now: int) -> Event:
        if self.pick(range(12)) == 0:
            return Event("sync", now, as_of=now, listing=None)
        as_of = self.next_as_of(now)
        self.latest_as_of = max(self.latest_as_of, as_of)
        self.ends.append(as_of + self.constants.grace)
        listing = [self.show(oid) for oid in self.all_oids() if self.pick((True, True, False))]
        return Event("sync", now, as_of=as_of, listing=tuple(listing))

    def next_instant(self) -> int:
        later = sorted({end for end in self.ends if end >= self.now})[:8]
        self.ends = [end for end in self.ends if end >= self.now][-40:]
        end = self.pick([self.now, self.now, *later[:2], *later[:2], *later])
        instant = end + self.pick((0, 0, 1, -1))
        if self.pick(range(40)) == 0:
            instant += 3 * self.constants.ttl
        return max(self.now, instant)

    def next_as_of(self, now: int) -> int:
        choices = [now, now, now, now - 1, self.latest_as_of, self.latest_as_of - 1, self.latest_as_of + 1]
        choices += [end - self.constants.grace for end in self.ends[-3:]]
        return min(now, max(0, self.pick(choices)))

    def show(self, oid: str) -> Shown:
        own = next(cloid for cloid, oids in self.groups.items() if oid in oids)
        cloid = self.pick((own, own, own, *self.groups)) if self.crossing else own
        return oid, self.pick(((), (cloid,), (cloid,), (cloid,), (None,)))

    def all_oids(self) -> tuple[str, ...]:
        return tuple(oid for oids in self.groups.values() for oid in oids)


WEIGHTS = (
    ("sync",) * 7
    + ("register",) * 3
    + ("record", "finalize") * 2
    + ("fail", "clear", "end", "confirm", "confirm", "cleanup")
)
"""How often each kind of event is chosen."""


def random_events(seed: int, length: int, *, crossing: bool = False) -> tuple[Constants, list[Event]]:
    """A desk's life from a seed."""
    rng = random.Random(seed)
    constants = CONSTANTS[seed % len(CONSTANTS)]
    desk = RandomDesk(constants, rng.choice, crossing=crossing)
    return constants, [desk.next_event(rng.choice(WEIGHTS)) for _ in range(length)]


def outcomes(kit: Kit, constants: Constants, events: Sequence[Event]) -> list[Outcome]:
    """What a fresh tracker of this kit answers."""
    desk = kit.desk(constants)
    return [desk.apply(event) for event in events]


def check_agrees_with_naive_model(kit: Kit, constants: Constants, events: Sequence[Event]) -> None:
    """Asserts that tracker and naive model answer every event alike."""
    desk, naive = kit.desk(constants), NaiveModel(constants)
    for number, event in enumerate(events):
        expected, found = naive.apply(event), desk.apply(event)
        assert found == expected, f"event {number} {event}\nnaive   {expected}\ntracker {found}"


def without_others(events: Sequence[Event], cloids: set[str], oids: set[str]) -> list[Event]:
    """The same life with the events of all other orders dropped."""
    kept = []
    for event in events:
        if event.what == "sync" and event.listing is not None:
            kept.append(replace(event, listing=tuple(shown for shown in event.listing if shown[0] in oids)))
        elif event.what == "confirm":
            kept.append(replace(event, oids=tuple(oid for oid in event.oids if oid in oids)))
        elif event.what in ("sync", "cleanup") or cloids & {*event.cloids} or event.oid in oids:
            kept.append(event)
    return kept


def check_orders_do_not_interfere(kit: Kit, constants: Constants, events: Sequence[Event]) -> None:
    """Asserts that what is decided about a group of orders is decided without the others too (R2)."""
    groups = RandomDesk(constants, random.Random(0).choice).groups
    together = outcomes(kit, constants, events)
    for cloid, oids in groups.items():
        alone = without_others(events, {cloid}, set(oids))
        answers = iter(outcomes(kit, constants, alone))
        for event, answer in zip(events, together, strict=True):
            if not without_others([event], {cloid}, set(oids)):
                continue
            found = next(answers)
            assert found.protected == answer.protected & set(oids), f"{event}: others change what is protected"
            expected = tuple(told for told in answer.told if told.oid in oids)
            assert found.told == expected, f"{event}\ntogether {expected}\nalone    {found.told}"


def check_cleanup_changes_no_answer(kit: Kit, constants: Constants, events: Sequence[Event]) -> None:
    """Asserts that a cleanup before every event changes nothing, nor does dropping them all (R3)."""
    rare = [event for event in events if event.what != "cleanup"]
    often = [one for event in rare for one in (Event("cleanup", event.t), event, Event("cleanup", event.t))]
    answers = outcomes(kit, constants, often)[1::3]
    for event, answer, expected in zip(rare, answers, outcomes(kit, constants, rare), strict=True):
        assert answer == expected, f"{event}\nwith    {answer}\nwithout {expected}"
