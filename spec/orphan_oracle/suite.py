"""The suite: which scenarios a program is asked to live through, in which order, and what that list is called.

Three rules. The same seed, constants, world and vocabulary make the same suite, byte for byte, and `digest` says which one it
was. The small exhaustive scenarios come first, so that the first failure is mostly a short one: stories at every boundary,
then every transition of the machine. Whatever a correct tracker could not be asked is left out, not weakened.
"""

import hashlib
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from typing import Final

from orphan_oracle.extended import extended, without_narration
from orphan_oracle.fairness import World, askable
from orphan_oracle.families import crowds, owned, shared, small
from orphan_oracle.hazards import hazards
from orphan_oracle.lives import Kind, Life
from orphan_oracle.renaming import with_prefix
from orphan_oracle.scenario import Scenario
from orphan_oracle.walks import TOURED, Walker, fair_tours, walk
from orphan_spec.constants import SECOND, Constants, Environment
from orphan_spec.events import BASIC, NAMES

SCENARIOS: Final = 1000
"""How many random lives there are by default; half as many walks on the machine come with them."""

WALK_STEPS: Final = 30

DAYS: Final = 100 * 24 * 3600 * SECOND

OTHER_CONSTANTS: Final = (
    Constants(3, 7, 2),
    Constants(40 * SECOND, 5 * SECOND, 7 * SECOND),
    Constants(1_500_000_000, 7_250_000_001, 2_000_000_003),
    Constants(2 * SECOND, 60 * SECOND, 45 * SECOND),
)
"""Constants besides the defaults, where the user names none: small, crooked, and in another order."""

KINDS: Final = (
    Kind("life", 24),
    Kind("life", 40, batch=2),
    Kind("life", 24, omissions=False, weights={"sync": 24, "reregister": 5, "again": 5}),
    Kind("life", 30, batch=3, big_ids=True),
    Kind("life", 32, start=DAYS, weights={"fail": 5, "cleanup": 4, "clear": 3}),
    Kind("life", 36, weights={"end": 5, "appear": 5, "untrack": 3, "track": 3}),
)
"""The kinds of ordinary lives, in turn."""

RARE_KINDS: Final = (Kind("long", 400), Kind("ladder", 160, batch=50, big_ids=True), Kind("long", 300, start=DAYS))
"""One life in thirty is one of these."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What decides which scenarios there are."""

    seed: int = 0
    scenarios: int = SCENARIOS
    constants: Constants | None = None
    """None: the defaults, and some others."""

    observe: str | None = None
    """None: listings with CLOIDs and listings without."""

    owned_cloid_prefix: str | None = None
    world: World = field(default_factory=World)
    vocabulary: tuple[str, ...] = BASIC


def all_constants(plan: Plan) -> tuple[Constants, ...]:
    """The constants that scenarios are for; where the latency is assumed, only those for which that is enough."""
    if plan.constants is not None:
        return (plan.constants,)
    return (Constants(), *OTHER_CONSTANTS)


def styles(plan: Plan) -> tuple[str, ...]:
    return ("cloid", "oid") if plan.observe is None else (plan.observe,)


def _small(plan: Plan) -> Iterator[Scenario]:
    for number, constants in enumerate(all_constants(plan)[:2]):
        for observe in styles(plan):
            chosen = small(constants, observe) if number == 0 else islice(small(constants, observe), 0, None, 3)
            for scenario in chain(chosen, crowds(constants, observe) if number == 0 else ()):
                name = scenario.name if number == 0 else f"{scenario.name}/constants-{number}"
                yield _owned(Scenario(name, scenario.steps, constants, scenario.environment), plan)


def _of_owners(plan: Plan) -> Iterator[Scenario]:
    if plan.owned_cloid_prefix is not None and "cloid" in styles(plan):
        yield from owned(all_constants(plan)[0], plan.owned_cloid_prefix)
        yield from shared(all_constants(plan)[0], plan.owned_cloid_prefix)


def _tours(plan: Plan) -> Iterator[Scenario]:
    """Every transition of the machine, at constants as small as can be; none where constants or a latency are given."""
    if plan.constants is not None or plan.world.response_latency_max is not None:
        return
    for observe in styles(plan):
        yield from (_owned(tour, plan) for tour in fair_tours(TOURED[observe], observe, plan.vocabulary))


def of_walks(plan: Plan) -> Iterator[Scenario]:
    choices, observes = all_constants(plan), styles(plan)
    for number in range(plan.scenarios // 2):
        choose = random.Random(f"{plan.seed}/walk/{number}").randrange
        constants = choices[0] if number % 2 == 0 else choices[number // 2 % len(choices)]
        observe = observes[number // 6 % len(observes)]
        name = f"walk/{observe}/{plan.seed}-{number}"
        yield _owned(walk(_walker(plan, constants, observe), choose, 1 + number % 3, WALK_STEPS, name), plan)


def beyond_basic(plan: Plan) -> Iterator[Scenario]:
    """Stale local orders, and the events that not every program is told of."""
    for observe in styles(plan):
        for scenario in extended(all_constants(plan)[0], observe):
            yield _owned(scenario, plan)


def of_hazards(plan: Plan) -> Iterator[Scenario]:
    """What really went wrong, without what tells a program nothing; L4 is not asked, for a scenario fixes the local book."""
    for case in (case for hazard in hazards() for case in hazard.cases if case.found.by == "judge" and not case.given):
        if case.found.guarantee == "L4":
            continue
        environment = case.scenario.environment
        if plan.constants in (None, case.scenario.constants) and environment.observe in styles(plan):
            told = without_narration(case.scenario, plan.vocabulary)
            yield told if environment.owned_cloid_prefix is not None else _owned(told, plan)


def _walker(plan: Plan, constants: Constants, observe: str) -> Walker:
    return Walker(constants, observe, plan.world.latency_limit(constants, observe), plan.vocabulary)


def _owned(scenario: Scenario, plan: Plan) -> Scenario:
    """With ownership given, the CLOIDs of the small scenarios are ours."""
    prefix = plan.owned_cloid_prefix
    if prefix is None:
        return scenario
    return with_prefix(scenario, prefix)


def _lives(plan: Plan) -> Iterator[Scenario]:
    choices, observes = all_constants(plan), styles(plan)
    for number in range(plan.scenarios):
        rng = random.Random(f"{plan.seed}/{number}")
        kind = RARE_KINDS[number // 30 % len(RARE_KINDS)] if number % 30 == 29 else KINDS[number % len(KINDS)]
        constants = choices[0] if number % 2 == 0 else choices[number // 2 % len(choices)]
        observe = observes[number // 6 % len(observes)]
        environment = Environment(
            observe="cloid" if observe == "cloid" else "oid", owned_cloid_prefix=plan.owned_cloid_prefix
        )
        life = Life(rng, kind, constants, environment, plan.world, plan.vocabulary)
        yield life.lived(f"{kind.name}/{observe}/{plan.seed}-{number}")


def _understood(scenario: Scenario, vocabulary: tuple[str, ...]) -> bool:
    return all(NAMES[type(step)] in vocabulary for step in scenario.steps)


Family = Callable[[Plan], Iterator[Scenario]]

FAMILIES: Final[tuple[Family, ...]] = (_small, _of_owners, beyond_basic, of_hazards, _tours, of_walks, _lives)
"""What a suite is made of, in this order."""


def suite(plan: Plan, families: Sequence[Family] = FAMILIES) -> Iterator[Scenario]:
    """The scenarios of a plan, or those of some families."""
    for scenario in chain.from_iterable(family(plan) for family in families):
        if _understood(scenario, plan.vocabulary) and askable(scenario, plan.world):
            yield scenario


class Digest:
    """The fingerprint of a suite, taken as it is run."""

    def __init__(self) -> None:
        self._hash = hashlib.sha256()

    def add(self, scenario: Scenario, body: bytes) -> None:
        """Takes the next scenario, with its name and what is sent of it."""
        self._hash.update(scenario.name.encode() + b"\n" + body)

    def __str__(self) -> str:
        return f"sha256:{self._hash.hexdigest()}"
