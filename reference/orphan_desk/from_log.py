"""The world rebuilt from a real desk's log, in which a policy decides.

Three rules. What the log says happens at its instant: calls, answers, the desk's own cancels, ends, syncs. What it does not
say is replaced by an assumption, and each has a sentence in `ASSUMPTIONS`. Placing, book, tracker and sync are those of the
reference, as in the simulator.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from orphan_desk.origin_log import Log, LoggedOrder, LoggedSync, Reject
from orphan_desk.simulator.agenda import Agenda, Life, Pause, sleep
from orphan_desk.simulator.clients import Sink, new_client, sync_settings
from orphan_desk.simulator.counts import Counts
from orphan_desk.simulator.inputs import PolicyName
from orphan_desk.simulator.ledger import Ledger
from orphan_tracker import (
    BookChange,
    Cancelled,
    CancelOutcome,
    Ended,
    Filled,
    Gone,
    OpenOrder,
    OrderRequest,
    OrphanTrackerConfig,
    Outcome,
    Rejected,
    Resting,
    SafetySync,
    SyncReport,
)

ASSUMPTIONS: Final = (
    "no registration is logged: each order is registered at the instant of its call",
    "no CLOID is logged without CLOIDs: each order of such a log gets one of its own",
    "not logged when the exchange rests an order: after the stated share of the time to its answer",
    "no snapshot is logged, only how many orders: it shows what the rebuilt world has open, less the stated lag",
    "no local book is logged: it holds an order from its answer until its end is learned",
    "not logged when a cancel works: halfway to its confirmation; an order found filled was so when its cancel was sent",
    "what a policy cancels is gone from then on, and everything else goes on as logged",
)
"""What the log does not say, and what stands in for it."""

LIFE: Final = 1
ONE: Final = Decimal(1)
CANCEL_LATENCY: Final = 513_000_000
"""How long the cancel of an orphan takes, in ns: the median of the desk's own."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """How the world is rebuilt."""

    policy: PolicyName
    constants: OrphanTrackerConfig = field(default_factory=OrphanTrackerConfig)
    rests_after: float = 0.5
    """Share of the time to the answer after which an order rests."""

    staleness: int = 0
    """How far a snapshot lags behind the exchange, in ns."""

    sync_every: int | None = None
    """Syncs so often, in ns, in place of the logged ones; None: at the logged instants."""


@dataclass(frozen=True, slots=True)
class Cancellation:
    """One order that a policy cancelled."""

    at: int
    oid: str
    cloid: str
    reason: str
    sent_at: int
    answered_at: int
    """When the desk was told that the order rests: later than `at` for an order in flight."""


@dataclass(slots=True)
class Verdicts:
    """What a policy made of the log."""

    counts: Counts = field(default_factory=Counts)
    kept: dict[str, int] = field(default_factory=dict)
    """How often a candidate was kept, by the reason."""

    cancellations: list[Cancellation] = field(default_factory=list)
    counted: int = 0
    """Syncs for which the log says how many orders were open."""

    counted_alike: int = 0
    """Those at which the rebuilt world shows as many."""


class _NobodyElsePlaces:
    """The part of an exchange that only the log uses."""

    async def place(self, order: OrderRequest) -> Outcome:
        """Refused: orders come from the log."""
        raise LookupError("orders come from the log")

    async def place_bulk(self, orders: Sequence[OrderRequest]) -> Sequence[Outcome]:
        """Refused: orders come from the log."""
        raise LookupError("orders come from the log")

    async def modify(self, oid: str, order: OrderRequest) -> Outcome:
        """Refused: orders come from the log."""
        raise LookupError("orders come from the log")

    async def cancel(self, oid: str) -> CancelOutcome:
        """Refused: the desk's own cancels come from the log."""
        raise LookupError("the desk's own cancels come from the log")


class LoggedWorld(_NobodyElsePlaces):
    """The exchange and the client of a log; `run` lets it happen. It is the exchange that the sync asks."""

    def __init__(self, log: Log, rebuild: Rebuild, sink: Sink) -> None:
        self.log = log
        self.rebuild = rebuild
        self.verdicts = Verdicts()
        self.agenda = Agenda()
        self.ledger = Ledger(rebuild.staleness + 60_000_000_000)
        self._life = Life(self.agenda)
        self._sink = sink
        self._desk = new_client(rebuild.policy, rebuild.constants, self.agenda.clock, sink)
        self._sync = SafetySync(
            self._desk, self, settings=sync_settings(rebuild.policy, rebuild.staleness), sleep=sleep
        )
        fetches = sorted(sync.compared_at - sync.started_at for sync in log.syncs if sync.compared_at is not None)
        self._fetch = fetches[len(fetches) // 2] if fetches else 0
        self._active: int | None = None

    def run(self) -> Verdicts:
        """Lets everything happen that the log says."""
        self._plan_calls()
        for order in self.log.orders.values():
            self._plan_order(order)
        for sync in self._syncs():
            fetch = self._fetch if sync.compared_at is None else sync.compared_at - sync.started_at
            self.agenda.at(sync.started_at, self._begin_sync, fetch, sync.active)
        self.agenda.run(self.log.ends_at)
        self._life.end()
        return self.verdicts

    def _syncs(self) -> Sequence[LoggedSync]:
        every = self.rebuild.sync_every
        if every is None:
            return self.log.syncs
        return [LoggedSync(instant) for instant in range(0, self.log.ends_at + 1, every)]

    def _truth(self, event: str, **fields: Any) -> None:
        self._sink(json.dumps({"event": event, "t": self.agenda.now} | fields, separators=(",", ":")))

    def _plan_calls(self) -> None:
        calls: dict[int, list[str]] = {}
        placed: list[LoggedOrder | Reject] = [*self.log.orders.values(), *self.log.rejects]
        for one in placed:
            calls.setdefault(one.sent_at, []).append(one.cloid)
        for sent_at, cloids in sorted(calls.items()):
            self.agenda.at(sent_at, self._expect, cloids)
        for reject in self.log.rejects:
            self.agenda.at(reject.answered_at, self._reject, reject)

    def _plan_order(self, order: LoggedOrder) -> None:
        agenda = self.agenda
        way = int((order.answered_at - order.sent_at) * self.rebuild.rests_after)
        agenda.at(order.sent_at + way, self._rest, order)
        agenda.at(order.answered_at, self._answer, order)
        if order.cancel_sent_at is not None:
            agenda.at(order.cancel_sent_at, self._ask_to_end, order)
        if order.end_known_at is not None:
            sent_at = order.end_known_at if order.cancel_sent_at is None else order.cancel_sent_at
            ends_at = sent_at if order.filled else (sent_at + order.end_known_at) // 2
            agenda.at(ends_at, self._end, order.oid, "filled" if order.filled else "cancelled")
            agenda.at(order.end_known_at, self._learn_end, order)

    # what the log says

    def _expect(self, cloids: Sequence[str]) -> None:
        self.verdicts.counts.placed += len(cloids)
        self._desk.expect([OrderRequest(cloid, "BTC", True, ONE, ONE) for cloid in cloids])

    def _reject(self, reject: Reject) -> None:
        self._desk.settle(reject.cloid, Rejected("as logged", reject.cloid))

    def _rest(self, order: LoggedOrder) -> None:
        self.ledger.accept(order.cloid, LIFE, self.agenda.now, order.oid)
        self._truth("accept", oid=order.oid, cloid=order.cloid)
        if order.filled_at_once:
            self._end(order.oid, "filled")

    def _answer(self, order: LoggedOrder) -> None:
        outcome: Outcome = Filled(order.oid) if order.filled_at_once else Resting(order.oid)
        self._desk.settle(order.cloid, outcome)
        resting = self.ledger.open.get(order.oid)
        if resting is not None:
            resting.answered = True

    def _ask_to_end(self, order: LoggedOrder) -> None:
        self._desk.begin_cancel(order.oid)
        resting = self.ledger.open.get(order.oid)
        if resting is not None:
            resting.unwanted = True

    def _end(self, oid: str, how: str) -> bool:
        ended = self.ledger.end(oid, self.agenda.now) is not None
        if ended:
            self._truth("end", oid=oid, how=how)
        return ended

    def _learn_end(self, order: LoggedOrder) -> None:
        self._desk.learn_end(order.oid, Ended.FILLED if order.filled else Ended.CANCELLED)

    # the sync

    def _begin_sync(self, fetch: int, active: int | None) -> None:
        self._fetch, self._active = fetch, active
        self._life.begin(self._run_sync())

    async def _run_sync(self) -> None:
        report = await self._sync.run()
        if not report.skipped:
            self._count(report)

    def _count(self, report: SyncReport) -> None:
        verdicts = self.verdicts
        verdicts.counts.syncs += 1
        for explanation in report.decision.explanations:
            if not explanation.cancelled:
                name = explanation.reason.name
                verdicts.kept[name] = verdicts.kept.get(name, 0) + 1
        for change in report.dropped:
            if change.change is BookChange.DROPPED and change.oid is not None:
                verdicts.counts.dropped(rested=self.ledger.rested(change.oid, report.decided_at))

    async def open_orders(self) -> Sequence[OpenOrder]:
        """The open orders of the rebuilt world."""
        as_of = max(0, self.agenda.now - self.rebuild.staleness)
        await Pause(self._fetch)
        shown = list(self.ledger.listing(as_of))
        self.verdicts.counted += self._active is not None
        self.verdicts.counted_alike += self._active == len(shown)
        if self.rebuild.policy == "cloid":
            return [OpenOrder(order.oid, order.cloid) for order in shown]
        return [OpenOrder(order.oid) for order in shown]

    async def cancel_bulk(self, oids: Sequence[str]) -> Sequence[CancelOutcome]:
        """Cancels what the policy takes for orphans."""
        unanswered = [oid for oid in oids if oid in self.ledger.open and not self.ledger.open[oid].answered]
        reason = "unclaimed" if self.rebuild.policy == "naive" else "AGED"
        outcomes: list[CancelOutcome] = []
        for oid in oids:
            order = self.log.orders[oid]
            at = self.agenda.now
            self.verdicts.cancellations.append(
                Cancellation(at, oid, order.cloid, reason, order.sent_at, order.answered_at)
            )
            self.verdicts.counts.cancelled(self.ledger.open.get(oid), LIFE, unanswered)
            outcomes.append(Cancelled() if self._end(oid, "cancelled") else Gone("there is no such order"))
        await Pause(CANCEL_LATENCY)
        return outcomes
