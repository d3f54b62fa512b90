"""The hazards that a tracker can meet, each as its interleaving says, and what the reference does.

The id of a hazard is for ever. What no tracker alone meets (H32-H34, H36, H37, H40: the local book; H50: overlapping syncs)
stands in `test_local_book.py` and `test_desk_hazards.py`.
"""

import ast
from pathlib import Path

import pytest

from tracker_kit import Constants, Kit, S

MS = 1_000_000


def test_h1_candidate_is_not_cancelled_on_first_sight(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    assert desk.sync(250 * MS, "7") == []
    desk.record(500 * MS, "c", "7")
    assert desk.sync(29 * S, "7") == []


def test_h2_expected_cloid_protects_where_the_listing_shows_it(kit: Kit) -> None:
    blind, seeing = kit.desk(), kit.desk()
    for desk, shown in ((blind, "7"), (seeing, ("7", "c"))):
        desk.register(0, "c")
        desk.sync(4 * S, shown)
    assert seeing.sync(9 * S, ("7", "c")) == []
    assert blind.sync(9 * S, "7") == ["7"], "with OIDs only, grace is the only shield: S3 has a condition"


def test_h3_age_does_not_survive_protection(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.sync(4 * S, "7")
    desk.record(5 * S, "c", "7")
    assert desk.sync(30 * S + MS, "7") == []
    assert desk.why("7") == ("WITHIN_GRACE", 35 * S + MS)


def test_h4_age_does_not_survive_a_record_and_a_fail(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.sync(S, "7")
    desk.record(6 * S, "c", "7")
    assert desk.fail(6 * S + 500 * MS, "c") == ["FAILED_WITH_OID"]
    assert desk.sync(7 * S, "7") == []


def test_h5_tracked_order_begins_anew_when_untracked(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(200 * MS, "7")
    desk.sync(500 * MS)
    assert desk.sync(45 * S, "7") == []


def test_h6_flapping_visibility_begins_anew(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(0, "7")
    desk.sync(2500 * MS)
    assert desk.sync(5 * S, "7") == []


def test_h7_two_syncs_over_one_stale_snapshot_are_one(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(12_200 * MS, "7", as_of=12 * S)
    assert desk.sync(17_200 * MS, "7", as_of=12 * S) == []


@pytest.mark.parametrize(("answered", "until"), [(29_900 * MS, 39_900 * MS), (30_200 * MS, 40_200 * MS)])
def test_h8_late_answer_protects_for_a_whole_period(kit: Kit, answered: int, until: int) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.record(answered, "c", "7")
    assert desk.protected(until - 1) == {"7"}
    assert desk.protected(until) == set()


@pytest.mark.parametrize("cleans", [False, True])
def test_h9_answer_after_ttl_does_not_depend_on_cleanup(kit: Kit, cleans: bool) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    if cleans:
        desk.cleanup(39_900 * MS)
    desk.record(40 * S, "c", "7")
    desk.sync(45 * S, "7")
    assert desk.why("7") == ("ACKNOWLEDGED", 50 * S)


def test_h10_lost_finalize_promises_the_expected_window_and_a_grace(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.record(500 * MS, "c", "7")
    assert desk.sync(30 * S - 1, "7") == []
    assert desk.sync(30 * S, "7") == []
    assert desk.sync(35 * S - 1, "7") == []
    assert desk.sync(35 * S, "7") == ["7"]


def test_h11_finalized_but_not_tracked_promises_the_period_and_a_grace(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.finalize(500 * MS, "c", "7")
    assert desk.sync(10_500 * MS - 1, "7") == []
    assert desk.sync(10_500 * MS, "7") == []
    assert desk.sync(15_500 * MS, "7") == ["7"]


def test_h12_fail_after_an_oid_is_known_takes_no_protection(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.record(500 * MS, "c", "7")
    desk.fail(600 * MS, "c")
    assert desk.sync(5 * S, "7") == []
    assert desk.sync(10 * S, "7") == []
    assert desk.why("7") == ("EXPECTED", 30 * S)


def test_h13_fail_after_the_order_was_shown_takes_no_protection(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.sync(S, ("7", "c"))
    assert desk.fail(3 * S, "c") == ["FAILED_WITH_OID"]
    assert desk.sync(10 * S, ("7", "c")) == []


def test_h14_registration_keeps_the_oid(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.record(500 * MS, "c", "7")
    desk.register(S, "c")
    assert desk.sync(5 * S, "7") == desk.sync(10_600 * MS, "7") == []
    assert desk.why("7") == ("EXPECTED", 31 * S)


def test_h15_second_oid_keeps_the_first(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.record(500 * MS, "c", "7")
    desk.record(S, "c", "8")
    assert desk.sync(5 * S, "7", "8") == desk.sync(12 * S, "7", "8") == []


def test_h16_finalize_with_another_oid_protects_both_and_says_so(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.record(500 * MS, "c", "7")
    assert desk.finalize(600 * MS, "c", "70") == ["FINALIZED_UNRECORDED"]
    assert desk.protected(10_500 * MS - 1) == {"7", "70"}
    assert desk.protected(10_500 * MS) == {"70"}


def test_h17_candidate_listed_twice_is_cancelled_once(kit: Kit) -> None:
    desk = kit.desk()
    assert desk.sync(0, "7", "7") == []
    assert desk.decision.new == 1
    assert desk.sync(5 * S, "7", "7") == ["7"]
    assert len(desk.decision.explanations) == 1


def test_h18_deciding_again_after_an_await_sees_the_finalize(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(4 * S, "7")
    assert desk.sync(9 * S, "7") == ["7"]
    desk.record(9_400 * MS, "c", "7")
    desk.finalize(9_400 * MS, "c", "7")
    assert desk.sync(9_600 * MS, "7", as_of=9 * S) == []
    assert desk.why("7") == ("ACKNOWLEDGED", 19_400 * MS)


def test_h19_failed_verification_is_no_evidence(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(4 * S, "7")
    assert desk.sync(9 * S, "7") == ["7"]
    assert desk.tracker.filter_aged_orphans(None, 9 * S).aged == ()


def test_h20_boundary_instants_are_half_open(kit: Kit) -> None:
    for offset in (-1, 0, 1):
        desk = kit.desk()
        desk.register(0, "c")
        desk.record(0, "d", "8")
        desk.sync(0, "7")
        assert desk.sync(5 * S + offset, "7") == (["7"] if offset >= 0 else [])
        assert desk.protected(10 * S + offset) == (set() if offset >= 0 else {"8"})
        assert desk.tracker.stats(30 * S + offset).expected_cloids == (0 if offset >= 0 else 1)


def test_h21_no_clock_is_read(kit: Kit) -> None:
    for path in Path(kit.module.__file__).parent.glob("*.py"):
        imported = set()
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                imported |= {alias.name for alias in node.names}
            if isinstance(node, ast.ImportFrom):
                imported.add(node.module or "")
        edge = {"asyncio"} if path.name == "safety_sync.py" else set()
        assert not imported & {"time", "datetime", "asyncio", "threading"} - edge, path.name


def test_h22_buffered_answer_after_a_stall_protects(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.cleanup(60 * S)
    assert desk.sync(60 * S, "7") == []
    desk.record(60 * S + MS, "c", "7")
    assert desk.sync(70 * S, "7") == []
    assert desk.sync(70 * S + MS, "7") == []
    assert desk.why("7") == ("WITHIN_GRACE", 75 * S + MS)


def test_h23_clock_that_goes_back_is_refused(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(60 * S, "7")
    with pytest.raises(ValueError, match="go back"):
        desk.sync(60 * S - 1, "7")
    assert desk.sync(3660 * S, "7") == ["7"], "a step forward is time: no assumption is left but A1"


def test_h24_syncs_far_apart_still_cancel(kit: Kit) -> None:
    desk = kit.desk()
    assert desk.sync(0, "7") == []
    desk.cleanup(50 * S)
    assert desk.sync(51 * S, "7") == ["7"]
    desk.cleanup(1000 * S)
    assert desk.sync(5000 * S, "7") == ["7"]


def test_h25_failed_cancel_is_retried_at_the_next_sync(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(0, "7")
    assert desk.sync(5 * S, "7") == ["7"]
    assert desk.sync(10 * S, "7") == ["7"]
    assert desk.decision.new == 0


def test_h26_failed_fetch_is_not_nothing_open(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(0, "7")
    for t in range(1, 5):
        desk.tracker.filter_aged_orphans(None, t * S)
    assert desk.sync(5 * S, "7") == ["7"]
    assert {kind.name: count for kind, count in desk.tracker.stats(5 * S).notices.items()} == {"SNAPSHOT_FAILED": 4}


def test_h27_protection_ends_without_cleanup(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.record(500 * MS, "c", "7")
    assert desk.protected(1000 * S) == set()


@pytest.mark.parametrize("repeat", ["record", "finalize"])
def test_h28_repeats_do_not_extend_without_bound(kit: Kit, repeat: str) -> None:
    desk = kit.desk()
    desk.sync(0, "7")
    for t in (0, 9, 18, 27):
        getattr(desk, repeat)(t * S, "c", "7")
        aged = desk.sync((t + 1) * S, "7")
    assert desk.protected(28 * S) == set()
    assert aged == ["7"]


def test_h29_anyones_finalize_protects_for_a_period_and_is_reported(kit: Kit) -> None:
    desk = kit.desk()
    assert desk.finalize(0, "nobody", "666") == ["FINALIZED_UNEXPECTED"]
    assert desk.protected(10 * S - 1) == {"666"}
    desk.sync(10 * S, "666")
    assert desk.sync(15 * S, "666") == ["666"]


def test_h30_jitter_costs_one_more_sync(kit: Kit) -> None:
    desk = kit.desk()
    assert desk.sync(100 * MS, "7") == []
    assert desk.sync(5_099 * MS, "7") == []
    assert desk.sync(10_099 * MS, "7") == ["7"]


def test_h31_constants_that_cannot_be_meant_are_refused(kit: Kit) -> None:
    for name in ("orphan_grace_period", "expected_cloid_ttl", "finalized_protection_period"):
        for wrong in (0, -1, True, 5.0, "5s", None):
            with pytest.raises(ValueError, match=name):
                kit.module.OrphanTrackerConfig(**{name: wrong})
    with pytest.raises(ValueError, match="contradict"):
        kit.module.OrphanTrackerConfig(owned_cloid_prefix="c", owns_cloid=str.isalpha)


def test_h35_ghost_needs_two_snapshots_later_than_its_last_change(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.finalize(900 * MS, "c", "7")
    assert desk.sync(1_300 * MS, "7", as_of=S) == []
    assert desk.sync(2 * S, as_of=1_500 * MS) == []
    assert desk.sync(20 * S, "7", as_of=S) == []
    assert desk.why("7") == ("LATE_SNAPSHOT", 1_500 * MS)


def test_h35_order_whose_end_was_learned_is_a_ghost_until_a_later_snapshot(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(S, "7")
    desk.sync(6 * S - 1, "7")
    desk.end(8 * S, "7")
    assert desk.sync(9 * S, "7", as_of=7 * S) == []
    assert desk.why("7") == ("GHOST", 8 * S)
    assert desk.sync(9 * S, "7", as_of=8 * S) == []
    assert desk.tracker.stats(9 * S).ended_oids == 1
    desk.sync(10 * S, as_of=8 * S + 1)
    assert desk.tracker.stats(10 * S).ended_oids == 0


def test_h35_order_that_is_shown_after_its_end_is_told_and_ages_as_usual(kit: Kit) -> None:
    desk = kit.desk()
    desk.end(S, "7")
    assert desk.sync(2 * S, "7") == []
    assert [notice.kind.name for notice in desk.decision.notices] == ["SHOWN_AFTER_END"]
    assert desk.sync(7 * S, "7") == ["7"]
    assert desk.decision.notices == ()


def test_h35_end_of_which_nothing_else_was_heard_is_remembered(kit: Kit) -> None:
    desk = kit.desk()
    desk.end(10 * S, "7")
    assert desk.sync(11 * S, "7", as_of=2 * S) == []
    assert desk.sync(16 * S, "7", as_of=9 * S) == []
    assert desk.why("7") == ("GHOST", 10 * S)


@pytest.mark.parametrize(
    ("saved", "reason"),
    [
        ("tracked", "TRACKED"),
        ("finalized", "FINALIZED"),
        ("recorded", "ACKNOWLEDGED"),
        ("registered", "EXPECTED"),
        ("ended", "GHOST"),
        ("cleared", "OLDER_THAN_CHANGE"),
        ("absent", "NOT_SHOWN"),
        ("nothing", "AGED"),
    ],
)
def test_h18_what_was_decided_is_decided_again_before_it_is_sent(kit: Kit, saved: str, reason: str) -> None:
    desk = kit.desk()
    desk.sync(4 * S, ("7", "c"))
    assert desk.sync(9 * S, ("7", "c")) == ["7"]
    match saved:
        case "finalized":
            desk.finalize(9_400 * MS, "c", "7")
        case "recorded":
            desk.record(9_400 * MS, "c", "7")
        case "registered":
            desk.register(9_400 * MS, "c")
        case "ended":
            desk.end(9_400 * MS, "7")
        case "cleared":
            desk.clear(9_400 * MS, "7")
        case "absent":
            desk.sync(9_400 * MS)
    found = desk.confirm(9_600 * MS, "7", local=["7"] if saved == "tracked" else [])
    assert found == (["7"] if reason == "AGED" else [])
    assert desk.why("7")[0] == reason
    assert desk.confirm(9_600 * MS, "8") == []


def test_h38_replacement_is_protected_by_registering_its_cloid_again(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.finalize(500 * MS, "c", "7")
    desk.register(60 * S, "c")
    assert desk.sync(60_050 * MS, ("8", "c")) == []
    assert desk.sync(65_050 * MS, ("8", "c")) == []
    assert desk.why("8") == ("EXPECTED", 90 * S)


def test_h39_end_of_the_old_oid_says_nothing_about_the_new(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.finalize(55 * S, "c", "7")
    desk.register(60 * S, "c")
    desk.finalize(61 * S, "c", "7")
    desk.clear(62 * S, "7")
    assert desk.sync(70 * S, ("8", "c")) == []
    assert desk.why("8") == ("EXPECTED", 90 * S)


def test_h41_order_that_never_rests_is_not_expected_for_ever(kit: Kit) -> None:
    for answered in (True, False):
        desk = kit.desk()
        desk.register(0, "c")
        if answered:
            desk.record(500 * MS, "c", "7")
        assert desk.tracker.stats(30 * S - 1).expected_cloids == 1
        stats = desk.tracker.stats(30 * S)
        assert (stats.expected_cloids, stats.linked_oids, stats.remembered_oids) == (0, 0, 0)


def test_h42_duplicate_rejected_is_no_end_of_the_first(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.sync(5 * S, ("7", "c"))
    desk.register(10 * S, "c")
    assert desk.fail(11 * S, "c") == ["FAILED_WITH_OID"]
    assert desk.sync(20 * S, ("7", "c")) == []
    assert desk.why("7") == ("EXPECTED", 40 * S)


def test_h43_order_that_rests_after_its_cancel_is_cancelled_after_its_grace(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.fail(5 * MS, "c")
    desk.sync(700 * MS, "7")
    assert desk.sync(5_700 * MS, "7") == ["7"]


def test_h44_each_order_of_a_batch_ends_by_its_own_answer(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "a", "b", "c", "d")
    desk.record(S, "a", "1")
    desk.fail(S, "b")
    desk.record(S, "c", "3")
    desk.sync(10 * S, ("1", "a"), ("2", "b"), ("3", "c"), ("4", "d"))
    assert [desk.why(oid)[0] for oid in "1234"] == ["EXPECTED", "WITHIN_GRACE", "EXPECTED", "EXPECTED"]


@pytest.mark.parametrize("answers", ["rf", "fr", "rrff", "frfr", "r", "f"])
def test_h45_answers_lost_doubled_and_swapped_protect_for_a_period(kit: Kit, answers: str) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    for answer in answers:
        (desk.record if answer == "r" else desk.finalize)(S, "c", "7")
    assert desk.protected(11 * S - 1) == {"7"}
    assert desk.protected(31 * S) == set()


def test_h46_after_a_restart_leftovers_are_cancelled_and_foreign_orders_kept(kit: Kit) -> None:
    desk = kit.desk(owned_cloid_prefix="mine")
    assert desk.sync(S, ("7", "mine1"), ("8", "other"), ("9", None)) == []
    assert desk.sync(6 * S, ("7", "mine1"), ("8", "other"), ("9", None)) == ["7"]


def test_h47_manual_orders_are_reported_and_kept(kit: Kit) -> None:
    desk = kit.desk(owned_cloid_prefix="mine")
    desk.sync(S, ("7", None))
    assert desk.sync(6 * S, ("7", None)) == []
    assert desk.decision.foreign == ("7",)


def test_h48_errors_are_not_counted_as_absence(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.sync(S, ("7", "c"))
    for t in range(2, 6):
        desk.tracker.filter_aged_orphans(None, t * S)
    assert desk.protected(6 * S) == {"7"}


def test_h49_ladder_of_fifty_with_long_ids_does_not_interfere(kit: Kit) -> None:
    desk = kit.desk()
    rungs = [(f"c{n}", str(2**53 + n)) for n in range(50)]
    desk.register(0, *(cloid for cloid, _ in rungs))
    for cloid, oid in rungs[::2]:
        desk.record(S, cloid, oid)
    oids = [oid for _, oid in rungs]
    desk.sync(20 * S, *oids)
    assert desk.sync(25 * S, *oids) == oids[1::2]


def test_hazards_hold_with_other_constants_too(kit: Kit) -> None:
    desk = kit.desk(Constants(grace=1, ttl=2, protection=3))
    desk.register(0, "c")
    desk.record(1, "c", "7")
    assert desk.protected(3) == {"7"}
    assert desk.sync(4, "7") == []
    assert desk.sync(5, "7") == ["7"]
