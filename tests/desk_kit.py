"""A desk before a scripted exchange: each call takes the next answer of its script, and what happens meanwhile.

A check gets a `Kit`, so that the same check also judges a copy of the package with a planted bug.
"""

import asyncio
import json
from collections.abc import Callable, Coroutine, Sequence
from decimal import Decimal
from typing import Any

from tracker_kit import Kit, S


class Scripted:
    """An exchange whose answers are written down; an exception is raised, a function is called for its answer."""

    def __init__(self) -> None:
        self.answers: list[Any] = []
        self.calls: list[tuple[Any, ...]] = []

    def then(self, *answers: Any) -> "Scripted":
        """Adds answers to the script."""
        self.answers += answers
        return self

    async def _next(self, *call: Any) -> Any:
        self.calls.append(call)
        answer = self.answers.pop(0)
        await asyncio.sleep(0)
        if callable(answer) and not isinstance(answer, type):
            answer = answer()
        if isinstance(answer, BaseException):
            raise answer
        return answer

    async def place(self, order: Any) -> Any:
        return await self._next("place", order.cloid)

    async def place_bulk(self, orders: Sequence[Any]) -> Any:
        return await self._next("place_bulk", *(order.cloid for order in orders))

    async def modify(self, oid: str, order: Any) -> Any:
        return await self._next("modify", oid, order.cloid)

    async def cancel(self, oid: str) -> Any:
        return await self._next("cancel", oid)

    async def cancel_bulk(self, oids: Sequence[str]) -> Any:
        return await self._next("cancel_bulk", *oids)

    async def open_orders(self) -> Any:
        return await self._next("open_orders")


class Stage:
    """A desk with the tracker, a clock that is set by hand, and a scripted exchange."""

    def __init__(self, kit: Kit, **config: Any) -> None:
        self.module = kit.module
        self.t = 0
        self.log: list[str] = []
        self.heard: list[Any] = []
        self.pauses: list[float] = []
        self.exchange = Scripted()
        self.tracker = self.module.OrphanTracker(self.module.OrphanTrackerConfig(**config))
        self.book = self.module.LocalBook(self.tracker.config.orphan_grace_period)
        self.desk = self.module.Desk(
            self.tracker, self.book, lambda: self.t, sink=self.log.append, listener=self.heard.append
        )

    def at(self, t: float) -> "Stage":
        """Sets the clock, in seconds."""
        self.t = round(t * S)
        return self

    def order(self, cloid: str, size: int = 1) -> Any:
        return self.module.OrderRequest(cloid, "BTC", True, Decimal(size), Decimal(100))

    def open(self, *rows: Any) -> list[Any]:
        """A listing: "7", or ("7", "c")."""
        return [self.module.OpenOrder(*((row,) if isinstance(row, str) else row)) for row in rows]

    def do(self, program: Coroutine[Any, Any, Any]) -> Any:
        return asyncio.run(program)

    def place(self, *cloids: str) -> list[str]:
        """Places a ladder one by one; the names of the outcomes."""
        orders = [self.order(cloid) for cloid in cloids]
        return [
            type(one).__name__ for one in self.do(self.module.place_ladder_orders(self.desk, self.exchange, orders))
        ]

    def place_bulk(self, *cloids: str) -> dict[str, str]:
        orders = [self.order(cloid) for cloid in cloids]
        self.bulk = self.do(self.module.place_bulk_ladder_orders(self.desk, self.exchange, orders))
        return {cloid: type(one).__name__ for cloid, one in self.bulk.by_cloid.items()}

    def modify(self, oid: str, cloid: str, fallback: str | None = None) -> tuple[str | None, ...]:
        """The names of the three outcomes."""
        other = None if fallback is None else self.order(fallback)
        found = self.do(self.module.modify_or_replace(self.desk, self.exchange, oid, self.order(cloid), other))
        parts = (found.modified, found.cancelled, found.replaced)
        return tuple(None if part is None else type(part).__name__ for part in parts)

    def syncer(self, verify: Any = None, **settings: Any) -> Any:
        async def sleep(seconds: float) -> None:
            self.pauses.append(seconds)

        settings = self.module.SyncSettings(**settings)
        return self.module.SafetySync(self.desk, self.exchange, verify=verify, settings=settings, sleep=sleep)

    def sync(self, *answers: Any, verify: Any = None, **settings: Any) -> Any:
        """One run over these answers; its report."""
        self.exchange.then(*answers)
        return self.do(self.syncer(verify, **settings).run())

    def later(self, seconds: float, answer: Any, meanwhile: Callable[[], object] = lambda: None) -> Callable[[], Any]:
        """An answer that comes at an instant, and what happens until then."""

        def come() -> Any:
            self.at(seconds)
            meanwhile()
            return answer

        return come

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log]

    def names(self) -> list[str]:
        return [event["event"] for event in self.events()]
