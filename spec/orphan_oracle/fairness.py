"""What may be asked of a tracker: the one check that generator, shrinker and vectors obey.

Three rules. Where listings show no CLOIDs, and where an assumption limits the latency, every order that is shown is named in
time and A8 holds, so that no correct tracker is asked for the impossible. What the user assumes of syncs and snapshots holds
in every scenario. The check reads the finished steps and trusts nobody who made them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from orphan_oracle.codec import seen_snapshot
from orphan_oracle.scenario import Scenario
from orphan_spec.constants import Constants
from orphan_spec.events import NOT_STATED, Event, Fail, Finalize, RecordOid, Register, Sync

NUMBER_LIMIT: Final = 2**53
"""Whole numbers below this are exact in every JSON library."""


@dataclass(frozen=True, slots=True)
class World:
    """What is assumed of the world that scenarios come from; None is no assumption."""

    sync_period_min: int | None = None
    sync_period_max: int | None = None
    snapshot_age_max: int | None = None
    response_latency_max: int | None = None
    """Every order that rests is recorded within this of its registration."""

    def latency_limit(self, constants: Constants, observe: str) -> int | None:
        """The least time from registration to record that no scenario may reach; None: any latency is fair."""
        limit = threshold(constants, self)
        if self.response_latency_max is not None:
            return self.response_latency_max + 1 if limit is None else min(limit, self.response_latency_max + 1)
        return limit if observe == "oid" else None


def threshold(constants: Constants, world: World) -> int | None:
    """From which response latency on a sync that sees OIDs only can cancel an in-flight order; None: from none on.

    The derivation, and its proof for the constants at hand, is `orphan_proofs.timing`; a test compares the two."""
    grace, longest, age = constants.orphan_grace_period, world.sync_period_max, world.snapshot_age_max
    gaps = 1
    if longest is not None and age is not None and age + longest < grace:
        gaps = -((age - grace) // longest)
    at = max(grace, gaps * (world.sync_period_min or 0))
    return at if at < constants.expected_cloid_ttl else None


def askable(scenario: Scenario, world: World) -> bool:
    """Whether a correct tracker can be asked to live through the scenario, and the world allows it."""
    if not _numbers_fit(scenario) or not _spaced(scenario, world) or not _one_style(scenario.steps):
        return False
    if not _acts_have_snapshots(scenario.steps) or not _lacking_is_ended(scenario):
        return False
    limit = world.latency_limit(scenario.constants, scenario.environment.observe)
    if limit is None and scenario.environment.observe == "cloid":
        return True
    answers = _Answers(limit, scenario.environment.observe == "cloid")
    return all(answers.take(step) for step in scenario.steps) and answers.complete()


def _numbers_fit(scenario: Scenario) -> bool:
    constants = scenario.constants
    last = scenario.steps[-1].t if scenario.steps else 0
    windows = (constants.orphan_grace_period, constants.expected_cloid_ttl, constants.finalized_protection_period)
    return last + max(windows) < NUMBER_LIMIT


def _spaced(scenario: Scenario, world: World) -> bool:
    """The syncs keep to A2 and A3, and no snapshot is late."""
    syncs = [step for step in scenario.steps if isinstance(step, Sync)]
    shortest, longest, age = world.sync_period_min or 0, world.sync_period_max, world.snapshot_age_max
    if age is not None and any(sync.t - sync.as_of > age for sync in syncs):
        return False
    for earlier, later in pairwise(syncs):
        gap = later.t - earlier.t
        if gap < shortest or (longest is not None and gap > longest):
            return False
    taken = [sync.as_of for sync in syncs if sync.open is not None]
    return taken == sorted(taken)


def _one_style(steps: Sequence[Event]) -> bool:
    """Listings state CLOIDs in the whole scenario or nowhere."""
    styles = {order.cloid is NOT_STATED for step in steps if isinstance(step, Sync) for order in step.open or ()}
    return len(styles) <= 1


def _acts_have_snapshots(steps: Sequence[Event]) -> bool:
    """Every act has a snapshot to act on."""
    seen = False
    try:
        for step in steps:
            seen = seen_snapshot(step, seen)
    except ValueError:
        return False
    return True


def _lacking_is_ended(scenario: Scenario) -> bool:
    """A7 for the local book: an order that it holds, and that snapshots lack for the grace period, is not shown again."""
    since: dict[str, int] = {}
    gone: set[str] = set()
    for step in scenario.steps:
        if not isinstance(step, Sync) or step.open is None:
            continue
        shown = {row.oid for row in step.open}
        if gone & shown:
            return False
        since = {oid: since.get(oid, step.as_of) for oid in step.local if oid not in shown}
        gone |= {oid for oid, at in since.items() if step.as_of - at >= scenario.constants.orphan_grace_period}
    return True


@dataclass(slots=True)
class _Answers:
    """A4 and A8, read along the steps."""

    limit: int | None
    """The least latency that is not fair; None: any is, and A8 has to hold all the same."""

    with_cloids: bool
    shown: dict[str, int] = field(default_factory=dict)
    """The `as_of` at which each OID was shown first."""

    shown_with: dict[str, str] = field(default_factory=dict)
    named: dict[str, str] = field(default_factory=dict)
    """The CLOID that each OID was recorded or finalized for."""

    flights: dict[str, list[int]] = field(default_factory=dict)
    """When each CLOID was registered first since it was answered or failed."""

    unanswered: set[str] = field(default_factory=set)
    stale: set[str] = field(default_factory=set)
    """Named OIDs whose CLOID was registered again: with CLOIDs in view they have to be tracked or gone."""

    def take(self, step: Event) -> bool:
        """Whether the step keeps to the assumptions, given the steps before it."""
        if isinstance(step, Register):
            for cloid in step.cloids:
                self._register(cloid, step.t)
        elif isinstance(step, RecordOid | Finalize):
            return self._name(step.cloid, step.oid, step.t)
        elif isinstance(step, Fail):
            self.unanswered.discard(step.cloid)
        elif isinstance(step, Sync):
            return self._show(step)
        return True

    def complete(self) -> bool:
        """No order that was shown with a registered CLOID stayed without an answer."""
        return all(oid in self.named for oid, cloid in self.shown_with.items() if cloid in self.flights)

    def _register(self, cloid: str, t: int) -> None:
        if cloid not in self.unanswered:
            self.flights.setdefault(cloid, []).append(t)
            self.unanswered.add(cloid)
        if self.with_cloids:
            self.stale |= {oid for oid, name in (self.shown_with | self.named).items() if name == cloid}

    def _name(self, cloid: str, oid: str, t: int) -> bool:
        self.unanswered.discard(cloid)
        first = oid not in self.named
        self.named[oid] = cloid
        flights = self.flights.get(cloid)
        if not first or oid not in self.shown or not flights:
            return True
        timely = self.limit is None or t - flights[-1] < self.limit
        return timely and flights[-1] <= self.shown[oid]

    def _show(self, sync: Sync) -> bool:
        for order in sync.open or ():
            self.shown.setdefault(order.oid, sync.as_of)
            if isinstance(order.cloid, str):
                self.shown_with.setdefault(order.oid, order.cloid)
            if order.oid in self.stale and order.oid not in sync.local and order.oid in self.named:
                return False
        return True
