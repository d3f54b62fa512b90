"""Conflicts, suggestions, the advice of the origin, and how the numbers move."""

from dataclasses import replace

import pytest

from orphan_proofs.advice import Wish, conflicts, contradictions, suggest
from orphan_proofs.tuning import advice_checked, numbers, sensitivity
from orphan_spec.constants import SECOND, Constants, Environment
from orphan_spec.events import OpenOrder, Sync
from timing_cases import acted

EXAMPLE = Environment(10 * SECOND, 10 * SECOND, 0, 2 * SECOND)


def test_the_example_has_no_conflict() -> None:
    assert conflicts(Constants(), EXAMPLE) == []
    assert conflicts(Constants(), Environment()) == []


@pytest.mark.parametrize(
    ("constants", "environment", "parameter"),
    [
        (Constants(), Environment(response_latency_max=30 * SECOND, observe="cloid"), "expected_cloid_ttl"),
        (Constants(), Environment(response_latency_max=5 * SECOND), "orphan_grace_period"),
        (Constants(), Environment(10 * SECOND, 10 * SECOND, 11 * SECOND, observe="cloid"), "orphan_grace_period"),
        (Constants(), Environment(20 * SECOND, 20 * SECOND, 11 * SECOND), "finalized_protection_period"),
    ],
)
def test_a_conflict_names_the_nearest_constants_that_would_do(
    constants: Constants, environment: Environment, parameter: str
) -> None:
    conflict = contradictions(constants, environment)[0]
    assert parameter in conflict.parameters
    assert parameter in str(conflict)
    (remedy,) = conflict.nearest
    assert remedy.parameter == parameter
    reasons = [
        other.parameters for other in contradictions(replace(constants, **{parameter: remedy.value_ns}), environment)
    ]
    assert conflict.parameters not in reasons
    less = replace(constants, **{parameter: remedy.value_ns - 1})
    assert conflict.parameters in [other.parameters for other in contradictions(less, environment)]


def test_a_grace_below_the_age_of_snapshots_cancels_an_order_that_has_ended() -> None:
    """The run behind that conflict: the order ends at 20 s, and both snapshots are from before."""
    environment = Environment(None, None, 6 * SECOND)
    (conflict,) = contradictions(Constants(), environment)
    assert conflict.parameters == ("orphan_grace_period", "snapshot_age_max")
    end, shown = 20 * SECOND, (OpenOrder("77"),)
    run = [Sync(end, end - 6 * SECOND, shown, ()), Sync(end + SECOND, end - SECOND, shown, ())]
    assert acted(run, Constants()) == [(), ("77",)]


def test_a_suggestion_is_exact() -> None:
    wish = Wish(True, 20 * SECOND)
    for environment in (
        EXAMPLE,
        Environment(None, 3 * SECOND, SECOND, 4 * SECOND),
        Environment(SECOND, 2 * SECOND, 0, SECOND),
    ):
        found = suggest(Constants(), environment, wish)
        assert found.constants is not None
        assert found.grace_max is not None
        for grace in (found.grace_min, found.grace_max, found.constants.orphan_grace_period):
            held = numbers(replace(found.constants, orphan_grace_period=grace), environment)
            assert held.safe_below is None or held.safe_below > (environment.response_latency_max or 0)
            assert (held.gone_within or 0) <= 20 * SECOND
        over = numbers(replace(found.constants, orphan_grace_period=found.grace_max + 1), environment)
        assert (over.gone_within or 0) > 20 * SECOND
        if found.grace_min > 1:
            under = numbers(replace(found.constants, orphan_grace_period=found.grace_min - 1), environment)
            assert (under.safe_below or 0) <= (environment.response_latency_max or 0)
        assert conflicts(found.constants, environment) == []


@pytest.mark.parametrize(
    ("environment", "wish", "words"),
    [
        (EXAMPLE, Wish(True, 19 * SECOND), "with any grace at all an orphan may stay 20.000 s"),
        (Environment(None, 3 * SECOND, 0, 9 * SECOND), Wish(True, 14 * SECOND), "has to be at least 9.000000001 s"),
        (Environment(), Wish(True, None), "response_latency_max"),
        (Environment(response_latency_max=1), Wish(True, SECOND), "sync_period_max and snapshot_age_max"),
    ],
)
def test_a_wish_that_nothing_fulfils_is_refused_with_the_conflict(
    environment: Environment, wish: Wish, words: str
) -> None:
    found = suggest(Constants(), environment, wish)
    assert found.constants is None
    assert words in found.conflict


def test_the_advice_of_the_origin_in_an_exact_environment() -> None:
    longer, protected, shorter = advice_checked(EXAMPLE)
    assert longer.before == longer.after
    assert protected.after.lost_within == (protected.before.lost_within or 0) + 10 * SECOND
    assert shorter.before == shorter.after
    free = Environment(None, 10 * SECOND, 0)
    longer, _, shorter = advice_checked(free)
    assert (longer.before.safe_below, longer.after.safe_below) == (5 * SECOND, 10 * SECOND)
    assert (longer.before.gone_within, longer.after.gone_within) == (25 * SECOND, 30 * SECOND)
    assert (shorter.after.safe_below, shorter.after.gone_within) == (3 * SECOND, 23 * SECOND)


def test_sensitivity_moves_one_thing_at_a_time() -> None:
    moved = sensitivity(Constants(), EXAMPLE)
    assert [change.parameter for change in moved].count("orphan_grace_period") == 2
    assert "snapshot_age_max" not in [change.parameter for change in moved]
    assert all(change.before != change.after for change in moved)
