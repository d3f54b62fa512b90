"""A Hypothesis state machine around a user's tracker: legal lives that shrink."""

import json
import random
from collections.abc import Callable
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from orphan_oracle.fairness import World
from orphan_oracle.lives import WEIGHTS, Kind, Life
from orphan_oracle.scenario import Scenario, config_of, wire_steps
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import NAMES, Sync
from orphan_spec.findings import Finding, Violation
from orphan_spec.judge import Judge


def machine(
    factory: Callable[[dict[str, object]], Any],
    constants: Constants,
    environment: Environment,
    world: World,
    steps: int,
) -> type[RuleBasedStateMachine]:
    """The state machine class of one factory."""

    class OrphanTrackerMachine(RuleBasedStateMachine):
        """A desk's life, with your tracker and the judge side by side."""

        @initialize(seed=st.integers(0, 2**32))
        def begin(self, seed: int) -> None:
            kind = Kind("life", steps)
            self.life = Life(random.Random(seed), kind, constants, environment, world)
            self.judge = Judge(constants, environment)
            self.tracker = factory(config_of(Scenario("", (), constants, environment)))
            self.taken = 0

        @rule(action=st.sampled_from(sorted(WEIGHTS)))
        def step(self, action: str) -> None:
            self.life.act(action)
            self.catch_up()

        @rule()
        def sync(self) -> None:
            self.life.act("sync")
            self.catch_up()

        def catch_up(self) -> None:
            """Gives what happened to the tracker and to the judge."""
            for step in self.life.steps[self.taken :]:
                self.taken += 1
                (fields,) = json.loads(wire_steps([step]))
                answer = self.tracker.take(NAMES[type(step)], fields)
                if isinstance(step, Sync):
                    step = Sync(step.t, step.as_of, step.open, step.local, tuple(answer or ()))
                self.complain(self.judge.observe(step, self.taken))
            self.complain(list(self.judge.suspicions()))

        def complain(self, findings: list[Finding] | list[Violation]) -> None:
            violations = [one for one in findings if isinstance(one, Violation)]
            assert not violations, "\n".join(f"{one.guarantee}: {one.message}" for one in violations)

        def teardown(self) -> None:
            if hasattr(self, "judge"):
                self.complain(self.judge.finish())

    return OrphanTrackerMachine
