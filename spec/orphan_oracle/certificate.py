"""The certificate: what was certified, with what, and what came of it.

Two rules. The JSON document says everything that is needed to repeat the run: the implementation, the version of this tool,
the seed, the assumptions, and the digest of the suite. A level is `true` only where the whole suite was run.
"""

import json
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from importlib.metadata import version
from typing import Any, Literal

from orphan_oracle.certification import Counts, Failure, Result
from orphan_oracle.errors import printable
from orphan_oracle.fairness import World
from orphan_oracle.protocol import Implementation
from orphan_oracle.scenario import scenario_document
from orphan_oracle.timeline import constants_text, pytest_function, timeline
from orphan_spec.constants import Constants
from orphan_spec.findings import Violation
from orphan_spec.guarantees import GUARANTEES

BREAKDOWNS_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Levels:
    """What may be said of the program."""

    safe: bool
    """No guarantee but L1 and L4 is broken."""

    live: bool
    """L1 and L4 are not broken."""

    exact: bool | None
    """Every outcome is the reference's; null where that was not asked."""


@dataclass(frozen=True, slots=True)
class FailureDocument:
    """The smallest scenario found for one cause."""

    name: str
    scenario: dict[str, Any]
    violations: tuple[Violation, ...]
    breakdown: str | None


@dataclass(frozen=True, slots=True)
class Certificate:
    """The result of `certify`."""

    version: Literal[1]
    tool: str
    implementation: Implementation
    certified: bool
    levels: Levels
    seed: int
    scenarios: int
    """How many random lives were asked for."""

    constants: Constants | None
    """Null: the defaults, and some others."""

    assumptions: World
    counts: Counts
    violations: dict[str, int]
    """Violations by guarantee."""

    differing: int | None
    breakdowns: tuple[str, ...]
    skips: dict[str, int]
    known_failing: tuple[str, ...]
    now_passing: tuple[str, ...]
    failures: tuple[FailureDocument, ...]
    farewell: str | None
    stderr: str
    digest: str
    seconds: float


def certificate(result: Result) -> Certificate:
    """The certificate of a result."""
    plan = result.plan
    return Certificate(
        version=1,
        tool=f"orphan-tracker {version('orphan-tracker')}",
        implementation=result.implementation,
        certified=result.holds,
        levels=Levels(result.safe, result.live, result.exact),
        seed=plan.seed,
        scenarios=plan.scenarios,
        constants=plan.constants,
        assumptions=plan.world,
        counts=result.counts,
        violations=dict(sorted(result.violations.items())),
        differing=result.differing,
        breakdowns=tuple(result.breakdowns),
        skips=dict(result.skips),
        known_failing=tuple(result.known),
        now_passing=tuple(result.unexpected),
        failures=tuple(_failure(failure) for failure in result.smallest),
        farewell=result.farewell,
        stderr=result.stderr,
        digest=result.digest,
        seconds=round(result.seconds, 3),
    )


def _failure(failure: Failure) -> FailureDocument:
    scenario = failure.scenario
    return FailureDocument(scenario.name, scenario_document(scenario), failure.violations, failure.breakdown)


def certificate_text(
    result: Result, command: list[str], saved: str | None = None, options: Sequence[str] = ()
) -> Iterator[str]:
    """The certificate as people read it; with the options of the call it says how to repeat it."""
    about = result.implementation
    yield printable(f"{about.name} {about.version} ({about.language}): {_verdict(result)}")
    yield from _counts(result)
    if options:
        yield printable(f"again with: orphan-tracker certify {shlex.join([*options, '--', *command])}")
    for failure in result.smallest[:1]:
        yield ""
        yield "the smallest failing scenario:"
        yield from timeline(failure)
        yield from _stderr(failure.stderr or result.stderr)
        yield ""
        if saved is not None:
            yield printable(
                f"saved as {saved}; again with: orphan-tracker replay {shlex.join([saved, '--', *command])}"
            )
        yield "as a test:"
        yield ""
        yield from pytest_function(failure, command)
    if not result.smallest:
        yield from _stderr(result.stderr)


def _verdict(result: Result) -> str:
    levels = [name for name in ("safe", "live") if getattr(result, name)]
    if result.exact:
        levels.append("exact")
    said = ", ".join(levels) if levels else "neither safe nor live"
    return f"certified ({said})" if result.holds else f"not certified ({said})"


def _counts(result: Result) -> Iterator[str]:
    counts, plan = result.counts, result.plan
    rate = f", {counts.steps / result.seconds:,.0f} steps a second" if result.seconds > 0 else ""
    yield (
        f"{counts.scenarios:,} scenarios: {counts.passed:,} passed, {counts.failed:,} failed, {counts.skipped:,} skipped, "
        f"{counts.not_run:,} not run; {counts.steps:,} steps judged in {result.seconds:.1f} s{rate}"
    )
    lives = f"{plan.scenarios} random lives, {_constants(plan.constants)}"
    if (tolerance := result.implementation.tolerance) is not None:
        lives = f"tours in real time, constants scaled down, steps up to {tolerance / 1e6:g} ms late"
    yield f"seed {plan.seed}, {lives}; suite {result.digest}"
    for name, number in sorted(result.violations.items()):
        yield f"  {name} {GUARANTEES[name].name}: {number:,} violations"
    for what in result.breakdowns[:BREAKDOWNS_SHOWN]:
        yield printable(f"  the program {what}")
    if len(result.breakdowns) > BREAKDOWNS_SHOWN:
        yield f"  and {len(result.breakdowns) - BREAKDOWNS_SHOWN} breakdowns more"
    for message, number in result.skips.most_common(BREAKDOWNS_SHOWN):
        yield printable(f"  skipped {number:,}: {message}")
    if result.differing is not None:
        yield f"  differs from the reference in {result.differing:,} scenarios"
    if result.known:
        yield f"  {len(result.known):,} failures are known"
    for entry in result.unexpected:
        yield printable(f"  known to fail, and passes or is not in the suite: {entry}")
    if result.farewell is not None:
        yield f"  the program is not well-behaved: {result.farewell}"


def _constants(constants: Constants | None) -> str:
    return "default constants and some others" if constants is None else constants_text(constants)


def _stderr(text: str) -> Iterator[str]:
    if text.strip():
        yield "its standard error, the newest of it:"
        for line in text.splitlines()[-20:]:
            yield f"  | {printable(line)}"


def scenario_file(failure: Failure) -> str:
    """The failing scenario as a file that `replay` runs again, one step a line."""
    document = scenario_document(failure.scenario)
    steps = document.pop("steps")
    assert isinstance(steps, list)
    found = [asdict(violation) for violation in failure.violations]
    head = json.dumps(document | {"violations": found, "breakdown": failure.breakdown})[:-1]
    return head + ', "steps": [\n' + ",\n".join(json.dumps(step) for step in steps) + "\n]}\n"
