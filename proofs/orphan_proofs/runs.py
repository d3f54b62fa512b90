"""Runs of one order at real constants: found by exploration or by a solver, replayed by the executable machine.

Two rules. Nothing that a solver says is shown before the machine has replayed it, step by step, on whole nanoseconds.
And a run is shown as what happened and what changed, never as a dump of states.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from orphan_proofs.explore import Run
from orphan_proofs.smtlib import print_cube
from orphan_proofs.solver import least
from orphan_spec.automaton import Action, Machine, State, explain
from orphan_spec.events import (
    NOT_STATED,
    Cleanup,
    Clear,
    Event,
    Fail,
    Finalize,
    OpenOrder,
    RecordOid,
    Register,
    Sync,
)
from orphan_spec.fields import CLOID, RESTING, TRACKED
from orphan_spec.terms import Cube, Sum, Term, Value, Variable, holds, substitute_cube

CLOID_NAME, OID_NAME = "c1", "77"
"""The names of the one order in a printed run."""


@dataclass(frozen=True, slots=True)
class Moment:
    """One action of a run."""

    t: int
    """In ns from the start of the run, after the action."""
    action: Action
    changes: dict[str, tuple[int, int]]
    """Every field that changed, with its value before and after."""
    state: State
    """The state before the action, with constants and inputs."""


@dataclass(frozen=True, slots=True)
class Replay:
    """A run that the executable machine has replayed."""

    constants: dict[str, int]
    moments: tuple[Moment, ...]
    arithmetic: tuple[str, ...]
    """The comparisons that the last action should never have met, with their numbers."""


class ReplayError(RuntimeError):
    """A run that was found elsewhere is no run of the executable machine."""


def merged(run: Run) -> list[Action]:
    """The run's actions with consecutive passings of time as one."""
    actions: list[Action] = []
    for action in run.actions:
        if not (actions and action.name == "PASS_TIME" == actions[-1].name):
            actions.append(action)
    return actions


def least_delays(machine: Machine, actions: Sequence[Action], constants: Mapping[str, int], cube: Cube) -> list[int]:
    """The least whole-nanosecond delays with which the actions can happen and the last one meets `cube`.

    Raises ReplayError where no delays do, UndecidedError where the solver cannot tell.
    """
    numbers: dict[str, Term] = {name: Value(str(value), value) for name, value in constants.items()}
    delays = [Variable(f"delay_{place}", "") for place, a in enumerate(actions) if a.name == "PASS_TIME"]
    waiting = iter(delays)
    state: dict[str, Term] = {**numbers, **{v.name: Value("0", 0) for v in machine.shared}}
    state |= {change.field.name: change_of(change.term, state) for change in machine.initial}
    conditions: list[str] = []
    for place, action in enumerate(actions):
        known = state | {"as_of": state["now"]}
        if action.name == "PASS_TIME":
            known["delay"] = next(waiting)
        conditions += [print_cube(substitute_cube((c,), known)) for c in action.guard]
        if place == len(actions) - 1:
            conditions += [print_cube(substitute_cube((c,), known)) for c in cube]
        state = state | {change.field.name: change_of(change.term, known) for change in action.effects}
    question = "".join(
        [f"(declare-const {delay.name} Int)\n" for delay in delays] + [f"(assert {c})\n" for c in conditions]
    )
    found = least(question, [delay.name for delay in delays])
    if found is None:
        raise ReplayError(f"no delays let {', '.join(action.name for action in actions)} happen")
    return found


def change_of(term: Term, known: Mapping[str, Term]) -> Term:
    """A term with everything known put in."""
    ((comparison,),) = (substitute_cube((term <= Sum(term, Value("0", 0)),), known),)
    return comparison.left


def replay(
    machine: Machine, actions: Iterable[Action], delays: Iterable[int], constants: Mapping[str, int], cube: Cube
) -> Replay:
    """Run the actions on the executable machine; ReplayError where it refuses one or the last does not meet `cube`."""
    state = machine.start(constants)
    waiting = iter(delays)
    moments: list[Moment] = []
    for action in actions:
        inputs = {"as_of": state["now"], "delay": next(waiting) if action.name == "PASS_TIME" else 0}
        before = {**constants, **inputs, **state}
        try:
            later = machine.step(action, state, {**constants, **inputs})
        except ValueError as refusal:
            raise ReplayError(str(refusal)) from refusal
        changes = {name: (state[name], later[name]) for name in state if name != "now" and state[name] != later[name]}
        moments.append(Moment(later["now"], action, changes, before))
        state = later
    last = moments[-1].state
    if not all(holds(comparison, last) for comparison in cube):
        raise ReplayError(f"the run ends, but not in {cube!r}")
    return Replay(dict(constants), tuple(moments), tuple(explain(comparison, last) for comparison in cube))


def trace(moments: Iterable[Moment]) -> list[Event]:
    """The run as a trace: what a log of it would contain. Actions that no log shows are left out."""
    events: list[Event] = []
    for moment in moments:
        event = _event(moment)
        if event is not None:
            events.append(event)
    return events


def _event(moment: Moment) -> Event | None:
    t, state = moment.t, moment.state
    match moment.action.event.name:
        case "REGISTER":
            return Register(t, (CLOID_NAME,))
        case "RECORD_OID":
            return RecordOid(t, CLOID_NAME, OID_NAME)
        case "FINALIZE":
            return Finalize(t, CLOID_NAME, OID_NAME)
        case "FAIL":
            return Fail(t, CLOID_NAME)
        case "CLEAR":
            return Clear(t, OID_NAME)
        case "CLEANUP":
            return Cleanup(t)
        case "SYNC":
            shown = OpenOrder(OID_NAME, CLOID_NAME if state["observe"] == CLOID.code else NOT_STATED)
            return Sync(
                t,
                state["as_of"],
                (shown,) if state["exchange"] == RESTING.code else (),
                (OID_NAME,) if state["book"] == TRACKED.code else (),
                (OID_NAME,) if moment.action.decision == "cancel" else (),
            )
        case _:
            return None
