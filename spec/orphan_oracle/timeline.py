"""A failing scenario for people: what happened, what the program did, what was allowed, and which line explains it.

Two rules. Lines are numbered as in the trace that `check` reads. Whatever comes from outside is written out printable.
"""

import json
from collections.abc import Iterator
from typing import Final

from orphan_oracle.certification import Failure
from orphan_oracle.errors import printable
from orphan_oracle.scenario import Scenario, scenario_document
from orphan_spec.constants import Constants
from orphan_spec.events import (
    NAMES,
    Accept,
    Act,
    Cleanup,
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
from orphan_spec.findings import Decision, seconds
from orphan_spec.guarantees import GUARANTEES
from orphan_spec.judge import Judge

ROWS_SHOWN: Final = 6
"""How many orders of one listing are written out."""

VERDICTS: Final = {
    Decision.MUST_KEEP: "must keep",
    Decision.MAY_CANCEL: "may cancel",
    Decision.MUST_CANCEL: "must cancel",
}


def timeline(failure: Failure) -> Iterator[str]:
    """The scenario line by line."""
    scenario = failure.scenario
    yield f"scenario {scenario.name}: {constants_text(scenario.constants)}, observe {scenario.environment.observe}"
    judge = Judge(scenario.constants, scenario.environment)
    for line, event in enumerate(failure.trace or scenario.steps, 1):
        words = told(event) if failure.trace is not None else told(event).partition("; cancelled ")[0]
        yield printable(f"  {line:>3}  {seconds(event.t):>12}  {words}")
        if isinstance(event, Sync) and failure.trace is not None:
            yield from _verdicts(judge, event)
        judge.observe(event, line)
        for violation in [one for one in failure.violations if one.line == line]:
            title = f"{violation.guarantee} {GUARANTEES[violation.guarantee].name}"
            because = "" if violation.because_line is None else f" (because of line {violation.because_line})"
            yield printable(f"       ^ violates {title}: {violation.message}{because}")
    if failure.breakdown is not None:
        yield printable(f"       ^ the program {failure.breakdown}")
    if not failure.causes:
        yield "       (no guarantee is broken)"


def constants_text(constants: Constants) -> str:
    """The constants in a few words."""
    return (
        f"grace {seconds(constants.orphan_grace_period)}, TTL {seconds(constants.expected_cloid_ttl)}, "
        f"protection {seconds(constants.finalized_protection_period)}"
    )


def _verdicts(judge: Judge, sync: Sync) -> Iterator[str]:
    verdicts = judge.verdicts(sync)
    cancelled = set(sync.cancelled)
    shown = sorted(verdicts, key=lambda one: one.decision is Decision.MAY_CANCEL)[:ROWS_SHOWN]
    for verdict in shown:
        did = "cancelled" if verdict.oid in cancelled else "kept"
        yield printable(f"       {verdict.oid}: {did}; {VERDICTS[verdict.decision]}: {verdict.reason}")
    if len(verdicts) > len(shown):
        yield f"       and {len(verdicts) - len(shown)} more"


def told(event: Event) -> str:
    """The event in a few words."""
    match event:
        case Register():
            return f"register {_list(event.cloids)}"
        case RecordOid() | Finalize() | Modify():
            return f"{NAMES[type(event)]} {event.cloid} = {event.oid}"
        case Fail() | Timeout():
            return f"{NAMES[type(event)]} {event.cloid}"
        case Clear() | Fill() | LearnEnd():
            return f"{NAMES[type(event)]} {event.oid}"
        case Cleanup() | Restart():
            return NAMES[type(event)]
        case Accept():
            return f"accept {_row(OpenOrder(event.oid, event.cloid))}"
        case End():
            return f"end {event.oid} ({event.how})"
        case Sync():
            return _sync(event)
        case Act():
            local = f"local {_list(event.local)}; " if event.local else ""
            return f"act: {local}cancelled {_list(event.cancelled)}"


def _sync(event: Sync) -> str:
    as_of = "" if event.as_of == event.t else f" as of {seconds(event.as_of)}"
    if event.open is None:
        return f"sync{as_of}: the fetch failed; cancelled {_list(event.cancelled)}"
    rows = _list(tuple(_row(row) for row in event.open))
    dropped = f", dropped {_list(event.dropped)}" if event.dropped else ""
    local = f", local {_list(event.local)}" if event.local else ""
    pending = f", pending {_list(event.pending)}" if event.pending else ""
    return f"sync{as_of}: open {rows}{local}; cancelled {_list(event.cancelled)}{pending}{dropped}"


def _row(row: OpenOrder) -> str:
    if isinstance(row.cloid, str):
        return f"{row.oid} ({row.cloid})"
    return f"{row.oid} (no CLOID)" if row.cloid is None else row.oid


def _list(items: tuple[str, ...]) -> str:
    if not items:
        return "nothing"
    rest = f" and {len(items) - ROWS_SHOWN} more" if len(items) > ROWS_SHOWN else ""
    return ", ".join(items[:ROWS_SHOWN]) + rest


def pytest_function(failure: Failure, command: list[str]) -> Iterator[str]:
    """The scenario as a test to paste."""
    name = "".join(c if c.isalnum() else "_" for c in failure.scenario.name)
    yield f"def test_{name}() -> None:"
    yield "    from orphan_oracle.testing import violations_of"
    yield ""
    yield f"    scenario = {_literal(failure.scenario)}"
    yield f"    assert violations_of(scenario, {command!r}) == []"


def _literal(scenario: Scenario) -> str:
    document = json.loads(json.dumps(scenario_document(scenario)))
    steps = document.pop("steps")
    lines = ["{"]
    lines += [f"        {key!r}: {value!r}," for key, value in document.items()]
    lines += ["        'steps': [", *(f"            {step!r}," for step in steps), "        ],", "    }"]
    return "\n".join(lines)
