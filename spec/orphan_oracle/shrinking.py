"""Making a failing scenario small.

Three rules. Only what `askable` allows is tried. Every try runs the program again, so their number is bounded. The order of
the tries is fixed: whole orders first, then steps by halving, then what the listings and the local book say.
"""

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace
from typing import Final

from orphan_oracle.fairness import World, askable
from orphan_oracle.scenario import Scenario
from orphan_spec.events import (
    Accept,
    Act,
    Clear,
    End,
    Event,
    Fail,
    Fill,
    Finalize,
    LearnEnd,
    Modify,
    RecordOid,
    Register,
    Sync,
    Timeout,
)

TRIES: Final = 500
"""How often the program is asked again, at most."""

Fails = Callable[[Scenario], bool]


class _SpentError(Exception):
    """All tries are used up."""


class _Shrinker:
    def __init__(self, scenario: Scenario, world: World, fails: Fails) -> None:
        self.best, self.world, self.fails, self.left = scenario, world, fails, TRIES

    def accepts(self, steps: Sequence[Event]) -> bool:
        """Tries the steps, and keeps them where they fail too."""
        scenario = replace(self.best, steps=tuple(steps))
        if scenario.steps == self.best.steps or not askable(scenario, self.world):
            return False
        if self.left <= 0:
            raise _SpentError
        self.left -= 1
        if not self.fails(scenario):
            return False
        self.best = scenario
        return True

    def run(self) -> None:
        while True:
            before = self.best.steps
            self._without_orders()
            self._without_steps()
            self._with_smaller_steps()
            if self.best.steps == before:
                return

    def _without_orders(self) -> None:
        names = sorted({name for step in self.best.steps for name in _names(step)})
        size = len(names) // 2
        while size:
            for start in range(0, len(names), size):
                self.accepts(_without(self.best.steps, set(names[start : start + size])))
            size //= 2

    def _without_steps(self) -> None:
        size = max(len(self.best.steps) // 2, 1)
        while size:
            start = 0
            while start < len(self.best.steps):
                steps = self.best.steps
                if not self.accepts(steps[:start] + steps[start + size :]):
                    start += size
            size //= 2

    def _with_smaller_steps(self) -> None:
        for place, step in enumerate(self.best.steps):
            for smaller in _smaller(step):
                steps = self.best.steps
                self.accepts((*steps[:place], smaller, *steps[place + 1 :]))


def shrunk(scenario: Scenario, world: World, fails: Fails) -> Scenario:
    """The smallest scenario found that fails too."""
    shrinker = _Shrinker(scenario, world, fails)
    with suppress(_SpentError):
        shrinker.run()
    return shrinker.best


def _names(step: Event) -> set[str]:
    """The OIDs and CLOIDs that a step is about."""
    if isinstance(step, Register):
        return set(step.cloids)
    if isinstance(step, RecordOid | Finalize | Modify | Clear | Accept | Fill | End | LearnEnd):
        return {step.oid}
    if isinstance(step, Fail | Timeout):
        return {step.cloid}
    if isinstance(step, Act):
        return set(step.local)
    if isinstance(step, Sync):
        return {row.oid for row in step.open or ()} | set(step.local)
    return set()


def _without(steps: Sequence[Event], names: set[str]) -> list[Event]:
    kept: list[Event] = []
    for step in steps:
        if isinstance(step, Register):
            cloids = tuple(cloid for cloid in step.cloids if cloid not in names)
            kept += [replace(step, cloids=cloids)] if cloids else []
        elif isinstance(step, Sync):
            rows = None if step.open is None else tuple(row for row in step.open if row.oid not in names)
            kept.append(replace(step, open=rows, local=tuple(oid for oid in step.local if oid not in names)))
        elif isinstance(step, Act):
            kept.append(replace(step, local=tuple(oid for oid in step.local if oid not in names)))
        elif not _names(step) or not _names(step) <= names:
            kept.append(step)
    return kept


def _smaller(step: Event) -> Iterator[Event]:
    if isinstance(step, Register) and len(step.cloids) > 1:
        for cloid in step.cloids:
            yield replace(step, cloids=(cloid,))
    if isinstance(step, Sync):
        if step.as_of != step.t:
            yield replace(step, as_of=step.t)
        for oid in step.local:
            yield replace(step, local=tuple(other for other in step.local if other != oid))
        if step.open is not None and len(step.open) <= 8:
            for row in step.open:
                yield replace(step, open=tuple(other for other in step.open if other != row))
