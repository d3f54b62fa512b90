"""Which smallest change of one stated input gives the figures of the run that started it all.

Three rules. One input is changed at a time, from the measured value outwards, in steps that are all stated. The figures are
medians over stated seeds. And where no step gives both, that is the answer.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from statistics import mean, median
from typing import Any, Final

from orphan_desk.simulator import Inputs, Setting, SimulatedDesk, milliseconds
from orphan_oracle.desk_runs import written_input

FALSE_ORPHANS: Final = 40
STALE_REMOVALS: Final = 35
"""What the origin's run of two minutes showed, at least."""

MEASURED: Final = Inputs()


@dataclass(frozen=True, slots=True)
class Direction:
    """One input and the steps in which it departs from what was measured."""

    name: str
    says: str
    steps: tuple[dict[str, Any], ...]


DIRECTIONS: Final = (
    Direction("rate", "more orders a second", tuple({"rate": 1.64 * n} for n in (2, 4, 8, 16))),
    Direction("ladder", "more orders in a call", tuple({"ladder": 5 * n, "rate": 1.64 * n} for n in (2, 4, 8, 16))),
    Direction("latency", "slower answers", tuple({"latency": MEASURED.latency.scaled(n)} for n in (2, 4, 6, 8, 10))),
    Direction("rests_after", "orders that rest sooner", tuple({"rests_after": share} for share in (0.25, 0.0))),
    Direction("fetch", "slower snapshots", tuple({"fetch": MEASURED.fetch.scaled(n)} for n in (2, 4, 8))),
    Direction("sync_delay", "slower syncs", tuple({"sync_delay": milliseconds(1_000 * n)} for n in (1, 2, 4, 8))),
    Direction(
        "sync_period",
        "syncs closer together",
        tuple({"sync_period": milliseconds(ms)} for ms in (5_000, 2_000, 1_000, 500, 250)),
    ),
    Direction(
        "staleness",
        "snapshots that lag",
        tuple({"staleness": milliseconds(500 * n)} for n in range(1, 21)),
    ),
    Direction("lost_answers", "answers that never come", tuple({"lost_answers": share} for share in (0.1, 0.3, 0.5))),
    Direction("failed_cancels", "cancels that fail", tuple({"failed_cancels": share} for share in (0.1, 0.3, 0.5))),
    Direction("modifies", "modify in place of cancel and place", tuple({"modifies": share} for share in (0.5, 1.0))),
)
"""From the measured value outwards; the last step of each is where it stops being plausible."""


@dataclass(frozen=True, slots=True)
class Tried:
    """One step: the medians of the naive policy over the seeds, unless another word is said."""

    step: str
    false_orphans: float
    in_flight: float
    stale_removals: float
    stale_resting: float
    mean_false_orphans: float

    @property
    def gives_both(self) -> bool:
        """Whether both figures of the origin are reached."""
        return self.false_orphans >= FALSE_ORPHANS and self.stale_removals >= STALE_REMOVALS


@dataclass(frozen=True, slots=True)
class Found:
    """What came of one direction."""

    direction: Direction
    tried: Tried
    """The first step that gives both figures, or else the last."""

    changes: dict[str, Any]
    """The inputs of that step."""


def trial(seeds: Sequence[int], changes: dict[str, Any]) -> Tried:
    """The naive policy with the measured inputs but these."""
    setting = Setting("naive", Inputs(**changes))
    counts = [SimulatedDesk(replace(setting, seed=seed), _nobody).run() for seed in seeds]
    return Tried(
        ", ".join(f"{name.replace('_', '-')} {written_input(value)}" for name, value in changes.items()),
        median(one.false_orphans for one in counts),
        median(one.of_them_unanswered for one in counts),
        median(one.stale_resting + one.stale_gone for one in counts),
        median(one.stale_resting for one in counts),
        mean(one.false_orphans for one in counts),
    )


def _nobody(line: str) -> None:
    """Nobody reads the trace."""


def search(seeds: Sequence[int], given: dict[str, Any]) -> Iterator[Found]:
    """Every direction, beside inputs that stay as given."""
    for direction in DIRECTIONS:
        nearest, *farther = ({**given, **step} for step in direction.steps)
        found = Found(direction, trial(seeds, nearest), nearest)
        for changes in farther:
            if found.tried.gives_both:
                break
            found = Found(direction, trial(seeds, changes), changes)
        yield found
