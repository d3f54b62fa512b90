"""The local book: dialogues with it, what it refuses, and its life beside a naive model."""

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

import orphan_tracker
from naive_book import DEEDS, Pair, check_book_agrees_with_naive_model
from orphan_tracker import BookChange, Ended, LocalBook, NoEvidence, OpenOrder, StaleReason, tombstones
from tracker_kit import Kit, S

ONE, TWO = Decimal(1), Decimal(2)


def fresh() -> LocalBook:
    return LocalBook(5 * S)


class TestPending:
    """By CLOID, until the answer."""

    def test_is_finalized_by_its_answer(self) -> None:
        book = fresh()
        assert book.add_pending_with_cloid("c", 0, TWO).change is BookChange.ADDED
        result = book.finalize_pending_by_cloid("c", "7", S)
        assert (result.change, result.is_tracked) == (BookChange.TRACKED, True)
        assert (book.tracked_oids(), book.pending_cloids(), book.oids_of("c")) == ({"7"}, set(), ("7",))

    def test_h11_finalize_of_what_is_not_pending_is_told_and_tracks_nothing(self) -> None:
        book = fresh()
        book.add_pending_with_cloid("c", 0)
        assert book.remove_pending_by_cloid("c", S).change is BookChange.REMOVED
        result = book.finalize_pending_by_cloid("c", "7", 2 * S)
        assert (result.change, result.is_tracked) == (BookChange.NOT_PENDING, False)
        assert book.tracked_oids() == set()
        assert book.adopt("7", 2 * S, "c").change is BookChange.TRACKED

    def test_removal_of_what_is_not_pending_is_told(self) -> None:
        assert fresh().remove_pending_by_cloid("c", 0).change is BookChange.NOT_PENDING

    def test_repeated_answer_changes_nothing_but_is_told(self) -> None:
        book = fresh()
        book.add_pending_with_cloid("c", 0)
        book.finalize_pending_by_cloid("c", "7", S)
        assert book.finalize_pending_by_cloid("c", "7", S).change is BookChange.ALREADY_TRACKED
        assert book.tracked_oids() == {"7"}

    def test_answer_that_names_an_order_of_another_is_refused(self) -> None:
        book = fresh()
        book.add_pending_with_cloid("c", 0)
        book.finalize_pending_by_cloid("c", "7", S)
        book.add_pending_with_cloid("d", S)
        assert book.finalize_pending_by_cloid("d", "7", S).change is BookChange.OF_ANOTHER_CLOID
        assert book.adopt("7", S, "d").change is BookChange.OF_ANOTHER_CLOID
        assert (book.pending_cloids(), book.oids_of("c"), book.oids_of("d")) == ({"d"}, ("7",), ())

    def test_unknown_outcome_stays_pending_through_a_retry(self) -> None:
        book = fresh()
        book.add_pending_with_cloid("c", 0)
        assert book.note_unknown("c", 10 * S).change is BookChange.NOTED
        assert book.add_pending_with_cloid("c", 11 * S).change is BookChange.ADDED_AGAIN
        pending = book.pending("c")
        assert pending is not None
        assert (pending.since, pending.renewed_at, pending.unknown_since) == (0, 11 * S, 10 * S)
        assert book.note_unknown("d", 12 * S).change is BookChange.NOT_PENDING

    def test_lapses_by_when_it_was_last_added(self) -> None:
        book = fresh()
        book.add_pending_with_cloid("a", 0)
        book.add_pending_with_cloid("b", 0)
        book.add_pending_with_cloid("a", 5 * S)
        assert book.lapsed_cloids(10 * S, 10 * S - 1) == ()
        assert book.lapsed_cloids(10 * S, 10 * S) == ("b",)


class TestFills:
    """Partial, whole, at once, and before the answer."""

    def test_partial_fills_add_up_to_the_end(self) -> None:
        book = fresh()
        book.add_pending_with_cloid("c", 0, TWO)
        book.finalize_pending_by_cloid("c", "7", S)
        assert book.record_fill("7", ONE, 2 * S).change is BookChange.FILLED_PARTLY
        assert book.order("7").filled == ONE  # type: ignore[union-attr]
        assert book.record_fill("7", ONE, 3 * S).change is BookChange.FILLED
        assert book.tracked_oids() == set()
        assert book.record_fill("7", ONE, 4 * S).change is BookChange.ALREADY_ENDED

    def test_h40_fill_before_the_answer_is_no_order_for_ever(self) -> None:
        book = fresh()
        book.add_pending_with_cloid("c", S, ONE)
        assert book.record_fill("7", ONE, 6 * S).change is BookChange.KEPT_FOR_ANSWER
        result = book.finalize_pending_by_cloid("c", "7", 7 * S)
        assert (result.change, result.is_tracked) == (BookChange.FILLED, False)
        assert (book.tracked_oids(), book.pending_cloids()) == (set(), set())

    def test_h40_end_before_the_answer_is_remembered_past_snapshots_while_the_answer_is_awaited(self) -> None:
        book = fresh()
        book.add_pending_with_cloid("c", S)
        assert book.mark_ended("7", Ended.FILLED, 6 * S).change is BookChange.KEPT_FOR_ANSWER
        book.find_stale([], 20 * S)
        book.find_stale([], 30 * S)
        assert book.finalize_pending_by_cloid("c", "7", 31 * S).change is BookChange.ALREADY_ENDED
        assert book.tracked_oids() == set()
        book.find_stale([], 32 * S)
        assert book.remembered_oids() == 0

    def test_h40_retry_does_not_shorten_what_is_remembered_for_the_first_request(self) -> None:
        book = fresh()
        book.add_pending_with_cloid("c", S)
        book.mark_ended("7", Ended.FILLED, 6 * S)
        book.add_pending_with_cloid("c", 10 * S)
        book.find_stale([], 20 * S)
        assert book.finalize_pending_by_cloid("c", "7", 31 * S).change is BookChange.ALREADY_ENDED

    def test_h41_filled_at_once_is_an_end_before_its_answer(self) -> None:
        book = fresh()
        book.add_pending_with_cloid("c", 0)
        book.mark_ended("7", Ended.FILLED, S)
        assert book.finalize_pending_by_cloid("c", "7", S).change is BookChange.ALREADY_ENDED
        assert (book.tracked_oids(), book.pending_cloids()) == (set(), set())

    def test_early_part_counts_for_the_answered_order(self) -> None:
        book = fresh()
        book.add_pending_with_cloid("c", 0, TWO)
        book.record_fill("7", ONE, S)
        book.finalize_pending_by_cloid("c", "7", 2 * S)
        assert book.record_fill("7", ONE, 3 * S).change is BookChange.FILLED

    def test_fill_of_nobodys_order_is_told_where_no_answer_is_awaited(self) -> None:
        assert fresh().record_fill("7", ONE, 0).change is BookChange.NOT_TRACKED


class TestOfSeveralOids:
    """N9: modify is cancel-replace."""

    def test_h39_end_of_the_old_oid_says_nothing_about_the_new(self) -> None:
        book = fresh()
        book.add_pending_with_cloid("c", 0)
        book.finalize_pending_by_cloid("c", "7", S)
        book.add_pending_with_cloid("c", 60 * S)
        assert book.mark_ended("7", Ended.REPLACED, 61 * S).change is BookChange.ENDED
        assert book.pending_cloids() == {"c"}
        assert book.finalize_pending_by_cloid("c", "8", 62 * S).change is BookChange.TRACKED
        assert book.mark_ended("7", Ended.CANCELLED, 63 * S).change is BookChange.ALREADY_ENDED
        assert (book.tracked_oids(), book.oids_of("c")) == ({"8"}, ("8",))

    def test_both_are_tracked_until_the_old_one_ends(self) -> None:
        book = fresh()
        for t, oid in ((0, "7"), (2, "8")):
            book.add_pending_with_cloid("c", t)
            book.finalize_pending_by_cloid("c", oid, t + 1)
        assert book.oids_of("c") == ("7", "8")


class TestCancelling:
    """H36: an order that is being cancelled counts as local."""

    def test_h36_counts_as_local_until_its_end_is_learned(self) -> None:
        book = fresh()
        book.adopt("7", 0)
        assert book.request_cancel("7", 20 * S).change is BookChange.CANCELLING
        assert book.tracked_oids() == {"7"}
        assert book.mark_ended("7", Ended.CANCELLED, 21 * S).change is BookChange.ENDED
        assert book.tracked_oids() == set()
        assert book.request_cancel("7", 22 * S).change is BookChange.ALREADY_ENDED

    def test_refused_cancel_leaves_it_open(self) -> None:
        book = fresh()
        book.adopt("7", 0)
        assert book.note_cancel_failed("7", S).change is BookChange.NOT_CANCELLING
        book.request_cancel("7", S)
        assert book.note_cancel_failed("7", 2 * S).change is BookChange.REOPENED
        assert book.order("7").cancelling_since is None  # type: ignore[union-attr]
        assert book.request_cancel("8", S * 2).change is BookChange.NOT_TRACKED

    def test_of_unknown_outcome_it_is_resolved_as_stale(self) -> None:
        book = fresh()
        book.adopt("7", 0)
        book.find_stale([], 2 * S)
        book.request_cancel("7", 3 * S)
        assert book.find_stale([], 7 * S).stale == ("7",)


class TestTombstones:
    """They stand until a later snapshot confirms the end."""

    def test_stands_until_a_later_snapshot_lacks_the_order(self) -> None:
        book = fresh()
        book.adopt("7", 0)
        book.mark_ended("7", Ended.FILLED, 10 * S)
        book.find_stale(["7"], 11 * S, as_of=10 * S)
        assert book.adopt("7", 12 * S).change is BookChange.ALREADY_ENDED
        book.find_stale([], 13 * S)
        assert book.remembered_oids() == 0

    def test_order_that_is_shown_after_its_end_is_a_contradiction_told_once(self) -> None:
        book = fresh()
        book.adopt("7", 0)
        book.mark_ended("7", Ended.FILLED, 10 * S)
        assert book.find_stale(["7"], 11 * S).contradicted == ("7",)
        assert book.find_stale(["7"], 12 * S).contradicted == ()
        assert book.adopt("7", 12 * S).change is BookChange.TRACKED

    def test_no_more_are_kept_than_a_fixed_number(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tombstones, "REMNANTS", 10)
        book = fresh()
        for n in range(50):
            book.mark_ended(str(n), Ended.FILLED, n)
        assert book.remembered_oids() == 10


class TestStale:
    """N13, S6 and L4."""

    def book(self) -> LocalBook:
        book = fresh()
        book.add_pending_with_cloid("c", 0)
        book.finalize_pending_by_cloid("c", "7", 500_000_000)
        return book

    def test_h32_lagging_snapshot_does_not_drop_a_fresh_order(self) -> None:
        book = self.book()
        decision = book.find_stale([], 10 * S, as_of=100_000_000)
        assert decision.stale == ()
        assert decision.explanations[0].reason is StaleReason.OLDER_THAN_CHANGE
        assert decision.explanations[0].until == 500_000_000

    def test_h33_venue_that_lags_longer_than_every_protection_does_not_either(self) -> None:
        book = self.book()
        for t in range(11, 16):
            assert book.find_stale([], t * S, as_of=(t - 15) * S if t > 15 else 0).stale == ()

    def test_h34_order_whose_end_was_never_told_is_dropped(self) -> None:
        book = self.book()
        assert book.find_stale([], S).explanations[0].until == 6 * S
        assert book.find_stale([], 6 * S - 1).stale == ()
        decision = book.find_stale([], 6 * S)
        assert decision.stale == ("7",)
        assert str(decision.explanations[0]).startswith("7 dropped at 6000000000 ns: ")
        assert book.drop_stale("7", 6 * S).change is BookChange.DROPPED
        assert book.tracked_oids() == set()

    def test_one_stale_snapshot_used_twice_is_one(self) -> None:
        book = self.book()
        book.find_stale([], S, as_of=S)
        assert book.find_stale([], 20 * S, as_of=S).stale == ()

    def test_failed_fetch_and_late_snapshot_are_no_evidence(self) -> None:
        book = self.book()
        book.find_stale(["7"], 10 * S)
        assert book.find_stale(None, 20 * S).no_evidence is NoEvidence.FAILED
        assert book.find_stale([], 20 * S, as_of=9 * S).no_evidence is NoEvidence.LATE
        book.find_stale([], 21 * S)
        assert book.find_stale([], 25 * S).stale == ()

    def test_repeated_answer_is_no_local_change(self) -> None:
        book = self.book()
        book.find_stale([], S)
        book.finalize_pending_by_cloid("c", "7", 2 * S)
        assert book.find_stale([], 6 * S).stale == ("7",)

    def test_being_shown_begins_anew(self) -> None:
        book = self.book()
        book.find_stale([], S)
        book.find_stale([OpenOrder("7", "c")], 3 * S)
        book.find_stale([], 4 * S)
        assert book.find_stale([], 8 * S).stale == ()
        assert book.find_stale([], 9 * S).stale == ("7",)

    def test_local_change_begins_anew_and_saves_what_was_found_stale(self) -> None:
        book = self.book()
        book.find_stale([], S)
        assert book.find_stale([], 6 * S).stale == ("7",)
        book.record_fill("7", ONE, 7 * S)
        assert book.drop_stale("7", 7 * S).change is BookChange.NOT_STALE
        assert book.tracked_oids() == {"7"}
        assert book.drop_stale("8", 7 * S).change is BookChange.NOT_TRACKED


def test_memory_is_bounded_by_what_is_open_and_what_is_not_confirmed() -> None:
    """R1: orders come and end, answers and messages are lost, and nothing piles up."""
    book, most = fresh(), 0
    for n in range(3_000):
        now = n * S
        book.add_pending_with_cloid(f"c{n}", now, ONE)
        book.add_pending_with_cloid(f"lost{n}", now)
        book.finalize_pending_by_cloid(f"c{n}", f"{n}", now)
        book.record_fill(f"{n - n % 3}", ONE, now)
        book.mark_ended(f"foreign{n}", Ended.EXPIRED, now)
        if n % 10 == 0:
            for oid in book.find_stale([], now).stale:
                book.drop_stale(oid, now)
            for cloid in book.lapsed_cloids(60 * S, now):
                book.remove_pending_by_cloid(cloid, now)
        held = (book._pending, book._tracked, book._oids_of, book._tombstones, book._absences._since)
        most = max(most, sum(map(len, held)))
    assert most < 250


def whole(book: LocalBook) -> object:
    """All that a book holds."""
    return (
        book._now,
        tuple(book._pending.items()),
        tuple(sorted(book._tracked.items())),
        {cloid: tuple(oids) for cloid, oids in book._oids_of.items()},
        tuple(book._tombstones._heard.items()),
        dict(book._absences._since),
        book._absences.latest_as_of,
    )


def busy() -> LocalBook:
    book = fresh()
    book.add_pending_with_cloid("c", 0, TWO)
    book.add_pending_with_cloid("d", 0)
    book.finalize_pending_by_cloid("c", "7", S)
    book.mark_ended("6", Ended.EXPIRED, S)
    book.find_stale([], 2 * S)
    return book


REFUSED = {
    "add back in time": lambda b: b.add_pending_with_cloid("e", S),
    "add no CLOID": lambda b: b.add_pending_with_cloid("", 3 * S),
    "add a size that is no Decimal": lambda b: b.add_pending_with_cloid("e", 3 * S, 1.5),
    "add a size of nothing": lambda b: b.add_pending_with_cloid("e", 3 * S, Decimal(0)),
    "add a size without end": lambda b: b.add_pending_with_cloid("e", 3 * S, Decimal("inf")),
    "finalize a number": lambda b: b.finalize_pending_by_cloid("d", 8, 3 * S),
    "finalize back in time": lambda b: b.finalize_pending_by_cloid("d", "8", S),
    "remove back in time": lambda b: b.remove_pending_by_cloid("d", S),
    "remove a number": lambda b: b.remove_pending_by_cloid(4, 3 * S),
    "note back in time": lambda b: b.note_unknown("d", S),
    "adopt a number": lambda b: b.adopt(8, 3 * S),
    "adopt for no CLOID": lambda b: b.adopt("8", 3 * S, ""),
    "fill of nothing": lambda b: b.record_fill("7", Decimal(-1), 3 * S),
    "fill that is None": lambda b: b.record_fill("7", None, 3 * S),
    "fill back in time": lambda b: b.record_fill("7", ONE, S),
    "end back in time": lambda b: b.mark_ended("7", Ended.FILLED, S),
    "cancel back in time": lambda b: b.request_cancel("7", S),
    "cancel a number": lambda b: b.request_cancel(7, 3 * S),
    "refuse a cancel back in time": lambda b: b.note_cancel_failed("7", S),
    "weigh back in time": lambda b: b.find_stale([], S),
    "weigh the future": lambda b: b.find_stale([], 3 * S, 4 * S),
    "weigh one text": lambda b: b.find_stale("77", 3 * S),
    "weigh a number": lambda b: b.find_stale(["7", 8], 3 * S),
    "weigh as of before time": lambda b: b.find_stale([], 3 * S, -1),
    "drop back in time": lambda b: b.drop_stale("7", S),
    "time that is no whole number": lambda b: b.drop_stale("7", 3.0 * S),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED.keys())
def test_refused_call_changes_nothing(call: Any) -> None:
    book = busy()
    before = whole(book)
    with pytest.raises(ValueError, match=r"has to be|must not go back|cannot show"):
        call(book)
    assert whole(book) == before


@pytest.mark.parametrize("wrong", [0, -1, True, 5.0, "5s", None])
def test_grace_that_cannot_be_meant_is_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="orphan_grace_period"):
        LocalBook(wrong)


class BookLife(RuleBasedStateMachine):
    """The book and the naive model side by side, with a grace of 5 ns."""

    @initialize()
    def begin(self) -> None:
        self.pair = Pair(Kit(orphan_tracker))

    @rule(deed=st.sampled_from(DEEDS), data=st.data())
    def live(self, deed: str, data: Any) -> None:
        self.pair.live(deed, lambda values: data.draw(st.sampled_from(list(values))))


def test_book_agrees_with_the_naive_model() -> None:
    examples = settings.default.max_examples
    run_state_machine_as_test(BookLife, settings=settings(max_examples=examples, stateful_step_count=40))


@pytest.mark.parametrize("seed", range(20))
def test_book_agrees_with_the_naive_model_on_seeded_lives(kit: Kit, seed: int) -> None:
    check_book_agrees_with_naive_model(kit, seed)


def test_seeded_lives_meet_every_change(kit: Kit) -> None:
    met = {change for seed in range(20) for change in check_book_agrees_with_naive_model(kit, seed)}
    assert met == {change.name for change in BookChange} | {reason.name for reason in StaleReason} | {"LATE", "FAILED"}
