"""Every refuted idea is still refuted, by the file that stands beside its document, and by exploration where it can speak.

That the documents are the generated ones is checked with everything that is generated.
"""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from hazard_suite import asked, reference
from orphan_oracle.check import check_files
from orphan_oracle.configuration import read_configuration
from orphan_oracle.fairness import World, askable
from orphan_oracle.judgement import judged
from orphan_oracle.protocol import Session
from orphan_proofs.verification import THEORY
from orphan_spec.constants import SECOND
from refuted_ideas import IDEAS, RUNS, Idea, breaks, evidence, find
from refuted_machines import MACHINES
from refuted_runs import EVERY_FIVE, PERIODS, UNSAFE, lagging_life, late_listing, shortest_fetch, when

DOCUMENTS = Path(__file__).parent.parent / "docs" / "refuted"
ALL = [pytest.param(idea, id=f"{idea.id}-") for idea in IDEAS]


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with reference() as opened:
        yield opened


def test_there_are_enough_of_them_and_ids_follow_each_other() -> None:
    assert [idea.id for idea in IDEAS] == [f"D{number}" for number in range(1, len(IDEAS) + 1)]
    assert len(IDEAS) >= 10
    named = {"README.md"} | {f"{idea.id}.{kind}" for idea in IDEAS for kind in ("md", "ndjson")}
    assert {path.name for path in DOCUMENTS.iterdir()} == named


@pytest.mark.parametrize("idea", ALL)
def test_check_finds_the_committed_trace_wrong(idea: Idea) -> None:
    (report,) = check_files([str(DOCUMENTS / f"{idea.id}.ndjson")], read_configuration(None))
    _, _, violation = evidence(idea)
    assert (idea.breaks, violation.line) in [(one.guarantee, one.line) for one in report.violations]


@pytest.mark.parametrize("idea", [one for one in ALL if one.values[0].id not in RUNS])
def test_no_step_can_be_taken_from_the_trace(idea: Idea) -> None:
    scenario, _, _ = evidence(idea)
    for place in range(len(scenario.steps)):
        fewer = replace(scenario, steps=(*scenario.steps[:place], *scenario.steps[place + 1 :]))
        assert not askable(fewer, World()) or breaks(fewer, idea.without) != idea.breaks


@pytest.mark.parametrize("idea", ALL)
def test_the_search_finds_the_same_run_again(idea: Idea) -> None:
    scenario, events, _ = evidence(idea)
    again, outcomes = find(idea)
    assert (again, again.filled(outcomes)) == (scenario, events)


@pytest.mark.parametrize("id_", MACHINES)
def test_exploration_refutes_the_machine_that_has_the_idea(id_: str) -> None:
    machine = MACHINES[id_]
    assert machine.run() is not None
    published = machine.claim(THEORY.machine).expected
    assert published == ("refuted" if id_ == "D2" else "proved")
    assert (machine.change(THEORY.machine) == THEORY.machine) == (id_ == "D2")


@pytest.mark.parametrize("idea", [one for one in ALL if one.values[0].id not in RUNS])
def test_the_reference_lives_through_the_same_and_breaks_nothing(idea: Idea, session: Session) -> None:
    scenario, _, _ = evidence(idea)
    assert judged(scenario, asked(scenario, session)) == []


def test_d10_the_honest_instant_breaks_nothing(session: Session) -> None:
    fetch, (wrong, done) = shortest_fetch()
    assert [one.guarantee for one in judged(wrong, done)] == ["S3"]
    for scenario in (late_listing(fetch - 1), late_listing(fetch, honest=True)):
        assert judged(scenario, asked(scenario, session)) == []


def test_d11_protection_delays_and_evidence_prevents() -> None:
    cancelled = [when(lagging_life(p * SECOND, EVERY_FIVE, UNSAFE), "cancelled") for p in PERIODS]
    assert None not in cancelled
    assert cancelled == sorted(cancelled)
    assert cancelled[0] != cancelled[-1]
    for period in PERIODS:
        life = lagging_life(period * SECOND, EVERY_FIVE)
        assert (when(life, "dropped"), when(life, "cancelled")) == (None, None)
        assert judged(*life) == []
