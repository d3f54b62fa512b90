"""What the local book holds and answers: values, frozen, compared by content.

One rule. Every change of the book has exactly one `BookChange`, and the ones that changed nothing say so.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import Enum


class Ended(Enum):
    """How an order ended."""

    FILLED = "filled"
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    REPLACED = "replaced"


class BookChange(Enum):
    """What became of a change."""

    ADDED = "the CLOID is pending"
    ADDED_AGAIN = "the CLOID was pending before, and goes on"
    REMOVED = "the CLOID is no longer pending"
    NOTED = "the outcome of the pending CLOID is noted as unknown"
    TRACKED = "the OID is tracked"
    FILLED_PARTLY = "a part is filled, and the order is tracked on"
    FILLED = "the order is filled, and no longer tracked"
    ENDED = "the order has ended, and is no longer tracked"
    CANCELLING = "the order is being cancelled, and counts as local until that is confirmed"
    REOPENED = "the order is no longer being cancelled"
    DROPPED = "the order was stale, and is no longer tracked"
    KEPT_FOR_ANSWER = "no such OID is tracked; what was heard is kept, for its answer may still come"
    NOT_PENDING = "no such CLOID is pending; nothing is changed"
    NOT_TRACKED = "no such OID is tracked; nothing is changed"
    NOT_CANCELLING = "the order is not being cancelled; nothing is changed"
    NOT_STALE = "the evidence does not suffice; nothing is changed"
    ALREADY_TRACKED = "the OID was tracked before"
    ALREADY_ENDED = "the OID had ended before, and is not tracked"
    OF_ANOTHER_CLOID = "the OID is tracked for another CLOID; nothing is changed"


@dataclass(frozen=True, slots=True)
class BookResult:
    """What became of one change; never to be ignored."""

    change: BookChange

    at: int
    """The instant of the change, in ns."""

    cloid: str | None = None

    oid: str | None = None

    @property
    def is_tracked(self) -> bool:
        """Whether the OID is in the local book now."""
        return self.change in (BookChange.TRACKED, BookChange.ALREADY_TRACKED)

    def __str__(self) -> str:
        about = [f"CLOID {self.cloid}"] * (self.cloid is not None) + [f"OID {self.oid}"] * (self.oid is not None)
        return f"{' '.join([*about, 'at'])} {self.at} ns: {self.change.value}"


@dataclass(frozen=True, slots=True)
class PendingOrder:
    """An order that was sent and not answered."""

    cloid: str

    since: int
    """When it was first added: an answer to that may still come."""

    renewed_at: int
    """When it was last added."""

    size: Decimal | None = None

    unknown_since: int | None = None
    """When an outcome of it was first unknown; since then a rejection is not definite."""


@dataclass(frozen=True, slots=True)
class LocalOrder:
    """An order of the local book."""

    oid: str

    cloid: str | None

    changed_at: int
    """Its last local change: its answer, a fill."""

    size: Decimal | None = None

    filled: Decimal = Decimal(0)

    cancelling_since: int | None = None
    """When its cancel was requested; it counts as local until that is confirmed."""
