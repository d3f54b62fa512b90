"""What the judge says about a scenario that was lived through.

Two rules. The judge is the judge of `check`, and sees the filled trace and nothing else. Where steps may have come late by a
tolerance, must-keep is judged with every window shorter by it, and must-cancel with every window longer.
"""

from collections.abc import Sequence
from typing import Final

from orphan_oracle.scenario import Outcome, Scenario
from orphan_spec.constants import Constants
from orphan_spec.findings import Violation
from orphan_spec.judge import Judge

LIVENESS: Final = frozenset({"L1", "L4"})
"""Guarantees that say that something happens; the others say that something does not."""


def judged(scenario: Scenario, outcomes: Sequence[Outcome], tolerance: int = 0) -> list[Violation]:
    """The violations, in the order of their lines."""
    if tolerance == 0:
        found = _judged(scenario, outcomes, 0)
    else:
        found = [one for one in _judged(scenario, outcomes, -tolerance) if one.guarantee not in LIVENESS]
        found += [one for one in _judged(scenario, outcomes, tolerance) if one.guarantee in LIVENESS]
    return sorted(found, key=lambda one: (one.line, one.guarantee, one.oid))


def _judged(scenario: Scenario, outcomes: Sequence[Outcome], longer: int) -> list[Violation]:
    given = scenario.constants
    constants = Constants(
        given.orphan_grace_period + longer,
        given.expected_cloid_ttl + longer,
        given.finalized_protection_period + longer,
    )
    judge = Judge(constants, scenario.environment)
    found = [one for line, event in enumerate(scenario.filled(outcomes), 1) for one in judge.observe(event, line)]
    return [one for one in (*found, *judge.finish()) if isinstance(one, Violation)]
