"""The judge reports a cancel exactly where the machine's law forbids it, and misses none that the exact tracker keeps.

Checked to a bound: one order, one sync an instant, snapshots of the instant, the constants and events that stand below; to
the fixpoint within it. What is seen is pinned.
"""

import pytest

import orphan_tracker
from judge_product import Judged, MisjudgedError, Trial
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import Cleanup, Event, Fail, Finalize, OpenOrder, RecordOid, Register, Sync
from orphan_spec.findings import Violation
from orphan_spec.judge import Judge

OID, CLOID = 0, 1
ABSENT_TRACKED, SHOWN_TRACKED = "absent, tracked", "shown, tracked"
Case = tuple[int, int, int, int, tuple[str, ...]]
"""Grace, TTL, protection, what a listing shows, and what does not happen."""

SMALL: dict[Case, Judged] = {
    (2, 1, 1, CLOID, (ABSENT_TRACKED, SHOWN_TRACKED, "CLEANUP", "FINALIZE", "FAIL")): Judged(
        24554, 936, 1724, {"L1": 648, "S2": 1668, "S3": 82, "S4": 16889}, lenient=2358, forgiven=838
    ),
    (2, 1, 1, OID, (ABSENT_TRACKED, SHOWN_TRACKED, "CLEANUP", "RECORD_OID", "CLEAR", "FAIL")): Judged(
        12069, 490, 1751, {"L1": 334, "S1": 186, "S3": 80, "S4": 4813}, lenient=2182, forgiven=196
    ),
    (1, 1, 1, CLOID, (ABSENT_TRACKED, "CLEANUP", "RECORD_OID", "CLEAR")): Judged(
        11111, 179, 3051, {"L1": 432, "S1": 182, "S3": 204, "S4": 8027, "S5": 2379}, lenient=398, forgiven=98
    ),
    (1, 2, 1, OID, (ABSENT_TRACKED, SHOWN_TRACKED, "CLEANUP", "CLEAR", "FAIL", "FINALIZE")): Judged(
        10344, 195, 3873, {"L1": 276, "S2": 820, "S3": 478, "S4": 4944}, lenient=764, forgiven=178
    ),
}

WHOLE: dict[Case, Judged] = {
    (1, 1, 1, CLOID, (ABSENT_TRACKED,)): Judged(
        313454,
        1229,
        30531,
        {"L1": 21424, "S1": 12330, "S2": 18036, "S3": 544, "S4": 351763, "S5": 123128},
        lenient=16191,
        forgiven=7655,
    ),
    (1, 1, 1, OID, (ABSENT_TRACKED,)): Judged(
        424553,
        1206,
        43682,
        {"L1": 26596, "S1": 12590, "S2": 12524, "S3": 2628, "S4": 390394, "S5": 165871},
        lenient=48852,
        forgiven=12190,
    ),
    (1, 2, 1, OID, (ABSENT_TRACKED, SHOWN_TRACKED, "CLEANUP", "FINALIZE", "CLEAR")): Judged(
        77025, 357, 16826, {"L1": 1589, "S2": 1869, "S3": 1776, "S4": 55700}, lenient=8028, forgiven=1243
    ),
    (1, 2, 1, CLOID, (ABSENT_TRACKED, SHOWN_TRACKED, "CLEANUP", "RECORD_OID", "CLEAR")): Judged(
        35179, 284, 7723, {"L1": 572, "S1": 446, "S3": 1390, "S4": 28539}, lenient=1970, forgiven=354
    ),
}
"""With every event that the judge hears; and repeated contradictory fails, which a TTL of 2 lets happen."""


def trial(case: Case) -> Trial:
    grace, ttl, protection, observe, without = case
    return Trial({"grace": grace, "ttl": ttl, "protection": protection, "observe": observe}, without)


@pytest.mark.parametrize("case", SMALL, ids=str)
def test_judge_says_what_the_law_says(case: Case) -> None:
    assert trial(case).explore() == SMALL[case]


@pytest.mark.deep
@pytest.mark.parametrize("case", WHOLE, ids=str)
def test_judge_says_what_the_law_says_whatever_happens(case: Case) -> None:
    assert trial(case).explore() == WHOLE[case]


def test_a_difference_is_shown_as_a_shortest_run() -> None:
    unjust = trial((1, 1, 1, CLOID, ()))
    unjust.law.claims = [claim for claim in unjust.law.claims if claim.guarantee.id != "S5"]
    with pytest.raises(MisjudgedError) as caught:
        unjust.explore()
    assert "SYNC_TRACKED shown, tracked, cancelled" in str(caught.value)


# Runs of the reference, event by event, that the judge must not blame


def reference_judged(constants: Constants, events: list[Event], *, sighted: bool) -> list[Violation]:
    """What the judge finds when the reference decides each sync of these events."""
    tracker = orphan_tracker.OrphanTracker(
        orphan_tracker.OrphanTrackerConfig(
            orphan_grace_period=constants.orphan_grace_period,
            expected_cloid_ttl=constants.expected_cloid_ttl,
            finalized_protection_period=constants.finalized_protection_period,
        )
    )
    judge = Judge(constants, Environment(observe="cloid" if sighted else "oid"))
    found = []
    for line, event in enumerate(events, 1):
        match event:
            case Register(t, cloids):
                tracker.register_expected_cloids(cloids, t)
            case RecordOid(t, cloid, oid):
                tracker.record_oid_for_cloid(cloid, oid, t)
            case Finalize(t, cloid, oid):
                tracker.mark_finalized(cloid, oid, t)
            case Fail(t, cloid):
                tracker.mark_failed(cloid, t)
            case Cleanup(t):
                tracker.cleanup(t)
            case Sync(t, as_of, listed, local):
                shown = [orphan_tracker.OpenOrder(one.oid, *one_cloid(one)) for one in listed or ()]
                candidates = orphan_tracker.SafetyAuditor.find_orphans(shown, local)
                event = Sync(t, as_of, listed, local, tracker.filter_aged_orphans(candidates, t, as_of).aged)
        found += judge.observe(event, line)
    return [one for one in found + judge.finish() if isinstance(one, Violation)]


def one_cloid(order: OpenOrder) -> tuple[str | None, ...]:
    return (order.cloid,) if order.cloid is None or isinstance(order.cloid, str) else ()


def test_listing_older_than_the_registration_is_no_evidence() -> None:
    events = [
        Register(27, ("c",)),
        Cleanup(35),
        Sync(43, 25, (OpenOrder("7", "c"),), ()),
        Sync(67, 65, (OpenOrder("7", "c"),), ()),
    ]
    assert reference_judged(Constants(3, 7, 2), events, sighted=True) == []


def test_cloid_expected_between_two_listings_protected_the_order_that_is_shown_with_it_later() -> None:
    events = [
        Sync(0, 0, (OpenOrder("7", None),), ()),
        Register(5, ("c",)),
        Cleanup(7),
        Sync(11, 11, (OpenOrder("7", "c"),), ()),
    ]
    assert reference_judged(Constants(1, 1, 1), events, sighted=True) == []


def test_second_contradictory_fail_of_a_cloid_registered_again_demands_nothing() -> None:
    seven = (OpenOrder("7"),)
    events = [
        Register(0, ("c",)),
        RecordOid(0, "c", "7"),
        Fail(1, "c"),
        Register(1, ("c",)),
        Fail(1, "c"),
        Sync(1, 1, seven, ()),
        Sync(2, 2, seven, ()),
        Sync(4, 4, seven, ()),
    ]
    assert reference_judged(Constants(1, 2, 1), events, sighted=False) == []


def test_second_cancel_after_one_inside_a_window_is_taken_for_a_retry() -> None:
    """The judge is lenient here: the first cancel is one violation, and whatever a retry policy does after it is its own."""
    judge, seven = Judge(Constants(1, 1, 1)), (OpenOrder("7"),)
    events = [RecordOid(0, "c", "7"), Sync(0, 0, seven, (), ("7",)), Sync(1, 1, seven, (), ("7",))]
    found = [one for line, event in enumerate(events, 1) for one in judge.observe(event, line)] + judge.finish()
    assert [(one.guarantee, one.line) for one in found if isinstance(one, Violation)] == [("S2", 2)]
