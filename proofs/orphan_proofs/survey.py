"""Which explorations are run, what they must find, and how many states they must see.

Two rules. Exploration is a second opinion: for every claim and every choice of constants it must say what the proofs say.
And counts are pinned: a run that sees fewer states, or leaves out a claim, is wrong even if it finds nothing.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from importlib.resources import files
from time import perf_counter
from typing import Final

from orphan_proofs.explore import bad_codes, count_symmetric, explore_network, explore_order
from orphan_proofs.obligations import Theory
from orphan_proofs.verification import BOOK_THEORY, THEORY, modes
from orphan_spec.book_properties import BOOK_CLAIMS
from orphan_spec.guarantees import GUARANTEES
from orphan_spec.properties import CLAIMS, FORMULAS, Claim
from orphan_spec.terms import holds
from orphan_spec.whole import WHOLE

MACHINES: Final = {
    "tracker": THEORY,
    "book": BOOK_THEORY,
    "whole": Theory(WHOLE, (), (), FORMULAS),
}
"""What is explored: the tracker's automaton, the local book's, and their product."""

SCALES: Final[tuple[dict[str, int], ...]] = (
    {"grace": 1, "ttl": 2, "protection": 1, "latency": 0, "age": 0},
    {"grace": 1, "ttl": 2, "protection": 1, "latency": 1, "age": 1},
    {"grace": 2, "ttl": 1, "protection": 3, "latency": 2, "age": 0},
    {"grace": 2, "ttl": 3, "protection": 2, "latency": 1, "age": 0},
    {"grace": 1, "ttl": 1, "protection": 1, "latency": 1, "age": 2},
)
"""Constants at which one order is explored (all but the first are deep): grace below, at and above TTL, protection and
latency; snapshots of now and old ones."""

SMALLEST: Final = {"grace": 1, "ttl": 1, "protection": 1, "latency": 0, "age": 0}

TRUE_LISTINGS: Final = ("A3", "A7")
"""What networks assume, so that their product stays small enough to be seen whole: listings tell the truth."""

OTHERS: Final = ("RESTART", "LINK_SIBLING", "FINALIZE_SIBLING", "FILL", "TIMEOUT", "APPEAR_FOREIGN", "FILL_AT_ONCE")
FEW: Final = (*OTHERS, "LEARN_END", "TRACK", "DROP", "APPEAR", "REJECT", "CLEANUP", "FINALIZE", "CLEAR", "FAIL")
FEWER: Final = (*OTHERS, "TRACK", "DROP", "APPEAR", "REJECT", "CLEANUP", "FINALIZE", "FAIL")
"""Events that networks do without, for the same reason."""


@dataclass(frozen=True, slots=True)
class Exploration:
    """One exploration: how many orders, at which constants, about which claim (None: just the states)."""

    orders: int
    constants: Mapping[str, int]
    claim: Claim | None = None
    without: tuple[str, ...] = ()
    deep: bool = False
    machine: str = "tracker"
    assumes: tuple[str, ...] = ()
    """What is assumed besides what the claim names."""

    @property
    def name(self) -> str:
        """A name for ever, by which the counts are pinned."""
        numbers = ",".join(f"{name}={value}" for name, value in self.constants.items())
        less = f" without {','.join(self.without)}" if self.without else ""
        assumed = f" under {','.join(self.assumes)}" if self.assumes else ""
        what = self.claim.id if self.claim else "states"
        return f"{self.orders} x {self.machine}, {what} at {numbers}{less}{assumed}"

    @property
    def theory(self) -> Theory:
        """The machine with everything that is said about it."""
        return MACHINES[self.machine]

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
            constants, deep = {**scale, "observe": observe}, scale is not SCALES[0]
            yield from (Exploration(1, constants, c, (), deep) for c in CLAIMS if _concerns(c, constants))
            whole = Exploration(1, constants, None, (), deep, "whole")
            yield from (whole, replace(whole, assumes=TRUE_LISTINGS))
        smallest = {**SMALLEST, "observe": observe}
        networks = Exploration(2, smallest, None, OTHERS, assumes=TRUE_LISTINGS)
        yield from (networks, replace(networks, without=(), deep=True))
        wanted = ("S1", "S5", "S3/cloid") if observe else ("S1", "S5", "S3/oid")
        for claim in CLAIMS:
            if claim.id in wanted:
                yield replace(networks, claim=claim, without=FEWER, deep=True)
        yield replace(networks, orders=3, without=FEW)
        yield replace(networks, orders=3, without=FEWER, deep=True)
    for scale in ({"grace": 1, "latency": 0, "age": 1}, {"grace": 2, "latency": 0, "age": 1}):
        for claim in BOOK_CLAIMS:
            if claim.guarantee.id in GUARANTEES:
                yield Exploration(1, {**scale, "observe": 0}, claim, machine="book")


def _concerns(claim: Claim, constants: Mapping[str, int]) -> bool:
    """Whether a claim speaks about these constants: the way to observe, and what it is given."""
    observes = any(constants["observe"] in modes(cube) for _, cube in claim.nevers)
    return observes and all(holds(comparison, constants) for comparison in claim.given)


def run(exploration: Exploration, symmetric: bool = False) -> Explored:
    """Explore to the end: every reachable state at these constants."""
    began = perf_counter()
    claim, theory = exploration.claim, exploration.theory
    names = dict.fromkeys((*(claim.assumes if claim else ()), *exploration.assumes))
    formulas = theory.stated(names).values()
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
