"""What a machine is made of, and how it runs on whole numbers.

Two rules. The world chooses an *event*; exactly one of the event's *cases* answers it, and the proofs check that this is
so. What neither the event nor the case names stays as it is. Running costs nothing but evaluation: no clock, no
randomness, no hidden state; a refused event raises and nothing has happened.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from orphan_spec.terms import Assignment, Comparison, Cube, Term, Variable, evaluate, holds, variables

State = dict[str, int]
"""A value for every field of one order and for shared time, by name."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that the world may do to one order, or (time, sync, cleanup) to all orders at once."""

    name: str
    sentence: str
    when: Cube = ()
    then: tuple[Assignment, ...] = ()
    """What changes in every case."""
    scope: Literal["order", "all"] = "order"
    answered: bool = True
    """Whether a machine must have a case for it whenever it can happen; False: the machine may forbid it."""


@dataclass(frozen=True)
class Action:
    """One case of an event: a guard, and what changes."""

    name: str
    event: Event
    sentence: str
    when: Cube = ()
    then: tuple[Assignment, ...] = ()
    decision: Literal["keep", "cancel"] | None = None
    """What the sync decides about an order that it lists outside the local book."""
    common: tuple[Assignment, ...] = ()
    """What changes in every one of the cases that stand together."""

    @cached_property
    def guard(self) -> Cube:
        """All comparisons that must hold: the event's, then the case's."""
        return (*self.event.when, *self.when)

    @cached_property
    def effects(self) -> tuple[Assignment, ...]:
        """All changes: the event's, those of the cases that stand together, then the case's."""
        return (*self.event.then, *self.common, *self.then)


@dataclass(frozen=True)
class Machine:
    """A network of equal automata, one per order, that share time and synchronise on the events of scope `all`."""

    name: str
    parameters: tuple[Variable, ...]
    inputs: tuple[Variable, ...]
    shared: tuple[Variable, ...]
    fields: tuple[Variable, ...]
    initial: tuple[Assignment, ...]
    """What holds at the start, field by field (`shared` starts at 0)."""
    actions: tuple[Action, ...]
    constraints: Cube
    """What every admissible choice of the parameters satisfies."""
    own: tuple[Variable, ...] = ()
    """The inputs that are chosen for each order apart, also of an event in which all take part."""

    @cached_property
    def events(self) -> tuple[Event, ...]:
        """The events, in the order in which their first cases stand."""
        return tuple(dict.fromkeys(action.event for action in self.actions))

    def cases(self, event: Event) -> tuple[Action, ...]:
        """The cases of an event."""
        return tuple(action for action in self.actions if action.event is event)

    def action(self, name: str) -> Action:
        """The action of that name; KeyError where there is none."""
        for action in self.actions:
            if action.name == name:
                return action
        raise KeyError(name)

    def start(self, parameters: Mapping[str, int]) -> State:
        """The state in which one order starts."""
        state: State = {variable.name: 0 for variable in self.shared}
        known = {**parameters, **state}
        return state | {change.field.name: evaluate(change.term, known) for change in self.initial}

    def enabled(self, action: Action, state: Mapping[str, int]) -> bool:
        """Whether the guard holds; `state` holds parameters and inputs too."""
        return all(holds(comparison, state) for comparison in action.guard)

    def step(self, action: Action, state: State, environment: Mapping[str, int]) -> State:
        """The state after the action; ValueError, with the comparison that fails, where it is not enabled.

        `environment` gives the parameters and the inputs of the event.
        """
        known = {**environment, **state}
        for comparison in action.guard:
            if not holds(comparison, known):
                raise ValueError(f"{action.name} is not enabled: {explain(comparison, known)}")
        return state | {change.field.name: evaluate(change.term, known) for change in action.effects}

    def normal_form(self, state: State, parameters: Mapping[str, int]) -> State:
        """The state with every instant raised to its floor and measured from now."""
        known = {**parameters, **state}
        now = state["now"]
        result: State = {"now": 0}
        for variable in self.fields:
            value = state[variable.name]
            if variable.sort == "time":
                assert variable.floor is not None
                value = max(value, evaluate(variable.floor, known)) - now
            result[variable.name] = value
        return result


def explain(comparison: Comparison, state: Mapping[str, int]) -> str:
    """A comparison with its numbers, as `now < finalized_until [12 < 10]`."""
    left, right = evaluate(comparison.left, state), evaluate(comparison.right, state)
    return f"{comparison!r} [{left} {comparison.relation} {right}]"


def reads(terms: Iterable[Term]) -> frozenset[str]:
    """The names of all variables that the terms read."""
    return frozenset(variable.name for term in terms for variable in variables(term))


def read_by(cube: Cube) -> frozenset[str]:
    """The names of all variables that the comparisons read."""
    return reads(side for comparison in cube for side in (comparison.left, comparison.right))
