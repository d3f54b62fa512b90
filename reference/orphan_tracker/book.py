"""The local book: which orders a desk believes to be its own and open, and what it does not know yet.

Three rules. Every change answers what became of it (`BookResult`), and a call that is refused raises ValueError and has
changed nothing. An OID, not a CLOID, is what ends: the end of one says nothing about another of the same CLOID, nor about
a pending one. What is heard of an OID before its answer, a fill or an end, is remembered as long as an answer may still
come, and an end besides until a later snapshot confirms it: so a late answer never re-opens a finished order.
"""

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from .book_model import BookChange, BookResult, Ended, LocalOrder, PendingOrder
from .model import OpenOrder, check_id, check_instant, check_listing
from .stale import Absences, NoEvidence, StaleDecision
from .tombstones import Tombstones


class LocalBook:
    """The orders of one account, pending by CLOID and tracked by OID; instants in ns that never go back."""

    def __init__(self, orphan_grace_period: int) -> None:
        if (
            isinstance(orphan_grace_period, bool)
            or not isinstance(orphan_grace_period, int)
            or orphan_grace_period <= 0
        ):
            raise ValueError(f"orphan_grace_period is {orphan_grace_period!r}; it has to be whole ns, above 0")
        self._now = 0
        self._pending: OrderedDict[str, PendingOrder] = OrderedDict()
        self._tracked: dict[str, LocalOrder] = {}
        self._oids_of: dict[str, dict[str, None]] = {}
        self._tombstones = Tombstones()
        self._absences = Absences(orphan_grace_period)

    # pending, by CLOID

    def add_pending_with_cloid(self, cloid: str, now: int, size: Decimal | None = None) -> BookResult:
        """Notes that an order is about to be sent; one that is pending already goes on, for its answer may still come."""
        check_id("cloid", cloid)
        if size is not None:
            _check_amount("size", size)
        self._advance(now)
        earlier = self._pending.get(cloid)
        if earlier is None:
            self._pending[cloid] = PendingOrder(cloid, now, now, size)
            return BookResult(BookChange.ADDED, now, cloid)
        self._pending[cloid] = replace(earlier, renewed_at=now, size=earlier.size if size is None else size)
        return BookResult(BookChange.ADDED_AGAIN, now, cloid)

    def note_unknown(self, cloid: str, now: int) -> BookResult:
        """Notes that nobody knows what became of a request: from now on a rejection is not definite."""
        check_id("cloid", cloid)
        self._advance(now)
        pending = self._pending.get(cloid)
        if pending is None:
            return BookResult(BookChange.NOT_PENDING, now, cloid)
        if pending.unknown_since is None:
            self._pending[cloid] = replace(pending, unknown_since=now)
        return BookResult(BookChange.NOTED, now, cloid)

    def finalize_pending_by_cloid(self, cloid: str, oid: str, now: int) -> BookResult:
        """Tracks the OID that a pending CLOID was answered with; not one that had ended or been filled before.

        NOT_PENDING where the CLOID was removed meanwhile and nothing is known of the OID: it is not tracked, and whoever
        knows that it rests has to `adopt` it."""
        check_id("cloid", cloid)
        check_id("oid", oid)
        self._advance(now)
        order, pending = self._tracked.get(oid), self._pending.get(cloid)
        if order is not None and order.cloid not in (None, cloid):
            return BookResult(BookChange.OF_ANOTHER_CLOID, now, cloid, oid)
        if pending is None and order is None and not self._tombstones.has_ended(oid):
            return BookResult(BookChange.NOT_PENDING, now, cloid, oid)
        self._pending.pop(cloid, None)
        return BookResult(self._track(oid, cloid, pending, now), now, cloid, oid)

    def remove_pending_by_cloid(self, cloid: str, now: int) -> BookResult:
        """Gives a pending CLOID up: it was rejected, or nothing was heard of it for too long."""
        check_id("cloid", cloid)
        self._advance(now)
        removed = self._pending.pop(cloid, None)
        return BookResult(BookChange.NOT_PENDING if removed is None else BookChange.REMOVED, now, cloid)

    # tracked, by OID

    def adopt(self, oid: str, now: int, cloid: str | None = None) -> BookResult:
        """Tracks an OID that is known to be ours and to rest, whatever was pending; not one that had ended before."""
        check_id("oid", oid)
        if cloid is not None:
            check_id("cloid", cloid)
        self._advance(now)
        order = self._tracked.get(oid)
        if order is not None and cloid is not None and order.cloid not in (None, cloid):
            return BookResult(BookChange.OF_ANOTHER_CLOID, now, cloid, oid)
        return BookResult(self._track(oid, cloid, None, now), now, cloid, oid)

    def record_fill(self, oid: str, amount: Decimal, now: int) -> BookResult:
        """Notes a fill, each once; the order ends with the one that completes its size, where that is known."""
        check_id("oid", oid)
        _check_amount("amount", amount)
        self._advance(now)
        order = self._tracked.get(oid)
        if order is not None:
            filled = order.filled + amount
            self._change(replace(order, filled=filled), now)
            if order.size is not None and filled >= order.size:
                self._end(oid, Ended.FILLED, now)
                return BookResult(BookChange.FILLED, now, order.cloid, oid)
            return BookResult(BookChange.FILLED_PARTLY, now, order.cloid, oid)
        if self._tombstones.has_ended(oid):
            return BookResult(BookChange.ALREADY_ENDED, now, oid=oid)
        if not self._pending:
            return BookResult(BookChange.NOT_TRACKED, now, oid=oid)
        self._tombstones.keep_fill(oid, amount, now)
        return BookResult(BookChange.KEPT_FOR_ANSWER, now, oid=oid)

    def mark_ended(self, oid: str, how: Ended, now: int) -> BookResult:
        """Notes that an order has ended, tracked or not: a tombstone stands until a later snapshot confirms it."""
        check_id("oid", oid)
        self._advance(now)
        order = self._tracked.get(oid)
        if order is None and self._tombstones.has_ended(oid):
            return BookResult(BookChange.ALREADY_ENDED, now, oid=oid)
        self._end(oid, how, now)
        if order is None:
            return BookResult(BookChange.KEPT_FOR_ANSWER, now, oid=oid)
        return BookResult(BookChange.ENDED, now, order.cloid, oid)

    def request_cancel(self, oid: str, now: int) -> BookResult:
        """Notes that a cancel is about to be sent; until its end is learned the order counts as local.

        It is no local change: that the snapshots lack the order goes on to count."""
        return self._set_cancelling(oid, now, now, BookChange.CANCELLING)

    def note_cancel_failed(self, oid: str, now: int) -> BookResult:
        """Notes that the cancel was definitely refused, and the order rests on."""
        return self._set_cancelling(oid, now, None, BookChange.REOPENED)

    # stale

    def find_stale(
        self, listing: Iterable[str | OpenOrder] | None, now: int, as_of: int | None = None
    ) -> StaleDecision:
        """Weighs a snapshot: which local orders it lacks, and which of them were absent for long enough to be dropped.

        `listing`: all open orders; None where the fetch failed. `as_of`: the instant that it shows; now where it is not
        given. It drops nothing: `drop_stale` does."""
        shown = None if listing is None else _shown_oids(listing)
        as_of = now if as_of is None else as_of
        check_instant("as_of", as_of)
        check_instant("now", now)
        if as_of > now:
            raise ValueError(f"as_of is {as_of} ns and now is {now} ns; a snapshot cannot show what is to come")
        self._advance(now)
        if shown is None:
            return StaleDecision(no_evidence=NoEvidence.FAILED)
        if self.is_late(as_of):
            return StaleDecision(no_evidence=NoEvidence.LATE)
        changed_at = {oid: order.changed_at for oid, order in self._tracked.items()}
        explanations = self._absences.weigh(changed_at, shown, now, as_of)
        contradicted = self._tombstones.contradict(shown, as_of)
        self._tombstones.release(next((one.since for one in self._pending.values()), None), as_of)
        return StaleDecision(tuple(e.oid for e in explanations if e.dropped), explanations, contradicted)

    def drop_stale(self, oid: str, now: int) -> BookResult:
        """Drops an order that `find_stale` found stale and that has not changed since."""
        check_id("oid", oid)
        self._advance(now)
        order = self._tracked.get(oid)
        if order is None:
            return BookResult(BookChange.NOT_TRACKED, now, oid=oid)
        if not self.is_stale(oid):
            return BookResult(BookChange.NOT_STALE, now, order.cloid, oid)
        self._untrack(oid)
        return BookResult(BookChange.DROPPED, now, order.cloid, oid)

    def is_late(self, as_of: int) -> bool:
        """Whether a snapshot is older than one that was weighed before."""
        return as_of < self._absences.latest_as_of

    def is_stale(self, oid: str) -> bool:
        """Whether the snapshots so far suffice to drop the order, and nothing changed since."""
        return self._absences.is_stale(oid)

    # what it holds

    def tracked_oids(self) -> frozenset[str]:
        """The OIDs of the local book, those that are being cancelled among them."""
        return frozenset(self._tracked)

    def order(self, oid: str) -> LocalOrder | None:
        """What is known of a tracked OID; None where it is not tracked."""
        return self._tracked.get(oid)

    def oids_of(self, cloid: str) -> tuple[str, ...]:
        """The tracked OIDs of a CLOID, in the order in which they came."""
        return tuple(self._oids_of.get(cloid, ()))

    def pending_cloids(self) -> frozenset[str]:
        """The CLOIDs whose answer is awaited."""
        return frozenset(self._pending)

    def pending(self, cloid: str) -> PendingOrder | None:
        """What is known of a pending CLOID; None where it is not pending."""
        return self._pending.get(cloid)

    def lapsed_cloids(self, age: int, now: int) -> tuple[str, ...]:
        """The pending CLOIDs that were last added so long ago, in ns, or longer."""
        self._advance(now)
        return tuple(cloid for cloid, pending in self._pending.items() if pending.renewed_at + age <= now)

    def knows_end_of(self, oid: str) -> bool:
        """Whether a tombstone of the OID stands."""
        return self._tombstones.has_ended(oid)

    def remembered_oids(self) -> int:
        """How many OIDs that are not tracked something is remembered of."""
        return len(self._tombstones)

    # how

    def _track(self, oid: str, cloid: str | None, pending: PendingOrder | None, now: int) -> BookChange:
        """Puts an OID into the book, with what was heard of it before; a repeated answer is no local change."""
        if self._tombstones.has_ended(oid):
            return BookChange.ALREADY_ENDED
        order, size = self._tracked.get(oid), None if pending is None else pending.size
        if order is not None:
            named = replace(order, cloid=cloid or order.cloid, size=order.size if size is None else size)
            if pending is None:
                self._put(named)
            else:
                self._change(named, now)
            return BookChange.ALREADY_TRACKED
        filled = self._tombstones.take_fills(oid)
        if size is not None and filled >= size:
            self._tombstones.bury(oid, Ended.FILLED, now)
            return BookChange.FILLED
        self._change(LocalOrder(oid, cloid, now, size, filled), now)
        return BookChange.TRACKED

    def _put(self, order: LocalOrder) -> None:
        self._tracked[order.oid] = order
        if order.cloid is not None:
            self._oids_of.setdefault(order.cloid, {})[order.oid] = None

    def _change(self, order: LocalOrder, now: int) -> None:
        """Writes a local change down: what was seen of the order before counts no longer."""
        self._put(replace(order, changed_at=now))
        self._absences.forget(order.oid)

    def _untrack(self, oid: str) -> None:
        order = self._tracked.pop(oid, None)
        self._absences.forget(oid)
        if order is not None and order.cloid is not None:
            oids = self._oids_of[order.cloid]
            del oids[oid]
            if not oids:
                del self._oids_of[order.cloid]

    def _end(self, oid: str, how: Ended, now: int) -> None:
        self._untrack(oid)
        self._tombstones.bury(oid, how, now)

    def _set_cancelling(self, oid: str, now: int, since: int | None, change: BookChange) -> BookResult:
        check_id("oid", oid)
        self._advance(now)
        order = self._tracked.get(oid)
        if order is None:
            ended = self._tombstones.has_ended(oid)
            return BookResult(BookChange.ALREADY_ENDED if ended else BookChange.NOT_TRACKED, now, oid=oid)
        if since is None and order.cancelling_since is None:
            return BookResult(BookChange.NOT_CANCELLING, now, order.cloid, oid)
        self._put(replace(order, cancelling_since=since))
        return BookResult(change, now, order.cloid, oid)

    def _advance(self, now: int) -> None:
        check_instant("now", now)
        if now < self._now:
            raise ValueError(f"now is {now} ns and was {self._now} ns before; it must not go back")
        self._now = now


def _shown_oids(listing: Iterable[str | OpenOrder]) -> frozenset[str]:
    """The OIDs of a listing; raises ValueError for what is no listing."""
    check_listing(listing)
    oids = [order.oid if isinstance(order, OpenOrder) else order for order in listing]
    for oid in oids:
        check_id("an OID", oid)
    return frozenset(oids)


def _check_amount(name: str, amount: object) -> None:
    if not isinstance(amount, Decimal) or not amount.is_finite() or amount <= 0:
        raise ValueError(f"{name} is {amount!r}; it has to be a Decimal above 0")
