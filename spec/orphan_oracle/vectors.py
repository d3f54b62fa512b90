"""The vectors: a small fixed suite in plain JSON, for people who do not want Python in their CI.

Three rules. One fault per vector: it is named after it, says what the fault does to a trader, and its id is for ever. Each
boundary comes one below, at, and one above. What is expected is the judge's verdict, and no vector offers a choice before its
last sync, so that every correct program sees the same.

`python -m orphan_oracle.vectors` writes the files that are shipped; a test compares them.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path
from typing import Final

from orphan_oracle.extended import ended, extended, renamed, restarted, without_narration
from orphan_oracle.fairness import World, askable
from orphan_oracle.families import OID, OTHER, STORIES, C, Teller, breakers
from orphan_oracle.faults import BREAKER_FAULTS, EXTENDED_FAULTS, STORY_FAULTS, Fault
from orphan_oracle.hazards import hazards
from orphan_oracle.scenario import Scenario, scenario_document
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import BASIC, NOT_STATED, Act, Event, OpenOrder, RecordOid, Register, Sync
from orphan_spec.findings import Decision
from orphan_spec.judge import Judge

FOLDER: Final = Path(__file__).parent / "vectors"

PLACES: Final = {-1: "below", 0: "at", 1: "above"}


@dataclass(frozen=True, slots=True)
class Vector:
    """One case."""

    id: str
    guarantee: str
    fault: Fault
    scenario: Scenario
    expected: tuple[dict[str, list[str]], ...]
    """For each step that is a sync: which orders must be kept and which must be cancelled; what is in neither may be either."""


@cache
def vectors() -> tuple[Vector, ...]:
    """All vectors, in the order of their ids."""
    found = [vector for vector in map(_vector, _drafts()) if vector is not None]
    return tuple(sorted(found, key=lambda vector: vector.id))


Draft = tuple[str, Fault, tuple[Event, ...], Environment]


def _drafts() -> Iterator[Draft]:
    constants = Constants()
    lengths = (constants.orphan_grace_period, constants.expected_cloid_ttl, constants.finalized_protection_period)
    for teller, observe in product(STORIES, ("cloid", "oid")):
        yield from _of_story(teller, observe, *lengths)
    for (name, events), observe in product(breakers(*lengths).items(), ("cloid", "oid")):
        yield from _of_breaker(name, events, observe, *lengths)
    yield from _by_hand(*lengths)
    for observe in ("cloid", "oid"):
        for scenario in extended(constants, observe, (ended, restarted, renamed)):
            family, _, name = scenario.name.split("/")
            yield f"{family}-{name}-{observe}", EXTENDED_FAULTS[family], scenario.steps, scenario.environment
    for hazard, case in ((one, case) for one in hazards() for case in one.cases):
        if case.found.by == "judge" and not case.given and case.scenario.constants == constants:
            told = without_narration(case.scenario, BASIC)
            fault = Fault(hazard.title, hazard.story)
            yield f"{hazard.id}-{case.name}", fault, told.steps, case.scenario.environment


def _of_story(teller: Teller, observe: str, grace: int, ttl: int, protection: int) -> Iterator[Draft]:
    story, name = teller(grace, ttl, protection), teller.__name__
    last = story.events[-1].t if story.events else 0
    row = (OpenOrder(OID, story.cloid if observe == "cloid" else NOT_STATED),)
    fault = STORY_FAULTS[name]
    for offset, place in PLACES.items():
        seen, probe = max(last + 1, story.end - 2 * grace), story.end + offset
        if seen < probe:
            yield f"{name}-window-{place}-{observe}", fault, _with(story.events, row, seen, probe), _seen(observe)
        start = story.end + 1
        end = start + grace + offset
        yield f"{name}-grace-{place}-{observe}", fault, _with(story.events, row, start, end), _seen(observe)


def _of_breaker(
    name: str, events: Sequence[Event], observe: str, grace: int, ttl: int, protection: int
) -> Iterator[Draft]:
    row = (OpenOrder(OID, f"c{OID}" if observe == "cloid" else NOT_STATED),)
    shown = tuple(event if observe == "cloid" else _bare(event) for event in events)
    last = max((event.t for event in events), default=1)
    calm = max(1 + grace, last + 1) + max(ttl, protection)
    for offset, place in PLACES.items():
        at_once = (*_with((), row, 1), *shown, *_with((), row, max(1 + grace + offset, last + 1)))
        yield f"age-{name}-at-once-{place}-{observe}", BREAKER_FAULTS[name], at_once, _seen(observe)
        later = (*_with((), row, 1), *shown, *_with((), row, last + 2, calm + grace))
        if place == "above":
            yield f"age-{name}-in-the-end-{observe}", BREAKER_FAULTS[name], later, _seen(observe)


def _by_hand(grace: int, ttl: int, protection: int) -> Iterator[Draft]:
    row, both = (OpenOrder(OID, C),), (OpenOrder(OID, C), OpenOrder(OTHER, "c2"))
    tracked = tuple(Sync(t, t, row, (OID,)) for t in (1, 1 + grace, 2 + 2 * grace))
    yield "tracked-order", Fault("the local book is ignored", "good orders are cancelled"), tracked, _seen("cloid")
    twice = tuple(Sync(t, t, (*row, *row), ()) for t in (1, 1 + grace // 2, 2 + grace))
    yield "listed-twice", Fault("an order listed twice is two", "one order is cancelled twice"), twice, _seen("cloid")
    big = (OpenOrder(str(2**53), C), OpenOrder(str(2**53 + 1), "c2"))
    steps: list[Event] = [Register(0, (C,)), RecordOid(1, C, str(2**53))]
    steps += [Sync(t, t, big, ()) for t in (2, 3 + grace)]
    fault = Fault("OIDs are turned into floating-point numbers", "a neighbour's protection keeps an orphan")
    yield "ids-beyond-2-53", fault, tuple(steps), _seen("cloid")
    many: list[Event] = [Register(0, (C, "c2")), RecordOid(1, C, OID), *(Sync(t, t, both, ()) for t in (2, ttl - 1))]
    yield (
        "one-of-a-batch",
        Fault("only the first of a batch is expected", "the second is cancelled"),
        tuple(many),
        _seen("cloid"),
    )
    ours = Environment(observe="cloid", owned_cloid_prefix="own-")
    for name, cloid in (("foreign", "hers-1"), ("placed-by-hand", None), ("ours", "own-1")):
        rows = (OpenOrder(OID, cloid),)
        fault = Fault("ownership is ignored, or taken for more than it is", "somebody else's order is cancelled")
        yield f"ownership-{name}", fault, _with((), rows, 1, 2 + grace), ours


def _seen(observe: str) -> Environment:
    return Environment(observe="cloid" if observe == "cloid" else "oid")


def _bare(event: Event) -> Event:
    if isinstance(event, Sync) and event.open is not None:
        return replace(event, open=tuple(OpenOrder(row.oid) for row in event.open))
    return event


def _with(events: Iterable[Event], row: tuple[OpenOrder, ...], *instants: int) -> tuple[Event, ...]:
    return (*events, *(Sync(t, t, row, ()) for t in instants))


def _vector(draft: Draft) -> Vector | None:
    """A draft with its verdicts; None where it cannot be asked, or offers a choice before its last sync."""
    name, fault, steps, environment = draft
    scenario = Scenario(name, steps, Constants(), environment)
    if not askable(scenario, World()) or any(isinstance(step, Act) for step in steps):
        return None
    judge, expected, guarantee = Judge(scenario.constants, environment), [], "S4"
    syncs = [step for step in steps if isinstance(step, Sync)]
    for step in steps:
        if isinstance(step, Sync):
            verdicts = judge.verdicts(step)
            keep = [verdict.oid for verdict in verdicts if verdict.decision is Decision.MUST_KEEP]
            cancel = [verdict.oid for verdict in verdicts if verdict.decision is Decision.MUST_CANCEL]
            if step is not syncs[-1] and len(keep) < len(verdicts):
                return None
            expected.append({"keep": keep, "cancel": cancel})
            guarantee = next((one.guarantee for one in verdicts if one.guarantee is not None), guarantee)
        judge.observe(step)
    return Vector(name, guarantee, fault, scenario, tuple(expected))


def files() -> dict[str, str]:
    """The text of every file of the suite by its name."""
    by_guarantee: dict[str, list[Vector]] = {}
    for vector in vectors():
        by_guarantee.setdefault(vector.guarantee, []).append(vector)
    texts = {f"{name}.json": _file(name, group) for name, group in sorted(by_guarantee.items())}
    entries = {
        name: {"cases": len(by_guarantee[name.removesuffix(".json")]), "sha256": _digest(text)}
        for name, text in texts.items()
    }
    manifest = {"version": 1, "cases": len(vectors()), "schema": "schema.json", "files": entries}
    return texts | {"manifest.json": json.dumps(manifest, indent=1) + "\n", "schema.json": _schema()}


def _file(guarantee: str, group: Sequence[Vector]) -> str:
    lines = ",\n".join(json.dumps(document(vector)) for vector in group)
    return f'{{"version": 1, "guarantee": "{guarantee}", "cases": [\n{lines}\n]}}\n'


def document(vector: Vector) -> dict[str, object]:
    """A vector as it is written."""
    scenario = scenario_document(vector.scenario)
    return {
        "id": vector.id,
        "guarantee": vector.guarantee,
        "hunts": vector.fault.bug,
        "harm": vector.fault.harm,
        "config": scenario["config"],
        "steps": scenario["steps"],
        "expected": list(vector.expected),
    }


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _schema() -> str:
    text = {"type": "string", "minLength": 1}
    oids = {"type": "array", "items": text}
    expected = {"type": "object", "properties": {"keep": oids, "cancel": oids}, "required": ["keep", "cancel"]}
    case = {
        "type": "object",
        "properties": {
            **dict.fromkeys(("id", "guarantee", "hunts", "harm"), text),
            "config": {"type": "object"},
            "steps": {"type": "array", "items": {"type": "object", "required": ["event", "t"]}},
            "expected": {"type": "array", "items": expected, "description": "one for each sync, in order"},
        },
        "required": ["id", "guarantee", "hunts", "harm", "config", "steps", "expected"],
    }
    schema = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "one file of the orphan-tracker vectors",
        "type": "object",
        "properties": {
            "version": {"const": 1},
            "guarantee": text,
            "cases": {"type": "array", "items": case},
        },
        "required": ["version", "guarantee", "cases"],
    }
    return json.dumps(schema, indent=1) + "\n"


def write(folder: Path) -> None:
    """Writes the suite into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files().items():
        (folder / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write(FOLDER)
