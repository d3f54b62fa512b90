"""Hypothesis strategies for legal lives of orders, which shrink to short ones.

Two rules. The generators are those of `certify`; only who chooses is another. What is drawn keeps to the assumptions, so that
no correct tracker fails on it.
"""

from hypothesis import assume
from hypothesis import strategies as st

from orphan_oracle.fairness import World, askable
from orphan_oracle.lives import Kind, Life
from orphan_oracle.scenario import Scenario
from orphan_oracle.walks import Walker, walk
from orphan_spec.constants import Constants, Environment


def lives(
    constants: Constants | None = None,
    environment: Environment | None = None,
    world: World | None = None,
    steps: int = 30,
) -> st.SearchStrategy[Scenario]:
    """Lives of a desk: batches, modifies, late and stale snapshots, ownership, several OIDs for a CLOID."""
    given = constants or Constants(), environment or Environment(observe="cloid"), world or World()
    randoms = st.randoms(use_true_random=False)
    return randoms.map(lambda rng: Life(rng, Kind("life", steps), *given).lived("life"))


@st.composite
def walks(
    draw: st.DrawFn,
    constants: Constants | None = None,
    observe: str = "cloid",
    world: World | None = None,
    orders: int = 2,
    steps: int = 20,
) -> Scenario:
    """Walks on the machine: what the law allows to happen to up to so many orders, at the instants that matter."""
    constants, world = constants or Constants(), world or World()
    walker = Walker(constants, observe, world.latency_limit(constants, observe))
    length, count = draw(st.integers(1, steps)), draw(st.integers(1, orders))
    scenario = walk(walker, lambda choices: draw(st.integers(0, choices - 1)), count, length, "walk")
    assume(askable(scenario, world))
    return scenario
