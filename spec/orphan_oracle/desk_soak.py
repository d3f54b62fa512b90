"""One desk for a very long time: what it holds and what an order costs, tenth by tenth.

Two rules. The trace goes to the judge line by line and is kept nowhere. And what is held is counted, while what it weighs is
what the operating system says.
"""

import resource
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final

from orphan_desk.simulator import Setting, SimulatedDesk
from orphan_oracle.codec import Version, decode
from orphan_oracle.desk_runs import judge_for
from orphan_spec.findings import Violation

SECOND: Final = 1_000_000_000
PARTS: Final = 10


@dataclass(frozen=True, slots=True)
class Part:
    """One tenth of the time."""

    orders: int
    """Placed up to its end."""

    events: int
    held: dict[str, int]
    """What is remembered at its end, and by whom."""

    peak_kilobytes: int
    """The most memory that the process has had so far."""

    microseconds_per_order: float
    """Processor time in this tenth, the judge's included."""

    violations: int
    """Judged violations up to its end."""


@dataclass(frozen=True, slots=True)
class SoakDocument:
    """The report of `simulate --soak`."""

    version: Version
    policy: str
    seed: int
    inputs: dict[str, str]
    parts: tuple[Part, ...]


class _Watch:
    """Judges the trace as it comes."""

    def __init__(self, setting: Setting) -> None:
        self.judge = judge_for(setting)
        self.lines = 0
        self.violations = 0

    def take(self, line: str) -> None:
        self.lines += 1
        found = self.judge.observe(decode(line.encode()), self.lines)
        self.violations += sum(isinstance(one, Violation) for one in found)

    def finish(self) -> None:
        self.violations += sum(isinstance(one, Violation) for one in self.judge.finish())


def soak(setting: Setting, orders: int) -> Iterator[Part]:
    """A desk that places about so many orders, judged as it runs."""
    length = round(SECOND * orders / setting.inputs.rate)
    watch = _Watch(setting)
    desk = SimulatedDesk(replace(setting, length=length), watch.take)
    desk.begin()
    for part in range(1, PARTS + 1):
        placed, began = desk.counts.placed, time.process_time()
        desk.agenda.run(length * part // PARTS)
        spent = time.process_time() - began
        held = desk.held()
        if part == PARTS:
            desk.end()
            watch.finish()
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        each = round(1e6 * spent / max(1, desk.counts.placed - placed), 1)
        yield Part(desk.counts.placed, watch.lines, held, peak, each, watch.violations)


def soak_text(document: SoakDocument) -> Iterator[str]:
    """The report as people read it."""
    names = list(document.parts[0].held)
    heads = ["orders", "events", *(f"held by {name}" for name in names), "peak memory", "µs an order", "violations"]
    rows = [heads]
    for part in document.parts:
        weight = f"{part.peak_kilobytes / 1024:.1f} MB"
        held = [f"{part.held[name]:,}" for name in names]
        cost = f"{part.microseconds_per_order:.0f}"
        rows.append([f"{part.orders:,}", f"{part.events:,}", *held, weight, cost, f"{part.violations:,}"])
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True))
