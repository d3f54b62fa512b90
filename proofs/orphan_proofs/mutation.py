"""What each word of the machine is for: take it out, and something must break.

Two rules. Every comparison of every guard is dropped and negated in turn, every change is dropped and turned round, every
lemma is dropped; each mutant is alone. And a mutant that breaks nothing is listed with the reason why the word is
redundant; a reason for a mutant that does break something is an error too.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from importlib.resources import files
from typing import Final, Literal

from orphan_proofs.explore import explore_order
from orphan_proofs.induction import discharge
from orphan_proofs.obligations import Obligation, StructureError, Theory, all_obligations
from orphan_proofs.redundant import REASONS
from orphan_proofs.verification import show
from orphan_spec.automaton import Action, Machine
from orphan_spec.machine import MACHINE
from orphan_spec.terms import Assignment, Cube, Value

SMALL = {"grace": 1, "ttl": 1, "protection": 1, "latency": 0, "age": 0}
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

    def named(actions: tuple[Action, ...]) -> tuple[Action, ...]:
        return tuple(machine.action(action.name) for action in actions)

    claims = tuple(replace(claim, actions=named(claim.actions)) for claim in theory.claims)
    witnesses = tuple(replace(witness, actions=named(witness.actions)) for witness in theory.witnesses)
    return replace(theory, machine=machine, claims=claims, witnesses=witnesses)


def mutants(theory: Theory) -> Iterator[Mutant]:
    """Every mutant, in the order of the text; one of the local book says so in its id.

    The world's text, which both automata read, is changed beside the tracker."""
    machine = theory.machine
    prefix = "" if machine is MACHINE else f"{machine.name} "
    for event in machine.events if machine is MACHINE else ():
        for name, when, then in _variants(event.when, event.then):
            changed = replace(event, when=when, then=then)
            actions = tuple(
                replace(action, event=changed) if action.event is event else action for action in machine.actions
            )
            touched = frozenset({event.name, *(action.name for action in machine.cases(event))})
            yield Mutant(
                f"{prefix}{event.name}: {name}", with_machine(theory, replace(machine, actions=actions)), touched
            )
    for together in _together(machine):
        names = [action.name for action in together]
        for name, _, then in _variants((), together[0].common):
            others = {id(action): replace(action, common=then) for action in together}
            actions = tuple(others.get(id(action), action) for action in machine.actions)
            touched = frozenset({together[0].event.name, *names})
            id_ = f"{prefix}{names[0]} and the cases with it: {name}"
            yield Mutant(id_, with_machine(theory, replace(machine, actions=actions)), touched)
    for action in machine.actions:
        for name, when, then in _variants(action.when, action.then):
            other = replace(action, when=when, then=then)
            actions = tuple(other if known is action else known for known in machine.actions)
            touched = frozenset({action.name, action.event.name})
            yield Mutant(
                f"{prefix}{action.name}: {name}", with_machine(theory, replace(machine, actions=actions)), touched
            )
    for lemma in theory.lemmas:
        rest = tuple(known for known in theory.lemmas if known is not lemma)
        yield Mutant(f"{prefix}lemma {lemma.name}: dropped", replace(theory, lemmas=rest), frozenset())


def _together(machine: Machine) -> list[list[Action]]:
    """The actions that share what changes in every one of them."""
    found: dict[int, list[Action]] = {}
    for action in machine.actions:
        if action.common:
            found.setdefault(id(action.common), []).append(action)
    return list(found.values())


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
    for witness in mutant.theory.witnesses if mutant.touched else ():
        if show(mutant.theory, witness) is None:
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


def one_by_one(listed: list[Mutant], explored: dict[int, Extent]) -> Iterator[Verdict]:
    """The verdict on each mutant, in order."""
    return (judge_mutant(mutant, explored) for mutant in listed)


def mutate(
    theories: Iterable[Theory], judge: Callable[[list[Mutant], dict[int, Extent]], Iterator[Verdict]] = one_by_one
) -> Iterator[Verdict]:
    """The verdict on every mutant of every theory, in order; `judge` may do several at a time."""
    for theory in theories:
        yield from judge(list(mutants(theory)), extent(theory))


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
    "orphan_spec": (
        *("automaton.py", "book_properties.py", "duties.py", "fields.py", "local_book.py", "machine.py"),
        *("properties.py", "terms.py", "world.py"),
    ),
    "orphan_proofs": (
        *("compiled.py", "explore.py", "induction.py", "mutation.py", "obligations.py"),
        *("redundant.py", "smtlib.py", "solver.py", "verification.py"),
    ),
}
"""The files on which the verdicts depend."""
