"""The guarantees: their numbers, names and claims, said once.

Two rules. A number is for ever: code, reports, vectors and documents cite it, and it is never reused. A name is a claim
that is true when the guarantee holds. The formulas live with the machine (`orphan_spec.properties`), the meaning over
logs with the judge (`orphan_spec.judge`); both cite the numbers given here.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Guarantee:
    """A numbered promise about the tracker."""

    id: str
    name: str
    claim: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """A numbered fact about the world that a guarantee may need."""

    id: str
    name: str
    claim: str


GUARANTEES: Final[dict[str, Guarantee]] = {
    guarantee.id: guarantee
    for guarantee in (
        Guarantee(
            "S1",
            "finalized_order_is_kept",
            "No order is cancelled within its protection period after it was finalized.",
        ),
        Guarantee(
            "S2",
            "acknowledged_order_is_kept",
            "No order whose OID was recorded is cancelled inside its expected or heard-of window.",
        ),
        Guarantee(
            "S3",
            "in_flight_order_is_kept",
            "No order whose CLOID is expected and whose OID is not yet recorded is cancelled.",
        ),
        Guarantee(
            "S4",
            "grace_is_respected",
            "No order is cancelled that was not, continuously and in distinct snapshots spanning the grace period, "
            "an orphan.",
        ),
        Guarantee("S5", "tracked_order_is_kept", "No order in the local book is cancelled by the sync."),
        Guarantee(
            "S6",
            "young_local_order_is_kept",
            "No resting order is dropped from the local book as stale.",
        ),
        Guarantee("S7", "foreign_order_is_kept", "With ownership given, no foreign order is cancelled."),
        Guarantee(
            "S8",
            "ended_order_is_not_cancelled",
            "No cancel is sent on evidence older than the known end of the order.",
        ),
        Guarantee("L1", "orphan_is_cancelled_within", "A true orphan is cancelled within a bound."),
        Guarantee("L2", "expectation_ends_within", "An expected CLOID leaves the tracker within a bound."),
        Guarantee(
            "L3",
            "failed_cancel_is_retried_within",
            "An orphan whose cancel failed is tried again within a bound.",
        ),
        Guarantee(
            "L4",
            "stale_local_order_is_resolved_within",
            "A local order that the exchange has ended does not stay for ever.",
        ),
        Guarantee(
            "R1",
            "memory_is_bounded",
            "What the tracker holds is bounded by what happened inside the windows.",
        ),
        Guarantee(
            "R2",
            "orders_do_not_interfere",
            "What happens to one order changes nothing for another, so one order proves all.",
        ),
        Guarantee(
            "R3",
            "cleanup_changes_no_answer",
            "Whenever cleanup runs, however often, no answer changes.",
        ),
    )
}
"""Every guarantee of the project by its number, in the order of the numbers."""

ASSUMPTIONS: Final[dict[str, Assumption]] = {
    assumption.id: assumption
    for assumption in (
        Assumption("A1", "clock_never_goes_back", "Time is one clock that never goes back."),
        Assumption(
            "A2", "syncs_are_spaced", "Consecutive syncs start between sync_period_min and sync_period_max apart."
        ),
        Assumption(
            "A3", "snapshot_is_fresh", "The snapshot used at t shows the exchange in [t - snapshot_age_max, t]."
        ),
        Assumption(
            "A4",
            "response_is_timely",
            "Every order that rests has its OID recorded within response_latency_max of its registration.",
        ),
        Assumption("A5", "ids_are_unique", "An OID names one order for ever, and a CLOID one order at a time."),
        Assumption("A6", "cancels_succeed", "A cancel that is sent ends the order before the next snapshot."),
        Assumption("A7", "snapshots_are_complete", "A snapshot shows every order that rests at its as_of."),
        Assumption(
            "A8",
            "cloid_names_one_flight",
            "An order rests only after the first registration of its CLOID since that CLOID was last answered, failed "
            "or finalized, and a CLOID is not registered again while an order of it may be resting unanswered.",
        ),
        Assumption(
            "A9",
            "omissions_are_short",
            "No resting order that is in the local book is missing from snapshots that span the grace period.",
        ),
        Assumption(
            "A10",
            "memory_lasts",
            "The client does not start anew while a window is open, or registers again what was in flight.",
        ),
    )
}
"""Every named assumption by its number."""

NORMS: Final[dict[str, Guarantee]] = {
    norm.id: norm
    for norm in (
        Guarantee(
            "N3", "expected_window", "A registration opens a window of TTL; finalize and a definite fail end it."
        ),
        Guarantee("N4", "heard_of_window", "Only a first acknowledgement and a first finalization open a window."),
        Guarantee(
            "N6", "continuous_grace", "An orphan ages from sync to sync, and whatever breaks that starts it anew."
        ),
        Guarantee("N7", "evidence", "A snapshot decides only if it is later than the last local change of the order."),
        Guarantee("N8", "decide_and_act", "What was decided is decided again before the cancel is sent."),
        Guarantee("N13", "stale", "Only snapshots that lack a local order and span the grace period make it stale."),
        Guarantee(
            "W", "world", "The world keeps its own rules: an OID exists once the exchange has accepted the order."
        ),
    )
}
"""The norms that the machine states as formulas; they are no promises to users, but what the promises rest on."""
