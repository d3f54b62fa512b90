"""The report of `explore`."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from orphan_oracle.codec import Version
from orphan_proofs.survey import Explored


@dataclass(frozen=True, slots=True)
class ExplorationDocument:
    """One exploration."""

    name: str
    orders: int
    observe: Literal["oid", "cloid"]
    constants: dict[str, int]
    claim: str | None
    states: int
    symmetric_states: int | None
    depth: int
    broken_after: int | None
    as_proved: bool
    difference: str | None
    seconds: float
    states_per_second: int


@dataclass(frozen=True, slots=True)
class ExploreDocument:
    """Everything that `explore` saw."""

    version: Version
    holds: bool
    missing: tuple[str, ...]
    """Pinned explorations that were asked for and did not run."""
    explorations: tuple[ExplorationDocument, ...]


Row = tuple[Explored, str | None]
"""An exploration, and how it differs from its pins."""


def explore_document(rows: Sequence[Row], missing: Sequence[str]) -> ExploreDocument:
    """The report as it is written in JSON."""
    return ExploreDocument(1, holds(rows, missing), tuple(missing), tuple(_document(*row) for row in rows))


def holds(rows: Sequence[Row], missing: Sequence[str]) -> bool:
    """Whether everything agrees with the proofs and with the pins."""
    return all(found.agrees and difference is None for found, difference in rows) and not missing


def _document(found: Explored, difference: str | None) -> ExplorationDocument:
    what = found.exploration
    return ExplorationDocument(
        what.name,
        what.orders,
        "cloid" if what.constants["observe"] else "oid",
        {name: value for name, value in what.constants.items() if name != "observe"},
        what.claim.id if what.claim else None,
        found.states,
        found.symmetric,
        found.depth,
        found.broken,
        found.agrees,
        difference,
        round(found.seconds, 3),
        round(found.states / found.seconds),
    )


def explore_line(found: Explored, difference: str | None) -> str:
    """One exploration as people read it."""
    verdict = "no run breaks it" if found.broken is None else f"broken after {found.broken} steps"
    if found.exploration.claim is None:
        verdict = "states only"
    alike = f", {found.symmetric:,} up to symmetry" if found.symmetric else ""
    rate = f", {found.states / found.seconds:,.0f} states a second" if found.exploration.orders > 1 else ""
    wrong = "" if found.agrees else "; THE PROOFS SAY OTHERWISE"
    wrong += f"; PINNED OTHERWISE: {difference}" if difference else ""
    return f"{found.exploration.name}: {found.states:,} states{alike}, depth {found.depth}{rate}: {verdict}{wrong}"


def explore_summary(rows: Sequence[Row], missing: Sequence[str]) -> Iterator[str]:
    """What stands below the lines."""
    for name in missing:
        yield f"did not run, but is pinned: {name}"
    total, seconds = sum(found.states for found, _ in rows), sum(found.seconds for found, _ in rows)
    yield f"{len(rows)} explorations to the fixpoint, {total:,} distinct states without symmetry, {seconds:.1f} s"
    yield "verdict: as proved and as pinned" if holds(rows, missing) else "verdict: not as it should be"
