"""Random lives of orders: what a desk, an exchange and a slow network do, aimed at the instants at which something ends.

Three rules. A life is legal: an order rests after its CLOID was registered and before it is answered, an id names one order,
two syncs with one `as_of` show one snapshot, no snapshot is late. The same seed makes the same life. Steps fall on the
instants that matter, on those one nanosecond beside them, or together.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, TypeVar

from orphan_oracle.fairness import World
from orphan_oracle.scenario import Scenario
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import (
    BASIC,
    NAMES,
    NOT_STATED,
    Cleanup,
    Clear,
    Event,
    Fail,
    Finalize,
    OpenOrder,
    RecordOid,
    Register,
    Sync,
)

T = TypeVar("T")

BIG: Final = 2**53
"""OIDs from here on are not exact as floating-point numbers."""


@dataclass(slots=True)
class Order:
    """One order of the exchange."""

    oid: str
    cloid: str | None
    rests_at: int
    ends_at: int | None = None
    named: bool = False
    deadline: int | None = None
    """The last instant at which it may be named."""

    local: bool = False
    absent_since: int | None = None
    """The first `as_of` of the snapshots that lack it while it is in the local book."""

    def rests(self, instant: int) -> bool:
        return self.rests_at <= instant and (self.ends_at is None or instant < self.ends_at)


@dataclass(slots=True)
class Flight:
    """A CLOID whose answer is awaited."""

    registered_at: int
    sent: bool = False
    """An order with it came to rest."""


@dataclass(frozen=True, slots=True)
class Kind:
    """What kind of life is wanted."""

    name: str
    steps: int
    batch: int = 1
    """How many orders are placed at once, at most."""

    start: int = 0
    big_ids: bool = False
    omissions: bool = True
    """Snapshots may lack an order that rests."""

    weights: dict[str, int] = field(default_factory=dict)


WEIGHTS: Final = {
    "sync": 16,
    "place": 5,
    "rest": 5,
    "record": 5,
    "finalize": 4,
    "again": 3,
    "fail": 2,
    "reregister": 2,
    "appear": 2,
    "end": 2,
    "untrack": 1,
    "track": 1,
    "clear": 1,
    "cleanup": 1,
    "silence": 1,
}
"""How often each thing happens, where nothing else is wanted."""


class Life:
    """One life in the making."""

    def __init__(
        self,
        rng: random.Random,
        kind: Kind,
        constants: Constants,
        environment: Environment,
        world: World,
        vocabulary: tuple[str, ...] = BASIC,
    ) -> None:
        self.rng, self.kind, self.constants, self.environment, self.world = rng, kind, constants, environment, world
        self.vocabulary = vocabulary
        self.limit = world.latency_limit(constants, environment.observe)
        self.now = kind.start
        self.steps: list[Event] = []
        self.orders: dict[str, Order] = {}
        self.flights: dict[str, Flight] = {}
        self.known: list[str] = []
        self.ends: list[int] = [kind.start]
        self.latest_sync: int | None = None
        self.latest_as_of = -1
        self.latest_open: tuple[OpenOrder, ...] | None = None
        self.actions: dict[str, Callable[[], None]] = {
            name: getattr(self, f"_{name}") for name in WEIGHTS if self._understood(name)
        }

    def lived(self, name: str) -> Scenario:
        """The whole life."""
        weights = WEIGHTS | self.kind.weights
        names = list(self.actions)
        chances = [weights[name] for name in names]
        while len(self.steps) < self.kind.steps:
            self.act(self.rng.choices(names, chances)[0])
        self._advance(max((o.deadline for o in self.orders.values() if o.deadline is not None), default=self.now))
        self._answer_all()
        return Scenario(name, tuple(self.steps), self.constants, self.environment)

    def act(self, name: str) -> None:
        """Does one thing, now or at a later instant, where it is possible."""
        self._advance(self._next_instant())
        if name in self.actions:
            self.actions[name]()

    def _understood(self, name: str) -> bool:
        needs = {"record": "record_oid", "place": "register", "reregister": "register", "again": "record_oid"}
        needed = needs.get(name, name)
        return needed not in BASIC or needed in self.vocabulary

    # time

    def _next_instant(self) -> int:
        rng = self.rng
        if rng.random() < 0.3:
            return self.now
        later = sorted({end for end in self.ends if end >= self.now})[:8]
        self.ends = [end for end in self.ends if end >= self.now][-60:]
        if not later or rng.random() < 0.2:
            lengths = (1, self.constants.orphan_grace_period, self.constants.finalized_protection_period)
            return self.now + rng.randrange(1, 2 * rng.choice(lengths) + 1)
        end = rng.choice(later[:2] if rng.random() < 0.6 else later)
        return max(self.now, end + rng.choice((0, 0, 1, -1)))

    def _advance(self, target: int) -> None:
        """Goes to an instant, and does on the way what must be done before it."""
        while True:
            due = [order for order in self.orders.values() if order.deadline is not None and order.deadline < target]
            first = min(due, key=lambda order: order.deadline or 0, default=None)
            last_sync = self._sync_deadline()
            if last_sync is not None and last_sync < target and (first is None or last_sync <= (first.deadline or 0)):
                self.now = max(self.now, last_sync)
                self._sync()
            elif first is not None:
                self.now = max(self.now, first.deadline or 0)
                self._name(first)
            else:
                self.now = max(self.now, target)
                return

    def _sync_deadline(self) -> int | None:
        longest = self.world.sync_period_max
        return None if longest is None or self.latest_sync is None else self.latest_sync + longest

    def _interesting(self, *instants: int) -> None:
        self.ends += instants

    # what a desk and an exchange do

    def _new_cloid(self) -> str:
        prefix = self.environment.owned_cloid_prefix or ""
        self.known.append(
            f"{prefix}c{len(self.known) + 1}" if not self.kind.big_ids else f"{prefix}{len(self.known):032x}"
        )
        return self.known[-1]

    def _new_oid(self) -> str:
        number = len(self.orders) + 1
        return str(BIG + number if self.kind.big_ids else number)

    def _place(self) -> None:
        count = self.rng.randint(1, self.kind.batch)
        self._register(*(self._new_cloid() for _ in range(count)))

    def _register(self, *cloids: str) -> None:
        self.steps.append(Register(self.now, cloids))
        for cloid in cloids:
            self.flights.setdefault(cloid, Flight(self.now))
        self._interesting(self.now + self.constants.expected_cloid_ttl)
        if self.limit is not None:
            self._interesting(self.now + self.limit - 1)

    def _reregister(self) -> None:
        """A CLOID is used again, by a modify or a retry; what rests with it is tracked or gone where an assumption asks."""
        cloid = self._one([cloid for cloid in self.known if not self._in_doubt(cloid)])
        if cloid is None:
            return
        if self.limit is not None and self.environment.observe == "cloid":
            for order in self.orders.values():
                if order.cloid == cloid and not order.local:
                    order.ends_at = self.now if order.ends_at is None else order.ends_at
        self._register(cloid)

    def _in_doubt(self, cloid: str) -> bool:
        """An order of the CLOID may be resting unanswered (A8)."""
        flight = self.flights.get(cloid)
        return self.limit is not None and flight is not None and flight.sent

    def _rest(self) -> None:
        """Orders of registered CLOIDs come to rest; their OIDs are known to nobody here."""
        waiting = [cloid for cloid, flight in self.flights.items() if not flight.sent and self._in_reach(flight)]
        for cloid in self.rng.sample(waiting, min(len(waiting), self.rng.randint(1, self.kind.batch))):
            flight = self.flights[cloid]
            flight.sent = True
            order = Order(self._new_oid(), cloid, self.now)
            order.deadline = None if self.limit is None else flight.registered_at + self.limit - 1
            self.orders[order.oid] = order
            for elder in self.orders.values():
                if elder.cloid == cloid and elder is not order and elder.ends_at is None and self.rng.random() < 0.7:
                    elder.ends_at = max(self.now, elder.rests_at)

    def _in_reach(self, flight: Flight) -> bool:
        return self.limit is None or self.now < flight.registered_at + self.limit

    def _appear(self) -> None:
        """An order that nobody here registered: of an earlier life, or placed by hand."""
        style = self.rng.choice(("none", "unknown"))
        cloid = None if style == "none" else f"{self.environment.owned_cloid_prefix or ''}left-{len(self.orders)}"
        if cloid is not None and self.environment.owned_cloid_prefix and self.rng.random() < 0.5:
            cloid = f"foreign-{len(self.orders)}"
        order = Order(self._new_oid(), cloid, self.now)
        self.orders[order.oid] = order

    def _record(self) -> None:
        for _ in range(self.rng.randint(1, self.kind.batch)):
            order = self._one([o for o in self.orders.values() if not o.named and o.cloid in self.known])
            if order is not None:
                self._name(order)

    def _name(self, order: Order) -> None:
        """The first news of an OID: an answer, or where the program knows none, a finalize."""
        kind = RecordOid if "record_oid" in self.vocabulary else Finalize
        if NAMES[kind] in self.vocabulary and order.cloid is not None:
            self._tell(kind, order)
        order.named, order.deadline = True, None

    def _finalize(self) -> None:
        for _ in range(self.rng.randint(1, self.kind.batch)):
            order = self._one([o for o in self.orders.values() if o.cloid in self.known and not o.local])
            if order is not None:
                self._tell(Finalize, order)
                order.local = self.rng.random() < 0.75

    def _again(self) -> None:
        order = self._one([o for o in self.orders.values() if o.named])
        if order is not None:
            self._tell(self.rng.choice((RecordOid, Finalize)), order)

    def _tell(self, kind: type[RecordOid | Finalize], order: Order) -> None:
        if order.cloid is None or NAMES[kind] not in self.vocabulary:
            return
        self.steps.append(kind(self.now, order.cloid, order.oid))
        order.named, order.deadline = True, None
        flight = self.flights.get(order.cloid)
        if flight is not None and (flight.sent or kind is Finalize):
            del self.flights[order.cloid]
        self._interesting(self.now + self.constants.finalized_protection_period)

    def _fail(self) -> None:
        """A definite rejection, or now and then one that contradicts."""
        rejected = [cloid for cloid, flight in self.flights.items() if not flight.sent]
        contradicted = [order.cloid for order in self.orders.values() if order.named and order.cloid in self.known]
        cloid = self._one(rejected if self.rng.random() < 0.8 else contradicted)
        if cloid is not None:
            self.steps.append(Fail(self.now, cloid))
            if not self._in_doubt(cloid):
                self.flights.pop(cloid, None)

    def _end(self) -> None:
        order = self._one([o for o in self.orders.values() if o.ends_at is None and o.rests_at < self.now])
        if order is not None and self.latest_as_of < self.now:
            order.ends_at = self.now
            order.local = order.local and self.rng.random() < 0.5

    def _untrack(self) -> None:
        order = self._one([o for o in self.orders.values() if o.local])
        if order is not None:
            order.local, order.absent_since = False, None

    def _track(self) -> None:
        order = self._one([o for o in self.orders.values() if not o.local and o.rests(self.now) and o.deadline is None])
        if order is not None:
            order.local = True

    def _clear(self) -> None:
        order = self._one(list(self.orders.values()))
        if order is not None:
            self.steps.append(Clear(self.now, order.oid))

    def _cleanup(self) -> None:
        self.steps.append(Cleanup(self.now))

    def _silence(self) -> None:
        self._advance(self.now + self.rng.choice((1, 3, 12)) * self.constants.expected_cloid_ttl)

    # the sync

    def _sync(self) -> None:
        shortest = self.world.sync_period_min
        if self.latest_sync is not None and shortest is not None:
            self._advance_quietly(self.latest_sync + shortest)
        self.latest_sync = self.now
        local = [order for order in self.orders.values() if order.local]
        if self.rng.random() < 0.06:
            self.steps.append(Sync(self.now, self.now, None, tuple(order.oid for order in local)))
            return
        as_of = self._next_as_of()
        listing = self._listing(as_of)
        self.steps.append(Sync(self.now, as_of, listing, tuple(order.oid for order in local)))
        self._interesting(as_of + self.constants.orphan_grace_period)
        self._note_absent(local, listing, as_of)

    def _advance_quietly(self, target: int) -> None:
        """Goes to the next instant at which a sync is allowed; who must be named before is named."""
        for order in sorted(self.orders.values(), key=lambda order: order.deadline or 0):
            if order.deadline is not None and order.deadline < target:
                self.now = max(self.now, order.deadline)
                self._name(order)
        self.now = max(self.now, target)

    def _next_as_of(self) -> int:
        age = self.world.snapshot_age_max
        oldest = max(0, self.latest_as_of, 0 if age is None else self.now - age)
        grace = self.constants.orphan_grace_period
        choices = [self.now] * 6 + [self.now - 1, self.latest_as_of, self.latest_as_of, self.latest_as_of + 1]
        choices += [self.latest_as_of + grace, self.now - grace // 2, self.now - self.rng.randrange(grace + 1)]
        return min(self.now, max(oldest, self.rng.choice(choices)))

    def _listing(self, as_of: int) -> tuple[OpenOrder, ...]:
        if as_of == self.latest_as_of and self.latest_open is not None:
            return self.latest_open
        rows = [order for order in self.orders.values() if order.rests(as_of)]
        if self.kind.omissions and self.rng.random() < 0.15:
            rows = [order for order in rows if order.local or self.rng.random() < 0.6]
        self.rng.shuffle(rows)
        with_cloids = self.environment.observe == "cloid"
        listing = tuple(OpenOrder(order.oid, order.cloid if with_cloids else NOT_STATED) for order in rows)
        if listing and self.rng.random() < 0.05:
            listing = (*listing, listing[0])
        self.latest_as_of, self.latest_open = as_of, listing
        return listing

    def _note_absent(self, local: list[Order], listing: tuple[OpenOrder, ...], as_of: int) -> None:
        """The local book drops what snapshots have lacked for the grace period, from the next sync on."""
        shown = {row.oid for row in listing}
        for order in local:
            if order.oid in shown:
                order.absent_since = None
            elif order.absent_since is None:
                order.absent_since = as_of
            elif as_of - order.absent_since >= self.constants.orphan_grace_period:
                order.local, order.absent_since = False, None

    def _answer_all(self) -> None:
        if self.limit is not None:
            for order in list(self.orders.values()):
                if not order.named and order.cloid in self.known:
                    self._name(order)

    def _one(self, choices: list[T]) -> T | None:
        return self.rng.choice(choices) if choices else None
