"""Programs that read a clock of their own: what they are asked, what is demanded of them, and what says nothing about them."""

import sys
from pathlib import Path

import pytest

from orphan_oracle.certification import Certifier
from orphan_oracle.errors import InputError
from orphan_oracle.judgement import judged
from orphan_oracle.program import ProgramError
from orphan_oracle.scenario import Outcome, Scenario
from orphan_oracle.suite import Plan
from orphan_oracle.vectors import vectors
from orphan_oracle.wall import LONGEST, MILLISECOND, STEPS_BETWEEN, duration, lateness, scaled, wall_suite
from orphan_spec.constants import SECOND, Constants
from orphan_spec.events import OpenOrder, Sync

PROGRAM = [sys.executable, str(Path(__file__).parent / "wall_program.py")]

GRACE = Constants().orphan_grace_period


def orphan(*instants: int) -> Scenario:
    return Scenario("x", tuple(Sync(t, t, (OpenOrder("7", None),), ()) for t in instants))


def test_scenarios_fit_the_budget_and_leave_room_between_instants() -> None:
    chosen = list(wall_suite(Plan(), MILLISECOND, 2.0))
    assert len(chosen) > 20
    assert sum(map(duration, chosen)) <= 2 * SECOND
    unit = STEPS_BETWEEN * MILLISECOND
    assert {step.t % unit for scenario in chosen for step in scenario.steps} == {0}
    assert chosen == list(wall_suite(Plan(), MILLISECOND, 2.0)) != list(wall_suite(Plan(seed=1), MILLISECOND, 2.0))


def test_constants_are_scaled_down_and_keep_their_order() -> None:
    assert scaled(Constants()) == Constants(2, LONGEST, 4)
    assert scaled(Constants(40, 10, 20)) == Constants(LONGEST, 2, 4)


@pytest.mark.parametrize(("early", "broken"), [(0, []), (5, []), (6, ["S4"])])
def test_a_cancel_within_the_tolerance_of_the_boundary_is_allowed(early: int, broken: list[str]) -> None:
    outcomes = [Outcome(), Outcome(("7",))]
    assert [one.guarantee for one in judged(orphan(1, 1 + GRACE - early), outcomes, 5)] == broken
    assert bool(judged(orphan(1, 1 + GRACE - early), outcomes)) == (early > 0)


@pytest.mark.parametrize(("late", "broken"), [(1, []), (5, []), (6, ["L1"])])
def test_an_orphan_may_stay_for_the_tolerance_longer(late: int, broken: list[str]) -> None:
    assert [one.guarantee for one in judged(orphan(1, 1 + GRACE + late), [Outcome()] * 2, 5)] == broken
    assert [one.guarantee for one in judged(orphan(1, 1 + GRACE + late), [Outcome()] * 2)] == ["L1"]


def test_a_run_that_came_late_says_nothing_and_one_that_came_early_was_not_waited_for() -> None:
    scenario = orphan(1, 100)
    assert lateness(scenario, 100, 10) is lateness(scenario, 110, 10) is None
    assert "inconclusive" in (lateness(scenario, 111, 10) or "")
    with pytest.raises(ProgramError, match="too soon"):
        lateness(scenario, 99, 10)


def test_vectors_are_not_waited_for() -> None:
    with pytest.raises(InputError, match="use certify"):
        Certifier(PROGRAM, Plan(), 10.0).run([vector.scenario for vector in vectors()])


@pytest.mark.deep
def test_a_program_with_its_own_clock_is_certified_and_a_hasty_one_is_not() -> None:
    right = Certifier(PROGRAM, Plan(), 10.0, 20.0, shrink=False).run()
    assert right.breakdowns == []
    assert dict(right.violations) == {}
    assert right.counts.passed + right.counts.skipped == right.counts.scenarios > 5
    wrong = Certifier([*PROGRAM, "hasty"], Plan(), 10.0, 20.0, shrink=False).run()
    assert "S4" in wrong.violations
