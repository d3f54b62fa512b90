"""The words in which the machine is written: terms, plain comparisons, and what an action changes.

Two rules. A comparison is a value, never a truth: asking Python whether one holds (`and`, `or`, `not`, `if`, `in`,
`a < b < c`) raises, so no connective can be swallowed on the way to a solver. And nothing here computes: whoever wants
numbers, solver terms, source code or print walks the tree, and all of them walk the same one.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final, Literal, NoReturn, TypeVar

T = TypeVar("T")

Sort = Literal["time", "choice"]
"""What a variable ranges over: dense time (instants and durations alike), or a few named values."""

Relation = Literal["<", "<=", "==", "!="]
"""The four relations that are kept; `>` and `>=` are written with the sides exchanged."""

NEGATION: Final[dict[Relation, Relation]] = {"<": "<=", "<=": "<", "==": "!=", "!=": "=="}
"""The relation of the negated comparison; for `<` and `<=` the sides are exchanged too."""


class Term:
    """A number that depends on the state: a variable, a constant, a sum, a difference, a maximum or a minimum."""

    __slots__ = ()

    def __add__(self, other: "Term") -> "Sum":
        return Sum(self, other)

    def __sub__(self, other: "Term") -> "Difference":
        return Difference(self, other)

    def __lt__(self, other: "Term") -> "Comparison":
        return Comparison(self, "<", other)

    def __le__(self, other: "Term") -> "Comparison":
        return Comparison(self, "<=", other)

    def __gt__(self, other: "Term") -> "Comparison":
        return Comparison(other, "<", self)

    def __ge__(self, other: "Term") -> "Comparison":
        return Comparison(other, "<=", self)

    def __eq__(self, other: "Term") -> "Comparison":  # type: ignore[override]
        return Comparison(self, "==", other)

    def __ne__(self, other: "Term") -> "Comparison":  # type: ignore[override]
        return Comparison(self, "!=", other)

    def __hash__(self) -> int:
        return id(self)

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self!r} is a term, not a truth: write a plain comparison")


@dataclass(frozen=True, eq=False, slots=True)
class Value(Term):
    """One of the named values of a choice."""

    name: str
    code: int

    def __repr__(self) -> str:
        return self.name


ZERO: Final = Value("0", 0)
"""The length of no time."""


@dataclass(frozen=True, eq=False, slots=True)
class Variable(Term):
    """A variable of the machine: a parameter, an input of an event, shared time, or a field of an order."""

    name: str
    doc: str
    sort: Sort = "time"
    values: tuple[Value, ...] = ()
    """The named values, for a choice."""
    floor: "Term | None" = None
    """For an instant: every value at or below this one is as good as this one (the finite normal form)."""
    role: Literal["parameter", "input", "shared", "world", "tracker", "law"] = "parameter"
    """Whose it is: `world` and `tracker` are read by guards, `law` only by guarantees and lemmas."""

    def __repr__(self) -> str:
        return self.name

    def becomes(self, term: Term) -> "Assignment":
        """The change of this field to the value that the term has before the action."""
        return Assignment(self, term)


@dataclass(frozen=True, eq=False, slots=True)
class Sum(Term):
    """The sum of two terms."""

    left: Term
    right: Term

    def __repr__(self) -> str:
        return f"{self.left!r} + {self.right!r}"


@dataclass(frozen=True, eq=False, slots=True)
class Difference(Term):
    """The difference of two terms."""

    left: Term
    right: Term

    def __repr__(self) -> str:
        return f"{self.left!r} - {self.right!r}"


@dataclass(frozen=True, eq=False, slots=True)
class Maximum(Term):
    """The later of two instants."""

    left: Term
    right: Term

    def __repr__(self) -> str:
        return f"max({self.left!r}, {self.right!r})"


@dataclass(frozen=True, eq=False, slots=True)
class Minimum(Term):
    """The earlier of two instants."""

    left: Term
    right: Term

    def __repr__(self) -> str:
        return f"min({self.left!r}, {self.right!r})"


@dataclass(frozen=True, eq=False, slots=True)
class Comparison:
    """A plain comparison of two terms."""

    left: Term
    relation: Relation
    right: Term

    def __repr__(self) -> str:
        return f"{self.left!r} {self.relation} {self.right!r}"

    def __bool__(self) -> NoReturn:
        raise TypeError(f"{self!r} is a comparison, not a truth: list comparisons in a tuple, and name a choice twice")

    def negated(self) -> "Comparison":
        """The comparison that holds exactly where this one does not."""
        if self.relation in ("<", "<="):
            return Comparison(self.right, NEGATION[self.relation], self.left)
        return Comparison(self.left, NEGATION[self.relation], self.right)


@dataclass(frozen=True, eq=False, slots=True)
class Assignment:
    """What one field becomes."""

    field: Variable
    term: Term

    def __repr__(self) -> str:
        return f"{self.field!r} := {self.term!r}"


Cube = tuple[Comparison, ...]
"""Comparisons that hold all together; a guard is one, and so is whatever must never be."""


def choice(
    name: str, doc: str, values: str, role: Literal["parameter", "input", "world", "tracker", "law"]
) -> Variable:
    """A variable over the named values (separated by blanks), numbered from 0 in the order given."""
    return Variable(
        name,
        doc,
        sort="choice",
        values=tuple(Value(value, code) for code, value in enumerate(values.split())),
        role=role,
    )


def fold(
    term: Term,
    *,
    variable: Callable[[Variable], T],
    value: Callable[[Value], T],
    plus: Callable[[T, T], T],
    minus: Callable[[T, T], T],
    maximum: Callable[[T, T], T],
    minimum: Callable[[T, T], T],
) -> T:
    """Walk a term from its leaves to its root: the one traversal that every reader of the text uses."""

    def walk(node: Term) -> T:
        match node:
            case Variable():
                return variable(node)
            case Value():
                return value(node)
            case Sum(left, right):
                return plus(walk(left), walk(right))
            case Difference(left, right):
                return minus(walk(left), walk(right))
            case Maximum(left, right):
                return maximum(walk(left), walk(right))
            case Minimum(left, right):
                return minimum(walk(left), walk(right))
            case _:
                raise TypeError(f"{node!r} is no term of the machine")

    return walk(term)


def variables(term: Term) -> Iterator[Variable]:
    """The variables that a term reads, in the order in which they are written."""
    match term:
        case Variable():
            yield term
        case Sum(left, right) | Difference(left, right) | Maximum(left, right) | Minimum(left, right):
            yield from variables(left)
            yield from variables(right)
        case _:
            return


def substitute(term: Term, replacements: Mapping[str, Term]) -> Term:
    """The term with each variable that has a replacement replaced, all at once."""
    return fold(
        term,
        variable=lambda v: replacements.get(v.name, v),
        value=lambda v: v,
        plus=Sum,
        minus=Difference,
        maximum=Maximum,
        minimum=Minimum,
    )


def substitute_cube(cube: Cube, replacements: Mapping[str, Term]) -> Cube:
    """The comparisons with their variables replaced, all at once."""
    return tuple(
        Comparison(substitute(c.left, replacements), c.relation, substitute(c.right, replacements)) for c in cube
    )


def evaluate(term: Term, state: Mapping[str, int]) -> int:
    """The value of a term where each variable has the whole number that the state gives to its name."""
    value: int = fold(
        term,
        variable=lambda v: state[v.name],
        value=lambda v: v.code,
        plus=int.__add__,
        minus=int.__sub__,
        maximum=max,
        minimum=min,
    )
    return value


def holds(comparison: Comparison, state: Mapping[str, int]) -> bool:
    """Whether a comparison holds on whole numbers."""
    left = evaluate(comparison.left, state)
    right = evaluate(comparison.right, state)
    match comparison.relation:
        case "<":
            return left < right
        case "<=":
            return left <= right
        case "==":
            return left == right
        case "!=":
            return left != right
