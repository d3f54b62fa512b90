"""The certification protocol: `start`, `run`, `stop`, and what may come back.

Two rules. A reply is taken apart here and nowhere else; whatever is not a reply in every detail is a `ProgramError` that
quotes it. OIDs in replies are text, or whole numbers that are kept exact.
"""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol, TypeAlias

from orphan_oracle.program import Program, ProgramError, shown
from orphan_oracle.scenario import Outcome, Scenario, run_request
from orphan_oracle.wall import TOLERANCE, duration, lateness
from orphan_spec.events import BASIC, EVENTS, Act, Event, Sync

VERSION: Final = 1


@dataclass(frozen=True, slots=True)
class Implementation:
    """How a program introduces itself."""

    name: str = "unknown"
    language: str = "unknown"
    version: str = "unknown"
    source: str | None = None
    issues: str | None = None
    clock: str = "virtual"
    tolerance: int | None = None
    """How late, in ns, a step may be taken by a program whose clock is the wall's; null for all others."""

    events: tuple[str, ...] = BASIC


@dataclass(frozen=True, slots=True)
class Skipped:
    """The program does not support what the scenario asks."""

    message: str


@dataclass(frozen=True, slots=True)
class Errored:
    """The program says that it failed."""

    message: str


Reply: TypeAlias = "tuple[Outcome, ...] | Skipped | Errored"


class Respondent(Protocol):
    """Anything that lives through scenarios."""

    def run(self, scenario: Scenario) -> Reply:
        """The outcomes of a scenario, lived through by a fresh tracker; ProgramError where there are none."""
        ...


def encoded(request: dict[str, object]) -> bytes:
    return json.dumps(request, separators=(",", ":")).encode() + b"\n"


def decoded(line: bytes) -> dict[str, object]:
    """The JSON object on a line; ProgramError where there is none."""
    try:
        reply = json.loads(line)
    except (ValueError, RecursionError):
        raise ProgramError("garbage", f"not a JSON object: {shown(line)!r}") from None
    if not isinstance(reply, dict):
        raise ProgramError("garbage", f"not a JSON object: {shown(line)!r}")
    return reply


class Session:
    """A conversation with one program."""

    def __init__(self, command: Sequence[str], time_limit: float) -> None:
        self.program = Program(command, time_limit)
        self.implementation = Implementation()
        self._number = 0

    def start(self) -> Implementation:
        """Opens the conversation."""
        line = self.program.ask(encoded({"op": "start", "version": VERSION}))
        self.implementation = read_start(line)
        return self.implementation

    def run(self, scenario: Scenario, body: bytes | None = None) -> Reply:
        """The reply to a scenario, whose body may be given where it is known."""
        self._number += 1
        request, tolerance = run_request(scenario, self._number, body), self.implementation.tolerance
        if tolerance is None:
            return read_reply(self.program.ask(request), scenario, self._number)
        began = time.monotonic_ns()
        line = self.program.ask(request, duration(scenario) / 1e9)
        elapsed = time.monotonic_ns() - began
        reply = read_reply(line, scenario, self._number)
        late = lateness(scenario, elapsed, tolerance) if isinstance(reply, tuple) else None
        return reply if late is None else Skipped(late)

    def stop(self) -> str | None:
        """Closes the conversation; what was wrong with the way the program took it, if anything."""
        return self.program.end(encoded({"op": "stop"}))


def read_start(line: bytes) -> Implementation:
    """The introduction in a start reply."""
    reply = decoded(line)
    about = reply.get("implementation", {})
    if reply.get("ok") is not True or not isinstance(about, dict):
        raise ProgramError("lying", f"its reply to `start` is not ok: {shown(line)!r}")
    clock, events = reply.get("clock", "virtual"), reply.get("events", list(BASIC))
    if clock not in ("virtual", "wall"):
        raise ProgramError("lying", f'`clock` must be "virtual" or "wall": {shown(line)!r}')
    if not isinstance(events, list) or not all(isinstance(event, str) for event in events):
        raise ProgramError("lying", f"`events` must be a list of names: {shown(line)!r}")
    if "sync" not in events:
        raise ProgramError("lying", f"`events` lacks sync, without which nothing can be judged: {shown(line)!r}")
    tolerance = reply.get("tolerance", TOLERANCE) if clock == "wall" else None
    if tolerance is not None and (isinstance(tolerance, bool) or not isinstance(tolerance, int) or tolerance <= 0):
        raise ProgramError("lying", f"`tolerance` must be a whole number of nanoseconds above 0: {shown(line)!r}")
    texts = {key: str(about.get(key, "unknown")) for key in ("name", "language", "version")}
    links = {key: str(reply[key]) for key in ("source", "issues") if reply.get(key) is not None}
    known = tuple(event for event in EVENTS if event in events)
    return Implementation(**texts, **links, clock=str(clock), tolerance=tolerance, events=known)


def read_reply(line: bytes, scenario: Scenario, number: int) -> Reply:
    """The outcomes in a run reply."""
    reply = decoded(line)
    if reply.get("id") != number or isinstance(reply.get("id"), bool):
        raise ProgramError("lying", f"the reply is not to run {number}: {shown(line)!r}")
    if reply.get("skipped") is True:
        return Skipped(str(reply.get("message", "")))
    if reply.get("errored") is True:
        context = reply.get("context", reply.get("message", ""))
        return Errored(str(context.get("message", context)) if isinstance(context, dict) else str(context))
    results = reply.get("results")
    if reply.get("ok") is not True or not isinstance(results, list):
        raise ProgramError("lying", f"the reply has neither results nor skipped nor errored: {shown(line)!r}")
    if len(results) != len(scenario.steps):
        raise ProgramError("lying", f"{len(results)} results for {len(scenario.steps)} steps: {shown(line)!r}")
    return tuple(
        _outcome(result, step, place) for place, (result, step) in enumerate(zip(results, scenario.steps, strict=True))
    )


def _outcome(result: object, step: Event, place: int) -> Outcome:
    if not isinstance(result, dict):
        raise ProgramError("lying", f"result {place} is not an object: {_quoted(result)}")
    if not isinstance(step, Sync | Act):
        return Outcome()
    if "cancelled" not in result:
        kind = "a sync" if isinstance(step, Sync) else "an act"
        raise ProgramError("lying", f"result {place} is of {kind} and has no `cancelled`: {_quoted(result)}")
    cancelled = _oids(result["cancelled"], place)
    if isinstance(step, Act):
        return Outcome(cancelled)
    return Outcome(cancelled, _oids(result.get("dropped", []), place), _oids(result.get("pending", []), place))


def _oids(value: object, place: int) -> tuple[str, ...]:
    if not isinstance(value, list):
        raise ProgramError("lying", f"result {place} has no list of OIDs: {_quoted(value)}")
    for oid in value:
        if isinstance(oid, bool) or not isinstance(oid, str | int):
            raise ProgramError("lying", f"result {place} has an OID that is not text: {_quoted(oid)}")
    return tuple(str(oid) for oid in value)


def _quoted(value: object) -> str:
    return shown(json.dumps(value).encode())
