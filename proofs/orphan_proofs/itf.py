"""Runs as ITF traces: the informal trace format of Apalache and Quint, for whoever replays runs against a program.

Two rules. Each state says by `mbt::actionTaken` which action led to it and by `mbt::nondetPicks` what the world chose
for it. And every run was replayed by the executable machine before it is written.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from orphan_proofs.compiled import inputs_of
from orphan_proofs.explore import Run
from orphan_proofs.obligations import Theory
from orphan_proofs.runs import Moment, Replay, replay
from orphan_proofs.verification import REFUTING, SCALE, refuted, show
from orphan_spec.automaton import Machine
from orphan_spec.terms import Cube, Variable

ORDER = "o1"
"""The name of the one order."""


@dataclass(frozen=True, slots=True)
class ItfTrace:
    """A run with a name for its file."""

    name: str
    document: dict[str, Any]


def itf_traces(theory: Theory) -> Iterator[ItfTrace]:
    """The runs that break the refuted claims, then a shortest run to every witness."""
    broken = list(refuted(theory))
    assert len(broken) == sum(len(claim.nevers) for claim in theory.claims if claim.expected == "refuted")
    for claim, never, cube, run in broken:
        what = f"{claim.guarantee.id} is broken: {claim.guarantee.claim}"
        yield _trace(theory.machine, f"counterexample-{claim.guarantee.id}-{never}", what, run, REFUTING, cube)
    for witness in theory.witnesses:
        shown = show(theory, witness)
        assert shown is not None, f"no run leads to: {witness.sentence}"
        name = "-".join(f"witness {witness.guarantee.id} {witness.variant}".replace(",", "").split())
        yield _trace(theory.machine, name, witness.sentence, shown, {**SCALE, **shown.constants}, witness.cube)


def _trace(machine: Machine, name: str, what: str, run: Run, constants: Mapping[str, int], cube: Cube) -> ItfTrace:
    replayed = replay(machine, run.moves, constants, cube)
    variables = [*machine.shared, *machine.fields]
    known = {v.name: _value(v, constants[v.name]) for v in machine.parameters}
    states = enumerate(_states(machine, replayed, variables))
    about = {"format": "ITF", "description": what, "source": "orphan-tracker export itf"}
    document = {
        "#meta": {**about, "format-description": "https://apalache-mc.org/docs/adr/015adr-trace.html"},
        "params": list(known),
        "vars": [*(v.name for v in variables), "mbt::actionTaken", "mbt::nondetPicks"],
        "states": [{"#meta": {"index": place}, **known, **state} for place, state in states],
    }
    return ItfTrace(name, document)


def _states(machine: Machine, replayed: Replay, variables: Sequence[Variable]) -> Iterator[dict[str, Any]]:
    """The start, and the state after each action."""
    state = machine.start(replayed.constants)
    yield {**_named(variables, state), "mbt::actionTaken": "init", "mbt::nondetPicks": _picks(machine, None, None)}
    for moment in replayed.moments:
        state = machine.step(moment.action, state, moment.state)
        alone = moment.action.event.scope == "order"
        picks = _picks(machine, ORDER if alone else None, moment)
        yield {**_named(variables, state), "mbt::actionTaken": moment.action.name, "mbt::nondetPicks": picks}


def _named(variables: Sequence[Variable], state: Mapping[str, int]) -> dict[str, Any]:
    return {v.name: _value(v, state[v.name]) for v in variables}


def _value(variable: Variable, value: int) -> Any:
    return variable.values[value].name if variable.values else {"#bigint": str(value)}


def _picks(machine: Machine, order: str | None, moment: Moment | None) -> dict[str, Any]:
    """What the world chose: an order, and the inputs that the action's event reads."""
    read = set() if moment is None else {v.name for v in inputs_of(machine, moment.action.event)}
    picked = {v: moment.state[v.name] for v in machine.inputs if moment is not None and v.name in read}
    found = {v.name: _option(_value(v, picked[v]) if v in picked else None) for v in machine.inputs}
    return {"order": _option(order), **found}


def _option(value: object) -> dict[str, Any]:
    """An optional value as Quint writes it."""
    return {"tag": "None", "value": {"#tup": []}} if value is None else {"tag": "Some", "value": value}
