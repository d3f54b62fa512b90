"""Reports for other tools: JUnit, SARIF and the annotations of GitHub.

Three rules. One finding is one result. A log is somebody else's text: every character that a format or a terminal might obey is
escaped. SARIF shows the trace as a code flow: from the line that protects to the line that breaks.
"""

from collections.abc import Iterable, Iterator, Sequence
from importlib.metadata import version
from typing import Final
from urllib.parse import quote

from junitparser import Error, Failure, JUnitXml, Skipped, TestCase, TestSuite

from orphan_oracle.certification import Failure as FailedScenario
from orphan_oracle.certification import Result
from orphan_oracle.check import FileReport
from orphan_oracle.codec import write_document
from orphan_oracle.errors import printable
from orphan_oracle.timeline import timeline
from orphan_spec.findings import Caution, Finding, Violation
from orphan_spec.guarantees import GUARANTEES

SARIF_SCHEMA: Final = "https://json.schemastore.org/sarif-2.1.0.json"

_GITHUB_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_GITHUB_PROPERTY: Final = _GITHUB_DATA | {":": "%3A", ",": "%2C"}


def check_outlet(reports: Sequence[FileReport], format: str) -> Iterator[str]:  # noqa: A002
    """The report of `check` for another tool."""
    if format == "junit":
        yield _xml(_check_suite(report) for report in reports)
    elif format == "sarif":
        results = [_sarif_result(report.file, one) for report in reports for one in _findings(report)]
        yield write_document(_sarif(results))
    else:
        for report in reports:
            for one in _findings(report):
                yield _annotation(report.file, one)


def certify_outlet(result: Result, format: str) -> Iterator[str]:  # noqa: A002
    """The certificate for another tool."""
    if format == "junit":
        yield _xml([_certify_suite(result)])
    elif format == "sarif":
        results = [
            _sarif_result(f"{failure.scenario.name}.ndjson", violation)
            for failure in result.smallest
            for violation in failure.violations
        ]
        yield write_document(_sarif([*results, *map(_sarif_note, _complaints(result))]))
    else:
        for failure in result.smallest:
            for violation in failure.violations:
                title = f"{violation.guarantee} in {failure.scenario.name}"
                yield f"::error title={_escaped(title, _GITHUB_PROPERTY)}::{_escaped(violation.message, _GITHUB_DATA)}"
        for complaint in _complaints(result):
            yield f"::error title=certify::{_escaped(complaint, _GITHUB_DATA)}"


def verify_outlet(told: Sequence[tuple[str, bool, str]], format: str) -> Iterator[str]:  # noqa: A002
    """The report of `verify` for another tool: what was asked, whether it is as it has to be, and what it is."""
    wrong = [(name, text) for name, holds, text in told if not holds]
    if format == "junit":
        yield _xml([_verify_suite([name for name, holds, _ in told if holds], wrong)])
    elif format == "sarif":
        yield write_document(_sarif([_sarif_note(f"{name}: {text}") for name, text in wrong]))
    else:
        for name, text in wrong:
            yield f"::error title={_escaped(name, _GITHUB_PROPERTY)}::{_escaped(text, _GITHUB_DATA)}"


def _verify_suite(right: list[str], wrong: list[tuple[str, str]]) -> TestSuite:
    suite = TestSuite("orphan-tracker verify")
    for name in right:
        suite.add_testcase(TestCase(printable(name), "orphan-tracker.verify"))
    for name, text in wrong:
        case = TestCase(printable(name), "orphan-tracker.verify")
        case.result = [Failure(printable(text))]
        suite.add_testcase(case)
    return suite


def _findings(report: FileReport) -> list[Finding]:
    return [*report.violations, *report.warnings]


def _complaints(result: Result) -> list[str]:
    farewell = [] if result.farewell is None else [result.farewell]
    passing = [f"known to fail, and passes or is not in the suite: {entry}" for entry in result.unexpected]
    unrun = [f"{result.counts.not_run} scenarios were not run"] if result.counts.not_run else []
    return [*result.breakdowns, *passing, *unrun, *farewell]


def _xml(suites: Iterable[TestSuite]) -> str:
    document = JUnitXml("orphan-tracker")
    for suite in suites:
        document.add_testsuite(suite)
    document.update_statistics()
    text: str = document.tostring().decode("utf-8")
    return text.strip()


def _check_suite(report: FileReport) -> TestSuite:
    suite = TestSuite(printable(report.file))
    broken = {violation.guarantee for violation in report.violations}
    for name, guarantee in GUARANTEES.items():
        case = TestCase(f"{name} {guarantee.name}", f"orphan-tracker.check.{printable(report.file)}")
        if name in broken:
            case.result = [
                Failure(printable(f"line {one.line}: {one.message}"), name)
                for one in report.violations
                if one.guarantee == name
            ]
        elif name in report.not_modelled:
            case.result = [Skipped("not modelled")]
        suite.add_testcase(case)
    return suite


def _certify_suite(result: Result) -> TestSuite:
    suite = TestSuite(printable(f"certify {result.implementation.name}"))
    for failure in result.failures:
        case = TestCase(printable(failure.scenario.name), "orphan-tracker.certify")
        case.result = [_junit_result(failure)]
        suite.add_testcase(case)
    for complaint in _complaints(result):
        case = TestCase("protocol", "orphan-tracker.certify")
        case.result = [Error(printable(complaint))]
        suite.add_testcase(case)
    passed = TestCase(f"{result.counts.passed} scenarios passed", "orphan-tracker.certify")
    suite.add_testcase(passed)
    return suite


def _junit_result(failure: FailedScenario) -> Failure:
    broken = ", ".join(sorted(failure.causes))
    found = Failure(printable(f"breaks {broken}"), "protocol" if failure.breakdown else broken)
    found.text = "\n".join(timeline(failure))
    return found


def _sarif(results: list[dict[str, object]]) -> dict[str, object]:
    rules = [
        {"id": name, "name": one.name, "shortDescription": {"text": one.claim}} for name, one in GUARANTEES.items()
    ]
    driver = {"name": "orphan-tracker", "version": version("orphan-tracker"), "rules": rules}
    return {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [{"tool": {"driver": driver}, "results": results}]}


def _sarif_result(file: str, finding: Finding) -> dict[str, object]:
    message = {"text": printable(finding.message)}
    result: dict[str, object] = {
        "level": "error" if isinstance(finding, Violation) else "warning",
        "message": message,
        "locations": [_place(file, finding.line, None)],
    }
    if isinstance(finding, Violation):
        result["ruleId"] = finding.guarantee
    if finding.because_line is not None:
        steps = sorted([(finding.because_line, "because of this"), (finding.line, "this breaks the guarantee")])
        locations = [{"location": _place(file, line, text)} for line, text in steps]
        result["codeFlows"] = [{"threadFlows": [{"locations": locations}]}]
    return result


def _place(file: str, line: int, text: str | None) -> dict[str, object]:
    where: dict[str, object] = {
        "physicalLocation": {"artifactLocation": {"uri": quote(file)}, "region": {"startLine": max(line, 1)}}
    }
    return where if text is None else where | {"message": {"text": text}}


def _sarif_note(text: str) -> dict[str, object]:
    return {"level": "error", "message": {"text": printable(text)}}


def _annotation(file: str, finding: Finding) -> str:
    kind = "error" if isinstance(finding, Violation) else "warning"
    title = (
        finding.kind if isinstance(finding, Caution) else f"{finding.guarantee} {GUARANTEES[finding.guarantee].name}"
    )
    place = f"file={_escaped(file, _GITHUB_PROPERTY)},line={finding.line},title={_escaped(title, _GITHUB_PROPERTY)}"
    return f"::{kind} {place}::{_escaped(finding.message, _GITHUB_DATA)}"


def _escaped(text: str, table: dict[str, str]) -> str:
    return "".join(table.get(c, c) for c in printable(text))
