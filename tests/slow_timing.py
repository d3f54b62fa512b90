"""What syncs can do to one order, tried out: a slow second opinion on the timing guarantees, in whole units of time.

It knows nothing of the formulas. A run is a list of syncs, each some gap after the one before, each with a snapshot that is
not too old and not older than the last; every run there is gets tried. An order that rests just after the snapshot as of 0
is shown by every later one.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class World:
    """Grace, and how syncs are spaced and snapshots aged, in whole units."""

    grace: int
    shortest: int
    longest: int
    age: int

    def syncs_after(self, lag: int) -> Iterator[tuple[int, int]]:
        """How long after a sync whose snapshot is `lag` old the next may come, and how much younger its snapshot."""
        for gap in range(max(1, self.shortest), self.longest + 1):
            for younger in range(max(0, lag + gap - self.age), lag + gap + 1):
                yield gap, younger


def _until_cancel(world: World, best: Callable[[Iterator[int]], int]) -> Callable[[int, int], int]:
    """The best time to the cancel, from a sync that spared the order with a snapshot so old, of which it aged so far."""

    @cache
    def wait(lag: int, aged: int) -> int:
        return best(
            gap if aged + younger >= world.grace else gap + wait(lag + gap - younger, aged + younger)
            for gap, younger in world.syncs_after(lag)
        )

    return wait


def longest_stay(world: World) -> int:
    """From the instant 0, after which the order rests, to the last sync that can be the first to cancel it."""
    wait = _until_cancel(world, max)
    return max(
        t + gap + wait(lag + gap - younger, 0)
        for t in range(-world.longest, world.age + 1)
        for lag in range(max(t, 0), world.age + 1)
        for gap, younger in world.syncs_after(lag)
        if t - lag + younger > 0
    )


def first_false_cancel(world: World, ttl: int) -> int | None:
    """The first sync, from registration at 0, that can cancel an order which rests unanswered from then on."""
    wait = _until_cancel(world, min)
    found = min(t + wait(lag, 0) for t in range(ttl + world.grace + world.age) for lag in range(min(t, world.age) + 1))
    return found if found < ttl else None


def lost_stay(world: World, protection: int) -> int:
    """From its finalization at 0, the last sync that can be the first to cancel an order that is in no local book."""
    wait = _until_cancel(world, max)
    return max(
        t + gap + wait(lag + gap - younger, 0)
        for t in range(-world.longest, max(protection, world.age + 1))
        for lag in range(world.age + 1)
        if t < protection or t - lag <= 0
        for gap, younger in world.syncs_after(lag)
        if t + gap >= protection and t - lag + younger > 0
    )


def retry(world: World) -> int:
    """From a sync at 0 whose cancel fails, the last sync that can be the first to cancel the order again."""
    wait = _until_cancel(world, max)

    @cache
    def undecided(lag: int, short: int) -> int:
        """The time to that cancel from a sync with a snapshot so old, which lies so far before the failed cancel."""
        return max(
            gap + (wait(lag + gap - younger, 0) if younger > short else undecided(lag + gap - younger, short - younger))
            for gap, younger in world.syncs_after(lag)
        )

    return max(undecided(lag, lag) for lag in range(world.age + 1))
