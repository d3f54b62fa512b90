"""Configurations for the timing tests, and what the judge and the reference make of a trace."""

import random
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from orphan_oracle.check import check_lines
from orphan_oracle.codec import encode
from orphan_oracle.configuration import Configuration
from orphan_proofs import liveness
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import NOT_STATED, Event, Sync
from orphan_tracker import OpenOrder as Listed
from orphan_tracker import OrphanTracker, OrphanTrackerConfig
from slow_timing import World

Case = tuple[Constants, Environment]


def case(grace: int, ttl: int, protection: int, shortest: int | None, longest: int | None, age: int | None) -> Case:
    return Constants(grace, ttl, protection), Environment(shortest, longest, age)


DEGENERATE = [
    case(1, 1, 1, 1, 1, 0),
    case(1, 1, 1, None, 1, 0),
    case(1, 50, 1, 7, 7, 0),
    case(5, 5, 5, 5, 5, 5),
    case(5, 5, 5, 5, 5, 0),
    case(5, 30, 10, 5, 5, 0),
    case(5, 30, 10, 4, 5, 0),
    case(5, 30, 10, 10, 10, 0),
    case(5, 3, 10, 2, 2, 1),
    case(10, 4, 2, 1, 3, 0),
    case(3, 6, 2, 20, 25, 1),
    case(50, 60, 1, 1, 1, 0),
    case(50, 60, 1, 49, 50, 1),
    case(1, 50, 50, 50, 50, 0),
    case(4, 40, 5, 1, 2, 9),
    case(2, 9, 3, 3, 5, 12),
    case(6, 30, 4, 0, 4, 3),
]


def random_cases(number: int, most: int, seed: int) -> list[Case]:
    dice = random.Random(seed)
    found = []
    for _ in range(number):
        longest = dice.randint(1, most)
        shortest = dice.choice([None, longest, dice.randint(0, longest), dice.randint(0, longest)])
        age = dice.choice([0, 0, dice.randint(0, most // 2), dice.randint(0, most)])
        grace, ttl, protection = (dice.choice([1, dice.randint(1, most), dice.randint(1, most)]) for _ in range(3))
        found.append(case(grace, dice.choice([ttl, ttl * 4]), protection, shortest, longest, age))
    return found


CASES = [*DEGENERATE, *random_cases(200, 12, seed=4), *random_cases(12, 24, seed=5)]


def world_of(constants: Constants, environment: Environment, scale: int = 1) -> World:
    assert environment.sync_period_max is not None
    assert environment.snapshot_age_max is not None
    values = (constants.orphan_grace_period, environment.sync_period_min or 0, environment.sync_period_max)
    return World(*(scale * value for value in (*values, environment.snapshot_age_max)))


def scaled(value: Case, scale: int) -> Case:
    """Everything so many times as long."""
    parts = []
    for part in value:
        durations = {name: getattr(part, name) for name in part.__dataclass_fields__}
        parts.append(replace(part, **{n: v * scale for n, v in durations.items() if isinstance(v, int)}))
    return parts[0], parts[1]


def nearest(bound: liveness.Bound, scale: int = 1) -> int:
    """What runs in whole units come to."""
    return bound.ns * scale - (0 if bound.attained else 1)


def judged(events: Sequence[Event], value: Case) -> list[tuple[str, int]]:
    report = check_lines(iter([encode(event) for event in events]), "witness", Configuration(*value))
    return [(violation.guarantee, violation.t) for violation in report.violations]


def acted(events: Sequence[Event], constants: Constants) -> list[tuple[str, ...]]:
    """What the reference cancels at each sync."""
    config = OrphanTrackerConfig(
        orphan_grace_period=constants.orphan_grace_period,
        expected_cloid_ttl=constants.expected_cloid_ttl,
        finalized_protection_period=constants.finalized_protection_period,
    )
    tracker, found = OrphanTracker(config), []
    for event in events:
        match event:
            case Sync(t, as_of, listing, _):
                shown = [
                    Listed(order.oid, *(() if order.cloid is NOT_STATED else (order.cloid,))) for order in listing or ()
                ]
                found.append(tracker.filter_aged_orphans(shown, t, as_of).aged)
            case _:
                say(tracker, event)
    return found


def say(tracker: OrphanTracker, event: Event) -> None:
    match type(event).__name__:
        case "Register":
            tracker.register_expected_cloids(event.cloids, event.t)
        case "RecordOid":
            tracker.record_oid_for_cloid(event.cloid, event.oid, event.t)
        case "Clear":
            tracker.clear_orphan(event.oid, event.t)
        case "Finalize":
            tracker.mark_finalized(event.cloid, event.oid, event.t)
        case _:
            tracker.cleanup(event.t)


def spaced(events: Sequence[Event], environment: Environment) -> bool:
    """Whether the syncs of a trace are as the environment says."""
    syncs = [event for event in events if isinstance(event, Sync)]
    gaps = [after.t - before.t for before, after in pairwise(syncs)]
    longest = environment.sync_period_max
    return (
        all(gap > 0 and gap >= (environment.sync_period_min or 0) for gap in gaps)
        and (longest is None or all(gap <= longest for gap in gaps))
        and (environment.snapshot_age_max is None or all(s.t - s.as_of <= environment.snapshot_age_max for s in syncs))
        and all(before.as_of <= after.as_of for before, after in pairwise(syncs))
    )
