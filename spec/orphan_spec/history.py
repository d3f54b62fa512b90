"""What the judge holds of the past, one record a thing.

Two rules. Windows are held twice: as short as the text allows (`until` with half-open ends), for *must keep*, and as long
as it allows (`…_held` until a sync or cleanup at or after the end is over), for *must cancel*. Instants of line order are
`seq`, a count of events: they are compared with each other, never with a clock and never with a line number.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from orphan_spec.events import NotStated
from orphan_spec.findings import Violation

Shown = str | None | NotStated | tuple[str, ...]
"""How a listing shows an order: with a CLOID, with none, without saying, or (listed twice) with several."""


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

    pending: bool = False
    """The latest snapshot's sync left its cancel to an act."""

    excused: int = 0
    """At how many syncs in a row it had to be cancelled and was pending; two is as many as are excused."""

    def interrupt(self) -> None:
        """It was protected: its age starts anew."""
        self.aged_from = self.ripe_from = None
        self.retried = self.missed = self.pending = False
        self.excused = 0

    def sent(self) -> None:
        """It was cancelled, and may be cancelled again at once; another grace may pass before it must be."""
        self.ripe_from, self.retried = None, True
        self.missed = self.pending = False
        self.excused = 0

    def put_off(self, pending: bool, *, due: bool, acted: bool) -> bool:
        """Whether a sync may leave its cancel, if due, to an act: not twice without an act, and not a third time."""
        excused = pending and self.excused < 2 and (acted or not self.pending)
        self.pending = pending
        self.excused = self.excused + 1 if due and excused else self.excused if due else 0
        return excused


@dataclass(slots=True)
class Absence:
    """The snapshots that lack an order that is in the local book."""

    since: int
    """`as_of` of the first of them."""

    line: int
    latest: int
    """`as_of` of the last of them."""

    stale_from: int | None = None
    """`as_of` of the first of them that is later than its end and all that may be a local change; None if there is none."""

    stale_line: int = 0
    overdue: bool = False
    """It has been noted that the order stays."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What the trace says of an order at the exchange."""

    t: int
    line: int
    rests: bool
    """The exchange has accepted it; or else it has ended."""


@dataclass(frozen=True, slots=True)
class Life:
    """What a trace that says when orders end tells of one of them."""

    truth: Truth | None = None
    learned: int = -1
    """When the client learned that it has ended, in ns; -1 if never."""

    learned_line: int = 0
    stirred: int = -1
    """When it last came into the local book, or was heard of again there, which may count as a local change, in ns."""

    once: int = -1
    """When news of it first came in an earlier life of the client, as a seq; -1 if never."""


UNTOLD: Final = Life()
"""Nothing is told."""


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

    life: Life = UNTOLD
    """What the trace tells of its life."""

    age: Age | None = None
    """Its age where it is open and not in the local book, in the latest snapshot: a candidate."""

    absence: Absence | None = None
    """Since when snapshots lack it, where it is in the local book."""

    @property
    def quiet_from(self) -> int:
        """A listing that is later than this instant is later than all that the client knows of it, in ns."""
        return max(self.bar, self.changed, self.life.stirred, self.life.learned)

    @property
    def heard(self) -> int:
        """When news of it first came, as a seq; -1 if never."""
        first, second = self.acknowledged.seq, self.finalized.seq
        return max(first, second) if min(first, second) < 0 else min(first, second)

    @property
    def first_heard(self) -> int:
        """When news of it first came in any life of the client, as a seq; -1 if never."""
        return self.heard if self.life.once < 0 else self.life.once

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
    acknowledged: bool
    """Its OID had been recorded before."""

    missed: bool
    """The cancel was not sent, and had to be."""

    finding: Violation | None
    """What is reported if no such link comes."""


@dataclass(frozen=True, slots=True)
class Since:
    """What syncs without a snapshot that counts, and acts, have told since the latest one that had one."""

    local: frozenset[str]
    """The OIDs that were in the local book whenever it was told."""

    late_as_of: int = -1
    late_open: Mapping[str, Shown] = field(default_factory=dict)
    """What the latest late snapshot shows."""


@dataclass(frozen=True, slots=True)
class Drop:
    """A local order that was dropped as stale, rightly so far."""

    t: int
    line: int
    as_of: int
