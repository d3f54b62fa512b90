"""What a desk tells whoever decides about its orders, and what it asks: the interface of the tracker, as a protocol.

One rule. A policy only decides; whoever asks it sends the cancels, and tells it (`clear_orphan`) which ones the exchange
took. The tracker is one; a desk may put another behind the same calls.
"""

from collections.abc import Collection, Iterable
from typing import Protocol

from .model import Notice, OpenOrder, SyncDecision


class SafetySyncPolicy(Protocol):
    """Decides which open orders a safety sync cancels; instants in ns. `OrphanTracker` says what each call means."""

    def register_expected_cloids(self, cloids: Iterable[str], now: int) -> tuple[Notice, ...]:
        """Orders are about to be placed under these CLOIDs."""
        ...

    def record_oid_for_cloid(self, cloid: str, oid: str, now: int) -> tuple[Notice, ...]:
        """The exchange answered: the order with this CLOID has this OID."""
        ...

    def mark_finalized(self, cloid: str, oid: str, now: int) -> tuple[Notice, ...]:
        """The order is in the local book."""
        ...

    def mark_failed(self, cloid: str, now: int) -> tuple[Notice, ...]:
        """The exchange rejected the order, definitely."""
        ...

    def mark_ended(self, oid: str, now: int) -> tuple[Notice, ...]:
        """The client learned that the order has ended."""
        ...

    def clear_orphan(self, oid: str, now: int) -> tuple[Notice, ...]:
        """The exchange took the cancel of this order."""
        ...

    def filter_aged_orphans(
        self, candidates: Iterable[str | OpenOrder] | None, now: int, as_of: int | None = None
    ) -> SyncDecision:
        """Decides about every candidate; None where the fetch failed."""
        ...

    def confirm(self, oids: Iterable[str], local_oids: Collection[str], now: int) -> SyncDecision:
        """Decides again, right before the cancels are sent."""
        ...
