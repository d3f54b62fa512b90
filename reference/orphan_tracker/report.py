"""What one run of the safety sync did, and why: a value, to be kept, printed or counted.

One rule. Each open order that the local book does not claim, each local order that the snapshot lacks, and each cancel
has its line.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from .book_model import BookResult
from .exchange import CancelOutcome
from .model import SyncDecision
from .stale import StaleDecision


@dataclass(frozen=True, slots=True)
class CancelAttempt:
    """One cancel that was sent for one orphan."""

    oid: str

    attempt: int
    """Counted from 1."""

    at: int
    """The instant at which it was decided for the last time, in ns."""

    outcome: CancelOutcome

    def __str__(self) -> str:
        reason = getattr(self.outcome, "reason", "")
        what = type(self.outcome).__name__.lower() + (f", {reason}" if reason else "")
        return f"{self.oid} cancel {self.attempt} sent at {self.at} ns: {what}"


@dataclass(frozen=True, slots=True)
class SyncReport:
    """One run of the safety sync."""

    as_of: int
    """The instant that the snapshot is taken to show, in ns: at the latest, that of the request."""

    decided_at: int
    """The instant of the decision, after the snapshot came; of a skipped run, that of the call."""

    skipped: bool = False
    """Whether another run was under way, so that this one did nothing."""

    fetch_failure: str | None = None
    """Why there was no snapshot; None where there was one."""

    decision: SyncDecision = field(default_factory=SyncDecision)

    stale: StaleDecision = field(default_factory=StaleDecision)

    dropped: tuple[BookResult, ...] = ()
    """Stale local orders that were dropped."""

    adopted: tuple[str, ...] = ()
    """OIDs that the snapshot showed with a CLOID whose outcome was unknown, and that are in the local book now."""

    lapsed: tuple[BookResult, ...] = ()
    """Pending CLOIDs that were given up, for nothing was heard of them for too long."""

    unverified: tuple[str, ...] = ()
    """Aged orphans that the verification did not confirm."""

    verification_failure: str | None = None
    """Why nothing was verified, and so nothing cancelled; None where that worked, or was not asked for."""

    confirmations: tuple[SyncDecision, ...] = ()
    """What was decided right before each time that cancels were sent."""

    cancels: tuple[CancelAttempt, ...] = ()
    """Each cancel that was sent, in order."""

    def lines(self) -> Iterator[str]:
        """Everything that was decided and done, for people."""
        if self.skipped:
            yield f"skipped at {self.decided_at} ns: another run is under way"
            return
        yield f"snapshot as of {self.as_of} ns, decided at {self.decided_at} ns"
        if self.fetch_failure is not None:
            yield f"no snapshot: {self.fetch_failure}"
        yield from (f"{oid} adopted: its CLOID's outcome was unknown" for oid in self.adopted)
        yield from map(str, self.decision.notices)
        yield from map(str, self.decision.explanations)
        if self.stale.no_evidence is not None:
            yield f"no evidence about local orders: {self.stale.no_evidence.value}"
        yield from map(str, self.stale.explanations)
        yield from (f"{oid} is shown although its end was known" for oid in self.stale.contradicted)
        yield from map(str, (*self.dropped, *self.lapsed))
        if self.verification_failure is not None:
            yield f"nothing verified, so nothing cancelled: {self.verification_failure}"
        yield from (f"{oid} kept: not verified" for oid in self.unverified)
        for confirmation in self.confirmations:
            yield from (f"{one} (again)" for one in confirmation.explanations if not one.cancelled)
        yield from map(str, self.cancels)
