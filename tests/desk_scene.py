"""Real client libraries and the fake exchange on one event loop in virtual time, and nothing outside this machine."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from typing import Any, TypeVar

from loopback_only import loopback_only
from orphan_desk.adapters import AsyncCcxtHyperliquid, CcxtHyperliquid, HyperliquidAdapter, HyperliquidSdk
from orphan_desk.exchange import FakeExchange
from orphan_tracker import OpenOrder
from orphan_tracker.exchange import CancelOutcome, OrderRequest, Outcome
from virtual_time import VirtualTimeLoop, run

T = TypeVar("T")
KEY = "0x" + "11" * 32
ADDRESS = "0x19e7e376e7c213b7e7e7e46cc70a5dd086daff2a"
CLIENTS = ("sdk", "ccxt", "ccxt-async")
SYMBOL = {"sdk": "BTC", "ccxt": "BTC/USDC:USDC", "ccxt-async": "BTC/USDC:USDC"}


def connect(kind: str, url: str, timeout: float = 30.0) -> HyperliquidAdapter:
    """The real client library of this kind, at this base URL."""
    if kind == "sdk":
        return HyperliquidSdk.connect(url, KEY, timeout=timeout)
    adapter = CcxtHyperliquid if kind == "ccxt" else AsyncCcxtHyperliquid
    return adapter.connect(url, KEY, ADDRESS, timeout=timeout, enableRateLimit=False)


class Counted:
    """An adapter whose calls on their way are counted, so that virtual time knows when to stand still."""

    def __init__(self, exchange: FakeExchange) -> None:
        self.exchange = exchange
        self.asked = 0
        self.adapter: HyperliquidAdapter

    def busy(self) -> bool:
        return self.asked > self.exchange.held

    async def count(self, call: Awaitable[T]) -> T:
        self.asked += 1
        try:
            return await call
        finally:
            self.asked -= 1

    async def place(self, order: OrderRequest) -> Outcome:
        return await self.count(self.adapter.place(order))

    async def place_bulk(self, orders: Sequence[OrderRequest]) -> Sequence[Outcome]:
        return await self.count(self.adapter.place_bulk(orders))

    async def modify(self, oid: str, order: OrderRequest) -> Outcome:
        return await self.count(self.adapter.modify(oid, order))

    async def cancel(self, oid: str) -> CancelOutcome:
        return await self.count(self.adapter.cancel(oid))

    async def cancel_bulk(self, oids: Sequence[str]) -> Sequence[CancelOutcome]:
        return await self.count(self.adapter.cancel_bulk(oids))

    async def open_orders(self) -> Sequence[OpenOrder]:
        return await self.count(self.adapter.open_orders())


def scene(
    kind: str, play: Callable[[FakeExchange, Counted], Coroutine[Any, Any, T]], exchange: FakeExchange | None = None
) -> T:
    """Plays with a real client against the exchange in virtual time; nothing unknown may have been asked of it."""
    served = FakeExchange() if exchange is None else exchange

    async def main(loop: VirtualTimeLoop) -> T:
        async with served:
            counted = Counted(served)
            loop.busy = counted.busy
            counted.adapter = await counted.count(asyncio.to_thread(connect, kind, served.url))
            try:
                return await play(served, counted)
            finally:
                await counted.adapter.close()

    with loopback_only():
        result = run(main)
    assert served.dialect.unknown == []
    return result
