"""What the judge makes of a whole life: when orders end, when the client starts anew, and when a sync has two halves."""

import pytest

from orphan_spec.constants import Constants, Environment
from orphan_spec.events import Act, Cleanup
from orphan_spec.findings import Decision
from orphan_spec.judge import Judge
from traces import (
    NS,
    accept,
    act,
    at,
    clear,
    end,
    fail,
    fill,
    finalize,
    findings,
    found,
    learn_end,
    modify,
    record,
    register,
    restart,
    sync,
    timeout,
    violations,
)

OURS = Environment(observe="cloid", owned_cloid_prefix="0xa1")


# narrative


def test_events_that_tell_a_story_change_nothing():
    placed = [register(0, "c"), sync(1, [("7", "c")])]
    story = [timeout(2, "c"), modify(2, "c", "7"), fill(2, "7"), accept(2, "7", "c")]
    for early in ([], story):
        assert found(*placed, *early, sync(29, [("7", "c")], cancelled=["7"]))[0][0] == "S3"
        assert found(*placed, *early, sync(31, [("7", "c")]), sync(36, [("7", "c")], cancelled=["7"])) == []


def test_accept_links_no_cloid():
    cancelled = [sync(1, ["7"]), sync(6, ["7"], cancelled=["7"])]
    assert found(register(0, "c"), accept(0.5, "7", "c"), *cancelled) == []
    assert found(register(0, "c"), accept(0.5, "7", "c"), *cancelled, record(7, "c", "7")) == [("S3", 4)]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (accept(0, "7"), ()),
        (end(0, "7"), ()),
        (learn_end(0, "7"), ()),
        (fill(0, "7"), ("S8", "L4")),
        (restart(0), ("S8", "L4")),
    ],
    ids=lambda value: type(value).__name__,
)
def test_s8_and_l4_are_judged_where_the_trace_says_when_orders_end(event, expected):
    judge = Judge(Constants(), OURS)
    judge.observe(event)
    assert judge.not_modelled == expected
    assert judge.copy().not_modelled == expected


# S8


GHOST = (sync(1, ["7"]), sync(6, ["7"]), learn_end(8, "7"))


@pytest.mark.parametrize(("as_of", "expected"), [(8 - NS, ["S8"]), (8, ["S8"]), (8 + NS, [])])
def test_no_cancel_on_evidence_that_is_not_later_than_the_known_end(as_of, expected):
    events = [*GHOST, sync(9, ["7"], as_of=as_of, cancelled=["7"])]
    assert [guarantee for guarantee, _ in found(*events)] == expected


def test_s8_names_the_line_of_the_end():
    (violation,) = violations(*GHOST, sync(9, ["7"], as_of=7, cancelled=["7"]))
    assert (violation.guarantee, violation.line, violation.because_line) == ("S8", 4, 3)
    assert "8.000 s" in violation.message


def test_end_that_the_client_does_not_know_makes_no_s8():
    events = [sync(1, ["7"]), end(5, "7"), sync(6, ["7"], as_of=6, cancelled=["7"])]
    assert found(*events) == []


def test_s8_comes_after_s3_and_before_s4():
    known = [register(0, "c"), learn_end(2, "7")]
    assert found(*known, sync(3, ["7"], as_of=1, cancelled=["7"])) == [("S8", 3)]
    assert found(*known, sync(3, [("7", "c")], as_of=1, cancelled=["7"])) == [("S3", 3)]
    assert found(*known, sync(3, ["7"], as_of=1, cancelled=["7"]), record(4, "c", "7")) == [("S3", 3)]


def test_known_end_is_remembered_while_a_listing_can_be_as_early():
    events = [sync(1, ["7"]), sync(6, ["7"]), learn_end(8, "7"), sync(9, as_of=6.5)]
    assert found(*events, sync(10, ["7"], as_of=7, cancelled=["7"]))[-1] == ("S8", 5)


def test_known_end_of_an_order_that_was_never_heard_of_counts():
    assert found(learn_end(8, "7"), sync(9, ["7"], as_of=8, cancelled=["7"])) == [("S8", 2)]
    assert found(learn_end(8, "7"), sync(9, ["7"], as_of=8 + NS, cancelled=["7"])) == [("S4", 2)]


def test_doubled_message_of_an_end_is_no_later_knowledge():
    events = [*GHOST, learn_end(11, "7")]
    assert found(*events, sync(12, ["7"], as_of=9, cancelled=["7"])) == []


def test_listing_not_later_than_the_known_end_demands_no_cancel():
    assert found(sync(1, ["7"]), learn_end(3, "7"), sync(9, ["7"], as_of=3), sync(14.5, ["7"])) == []
    assert found(sync(1, ["7"]), learn_end(3, "7"), sync(9, ["7"], as_of=3 + NS), sync(14.5, ["7"])) == [("L1", 4)]


def test_order_that_has_ended_is_no_true_orphan():
    assert found(sync(1, ["7"]), end(6, "7"), sync(7, ["7"])) == []
    assert found(sync(1, ["7"]), end(6, "8"), sync(7, ["7"])) == [("L1", 3)]
    assert found(sync(1, ["7"]), sync(7, ["7"]), end(7, "7")) == [("L1", 2)]


# L4


STALE = (finalize(0, "c", "7"), sync(1, ["7"], local=["7"]), end(3, "7"))


def stale(*seconds, local=("7",), **options):
    return [sync(one, local=local, **options) for one in seconds]


@pytest.mark.parametrize(("last", "expected"), [(9 - NS, []), (9, []), (9 + NS, [("L4", 5)])])
def test_ended_order_must_be_dropped_once_the_grace_is_surely_over(last, expected):
    assert found(*STALE, *stale(4, last)) == expected


def test_l4_is_one_violation_until_the_order_is_dropped():
    assert found(*STALE, *stale(4, 10, 20, 30)) == [("L4", 5)]
    assert found(*STALE, *stale(4), sync(10, local=["7"], dropped=["7"])) == []
    (violation,) = violations(*STALE, *stale(4, 10))
    assert (violation.because_line, violation.oid, violation.t) == (3, "7", at(10))


@pytest.mark.parametrize(("as_of", "expected"), [(3, []), (3 + NS, [("L4", 5)])])
def test_listing_not_later_than_the_end_does_not_count_for_l4(as_of, expected):
    events = [*STALE, sync(4, local=["7"], as_of=as_of), sync(9, local=["7"], as_of=8 + 2 * NS)]
    assert found(*events) == expected


@pytest.mark.parametrize("news", [learn_end(5, "7"), record(5, "c", "7"), finalize(5, "c", "7")], ids=str)
def test_what_may_be_a_local_change_puts_l4_off(news):
    assert found(*STALE, *stale(4), news, *stale(10)) == []
    assert found(*STALE, *stale(4), news, sync(10, local=["7"], as_of=5), sync(11, local=["7"], as_of=10)) == []
    assert found(*STALE, *stale(4), news, sync(10, local=["7"], as_of=5 + NS), *stale(11)) == [("L4", 7)]


def test_absence_starts_anew_for_l4_when_the_order_was_shown():
    shown = sync(6, ["7"], local=["7"])
    assert found(*STALE, *stale(4), shown, *stale(10, 15)) == []
    assert found(*STALE, *stale(4), shown, *stale(10, 15 + NS)) == [("L4", 7)]


@pytest.mark.parametrize(
    "between",
    [
        pytest.param(sync(6), id="seen by a sync"),
        pytest.param(sync(6, None), id="seen by a failed fetch"),
        pytest.param(sync(6, as_of=0), id="seen by a late snapshot"),
        pytest.param(act(6), id="seen by an act"),
    ],
)
def test_absence_starts_anew_for_l4_when_the_order_was_out_of_the_local_book(between):
    """When it came back no event tells: by 10 s at the latest, so that the first listing after that counts."""
    assert found(*STALE, *stale(4), between, *stale(10, 11, 16)) == []
    assert found(*STALE, *stale(4), between, *stale(10, 11, 16 + NS)) == [("L4", 8)]


def test_order_that_comes_into_the_book_after_its_end_changes_then():
    """H40: the answer re-opens a finished order; when it did so, no event tells but the sync."""
    events = [end(3, "7"), sync(5, local=["7"], as_of=4), sync(10, local=["7"], as_of=5)]
    assert found(*events, sync(11, local=["7"], as_of=10.5)) == []
    assert found(*events, sync(12, local=["7"], as_of=5 + NS), sync(13, local=["7"], as_of=11)) == [("L4", 5)]


@pytest.mark.parametrize("blind", [{"listed": None}, {"as_of": 0}], ids=["failed", "late"])
def test_sync_without_a_snapshot_that_counts_demands_no_drop(blind):
    assert found(*STALE, *stale(4), sync(20, local=["7"], **({"listed": ()} | blind))) == []


def test_local_order_of_which_no_end_is_told_need_not_be_dropped():
    assert found(accept(0, "7"), finalize(0, "c", "7"), *stale(4, 20, 40)) == []


# S6 and the truth


FRESH = (accept(0.4, "7"), finalize(0.5, "c", "7"))


def test_drop_on_short_evidence_is_s6_also_of_an_order_that_had_ended():
    assert found(*FRESH, end(0.9, "7"), *stale(1), sync(6 - NS, local=["7"], dropped=["7"])) == [("S6", 5)]
    assert found(*FRESH, end(0.9, "7"), *stale(1), sync(6, local=["7"], dropped=["7"])) == []


def test_drop_of_an_order_that_the_trace_says_is_resting_is_s6_without_a_later_listing():
    dropped = [*stale(1), sync(6, local=["7"], dropped=["7"])]
    (violation,) = violations(*FRESH, *dropped)
    assert (violation.guarantee, violation.line, violation.because_line) == ("S6", 4, 1)
    assert found(*FRESH[1:], *dropped) == []
    assert found(*FRESH, *dropped, end(6, "7")) == [("S6", 4)]
    assert found(*FRESH, dropped[0], end(6, "7"), dropped[1]) == []


def test_listing_proves_nothing_of_an_order_that_the_trace_says_had_ended_before_the_drop():
    dropped = [*stale(1), sync(6, local=["7"], dropped=["7"])]
    assert found(FRESH[1], *dropped, sync(7, ["7"])) == [("S6", 3)]
    assert found(*FRESH, end(0.9, "7"), *dropped, sync(7, ["7"])) == []
    assert found(FRESH[1], *dropped, accept(6.5, "7"), sync(7, ["7"])) == []
    assert found(FRESH[1], *dropped, end(6.5, "7"), sync(7, ["7"])) == [("S6", 3)]


# restart


def test_restart_ends_every_window():
    windows = [register(0, "c"), record(0.5, "c", "7"), finalize(0.6, "c", "7"), register(1, "c")]
    syncs = [sync(3, [("7", "c")]), sync(8, [("7", "c")], cancelled=["7"])]
    assert found(*windows, *syncs) == [("S1", 6)]
    assert found(*windows, restart(2), *syncs) == []


@pytest.mark.parametrize(("seconds", "expected"), [(8 - NS, [("S4", 4)]), (8, [])])
def test_grace_is_counted_from_scratch_after_a_restart(seconds, expected):
    assert found(sync(1, ["7"]), restart(2), sync(3, ["7"]), sync(seconds, ["7"], cancelled=["7"])) == expected
    assert found(sync(1, ["7"]), restart(2), sync(6, ["7"], cancelled=["7"])) == [("S4", 3)]


def test_cancel_before_a_restart_is_no_reason_to_cancel_again_after_it():
    cancelled = [sync(1, ["7"]), sync(6, ["7"], cancelled=["7"])]
    assert found(*cancelled, sync(7, ["7"], cancelled=["7"])) == []
    assert found(*cancelled, restart(6.5), sync(7, ["7"], cancelled=["7"])) == [("S4", 4)]


def test_leftover_of_an_earlier_life_must_be_cancelled_like_any_orphan():
    """H46: it was in flight when the client died; nobody expects it any more."""
    flight = [register(0, "c"), restart(1)]
    assert found(*flight, sync(2, [("7", "c")]), sync(7, [("7", "c")])) == []
    assert found(*flight, sync(2, [("7", "c")]), sync(7 + NS, [("7", "c")])) == [("L1", 4)]


@pytest.mark.parametrize(("as_of", "expected"), [(2, []), (2 + NS, [("L1", 4)])])
def test_listing_not_later_than_the_restart_demands_nothing(as_of, expected):
    assert found(sync(1, ["7"]), restart(2), sync(3, ["7"], as_of=as_of), sync(7.5, ["7"])) == expected


def test_foreign_order_is_kept_after_a_restart_also_where_an_earlier_life_named_it():
    """H46, H47: names are forgotten with the rest."""
    named = [record(0, "0xb2", "7"), sync(11, [("7", None)])]
    cancelled = [sync(16, [("7", None)], cancelled=["7"])]
    assert found(*named, *cancelled, environment=OURS) == []
    assert found(*named, restart(11), *cancelled, environment=OURS) == [("S7", 4)]


def test_first_news_after_a_restart_opens_a_window():
    known = [record(0, "x", "7"), sync(11, ["7"]), restart(12), record(13, "x", "7")]
    assert found(*known, sync(23 - NS, ["7"], cancelled=["7"])) == [("S2", 5)]


def test_snapshot_is_late_only_within_one_life():
    assert found(sync(5), restart(6), sync(7, ["7"], as_of=1), sync(8, ["7"], as_of=6, cancelled=["7"])) == []
    assert found(sync(5), sync(7, ["7"], as_of=1), sync(8, ["7"], as_of=1, cancelled=["7"])) == [("S8", 3)]


def test_end_that_an_earlier_life_learned_is_forgotten_and_one_that_happened_is_not():
    assert found(sync(1, ["7"]), learn_end(2, "7"), restart(3), sync(4, ["7"], as_of=1, cancelled=["7"])) == [("S4", 4)]
    assert found(end(2, "7"), restart(3), sync(4, ["7"]), sync(10, ["7"])) == []
    assert found(end(2, "7"), restart(3), *stale(4, 5, 11)) == [("L4", 5)]


def test_cancel_of_an_earlier_life_is_still_decided_by_a_link_that_comes_after_the_restart():
    cancelled = [register(0, "c"), sync(0.4, ["7"]), sync(6, ["7"], cancelled=["7"]), restart(6.5)]
    assert found(*cancelled, record(7, "c", "7")) == [("S3", 3)]
    assert found(*cancelled, register(6.6, "c"), record(7, "c", "7")) == [("S3", 3)]
    elder = [register(0, "c"), finalize(1, "c", "7"), register(40, "c"), sync(41, ["7"])]
    cancelled = [*elder, sync(46, ["7"], cancelled=["7"]), restart(46.5)]
    assert found(*cancelled, record(47, "c", "7")) == []


def test_drop_of_an_earlier_life_is_still_proved_wrong():
    dropped = [finalize(0, "c", "7"), *stale(1), sync(6, local=["7"], dropped=["7"]), restart(6.5)]
    assert found(*dropped, sync(7, ["7"])) == [("S6", 3)]


def test_evidence_for_a_drop_is_counted_from_scratch_after_a_restart():
    assert found(*stale(1), restart(2), *stale(3), sync(7, local=["7"], dropped=["7"])) == [("S6", 4)]
    assert found(*stale(1), restart(2), *stale(3), sync(8, local=["7"], dropped=["7"])) == []


# a sync in two steps


CONDEMNED = (sync(1, ["7"]), sync(6, ["7"], pending=["7"]))


def test_act_is_judged_by_the_listing_of_the_sync():
    assert found(*CONDEMNED, act(60, ["7"])) == []
    short = [sync(1, ["7"]), sync(6 - NS, ["7"], pending=["7"])]
    assert found(*short, act(60, ["7"])) == [("S4", 3)]


@pytest.mark.parametrize(
    ("news", "guarantee"),
    [
        (finalize(9.4, "c", "7"), "S1"),
        (record(9.4, "c", "7"), "S2"),
        (learn_end(9.4, "7"), "S8"),
        (clear(9.4, "7"), "S4"),
    ],
)
def test_h18_act_is_judged_by_the_protection_as_of_the_act(news, guarantee):
    assert found(*CONDEMNED, news, act(9.6, ["7"])) == [(guarantee, 4)]
    assert found(*CONDEMNED, news, act(9.6)) == []


def test_act_is_judged_by_the_local_book_as_of_the_act():
    assert found(*CONDEMNED, act(9, ["7"], local=["7"])) == [("S5", 3)]
    assert found(sync(1, ["7"]), sync(6, ["7"], local=["7"]), act(9, ["7"])) == [("S4", 3)]


@pytest.mark.parametrize(("seconds", "expected"), [(30 - NS, [("S3", 4)]), (30, []), (30 + NS, [])])
def test_protection_may_end_between_the_sync_and_the_act(seconds, expected):
    early = [sync(0.5, ["7"]), sync(6, ["7"], pending=["7"])]
    assert found(register(0, "c"), *early, act(seconds, ["7"]), record(31, "c", "7"), horizon=at(100)) == expected


def test_registration_between_the_sync_and_the_act_protects_the_order_that_was_shown_with_it():
    shown = [sync(1, [("7", "c")]), sync(6, [("7", "c")], pending=["7"])]
    assert found(*shown, act(8, ["7"])) == []
    assert found(*shown, register(7, "c"), act(8, ["7"])) == [("S3", 4)]
    assert found(*shown, register(7, "c"), fail(7.5, "c"), act(8, ["7"])) == [("S4", 5)]


def test_later_snapshot_replaces_the_evidence_of_an_act():
    assert found(*CONDEMNED, sync(8), act(9, ["7"])) == [("R2", 4)]
    assert found(*CONDEMNED, sync(8, None), act(9, ["7"])) == []
    assert found(*CONDEMNED, sync(8, ["7", "8"]), act(9, ["7"])) == [("L1", 3)]


def test_late_snapshot_replaces_no_evidence_and_what_only_it_shows_is_s8():
    late = sync(8, ["7", "8"], as_of=2, pending=["8"])
    assert found(*CONDEMNED, late, act(9, ["7"])) == []
    assert found(*CONDEMNED, late, act(9, ["8"])) == [("S8", 4)]
    assert found(*CONDEMNED, late, act(9, ["8"], local=["8"])) == [("S5", 4)]
    assert found(*CONDEMNED, late, act(9, ["9"])) == [("R2", 4)]
    assert found(*CONDEMNED, late, sync(9, ["7"], pending=["7"]), act(10, ["8"]))[-1] == ("R2", 5)


def test_act_that_names_an_order_twice_is_r2():
    assert found(*CONDEMNED, act(9, ["7", "7"])) == [("R2", 3)]


def test_link_learned_after_an_act_decides_its_cancel():
    assert found(register(0, "c"), *CONDEMNED, act(9, ["7"]), record(10, "c", "7")) == [("S3", 4)]


def test_cancel_of_an_act_may_be_repeated_at_once():
    assert found(*CONDEMNED, act(9, ["7"]), sync(10, ["7"], pending=["7"]), act(10, ["7"])) == []


def test_verdicts_are_given_of_an_act_before_its_outcome():
    judge = Judge(Constants())
    for line, event in enumerate([*CONDEMNED, record(7, "c", "8")], 1):
        judge.observe(event, line)
    before = judge.normal_form(at(9))
    (verdict,) = judge.verdicts(act(9))
    assert (verdict.oid, verdict.decision) == ("7", Decision.MAY_CANCEL)
    (verdict,) = judge.verdicts(act(9, local=["7"]))
    assert (verdict.decision, verdict.guarantee) == (Decision.MUST_KEEP, "S5")
    assert judge.normal_form(at(9)) == before


@pytest.mark.parametrize("events", [(), (sync(1, None),), (sync(1), restart(2))], ids=len)
def test_act_without_a_snapshot_is_refused(events):
    with pytest.raises(ValueError, match="act without an earlier sync"):
        findings(*events, Act(at(3), (), ()))


# cancels that are pending


DUE = (sync(0, ["7"]), sync(6, ["7"], pending=["7"]))


def test_pending_cancel_is_not_missed_at_its_sync():
    assert found(sync(0, ["7"]), sync(6, ["7"])) == [("L1", 2)]
    assert found(sync(0, ["7"]), sync(6, ["7"], pending=["8"])) == [("L1", 2)]
    assert found(*DUE) == []


def test_pending_cancel_is_missed_at_the_next_sync_without_an_act_between():
    assert found(*DUE, sync(7, ["7"], pending=["7"])) == [("L1", 3)]
    assert found(*DUE, sync(7, None), sync(8, ["7"], pending=["7"])) == [("L1", 4)]
    assert found(*DUE, act(6.5, ["7"]), sync(7, ["7"], pending=["7"])) == []


def test_order_that_is_pending_no_longer_is_missed():
    assert found(*DUE, sync(7, ["7"])) == [("L1", 3)]
    assert found(*DUE, act(6.5), sync(7, ["7"])) == [("L1", 4)]


def test_act_may_leave_a_pending_order_out_once_and_not_twice():
    once = [*DUE, act(6.5), sync(7, ["7"], pending=["7"])]
    assert found(*once) == []
    assert found(*once, act(7.5, ["7"]), sync(8, ["7"], pending=["7"])) == []
    assert found(*once, act(7.5), sync(8, ["7"], pending=["7"])) == [("L1", 6)]
    assert found(*once, act(7.5), sync(8, ["7"], pending=["7"]), act(8.5), sync(9, ["7"], pending=["7"])) == [("L1", 6)]


def test_act_at_which_the_order_is_tracked_or_protected_leaves_it_out_rightly():
    assert found(*DUE, act(6.5, local=["7"]), sync(7, ["7"]), sync(11, ["7"])) == []
    assert found(*DUE, record(6.2, "x", "7"), act(6.5), sync(7, ["7"]), sync(20, ["7"])) == []


def test_window_that_is_over_may_be_kept_until_the_act_that_ends_the_sync():
    """The sync at 12 s ends with its act at 14 s: the age for *must cancel* counts from a listing later than that."""
    events = [record(0, "x", "7"), sync(12, ["7"], pending=["8"])]
    shown = [sync(15, ["7"], as_of=14), sync(20, ["7"], as_of=19.5), sync(24, ["7"], as_of=24)]
    assert found(*events, act(14), *shown) == []
    assert found(*events, Cleanup(at(12)), act(14), *shown) == [("L1", 6)]
    assert found(events[0], sync(12, ["7"]), act(14), *shown) == [("L1", 5)]


def test_sync_that_the_next_overtakes_is_over_with_that():
    events = [record(0, "x", "7"), sync(12, ["7"], pending=["8"]), sync(13, ["7"], pending=["8"])]
    assert found(*events, sync(14, ["7"]), sync(19.5, ["7"])) == [("L1", 5)]
