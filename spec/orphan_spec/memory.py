"""What the judge remembers; when it forgets is in `forgetting`.

Two rules. A change is remembered under every name by which a later event can ask for it: an OID, a CLOID, the instant at
which it expires. And no event costs more than what it mentions and the candidates of the latest snapshot.
"""

from collections import OrderedDict, deque
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from itertools import chain
from typing import Final

from orphan_spec.cancels import REMNANTS, Cancels
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import NOT_STATED, OpenOrder
from orphan_spec.history import NEVER, UNTOLD, Age, Drop, Expectation, Flight, Heard, Order, Pending, Shown, Since

FOREVER: Final = 1 << 200
"""A duration in ns that no log outlasts."""


def stated(shown: Shown) -> tuple[str, ...]:
    """The CLOIDs that an order is shown with."""
    if isinstance(shown, str):
        return (shown,)
    return shown if isinstance(shown, tuple) else ()


def listing_of(open_orders: tuple[OpenOrder, ...]) -> dict[str, Shown]:
    """The listing by OID; an OID listed twice is one order with the union of the CLOIDs."""
    listing: dict[str, Shown] = {order.oid: order.cloid for order in open_orders}
    if len(listing) == len(open_orders):
        return listing
    listing = {}
    for order in open_orders:
        earlier = listing.get(order.oid, NOT_STATED)
        union = tuple(dict.fromkeys((*stated(earlier), *stated(order.cloid))))
        nothing = None if None in (earlier, order.cloid) else NOT_STATED
        listing[order.oid] = union or nothing
    return listing


class Memory:
    """The judge's past: orders, registrations, cancels that may yet prove wrong, drops."""

    def __init__(self, constants: Constants, environment: Environment, horizon: int) -> None:
        self.constants = constants
        self.horizon = horizon
        self.keep = constants.expected_cloid_ttl + (environment.snapshot_age_max or 0)
        self.seq = 0
        self.orders: dict[str, Order] = {}
        self.parked: OrderedDict[str, Order] = OrderedDict()
        self.candidates: dict[str, Order] = {}
        self.missing: dict[str, Order] = {}
        self.expectations: dict[str, Expectation] = {}
        self.cancels = Cancels(horizon)
        self.drops: OrderedDict[str, Drop] = OrderedDict()
        self.fails: OrderedDict[str, int] = OrderedDict()
        """When CLOIDs that nothing held were reported as failed, while a listing can be as early."""

        self.latest_open: Mapping[str, Shown] = {}
        self.latest_local: frozenset[str] = frozenset()
        self.latest_as_of = -1
        self.floor = -1
        self.unswept = False
        self.unfinished = False
        """The latest sync left cancels to an act that has not come."""

        self.tells_ends = False
        """The trace says when orders end."""

        self.since = Since(frozenset())
        self.due = -1
        """When it has to be looked next whether something can be forgotten, in ns."""

        self.windows: deque[tuple[int, str, int]] = deque()
        """Expected windows: when each ends in ns, its CLOID, when it opened as a seq."""

        self.news: deque[tuple[int, str]] = deque()
        """Heard-of windows: when each ends in ns, its OID."""

        self.ended: dict[str, None] = {}
        """The CLOIDs whose windows surely ended early, and may be held until the next sync or cleanup is over."""

        self.released: deque[tuple[int, str, int]] = deque()
        """Expected windows that no tracker holds any more: since when in ns, CLOID, when each opened as a seq."""

        self.witnessed: deque[tuple[int, str, int]] = deque()
        """Those of the released ones in which an order was cancelled that may yet prove to be theirs."""

        self._claims: dict[str, set[str]] | None = None
        self._shown: frozenset[str] | None = None

    def __len__(self) -> int:
        """How many records are held."""
        records = len(self.orders) + len(self.parked) + len(self.expectations) + len(self.drops) + len(self.fails)
        timed = len(self.windows) + len(self.news) + len(self.ended) + len(self.released) + len(self.witnessed)
        shown = len(self.latest_open) + len(self.since.late_open) + len(self.latest_local)
        return records + len(self.cancels) + timed + shown

    def copy(self) -> "Memory":
        twin = object.__new__(Memory)
        for name, value in vars(self).items():
            setattr(twin, name, value.copy() if isinstance(value, dict | deque) else value)
        twin.orders = {oid: order.copy() for oid, order in self.orders.items()}
        twin.parked = OrderedDict((oid, order.copy()) for oid, order in self.parked.items())
        twin.candidates = {oid: twin.orders[oid] for oid in self.candidates}
        twin.missing = {oid: twin.orders[oid] for oid in self.missing}
        twin.expectations = {cloid: expectation.copy() for cloid, expectation in self.expectations.items()}
        twin.cancels = self.cancels.copy()
        twin._claims = None
        return twin

    # orders

    def known(self, oid: str) -> Order | None:
        return self.orders.get(oid) or self.parked.get(oid)

    def order(self, oid: str) -> Order:
        """The live record of an OID, made or revived where needed."""
        order = self.orders.get(oid)
        if order is None:
            order = self.parked.pop(oid) if oid in self.parked else Order(oid)
            self.orders[oid] = order
        return order

    def note(self, oid: str) -> Order:
        """The record of an OID, live or parked, made where there is none."""
        known = self.known(oid)
        if known is None:
            known = Order(oid)
            self._park(known)
        return known

    def link(self, order: Order, cloids: Iterable[str]) -> None:
        for cloid in cloids:
            if cloid not in order.links:
                order.links = (*order.links, cloid)
            if self._claims is not None and order.age is not None:
                self._claims.setdefault(cloid, set()).add(order.oid)

    def claim(self, order: Order, shown: tuple[str, ...], t: int) -> Age:
        """The snapshot shows the order, and it is not in the local book."""
        self.touch(order, t)
        if order.age is None:
            order.age = Age()
            self.candidates[order.oid] = order
        order.age.shown = shown
        self.link(order, shown)
        for expectation in filter(None, map(self.expectations.get, shown)):
            expectation.answered = True
        return order.age

    def unclaim(self, oid: str) -> None:
        """A candidate is absent or tracked."""
        order = self.candidates.pop(oid)
        order.age = None
        self.settle(order)

    def claims(self, cloid: str) -> list[tuple[Order, Age]]:
        """The candidates of the latest snapshot that were ever linked to the CLOID."""
        if self._claims is None:
            self._claims = {}
            for order in self.candidates.values():
                for link in order.links:
                    self._claims.setdefault(link, set()).add(order.oid)
        orders = [self.candidates[oid] for oid in self._claims.get(cloid, ())]
        return [(order, order.age) for order in orders if order.age is not None]

    def shows(self, cloid: str) -> bool:
        """Whether the latest snapshot shows an order with the CLOID."""
        if self._shown is None:
            self._shown = frozenset(chain.from_iterable(map(stated, self.latest_open.values())))
        return cloid in self._shown

    def listed(self, listing: Mapping[str, Shown], local: frozenset[str], as_of: int) -> None:
        """A snapshot is the latest."""
        self.latest_open, self.latest_local, self.latest_as_of = listing, local, as_of
        self.since = Since(local)
        self._claims = self._shown = None
        while self.fails and next(iter(self.fails.values())) < as_of:
            self.fails.popitem(last=False)

    def acknowledge(self, order: Order, t: int, line: int) -> bool:
        """An OID is recorded; true if that is surely the first news of its kind."""
        if order.acknowledged is NEVER:
            if order.finalized is not NEVER:
                self.touch(order, t)
            order.acknowledged = self._first(order, t, line)
            return True
        self.touch(order, t)
        if order.acknowledged.again:
            self._again(order, order.acknowledged, t)
        return False

    def finalize(self, order: Order, t: int, line: int) -> bool:
        """An OID is finalized; true if that is surely the first news of its kind."""
        if order.finalized is NEVER:
            if order.acknowledged is not NEVER:
                self.touch(order, t)
            order.finalized = self._first(order, t, line)
            return True
        self.touch(order, t)
        if order.finalized.again:
            self._again(order, order.finalized, t)
        return False

    def _first(self, order: Order, t: int, line: int) -> Heard:
        until = t + self.constants.finalized_protection_period
        self.news.append((until, order.oid))
        if order.age is not None:
            order.age.interrupt()
        return Heard(self.seq, line, until, until)

    def _again(self, order: Order, news: Heard, t: int) -> None:
        news.loose_until = t + self.constants.finalized_protection_period
        news.held, news.again = True, False
        self.news.append((news.loose_until, order.oid))
        if order.age is not None:
            order.age.ripe_from = None

    def touch(self, order: Order, t: int) -> None:
        """Notes that an OID may have been forgotten: it is no candidate and all its windows are over."""
        acknowledged, finalized = order.acknowledged, order.finalized
        if order.age is not None or t < acknowledged.loose_until or t < finalized.loose_until:
            return
        if any(expectation.expected(t) for expectation in self.expecting(order)):
            return
        for news in (acknowledged, finalized):
            if news is not NEVER:
                news.again = True

    def expecting(self, order: Order) -> Iterator[Expectation]:
        """The registrations for which the OID was recorded while they were open."""
        for cloid in order.links:
            expectation = self.expectations.get(cloid)
            if expectation is not None and order.oid in expectation.links:
                yield expectation

    def settle(self, order: Order) -> None:
        """Parks an order that nothing protects and no snapshot shows unclaimed."""
        acknowledged, finalized = order.acknowledged, order.finalized
        if acknowledged.held or finalized.held or order.age is not None or order.absence is not None:
            return
        for cloid in order.links:
            expectation = self.expectations.get(cloid)
            if expectation is not None and expectation.held and order.oid in expectation.links:
                return
        if self.orders.pop(order.oid, None) is not None:
            for news in (acknowledged, finalized):
                if news is not NEVER:
                    news.again = True
            if order.links or order.life is not UNTOLD or order.quiet_from >= self.latest_as_of:
                self._park(order)

    def resettle(self, oid: str) -> None:
        """Parks an order, if it is live, that one thing less protects."""
        order = self.orders.get(oid)
        if order is not None:
            self.settle(order)

    def _park(self, order: Order) -> None:
        """Remembers an order that may come again; for one too many whose changes a listing may yet precede, the floor does."""
        self.parked[order.oid] = order
        if len(self.parked) > REMNANTS:
            eldest, remnant = self.parked.popitem(last=False)
            if eldest in self.latest_open or eldest in self.latest_local:
                self.parked[eldest] = remnant
            elif remnant.bar >= self.latest_as_of:
                self.floor = max(self.floor, remnant.bar)

    # registrations

    def expect(self, cloid: str, t: int, line: int) -> Expectation:
        """Opens the expected window of a CLOID."""
        old = self.expectations.get(cloid)
        until = t + self.constants.expected_cloid_ttl
        new = Expectation(cloid, self.seq, self.seq, t, until, line, links={})
        self.expectations[cloid] = new
        if self.fails:
            self.fails.pop(cloid, None)
        if old is not None:
            new.past = self._past(old, t)
            if old.expected(t):
                new.chain, new.links = old.chain, old.links
            if old.held and t < old.until:
                new.answered = old.answered
            for oid in old.links.keys() - new.links.keys():
                self.resettle(oid)
            self.ended.pop(cloid, None)
        self.windows.append((until, cloid, self.seq))
        return new

    def _past(self, old: Expectation, t: int) -> tuple[Flight, ...]:
        past = tuple(flight for flight in old.past if t <= flight.ended_at + self.horizon)
        if not (old.witnessed or (old.ended is None and self.cancels.last > old.opened)):
            return past
        flight = (
            old.flight() if old.ended is not None else replace(old.flight(), ended=self.seq, ended_at=min(t, old.until))
        )
        return (flight, *past)

    def end(self, expectation: Expectation, t: int, *, surely: bool) -> None:
        """Ends an expected window early; unless surely so, a tracker may hold it to its full length."""
        if expectation.ended is None:
            expectation.ended, expectation.ended_at = self.seq, min(t, expectation.until)
            expectation.witnessed = self.cancels.last > expectation.opened
        if surely and expectation.held:
            self.ended[expectation.cloid] = None

    def fail(self, cloid: str, t: int) -> None:
        """A fail is a change of every order of the CLOID, also of one that no snapshot shows yet."""
        expectation = self.expectations.get(cloid)
        if expectation is None or not expectation.held:
            self.fails.pop(cloid, None)
            self.fails[cloid] = t
            if len(self.fails) > REMNANTS:
                self.floor = max(self.floor, self.fails.popitem(last=False)[1])

    def ends_at_sweep(self, cloid: str) -> bool:
        """The window was surely ended early, so that the next sync or cleanup is the last that may hold it."""
        return cloid in self.ended

    def reopen(self, expectation: Expectation, t: int) -> bool:
        """A contradiction: a tracker may hold the window to its full length again, if that is not over."""
        if t >= expectation.until:
            return False
        self.ended.pop(expectation.cloid, None)
        expectation.held = True
        return True

    # cancels and drops

    def await_link(self, pending: Pending) -> None:
        """Holds a cancel until the horizon has passed it."""
        self.cancels.hold(pending)
        self.due = min(self.due, pending.t + self.horizon)

    def drop(self, oid: str, drop: Drop) -> None:
        self.drops[oid] = drop
        if len(self.drops) > REMNANTS:
            del self.drops[next(iter(self.drops))]
