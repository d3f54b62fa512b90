"""Certifying: a program lives through a suite, the judge judges what it did, and the smallest failure is kept.

Three rules. The judge here is the judge of `check`, and it sees the filled trace and nothing else. A program that breaks off is
started again for the next scenario, a few times; nothing that it does makes this hang. The same program and the same seed give
the same verdict and the same smallest failure.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from itertools import islice
from typing import Final, TypeAlias

from orphan_oracle.errors import InputError
from orphan_oracle.judgement import LIVENESS, judged
from orphan_oracle.program import ProgramError
from orphan_oracle.protocol import Errored, Implementation, Respondent, Session, Skipped
from orphan_oracle.scenario import Outcome, Scenario, run_body
from orphan_oracle.shrinking import shrunk
from orphan_oracle.suite import Digest, Plan, suite
from orphan_oracle.wall import duration, wall_suite
from orphan_spec.events import NAMES, Event
from orphan_spec.findings import Violation

BREAKDOWNS: Final = 3
"""So often a program may die, hang or answer nonsense before the rest of the suite is given up."""

BUDGET: Final = 300.0
"""How long everything may take where no budget is given, in seconds."""

PATIENCE: Final = 60
"""Nobody waits longer for one scenario in real time, in seconds."""

FAILURES_KEPT: Final = 400
"""How many failing scenarios are kept to choose the smallest from."""


@dataclass(frozen=True, slots=True)
class Failure:
    """A scenario that a program failed."""

    scenario: Scenario
    outcomes: tuple[Outcome, ...] | None
    violations: tuple[Violation, ...]
    breakdown: str | None = None
    """What the program did instead of answering: died, hung, chatty, garbage, lying or errored, and how."""

    stderr: str = ""
    differs: tuple[int, ...] = ()
    """Steps whose outcome is not the reference's, where that was asked."""

    @property
    def causes(self) -> frozenset[str]:
        """The guarantees that are broken, or `protocol`."""
        if self.breakdown is not None:
            return frozenset({"protocol"})
        return frozenset(violation.guarantee for violation in self.violations)

    @property
    def trace(self) -> tuple[Event, ...] | None:
        return None if self.outcomes is None else self.scenario.filled(self.outcomes)


@dataclass(slots=True)
class Counts:
    """What was run."""

    scenarios: int = 0
    passed: int = 0
    failed: int = 0
    skipped: int = 0
    steps: int = 0
    syncs: int = 0
    not_run: int = 0


@dataclass(slots=True)
class Result:
    """Everything that certifying a program found out."""

    implementation: Implementation
    plan: Plan
    counts: Counts = field(default_factory=Counts)
    violations: Counter[str] = field(default_factory=Counter)
    """Violations by guarantee."""

    breakdowns: list[str] = field(default_factory=list)
    failures: list[Failure] = field(default_factory=list)
    smallest: list[Failure] = field(default_factory=list)
    """For each cause its smallest failing scenario, the shortest of all first."""

    skips: Counter[str] = field(default_factory=Counter)
    known: list[str] = field(default_factory=list)
    """Failing scenarios that `--known-failing` names."""

    unexpected: list[str] = field(default_factory=list)
    """Entries of `--known-failing` that no failure matched: they pass."""

    differing: int | None = None
    """Scenarios whose outcomes are not the reference's; None where that was not asked."""

    farewell: str | None = None
    stderr: str = ""
    digest: str = ""
    seconds: float = 0.0

    @property
    def safe(self) -> bool:
        return self._complete and not any(self.violations[name] for name in self.violations if name not in LIVENESS)

    @property
    def live(self) -> bool:
        return self._complete and not any(self.violations[name] for name in LIVENESS)

    @property
    def exact(self) -> bool | None:
        return None if self.differing is None else self._complete and self.differing == 0

    @property
    def _complete(self) -> bool:
        return not self.breakdowns and self.counts.not_run == 0 and self.counts.scenarios > self.counts.skipped

    @property
    def holds(self) -> bool:
        """Everything that had to pass passed, and nothing passed that was known to fail."""
        unknown = self.counts.failed - len(self.known)
        ran = self.counts.not_run == 0 and self.counts.scenarios > self.counts.skipped
        return unknown == 0 and ran and not self.unexpected and self.farewell is None


Dialogue: TypeAlias = Callable[[], Respondent]
"""Opens a conversation with a program."""

Progress: TypeAlias = Callable[[str, int], None]


class Certifier:
    """Leads a program through a suite."""

    def __init__(
        self,
        command: Sequence[str],
        plan: Plan,
        time_limit: float,
        budget: float | None = None,
        reference: Respondent | None = None,
        known_failing: Sequence[str] = (),
        progress: Progress | None = None,
        shrink: bool = True,
    ) -> None:
        self.command, self.plan, self.time_limit, self.budget = command, plan, time_limit, budget
        self.reference, self.known_failing, self.progress, self.shrink = reference, known_failing, progress, shrink
        self.session: Session | None = None
        self._matched: set[str] = set()
        self.result = Result(Implementation(), plan, differing=None if reference is None else 0)

    def run(self, scenarios: Iterable[Scenario] | None = None, most: int | None = None) -> Result:
        """The verdict on the program, by its suite or by the scenarios given, of which at most so many."""
        started = time.monotonic()
        result = self.result
        try:
            if self._open():
                chosen = self._suite() if scenarios is None else self._affordable(scenarios)
                deadline = started + (BUDGET if self.budget is None else self.budget)
                self._run_all(islice(chosen, most), deadline)
                self._shrink(deadline)
        finally:
            self._close()
        result.seconds = time.monotonic() - started
        return result

    def _suite(self) -> Iterable[Scenario]:
        """The suite that the program can be asked."""
        about = self.result.implementation
        plan = replace(self.plan, vocabulary=about.events)
        return suite(plan) if about.tolerance is None else wall_suite(plan, about.tolerance, self.budget)

    def _affordable(self, scenarios: Iterable[Scenario]) -> Iterable[Scenario]:
        """The scenarios given; InputError where a program that waits for its steps would take too long."""
        if self.result.implementation.tolerance is None:
            return scenarios
        given = list(scenarios)
        longest = max(map(duration, given), default=0) / 1e9
        if longest > PATIENCE:
            raise InputError(f"its clock is the wall's, and it would have to wait for {longest:,.0f} s; use certify")
        return given

    def _open(self) -> bool:
        """Starts the program; false where it does not get so far."""
        self.session = Session(self.command, self.time_limit)
        try:
            self.result.implementation = self.session.start()
        except ProgramError as error:
            self._breakdown(f"{error} (at `start`)")
            self.result.counts.not_run += 1
            return False
        return True

    def _close(self) -> None:
        if self.session is not None:
            if self.session.program.stderr:
                self.result.stderr = self.session.program.stderr
            self.result.farewell = self.session.stop()
            self.session = None

    def _breakdown(self, what: str) -> None:
        assert self.session is not None
        self.result.breakdowns.append(what)
        self.session.program.kill()
        self.result.stderr = self.session.program.stderr
        self.session = None

    def _run_all(self, scenarios: Iterable[Scenario], deadline: float) -> None:
        counts, digest = self.result.counts, Digest()
        for scenario in scenarios:
            body = run_body(scenario)
            digest.add(scenario, body)
            counts.scenarios += 1
            if self.session is None and len(self.result.breakdowns) < BREAKDOWNS:
                self._open()
            if self.session is None or time.monotonic() > deadline:
                counts.not_run += 1
                continue
            self._run_one(scenario, body)
            if self.progress is not None and counts.scenarios % 64 == 0:
                self.progress("scenario", counts.scenarios)
        self.result.digest = str(digest)
        self.result.unexpected = [entry for entry in self.known_failing if entry not in self._matched]

    def _run_one(self, scenario: Scenario, body: bytes) -> None:
        counts = self.result.counts
        failure = self._not_understood(scenario) or self.lived(scenario, body)
        counts.steps += len(scenario.steps)
        counts.syncs += scenario.syncs
        if isinstance(failure, Skipped):
            counts.skipped += 1
            self.result.skips[failure.message] += 1
        elif failure is None:
            counts.passed += 1
        else:
            self._note(failure)

    def _note(self, failure: Failure) -> None:
        result = self.result
        if failure.differs and result.differing is not None:
            result.differing += 1
        if not failure.causes:
            result.counts.passed += 1
            return
        result.counts.failed += 1
        if failure.breakdown is not None and failure.breakdown.startswith("errored"):
            result.breakdowns.append(f"{failure.breakdown} (in {failure.scenario.name})")
        result.violations.update(violation.guarantee for violation in failure.violations)
        if len(result.failures) < FAILURES_KEPT:
            result.failures.append(failure)
        matching = [entry for entry in self.known_failing if _matches(entry, failure)]
        self._matched.update(matching)
        if matching:
            result.known.append(failure.scenario.name)

    def _not_understood(self, scenario: Scenario) -> Skipped | None:
        unknown = {NAMES[type(step)] for step in scenario.steps} - set(self.result.implementation.events)
        return Skipped(f"uses {', '.join(sorted(unknown))}, which the program does not name") if unknown else None

    def lived(self, scenario: Scenario, body: bytes | None = None) -> Failure | Skipped | None:
        """Has the program live through one scenario; None where it did well."""
        assert self.session is not None
        try:
            reply = self.session.run(scenario, body)
        except ProgramError as error:
            self._breakdown(f"{error} (in {scenario.name})")
            return Failure(scenario, None, (), str(error), self.result.stderr)
        if isinstance(reply, Skipped):
            return reply
        if isinstance(reply, Errored):
            return Failure(scenario, None, (), f"errored: {reply.message}", self.session.program.stderr)
        violations = tuple(judged(scenario, reply, self.result.implementation.tolerance or 0))
        differs = self._differences(scenario, reply)
        if not violations and not differs:
            return None
        return Failure(scenario, reply, violations, None, "", differs)

    def _differences(self, scenario: Scenario, outcomes: tuple[Outcome, ...]) -> tuple[int, ...]:
        if self.reference is None:
            return ()
        expected = self.reference.run(scenario)
        if isinstance(expected, Skipped | Errored):
            return ()
        pairs = enumerate(zip(outcomes, expected, strict=True))
        return tuple(place for place, (one, other) in pairs if set(one.cancelled) != set(other.cancelled))

    # the smallest failure

    def _shrink(self, deadline: float) -> None:
        by_cause: dict[str, Failure] = {}
        for failure in self.result.failures:
            for cause in failure.causes:
                if cause not in by_cause or _size(failure) < _size(by_cause[cause]):
                    by_cause[cause] = failure
        chosen = sorted(by_cause.items(), key=lambda item: (*_size(item[1]), item[0]))
        done: list[Failure] = []
        for cause, failure in chosen:
            if not any(cause in smaller.causes for smaller in done):
                done.append(self._smaller(failure, cause, deadline) if self.shrink else failure)
        self.result.smallest = done

    def _smaller(self, failure: Failure, cause: str, deadline: float) -> Failure:
        if failure.breakdown is not None and not failure.breakdown.startswith("errored"):
            return failure
        best = failure

        def fails(scenario: Scenario) -> bool:
            nonlocal best
            if self.session is None or time.monotonic() > deadline:
                return False
            found = self.lived(scenario)
            if isinstance(found, Failure) and cause in found.causes:
                best = found
                return True
            return False

        shrunk(failure.scenario, self.plan.world, fails)
        return best


def _size(failure: Failure) -> tuple[int, int]:
    scenario = failure.scenario
    return len(scenario.steps), len(scenario.name)


def _matches(entry: str, failure: Failure) -> bool:
    """Whether an entry of `--known-failing` (a scenario's name, a pattern, or a guarantee) covers a failure."""
    if fnmatchcase(failure.scenario.name, entry):
        return True
    return failure.causes <= {entry} and bool(failure.causes)
