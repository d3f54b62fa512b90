"""The exchange itself, without a socket and without a clock: orders, their ids, and lists as of any instant.

Four rules. Every operation takes one `now`, which never goes back. Every OID is new and larger than the one before; by default
they start above 2^53, where a client that reads them as floats is found out. What is refused changes nothing. Whoever follows
`listen` hears each thing that truly happened once, in order of time, by the next operation at or after it.
"""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from decimal import Decimal
from heapq import heappop, heappush
from typing import Final

from orphan_desk.exchange.orders import (
    Cancelled,
    Done,
    Fills,
    Happening,
    NewOrder,
    Order,
    Placed,
    Refused,
    Rests,
)
from orphan_tracker import Ended

FIRST_OID: Final = 2**53 + 1
MEMORY: Final = 3_600 * 1_000_000_000
"""For this long an ended order is remembered, in ns: lists may lag no further."""

MARKS: Final[Mapping[str, Decimal]] = {
    "BTC": Decimal("100000"),
    "ETH": Decimal("4000"),
    "PURR/USDC": Decimal("0.2"),
}
"""What each coin trades at: an order that crosses its mark is filled at once."""


class Venue:
    """All orders of one account."""

    def __init__(
        self,
        marks: Mapping[str, Decimal] = MARKS,
        first_oid: int = FIRST_OID,
        listen: Callable[[Happening], None] | None = None,
    ) -> None:
        self.marks = dict(marks)
        self._next_oid = first_oid
        self._tell = listen
        self._now = 0
        self._orders: dict[str, Order] = {}
        self._live: dict[str, Order] = {}
        self._by_cloid: dict[str, str] = {}
        self._due: list[tuple[int, int]] = []
        self._ended: deque[str] = deque()

    def place(self, asked: NewOrder, now: int) -> Placed:
        """Takes one order, or refuses it."""
        self.advance(now)
        reason = self._unfit(asked)
        return self._take(asked, now) if reason is None else Refused(reason)

    def cancel(self, oid: str, now: int, delay: int = 0) -> Cancelled:
        """Ends an order that rests, `delay` nanoseconds from now; until then lists show it."""
        self.advance(now)
        order = self._live.get(oid)
        if order is None:
            return Refused("Order was never placed, already canceled, or filled.")
        self._end_later(order, now + delay, Ended.CANCELLED)
        return Done()

    def cancel_by_cloid(self, cloid: str, now: int, delay: int = 0) -> Cancelled:
        """Ends the order that rests under this CLOID."""
        self.advance(now)
        return self.cancel(self._live_oid(cloid) or "", now, delay)

    def modify(self, target: str, asked: NewOrder, now: int) -> Placed:
        """Replaces the order of this OID or CLOID by a new one with a new OID, at one instant, or changes nothing."""
        self.advance(now)
        order = self._live.get(target) or self._live.get(self._live_oid(target) or "")
        if order is None:
            return Refused("Cannot modify canceled or filled order")
        reason = self._unfit(asked, replacing=order.oid)
        if reason is not None:
            return Refused(reason)
        self._end_later(order, now, Ended.REPLACED)
        self.advance(now)
        return self._take(asked, now)

    def fill(self, oid: str, size: Decimal, now: int) -> bool:
        """Fills a part of an order that rests, or the rest of it; whether there was one."""
        self.advance(now)
        order = self._live.get(oid)
        if order is None:
            return False
        order.filled = (*order.filled, (now, min(size, order.asked.size - order.filled_by(now))))
        if order.filled_by(now) < order.asked.size:
            self._say(Happening("fill", now, oid))
        else:
            self._end_later(order, now, Ended.FILLED)
            self.advance(now)
        return True

    def expire(self, oid: str, now: int) -> bool:
        """The exchange ends an order of its own accord; whether it rested."""
        self.advance(now)
        order = self._live.get(oid)
        if order is not None:
            self._end_later(order, now, Ended.EXPIRED)
            self.advance(now)
        return order is not None

    def open_orders(self, as_of: int, now: int) -> tuple[Order, ...]:
        """The orders that rested at `as_of`, oldest first; raises ValueError for an instant that is over MEMORY ago."""
        self.advance(now)
        if not now - MEMORY <= as_of <= now:
            raise ValueError(f"a list as of {as_of} ns is asked for at {now} ns; it has to be of the last {MEMORY} ns")
        orders: Iterable[Order] = self._live.values() if as_of == now else self._orders.values()
        return tuple(order for order in orders if order.open_at(as_of))

    def order(self, name: str, now: int) -> Order | None:
        """The order of this OID, or the latest of this CLOID; None where it is unknown, or has ended over MEMORY ago."""
        self.advance(now)
        return self._orders.get(name) or self._orders.get(self._by_cloid.get(name, ""))

    def history(self, now: int) -> tuple[Order, ...]:
        """Every order that is remembered, oldest first."""
        self.advance(now)
        return tuple(self._orders.values())

    def advance(self, now: int) -> None:
        """Lets everything happen that is due by now; raises ValueError where time goes back."""
        if now < self._now:
            raise ValueError(f"it is {now} ns after it was {self._now} ns; time never goes back")
        self._now = now
        while self._due and self._due[0][0] <= now:
            at, oid = heappop(self._due)
            self._end(self._live.get(str(oid)), at)
        while self._ended and (self._orders[self._ended[0]].ends_at or 0) < now - MEMORY:
            self._forget(self._orders.pop(self._ended.popleft()))

    @property
    def next_due(self) -> int | None:
        """The next instant at which something happens by itself."""
        return self._due[0][0] if self._due else None

    def _unfit(self, asked: NewOrder, replacing: str | None = None) -> str | None:
        mark = self.marks.get(asked.coin)
        if mark is None:
            return f"Unknown coin {asked.coin}"
        if asked.size <= 0 or asked.price <= 0:
            return "Order has zero size or price."
        if asked.cloid is not None and self._live_oid(asked.cloid) not in (None, replacing):
            return f"Duplicate cloid {asked.cloid}: an order of it rests."
        crosses = _crosses(asked, mark)
        if crosses and asked.tif == "Alo":
            return f"Post only order would have immediately matched, bbo was {mark}@{mark}."
        if not crosses and asked.tif == "Ioc":
            return "Order could not immediately match against any resting orders."
        return None

    def _take(self, asked: NewOrder, now: int) -> Placed:
        order = Order(str(self._next_oid), replace(asked), now)
        self._next_oid += 1
        self._orders[order.oid] = order
        if asked.cloid is not None:
            self._by_cloid[asked.cloid] = order.oid
        mark = self.marks[asked.coin]
        if not _crosses(asked, mark):
            self._live[order.oid] = order
            self._say(Happening("accept", now, order.oid, asked.cloid))
            return Rests(order.oid)
        order.rests, order.filled = False, ((now, asked.size),)
        order.ends_at, order.how = now, Ended.FILLED
        self._ended.append(order.oid)
        return Fills(order.oid, asked.size, mark)

    def _live_oid(self, cloid: str) -> str | None:
        oid = self._by_cloid.get(cloid)
        return oid if oid in self._live else None

    def _end_later(self, order: Order, at: int, how: Ended) -> None:
        if order.ends_at is None or at < order.ends_at:
            order.ends_at, order.how = at, how
            heappush(self._due, (at, int(order.oid)))

    def _end(self, order: Order | None, at: int) -> None:
        if order is None or order.ends_at != at:
            return
        del self._live[order.oid]
        self._ended.append(order.oid)
        self._say(Happening("end", at, order.oid, order.asked.cloid, order.how))

    def _forget(self, order: Order) -> None:
        if order.asked.cloid is not None and self._by_cloid.get(order.asked.cloid) == order.oid:
            del self._by_cloid[order.asked.cloid]

    def _say(self, happening: Happening) -> None:
        if self._tell is not None:
            self._tell(happening)


def _crosses(asked: NewOrder, mark: Decimal) -> bool:
    return asked.price >= mark if asked.buy else asked.price <= mark
