"""What a link learned later says of a cancel: of which guarantee, from which lines, and of which not."""

from orphan_spec.cancels import REMNANTS
from traces import cautions, record, register, sync, violations


def test_an_order_that_was_answered_for_another_cloid_is_s2_in_hindsight() -> None:
    (found,) = violations(
        register(0, "c"),
        record(1, "x", "7"),
        sync(11, ["7"]),
        sync(16, ["7"], cancelled=["7"]),
        record(18, "c", "7"),
    )
    assert (found.guarantee, found.line, found.because_line, found.oid, found.cloid) == ("S2", 4, 5, "7", "c")
    assert found.message == (
        "order 7 cancelled at 16.000 s, but line 5 shows that it was CLOID c, registered at 0.000 s (line 1) and expected "
        "until 30.000 s"
    )


def test_an_order_that_nobody_had_answered_is_s3_in_hindsight() -> None:
    (found,) = violations(register(0, "c"), sync(1, ["7"]), sync(6, ["7"], cancelled=["7"]), record(7, "c", "7"))
    assert (found.guarantee, found.line, found.because_line) == ("S3", 3, 4)


def test_an_order_heard_of_before_the_registration_was_not_the_one_registered() -> None:
    assert (
        violations(
            record(0, "x", "7"),
            register(1, "c"),
            sync(11, ["7"]),
            sync(16, ["7"], cancelled=["7"]),
            record(18, "c", "7"),
        )
        == []
    )


def test_two_cancels_are_both_judged_by_one_link_and_a_missed_one_is_forgiven() -> None:
    twice = violations(
        register(0, "c"),
        sync(1, ["7"]),
        sync(6, ["7"], cancelled=["7"]),
        sync(7, ["7"], cancelled=["7"]),
        record(8, "c", "7"),
    )
    assert [(one.guarantee, one.line) for one in twice] == [("S3", 3), ("S3", 4)]
    missed = [register(0, "c"), sync(1, ["7"]), sync(6.001, ["7"]), sync(12, ["7"], cancelled=["7"])]
    assert [(one.guarantee, one.line) for one in violations(*missed, record(13, "c", "7"))] == [("S3", 4)]
    assert [(one.guarantee, one.line) for one in violations(*missed)] == [("L1", 3)]


def test_a_link_after_the_horizon_is_a_caution_that_names_both_lines() -> None:
    events = [register(0, "c"), sync(1, ["7"]), sync(6, ["7"], cancelled=["7"]), record(7.5, "c", "7")]
    assert violations(*events, horizon=1_000_000_000) == []
    (found,) = cautions(*events, horizon=1_000_000_000)
    assert (found.kind, found.line, found.because_line, found.oid, found.cloid) == ("late_link", 4, 3, "7", "c")
    assert found.message == (
        "order 7 cancelled at 6.000 s (line 3) is shown to be CLOID c in line 4, after the link horizon; it was expected "
        "until 30.000 s"
    )


def test_so_many_cancels_are_remembered_after_the_horizon_and_no_more() -> None:
    events = [register(0, "c"), *(sync(1, [str(n)], cancelled=[str(n)]) for n in range(REMNANTS)), sync(3, [])]
    late = record(4, "c", "0")
    assert [one.kind for one in cautions(*events, late, horizon=1_000_000_000)] == ["late_link"]
    more = [register(0, "c"), *(sync(1, [str(n)], cancelled=[str(n)]) for n in range(REMNANTS + 1)), sync(3, [])]
    assert cautions(*more, late, horizon=1_000_000_000) == []
    assert [one.oid for one in cautions(*more, record(4, "c", "1"), horizon=1_000_000_000)] == ["1"]
