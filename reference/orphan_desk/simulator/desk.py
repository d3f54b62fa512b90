"""A desk in virtual time: it quotes both sides, hears its answers, and runs a safety sync over its own orders.

Three rules. Placing, local book, tracker and safety sync are those of the reference, unchanged; only the exchange and the
clock are made up. Everything that varies is drawn from one generator, so a seed says everything. Every step is written to
the journal in the trace format, the client's by the client, the truth of the exchange beside it.
"""

import json
import random
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any, Final

from orphan_desk.policies import CancelAged
from orphan_desk.simulator.agenda import Agenda, Life, Pause, Task, sleep
from orphan_desk.simulator.clients import Sink, new_client, sync_settings
from orphan_desk.simulator.counts import Counts
from orphan_desk.simulator.inputs import OWNED_PREFIX, Setting
from orphan_desk.simulator.ledger import Order
from orphan_desk.simulator.venue import Connection, Venue
from orphan_tracker import (
    BookChange,
    Ended,
    Journal,
    OrderRequest,
    Rejected,
    Resting,
    SafetySync,
    SyncReport,
    Unknown,
    cancel_order,
    modify_or_replace,
    place_bulk_ladder_orders,
)

SECOND: Final = 1_000_000_000
MINUTE: Final = 60 * SECOND
ONE: Final = Decimal(1)

_encode: Final = json.JSONEncoder(separators=(",", ":")).encode


class SimulatedDesk:
    """One simulated desk; `run` lets its virtual time pass."""

    def __init__(self, setting: Setting, sink: Sink) -> None:
        self.setting = setting
        self.inputs = inputs = setting.inputs
        self.counts = Counts()
        self.agenda = Agenda()
        self._rng = random.Random(setting.seed)
        self.venue = Venue(inputs, self.agenda, self._rng, self.counts, self._truth)
        self._sink: Sink | None = sink
        self._number = 0
        self._named = 0
        self._quote_period = round(SECOND * inputs.ladder / inputs.rate)
        self._be_born()

    def run(self) -> Counts:
        """Lets the whole time of the setting pass; the result is what was counted."""
        self.begin()
        self.agenda.run(self.setting.length)
        self.end()
        return self.counts

    def begin(self) -> None:
        """Plans the first of everything; whoever calls this lets the agenda run."""
        agenda, inputs = self.agenda, self.inputs
        agenda.at(0, self._quote, 0)
        agenda.after(inputs.sync_period.draw(self._rng), self._begin_sync)
        if inputs.restarts:
            agenda.after(self._wait(inputs.restarts), self._restart)
        if inputs.foreign:
            agenda.after(self._wait(inputs.foreign), self._foreign)

    def end(self) -> None:
        """Ends the client without another word."""
        self._sink = None
        self.life.end()

    def held(self) -> dict[str, int]:
        """How many things are remembered, and by whom."""
        book, policy = self.desk.book, self.desk.policy
        held = {"local book": len(book.tracked_oids()) + len(book.pending_cloids()) + book.remembered_oids()}
        if isinstance(policy, CancelAged):
            stats = policy.tracker.stats(self.agenda.now)
            held["tracker"] = stats.expected_cloids + stats.remembered_oids + stats.candidates + stats.ended_oids
        return {**held, "exchange": len(self.venue.ledger), "agenda": len(self.agenda), "calls": len(self.life)}

    def _wait(self, a_minute: float) -> int:
        """The time to the next of things that happen so often a minute, independent of each other."""
        return int(self._rng.expovariate(a_minute) * MINUTE)

    def _write(self, line: str) -> None:
        if self._sink is not None:
            self._sink(line)

    def _truth(self, event: str, **fields: Any) -> None:
        self._write(_encode({"event": event, "t": self.agenda.now} | fields))

    # the client's life

    def _be_born(self) -> None:
        """A client with an empty memory."""
        self._number += 1
        self._calls = 0
        """Calls whose answer is awaited."""

        self._quotes_wait = False
        """Whether a sync runs that nothing runs beside."""

        self.life = Life(self.agenda)
        self._asks: set[str] = set()
        self.desk = new_client(self.setting.policy, self.setting.constants, self.agenda.clock, self._write)
        shows_cloids = self.setting.policy == "cloid"
        self.connection = Connection(self.venue, self._number, self._learn_fill, shows_cloids=shows_cloids)
        inputs = self.inputs
        settings = sync_settings(self.setting.policy, inputs.staleness.longest)
        verify = self._verify if inputs.sync_delay.longest else None
        self.sync = SafetySync(self.desk, self.connection, verify=verify, settings=settings, sleep=sleep)

    def _restart(self) -> None:
        """The client starts anew; what was in its memory is gone, and nobody waits for the answers to its calls."""
        self.agenda.after(self._wait(self.inputs.restarts), self._restart)
        self.life.end()
        self.counts.restarts += 1
        Journal(self._write).restart(self.agenda.now)
        self._be_born()

    def _learn_fill(self, order: Order) -> None:
        """A message says that an order was filled."""
        if order.life == self._number:
            self.desk.learn_end(order.oid, Ended.FILLED)

    # quoting

    def _quote(self, side: int) -> None:
        """Replaces the ladder of one side, and plans the other's turn."""
        inputs, desk = self.inputs, self.desk
        if self._quotes_wait:
            self.agenda.after(SECOND // 100, self._quote, side)
            return
        self.agenda.after(self._quote_period, self._quote, 1 - side)
        resting = self._resting(side)
        if resting and not self.venue.chance(inputs.requotes):
            return
        modified = resting[: inputs.ladder] if self.venue.chance(inputs.modifies) else []
        for oid in modified:
            order = desk.book.order(oid)
            self._begin_call(
                self._modify(oid, self._name() if order is None or order.cloid is None else order.cloid, side)
            )
        for oid in resting[len(modified) :]:
            self.life.begin(self._cancel(oid))
        if len(modified) < inputs.ladder:
            self._begin_call(self._place([self._name() for _ in range(inputs.ladder - len(modified))], side))

    def _resting(self, side: int) -> list[str]:
        """The orders of one side that the local book holds and that nobody asked to end."""
        book = self.desk.book
        tracked = book.tracked_oids()
        self._asks.intersection_update(tracked)
        orders = [book.order(oid) for oid in sorted(tracked, key=int) if (oid in self._asks) == (side == 1)]
        return [order.oid for order in orders if order is not None and order.cancelling_since is None]

    def _name(self) -> str:
        self._named += 1
        return f"{OWNED_PREFIX}{self._named}"

    def _begin_call(self, call: Task) -> None:
        self._calls += 1
        self.life.begin(call)

    async def _place(self, cloids: list[str], side: int) -> None:
        self.counts.placed += len(cloids)
        orders = [OrderRequest(cloid, "BTC", side == 0, ONE, ONE) for cloid in cloids]
        placed = await place_bulk_ladder_orders(self.desk, self.connection, orders)
        if side == 1:
            self._asks.update(one.oid for one in placed.by_cloid.values() if isinstance(one, Resting))
        self._calls -= 1

    async def _modify(self, oid: str, cloid: str, side: int) -> None:
        """Replaces an order; where the exchange refuses, there is none to replace."""
        self.desk.begin_cancel(oid)
        order = OrderRequest(cloid, "BTC", side == 0, ONE, ONE)
        outcome = await modify_or_replace(self.desk, self.connection, oid, order)
        if isinstance(outcome.modified, Rejected):
            self.desk.learn_end(oid, Ended.CANCELLED)
        elif side == 1 and isinstance(outcome.modified, Resting):
            self._asks.add(outcome.modified.oid)
        self._calls -= 1

    async def _cancel(self, oid: str) -> None:
        """Cancels an order of the book, again and again while nobody knows whether that worked."""
        while self.desk.book.order(oid) is not None:
            outcome = await cancel_order(self.desk, self.connection, oid)
            if not isinstance(outcome, Unknown):
                return
            await Pause(self.inputs.timeout.draw(self._rng))

    # the safety sync

    def _begin_sync(self) -> None:
        """Runs a sync, and plans the next; a desk that does one thing at a time waits for its calls."""
        inputs = self.inputs
        alone = not self.venue.chance(inputs.overlap)
        if alone and self._calls:
            self.agenda.after(SECOND // 100, self._begin_sync)
            return
        self.agenda.after(inputs.sync_period.draw(self._rng), self._begin_sync)
        self._quotes_wait = alone
        self.life.begin(self._run_sync())

    async def _run_sync(self) -> None:
        report = await self.sync.run()
        self._quotes_wait = False
        if not report.skipped:
            self._count(report)

    def _count(self, report: SyncReport) -> None:
        counts, ledger = self.counts, self.venue.ledger
        counts.syncs += 1
        for change in report.dropped:
            if change.change is BookChange.DROPPED and change.oid is not None:
                counts.dropped(rested=ledger.rested(change.oid, report.decided_at))
        resting = [*self._resting(0), *self._resting(1)]
        counts.mismatched(resting, ledger, self._number, report.as_of)

    async def _verify(self, oids: Sequence[str]) -> Collection[str]:
        """Takes its time, and confirms everything: what is decided again after it is decided by the tracker."""
        await Pause(self.inputs.sync_delay.draw(self._rng))
        return oids

    # what happens to the desk

    def _foreign(self) -> None:
        """Somebody else places an order on the account, by hand or by a program with CLOIDs of its own."""
        self.agenda.after(self._wait(self.inputs.foreign), self._foreign)
        cloid = f"0xf{self.counts.foreign}" if self.venue.chance(0.5) else None
        self.counts.foreign += 1
        oid = self.venue.rests_foreign(cloid)
        self.agenda.after(int(self._rng.random() * MINUTE), self.venue.end, oid, "cancelled")
