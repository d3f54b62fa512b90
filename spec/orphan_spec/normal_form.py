"""The judge's state with everything taken out that cannot decide a verdict any more.

Two rules. Instants are told relative to now, and those that are past caring are told apart no longer; seqs are told by
their rank. Two states with the same normal form judge every future alike (the lines and instants that they print differ).
It is finite for a finite number of ids where the environment bounds the age of snapshots.
"""

from bisect import bisect_left
from collections.abc import Hashable, Iterator
from dataclasses import dataclass

from orphan_spec.constants import Constants, Environment
from orphan_spec.history import Absence, Age, Expectation, Heard, Life, Order, Pending
from orphan_spec.memory import Memory


@dataclass(frozen=True, slots=True)
class _Scale:
    """How instants and seqs are told."""

    now: int
    floor: int
    """The least `as_of` that a snapshot in time can still have."""

    grace: int
    seqs: tuple[int, ...]
    """When the registrations that still matter came, in order; everything else is told by its place among them."""

    def ahead(self, instant: int) -> int:
        return max(instant - self.now, 0)

    def bar(self, instant: int) -> int | None:
        """An instant that listings are compared with; None where every listing to come is later."""
        return None if instant < self.floor else self.now - instant

    def age(self, instant: int | None, least: int) -> int | str | None:
        """An instant from which an age counts; its value no longer matters once the age is reached."""
        if instant is None:
            return None
        return "reached" if self.floor - instant >= least else self.now - instant

    def rank(self, seq: int) -> int:
        return -1 if seq < 0 else bisect_left(self.seqs, seq)


def normal_form(memory: Memory, constants: Constants, environment: Environment, now: int) -> Hashable:
    """Everything that can still decide a verdict at or after now."""
    floor = memory.latest_as_of
    if environment.snapshot_age_max is not None:
        floor = max(floor, now - environment.snapshot_age_max)
    cloids = sorted(cloid for cloid, one in memory.expectations.items() if _matters(one, now, floor))
    expectations = [memory.expectations[cloid] for cloid in cloids]
    seqs = tuple(sorted({seq for one in expectations for seq in (one.opened, one.chain)}))
    scale = _Scale(now, floor, constants.orphan_grace_period, seqs)
    orders = [*memory.orders.values(), *filter(lambda order: _decides(order, floor), memory.parked.values())]
    return (
        None if floor < 0 else now - floor,
        memory.latest_as_of >= 0,
        scale.bar(memory.floor),
        memory.unswept,
        memory.unfinished,
        tuple(sorted(memory.since.local)),
        tuple(sorted((oid, repr(shown)) for oid, shown in memory.since.late_open.items())),
        tuple(_order(memory, order, scale) for order in sorted(orders, key=lambda order: order.oid)),
        tuple(_expectation(memory, expectation, scale) for expectation in expectations),
        tuple(sorted(_pendings(memory, scale), key=repr)),
        tuple(sorted((oid, scale.bar(drop.as_of)) for oid, drop in memory.drops.items())),
        tuple(sorted((cloid, scale.bar(t)) for cloid, t in memory.fails.items() if t >= floor)),
        tuple(sorted(memory.latest_local)),
        tuple(sorted((oid, repr(shown)) for oid, shown in memory.latest_open.items())),
    )


def _decides(order: Order, floor: int) -> bool:
    """Whether a parked order can still decide anything."""
    told = order.life.truth is not None or order.life.once >= 0
    return bool(order.links) or told or order.quiet_from >= floor


def _order(memory: Memory, order: Order, scale: _Scale) -> Hashable:
    over = scale.now >= max(order.acknowledged.loose_until, order.finalized.loose_until)
    forgotten = over and order.age is None and not any(e.expected(scale.now) for e in memory.expecting(order))
    return (
        order.oid,
        _heard(order.acknowledged, forgotten, scale),
        _heard(order.finalized, forgotten, scale),
        tuple(sorted(order.links)),
        scale.bar(order.bar),
        scale.bar(order.changed),
        _life(order.life, scale),
        None if order.age is None else _age(order.age, scale),
        None if order.absence is None else _absence(order.absence, scale),
    )


def _life(life: Life, scale: _Scale) -> Hashable:
    truth = None if life.truth is None else (life.truth.rests, scale.bar(life.truth.t))
    return truth, scale.bar(life.learned), scale.bar(life.stirred), scale.rank(life.once)


def _age(age: Age, scale: _Scale) -> Hashable:
    aged, ripe = scale.age(age.aged_from, scale.grace), scale.age(age.ripe_from, scale.grace + 1)
    return tuple(sorted(age.shown)), aged, ripe, age.retried, age.missed, age.pending, age.excused


def _absence(absence: Absence, scale: _Scale) -> Hashable:
    stale = scale.age(absence.stale_from, scale.grace + 1), absence.overdue
    if absence.latest - absence.since >= scale.grace:
        return "reached", *stale
    return scale.now - absence.since, scale.now - absence.latest, *stale


def _heard(news: Heard, forgotten: bool, scale: _Scale) -> Hashable:
    again = news.again or (forgotten and news.known)
    return scale.rank(news.seq), scale.ahead(news.until), scale.ahead(news.loose_until), news.held, again


def _matters(expectation: Expectation, now: int, floor: int) -> bool:
    return expectation.held or expectation.until > now or expectation.released_at >= floor


def _expectation(memory: Memory, expectation: Expectation, scale: _Scale) -> Hashable:
    return (
        expectation.cloid,
        scale.rank(expectation.opened),
        scale.rank(expectation.chain),
        scale.ahead(expectation.until),
        expectation.ended is not None,
        expectation.held,
        memory.ends_at_sweep(expectation.cloid),
        None if expectation.held else scale.bar(expectation.released_at),
        expectation.answered,
        tuple(sorted(expectation.links)),
    )


def _pendings(memory: Memory, scale: _Scale) -> Iterator[Hashable]:
    for pending in memory.cancels.pending.values():
        suspects = tuple(sorted(_suspects(memory, pending)))
        if suspects or pending.finding is not None:
            guarantee = None if pending.finding is None else pending.finding.guarantee
            left = pending.t + memory.horizon - scale.now
            yield pending.oid, left, guarantee, pending.acknowledged, suspects


def _suspects(memory: Memory, pending: Pending) -> Iterator[str]:
    """The CLOIDs that would decide the cancel if the order proved to be theirs."""
    order = memory.known(pending.oid)
    for cloid, expectation in memory.expectations.items():
        flight = expectation.flight_covering(pending.seq, pending.t)
        if flight is not None and not (order is not None and 0 <= order.first_heard < flight.chain):
            yield cloid
