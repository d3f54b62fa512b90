"""Runs of one order at real constants: found by exploration or by a solver, replayed by the executable machine.

Two rules. Nothing that a solver says is shown before the machine has replayed it, step by step, on whole nanoseconds.
And a run is shown as what happened and what changed, never as a dump of states.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from orphan_proofs.compiled import Move
from orphan_proofs.explore import Run
from orphan_proofs.smtlib import print_cube
from orphan_proofs.solver import least
from orphan_spec.automaton import Action, Machine, State, explain
from orphan_spec.events import (
    NOT_STATED,
    Accept,
    Act,
    Cleanup,
    Clear,
    End,
    Event,
    Fail,
    Fill,
    Finalize,
    LearnEnd,
    OpenOrder,
    RecordOid,
    Register,
    Restart,
    Sync,
    Timeout,
)
from orphan_spec.fields import CLOID, FOREIGN, LISTED, TRACKED
from orphan_spec.terms import Cube, Difference, Sum, Term, Value, Variable, holds, substitute_cube

CLOID_NAME, OID_NAME, SIBLING_NAME = "c1", "77", "78"
"""The names of the one order in a printed run, and of another OID of its CLOID."""


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


def merged(run: Run) -> list[Move]:
    """The run's moves with consecutive passings of time as one."""
    moves: list[Move] = []
    for move in run.moves:
        if not (moves and move.action.name == "PASS_TIME" == moves[-1].action.name):
            moves.append(move)
    return moves


def at_least(machine: Machine, moves: Sequence[Move], constants: Mapping[str, int], cube: Cube) -> list[Move]:
    """The moves with the least whole nanoseconds between them, and with snapshots as young as can be, such that all can
    happen and the last one meets `cube`.

    Raises ReplayError where they cannot, UndecidedError where the solver cannot tell.
    """
    state: dict[str, Term] = {name: _number(value) for name, value in constants.items()}
    state |= {v.name: _number(0) for v in machine.shared}
    state |= {change.field.name: change_of(change.term, state) for change in machine.initial}
    waits: dict[int, Variable] = {}
    conditions: list[str] = []
    for place, move in enumerate(moves):
        known = state | {name: _number(value) for name, value in move.inputs.items()}
        if "delay" in move.inputs:
            known["delay"] = waits[place] = Variable(f"delay_{place}", "")
        if "as_of" in move.inputs:
            waits[place] = Variable(f"lag_{place}", "")
            conditions.append(f"(<= 0 lag_{place})")
            known["as_of"] = Difference(state["now"], waits[place])
        conditions += [print_cube(substitute_cube((c,), known)) for c in move.action.guard]
        if place == len(moves) - 1:
            conditions += [print_cube(substitute_cube((c,), known)) for c in cube]
        state = state | {change.field.name: change_of(change.term, known) for change in move.action.effects}
    question = "".join(
        [f"(declare-const {wait.name} Int)\n" for wait in waits.values()] + [f"(assert {c})\n" for c in conditions]
    )
    found = least(question, [wait.name for wait in waits.values()])
    if found is None:
        raise ReplayError(f"no delays let {', '.join(move.action.name for move in moves)} happen")
    chosen = dict(zip(waits, found, strict=True))
    return [_with(move, chosen[place]) if place in chosen else move for place, move in enumerate(moves)]


def _number(value: int) -> Value:
    return Value(str(value), value)


def _with(move: Move, wait: int) -> Move:
    name, value = ("delay", wait) if "delay" in move.inputs else ("as_of", -wait)
    return Move(move.action, {**move.inputs, name: value})


def change_of(term: Term, known: Mapping[str, Term]) -> Term:
    """A term with everything known put in."""
    ((comparison,),) = (substitute_cube((term <= Sum(term, Value("0", 0)),), known),)
    return comparison.left


def replay(machine: Machine, moves: Iterable[Move], constants: Mapping[str, int], cube: Cube) -> Replay:
    """Run the moves on the executable machine; ReplayError where it refuses one or the last does not meet `cube`."""
    state = machine.start(constants)
    moments: list[Moment] = []
    for move in moves:
        inputs = {"as_of": 0, "delay": 0, "shown": 0, **move.inputs}
        inputs["as_of"] += state["now"]
        before = {**constants, **inputs, **state}
        try:
            later = machine.step(move.action, state, {**constants, **inputs})
        except ValueError as refusal:
            raise ReplayError(str(refusal)) from refusal
        changes = {name: (state[name], later[name]) for name in state if name != "now" and state[name] != later[name]}
        moments.append(Moment(later["now"], move.action, changes, before))
        state = later
    last = moments[-1].state
    if not all(holds(comparison, last) for comparison in cube):
        raise ReplayError(f"the run ends, but not in {cube!r}")
    return Replay(dict(constants), tuple(moments), tuple(explain(comparison, last) for comparison in cube))


def trace(moments: Sequence[Moment]) -> list[Event]:
    """The run as a trace: what a log of it would contain. Actions that no log shows are left out.

    A cancel that is sent in the step after its sync stands in the sync's line, a later one in a line of its own."""
    events: list[Event] = []
    for place, moment in enumerate(moments):
        event = _event(moment)
        if isinstance(event, Act) and moments[place - 1].action.event.name == "SYNC":
            (sync, event) = (events.pop(), None)
            assert isinstance(sync, Sync)
            events.append(replace(sync, cancelled=(OID_NAME,), pending=()))
        if event is not None:
            events.append(event)
    return events


def _event(moment: Moment) -> Event | None:
    t, state = moment.t, moment.state
    local = (OID_NAME,) if state["book"] == TRACKED.code else ()
    sent = (OID_NAME,) if moment.action.decision == "cancel" else ()
    match moment.action.event.name:
        case "REGISTER":
            return Register(t, (CLOID_NAME,))
        case "RECORD_OID":
            return RecordOid(t, CLOID_NAME, OID_NAME)
        case "FINALIZE":
            return Finalize(t, CLOID_NAME, OID_NAME)
        case "FAIL":
            return Fail(t, CLOID_NAME)
        case "TIMEOUT":
            return Timeout(t, CLOID_NAME)
        case "LINK_SIBLING":
            return RecordOid(t, CLOID_NAME, SIBLING_NAME)
        case "FINALIZE_SIBLING":
            return Finalize(t, CLOID_NAME, SIBLING_NAME)
        case "FILL":
            return Fill(t, OID_NAME)
        case "END" | "FILL_AT_ONCE":
            return End(t, OID_NAME, "filled")
        case "ACCEPT" | "APPEAR" | "APPEAR_FOREIGN":
            return Accept(t, OID_NAME)
        case "LEARN_END":
            return LearnEnd(t, OID_NAME)
        case "CLEAR":
            return Clear(t, OID_NAME)
        case "CLEANUP":
            return Cleanup(t)
        case "RESTART":
            return Restart(t)
        case "FETCH_FAILS":
            return Sync(t, t, None, local)
        case "SYNC":
            foreign = state["owner"] == FOREIGN.code
            cloid = (None if foreign else CLOID_NAME) if state["observe"] == CLOID.code else NOT_STATED
            shown = (OpenOrder(OID_NAME, cloid),) if state["shown"] == LISTED.code else ()
            return Sync(t, state["as_of"], shown, local, pending=sent)
        case "ACT":
            return Act(t, local, sent)
        case _:
            return None
