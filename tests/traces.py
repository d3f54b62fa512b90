"""Traces for tests: events written in seconds, and a long log of a desk at work."""

from collections.abc import Iterable, Iterator
from typing import Any

from orphan_spec.constants import SECOND, Constants, Environment
from orphan_spec.events import (
    NOT_STATED,
    Accept,
    Act,
    Clear,
    End,
    Event,
    Fail,
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
from orphan_spec.findings import Caution, Finding, Violation
from orphan_spec.judge import Judge

Listed = str | tuple[str, str | None]
"""An OID alone where the venue does not say its CLOID, else with it."""


NS = 0.000000001
"""A nanosecond, in seconds."""


def at(seconds: float) -> int:
    """The instant in nanoseconds."""
    return round(seconds * SECOND)


def register(seconds: float, *cloids: str) -> Register:
    return Register(at(seconds), cloids)


def record(seconds: float, cloid: str, oid: str) -> RecordOid:
    return RecordOid(at(seconds), cloid, oid)


def finalize(seconds: float, cloid: str, oid: str) -> Finalize:
    return Finalize(at(seconds), cloid, oid)


def fail(seconds: float, cloid: str) -> Fail:
    return Fail(at(seconds), cloid)


def clear(seconds: float, oid: str) -> Clear:
    return Clear(at(seconds), oid)


def accept(seconds: float, oid: str, cloid: str | None = None) -> Accept:
    return Accept(at(seconds), oid, NOT_STATED if cloid is None else cloid)


def fill(seconds: float, oid: str) -> Fill:
    return Fill(at(seconds), oid)


def end(seconds: float, oid: str, how: str = "filled") -> End:
    return End(at(seconds), oid, how)  # type: ignore[arg-type]


def learn_end(seconds: float, oid: str) -> LearnEnd:
    return LearnEnd(at(seconds), oid)


def timeout(seconds: float, cloid: str) -> Timeout:
    return Timeout(at(seconds), cloid)


def modify(seconds: float, cloid: str, oid: str) -> Modify:
    return Modify(at(seconds), cloid, oid)


def restart(seconds: float) -> Restart:
    return Restart(at(seconds))


def act(seconds: float, cancelled: Iterable[str] = (), *, local: Iterable[str] = ()) -> Act:
    return Act(at(seconds), tuple(local), tuple(cancelled))


def sync(
    seconds: float,
    listed: Iterable[Listed] | None = (),
    *,
    local: Iterable[str] = (),
    cancelled: Iterable[str] = (),
    dropped: Iterable[str] = (),
    pending: Iterable[str] = (),
    as_of: float | None = None,
) -> Sync:
    """A sync; `as_of` is its own instant where it is not given."""
    rows = (
        None if listed is None else tuple(OpenOrder(one) if isinstance(one, str) else OpenOrder(*one) for one in listed)
    )
    taken = at(seconds if as_of is None else as_of)
    return Sync(at(seconds), taken, rows, tuple(local), tuple(cancelled), tuple(dropped), tuple(pending))


def findings(
    *events: Event,
    environment: Environment | None = None,
    constants: Constants | None = None,
    horizon: int | None = None,
) -> list[Finding]:
    """What the judge finds in the events, which stand in lines 1, 2, …"""
    judge = Judge(constants or Constants(), environment, horizon)
    found: list[Finding] = []
    for line, event in enumerate(events, 1):
        found += judge.observe(event, line)
    return found + judge.finish()


def violations(*events: Event, **options: Any) -> list[Violation]:
    found = (one for one in findings(*events, **options) if isinstance(one, Violation))
    return sorted(found, key=lambda one: (one.line, one.guarantee, one.oid))


def found(*events: Event, **options: Any) -> list[tuple[str, int]]:
    """Each violation's guarantee and line."""
    return [(one.guarantee, one.line) for one in violations(*events, **options)]


def cautions(*events: Event, **options: Any) -> list[Caution]:
    return [one for one in findings(*events, **options) if isinstance(one, Caution)]


def desk(events: int, *, live: int = 20, orphans_every: int = 50) -> Iterator[Event]:
    """A clean log of a desk: orders placed, answered and finalized 10 ms apart, a sync a second, now and then an orphan."""
    step, t, number, written = SECOND // 100, 0, 0, 0
    resting: list[str] = []
    orphans: dict[str, int] = {}
    while written < events:
        t, number = t + step, number + 1
        cloid, oid = f"0xa1{number:08x}", str(10**12 + number)
        yield Register(t, (cloid,))
        yield RecordOid(t + step // 4, cloid, oid)
        yield Finalize(t + step // 2, cloid, oid)
        written += 3
        resting = [*resting, oid][-live:]
        if number % 100 == 0:
            written += 1
            if number % (100 * orphans_every) == 0:
                orphans[f"leftover-{number}"] = t + 6 * SECOND
            due = tuple(name for name, when in orphans.items() if t >= when)
            rows = (*(OpenOrder(one) for one in resting), *(OpenOrder(name) for name in orphans))
            yield Sync(t + step - 1, t + step - 1, rows, tuple(resting), due)
            orphans = {name: when for name, when in orphans.items() if name not in due}
