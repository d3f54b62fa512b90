"""The tracker: which of the orders that nobody claims are cancelled, and which are kept.

Three rules.
1. Each operation gets one `now`, in whole nanoseconds, that never goes back; no clock is read here.
2. An operation that is refused raises ValueError and has changed nothing.
3. Nothing is silent: every candidate is explained, every contradiction comes back as a notice and is counted.

An orphan ages by snapshots, from `as_of` to `as_of`, and only through snapshots in which it is a candidate that nothing
protects; whatever protects it, even between two syncs, ends its age at once. A snapshot that is not later than the last
local change of an order does not decide about it, except that an order which it lacks no longer ages. After a restart a new
tracker knows nothing: what it may promise counts from then, and orders in flight are leftovers of an earlier life.
"""

from collections import Counter
from collections.abc import Collection, Iterable

from .config import OrphanTrackerConfig
from .memory import NEVER, Memory
from .model import (
    Explanation,
    Notice,
    NoticeKind,
    OpenOrder,
    Reason,
    SyncDecision,
    TrackerStats,
    check_id,
    check_instant,
    listing_by_oid,
)


class OrphanTracker:
    """Stands between the comparison with the exchange and the cancel."""

    def __init__(self, config: OrphanTrackerConfig | None = None) -> None:
        self._config = OrphanTrackerConfig() if config is None else config
        self._memory = Memory(self._config)
        self._now = 0
        self._first_seen: dict[str, int] = {}
        self._latest: dict[str, OpenOrder] = {}
        self._latest_as_of = NEVER
        self._counts: Counter[NoticeKind] = Counter()

    @property
    def config(self) -> OrphanTrackerConfig:
        """The constants that it was made with."""
        return self._config

    def register_expected_cloids(self, cloids: Iterable[str], now: int) -> tuple[Notice, ...]:
        """Expects an answer for each CLOID, from now for one TTL; a CLOID expected already starts again."""
        if isinstance(cloids, str):
            raise ValueError(f"cloids is {cloids!r}; it has to be a list of CLOIDs, not one text")
        distinct = tuple(dict.fromkeys(_checked_cloid(cloid) for cloid in cloids))
        disowned = [cloid for cloid in distinct if not self._config.owns(cloid)]
        self._advance(now)
        for cloid in distinct:
            for oid in self._memory.shown.get(cloid, ()):
                self._first_seen.pop(oid, None)
            self._memory.register(cloid, now)
        return self._told(Notice(NoticeKind.REGISTERED_NOT_OWNED, now, cloid) for cloid in disowned)

    def record_oid_for_cloid(self, cloid: str, oid: str, now: int) -> tuple[Notice, ...]:
        """Notes the exchange's answer: the order with this CLOID has this OID."""
        self._check_pair(cloid, oid)
        self._advance(now)
        memory, kinds = self._memory, []
        order = memory.change(oid, now)
        if order.cloid not in (None, cloid):
            kinds.append(NoticeKind.RECORDED_FOR_ANOTHER)
        order.cloid = cloid
        if cloid in memory.windows:
            memory.link(oid, cloid)
            self._first_seen.pop(oid, None)
        else:
            kinds.append(NoticeKind.RECORDED_UNEXPECTED)
        if order.acknowledged_until == NEVER:
            order.acknowledged_until = memory.hear_of(oid, now)
            self._first_seen.pop(oid, None)
        return self._told(Notice(kind, now, cloid, oid) for kind in kinds)

    def mark_finalized(self, cloid: str, oid: str, now: int) -> tuple[Notice, ...]:
        """Notes that the order is in the local book; the expectation of its CLOID ends.

        It does not end where this OID was finalized before the CLOID was last registered and is not forgotten: that
        says nothing about the newer order."""
        self._check_pair(cloid, oid)
        self._advance(now)
        memory, kinds = self._memory, []
        order = memory.change(oid, now)
        if order.cloid not in (None, cloid):
            kinds.append(NoticeKind.FINALIZED_FOR_ANOTHER)
        order.cloid = cloid
        window = memory.windows.get(cloid)
        if order.finalized_until == NEVER:
            memory.step += 1
            order.finalized_step = memory.step
            order.finalized_until = memory.hear_of(oid, now)
            self._first_seen.pop(oid, None)
        if window is None:
            kinds.append(NoticeKind.FINALIZED_UNEXPECTED)
        elif order.finalized_step < window.registered_step:
            kinds.append(NoticeKind.FINALIZED_EARLIER)
        else:
            if window.oids and oid not in window.oids:
                kinds.append(NoticeKind.FINALIZED_UNRECORDED)
            memory.close(cloid, now)
        return self._told(Notice(kind, now, cloid, oid) for kind in kinds)

    def mark_failed(self, cloid: str, now: int) -> tuple[Notice, ...]:
        """Notes a definite rejection; never call it for a timeout, a 5xx or a lost connection.

        The expectation ends, but not where an OID is known for the CLOID: that contradicts, and it stays protected."""
        _checked_cloid(cloid)
        self._advance(now)
        window = self._memory.windows.get(cloid)
        self._memory.fail(cloid, now)
        if window is None:
            return self._told([Notice(NoticeKind.FAILED_UNEXPECTED, now, cloid)])
        if window.oids:
            return self._told(Notice(NoticeKind.FAILED_WITH_OID, now, cloid, oid) for oid in sorted(window.oids))
        self._memory.close(cloid, now)
        return ()

    def mark_ended(self, oid: str, now: int) -> tuple[Notice, ...]:
        """Notes that the order has ended: filled, cancelled, expired or replaced, by whatever message that was learned.

        Its age ends, and no snapshot that is not later decides about it: what a stale one shows is a ghost. It says
        nothing about other OIDs of its CLOID, and ends no window."""
        check_id("oid", oid)
        self._advance(now)
        self._first_seen.pop(oid, None)
        self._memory.end(oid, now)
        return ()

    def clear_orphan(self, oid: str, now: int) -> tuple[Notice, ...]:
        """Notes that a cancel was sent for the order; if it is still open later, its age begins anew."""
        check_id("oid", oid)
        self._advance(now)
        self._first_seen.pop(oid, None)
        if oid in self._memory.candidates or oid in self._memory.orders:
            self._memory.change(oid, now)
        if oid in self._memory.candidates:
            return ()
        return self._told([Notice(NoticeKind.CLEARED_UNKNOWN, now, oid=oid)])

    def cleanup(self, now: int) -> None:
        """Frees what is over. Every operation does so itself: no answer depends on when, or whether, this is called."""
        self._advance(now)

    def protected_oids(self, now: int) -> frozenset[str]:
        """The OIDs that are protected now; a candidate may be protected by its CLOID besides."""
        self._advance(now)
        return frozenset(self._memory.heard_until) | frozenset(self._memory.links)

    def stats(self, now: int) -> TrackerStats:
        """What the tracker holds now, and how often it was told what contradicts."""
        self._advance(now)
        memory = self._memory
        return TrackerStats(
            at=now,
            expected_cloids=len(memory.windows),
            heard_oids=len(memory.heard_until),
            linked_oids=len(memory.links),
            remembered_oids=len(memory.orders),
            ended_oids=len(memory.ended),
            candidates=len(memory.candidates),
            aging_orphans=len(self._first_seen),
            notices=dict(self._counts),
        )

    def filter_aged_orphans(
        self, candidates: Iterable[str | OpenOrder] | None, now: int, as_of: int | None = None
    ) -> SyncDecision:
        """Decides about every candidate: an open order, as of the snapshot, that the local book does not have.

        `candidates`: OIDs, or open orders with what the venue says about their CLOIDs; None where the fetch failed,
        which is no evidence and changes nothing. `as_of`: the instant that the snapshot shows, at most now; now where
        it is not given. An aged orphan stays aged until `clear_orphan` is called for it: a lost cancel is retried."""
        listing = None if candidates is None else listing_by_oid(candidates)
        disowned = {oid for oid, order in (listing or {}).items() if self._is_disowned(order)}
        as_of = self._checked_as_of(as_of, now)
        self._advance(now)
        if listing is None:
            return SyncDecision(notices=self._told([Notice(NoticeKind.SNAPSHOT_FAILED, now)]))
        notices = self._contradictions(listing, now, as_of)
        if as_of < self._latest_as_of:
            notices.append(Notice(NoticeKind.SNAPSHOT_LATE, now))
            explained = [self._protection_of(order, now) or self._late(order.oid, now) for order in listing.values()]
            return SyncDecision(explanations=tuple(explained), notices=self._told(notices))
        new = 0
        explanations = []
        for oid, order in listing.items():
            for cloid in order.cloids:
                if cloid in self._memory.windows:
                    self._memory.link(oid, cloid)
            explanation = self._protection_of(order, now)
            if explanation is not None:
                self._first_seen.pop(oid, None)
            else:
                began, explanation = self._age(order, now, as_of, foreign=oid in disowned and not self._is_named(oid))
                new += began
            explanations.append(explanation)
        self._take_as_latest(listing, as_of)
        return SyncDecision(
            aged=tuple(e.oid for e in explanations if e.reason is Reason.AGED),
            new=new,
            foreign=tuple(e.oid for e in explanations if e.reason is Reason.FOREIGN),
            explanations=tuple(explanations),
            notices=self._told(notices),
        )

    def confirm(self, oids: Iterable[str], local_oids: Collection[str], now: int) -> SyncDecision:
        """Decides again, right before the cancels are sent, about OIDs that a sync found aged.

        The evidence is the latest snapshot that counted; protection and the local book count as of now. Only what is
        `aged` here may be sent. It changes nothing, and may be asked again before a cancel is repeated."""
        orders = [self._latest.get(order.oid, order) for order in listing_by_oid(oids).values()]
        if isinstance(local_oids, str):
            raise ValueError(f"local_oids is {local_oids!r}; it has to be a collection of OIDs, not one text")
        local = frozenset(local_oids)
        disowned = {order.oid for order in orders if self._is_disowned(order)}
        self._advance(now)
        explanations = []
        for order in orders:
            foreign = order.oid in disowned and not self._is_named(order.oid)
            explanations.append(self._confirm(order, now, tracked=order.oid in local, foreign=foreign))
        return SyncDecision(
            aged=tuple(e.oid for e in explanations if e.reason is Reason.AGED),
            foreign=tuple(e.oid for e in explanations if e.reason is Reason.FOREIGN),
            explanations=tuple(explanations),
        )

    def _confirm(self, order: OpenOrder, now: int, *, tracked: bool, foreign: bool) -> Explanation:
        if tracked:
            return Explanation(order.oid, Reason.TRACKED, now, None)
        protection = self._protection_of(order, now)
        if protection is not None:
            return protection
        if order.oid not in self._latest:
            return Explanation(order.oid, Reason.NOT_SHOWN, now, None)
        if foreign:
            return Explanation(order.oid, Reason.FOREIGN, now, None)
        return self._explain_age(order, now, self._latest_as_of)

    def _age(self, order: OpenOrder, now: int, as_of: int, *, foreign: bool) -> tuple[bool, Explanation]:
        """Ages an orphan by one snapshot; also says whether an age of ours began."""
        oid = order.oid
        if self._was_protected_since_sync(order):
            self._first_seen.pop(oid, None)
        decides = as_of > self._memory.changed_at(oid, order.cloids)
        began = decides and oid not in self._first_seen
        if began:
            self._first_seen[oid] = as_of
        if foreign:
            return False, Explanation(oid, Reason.FOREIGN, now, None)
        return began, self._explain_age(order, now, as_of)

    def _explain_age(self, order: OpenOrder, now: int, as_of: int) -> Explanation:
        """How old an orphan is by a snapshot, if the snapshot decides about it."""
        oid, changed_at = order.oid, self._memory.changed_at(order.oid, order.cloids)
        if as_of <= changed_at:
            is_ghost = self._memory.ended.get(oid) == changed_at
            return Explanation(oid, Reason.GHOST if is_ghost else Reason.OLDER_THAN_CHANGE, now, changed_at)
        if oid not in self._first_seen:
            return Explanation(oid, Reason.WITHIN_GRACE, now, None)
        aged_at = self._first_seen[oid] + self._config.orphan_grace_period
        return Explanation(oid, Reason.AGED if as_of >= aged_at else Reason.WITHIN_GRACE, now, aged_at)

    def _was_protected_since_sync(self, order: OpenOrder) -> bool:
        """Whether a CLOID that the order is shown with was expected since the last deciding sync, and is no more.

        Where too many windows ended meanwhile to remember them all, a CLOID that the order was not shown with before
        counts as if it had been; one that it was shown with before ended the age when it was registered."""
        memory = self._memory
        for cloid in order.cloids:
            closed = memory.closed.get(cloid)
            if closed is not None and closed.open_after_sync == memory.syncs:
                return True
            if memory.overlooked and order.oid not in memory.shown.get(cloid, ()):
                return True
        return False

    def _protection_of(self, order: OpenOrder, now: int) -> Explanation | None:
        """What protects a candidate longest, if anything does."""
        memory = self._memory
        ends = [(memory.expected_until(order.oid), Reason.EXPECTED)]
        ends += [(memory.windows[cloid].until, Reason.EXPECTED) for cloid in order.cloids if cloid in memory.windows]
        known = memory.orders.get(order.oid)
        if known is not None:
            ends += [(known.acknowledged_until, Reason.ACKNOWLEDGED), (known.finalized_until, Reason.FINALIZED)]
        until, reason = max(ends, key=lambda end: end[0])
        return Explanation(order.oid, reason, now, until) if until > now else None

    def _late(self, oid: str, now: int) -> Explanation:
        return Explanation(oid, Reason.LATE_SNAPSHOT, now, self._latest_as_of)

    def _take_as_latest(self, listing: dict[str, OpenOrder], as_of: int) -> None:
        for oid in self._memory.candidates - listing.keys():
            self._first_seen.pop(oid, None)
        self._memory.show({oid: order.cloids for oid, order in listing.items()}, as_of)
        self._latest, self._latest_as_of = listing, as_of

    def _contradictions(self, listing: dict[str, OpenOrder], now: int, as_of: int) -> list[Notice]:
        notices = []
        for oid, order in listing.items():
            if as_of > self._memory.ended.get(oid, as_of):
                notices.append(Notice(NoticeKind.SHOWN_AFTER_END, now, oid=oid))
            if len(order.stated) > 1:
                notices.append(Notice(NoticeKind.SHOWN_WITH_SEVERAL, now, oid=oid))
            known = self._memory.orders.get(oid)
            if known is not None and known.cloid is not None and order.stated and known.cloid not in order.stated:
                notices.append(Notice(NoticeKind.SHOWN_WITH_ANOTHER, now, known.cloid, oid))
        return notices

    def _is_disowned(self, order: OpenOrder) -> bool:
        """Whether the listing alone says that the order is not ours."""
        return self._config.knows_owner and bool(order.stated) and not any(map(self._config.owns, order.cloids))

    def _is_named(self, oid: str) -> bool:
        known = self._memory.orders.get(oid)
        return known is not None and known.cloid is not None

    def _told(self, notices: Iterable[Notice]) -> tuple[Notice, ...]:
        told = tuple(notices)
        self._counts.update(notice.kind for notice in told)
        return told

    def _advance(self, now: int) -> None:
        check_instant("now", now)
        if now < self._now:
            raise ValueError(f"now is {now} ns and was {self._now} ns before; it must not go back")
        self._now = now
        self._memory.advance(now)

    def _checked_as_of(self, as_of: int | None, now: int) -> int:
        if as_of is None:
            return now
        check_instant("as_of", as_of)
        check_instant("now", now)
        if as_of > now:
            raise ValueError(f"as_of is {as_of} ns and now is {now} ns; a snapshot cannot show what is to come")
        return as_of

    @staticmethod
    def _check_pair(cloid: str, oid: str) -> None:
        _checked_cloid(cloid)
        check_id("oid", oid)


def _checked_cloid(cloid: str) -> str:
    check_id("cloid", cloid)
    return cloid
