"""The report of `verify`: the JSON document, the text, and the table that the README shows.

Two rules. A verdict is one of the exact words `proved`, `proved for your constants`, `refuted`, `not_modelled`, and says
what it assumes. And a counterexample is shown as what happened and what changed, with the arithmetic that failed, and as
lines that `check` reads.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from orphan_oracle.codec import Version, encode
from orphan_oracle.durations import format_duration
from orphan_proofs.runs import Replay
from orphan_proofs.verification import Counterexample, Finding, Reading, Report
from orphan_spec.machine import MACHINE

_SORTS = {variable.name: variable for variable in (*MACHINE.parameters, *MACHINE.fields)}


@dataclass(frozen=True, slots=True)
class ReadingDocument:
    """One reading of a guarantee."""

    variant: str
    status: str
    assumes: tuple[str, ...]
    condition: str
    obligations: int


@dataclass(frozen=True, slots=True)
class GuaranteeDocument:
    """A guarantee and what became of it."""

    id: str
    name: str
    claim: str
    status: str
    as_expected: bool
    readings: tuple[ReadingDocument, ...]


@dataclass(frozen=True, slots=True)
class WitnessDocument:
    """A situation that shows that a guarantee is not kept by nothing happening."""

    guarantee: str
    variant: str
    sentence: str
    steps: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class NeedDocument:
    """An assumption that a claim needs, with the shortest run that breaks the claim without it."""

    claim: str
    assumption: str
    steps: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class CounterexampleDocument:
    """Why a guarantee is refuted."""

    guarantee: str
    events: tuple[dict[str, Any], ...]
    """A trace that `check` reads."""
    steps: tuple[str, ...]
    arithmetic: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class VerifyDocument:
    """Everything that `verify` found out."""

    version: Version
    holds: bool
    solver: str
    seconds: float
    obligations: int
    proved: int
    by_frame: int
    """How many of the proved ones hold because an action changes nothing that they read."""
    guarantees: tuple[GuaranteeDocument, ...]
    witnesses: tuple[WitnessDocument, ...]
    needs: tuple[NeedDocument, ...]
    counterexamples: tuple[CounterexampleDocument, ...]
    conflicts: tuple[str, ...]


def verify_document(report: Report) -> VerifyDocument:
    """The report as it is written in JSON."""
    return VerifyDocument(
        1,
        report.holds,
        report.solver,
        round(report.seconds, 3),
        len(report.outcomes),
        sum(outcome.proved for outcome in report.outcomes),
        sum(outcome.proved and outcome.obligation.by_frame for outcome in report.outcomes),
        tuple(map(_guarantee, report.findings)),
        tuple(
            WitnessDocument(
                shown.witness.guarantee.id,
                shown.witness.variant,
                shown.witness.sentence,
                tuple(action.name for action in shown.run.actions) if shown.run else None,
            )
            for shown in report.shown
        ),
        tuple(
            NeedDocument(
                needed.claim.id,
                needed.assumption,
                tuple(action.name for action in needed.run.actions) if needed.run else None,
            )
            for needed in report.needed
        ),
        tuple(map(_counterexample, report.counterexamples)),
        tuple(report.conflicts),
    )


def _guarantee(finding: Finding) -> GuaranteeDocument:
    return GuaranteeDocument(
        finding.guarantee.id,
        finding.guarantee.name,
        finding.guarantee.claim,
        _worst(finding),
        finding.expected,
        tuple(ReadingDocument(r.variant, r.status, r.assumes, r.condition, r.obligations) for r in finding.readings),
    )


def _worst(finding: Finding) -> str:
    statuses = [reading.status for reading in finding.readings]
    return next((s for s in ("refuted", "not_modelled", "proved for your constants") if s in statuses), "proved")


def _counterexample(found: Counterexample) -> CounterexampleDocument:
    events: tuple[dict[str, Any], ...] = tuple(json.loads(encode(event)) for event in found.events)
    steps = tuple(moment.action.name for moment in found.replay.moments) if found.replay else ()
    return CounterexampleDocument(found.guarantee.id, events, steps, found.replay.arithmetic if found.replay else ())


def verify_text(report: Report, verbose: bool) -> Iterator[str]:
    """The report as people read it, line by line."""
    if verbose:
        yield from _obligations(report)
    yield from _table(report)
    yield ""
    for found in report.counterexamples:
        yield from _story(found)
        yield ""
    for conflict in report.conflicts:
        yield f"conflict: {conflict}"
    if verbose:
        yield from _witnesses(report)
    unproved = [outcome.obligation for outcome in report.outcomes if not outcome.proved]
    for obligation in unproved:
        yield f"not proved: {obligation.subject} @ {obligation.action}"
    lost = [shown.witness for shown in report.shown if shown.run is None]
    for witness in lost:
        yield f"witness lost: {witness.guarantee.id} {witness.variant}: {witness.sentence}"
    for needed in report.needed:
        if needed.run is None:
            yield f"assumed for nothing: {needed.claim.id} does not need {needed.assumption}"
    frame = sum(outcome.obligation.by_frame for outcome in report.outcomes)
    yield (
        f"{len(report.outcomes) - len(unproved):,} of {len(report.outcomes):,} obligations proved ({frame:,} by frame), "
        f"{len(report.shown) - len(lost)} of {len(report.shown)} witnesses found, {report.solver}, {report.seconds:.2f} s"
    )
    yield "proved: for all runs, dense time, all constants, any number of orders, whatever snapshots show and how old they"
    yield "are, where no assumption says otherwise; the machine itself assumes that ids are unique (A5)"
    yield "verdict: everything is as it should be" if report.holds else "verdict: something is not as it should be"


def _table(report: Report) -> Iterator[str]:
    rows = [_row(finding, reading) for finding in report.findings for reading in finding.readings]
    widths = [max(len(row[column]) for row in rows) for column in range(3)]
    for row in rows:
        yield "  ".join([*(cell.ljust(width) for cell, width in zip(row[:3], widths, strict=True)), *row[3:]]).rstrip()


def _row(finding: Finding, reading: Reading) -> tuple[str, str, str, str]:
    name = f"{finding.guarantee.name} ({reading.variant})" if reading.variant else finding.guarantee.name
    parts = []
    if reading.condition:
        parts.append(f"if {reading.condition}")
    if reading.assumes:
        parts.append(f"assuming {', '.join(reading.assumes)}")
    if reading.obligations:
        parts.append(f"{reading.obligations} obligation{'s' if reading.obligations > 1 else ''}")
    if reading.note:
        parts.append(reading.note)
    return finding.guarantee.id, name, reading.status, "; ".join(parts)


def _obligations(report: Report) -> Iterator[str]:
    for outcome in report.outcomes:
        verdict = "proved" if outcome.proved else "NOT PROVED"
        how = " by frame" if outcome.proved and outcome.obligation.by_frame else ""
        yield f"{outcome.obligation.kind:<9}  {outcome.obligation.action:<32}  {outcome.obligation.subject}: {verdict}{how}"
    yield ""


def _witnesses(report: Report) -> Iterator[str]:
    for shown in report.shown:
        steps = ", ".join(action.name for action in shown.run.actions) if shown.run else "NOT FOUND"
        name = f"{shown.witness.guarantee.id} {shown.witness.variant}".rstrip()
        yield f"witness of {name}: {shown.witness.sentence}"
        yield f"    {steps}"
    for needed in report.needed:
        steps = ", ".join(action.name for action in needed.run.actions) if needed.run else "NOT NEEDED"
        yield f"without {needed.assumption}, {needed.claim.id} is broken:"
        yield f"    {steps}"
    yield ""


def _story(found: Counterexample) -> Iterator[str]:
    yield f"{found.guarantee.id} {found.guarantee.name} is refuted: {found.guarantee.claim}"
    if found.replay:
        yield from _timeline(found.replay)
    yield "  as a trace, which `orphan-tracker check -` judges alike:"
    for event in found.events:
        yield f"    {encode(event).decode()}"


def _timeline(replay: Replay) -> Iterator[str]:
    constants = ", ".join(
        f"{name} {_value(name, value)}" for name, value in replay.constants.items() if name != "latency"
    )
    yield f"  with {constants}; the answer may take {format_duration(replay.constants['latency'])} (A4)"
    for moment in replay.moments:
        changed = ", ".join(f"{name} {_value(name, after)}" for name, (_, after) in moment.changes.items())
        yield f"  {format_duration(moment.t):>6}  {moment.action.name:<26} {changed}".rstrip()
    yield f"  broken: {' and '.join(map(_units, replay.arithmetic))}"


def _value(name: str, value: int) -> str:
    variable = _SORTS.get(name)
    if variable is not None and variable.values:
        return repr(variable.values[value])
    return format_duration(value) if value >= 0 else f"-{format_duration(-value)}"


def _units(arithmetic: str) -> str:
    """The arithmetic with its nanoseconds as durations."""
    return " ".join(
        word.replace(digits, format_duration(int(digits)))
        if len(digits := word.strip("[]")) > 6 and digits.isdecimal()
        else word
        for word in arithmetic.split()
    )


def verify_markdown(report: Report) -> Iterator[str]:
    """The verified-properties table."""
    yield "| | guarantee | verdict | under |"
    yield "|---|---|---|---|"
    for finding in report.findings:
        for reading in finding.readings:
            variant = f" ({reading.variant})" if reading.variant else ""
            under = [f"`{reading.condition}`"] if reading.condition else []
            under += [", ".join(reading.assumes)] if reading.assumes else []
            yield (
                f"| {finding.guarantee.id} | {finding.guarantee.claim}{variant} | {reading.status.replace('_', ' ')} | "
                f"{'; '.join(under)} |"
            )
