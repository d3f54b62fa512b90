"""The guarantees once more, without our lemmas: Z3's Spacer looks for an inductive invariant by itself.

Three rules. Spacer is given the machine, the assumptions and one never of a claim, over dense time and all constants, and
nothing that we know about them. What it finds is believed only after the plain solver has checked it: it holds at the
start, every action preserves it, and it excludes what the claim forbids. And it may run out of time; then it says so, and
nothing follows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Final, Literal, cast

import z3

from orphan_proofs.compiled import compile_machine
from orphan_proofs.obligations import Theory, after, assumed
from orphan_proofs.smtlib import conjunction, print_cube, print_never, print_term, ranges
from orphan_proofs.solver import UndecidedError, version
from orphan_spec.automaton import Action
from orphan_spec.guarantees import GUARANTEES
from orphan_spec.properties import Claim
from orphan_spec.terms import ZERO, Cube, Term, Variable, substitute, substitute_cube

SECONDS: Final = 60.0
"""How long Spacer may look for one invariant."""

WAYS: Final = (False, True)
"""Whether Spacer's proof goals are ground: one way finds what the other does not, so both are tried in turn."""

_SCALE: Final = {"grace": 1, "ttl": 1, "protection": 1, "latency": 1, "age": 1, "observe": 0}
"""Any constants: which fields matter does not depend on them."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What Spacer found about one never of a claim."""

    claim: Claim
    never: str
    found: Literal["invariant", "run", "nothing"]
    """An inductive invariant, a run that breaks the claim, or neither within the limit."""
    conjuncts: int
    """How many facts the invariant joins; 0 where there is none."""
    seconds: float

    @property
    def contradicts(self) -> bool:
        """Whether it is not what the proofs say."""
        return self.found == ("run" if self.claim.expected == "proved" else "invariant")

    @property
    def line(self) -> str:
        """The discovery, in one line."""
        said = {
            "invariant": f"an inductive invariant of {self.conjuncts} facts, checked",
            "run": "a run that breaks it",
            "nothing": "nothing within the limit: undecided",
        }[self.found]
        wrong = "  CONTRADICTS THE PROOFS" if self.contradicts else ""
        return f"{self.claim.id}: {self.never}: {said} ({self.seconds:.1f} s){wrong}"


class _System:
    """A claim's never as Horn clauses over the fields that it depends on."""

    def __init__(self, theory: Theory, claim: Claim, cube: Cube) -> None:
        self._theory, self._claim, self._cube = theory, claim, cube
        self._machine = machine = theory.machine
        asked = [cube, *(c for formula in theory.stated(claim.assumes).values() for c in formula.cubes)]
        fields = compile_machine(machine, _SCALE, asked).fields
        self.state: tuple[Variable, ...] = (*machine.parameters, *machine.shared, *fields)

    def _names(self, changes: dict[str, Term]) -> str:
        terms = (print_term(changes.get(v.name, v), v.sort == "time") for v in self.state)
        return f"(Inv {' '.join(terms)})"

    def _start(self) -> tuple[str, str]:
        shared: dict[str, Term] = {v.name: ZERO for v in self._machine.shared}
        fields = {change.field.name: substitute(change.term, shared) for change in self._machine.initial}
        limits = [print_cube(self._machine.constraints), ranges(self._machine.parameters)]
        return conjunction(limits), self._names({**shared, **fields})

    def _move(self, action: Action) -> tuple[str, str]:
        nevers = [print_never(never) for never in assumed(self._theory, self._claim.assumes, action)]
        return conjunction([print_cube(action.guard), *nevers] if action.guard else nevers), self._names(after(action))

    def _bad(self, action: Action) -> str:
        changes = after(action) if self._claim.moment == "after" else {}
        return print_cube((*self._claim.given, *action.guard, *substitute_cube(self._cube, changes)))

    def _declared(self, how: str) -> str:
        known = (*self.state, *self._machine.inputs)
        return "".join(f"({how} {v.name} {'Real' if v.sort == 'time' else 'Int'})\n" for v in known)

    @property
    def _relation(self) -> str:
        return f"Inv ({' '.join('Real' if v.sort == 'time' else 'Int' for v in self.state)})"

    def horn(self) -> str:
        """The clauses: `bad` is reachable exactly where the claim can be broken."""
        here = self._names({})
        limits, start = self._start()
        rules = [f"(rule (=> {limits} {start}))"]
        for guard, later in map(self._move, self._machine.actions):
            rules.append(f"(rule (=> (and {here} {guard}) {later}))")
        rules += [f"(rule (=> (and {here} {self._bad(action)}) bad))" for action in self._claim.actions]
        return f"(declare-rel {self._relation})\n(declare-rel bad ())\n{self._declared('declare-var')}" + "\n".join(
            rules
        )

    def check(self, invariant: z3.ExprRef) -> None:
        """AssertionError where the invariant does not hold at the start, is not preserved, or does not exclude the never."""
        limits, start = self._start()
        here = self._names({})
        questions = [f"(and {limits} (not {start}))"]
        questions += [f"(and {here} {guard} (not {later}))" for guard, later in map(self._move, self._machine.actions)]
        questions += [f"(and {here} {self._bad(action)})" for action in self._claim.actions]
        sorts = [z3.RealSort() if v.sort == "time" else z3.IntSort() for v in self.state]
        symbol = z3.Function("Inv", *sorts, z3.BoolSort())
        text = self._declared("declare-const") + "".join(f"(assert {question})\n" for question in questions)
        for question in z3.parse_smt2_string(text, decls={"Inv": symbol}):
            solver = z3.Solver()
            solver.add(z3.substitute_funs(question, (symbol, invariant)))
            answer = solver.check()
            if answer == z3.unknown:
                raise UndecidedError(f"{version()} cannot check what Spacer found: {solver.reason_unknown()}")
            assert answer == z3.unsat, f"{self._claim.id}: what Spacer found is no inductive invariant"


def _body(answer: z3.ExprRef) -> z3.ExprRef:
    """The invariant from `forall state. Inv(state) = body`, where `Var(n)` is the n-th field of the state."""
    queue = [answer]
    while queue:
        node = queue.pop()
        inside = cast(z3.QuantifierRef, node).body() if z3.is_quantifier(node) else None
        if inside is not None and z3.is_eq(inside) and inside.arg(0).decl().name() == "Inv":
            places = [z3.get_var_index(argument) for argument in inside.arg(0).children()]
            fields = [z3.Var(place, argument.sort()) for place, argument in enumerate(inside.arg(0).children())]
            ordered = dict(zip(places, fields, strict=True))
            return cast(z3.ExprRef, z3.substitute_vars(inside.arg(1), *(ordered[n] for n in range(len(places)))))
        queue.extend(node.children())
    raise UndecidedError(f"{version()}: Spacer's invariant has no known form")


def rediscover(theory: Theory, claim: Claim, never: str, cube: Cube, limit: float = SECONDS) -> Discovery:
    """What Spacer finds about one never of a claim within the limit; each way of generalising gets its share of it."""
    began = perf_counter()
    system = _System(theory, claim, cube)
    for ground in WAYS:
        answer = _query(system, ground, limit / len(WAYS))
        if answer is not None:
            break
    else:
        return Discovery(claim, never, "nothing", 0, perf_counter() - began)
    if answer is True:
        return Discovery(claim, never, "run", 0, perf_counter() - began)
    system.check(invariant := _body(answer))
    facts = invariant.num_args() if z3.is_and(invariant) else 1
    return Discovery(claim, never, "invariant", facts, perf_counter() - began)


def _query(system: _System, ground: bool, limit: float) -> z3.ExprRef | Literal[True] | None:
    """Spacer's invariant; True where it found a run; None where it found neither within the limit."""
    engine = z3.Fixedpoint()
    engine.set(**{"engine": "spacer", "timeout": max(1, round(limit * 1000)), "spacer.ground_pobs": ground})
    (query,) = engine.parse_string(system.horn() + "\n(query bad)\n")
    try:
        answer = engine.query(query)
    except z3.Z3Exception as stopped:
        if "canceled" not in str(stopped):
            raise
        return None
    if answer == z3.unknown:
        return None
    return True if answer == z3.sat else engine.get_answer()


def rediscoveries(theories: Iterable[Theory], limit: float = SECONDS) -> Iterator[Discovery]:
    """What Spacer finds about every never of every guarantee's claims, in order."""
    for theory in theories:
        for claim in theory.claims:
            for never, cube in claim.nevers if claim.guarantee.id in GUARANTEES else ():
                yield rediscover(theory, claim, never, cube, limit)
