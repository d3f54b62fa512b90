"""The machine's terms and comparisons in TLA+, about the order `s`; for the module as a whole, see `tla`."""

from typing import Final

from orphan_spec.automaton import read_by
from orphan_spec.terms import Comparison, Cube, Term, Variable, fold

RELATIONS: Final = {"<": "<", "<=": "=<", "==": "=", "!=": "#"}


def constant(variable: Variable) -> str:
    """A parameter's name."""
    return variable.name.capitalize()


def print_term(term: Term) -> str:
    """A term about the order `s`."""

    def variable(v: Variable) -> str:
        if v.role == "parameter":
            return constant(v)
        if v.role == "input":
            return "1" if v.name == "delay" else v.name
        return "now" if v.role == "shared" else f"s.{v.name}"

    return fold(
        term,
        variable=variable,
        value=lambda v: "0" if v.name == "0" else f'"{v.name}"',
        plus=lambda a, b: f"{a} + {b}",
        minus=lambda a, b: f"{a} - {b}",
        maximum=lambda a, b: f"Max({a}, {b})",
        minimum=lambda a, b: f"Min({a}, {b})",
    )


def print_test(comparison: Comparison) -> str:
    """A comparison; where named values are compared by their order, a membership."""
    left, relation, right = comparison.left, comparison.relation, comparison.right
    for field, limit, sign in ((left, right, 1), (right, left, -1)):
        if isinstance(field, Variable) and field.values and relation in ("<", "<="):
            (bound,) = (value.code for value in field.values if value is limit)
            least = 0 if relation == "<=" else 1
            kept = [print_term(value) for value in field.values if sign * (bound - value.code) >= least]
            return f"{print_term(field)} \\in {{{', '.join(kept)}}}"
    return f"{print_term(left)} {RELATIONS[relation]} {print_term(right)}"


def tests(cube: Cube) -> list[str]:
    """The comparisons, without those that only say that time passes and how old a snapshot can be."""
    given = {"now", "as_of", "delay", "age"}
    return [print_test(comparison) for comparison in cube if not read_by((comparison,)) <= given]


def not_all(cube: Cube) -> str:
    """That the comparisons do not hold all together."""
    return "~(" + " /\\ ".join(tests(cube)) + ")"
