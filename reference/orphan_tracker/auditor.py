"""The comparison: what is open on the exchange and not in the local book.

Pure: it decides nothing, remembers nothing, and keeps the order of the listing.
"""

from collections.abc import Collection, Iterable
from typing import overload

from .model import OpenOrder, listing_by_oid


class SafetyAuditor:
    """Finds the candidates for the tracker."""

    @overload
    @staticmethod
    def find_orphans(open_orders: None, local_oids: Collection[str]) -> None: ...
    @overload
    @staticmethod
    def find_orphans(open_orders: Iterable[str], local_oids: Collection[str]) -> list[str]: ...
    @overload
    @staticmethod
    def find_orphans(open_orders: Iterable[OpenOrder], local_oids: Collection[str]) -> list[OpenOrder]: ...
    @overload
    @staticmethod
    def find_orphans(
        open_orders: Iterable[str | OpenOrder] | None, local_oids: Collection[str]
    ) -> list[str] | list[OpenOrder] | None: ...
    @staticmethod
    def find_orphans(
        open_orders: Iterable[str | OpenOrder] | None, local_oids: Collection[str]
    ) -> list[str] | list[OpenOrder] | None:
        """Lists each open order that is not in the local book once, with the union of the CLOIDs it is shown with.

        OIDs in, OIDs out; open orders in, open orders out (also where both are mixed). None, a failed fetch, stays
        None: it is not the empty list. Raises ValueError for what is no listing."""
        if isinstance(local_oids, str):
            raise ValueError(f"local_oids is {local_oids!r}; it has to be a collection of OIDs, not one text")
        if open_orders is None:
            return None
        open_orders = list(open_orders) if not isinstance(open_orders, str) else open_orders
        local = frozenset(local_oids)
        candidates = [order for oid, order in listing_by_oid(open_orders).items() if oid not in local]
        if any(isinstance(order, OpenOrder) for order in open_orders):
            return candidates
        return [order.oid for order in candidates]
