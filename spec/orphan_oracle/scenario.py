"""A scenario: a trace without outcomes, and the constants that it is for.

Three rules. A scenario shows CLOIDs in every listing or in none. Every number is below 2^53 and every OID is text, so that
any language can read it. A scenario says nothing about what ought to be done in it: that is the judge's.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Final

from orphan_oracle.codec import decode, encode, seen_snapshot
from orphan_oracle.errors import InputError, one_line
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import Act, Event, Sync

DURATIONS: Final = ("orphan_grace_period", "expected_cloid_ttl", "finalized_protection_period")

_NO_OUTCOMES: Final = (b',"cancelled":[],"dropped":[]}', b',"cancelled":[]}')
"""How a sync and an act end where they have no outcome."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """Steps for a fresh tracker, and the world that they come from."""

    name: str
    steps: tuple[Event, ...]
    constants: Constants = field(default_factory=Constants)
    environment: Environment = field(default_factory=Environment)

    @property
    def syncs(self) -> int:
        return sum(isinstance(step, Sync) for step in self.steps)

    def filled(self, outcomes: Sequence["Outcome"]) -> tuple[Event, ...]:
        """The trace that the outcomes make of it."""
        return tuple(_filled(step, outcome) for step, outcome in zip(self.steps, outcomes, strict=True))


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a program answered to one step."""

    cancelled: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    pending: tuple[str, ...] = ()


def _filled(step: Event, outcome: Outcome) -> Event:
    if isinstance(step, Sync):
        return replace(step, cancelled=outcome.cancelled, dropped=outcome.dropped, pending=outcome.pending)
    return replace(step, cancelled=outcome.cancelled) if isinstance(step, Act) else step


def config_of(scenario: Scenario) -> dict[str, object]:
    """The `config` of a run request."""
    config: dict[str, object] = {name: getattr(scenario.constants, name) for name in DURATIONS}
    config["observe"] = scenario.environment.observe
    if scenario.environment.owned_cloid_prefix is not None:
        config["owned_cloid_prefix"] = scenario.environment.owned_cloid_prefix
    return config


def wire_steps(steps: Sequence[Event]) -> bytes:
    """The steps as the protocol writes them: without outcomes."""
    return b"[" + b",".join(_bare(encode(_filled(step, Outcome()))) for step in steps) + b"]"


def _bare(line: bytes) -> bytes:
    ending = next((ending for ending in _NO_OUTCOMES if line.endswith(ending)), None)
    return line if ending is None else line.removesuffix(ending) + b"}"


def run_body(scenario: Scenario) -> bytes:
    """What a run request says of a scenario: its `config` and its `steps`."""
    config = json.dumps(config_of(scenario), separators=(",", ":")).encode()
    return b'"config":%b,"steps":%b' % (config, wire_steps(scenario.steps))


def run_request(scenario: Scenario, number: int, body: bytes | None = None) -> bytes:
    """The request that asks a program to live through the scenario, on one line."""
    return b'{"op":"run","id":%d,%b}\n' % (number, run_body(scenario) if body is None else body)


def scenario_document(scenario: Scenario) -> dict[str, object]:
    """The scenario as it is kept in a file."""
    steps: list[object] = json.loads(wire_steps(scenario.steps))
    return {"version": 1, "name": scenario.name, "config": config_of(scenario), "steps": steps}


def read_scenario(document: object, name: str) -> Scenario:
    """The scenario of a document; InputError, which calls it by the name, where it is none."""
    if not isinstance(document, dict) or not isinstance(document.get("config"), dict):
        raise InputError(f"{name}: is not a scenario: it must be an object with `config` and `steps`")
    config, steps = document["config"], document.get("steps")
    if not isinstance(steps, list):
        raise InputError(f"{name}: is not a scenario: `steps` must be a list of events")
    try:
        constants = Constants(**{key: config[key] for key in DURATIONS})
        environment = Environment(
            observe=config.get("observe", "oid"), owned_cloid_prefix=config.get("owned_cloid_prefix")
        )
        events = tuple(decode(json.dumps(step).encode()) for step in steps)
        seen = False
        for event in events:
            seen = seen_snapshot(event, seen)
    except KeyError as error:
        raise InputError(f"{name}: `config` lacks {error}") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise InputError(f"{name}: {one_line(str(error))}") from error
    if any(later.t < earlier.t for earlier, later in pairwise(events)):
        raise InputError(f"{name}: time goes back; steps must be in the order of time")
    return Scenario(str(document.get("name", name)), events, constants, environment)
