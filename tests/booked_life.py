"""The reference with its own local book, for hazards that are about the book: the dual.

One rule. What a scenario says of the local book stands for orders that came into it before; from there on the book is the
reference's own, and the trace says what *it* holds.
"""

from collections.abc import Sequence
from dataclasses import replace

from orphan_oracle.scenario import Outcome, Scenario
from orphan_spec.events import NOT_STATED, Accept, End, Event, Fill, Finalize, LearnEnd, RecordOid, Register, Sync
from orphan_tracker import Ended, LocalBook, OpenOrder, OrphanTracker, OrphanTrackerConfig, SafetyAuditor


class BookedLife:
    """Tracker and local book of one scenario."""

    def __init__(self, scenario: Scenario) -> None:
        constants = scenario.constants
        self.tracker = OrphanTracker(
            OrphanTrackerConfig(
                orphan_grace_period=constants.orphan_grace_period,
                expected_cloid_ttl=constants.expected_cloid_ttl,
                finalized_protection_period=constants.finalized_protection_period,
            )
        )
        self.book = LocalBook(constants.orphan_grace_period)
        self.known: set[str] = set()

    def take(self, step: Event) -> tuple[Event, Outcome]:
        """The step as this desk would have logged it, and what was done."""
        match step:
            case Register():
                self.tracker.register_expected_cloids(step.cloids, step.t)
                for cloid in step.cloids:
                    self.book.add_pending_with_cloid(cloid, step.t)
            case RecordOid():
                self.tracker.record_oid_for_cloid(step.cloid, step.oid, step.t)
            case Finalize():
                self.known.add(step.oid)
                if step.cloid in self.book.pending_cloids() or self.book.knows_end_of(step.oid):
                    self.book.finalize_pending_by_cloid(step.cloid, step.oid, step.t)
                else:
                    self.book.adopt(step.oid, step.t, step.cloid)
                self.tracker.mark_finalized(step.cloid, step.oid, step.t)
            case LearnEnd():
                self.book.mark_ended(step.oid, Ended.FILLED, step.t)
                self.tracker.mark_ended(step.oid, step.t)
            case Sync():
                return self._sync(step)
            case Accept() | Fill() | End():
                pass
            case _:
                raise AssertionError(f"a hazard of the local book has {type(step).__name__}")
        return step, Outcome()

    def _sync(self, step: Sync) -> tuple[Event, Outcome]:
        for oid in set(step.local) - self.known:
            self.book.adopt(oid, step.t)
        self.known |= set(step.local)
        local = sorted(self.book.tracked_oids())
        listing = None if step.open is None else [_row(row.oid, row.cloid) for row in step.open]
        self.tracker.cleanup(step.t)
        candidates = SafetyAuditor.find_orphans(listing, local)
        cancelled = self.tracker.filter_aged_orphans(candidates, step.t, step.as_of).aged
        dropped = self.book.find_stale(listing, step.t, step.as_of).stale
        for oid in dropped:
            self.book.drop_stale(oid, step.t)
        return replace(step, local=tuple(local)), Outcome(tuple(cancelled), tuple(dropped))


def _row(oid: str, cloid: object) -> OpenOrder:
    return OpenOrder(oid) if cloid is NOT_STATED else OpenOrder(oid, cloid)


def lived(scenario: Scenario) -> tuple[Scenario, Sequence[Outcome]]:
    """The scenario as the reference with its book would have logged it, and what it did."""
    life = BookedLife(scenario)
    pairs = [life.take(step) for step in scenario.steps]
    return replace(scenario, steps=tuple(step for step, _ in pairs)), [outcome for _, outcome in pairs]
