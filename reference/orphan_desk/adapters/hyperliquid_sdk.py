"""Hyperliquid's own Python SDK as an exchange for the desk: its client is synchronous, so each call has a thread.

One rule. Markets are named as the SDK names them (`BTC`), CLOIDs as the venue has them (`0x` and 32 hexadecimal digits).
"""

import asyncio
from collections.abc import Sequence
from typing import Any

from orphan_desk.adapters.base import HyperliquidAdapter
from orphan_desk.adapters.clients import load, options_of
from orphan_tracker.exchange import OrderRequest

PACKAGE, EXTRA = "hyperliquid-python-sdk", "hyperliquid"


class HyperliquidSdk(HyperliquidAdapter):
    """Over a `hyperliquid.exchange.Exchange` of the user's; `address` is the account, where a key of another signs."""

    def __init__(self, client: Any, address: str | None = None) -> None:
        super().__init__()
        self.client = client
        self.address = address or client.account_address or client.wallet.address
        self._cloid = load("hyperliquid.utils.types", PACKAGE, EXTRA).Cloid

    @classmethod
    def connect(cls, url: str, key: str, *, address: str | None = None, timeout: float = 10.0) -> "HyperliquidSdk":
        """A client of its own at this base URL, which loads the markets; `timeout` in seconds."""
        exchange = load("hyperliquid.exchange", PACKAGE, EXTRA).Exchange
        wallet = load("eth_account", PACKAGE, EXTRA).Account.from_key(key)
        return cls(exchange(wallet, url, account_address=address, timeout=timeout), address)

    async def close(self) -> None:
        """Ends the client's connections."""
        self.client.session.close()
        self.client.info.session.close()

    async def _send(self, orders: Sequence[OrderRequest]) -> object:
        rows = [self._row(order) for order in orders]
        return await asyncio.to_thread(self.client.bulk_orders, rows)

    async def _send_modify(self, oid: str, order: OrderRequest) -> object:
        return await asyncio.to_thread(
            self.client.bulk_modify_orders_new, [{"oid": int(oid), "order": self._row(order)}]
        )

    async def _send_cancels(self, pairs: Sequence[tuple[str, str]]) -> object:
        rows = [{"coin": symbol, "oid": int(oid)} for oid, symbol in pairs]
        return await asyncio.to_thread(self.client.bulk_cancel, rows)

    async def _fetch(self) -> list[tuple[dict[str, Any], str]]:
        rows = await asyncio.to_thread(self.client.info.frontend_open_orders, self.address)
        if not isinstance(rows, list):
            raise ValueError(f"the open orders are {rows!r:.200}; they have to be a list")
        return [(row, str(row.get("coin"))) for row in rows]

    def _row(self, order: OrderRequest) -> dict[str, Any]:
        tif, reduce_only = options_of(order)
        return {
            "coin": order.symbol,
            "is_buy": order.is_buy,
            "sz": float(order.size),
            "limit_px": float(order.price),
            "order_type": {"limit": {"tif": tif}},
            "reduce_only": reduce_only,
            "cloid": self._cloid.from_str(order.cloid),
        }
