"""The vocabulary of events: what a log, a scenario and a certificate are written in.

Four rules. This is the only place where an event gets its name; the codec, the judge and the schemas derive theirs from
`EVENTS`. Time is a whole number of nanoseconds and an OID is opaque text. An event says what happened and nothing about
what a tracker ought to make of it. What the exchange did (accept, fill, end) is one thing, and what the client learns of it
another: it has events of its own.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Annotated, Final, Literal, TypeAlias

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
class Accept:
    """The exchange rests the order; the client hears nothing of it by this."""

    t: Instant
    oid: Oid
    cloid: Cloid | NotStated | None = NOT_STATED
    """The name that it was sent with; None where it has none, `NOT_STATED` where the log does not say."""


@dataclass(frozen=True, slots=True)
class Fill:
    """A part of the order is filled at the exchange; it rests on."""

    t: Instant
    oid: Oid


@dataclass(frozen=True, slots=True)
class End:
    """The order ends at the exchange; the client hears nothing of it by this."""

    t: Instant
    oid: Oid
    how: Literal["filled", "cancelled", "expired", "replaced"]


@dataclass(frozen=True, slots=True)
class LearnEnd:
    """The client learns that the order has ended: a fill message, the confirmation of a cancel, an answer to a question."""

    t: Instant
    oid: Oid


@dataclass(frozen=True, slots=True)
class Timeout:
    """The outcome of a request is unknown; that is no fail."""

    t: Instant
    cloid: Cloid


@dataclass(frozen=True, slots=True)
class Modify:
    """The client asks to replace an order by a new one with the same CLOID, which will have a new OID."""

    t: Instant
    cloid: Cloid
    oid: Oid


@dataclass(frozen=True, slots=True)
class Restart:
    """The client starts anew: its tracker remembers nothing."""

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

    pending: tuple[Oid, ...] = ()
    """The OIDs that this sync condemned, and that a later `Act` is to cancel."""


@dataclass(frozen=True, slots=True)
class Act:
    """The second half of a sync in two steps: cancels sent after an await, on the latest snapshot."""

    t: Instant
    local: tuple[Oid, ...]
    """The OIDs in the local book at `t`."""

    cancelled: tuple[Oid, ...] = ()
    """The OIDs for which a cancel was sent."""


Event: TypeAlias = (
    Register
    | RecordOid
    | Finalize
    | Fail
    | Clear
    | Cleanup
    | Sync
    | Accept
    | Fill
    | End
    | LearnEnd
    | Timeout
    | Modify
    | Restart
    | Act
)
"""Anything that a trace may contain."""

_BASIC: Final[dict[str, type[Event]]] = {
    "register": Register,
    "record_oid": RecordOid,
    "finalize": Finalize,
    "fail": Fail,
    "clear": Clear,
    "cleanup": Cleanup,
    "sync": Sync,
}

BASIC: Final = tuple(_BASIC)
"""The events that every tracker is told of; of the others only one that says that it understands them."""

EVENTS: Final[dict[str, type[Event]]] = {
    **_BASIC,
    "accept": Accept,
    "fill": Fill,
    "end": End,
    "learn_end": LearnEnd,
    "timeout": Timeout,
    "modify": Modify,
    "restart": Restart,
    "act": Act,
}
"""Every event by the name that it bears in traces."""

NAMES: Final[dict[type[Event], str]] = {kind: name for name, kind in EVENTS.items()}
"""The name of every event."""
