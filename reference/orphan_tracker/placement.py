"""Placing orders so that none is lost between the request and its answer.

Two rules. An order is registered right before it is sent, whatever happens then is settled exactly once, and whatever is
raised is an unknown outcome, which is never a failure. An answer belongs to the CLOID that it names; answers without a
CLOID are taken in their order, but only where there are as many as there were orders.
"""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from .book_model import Ended
from .desk import Desk
from .exchange import (
    Cancelled,
    CancelOutcome,
    Exchange,
    Filled,
    Gone,
    OrderRequest,
    Outcome,
    Rejected,
    Resting,
    Unknown,
)

ABANDONED = "the call was abandoned before it was answered"


@dataclass(frozen=True, slots=True)
class BulkOutcome:
    """What became of the orders of one call."""

    by_cloid: Mapping[str, Outcome]
    """One for each order, as it is to be understood."""

    surplus: tuple[Outcome, ...] = ()
    """Answers that belong to none of them for certain; of these the resting ones are in the local book."""


@dataclass(frozen=True, slots=True)
class ModifyOutcome:
    """What became of a modify, and of the fallback."""

    modified: Outcome

    cancelled: CancelOutcome | None = None
    """The cancel of the old order; None where no fallback was tried."""

    replaced: Outcome | None = None
    """The order that was placed anew; None where the old one may rest."""


async def place_order(desk: Desk, exchange: Exchange, order: OrderRequest) -> Outcome:
    """Places one order."""
    desk.expect([order])
    outcome: Outcome = Unknown(ABANDONED)
    try:
        outcome = await exchange.place(order)
    except Exception as exception:
        outcome = _unknown(exception)
    finally:
        settled = desk.settle(order.cloid, outcome)
    return settled


async def place_ladder_orders(desk: Desk, exchange: Exchange, orders: Sequence[OrderRequest]) -> tuple[Outcome, ...]:
    """Places orders one by one, each registered right before its own call."""
    _check_distinct(orders)
    return tuple([await place_order(desk, exchange, order) for order in orders])


async def place_bulk_ladder_orders(desk: Desk, exchange: Exchange, orders: Sequence[OrderRequest]) -> BulkOutcome:
    """Places orders in one call, with one answer for all: each is settled by its own part of it."""
    _check_distinct(orders)
    if not orders:
        return BulkOutcome({})
    desk.expect(orders)
    answers: Sequence[Outcome] = [Unknown(ABANDONED)] * len(orders)
    try:
        answers = await exchange.place_bulk(orders)
    except Exception as exception:
        answers = [_unknown(exception)] * len(orders)
    finally:
        settled = _settle_bulk(desk, [order.cloid for order in orders], answers)
    return settled


async def modify_or_replace(
    desk: Desk, exchange: Exchange, oid: str, order: OrderRequest, fallback: OrderRequest | None = None
) -> ModifyOutcome:
    """Replaces a resting order; where that is rejected and a fallback is given, cancels it and places the fallback.

    The fallback needs a CLOID of its own. It is placed only when the old order is known to be gone: an outcome that is
    unknown, of the modify or of the cancel, ends here, for two orders may rest otherwise."""
    if fallback is not None and fallback.cloid == order.cloid:
        raise ValueError(f"the fallback has the CLOID {order.cloid!r} of the order; it needs one of its own")
    desk.expect_modified(oid, order)
    outcome: Outcome = Unknown(ABANDONED)
    try:
        outcome = await exchange.modify(oid, order)
    except Exception as exception:
        outcome = _unknown(exception)
    finally:
        modified = desk.settle(order.cloid, outcome)
    if isinstance(modified, Resting | Filled) and modified.oid != oid:
        desk.learn_end(oid, Ended.REPLACED)
    if fallback is None or not isinstance(modified, Rejected):
        return ModifyOutcome(modified)
    cancelled = await cancel_order(desk, exchange, oid)
    if not isinstance(cancelled, Cancelled | Gone):
        return ModifyOutcome(modified, cancelled)
    return ModifyOutcome(modified, cancelled, await place_order(desk, exchange, fallback))


async def cancel_order(desk: Desk, exchange: Exchange, oid: str) -> CancelOutcome:
    """Cancels an order of our own; until the answer it counts as local."""
    desk.begin_cancel(oid)
    outcome: CancelOutcome = Unknown(ABANDONED)
    try:
        outcome = await exchange.cancel(oid)
    except Exception as exception:
        outcome = _unknown(exception)
    finally:
        desk.settle_cancel(oid, outcome)
    return outcome


def _settle_bulk(desk: Desk, cloids: Sequence[str], answers: Sequence[Outcome]) -> BulkOutcome:
    """Gives each order its answers; a rejection counts only where nothing else was answered for the same order."""
    parts: dict[str, list[Outcome]] = {cloid: [] for cloid in cloids}
    surplus = []
    for place, answer in enumerate(answers):
        cloid = answer.cloid
        if cloid is None and len(answers) == len(cloids):
            cloid = cloids[place]
        if cloid in parts:
            parts[cloid].append(answer)
        else:
            surplus.append(answer)
    missing = f"{len(answers)} answers came for {len(cloids)} orders, and none names this one"
    settled = {cloid: _settle_parts(desk, cloid, found or [Unknown(missing)]) for cloid, found in parts.items()}
    for answer in surplus:
        desk.count("placement.surplus")
        if isinstance(answer, Resting):
            desk.adopt(answer.oid)
    return BulkOutcome(settled, tuple(surplus))


def _settle_parts(desk: Desk, cloid: str, answers: Sequence[Outcome]) -> Outcome:
    """Settles an order by all that was answered for it, what rests first; the first that has an OID tells."""
    ranked = sorted(answers, key=lambda answer: isinstance(answer, Rejected) + 2 * isinstance(answer, Unknown))
    known = [answer for answer in ranked if isinstance(answer, Resting | Filled)]
    first, *later = known or ranked[-1:]
    outcome = desk.settle(cloid, first)
    for answer in later:
        desk.settle(cloid, answer)
    return outcome


def _unknown(exception: Exception) -> Unknown:
    return Unknown(f"{type(exception).__name__}: {exception}")


def _check_distinct(orders: Sequence[OrderRequest]) -> None:
    doubled = [cloid for cloid, times in Counter(order.cloid for order in orders).items() if times > 1]
    if doubled:
        raise ValueError(f"orders share the CLOIDs {', '.join(doubled)}; each order needs one of its own")
