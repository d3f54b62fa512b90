"""Every question that the proofs rest on, as a stand-alone SMT-LIB 2.6 text with the answer that it must get.

Three rules. Nothing is encoded here: the formulas are those of `obligations`, printed by `smtlib`, and a run is the
machine's own changes, one definition for each. What must be impossible stands beside what must be possible: witnesses,
the refuted guarantee, broken claims without an assumption, and obligations of mutants, so that a solver which always says
`unsat` is found out. And what is no formula (R2's look at the text) is listed, not counted.
"""

import json
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any, Final, Literal

from orphan_proofs.explore import Run
from orphan_proofs.induction import discharge
from orphan_proofs.mutation import mutants
from orphan_proofs.obligations import Obligation, StructureError, Theory, all_obligations
from orphan_proofs.smtlib import placed, print_cube, print_never, print_term, ranges
from orphan_proofs.verification import broken, refuted, show
from orphan_spec.automaton import Machine
from orphan_spec.guarantees import GUARANTEES
from orphan_spec.properties import Claim, Formula
from orphan_spec.terms import Cube, Term, Variable, substitute, substitute_cube

Answer = Literal["sat", "unsat"]

LOGIC: Final = "QF_LIRA"
"""Linear, without quantifiers: times are reals, named values are whole numbers."""

MUTANT_STEP: Final = 37
"""Of all mutants, each one so many places after the last is a certificate."""


@dataclass(frozen=True, slots=True)
class Certificate:
    """A question with the answer that it must get."""

    name: str
    """The path of its file, without the suffix."""
    subject: str
    action: str
    assumes: tuple[str, ...]
    expected: Answer
    why: str
    """What the expected answer says, as one sentence."""
    shared: tuple[str, ...]
    """The first commands, which it has in common with its neighbours."""
    own: tuple[str, ...]
    """The other commands, before `(check-sat)`."""
    by_frame: bool = False

    @property
    def text(self) -> str:
        """The whole file."""
        head = [
            f"; {self.subject}",
            f"; action: {self.action or 'none'}",
            f"; assumes: {', '.join(self.assumes) or 'nothing'}",
            f"; expected: {self.expected}. {self.why}",
            "(set-info :smt-lib-version 2.6)",
            f"(set-info :status {self.expected})",
            f"(set-logic {LOGIC})",
        ]
        return "\n".join([*head, *self.shared, *self.own, "(check-sat)", "(exit)", ""])


def certificates(theories: Iterable[Theory]) -> Iterator[Certificate]:
    """Every certificate: for each theory, first what must be impossible, then what must be possible."""
    for theory in theories:
        for certificate in _certificates(theory):
            yield replace(certificate, name=f"{theory.machine.name}/{certificate.name}")


def _certificates(theory: Theory) -> Iterator[Certificate]:
    names = _names(theory)
    for number, obligation in enumerate(all_obligations(theory)):
        if obligation.cube:
            yield _of_obligation(theory, names, obligation, f"{obligation.kind}/{number:04d}")
    yield from _of_witnesses(theory)
    yield from _of_broken_claims(theory)
    yield from _of_mutants(theory)


def structural(theories: Iterable[Theory]) -> list[str]:
    """What is settled by looking at the text, and has no formula."""
    return [
        f"{theory.machine.name}: {o.subject} @ {o.action}"
        for theory in theories
        for o in all_obligations(theory)
        if not o.cube
    ]


def _names(theory: Theory) -> dict[int, str]:
    """For each never that has a name, the name."""
    named = {id(lemma.never): f"lemma {lemma.name}" for lemma in theory.lemmas}
    for name, formula in theory.formulas.items():
        named |= {id(cube): f"assumption {name}" for cube in formula.states}
        named |= {id(cube): f"assumption {name}, of {event.name}" for event, cube in formula.moves}
    return named


@cache
def _declared(known: tuple[Variable, ...]) -> tuple[str, ...]:
    lines = [f"(declare-const {v.name} {_sort(v)}) ; {_doc(v)}" for v in known]
    return (*lines, f"(assert {ranges(known)})")


def _sort(variable: Variable) -> str:
    return "Real" if variable.sort == "time" else "Int"


def _doc(variable: Variable) -> str:
    values = ", ".join(f"{value.code} {value.name}" for value in variable.values)
    return f"{variable.doc} ({values})" if values else variable.doc


def _of_obligation(theory: Theory, names: dict[int, str], obligation: Obligation, name: str) -> Certificate:
    machine = theory.machine
    nevers = [f"(assert {print_never(never)}) ; {names.get(id(never), 'rule')}" for never in obligation.nevers]
    why = "The action changes nothing that is read. " if obligation.by_frame else ""
    return Certificate(
        name,
        obligation.subject,
        obligation.action,
        obligation.assumes,
        "unsat",
        f"{why}No state in which the nevers are false meets all that follows.",
        (*_declared((*machine.parameters, *machine.inputs, *machine.shared, *machine.fields)), *nevers),
        tuple(f"(assert {print_cube((comparison,))})" for comparison in obligation.cube),
        obligation.by_frame,
    )


def _of_witnesses(theory: Theory) -> Iterator[Certificate]:
    for number, witness in enumerate(theory.witnesses):
        run = show(theory, witness)
        assert run is not None, f"no run leads to: {witness.sentence}"
        subject = f"witness of {witness.guarantee.id} {witness.variant}".rstrip()
        name = f"witness/{number:02d}"
        yield _of_run(theory, name, subject, witness.assumes, witness.sentence, run, witness.cube)


def _of_broken_claims(theory: Theory) -> Iterator[Certificate]:
    """The refuted claims, and each other claim without one of the assumptions that it needs."""
    shown = {(claim.id, never): run for claim, never, _, run in refuted(theory)}
    for claim in theory.claims:
        names = tuple(theory.stated(claim.assumes))
        if claim.expected == "refuted":
            runs = {never: shown.get((claim.id, never)) for never, _ in claim.nevers}
            yield from _of_broken(theory, claim, names, runs, f"refuted/{claim.guarantee.id}", "is refuted")
        elif claim.guarantee.id in GUARANTEES:
            for dropped in names:
                rest = tuple(name for name in names if name != dropped)
                name = f"needed/{claim.guarantee.id}-{_slug(claim.variant)}-{dropped}"
                what = f"does not hold without {dropped}"
                yield from _of_broken(theory, claim, rest, dict(broken(theory, claim, dropped)), name, what)


def _of_broken(
    theory: Theory, claim: Claim, names: tuple[str, ...], runs: dict[str, Run | None], name: str, what: str
) -> Iterator[Certificate]:
    assert any(runs.values()), f"{claim.id} is not broken"
    for never, cube in claim.nevers:
        run = runs[never]
        if run is not None:
            subject = f"{claim.id}: {never} {what}"
            why = "The run leads to what the claim forbids."
            yield _of_run(theory, f"{name}-{never}", subject, names, why, run, (*claim.given, *cube))


def _of_mutants(theory: Theory) -> Iterator[Certificate]:
    """The first obligation that fails, for a sample of the mutants."""
    for number, mutant in list(enumerate(mutants(theory)))[::MUTANT_STEP]:
        try:
            obligations = [o for o in all_obligations(mutant.theory) if o.action in mutant.touched and o.cube]
        except StructureError:
            continue
        first = next((o.obligation for o in discharge(mutant.theory, obligations) if not o.proved), None)
        if first is not None:
            found = _of_obligation(mutant.theory, _names(mutant.theory), first, f"mutant/{number:03d}")
            yield Certificate(
                *(found.name, f"{first.subject}, with {mutant.id}", first.action, first.assumes, "sat"),
                *("The machine with this one word changed breaks it.", found.shared, found.own),
            )


def _of_run(
    theory: Theory,
    name: str,
    subject: str,
    assumes: tuple[str, ...],
    why: str,
    run: Run,
    cube: Cube,
) -> Certificate:
    steps = ", ".join(action.name for action in run.actions)
    own = tuple(_unrolled(theory.machine, run, cube, theory.stated(assumes).values()))
    return Certificate(name, subject, steps, assumes, "sat", why, (), own)


def _unrolled(machine: Machine, run: Run, cube: Cube, formulas: Collection[Formula]) -> Iterator[str]:
    """A run with all constants and delays open: each change is a definition, each guard an assertion."""
    yield from _declared(machine.parameters)
    yield from (f"(assert {print_cube((comparison,))})" for comparison in machine.constraints)
    state: dict[str, Term] = {variable.name: variable for variable in machine.parameters}
    starts = [(v, machine.start) for v in machine.shared]
    for variable, _ in starts:
        state[variable.name] = placed(variable, 0)
        yield f"(define-fun {variable.name}_0 () Real 0.0)"
    changes = [(change.field, change.term) for change in machine.initial]
    yield from _defined(changes, state, 0)
    for place, action in enumerate(run.actions, 1):
        yield f"; step {place}: {action.name}. {action.sentence}"
        inputs = {variable.name: placed(variable, place) for variable in machine.inputs}
        yield from (f"(declare-const {variable.name} {_sort(variable)})" for variable in inputs.values())
        known = {**state, **inputs}
        bars = [bar for formula in formulas for event, bar in formula.moves if event.name == action.event.name]
        yield from (f"(assert {print_cube(substitute_cube((c,), known))})" for c in action.guard)
        yield from (f"(assert {print_never(substitute_cube(bar, known))}) ; assumption" for bar in bars)
        if place == len(run.actions):
            yield from (f"(assert {print_cube(substitute_cube((c,), known))}) ; what is shown" for c in cube)
        yield from _defined([(change.field, change.term) for change in action.effects], state, place, inputs)
        for never in (never for formula in formulas for never in formula.states):
            yield f"(assert {print_never(substitute_cube(never, state))}) ; assumption"


def _defined(
    changes: Iterable[tuple[Variable, Term]],
    state: dict[str, Term],
    place: int,
    inputs: dict[str, Variable] | None = None,
) -> Iterator[str]:
    """The definition of each changed field, which `state` then refers to."""
    known = {**state, **(inputs or {})}
    for field, term in changes:
        new = placed(field, place)
        yield f"(define-fun {new.name} () {_sort(new)} {print_term(substitute(term, known), new.sort == 'time')})"
        state[field.name] = new


def _slug(text: str) -> str:
    return "-".join("".join(c if c.isalnum() else " " for c in text).split())


def manifest(theories: Sequence[Theory], listed: Sequence[Certificate]) -> dict[str, Any]:
    """What there is: counts, digests and expected answers."""
    entries = [
        {
            "file": f"{c.name}.smt2",
            "subject": c.subject,
            "action": c.action,
            "assumes": list(c.assumes),
            "expected": c.expected,
            "by_frame": c.by_frame,
            "sha256": sha256(c.text.encode()).hexdigest(),
        }
        for c in listed
    ]
    counts = {answer: sum(c.expected == answer for c in listed) for answer in ("unsat", "sat")}
    digest = sha256("".join(str(entry["sha256"]) for entry in entries).encode()).hexdigest()
    head = {"version": 1, "format": "SMT-LIB 2.6", "logic": LOGIC, "counts": counts, "digest": digest}
    return {**head, "certificates": entries, "without_formula": structural(theories)}


def write(theories: Sequence[Theory], folder: Path) -> dict[str, Any]:
    """Write every certificate and the manifest into a folder; the result is the manifest."""
    listed = tuple(certificates(theories))
    for certificate in listed:
        path = folder / f"{certificate.name}.smt2"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(certificate.text, encoding="utf-8")
    found = manifest(theories, listed)
    (folder / "manifest.json").write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    return found
