"""What the judge says: a verdict before an outcome is known, a violation or a caution after it.

Two rules. A finding cites a guarantee by its number and the lines that make it one, so that a reader can check it by hand.
A verdict has three values: between *must keep* and *must cancel* lies everything that is the implementer's choice.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final, TypeAlias

NOT_MODELLED: Final = ("S8", "L4")
"""Guarantees that need to know when orders end; a log that says nothing of it cannot be judged by them."""

HELD_BACK: Final = frozenset({"S8", "S4"})
"""Guarantees that yield to one that a link learned later may bring."""


class Decision(Enum):
    """What the guarantees say about one open order at one sync."""

    MUST_KEEP = "must_keep"
    MAY_CANCEL = "may_cancel"
    MUST_CANCEL = "must_cancel"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What must or may be done with one open order at one sync."""

    oid: str
    decision: Decision
    reason: str
    guarantee: str | None = None
    """The guarantee that would be violated; None where either choice is right."""

    until: int | None = None
    """The instant at which the protection ends, in ns; None where no window protects."""

    because_line: int | None = None
    """The line that makes it so."""

    cloid: str | None = None
    """The CLOID through which the order is protected, or else the one that it is shown with."""


@dataclass(frozen=True, slots=True)
class Violation:
    """A guarantee that the log breaks."""

    guarantee: str
    t: int
    """When the order was cancelled, dropped, or first had to be cancelled and was not, in ns."""

    line: int
    """Where that is in the log."""

    oid: str
    cloid: str | None
    protected_until: int | None
    because_line: int | None
    """The earlier or later line that makes it a violation."""

    message: str


@dataclass(frozen=True, slots=True)
class Caution:
    """Something in the log that a reader should know and that breaks no guarantee; reports call it a warning."""

    kind: str
    """late_snapshot, late_link, fail_after_answer or finalize_of_elder."""

    t: int
    line: int
    oid: str | None
    cloid: str | None
    because_line: int | None
    message: str


Finding: TypeAlias = Violation | Caution


def seconds(instant: int) -> str:
    """The instant or duration in seconds, exact, with at least three decimals."""
    whole, rest = divmod(abs(instant), 1_000_000_000)
    decimals = f"{rest:09d}".rstrip("0").ljust(3, "0")
    return f"{'-' if instant < 0 else ''}{whole}.{decimals} s"
