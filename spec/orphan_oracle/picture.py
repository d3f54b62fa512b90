"""A witness trace as a picture: a lane for each actor, protection as bars, the deciding instants labelled.

Two rules. What is drawn is read off the trace and the constants, and nothing is drawn by hand. And a picture is one SVG
element with classes and no colours: `STYLE` gives them, light and dark.
"""

from collections.abc import Iterator, Sequence
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from orphan_oracle.timing_words import Figure, span
from orphan_spec.constants import Constants
from orphan_spec.events import Event, Finalize, RecordOid, Register, Sync

WIDTH: Final = 920
GUTTER: Final = 92
"""Room for the names of the lanes."""

MARGIN: Final = 34
LANES: Final = {"client": 74, "tracker": 116, "age": 150, "exchange": 192, "sync": 240}
"""The height at which each lane lies."""

AXIS: Final = 270
HEIGHT: Final = 298
SYNCS_DRAWN: Final = 60
"""With more syncs than this, only the deciding ones are drawn with their snapshots, and the rest as dots."""

DOTS: Final = 400

STYLE: Final = """
.picture text { font: 12px system-ui, sans-serif; fill: var(--ink, #1c2733); }
.picture .faint { fill: var(--faint, #66727f); }
.picture .strong { font-weight: 600; }
.picture .lane { stroke: var(--line, #d5dbe1); }
.picture .tick { stroke: var(--line, #d5dbe1); }
.picture .expected { fill: var(--expected, #cfe3fb); stroke: var(--expected-edge, #5b93d6); }
.picture .heard { fill: var(--heard, #d3efd9); stroke: var(--heard-edge, #4da565); }
.picture .age { fill: var(--age, #fbe6c4); stroke: var(--age-edge, #d39a2f); }
.picture .open { fill: var(--open, #e3e0f6); stroke: var(--open-edge, #8577cc); }
.picture .look { stroke: var(--faint, #66727f); stroke-dasharray: 2 3; fill: none; }
.picture .blind { fill: var(--paper, #ffffff); stroke: var(--faint, #66727f); stroke-width: 1.5; }
.picture .sees { fill: var(--faint, #66727f); stroke: var(--faint, #66727f); }
.picture .cancels { fill: var(--bad, #c8372d); stroke: var(--bad, #c8372d); }
.picture .says { fill: var(--ink, #1c2733); }
.picture .measure { stroke: var(--bad, #c8372d); stroke-width: 1.5; fill: none; }
.picture .deciding { stroke: var(--bad, #c8372d); stroke-dasharray: 5 4; }
"""


def draw(figure: Figure, constants: Constants) -> Element:
    """The picture of a witness."""
    root = Element("svg", {"viewBox": f"0 0 {WIDTH} {HEIGHT}", "class": "picture", "role": "img"})
    SubElement(root, "title").text = f"{figure.guarantee}: {figure.title}"
    SubElement(root, "desc").text = figure.caption
    canvas = _Canvas(root, max(figure.end, *(event.t for event in figure.events), 1))
    canvas.axis()
    canvas.lanes()
    for class_, lane, start, end, label in _windows(figure, constants):
        canvas.bar(class_, lane, start, end, label)
    syncs = [event for event in figure.events if isinstance(event, Sync)]
    canvas.syncs(syncs, figure.start)
    canvas.said([event for event in figure.events if not isinstance(event, Sync)])
    canvas.measure(figure.start, figure.end, figure.measured)
    return root


def written(element: Element) -> str:
    """An element as text."""
    return ElementTree.tostring(element, encoding="unicode")


def _windows(figure: Figure, constants: Constants) -> Iterator[tuple[str, str, int, int, str]]:
    """Everything that lasts: class, lane, start, end, label."""
    finalized = next((event.t for event in figure.events if isinstance(event, Finalize)), None)
    for event in figure.events:
        if isinstance(event, Register) and finalized != event.t:
            yield "expected", "tracker", event.t, event.t + constants.expected_cloid_ttl, "expected"
        elif isinstance(event, Finalize):
            yield "heard", "tracker", event.t, event.t + constants.finalized_protection_period, "finalized: protected"
    syncs = [event for event in figure.events if isinstance(event, Sync)]
    seen = next((sync for sync in syncs if sync.open and sync.t >= figure.start), None)
    cancel = next((sync for sync in syncs if sync.cancelled), None)
    if seen is not None and cancel is not None:
        grace = seen.as_of + constants.orphan_grace_period
        yield "age", "age", seen.as_of, grace, f"grace {span(constants.orphan_grace_period)}"
    if figure.rests_at is not None:
        yield "open", "exchange", figure.rests_at, figure.end, "the order is open"


class _Canvas:
    """The drawing surface: instants to places."""

    def __init__(self, root: Element, last: int) -> None:
        self.root = root
        self.last = last

    def x(self, instant: int) -> float:
        return round(GUTTER + (WIDTH - GUTTER - MARGIN) * min(instant, self.last) / self.last, 1)

    def line(self, class_: str, x1: float, y1: float, x2: float, y2: float) -> None:
        numbers = zip(("x1", "y1", "x2", "y2"), (x1, y1, x2, y2), strict=True)
        SubElement(self.root, "line", {"class": class_, **{name: f"{value:g}" for name, value in numbers}})

    def text(self, x: float, y: float, words: str, class_: str = "", anchor: str = "middle") -> None:
        """A text, kept within the picture."""
        half = 3.4 * len(words)
        if anchor == "middle":
            x = min(max(x, half + 4), WIDTH - half - 4)
        place = {"x": f"{x:g}", "y": f"{y:g}", "text-anchor": anchor}
        SubElement(self.root, "text", place | ({"class": class_} if class_ else {})).text = words

    def axis(self) -> None:
        step = _step(self.last)
        for instant in range(0, self.last + 1, step):
            self.line("tick", self.x(instant), 52, self.x(instant), AXIS)
            self.text(self.x(instant), AXIS + 16, span(instant), "faint")

    def lanes(self) -> None:
        for name, y in LANES.items():
            self.line("lane", GUTTER, y, WIDTH - MARGIN, y)
            self.text(GUTTER - 14, y + 4, name, "faint", "end")

    def bar(self, class_: str, lane: str, start: int, end: int, label: str) -> None:
        x, y = self.x(start), LANES[lane] - 10
        width = max(self.x(end) - x, 2)
        place = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{width:g}", "height": "20", "rx": "4", "class": class_}
        SubElement(self.root, "rect", place)
        if width > 7 * len(label) + 8:
            self.text(x + 8, y + 14, label, "", "start")
        elif x + width + 7 * len(label) < WIDTH - MARGIN:
            self.text(x + width + 6, y + 14, label, "", "start")
        else:
            self.text(x - 6, y + 14, label, "", "end")

    def syncs(self, syncs: Sequence[Sync], start: int) -> None:
        few = len(syncs) <= SYNCS_DRAWN
        self.decisions(syncs, start)
        stride = 1 + len(syncs) // DOTS
        for place, sync in enumerate(syncs):
            decides = place in (0, len(syncs) - 1) or bool(sync.open) != bool(syncs[place - 1].open)
            if not decides and place % stride:
                continue
            if few or decides:
                self.line("look", self.x(sync.t), LANES["sync"], self.x(sync.as_of), LANES["exchange"])
            class_ = "cancels" if sync.cancelled else "sees" if sync.open else "blind"
            at = {"cx": f"{self.x(sync.t):g}", "cy": f"{LANES['sync']:g}", "r": "5" if few or decides else "1.5"}
            SubElement(self.root, "circle", {**at, "class": class_})

    def decisions(self, syncs: Sequence[Sync], start: int) -> None:
        """Labels below the syncs that decide, as far as there is room, the cancel first."""
        taken: list[tuple[float, float]] = []
        for sync, word in sorted(_decisions(syncs, start), key=lambda one: -one[0].t):
            half = 3.4 * len(word) + 3
            x = min(max(self.x(sync.t), half + 4), WIDTH - half - 4)
            if all(x + half <= low or high <= x - half for low, high in taken):
                taken.append((x - half, x + half))
                self.text(x, LANES["sync"] + 20, word, "strong" if sync.cancelled else "faint")

    def said(self, events: Sequence[Event]) -> None:
        words: dict[int, list[str]] = {}
        for event in events:
            words.setdefault(event.t, []).append(_word(event))
        for t, said in words.items():
            x, y = self.x(t), LANES["client"]
            SubElement(self.root, "path", {"class": "says", "d": f"M{x:g} {y - 6} l6 6 l-6 6 l-6 -6 z"})
            late = t > self.last // 2
            self.text(x + (-10 if late else 10), y - 6, ", ".join(said), "", "end" if late else "start")

    def measure(self, start: int, end: int, label: str) -> None:
        x1, x2, y = self.x(start), self.x(end), 34
        for x in (x1, x2):
            self.line("deciding", x, y, x, AXIS)
            self.line("measure", x, y - 6, x, y + 6)
        self.line("measure", x1, y, x2, y)
        self.text((x1 + x2) / 2, y - 10, label, "strong")


def _decisions(syncs: Sequence[Sync], start: int) -> Iterator[tuple[Sync, str]]:
    """The syncs that decide, each with a word."""
    seen = [sync for sync in syncs if sync.open and not sync.cancelled and sync.t >= start]
    for sync in syncs:
        if sync.cancelled:
            yield sync, "cancelled"
        elif not sync.open:
            yield sync, "not shown"
        elif sync.t < start:
            yield sync, "protected"
        elif sync is seen[0]:
            yield sync, "seen"
        elif sync is seen[-1]:
            yield sync, "spared"


def _word(event: Event) -> str:
    match event:
        case Register():
            return "register"
        case RecordOid():
            return "answer"
        case Finalize():
            return "finalize"
        case _:
            return "window over"


def _step(last: int) -> int:
    """A round distance of marks, such that there are five to ten."""
    step = 1
    while last // step > 10:
        step *= 5 if str(step)[0] == "2" and last // (step * 5) >= 4 else 2
        digits = len(str(step)) - 1
        step = next(n * 10**digits for n in (1, 2, 5, 10) if n * 10**digits >= step)
    return step
