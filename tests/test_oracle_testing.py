"""What Python users get: a state machine around their tracker, fixtures, and vectors as subtests."""

import json
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from orphan_oracle.fairness import World
from orphan_oracle.protocol import encoded
from orphan_oracle.statemachine import machine
from orphan_oracle.testing import (
    check_orphan_log,
    check_tracker,
    hazard_subtests,
    orphan_vectors,
    random_life,
    state_machine_for,
    vector_subtests,
)
from orphan_oracle.vectors import vectors
from orphan_spec.constants import Constants, Environment
from orphan_tracker import OrphanTrackerConfig
from orphan_tracker.driver import DURATIONS, EVENTS, Life

__all__ = ["check_orphan_log", "orphan_vectors"]


class Reference:
    """The adapter of the reference."""

    def __init__(self, config: dict[str, Any]) -> None:
        fields = {name: config[name] for name in (*DURATIONS, "owned_cloid_prefix") if name in config}
        self.life = Life(OrphanTrackerConfig(**fields))

    def take(self, event: str, fields: dict[str, Any]) -> Sequence[str] | None:
        return EVENTS[event](self.life, fields).get("cancelled")  # type: ignore[return-value]


class Forgetful(Reference):
    """The same, but it ignores every finalize."""

    def take(self, event: str, fields: dict[str, Any]) -> Sequence[str] | None:
        return super().take("cleanup" if event == "finalize" else event, fields)


class Eager(Reference):
    """The same, with half the grace."""

    def __init__(self, config: dict[str, Any]) -> None:
        super().__init__(config | {"orphan_grace_period": config["orphan_grace_period"] // 2})


TestReference = state_machine_for(Reference).TestCase
TestReference.settings = settings(max_examples=15, stateful_step_count=30, deadline=None)


def test_state_machine_finds_an_eager_tracker() -> None:
    found = machine(Eager, Constants(), Environment(observe="cloid"), World(), 30)
    quick = settings(max_examples=300, stateful_step_count=40, deadline=None, phases=[Phase.generate], derandomize=True)
    with pytest.raises(AssertionError, match="S4"):
        run_state_machine_as_test(found, settings=quick)


def test_every_hazard_that_can_be_asked_is_survived_by_the_reference_and_not_by_a_tracker_that_forgets() -> None:
    survived = dict(hazard_subtests(Reference))
    assert len(survived) >= 40
    assert {name: found for name, found in survived.items() if found} == {}
    assert dict(hazard_subtests(Forgetful))["H11/finalize-protects-nothing"][0].guarantee == "S1"
    assert len(dict(hazard_subtests(Reference, tuple(EVENTS)))) > len(survived)


def test_vectors_as_subtests() -> None:
    assert {id_: found for id_, found in vector_subtests(Reference) if found} == {}
    broken = {violation.guarantee for _, found in vector_subtests(Forgetful) for violation in found}
    assert "S1" in broken


def test_random_lives_by_seed() -> None:
    assert random_life(3) == random_life(3) != random_life(4)
    assert all(check_tracker(Reference, random_life(seed)) == [] for seed in range(20))


def test_fixtures(check_orphan_log: Callable[..., Any], orphan_vectors: Sequence[Any]) -> None:
    log = [{"event": "sync", "t": 5, "open": [{"oid": "7"}], "local": [], "cancelled": ["7"]}]
    assert [one.guarantee for one in check_orphan_log(map(encoded, log))] == ["S4"]
    assert json.dumps([vector.id for vector in orphan_vectors])


@pytest.mark.deep
def test_plugin_gives_each_vector_to_a_test_of_its_own(tmp_path: Path) -> None:
    (tmp_path / "conftest.py").write_text('pytest_plugins = ["orphan_oracle.testing"]\n')
    (tmp_path / "test_mine.py").write_text(
        "def test_vector(orphan_vector):\n    assert orphan_vector.id\n"
        "def test_log(check_orphan_log):\n    assert check_orphan_log([]) == []\n"
    )
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=300, cwd=tmp_path)
    assert f"{len(vectors()) + 1} passed" in done.stdout, done.stdout
