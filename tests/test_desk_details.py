"""What the desk's parts answer, refuse, count and write, word for word: the cases that a mutant of their code slips through."""

import asyncio
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from desk_kit import Stage
from orphan_tracker import (
    BookChange,
    BookResult,
    Cancelled,
    Ended,
    Filled,
    LocalBook,
    LocalOrder,
    OpenOrder,
    OrderRequest,
    PendingOrder,
    Rejected,
    Resting,
    SafetySync,
    StaleReason,
    SyncReport,
    SyncSettings,
    Unknown,
    cancel_order,
    modify_or_replace,
    place_bulk_ladder_orders,
    place_ladder_orders,
    place_order,
    tombstones,
)
from orphan_tracker.journal import Journal
from orphan_tracker.report import CancelAttempt
from orphan_tracker.stale import StaleExplanation
from tracker_kit import Kit, S

ONE, TWO = Decimal(1), Decimal(2)
C = BookChange


# the local book


def test_every_result_says_when_and_of_what() -> None:
    book = LocalBook(5)
    told: list[tuple[BookResult, tuple[Any, ...]]] = [
        (book.add_pending_with_cloid("c", 1, TWO), (C.ADDED, 1, "c")),
        (book.add_pending_with_cloid("c", 2, TWO), (C.ADDED_AGAIN, 2, "c")),
        (book.note_unknown("c", 3), (C.NOTED, 3, "c")),
        (book.note_unknown("d", 3), (C.NOT_PENDING, 3, "d")),
        (book.finalize_pending_by_cloid("d", "8", 4), (C.NOT_PENDING, 4, "d", "8")),
        (book.finalize_pending_by_cloid("c", "7", 5), (C.TRACKED, 5, "c", "7")),
        (book.add_pending_with_cloid("d", 6), (C.ADDED, 6, "d")),
        (book.finalize_pending_by_cloid("d", "7", 7), (C.OF_ANOTHER_CLOID, 7, "d", "7")),
        (book.remove_pending_by_cloid("d", 8), (C.REMOVED, 8, "d")),
        (book.remove_pending_by_cloid("d", 8), (C.NOT_PENDING, 8, "d")),
        (book.adopt("7", 9, "d"), (C.OF_ANOTHER_CLOID, 9, "d", "7")),
        (book.adopt("9", 9), (C.TRACKED, 9, None, "9")),
        (book.record_fill("7", ONE, 10), (C.FILLED_PARTLY, 10, "c", "7")),
        (book.note_cancel_failed("7", 11), (C.NOT_CANCELLING, 11, "c", "7")),
        (book.request_cancel("7", 11), (C.CANCELLING, 11, "c", "7")),
        (book.note_cancel_failed("7", 11), (C.REOPENED, 11, "c", "7")),
        (book.record_fill("7", ONE, 12), (C.FILLED, 12, "c", "7")),
        (book.record_fill("7", ONE, 12), (C.ALREADY_ENDED, 12, None, "7")),
        (book.mark_ended("7", Ended.FILLED, 12), (C.ALREADY_ENDED, 12, None, "7")),
        (book.request_cancel("7", 12), (C.ALREADY_ENDED, 12, None, "7")),
        (book.request_cancel("3", 12), (C.NOT_TRACKED, 12, None, "3")),
        (book.record_fill("5", ONE, 13), (C.NOT_TRACKED, 13, None, "5")),
        (book.add_pending_with_cloid("e", 14), (C.ADDED, 14, "e")),
        (book.record_fill("5", ONE, 14), (C.KEPT_FOR_ANSWER, 14, None, "5")),
        (book.mark_ended("6", Ended.CANCELLED, 14), (C.KEPT_FOR_ANSWER, 14, None, "6")),
        (book.mark_ended("9", Ended.CANCELLED, 15), (C.ENDED, 15, None, "9")),
        (book.adopt("2", 16, "f"), (C.TRACKED, 16, "f", "2")),
        (book.drop_stale("2", 16), (C.NOT_STALE, 16, "f", "2")),
        (book.drop_stale("4", 16), (C.NOT_TRACKED, 16, None, "4")),
        (book.mark_ended("2", Ended.FILLED, 17), (C.ENDED, 17, "f", "2")),
    ]
    for result, (change, at, cloid, *oid) in told:
        assert result == BookResult(change, at, cloid, *oid)


def test_what_is_held_of_an_order() -> None:
    book = LocalBook(1)
    book.add_pending_with_cloid("c", 1, TWO)
    assert book.pending("c") == PendingOrder("c", 1, 1, TWO)
    book.finalize_pending_by_cloid("c", "7", 5)
    assert book.order("7") == LocalOrder("7", "c", 5, TWO)
    book.adopt("8", 6)
    assert book.order("8") == LocalOrder("8", None, 6)


def test_a_stale_order_is_explained_and_dropped() -> None:
    book = LocalBook(5)
    book.adopt("7", 3, "c")
    assert book.find_stale([], 3, 3).explanations == (StaleExplanation("7", StaleReason.OLDER_THAN_CHANGE, 3, 3),)
    assert book.find_stale([], 5, 4).explanations == (StaleExplanation("7", StaleReason.WITHIN_GRACE, 5, 9),)
    assert book.find_stale([], 9).explanations == (StaleExplanation("7", StaleReason.STALE, 9, 9),)
    assert book.drop_stale("7", 10) == BookResult(C.DROPPED, 10, "c", "7")


def test_a_result_as_a_line() -> None:
    assert str(BookResult(C.TRACKED, 5, "c", "7")) == f"CLOID c OID 7 at 5 ns: {C.TRACKED.value}"
    assert str(BookResult(C.ENDED, 5, None, "7")) == f"OID 7 at 5 ns: {C.ENDED.value}"
    assert str(BookResult(C.ADDED, 5, "c")) == f"CLOID c at 5 ns: {C.ADDED.value}"


WRONG: dict[str, Callable[[LocalBook, Any], object]] = {
    "add_pending_with_cloid: cloid": lambda book, wrong: book.add_pending_with_cloid(wrong, 0),
    "add_pending_with_cloid: size": lambda book, wrong: book.add_pending_with_cloid("c", 0, wrong),
    "note_unknown: cloid": lambda book, wrong: book.note_unknown(wrong, 0),
    "finalize_pending_by_cloid: cloid": lambda book, wrong: book.finalize_pending_by_cloid(wrong, "7", 0),
    "finalize_pending_by_cloid: oid": lambda book, wrong: book.finalize_pending_by_cloid("c", wrong, 0),
    "remove_pending_by_cloid: cloid": lambda book, wrong: book.remove_pending_by_cloid(wrong, 0),
    "adopt: oid": lambda book, wrong: book.adopt(wrong, 0),
    "adopt: cloid": lambda book, wrong: book.adopt("7", 0, wrong),
    "record_fill: oid": lambda book, wrong: book.record_fill(wrong, ONE, 0),
    "record_fill: amount": lambda book, wrong: book.record_fill("7", wrong, 0),
    "mark_ended: oid": lambda book, wrong: book.mark_ended(wrong, Ended.FILLED, 0),
    "request_cancel: oid": lambda book, wrong: book.request_cancel(wrong, 0),
    "note_cancel_failed: oid": lambda book, wrong: book.note_cancel_failed(wrong, 0),
    "drop_stale: oid": lambda book, wrong: book.drop_stale(wrong, 0),
    "find_stale: an OID": lambda book, wrong: book.find_stale([wrong], 0),
    "adopt: now": lambda book, wrong: book.adopt("7", wrong),
    "find_stale: now": lambda book, wrong: book.find_stale([], wrong, 0),
    "find_stale: as_of": lambda book, wrong: book.find_stale([], 0, wrong),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_is_wrong_is_refused_by_its_name(name: str) -> None:
    with pytest.raises((ValueError, TypeError), match=rf"^{name.partition(': ')[2]} (is|has|must) "):
        WRONG[name](LocalBook(5), -0.5)


@pytest.mark.parametrize(
    ("field", "request_"),
    [
        ("a CLOID", lambda: OrderRequest("", "BTC", True, ONE, ONE)),
        ("size", lambda: OrderRequest("c", "BTC", True, Decimal(0), ONE)),
        ("price", lambda: OrderRequest("c", "BTC", True, ONE, Decimal(-1))),
    ],
)
def test_a_wrong_request_is_refused_by_the_field(field: str, request_: Callable[[], OrderRequest]) -> None:
    with pytest.raises(ValueError, match=rf"^{field} is "):
        request_()


def test_so_many_tombstones_stand(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tombstones, "REMNANTS", 2)
    stones = tombstones.Tombstones()
    for name in "abac":
        stones.bury(name, Ended.FILLED, 0)
    assert [stones.has_ended(name) for name in "abc"] == [True, False, True]


# placement


def test_what_went_wrong_is_in_the_outcome(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(RuntimeError("no"), Rejected("poor"), RuntimeError("no"))
    assert stage.do(place_order(stage.desk, stage.exchange, stage.order("c"))) == Unknown("RuntimeError: no")
    assert stage.do(place_order(stage.desk, stage.exchange, stage.order("d"))) == Rejected("poor", "d")
    bulk = stage.do(place_bulk_ladder_orders(stage.desk, stage.exchange, [stage.order("e"), stage.order("f")]))
    assert bulk.by_cloid == {name: Unknown("RuntimeError: no") for name in "ef"}
    assert stage.desk.counters()["outcome.Unknown"] == 3
    assert stage.names() == ["register", "timeout", "register", "fail", "register", "timeout", "timeout"]


def test_a_rejection_after_something_else_was_heard_is_unknown(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(RuntimeError("no"), Rejected("again"))
    stage.place("c")
    assert stage.do(place_order(stage.desk, stage.exchange, stage.order("c"))) == Unknown(
        "rejected after an outcome that is unknown: again", "c"
    )
    stage.desk.expect([stage.order("d")])
    stage.tracker.record_oid_for_cloid("d", "8", 0)
    assert stage.desk.settle("d", Rejected("late")) == Unknown("rejected although an OID is known: late", "d")


def test_a_part_that_is_missing_says_so_and_of_two_the_unknown_counts(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then([Resting("7", "c")], [Rejected("no", "e"), Unknown("late", "e")])
    stage.place_bulk("c", "d")
    missing = Unknown("1 answers came for 2 orders, and none names this one")
    assert stage.bulk.by_cloid == {"c": Resting("7", "c"), "d": missing}
    stage.place_bulk("e")
    assert stage.bulk.by_cloid == {"e": Unknown("late", "e")}
    assert "fail" not in stage.names()


def test_answers_that_belong_to_no_order_are_counted_and_what_rests_is_tracked(kit: Kit) -> None:
    stage = Stage(kit)
    surplus = (Resting("8", "x"), Rejected("no", "y"))
    stage.exchange.then([Resting("7", "c"), *surplus])
    stage.place_bulk("c")
    assert stage.bulk.surplus == surplus
    assert stage.desk.counters()["placement.surplus"] == 2
    assert stage.book.tracked_oids() == {"7", "8"}


def test_orders_that_share_cloids_are_named(kit: Kit) -> None:
    stage = Stage(kit)
    with pytest.raises(ValueError, match=r"^orders share the CLOIDs c, d; each order needs one of its own$"):
        stage.do(place_ladder_orders(stage.desk, stage.exchange, [stage.order(name) for name in "cdcd"]))


def test_a_modify_and_its_fallback_word_for_word(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(Resting("7"), Resting("8"), RuntimeError("no"), Rejected("x"), RuntimeError("oh"))
    stage.place("c")
    stage.at(1).modify("7", "d")
    assert stage.book.knows_end_of("7")
    assert stage.do(modify_or_replace(stage.desk, stage.exchange, "8", stage.order("e"))).modified == Unknown(
        "RuntimeError: no"
    )
    found = stage.do(modify_or_replace(stage.desk, stage.exchange, "8", stage.order("f"), stage.order("g")))
    assert (found.modified, found.cancelled, found.replaced) == (Rejected("x", "f"), Unknown("RuntimeError: oh"), None)
    assert stage.exchange.calls == [
        *(("place", "c"), ("modify", "7", "d"), ("modify", "8", "e"), ("modify", "8", "f"), ("cancel", "8"))
    ]
    told = [(one["event"], one["t"], one.get("cloid"), one.get("oid")) for one in stage.events() if "cloids" not in one]
    assert told == [
        ("record_oid", 0, "c", "7"),
        ("finalize", 0, "c", "7"),
        ("modify", S, "d", "7"),
        ("record_oid", S, "d", "8"),
        ("finalize", S, "d", "8"),
        ("learn_end", S, None, "7"),
        ("modify", S, "e", "8"),
        ("timeout", S, "e", None),
        ("modify", S, "f", "8"),
        ("fail", S, "f", None),
    ]


def test_what_is_abandoned_is_unknown(kit: Kit) -> None:
    stage = Stage(kit)
    stage.book.adopt("7", 0)
    programs = (
        lambda: place_order(stage.desk, stage.exchange, stage.order("a")),
        lambda: place_bulk_ladder_orders(stage.desk, stage.exchange, [stage.order("b")]),
        lambda: modify_or_replace(stage.desk, stage.exchange, "7", stage.order("c")),
        lambda: cancel_order(stage.desk, stage.exchange, "7"),
    )
    for program in programs:
        stage.exchange.then(asyncio.CancelledError())
        with pytest.raises(asyncio.CancelledError):
            stage.do(program())
    counts = stage.desk.counters()
    assert (counts["outcome.Unknown"], counts["cancel.Unknown"]) == (3, 1)
    assert stage.names().count("timeout") == 3


@pytest.mark.parametrize("outcome", [Cancelled(), Rejected("no"), Unknown("what")])
def test_a_cancel_of_our_own(kit: Kit, outcome: Any) -> None:
    stage = Stage(kit)
    stage.book.adopt("7", 0)
    stage.exchange.then(outcome)
    assert stage.do(cancel_order(stage.desk, stage.exchange, "7")) == outcome
    assert stage.exchange.calls == [("cancel", "7")]
    assert stage.book.knows_end_of("7") == isinstance(outcome, Cancelled)
    assert stage.desk.counters()[f"cancel.{type(outcome).__name__}"] == 1


# the safety sync


def test_a_sync_word_for_word(kit: Kit) -> None:
    """Seen, aged, condemned; the cancel fails, and is sent again with a pause between; then it is taken."""
    stage = Stage(kit)
    stage.sync(stage.open("7"))
    stage.at(6).exchange.then(stage.open("7"), RuntimeError("no"), [], [Rejected("x")], [Cancelled()])
    report = stage.do(stage.syncer(cancel_attempts=4, first_pause=S // 2).run())
    assert report.cancels == (
        CancelAttempt("7", 1, 6 * S, Unknown("RuntimeError: no")),
        CancelAttempt("7", 2, 6 * S, Unknown("0 answers came for 1 cancels")),
        CancelAttempt("7", 3, 6 * S, Rejected("x")),
        CancelAttempt("7", 4, 6 * S, Cancelled()),
    )
    assert stage.pauses == [0.5, 1.0, 2.0]
    assert list(report.lines())[-4:] == [
        f"7 cancel 1 sent at {6 * S} ns: unknown, RuntimeError: no",
        f"7 cancel 2 sent at {6 * S} ns: unknown, 0 answers came for 1 cancels",
        f"7 cancel 3 sent at {6 * S} ns: rejected, x",
        f"7 cancel 4 sent at {6 * S} ns: cancelled",
    ]
    acts = [one for one in stage.events() if one["event"] == "act"]
    assert acts == [{"event": "act", "t": 6 * S, "local": [], "cancelled": ["7"]}] * 4
    assert stage.events()[-2:] == [
        {"event": "clear", "t": 6 * S, "oid": "7"},
        {"event": "learn_end", "t": 6 * S, "oid": "7"},
    ]
    assert stage.book.knows_end_of("7")
    wanted = {
        "sync.runs": 2,
        "sync.cancels_sent": 4,
        "orphan_cancel.Unknown": 2,
        "orphan_cancel.Rejected": 1,
        "orphan_cancel.Cancelled": 1,
        "candidate.WITHIN_GRACE": 1,
        "candidate.AGED": 1,
    }
    counts = {
        name: count for name, count in stage.desk.counters().items() if count and name[:4] not in ("book", "noti")
    }
    assert counts == wanted


def test_what_a_sync_counts(kit: Kit) -> None:
    async def nobody(oids: Any) -> Any:
        return ()

    async def fails(oids: Any) -> Any:
        raise RuntimeError("verify")

    stage = Stage(kit)
    stage.sync(stage.open("7", "8"))
    stage.at(6).sync(stage.open("7", "8"), verify=nobody)
    assert stage.desk.counters()["sync.unverified"] == 2
    stage.sync(stage.open("7", "8"), verify=fails)
    stage.sync(RuntimeError("list"))
    claimed = stage.later(6, stage.open("7", "8"))
    stage.exchange.then(claimed)
    spared = stage.syncer(verify=lambda oids: _adopting(stage, oids))
    stage.exchange.then([Cancelled()])
    stage.do(spared.run())
    counts = stage.desk.counters()
    names = ("runs", "verifications_failed", "snapshots_failed", "unverified", "spared", "cancels_sent", "adopted")
    assert [counts[f"sync.{name}"] for name in names] == [5, 1, 1, 4, 1, 1, 0]


async def _adopting(stage: Stage, oids: Any) -> Any:
    """While it verifies, order 7 comes into the local book, so that the second look spares it."""
    stage.book.adopt("7", stage.t)
    return oids


def test_an_unknown_outcome_is_adopted_once(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(RuntimeError("no"), RuntimeError("no"))
    stage.place("c", "d")
    stage.book.adopt("8", 0)
    report = stage.at(1).sync(stage.open(("7", "c"), ("8", "d")))
    assert report.adopted == ("7",)
    assert stage.desk.counters()["sync.adopted"] == 1
    assert list(report.lines())[1] == "7 adopted: its CLOID's outcome was unknown"


def test_what_is_dropped_and_given_up_is_in_the_report(kit: Kit) -> None:
    stage = Stage(kit)
    stage.book.adopt("7", 0)
    stage.book.add_pending_with_cloid("c", 0)
    stage.at(1).sync([], pending_lapses_after=None)
    report = stage.at(6).sync([], pending_lapses_after=6 * S)
    assert report.dropped == (BookResult(C.DROPPED, 6 * S, None, "7"),)
    assert report.lapsed == (BookResult(C.REMOVED, 6 * S, "c"),)
    assert list(report.lines())[-2:] == [str(report.dropped[0]), str(report.lapsed[0])]
    assert stage.events()[-1]["dropped"] == ["7"]


def test_the_age_of_a_snapshot_counts_against_an_orphan(kit: Kit) -> None:
    stage = Stage(kit)
    stage.sync(stage.open("7"), snapshot_age_max=2 * S)
    report = stage.at(6).sync(stage.open("7"), snapshot_age_max=2 * S)
    assert (report.as_of, report.decided_at, report.decision.aged) == (4 * S, 6 * S, ())


def test_a_run_beside_another_is_skipped_and_settings_have_defaults(kit: Kit) -> None:
    stage = Stage(kit).at(3)
    syncer = SafetySync(stage.desk, stage.exchange)
    stage.exchange.then([])

    async def both() -> tuple[SyncReport, SyncReport]:
        first = asyncio.create_task(syncer.run())
        await asyncio.sleep(0)
        second = await syncer.run()
        return await first, second

    first, second = stage.do(both())
    assert not first.skipped
    assert second == SyncReport(3 * S, 3 * S, skipped=True)
    assert stage.desk.counters()["sync.skipped"] == 1


def test_settings_at_their_least() -> None:
    assert SyncSettings(cancel_attempts=1, first_pause=0, snapshot_age_max=0).first_pause == 0


def test_counts_add_up(kit: Kit) -> None:
    stage = Stage(kit)
    stage.desk.count("x", 2)
    stage.desk.count("x")
    assert stage.desk.counters()["x"] == 3


def test_an_order_filled_at_once_has_ended(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(Filled("7"))
    stage.at(2).place("c")
    assert stage.events()[-1] == {"event": "learn_end", "t": 2 * S, "oid": "7"}
    assert stage.desk.counters()["outcome.Filled"] == 1


# the journal


def test_each_line_of_the_journal() -> None:
    lines: list[str] = []
    journal = Journal(lines.append)
    journal.register(1, ("c", "d"))
    journal.record_oid(2, "c", "7")
    journal.finalize(3, "c", "7")
    journal.fail(4, "d")
    journal.timeout(5, "d")
    journal.modify(6, "c", "7")
    journal.learn_end(7, "7")
    journal.clear(8, "7")
    journal.restart(9)
    journal.sync(11, 10, [OpenOrder("7", "c")], ["7"], cancelled=["8"], dropped=["9"], pending=["6"])
    journal.sync(12, 12, None, ())
    journal.act(13, ["7"], ["8"])
    assert lines == [
        '{"event":"register","t":1,"cloids":["c","d"]}',
        '{"event":"record_oid","t":2,"cloid":"c","oid":"7"}',
        '{"event":"finalize","t":3,"cloid":"c","oid":"7"}',
        '{"event":"fail","t":4,"cloid":"d"}',
        '{"event":"timeout","t":5,"cloid":"d"}',
        '{"event":"modify","t":6,"cloid":"c","oid":"7"}',
        '{"event":"learn_end","t":7,"oid":"7"}',
        '{"event":"clear","t":8,"oid":"7"}',
        '{"event":"restart","t":9}',
        '{"event":"sync","t":11,"as_of":10,"open":[{"oid":"7","cloid":"c"}],"local":["7"],"cancelled":["8"],'
        '"dropped":["9"],"pending":["6"]}',
        '{"event":"sync","t":12,"as_of":12,"open":null,"local":[],"cancelled":[],"dropped":[]}',
        '{"event":"act","t":13,"local":["7"],"cancelled":["8"]}',
    ]
    Journal().restart(1)
