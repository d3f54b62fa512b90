"""A desk that trades through a real client for minutes of virtual time, and the log that it leaves for the judge.

In each round it places a ladder in one call, an order by itself, replaces one and cancels one; the exchange fills some; in every
fourth an order of a former life and one of somebody else come to rest. The exchange's own truth stands in the same log.
"""

import asyncio
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from random import Random
from typing import Literal

from desk_scene import SYMBOL, Counted, scene
from orphan_desk import CancelAged, CancelAtOnce, DropAtOnce
from orphan_desk.exchange import FakeExchange, Faults, Happening, NewOrder, Venue
from orphan_oracle.check import check_lines
from orphan_oracle.configuration import Configuration
from orphan_spec.constants import Constants, Environment
from orphan_tracker import Desk, Ended, LocalBook, OrphanTracker, OrphanTrackerConfig, SafetySync, SyncSettings
from orphan_tracker.exchange import OrderRequest
from orphan_tracker.placement import cancel_order, modify_or_replace, place_bulk_ladder_orders, place_order

SECOND = 1_000_000_000
OURS = "0xa1"
PERIOD = 10 * SECOND


def reference() -> tuple[CancelAged, LocalBook]:
    """The policy and the book of the reference, which is shown CLOIDs."""
    return CancelAged(OrphanTracker(OrphanTrackerConfig(owned_cloid_prefix=OURS))), LocalBook(5 * SECOND)


def reference_by_oid() -> tuple[CancelAged, LocalBook]:
    """The same, which is shown OIDs alone, and so cannot tell whose an order is."""
    return CancelAged(OrphanTracker(), "oid"), LocalBook(5 * SECOND)


def naive() -> tuple[CancelAtOnce, LocalBook]:
    """The policy and the book of before."""
    return CancelAtOnce(), DropAtOnce(5 * SECOND)


@dataclass
class Life:
    """What one life at the desk came to."""

    log: list[str]
    counters: Counter[str]

    def violations(self, observe: Literal["oid", "cloid"] = "cloid") -> Counter[str]:
        """How often the judge finds which guarantee broken."""
        prefix = OURS if observe == "cloid" else None
        configuration = Configuration(Constants(), Environment(observe=observe, owned_cloid_prefix=prefix))
        report = check_lines((line.encode() for line in self.log), "log", configuration)
        assert report.syncs > 5
        return Counter(violation.guarantee for violation in report.violations)


class Trader:
    """The desk with its quoting; decides by a seed of its own."""

    def __init__(self, kind: str, exchange: FakeExchange, client: Counted, desk: Desk, seed: int) -> None:
        self.kind, self.exchange, self.client, self.desk = kind, exchange, client, desk
        self.dice = Random(seed)
        self.named = 0
        self.rounds = 0

    def request(self, price: int | None = None) -> OrderRequest:
        """One more order, far from the mark."""
        self.named += 1
        buy = self.named % 2 == 0
        far = price or (90_000 - self.named if buy else 110_000 + self.named)
        return OrderRequest(f"{OURS}{self.named:030x}", SYMBOL[self.kind], buy, Decimal("0.01"), Decimal(far))

    async def quote_until(self, end: float) -> None:
        """Quotes at instants that no sync has, so that what happens first is never up to the machine."""
        loop = asyncio.get_running_loop()
        while loop.time() < end:
            await asyncio.sleep(self.dice.uniform(3.0, 7.0))
            await self.round()

    async def round(self) -> None:
        """One round of quoting, each part on the answer of the part before."""
        crossing = self.request(150_000 if self.named % 2 else 50_000)
        await place_bulk_ladder_orders(self.desk, self.client, [self.request(), self.request(), crossing])
        await place_order(self.desk, self.client, self.request())
        tracked = sorted(self.desk.book.tracked_oids())
        if len(tracked) > 2:
            replaced, ended, filled = self.dice.sample(tracked, 3)
            await modify_or_replace(self.desk, self.client, replaced, self.request(), self.request())
            await cancel_order(self.desk, self.client, ended)
            self.fill(filled)
        if self.rounds % 4 == 0:
            self.strangers()
        self.rounds += 1

    def fill(self, oid: str) -> None:
        """The exchange fills an order, and its message comes at once."""
        now = self.exchange.now()
        for size in (Decimal("0.004"), Decimal("0.006")):
            if self.exchange.venue.fill(oid, size, now):
                self.desk.learn_fill(oid, size)

    def strangers(self) -> None:
        """An order of a former life, a true orphan, and one that was placed by hand."""
        for cloid in (f"{OURS}{self.dice.getrandbits(100):030x}", None):
            asked = NewOrder("BTC", True, Decimal(80_000), Decimal(1), cloid)
            self.exchange.venue.place(asked, self.exchange.now())


def live(
    kind: str,
    faults: Faults,
    parts: Callable[[], tuple[CancelAged | CancelAtOnce, LocalBook]],
    *,
    minutes: float = 2,
    seed: int = 1,
    onlooker: bool = False,
) -> Life:
    """One life through a real client, under the faults, in virtual time; an onlooker asks for a list between two syncs."""
    log: list[str] = []
    venue = Venue(listen=lambda happening: log.append(truth(happening)))
    exchange = FakeExchange(venue, seed=seed)

    async def play(served: FakeExchange, client: Counted) -> Life:
        def sink(line: str) -> None:
            venue.advance(served.now())
            log.append(line)

        await client.open_orders()
        served.faults = faults
        desk = Desk(*parts(), served.now, sink=sink)
        settings = SyncSettings(snapshot_age_max=faults.stale_lists)
        trader = Trader(kind, served, client, desk, seed)
        syncing = asyncio.ensure_future(SafetySync(desk, client, settings=settings).run_every(PERIOD))
        looking = asyncio.ensure_future(look(client)) if onlooker else syncing
        await trader.quote_until(minutes * 60)
        syncing.cancel()
        looking.cancel()
        return Life(log, Counter(desk.counters()))

    return scene(kind, play, exchange)


async def look(client: Counted) -> None:
    """Asks for a list in the middle between two syncs, for ever."""
    await asyncio.sleep(5)
    while True:
        await client.open_orders()
        await asyncio.sleep(10)


def truth(happening: Happening) -> str:
    """One line of the exchange's own truth."""
    line: dict[str, object] = {"event": happening.event, "t": happening.at, "oid": happening.oid}
    if happening.event == "accept" and happening.cloid is not None:
        line["cloid"] = happening.cloid
    if isinstance(happening.how, Ended):
        line["how"] = happening.how.value
    return json.dumps(line)
