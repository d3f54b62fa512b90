"""One never of a claim as constrained Horn clauses, over all fields that it depends on or over a view of them.

Four rules. What the machine says is a list of facts: a comparison of a guard, an assumption, what one field becomes. A view
keeps some fields, and of the facts those that read no other field; what became of the others is open. So every run of the
machine is a run of the view, and an invariant of the view is one of the machine. A choice is written as truths, bit by bit,
for Spacer generalises truths better than whole numbers. And each clause has the name of its action, so that a run of the
view can be read off.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from time import perf_counter
from typing import Any, Final, cast

import z3

from orphan_proofs.compiled import compile_machine
from orphan_proofs.obligations import Theory, after, assumed
from orphan_proofs.smtlib import declarations, placed, print_comparison, print_never, print_term, ranges
from orphan_proofs.solver import CANCELLED, UndecidedError, decided, version
from orphan_spec.automaton import Action, Machine, read_by, reads
from orphan_spec.properties import Claim
from orphan_spec.terms import ZERO, Cube, Term, Variable, substitute_cube

_SCALE: Final = {"grace": 1, "ttl": 1, "protection": 1, "latency": 1, "age": 1, "observe": 0}
"""Any constants: which fields matter does not depend on them."""

Steps = tuple[Action, ...]
"""The actions of a run of a view; the last is one of the claim's, in (or after) what it forbids."""


@dataclass(frozen=True, slots=True)
class Fact:
    """A formula over the state, the inputs and the later state, and the fields that it is about."""

    formula: str
    fields: frozenset[str]


def later(variable: Variable) -> Variable:
    """The variable after the step."""
    return placed(variable, "later")


def then(action: Action, state: Iterable[Variable]) -> list[Variable]:
    """The variables of a state after the action: what it does not change is as it was."""
    changed = after(action)
    return [later(variable) if variable.name in changed else variable for variable in state]


@dataclass(frozen=True)
class Question:
    """Whether the claim can be broken by what one of its nevers forbids."""

    theory: Theory
    claim: Claim
    cube: Cube
    context: z3.Context = field(default_factory=z3.Context, compare=False)
    """Its own, so that what is found does not depend on what was asked before."""

    @property
    def machine(self) -> Machine:
        """The machine."""
        return self.theory.machine

    @cached_property
    def fields(self) -> tuple[Variable, ...]:
        """The fields that the question depends on."""
        asked = [self.cube, *(c for formula in self.theory.stated(self.claim.assumes).values() for c in formula.cubes)]
        return compile_machine(self.machine, _SCALE, asked).fields

    @cached_property
    def state(self) -> tuple[Variable, ...]:
        """The variables of a state."""
        return (*self.machine.parameters, *self.machine.shared, *self.fields)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the fields."""
        return frozenset(variable.name for variable in self.fields)

    def _fact(self, formula: str, read: Iterable[str]) -> Fact:
        return Fact(formula, self.names.intersection(read))

    def _guard(self, cube: Cube) -> Iterator[Fact]:
        return (self._fact(print_comparison(comparison), read_by((comparison,))) for comparison in cube)

    def start(self) -> Iterator[Fact]:
        """What holds at the start."""
        yield from self._guard(self.machine.constraints)
        begun: dict[str, Term] = {variable.name: ZERO for variable in self.machine.shared}
        begun |= {change.field.name: change.term for change in self.machine.initial}
        yield from (self._equals(v, v.name, begun[v.name]) for v in self.state if v.name in begun)

    def step(self, action: Action) -> Iterator[Fact]:
        """What holds of a state, the inputs and the state after the action."""
        yield from self._guard(action.guard)
        for never in assumed(self.theory, self.claim.assumes, action):
            yield self._fact(print_never(never), read_by(never))
        changes = after(action)
        yield from (self._equals(later(v), v.name, changes[v.name]) for v in self.state if v.name in changes)

    def bad(self, action: Action) -> Iterator[Fact]:
        """What holds of a state and the inputs where the action breaks the claim."""
        changes = after(action) if self.claim.moment == "after" else {}
        yield from self._guard((*self.claim.given, *action.guard, *substitute_cube(self.cube, changes)))

    def _equals(self, variable: Variable, field: str, term: Term) -> Fact:
        text = print_term(term, variable.sort == "time")
        return self._fact(f"(= {variable.name} {text})", {field, *reads((term,))})

    def read(self, facts: Iterable[Fact]) -> list[z3.BoolRef]:
        """The formulas."""
        known = (*self.state, *self.machine.inputs, *map(later, self.state))
        text = declarations(known) + "".join(f"(assert {fact.formula})\n" for fact in facts)
        return self._parsed(text)

    def within(self, known: Sequence[Variable]) -> list[z3.BoolRef]:
        """That every choice among the variables is within its range."""
        return self._parsed(f"{declarations(known)}(assert {ranges(known)})")

    def constant(self, variable: Variable) -> z3.ExprRef:
        """The variable as the solver knows it; a choice by its code."""
        if variable.sort == "time":
            return cast(z3.ExprRef, z3.Real(variable.name, self.context))
        return cast(z3.ExprRef, z3.Int(variable.name, self.context))

    def solver(self) -> z3.Solver:
        """A solver that knows nothing yet."""
        return z3.Solver(ctx=self.context)

    def _parsed(self, text: str) -> list[z3.BoolRef]:
        return [cast(z3.BoolRef, formula) for formula in z3.parse_smt2_string(text, ctx=self.context)]


@dataclass(frozen=True)
class Invariant:
    """What Spacer found: a formula over the variables of a view, each choice by its bits."""

    state: tuple[Variable, ...]
    formula: z3.ExprRef
    """`Var(n)` is the n-th argument."""

    @property
    def facts(self) -> int:
        """How many facts it joins."""
        return self.formula.num_args() if z3.is_and(self.formula) else 1

    def of(self, values: Mapping[str, z3.ExprRef]) -> z3.BoolRef:
        """The invariant of a state; a choice is a whole number."""
        arguments = [part for v in self.state for part in _parts(v, values[v.name])]
        return cast(z3.BoolRef, z3.substitute_vars(self.formula, *arguments))

    def check(self, question: Question) -> None:
        """AssertionError where it does not hold at the start, is not preserved by the machine, or allows the never."""
        here = {v.name: question.constant(v) for v in question.state}
        self._refuse(question, question.start(), _not(self.of(here)))
        for action in question.machine.actions:
            there = dict(zip(here, map(question.constant, then(action, question.state)), strict=True))
            self._refuse(question, question.step(action), self.of(here), _not(self.of(there)))
        for action in question.claim.actions:
            self._refuse(question, question.bad(action), self.of(here))

    def _refuse(self, question: Question, facts: Iterable[Fact], *wrong: z3.BoolRef) -> None:
        solver = question.solver()
        solver.add(*question.read(facts), *question.within(question.state), *wrong)
        assert not decided(solver), f"{question.claim.id}: what Spacer found is no inductive invariant"


class View:
    """The question over some of its fields, for Spacer."""

    def __init__(self, question: Question, kept: frozenset[str]) -> None:
        self.question = question
        self.kept = kept
        fields = tuple(variable for variable in question.fields if variable.name in kept)
        self.state: tuple[Variable, ...] = (*question.machine.parameters, *question.machine.shared, *fields)
        known = (*self.state, *question.machine.inputs)
        everything = (*known, *map(later, known))
        self._bits = [(question.constant(v), _number(self._symbols(v))) for v in everything if v.sort == "choice"]
        truth = z3.BoolSort(question.context)
        self._reached = z3.Function("reached", *(part.sort() for v in self.state for part in self._symbols(v)), truth)
        self._broken = z3.Function("broken", truth)
        self._actions: dict[str, Action] = {}
        self._engine = z3.Fixedpoint(ctx=question.context)
        whole = dict.fromkeys(("xform.slice", "xform.inline_linear", "xform.inline_eager"), False)
        self._engine.set(engine="spacer", **whole)  # a clause that is taken apart loses its name
        self._engine.register_relation(self._reached, self._broken)
        self._engine.declare_var(*(part for v in everything for part in self._symbols(v)))
        self._state_clauses()

    def ask(self, limit: float, *, ground: bool) -> Invariant | Steps | None:
        """An invariant that excludes the never, or the steps of a run of the view that meets it; None where the time is up.

        `limit` is in seconds; `ground` says whether Spacer's proof goals are: one way finds what the other does not.
        """
        self._engine.set(**{"timeout": max(1, round(limit * 1000)), "spacer.ground_pobs": ground})
        began = perf_counter()
        try:
            answer = self._engine.query(self._broken())
        except z3.Z3Exception as stopped:
            if CANCELLED not in str(stopped):
                raise
            if perf_counter() - began < limit:
                raise KeyboardInterrupt from None
            return None
        if answer == z3.unknown:
            return None
        if answer == z3.unsat:
            return Invariant(self.state, _body(self._engine.get_answer()))
        names = [str(name) for name in self._engine.get_rule_names_along_trace()]
        return tuple(self._actions[name] for name in reversed(names) if name in self._actions)

    def _state_clauses(self) -> None:
        question, here = self.question, self._reach(self.state)
        self._engine.rule(here, [*self._seen(question.start()), *self._coded(question.within(self.state))], "start")
        for action in question.machine.actions:
            there = then(action, self.state)
            body = [here, *self._seen(question.step(action)), *self._coded(question.within(there))]
            self._state_clause(action.name, action, self._reach(there), body)
        for action in question.claim.actions:
            broken = cast(z3.BoolRef, self._broken())
            self._state_clause(f"{action.name} breaks it", action, broken, [here, *self._seen(question.bad(action))])

    def _state_clause(self, name: str, action: Action, head: z3.BoolRef, body: list[z3.BoolRef]) -> None:
        self._actions[name] = action
        self._engine.rule(head, body, name)

    def _reach(self, state: Iterable[Variable]) -> z3.BoolRef:
        return cast(z3.BoolRef, self._reached(*(part for v in state for part in self._symbols(v))))

    def _seen(self, facts: Iterable[Fact]) -> list[z3.BoolRef]:
        """The facts that the view keeps, over bits."""
        formulas = self.question.read([fact for fact in facts if fact.fields <= self.kept])
        return self._coded(formulas)

    def _coded(self, formulas: Iterable[z3.BoolRef]) -> list[z3.BoolRef]:
        return [cast(z3.BoolRef, z3.simplify(z3.substitute(formula, *self._bits))) for formula in formulas]

    def _symbols(self, variable: Variable) -> list[z3.ExprRef]:
        """What stands for the variable in a clause: itself, or the bits of its code."""
        if variable.sort == "time":
            return [self.question.constant(variable)]
        names = (f"{variable.name}.{place}" for place in range(_width(variable)))
        return [cast(z3.ExprRef, z3.Bool(name, self.question.context)) for name in names]


def _width(variable: Variable) -> int:
    return max(1, (len(variable.values) - 1).bit_length())


def _number(bits: Iterable[z3.ExprRef]) -> z3.ArithRef:
    """The code of a choice, from its bits."""
    return cast(z3.ArithRef, z3.Sum([z3.If(bit, 1 << place, 0) for place, bit in enumerate(bits)]))


def _parts(variable: Variable, value: z3.ExprRef) -> list[z3.ExprRef]:
    """A value as arguments of an invariant."""
    if variable.sort == "time":
        return [value]
    codes = range(1 << _width(variable))
    places = range(_width(variable))
    return [cast(z3.ExprRef, z3.Or([value == code for code in codes if code >> place & 1])) for place in places]


def _not(formula: z3.BoolRef) -> z3.BoolRef:
    return cast(z3.BoolRef, z3.Not(formula))


def _body(answer: z3.ExprRef) -> z3.ExprRef:
    """The invariant from `forall state. reached(state) = body`, where `Var(n)` is the n-th argument."""
    queue: list[Any] = [answer]
    while queue:
        node = queue.pop()
        inside = node.body() if z3.is_quantifier(node) else None
        if inside is not None and z3.is_eq(inside) and inside.arg(0).decl().name() == "reached":
            places = [z3.get_var_index(argument) for argument in inside.arg(0).children()]
            fields = [z3.Var(place, argument.sort()) for place, argument in enumerate(inside.arg(0).children())]
            ordered = dict(zip(places, fields, strict=True))
            return cast(z3.ExprRef, z3.substitute_vars(inside.arg(1), *(ordered[n] for n in range(len(places)))))
        queue.extend(node.children())
    raise UndecidedError(f"{version()}: Spacer's invariant has no known form")
