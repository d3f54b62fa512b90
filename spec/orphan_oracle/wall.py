"""Programs whose clock is the wall's: constants scaled down, steps that are really waited for, boundaries that are widened.

Three rules. A program is late by at most the tolerance, or says nothing about itself: a run that came back later is
inconclusive and counted as skipped, one that came back before its last step was not waited for. Between two instants lie four
tolerances, so that one below and one above a boundary are told apart; what is demanded is widened by one (`judgement`).
"""

import random
from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from orphan_oracle.fairness import askable
from orphan_oracle.program import ProgramError
from orphan_oracle.renaming import with_prefix
from orphan_oracle.scenario import Scenario
from orphan_oracle.suite import Plan, styles
from orphan_oracle.walks import TOURED, fair_tours
from orphan_spec.constants import Constants
from orphan_spec.events import Event, Sync

MILLISECOND: Final = 1_000_000

TOLERANCE: Final = 10 * MILLISECOND
"""How late a program may be where it does not say."""

STEPS_BETWEEN: Final = 4
"""How many tolerances lie between two instants of a scenario."""

BUDGET: Final = 25.0
"""How long the scenarios take together, in seconds, where no budget is given."""

WAITED: Final = 0.8
"""The part of a given budget that is spent on waiting; the rest is for making a failure small."""

LONGEST: Final = 6
"""No window is scaled to more units than this."""


def scaled(constants: Constants) -> Constants:
    """The constants in units: the smallest is two, the others keep their ratio to it, as far as that is affordable."""
    lengths = (constants.orphan_grace_period, constants.expected_cloid_ttl, constants.finalized_protection_period)
    return Constants(*(min(max(round(2 * length / min(lengths)), 2), LONGEST) for length in lengths))


def wall_suite(plan: Plan, tolerance: int, budget: float | None = None) -> Iterator[Scenario]:
    """Tours of the machine in real time, as many as fit in the budget; which ones is decided by the seed."""
    unit, left = STEPS_BETWEEN * tolerance, (BUDGET if budget is None else budget * WAITED) * 1e9
    for scenario in _shuffled(plan):
        slow = _in_units(scenario, unit)
        if slow.syncs and askable(slow, plan.world) and duration(slow) <= left:
            left -= duration(slow)
            yield slow


def _shuffled(plan: Plan) -> list[Scenario]:
    choices = {
        observe: TOURED[observe] if plan.constants is None else scaled(plan.constants) for observe in styles(plan)
    }
    found = [tour for observe, small in choices.items() for tour in fair_tours(small, observe, plan.vocabulary)]
    random.Random(plan.seed).shuffle(found)
    prefix = plan.owned_cloid_prefix
    return found if prefix is None else [with_prefix(scenario, prefix) for scenario in found]


def _in_units(scenario: Scenario, unit: int) -> Scenario:
    constants = scenario.constants
    slow = Constants(
        constants.orphan_grace_period * unit,
        constants.expected_cloid_ttl * unit,
        constants.finalized_protection_period * unit,
    )
    return replace(scenario, steps=tuple(_later(step, unit) for step in scenario.steps), constants=slow)


def _later(step: Event, unit: int) -> Event:
    slow = replace(step, t=step.t * unit)
    return replace(slow, as_of=slow.as_of * unit) if isinstance(slow, Sync) else slow


def duration(scenario: Scenario) -> int:
    """How long the scenario is waited for."""
    return scenario.steps[-1].t if scenario.steps else 0


def lateness(scenario: Scenario, elapsed: int, tolerance: int) -> str | None:
    """Why a run says nothing about the program, if so; ProgramError where it was not waited for."""
    late = elapsed - duration(scenario)
    if late < 0:
        raise ProgramError("lying", f"it says that its clock is the wall's, and answered {-late / 1e6:.1f} ms too soon")
    if late > tolerance:
        return f"inconclusive: the machine or the program was late by more than {tolerance / 1e6:g} ms"
    return None
