"""The safety sync in steps: request, receive, decide, verify, decide again, cancel, resolve what is stale.

Three rules. The snapshot is as of the instant of its request, less what the venue may lag. After every await, what was
decided is decided again, with the newest local book and protection, before a cancel is sent. Whatever fails, fails closed:
no snapshot, no verification and no answer to a cancel never mean that more is cancelled; an orphan whose cancel was not
taken is tried again.
"""

import asyncio
from collections.abc import Awaitable, Callable, Collection, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeAlias

from .auditor import SafetyAuditor
from .book_model import BookChange
from .config import NANOSECONDS_PER_SECOND
from .desk import Desk
from .exchange import CancelOutcome, Exchange, Resting, Unknown
from .model import OpenOrder, listing_by_oid
from .report import CancelAttempt, SyncReport

Sleep: TypeAlias = Callable[[float], Awaitable[object]]
"""Waits for so many seconds: `asyncio.sleep`."""

Verify: TypeAlias = Callable[[Sequence[str]], Awaitable[Collection[str]]]
"""Looks again at orders that are about to be cancelled, and answers which of them may be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SyncSettings:
    """How a safety sync goes about it; durations in ns. Raises ValueError for what cannot be meant."""

    cancel_attempts: int = 3
    """How often one run tries to cancel an orphan."""

    first_pause: int = 100_000_000
    """How long it waits before it tries again; each pause is twice the one before."""

    snapshot_age_max: int = 0
    """How far behind its request a snapshot may be, where a venue's lists lag: so much earlier is it taken to be."""

    call_timeout: int | None = None
    """How long it waits for the exchange or the verification; None: for ever."""

    pending_lapses_after: int | None = 60 * NANOSECONDS_PER_SECOND
    """How long a pending CLOID waits for its answer before it is given up; None: for ever."""

    adopts_unknown: bool = True
    """Whether an open order that is shown with a CLOID whose outcome is unknown comes into the local book."""

    def __post_init__(self) -> None:
        least = {"cancel_attempts": 1, "first_pause": 0, "snapshot_age_max": 0}
        least |= {name: 1 for name in ("call_timeout", "pending_lapses_after") if getattr(self, name) is not None}
        for name, bound in least.items():
            value = getattr(self, name)
            if isinstance(value, bool) or not isinstance(value, int) or value < bound:
                raise ValueError(f"{name} is {value!r}; it has to be a whole number, {bound} or more")


class Cancelling(NamedTuple):
    """What came of one attempt to cancel."""

    attempts: tuple[CancelAttempt, ...]
    left: tuple[str, ...]


class SafetySync:
    """Runs over one desk and one exchange; a run that begins while another is under way is skipped."""

    def __init__(
        self,
        desk: Desk,
        exchange: Exchange,
        *,
        verify: Verify | None = None,
        settings: SyncSettings | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._desk = desk
        self._exchange = exchange
        self._verify = verify
        self._settings = SyncSettings() if settings is None else settings
        self._sleep = sleep
        self._running = False

    async def run(self) -> SyncReport:
        """Runs once."""
        if self._running:
            now = self._desk.clock()
            self._desk.count("sync.skipped")
            return SyncReport(now, now, skipped=True)
        self._running = True
        try:
            report = await self._run()
        finally:
            self._running = False
        self._count(report)
        return report

    async def run_every(self, period: int, on_report: Callable[[SyncReport], object] = lambda report: None) -> None:
        """Runs for ever, every `period` ns from start to start, or at once after a run that took longer."""
        while True:
            started_at = self._desk.clock()
            on_report(await self.run())
            left = started_at + period - self._desk.clock()
            await self._sleep(max(0, left) / NANOSECONDS_PER_SECOND)

    async def _run(self) -> SyncReport:
        as_of = max(0, self._desk.clock() - self._settings.snapshot_age_max)
        listing, failure = await self._fetch()
        report = replace(self._decide(listing, as_of), fetch_failure=failure)
        condemned = report.decision.aged
        if not condemned:
            return report
        verified, verification_failure = await self._verified(condemned)
        report = replace(
            report,
            verification_failure=verification_failure,
            unverified=tuple(oid for oid in condemned if oid not in verified),
        )
        return await self._cancel(report, tuple(oid for oid in condemned if oid in verified))

    # request and receive

    async def _fetch(self) -> tuple[tuple[OpenOrder, ...] | None, str | None]:
        try:
            async with self._limit():
                return tuple(listing_by_oid(await self._exchange.open_orders()).values()), None
        except Exception as exception:
            return None, _said(exception)

    # decide

    def _decide(self, listing: tuple[OpenOrder, ...] | None, as_of: int) -> SyncReport:
        """Everything between two awaits: one instant for the policy, the book and the journal."""
        desk = self._desk
        adopted = self._adopt(listing or (), as_of)
        now, local = desk.clock(), desk.book.tracked_oids()
        candidates = SafetyAuditor.find_orphans(listing, local)
        decision = desk.policy.filter_aged_orphans(candidates, now, as_of)
        desk.tell(decision.notices)
        stale = desk.book.find_stale(listing, now, as_of)
        dropped = tuple([desk.note(desk.book.drop_stale(oid, now)) for oid in stale.stale])
        desk.journal.sync(
            now,
            as_of,
            listing,
            sorted(local),
            dropped=[one.oid for one in dropped if one.oid is not None and one.change is BookChange.DROPPED],
            pending=decision.aged or None,
        )
        lapses_after = self._settings.pending_lapses_after
        lapsing = () if lapses_after is None else desk.book.lapsed_cloids(lapses_after, now)
        lapsed = tuple([desk.note(desk.book.remove_pending_by_cloid(cloid, now)) for cloid in lapsing])
        return SyncReport(as_of, now, False, None, decision, stale, dropped, adopted, lapsed)

    def _adopt(self, listing: Sequence[OpenOrder], as_of: int) -> tuple[str, ...]:
        """Settles unknown outcomes by what the exchange shows, where the snapshot is later than the request."""
        desk, adopted = self._desk, []
        if not self._settings.adopts_unknown or desk.book.is_late(as_of):
            return ()
        for order in listing:
            for cloid in order.cloids:
                pending = desk.book.pending(cloid)
                unknown = pending is not None and pending.unknown_since is not None and as_of > pending.since
                if unknown and desk.book.order(order.oid) is None and not desk.book.knows_end_of(order.oid):
                    desk.settle(cloid, Resting(order.oid))
                    adopted.append(order.oid)
        return tuple(adopted)

    # verify

    async def _verified(self, oids: tuple[str, ...]) -> tuple[Collection[str], str | None]:
        if self._verify is None:
            return oids, None
        try:
            async with self._limit():
                return frozenset(await self._verify(oids)), None
        except Exception as exception:
            return (), _said(exception)

    # decide again, and cancel

    async def _cancel(self, report: SyncReport, oids: tuple[str, ...]) -> SyncReport:
        """Sends cancels, and sends again what was not taken, each time after a longer pause."""
        pause = self._settings.first_pause
        for attempt in range(1, self._settings.cancel_attempts + 1):
            now, local = self._desk.clock(), self._desk.book.tracked_oids()
            confirmed = self._desk.policy.confirm(oids, local, now)
            self._desk.journal.act(now, sorted(local), confirmed.aged)
            report = replace(report, confirmations=(*report.confirmations, confirmed))
            if not confirmed.aged:
                break
            sent = await self._send(confirmed.aged, attempt, now)
            report, oids = replace(report, cancels=(*report.cancels, *sent.attempts)), sent.left
            if not oids or attempt == self._settings.cancel_attempts:
                break
            await self._sleep(pause / NANOSECONDS_PER_SECOND)
            pause *= 2
        return report

    async def _send(self, oids: tuple[str, ...], attempt: int, now: int) -> Cancelling:
        outcomes: Sequence[CancelOutcome]
        try:
            async with self._limit():
                outcomes = await self._exchange.cancel_bulk(oids)
        except Exception as exception:
            outcomes = [Unknown(_said(exception))] * len(oids)
        if len(outcomes) != len(oids):
            outcomes = [Unknown(f"{len(outcomes)} answers came for {len(oids)} cancels")] * len(oids)
        pairs = list(zip(oids, outcomes, strict=True))
        left = tuple(oid for oid, outcome in pairs if not self._desk.settle_orphan_cancel(oid, outcome))
        return Cancelling(tuple(CancelAttempt(oid, attempt, now, outcome) for oid, outcome in pairs), left)

    def _limit(self) -> AbstractAsyncContextManager[object]:
        limit = self._settings.call_timeout
        return nullcontext() if limit is None else asyncio.timeout(limit / NANOSECONDS_PER_SECOND)

    def _count(self, report: SyncReport) -> None:
        count = self._desk.count
        count("sync.runs")
        count("sync.snapshots_failed", report.fetch_failure is not None)
        count("sync.verifications_failed", report.verification_failure is not None)
        count("sync.unverified", len(report.unverified))
        count("sync.adopted", len(report.adopted))
        count("sync.cancels_sent", len(report.cancels))
        for explanation in report.decision.explanations:
            count(f"candidate.{explanation.reason.name}")
        for stale in report.stale.explanations:
            count(f"absent.{stale.reason.name}")
        for confirmation in report.confirmations:
            count("sync.spared", sum(not one.cancelled for one in confirmation.explanations))


def _said(exception: Exception) -> str:
    return f"{type(exception).__name__}: {exception}"
