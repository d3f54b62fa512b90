"""The whole world of one order: the tracker's automaton and the local book's, synchronised on the events of the world.

Two rules. A step of the whole is a step of every part that knows the event, and a part that does not know it stands still;
what a part forbids does not happen. So every run of the whole, seen from one part, is a run of that part, and what is
proved of a part holds in the whole. And parts agree on the fields that they share: the world's, and which snapshot was
the latest.
"""

from collections.abc import Iterator
from itertools import product
from typing import Final

from orphan_spec.automaton import Action, Event, Machine
from orphan_spec.local_book import LOCAL_BOOK
from orphan_spec.machine import MACHINE
from orphan_spec.terms import Assignment, Variable


def compose(name: str, *parts: Machine) -> Machine:
    """The synchronous product of automata; ValueError where they disagree about what they share."""
    events = tuple(dict.fromkeys(event for part in parts for event in part.events))
    return Machine(
        name=name,
        parameters=_union(*(part.parameters for part in parts)),
        inputs=_union(*(part.inputs for part in parts)),
        own=_union(*(part.own for part in parts)),
        shared=_union(*(part.shared for part in parts)),
        fields=_union(*(part.fields for part in parts)),
        initial=_joined(f"{name} starts", [change for part in parts for change in part.initial]),
        constraints=tuple({repr(c): c for part in parts for c in part.constraints}.values()),
        actions=tuple(action for event in events for action in _together(event, parts)),
    )


def _union(*lists: tuple[Variable, ...]) -> tuple[Variable, ...]:
    return tuple({variable.name: variable for listed in lists for variable in listed}.values())


def _joined(where: str, changes: list[Assignment]) -> tuple[Assignment, ...]:
    """The changes, each field once."""
    found: dict[str, Assignment] = {}
    for change in changes:
        known = found.setdefault(change.field.name, change)
        if repr(known) != repr(change):
            raise ValueError(f"{where}: {known!r} and {change!r}")
    return tuple(found.values())


def _together(event: Event, parts: tuple[Machine, ...]) -> Iterator[Action]:
    """The cases of an event in the whole: one case of each part that knows it."""
    listed = [cases for part in parts if (cases := part.cases(event))]
    for cases in product(*listed):
        name = ", ".join(dict.fromkeys(case.name for case in cases))
        sentence = " ".join(dict.fromkeys(case.sentence for case in cases))
        when = tuple({repr(c): c for case in cases for c in case.when}.values())
        then = _joined(name, [change for case in cases for change in (*case.common, *case.then)])
        decides = next((case for case in cases if case.decision), cases[0])
        yield Action(name, event, sentence, when, then, decides.decision)


WHOLE: Final = compose("World", MACHINE, LOCAL_BOOK)
"""Everything that can happen to one order."""
