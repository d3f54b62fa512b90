"""The norms, one dialogue each, with every boundary one below, at, and one above.

Defaults: grace 5 s, TTL 30 s, protection 10 s. A sync answers the OIDs to cancel.
"""

import pytest

from tracker_kit import Constants, Kit, S


def test_n2_expected_window_is_half_open(kit: Kit) -> None:
    for later, protected in ((-1, True), (0, False), (1, False)):
        desk = kit.desk()
        desk.register(0, "c")
        desk.sync(30 * S + later, ("7", "c"))
        assert desk.why("7")[0] == ("EXPECTED" if protected else "WITHIN_GRACE")


def test_n2_heard_of_window_is_half_open(kit: Kit) -> None:
    for later, protected in ((-1, True), (0, False), (1, False)):
        for hear in ("record", "finalize"):
            desk = kit.desk()
            getattr(desk, hear)(0, "c", "7")
            assert desk.protected(10 * S + later) == ({"7"} if protected else set())
            assert desk.sync(10 * S + later, "7") == []
            reason = {"record": "ACKNOWLEDGED", "finalize": "FINALIZED"}[hear] if protected else "WITHIN_GRACE"
            assert desk.why("7")[0] == reason


def test_n2_grace_is_half_open(kit: Kit) -> None:
    for later, aged in ((-1, []), (0, ["7"]), (1, ["7"])):
        desk = kit.desk()
        assert desk.sync(S, "7") == []
        assert desk.why("7") == ("WITHIN_GRACE", 6 * S)
        assert desk.sync(6 * S + later, "7") == aged


def test_n3_expected_cloid_protects_what_is_shown_with_it(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    assert desk.sync(S, ("7", "c"), ("8", "d"), "9") == []
    assert desk.why("7") == ("EXPECTED", 30 * S)
    assert desk.protected(S) == {"7"}
    assert desk.sync(7 * S, ("7", "c"), ("8", "d"), "9") == ["8", "9"]


def test_n3_order_listed_twice_is_shown_with_both_cloids(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.sync(S, ("7", "c"), ("7", "d"), "7")
    assert desk.why("7") == ("EXPECTED", 30 * S)
    assert len(desk.decision.explanations) == 1


def test_n3_link_by_showing_lasts_to_the_end_of_the_window(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.sync(S, ("7", "c"))
    assert desk.sync(20 * S, "7") == []
    assert desk.why("7") == ("EXPECTED", 30 * S)
    assert desk.protected(30 * S) == set()


def test_n3_recorded_oid_is_protected_to_the_end_of_the_window(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.record(S, "c", "7")
    desk.sync(30 * S - 1, "7")
    assert desk.why("7") == ("EXPECTED", 30 * S)
    desk.sync(30 * S, "7")
    assert desk.why("7") == ("WITHIN_GRACE", 35 * S)


def test_n3_registration_inside_the_window_keeps_the_links(kit: Kit) -> None:
    for again, protected in ((30 * S - 1, {"7"}), (30 * S, set())):
        desk = kit.desk()
        desk.register(0, "c")
        desk.record(0, "c", "7")
        desk.register(again, "c")
        assert desk.protected(50 * S) == protected
        assert desk.protected(again + 30 * S - 1) == protected
        assert desk.protected(again + 30 * S) == set()


def test_n3_finalize_ends_the_window_and_its_links(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.record(0, "c", "7")
    desk.record(0, "c", "8")
    desk.finalize(5 * S, "c", "8")
    assert desk.protected(10 * S) == {"8"}
    desk.sync(10 * S, ("7", "c"), ("9", "c"))
    assert desk.why("7")[0] == desk.why("9")[0] == "WITHIN_GRACE"


def test_n3_finalize_of_an_older_oid_keeps_the_newer_window(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.finalize(S, "c", "7")
    desk.register(2 * S, "c")
    assert desk.finalize(3 * S, "c", "7") == ["FINALIZED_EARLIER"]
    desk.sync(20 * S, ("8", "c"))
    assert desk.why("8") == ("EXPECTED", 32 * S)


def test_n3_finalize_for_another_cloid_after_its_registration_ends_its_window(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c", "d")
    desk.finalize(S, "d", "7")
    assert desk.finalize(2 * S, "c", "7") == ["FINALIZED_FOR_ANOTHER"]
    assert desk.tracker.stats(2 * S).expected_cloids == 0


def test_n3_finalize_of_a_forgotten_oid_ends_the_window(kit: Kit) -> None:
    for at, reason in ((11 * S - 1, "EXPECTED"), (11 * S, "WITHIN_GRACE")):
        desk = kit.desk()
        desk.finalize(S, "c", "7")
        desk.register(2 * S, "c")
        desk.finalize(at, "c", "7")
        desk.sync(25 * S, ("8", "c"))
        assert desk.why("8")[0] == reason


def test_n3_fail_ends_the_window_while_no_oid_is_known(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c", "d")
    assert desk.fail(S, "c") == []
    desk.sync(2 * S, ("7", "c"), ("8", "d"))
    assert desk.why("7") == ("WITHIN_GRACE", 7 * S)
    assert desk.why("8") == ("EXPECTED", 30 * S)


def test_n4_first_acknowledgement_and_first_finalization_each_open_a_window(kit: Kit) -> None:
    desk = kit.desk()
    desk.record(0, "c", "7")
    desk.finalize(9 * S, "c", "7")
    assert desk.protected(19 * S - 1) == {"7"}
    assert desk.protected(19 * S) == set()


def test_n4_acknowledgement_after_finalization_protects_no_less(kit: Kit) -> None:
    desk = kit.desk()
    desk.finalize(0, "c", "7")
    desk.record(9 * S, "c", "7")
    assert desk.protected(19 * S - 1) == {"7"}
    assert desk.protected(19 * S) == set()


@pytest.mark.parametrize("hear", ["record", "finalize"])
def test_n4_repeats_do_not_extend(kit: Kit, hear: str) -> None:
    desk = kit.desk()
    for t in (0, 5 * S, 10 * S - 1):
        getattr(desk, hear)(t, "c", "7")
    assert desk.protected(10 * S - 1) == {"7"}
    assert desk.protected(10 * S) == set()


def test_n4_forgotten_oid_is_heard_of_for_the_first_time_again(kit: Kit) -> None:
    desk = kit.desk()
    desk.record(0, "c", "7")
    desk.record(10 * S, "c", "7")
    assert desk.protected(20 * S - 1) == {"7"}


def test_n4_candidate_of_the_latest_snapshot_is_not_forgotten(kit: Kit) -> None:
    desk = kit.desk()
    desk.record(0, "c", "7")
    desk.sync(9 * S, "7")
    desk.record(11 * S, "c", "7")
    assert desk.protected(11 * S) == set()
    desk.sync(12 * S)
    desk.record(13 * S, "c", "7")
    assert desk.protected(13 * S) == {"7"}


def test_n4_expected_window_keeps_its_oids_remembered(kit: Kit) -> None:
    for again, until in ((30 * S - 1, 30 * S), (30 * S, 40 * S)):
        desk = kit.desk()
        desk.register(0, "c")
        desk.record(0, "c", "7")
        desk.record(again, "c", "7")
        assert desk.protected(until - 1) == {"7"}
        assert desk.protected(until) == set()


def test_n4_acknowledgement_for_an_unknown_or_expired_cloid_counts(kit: Kit) -> None:
    desk = kit.desk()
    assert desk.record(0, "nobody", "7") == ["RECORDED_UNEXPECTED"]
    desk.register(0, "c")
    assert desk.record(30 * S, "c", "8") == ["RECORDED_UNEXPECTED"]
    assert desk.protected(30 * S) == {"8"}


def test_n5_fail_after_an_oid_is_known_keeps_and_says_so(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c", "d")
    desk.record(0, "c", "7")
    desk.sync(S, ("8", "d"))
    assert desk.fail(2 * S, "c") == ["FAILED_WITH_OID"]
    assert desk.fail(2 * S, "d") == ["FAILED_WITH_OID"]
    assert desk.protected(30 * S - 1) == {"7", "8"}
    assert desk.protected(30 * S) == set()


@pytest.mark.parametrize("break_it", ["absent", "tracked", "clear", "record", "finalize", "register"])
def test_n6_age_starts_anew(kit: Kit, break_it: str) -> None:
    desk = kit.desk(Constants(protection=S))
    desk.sync(0, ("7", "c"))
    match break_it:
        case "absent" | "tracked":
            desk.sync(3 * S)
        case "clear":
            desk.clear(3 * S, "7")
        case "register":
            desk.register(3 * S, "c")
            desk.fail(3 * S, "c")
        case _:
            getattr(desk, break_it)(3 * S, "d", "7")
    assert desk.sync(6 * S, ("7", "c")) == []
    assert desk.why("7") == ("WITHIN_GRACE", 11 * S)
    assert desk.sync(11 * S - 1, ("7", "c")) == []
    assert desk.sync(11 * S, ("7", "c")) == ["7"]


@pytest.mark.parametrize("repeat", ["record", "finalize"])
def test_n6_repeat_that_opens_no_window_changes_no_age(kit: Kit, repeat: str) -> None:
    desk = kit.desk()
    getattr(desk, repeat)(0, "c", "7")
    desk.sync(9 * S, "7")
    desk.sync(11 * S, "7")
    getattr(desk, repeat)(12 * S, "c", "7")
    assert desk.sync(16 * S, "7") == ["7"]


def test_n6_acknowledgement_that_links_is_a_protection(kit: Kit) -> None:
    desk = kit.desk()
    desk.record(0, "c", "7")
    desk.sync(9 * S, "7")
    desk.sync(11 * S, "7")
    desk.register(11 * S, "c")
    desk.record(12 * S, "c", "7")
    desk.finalize(13 * S, "c", "8")
    assert desk.sync(16 * S, "7") == []
    assert desk.why("7") == ("WITHIN_GRACE", 21 * S)


def test_n6_age_starts_anew_after_protection_by_the_listing(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(0, "7")
    desk.register(S, "c")
    desk.sync(2 * S, ("7", "c"))
    desk.finalize(3 * S, "c", "8")
    assert desk.sync(6 * S, "7") == []
    assert desk.why("7") == ("WITHIN_GRACE", 11 * S)


def test_n6_registration_between_two_syncs_counts_for_a_cloid_shown_only_now(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(0, "7")
    desk.register(S, "c")
    desk.fail(S, "c")
    assert desk.sync(6 * S, ("7", "c")) == []
    assert desk.why("7") == ("WITHIN_GRACE", 11 * S)
    assert desk.sync(11 * S, ("7", "c")) == ["7"]


def test_n6_window_that_ends_between_two_syncs_counts(kit: Kit) -> None:
    for ended, aged in ((-1, ["7"]), (0, ["7"]), (1, [])):
        desk = kit.desk()
        desk.register(0, "c")
        desk.sync(30 * S - ended, "7")
        assert desk.sync(36 * S, ("7", "c")) == aged


def test_n6_age_is_not_broken_by_a_cloid_that_was_shown_all_along(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(0, ("7", "c"))
    assert desk.sync(60 * S, ("7", "c")) == ["7"]
    desk.sync(61 * S, "8")
    desk.register(62 * S, "d")
    desk.fail(62 * S, "d")
    assert desk.sync(200 * S, ("8", "d")) == []


def test_n6_windows_too_many_to_remember_count_as_if_they_had_protected(kit: Kit) -> None:
    memory = kit.module.memory
    remnants, memory.REMNANTS = memory.REMNANTS, 0
    try:
        desk = kit.desk()
        desk.sync(0, "7", ("8", "d"), "9")
        desk.register(S, "c")
        desk.fail(S, "c")
        assert desk.sync(60 * S, ("7", "c"), ("8", "d"), "9") == ["8", "9"]
        assert desk.sync(65 * S, ("7", "c")) == ["7"]
    finally:
        memory.REMNANTS = remnants


def test_n6_age_needs_two_distinct_snapshots(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(0, "7", as_of=0)
    assert desk.sync(7 * S, "7", as_of=0) == []
    assert desk.why("7") == ("WITHIN_GRACE", 5 * S)
    assert desk.sync(8 * S, "7", as_of=5 * S - 1) == []
    assert desk.sync(8 * S, "7", as_of=5 * S) == ["7"]


def test_n6_uncleared_orphan_is_returned_again(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(0, "7")
    assert desk.sync(5 * S, "7") == ["7"]
    assert desk.sync(6 * S, "7") == ["7"]
    assert desk.clear(6 * S, "7") == []
    assert desk.sync(7 * S, "7") == []
    assert desk.sync(12 * S, "7") == ["7"]


@pytest.mark.parametrize("change", ["register", "record", "finalize", "fail", "clear"])
def test_n7_snapshot_decides_only_if_later_than_the_last_change(kit: Kit, change: str) -> None:
    for later, decides in ((-1, False), (0, False), (1, True)):
        desk = kit.desk(Constants(ttl=S, protection=S))
        desk.record(0, "c", "7")
        desk.sync(S - 1, "7")
        desk.sync(S, ("7", "c"))
        match change:
            case "register" | "fail":
                getattr(desk, change)(2 * S, "c")
            case "clear":
                desk.clear(2 * S, "7")
            case _:
                getattr(desk, change)(2 * S, "c", "7")
        assert desk.sync(9 * S, ("7", "c"), as_of=2 * S + later) == []
        expected = ("WITHIN_GRACE", 7 * S + later) if decides else ("OLDER_THAN_CHANGE", 2 * S)
        if change in ("record", "fail") and decides:
            expected = ("WITHIN_GRACE", 6 * S)
        assert desk.why("7") == expected


def test_n7_change_of_a_cloid_shown_only_now_is_held_against_the_snapshot(kit: Kit) -> None:
    for later, reason in ((-1, "OLDER_THAN_CHANGE"), (0, "OLDER_THAN_CHANGE"), (1, "WITHIN_GRACE")):
        for wait in (2 * S, 1000 * S):
            desk = kit.desk()
            desk.register(0, "c")
            desk.fail(S, "c")
            desk.sync(wait, ("7", "c"), as_of=S + later)
            assert desk.why("7")[0] == reason


def test_n7_late_snapshot_decides_nothing(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(10 * S, "7", "8", as_of=10 * S)
    assert desk.sync(20 * S, "7", "9", as_of=10 * S - 1) == []
    assert desk.why("7") == desk.why("9") == ("LATE_SNAPSHOT", 10 * S)
    assert desk.sync(20 * S, "7", "8", "9", as_of=15 * S) == ["7", "8"]
    assert desk.why("9") == ("WITHIN_GRACE", 20 * S)


def test_n7_late_snapshot_links_nothing(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.sync(2 * S)
    desk.sync(3 * S, ("7", "c"), as_of=S)
    assert desk.why("7") == ("EXPECTED", 30 * S)
    assert desk.protected(3 * S) == set()


def test_n7_failed_fetch_is_not_the_empty_list(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(0, "7")
    decision = desk.tracker.filter_aged_orphans(None, 3 * S)
    assert (decision.aged, decision.new, decision.explanations) == ((), 0, ())
    assert [notice.kind.name for notice in decision.notices] == ["SNAPSHOT_FAILED"]
    assert desk.sync(5 * S, "7") == ["7"]


def test_n7_absence_breaks_the_age_in_any_snapshot_that_is_not_late(kit: Kit) -> None:
    desk = kit.desk()
    desk.record(0, "c", "7")
    desk.sync(9 * S, "7")
    desk.sync(11 * S, "7")
    desk.record(12 * S, "c", "7")
    desk.sync(13 * S, as_of=12 * S)
    assert desk.sync(16 * S, "7") == []


def test_n9_one_cloid_has_several_oids(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.record(S, "c", "7")
    desk.record(2 * S, "c", "8")
    assert desk.protected(20 * S) == {"7", "8"}


def test_n10_foreign_order_is_reported_and_never_cancelled(kit: Kit) -> None:
    desk = kit.desk(owned_cloid_prefix="c")
    listing = (("7", None), ("8", "x1"), ("9", "c1"), "10", ("11", None, "c2"))
    assert desk.sync(0, *listing) == []
    assert desk.decision.new == 3
    assert desk.sync(60 * S, *listing) == ["9", "10", "11"]
    assert desk.decision.foreign == ("7", "8")
    assert desk.why("7") == desk.why("8") == ("FOREIGN", None)


def test_n10_order_that_a_record_or_finalize_names_is_ours(kit: Kit) -> None:
    for name in ("record", "finalize"):
        desk = kit.desk(owned_cloid_prefix="c")
        getattr(desk, name)(0, "x", "7")
        desk.sync(9 * S, ("7", None))
        assert desk.why("7")[0] != "FOREIGN"
        desk.sync(10 * S, ("7", None))
        assert desk.sync(15 * S, ("7", None)) == ["7"]


def test_n10_predicate_says_whose(kit: Kit) -> None:
    desk = kit.desk(owns_cloid=lambda cloid: cloid == "mine")
    desk.sync(0, ("7", "mine"), ("8", "theirs"))
    assert desk.sync(5 * S, ("7", "mine"), ("8", "theirs")) == ["7"]
    assert desk.register(5 * S, "theirs") == ["REGISTERED_NOT_OWNED"]


def test_n10_without_ownership_every_order_is_ours(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(0, ("7", None), ("8", "x1"))
    assert desk.sync(5 * S, ("7", None), ("8", "x1")) == ["7", "8"]


def test_n12_every_candidate_is_explained_in_the_order_of_the_listing(kit: Kit) -> None:
    desk = kit.desk()
    desk.sync(0, "1")
    desk.record(5 * S, "c", "2")
    desk.finalize(5 * S, "c", "3")
    assert desk.sync(5 * S, "3", "1", "2", "4") == ["1"]
    assert desk.decision.new == 1
    assert [(e.oid, e.cancelled, e.at) for e in desk.decision.explanations] == [
        ("3", False, 5 * S),
        ("1", True, 5 * S),
        ("2", False, 5 * S),
        ("4", False, 5 * S),
    ]
    assert [desk.why(oid) for oid in "1234"] == [
        ("AGED", 5 * S),
        ("ACKNOWLEDGED", 15 * S),
        ("FINALIZED", 15 * S),
        ("WITHIN_GRACE", 10 * S),
    ]


def test_n12_longest_protection_is_named(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.record(19 * S, "c", "7")
    desk.sync(20 * S, "7")
    assert desk.why("7") == ("EXPECTED", 30 * S)
    desk.sync(30 * S - 1, "7")
    desk.finalize(30 * S - 1, "c", "7")
    desk.sync(30 * S, "7")
    assert desk.why("7") == ("FINALIZED", 40 * S - 1)


def test_r1_nothing_is_held_once_the_windows_are_over_and_a_sync_has_come(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "a", "b", "c")
    desk.record(0, "a", "1")
    desk.finalize(0, "b", "2")
    desk.sync(S, ("3", "c"), ("4", "x"), "5")
    desk.fail(2 * S, "c")
    desk.clear(2 * S, "5")
    desk.sync(60 * S)
    memory = desk.tracker._memory
    held = (memory.windows, memory.closed, memory.heard_until, memory.links, memory.orders, memory.shown)
    assert [len(part) for part in (*held, memory.candidates, desk.tracker._first_seen)] == [0] * 8
