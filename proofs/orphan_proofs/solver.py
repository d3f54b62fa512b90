"""The one door to Z3.

Three rules. A question has three answers, and the third, `unknown`, raises. A question is SMT-LIB text, the same that is
handed to any other solver; Z3 reads it, nobody translates twice. And Z3 takes Ctrl-C for itself while it works, and calls
what it then leaves undone cancelled; here that is a KeyboardInterrupt again.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from fractions import Fraction
from typing import Final, cast

import z3

from orphan_proofs.smtlib import declarations, ranges
from orphan_spec.terms import Variable

Model = dict[str, Fraction]
"""A value for every variable of a satisfiable question; times in no particular unit, choices by their code."""


CANCELLED: Final = "canceled"
"""What Z3 says of a question that Ctrl-C, or a limit in time, has ended."""


class UndecidedError(RuntimeError):
    """The solver answered neither yes nor no."""


def version() -> str:
    """The solver's name and version."""
    return f"Z3 {z3.get_version_string()}"


class Solver:
    """A stack of assumed formulas, and questions asked on top of it."""

    def __init__(self, known: Sequence[Variable]) -> None:
        self._known = tuple(known)
        self._declarations = declarations(known)
        self._solver = z3.Solver()
        self._solver.add(*self.read([ranges(known)]))
        self.checks = 0
        """How many questions were asked."""

    def read(self, formulas: Iterable[str]) -> list[z3.BoolRef]:
        """The formulas, parsed all at once (this is what makes thousands of them cheap)."""
        text = self._declarations + "".join(f"(assert {formula})\n" for formula in formulas)
        parsed = z3.parse_smt2_string(text)
        return cast(list[z3.BoolRef], [parsed[place] for place in range(len(parsed))])

    @contextmanager
    def assuming(self, formula: z3.BoolRef) -> Iterator[None]:
        """Within the block, the formula holds."""
        self._solver.push()
        try:
            self._solver.add(formula)
            yield
        finally:
            self._solver.pop()

    def satisfy(self, formula: z3.BoolRef) -> Model | None:
        """Values under which the formula holds together with what is assumed; None where there are none.

        Raises UndecidedError where the solver cannot tell.
        """
        with self.assuming(formula):
            self.checks += 1
            if not decided(self._solver):
                return None
            model = self._solver.model()
            return {v.name: self._value(model, v) for v in self._known}

    def _value(self, model: z3.ModelRef, variable: Variable) -> Fraction:
        symbol = z3.Real(variable.name) if variable.sort == "time" else z3.Int(variable.name)
        value = model.eval(symbol, model_completion=True)
        return Fraction(str(value))


def possible(question: str) -> bool:
    """Whether the assertions of an SMT-LIB text can hold together; UndecidedError where the solver cannot tell."""
    solver = z3.Solver()
    solver.from_string(question)
    return decided(solver)


def least(question: str, names: Sequence[str]) -> list[int] | None:
    """Whole numbers for the names, of least sum, under which the assertions hold; None where there are none."""
    optimizer = z3.Optimize()
    optimizer.from_string(question + f"(minimize (+ 0 {' '.join(names)}))\n")
    if not decided(cast(z3.Solver, optimizer)):  # it answers alike
        return None
    model = optimizer.model()
    return [int(str(model.eval(z3.Int(name), model_completion=True))) for name in names]


def decided(solver: z3.Solver, *assumed: z3.BoolRef) -> bool:
    """Whether what was added can hold together with what is assumed; UndecidedError where the solver cannot tell."""
    answer = solver.check(*assumed)
    if answer == z3.unknown:
        reason = solver.reason_unknown()
        if reason == CANCELLED:
            raise KeyboardInterrupt
        raise UndecidedError(f"{version()} answered unknown: {reason}")
    return bool(answer == z3.sat)
