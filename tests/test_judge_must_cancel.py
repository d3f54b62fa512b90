"""The judge misses a cancel only where no reading of the text lets the order be kept."""

import pytest

from orphan_spec.cancels import REMNANTS
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import Cleanup
from traces import at, cautions, clear, fail, finalize, findings, found, record, register, sync, violations


@pytest.mark.parametrize(("seconds", "expected"), [(6, []), (6.000000001, [("L1", 2)])])
def test_true_orphan_must_be_cancelled_once_its_grace_is_surely_over(seconds, expected):
    assert found(sync(1, ["7"]), sync(seconds, ["7"])) == expected


def test_l1_names_the_sync_from_which_the_age_counts():
    (violation,) = violations(sync(1, ["7"]), sync(7, ["7"]))
    assert (violation.line, violation.because_line, violation.t) == (2, 1, at(7))


def test_missed_cancel_is_one_violation_until_the_order_is_cancelled_tracked_protected_or_absent():
    missed = [sync(1, ["7"]), sync(7, ["7"]), sync(8, ["7"])]
    assert found(*missed, sync(20, ["7"])) == [("L1", 2)]
    again = [sync(28, ["7"]), sync(34, ["7"])]
    assert found(*missed, sync(20), *again) == [("L1", 2), ("L1", 6)]
    assert found(*missed, sync(20, ["7"], local=["7"]), *again) == [("L1", 2), ("L1", 6)]
    assert found(*missed, sync(20, ["7"], cancelled=["7"]), *again) == [("L1", 2), ("L1", 6)]
    protected = [record(20, "x", "7"), sync(31, ["7"]), sync(34, ["7"]), sync(40, ["7"])]
    assert found(*missed, *protected) == [("L1", 2), ("L1", 7)]


def test_entry_kept_until_the_end_of_the_first_sync_after_its_window_is_the_choice_of_the_implementer():
    events = [record(0, "x", "7"), sync(12, ["7"]), sync(14, ["7"]), sync(19, ["7"])]
    assert found(*events) == []
    assert found(*events, sync(19.5, ["7"])) == [("L1", 5)]


def test_cleanup_after_the_end_of_a_window_ends_it_for_good():
    events = [record(0, "x", "7"), Cleanup(at(10)), sync(12, ["7"]), sync(17.5, ["7"])]
    assert found(*events) == [("L1", 4)]
    early = [record(0, "x", "7"), Cleanup(at(9.999)), sync(12, ["7"]), sync(17.5, ["7"])]
    assert found(*early) == []


def test_age_counts_from_the_first_as_of_later_than_the_end_of_the_last_protection():
    events = [record(0, "x", "7"), sync(11, ["7"]), sync(12, ["7"], as_of=11), sync(16.5, ["7"], as_of=16.5)]
    assert found(*events) == []
    assert found(*events, sync(18, ["7"])) == []
    assert found(*events, sync(22, ["7"])) == [("L1", 5)]


def test_any_link_ever_made_lets_the_order_be_kept():
    events = [register(0, "c"), record(0.5, "c", "7"), finalize(1, "c", "7"), sync(12, ["7"]), register(13, "c")]
    assert found(*events, *[sync(14 + 6 * n, ["7"]) for n in range(5)]) == []
    assert found(*events, *[sync(14 + 6 * n, ["7"]) for n in range(8)]) == [("L1", 13)]


def test_listing_not_later_than_the_last_change_demands_nothing():
    events = [sync(1, ["7"]), clear(3, "7"), sync(4, ["7"], as_of=3), sync(9, ["7"])]
    assert found(*events) == []
    assert found(sync(1, ["7"]), sync(6, ["7"]), clear(10, "7"), sync(11, ["7"], as_of=10)) == []


def test_listing_not_later_than_the_cancel_does_not_say_that_the_cancel_failed():
    events = [sync(1, ["7"]), sync(6, ["7"], cancelled=["7"]), sync(7, ["7"], as_of=6), sync(11.5, ["7"])]
    assert found(*events) == []


GRACE_2 = Constants(orphan_grace_period=at(2))
SENT = sync(62, ["7"], as_of=2, cancelled=["7"])


@pytest.mark.parametrize(
    ("between", "as_of", "expected"),
    [
        pytest.param([sync(62, as_of=2.000000001)], 61.999999999, [], id="absent, one below"),
        pytest.param([sync(62, as_of=2.000000001)], 62, [], id="absent, at"),
        pytest.param([sync(62, as_of=2.000000001)], 62.000000001, [("L1", 5)], id="absent, one above"),
        pytest.param([sync(62, ["7"], as_of=3, local=["7"])], 62, [], id="tracked, at"),
        pytest.param([sync(62, ["7"], as_of=3, local=["7"])], 62.000000001, [("L1", 5)], id="tracked, one above"),
    ],
)
def test_cancel_of_an_order_that_was_absent_since_still_bars_listings_that_are_not_later(between, as_of, expected):
    """The listing at 126 s starts an age for *must cancel* only if it is later than the cancel at 62 s."""
    shown = [sync(126, ["7"], as_of=as_of), sync(128.5, ["7"])]
    assert found(sync(0, ["7"]), SENT, *between, *shown, constants=GRACE_2) == expected


@pytest.mark.parametrize(
    "event",
    [
        pytest.param(clear(62, "7"), id="clear"),
        pytest.param(sync(62, None, cancelled=["7"]), id="cancelled without a snapshot"),
        pytest.param(sync(62, as_of=1, cancelled=["7"]), id="cancelled although it is not listed"),
        pytest.param(sync(62, ["7"], as_of=1, local=["7"], cancelled=["7"]), id="cancelled although it is tracked"),
    ],
)
def test_change_of_an_order_that_nothing_remembers_bars_listings_that_are_not_later(event):
    def missed(as_of):
        syncs = [sync(126, ["7"], as_of=as_of), sync(128.5, ["7"])]
        return [guarantee for guarantee, line in found(event, *syncs, constants=GRACE_2) if line == 3]

    assert missed(62) == []
    assert missed(62.000000001) == ["L1"]


def test_fail_of_a_cloid_bars_listings_of_its_orders_also_where_it_was_not_expected():
    def missed(event, as_of, listed):
        syncs = [sync(126, [listed], as_of=as_of), sync(128.5, [listed])]
        return found(event, *syncs, constants=GRACE_2)

    assert missed(fail(62, "c"), 62, ("7", "c")) == []
    assert missed(fail(62, "c"), 62.000000001, ("7", "c")) == [("L1", 3)]
    assert missed(fail(62, "c"), 62, ("7", "d")) == [("L1", 3)]


def test_fail_does_not_start_an_age_anew():
    assert found(sync(1, [("7", "c")]), fail(3, "c"), sync(6.5, [("7", "c")])) == [("L1", 3)]
    assert found(sync(1, [("7", "c")]), fail(6.5, "c"), sync(7, [("7", "c")], as_of=6.5)) == []


def test_second_fail_of_an_unknown_cloid_is_as_quiet_as_the_first():
    assert cautions(sync(1, [("7", "c")]), fail(2, "c"), fail(3, "c")) == []


def test_too_many_cancels_of_absent_orders_bar_every_listing_that_is_not_later():
    """What is forgotten for want of room makes *must cancel* later, never earlier."""
    many = [f"o{number}" for number in range(REMNANTS + 1)]
    sent = [SENT, sync(62, as_of=2, cancelled=many)]
    shown = [sync(126, ["7"], as_of=62), sync(128.5, ["7"])]
    assert "L1" not in {one for one, _ in found(sync(0, ["7"]), *sent, *shown, constants=GRACE_2)}


def test_failed_cancel_must_be_sent_again_after_another_grace_at_the_latest():
    events = [sync(1, ["7"]), sync(6, ["7"], cancelled=["7"]), sync(7, ["7"]), sync(12.5, ["7"])]
    assert found(*events) == [("L1", 4)]


def test_late_snapshot_and_failed_fetch_demand_nothing():
    assert found(sync(1, ["7"]), sync(2, ["7"]), sync(7, None), sync(7.5, ["7"], as_of=1.5)) == []


def test_order_tracked_at_a_failed_fetch_need_not_be_cancelled():
    assert found(sync(1, ["7"]), sync(3, None, local=["7"]), sync(7, ["7"])) == []


def test_h28_repeated_answers_do_not_keep_an_orphan_for_ever():
    answers = [record(9 * n, "x", "7") for n in range(8)]
    syncs = [sync(5 * n + 0.5, ["7"]) for n in range(14)]
    events = sorted([*answers, *syncs], key=lambda event: event.t)
    assert [guarantee for guarantee, _ in found(*events)] == ["L1"]


def test_order_kept_that_proves_to_have_been_in_flight_is_no_missed_cancel():
    events = [register(0, "c"), sync(0.4, ["7"]), sync(6, ["7"])]
    assert found(*events) == [("L1", 3)]
    assert found(*events, record(7, "c", "7")) == []


def test_ownership_is_unclear_where_the_venue_does_not_say():
    ours = Environment(observe="cloid", owned_cloid_prefix="0xa1")
    assert found(sync(1, ["7"]), sync(7, ["7"]), environment=ours) == []
    assert found(sync(1, [("7", "0xa1c")]), sync(7, [("7", "0xa1c")]), environment=ours) == [("L1", 2)]


# links learned late


CANCELLED = (register(0, "c"), sync(0.4, ["7"]), sync(6, ["7"], cancelled=["7"]))


@pytest.mark.parametrize("link", [record(36, "c", "7"), finalize(36, "c", "7"), sync(36, [("7", "c")])])
def test_link_learned_within_the_horizon_decides_the_cancel(link):
    assert found(*CANCELLED, link)[0] == ("S3", 3)


def test_link_learned_after_the_horizon_is_a_warning_that_names_both_lines():
    events = [*CANCELLED, record(36.000000001, "c", "7")]
    assert found(*events) == []
    (caution,) = cautions(*events)
    assert (caution.kind, caution.line, caution.because_line) == ("late_link", 4, 3)
    assert "line 3" in caution.message
    assert "line 4" in caution.message
    assert found(*events, horizon=10**18) == [("S3", 3)]


def test_link_horizon_may_be_shorter_than_the_ttl():
    assert found(*CANCELLED, record(7, "c", "7"), horizon=at(1)) == [("S3", 3)]
    assert found(*CANCELLED, record(7.5, "c", "7"), horizon=at(1)) == []


def test_link_to_a_cloid_that_was_not_expected_at_the_cancel_says_nothing():
    failed = [register(0, "c"), sync(0.4, ["7"]), fail(3, "c"), sync(6, ["7"], cancelled=["7"])]
    assert found(*failed, register(7, "c"), record(8, "c", "7")) == []
    assert found(sync(0.4, ["7"]), sync(6, ["7"], cancelled=["7"]), register(6, "c"), record(8, "c", "7")) == []


def test_link_to_an_earlier_registration_that_was_ended_since_still_counts():
    assert found(*CANCELLED, finalize(6.5, "c", "8"), register(6.6, "c"), record(7, "c", "7")) == [("S3", 3)]


def test_link_of_an_elder_order_to_a_newer_registration_says_nothing():
    elder = [register(0, "c"), finalize(1, "c", "7"), register(40, "c"), sync(41, ["7"])]
    assert found(*elder, sync(46, ["7"], cancelled=["7"]), finalize(47, "c", "7")) == []
    assert found(*elder, sync(46, ["7"], cancelled=["7"]), record(47, "c", "7")) == []


def test_h1_one_cancel_is_one_violation_and_s3_comes_before_s4():
    events = [register(0, "c"), sync(0.25, ["7"], cancelled=["7"])]
    assert found(*events) == [("S4", 2)]
    assert found(*events, record(0.5, "c", "7")) == [("S3", 2)]


def test_every_cancel_of_an_order_is_decided_by_a_later_link():
    events = [*CANCELLED, sync(7, ["7"], cancelled=["7"]), record(8, "c", "7")]
    assert found(*events) == [("S3", 3), ("S3", 4)]


# the dual


FRESH = (register(0, "c"), finalize(0.5, "c", "7"))


def test_order_may_be_dropped_when_snapshots_that_lack_it_span_the_grace_period():
    assert found(*FRESH, sync(1, local=["7"]), sync(6, local=["7"], dropped=["7"])) == []


@pytest.mark.parametrize(
    "syncs",
    [
        pytest.param([sync(6, local=["7"], dropped=["7"])], id="one snapshot"),
        pytest.param([sync(1, local=["7"]), sync(5.999, local=["7"], dropped=["7"])], id="short of the grace period"),
        pytest.param(
            [sync(1, local=["7"], as_of=0.5), sync(5.5, local=["7"], dropped=["7"])], id="not later than the change"
        ),
        pytest.param(
            [sync(1, local=["7"]), sync(3, ["7"], local=["7"]), sync(6, local=["7"], dropped=["7"])], id="shown between"
        ),
        pytest.param([sync(1, local=["7"]), sync(6, ["7"], local=["7"], dropped=["7"])], id="shown by this snapshot"),
        pytest.param([sync(1, local=["7"]), sync(6, None, local=["7"], dropped=["7"])], id="nothing fetched"),
    ],
)
def test_drop_on_less_evidence_is_s6(syncs):
    assert [guarantee for guarantee, _ in found(*FRESH, *syncs)] == ["S6"]


def test_later_listing_that_shows_a_dropped_order_proves_it_was_resting():
    events = [*FRESH, sync(1, local=["7"]), sync(6, local=["7"], dropped=["7"])]
    assert found(*events, sync(7, ["7"], as_of=6)) == []
    (violation,) = violations(*events, sync(100, ["7"]))
    assert (violation.guarantee, violation.line, violation.because_line) == ("S6", 4, 5)


# contradictions are told


def test_late_snapshot_is_a_warning():
    (caution,) = cautions(sync(2), sync(3, as_of=1))
    assert (caution.kind, caution.line) == ("late_snapshot", 2)
    assert cautions(sync(2), sync(3, as_of=2)) == []


def test_fail_after_an_oid_is_known_is_a_warning():
    assert [one.kind for one in cautions(register(0, "c"), record(1, "c", "7"), fail(2, "c"))] == ["fail_after_answer"]
    assert [one.kind for one in cautions(register(0, "c"), sync(1, [("7", "c")]), fail(2, "c"))] == [
        "fail_after_answer"
    ]
    assert cautions(register(0, "c"), fail(2, "c")) == []


def test_finalize_of_an_elder_order_is_a_warning():
    events = [register(0, "c"), finalize(1, "c", "7"), register(2, "c"), finalize(3, "c", "7")]
    assert [one.kind for one in cautions(*events)] == ["finalize_of_elder"]


def test_time_that_goes_back_is_refused():
    with pytest.raises(ValueError, match="time goes back"):
        findings(register(1, "c"), register(0, "c"))
