"""The machine's text as straight-line Python over tuples of small numbers, in the finite normal form.

Three rules. A state is the tuple of one order's fields; an instant in it is measured from now and is never below its
floor, so there is no `now` in a state and there are finitely many states. One unit of time passes at a time. And only
the fields are kept that some guard, or something asked about, reads (directly or through what is assigned).
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from orphan_spec.automaton import Action, Machine, read_by, reads
from orphan_spec.terms import Comparison, Cube, Term, Variable, fold

LocalState = tuple[int, ...]
"""The kept fields of one order, in the machine's order."""

Step = tuple[int, LocalState]
"""The number of an action, and the state that it leads to."""


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
    def steps(self) -> Callable[[LocalState], list[Step]]:
        """All steps from a state, in the order of the actions."""
        steps: Callable[[LocalState], list[Step]] = self._function("steps", self._steps_source())
        return steps

    def asks(self, cube: Cube) -> Callable[[LocalState], bool]:
        """Whether the comparisons hold in a state."""
        test = " and ".join(self.comparison(c) for c in cube) or "True"
        holds: Callable[[LocalState], bool] = self._function(
            "holds", f"def holds(s):\n    {self._unpack()} = s\n    return {test}\n"
        )
        return holds

    def named(self, state: LocalState) -> dict[str, int]:
        """A state by the names of its fields."""
        return {field.name: value for field, value in zip(self.fields, state, strict=True)}

    def comparison(self, comparison: Comparison) -> str:
        """A comparison as Python."""
        return f"{self.term(comparison.left)} {comparison.relation} {self.term(comparison.right)}"

    def term(self, term: Term) -> str:
        """A term as Python; now and as_of are 0, and the constants are numbers."""
        known = {**self.constants, "now": 0, "as_of": 0, "delay": 1}
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

    def _steps_source(self) -> str:
        lines = ["def steps(s):", f"    {self._unpack()} = s", "    found = []", "    add = found.append"]
        for number, action in enumerate(self.machine.actions):
            guard = [g for g in map(self.comparison, action.guard) if not _always(g)]
            body = f"add(({number}, ({', '.join(self._later(action))},)))"
            lines.append(f"    if {' and '.join(guard)}: {body}" if guard else f"    {body}")
        return "\n".join([*lines, "    return found", ""])

    def _later(self, action: Action) -> Iterable[str]:
        changes = {change.field.name: change.term for change in action.effects}
        moved = self.term(changes["now"]) if "now" in changes else "0"
        for field in self.fields:
            if field.name not in changes and moved == "0":
                yield field.name
                continue
            value = self.term(changes.get(field.name, field))
            if field.sort == "time":
                assert field.floor is not None
                floor = self.term(field.floor)
                if moved != "0":
                    value = f"{value} - {moved}"
                value = f"({value} if {value} > {floor} else {floor})" if not _number(value) else value
                if _number(value):
                    value = str(max(_value(value), _value(floor)))
            yield value


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
            return str(_value(a) + _value(b) if operator == "+" else _value(a) - _value(b))
        if b == "0":
            return a
        return b if (a == "0" and operator == "+") else f"({a} {operator} {b})"

    return apply


def _number(text: str) -> bool:
    return text.removeprefix("-").isdecimal()


def _value(text: str) -> int:
    return int(text)


def _always(guard: str) -> bool:
    left, relation, right = guard.rsplit(" ", 2) if guard.count(" ") == 2 else ("", "", "")
    if not (_number(left) and _number(right)):
        return False
    return {"<": _value(left) < _value(right), "<=": _value(left) <= _value(right)}.get(
        relation, (left == right) if relation == "==" else left != right
    )
