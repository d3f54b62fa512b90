"""An exchange in virtual time with faults by switch, and a desk that trades on it: a scripted life, from a seed.

The venue writes what happens at it (accept, fill, end) into the same log as the desk, so that a judge knows the truth.
"""

import asyncio
import json
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from orphan_tracker import (
    BookChange,
    Cancelled,
    CancelOutcome,
    Desk,
    Ended,
    Filled,
    Gone,
    OpenOrder,
    OrderRequest,
    Outcome,
    Rejected,
    Resting,
    SafetySync,
    SyncReport,
    SyncSettings,
    Unknown,
    cancel_order,
    modify_or_replace,
    place_bulk_ladder_orders,
    place_ladder_orders,
)
from orphan_tracker.desk import Clock
from orphan_tracker.journal import Sink
from tracker_kit import S
from virtual_time import VirtualTimeLoop, run

ONE = Decimal(1)


@dataclass(frozen=True)
class Faults:
    """What goes wrong at a venue, and how often; durations in seconds."""

    answer: tuple[float, float] = (0.1, 1.8)
    """How long an answer takes, at least and at most."""

    lost_answers: float = 0.0
    lost_requests: float = 0.0
    rejects: float = 0.0
    filled_at_once: float = 0.0
    fills: float = 0.3
    """How often an order is filled before it is cancelled."""

    fills_before_answers: bool = False
    lost_messages: float = 0.0
    lists_lag: float = 0.0
    """By how much the venue's list lags behind the request."""

    slow_lists: float = 0.0
    """How long a list takes to arrive."""

    failed_lists: float = 0.0
    failed_cancels: float = 0.0
    slow_cancels: float = 0.0
    short_bulk_answers: bool = False
    names_cloids: bool = True
    """Whether answers name their CLOID."""

    foreign_orders: int = 0


def mixed_faults(seed: int) -> Faults:
    """Several faults at once, of several sizes, from a seed."""
    rng = random.Random(seed)

    def often() -> float:
        return rng.choice((0.0, 0.0, 0.1, 0.3, 0.6))

    least = rng.choice((0.05, 0.8))
    return Faults(
        answer=(least, least + rng.choice((0.1, 1.0, 6.0, 25.0))),
        lost_answers=often(),
        lost_requests=often(),
        rejects=often(),
        filled_at_once=often(),
        fills=often(),
        fills_before_answers=rng.random() < 0.3,
        lost_messages=often(),
        lists_lag=rng.choice((0.0, 0.0, 2.0, 8.0, 15.0)),
        slow_lists=rng.choice((0.0, 0.0, 1.0, 6.0)),
        failed_lists=often(),
        failed_cancels=often(),
        slow_cancels=rng.choice((0.0, 0.0, 2.0, 8.0)),
        short_bulk_answers=rng.random() < 0.3,
        names_cloids=rng.random() < 0.6,
        foreign_orders=rng.choice((0, 2)),
    )


@dataclass
class Order:
    """An order at the venue."""

    oid: str
    cloid: str | None
    since: int
    until: int | None = None


@dataclass
class Venue:
    """The exchange that the desk is given."""

    clock: Clock
    faults: Faults
    seed: int
    log: list[str]
    desk: Desk | None = None
    orders: dict[str, Order] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.tasks: set[asyncio.Future[None]] = set()

    # the interface

    async def place(self, order: OrderRequest) -> Outcome:
        (outcome,) = await self._answered([order])
        return outcome

    async def place_bulk(self, orders: Sequence[OrderRequest]) -> Sequence[Outcome]:
        outcomes = await self._answered(orders)
        return outcomes[:-1] if self.faults.short_bulk_answers and self.chance(0.3) else outcomes

    async def modify(self, oid: str, order: OrderRequest) -> Outcome:
        old = self.orders.get(oid)
        leg = self.between(*self.faults.answer) / 2
        await asyncio.sleep(leg)
        if old is None or old.until is not None or self.chance(self.faults.rejects):
            await asyncio.sleep(leg)
            return Rejected("the order is gone, or the price is bad", order.cloid)
        self._end(oid, Ended.REPLACED, tell=False)
        outcome = self._accept(order, may_reject=False)
        await asyncio.sleep(leg)
        self._lose()
        return outcome

    async def cancel(self, oid: str) -> CancelOutcome:
        await asyncio.sleep(self.between(*self.faults.answer) / 2 + self.faults.slow_cancels)
        if self.chance(self.faults.failed_cancels):
            return self.random.choice([Rejected("busy"), Unknown("502")])
        order = self.orders.get(oid)
        if order is None or order.until is not None:
            return Gone("no such order")
        self._end(oid, Ended.CANCELLED, tell=False)
        return Cancelled()

    async def cancel_bulk(self, oids: Sequence[str]) -> Sequence[CancelOutcome]:
        return [await self.cancel(oid) for oid in oids]

    async def open_orders(self) -> Sequence[OpenOrder]:
        shown_at = self.clock() - round(self.faults.lists_lag * S)
        shown = [OpenOrder(o.oid, o.cloid) for o in self.orders.values() if self._is_open(o, shown_at)]
        await asyncio.sleep(self.faults.slow_lists)
        if self.chance(self.faults.failed_lists):
            raise ConnectionError("no list")
        return shown

    # what happens at the venue

    def rest(self, cloid: str | None) -> str:
        """An order comes to rest."""
        oid = str(2**53 + len(self.orders))
        self.orders[oid] = Order(oid, cloid, self.clock())
        self._write("accept", oid=oid, cloid=cloid)
        return oid

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def between(self, least: float, most: float) -> float:
        return self.random.uniform(least, most)

    async def _answered(self, orders: Sequence[OrderRequest]) -> Sequence[Outcome]:
        leg = self.between(*self.faults.answer) / 2
        await asyncio.sleep(leg)
        if self.chance(self.faults.lost_requests):
            await asyncio.sleep(10)
            raise TimeoutError
        outcomes = [self._accept(order) for order in orders]
        await asyncio.sleep(leg)
        self._lose()
        return outcomes

    def _lose(self) -> None:
        if self.chance(self.faults.lost_answers):
            raise TimeoutError

    def _accept(self, order: OrderRequest, *, may_reject: bool = True) -> Outcome:
        name = order.cloid if self.faults.names_cloids else None
        duplicate = any(o.cloid == order.cloid and o.until is None for o in self.orders.values())
        if duplicate or (may_reject and self.chance(self.faults.rejects)):
            return Rejected("duplicate" if duplicate else "post only", name)
        oid = self.rest(order.cloid)
        if self.chance(self.faults.filled_at_once):
            self._end(oid, Ended.FILLED, tell=False)
            return Filled(oid, name)
        if self.chance(self.faults.fills):
            self.spawn(self._fill_later(oid))
        return Resting(oid, name)

    async def _fill_later(self, oid: str) -> None:
        await asyncio.sleep(0.05 if self.faults.fills_before_answers else self.between(0.5, 40))
        if self.orders[oid].until is None:
            self._end(oid, Ended.FILLED, tell=not self.chance(self.faults.lost_messages))

    def _end(self, oid: str, how: Ended, *, tell: bool) -> None:
        self.orders[oid].until = self.clock()
        self._write("end", oid=oid, how=how.value)
        if tell:
            self.spawn(self._tell_fill(oid))

    async def _tell_fill(self, oid: str) -> None:
        await asyncio.sleep(self.between(0.05, 0.5))
        assert self.desk is not None
        if self.desk.learn_fill(oid, ONE).change is not BookChange.FILLED:
            self.desk.learn_end(oid, Ended.FILLED)

    def spawn(self, program: Coroutine[object, object, None]) -> None:
        task = asyncio.ensure_future(program)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def _is_open(self, order: Order, instant: int) -> bool:
        return order.since <= instant and (order.until is None or instant < order.until)

    def _write(self, event: str, **fields: object) -> None:
        self.log.append(json.dumps({"event": event, "t": self.clock()} | fields))


@dataclass
class Trader:
    """Places ladders, modifies and cancels, on one desk, until its time is over."""

    desk: Desk
    venue: Venue
    until: int
    prefix: str = "0xa1"
    pause: tuple[float, float] = (0.5, 3.0)
    number: int = 0

    async def trade(self) -> None:
        venue = self.venue
        while venue.clock() < self.until:
            venue.spawn(self._deed())
            await asyncio.sleep(venue.between(*self.pause))

    async def _deed(self) -> None:
        desk, venue, pick = self.desk, self.venue, self.venue.random.random()
        tracked = sorted(desk.book.tracked_oids())
        oid = venue.random.choice(tracked) if tracked else None
        if oid is not None and pick < 0.15:
            await cancel_order(desk, venue, oid)
        elif oid is not None and pick < 0.35:
            order = desk.book.order(oid)
            same = order is not None and order.cloid is not None and desk.book.pending(order.cloid) is None
            cloid = order.cloid if order is not None and order.cloid is not None and same else self.request().cloid
            await modify_or_replace(desk, venue, oid, self.request(cloid), self.request())
        elif pick < 0.6:
            await place_bulk_ladder_orders(desk, venue, [self.request() for _ in range(4)])
        else:
            await place_ladder_orders(desk, venue, [self.request() for _ in range(2)])

    def request(self, cloid: str | None = None) -> OrderRequest:
        self.number += 1
        return OrderRequest(cloid or f"{self.prefix}{self.number:04x}", "BTC", self.number % 2 == 0, ONE, ONE)


@dataclass
class Life:
    """A desk under faults for some minutes of virtual time; `log` is what it leaves behind."""

    faults: Faults
    make_desk: Callable[[Clock, Sink], Desk]
    seed: int = 0
    seconds: int = 120
    settings: SyncSettings = field(default_factory=SyncSettings)
    log: list[str] = field(default_factory=list)
    reports: list[SyncReport] = field(default_factory=list)

    def live(self) -> "Life":
        run(self._live)
        return self

    async def _live(self, loop: VirtualTimeLoop) -> None:
        def clock() -> int:
            return S + round(loop.time() * S)

        self.clock = clock
        self.venue = Venue(clock, self.faults, self.seed, self.log)
        self.desk = self.venue.desk = self.make_desk(clock, self.log.append)
        until = self.clock() + self.seconds * S
        for _ in range(self.faults.foreign_orders):
            self.venue.rest(None)
        for number in range(8):
            self.venue.spawn(self._leave_over(number))
        trader = Trader(self.desk, self.venue, until)
        trading = asyncio.ensure_future(trader.trade())
        sync = SafetySync(self.desk, self.venue, settings=self.settings)
        while self.clock() < until + 60 * S:
            self.venue.spawn(self._sync(sync))
            await asyncio.sleep(self.venue.between(4.8, 10.2))
        await trading
        while self.venue.tasks:
            await asyncio.wait(set(self.venue.tasks))

    async def _leave_over(self, number: int) -> None:
        """An order of an earlier life comes to rest: a true orphan."""
        await asyncio.sleep(self.venue.between(0, self.seconds))
        self.venue.rest(f"0xa1dead{number}")

    async def _sync(self, sync: SafetySync) -> None:
        self.reports.append(await sync.run())
