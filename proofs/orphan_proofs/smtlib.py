"""The machine's terms as SMT-LIB 2.6: what every solver is asked is printed here, and nowhere else.

Time is `Real` (dense); a choice is an `Int` within its range.
"""

from collections.abc import Iterable
from functools import cache

from orphan_spec.terms import Comparison, Cube, Term, Variable, fold, variables


def is_about_time(comparison: Comparison) -> bool:
    """Whether a comparison compares instants or durations (and not named values)."""
    return any(v.sort == "time" for side in (comparison.left, comparison.right) for v in variables(side))


def declarations(known: Iterable[Variable]) -> str:
    """The declaration of every variable."""
    return "".join(f"(declare-const {v.name} {'Real' if v.sort == 'time' else 'Int'})\n" for v in known)


def ranges(known: Iterable[Variable]) -> str:
    """That every choice is within its range."""
    return conjunction([f"(<= 0 {v.name} {len(v.values) - 1})" for v in known if v.sort == "choice"])


def placed(variable: Variable, place: object) -> Variable:
    """What the variable is at a place of a run."""
    return Variable(f"{variable.name}_{place}", variable.doc, variable.sort, variable.values)


def print_term(term: Term, time: bool) -> str:
    """A term; `time` says whether its constants are durations."""
    return fold(
        term,
        variable=lambda v: v.name,
        value=lambda v: f"{v.code}.0" if time else str(v.code),
        plus=lambda a, b: f"(+ {a} {b})",
        minus=lambda a, b: f"(- {a} {b})",
        maximum=lambda a, b: f"(ite (>= {a} {b}) {a} {b})",
        minimum=lambda a, b: f"(ite (<= {a} {b}) {a} {b})",
    )


@cache
def print_comparison(comparison: Comparison) -> str:
    """A comparison."""
    time = is_about_time(comparison)
    left, right = print_term(comparison.left, time), print_term(comparison.right, time)
    match comparison.relation:
        case "==":
            return f"(= {left} {right})"
        case "!=":
            return f"(not (= {left} {right}))"
        case relation:
            return f"({relation} {left} {right})"


def conjunction(parts: list[str]) -> str:
    """All of the formulas."""
    return parts[0] if len(parts) == 1 else f"(and {' '.join(parts)})" if parts else "true"


def disjunction(parts: list[str]) -> str:
    """At least one of the formulas."""
    return parts[0] if len(parts) == 1 else f"(or {' '.join(parts)})" if parts else "false"


def print_cube(cube: Cube) -> str:
    """Comparisons that hold all together."""
    return conjunction([print_comparison(comparison) for comparison in cube])


@cache
def print_never(cube: Cube) -> str:
    """Comparisons that do not hold all together."""
    return f"(not {print_cube(cube)})"
