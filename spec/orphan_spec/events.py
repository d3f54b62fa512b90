"""The vocabulary of events: what a log, a scenario and a certificate are written in.

Three rules. This is the only place where an event gets its name; the codec, the judge and the schemas derive theirs from
`EVENTS`. Time is a whole number of nanoseconds and an OID is opaque text. An event says what happened and nothing about
what a tracker ought to make of it.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Final, TypeAlias

Instant: TypeAlias = Annotated[int, "instant"]
"""A whole number of nanoseconds on one clock that never goes back."""

Oid: TypeAlias = Annotated[str, "oid"]
"""The exchange's name of an order; opaque text, also where a venue writes a number."""

Cloid: TypeAlias = Annotated[str, "cloid"]
"""The client's name of an order."""


class NotStated(Enum):
    """The type of `NOT_STATED`."""

    NOT_STATED = "not_stated"

    def __repr__(self) -> str:
        return self.name


NOT_STATED: Final = NotStated.NOT_STATED
"""The venue does not say which CLOID an open order has; None says that it has none."""


@dataclass(frozen=True, slots=True)
class Register:
    """The client names orders that it is about to place."""

    t: Instant
    cloids: tuple[Cloid, ...]


@dataclass(frozen=True, slots=True)
class RecordOid:
    """The exchange's answer links a CLOID to an OID."""

    t: Instant
    cloid: Cloid
    oid: Oid


@dataclass(frozen=True, slots=True)
class Finalize:
    """The order is in the local book."""

    t: Instant
    cloid: Cloid
    oid: Oid


@dataclass(frozen=True, slots=True)
class Fail:
    """The exchange definitely rejected the order; a timeout is not a fail."""

    t: Instant
    cloid: Cloid


@dataclass(frozen=True, slots=True)
class Clear:
    """The tracker is told to forget that it saw this OID as an orphan."""

    t: Instant
    oid: Oid


@dataclass(frozen=True, slots=True)
class Cleanup:
    """Garbage is collected; no answer changes."""

    t: Instant


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """One line of the exchange's list of open orders."""

    oid: Oid
    cloid: Cloid | NotStated | None = NOT_STATED
    """Text, None where the order has none, `NOT_STATED` where the venue does not say."""


@dataclass(frozen=True, slots=True)
class Sync:
    """The safety sync compares a snapshot with the local book."""

    t: Instant
    as_of: Instant
    """The instant whose open orders the snapshot shows; at most `t`."""

    open: tuple[OpenOrder, ...] | None
    """The open orders; None is a failed fetch, which is not an empty list."""

    local: tuple[Oid, ...]
    """The OIDs in the local book at `t`."""

    cancelled: tuple[Oid, ...] = ()
    """The OIDs for which this sync sent a cancel."""

    dropped: tuple[Oid, ...] = ()
    """The local OIDs that this sync removed as stale."""


Event: TypeAlias = Register | RecordOid | Finalize | Fail | Clear | Cleanup | Sync
"""Anything that a trace may contain."""

EVENTS: Final[dict[str, type[Event]]] = {
    "register": Register,
    "record_oid": RecordOid,
    "finalize": Finalize,
    "fail": Fail,
    "clear": Clear,
    "cleanup": Cleanup,
    "sync": Sync,
}
"""Every event by the name that it bears in traces."""

NAMES: Final[dict[type[Event], str]] = {kind: name for name, kind in EVENTS.items()}
"""The name of every event."""
