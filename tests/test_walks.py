"""Walks and tours are the machine's own, legal, complete, and survived by the reference."""

import json
import random
from itertools import combinations, islice

import pytest
from hypothesis import given, settings

from orphan_oracle.fairness import World, askable
from orphan_oracle.judgement import judged
from orphan_oracle.protocol import read_reply
from orphan_oracle.scenario import Scenario, run_request
from orphan_oracle.strategies import lives, walks
from orphan_oracle.suite import Plan, of_walks, suite
from orphan_oracle.walks import SAID, TOURED, UNHEARD, UNWALKED, Graph, Walker, fair_tours, tours, walk
from orphan_spec.constants import SECOND, Constants
from orphan_spec.events import BASIC, NAMES
from orphan_spec.machine import MACHINE
from orphan_tracker import driver

WALKERS = [Walker(constants, observe) for observe, constants in TOURED.items()]


def violations(scenario: Scenario) -> list[str]:
    reply, _ = driver.answer(run_request(scenario, 1))
    outcomes = read_reply(json.dumps(reply).encode(), scenario, 1)
    assert isinstance(outcomes, tuple), outcomes
    return [one.guarantee for one in judged(scenario, outcomes)]


def test_every_event_of_the_machine_is_heard_or_said_to_be_unheard() -> None:
    assert {event.name for event in MACHINE.events} == {*SAID, *UNHEARD, *UNWALKED, "SYNC"}


@pytest.mark.parametrize("walker", WALKERS, ids=list(TOURED))
def test_tours_take_every_transition_and_step_as_the_machine_steps(walker: Walker) -> None:
    graph, taken, cases = Graph(walker), set(), set()
    for run in tours(walker):
        state, node = walker.start, graph.start
        for event, met in run:
            stepped = walker.step(event, state | met)
            assert stepped is not None
            step = (node, event.name, *met.values())
            if step not in taken:
                known = {**state, **met, "delay": 1, "as_of": state["now"]}
                (case,) = [action for action in MACHINE.cases(event) if MACHINE.enabled(action, known)]
                later = MACHINE.step(case, known, known)
                assert stepped | {name: later[name] for name in stepped} == stepped
                cases.add(case.name)
                taken.add(step)
            state, node = stepped, next(to for move, to in graph.edges[node] if move == (event, met))
    assert len(taken) == sum(map(len, graph.edges.values())) > 3000
    other = "BY_OID" if walker.observe == "cloid" else "BY_CLOID"
    by_other = (
        {"SYNC_KEEPS_EXPECTED", "SYNC_KEEPS_EXPECTED_AND_NEW", "SYNC_UNDECIDED_OF_NEW"}
        if walker.observe == "oid"
        else set()
    )
    by_unwalked = {"SYNC_LATE", "SYNC_CONDEMNS_RECORDED", "SYNC_CONDEMNS_FINALIZED", "SYNC_REPORTS_FOREIGN"}
    by_unwalked |= {action.name for action in MACHINE.actions if "BESIDE" in action.name}
    never = {action.name for action in MACHINE.actions if action.name.endswith(other)} | by_other | by_unwalked
    unheard = {action.name for action in MACHINE.actions if action.event.name in (UNHEARD | UNWALKED) - {"PASS_TIME"}}
    assert cases | never | unheard == {action.name for action in MACHINE.actions}


@pytest.mark.parametrize("walker", WALKERS, ids=list(TOURED))
def test_tours_are_told_apart_and_a_sample_is_survived(walker: Walker) -> None:
    told = fair_tours(walker.constants, walker.observe)
    assert len({scenario.steps for scenario in told}) == len(told) > 1000
    assert all(askable(scenario, World()) for scenario in told)
    assert {cause for scenario in told[::40] for cause in violations(scenario)} == set()


@pytest.mark.parametrize("observe", ["cloid", "oid"])
@pytest.mark.parametrize("assumed", [None, SECOND])
def test_walks_are_fair_and_survived(observe: str, assumed: int | None) -> None:
    world = World(response_latency_max=assumed)
    walker = Walker(Constants(), observe, world.latency_limit(Constants(), observe))
    walked = [walk(walker, random.Random(seed).randrange, 1 + seed % 3, 30, "walk") for seed in range(40)]
    fair = [scenario for scenario in walked if askable(scenario, world)]
    assert len(fair) > 15
    assert [scenario.name for scenario in fair if violations(scenario)] == []


@pytest.mark.parametrize(
    "names", [(), ("register",), ("register", "fail"), ("record_oid", "finalize"), ("clear", "fail")]
)
def test_walks_end_whatever_words_a_program_understands(names: tuple[str, ...]) -> None:
    """No answer can be told to a program that does not name it, so nothing is accepted that would have to be answered."""
    words = ("sync", *names)
    found = list(suite(Plan(scenarios=60, vocabulary=words), (of_walks,)))
    assert found
    assert {NAMES[type(step)] for scenario in found for step in scenario.steps} <= set(words)


@pytest.mark.deep
def test_walks_end_for_every_choice_of_words() -> None:
    rest = [word for word in BASIC if word != "sync"]
    for count in range(len(rest) + 1):
        for names in combinations(rest, count):
            assert list(suite(Plan(scenarios=60, vocabulary=("sync", *names)), (of_walks,)))


def test_suite_begins_small_and_holds_every_kind() -> None:
    kinds = [scenario.name.split("/")[0] for scenario in suite(Plan(scenarios=40))]
    assert {"orphan", "tour", "walk", "life"} <= set(kinds)
    assert kinds.index("orphan") < kinds.index("tour") < kinds.index("walk") < kinds.index("life")
    own = Plan(scenarios=40, constants=Constants(7, 9, 8))
    assert "tour" not in {scenario.name.split("/")[0] for scenario in islice(suite(own), 0, None, 7)}


@settings(max_examples=15, deadline=None)
@given(walks())
def test_strategy_of_walks(scenario: Scenario) -> None:
    assert violations(scenario) == []


@settings(max_examples=15, deadline=None)
@given(lives())
def test_strategy_of_lives(scenario: Scenario) -> None:
    assert violations(scenario) == []
