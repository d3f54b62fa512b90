"""The judge beside a naive reading of the whole trace: S8 and L4, one order at a time, by the letter.

The traces are random and reach what they ask for: each test counts how often, and fails where it is hardly ever.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import pairwise

from orphan_spec.constants import Constants, Environment
from orphan_spec.events import Accept, Act, Clear, End, Event, Finalize, LearnEnd, OpenOrder, RecordOid, Restart, Sync
from orphan_spec.findings import Violation
from orphan_spec.judge import Judge

SMALL = Constants(orphan_grace_period=2, expected_cloid_ttl=4, finalized_protection_period=3)
SIGHTED = Environment(observe="cloid")
GRACE = SMALL.orphan_grace_period
CHANGES = (RecordOid, Finalize, LearnEnd)
OIDS = ("7", "8")
TRACES = 2000


def random_trace(rng: random.Random) -> list[Event]:
    """Thirty events on a tiny clock; orders are mostly in the local book, or mostly not."""
    t, seen, events = 0, False, list[Event]()
    tracked, silent = rng.choice((0.1, 0.9)), rng.random() < 0.5
    for _ in range(30):
        t += rng.choice((0, 1, 1, 2))
        oid = rng.choice(OIDS)

        def some(chance: float) -> tuple[str, ...]:
            return tuple(oid for oid in OIDS if rng.random() < chance)

        kind = rng.choices((Sync, Act, Accept, End, LearnEnd, Clear, RecordOid, Restart), (12, 2, 1, 2, 2, 1, 1, 0.3))[
            0
        ]
        if kind is Sync:
            as_of = max(0, t - rng.choice((0, 0, 0, 1, 2)))
            rows = None if rng.random() < 0.1 else tuple(OpenOrder(one) for one in some(0.1 if tracked > 0.5 else 0.8))
            dropped, pending = some(0.05), some(0.1)
            events.append(Sync(t, as_of, rows, some(tracked), some(0.2), dropped, pending))
            seen = seen or rows is not None
        elif kind is Act:
            events += [Act(t, some(tracked), some(0.3))] if seen else []
        elif kind is RecordOid:
            events += [] if silent else [rng.choice((RecordOid, Finalize))(t, "c", oid)]
        elif kind is Restart:
            events.append(Restart(t))
            seen = False
        else:
            events.append(End(t, oid, "filled") if kind is End else kind(t, oid))
    return events


def random_traces() -> Iterator[list[Event]]:
    return (random_trace(random.Random(seed)) for seed in range(TRACES))


def judged(events: Sequence[Event], guarantee: str) -> list[tuple[int, str]]:
    """The lines and OIDs at which the judge finds the guarantee broken."""
    judge = Judge(SMALL, SIGHTED, 0)
    found = [one for line, event in enumerate(events) for one in judge.observe(event, line)]
    found += judge.finish()
    return sorted((one.line, one.oid) for one in found if isinstance(one, Violation) and one.guarantee == guarantee)


def lives(events: Sequence[Event]) -> Iterator[tuple[int, int]]:
    """Where each life of the client begins and ends."""
    starts = [0, *(line for line, event in enumerate(events) if isinstance(event, Restart)), len(events)]
    yield from pairwise(starts)


def counted(events: Sequence[Event], start: int, stop: int) -> list[tuple[int, Sync]]:
    """The syncs of one life whose snapshot counts."""
    found: list[tuple[int, Sync]] = []
    for line in range(start, stop):
        event = events[line]
        if isinstance(event, Sync) and event.open is not None and (not found or event.as_of >= found[-1][1].as_of):
            found.append((line, event))
    return found


def listed(sync: Sync, oid: str) -> bool:
    return any(row.oid == oid for row in sync.open or ())


def truth(events: Sequence[Event], line: int, oid: str) -> Accept | End | None:
    """What the trace says of the order at the exchange before a line."""
    told = [event for event in events[:line] if isinstance(event, Accept | End) and event.oid == oid]
    return told[-1] if told else None


def stale(events: Sequence[Event]) -> list[tuple[int, str]]:
    """Where an order that has ended had to be dropped, at every such sync."""
    found = []
    for start, stop in lives(events):
        syncs = counted(events, start, stop)
        for place, (line, _) in enumerate(syncs, 1):
            found += [(line, oid) for oid in OIDS if had_to_drop(events, start, syncs[:place], oid)]
    return sorted(found)


def had_to_drop(events: Sequence[Event], start: int, syncs: list[tuple[int, Sync]], oid: str) -> bool:
    line, now = syncs[-1]
    ended = truth(events, line, oid)
    if not isinstance(ended, End) or oid not in now.local or oid in now.dropped:
        return False
    changes = [e.t for e in events[start:line] if isinstance(e, CHANGES) and e.oid == oid]
    after = max([ended.t, *changes, *comings(events, syncs, oid)])
    if isinstance(events[start], Restart):
        after = max(after, events[start].t)
    since = now.as_of
    for _, sync in reversed(syncs):
        if sync is not now and oid in sync.dropped:
            break
        if oid not in sync.local or listed(sync, oid) or sync.as_of <= after:
            break
        since = sync.as_of
    return now.as_of > after and not listed(now, oid) and now.as_of - since > GRACE


def comings(events: Sequence[Event], syncs: list[tuple[int, Sync]], oid: str) -> Iterator[int]:
    """By when the order had come into the local book, each time; in the first sync of a life nobody knows since when."""
    earlier: int | None = None
    for line, sync in syncs:
        between = [] if earlier is None else [e for e in events[earlier:line] if isinstance(e, Sync | Act)]
        steady = between and all(oid in e.local and oid not in getattr(e, "dropped", ()) for e in between)
        if oid in sync.local and not steady:
            yield sync.t
        earlier = line


def test_l4_is_found_where_the_letter_says_and_first_where_it_first_does():
    total = 0
    for events in random_traces():
        by_letter, found = stale(events), judged(events, "L4")
        assert set(found) <= set(by_letter), events
        for oid in OIDS:
            first = [line for line, one in by_letter if one == oid][:1]
            assert [line for line, one in found if one == oid][:1] == first, events
        total += len(found)
    assert total > TRACES / 40


def ghosts(events: Sequence[Event]) -> list[tuple[int, str]]:
    """Where a cancel was sent on evidence that is not later than the known end, or late, and nothing else forbids it more."""
    found = []
    for start, stop in lives(events):
        syncs, late = counted(events, start, stop), {}
        places = {line for line, _ in syncs}
        newest: Sync | None = None
        for line in range(start, stop):
            event = events[line]
            if isinstance(event, Sync) and event.open is not None:
                newest, late = (event, {}) if line in places else (newest, {row.oid: event for row in event.open})
            if not isinstance(event, Sync | Act) or (isinstance(event, Sync) and event.open is None):
                continue
            evidence = event if isinstance(event, Sync) else newest
            for oid in set(event.cancelled) - set(event.local):
                learned = [e.t for e in events[start:line] if isinstance(e, LearnEnd) and e.oid == oid][:1]
                shown = evidence is not None and listed(evidence, oid)
                ghost = shown and any(evidence.as_of <= t for t in learned)
                overtaken = shown and line not in places and isinstance(event, Sync)
                if ghost or overtaken or (isinstance(event, Act) and not shown and oid in late):
                    found.append((line, oid))
    return sorted(found)


def test_s8_is_found_where_the_letter_says():
    """Without answers, so that no window forbids the cancel first."""
    total = 0
    for trace in random_traces():
        events = [event for event in trace if not isinstance(event, RecordOid | Finalize)]
        by_letter = ghosts(events)
        assert judged(events, "S8") == by_letter, events
        total += len(by_letter)
    assert total > TRACES / 40
