"""What is protected, and until when.

Two rules keep this small. *Everything is an instant*: whether something is over is a comparison with now, and
`advance`, with which every operation of the tracker begins, drops what is over before anybody can meet it; so garbage
never changes an answer, and when it is collected is nobody's business. *Ends come in order*: lengths are constants and
time does not go back, so a mapping in order of insertion is a queue of ends, and no operation looks at what does not
end.
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from typing import NamedTuple

from .config import OrphanTrackerConfig

NEVER = -1
"""An instant, or a step, before all others."""

REMNANTS = 4096
"""How many ended windows, and how many ended orders, are remembered beyond one TTL, while no sync comes that could do
without them."""


@dataclass(slots=True)
class Window:
    """The open expected window of one CLOID."""

    until: int

    changed_at: int
    """When the CLOID was last registered, or failed in vain."""

    registered_step: int
    """Which step the last registration was: orders events of equal instants."""

    oids: set[str] = field(default_factory=set)
    """The OIDs linked to the CLOID."""


class Closed(NamedTuple):
    """What is remembered of an ended expected window, until a snapshot is later than its end."""

    closed_at: int

    changed_at: int
    """When the CLOID was last registered or failed."""

    open_after_sync: int
    """How many syncs had decided when it was open last."""


@dataclass(slots=True)
class Order:
    """What was heard of one OID and is not forgotten."""

    cloid: str | None = None
    """The CLOID that a record or a finalize named last; None where neither named the OID."""

    acknowledged_until: int = NEVER
    """The end of the window that its first acknowledgement opened."""

    finalized_until: int = NEVER
    """The end of the window that its first finalization opened."""

    finalized_step: int = NEVER

    changed_at: int = NEVER
    """The last local change that is no end: register, record, finalize, fail, clear."""


class Memory:
    """The windows of one tracker; `advance(now)` comes before every other call with that now."""

    def __init__(self, config: OrphanTrackerConfig) -> None:
        self._ttl = config.expected_cloid_ttl
        self._protection = config.finalized_protection_period
        self.step = 0
        self.syncs = 0
        self.overlooked = False
        self.forgotten_change_at = NEVER
        self.as_of = NEVER
        self.changed: OrderedDict[str, int] = OrderedDict()
        self.ended: OrderedDict[str, int] = OrderedDict()
        self.windows: OrderedDict[str, Window] = OrderedDict()
        self.closed: OrderedDict[str, Closed] = OrderedDict()
        self.heard_until: OrderedDict[str, int] = OrderedDict()
        self.links: dict[str, set[str]] = {}
        self.orders: dict[str, Order] = {}
        self.candidates: frozenset[str] = frozenset()
        self.shown: dict[str, set[str]] = {}

    def advance(self, now: int) -> None:
        """Drops what is over at now."""
        while self.windows:
            cloid, window = next(iter(self.windows.items()))
            if window.until > now:
                break
            self.close(cloid, window.until)
        while self.heard_until:
            oid, until = next(iter(self.heard_until.items()))
            if until > now:
                break
            del self.heard_until[oid]
            self._forget_unless_needed(oid)
        while len(self.closed) > REMNANTS:
            cloid, closed = next(iter(self.closed.items()))
            if closed.closed_at + self._ttl > now:
                break
            del self.closed[cloid]
            self.overlooked = True
        for remnants in (self.ended, self.changed):
            while len(remnants) > REMNANTS:
                oid, at = next(iter(remnants.items()))
                if at + self._ttl > now:
                    break
                del remnants[oid]
                self.forgotten_change_at = max(self.forgotten_change_at, at)

    def register(self, cloid: str, now: int) -> None:
        """Opens the window of a CLOID, or starts it again with its links."""
        self.step += 1
        earlier = self.windows.pop(cloid, None)
        oids = set() if earlier is None else earlier.oids
        self.windows[cloid] = Window(now + self._ttl, now, self.step, oids)
        self.closed.pop(cloid, None)
        self._change_orders_of(cloid, now)

    def close(self, cloid: str, at: int) -> None:
        """Ends the window of a CLOID; its links end with it."""
        window = self.windows.pop(cloid)
        for oid in window.oids:
            cloids = self.links[oid]
            cloids.discard(cloid)
            if not cloids:
                del self.links[oid]
                self._forget_unless_needed(oid)
        self.closed[cloid] = Closed(at, window.changed_at, self.syncs)

    def fail(self, cloid: str, now: int) -> None:
        """Notes that a CLOID failed; its window, where it has one, is the caller's to close."""
        window = self.windows.get(cloid)
        if window is not None:
            window.changed_at = now
        else:
            ended = self.closed.pop(cloid, None)
            self.closed[cloid] = Closed(now, now, NEVER if ended is None else ended.open_after_sync)
        self._change_orders_of(cloid, now)

    def link(self, oid: str, cloid: str) -> None:
        """Puts an OID under the open window of a CLOID."""
        self.windows[cloid].oids.add(oid)
        self.links.setdefault(oid, set()).add(cloid)

    def hear_of(self, oid: str, now: int) -> int:
        """Opens a heard-of window and returns its end."""
        self.heard_until.pop(oid, None)
        self.heard_until[oid] = now + self._protection
        return now + self._protection

    def change(self, oid: str, now: int) -> Order:
        """Notes a local change of an order."""
        self.changed.pop(oid, None)
        order = self.orders.setdefault(oid, Order())
        order.changed_at = now
        return order

    def end(self, oid: str, now: int) -> None:
        """Puts up a tombstone; it stands until a later snapshot is taken."""
        self.ended.pop(oid, None)
        self.ended[oid] = now

    def changed_at(self, oid: str, cloids: tuple[str, ...]) -> int:
        """The last local change of an order that is shown with these CLOIDs.

        Where too many orders ended to remember them all, each order counts as if it were the last that was forgotten."""
        known = self.orders.get(oid)
        changed_at = self.changed.get(oid, NEVER) if known is None else known.changed_at
        closed = [self.closed[cloid].changed_at for cloid in cloids if cloid in self.closed]
        ended_at = self.ended.get(oid, self.forgotten_change_at)
        return max([changed_at, ended_at, *closed])

    def expected_until(self, oid: str) -> int:
        """The end of the last window that an OID is linked to; NEVER where it is linked to none."""
        return max((self.windows[cloid].until for cloid in self.links.get(oid, ())), default=NEVER)

    def show(self, listing: dict[str, tuple[str, ...]], as_of: int) -> None:
        """Takes the candidates of a snapshot, with the CLOIDs of each, as the latest."""
        self.as_of = as_of
        gone = self.candidates - listing.keys()
        self.candidates = frozenset(listing)
        for oid in gone:
            self._forget_unless_needed(oid)
        self.shown = {}
        for oid, cloids in listing.items():
            for cloid in cloids:
                self.shown.setdefault(cloid, set()).add(oid)
        self.syncs += 1
        self.overlooked = False
        while self.closed:
            cloid, closed = next(iter(self.closed.items()))
            if closed.closed_at >= as_of:
                break
            del self.closed[cloid]
        while self.ended:
            oid, ended_at = next(iter(self.ended.items()))
            if ended_at >= as_of:
                break
            del self.ended[oid]
        for oid in [oid for oid, changed_at in self.changed.items() if changed_at < as_of]:
            del self.changed[oid]

    def _change_orders_of(self, cloid: str, now: int) -> None:
        window = self.windows.get(cloid)
        for oid in self.shown.get(cloid, set()) | (set() if window is None else window.oids):
            self.change(oid, now)

    def _forget_unless_needed(self, oid: str) -> None:
        if oid not in self.heard_until and oid not in self.links and oid not in self.candidates:
            order = self.orders.pop(oid, None)
            if order is not None and order.changed_at >= self.as_of:
                self.changed[oid] = order.changed_at
