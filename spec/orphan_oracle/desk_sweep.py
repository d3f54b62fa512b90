"""Latency against grace: where simulated desks break a guarantee, and where the proof says that they cannot.

Two rules. The threshold is the exact one of `orphan_proofs.timing`, never one that was read off the desks. And a cell is on
the proved side where its latency is below it, else on the refuted side; a violation on the proved side is an error.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Final

from orphan_desk.simulator import Setting, Spread
from orphan_oracle.codec import Version
from orphan_oracle.desk_runs import in_flight_limit, many, seeded

SECOND: Final = 1_000_000_000
GRACES: Final = tuple(n * SECOND for n in range(1, 11))
LATENCIES: Final = tuple(n * SECOND for n in range(1, 13))


@dataclass(frozen=True, slots=True)
class Cell:
    """The desks of one latency and one grace period."""

    latency_ns: int
    grace_ns: int
    desks: int
    violations: int
    """Judged violations over all desks."""

    desks_with_violations: int
    threshold_ns: int | None
    """The earliest instant after its registration at which an in-flight order can be cancelled; null: none."""

    proved: bool
    """Whether the latency is below the threshold."""


@dataclass(frozen=True, slots=True)
class SweepDocument:
    """The report of `simulate --sweep`."""

    version: Version
    policy: str
    length_ns: int
    first_seed: int
    inputs: dict[str, str]
    holds: bool
    """Whether every violation lies on the refuted side."""

    cells: tuple[Cell, ...]


def sweep(
    setting: Setting, seeds: range, graces: Sequence[int] = GRACES, latencies: Sequence[int] = LATENCIES, jobs: int = 1
) -> list[Cell]:
    """Every combination of a latency and a grace period, latency by latency."""
    grid = [_at(setting, latency, grace) for latency in latencies for grace in graces]
    settings = [desk for one in grid for desk in seeded(one, seeds)]
    results = list(many(settings, jobs))
    cells = []
    for place, one in enumerate(grid):
        here = results[place * len(seeds) : (place + 1) * len(seeds)]
        latency, limit = one.inputs.latency.longest, in_flight_limit(one)
        violations = [sum(result.violations.values()) for result in here]
        cells.append(
            Cell(
                latency,
                one.constants.orphan_grace_period,
                len(here),
                sum(violations),
                sum(map(bool, violations)),
                limit,
                limit is None or latency < limit,
            )
        )
    return cells


def _at(setting: Setting, latency: int, grace: int) -> Setting:
    inputs = replace(setting.inputs, latency=Spread((latency,)))
    return replace(setting, inputs=inputs, constants=replace(setting.constants, orphan_grace_period=grace))


def as_proved(cells: Sequence[Cell]) -> bool:
    """Whether every violation lies on the refuted side of the threshold."""
    return not any(cell.violations and cell.proved for cell in cells)


def grid_of(cells: Sequence[Cell]) -> tuple[list[int], list[int], dict[tuple[int, int], Cell]]:
    """Latencies from the longest, graces from the shortest, and the cell of each pair."""
    latencies = sorted({cell.latency_ns for cell in cells}, reverse=True)
    graces = sorted({cell.grace_ns for cell in cells})
    return latencies, graces, {(cell.latency_ns, cell.grace_ns): cell for cell in cells}


def sweep_text(document: SweepDocument) -> Iterator[str]:
    """The heat map in letters: `.` on the proved side, a count on the refuted side."""
    latencies, graces, cells = grid_of(document.cells)
    desks = document.cells[0].desks
    yield f"{document.policy}: violations over {desks} desk{'s' if desks > 1 else ''}, latency upwards, grace to the right"
    for latency in latencies:
        row = [cells[latency, grace] for grace in graces]
        yield f"{_short(latency):>7} " + "".join(f"{_mark(cell):>7}" for cell in row)
    yield " " * 8 + "".join(f"{_short(grace):>7}" for grace in graces)
    yield "`.`: below the proved threshold, and no violation; a number: at or above it; `!`: a violation below it"
    refuted = sum(not cell.proved for cell in document.cells)
    broken = sum(bool(cell.violations) for cell in document.cells)
    verdict = (
        "every violation lies at or above the threshold" if document.holds else "a violation lies below the threshold"
    )
    yield f"{verdict}: {broken} of {refuted} cells there show one, and {_below(document)} of the others"


def _mark(cell: Cell) -> str:
    if not cell.proved:
        return str(cell.violations)
    return f"{cell.violations}!" if cell.violations else "."


def _below(document: SweepDocument) -> str:
    wrong = sum(bool(cell.violations) for cell in document.cells if cell.proved)
    return f"{wrong} of {sum(cell.proved for cell in document.cells)}"


def _short(duration: int) -> str:
    return f"{duration / SECOND:g} s"
