"""What each word of the machine is for: take it out, and something must break.

Two rules. Every comparison of every guard is dropped and negated in turn, every change is dropped and turned round, every
lemma is dropped; each mutant is alone. And a mutant that breaks nothing is listed with the reason why the word is
redundant; a reason for a mutant that does break something is an error too.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.resources import files
from typing import Final, Literal

from orphan_proofs.explore import explore_order, seek
from orphan_proofs.induction import discharge
from orphan_proofs.obligations import Obligation, StructureError, Theory, all_obligations
from orphan_proofs.redundant import REASONS
from orphan_spec.automaton import Machine
from orphan_spec.properties import WITNESSES
from orphan_spec.terms import Assignment, Cube, Value

SCALE = {"grace": 2, "ttl": 3, "protection": 2, "latency": 1}
"""The constants at which the witnesses of a mutant are sought."""

SMALL = {"grace": 1, "ttl": 2, "protection": 1, "latency": 0}
"""The constants at which the states and steps of a mutant are compared with the machine's."""


Extent = tuple[int, int]
"""How many states one order reaches, and by how many steps."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A theory in which one word is different."""

    id: str
    theory: Theory
    touched: frozenset[str]
    """The names of the actions and events that changed; empty: a lemma did."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a mutant."""

    mutant: str
    means: Literal["proof", "witness", "exploration", "nothing"]
    """What noticed it first."""
    detail: str
    reason: str = ""
    """Why nothing can notice it."""

    @property
    def explained(self) -> bool:
        """Whether it is noticed, or redundant for a stated reason, and not both."""
        return (self.means == "nothing") == bool(self.reason)


def with_machine(theory: Theory, machine: Machine) -> Theory:
    """The theory about another machine with actions of the same names."""
    claims = tuple(
        replace(claim, actions=tuple(machine.action(action.name) for action in claim.actions))
        for claim in theory.claims
    )
    return replace(theory, machine=machine, claims=claims)


def mutants(theory: Theory) -> Iterator[Mutant]:
    """Every mutant, in the order of the text."""
    machine = theory.machine
    for event in machine.events:
        for name, when, then in _variants(event.when, event.then):
            changed = replace(event, when=when, then=then)
            actions = tuple(
                replace(action, event=changed) if action.event is event else action for action in machine.actions
            )
            touched = frozenset({event.name, *(action.name for action in machine.cases(event))})
            yield Mutant(f"{event.name}: {name}", with_machine(theory, replace(machine, actions=actions)), touched)
    for action in machine.actions:
        for name, when, then in _variants(action.when, action.then):
            other = replace(action, when=when, then=then)
            actions = tuple(other if known is action else known for known in machine.actions)
            touched = frozenset({action.name, action.event.name})
            yield Mutant(f"{action.name}: {name}", with_machine(theory, replace(machine, actions=actions)), touched)
    for lemma in theory.lemmas:
        rest = tuple(known for known in theory.lemmas if known is not lemma)
        yield Mutant(f"lemma {lemma.name}: dropped", replace(theory, lemmas=rest), frozenset())


def _variants(when: Cube, then: tuple[Assignment, ...]) -> Iterator[tuple[str, Cube, tuple[Assignment, ...]]]:
    for place, comparison in enumerate(when):
        before, behind = when[:place], when[place + 1 :]
        yield f"when {comparison!r} dropped", (*before, *behind), then
        yield f"when {comparison!r} negated", (*before, comparison.negated(), *behind), then
    for place, change in enumerate(then):
        rest = (*then[:place], *then[place + 1 :])
        yield f"then {change!r} dropped", when, rest
        turned = _turned(change)
        if turned is not None:
            yield f"then {turned!r} instead", when, (*rest, turned)


def _turned(change: Assignment) -> Assignment | None:
    """The change to the other of two values, or of an instant to its floor."""
    if len(change.field.values) == 2 and isinstance(change.term, Value):
        return change.field.becomes(change.field.values[1 - change.term.code])
    if change.field.floor is not None and repr(change.field.floor) != repr(change.term):
        return change.field.becomes(change.field.floor)
    return None


def judge_mutant(mutant: Mutant, explored: dict[int, Extent]) -> Verdict:
    """What notices a mutant first: a proof obligation, a witness that is lost, or a different set of states."""
    reason = REASONS.get(mutant.id, "")
    for notice in (_by_proof, _by_witness, lambda m: _by_exploration(m, explored)):
        found = notice(mutant)
        if found is not None:
            return replace(found, reason=reason)
    return Verdict(mutant.id, "nothing", "every obligation is proved, and the same states are reached", reason)


def _concerns(touched: frozenset[str]) -> Callable[[Obligation], bool]:
    def concerns(obligation: Obligation) -> bool:
        if not touched or obligation.kind == "apart":
            return True
        names = set(obligation.action.replace(" after ", ", ").split(", "))
        return not names.isdisjoint(touched)

    return concerns


def _by_proof(mutant: Mutant) -> Verdict | None:
    concerns = _concerns(mutant.touched)
    try:
        obligations = [o for o in all_obligations(mutant.theory) if concerns(o)]
    except StructureError as error:
        return Verdict(mutant.id, "proof", str(error))
    broken = [o.obligation for o in discharge(mutant.theory, obligations) if not o.proved]
    if not broken:
        return None
    first = broken[0]
    more = f" (and {len(broken) - 1} more)" if len(broken) > 1 else ""
    return Verdict(mutant.id, "proof", f"{first.subject} @ {first.action}{more}")


def _by_witness(mutant: Mutant) -> Verdict | None:
    machine = mutant.theory.machine
    for witness in WITNESSES if mutant.touched else ():
        actions = [machine.action(action.name) for action in witness.actions]
        formulas = [mutant.theory.formulas[name] for name in witness.assumes]
        if not any(seek(machine, {**SCALE, "observe": mode}, actions, witness.cube, formulas) for mode in (0, 1)):
            return Verdict(mutant.id, "witness", f"{witness.guarantee.id} {witness.variant}: {witness.sentence}")
    return None


def extent(theory: Theory) -> dict[int, Extent]:
    """The extent of the machine, with everything that claims read, for each way to observe."""
    asked = [cube for claim in theory.claims for _, cube in claim.nevers]
    found: dict[int, Extent] = {}
    for mode in (0, 1):
        table = explore_order(theory.machine, {**SMALL, "observe": mode}, asked)
        found[mode] = len(table.states), sum(map(len, table.steps))
    return found


def _by_exploration(mutant: Mutant, explored: dict[int, Extent]) -> Verdict | None:
    if not mutant.touched:
        return None
    found = extent(mutant.theory)
    changed = [
        f"{explored[mode][0]} states and {explored[mode][1]} steps become {found[mode][0]} and {found[mode][1]}"
        for mode in found
        if found[mode] != explored[mode]
    ]
    return Verdict(mutant.id, "exploration", "; ".join(changed)) if changed else None


def mutate(theory: Theory) -> Iterator[Verdict]:
    """The verdict on every mutant, in order."""
    explored = extent(theory)
    for mutant in mutants(theory):
        yield judge_mutant(mutant, explored)


def stale_reasons(verdicts: Sequence[Verdict]) -> list[str]:
    """Reasons that explain no mutant."""
    known = {verdict.mutant for verdict in verdicts}
    return sorted(REASONS.keys() - known)


def digest() -> str:
    """A digest of everything that the verdicts depend on: the texts of the machine, its properties and the proofs."""
    hashed = sha256()
    for package, names in INPUTS.items():
        for name in names:
            hashed.update(files(package).joinpath(name).read_bytes())
    return hashed.hexdigest()[:16]


INPUTS: Final = {
    "orphan_spec": ("automaton.py", "duties.py", "fields.py", "machine.py", "properties.py", "terms.py", "world.py"),
    "orphan_proofs": (
        *("compiled.py", "explore.py", "induction.py", "mutation.py", "obligations.py"),
        *("redundant.py", "smtlib.py", "solver.py"),
    ),
}
"""The files on which the verdicts depend."""
