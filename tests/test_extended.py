"""Scenarios about the later events and the hazards: legal, survived by the reference, and asked of those who understand them."""

import json
from itertools import pairwise

import pytest

from orphan_oracle.certification import Certifier
from orphan_oracle.extended import NARRATION, extended, without_narration
from orphan_oracle.fairness import World, askable
from orphan_oracle.hazards import hazards
from orphan_oracle.judgement import judged
from orphan_oracle.protocol import read_reply
from orphan_oracle.scenario import Scenario, run_request
from orphan_oracle.suite import Plan, beyond_basic, of_hazards, suite
from orphan_spec.constants import Constants
from orphan_spec.events import BASIC, EVENTS, NAMES
from orphan_tracker import driver
from zoo import TOLD, verdict_on


def asked(vocabulary: tuple[str, ...]) -> list[Scenario]:
    """What stands in a suite of these families and of the hazards."""
    return list(suite(Plan(vocabulary=vocabulary), (beyond_basic, of_hazards)))


def test_steps_are_in_the_order_of_time_and_names_are_unique() -> None:
    told = [scenario for observe in ("cloid", "oid") for scenario in extended(Constants(), observe)]
    assert len({scenario.name for scenario in told}) == len(told) > 100
    for scenario in told:
        assert all(earlier.t <= later.t for earlier, later in pairwise(scenario.steps)), scenario.name
    unfair = [scenario.name for scenario in told if not askable(scenario, World())]
    assert unfair == ["restarted/oid/registered-again"]


@pytest.mark.parametrize("vocabulary", [BASIC, tuple(EVENTS)], ids=["basic", "all"])
def test_reference_survives_what_a_program_of_its_vocabulary_is_asked(vocabulary: tuple[str, ...]) -> None:
    scenarios = asked(vocabulary)
    kinds = {scenario.name.split("/")[0] for scenario in scenarios}
    assert {"stale", "H1", "H7"} <= kinds
    assert ("acted" in kinds) == ("act" in vocabulary)
    for scenario in scenarios:
        assert {NAMES[type(step)] for step in scenario.steps} <= set(vocabulary)
        reply, _ = driver.answer(run_request(scenario, 1))
        outcomes = read_reply(json.dumps(reply).encode(), scenario, 1)
        assert isinstance(outcomes, tuple), outcomes
        assert judged(scenario, outcomes) == [], scenario.name


def test_most_hazards_are_asked_of_everybody() -> None:
    assert len({scenario.name.split("/")[0] for scenario in asked(BASIC)} & {one.id for one in hazards()}) >= 30


def test_only_narration_is_left_out() -> None:
    whole = next(case.scenario for hazard in hazards() for case in hazard.cases if hazard.id == "H1")
    assert without_narration(whole, tuple(EVENTS)) == whole
    bare = without_narration(whole, BASIC)
    assert [step for step in whole.steps if not isinstance(step, NARRATION)] == list(bare.steps)


@pytest.mark.parametrize("bug", TOLD[:2], ids=lambda bug: bug.name)
def test_a_fault_about_a_later_event_is_seen(bug: object, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoo.prepared", lambda _: tuple((one, run_request(one, 1)) for one in asked(tuple(EVENTS))))
    assert verdict_on(bug).scenario is not None  # type: ignore[arg-type]


def test_a_scenario_with_an_event_that_the_program_does_not_name_is_skipped() -> None:
    import sys
    from pathlib import Path

    keeper = [sys.executable, str(Path(__file__).parent.parent / "drivers/python/tracker.py")]
    chosen = [one for one in extended(Constants(), "cloid") if one.name.startswith("acted/cloid/nothing")]
    result = Certifier(keeper, Plan(), 20.0).run(chosen)
    assert result.skips == {"uses act, which the program does not name": len(chosen)}
