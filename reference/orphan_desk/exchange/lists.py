"""Orders and fills as rows of Hyperliquid's lists."""

from collections.abc import Iterable
from typing import Any, Final

from orphan_desk.exchange.orders import Order
from orphan_tracker import Ended

MILLISECOND: Final = 1_000_000
_STATUS: Final = {
    Ended.FILLED: "filled",
    Ended.CANCELLED: "canceled",
    Ended.EXPIRED: "canceled",
    Ended.REPLACED: "canceled",
}


def order_row(order: Order, instant: int) -> dict[str, Any]:
    """One order as of an instant."""
    asked = order.asked
    return {
        "coin": asked.coin,
        "side": "B" if asked.buy else "A",
        "limitPx": str(asked.price),
        "sz": str(asked.size - order.filled_by(instant)),
        "oid": int(order.oid),
        "timestamp": order.accepted_at // MILLISECOND,
        "origSz": str(asked.size),
        "cloid": asked.cloid,
        "orderType": "Limit",
        "tif": asked.tif,
        "reduceOnly": asked.reduce_only,
        "isTrigger": False,
        "triggerPx": "0.0",
        "triggerCondition": "N/A",
        "isPositionTpsl": False,
        "children": [],
    }


def status_row(order: Order, now: int) -> dict[str, Any]:
    """What became of one order by now."""
    ended = order.ends_at is not None and order.ends_at <= now
    status = _STATUS[order.how] if ended and order.how is not None else "open"
    since = order.ends_at if ended and order.ends_at is not None else order.accepted_at
    return {"order": order_row(order, now), "status": status, "statusTimestamp": since // MILLISECOND}


def fill_rows(orders: Iterable[Order], now: int) -> list[dict[str, Any]]:
    """Every fill up to now, the latest first."""
    fills = [(at, order, size) for order in orders for at, size in order.filled if at <= now]
    fills.sort(key=lambda fill: fill[0], reverse=True)
    return [
        {
            "coin": order.asked.coin,
            "px": str(order.asked.price),
            "sz": str(size),
            "side": "B" if order.asked.buy else "A",
            "time": at // MILLISECOND,
            "oid": int(order.oid),
            "cloid": order.asked.cloid,
            "crossed": not order.rests,
            "dir": "Open Long" if order.asked.buy else "Open Short",
            "startPosition": "0.0",
            "closedPnl": "0.0",
            "fee": "0.0",
            "feeToken": "USDC",
            "hash": "0x" + "00" * 32,
            "tid": index,
        }
        for index, (at, order, size) in enumerate(fills)
    ]
