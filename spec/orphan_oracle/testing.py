"""For test suites in Python: your tracker against the judge, in pytest and Hypothesis.

Three rules. Your tracker is made by *your* factory and spoken to through seven methods named like the events, so that any
tracker fits with a thin adapter. Every failure is a list of violations that cite lines. Nothing here needs a subprocess but
what is given a command.

    TestMyTracker = state_machine_for(MyAdapter).TestCase

It is a pytest plugin: `pytest_plugins = ["orphan_oracle.testing"]` in a conftest brings its fixtures.
"""

import json
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from typing import Protocol

import pytest

from orphan_oracle.check import check_lines
from orphan_oracle.configuration import Configuration, read_configuration
from orphan_oracle.fairness import World
from orphan_oracle.hazards import cases_for
from orphan_oracle.judgement import judged
from orphan_oracle.lives import Kind, Life
from orphan_oracle.protocol import Reply, Session, Skipped
from orphan_oracle.scenario import Outcome, Scenario, config_of, read_scenario, wire_steps
from orphan_oracle.vectors import Vector, vectors
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import BASIC, NAMES, Sync
from orphan_spec.findings import Violation


class Adapter(Protocol):
    """Your tracker, one method for each event; fields are as in the protocol."""

    def take(self, event: str, fields: dict[str, object]) -> Sequence[str] | None:
        """Takes a step; of a sync, answers the OIDs that it would cancel."""
        ...


Factory = Callable[[dict[str, object]], Adapter]
"""Makes a fresh tracker for a `config`, as in the protocol."""


def live(factory: Factory, scenario: Scenario) -> tuple[Outcome, ...]:
    """What a fresh tracker does in a scenario."""
    tracker = factory(config_of(scenario))
    outcomes = []
    steps: list[dict[str, object]] = json.loads(wire_steps(scenario.steps))
    for step, fields in zip(scenario.steps, steps, strict=True):
        answer = tracker.take(NAMES[type(step)], fields)
        outcomes.append(Outcome(tuple(answer or ())) if isinstance(step, Sync) else Outcome())
    return tuple(outcomes)


def check_tracker(factory: Factory, scenario: Scenario) -> list[Violation]:
    """The violations of a fresh tracker in a scenario."""
    return judged(scenario, live(factory, scenario))


def violations_of(document: object, command: Sequence[str], time_limit: float = 10.0) -> list[Violation]:
    """The violations of a program in a scenario as `certify` saves it; AssertionError where it answers nothing."""
    scenario = read_scenario(document, "scenario")
    session = Session(command, time_limit)
    try:
        session.start()
        reply: Reply = session.run(scenario)
    finally:
        session.program.kill()
    if isinstance(reply, tuple):
        return judged(scenario, reply)
    word = "skipped" if isinstance(reply, Skipped) else "errored"
    raise AssertionError(f"the program {word}: {reply.message}")


def state_machine_for(
    factory: Factory,
    constants: Constants | None = None,
    environment: Environment | None = None,
    world: World | None = None,
    steps: int = 30,
) -> type:
    """A Hypothesis state machine that lives legal lives with your tracker, and fails where the judge finds a violation.

    `state_machine_for(factory).TestCase` is a unittest case that pytest collects."""
    from orphan_oracle.statemachine import machine

    return machine(
        factory, constants or Constants(), environment or Environment(observe="cloid"), world or World(), steps
    )


@pytest.fixture
def check_orphan_log() -> Callable[[Iterable[bytes]], list[Violation]]:
    """A function that judges the lines of a log in the trace format; `config` names a TOML file."""

    def check(lines: Iterable[bytes], config: str | None = None) -> list[Violation]:
        configuration: Configuration = read_configuration(config)
        return list(check_lines(iter(lines), "log", configuration).violations)

    return check


@pytest.fixture
def orphan_vectors() -> tuple[Vector, ...]:
    """The vectors that are shipped."""
    return vectors()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test that wants `orphan_vector` runs once for each vector that is shipped."""
    if "orphan_vector" in metafunc.fixturenames:
        metafunc.parametrize("orphan_vector", vectors(), ids=[vector.id for vector in vectors()])


def vector_subtests(factory: Factory, chosen: Iterable[Vector] | None = None) -> Iterator[tuple[str, list[Violation]]]:
    """Each vector's id with the violations of your tracker in it."""
    for vector in vectors() if chosen is None else chosen:
        yield vector.id, check_tracker(factory, vector.scenario)


def hazard_subtests(factory: Factory, events: Collection[str] = BASIC) -> Iterator[tuple[str, list[Violation]]]:
    """Each hazard that your tracker can be asked about, with its violations; `events` are those that it understands."""
    for case in cases_for(events):
        yield case.scenario.name, check_tracker(factory, case.scenario)


def random_life(seed: int, observe: str = "cloid", constants: Constants | None = None) -> Scenario:
    """A legal life of orders from a seed."""
    import random

    environment = Environment(observe="cloid" if observe == "cloid" else "oid")
    life = Life(random.Random(seed), Kind("life", 30), constants or Constants(), environment, World())
    return life.lived(f"life/{observe}/{seed}")
