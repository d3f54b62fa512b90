"""Small scenarios about what not every tracker is told of: known ends, restarts, a second look before the cancel, stale orders.

Three rules. A scenario here uses an event besides the basic ones only where it is about that event, so that a tracker that names
some of them is asked about those. The instants lie one below, at and one above what they aim at. A name is for ever.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import product

from orphan_oracle.scenario import Scenario
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import (
    NAMES,
    NOT_STATED,
    Accept,
    Act,
    End,
    Event,
    Fill,
    Finalize,
    LearnEnd,
    Modify,
    OpenOrder,
    RecordOid,
    Register,
    Restart,
    Sync,
    Timeout,
)

C, OID, OTHER = "c1", "77", "78"

Steps = list[Event]


def extended(constants: Constants, observe: str, families: Sequence["Family"] | None = None) -> Iterator[Scenario]:
    """All of them, or those of some families, for these constants."""
    lengths = (constants.orphan_grace_period, constants.expected_cloid_ttl, constants.finalized_protection_period)
    environment = Environment(observe="cloid" if observe == "cloid" else "oid")
    for family in (stale, ended, restarted, acted, renamed) if families is None else families:
        for name, steps in family(*lengths):
            shown = tuple(_as_shown(step, observe) for step in steps)
            yield Scenario(f"{family.__name__}/{observe}/{name}", shown, constants, environment)


NARRATION = (Accept, Fill, End, Timeout, Modify)
"""Events that tell a tracker nothing."""


def without_narration(scenario: Scenario, vocabulary: Sequence[str]) -> Scenario:
    """The scenario without those events that tell a tracker nothing and that it does not understand."""
    left_out = tuple(kind for kind in NARRATION if NAMES[kind] not in vocabulary)
    return replace(scenario, steps=tuple(step for step in scenario.steps if not isinstance(step, left_out)))


Drafts = Iterator[tuple[str, Steps]]
Family = Callable[[int, int, int], Drafts]
"""Makes the scenarios about one thing for a grace, a TTL and a protection period."""


def stale(grace: int, ttl: int, protection: int) -> Drafts:
    """A local order that listings lack: when it may be dropped (S6, N13)."""
    for offset in (-1, 0, 1):
        yield f"absent{offset:+d}", [*_tracked(1, 1 + grace + offset), _lacking(3 * grace)]
        yield (
            f"seen-between{offset:+d}",
            [_lacking(1), _sync(2, local=(OID,)), _lacking(3), _lacking(3 + grace + offset)],
        )
        yield f"one-snapshot{offset:+d}", [_lacking(1), _lacking(1 + grace + offset, as_of=1)]
        changed: Steps = [_lacking(1), Finalize(2, C, OID), _lacking(1 + grace + offset), _lacking(3 + grace + offset)]
        yield f"changed-between{offset:+d}", changed
        lagging: Steps = [
            Finalize(grace, C, OID),
            _lacking(2 * grace, as_of=grace + offset),
            _lacking(3 * grace, as_of=2 * grace),
        ]
        yield f"lagging{offset:+d}", lagging
    failed = Sync(2, 2, None, (OID,))
    yield "failed-fetch", [_lacking(1), failed, Sync(2 + grace, 2 + grace, None, (OID,)), _lacking(3 + grace)]


def ended(grace: int, ttl: int, protection: int) -> Drafts:
    """An order whose end the client knows, and a snapshot that still shows it: a ghost (S8)."""
    aged: Steps = [_sync(1), _sync(1 + grace // 2)]
    learnt = 2 + 2 * grace
    for offset, truth in product((-1, 0, 1), (False, True)):
        ends: Steps = [End(learnt - 1, OID, "filled")] if truth else []
        news: Steps = [*aged, *ends, LearnEnd(learnt, OID)]
        name = f"{'true' if truth else 'told'}{offset:+d}"
        ghost: Steps = [_sync(learnt + 2, as_of=learnt + offset), _sync(learnt + grace + 3, as_of=learnt + 2)]
        yield f"ghost-{name}", [*news, *ghost]
        yield f"gone-{name}", [*news, _sync(learnt + 2, as_of=learnt + offset), _without(learnt + 3)]
    other: Steps = [_sync(1), LearnEnd(2, OTHER), _sync(1 + grace), _sync(2 + grace), _sync(3 + 2 * grace)]
    yield "of-another", other


def restarted(grace: int, ttl: int, protection: int) -> Drafts:
    """A program that starts anew: nothing protects any more, and nothing has an age."""
    lives: dict[str, Steps] = {
        "expected": [Register(0, (C,))],
        "answered": [Register(0, (C,)), RecordOid(1, C, OID)],
        "finalized": [Register(0, (C,)), RecordOid(1, C, OID), Finalize(2, C, OID)],
        "aging": [_sync(1)],
        "tracked": [_sync(1, local=(OID,))],
    }
    for (name, life), offset in product(lives.items(), (-1, 0, 1)):
        begin = 4 + grace
        anew: Steps = [Restart(3), _sync(begin), _sync(begin + grace + offset), _sync(begin + 2 * grace + 3)]
        yield f"{name}{offset:+d}", [*life, *anew]
    again: Steps = [
        Register(0, (C,)),
        Restart(1),
        Register(2, (C,)),
        _sync(3),
        _sync(4 + grace),
        RecordOid(5 + grace, C, OID),
    ]
    yield "registered-again", [*again, _sync(1 + ttl)]
    heard: Steps = [RecordOid(0, C, OID), Restart(1), RecordOid(2, C, OID)]
    yield "answered-again", [*heard, _sync(3), _sync(1 + protection), _sync(2 + protection + 1)]


def acted(grace: int, ttl: int, protection: int) -> Drafts:
    """A sync in two steps: what happens between condemning and cancelling (N8)."""
    t = 2 + grace
    between: dict[str, Steps] = {
        "nothing": [],
        "recorded": [RecordOid(t + 1, C, OID)],
        "finalized": [Finalize(t + 1, C, OID)],
        "registered": [Register(t + 1, (C,))],
        "ended": [LearnEnd(t + 1, OID)],
        "other-recorded": [RecordOid(t + 1, "c2", OTHER)],
    }
    for (name, steps), local in product(between.items(), ((), (OID,))):
        condemned: Steps = [_sync(1), _sync(t), *steps, Act(t + 2, local)]
        later: Steps = [_sync(t + 3, local=local), _sync(t + 4 + 2 * grace + protection)]
        yield f"{name}{'-tracked' if local else ''}", [*condemned, *later]
    yield "twice", [_sync(1), _sync(t), Act(t + 1, ()), _sync(t + 2), Act(t + 3, ()), _sync(t + 3 + 2 * grace)]
    yield "young", [_sync(1), _sync(grace), Act(t + 1, ()), _sync(t + 2), Act(t + 3, ())]


def renamed(grace: int, ttl: int, protection: int) -> Drafts:
    """Requests whose outcome is unknown, and requests to replace: neither opens, ends or extends a window."""
    for offset in (-1, 0, 1):
        unknown: Steps = [Register(0, (C,)), Timeout(1, C), _sync(2), _sync(ttl + offset), _sync(ttl + 2)]
        yield f"timeout{offset:+d}", [*unknown, _sync(ttl + 3 + grace)]
        asked: Steps = [RecordOid(0, C, OID), Modify(1, C, OID), _sync(2), _sync(protection + offset)]
        yield f"modify{offset:+d}", [*asked, _sync(protection + 2), _sync(protection + 3 + grace)]
        aging: Steps = [_sync(1), Modify(2, C, OID), _sync(2 + grace // 2), _sync(1 + grace + offset)]
        yield f"modify-of-aging{offset:+d}", [*aging, _sync(4 + 2 * grace)]


def _sync(t: int, *, local: tuple[str, ...] = (), as_of: int | None = None) -> Sync:
    return Sync(t, t if as_of is None else as_of, (OpenOrder(OID, C),), local)


def _without(t: int) -> Sync:
    return Sync(t, t, (), ())


def _lacking(t: int, as_of: int | None = None) -> Sync:
    return Sync(t, t if as_of is None else as_of, (), (OID,))


def _tracked(*instants: int) -> Iterator[Sync]:
    return (_lacking(t) for t in instants)


def _as_shown(step: Event, observe: str) -> Event:
    if not isinstance(step, Sync) or step.open is None or observe == "cloid":
        return step
    return Sync(step.t, step.as_of, tuple(OpenOrder(row.oid, NOT_STATED) for row in step.open), step.local)
