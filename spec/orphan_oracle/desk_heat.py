"""The sweep as a heat map with the proved threshold drawn in.

One rule. The line runs along the edges of the cells: below it every latency is proved safe, and colour there is an error.
"""

from collections.abc import Sequence
from typing import Final
from xml.etree.ElementTree import Element, SubElement

from orphan_oracle.desk_picture import root, text, written
from orphan_oracle.desk_sweep import SECOND, Cell, SweepDocument, grid_of

LEFT: Final = 120
TOP: Final = 56
BREADTH: Final = 64
HEIGHT: Final = 34


def heat_map(document: SweepDocument) -> str:
    """Latency upwards, grace to the right; the redder, the more violations."""
    latencies, graces, cells = grid_of(document.cells)
    bottom = TOP + HEIGHT * len(latencies)
    picture = root(bottom + 64, "Where a sync that sees OIDs only cancels orders in flight")
    desks = document.cells[0].desks
    text(
        picture,
        LEFT,
        24,
        f"{document.policy}: judged violations, {desks} desks a cell; the line is the proved threshold",
        "strong",
    )
    most = max([cell.violations for cell in document.cells] + [1])
    for row, latency in enumerate(latencies):
        y = TOP + HEIGHT * row
        text(picture, LEFT - 10, y + HEIGHT / 2 + 4, f"{latency / SECOND:g} s", "faint", "end")
        for column, grace in enumerate(graces):
            _cell(picture, cells[latency, grace], LEFT + BREADTH * column, y, most)
    for column, grace in enumerate(graces):
        text(picture, LEFT + BREADTH * (column + 0.5), bottom + 18, f"{grace / SECOND:g} s", "faint", "middle")
    text(picture, LEFT + BREADTH * len(graces) / 2, bottom + 44, "orphan_grace_period", "", "middle")
    text(picture, 8, TOP - 12, "response latency", "")
    SubElement(picture, "path", {"class": "threshold", "d": _threshold(latencies, graces, cells)})
    return written(picture)


def _cell(picture: Element, cell: Cell, x: float, y: float, most: int) -> None:
    place = {"x": f"{x:g}", "y": f"{y:g}", "width": f"{BREADTH}", "height": f"{HEIGHT}"}
    SubElement(picture, "rect", {**place, "class": "proved" if cell.proved else "refuted"})
    if cell.violations:
        heat = f"{0.25 + 0.75 * cell.violations / most:.2f}"
        SubElement(picture, "rect", {**place, "class": "broken", "opacity": heat})
        text(picture, x + BREADTH / 2, y + HEIGHT / 2 + 4, str(cell.violations), "", "middle")


def _threshold(latencies: Sequence[int], graces: Sequence[int], cells: dict[tuple[int, int], Cell]) -> str:
    """The steps between what is proved and what is not."""
    steps: list[str] = []
    for column, grace in enumerate(graces):
        proved = sum(cells[latency, grace].proved for latency in latencies)
        y = TOP + HEIGHT * (len(latencies) - proved)
        steps.append(f"{'L' if steps else 'M'}{LEFT + BREADTH * column} {y}H{LEFT + BREADTH * (column + 1)}")
    return "".join(steps)
