"""Hyperliquid's HTTP API in front of the exchange: a request's JSON in, an answer's JSON out, without a socket and a clock.

Three rules. What is not known is refused with one sentence that says what is, and remembered in `unknown`; nothing is guessed.
A signature is not looked at, and every user is the one account. OIDs travel as JSON integers, exact at any size.
"""

from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from orphan_desk.exchange.faults import NO_FAULTS, Dice, Faults
from orphan_desk.exchange.lists import fill_rows, order_row, status_row
from orphan_desk.exchange.markets import BY_ASSET, contexts, meta, spot_meta
from orphan_desk.exchange.orders import Cancelled, Done, Fills, NewOrder, Placed, Refused, Rests
from orphan_desk.exchange.venue import Venue

Json = Any


class UnknownRequestError(Exception):
    """The request is none that the fake exchange knows; its text says what would be."""


class Dialect:
    """Answers the requests of `/info` and `/exchange`."""

    def __init__(self, venue: Venue, faults: Faults = NO_FAULTS, seed: int = 0) -> None:
        self.venue = venue
        self.faults = faults
        self.dice = Dice(seed)
        self.unknown: list[str] = []
        """What was asked for and refused because it is not known, in the order of asking."""
        self._list_was_incomplete = False

    def answer(self, path: str, body: Json, now: int) -> Json:
        """The answer to one POST; raises UnknownRequestError for what is not known."""
        try:
            return self._handler(path, body)(body if path == "/info" else body["action"], now)
        except UnknownRequestError as error:
            self.unknown.append(str(error))
            raise

    def faulty(self, path: str, body: Json) -> bool:
        """Whether faults may strike this request: orders, cancels and lists; loading markets always works."""
        return path == "/exchange" or (isinstance(body, dict) and body.get("type") in LISTS)

    def _handler(self, path: str, body: Json) -> Callable[[Json, int], Json]:
        known = {"/info": self._info(), "/exchange": self._actions()}.get(path)
        if known is None:
            raise UnknownRequestError(f"POST {path[:80]!r} is not known; there are: /info, /exchange")
        asked = body.get("action") if path == "/exchange" and isinstance(body, dict) else body
        kind = asked.get("type") if isinstance(asked, dict) else None
        handler = known.get(kind) if isinstance(kind, str) else None
        if handler is None:
            raise UnknownRequestError(f"{path} of type {str(kind)[:80]!r} is not known; there are: {', '.join(known)}")
        return handler

    def _info(self) -> Mapping[str, Callable[[Json, int], Json]]:
        marks = self.venue.marks
        return {
            "meta": lambda _, now: meta(),
            "spotMeta": lambda _, now: spot_meta(),
            "metaAndAssetCtxs": lambda _, now: [meta(), contexts(marks, spot=False)],
            "spotMetaAndAssetCtxs": lambda _, now: [spot_meta(), contexts(marks, spot=True)],
            "perpDexs": lambda _, now: [None],
            "allMids": lambda _, now: {coin: str(price) for coin, price in marks.items()},
            "openOrders": self._open_orders,
            "frontendOpenOrders": self._open_orders,
            "orderStatus": self._order_status,
            "historicalOrders": lambda _, now: [status_row(order, now) for order in self.venue.history(now)],
            "userFills": lambda _, now: fill_rows(self.venue.history(now), now),
            "userFillsByTime": self._fills_by_time,
        }

    def _actions(self) -> Mapping[str, Callable[[Json, int], Json]]:
        return {
            "order": self._order,
            "modify": self._modify,
            "batchModify": self._batch_modify,
            "cancel": lambda action, now: self._cancel(action, now, "o", self.venue.cancel),
            "cancelByCloid": lambda action, now: self._cancel(action, now, "cloid", self.venue.cancel_by_cloid),
        }

    def _open_orders(self, body: Json, now: int) -> Json:
        orders = self.venue.open_orders(max(0, now - self.faults.stale_lists), now)
        strikes = self.dice.strikes("incomplete_lists", self.faults.incomplete_lists)
        self._list_was_incomplete = strikes and not self._list_was_incomplete
        shown = orders[::2] if self._list_was_incomplete else orders
        return [order_row(order, now - self.faults.stale_lists) for order in shown]

    def _order_status(self, body: Json, now: int) -> Json:
        order = self.venue.order(str(body.get("oid")), now)
        return {"status": "unknownOid"} if order is None else {"status": "order", "order": status_row(order, now)}

    def _fills_by_time(self, body: Json, now: int) -> Json:
        start, end = body.get("startTime") or 0, body.get("endTime")
        rows = fill_rows(self.venue.history(now), now)
        return [row for row in rows if start <= row["time"] and (end is None or row["time"] <= end)]

    def _order(self, action: Json, now: int) -> Json:
        batch = [_new_order(row) for row in _rows(action, "orders")]
        return _answered("order", [_placed(self._place(asked, None, now), asked) for asked in batch])

    def _batch_modify(self, action: Json, now: int) -> Json:
        batch = [_modification(row) for row in _rows(action, "modifies")]
        return _answered("order", [_placed(self._place(asked, target, now), asked) for target, asked in batch])

    def _modify(self, action: Json, now: int) -> Json:
        target, asked = _modification(action)
        placed = self._place(asked, target, now)
        if isinstance(placed, Refused):
            return {"status": "err", "response": placed.reason}
        return {"status": "ok", "response": {"type": "default"}}

    def _place(self, asked: NewOrder, replaced: str | None, now: int) -> Placed:
        if self.dice.strikes("rejects", self.faults.rejects):
            return Refused("Insufficient margin to place order.")
        return self.venue.place(asked, now) if replaced is None else self.venue.modify(replaced, asked, now)

    def _cancel(self, action: Json, now: int, key: str, cancel: Callable[[str, int, int], Cancelled]) -> Json:
        names = [_named(row, key) for row in _rows(action, "cancels")]
        slow = self.faults.slow_cancels
        answers = [cancel(name, now, self.dice.within("slow_cancels", slow)) for name in names]
        return _answered("cancel", [_cancelled(answer) for answer in answers])


LISTS: Final = frozenset({"openOrders", "frontendOpenOrders"})


def _rows(action: Json, key: str) -> list[Json]:
    rows = action.get(key)
    if not isinstance(rows, list) or not rows:
        raise UnknownRequestError(f"{action.get('type')} without {key}; it has to carry a list that is not empty")
    return rows


def _new_order(row: Json) -> NewOrder:
    try:
        market, tif = BY_ASSET[row["a"]], row["t"]["limit"]["tif"]
        price, size = Decimal(row["p"]), Decimal(row["s"])
        order = NewOrder(market.coin, bool(row["b"]), price, size, row.get("c"), tif, bool(row["r"]))
    except (KeyError, TypeError, AttributeError, InvalidOperation) as error:
        raise UnknownRequestError(
            f"an order is {row!r:.200}; it has to be a limit order of a known asset: a, b, p, s, r, t.limit.tif, c"
        ) from error
    if tif not in ("Gtc", "Ioc", "Alo"):
        raise UnknownRequestError(f"an order has tif {tif!r:.20}; there are: Gtc, Ioc, Alo")
    return order


def _modification(row: Json) -> tuple[str, NewOrder]:
    if not isinstance(row, dict) or "oid" not in row:
        raise UnknownRequestError(f"a modification is {row!r:.200}; it has to name an order by 'oid'")
    return str(row["oid"]), _new_order(row.get("order"))


def _named(row: Json, key: str) -> str:
    if not isinstance(row, dict) or key not in row:
        raise UnknownRequestError(f"a cancel is {row!r:.200}; it has to name an order by {key!r}")
    return str(row[key])


def _answered(kind: str, statuses: list[Json]) -> Json:
    return {"status": "ok", "response": {"type": kind, "data": {"statuses": statuses}}}


def _placed(placed: Placed, asked: NewOrder) -> Json:
    named = {} if asked.cloid is None else {"cloid": asked.cloid}
    match placed:
        case Rests(oid):
            return {"resting": {"oid": int(oid), **named}}
        case Fills(oid, size, price):
            return {"filled": {"oid": int(oid), "totalSz": str(size), "avgPx": str(price), **named}}
        case Refused(reason):
            return {"error": reason}


def _cancelled(answer: Cancelled) -> Json:
    return "success" if isinstance(answer, Done) else {"error": answer.reason}
