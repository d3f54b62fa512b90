"""ccxt's Hyperliquid as an exchange for the desk, synchronous and asynchronous: the same calls, in a thread or awaited.

Three rules. A client made here posts nothing of its own accord: no referral and no builder fee. ccxt raises where one order of a
batch is refused, and the answer for all of them stands in the exception. Markets are named as ccxt names them (`BTC/USDC:USDC`).
"""

import asyncio
from collections.abc import Sequence
from typing import Any, Final

from orphan_desk.adapters.base import HyperliquidAdapter
from orphan_desk.adapters.clients import load, options_of
from orphan_tracker.exchange import OrderRequest

PACKAGE, EXTRA = "ccxt", "ccxt"

QUIET: Final = {"builderFee": False, "refSet": True, "enableUnifiedMargin": False}
"""The options against referral, builder fee and what else is asked unasked; ccxt 4.5 approves a builder even so."""


class CcxtHyperliquid(HyperliquidAdapter):
    """Over a `ccxt.hyperliquid` of the user's."""

    MODULE = "ccxt"

    def __init__(self, client: Any) -> None:
        super().__init__()
        self.client = client

    @classmethod
    def connect(cls, url: str, key: str, address: str, *, timeout: float = 10.0, **options: Any) -> "CcxtHyperliquid":
        """A client of its own at this base URL, quiet; `timeout` in seconds, `options` as ccxt's constructor takes them."""
        client = load(cls.MODULE, PACKAGE, EXTRA).hyperliquid(
            {
                "privateKey": key,
                "walletAddress": address,
                "timeout": round(timeout * 1000),
                "urls": {"api": {"public": url, "private": url}},
                "options": dict(QUIET),
                **options,
            }
        )
        client.initialize_client = cls._initialized
        return cls(client)

    async def close(self) -> None:
        """Ends the client's connections."""
        self.client.session.close()

    @staticmethod
    def _initialized() -> Any:
        """Stands for ccxt's own initialisation, which approves a builder's fee and sets a referrer, whatever the options."""
        return True

    async def _call(self, method: str, *arguments: object) -> Any:
        return await asyncio.to_thread(getattr(self.client, method), *arguments)

    async def _send(self, orders: Sequence[OrderRequest]) -> object:
        made = await self._call("create_orders", [_row(order) for order in orders])
        return {"response": {"data": {"statuses": [one["info"] for one in made]}}}

    async def _send_modify(self, oid: str, order: OrderRequest) -> object:
        """As `edit_orders`, which reads an OID as a float: inexact above 2^53. The exact one is put in and signed."""
        await self._call("load_markets")
        request = self.client.edit_orders_request([_row(order) | {"id": oid}])
        request["action"]["modifies"][0]["oid"] = int(oid)
        vault = request.get("vaultAddress")
        request["signature"] = self.client.sign_l1_action(request["action"], request["nonce"], vault)
        return await self._call("privatePostExchange", request)

    async def _send_cancels(self, pairs: Sequence[tuple[str, str]]) -> object:
        rows = [{"id": oid, "symbol": symbol} for oid, symbol in pairs]
        (answer,) = await self._call("cancel_orders_for_symbols", rows)
        return answer["info"]

    async def _fetch(self) -> list[tuple[dict[str, Any], str]]:
        return [(order["info"], order["symbol"]) for order in await self._call("fetch_open_orders")]


class AsyncCcxtHyperliquid(CcxtHyperliquid):
    """Over a `ccxt.async_support.hyperliquid` of the user's."""

    MODULE = "ccxt.async_support"

    async def close(self) -> None:
        """Ends the client's connections."""
        await self.client.close()

    @staticmethod
    async def _initialized() -> Any:
        return True

    async def _call(self, method: str, *arguments: object) -> Any:
        return await getattr(self.client, method)(*arguments)


def _row(order: OrderRequest) -> dict[str, Any]:
    tif, reduce_only = options_of(order)
    return {
        "symbol": order.symbol,
        "type": "limit",
        "side": "buy" if order.is_buy else "sell",
        "amount": str(order.size),
        "price": str(order.price),
        "params": {"clientOrderId": order.cloid, "timeInForce": tif, "reduceOnly": reduce_only},
    }
