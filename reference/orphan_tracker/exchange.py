"""What a desk asks of an exchange, and what it may be answered.

One rule. An outcome is *known* or it is not: a timeout, a 5xx, a lost connection, and whatever an adapter raises leave an
order that may rest or may not. That is `Unknown`, never `Rejected`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Protocol, TypeAlias

from .model import OpenOrder, check_id


@dataclass(frozen=True, slots=True)
class OrderRequest:
    """An order to place; raises ValueError for a CLOID that is no id and for a size or a price that is not above 0."""

    cloid: str

    symbol: str

    is_buy: bool

    size: Decimal

    price: Decimal

    options: Mapping[str, object] = field(default_factory=dict)
    """What else the venue is told, as its adapter understands it."""

    def __post_init__(self) -> None:
        check_id("a CLOID", self.cloid)
        for name, value in (("size", self.size), ("price", self.price)):
            if not isinstance(value, Decimal) or not value.is_finite() or value <= 0:
                raise ValueError(f"{name} is {value!r}; it has to be a Decimal above 0")


@dataclass(frozen=True, slots=True)
class Resting:
    """The exchange has the order, and it rests."""

    oid: str

    cloid: str | None = None
    """Whose answer it is, where the venue says so."""


@dataclass(frozen=True, slots=True)
class Filled:
    """The order was filled at once and never rested."""

    oid: str

    cloid: str | None = None


@dataclass(frozen=True, slots=True)
class Rejected:
    """The exchange said no, definitely; nothing of it rests, or nothing was changed."""

    reason: str

    cloid: str | None = None


@dataclass(frozen=True, slots=True)
class Unknown:
    """Nobody knows whether the exchange did it."""

    reason: str

    cloid: str | None = None


@dataclass(frozen=True, slots=True)
class Cancelled:
    """The exchange took the order out."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The exchange does not have the order: it was filled, or cancelled, before."""

    reason: str


Outcome: TypeAlias = Resting | Filled | Rejected | Unknown
"""What became of a request to place or to modify."""

CancelOutcome: TypeAlias = Cancelled | Gone | Rejected | Unknown
"""What became of a request to cancel."""


class Exchange(Protocol):
    """A venue. Whatever a method raises counts as an unknown outcome, and of `open_orders` as a failed fetch."""

    async def place(self, order: OrderRequest) -> Outcome:
        """Places one order."""
        ...

    async def place_bulk(self, orders: Sequence[OrderRequest]) -> Sequence[Outcome]:
        """Places several orders in one call; the answers, in the order of the requests where they name no CLOID."""
        ...

    async def modify(self, oid: str, order: OrderRequest) -> Outcome:
        """Replaces a resting order by another; the new OID, which may be the old one."""
        ...

    async def cancel(self, oid: str) -> CancelOutcome:
        """Cancels one order."""
        ...

    async def cancel_bulk(self, oids: Sequence[str]) -> Sequence[CancelOutcome]:
        """Cancels several orders in one call; one answer for each, in their order."""
        ...

    async def open_orders(self) -> Sequence[OpenOrder]:
        """All open orders of the account, as of no earlier than the call; raises where it cannot have them all."""
        ...
