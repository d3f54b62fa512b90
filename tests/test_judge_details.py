"""What the judge says word for word, and what its memory holds: the cases that a mutant of its code would slip through."""

import pytest

from orphan_spec import forgetting
from orphan_spec import memory as remembering
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import NOT_STATED, OpenOrder
from orphan_spec.forgetting import expire, sweep
from orphan_spec.history import Absence, Age, Drop, Expectation, Life, Order, Truth
from orphan_spec.judge import Judge
from orphan_spec.memory import Memory, listing_of
from traces import (
    NS,
    accept,
    act,
    at,
    cautions,
    clear,
    end,
    fail,
    finalize,
    found,
    learn_end,
    record,
    register,
    restart,
    sync,
    violations,
)

UNITS = Constants(orphan_grace_period=5, expected_cloid_ttl=30, finalized_protection_period=10)


@pytest.fixture
def few(monkeypatch):
    """So few records are held beyond what can matter."""

    def hold(count: int) -> Memory:
        for module in (remembering, forgetting):
            monkeypatch.setattr(module, "REMNANTS", count)
        return Memory(UNITS, Environment(), UNITS.expected_cloid_ttl)

    return hold


# what is said


def test_an_order_that_is_named_twice_among_the_cancelled():
    (one,) = violations(sync(1, ["7"]), sync(6, ["7"], cancelled=["7", "7"]))
    assert (one.guarantee, one.t, one.line, one.oid, one.cloid) == ("R2", at(6), 2, "7", None)
    assert one.message == "order 7 cancelled at 6.000 s: it is named twice among the cancelled"


def test_a_drop_that_a_later_snapshot_proves_wrong():
    events = [sync(1, local=["7"]), sync(6, local=["7"], dropped=["7"]), sync(7, ["7", "8"])]
    (one,) = violations(*events)
    assert (one.guarantee, one.t, one.line, one.oid, one.because_line) == ("S6", at(6), 2, "7", 3)
    shown = "the snapshot as of 7.000 s (line 3) shows that it was resting"
    assert one.message == f"order 7 dropped as stale at 6.000 s; {shown}"


def test_a_line_that_is_not_told_is_line_0():
    (one,) = Judge(Constants()).observe(sync(1, cancelled=["7"]))
    assert (one.line, one.guarantee) == (0, "R2")


def test_an_act_needs_a_snapshot():
    with pytest.raises(ValueError, match=r"^act without an earlier sync that had a snapshot$"):
        Judge(Constants()).observe(act(1))


# drops


def dropped(*events, local=("7",), names=("7",)):
    return (sync(1, local=local), *events, sync(6, local=local, dropped=names))


def test_a_snapshot_proves_only_the_drops_of_what_it_shows():
    assert found(*dropped(), sync(7, ["8"])) == []
    assert found(*dropped(), sync(7, ["8"]), sync(8, ["7"])) == [("S6", 2)]


def test_each_drop_has_its_own_truth():
    both = {"local": ["6", "7"], "names": ["6", "7"]}
    assert found(*dropped(**both), end(6.5, "6"), sync(7, ["6", "7"])) == [("S6", 2), ("S6", 2)]
    assert found(end(0, "6"), *dropped(**both), sync(7, ["6", "7"])) == [("S6", 3)]


def test_what_was_accepted_or_ended_at_the_instant_of_the_drop():
    assert found(*dropped(), accept(6, "7"), sync(7, ["7"])) == [("S6", 2)]
    assert found(*dropped(), accept(6 + NS, "7"), sync(7, ["7"])) == []
    assert found(*dropped(), end(6, "7"), sync(7, ["7"], as_of=6.5)) == []
    assert found(*dropped(), end(6 + NS, "7"), sync(7, ["7"], as_of=6.5)) == [("S6", 2)]


@pytest.mark.parametrize("news", [record, finalize])
def test_first_news_is_a_local_change_and_a_repetition_in_the_local_book_is_none(news):
    absent = [sync(1, local=["7"]), news(2, "c", "7"), sync(6.5, local=["7"], dropped=["7"])]
    assert found(*absent) == [("S6", 3)]
    assert found(news(0.5, "c", "7"), *absent) == []
    assert found(news(0.5, "c", "7"), sync(0.6), sync(1), news(2, "c", "7"), *dropped()[1:]) == [("S6", 5)]


STALE = (accept(0, "7"), record(0.5, "c", "7"), sync(1, ["7"], local=["7"]))


def test_a_stale_order_counts_from_a_snapshot_later_than_its_end():
    assert found(*STALE, end(3, "7"), sync(3, local=["7"]), sync(8 + NS, local=["7"])) == []
    assert found(*STALE, end(3, "7"), sync(3 + NS, local=["7"]), sync(8 + 2 * NS, local=["7"])) == [("L4", 6)]


@pytest.mark.parametrize("news", [record, finalize])
def test_news_in_the_local_book_may_be_a_change_so_that_staleness_counts_anew(news):
    stale = [*STALE, finalize(1, "c", "7"), end(2, "7"), sync(3, local=["7"])]
    assert found(*stale, sync(8 + NS, local=["7"])) == [("L4", 7)]
    assert found(*stale, news(3, "c", "7"), sync(8 + NS, local=["7"])) == []
    assert found(*stale, news(3, "c", "7"), sync(4, local=["7"]), sync(9 + NS, local=["7"])) == [("L4", 9)]


def test_what_is_dropped_and_comes_back_into_the_local_book_may_have_been_changed():
    gone = [accept(0, "7"), sync(1, ["7"], local=["7"]), end(2, "7"), sync(3, local=["7"])]
    back = [sync(8, local=["7"], dropped=["7"]), sync(9, local=["7"]), sync(14.5, local=["7"])]
    assert found(*gone, *back) == []
    assert found(*gone, *back, sync(19.6, local=["7"])) == [("L4", 8)]


def test_each_stale_order_is_looked_at():
    two = [accept(0, "6"), accept(0, "7"), sync(1, ["6", "7"], local=["6", "7"]), end(2, "7")]
    assert found(*two, sync(3, local=["6", "7"]), sync(8 + NS, local=["6", "7"])) == [("L4", 6)]


def test_where_too_much_was_to_be_remembered_staleness_counts_from_there(few):
    few(0)
    stale = [accept(0, "7"), sync(1, local=["7"]), end(2, "7"), sync(3, local=["7"])]
    assert found(*stale, sync(8.5, local=["7"])) == [("L4", 5)]
    assert found(*stale, fail(5, "x"), sync(8.5, local=["7"])) == []
    assert found(*stale, fail(5, "x"), sync(8.5, local=["7"]), sync(13.6, local=["7"])) == [("L4", 7)]


# windows


def test_the_latest_of_several_windows_is_named():
    for first, second in (("c1", "c2"), ("c2", "c1")):
        judge = Judge(Constants())
        for event in (register(0, "c1"), register(5, "c2"), record(6, first, "7"), record(7, second, "7")):
            judge.observe(event)
        (verdict,) = judge.verdicts(sync(8, ["7"]))
        assert (verdict.guarantee, verdict.cloid, verdict.until) == ("S2", "c2", at(35))


def test_a_window_that_was_over_when_the_order_was_first_unprotected_leaves_it_an_orphan_from_then():
    over = [register(0, "c"), sync(30), sync(30, ["7"])]
    assert found(*over, sync(36, ["7"])) == [("L1", 4)]
    assert found(*over, sync(36, [("7", "c")])) == []
    assert found(*over, sync(36, [("7", "c")]), sync(42, [("7", "c")])) == [("L1", 5)]


@pytest.mark.parametrize("row", ["7", ("7", "c")])
def test_a_fail_of_another_cloid_changes_nothing(row):
    assert found(fail(0, "x"), sync(0, [row]), sync(5 + NS, [row])) == [("L1", 3)]


def test_a_fail_is_remembered_while_a_snapshot_may_be_as_early():
    rows = [("7", "b")]
    late = [sync(5.5, as_of=3), sync(6, rows, as_of=4.5), sync(10, rows, as_of=9.6)]
    assert found(fail(1, "a"), fail(2, "b"), *late) == [("L1", 5)]
    assert found(fail(1, "a"), fail(5, "b"), *late) == []


def test_a_link_that_comes_between_two_snapshots_counts_at_once():
    """The fail of `c` names an order that the snapshot shows, so it ends the window not surely."""
    events = [sync(1, ["7"]), fail(2, "x"), record(3, "c", "7"), register(4, "c"), fail(5, "c")]
    later = [sync(13.5, ["7"]), sync(14, ["7"]), sync(20, ["7"])]
    assert found(*events, *later) == []
    assert found(*events[:3], *later) == [("L1", 6)]


def test_news_after_an_order_may_have_been_forgotten_may_count_as_the_first():
    later = [sync(30.5, ["7"]), sync(30.6, ["7"]), sync(36, ["7"])]
    assert found(record(0, "c", "7"), finalize(20, "c", "7"), *later) == [("L1", 5)]
    assert found(record(0, "c", "7"), finalize(20, "c", "7"), record(21, "c", "7"), *later) == []
    assert found(finalize(0, "c", "7"), record(20, "c", "7"), finalize(21, "c", "7"), *later) == []


def test_the_first_end_that_is_learned_is_the_end():
    events = [learn_end(0, "7"), learn_end(5, "7"), sync(6, ["7"], as_of=4, cancelled=["7"])]
    assert found(*events) == [("S4", 3)]


@pytest.mark.parametrize(("again", "expected"), [(30, []), (30 - NS, ["fail_after_answer"])])
def test_an_answer_counts_for_the_next_registration_only_while_the_window_is_open(again, expected):
    events = [register(0, "c"), record(1, "c", "7"), register(again, "c"), fail(31, "c")]
    assert [caution.kind for caution in cautions(*events)] == expected


@pytest.mark.parametrize(("age", "expected"), [(20, ["fail_after_answer"]), (0, [])])
def test_a_registration_is_remembered_for_the_ttl_and_the_age_of_snapshots(age, expected):
    events = [register(0, "c"), record(1, "c", "7"), sync(31), sync(32), clear(62, "x"), fail(71, "c")]
    environment = Environment(snapshot_age_max=at(age))
    assert [caution.kind for caution in cautions(*events, environment=environment)] == expected


def test_what_is_held_back_is_told_at_the_first_event_after_the_horizon():
    judge = Judge(Constants())
    for line, event in enumerate((sync(1, ["7"]), sync(2, ["7"], cancelled=["7"]), clear(31.9, "x")), 1):
        assert judge.observe(event, line) == []
    assert judge.observe(clear(32, "x"), 4) == []
    assert [one.guarantee for one in judge.observe(clear(32 + NS, "x"), 5)] == ["S4"]


# flights


CANCELLED = (register(0, "c"), sync(1, ["7"]), sync(6, ["7"], cancelled=["7"]))
"""A cancel while a CLOID is expected; its registration is remembered, for the order may prove to be it."""


def test_a_flight_that_was_ended_early_covers_no_later_cancel():
    second = [sync(8, ["8"]), sync(13.5, ["8"], cancelled=["8"])]
    assert found(*CANCELLED, fail(7, "c"), *second, register(14, "c"), record(15, "c", "8")) == []
    assert found(*CANCELLED, *second, register(14, "c"), record(15, "c", "8")) == [("S3", 5)]


def test_a_flight_that_a_registration_renewed_is_over():
    second = [sync(9, ["8"]), sync(14.5, ["8"], cancelled=["8"])]
    assert found(*CANCELLED, register(7, "c"), fail(8, "c"), *second, record(15, "c", "8")) == []
    assert found(*CANCELLED, register(7, "c"), *second, record(15, "c", "8")) == [("S3", 6)]
    assert found(*CANCELLED, register(7, "c"), fail(8, "c"), *second, record(15, "c", "7")) == [("S3", 3)]


def test_a_flight_is_forgotten_a_horizon_after_it_was_renewed():
    assert cautions(*CANCELLED, register(7, "c"), register(37, "c"), record(41, "c", "7")) != []
    assert cautions(*CANCELLED, register(7, "c"), register(37 + NS, "c"), record(41, "c", "7")) == []


def test_the_end_of_a_flight():
    window = Expectation("c", 1, 2, 3, 33, 4, {})
    assert (window.flight().ended, window.flight().ended_at) == (None, 33)
    window.ended, window.ended_at = 5, 9
    assert (window.flight().ended, window.flight().ended_at) == (5, 9)


# records


def test_an_age_that_is_interrupted_or_cancelled_starts_anew():
    age = Age(("c",), 1, 2, 3, 4, retried=True, missed=True, pending=True, excused=2)
    age.interrupt()
    assert age == Age(("c",), None, 2, None, 4)
    age = Age(("c",), 1, 2, 3, 4, missed=True, pending=True, excused=2)
    age.sent()
    assert age == Age(("c",), 1, 2, None, 4, retried=True)


def test_a_cancel_is_put_off_twice_with_an_act_between():
    age = Age()
    assert age.put_off(True, due=False, acted=False)
    assert age.excused == 0
    assert not age.put_off(True, due=True, acted=False)
    assert age.excused == 0
    assert age.put_off(True, due=True, acted=True)
    assert age.excused == 1
    assert not age.put_off(True, due=True, acted=False)
    assert age.excused == 1
    assert age.put_off(True, due=True, acted=True)
    assert not age.put_off(True, due=True, acted=True)
    assert age.excused == 2
    assert not age.put_off(False, due=False, acted=True)
    assert age.excused == 0


def test_a_copied_order_shares_nothing_that_changes():
    order = Order("7", age=Age(aged_from=1), absence=Absence(1, 2, 3))
    twin = order.copy()
    assert twin == order
    assert twin.age is not order.age
    assert twin.absence is not order.absence
    assert twin.acknowledged is order.acknowledged
    assert twin.finalized is order.finalized


@pytest.mark.parametrize(
    ("cloids", "shown"),
    [
        (["a"], "a"),
        ([None], None),
        ([NOT_STATED], NOT_STATED),
        (["a", "b"], ("a", "b")),
        (["a", None], ("a",)),
        ([NOT_STATED, NOT_STATED], NOT_STATED),
        ([NOT_STATED, None], None),
        ([None, NOT_STATED], None),
        (["a", "b", "a"], ("a", "b")),
    ],
)
def test_an_order_listed_twice_is_one_with_all_its_cloids(cloids, shown):
    assert listing_of(tuple(OpenOrder("7", cloid) for cloid in cloids)) == {"7": shown}


def test_listed_orders_stay_apart():
    rows = (OpenOrder("7", "a"), OpenOrder("8", NOT_STATED), OpenOrder("8", NOT_STATED), OpenOrder("7", "b"))
    assert listing_of(rows) == {"7": ("a", "b"), "8": NOT_STATED}


# what is held, and when it is let go


def test_every_record_is_counted(few):
    memory = few(9)
    memory.drop("7", Drop(0, 1, 0))
    assert len(memory) == 1
    memory.fail("c", 1)
    memory.note("8")
    assert len(memory) == 3


def test_so_many_orders_are_remembered_and_the_eldest_is_let_go(few):
    memory = few(3)
    for name in "01234":
        memory.note(name)
    assert list(memory.parked) == ["2", "3", "4"]
    assert memory.floor == -1


@pytest.mark.parametrize("where", ["latest_open", "latest_local"])
def test_an_order_of_the_latest_snapshot_is_not_let_go(few, where):
    memory = few(2)
    setattr(memory, where, {"0": None} if where == "latest_open" else frozenset({"0"}))
    for name in "012":
        memory.note(name)
    assert list(memory.parked) == ["1", "2", "0"]


@pytest.mark.parametrize(("bar", "floor"), [(4, -1), (5, 5), (6, 6)])
def test_the_floor_remembers_for_an_order_that_is_let_go(few, bar, floor):
    memory = few(1)
    memory.latest_as_of = 5
    memory.note("0").bar = bar
    memory.note("1")
    assert memory.floor == floor


def test_so_many_fails_are_remembered_and_the_floor_remembers_for_the_rest(few):
    memory = few(2)
    memory.fail("a", 1)
    memory.fail("b", 2)
    memory.fail("a", 3)
    assert (list(memory.fails.items()), memory.floor) == ([("b", 2), ("a", 3)], -1)
    memory.fail("c", 4)
    assert (list(memory.fails.items()), memory.floor) == ([("a", 3), ("c", 4)], 2)
    memory.floor = 9
    memory.fail("d", 5)
    assert (list(memory.fails), memory.floor) == (["c", "d"], 9)


def test_so_many_drops_are_remembered(few):
    memory = few(2)
    for name in "789":
        memory.drop(name, Drop(0, 1, 0))
    assert list(memory.drops) == ["8", "9"]


def test_a_window_that_surely_ended_goes_at_the_sweep_unless_it_is_opened_again(few):
    memory = few(9)
    window = memory.expect("c", 0, 1)
    assert not memory.ends_at_sweep("c")
    memory.end(window, 1, surely=True)
    assert memory.ends_at_sweep("c")
    assert not memory.ends_at_sweep("d")
    assert memory.reopen(window, 2)
    assert not memory.ends_at_sweep("c")
    assert window.held
    memory.end(window, 3, surely=True)
    sweep(memory, 4)
    assert (window.held, window.released_at) == (False, 4)
    assert not memory.reopen(window, 30)


def test_windows_that_no_sweep_took_are_let_go_and_nothing_is_demanded_until_one_comes(few):
    memory = few(1)
    for number, name in enumerate("abc"):
        memory.end(memory.expect(name, number, 1), number, surely=True)
    expire(memory, 61)
    assert [memory.expectations[name].held for name in "abc"] == [False, True, True]
    assert [memory.ends_at_sweep(name) for name in "abc"] == [False, True, True]
    assert memory.unswept
    sweep(memory, 62)
    assert (memory.unswept, memory.floor) == (False, 62)


def test_news_that_no_sweep_took_is_let_go_and_nothing_is_demanded_until_a_sweep_comes(few):
    memory = few(1)
    for number, name in enumerate("abc"):
        memory.acknowledge(memory.order(name), number, 1)
    expire(memory, 40)
    assert set(memory.orders) == {"a", "b", "c"}
    assert not memory.unswept
    expire(memory, 41)
    assert set(memory.orders) == {"b", "c"}
    assert memory.parked["a"].bar == 41
    assert memory.unswept is True
    sweep(memory, 42)
    assert (set(memory.orders), memory.unswept, memory.floor) == (set(), False, 42)


def test_so_many_witnessed_registrations_are_held_beyond_the_horizon(few):
    memory = few(1)
    for number, name in enumerate(("a", "b"), 1):
        memory.seq = number
        memory.expect(name, 0, 1)
    memory.witnessed.extend([(1, "a", 1), (2, "b", 2)])
    expire(memory, 31)
    assert set(memory.expectations) == {"a", "b"}
    expire(memory, 32)
    assert set(memory.expectations) == {"b"}
    expire(memory, 99)
    assert set(memory.expectations) == {"b"}
    memory.witnessed.extendleft([(2, "b", 9), (1, "gone", 1)])
    expire(memory, 99)
    assert set(memory.expectations) == {"b"}
    assert list(memory.witnessed) == [(2, "b", 2)]


def test_where_too_many_registrations_wait_for_a_snapshot_the_floor_remembers_for_them(few):
    memory = few(1)
    memory.expect("a", 0, 1)
    sweep(memory, 30)
    expire(memory, 61)
    assert (set(memory.expectations), memory.floor) == ({"a"}, -1)
    memory.expect("b", 61, 1)
    sweep(memory, 91)
    expire(memory, 122)
    assert (set(memory.expectations), memory.floor) == ({"b"}, 30)
    memory.floor = 200
    memory.expect("c", 122, 1)
    sweep(memory, 152)
    expire(memory, 183)
    assert (set(memory.expectations), memory.floor) == ({"c"}, 200)


def test_a_registration_that_was_witnessed_is_held_for_a_horizon_more(few):
    memory = few(1)
    forgetting._forget_released(memory, (1, "gone", 0))
    memory.expect("a", 0, 1)
    sweep(memory, 30)
    memory.expectations["a"].witnessed = True
    forgetting._forget_released(memory, (30, "a", 0))
    assert list(memory.witnessed) == [(30, "a", 0)]


def test_an_order_is_let_go_when_its_windows_are_over():
    judge = Judge(Constants())
    for event in (register(0, "c"), record(1, "c", "7"), sync(12)):
        judge.observe(event)
    assert set(judge.memory.orders) == {"7"}
    renewed = judge.copy()
    renewed.observe(register(30, "c"))
    assert set(renewed.memory.orders) == set()
    judge.observe(sync(30))
    assert set(judge.memory.orders) == set()
    alone = Judge(Constants())
    for event in (record(1, "c", "7"), sync(11)):
        alone.observe(event)
    assert set(alone.memory.orders) == set()
    assert set(alone.memory.parked) == {"7"}


def test_a_restart_remembers_so_many_orders(few):
    for count, left in ((2, ["8", "9"]), (3, ["7", "8", "9"])):
        memory = few(count)
        for name in "789":
            memory.order(name).life = Life(Truth(0, 1, rests=True))
        forgetting.restart(memory, 5)
        assert list(memory.parked) == left
    assert found(restart(1), sync(2, ["7"]), sync(7, ["7"], cancelled=["7"])) == []
