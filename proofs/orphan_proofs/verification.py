"""The verdict on every guarantee: what is proved, what is refuted, what is not modelled yet, and why one may believe it.

Two rules. A guarantee is *proved* only where every obligation that it rests on was discharged in this very run, and where
its witness was found, so that it does not hold because nothing happens. And a refuted guarantee is shown with a run that
the executable machine has replayed.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import perf_counter
from typing import Final

from orphan_proofs import timing
from orphan_proofs.advice import conflicts
from orphan_proofs.explore import Run, seek
from orphan_proofs.induction import Outcome, discharge
from orphan_proofs.obligations import Theory, all_obligations
from orphan_proofs.runs import Replay, least_delays, merged, replay, trace
from orphan_proofs.solver import version
from orphan_spec.automaton import read_by
from orphan_spec.constants import Constants, Environment
from orphan_spec.duties import DUTIES
from orphan_spec.events import Event
from orphan_spec.guarantees import GUARANTEES, Guarantee
from orphan_spec.machine import MACHINE
from orphan_spec.properties import CLAIMS, FORMULAS, LEMMAS, WITNESSES, Claim, Witness
from orphan_spec.terms import Cube, holds
from orphan_spec.world import RECORD_OID

THEORY = Theory(MACHINE, LEMMAS, (*CLAIMS, *DUTIES), FORMULAS)
"""The machine with everything that is said about it."""

SCALE = {"grace": 2, "ttl": 3, "protection": 2, "latency": 1}
"""The constants at which witnesses are sought: as small as lets every window be seen open, ending and over."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One reading of a guarantee: which constants and assumptions it needs, and what became of it."""

    variant: str
    status: str
    """`proved` (all constants), `proved for your constants`, `refuted`, or `not_modelled`."""
    expected: bool
    """Whether this is the published verdict (without a configuration), or what the user needs (with one)."""
    assumes: tuple[str, ...] = ()
    condition: str = ""
    """The condition on the constants under which it holds; empty: all."""
    obligations: int = 0
    note: str = ""


@dataclass(frozen=True, slots=True)
class Finding:
    """A guarantee with all its readings."""

    guarantee: Guarantee
    readings: tuple[Reading, ...]

    @property
    def expected(self) -> bool:
        """Whether every reading has its expected verdict."""
        return all(reading.expected for reading in self.readings)


@dataclass(frozen=True, slots=True)
class Shown:
    """A witness, with the shortest run to it."""

    witness: Witness
    run: Run | None
    """None: it was not found, and the claim beside it is worth nothing."""


@dataclass(frozen=True, slots=True)
class Needed:
    """An assumption of a claim, with the shortest run that breaks the claim without it."""

    claim: Claim
    assumption: str
    run: Run | None
    """None: the claim does not need the assumption, and should not name it."""


@dataclass(frozen=True, slots=True)
class Counterexample:
    """Why a guarantee is refuted."""

    guarantee: Guarantee
    events: tuple[Event, ...]
    """The run as a trace."""
    replay: Replay | None = None
    """The run on the executable machine; None where snapshots older than now take part."""


@dataclass
class Report:
    """Everything that `verify` found out."""

    solver: str
    findings: list[Finding] = field(default_factory=list)
    outcomes: list[Outcome] = field(default_factory=list)
    shown: list[Shown] = field(default_factory=list)
    needed: list[Needed] = field(default_factory=list)
    counterexamples: list[Counterexample] = field(default_factory=list)
    conflicts: list[str] = field(default_factory=list)
    """Constants that contradict each other, each with the reason."""
    seconds: float = 0.0

    @property
    def holds(self) -> bool:
        """Whether everything is as it should be."""
        return (
            all(finding.expected for finding in self.findings)
            and all(outcome.proved for outcome in self.outcomes)
            and all(shown.run for shown in self.shown)
            and all(needed.run for needed in self.needed)
            and not self.conflicts
        )


def verify(
    constants: Constants | None = None, environment: Environment | None = None, theory: Theory = THEORY
) -> Report:
    """Check the specification for all constants and, where constants are given, for these in this environment.

    Raises UndecidedError where a solver cannot tell.
    """
    began = perf_counter()
    report = Report(version())
    report.outcomes = list(discharge(theory, all_obligations(theory)))
    report.shown = [Shown(witness, _seek(theory, witness)) for witness in WITNESSES]
    report.needed = list(_needed(theory))
    if constants is None:
        report.counterexamples = _counterexamples(theory)
        report.findings = [_published(theory, report, guarantee) for guarantee in GUARANTEES.values()]
    else:
        environment = environment or Environment()
        report.conflicts = conflicts(constants, environment)
        report.findings = [
            _for_constants(theory, report, guarantee, constants, environment) for guarantee in GUARANTEES.values()
        ]
    report.seconds = perf_counter() - began
    return report


def possible_for(cube: Cube, known: dict[str, int]) -> bool:
    """Whether the comparisons that read only what is known hold."""
    return all(holds(comparison, known) for comparison in cube if read_by((comparison,)) <= known.keys())


def _seek(theory: Theory, witness: Witness) -> Run | None:
    for mode in (0, 1):
        if not possible_for(witness.cube, {"observe": mode}):
            continue
        found = seek(
            theory.machine,
            {**SCALE, "observe": mode},
            witness.actions,
            witness.cube,
            [theory.formulas[name] for name in witness.assumes],
        )
        if found is not None:
            return found
    return None


WITHOUT: Final = {
    "oid, answers within grace": {"grace": 2, "ttl": 3, "protection": 2, "latency": 1, "observe": 0},
    "oid, TTL within grace": {"grace": 1, "ttl": 1, "protection": 1, "latency": 0, "observe": 0},
}
"""Constants that satisfy what a claim is given, at which its assumptions are dropped in turn."""


def _needed(theory: Theory) -> Iterator[Needed]:
    """For every assumption that a proved claim names and the machine states: the run that breaks the claim without it."""
    for claim in theory.claims:
        names = [name for name in claim.assumes if name in theory.formulas]
        for name in names if claim.expected == "proved" else ():
            rest = [theory.formulas[other] for other in names if other != name]
            runs = (seek(theory.machine, WITHOUT[claim.variant], claim.actions, cube, rest) for _, cube in claim.nevers)
            yield Needed(claim, name, next((run for run in runs if run), None))


def _counterexamples(theory: Theory) -> list[Counterexample]:
    """For every claim that is published as refuted, a shortest run that breaks it, at the default constants."""
    found: list[Counterexample] = []
    defaults = Constants()
    real = {
        "grace": defaults.orphan_grace_period,
        "ttl": defaults.expected_cloid_ttl,
        "protection": defaults.finalized_protection_period,
        "latency": defaults.orphan_grace_period,
        "observe": 0,
    }
    for claim in theory.claims:
        if claim.expected != "refuted":
            continue
        for _, cube in claim.nevers:
            formulas = [theory.formulas[name] for name in claim.assumes if name in theory.formulas]
            scaled = {"grace": 1, "ttl": 2, "protection": 1, "latency": 1, "observe": 0}
            run = seek(theory.machine, scaled, claim.actions, cube, formulas)
            if run is not None:
                actions = merged(run)
                shown = replay(theory.machine, actions, least_delays(theory.machine, actions, real, cube), real, cube)
                answer = [a for a in theory.machine.cases(RECORD_OID) if theory.machine.enabled(a, _end(theory, shown))]
                whole = replay(
                    theory.machine, [*actions, *answer], _delays(shown), real, ()
                )  # the answer shows whose order it was
                found.append(Counterexample(claim.guarantee, tuple(trace(whole.moments)), shown))
    return found


def _delays(shown: Replay) -> list[int]:
    return [moment.state["delay"] for moment in shown.moments if moment.action.name == "PASS_TIME"]


def _end(theory: Theory, shown: Replay) -> dict[str, int]:
    last = shown.moments[-1]
    names = [v.name for v in (*theory.machine.shared, *theory.machine.fields)]
    state = {name: last.state[name] for name in names}
    known = {**shown.constants, "as_of": state["now"], "delay": 0}
    return {**known, **theory.machine.step(last.action, state, known)}


def _claims(theory: Theory, guarantee: Guarantee) -> list[Claim]:
    return [claim for claim in theory.claims if claim.guarantee is guarantee]


def _rests_on(report: Report, guarantee: Guarantee, claim: Claim | None = None) -> list[Outcome]:
    """The outcomes that a guarantee (or one of its claims) stands for itself; lemmas are shared by all."""
    prefix = f"{claim.id}: " if claim else f"{guarantee.id}: "
    return [outcome for outcome in report.outcomes if outcome.obligation.subject.startswith(prefix)]


def _sound(report: Report, assumes: tuple[str, ...]) -> bool:
    """Whether everything that all proofs share holds: the lemmas, totality, the normal form."""
    return all(
        outcome.proved
        for outcome in report.outcomes
        if outcome.obligation.kind in ("initial", "preserved", "total", "normal", "apart")
        and set(outcome.obligation.assumes) <= set(assumes)
    )


def _witnessed(report: Report, guarantee: Guarantee) -> bool:
    return all(shown.run for shown in report.shown if shown.witness.guarantee is guarantee)


def _read(report: Report, guarantee: Guarantee, claim: Claim) -> Reading:
    """One claim: proved, or refuted as published, or not as it should be."""
    condition = " and ".join(map(repr, claim.given))
    if claim.expected == "refuted":
        refuted = any(found.guarantee is guarantee for found in report.counterexamples)
        return Reading(claim.variant, "refuted" if refuted else "not_modelled", refuted, claim.assumes, condition)
    outcomes = _rests_on(report, guarantee, claim)
    proved = (
        bool(outcomes)
        and all(outcome.proved for outcome in outcomes)
        and _sound(report, claim.assumes)
        and _witnessed(report, guarantee)
    )
    return Reading(claim.variant, "proved" if proved else "refuted", proved, claim.assumes, condition, len(outcomes))


def _published(theory: Theory, report: Report, guarantee: Guarantee) -> Finding:
    claims = _claims(theory, guarantee)
    if claims:
        return Finding(guarantee, tuple(_read(report, guarantee, claim) for claim in claims))
    outcomes = _rests_on(report, guarantee)
    if not outcomes:
        return Finding(guarantee, (Reading("", "not_modelled", True, note="the machine does not express it yet"),))
    proved = all(outcome.proved for outcome in outcomes) and _sound(report, ("A1",)) and _witnessed(report, guarantee)
    reading = Reading("", "proved" if proved else "refuted", proved, ("A1",), "", len(outcomes))
    return Finding(guarantee, (reading,))


def _for_constants(
    theory: Theory, report: Report, guarantee: Guarantee, constants: Constants, environment: Environment
) -> Finding:
    if guarantee.id != "S3" or environment.observe == "cloid":
        general = _published(theory, report, guarantee)
        wanted = [r for r in general.readings if not r.variant.startswith("oid")]
        if environment.observe == "oid":
            wanted = [r for r in wanted if r.variant != "cloid"]
        return Finding(guarantee, tuple(wanted))
    found = timing.threshold(constants, environment)
    timing.confirm(constants, environment, found)
    latency = environment.response_latency_max
    if found.at is None:
        status, condition = "proved for your constants", ""
    else:
        condition = f"response_latency_max < {found.at} ns"
        status = "proved for your constants" if latency is not None and latency < found.at else "refuted"
    if status == "refuted":
        events = tuple(timing.witness(constants, environment, found))
        report.counterexamples.append(Counterexample(guarantee, events))
    assumes = ("A1", "A2", "A3", "A4", "A8")
    return Finding(guarantee, (Reading("oid", status, status != "refuted", assumes, condition, 2),))
