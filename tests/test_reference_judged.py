"""The judge finds nothing in random lives of the reference: many orders, real constants, stale snapshots, late answers.

A life is made from a seed. The world is told by instants: when an order rests and ends at the exchange, what is told to the
tracker and when; a snapshot shows the exchange as it was, so that it may be stale, be used twice, or come after a newer one.
With OIDs only, answers come within less than the grace period and nobody registers a CLOID while its order may rest
unanswered (A4 below the S3 threshold, A8), for there the tracker promises no more.
"""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import orphan_tracker
from orphan_spec.constants import SECOND, Constants, Environment
from orphan_spec.events import NOT_STATED, Cleanup, Clear, Event, Fail, Finalize, OpenOrder, RecordOid, Register, Sync
from orphan_spec.findings import Violation
from orphan_spec.judge import Judge

S = SECOND
CONSTANTS = (Constants(), Constants(5 * S, 7 * S, 2 * S), Constants(3 * S, 2 * S, 7 * S), Constants(3, 7, 2))
SNAPSHOT_AGE = 3

Deed = tuple[int, int, Callable[["Life"], None]]
"""When, which in order of planning, and what happens."""


@dataclass
class Resting:
    """An order at the exchange."""

    oid: str
    cloid: str | None
    since: int
    until: int | None = None

    def shown_at(self, instant: int) -> bool:
        return self.since <= instant and (self.until is None or instant < self.until)


@dataclass
class Life:
    """One life of a tracker among many orders; `log` is what it leaves behind."""

    seed: int
    orders: int
    sighted: bool
    constants: Constants = field(init=False)
    log: list[Event] = field(default_factory=list)
    cancels: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.constants = self.random.choice(CONSTANTS)
        one = self.constants
        self.unit = S if one.orphan_grace_period >= S else 1
        self.tracker = orphan_tracker.OrphanTracker(
            orphan_tracker.OrphanTrackerConfig(
                orphan_grace_period=one.orphan_grace_period,
                expected_cloid_ttl=one.expected_cloid_ttl,
                finalized_protection_period=one.finalized_protection_period,
            )
        )
        self.exchange: list[Resting] = []
        self.book: set[str] = set()
        self.as_ofs = [0]
        self.deeds: list[Deed] = []

    def live(self) -> "Life":
        end = 4 * self.orders * self.unit
        for number in range(self.orders):
            self._plan_order(number, self._some(0, end))
        t = 0
        while t < end + 4 * self.constants.expected_cloid_ttl:
            t += max(1, self._some(1, self.constants.orphan_grace_period))
            self._plan(t, Life.cleanup if self.random.random() < 0.2 else Life.sync)
        self.now = 0
        while self.deeds:
            self.deeds.sort(key=lambda deed: deed[:2])
            self.now, _, deed = self.deeds.pop(0)
            deed(self)
        return self

    def _some(self, least: int, most: int) -> int:
        """A duration; often a whole number of units, and now and then one less or one more than that."""
        whole = self.random.randint(least // self.unit, max(least // self.unit, most // self.unit)) * self.unit
        return max(least, min(most, whole + self.random.choice((0, 0, 0, -1, 1, self.unit // 3))))

    def _plan(self, t: int, deed: Callable[["Life"], None]) -> None:
        self.deeds.append((t, len(self.deeds) + self.random.randint(0, 3), deed))

    def _plan_order(self, number: int, t: int) -> None:
        cloid, oid = f"c{number}", str(700 + number)
        if self.random.random() < 0.15:
            self._plan(t, lambda life: life.rest(oid, None if life.random.random() < 0.5 else cloid))
            return
        latest = self.constants.expected_cloid_ttl * 2 if self.sighted else self.constants.orphan_grace_period - 1
        answer = t + self._some(0, latest)
        rests = t + self._some(0, answer - t)
        self._plan(t, lambda life: life.tell(Register(t, (cloid,))))
        if self.random.random() < 0.15:
            self._plan(answer, lambda life: life.tell(Fail(answer, cloid)))
            return
        self._plan(rests, lambda life: life.rest(oid, cloid))
        answered = self.sighted and self.random.random() < 0.2
        for told in self._answers(cloid, oid, answer, lost=answered):
            self._plan(told.t, lambda life, told=told: life.tell(told))  # type: ignore[misc]
        if self.random.random() < 0.5:
            ends = answer + self._some(0, 3 * self.constants.expected_cloid_ttl)
            self._plan(ends, lambda life: life.end(oid))
        if self.random.random() < 0.3:
            self._plan_modify(cloid, f"{oid}b", answer + 1)

    def _answers(self, cloid: str, oid: str, answer: int, *, lost: bool) -> Iterator[Event]:
        if lost:
            return
        yield RecordOid(answer, cloid, oid)
        if self.random.random() < 0.8:
            yield Finalize(answer + self._some(0, 2 * self.unit), cloid, oid)
        for again in (RecordOid, Finalize):
            if self.random.random() < 0.2:
                late = answer + self._some(0, 2 * self.constants.expected_cloid_ttl)
                yield again(late, cloid, oid)
        if self.random.random() < 0.1:
            yield Fail(answer + self._some(0, 2 * self.constants.expected_cloid_ttl), cloid)

    def _plan_modify(self, cloid: str, oid: str, after: int) -> None:
        """The same CLOID again, for a newer order."""
        t = after + self._some(0, 2 * self.constants.expected_cloid_ttl)
        answer = t + self._some(0, self.constants.orphan_grace_period - 1)
        self._plan(t, lambda life: life.tell(Register(t, (cloid,))))
        self._plan(answer, lambda life: life.rest(oid, cloid))
        self._plan(answer, lambda life: life.tell(RecordOid(answer, cloid, oid)))
        self._plan(answer, lambda life: life.tell(Finalize(answer, cloid, oid)))

    # what happens

    def rest(self, oid: str, cloid: str | None) -> None:
        self.exchange.append(Resting(oid, cloid, self.now))

    def end(self, oid: str) -> None:
        for order in self.exchange:
            if order.oid == oid and order.until is None:
                order.until = self.now
        if self.random.random() < 0.7:
            self.book.discard(oid)

    def tell(self, event: Event) -> None:
        tracker, t = self.tracker, self.now
        match event:
            case Register(_, cloids):
                tracker.register_expected_cloids(cloids, t)
            case RecordOid(_, cloid, oid):
                tracker.record_oid_for_cloid(cloid, oid, t)
            case Finalize(_, cloid, oid):
                tracker.mark_finalized(cloid, oid, t)
                if self.random.random() < 0.8:
                    self.book.add(oid)
            case Fail(_, cloid):
                tracker.mark_failed(cloid, t)
            case Clear(_, oid):
                tracker.clear_orphan(oid, t)
        self.log.append(event)

    def cleanup(self) -> None:
        self.tracker.cleanup(self.now)
        self.log.append(Cleanup(self.now))

    def sync(self) -> None:
        now, pick = self.now, self.random.random()
        if pick < 0.05:
            self.tracker.filter_aged_orphans(None, now)
            self.log.append(Sync(now, now, None, tuple(sorted(self.book))))
            return
        stale = max(0, now - SNAPSHOT_AGE * self.unit)
        as_of = now if pick < 0.5 else max(stale, self.as_ofs[-1]) if pick < 0.7 else self._some(stale, now)
        self.as_ofs.append(as_of)
        shown = [order for order in self.exchange if order.shown_at(as_of)]
        listed = tuple(OpenOrder(order.oid, order.cloid if self.sighted else NOT_STATED) for order in shown)
        mirrored = [
            orphan_tracker.OpenOrder(o.oid, o.cloid) if self.sighted else orphan_tracker.OpenOrder(o.oid) for o in shown
        ]
        self.tracker.cleanup(now)
        candidates = orphan_tracker.SafetyAuditor.find_orphans(mirrored, self.book)
        aged = self.tracker.filter_aged_orphans(candidates, now, as_of).aged
        self.log.append(Sync(now, as_of, listed, tuple(sorted(self.book)), aged))
        self.cancels += len(aged)
        for oid in aged:
            if self.random.random() < 0.9:
                self.tell(Clear(now, oid))
            if self.random.random() < 0.7:
                self._plan(now + self._some(0, self.unit), lambda life, oid=oid: life.end(oid))  # type: ignore[misc]


def judged(life: Life) -> list[Violation]:
    """What the judge finds in a life."""
    environment = Environment(observe="cloid" if life.sighted else "oid", snapshot_age_max=SNAPSHOT_AGE * life.unit)
    judge = Judge(life.constants, environment)
    found = [one for line, event in enumerate(life.log, 1) for one in judge.observe(event, line)]
    return [one for one in found + judge.finish() if isinstance(one, Violation)]


def check_clean(seed: int, orders: int, *, sighted: bool) -> None:
    life = Life(seed, orders, sighted).live()
    assert judged(life) == [], "\n".join([str(life.constants), *(f"{n} {e}" for n, e in enumerate(life.log, 1))])


SEEDS, ORDERS = st.integers(0, 1 << 32), st.integers(1, 25)


@given(SEEDS, ORDERS)
@settings(max_examples=150)
def test_reference_that_sees_cloids_is_judged_clean(seed: int, orders: int) -> None:
    check_clean(seed, orders, sighted=True)


@given(SEEDS, ORDERS)
@settings(max_examples=150)
def test_reference_that_sees_oids_only_is_judged_clean_under_its_assumptions(seed: int, orders: int) -> None:
    check_clean(seed, orders, sighted=False)


@pytest.mark.deep
@pytest.mark.parametrize("sighted", [True, False], ids=["cloid", "oid"])
def test_four_thousand_lives_are_judged_clean(sighted: bool) -> None:
    for seed in range(4_000):
        check_clean(seed, 1 + seed % 25, sighted=sighted)


@pytest.mark.parametrize("sighted", [True, False], ids=["cloid", "oid"])
def test_lives_have_cancels_and_stale_snapshots(sighted: bool) -> None:
    lives = [Life(seed, 10, sighted).live() for seed in range(40)]
    syncs = [event for life in lives for event in life.log if isinstance(event, Sync)]
    assert sum(life.cancels for life in lives) > 100
    assert sum(sync.as_of < sync.t for sync in syncs) > 100
    assert sum(later.as_of < sync.as_of for sync, later in pairwise(syncs)) > 20
