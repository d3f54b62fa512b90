"""What is asked of the exchange, what it answers, and what truly happened: values, frozen, compared by content.

Prices and sizes are decimals, OIDs are texts, instants whole nanoseconds. A `Happening` is the truth at the exchange, which
no client is told.
"""

from dataclasses import dataclass
from decimal import Decimal

from orphan_tracker import Ended


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order as a client asks for it."""

    coin: str

    buy: bool

    price: Decimal

    size: Decimal

    cloid: str | None = None

    tif: str = "Gtc"
    """`Gtc` rests until it is filled or cancelled, `Ioc` never rests, `Alo` is refused where it would match at once."""

    reduce_only: bool = False


@dataclass(slots=True)
class Order:
    """An order that the exchange took, with all that became of it."""

    oid: str

    asked: NewOrder

    accepted_at: int

    rests: bool = True
    """Whether it ever rested; otherwise it was filled at once."""

    filled: tuple[tuple[int, Decimal], ...] = ()
    """The instants and sizes of its fills."""

    ends_at: int | None = None
    """The instant at which it ended, or will have ended; None while nothing ends it."""

    how: Ended | None = None

    def open_at(self, instant: int) -> bool:
        """Whether it rests at this instant."""
        return self.rests and self.accepted_at <= instant and (self.ends_at is None or instant < self.ends_at)

    def filled_by(self, instant: int) -> Decimal:
        """How much of it is filled at this instant."""
        return sum((size for at, size in self.filled if at <= instant), Decimal(0))


@dataclass(frozen=True, slots=True)
class Rests:
    """The order rests on the exchange."""

    oid: str


@dataclass(frozen=True, slots=True)
class Fills:
    """The order was filled at once and never rests."""

    oid: str

    size: Decimal

    price: Decimal


@dataclass(frozen=True, slots=True)
class Done:
    """What was asked for was done."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The exchange did nothing, and says why."""

    reason: str


Placed = Rests | Fills | Refused
Cancelled = Done | Refused


@dataclass(frozen=True, slots=True)
class Happening:
    """One thing that truly happened at the exchange."""

    event: str
    """`accept`, `fill` or `end`."""

    at: int

    oid: str

    cloid: str | None = None

    how: Ended | None = None
