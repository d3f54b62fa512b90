"""Everything that can be promised for given constants in a given environment: what holds, exactly when, with which number.

Two rules. A status is what this very process proved: S1 to S5 and R1 to R3 by induction on the machine, the conditions and
bounds on constants by `timing` and `liveness`, each confirmed by the solver in both directions. And what nothing here
expresses is `not_modelled`, never left out.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from typing import Final, Literal

from orphan_proofs import liveness, timing
from orphan_proofs.advice import Conflict, contradictions, remarks
from orphan_proofs.tuning import Change, Checked, advice_checked, sensitivity
from orphan_proofs.verification import Finding, verify
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import Event
from orphan_spec.findings import seconds
from orphan_spec.guarantees import GUARANTEES, Guarantee

Status = Literal["proved", "refuted", "not_modelled"]

BOUNDED: Final = ("sync_period_max", "snapshot_age_max")
"""What has to be limited for a bound of L1 to exist."""


@dataclass(frozen=True, slots=True)
class Condition:
    """What a fact of the environment must satisfy; without either limit, that it has any at all."""

    parameter: str
    less_than_ns: int | None = None
    at_most_ns: int | None = None


@dataclass(frozen=True, slots=True)
class Promise:
    """A guarantee, for these constants."""

    guarantee: Guarantee
    status: Status
    holds_when: tuple[Condition, ...] | None = None
    """The exact condition, all entries needed; None: none is needed, or nothing is known."""
    bound_ns: int | None = None
    """The exact supremum; None: no bound, or not a matter of one."""
    attained: bool = False
    assumes: tuple[str, ...] = ()
    witness: tuple[Event, ...] | None = None
    """A run that shows the bound, or the violation at the condition's edge."""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Promises:
    """The answer for one configuration."""

    constants: Constants
    environment: Environment
    promises: tuple[Promise, ...]
    stays: tuple[liveness.Stay, ...]
    """How long orphans of every kind stay."""
    finalized_witness: tuple[Event, ...] = ()
    """The longest stay of a finalized order that is not in the local book."""
    conflicts: tuple[Conflict, ...] = ()
    remarks: tuple[str, ...] = ()
    sensitivity: tuple[Change, ...] = ()
    advice: tuple[Checked, ...] = ()
    solver: str = field(default="", compare=False)

    @property
    def holds(self) -> bool:
        """Whether nothing is refuted and no constants contradict each other."""
        return not self.conflicts and all(promise.status != "refuted" for promise in self.promises)

    def __getitem__(self, id_: str) -> Promise:
        return next(promise for promise in self.promises if promise.guarantee.id == id_)


def promises(constants: Constants, environment: Environment) -> Promises:
    """The answer for these constants in this environment, everything proved anew.

    Raises UndecidedError where a solver cannot tell, AssertionError where it does not confirm a number."""
    findings, solver = _proved(environment.observe, environment.owned_cloid_prefix)
    found = [_promise(findings[id_], constants, environment) for id_ in GUARANTEES]
    return Promises(
        constants,
        environment,
        tuple(found),
        tuple(liveness.stays(constants, environment)),
        tuple(liveness.finalized_witness(constants, environment)),
        tuple(contradictions(constants, environment)),
        tuple(remarks(constants, environment)),
        tuple(sensitivity(constants, environment)),
        tuple(advice_checked(environment)),
        solver,
    )


@cache
def _proved(observe: Literal["oid", "cloid"], prefix: str | None) -> tuple[dict[str, Finding], str]:
    """What holds for all constants, proved once in a process."""
    report = verify(Constants(), Environment(observe=observe, owned_cloid_prefix=prefix))
    return {finding.guarantee.id: finding for finding in report.findings}, report.solver


def _promise(finding: Finding, constants: Constants, environment: Environment) -> Promise:
    derive = _DERIVED.get(finding.guarantee.id)
    if derive is not None and not (finding.guarantee.id == "S3" and environment.observe == "cloid"):
        return derive(constants, environment)
    statuses = {reading.status for reading in finding.readings}
    assumes = tuple(sorted({name for reading in finding.readings for name in reading.assumes}))
    if "not_modelled" in statuses or not statuses:
        return Promise(finding.guarantee, "not_modelled", note=UNMODELLED.get(finding.guarantee.id, ""))
    return Promise(finding.guarantee, "refuted" if "refuted" in statuses else "proved", assumes=assumes)


def in_flight(constants: Constants, environment: Environment) -> Promise:
    """S3 where the sync sees OIDs only."""
    found = timing.threshold(constants, environment)
    timing.confirm(constants, environment, found)
    assumes = ("A1", "A2", "A3", "A4", "A8")
    if found.at is None:
        note = "no sync can cancel before the expected window is over"
        return Promise(GUARANTEES["S3"], "proved", assumes=("A1", "A2", "A3", "A8"), note=note)
    latency = environment.response_latency_max
    status: Status = "proved" if latency is not None and latency < found.at else "refuted"
    witness = tuple(timing.witness(constants, environment, found)) or None
    note = f"two syncs a grace apart fit into {seconds(found.at)}, {found.gaps} gap{'s' if found.gaps > 1 else ''} between them"
    conditions = (Condition("response_latency_max", less_than_ns=found.at),)
    return Promise(GUARANTEES["S3"], status, conditions, assumes=assumes, witness=witness, note=note)


@dataclass(frozen=True, slots=True)
class _Bounded:
    """A guarantee that a bound states."""

    law: liveness.Law
    bound: Callable[[Constants, Environment], liveness.Bound | None]
    witness: Callable[[Constants, Environment], list[Event]]
    note: str
    assumes: tuple[str, ...] = ("A1", "A2", "A3", "A7")

    def __call__(self, constants: Constants, environment: Environment) -> Promise:
        """The bound for these constants, confirmed by the solver."""
        guarantee = GUARANTEES[self.law]
        bound = self.bound(constants, environment)
        liveness.confirm(constants, environment, bound, self.law)
        if bound is None:
            missing = tuple(Condition(name) for name in BOUNDED if getattr(environment, name) is None)
            note = f"no bound without {' and '.join(condition.parameter for condition in missing)}"
            return Promise(guarantee, "refuted", missing, assumes=("A1", "A7"), note=note)
        witness = tuple(self.witness(constants, environment)) or None
        return Promise(guarantee, "proved", None, bound.ns, bound.attained, self.assumes, witness, self.note)


def expectation_ends(constants: Constants, environment: Environment) -> Promise:
    """L2."""
    bound = liveness.expectation_bound(constants)
    witness = tuple(liveness.expectation_witness(constants, environment))
    note = "counted from the last registration"
    return Promise(GUARANTEES["L2"], "proved", None, bound.ns, bound.attained, ("A1",), witness, note)


_DERIVED: Final[dict[str, Callable[[Constants, Environment], Promise]]] = {
    "S3": in_flight,
    "L1": _Bounded(
        "L1",
        liveness.orphan_bound,
        liveness.orphan_witness,
        "syncs go on, no fetch fails, and nobody speaks of the order any more",
    ),
    "L2": expectation_ends,
    "L3": _Bounded(
        "L3",
        liveness.retry_bound,
        liveness.retry_witness,
        "the tracker is told of the cancel by clear, syncs go on, and nobody speaks of the order any more",
    ),
    "L4": _Bounded(
        "L4",
        liveness.stale_bound,
        liveness.stale_witness,
        "syncs go on, no fetch fails, and the client does not learn of the end otherwise",
    ),
}

UNMODELLED: Final[dict[str, str]] = {
    "S7": "it needs listings that show CLOIDs, and owned_cloid_prefix; without them every order counts as ours",
}
"""Why nothing is said of a guarantee."""
