"""Which explorations are run, what they must find, and how many states they must see.

Two rules. Exploration is a second opinion: for every claim and every choice of constants it must say what the proofs say.
And counts are pinned: a run that sees fewer states, or leaves out a claim, is wrong even if it finds nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.resources import files
from time import perf_counter
from typing import Final

from orphan_proofs.explore import bad_codes, count_symmetric, explore_network, explore_order
from orphan_proofs.obligations import Theory
from orphan_spec.properties import CLAIMS, Claim
from orphan_spec.terms import holds

SCALES: Final[tuple[dict[str, int], ...]] = (
    {"grace": 1, "ttl": 2, "protection": 1, "latency": 0},
    {"grace": 1, "ttl": 2, "protection": 1, "latency": 1},
    {"grace": 2, "ttl": 1, "protection": 3, "latency": 2},
    {"grace": 2, "ttl": 3, "protection": 2, "latency": 1},
)
"""Constants at which one order is explored: grace below, at and above TTL, protection and latency."""

FEW: Final = ("TRACK", "DROP", "APPEAR", "REJECT", "CLEANUP", "FINALIZE")
FEWER: Final = ("TRACK", "DROP", "APPEAR", "REJECT", "CLEANUP", "CLEAR")
"""Events that three orders do without, so that their product stays small enough to be seen whole."""


@dataclass(frozen=True, slots=True)
class Exploration:
    """One exploration: how many orders, at which constants, about which claim (None: just the states)."""

    orders: int
    constants: Mapping[str, int]
    claim: Claim | None = None
    without: tuple[str, ...] = ()
    deep: bool = False

    @property
    def name(self) -> str:
        """A name for ever, by which the counts are pinned."""
        numbers = ",".join(f"{name}={value}" for name, value in self.constants.items())
        less = f" without {','.join(self.without)}" if self.without else ""
        return f"{self.orders} x {self.claim.id if self.claim else 'states'} at {numbers}{less}"

    @property
    def breaks(self) -> bool:
        """Whether the claim must be found broken at these constants (S3 with OIDs only is the one that is)."""
        if self.claim is None or self.claim.expected != "refuted":
            return False
        return self.constants["grace"] <= self.constants["latency"] and self.constants["grace"] < self.constants["ttl"]


@dataclass(frozen=True, slots=True)
class Explored:
    """What an exploration found."""

    exploration: Exploration
    states: int
    """Distinct states, without symmetry."""
    depth: int
    broken: int | None
    """Steps of the shortest run that breaks the claim; None: no run does."""
    seconds: float
    symmetric: int | None = None
    """Distinct states up to a permutation of the orders."""

    @property
    def agrees(self) -> bool:
        """Whether exploration says what the proofs say."""
        return (self.broken is not None) == self.exploration.breaks


def explorations() -> Iterator[Exploration]:
    """Every exploration, in order."""
    for observe in (0, 1):
        for scale in SCALES:
            constants = {**scale, "observe": observe}
            yield from (Exploration(1, constants, claim) for claim in CLAIMS if _concerns(claim, constants))
        small = {**SCALES[0], "observe": observe}
        yield Exploration(2, small)
        wanted = ("S1", "S5", "S3/cloid") if observe else ("S1", "S5", "S3/oid")
        for claim in CLAIMS:
            if claim.id in wanted:
                yield Exploration(2, {**SCALES[1], "observe": observe}, claim, deep=True)
        smallest = {"grace": 1, "ttl": 1, "protection": 1, "latency": 0, "observe": observe}
        yield Exploration(3, smallest, without=FEW)
        yield Exploration(3, smallest, without=FEWER, deep=True)


def _concerns(claim: Claim, constants: Mapping[str, int]) -> bool:
    """Whether a claim speaks about these constants: the way to observe, and what it is given."""
    observes = claim.variant.split(",")[0]
    if observes in ("oid", "cloid") and observes != ("oid", "cloid")[constants["observe"]]:
        return False
    return all(holds(comparison, constants) for comparison in claim.given)


def run(theory: Theory, exploration: Exploration, symmetric: bool = False) -> Explored:
    """Explore to the end: every reachable state at these constants."""
    began = perf_counter()
    claim = exploration.claim
    formulas = [theory.formulas[name] for name in claim.assumes if name in theory.formulas] if claim else []
    asked = [cube for _, cube in claim.nevers] if claim else []
    table = explore_order(theory.machine, exploration.constants, asked, formulas, exploration.without)
    bad = bad_codes(table, claim) if claim else {}
    network = explore_network(table, exploration.orders, bad)
    nearest = min(network.first.values(), default=None)
    seconds = perf_counter() - began
    alike = count_symmetric(table, exploration.orders) if symmetric and exploration.orders > 1 else None
    return Explored(
        exploration, network.states, network.depth, None if nearest is None else nearest + 1, seconds, alike
    )


PINS: Final = "pins.json"


def pinned() -> dict[str, dict[str, int | None]]:
    """The counts that every exploration must reach, by its name."""
    text = files("orphan_proofs").joinpath(PINS).read_text(encoding="utf-8")
    pins: dict[str, dict[str, int | None]] = json.loads(text)
    return pins


def pin(explored: Explored) -> dict[str, int | None]:
    """What is pinned of an exploration."""
    return {"states": explored.states, "depth": explored.depth, "broken": explored.broken}


def differs(explored: Explored, pins: Mapping[str, Mapping[str, int | None]]) -> str | None:
    """How an exploration differs from its pins; None where it does not."""
    known = pins.get(explored.exploration.name)
    found = pin(explored)
    if known is None:
        return "is not pinned"
    wrong = [f"{name} {found[name]}, pinned {known.get(name)}" for name in found if found[name] != known.get(name)]
    return ", ".join(wrong) or None
