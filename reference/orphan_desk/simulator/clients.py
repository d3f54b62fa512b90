"""The client before and after: the same desk and the same safety sync of the reference, with another policy and book."""

from collections.abc import Callable

from orphan_desk.policies import CancelAged, CancelAtOnce, DropAtOnce
from orphan_desk.simulator.inputs import PolicyName
from orphan_tracker import CancelOutcome, Desk, LocalBook, OrphanTracker, OrphanTrackerConfig, SyncSettings

Sink = Callable[[str], object]
"""Takes one line of the trace."""


class NaiveDesk(Desk):
    """Before: the cancel of an orphan is not told to the local book, for the book does not know the order."""

    def settle_orphan_cancel(self, oid: str, outcome: CancelOutcome) -> bool:
        """Done with, whatever the answer: the next sync looks again."""
        self.count(f"orphan_cancel.{type(outcome).__name__}")
        return True


def new_client(policy: PolicyName, constants: OrphanTrackerConfig, clock: Callable[[], int], sink: Sink) -> Desk:
    """A client with an empty memory."""
    grace = constants.orphan_grace_period
    if policy == "naive":
        return NaiveDesk(CancelAtOnce(), DropAtOnce(grace), clock, sink=sink)
    return Desk(CancelAged(OrphanTracker(constants), policy), LocalBook(grace), clock, sink=sink)


def sync_settings(policy: PolicyName, snapshot_age_max: int) -> SyncSettings:
    """How the safety sync of a policy goes about it."""
    if policy == "naive":
        return SyncSettings(cancel_attempts=1, snapshot_age_max=snapshot_age_max, adopts_unknown=False)
    return SyncSettings(snapshot_age_max=snapshot_age_max)
