"""The part of an adapter that does not depend on the client: one call, one answer, and what it means.

Two rules. Whatever a call raises after it began is an unknown outcome; a list that cannot be had raises. An OID whose market
nobody told is not sent.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, Final

from orphan_desk.adapters.answers import answer_in, cancelled, open_order, placed, placed_one, unknown
from orphan_desk.adapters.clients import Symbols
from orphan_tracker import OpenOrder
from orphan_tracker.exchange import (
    CancelOutcome,
    Filled,
    OrderRequest,
    Outcome,
    Rejected,
    Resting,
)

NO_MARKET: Final = Rejected("the market of this OID is not known: it was neither placed nor listed here")


class HyperliquidAdapter(ABC):
    """Hyperliquid as the `Exchange` that a desk asks."""

    def __init__(self) -> None:
        self._symbols = Symbols()

    async def place(self, order: OrderRequest) -> Outcome:
        """Places one order."""
        return (await self._placed([order]))[0]

    async def place_bulk(self, orders: Sequence[OrderRequest]) -> Sequence[Outcome]:
        """Places several orders in one call."""
        return await self._placed(orders) if orders else []

    async def modify(self, oid: str, order: OrderRequest) -> Outcome:
        """Replaces a resting order by another, which gets an OID of its own."""
        try:
            answer = await self._send_modify(oid, order)
        except Exception as error:
            answer = answer_in(error)
            if answer is None:
                return unknown(error)
        outcome = placed_one(answer, order)
        self._remember([outcome], [order])
        return outcome

    async def cancel(self, oid: str) -> CancelOutcome:
        """Cancels one order."""
        return (await self.cancel_bulk([oid]))[0]

    async def cancel_bulk(self, oids: Sequence[str]) -> Sequence[CancelOutcome]:
        """Cancels several orders in one call."""
        pairs = [(oid, symbol) for oid in oids if (symbol := self._symbols.of(oid)) is not None]
        if not pairs:
            return [NO_MARKET] * len(oids)
        answers = dict(zip([oid for oid, _ in pairs], await self._cancelled(pairs), strict=True))
        return [answers.get(oid, NO_MARKET) for oid in oids]

    async def open_orders(self) -> Sequence[OpenOrder]:
        """All open orders of the account; raises where they cannot be had."""
        rows = await self._fetch()
        for row, symbol in rows:
            self._symbols.remember(str(row.get("oid")), symbol)
        return [open_order(row) for row, _ in rows]

    @abstractmethod
    async def close(self) -> None:
        """Ends the client's connections."""

    @abstractmethod
    async def _send(self, orders: Sequence[OrderRequest]) -> object:
        """The exchange's answer to a request to place."""

    @abstractmethod
    async def _send_modify(self, oid: str, order: OrderRequest) -> object:
        """The exchange's answer to a request to modify."""

    @abstractmethod
    async def _send_cancels(self, pairs: Sequence[tuple[str, str]]) -> object:
        """The exchange's answer to a request to cancel OIDs, each with its market."""

    @abstractmethod
    async def _fetch(self) -> list[tuple[dict[str, Any], str]]:
        """The rows of the open orders, each with its market."""

    async def _placed(self, orders: Sequence[OrderRequest]) -> list[Outcome]:
        try:
            answer = await self._send(orders)
        except Exception as error:
            answer = answer_in(error)
            if answer is None:
                return [unknown(error)] * len(orders)
        outcomes = placed(answer, orders) if len(orders) > 1 else [placed_one(answer, orders[0])]
        self._remember(outcomes, orders)
        return outcomes

    async def _cancelled(self, pairs: Sequence[tuple[str, str]]) -> list[CancelOutcome]:
        try:
            answer = await self._send_cancels(pairs)
        except Exception as error:
            answer = answer_in(error)
            if answer is None:
                return [unknown(error)] * len(pairs)
        return cancelled(answer, len(pairs))

    def _remember(self, outcomes: Sequence[Outcome], orders: Sequence[OrderRequest]) -> None:
        by_cloid = {order.cloid: order.symbol for order in orders}
        for place, outcome in enumerate(outcomes):
            if not isinstance(outcome, Resting | Filled):
                continue
            named = by_cloid.get(outcome.cloid or "")
            if named is not None:
                self._symbols.remember(outcome.oid, named)
            elif len(outcomes) == len(orders):
                self._symbols.remember(outcome.oid, orders[place].symbol)
