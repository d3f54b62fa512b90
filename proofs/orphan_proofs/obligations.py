"""What has to be checked so that the guarantees hold, as a list.

Two rules. An obligation is plain data: comparisons which, among states that satisfy the assumed nevers, must not (or,
for a witness, must) hold all together; a later state is written as a function of the present one, by substitution. So
any solver, and any reader, can check it alone. And nothing is left out because it is easy: where an action changes
nothing that a lemma reads, the obligation is still listed, as settled by its frame.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations

from orphan_spec.automaton import Action, Machine, read_by
from orphan_spec.properties import Claim, Formula, Lemma, Witness
from orphan_spec.terms import Cube, Maximum, Term, Variable, substitute, substitute_cube


@dataclass(frozen=True, slots=True)
class Theory:
    """A machine with everything that is said about it."""

    machine: Machine
    lemmas: tuple[Lemma, ...]
    claims: tuple[Claim, ...]
    formulas: dict[str, Formula]
    witnesses: tuple[Witness, ...] = ()

    def stated(self, names: Iterable[str]) -> dict[str, Formula]:
        """The assumptions among these that the machine's fields can state, by name."""
        return {name: self.formulas[name] for name in names if name in self.formulas}


@dataclass(frozen=True, slots=True)
class Obligation:
    """Comparisons that must not hold together where none of the nevers does."""

    subject: str
    """The guarantee, lemma or rule that it serves."""
    action: str
    """The action (or pair of actions) that it is about."""
    kind: str
    nevers: tuple[Cube, ...]
    cube: Cube
    assumes: tuple[str, ...] = ()
    by_frame: bool = False
    """Whether it holds because the action changes nothing that is read."""


def after(action: Action) -> dict[str, Term]:
    """For every field that the action changes, its new value in terms of the old ones."""
    return {change.field.name: change.term for change in action.effects}


def assumed(theory: Theory, names: tuple[str, ...], action: Action) -> tuple[Cube, ...]:
    """What the assumptions rule out before, during and after an action."""
    cubes: list[Cube] = []
    for formula in theory.stated(names).values():
        cubes.extend(formula.states)
        cubes.extend(substitute_cube(state, after(action)) for state in formula.states)
        cubes.extend(cube for event, cube in formula.moves if event.name == action.event.name)
    return tuple(cubes)


def known(theory: Theory, names: tuple[str, ...]) -> tuple[Cube, ...]:
    """The lemmas that may be used under the assumptions."""
    return tuple(lemma.never for lemma in theory.lemmas if set(lemma.assumes) <= set(names))


def initial(theory: Theory) -> Iterator[Obligation]:
    """Every lemma holds at the start."""
    start = {change.field.name: change.term for change in theory.machine.initial}
    for lemma in theory.lemmas:
        cube = (*theory.machine.constraints, *substitute_cube(lemma.never, start))
        yield Obligation(lemma.name, "START", "initial", (), cube, lemma.assumes)


def preserved(theory: Theory) -> Iterator[Obligation]:
    """Every action leads from states in which all lemmas hold to states in which each lemma holds."""
    for action in theory.machine.actions:
        changes = after(action)
        for lemma in theory.lemmas:
            nevers = (*known(theory, lemma.assumes), *assumed(theory, lemma.assumes, action))
            cube = (*theory.machine.constraints, *action.guard, *substitute_cube(lemma.never, changes))
            by_frame = not (read_by(lemma.never) & changes.keys())
            yield Obligation(lemma.name, action.name, "preserved", nevers, cube, lemma.assumes, by_frame)


def claimed(theory: Theory, expected: str = "proved") -> Iterator[Obligation]:
    """No action of a claim happens in (or leads to) a state that the claim forbids."""
    for claim in theory.claims:
        if claim.expected != expected:
            continue
        for action in claim.actions:
            nevers = (*known(theory, claim.assumes), *assumed(theory, claim.assumes, action))
            changes = after(action) if claim.moment == "after" else {}
            for name, never in claim.nevers:
                cube = (
                    *theory.machine.constraints,
                    *claim.given,
                    *action.guard,
                    *substitute_cube(never, changes),
                )
                yield Obligation(f"{claim.id}: {name}", action.name, "claim", nevers, cube, claim.assumes)


def total(theory: Theory) -> Iterator[Obligation]:
    """Exactly one case answers each event: at least one, and no two."""
    machine, nevers = theory.machine, known(theory, ())
    for event in machine.events:
        cases = machine.cases(event)
        cube = (*machine.constraints, *event.when)
        if event.answered:
            nevers_of_cases = (*nevers, *(case.when for case in cases))
            yield Obligation("R2: some case answers", event.name, "total", nevers_of_cases, cube)
        for one, other in combinations(cases, 2):
            yield Obligation(
                "R2: one case answers", f"{one.name}, {other.name}", "total", nevers, (*cube, *one.when, *other.when)
            )


def floors(machine: Machine) -> dict[str, Term]:
    """For every instant, the term that raises it to its floor."""
    return {v.name: Maximum(v, v.floor) for v in machine.fields if v.floor is not None}


def normal(theory: Theory) -> Iterator[Obligation]:
    """Raising every instant to its floor changes no guard, no claim, and no later state up to its floors."""
    machine = theory.machine
    raised = floors(machine)
    nevers = known(theory, ())
    for action in machine.actions:
        for comparison in action.guard:
            yield from _same_truth(
                machine, f"guard {comparison!r}", action.name, ((comparison,), action.event.when), raised, nevers
            )
        changes = after(action)
        for variable in machine.fields:
            if variable.sort == "time":
                yield _same_value(machine, action, variable, changes, raised, nevers)
    for claim in theory.claims:
        for context in dict.fromkeys(action.event.when for action in claim.actions):
            for name, never in claim.nevers:
                yield from _same_truth(machine, f"{claim.id}: {name}", "", (never, context), raised, nevers)
    for formula in theory.formulas.values():
        for never in formula.states:
            yield from _same_truth(machine, formula.assumption.id, "", (never, ()), raised, nevers)


def _same_truth(
    machine: Machine,
    subject: str,
    action: str,
    stated: tuple[Cube, Cube],
    raised: dict[str, Term],
    nevers: tuple[Cube, ...],
) -> Iterator[Obligation]:
    """A cube (in a context) holds before the instants are raised exactly if it holds after."""
    cube, context = stated
    other = substitute_cube(cube, raised)
    by_frame = not (read_by(cube) & raised.keys())
    for held, missed in ((cube, other), (other, cube)):
        for comparison in missed:
            yield Obligation(
                f"normal form: {subject}",
                action,
                "normal",
                nevers,
                (*machine.constraints, *context, *held, comparison.negated()),
                by_frame=by_frame,
            )


def _same_value(
    machine: Machine,
    action: Action,
    variable: Variable,
    changes: dict[str, Term],
    raised: dict[str, Term],
    nevers: tuple[Cube, ...],
) -> Obligation:
    assert variable.floor is not None
    later = Maximum(changes.get(variable.name, variable), substitute(variable.floor, changes))
    other = Maximum(
        substitute(changes.get(variable.name, variable), raised),
        substitute(substitute(variable.floor, changes), raised),
    )
    cube = (*machine.constraints, *action.guard, later != other)
    moved = changes.keys() & (read_by((variable <= variable.floor,)))
    return Obligation(f"normal form: {variable.name}", action.name, "normal", nevers, cube, by_frame=not moved)


def clean(theory: Theory) -> Iterator[Obligation]:
    """R3: cleaning up first, then answering, leads to the same decision and, cleaned up, to the same state.

    The state after cleanup is a function of the state before; so is the state after each case. For every pair of cases
    that answer one event without and with the cleanup before it, the decisions are equal and so are the states, up to
    floors and to what the next cleanup removes.
    """
    machine = theory.machine
    nevers = known(theory, ())
    raised = floors(machine)
    forgets = [a for a in machine.actions if a.event.name == "CLEANUP" and a.effects]
    for forget in forgets:
        cleaned = after(forget)
        for event in machine.events:
            for one in machine.cases(event):
                for other in machine.cases(event):
                    guard = (*machine.constraints, *forget.guard, *one.guard, *substitute_cube(other.guard, cleaned))
                    pair = f"{one.name}, {other.name} after {forget.name}"
                    if one.decision != other.decision:
                        yield Obligation("R3: same decision", pair, "clean", nevers, guard)
                        continue
                    for variable in machine.fields:
                        left: Term = after(one).get(variable.name, variable)
                        right: Term = substitute(after(other).get(variable.name, variable), cleaned)
                        if left is right:
                            continue
                        yield from _same_when_cleaned(
                            variable, left, right, guard, pair, nevers, raised, after(one), forget
                        )


def _same_when_cleaned(
    variable: Variable,
    left: Term,
    right: Term,
    guard: Cube,
    pair: str,
    nevers: tuple[Cube, ...],
    raised: dict[str, Term],
    changes: dict[str, Term],
    forget: Action,
) -> Iterator[Obligation]:
    subject = f"R3: same {variable.name}"
    if variable.sort == "time":
        assert variable.floor is not None
        floor = substitute(variable.floor, changes)
        yield Obligation(subject, pair, "clean", nevers, (*guard, Maximum(left, floor) != Maximum(right, floor)))
        return
    if variable.name not in after(forget):
        yield Obligation(subject, pair, "clean", nevers, (*guard, left != right))
        return
    # A memory that the next cleanup would remove anyway may differ; one that it keeps may not.
    for comparison in substitute_cube(forget.when, changes):
        yield Obligation(subject, pair, "clean", nevers, (*guard, left != right, comparison.negated()))


class StructureError(ValueError):
    """The machine's text breaks a rule on which the reduction to one order rests."""


def apart(theory: Theory) -> Iterator[Obligation]:
    """R2: an event of one order changes nothing that orders share, and what they share has one new value for all.

    A run of a network, seen from one order, is then a run of that order alone: what happens to others changes nothing
    that it reads. And as some case of every common event answers in every state (`total`), a run of one order is a run
    of any network. Hence what holds for one order holds for each of any number.
    """
    shared = {variable.name for variable in theory.machine.shared}
    for action in theory.machine.actions:
        changed = {change.field.name for change in action.effects}
        inside = {change.field.name for change in action.event.then}
        if (shared & changed) - (inside if action.event.scope == "all" else set()):
            raise StructureError(f"{action.name} changes {', '.join(sorted(shared & changed))}, which orders share")
        yield Obligation("R2: nothing shared changes", action.name, "apart", (), (), by_frame=True)


def all_obligations(theory: Theory) -> Iterator[Obligation]:
    """Everything that must hold, in the order in which a reader would ask."""
    yield from apart(theory)
    yield from initial(theory)
    yield from preserved(theory)
    yield from claimed(theory)
    yield from total(theory)
    yield from normal(theory)
    yield from clean(theory)
