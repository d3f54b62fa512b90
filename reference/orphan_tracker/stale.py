"""Which local orders the exchange has ended without a word: absent for long enough, by evidence alone.

Two rules. A snapshot says something about a local order only if its `as_of` is later than the last local change of that
order, and later than no snapshot before: a failed fetch and a late snapshot say nothing. An order is stale when the
snapshots that lack it, without one between that shows it, span the grace period, from `as_of` to `as_of`; so there are
at least two.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from enum import Enum

from .memory import NEVER


class StaleReason(Enum):
    """Why a local order that a snapshot lacks is kept or dropped."""

    WITHIN_GRACE = "the snapshots that lack the order do not span the grace period yet"
    OLDER_THAN_CHANGE = "the snapshot is not later than the last local change of the order"
    STALE = "the snapshots that lack the order span the grace period"


class NoEvidence(Enum):
    """Why a snapshot says nothing about any order."""

    FAILED = "the fetch failed"
    LATE = "the snapshot is older than an earlier one"


@dataclass(frozen=True, slots=True)
class StaleExplanation:
    """What was decided about one local order that a snapshot lacks, and why."""

    oid: str

    reason: StaleReason

    at: int
    """The instant of the decision, in ns."""

    until: int
    """WITHIN_GRACE, STALE: the first `as_of` at which the grace is over. OLDER_THAN_CHANGE: the instant that a snapshot
    has to be later than."""

    @property
    def dropped(self) -> bool:
        """Whether the order is to be dropped; otherwise it is kept."""
        return self.reason is StaleReason.STALE

    def __str__(self) -> str:
        verdict = "dropped" if self.dropped else "kept in the local book"
        return f"{self.oid} {verdict} at {self.at} ns: {self.reason.value} ({self.until} ns)"


@dataclass(frozen=True, slots=True)
class StaleDecision:
    """What one snapshot says about the local book."""

    stale: tuple[str, ...] = ()
    """The OIDs to drop, in the order in which they came into the book."""

    explanations: tuple[StaleExplanation, ...] = ()
    """One for each local order that the snapshot lacks."""

    contradicted: tuple[str, ...] = ()
    """OIDs that the snapshot shows although their end was known before."""

    no_evidence: NoEvidence | None = None
    """Why the snapshot was not counted; None where it was."""


class Absences:
    """Since when the snapshots lack which local orders."""

    def __init__(self, grace: int) -> None:
        self._grace = grace
        self._since: dict[str, int] = {}
        self.latest_as_of = NEVER

    def weigh(
        self, changed_at: Mapping[str, int], shown: Collection[str], now: int, as_of: int
    ) -> tuple[StaleExplanation, ...]:
        """Takes a snapshot that counts; `changed_at` gives each local order its last local change."""
        self.latest_as_of = as_of
        for oid in self._since.keys() & shown:
            del self._since[oid]
        return tuple(self._explain(oid, at, now, as_of) for oid, at in changed_at.items() if oid not in shown)

    def forget(self, oid: str) -> None:
        """The order changed, or left the book: what was seen before says nothing more."""
        self._since.pop(oid, None)

    def is_stale(self, oid: str) -> bool:
        """Whether the evidence suffices, and nothing changed since."""
        since = self._since.get(oid)
        return since is not None and self.latest_as_of - since >= self._grace

    def _explain(self, oid: str, changed_at: int, now: int, as_of: int) -> StaleExplanation:
        if as_of <= changed_at:
            return StaleExplanation(oid, StaleReason.OLDER_THAN_CHANGE, now, changed_at)
        until = self._since.setdefault(oid, as_of) + self._grace
        reason = StaleReason.STALE if as_of >= until else StaleReason.WITHIN_GRACE
        return StaleExplanation(oid, reason, now, until)
