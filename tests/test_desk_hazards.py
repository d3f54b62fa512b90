"""The hazards that placement, local book and safety sync meet, each as its interleaving says.

Each runs on real awaits before a scripted exchange; what happens meanwhile is part of the script.
"""

import asyncio
from decimal import Decimal

import pytest

from desk_kit import Stage
from tracker_kit import Kit, S


def orphan(stage: Stage, *, at: float = 0.0) -> None:
    """Lets OID 7, which nobody claims, be seen for the first time."""
    stage.at(at).sync(stage.open("7"))


# placement


def test_answer_is_recorded_tracked_and_finalized_at_one_instant(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(stage.later(0.5, kit.module.Resting("7")))
    assert stage.place("c") == ["Resting"]
    assert stage.book.tracked_oids() == {"7"}
    assert [(one["event"], one["t"]) for one in stage.events()] == [
        ("register", 0),
        ("record_oid", S // 2),
        ("finalize", S // 2),
    ]
    assert stage.tracker.protected_oids(S) == {"7"}
    assert stage.tracker.stats(S).expected_cloids == 0


def test_order_is_expected_while_its_call_is_under_way(kit: Kit) -> None:
    stage = Stage(kit)
    seen: list[object] = []
    look = stage.later(1, kit.module.Rejected("no"), lambda: seen.append(stage.tracker.stats(S).expected_cloids))
    stage.exchange.then(look)
    assert stage.place("c") == ["Rejected"]
    assert seen == [1]
    assert stage.tracker.stats(S).expected_cloids == 0
    assert stage.names() == ["register", "fail"]
    assert stage.book.pending_cloids() == set()


@pytest.mark.parametrize("failure", [TimeoutError(), ConnectionError("reset"), RuntimeError("502"), ValueError("?")])
def test_h13_whatever_is_raised_is_unknown_and_no_failure(kit: Kit, failure: Exception) -> None:
    stage = Stage(kit)
    stage.exchange.then(failure)
    assert stage.place("c") == ["Unknown"]
    assert stage.names() == ["register", "timeout"]
    assert stage.tracker.stats(S).expected_cloids == 1
    assert stage.book.pending_cloids() == {"c"}


def test_h13_abandoned_call_is_unknown_and_goes_on_being_abandoned(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        stage.place("c")
    assert stage.names() == ["register", "timeout"]
    stage.exchange.then(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        stage.place_bulk("d", "e")
    assert stage.book.pending_cloids() == {"c", "d", "e"}


def test_h42_rejected_duplicate_of_an_unknown_order_is_no_failure(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(stage.later(10, TimeoutError()))
    assert stage.place("c") == ["Unknown"]
    stage.exchange.then(kit.module.Rejected("duplicate"))
    assert stage.place("c") == ["Unknown"]
    assert "fail" not in stage.names()
    assert stage.at(39).sync(stage.open(("7", "c")), adopts_unknown=False).decision.aged == ()
    assert stage.tracker.stats(stage.t).expected_cloids == 1


def test_h42_unknown_order_that_the_exchange_shows_comes_into_the_book(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(stage.later(10, TimeoutError()))
    stage.place("c")
    report = stage.at(11).sync(stage.open(("7", "c"), ("8", "d")))
    assert report.adopted == ("7",)
    assert (stage.book.tracked_oids(), stage.book.pending_cloids()) == ({"7"}, set())
    assert stage.events()[-1]["local"] == ["7"]


def test_shown_order_whose_outcome_is_awaited_or_whose_end_is_known_is_not_adopted(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(stage.later(1, kit.module.Rejected("no"), lambda: stage.desk.expect([stage.order("d")])))
    stage.place("c")
    stage.exchange.then(TimeoutError())
    stage.place("e")
    stage.at(2).desk.learn_end("9", kit.module.Ended.FILLED)
    assert stage.at(3).sync(stage.open(("8", "d"), ("9", "e"))).adopted == ()


@pytest.mark.parametrize("as_of", ["of the request", "late"])
def test_unknown_order_is_not_adopted_from_a_snapshot_that_says_nothing_about_it(kit: Kit, as_of: str) -> None:
    stage = Stage(kit)
    stage.exchange.then(stage.later(10, TimeoutError()))
    stage.at(5).place("c")
    if as_of == "late":
        stage.at(20).sync([])
    age = {"of the request": 6, "late": 2}[as_of]
    stage.at(11 if as_of == "of the request" else 21)
    assert stage.sync(stage.open(("7", "c")), snapshot_age_max=age * S).adopted == ()
    assert stage.at(22).sync(stage.open(("7", "c"))).adopted == ("7",)


def test_h12_rejection_after_an_answer_is_a_contradiction_and_no_end(kit: Kit) -> None:
    stage = Stage(kit)
    stage.at(0).desk.expect([stage.order("c")])
    stage.tracker.record_oid_for_cloid("c", "7", 0)
    outcome = stage.at(1).desk.settle("c", kit.module.Rejected("no"))
    assert type(outcome).__name__ == "Unknown"
    assert stage.tracker.protected_oids(S) == {"7"}
    assert stage.book.pending_cloids() == {"c"}


def test_h40_fill_before_the_answer_leaves_nothing_open(kit: Kit) -> None:
    stage = Stage(kit)
    fill = stage.later(7, kit.module.Resting("7"), lambda: stage.desk.learn_end("7", kit.module.Ended.FILLED))
    stage.exchange.then(fill)
    assert stage.at(1).place("c") == ["Resting"]
    assert (stage.book.tracked_oids(), stage.book.pending_cloids()) == (set(), set())
    assert stage.tracker.stats(8 * S).expected_cloids == 0


def test_h41_filled_at_once_is_neither_expected_nor_tracked(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(stage.later(1, kit.module.Filled("7")))
    assert stage.place("c") == ["Filled"]
    assert (stage.book.tracked_oids(), stage.book.pending_cloids()) == (set(), set())
    assert stage.tracker.stats(S).expected_cloids == 0
    assert stage.names() == ["register", "record_oid", "finalize", "learn_end"]


def test_h11_late_answer_to_an_order_that_was_given_up_is_tracked(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(TimeoutError())
    stage.place("c")
    report = stage.at(60).sync([])
    assert [one.cloid for one in report.lapsed] == ["c"]
    stage.desk.settle("c", kit.module.Resting("7"))
    assert stage.book.tracked_oids() == {"7"}
    assert stage.book.oids_of("c") == ("7",)


def test_h44_each_order_of_a_batch_ends_by_its_own_answer(kit: Kit) -> None:
    stage, module = Stage(kit), kit.module
    stage.exchange.then([module.Resting("1"), module.Rejected("tick"), module.Filled("3"), module.Unknown("?")])
    assert stage.place_bulk("a", "b", "c", "d") == {"a": "Resting", "b": "Rejected", "c": "Filled", "d": "Unknown"}
    assert stage.exchange.calls == [("place_bulk", "a", "b", "c", "d")]
    assert stage.book.tracked_oids() == {"1"}
    assert stage.book.pending_cloids() == {"d"}
    assert [one["cloid"] for one in stage.events() if one["event"] == "fail"] == ["b"]


def test_h44_fewer_answers_without_names_belong_to_nobody_and_what_rests_is_kept(kit: Kit) -> None:
    stage, module = Stage(kit), kit.module
    stage.exchange.then([module.Resting("1"), module.Rejected("tick")])
    assert set(stage.place_bulk("a", "b", "c").values()) == {"Unknown"}
    assert stage.bulk.surplus == (module.Resting("1"), module.Rejected("tick"))
    assert stage.book.tracked_oids() == {"1"}
    assert stage.book.pending_cloids() == {"a", "b", "c"}
    assert "fail" not in stage.names()


def test_h44_answers_that_name_their_order_are_taken_by_name(kit: Kit) -> None:
    stage, module = Stage(kit), kit.module
    stage.exchange.then([module.Rejected("tick", "c"), module.Resting("1", "a")])
    assert stage.place_bulk("a", "b", "c") == {"a": "Resting", "b": "Unknown", "c": "Rejected"}
    assert stage.book.oids_of("a") == ("1",)


def test_h44_more_answers_than_orders(kit: Kit) -> None:
    stage, module = Stage(kit), kit.module
    answers = [module.Rejected("?", "a"), module.Resting("1", "a"), module.Resting("2", "a"), module.Resting("9", "x")]
    stage.exchange.then(answers)
    assert stage.place_bulk("a", "b") == {"a": "Resting", "b": "Unknown"}
    assert stage.book.oids_of("a") == ("1", "2")
    assert stage.bulk.surplus == (module.Resting("9", "x"),)
    assert "fail" not in stage.names()


def test_orders_that_share_a_cloid_are_refused_before_anything_is_sent(kit: Kit) -> None:
    stage = Stage(kit)
    for place in (stage.place, stage.place_bulk):
        with pytest.raises(ValueError, match="share the CLOIDs c"):
            place("c", "d", "c")
    assert (stage.log, stage.exchange.calls) == ([], [])
    assert stage.place_bulk() == {}
    assert stage.log == []


def test_h38_modify_is_expected_again_and_its_old_order_ends(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(kit.module.Resting("7"))
    stage.place("c")
    seen: list[object] = []
    stage.exchange.then(
        stage.later(61, kit.module.Resting("8"), lambda: seen.append(stage.tracker.stats(stage.t).expected_cloids))
    )
    assert stage.at(60).modify("7", "c") == ("Resting", None, None)
    assert seen == [1]
    assert stage.book.tracked_oids() == {"8"}
    assert stage.names()[3:] == ["register", "modify", "record_oid", "finalize", "learn_end"]


def test_h38_modify_in_place_keeps_the_order(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(kit.module.Resting("7"), kit.module.Resting("7"))
    stage.place("c")
    stage.at(60).modify("7", "c")
    assert stage.book.tracked_oids() == {"7"}
    assert "learn_end" not in stage.names()


def test_h38_fallback_is_placed_when_the_old_order_is_gone(kit: Kit) -> None:
    stage, module = Stage(kit), kit.module
    stage.exchange.then(module.Resting("7"), module.Rejected("price"), module.Cancelled(), module.Resting("8"))
    stage.place("c")
    assert stage.modify("7", "c", "d") == ("Rejected", "Cancelled", "Resting")
    assert stage.book.tracked_oids() == {"8"}
    stage.exchange.then(module.Rejected("gone"), module.Gone("filled"), module.Resting("9"))
    assert stage.modify("8", "d", "e") == ("Rejected", "Gone", "Resting")


@pytest.mark.parametrize("failure", ["Rejected", "Unknown"])
def test_h38_no_fallback_while_the_old_order_may_rest(kit: Kit, failure: str) -> None:
    stage, module = Stage(kit), kit.module
    stage.exchange.then(module.Resting("7"), module.Rejected("price"), getattr(module, failure)("?"))
    stage.place("c")
    assert stage.modify("7", "c", "d") == ("Rejected", failure, None)
    assert stage.book.tracked_oids() == {"7"}
    assert (stage.book.order("7").cancelling_since is None) == (failure == "Rejected")


def test_h38_no_fallback_after_an_unknown_modify(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(kit.module.Resting("7"), TimeoutError())
    stage.place("c")
    assert stage.modify("7", "c", "d") == ("Unknown", None, None)
    assert stage.book.tracked_oids() == {"7"}
    with pytest.raises(ValueError, match="one of its own"):
        stage.modify("7", "c", "c")


# the safety sync


def test_as_of_is_the_instant_of_the_request_or_earlier(kit: Kit) -> None:
    stage = Stage(kit)
    report = stage.at(10).sync(stage.later(13, []))
    assert (report.as_of, report.decided_at) == (10 * S, 13 * S)
    report = stage.at(20).sync(stage.later(21, []), snapshot_age_max=4 * S)
    assert report.as_of == 16 * S
    assert [(one["t"], one["as_of"]) for one in stage.events()] == [(13 * S, 10 * S), (21 * S, 16 * S)]


def test_true_orphan_is_cancelled_after_its_grace_and_its_end_is_learned(kit: Kit) -> None:
    stage = Stage(kit)
    orphan(stage)
    report = stage.at(5).sync(stage.open("7"), [kit.module.Cancelled()])
    assert stage.exchange.calls[-1] == ("cancel_bulk", "7")
    assert [type(one.outcome).__name__ for one in report.cancels] == ["Cancelled"]
    assert stage.names() == ["sync", "sync", "act", "clear", "learn_end"]
    assert stage.events()[1]["pending"] == ["7"]
    assert stage.events()[2]["cancelled"] == ["7"]
    assert any("7 cancelled at" in line for line in report.lines())
    late = stage.at(6).sync(stage.later(7, stage.open("7")), snapshot_age_max=3 * S)
    assert late.decision.aged == ()


@pytest.mark.parametrize("saved", ["finalized", "registered", "ended", "adopted"])
def test_h18_what_happens_while_the_verification_is_awaited_counts(kit: Kit, saved: str) -> None:
    stage, module = Stage(kit), kit.module
    stage.at(0).sync(stage.open(("7", "c")))

    async def verify(oids: object) -> object:
        stage.at(9.4)
        if saved == "finalized":
            stage.desk.expect([stage.order("c")])
            stage.desk.settle("c", module.Resting("7"))
        elif saved == "registered":
            stage.desk.expect([stage.order("c")])
        elif saved == "ended":
            stage.desk.learn_end("7", module.Ended.FILLED)
        else:
            stage.desk.adopt("7")
        return oids

    report = stage.at(9).sync(stage.open(("7", "c")), verify=verify)
    assert report.decision.aged == ("7",)
    assert report.cancels == ()
    why = report.confirmations[0].explanation_of("7").reason.name
    assert why == {"finalized": "TRACKED", "adopted": "TRACKED", "registered": "EXPECTED", "ended": "GHOST"}[saved]
    assert stage.events()[-1]["event"] == "act"
    assert stage.events()[-1]["cancelled"] == []


def test_h18_only_what_is_confirmed_is_cancelled(kit: Kit) -> None:
    stage = Stage(kit)
    stage.sync(stage.open("7", "8"))

    async def verify(oids: object) -> object:
        stage.desk.adopt("7")
        return oids

    stage.at(9).sync(stage.open("7", "8"), [kit.module.Cancelled()], verify=verify)
    assert stage.exchange.calls[-1] == ("cancel_bulk", "8")


@pytest.mark.parametrize("failure", [TimeoutError(), RuntimeError("502")])
def test_h19_verification_that_fails_cancels_nothing(kit: Kit, failure: Exception) -> None:
    stage = Stage(kit)
    orphan(stage)

    async def verify(oids: object) -> object:
        raise failure

    report = stage.at(9).sync(stage.open("7"), verify=verify)
    assert (report.cancels, report.unverified) == ((), ("7",))
    assert type(failure).__name__ in report.verification_failure
    assert stage.exchange.calls[-1] == ("open_orders",)


def test_h19_verification_that_hangs_fails_closed(kit: Kit) -> None:
    stage = Stage(kit)
    orphan(stage)

    async def verify(oids: object) -> object:
        return await asyncio.get_running_loop().create_future()

    async def list_at_once() -> object:
        return stage.open("7")

    stage.exchange.open_orders = list_at_once  # type: ignore[method-assign]
    report = stage.at(9).sync(verify=verify, call_timeout=1)
    assert (report.cancels, report.verification_failure) == ((), "TimeoutError: ")


def test_h19_only_what_is_verified_is_cancelled(kit: Kit) -> None:
    stage = Stage(kit)
    stage.sync(stage.open("7", "8"))

    async def verify(oids: object) -> object:
        return ["8", "99"]

    report = stage.at(9).sync(stage.open("7", "8"), [kit.module.Cancelled()], verify=verify)
    assert stage.exchange.calls[-1] == ("cancel_bulk", "8")
    assert report.unverified == ("7",)


def test_h25_failed_cancel_is_tried_again_with_longer_pauses_and_at_the_next_sync(kit: Kit) -> None:
    stage, module = Stage(kit), kit.module
    orphan(stage)
    report = stage.at(5).sync(stage.open("7"), [module.Rejected("busy")], TimeoutError(), [module.Unknown("502")])
    assert [one.attempt for one in report.cancels] == [1, 2, 3]
    assert stage.pauses == [0.1, 0.2]
    assert stage.at(10).sync(stage.open("7"), [module.Gone("filled")]).cancels[0].attempt == 1
    assert [one["cancelled"] for one in stage.events() if one["event"] == "act"] == [["7"]] * 4


def test_n8_retry_is_decided_again(kit: Kit) -> None:
    stage, module = Stage(kit), kit.module
    orphan(stage)
    adopt = stage.later(6, [module.Rejected("busy")], lambda: stage.desk.adopt("7"))
    report = stage.at(5).sync(stage.open("7"), adopt)
    assert len(report.cancels) == 1
    assert report.confirmations[-1].explanation_of("7").reason.name == "TRACKED"


def test_answers_that_do_not_match_the_cancels_are_unknown(kit: Kit) -> None:
    stage, module = Stage(kit), kit.module
    stage.sync(stage.open("7", "8"))
    report = stage.at(5).sync(stage.open("7", "8"), [module.Cancelled()], cancel_attempts=1)
    assert [type(one.outcome).__name__ for one in report.cancels] == ["Unknown", "Unknown"]


def test_h26_failed_fetch_is_not_the_empty_list(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(kit.module.Resting("7"))
    stage.place("c")
    for t in (10, 20, 30):
        report = stage.at(t).sync(ConnectionError("down"))
        assert report.fetch_failure == "ConnectionError: down"
    assert stage.book.tracked_oids() == {"7"}
    assert stage.events()[-1]["open"] is None


@pytest.mark.parametrize("garbage", [None, 7, "77", [7], [{"oid": "7"}], ["7", ""]])
def test_h26_list_that_is_none_is_a_failed_fetch(kit: Kit, garbage: object) -> None:
    stage = Stage(kit)
    report = stage.sync(garbage)
    assert report.fetch_failure is not None
    assert stage.events()[-1]["open"] is None


def test_h34_order_whose_end_was_never_told_is_dropped_with_its_reason(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(kit.module.Resting("7"))
    stage.place("c")
    assert stage.at(10).sync([]).dropped == ()
    report = stage.at(15).sync([])
    assert [one.oid for one in report.dropped] == ["7"]
    assert stage.book.tracked_oids() == set()
    assert stage.events()[-1]["dropped"] == ["7"]
    assert any(line.startswith("7 dropped at") for line in report.lines())


def test_h36_order_that_is_being_cancelled_is_no_candidate(kit: Kit) -> None:
    stage, module = Stage(kit), kit.module
    stage.exchange.then(module.Resting("7"), module.Unknown("?"))
    stage.place("c")
    stage.at(20).do(module.cancel_order(stage.desk, stage.exchange, "7"))
    assert stage.at(20).sync(stage.open("7")).decision.explanations == ()
    assert stage.at(25).sync(stage.open("7")).decision.aged == ()


def test_h46_h47_leftovers_are_cancelled_and_foreign_orders_reported(kit: Kit) -> None:
    stage = Stage(kit, owned_cloid_prefix="mine")
    rows = (("7", "mine1"), ("8", "other"), ("9", None))
    stage.at(1).sync(stage.open(*rows))
    report = stage.at(6).sync(stage.open(*rows), [kit.module.Cancelled()])
    assert report.decision.foreign == ("8", "9")
    assert [one.oid for one in report.cancels] == ["7"]


def test_h50_run_that_begins_while_another_is_under_way_is_skipped(kit: Kit) -> None:
    stage = Stage(kit)
    orphan(stage)
    sync = stage.syncer()
    second: list[object] = []

    async def both() -> object:
        async def slow_cancel() -> object:
            second.append(await sync.run())
            return [kit.module.Cancelled()]

        stage.exchange.cancel_bulk = lambda oids: slow_cancel()
        return await sync.run()

    stage.at(5).exchange.then(stage.open("7"))
    first = stage.do(both())
    assert [one.skipped for one in (first, *second)] == [False, True]
    assert list(second[0].lines()) == [f"skipped at {5 * S} ns: another run is under way"]
    assert stage.desk.counters()["sync.skipped"] == 1
    stage.exchange.then([])
    assert not stage.do(sync.run()).skipped


def test_failure_inside_a_run_does_not_lock_the_next_out(kit: Kit) -> None:
    stage = Stage(kit)
    sync = stage.syncer()
    stage.exchange.then(asyncio.CancelledError(), [])
    with pytest.raises(asyncio.CancelledError):
        stage.do(sync.run())
    assert not stage.do(sync.run()).skipped


def test_runs_from_start_to_start(kit: Kit) -> None:
    stage = Stage(kit)
    sync = stage.syncer()
    stage.exchange.then(stage.later(3, []), stage.later(30, []), KeyboardInterrupt())
    reports: list[object] = []

    async def stop_third() -> None:
        with pytest.raises(KeyboardInterrupt):
            await sync.run_every(10 * S, reports.append)

    stage.do(stop_third())
    assert len(reports) == 2
    assert stage.pauses == [7.0, 0.0]


def test_clock_is_read_once_in_each_call(kit: Kit) -> None:
    stage, module = Stage(kit), kit.module
    reads: list[int] = []

    def clock() -> int:
        reads.append(len(reads) + 1)
        return reads[-1]

    stage.desk.clock = clock
    calls = [
        lambda desk: desk.expect([stage.order("c"), stage.order("d")]),
        lambda desk: desk.settle("c", module.Resting("7")),
        lambda desk: desk.expect_modified("7", stage.order("e")),
        lambda desk: desk.settle("e", module.Filled("8")),
        lambda desk: desk.settle("d", module.Rejected("no")),
        lambda desk: desk.learn_fill("7", Decimal(1)),
        lambda desk: desk.learn_end("9", module.Ended.EXPIRED),
        lambda desk: desk.adopt("10"),
        lambda desk: desk.begin_cancel("10"),
        lambda desk: desk.settle_cancel("10", module.Gone("")),
        lambda desk: desk.settle_orphan_cancel("11", module.Cancelled()),
    ]
    for number, call in enumerate(calls, 1):
        call(stage.desk)
        assert len(reads) == number
        assert stage.events()[-1]["t"] <= number


def test_nothing_is_silent(kit: Kit) -> None:
    stage = Stage(kit)
    stage.desk.settle("c", kit.module.Resting("7"))
    told = {type(one).__name__: one for one in stage.heard}
    assert set(told) == {"Notice", "BookResult"}
    counters = stage.desk.counters()
    assert counters["notice.RECORDED_UNEXPECTED"] == counters["book.NOT_PENDING"] == counters["book.TRACKED"] == 1
    stage.at(20).sync(stage.open("9"))
    assert stage.desk.counters()["candidate.WITHIN_GRACE"] == 1
    assert stage.desk.counters()["absent.WITHIN_GRACE"] == 1


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        *(("cancel_attempts", 0), ("cancel_attempts", True), ("first_pause", -1), ("first_pause", 0.1)),
        *(("snapshot_age_max", -1), ("call_timeout", 0), ("pending_lapses_after", 0), ("pending_lapses_after", "60s")),
    ],
)
def test_settings_that_cannot_be_meant_are_refused(kit: Kit, name: str, wrong: object) -> None:
    with pytest.raises(ValueError, match=f"{name} is .*has to be"):
        kit.module.SyncSettings(**{name: wrong})
    assert kit.module.SyncSettings(call_timeout=None, pending_lapses_after=None).call_timeout is None


@pytest.mark.parametrize(
    ("name", "wrong"),
    [
        ("cloid", ""),
        ("cloid", 7),
        ("size", Decimal(0)),
        ("size", 1.0),
        ("price", Decimal("nan")),
        ("price", Decimal(-1)),
    ],
)
def test_order_that_cannot_be_meant_is_refused(kit: Kit, name: str, wrong: object) -> None:
    meant = {"cloid": "c", "symbol": "BTC", "is_buy": True, "size": Decimal(1), "price": Decimal(1)}
    with pytest.raises(ValueError, match="has to be"):
        kit.module.OrderRequest(**meant | {name: wrong})


def test_partial_fills_leave_the_order_and_the_last_one_ends_it(kit: Kit) -> None:
    stage = Stage(kit)
    stage.desk.expect([stage.order("c", size=2)])
    stage.desk.settle("c", kit.module.Resting("7"))
    assert stage.desk.learn_fill("7", Decimal(1)).change.name == "FILLED_PARTLY"
    assert "learn_end" not in stage.names()
    assert stage.desk.learn_fill("7", Decimal(1)).change.name == "FILLED"
    assert stage.names()[-1] == "learn_end"


def test_answer_that_names_the_order_of_another_is_told_and_finalizes_nothing(kit: Kit) -> None:
    stage = Stage(kit)
    stage.exchange.then(kit.module.Resting("7"), kit.module.Resting("7"))
    stage.place("c", "d")
    assert stage.names().count("finalize") == 1
    assert stage.book.pending_cloids() == {"d"}
    assert stage.desk.counters()["book.OF_ANOTHER_CLOID"] == 1
    assert any("OID 7" in str(one) and "another CLOID" in str(one) for one in stage.heard)


def test_modify_and_cancel_that_raise_are_unknown(kit: Kit) -> None:
    stage, module = Stage(kit), kit.module
    stage.exchange.then(module.Resting("7"), RuntimeError("500"), TimeoutError())
    stage.place("c")
    assert stage.modify("7", "c") == ("Unknown", None, None)
    assert type(stage.do(module.cancel_order(stage.desk, stage.exchange, "7"))).__name__ == "Unknown"
    assert stage.book.order("7").cancelling_since is not None


def test_report_has_a_line_for_everything(kit: Kit) -> None:
    stage, module = Stage(kit), kit.module
    stage.exchange.then(module.Resting("1"), TimeoutError())
    stage.place("a", "b")
    stage.desk.learn_end("3", module.Ended.FILLED)
    stage.at(1).sync(stage.open("1", "3", "8", "9"))

    async def verify(oids: object) -> object:
        stage.desk.adopt("9")
        return ["9"]

    report = stage.at(61).sync(stage.open(("2", "b"), "8", "9"), verify=verify)
    lines = "\n".join(report.lines())
    for words in (
        "2 adopted",
        "8 cancelled",
        "1 kept in the local book",
        "8 kept: not verified",
        "in the local book by now",
    ):
        assert words in lines
    late = "\n".join(stage.at(62).sync([], snapshot_age_max=5 * S).lines())
    assert "no evidence about local orders: the snapshot is older" in late
    failed = "\n".join(stage.sync(ConnectionError("down")).lines())
    assert "no snapshot: ConnectionError: down" in failed

    async def fail(oids: object) -> object:
        raise TimeoutError

    stage.at(70).sync(stage.open("1", "2", "8", "9"))
    assert "nothing verified, so nothing cancelled" in "\n".join(
        stage.at(75).sync(stage.open("8"), verify=fail).lines()
    )


def test_journal_shows_a_listing_as_it_was(kit: Kit) -> None:
    stage, module = Stage(kit), kit.module
    stage.sync(
        [module.OpenOrder("1"), module.OpenOrder("2", None), module.OpenOrder("3", "c", ("d",)), module.OpenOrder("1")]
    )
    rows = [{"oid": "1"}, {"oid": "2", "cloid": None}, {"oid": "3", "cloid": "c"}, {"oid": "3", "cloid": "d"}]
    assert stage.events()[0]["open"] == rows
    stage.desk.journal.restart(5)
    assert stage.events()[-1] == {"event": "restart", "t": 5}
