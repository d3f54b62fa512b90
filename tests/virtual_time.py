"""An event loop in virtual time that serves real sockets: time passes only while nothing is on its way.

Two rules. Whatever is on its way in real time (a thread, bytes on a socket) is waited for with the clock standing still; `busy`
says whether there is. Otherwise the clock jumps to the next timer, so that minutes take as long as what happens in them.
"""

import asyncio
import selectors
from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

T = TypeVar("T")
STUCK_AFTER = 30.0
"""Real seconds without a byte, after which the run is given up rather than left hanging."""


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock begins at 0 and jumps."""

    def __init__(self) -> None:
        self.busy: Callable[[], bool] = lambda: False
        self.now = 0.0
        super().__init__(_PatientSelector(self))

    def time(self) -> float:
        return self.now


class _PatientSelector(selectors.DefaultSelector):  # type: ignore[misc, valid-type]
    def __init__(self, loop: VirtualTimeLoop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        events = super().select(0)
        if events or (timeout is not None and timeout <= 0):
            return events
        if timeout is None or self._loop.busy():
            events = super().select(STUCK_AFTER)
            if not events:
                raise RuntimeError(f"nothing came for {STUCK_AFTER} s, at {self._loop.now} s of virtual time")
            return events
        self._loop.now += timeout
        return []


def run(main: Callable[[VirtualTimeLoop], Coroutine[Any, Any, T]]) -> T:
    """Runs a coroutine in virtual time from 0."""
    loop = VirtualTimeLoop()
    with asyncio.Runner(loop_factory=lambda: loop) as runner:
        return runner.run(main(loop))
