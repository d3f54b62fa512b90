"""The truth about every order of a simulated desk.

Two rules. An order is open from the instant at which it is accepted up to, and not including, the instant at which it
ends. A listing shows any instant not longer ago than `memory`; what ended before is forgotten.
"""

from collections import OrderedDict
from collections.abc import Iterator
from dataclasses import dataclass

NOT_YET = -1


@dataclass(slots=True)
class Order:
    """One order as the exchange knows it, with what its client means to do about it."""

    oid: str
    cloid: str | None
    accepted_at: int
    life: int
    """Which life of the client placed it; 0 for somebody else's."""

    claimed: bool = True
    """Whether no answer about it is lost: its client has heard, or will hear, that it rests."""

    answered: bool = False
    """Whether its client has been told that it rests."""

    unwanted: bool = False
    """Whether its client asked for its end."""

    ended_at: int = NOT_YET


class Ledger:
    """The open orders, and those that ended a short while ago."""

    def __init__(self, memory: int) -> None:
        self.memory = memory
        """How long an ended order is remembered, in ns."""

        self.open: dict[str, Order] = {}
        self.ended: OrderedDict[str, Order] = OrderedDict()
        self._accepted = 0

    def __len__(self) -> int:
        return len(self.open) + len(self.ended)

    def accept(self, cloid: str | None, life: int, now: int, oid: str | None = None) -> Order:
        """Rests an order, under a new OID where none is given."""
        self._accepted += 1
        order = Order(str(self._accepted) if oid is None else oid, cloid, now, life)
        self.open[order.oid] = order
        return order

    def end(self, oid: str, now: int) -> Order | None:
        """Ends an order; None where it has ended before, or never was."""
        order = self.open.pop(oid, None)
        if order is not None:
            order.ended_at = now
            self.ended[oid] = order
        while self.ended and next(iter(self.ended.values())).ended_at < now - self.memory:
            self.ended.popitem(last=False)
        return order

    def rested(self, oid: str, instant: int) -> bool:
        """Whether an order that had been accepted had not ended at an instant, as far as memory goes."""
        order = self.ended.get(oid)
        return oid in self.open or (order is not None and order.ended_at > instant)

    def listing(self, as_of: int) -> Iterator[Order]:
        """The orders that were open at an instant."""
        for order in self.ended.values():
            if order.accepted_at <= as_of < order.ended_at:
                yield order
        for order in self.open.values():
            if order.accepted_at <= as_of:
                yield order
