"""The machine's text as straight-line Python over tuples of small numbers, in the finite normal form.

Four rules. A state is the tuple of one order's fields; an instant in it is measured from now and is never below its
floor, so there is no `now` in a state and there are finitely many states. One unit of time passes at a time. A move is an
action with its inputs: the world may choose each of them. And only the fields are kept that some guard, or something asked
about, reads (directly or through what is assigned).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from itertools import product
from typing import Any, Final

from orphan_spec.automaton import Action, Event, Machine, read_by, reads
from orphan_spec.terms import Comparison, Cube, Term, Variable, fold

LocalState = tuple[int, ...]
"""The kept fields of one order, in the machine's order."""

Step = tuple[int, LocalState]
"""The number of a move, and the state that it leads to."""

NOW: Final = {"now": 0, "delay": 1}
"""What every instant is measured from, and how much time passes at a time."""


@dataclass(frozen=True, slots=True)
class Move:
    """An action with its inputs; an instant among them is measured from now."""

    action: Action
    inputs: Mapping[str, int]


@dataclass(frozen=True)
class Compiled:
    """A machine with constants, compiled; `fields` are those that are kept."""

    machine: Machine
    constants: Mapping[str, int]
    fields: tuple[Variable, ...]

    @cached_property
    def start(self) -> LocalState:
        """The state in which an order starts."""
        state = self.machine.normal_form(self.machine.start(self.constants), self.constants)
        return tuple(state[field.name] for field in self.fields)

    @cached_property
    def moves(self) -> tuple[Move, ...]:
        """Every action with every choice of the inputs that its event reads, in the order of the actions."""
        found = []
        for action in self.machine.actions:
            read = inputs_of(self.machine, action.event)
            for values in product(*(self._domain(v) for v in read)):
                move = Move(action, {v.name: value for v, value in zip(read, values, strict=True)})
                if None not in self._guard(move):
                    found.append(move)
        return tuple(found)

    def _domain(self, variable: Variable) -> range:
        """What the world can choose; an instant that no guard lets be chosen falls out with its move."""
        if variable.values:
            return range(len(variable.values))
        return range(1, 2) if variable.name in NOW else range(-max(self.constants.values()), 1)

    @cached_property
    def steps(self) -> Callable[[LocalState], list[Step]]:
        """All steps from a state, in the order of the moves."""
        return self.steps_but({})

    def steps_but(self, barred: Mapping[int, Iterable[Cube]]) -> Callable[[LocalState], list[Step]]:
        """The steps from a state but those of a move (by its number) for which one of the cubes given for it holds."""
        steps: Callable[[LocalState], list[Step]] = self._function("steps", self._steps_source(barred))
        return steps

    def asks(self, cube: Cube, inputs: Mapping[str, int] | None = None) -> Callable[[LocalState], bool]:
        """Whether the comparisons hold in a state, where the inputs have these values."""
        return self.asks_any([cube], inputs)

    def asks_any(self, cubes: Iterable[Cube], inputs: Mapping[str, int] | None = None) -> Callable[[LocalState], bool]:
        """Whether one of the cubes holds in a state, where the inputs have these values."""
        test = " or ".join(self._test(cube, inputs or {}) for cube in cubes) or "False"
        holds: Callable[[LocalState], bool] = self._function(
            "holds", f"def holds(s):\n    {self._unpack()} = s\n    return {test}\n"
        )
        return holds

    def _test(self, cube: Cube, inputs: Mapping[str, int]) -> str:
        """A cube as Python."""
        tests = [_settled(self.comparison(c, inputs)) for c in cube]
        return "False" if None in tests else " and ".join(filter(None, tests)) or "True"

    def named(self, state: LocalState) -> dict[str, int]:
        """A state by the names of its fields."""
        return {field.name: value for field, value in zip(self.fields, state, strict=True)}

    def comparison(self, comparison: Comparison, inputs: Mapping[str, int]) -> str:
        """A comparison as Python."""
        return f"{self.term(comparison.left, inputs)} {comparison.relation} {self.term(comparison.right, inputs)}"

    def term(self, term: Term, inputs: Mapping[str, int]) -> str:
        """A term as Python; now is 0, and the constants and the inputs are numbers."""
        known = {**self.constants, **NOW, **inputs}
        return fold(
            term,
            variable=lambda v: str(known.get(v.name, v.name)),
            value=lambda v: str(v.code),
            plus=_arithmetic("+"),
            minus=_arithmetic("-"),
            maximum=lambda a, b: f"({a} if {a} > {b} else {b})",
            minimum=lambda a, b: f"({a} if {a} < {b} else {b})",
        )

    def _unpack(self) -> str:
        return ", ".join(field.name for field in self.fields) + ","

    def _function(self, name: str, source: str) -> Any:
        scope: dict[str, Any] = {}
        exec(compile(source, f"<{self.machine.name}, compiled>", "exec"), scope)
        return scope[name]

    def _guard(self, move: Move) -> list[str | None]:
        """What is left of the guard where inputs and constants are known; None where it cannot hold."""
        tests = (_settled(self.comparison(c, move.inputs)) for c in move.action.guard)
        return [test for test in tests if test != ""]

    def _steps_source(self, barred: Mapping[int, Iterable[Cube]]) -> str:
        lines = ["def steps(s):", f"    {self._unpack()} = s", "    found = []", "    add = found.append"]
        for number, move in enumerate(self.moves):
            bars = (f"not ({self._test(cube, move.inputs)})" for cube in barred.get(number, ()))
            guard = " and ".join([*filter(None, self._guard(move)), *bars])
            body = f"add(({number}, ({', '.join(self._later(move))},)))"
            lines.append(f"    if {guard}: {body}" if guard else f"    {body}")
        return "\n".join([*lines, "    return found", ""])

    def _later(self, move: Move) -> Iterator[str]:
        changes = {change.field.name: change.term for change in move.action.effects}
        moved = self.term(changes["now"], move.inputs) if "now" in changes else "0"
        for field in self.fields:
            if field.name not in changes and moved == "0":
                yield field.name
                continue
            value = self.term(changes.get(field.name, field), move.inputs)
            if field.sort == "time":
                assert field.floor is not None
                floor = self.term(field.floor, {})
                if moved != "0":
                    value = f"{value} - {moved}"
                value = f"({value} if {value} > {floor} else {floor})" if not _number(value) else value
                if _number(value):
                    value = str(max(int(value), int(floor)))
            yield value


def inputs_of(machine: Machine, event: Event) -> tuple[Variable, ...]:
    """The inputs that the cases of an event read."""
    cases = machine.cases(event)
    read = set().union(*(read_by(a.guard) for a in cases), reads(c.term for a in cases for c in a.effects))
    return tuple(v for v in machine.inputs if v.name in read)


def compile_machine(machine: Machine, constants: Mapping[str, int], asked: Iterable[Cube]) -> Compiled:
    """The machine with these constants, with the fields that guards and what is asked read."""
    wanted = set().union(*(read_by(action.guard) for action in machine.actions), *map(read_by, asked))
    while True:
        more = reads(
            change.term for action in machine.actions for change in action.effects if change.field.name in wanted
        )
        if more <= wanted:
            break
        wanted |= more
    return Compiled(machine, dict(constants), tuple(f for f in machine.fields if f.name in wanted))


def _arithmetic(operator: str) -> Callable[[str, str], str]:
    def apply(a: str, b: str) -> str:
        if _number(a) and _number(b):
            return str(int(a) + int(b) if operator == "+" else int(a) - int(b))
        if b == "0":
            return a
        return b if (a == "0" and operator == "+") else f"({a} {operator} {b})"

    return apply


def _number(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _settled(test: str) -> str | None:
    """A comparison of two numbers is settled: empty where it holds, None where it does not; another stays."""
    left, relation, right = test.split(" ", 2) if test.count(" ") == 2 else ("", "", "")
    if not (_number(left) and _number(right)):
        return test
    a, b = int(left), int(right)
    holds = {"<": a < b, "<=": a <= b, "==": a == b, "!=": a != b}[relation]
    return "" if holds else None
