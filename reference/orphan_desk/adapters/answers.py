"""What Hyperliquid's answers mean, over the plain dicts that its clients hand out.

Three rules. Only what the exchange itself said about an order counts: a status `error`, or a request refused as a whole, is a
rejection; whatever else is not understood is unknown. An answer that an order of the CLOID rests already is unknown too, for
that order is ours. OIDs leave as texts, exact at any size.
"""

import json
from collections.abc import Mapping, Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

from orphan_tracker import NOT_STATED, OpenOrder
from orphan_tracker.exchange import (
    Cancelled,
    CancelOutcome,
    Filled,
    Gone,
    OrderRequest,
    Outcome,
    Rejected,
    Resting,
    Unknown,
)


def placed(answer: object, orders: Sequence[OrderRequest]) -> list[Outcome]:
    """What became of the orders of one request to place or to modify."""
    statuses = statuses_of(answer)
    if statuses is None:
        return [_refusal(answer)] * len(orders)
    if len(statuses) == 1 and _error(statuses[0]) is not None:
        statuses = statuses * len(orders)
    by_cloid = {order.cloid: order for order in orders}
    in_order = orders if len(orders) == len(statuses) else [None] * len(statuses)
    return [
        _outcome(status, by_cloid.get(_named(status) or "", order))
        for status, order in zip(statuses, in_order, strict=True)
    ]


def placed_one(answer: object, order: OrderRequest) -> Outcome:
    """What became of the one order of a request."""
    outcomes = placed(answer, [order])
    return outcomes[0] if len(outcomes) == 1 else Unknown(f"{len(outcomes)} answers came for one order")


def cancelled(answer: object, orders: int) -> list[CancelOutcome]:
    """What became of the cancels of one request."""
    statuses = statuses_of(answer)
    if statuses is None:
        return [_refusal(answer)] * orders
    if len(statuses) == 1 and _error(statuses[0]) is not None:
        statuses = statuses * orders
    if len(statuses) != orders:
        return [Unknown(f"{len(statuses)} answers came for {orders} cancels")] * orders
    return [_cancel_outcome(status) for status in statuses]


def open_order(row: Mapping[str, Any]) -> OpenOrder:
    """One row of a list; raises ValueError for what is none, for a list that cannot be read is no evidence."""
    oid = _oid(row.get("oid"))
    if oid is None:
        raise ValueError(f"a row of the open orders is {row!r:.200}; it has to have an oid")
    return OpenOrder(oid, row.get("cloid") if "cloid" in row else NOT_STATED)


def statuses_of(answer: object) -> list[Any] | None:
    """The statuses of an answer, one for each order; None where it has none."""
    found: Any = answer
    for key in ("response", "data", "statuses"):
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, list) else None


def answer_in(error: BaseException) -> object:
    """The exchange's own answer that an exception carries in its text; None where it carries none."""
    text = str(error)
    try:
        return json.loads(text[text.index("{") :])
    except ValueError:
        return None


def unknown(error: BaseException) -> Unknown:
    """A call that was not answered: nobody knows what became of it."""
    return Unknown(f"{type(error).__name__}: {error}")


def _refusal(answer: object) -> Rejected | Unknown:
    if isinstance(answer, dict) and answer.get("status") == "err":
        return Rejected(str(answer.get("response")))
    return Unknown(f"the answer is not understood: {answer!r:.200}")


def _outcome(status: object, order: OrderRequest | None) -> Outcome:
    error = _error(status)
    if error is not None:
        return Unknown(error) if "duplicate cloid" in error.lower() else Rejected(error)
    for key, kind in (("resting", Resting), ("filled", Filled)):
        part = _part(status, key)
        oid = _oid(part.get("oid"))
        if oid is not None:
            rests_on = key == "filled" and _filled_in_part(part, order)
            return (Resting if rests_on else kind)(oid, part.get("cloid"))
    return Unknown(f"the answer to the order is not understood: {status!r:.200}")


def _filled_in_part(part: Mapping[str, Any], order: OrderRequest | None) -> bool:
    """Whether the rest of the order may rest; what did not, the lists will lack."""
    if order is None or order.options.get("tif") == "Ioc":
        return False
    try:
        return Decimal(str(part.get("totalSz"))) < order.size
    except InvalidOperation:
        return False


def _part(status: object, key: str) -> dict[str, Any]:
    part = status.get(key) if isinstance(status, dict) else None
    return part if isinstance(part, dict) else {}


def _named(status: object) -> str | None:
    cloid = (_part(status, "resting") or _part(status, "filled")).get("cloid")
    return cloid if isinstance(cloid, str) else None


def _cancel_outcome(status: object) -> CancelOutcome:
    error = _error(status)
    if status == "success":
        return Cancelled()
    if error is None:
        return Unknown(f"the answer to the cancel is not understood: {status!r:.200}")
    return Gone(error) if "already canceled, or filled" in error else Rejected(error)


def _error(status: object) -> str | None:
    return str(status["error"]) if isinstance(status, dict) and "error" in status else None


def _oid(value: object) -> str | None:
    if isinstance(value, str | int) and not isinstance(value, bool):
        return str(value) or None
    return None
