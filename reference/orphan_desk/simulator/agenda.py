"""Virtual time: what happens next, and who waits for it.

Two rules. Things planned for one instant happen in the order in which they were planned, so a seed says everything. A
coroutine may await nothing but a `Pause`; whoever started it can end it, and then it stops where it waits.
"""

import heapq
from collections.abc import Callable, Coroutine, Generator
from typing import Any

Deed = Callable[..., object]
Task = Coroutine["Pause", None, Any]


class Pause:
    """Waits for so many ns of virtual time."""

    __slots__ = ("delay",)

    def __init__(self, delay: int) -> None:
        self.delay = delay

    def __await__(self) -> Generator["Pause", None, None]:
        yield self


class Agenda:
    """The queue of what is planned."""

    def __init__(self) -> None:
        self.now = 0
        """The present instant, in ns."""

        self._queue: list[tuple[int, int, Deed, tuple[object, ...]]] = []
        self._planned = 0

    def __len__(self) -> int:
        return len(self._queue)

    def clock(self) -> int:
        """The present instant, for whoever asks for a clock."""
        return self.now

    def at(self, instant: int, deed: Deed, *arguments: object) -> None:
        """Plans a deed for an instant; one that is past happens now."""
        self._planned += 1
        heapq.heappush(self._queue, (max(instant, self.now), self._planned, deed, arguments))

    def after(self, delay: int, deed: Deed, *arguments: object) -> None:
        """Plans a deed for so many ns from now."""
        self.at(self.now + delay, deed, *arguments)

    def run(self, until: int) -> None:
        """Lets everything happen that is planned up to an instant, included."""
        queue = self._queue
        while queue and queue[0][0] <= until:
            self.now, _, deed, arguments = heapq.heappop(queue)
            deed(*arguments)
        self.now = until


class Life:
    """The coroutines of one life of a client: they go on together, and end together."""

    def __init__(self, agenda: Agenda) -> None:
        self._agenda = agenda
        self._tasks: dict[int, Task] = {}
        self._begun = 0
        self.over = False

    def __len__(self) -> int:
        return len(self._tasks)

    def begin(self, task: Task) -> None:
        """Runs a coroutine up to its first pause, and plans the rest."""
        self._begun += 1
        self._tasks[self._begun] = task
        self._go_on(self._begun)

    def _go_on(self, name: int) -> None:
        task = self._tasks.get(name)
        if task is None:
            return
        try:
            pause = task.send(None)
        except StopIteration:
            self._tasks.pop(name, None)
        else:
            self._agenda.after(pause.delay, self._go_on, name)

    def end(self) -> None:
        """Ends every coroutine where it waits."""
        self.over = True
        while self._tasks:
            _, task = self._tasks.popitem()
            task.close()


async def sleep(seconds: float) -> None:
    """Waits as `asyncio.sleep` does, in virtual time."""
    await Pause(round(seconds * 1_000_000_000))
