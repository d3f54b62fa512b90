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
from orphan_proofs.compiled import Move
from orphan_proofs.explore import Run, seek
from orphan_proofs.induction import Outcome, discharge
from orphan_proofs.obligations import Theory, all_obligations
from orphan_proofs.runs import Replay, at_least, merged, replay, trace
from orphan_proofs.solver import version
from orphan_spec.automaton import read_by
from orphan_spec.book_properties import BOOK_CLAIMS, BOOK_LEMMAS, BOOK_WITNESSES
from orphan_spec.constants import Constants, Environment
from orphan_spec.duties import DUTIES
from orphan_spec.events import Event
from orphan_spec.guarantees import GUARANTEES, Guarantee
from orphan_spec.local_book import LOCAL_BOOK
from orphan_spec.machine import MACHINE
from orphan_spec.properties import CLAIMS, FORMULAS, LEMMAS, WITNESSES, Claim, Witness
from orphan_spec.terms import Cube, holds
from orphan_spec.world import RECORD_OID

THEORY: Final = Theory(MACHINE, LEMMAS, (*CLAIMS, *DUTIES), FORMULAS, WITNESSES)
"""The tracker's machine with everything that is said about it."""

BOOK_THEORY: Final = Theory(
    LOCAL_BOOK, BOOK_LEMMAS, BOOK_CLAIMS, {name: FORMULAS[name] for name in ("A3", "A7", "A9")}, BOOK_WITNESSES
)
"""The same of the local book."""

THEORIES: Final = (THEORY, BOOK_THEORY)

SCALE: Final = {"grace": 2, "ttl": 3, "protection": 2, "latency": 1, "age": 1}
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
    constants: Constants | None = None,
    environment: Environment | None = None,
    theories: tuple[Theory, ...] = THEORIES,
) -> Report:
    """Check the specification for all constants and, where constants are given, for these in this environment.

    Raises UndecidedError where a solver cannot tell.
    """
    began = perf_counter()
    report = Report(version())
    for theory in theories:
        report.outcomes += discharge(theory, all_obligations(theory))
        report.shown += [Shown(witness, show(theory, witness)) for witness in theory.witnesses]
        report.needed += _needed(theory)
    if constants is None:
        report.counterexamples = [found for theory in theories for found in _counterexamples(theory)]
        report.findings = [_published(theories, report, guarantee) for guarantee in GUARANTEES.values()]
    else:
        environment = environment or Environment()
        report.conflicts = conflicts(constants, environment)
        report.findings = [
            _for_constants(theories, report, guarantee, constants, environment) for guarantee in GUARANTEES.values()
        ]
    report.seconds = perf_counter() - began
    return report


def modes(*cubes: Cube) -> list[int]:
    """The ways to observe in which the comparisons can hold."""
    return [mode for mode in (0, 1) if all(possible_for(cube, {"observe": mode}) for cube in cubes)]


def possible_for(cube: Cube, known: dict[str, int]) -> bool:
    """Whether the comparisons that read only what is known hold."""
    return all(holds(comparison, known) for comparison in cube if read_by((comparison,)) <= known.keys())


def show(theory: Theory, witness: Witness) -> Run | None:
    """The shortest run to a witness; None where there is none."""
    formulas = theory.stated(witness.assumes).values()
    runs = (
        seek(theory.machine, {**SCALE, "observe": mode}, witness.actions, witness.cube, formulas)
        for mode in modes(witness.cube)
    )
    return next(filter(None, runs), None)


WITHOUT: Final[dict[str, dict[str, int]]] = {
    "": {"grace": 1, "ttl": 4, "protection": 4, "latency": 0, "age": 0},
    "oid, answers within grace": {"grace": 2, "ttl": 6, "protection": 1, "latency": 1, "age": 0},
    "oid, TTL within grace": {"grace": 1, "ttl": 1, "protection": 1, "latency": 0, "age": 0},
}
"""Constants that satisfy what a claim is given, by its variant, at which its assumptions are dropped in turn."""

REFUTING: Final = {"grace": 1, "ttl": 2, "protection": 1, "latency": 1, "age": 0, "observe": 0}
"""The constants at which a run that breaks a refuted claim is sought."""


def broken(theory: Theory, claim: Claim, without: str) -> Iterator[tuple[str, Run | None]]:
    """For each never of a claim, a shortest run that breaks it where one of its assumptions is dropped."""
    formulas = theory.stated(name for name in claim.assumes if name != without).values()
    constants = WITHOUT.get(claim.variant, WITHOUT[""])
    for never, cube in claim.nevers:
        runs = (
            seek(theory.machine, {**constants, "observe": mode}, claim.actions, cube, formulas)
            for mode in modes(cube, claim.given)
        )
        yield never, next(filter(None, runs), None)


def refuted(theory: Theory) -> Iterator[tuple[Claim, str, Cube, Run]]:
    """For every never of a claim that is published as refuted, a shortest run that breaks it at `REFUTING`."""
    for claim in theory.claims:
        formulas = theory.stated(claim.assumes).values()
        for never, cube in claim.nevers if claim.expected == "refuted" else ():
            run = seek(theory.machine, REFUTING, claim.actions, cube, formulas)
            if run is not None:
                yield claim, never, cube, run


def _needed(theory: Theory) -> Iterator[Needed]:
    """For every assumption that a proved guarantee names and the machine states: the run that breaks it without."""
    for claim in theory.claims:
        if claim.expected == "proved" and claim.guarantee.id in GUARANTEES:
            for name in theory.stated(claim.assumes):
                yield Needed(claim, name, next((run for _, run in broken(theory, claim, name) if run), None))


def _counterexamples(theory: Theory) -> list[Counterexample]:
    """For every claim that is published as refuted, a shortest run that breaks it, at the default constants."""
    found: list[Counterexample] = []
    defaults = Constants()
    real = {
        "grace": defaults.orphan_grace_period,
        "ttl": defaults.expected_cloid_ttl,
        "protection": defaults.finalized_protection_period,
        "latency": defaults.orphan_grace_period,
        "age": 0,
        "observe": 0,
    }
    for claim, _, cube, run in refuted(theory):
        moves = at_least(theory.machine, merged(run), real, cube)
        shown = replay(theory.machine, moves, real, cube)
        whole = replay(theory.machine, [*moves, *_answer(theory, shown)], real, ())
        found.append(Counterexample(claim.guarantee, tuple(trace(whole.moments)), shown))
    return found


def _answer(theory: Theory, shown: Replay) -> list[Move]:
    """The answer that shows whose order it was."""
    last = shown.moments[-1]
    names = [v.name for v in (*theory.machine.shared, *theory.machine.fields)]
    state = theory.machine.step(last.action, {name: last.state[name] for name in names}, last.state)
    known = {**shown.constants, **state, "as_of": state["now"], "delay": 0, "shown": 0}
    return [Move(a, {}) for a in theory.machine.cases(RECORD_OID) if theory.machine.enabled(a, known)]


def _claims(theories: tuple[Theory, ...], guarantee: Guarantee) -> list[Claim]:
    return [claim for theory in theories for claim in theory.claims if claim.guarantee is guarantee]


BOUND_NOTE: Final = "a number: `orphan-tracker guarantees` derives it for your constants"
"""What is said of a guarantee that a bound states."""


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


def _published(theories: tuple[Theory, ...], report: Report, guarantee: Guarantee) -> Finding:
    claims = _claims(theories, guarantee)
    if claims:
        return Finding(guarantee, tuple(_read(report, guarantee, claim) for claim in claims))
    outcomes = _rests_on(report, guarantee)
    if not outcomes:
        return Finding(guarantee, (Reading("", "not_modelled", True, note=BOUND_NOTE),))
    proved = all(outcome.proved for outcome in outcomes) and _sound(report, ("A1",)) and _witnessed(report, guarantee)
    reading = Reading("", "proved" if proved else "refuted", proved, ("A1",), "", len(outcomes))
    return Finding(guarantee, (reading,))


def _for_constants(
    theories: tuple[Theory, ...],
    report: Report,
    guarantee: Guarantee,
    constants: Constants,
    environment: Environment,
) -> Finding:
    if guarantee.id == "S7" and (environment.observe == "oid" or environment.owned_cloid_prefix is None):
        return Finding(guarantee, (Reading("", "not_modelled", True, note="no ownership is given that listings show"),))
    if guarantee.id != "S3" or environment.observe == "cloid":
        general = _published(theories, report, guarantee)
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
