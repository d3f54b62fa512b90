"""The report of `check`: the JSON document and the text.

Two rules. The document of one file has the fields that the format promises, at the top; with several files the totals stand
at the top and `files` holds one such document for each. Text shows the arithmetic, and nothing that stands in a log reaches a
terminal unescaped.
"""

import textwrap
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orphan_oracle.check import FileReport
from orphan_oracle.codec import Version
from orphan_oracle.errors import printable
from orphan_spec.findings import Caution, Finding, Violation, seconds
from orphan_spec.guarantees import GUARANTEES


@dataclass(frozen=True, slots=True)
class CheckDocument:
    """What was found in the one file that was checked."""

    version: Version
    events: int
    syncs: int
    violations: tuple[Violation, ...]
    warnings: tuple[Caution, ...]
    not_modelled: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class CheckFilesDocument:
    """What was found in several files, each judged on its own."""

    version: Version
    events: int
    syncs: int
    files: tuple[FileReport, ...]


def check_document(reports: Sequence[FileReport]) -> CheckDocument | CheckFilesDocument:
    """The report as it is written in JSON."""
    if len(reports) == 1:
        only = reports[0]
        return CheckDocument(1, only.events, only.syncs, only.violations, only.warnings, only.not_modelled)
    events, syncs = (sum(getattr(report, name) for report in reports) for name in ("events", "syncs"))
    return CheckFilesDocument(1, events, syncs, tuple(reports))


def check_text(reports: Sequence[FileReport], elapsed: float, width: int | None = None) -> Iterator[str]:
    """The report as people read it, line by line; wrapped where a width is given."""
    for report in reports:
        yield from _file(report, width)
    events, syncs = (sum(getattr(report, name) for report in reports) for name in ("events", "syncs"))
    yield from _wrapped(_summary(reports), width, "")
    rate = f"{events / elapsed:,.0f} events a second" if elapsed > 0 else "at once"
    yield from _wrapped(f"{_count(events, 'event')}, {_count(syncs, 'sync')}, {elapsed:.2f} s, {rate}", width, "")
    not_modelled = sorted({guarantee for report in reports for guarantee in report.not_modelled})
    if not_modelled:
        yield from _wrapped(f"not modelled by this log or configuration: {', '.join(not_modelled)}", width, "")


def _file(report: FileReport, width: int | None) -> Iterator[str]:
    findings: list[Finding] = [*report.violations, *report.warnings]
    verdict = "clean" if not report.violations else _count(len(report.violations), "violation")
    aside = f", {_count(len(report.warnings), 'warning')}" if report.warnings else ""
    yield from _wrapped(f"{report.file}: {verdict}{aside}", width, "")
    for finding in findings:
        title = _title(finding)
        yield from _wrapped(f"  line {finding.line}: {title}", width, "    ")
        yield from _wrapped(f"    {finding.message}", width, "    ")
        if isinstance(finding, Violation) and finding.protected_until is not None:
            early = f"{seconds(finding.protected_until)} - {seconds(finding.t)}"
            left = seconds(finding.protected_until - finding.t)
            yield from _wrapped(f"    still protected for {early} = {left}", width, "    ")
        if finding.because_line is not None:
            yield from _wrapped(f"    because of line {finding.because_line}", width, "    ")
    if findings:
        yield ""


def _title(finding: Finding) -> str:
    if isinstance(finding, Caution):
        return f"warning: {finding.kind.replace('_', ' ')}"
    return f"{finding.guarantee} {GUARANTEES[finding.guarantee].name}"


def _summary(reports: Sequence[FileReport]) -> str:
    counts = Counter(violation.guarantee for report in reports for violation in report.violations)
    if not counts:
        return "clean: no guarantee is violated"
    broken = ", ".join(f"{id_} {count}" for id_, count in sorted(counts.items()))
    return f"{_count(sum(counts.values()), 'violation')}: {broken}"


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def _wrapped(text: str, width: int | None, indent: str) -> list[str]:
    text = printable(text)
    if width is None or len(text) <= width:
        return [text]
    return textwrap.wrap(text, max(width, 20), subsequent_indent=indent, break_on_hyphens=False) or [text]
