"""The hazards: what really goes wrong, each as data that any tracker can be asked about.

Three rules. A hazard's id is for ever, and so is the name of each of its cases. A case is a scenario, the defences that its
unsafe variant lacks, and how that variant is found; steps may hold *hearsay* besides, which only an unsafe variant looks at.
Where nothing better can be had than a limit, the hazard says exactly what is promised.
"""

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from orphan_oracle.errors import InputError
from orphan_oracle.scenario import Scenario, read_scenario
from orphan_spec.constants import Environment
from orphan_spec.events import BASIC, EVENTS, NAMES, Accept, End, Event, Fill
from orphan_spec.guarantees import ASSUMPTIONS, GUARANTEES

FOLDER: Final = Path(__file__).parent / "hazards"

COUNT: Final = 50
"""How many hazards there are; a missing one is an error."""

LOCAL_BOOK: Final = frozenset({"S6", "L4"})
"""Guarantees about the local book, which a program behind the protocol need not have."""

HEARSAY: Final = {
    "wall": "how far the wall clock is ahead from now on, in ns",
    "jump": "how far the clock jumps within this operation, in ns",
    "part": "the rows that came before the list broke off",
    "being_cancelled": "the local orders for which a cancel is under way",
}
"""What a step may hold besides its event: things that a careful tracker never looks at."""

Means: TypeAlias = Literal["judge", "comparison", "bound", "validation"]
"""What finds an unsafe variant: the judge; a life that must not differ from another; a bound that is exceeded; or the
validation of constants."""

Document: TypeAlias = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """How an unsafe variant is found."""

    by: Means
    guarantee: str
    t: int
    """The instant of the violation, in ns."""
    steps: int
    """The number of the step at which it is violated."""


@dataclass(frozen=True, slots=True)
class Case:
    """One interleaving of a hazard."""

    name: str
    without: tuple[str, ...]
    """The defences that the unsafe variant lacks, by name."""
    found: Found
    scenario: Scenario
    steps: tuple[Document, ...]
    """The steps as they stand in the file, with hearsay."""
    given: Document = field(default_factory=dict)
    """What the program is configured with instead of what is judged by."""
    refused: str | None = None
    """What a refusal of that configuration names."""
    conflict: tuple[str, ...] = ()
    """The parameters that contradict each other."""


@dataclass(frozen=True, slots=True)
class Hazard:
    """One row of the table of hazards."""

    id: str
    title: str
    story: str
    guards: tuple[str, ...]
    """The guarantees, norms and assumptions that are at stake."""
    promise: str | None
    """What is promised, where the hazard cannot be excluded."""
    cases: tuple[Case, ...]


@cache
def hazards() -> tuple[Hazard, ...]:
    """All hazards, in the order of their ids; InputError where one is missing or malformed."""
    return tuple(read_hazard(FOLDER / f"H{number:02}.json", f"H{number}") for number in range(1, COUNT + 1))


def cases_for(events: Collection[str] = BASIC) -> Iterator[Case]:
    """The cases that a program which understands these events can be asked, without what only the exchange knows.

    Left out are those about the local book, about a configuration, and those that no judge decides."""
    for case in (case for hazard in hazards() for case in hazard.cases):
        steps = tuple(step for step in case.scenario.steps if told(step, events))
        understood = all(NAMES[type(step)] in events for step in steps)
        if understood and case.found.by == "judge" and case.found.guarantee not in LOCAL_BOOK and not case.given:
            yield replace(case, scenario=replace(case.scenario, steps=steps))


def told(step: Event, events: Collection[str]) -> bool:
    """Whether a program that understands these events is told of a step: what only the exchange knows, it may miss."""
    return NAMES[type(step)] in events or not isinstance(step, Accept | Fill | End)


def read_hazard(path: Path, id_: str) -> Hazard:
    """The hazard of a file."""
    try:
        document = json.loads(path.read_text(encoding="utf-8"))
        cases = tuple(_cases(document, path.name))
        hazard = Hazard(
            document["id"],
            document["title"],
            document["story"],
            tuple(document["guards"]),
            document["promise"],
            cases,
        )
    except OSError as error:
        raise InputError(f"{path.name}: cannot be read: {error.strerror or error}") from error
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(f"{path.name}: is not a hazard: {error!r}") from error
    _check(hazard, path.name, id_)
    return hazard


def _cases(document: Document, name: str) -> Iterator[Case]:
    for case in document["cases"]:
        for number, step in enumerate(case["steps"], 1):
            unknown = step.keys() - {"event", *HEARSAY, *_fields(step["event"])}
            if unknown:
                raise ValueError(f"step {number} of {case['name']} has {', '.join(sorted(unknown))}")
        scenario = read_scenario({**case, "name": f"{document['id']}/{case['name']}"}, f"{name}: {case['name']}")
        environment = Environment(**{**case.get("environment", {}), **_observed(scenario.environment)})
        yield Case(
            case["name"],
            tuple(case["without"]),
            Found(**case["found"]),
            Scenario(scenario.name, scenario.steps, scenario.constants, environment),
            tuple(case["steps"]),
            case.get("given", {}),
            case.get("refused"),
            tuple(case.get("conflict", ())),
        )


def _fields(event: str) -> Iterator[str]:
    return (one.name for one in fields(EVENTS[event]))


def _observed(environment: Environment) -> Document:
    return {"observe": environment.observe, "owned_cloid_prefix": environment.owned_cloid_prefix}


def _check(hazard: Hazard, name: str, id_: str) -> None:
    """A hazard names what exists, and its cases tell apart."""
    names = [case.name for case in hazard.cases]
    if hazard.id != id_ or not names or len(names) != len(set(names)):
        raise InputError(f"{name}: must be hazard {id_} with at least one case, each with a name of its own")
    for case in hazard.cases:
        if case.found.by not in get_args(Means) or case.found.guarantee not in GUARANTEES:
            raise InputError(f"{name}: {case.name}: nothing finds {case.found.guarantee} by {case.found.by}")
        if case.found.guarantee not in hazard.guards:
            raise InputError(f"{name}: {case.name}: {case.found.guarantee} is not among what the hazard guards")
    unknown = [one for one in hazard.guards if one not in GUARANTEES and one not in ASSUMPTIONS and one[:1] != "N"]
    if unknown:
        raise InputError(f"{name}: there is no {', '.join(unknown)}")
