"""The judge calls a cancel wrong exactly where the shortest reading of the text protects the order."""

import pytest

from orphan_spec.constants import Environment
from orphan_spec.events import Cleanup
from traces import at, clear, fail, finalize, record, register, sync, violations

OURS = Environment(observe="cloid", owned_cloid_prefix="0xa1")


def found(*events, **options):
    return [violation.guarantee for violation in violations(*events, **options)]


AGED = (sync(1, ["7"]), sync(6, ["7"]))


def test_timeline_of_the_design_is_clean():
    events = [register(0, "c"), record(0.5, "c", "77"), finalize(0.501, "c", "77")]
    assert found(*events, sync(10, [("77", "c")], local=["77"], as_of=9.99)) == []


def test_cancel_at_6_s_is_s3_once_the_answer_at_7_s_shows_whose_it_was():
    events = [register(0, "c"), sync(0.4, ["77"]), sync(6, ["77"], cancelled=["77"]), record(7, "c", "77")]
    (violation,) = violations(*events)
    assert (violation.guarantee, violation.line, violation.because_line) == ("S3", 3, 4)
    assert (violation.oid, violation.cloid, violation.protected_until) == ("77", "c", at(30))


@pytest.mark.parametrize(("seconds", "expected"), [(10.4, ["S1"]), (10.501, ["S4"])])
def test_finalized_order_is_kept_until_its_window_ends(seconds, expected):
    events = [register(0, "c"), finalize(0.501, "c", "7"), sync(seconds, ["7"], cancelled=["7"])]
    assert found(*events) == expected


def test_finalize_of_an_unknown_cloid_protects_its_oid():
    assert found(finalize(0, "nobody", "666"), sync(5, ["666"], cancelled=["666"])) == ["S1"]


@pytest.mark.parametrize("registered", [True, False])
def test_acknowledged_order_is_kept_in_its_heard_of_window_even_for_an_unknown_cloid(registered):
    events = [register(0, "c")] if registered else []
    events += [record(40, "c", "7"), sync(41, ["7"]), sync(47, ["7"], cancelled=["7"])]
    (violation,) = violations(*events)
    assert (violation.guarantee, violation.protected_until) == ("S2", at(50))


def test_acknowledged_order_is_kept_in_its_expected_window():
    events = [register(0, "c"), record(0.5, "c", "7"), sync(25, ["7"], cancelled=["7"])]
    (violation,) = violations(*events)
    assert (violation.guarantee, violation.protected_until, violation.because_line) == ("S2", at(30), 2)


def test_several_oids_of_a_cloid_are_all_kept():
    events = [register(0, "c"), record(0.5, "c", "7"), record(1, "c", "8")]
    assert found(*events, sync(20, ["7", "8"], cancelled=["7", "8"])) == ["S2", "S2"]


def test_registering_again_inside_the_window_keeps_links_and_after_it_starts_with_none():
    inside = [register(0, "c"), record(0.5, "c", "7"), register(29, "c"), sync(55, ["7"], cancelled=["7"])]
    assert found(*inside) == ["S2"]
    after = [register(0, "c"), record(0.5, "c", "7"), register(30, "c"), sync(55, ["7"], cancelled=["7"])]
    assert found(*after) == ["S4"]


def test_order_shown_with_an_expected_cloid_is_kept():
    (violation,) = violations(register(0, "c"), sync(6, [("7", "c")], cancelled=["7"]))
    assert (violation.guarantee, violation.because_line, violation.protected_until) == ("S3", 1, at(30))


def test_finalize_ends_the_expected_window():
    events = [register(0, "c"), finalize(1, "c", "7"), sync(2, [("8", "c")])]
    assert found(*events, sync(7, [("8", "c")], cancelled=["8"])) == []


def test_fail_ends_the_expected_window_while_no_oid_is_known():
    assert found(register(0, "c"), fail(1, "c"), sync(2, [("7", "c")]), sync(7, [("7", "c")], cancelled=["7"])) == []


def test_after_a_contradicting_fail_the_expected_window_is_not_demanded_but_the_heard_of_window_is():
    events = [register(0, "c"), record(0.5, "c", "7"), fail(0.6, "c")]
    assert found(*events, sync(9, ["7"], cancelled=["7"])) == ["S2"]
    assert found(*events, sync(11, ["7"]), sync(16, ["7"], cancelled=["7"])) == []
    assert found(*events, sync(11, ["7"]), sync(17, ["7"]), sync(29, ["7"])) == []


def test_links_older_than_a_contradicting_fail_do_not_count():
    events = [register(0, "c"), record(0.5, "c", "7"), fail(0.6, "c"), register(1, "c"), sync(11, ["7"])]
    assert found(*events, sync(16, ["7"], cancelled=["7"])) == []


def test_finalize_of_an_elder_order_demands_nothing_of_the_newer():
    events = [register(0, "c"), finalize(1, "c", "7"), register(40, "c"), finalize(41, "c", "7")]
    cancelled = [sync(42, [("8", "c")]), sync(47.5, [("8", "c")], cancelled=["8"])]
    assert found(*events, *cancelled) == []
    assert found(*events, *[sync(42 + 6 * n, [("8", "c")]) for n in range(4)]) == []


def test_repeated_news_extends_no_window():
    events = [record(0, "c", "7"), record(9, "c", "7"), sync(11, ["7"]), sync(16.5, ["7"], cancelled=["7"])]
    assert found(*events) == []


def test_of_news_repeated_after_the_order_may_have_been_forgotten_nothing_is_demanded():
    events = [record(0, "c", "7"), sync(11), record(100, "c", "7"), sync(101, ["7"])]
    assert found(*events, sync(106.5, ["7"], cancelled=["7"])) == []
    assert found(*events, sync(106.5, ["7"]), sync(109, ["7"])) == []


def test_news_repeated_about_a_remembered_candidate_protects_no_one_from_l1():
    events = [record(0, "c", "7"), sync(5, ["7"]), sync(10, ["7"]), sync(11, ["7"]), record(12, "c", "7")]
    assert found(*events, sync(13, ["7"]), sync(16.5, ["7"])) == ["L1"]


def test_equal_instants_happen_in_line_order():
    assert found(sync(1, [("7", "c")]), sync(6, [("7", "c")], cancelled=["7"]), register(6, "c")) == []
    assert found(sync(1, [("7", "c")]), register(6, "c"), sync(6, [("7", "c")], cancelled=["7"])) == ["S3"]


def test_tracked_order_is_kept_before_all_else():
    assert found(finalize(0, "c", "7"), sync(1, ["7"], local=["7"], cancelled=["7"])) == ["S5"]


# grace


@pytest.mark.parametrize(("seconds", "expected"), [(5.999, ["S4"]), (6, []), (6.001, [])])
def test_grace_is_measured_between_snapshots(seconds, expected):
    assert found(sync(1, ["7"]), sync(seconds, ["7"], cancelled=["7"])) == expected


def test_order_cancelled_on_first_sight_is_s4():
    (violation,) = violations(sync(1, ["7"], cancelled=["7"]))
    assert (violation.guarantee, violation.line, violation.protected_until) == ("S4", 1, None)


def test_two_syncs_over_one_snapshot_are_one_sight():
    assert found(sync(12, ["7"], as_of=12), sync(17.2, ["7"], as_of=12, cancelled=["7"])) == ["S4"]


def test_failed_fetch_neither_continues_nor_breaks_an_age():
    assert found(sync(1, ["7"]), sync(3, None), sync(6, ["7"], cancelled=["7"])) == []


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(sync(3), id="absent"),
        pytest.param(sync(3, ["7"], local=["7"]), id="tracked"),
        pytest.param(clear(3, "7"), id="cleared"),
    ],
)
def test_age_starts_anew_when_the_order_was(between):
    assert found(sync(1, ["7"]), between, sync(6, ["7"], cancelled=["7"])) == ["S4"]


@pytest.mark.parametrize("news", [record(2, "x", "7"), finalize(2, "x", "7")], ids=["recorded", "finalized"])
def test_age_starts_anew_after_a_protection_that_is_over_by_now(news):
    assert found(sync(1, ["7"]), news, sync(13, ["7"], cancelled=["7"])) == ["S4"]
    assert found(sync(1, ["7"]), news, sync(13, ["7"]), sync(18, ["7"], cancelled=["7"])) == []


def test_age_starts_anew_when_the_shown_cloid_was_expected_for_a_while():
    events = [sync(1, [("7", "c")]), register(2, "c"), finalize(3, "c", "8")]
    assert found(*events, sync(6, [("7", "c")], cancelled=["7"])) == ["S4"]


def test_repeated_news_that_opens_no_window_changes_no_age():
    events = [record(0, "x", "7"), sync(10, ["7"]), record(12, "x", "7")]
    assert found(*events, sync(15, ["7"], cancelled=["7"])) == []


def test_age_counts_from_the_as_of_of_the_first_sync():
    assert found(sync(2, ["7"], as_of=1), sync(6, ["7"], cancelled=["7"])) == []


def test_h4_fail_gives_no_zero_grace():
    events = [register(0, "c"), sync(1, [("7", "c")]), fail(6.5, "c"), sync(7, [("7", "c")], cancelled=["7"])]
    assert found(*events) == ["S4"]


def test_h3_first_sight_does_not_survive_a_protection():
    events = [register(0, "c"), sync(4, ["7"]), record(5, "c", "7"), sync(30.001, ["7"], cancelled=["7"])]
    assert found(*events) == ["S4"]


# retry


def test_cancelled_order_may_be_cancelled_again_and_clear_does_not_end_that():
    events = [*AGED[:1], sync(6, ["7"], cancelled=["7"]), clear(6, "7")]
    assert found(*events, sync(7, ["7"], cancelled=["7"]), sync(8, ["7"], cancelled=["7"])) == []


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(sync(7), id="absent"),
        pytest.param(sync(7, ["7"], local=["7"]), id="tracked"),
    ],
)
def test_retry_ends_when_the_order_was(between):
    events = [AGED[0], sync(6, ["7"], cancelled=["7"]), between, sync(8, ["7"], cancelled=["7"])]
    assert found(*events) == ["S4"]


def test_retry_ends_when_the_order_is_freshly_finalized_or_protected():
    cancelled = [AGED[0], sync(6, ["7"], cancelled=["7"])]
    assert found(*cancelled, finalize(7, "x", "7"), sync(18, ["7"], cancelled=["7"])) == ["S4"]
    assert found(*cancelled, record(7, "x", "7"), sync(18, ["7"], cancelled=["7"])) == ["S4"]


# ownership


@pytest.mark.parametrize(("cloid", "expected"), [(None, ["S7"]), ("0xb2", ["S7"]), ("0xa1c", [])])
def test_foreign_order_is_kept(cloid, expected):
    assert found(sync(1, [("7", cloid)]), sync(6, [("7", cloid)], cancelled=["7"]), environment=OURS) == expected


def test_order_of_which_the_venue_does_not_say_the_cloid_is_not_foreign():
    assert found(*AGED[:1], sync(6, ["7"], cancelled=["7"]), environment=OURS) == []


def test_order_that_a_record_names_is_not_foreign():
    events = [record(0, "0xb2", "7"), sync(11, [("7", None)]), sync(16, [("7", None)], cancelled=["7"])]
    assert found(*events, environment=OURS) == []


def test_foreign_order_need_not_be_cancelled():
    assert found(*[sync(6 * n, [("7", None)]) for n in range(1, 5)], environment=OURS) == []


def test_without_cloids_foreign_orders_cannot_be_judged():
    environment = Environment(observe="oid", owned_cloid_prefix="0xa1")
    assert found(sync(1, [("7", None)]), sync(6, [("7", None)], cancelled=["7"]), environment=environment) == []


def test_oid_listed_twice_is_one_order_with_the_union_of_its_cloids():
    listed = [("7", None), ("7", "0xa1c")]
    assert found(sync(1, listed), sync(6, listed, cancelled=["7"]), environment=OURS) == []
    assert found(register(0, "0xa1c"), sync(6, listed, cancelled=["7"]), environment=OURS) == ["S3"]


# R2 and S8


def test_oid_cancelled_twice_in_one_sync_is_r2():
    assert found(AGED[0], sync(6, ["7", "7"], cancelled=["7", "7"])) == ["R2"]


@pytest.mark.parametrize("listed", [(), ["8"], None], ids=["empty", "other", "failed"])
def test_cancel_of_what_is_not_listed_is_r2(listed):
    assert found(AGED[0], sync(2, listed, cancelled=["7"])) == ["R2"]


def test_nothing_may_be_cancelled_on_a_late_snapshot():
    events = [sync(1, ["7"]), sync(7, ["7"]), sync(8, ["7"], as_of=6.5, cancelled=["7"])]
    assert found(*events) == ["L1", "S8"]


def test_late_snapshot_neither_starts_nor_continues_nor_breaks_an_age():
    assert found(sync(1, ["7"]), sync(2, [], as_of=0.5), sync(6, ["7"], cancelled=["7"])) == []
    assert found(sync(3), sync(3.5, ["7"], as_of=1), sync(6, ["7"], cancelled=["7"])) == ["S4"]


def test_cleanup_changes_nothing_that_must_be_kept():
    events = [register(0, "c"), record(0.5, "c", "7"), Cleanup(at(20)), sync(25, ["7"], cancelled=["7"])]
    assert found(*events) == ["S2"]
