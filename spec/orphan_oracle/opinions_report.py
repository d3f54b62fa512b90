"""The reports of `verify --second-solver` and `verify --rediscover`: what others say who were not told what we know.

One rule. Whoever disagrees is named with the file, and whoever could not tell is never counted as agreeing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from orphan_oracle.codec import Version
from orphan_proofs.rediscover import Discovery
from orphan_proofs.second_solver import Opinion, version


@dataclass(frozen=True, slots=True)
class DisagreementDocument:
    """A certificate to which the second solver does not give the expected answer."""

    file: str
    subject: str
    action: str
    expected: str
    answer: str


@dataclass(frozen=True, slots=True)
class SecondSolverDocument:
    """What the second solver says of all certificates."""

    version: Version
    holds: bool
    solver: str
    seconds: float
    unsat: int
    """How many must be unsatisfiable, and were found so."""
    sat: int
    """How many must be satisfiable, and were found so."""
    disagreements: tuple[DisagreementDocument, ...]


@dataclass(frozen=True, slots=True)
class DiscoveryDocument:
    """What Spacer found about one never of a claim."""

    claim: str
    never: str
    found: str
    """`invariant` (checked), `run` (that breaks the claim), or `nothing` within the limit."""
    facts: int
    """How many facts the invariant joins; 0 where there is none."""
    fields: int
    """How many fields of the machine Spacer looked at in the end."""
    as_proved: bool
    seconds: float


@dataclass(frozen=True, slots=True)
class RediscoverDocument:
    """What Spacer found by itself."""

    version: Version
    holds: bool
    limit: float
    """In seconds, for each never."""
    discoveries: tuple[DiscoveryDocument, ...]


def second_solver_document(opinions: Sequence[Opinion], seconds: float) -> SecondSolverDocument:
    """The second opinion as it is written in JSON."""
    wrong = tuple(
        DisagreementDocument(
            f"{o.certificate.name}.smt2", o.certificate.subject, o.certificate.action, o.certificate.expected, o.answer
        )
        for o in opinions
        if not o.agrees
    )
    counts = {answer: sum(o.agrees and o.answer == answer for o in opinions) for answer in ("unsat", "sat")}
    return SecondSolverDocument(1, not wrong, version(), round(seconds, 3), counts["unsat"], counts["sat"], wrong)


def second_solver_text(opinions: Sequence[Opinion], seconds: float) -> Iterator[str]:
    """The second opinion as people read it."""
    yield from (opinion.line for opinion in opinions if not opinion.agrees)
    found = second_solver_document(opinions, seconds)
    yield (
        f"{found.solver} confirms {found.unsat + found.sat:,} of {len(opinions):,} certificates: "
        f"{found.unsat:,} unsat, {found.sat} sat, {found.seconds:.1f} s"
    )
    yield "verdict: it agrees with every answer" if found.holds else "verdict: it does not agree"


def rediscover_document(discoveries: Sequence[Discovery], limit: float) -> RediscoverDocument:
    """What Spacer found as it is written in JSON."""
    return RediscoverDocument(
        1,
        not any(d.contradicts for d in discoveries),
        limit,
        tuple(
            DiscoveryDocument(d.claim.id, d.never, d.found, d.facts, d.fields, not d.contradicts, round(d.seconds, 3))
            for d in discoveries
        ),
    )


def rediscover_summary(discoveries: Sequence[Discovery], limit: float) -> Iterator[str]:
    """What Spacer found all in all."""
    found = {what: sum(d.found == what for d in discoveries) for what in ("invariant", "run", "nothing")}
    yield (
        f"Spacer, without our lemmas: {found['invariant']} invariants found and checked, {found['run']} broken, "
        f"{found['nothing']} undecided within {limit:g} s each"
    )
    wrong = any(d.contradicts for d in discoveries)
    yield "verdict: it contradicts the proofs" if wrong else "verdict: nothing that it decided contradicts the proofs"
