"""The two minutes as a picture, one policy beside the other.

Two rules. What is drawn is read off the traces and what the judge says of them; nothing is drawn by hand. And a picture is
one SVG element with classes; `STYLE` gives the colours, light and dark.
"""

from collections.abc import Iterable, Sequence
from typing import Final
from xml.etree import ElementTree
from xml.etree.ElementTree import Element, SubElement

from orphan_desk.simulator import Setting
from orphan_oracle.codec import decode
from orphan_oracle.desk_runs import seeded, traced, violations_of
from orphan_spec.events import Accept, End, Event, Sync
from orphan_spec.findings import Violation

WIDTH: Final = 920
GUTTER: Final = 16
TOP: Final = 40
PANEL: Final = 260
"""The height of one panel, in which every order has a line."""

GAP: Final = 62
SECOND: Final = 1_000_000_000
CANCELS: Final = frozenset({"S1", "S2", "S3", "S4", "S5", "S7", "S8"})
"""The guarantees that a wrong cancel breaks."""

STYLE: Final = """
svg.desk { background: #ffffff; }
.desk text { font: 12px system-ui, sans-serif; fill: #1c2733; }
.desk .faint { fill: #66727f; }
.desk .strong { font-weight: 600; }
.desk path { fill: none; stroke-width: 1.4; }
.desk .rests { stroke: #9fb8d8; }
.desk .wronged { stroke: #c8372d; stroke-width: 1.8; }
.desk .forgotten { stroke: #d39a2f; stroke-width: 1.8; }
.desk .look { stroke: #66727f; stroke-width: 0.6; stroke-dasharray: 2 3; }
.desk .lane { stroke: #d5dbe1; stroke-width: 1; }
.desk .threshold { stroke: #1c2733; stroke-width: 2.5; }
.desk .proved { fill: #eef5ee; }
.desk .refuted { fill: #f6f1e7; }
.desk .broken { fill: #c8372d; }
@media (prefers-color-scheme: dark) {
svg.desk { background: #14191f; }
.desk text { fill: #dfe6ee; }
.desk .faint { fill: #93a0ad; }
.desk .rests { stroke: #4d6a92; }
.desk .wronged { stroke: #f0685c; }
.desk .look { stroke: #93a0ad; }
.desk .lane { stroke: #3a444f; }
.desk .threshold { stroke: #dfe6ee; }
.desk .proved { fill: #1d2a20; }
.desk .refuted { fill: #2d271b; }
}
"""


def two_minutes(settings: Sequence[Setting], seed: int) -> str:
    """One seed under every policy: the life of each order as a line, and what became of it."""
    height = TOP + len(settings) * (PANEL + GAP)
    picture = root(height, "What the safety sync does to good orders")
    for place, setting in enumerate(settings):
        (one,) = seeded(setting, [seed])
        _, lines = traced(one)
        trace = [decode(line.encode()) for line in lines]
        _panel(picture, TOP + place * (PANEL + GAP), setting, trace, violations_of(one, lines))
    return written(picture)


def root(height: int, title: str) -> Element:
    """The element that a picture is drawn into."""
    picture = Element(
        "svg", {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {WIDTH} {height}", "class": "desk"}
    )
    SubElement(picture, "title").text = title
    SubElement(picture, "style").text = STYLE
    return picture


def written(picture: Element) -> str:
    """A picture as text, an element a line."""
    ElementTree.indent(picture, space="")
    return ElementTree.tostring(picture, encoding="unicode")


def text(picture: Element, x: float, y: float, words: str, class_: str = "", anchor: str = "start") -> None:
    """A line of text."""
    place = {"x": f"{x:g}", "y": f"{y:g}", "text-anchor": anchor}
    SubElement(picture, "text", place | ({"class": class_} if class_ else {})).text = words


def _panel(picture: Element, top: int, setting: Setting, trace: Sequence[Event], found: Sequence[Violation]) -> None:
    """One policy: a line for each order from its rest to its end, red where it was wronged, and the syncs."""
    length = setting.length
    dropped = {one.oid for one in found if one.guarantee == "S6"}
    wronged = {one.oid for one in found if one.guarantee in CANCELS}
    forgotten = dropped - wronged
    lives = lives_of(trace, length)
    words = f"{len(wronged)} orders wrongly cancelled (red), {len(dropped)} wrongly forgotten (amber, unless cancelled)"
    text(picture, GUTTER, top - 8, f"{setting.policy}: {words}", "strong")
    paths: dict[str, list[str]] = {"rests": [], "forgotten": [], "wronged": []}
    step = PANEL / max(1, len(lives))
    for place, (oid, (start, end)) in enumerate(lives.items()):
        class_ = "wronged" if oid in wronged else "forgotten" if oid in forgotten else "rests"
        left, right = _x(start, length), _x(end, length)
        paths[class_].append(f"M{left:g} {top + (place + 0.5) * step:.1f}H{max(right, left + 1):g}")
    looks = [f"M{_x(event.t, length):g} {top}v{PANEL}" for event in trace if isinstance(event, Sync)]
    for class_, parts in (("look", looks), *paths.items()):
        if parts:
            SubElement(picture, "path", {"class": class_, "d": "".join(parts)})
    _axis(picture, top + PANEL, length)


def lives_of(trace: Iterable[Event], length: int) -> dict[str, tuple[int, int]]:
    """When each order began and ceased to rest, by its OID, in the order of acceptance."""
    lives: dict[str, tuple[int, int]] = {}
    for event in trace:
        if isinstance(event, Accept):
            lives[event.oid] = (event.t, length)
        elif isinstance(event, End):
            lives[event.oid] = (lives[event.oid][0], event.t)
    return lives


def _x(instant: int, length: int) -> float:
    return round(GUTTER + (WIDTH - 2 * GUTTER) * instant / length, 1)


def _axis(picture: Element, y: int, length: int) -> None:
    SubElement(picture, "path", {"class": "lane", "d": f"M{GUTTER} {y}H{WIDTH - GUTTER}"})
    for tick in range(7):
        instant = length * tick // 6
        anchor = "start" if tick == 0 else "end" if tick == 6 else "middle"
        text(picture, _x(instant, length), y + 16, f"{instant / SECOND:g} s", "faint", anchor)
