"""State diagrams, drawn from the machine: what one order is to the exchange and the book, and what it is to the tracker.

Two rules. A diagram is the whole state graph of one order at scaled constants, seen through a few phases, each of which
is a conjunction; so an arrow stands exactly where some step leads from one phase to another. And arrows bear the names of
events, in the order of the machine.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from orphan_proofs.explore import explore_order
from orphan_proofs.obligations import Theory
from orphan_spec.fields import (
    ENDED,
    NO,
    NOWHERE,
    RESTING,
    TRACKED,
    TRAVELLING,
    UNTRACKED,
    YES,
    aging,
    book,
    candidate,
    exchange,
    expected_until,
    now,
    protected_until,
)
from orphan_spec.terms import Cube

SCALE: Final = {"grace": 2, "ttl": 3, "protection": 2, "latency": 1, "age": 0}
"""The constants at which the diagrams are drawn: every window is seen open, ending and over."""

PHASES: Final[dict[str, dict[str, Cube]]] = {
    "order": {
        "NOWHERE": (exchange == NOWHERE, book == UNTRACKED),
        "NOWHERE_TRACKED": (exchange == NOWHERE, book == TRACKED),
        "TRAVELLING": (exchange == TRAVELLING,),
        "RESTING": (exchange == RESTING, book == UNTRACKED),
        "RESTING_TRACKED": (exchange == RESTING, book == TRACKED),
        "ENDED": (exchange == ENDED, book == UNTRACKED),
        "ENDED_TRACKED": (exchange == ENDED, book == TRACKED),
    },
    "tracker": {
        "UNKNOWN": (protected_until <= now, candidate == NO, expected_until <= now),
        "EXPECTED": (protected_until <= now, candidate == NO, now < expected_until),
        "PROTECTED": (now < protected_until,),
        "CANDIDATE": (protected_until <= now, candidate == YES, aging == NO),
        "AGING": (protected_until <= now, aging == YES),
    },
}
"""The phases of each diagram; they exclude each other."""


@dataclass(frozen=True, slots=True)
class Arrow:
    """Events that lead from one phase to another."""

    source: str
    target: str
    events: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Diagram:
    """The phases that are reached, and the arrows between them."""

    name: str
    phases: tuple[str, ...]
    arrows: tuple[Arrow, ...]


def draw(theory: Theory, name: str) -> Diagram:
    """The diagram of that name, for both ways to observe together."""
    phases, found = PHASES[name], set[tuple[str, str, str]]()
    reached: dict[str, None] = {}
    for mode in (0, 1):
        table = explore_order(theory.machine, {**SCALE, "observe": mode}, phases.values())
        asks = {phase: table.compiled.asks(cube) for phase, cube in phases.items()}
        of = [_only(phase for phase, holds in asks.items() if holds(state)) for state in table.states]
        reached |= dict.fromkeys(of)
        for code, steps in enumerate(table.steps):
            found |= {(of[code], table.actions[number].event.name, of[target]) for number, target in steps}
    order = [event.name for event in theory.machine.events]
    kept = tuple(phase for phase in phases if phase in reached)
    arrows = []
    for source in kept:
        for target in kept:
            events = tuple(name for name in order if (source, name, target) in found)
            if events and source != target:
                arrows.append(Arrow(source, target, events))
    return Diagram(name, kept, tuple(arrows))


def _only(phases: Iterable[str]) -> str:
    (phase,) = phases
    return phase


def mermaid(diagram: Diagram) -> Iterator[str]:
    """The diagram in Mermaid, line by line."""
    yield "stateDiagram-v2"
    yield f"    [*] --> {diagram.phases[0]}"
    for arrow in diagram.arrows:
        yield f"    {arrow.source} --> {arrow.target}: {', '.join(arrow.events)}"


def dot(diagram: Diagram) -> Iterator[str]:
    """The diagram for Graphviz, line by line."""
    yield f"digraph {diagram.name} {{"
    yield '    node [shape=box, style=rounded, fontname="sans-serif"]'
    yield '    edge [fontname="sans-serif", fontsize=10]'
    yield '    start [shape=point, label=""]'
    yield f"    start -> {diagram.phases[0]}"
    for arrow in diagram.arrows:
        label = "\\n".join(arrow.events)
        yield f'    {arrow.source} -> {arrow.target} [label="{label}"]'
    yield "}"
