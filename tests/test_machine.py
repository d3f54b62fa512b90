"""The machine on whole numbers: refusals change nothing, terms are no truths, the normal form is a normal form."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orphan_spec.automaton import State
from orphan_spec.fields import (
    LISTED,
    NO,
    OID,
    RESTING,
    YES,
    aging,
    exchange,
    grace,
    now,
)
from orphan_spec.machine import MACHINE
from orphan_spec.terms import ZERO, Comparison, Maximum, Minimum, evaluate, holds, substitute

CONSTANTS = {"grace": 5, "ttl": 30, "protection": 10, "latency": 2, "age": 4, "observe": OID.code}


def run(*names: str | int, observe: int = OID.code) -> State:
    """The state after the named actions; a number lets that much time pass."""
    constants = {**CONSTANTS, "observe": observe}
    state = MACHINE.start(constants)
    for name in names:
        action = MACHINE.action("PASS_TIME" if isinstance(name, int) else name)
        inputs = {"delay": name if isinstance(name, int) else 0, "as_of": state["now"], "shown": LISTED.code}
        state = MACHINE.step(action, state, {**constants, **inputs})
    return state


def test_the_life_of_a_good_order() -> None:
    state = run(
        "REGISTER_BY_OID",
        "SEND",
        "ACCEPT",
        1,
        "RECORD_UNKNOWN",
        "FINALIZE_FIRST_OF_PROTECTED",
        "TRACK",
        9,
        "SYNC_TRACKED",
    )
    assert state["finalized_until"] == 11
    assert state["expected_until"] == 1
    assert state["aging"] == NO.code


def test_an_orphan_ages_and_is_cancelled() -> None:
    state = run("APPEAR", "SYNC_SEES_ORPHAN", 5, "SYNC_CONDEMNS", "ACT_CANCELS")
    assert state["aging"] == YES.code
    assert state["orphan_since"] == 0


def test_a_young_orphan_is_not_cancelled_and_the_refusal_names_the_guard() -> None:
    with pytest.raises(ValueError, match=r"SYNC_CONDEMNS is not enabled: .*orphan_since \+ grace <= as_of \[5 <= 4\]"):
        run("APPEAR", "SYNC_SEES_ORPHAN", 4, "SYNC_CONDEMNS")


def test_a_refused_action_changes_nothing() -> None:
    state = run("APPEAR")
    before = dict(state)
    with pytest.raises(ValueError, match="SEND is not enabled"):
        MACHINE.step(MACHINE.action("SEND"), state, {**CONSTANTS, "as_of": 0, "delay": 0})
    assert state == before


@pytest.mark.parametrize("question", [lambda: bool(now < grace), lambda: bool(now), lambda: ZERO < now < grace])
def test_a_comparison_is_no_truth(question: object) -> None:
    with pytest.raises(TypeError, match="not a truth"):
        question()  # type: ignore[operator]


@given(st.integers(-9, 9), st.integers(-9, 9), st.sampled_from(["<", "<=", "==", "!="]))
def test_a_negated_comparison_holds_exactly_where_the_comparison_does_not(a: int, b: int, relation: str) -> None:
    comparison = Comparison(now, relation, grace)  # type: ignore[arg-type]
    state = {"now": a, "grace": b}
    assert holds(comparison, state) != holds(comparison.negated(), state)


@given(st.integers(-9, 9), st.integers(-9, 9))
def test_substitution_is_evaluation_twice(a: int, b: int) -> None:
    term = Maximum(now + grace, Minimum(now, grace) - grace)
    replaced = substitute(term, {"now": grace + grace})
    assert evaluate(replaced, {"now": a, "grace": b}) == evaluate(term, {"now": 2 * b, "grace": b})


@settings(max_examples=60)
@given(st.data())
def test_the_normal_form_can_do_what_the_state_can(data: st.DataObject) -> None:
    """Running from the normal form meets the same cases and the same normal forms as running from the state."""
    constants = {**CONSTANTS, "observe": data.draw(st.sampled_from([0, 1]))}
    state = MACHINE.start(constants)
    small = MACHINE.normal_form(state, constants)
    for _ in range(25):
        lag, chosen = data.draw(st.integers(0, 5)), {"shown": data.draw(st.sampled_from([0, 1]))}

        def enabled(state: State, chosen: dict[str, int] = chosen, lag: int = lag) -> list[str]:
            known = {**constants, **state, **chosen, "as_of": state["now"] - lag, "delay": 1}
            return [a.name for a in MACHINE.actions if MACHINE.enabled(a, known)]

        names = enabled(state)
        assert names == enabled(small)
        action = MACHINE.action(data.draw(st.sampled_from(names)))
        delay = data.draw(st.integers(1, 12)) if action.name == "PASS_TIME" else 0
        inputs = {**constants, **chosen, "delay": delay}
        state = MACHINE.step(action, state, {**inputs, "as_of": state["now"] - lag})
        small = MACHINE.step(action, small, {**inputs, "as_of": small["now"] - lag})
        small = MACHINE.normal_form(small, constants)
        assert small == MACHINE.normal_form(state, constants)


def test_every_field_and_action_says_what_it_is() -> None:
    for variable in (*MACHINE.parameters, *MACHINE.inputs, *MACHINE.shared, *MACHINE.fields):
        assert variable.doc
    for action in MACHINE.actions:
        assert action.sentence.endswith(".")
    assert len({action.name for action in MACHINE.actions}) == len(MACHINE.actions)
    assert {change.field.name for change in MACHINE.initial} == {field.name for field in MACHINE.fields}


def test_no_guard_reads_the_law() -> None:
    law = {field.name for field in MACHINE.fields if field.role == "law"}
    from orphan_spec.automaton import read_by

    for action in MACHINE.actions:
        assert not (read_by(action.guard) & law), action.name
    assert exchange.values[RESTING.code] is RESTING
    assert aging.values[YES.code].name == "YES"
