"""Every hazard, both ways: the unsafe variant has to be found as the file says, and the reference has to survive.

Three rules. Nothing is skipped: a case ends in an outcome, or in a `HazardError` that says what is wrong. The unsafe variant
is the careful desk less the defences that the case names, and the careful desk itself is held to every case. The reference is
asked through its pipe, as a stranger would be; where the local book is at stake (S6, L4), with its own book beside it.

    python tests/hazard_suite.py            prints the table (kept as docs/hazards.md)
"""

import sys
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from pathlib import Path

from booked_life import lived
from careful_desk import live
from defences import DEFENCES
from orphan_oracle.hazards import LOCAL_BOOK, Case, Found, Hazard, cases_for, hazards, told
from orphan_oracle.judgement import judged
from orphan_oracle.protocol import Errored, Session, Skipped
from orphan_oracle.scenario import Outcome, Scenario, config_of, run_body
from orphan_proofs.advice import contradictions
from orphan_spec.events import BASIC, NAMES, End, Event, LearnEnd, RecordOid, Register, Sync
from orphan_spec.findings import seconds
from orphan_tracker import OrphanTracker

REFERENCE = (sys.executable, "-m", "orphan_tracker.driver")
ORIGINAL = (sys.executable, str(Path(__file__).parent.parent / "drivers/python/original_design.py"))
TIME_LIMIT = 30.0


class HazardError(AssertionError):
    """A case that does not come out as its file says."""


# The unsafe variant


def outcomes_of(case: Case, without: Sequence[str]) -> tuple[Outcome, ...]:
    """What a desk without these defences does in a case."""
    config = {**config_of(case.scenario), **(case.given if without else {})}
    _, results = live(config, case.steps, without)
    kinds = ("cancelled", "dropped", "pending")
    return tuple(Outcome(*(tuple(result.get(kind, ())) for kind in kinds)) for result in results)


def found(case: Case, without: Sequence[str]) -> Found | None:
    """What is found first in a desk without these defences; None where nothing is."""
    match case.found.by:
        case "judge":
            return _by_judge(case, outcomes_of(case, without))
        case "comparison":
            return _by_comparison(case, without)
        case "bound":
            desk, _ = live(config_of(case.scenario), case.steps, without)
            waits = desk.expects(case.found.t)
            return Found("bound", "L2", case.found.t, len(case.steps)) if waits else None
        case "validation":
            return Found("validation", case.found.guarantee, 0, 0) if without and conflict_of(case) else None


def _by_judge(case: Case, outcomes: Sequence[Outcome]) -> Found | None:
    violations = judged(case.scenario, outcomes)
    first = next(iter(violations), None)
    return None if first is None else Found("judge", first.guarantee, first.t, first.line)


def _by_comparison(case: Case, without: Sequence[str]) -> Found | None:
    """R3: the same life without its cleanups has to come out the same."""
    kept = [place for place, step in enumerate(case.steps) if step["event"] != "cleanup"]
    bare = replace(case, steps=tuple(case.steps[place] for place in kept))
    with_cleanup, cleanless = outcomes_of(case, without), outcomes_of(bare, without)
    for place, other in zip(kept, cleanless, strict=True):
        if with_cleanup[place] != other:
            return Found("comparison", "R3", case.steps[place]["t"], place + 1)
    return None


def conflict_of(case: Case) -> str | None:
    """The reason why the constants of a case are refused in its environment; None where they are not."""
    named = contradictions(case.scenario.constants, case.scenario.environment)
    return next((conflict.reason for conflict in named if conflict.parameters == case.conflict), None)


# The reference


def reference() -> AbstractContextManager[Session]:
    """A conversation with the reference."""
    return conversing(REFERENCE)


@contextmanager
def conversing(command: Sequence[str]) -> Iterator[Session]:
    """A conversation with a program."""
    session = Session(command, TIME_LIMIT)
    try:
        session.start()
        yield session
    finally:
        session.program.kill()


def survived(case: Case, session: Session) -> str:
    """How the reference comes through a case; HazardError where it does not."""
    match case.found.by:
        case "validation":
            return _explained(case)
        case "bound":
            return _expectation_over(case)
    if case.refused is not None:
        return _refusal(case, session)
    dual = case.found.guarantee in LOCAL_BOOK
    scenario, outcomes = lived(case.scenario) if dual else (case.scenario, asked(case.scenario, session))
    violations = judged(scenario, outcomes)
    if violations:
        raise HazardError(
            f"{case.scenario.name}: the reference violates {violations[0].guarantee}: {violations[0].message}"
        )
    if case.found.by == "comparison":
        bare = replace(
            case.scenario, steps=tuple(step for step in case.scenario.steps if NAMES[type(step)] != "cleanup")
        )
        syncs = [outcome for step, outcome in zip(case.scenario.steps, outcomes, strict=True) if isinstance(step, Sync)]
        cleanless = zip(bare.steps, asked(bare, session), strict=True)
        if syncs != [outcome for step, outcome in cleanless if isinstance(step, Sync)]:
            raise HazardError(f"{case.scenario.name}: the reference answers otherwise without the cleanup")
    return _deeds(case.scenario.steps, outcomes)


def asked(scenario: Scenario, session: Session) -> tuple[Outcome, ...]:
    """What the reference does; what only the exchange knows is left out where the reference does not know the event."""
    known = session.implementation.events
    steps = tuple(step for step in scenario.steps if told(step, known))
    reply = session.run(replace(scenario, steps=steps))
    if isinstance(reply, Skipped | Errored):
        raise HazardError(f"{scenario.name}: the reference {type(reply).__name__.lower()}: {reply.message}")
    outcomes = dict(zip(map(id, steps), reply, strict=True))
    return tuple(outcomes.get(id(step), Outcome()) for step in scenario.steps)


def _refusal(case: Case, session: Session) -> str:
    body = run_body(case.scenario)
    for name, value in case.given.items():
        asked_for = b'"%b":%d' % (name.encode(), getattr(case.scenario.constants, name))
        if asked_for not in body:
            raise HazardError(f"{case.scenario.name}: the request does not say {name}")
        body = body.replace(asked_for, b'"%b":%d' % (name.encode(), value))
    reply = session.run(case.scenario, body)
    if not isinstance(reply, Errored) or case.refused is None or case.refused not in reply.message:
        raise HazardError(f"{case.scenario.name}: the reference does not refuse {case.given}: {reply}")
    return f"refused: {reply.message}"


def _explained(case: Case) -> str:
    reason = conflict_of(case)
    if reason is None:
        raise HazardError(f"{case.scenario.name}: nothing says that {', '.join(case.conflict)} contradict each other")
    return f"refused by `verify --config`: {reason}"


def _expectation_over(case: Case) -> str:
    """L2, asked of the tracker itself: nothing is expected at the bound, and something was just before it."""
    constants = case.scenario.constants
    if case.found.t != constants.expected_cloid_ttl:
        raise HazardError(f"{case.scenario.name}: the bound of L2 is the TTL")
    tracker = OrphanTracker()
    for step in case.scenario.steps:
        _tell(tracker, step)
    before = tracker.stats(case.found.t - 1).expected_cloids
    if before != 1 or tracker.stats(case.found.t).expected_cloids:
        raise HazardError(f"{case.scenario.name}: the reference does not let the CLOID go at {seconds(case.found.t)}")
    return f"expected for the last time at {seconds(case.found.t - 1)}"


def _tell(tracker: OrphanTracker, step: Event) -> None:
    match step:
        case Register():
            tracker.register_expected_cloids(step.cloids, step.t)
        case RecordOid():
            tracker.record_oid_for_cloid(step.cloid, step.oid, step.t)
        case LearnEnd():
            tracker.mark_ended(step.oid, step.t)
        case Sync():
            tracker.filter_aged_orphans([row.oid for row in step.open or ()], step.t, step.as_of)
        case End():
            pass
        case _:
            raise HazardError(f"{NAMES[type(step)]} is not told in a case of L2")


def _deeds(steps: Sequence[Event], outcomes: Sequence[Outcome]) -> str:
    """What was done, in a few words."""
    deeds = []
    for step, outcome in zip(steps, outcomes, strict=True):
        for verb, oids in (("cancels", outcome.cancelled), ("drops", outcome.dropped)):
            if oids:
                deeds.append(f"{verb} {_some(oids)} at {seconds(step.t)}")
    return ", ".join(deeds) or "cancels and drops nothing"


def _some(oids: Sequence[str]) -> str:
    return ", ".join(oids) if len(oids) <= 3 else f"{len(oids)} orders"


# The table

ROW = "| {id} | **{title}.** {story} | {guards} | {defence} | {file} | {found} | {survived} |"
FILES = "../spec/orphan_oracle/hazards"


def table() -> str:
    """Every hazard as a row, with what was found and survived when this ran, as Markdown."""
    lines = [
        "# Hazards",
        "",
        "What really goes wrong between a desk and an exchange: each row is a race that a trading system has met. Its file",
        "tells it as steps in the trace format; the unsafe variant (a careful desk *less the defence* named here) violates the",
        "guarantee at the step and instant given; and the reference, asked the same through its pipe, violates nothing.",
        "Generated by `python tests/hazard_suite.py`; do not edit.",
        "",
        "| id | what happens | guards | defence | file | found in the unsafe variant | survived by the reference |",
        "|---|---|---|---|---|---|---|",
    ]
    with reference() as session:
        lines += [_row(hazard, session) for hazard in hazards()]
    lines += ["", *_original()]
    lines += ["", "## What is promised where a hazard cannot be excluded", ""]
    lines += [f"* **{hazard.id}**, {hazard.title}. {hazard.promise}" for hazard in hazards() if hazard.promise]
    return "\n".join(lines) + "\n"


def _row(hazard: Hazard, session: Session) -> str:
    defences = dict.fromkeys(name for case in hazard.cases for name in case.without)
    several = len(hazard.cases) > 1

    def each(words: dict[str, str]) -> str:
        return "<br>".join(f"*{name.replace('-', ' ')}*: {said}" if several else said for name, said in words.items())

    return ROW.format(
        id=hazard.id,
        title=hazard.title,
        story=hazard.story,
        guards=" ".join(hazard.guards),
        defence="<br>".join(DEFENCES[name] for name in defences),
        file=f"[H{int(hazard.id[1:]):02}]({FILES}/H{int(hazard.id[1:]):02}.json)",
        found=each({case.name: _finding(case) for case in hazard.cases}),
        survived=each({case.name: survived(case, session) for case in hazard.cases}),
    )


def _original() -> Iterator[str]:
    """How the design that started this work comes through the cases that its events can tell."""
    cases = [case.scenario for case in cases_for(BASIC)]
    with conversing(ORIGINAL) as session:
        broken = [case.name for case in cases if judged(case, asked(case, session))]
    falls = dict.fromkeys(name.partition("/")[0] for name in broken)
    total = sum(len(row.cases) for row in hazards())
    yield "## The design that started this work"
    yield ""
    yield f"`drivers/python/original_design.py`, asked the {len(cases)} of {total} cases that its events can tell, violates"
    yield f"a guarantee in {len(falls)} hazards: {', '.join(falls)}."


def _finding(case: Case) -> str:
    what = found(case, case.without)
    if what is None or what != case.found:
        raise HazardError(f"{case.scenario.name}: found is {what}, and has to be {case.found}")
    if what.by == "validation":
        return f"{what.guarantee}, before any step (validation)"
    return f"{what.guarantee} at step {what.steps}, {seconds(what.t)} ({what.by})"


if __name__ == "__main__":
    sys.stdout.write(table())
