"""What goes into the tracker and what comes out: values, frozen, compared by content.

An OID and a CLOID are texts that are not empty. An instant is a whole number of nanoseconds. Every answer says why,
and until when.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Final


class NotStated(Enum):
    """The type of NOT_STATED."""

    NOT_STATED = "NOT_STATED"


NOT_STATED: Final = NotStated.NOT_STATED
"""The venue does not say which CLOID the order has; None says that it has none."""


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order that rests on the exchange; raises ValueError for ids that are no ids."""

    oid: str

    cloid: str | NotStated | None = NOT_STATED
    """The CLOID as the venue has it; None: it has none."""

    further_cloids: tuple[str | None, ...] = ()
    """What else it was shown with, where one listing shows it more than once."""

    def __post_init__(self) -> None:
        check_id("an OID", self.oid)
        for cloid in self.stated:
            if cloid is not None:
                check_id("a CLOID", cloid)

    @property
    def stated(self) -> tuple[str | None, ...]:
        """All that the venue says about its CLOID; empty where it says nothing."""
        first = () if self.cloid is NOT_STATED else (self.cloid,)
        return first + self.further_cloids

    @property
    def cloids(self) -> tuple[str, ...]:
        """The CLOIDs that it is shown with."""
        return tuple(cloid for cloid in self.stated if cloid is not None)

    def merged_with(self, other: "OpenOrder") -> "OpenOrder":
        """The same order, shown with the union of the CLOIDs."""
        union = tuple(dict.fromkeys(self.stated + other.stated))
        return OpenOrder(self.oid, union[0], union[1:]) if union else self


def check_id(what: str, value: object) -> None:
    """Refuses what is no id: raises ValueError unless it is a text that is not empty."""
    if not isinstance(value, str) or not value:
        raise ValueError(f"{what} is {value!r}; it has to be a text that is not empty (write 77 as '77')")


def check_instant(name: str, instant: object) -> None:
    """Refuses what is no instant: raises ValueError unless it is a whole number of ns, 0 or more."""
    if isinstance(instant, bool) or not isinstance(instant, int) or instant < 0:
        raise ValueError(f"{name} is {instant!r}; it has to be a whole number of nanoseconds, 0 or more")


def check_listing(listing: object) -> None:
    """Refuses what is no listing but would pass for one: raises ValueError for one text."""
    if isinstance(listing, str):
        raise ValueError(f"a listing is {listing!r}; it has to be a list of OIDs or open orders, not one text")


def listing_by_oid(orders: Iterable[str | OpenOrder]) -> dict[str, OpenOrder]:
    """Each order once, in the order of the listing; raises ValueError for what is no listing."""
    check_listing(orders)
    listing: dict[str, OpenOrder] = {}
    for item in orders:
        order = item if isinstance(item, OpenOrder) else OpenOrder(item)
        earlier = listing.get(order.oid)
        listing[order.oid] = order if earlier is None else earlier.merged_with(order)
    return listing


class Reason(Enum):
    """Why a candidate was kept or cancelled."""

    EXPECTED = "a CLOID of the order is expected"
    ACKNOWLEDGED = "the OID was acknowledged a short while ago"
    FINALIZED = "the OID was finalized a short while ago"
    WITHIN_GRACE = "the orphan is within its grace"
    OLDER_THAN_CHANGE = "the snapshot is not later than the last local change of the order"
    GHOST = "the order had ended by then, and the snapshot is not later"
    LATE_SNAPSHOT = "the snapshot is older than an earlier one"
    TRACKED = "the order is in the local book by now"
    NOT_SHOWN = "the order is no candidate in the latest snapshot"
    FOREIGN = "the order is not ours"
    AGED = "the orphan is past its grace"


@dataclass(frozen=True, slots=True)
class Explanation:
    """What was decided about one candidate at one sync, and why."""

    oid: str

    reason: Reason

    at: int
    """The instant of the decision, in ns."""

    until: int | None
    """EXPECTED, ACKNOWLEDGED, FINALIZED: the instant at which protection ends. WITHIN_GRACE, AGED: the first `as_of` at
    which grace is over; None where the age ended since the sync and has to begin anew. OLDER_THAN_CHANGE, GHOST,
    LATE_SNAPSHOT: the instant that a snapshot has to be later than, or not earlier than, to decide. FOREIGN, TRACKED,
    NOT_SHOWN: None, for no time changes that."""

    @property
    def cancelled(self) -> bool:
        """Whether the order is to be cancelled; otherwise it is kept."""
        return self.reason is Reason.AGED

    def __str__(self) -> str:
        verdict = "cancelled" if self.cancelled else "kept"
        instant = "" if self.until is None else f" ({self.until} ns)"
        return f"{self.oid} {verdict} at {self.at} ns: {self.reason.value}{instant}"


class NoticeKind(Enum):
    """Input that contradicts what the tracker knows, or that says nothing to it."""

    REGISTERED_NOT_OWNED = "a CLOID was registered that is not ours by the configuration"
    RECORDED_UNEXPECTED = "an OID was recorded for a CLOID that is unknown or has ended"
    RECORDED_FOR_ANOTHER = "an OID was recorded for a CLOID and is already known for another"
    FINALIZED_UNEXPECTED = "an OID was finalized for a CLOID that is unknown or has ended"
    FINALIZED_FOR_ANOTHER = "an OID was finalized for a CLOID and is already known for another"
    FINALIZED_UNRECORDED = "an OID was finalized for a CLOID that is linked to other OIDs only"
    FINALIZED_EARLIER = "an OID was finalized that had been before the CLOID was last registered"
    FAILED_UNEXPECTED = "a CLOID failed that is unknown or has ended"
    FAILED_WITH_OID = "a CLOID failed although an OID is known for it"
    CLEARED_UNKNOWN = "an OID was cleared that is not a candidate"
    SHOWN_WITH_SEVERAL = "one listing shows an OID with several CLOIDs"
    SHOWN_WITH_ANOTHER = "a listing shows an OID with another CLOID than it was recorded for"
    SHOWN_AFTER_END = "a snapshot shows an order that had ended before"
    SNAPSHOT_LATE = "a snapshot is older than an earlier one"
    SNAPSHOT_FAILED = "a snapshot could not be fetched"


@dataclass(frozen=True, slots=True)
class Notice:
    """One contradiction, told to whoever caused it."""

    kind: NoticeKind

    at: int
    """The instant of the operation, in ns."""

    cloid: str | None = None

    oid: str | None = None

    def __str__(self) -> str:
        about = [f"CLOID {self.cloid}"] * (self.cloid is not None) + [f"OID {self.oid}"] * (self.oid is not None)
        return f"{' '.join([*about, 'at'])} {self.at} ns: {self.kind.value}"


@dataclass(frozen=True, slots=True)
class SyncDecision:
    """What one sync, or the look right before its cancels, decided about every candidate."""

    aged: tuple[str, ...] = ()
    """The OIDs to cancel, each once, in the order of the listing."""

    new: int = 0
    """How many orphans of ours began to age with this snapshot."""

    foreign: tuple[str, ...] = ()
    """The OIDs of the orders that are not ours, reported and never cancelled."""

    explanations: tuple[Explanation, ...] = ()
    """One for each candidate, in the order of the listing."""

    notices: tuple[Notice, ...] = ()

    def explanation_of(self, oid: str) -> Explanation:
        """The explanation for one candidate; raises KeyError where it was none."""
        for explanation in self.explanations:
            if explanation.oid == oid:
                return explanation
        raise KeyError(oid)


@dataclass(frozen=True, slots=True)
class TrackerStats:
    """What the tracker holds at an instant, and what it was told that contradicts."""

    at: int
    """The instant of the question, in ns."""

    expected_cloids: int
    """CLOIDs whose answer is awaited."""

    heard_oids: int
    """OIDs that were just heard of."""

    linked_oids: int
    """OIDs that are linked to an expected CLOID."""

    remembered_oids: int
    """OIDs of which something was heard that is not forgotten."""

    ended_oids: int
    """OIDs whose end no later snapshot has seen yet."""

    candidates: int
    """Candidates of the latest snapshot that decided."""

    aging_orphans: int
    """Candidates whose age is running."""

    notices: Mapping[NoticeKind, int]
    """How often each contradiction was told since the tracker began."""
