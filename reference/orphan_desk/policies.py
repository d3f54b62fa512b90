"""What a safety sync cancels: the policy before, and the policies after, behind one interface.

One rule. A policy only decides; whoever asks it sends the cancels, and tells it which ones the exchange took.
"""

from collections.abc import Collection, Iterable
from typing import Literal

from orphan_tracker import (
    Explanation,
    LocalBook,
    Notice,
    OpenOrder,
    OrphanTracker,
    Reason,
    SafetyAuditor,
    SafetySyncPolicy,
    StaleDecision,
    StaleExplanation,
    StaleReason,
    SyncDecision,
)


class Decides:
    """The comparison and the decision in one call, for a sync that decides and acts at one instant."""

    def decide(
        self: SafetySyncPolicy,
        open_orders: Iterable[OpenOrder] | None,
        local_oids: Collection[str],
        now: int,
        as_of: int,
    ) -> tuple[str, ...]:
        """The OIDs to cancel; `open_orders` is None where the fetch failed; instants in ns."""
        candidates = SafetyAuditor.find_orphans(open_orders, local_oids)
        return self.filter_aged_orphans(candidates, now, as_of).aged

    def cancelled(self: SafetySyncPolicy, oid: str, now: int) -> None:
        """The exchange took the cancel of this OID: should it stay open, it ages anew."""
        self.clear_orphan(oid, now)


class CancelAtOnce(Decides):
    """The naive policy: whatever is open and not in the local book is cancelled on sight."""

    def register_expected_cloids(self, cloids: Iterable[str], now: int) -> tuple[Notice, ...]:
        """Nothing to remember."""
        return ()

    def record_oid_for_cloid(self, cloid: str, oid: str, now: int) -> tuple[Notice, ...]:
        """Nothing to remember."""
        return ()

    def mark_finalized(self, cloid: str, oid: str, now: int) -> tuple[Notice, ...]:
        """Nothing to remember."""
        return ()

    def mark_failed(self, cloid: str, now: int) -> tuple[Notice, ...]:
        """Nothing to remember."""
        return ()

    def mark_ended(self, oid: str, now: int) -> tuple[Notice, ...]:
        """Nothing to remember."""
        return ()

    def clear_orphan(self, oid: str, now: int) -> tuple[Notice, ...]:
        """Nothing to remember."""
        return ()

    def filter_aged_orphans(
        self, candidates: Iterable[str | OpenOrder] | None, now: int, as_of: int | None = None
    ) -> SyncDecision:
        """Every candidate is old enough."""
        found = SafetyAuditor.find_orphans(candidates or (), ())
        return _all_aged([one if isinstance(one, str) else one.oid for one in found or ()], now)

    def confirm(self, oids: Iterable[str], local_oids: Collection[str], now: int) -> SyncDecision:
        """What was decided stays decided, whatever came in between."""
        return _all_aged(oids, now)


def _all_aged(oids: Iterable[str], now: int) -> SyncDecision:
    aged = tuple(oids)
    return SyncDecision(aged, len(aged), explanations=tuple(Explanation(oid, Reason.AGED, now, now) for oid in aged))


class CancelAged(Decides):
    """The tracker's policy: cancelled is only what has been an orphan through the grace period.

    With `observe="oid"` the tracker is shown OIDs only, whatever the venue says, as in the design that started this."""

    def __init__(self, tracker: OrphanTracker, observe: Literal["oid", "cloid"] = "cloid") -> None:
        self.tracker = tracker
        self.observe = observe
        self.register_expected_cloids = tracker.register_expected_cloids
        self.record_oid_for_cloid = tracker.record_oid_for_cloid
        self.mark_finalized = tracker.mark_finalized
        self.mark_failed = tracker.mark_failed
        self.mark_ended = tracker.mark_ended
        self.clear_orphan = tracker.clear_orphan
        self.confirm = tracker.confirm

    def filter_aged_orphans(
        self, candidates: Iterable[str | OpenOrder] | None, now: int, as_of: int | None = None
    ) -> SyncDecision:
        """As the tracker decides, by what it is shown."""
        if candidates is not None and self.observe == "oid":
            candidates = [one if isinstance(one, str) else one.oid for one in candidates]
        return self.tracker.filter_aged_orphans(candidates, now, as_of)


class DropAtOnce(LocalBook):
    """The naive local book: whatever a snapshot lacks is dropped on sight, be the snapshot as old as it may."""

    def find_stale(
        self, listing: Iterable[str | OpenOrder] | None, now: int, as_of: int | None = None
    ) -> StaleDecision:
        """Every local order that is not listed is stale."""
        if listing is None:
            return super().find_stale(listing, now, as_of)
        shown = {one if isinstance(one, str) else one.oid for one in listing}
        absent = sorted(self.tracked_oids() - shown)
        reasons = tuple(StaleExplanation(oid, StaleReason.STALE, now, now) for oid in absent)
        return StaleDecision(tuple(absent), reasons)

    def is_stale(self, oid: str) -> bool:
        """What was absent once."""
        return True
