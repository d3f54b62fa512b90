"""What a safety sync cancels: the policy before, and the policy after.

One rule. A policy only decides; whoever asks it sends the cancels, and tells it (`cancelled`) which ones the exchange took.
"""

from collections.abc import Collection, Iterable
from typing import Protocol

from orphan_tracker import OpenOrder, OrphanTracker, SafetyAuditor


class SafetySyncPolicy(Protocol):
    """Decides which open orders a safety sync cancels."""

    def decide(
        self, open_orders: Iterable[OpenOrder] | None, local_oids: Collection[str], now: int, as_of: int
    ) -> tuple[str, ...]:
        """The OIDs to cancel; `open_orders` is None where the fetch failed; instants in ns."""
        ...

    def cancelled(self, oid: str, now: int) -> None:
        """The exchange took the cancel of this OID."""
        ...


class CancelAtOnce:
    """The naive policy: whatever is open and not in the local book is cancelled on sight."""

    def decide(
        self, open_orders: Iterable[OpenOrder] | None, local_oids: Collection[str], now: int, as_of: int
    ) -> tuple[str, ...]:
        """The OIDs that the local book does not claim."""
        if open_orders is None:
            return ()
        return tuple(order.oid for order in SafetyAuditor.find_orphans(open_orders, local_oids))

    def cancelled(self, oid: str, now: int) -> None:
        """Nothing to remember."""


class CancelAged:
    """The tracker's policy: cancelled is only what has been an orphan through the grace period."""

    def __init__(self, tracker: OrphanTracker) -> None:
        self.tracker = tracker

    def decide(
        self, open_orders: Iterable[OpenOrder] | None, local_oids: Collection[str], now: int, as_of: int
    ) -> tuple[str, ...]:
        """The OIDs of the aged orphans."""
        candidates = SafetyAuditor.find_orphans(open_orders, local_oids)
        self.tracker.cleanup(now)
        return tuple(self.tracker.filter_aged_orphans(candidates, now, as_of).aged)

    def cancelled(self, oid: str, now: int) -> None:
        """Its age is over: should it stay open, it ages anew."""
        self.tracker.clear_orphan(oid, now)
