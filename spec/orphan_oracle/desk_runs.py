"""Simulated desks, run and judged.

Two rules. The desk writes a trace and the judge of `check` reads it: nothing that is reported as a violation was counted by
the desk itself. And a seed says everything, on one core or on several.
"""

import multiprocessing
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final

from orphan_desk.simulator import (
    ALL_FAULTS,
    MEASURED_GAPS,
    OWNED_PREFIX,
    SAYS,
    SHARES,
    Counts,
    Inputs,
    OrphanTrackerConfig,
    PolicyName,
    Setting,
    SimulatedDesk,
    Spread,
)
from orphan_oracle.codec import decode
from orphan_oracle.durations import format_duration, parse
from orphan_oracle.errors import InputError, one_line
from orphan_spec.constants import Constants, Environment
from orphan_spec.findings import Violation
from orphan_spec.judge import Judge

ALL_RUNS: Final = "all-runs"
"""The word for the gaps between syncs of all stored runs."""

CHUNK: Final = 25
"""So many desks are handed to a process at a time."""


@dataclass(frozen=True, slots=True)
class Judged:
    """What became of one desk."""

    counts: dict[str, int]
    violations: dict[str, int]
    """How many, by guarantee."""

    events: int
    first: Violation | None
    """The first violation, for whoever wants to look."""


def judged(setting: Setting) -> Judged:
    """Runs one desk and judges its trace."""
    counts, trace = traced(setting)
    found = violations_of(setting, trace)
    return Judged(asdict(counts), dict(Counter(one.guarantee for one in found)), len(trace), next(iter(found), None))


def traced(setting: Setting) -> tuple[Counts, list[str]]:
    """Runs one desk; what it counted, and its trace, line by line."""
    trace: list[str] = []
    return SimulatedDesk(setting, trace.append).run(), trace


def violations_of(setting: Setting, trace: Iterable[str]) -> list[Violation]:
    """What the judge finds in a desk's trace, in the order of its lines."""
    judge = judge_for(setting)
    found = [
        finding for number, line in enumerate(trace, 1) for finding in judge.observe(decode(line.encode()), number)
    ]
    found += judge.finish()
    return sorted((one for one in found if isinstance(one, Violation)), key=lambda one: (one.line, one.oid))


def judge_for(setting: Setting) -> Judge:
    """A judge for the constants of a setting and what its policy sees."""
    named = asdict_constants(setting.constants)
    if setting.policy == "cloid":
        return Judge(Constants(**named), Environment(observe="cloid", owned_cloid_prefix=OWNED_PREFIX))
    return Judge(Constants(**named), Environment())


def asdict_constants(config: OrphanTrackerConfig) -> dict[str, int]:
    """The three durations of a configuration by their names."""
    return {one.name: getattr(config, one.name) for one in fields(Constants)}


def many(settings: Sequence[Setting], jobs: int = 1) -> Iterator[Judged]:
    """Every setting judged, in its order, on so many cores."""
    if jobs == 1 or len(settings) <= CHUNK:
        yield from map(judged, settings)
        return
    with ProcessPoolExecutor(jobs, multiprocessing.get_context("spawn")) as pool:
        yield from pool.map(judged, settings, chunksize=CHUNK)


def setting_for(policy: PolicyName, constants: Constants, stated: Mapping[str, str], *, faults: bool) -> Setting:
    """The desk of a policy with the inputs that were stated, as text; InputError where they cannot be meant."""
    given: dict[str, Any] = dict(ALL_FAULTS[policy]) if faults else {}
    given |= {name.replace("-", "_"): read_input(name, text) for name, text in stated.items()}
    prefix = OWNED_PREFIX if policy == "cloid" else None
    named = {one.name: getattr(constants, one.name) for one in fields(Constants)}
    try:
        inputs = Inputs(**given)
    except ValueError as error:
        name, _, rest = str(error).partition(" ")
        raise InputError(f"--{name.replace('_', '-')} {one_line(rest)}") from error
    return Setting(policy, inputs, OrphanTrackerConfig(owned_cloid_prefix=prefix, **named))


def read_input(name: str, text: str) -> Any:
    """An input from its text; the name may be written with hyphens."""
    key = name.replace("-", "_")
    if key not in SAYS:
        raise InputError(f"unknown option or input --{one_line(name)}; inputs are {', '.join(SAYS)}")
    default = getattr(Inputs(), key)
    try:
        if isinstance(default, Spread):
            return MEASURED_GAPS if text == ALL_RUNS else Spread(tuple(map(parse, text.split(","))))
        if isinstance(default, int):
            return int(text)
        return float(text[:-1]) / 100 if text.endswith("%") else float(text)
    except InputError as error:
        raise InputError(f"--{name}: {error}") from error
    except ValueError as error:
        reason = str(error) if isinstance(default, Spread) else f"{one_line(text)} is no {_kind(key, default)}"
        raise InputError(f"--{name}: {reason}") from error


def _kind(key: str, default: object) -> str:
    if isinstance(default, int):
        return "whole number"
    return "share, such as 2% or 0.02" if key in SHARES else "number"


def written_input(value: Any) -> str:
    """An input as text that reads back as the same."""
    if isinstance(value, Spread):
        return ",".join(map(format_duration, value.quantiles))
    return f"{value:g}"


def written_inputs(inputs: Inputs) -> dict[str, str]:
    """All inputs, as text, by their names."""
    return {name: written_input(getattr(inputs, name)) for name in SAYS}


def seeded(setting: Setting, seeds: Iterable[int]) -> list[Setting]:
    """The same desk with every seed."""
    return [replace(setting, seed=seed) for seed in seeds]


def in_flight_limit(setting: Setting) -> int | None:
    """Below which latency S3 is proved for the desk's syncs, in ns; None where it holds for every latency.

    Between the instants at which two syncs decide lies a gap, less what their fetches differ; no longest gap is assumed,
    for a fetch may fail and a sync be skipped. A snapshot is as of its request, less what the venue may lag."""
    if setting.policy == "cloid":
        return None
    from orphan_proofs.timing import threshold

    inputs, fetch = setting.inputs, setting.inputs.fetch
    environment = Environment(
        sync_period_min=max(0, inputs.sync_period.shortest - (fetch.longest - fetch.shortest)),
        snapshot_age_max=inputs.staleness.longest + fetch.longest,
    )
    return threshold(Constants(**asdict_constants(setting.constants)), environment).at


def longest_answer(inputs: Inputs) -> int | None:
    """The longest time to an answer, in ns; None where one may never come."""
    if inputs.lost_answers:
        return None
    return inputs.latency.longest + (inputs.late_by.longest if inputs.late_answers else 0)
