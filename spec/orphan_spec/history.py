"""What the judge holds of the past, one record a thing.

Two rules. Windows are held twice: as short as the text allows (`until` with half-open ends), for *must keep*, and as long
as it allows (`…_held` until a sync or cleanup at or after the end is over), for *must cancel*. Instants of line order are
`seq`, a count of events: they are compared with each other, never with a clock and never with a line number.
"""

from dataclasses import dataclass, replace
from typing import Final

from orphan_spec.findings import Violation


@dataclass(slots=True, eq=False)
class Heard:
    """The heard-of window that one kind of news (acknowledgement or finalization) opened for an OID."""

    seq: int
    """When the news first came; -1 if never."""

    line: int
    until: int
    """End of the window that must be respected, in ns."""

    loose_until: int
    """End of the window that may be respected: longer where news was repeated after it may have been forgotten."""

    held: bool = True
    """A tracker may still protect because of it."""

    again: bool = False
    """The OID may have been forgotten since, so that further news may count as first."""

    @property
    def known(self) -> bool:
        return self.seq >= 0


NEVER: Final = Heard(-1, 0, 0, 0, held=False)
"""No news yet; shared, and never changed."""


@dataclass(slots=True)
class Age:
    """How long a candidate of the latest snapshot has been an orphan."""

    shown: tuple[str, ...] = ()
    """The CLOIDs that the latest snapshot shows it with."""

    aged_from: int | None = None
    """`as_of` from which its age counts at the earliest."""

    aged_line: int = 0
    ripe_from: int | None = None
    """`as_of` from which its age counts at the latest."""

    ripe_line: int = 0
    retried: bool = False
    """It was cancelled, and may be cancelled again."""

    missed: bool = False
    """A missed cancel has been noted."""

    def interrupt(self) -> None:
        """It was protected: its age starts anew."""
        self.aged_from = self.ripe_from = None
        self.retried = self.missed = False


@dataclass(slots=True)
class Absence:
    """The snapshots that lack an order that is in the local book."""

    since: int
    """`as_of` of the first of them."""

    line: int
    latest: int
    """`as_of` of the last of them."""


@dataclass(slots=True)
class Order:
    """What is remembered of one OID."""

    oid: str
    acknowledged: Heard = NEVER
    finalized: Heard = NEVER
    links: tuple[str, ...] = ()
    """Every CLOID that it was ever recorded for, finalized for or shown with."""

    bar: int = -1
    """Only a listing later than this instant can demand a cancel."""

    changed: int = -1
    """The last local change, in ns."""

    age: Age | None = None
    """Its age where it is open and not in the local book, in the latest snapshot: a candidate."""

    absence: Absence | None = None
    """Since when snapshots lack it, where it is in the local book."""

    @property
    def heard(self) -> int:
        """When news of it first came, as a seq; -1 if never."""
        first, second = self.acknowledged.seq, self.finalized.seq
        return max(first, second) if min(first, second) < 0 else min(first, second)

    def copy(self) -> "Order":
        return replace(
            self,
            acknowledged=self.acknowledged if self.acknowledged is NEVER else replace(self.acknowledged),
            finalized=self.finalized if self.finalized is NEVER else replace(self.finalized),
            age=None if self.age is None else replace(self.age),
            absence=None if self.absence is None else replace(self.absence),
        )


@dataclass(frozen=True, slots=True)
class Flight:
    """A stretch of time during which a CLOID was expected."""

    chain: int
    """When the first of the registrations came that this one continues, as a seq."""

    opened: int
    """When the registration came, as a seq."""

    ended: int | None
    """When it was ended early, as a seq."""

    ended_at: int
    """When it was ended early, or else ended by itself, in ns."""

    registered_at: int
    until: int
    line: int

    def covers(self, seq: int, t: int) -> bool:
        return self.opened < seq and (self.ended is None or seq < self.ended) and t < self.until


@dataclass(slots=True)
class Expectation:
    """The newest registration of a CLOID, and what is left of the earlier ones."""

    cloid: str
    chain: int
    opened: int
    registered_at: int
    until: int
    line: int
    links: dict[str, int]
    """OIDs recorded for it while its window was open, with the line of the record."""

    past: tuple[Flight, ...] = ()
    """Earlier stretches during which an order was cancelled that may yet prove to be this one."""

    ended: int | None = None
    """When it was ended early, as a seq."""

    ended_at: int = -1
    answered: bool = False
    """An OID was recorded for it, finalized for it or shown with it."""

    held: bool = True
    """A tracker may still protect because of it."""

    released_at: int = -1
    """When that ended, in ns."""

    witnessed: bool = False
    """An order was cancelled while it was expected."""

    def expected(self, t: int) -> bool:
        return self.ended is None and t < self.until

    def flight(self) -> Flight:
        end = self.until if self.ended is None else self.ended_at
        return Flight(self.chain, self.opened, self.ended, end, self.registered_at, self.until, self.line)

    def flight_covering(self, seq: int, t: int) -> Flight | None:
        return next((flight for flight in (self.flight(), *self.past) if flight.covers(seq, t)), None)

    def copy(self) -> "Expectation":
        return replace(self, links=dict(self.links))


@dataclass(frozen=True, slots=True)
class Pending:
    """A cancel, or a missed cancel, that a link learned later may show in another light."""

    oid: str
    seq: int
    t: int
    line: int
    cloid: str | None
    acknowledged: bool
    """Its OID had been recorded before."""

    missed: bool
    """The cancel was not sent, and had to be."""

    finding: Violation | None
    """What is reported if no such link comes."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A local order that was dropped as stale, rightly so far."""

    t: int
    line: int
    as_of: int
