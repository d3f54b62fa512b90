"""Ideas that sound right and are not, each with the run that refutes it; and the documents that are made of them.

Three rules. What people read stands in `refuted_ideas.toml`; every trace and every figure is generated. A trace is a hazard's
scenario with everything taken out that is not needed, or a run of `refuted_runs`. And the judge of `check` finds the violation
in the file beside the document: the day the trace is clean, a test fails.

    python tests/refuted_ideas.py            prints the documents (kept as docs/refuted/)
"""

import json
import sys
import tomllib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from careful_desk import live
from orphan_oracle.codec import encode
from orphan_oracle.fairness import World
from orphan_oracle.hazards import Document, hazards
from orphan_oracle.judgement import judged
from orphan_oracle.scenario import Outcome, Scenario, config_of, wire_steps
from orphan_oracle.shrinking import shrunk
from orphan_oracle.timeline import constants_text, told
from orphan_spec.events import Event
from orphan_spec.findings import Violation, seconds
from orphan_spec.guarantees import GUARANTEES
from refuted_machines import MACHINES
from refuted_runs import Run, as_of_the_request, delays, false_cancel, fetches

TEXTS: Final = Path(__file__).parent / "refuted_ideas.toml"

RUNS: Final[dict[str, Callable[[], Run]]] = {"D10": as_of_the_request, "D11": false_cancel}
MEASURED: Final[dict[str, Callable[[], Iterator[str]]]] = {"D10": fetches, "D11": delays}
"""Ideas with a run of their own, and what else is measured there."""


@dataclass(frozen=True)
class Idea:
    """An idea that does not hold, in words."""

    id: str
    title: str
    breaks: str
    """The guarantee that it breaks."""
    claim: str
    missed: str
    """Why an earlier check would miss it."""
    holds: str
    """What holds instead."""
    hazard: str = ""
    case: str = ""
    without: tuple[str, ...] = ()
    """The scenario that the trace is shrunk from, and the defences that the desk in it lacks."""
    origin: str = ""
    """Where the trace comes from, if from no hazard."""


def _read() -> Iterator[Idea]:
    for id_, fields in tomllib.loads(TEXTS.read_text(encoding="utf-8")).items():
        without = tuple(fields.pop("without", ()))
        yield Idea(id_, without=without, **{name: " ".join(text.split()) for name, text in fields.items()})


IDEAS: Final = tuple(_read())
"""Every refuted idea."""


def find(idea: Idea) -> Run:
    """The smallest run that breaks what the idea breaks."""
    if idea.id in RUNS:
        return RUNS[idea.id]()
    cases = (one for row in hazards() for one in row.cases if (row.id, one.name) == (idea.hazard, idea.case))
    small = shrunk(next(cases).scenario, World(), lambda scenario: breaks(scenario, idea.without) == idea.breaks)
    return small, outcomes_of(small, idea.without)


def outcomes_of(scenario: Scenario, without: Sequence[str]) -> tuple[Outcome, ...]:
    """What such a desk does."""
    steps: list[Document] = json.loads(wire_steps(scenario.steps))
    _, results = live(config_of(scenario), steps, without)
    return tuple(Outcome(*(tuple(r.get(kind, ())) for kind in ("cancelled", "dropped", "pending"))) for r in results)


def breaks(scenario: Scenario, without: Sequence[str]) -> str | None:
    """The first guarantee that a desk without these defences breaks."""
    return next((one.guarantee for one in judged(scenario, outcomes_of(scenario, without))), None)


@cache
def evidence(idea: Idea) -> tuple[Scenario, tuple[Event, ...], Violation]:
    """The scenario, the trace, and the violation that stands for the idea."""
    scenario, outcomes = find(idea)
    first = next((one for one in judged(scenario, outcomes) if one.guarantee == idea.breaks), None)
    if first is None:
        raise AssertionError(f"{idea.id}: {idea.breaks} is not broken any more")
    return scenario, scenario.filled(outcomes), first


def trace(idea: Idea) -> str:
    """The trace, as `check` reads it."""
    _, events, _ = evidence(idea)
    return "".join(f"{encode(event).decode()}\n" for event in events)


DOCUMENT: Final = """\
# {id} {title}

**Refuted.** It breaks {guarantee}: {message}.

## The claim

{claim}

## The minimal trace

With {constants}. {origin}

| line | time | what happens |
|---|---|---|
{rows}

Line {line} violates {guarantee}.
{more}
## How to reproduce

```sh
orphan-tracker check docs/refuted/{id}.ndjson
pytest tests/test_refuted.py -k {id}-
```

## Why an earlier check would miss it

{missed}

## What holds instead

{holds}
"""


def document(idea: Idea) -> str:
    """The document of one idea, as Markdown."""
    scenario, events, violation = evidence(idea)
    more = ["\n".join(MEASURED[idea.id]())] if idea.id in MEASURED else []
    more += [MACHINES[idea.id].told()] if idea.id in MACHINES else []
    shrunk_from = f"Generated: the case *{idea.case.replace('-', ' ')}* of {idea.hazard}, less all that is not needed."
    return DOCUMENT.format(
        id=idea.id,
        title=idea.title,
        guarantee=f"{idea.breaks} ({GUARANTEES[idea.breaks].name})",
        message=violation.message,
        claim=idea.claim,
        constants=constants_text(scenario.constants),
        origin=idea.origin or shrunk_from,
        rows="\n".join(f"| {n} | {seconds(event.t)} | {told(event)} |" for n, event in enumerate(events, 1)),
        line=violation.line,
        more="".join(f"\n{text}\n" for text in more),
        missed=idea.missed,
        holds=idea.holds,
    )


def index() -> str:
    """The list of all documents."""
    lines = [
        "# Refuted ideas",
        "",
        "Designs that sound right and are not. Each document shows the smallest run that refutes it, and a test holds it false.",
        "Generated by `python tests/generate.py`; do not edit.",
        "",
        "| id | idea | breaks |",
        "|---|---|---|",
        *(f"| [{idea.id}]({idea.id}.md) | {idea.title} | {idea.breaks} |" for idea in IDEAS),
    ]
    return "\n".join(lines) + "\n"


def documents() -> Iterator[tuple[str, str]]:
    """Every file under docs/refuted, with its text."""
    yield "README.md", index()
    for idea in IDEAS:
        yield f"{idea.id}.md", document(idea)
        yield f"{idea.id}.ndjson", trace(idea)


if __name__ == "__main__":
    sys.stdout.write("\n".join(text for name, text in documents() if name.endswith(".md")))
