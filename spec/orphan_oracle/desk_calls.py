"""What `simulate` was asked, carried out: desks side by side, the sweep, or a real desk's log.

One rule. Whatever is wrong with the call is refused before anything runs or is written.
"""

import time
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Literal

from orphan_desk.simulator import POLICIES, PolicyName, Setting
from orphan_oracle.codec import write_document
from orphan_oracle.desk_heat import heat_map
from orphan_oracle.desk_log import from_log, log_markdown, log_text
from orphan_oracle.desk_picture import two_minutes
from orphan_oracle.desk_report import SimulateDocument, holds, policy_document, simulate_markdown, simulate_text
from orphan_oracle.desk_runs import asdict_constants, many, seeded, setting_for, traced, written_inputs
from orphan_oracle.desk_soak import SoakDocument, soak, soak_text
from orphan_oracle.desk_sweep import SweepDocument, as_proved, sweep, sweep_text
from orphan_oracle.errors import InputError
from orphan_spec.constants import Constants

MINUTE: Final = 60_000_000_000
FORMATS: Final = {"soak": ("text", "json"), "sweep": ("text", "json", "svg"), "from-log": ("text", "json", "markdown")}

Answer = tuple[Iterable[str], int]
"""The lines of the report, and the exit status."""


@dataclass(frozen=True, slots=True)
class Call:
    """The options of `simulate` as they were given."""

    policy: PolicyName | Literal["all"]
    constants: Constants
    inputs: Mapping[str, str]
    faults: bool
    minutes: float
    seeds: range
    jobs: int
    format: str

    @property
    def policies(self) -> tuple[PolicyName, ...]:
        """The policies that are asked for."""
        return POLICIES if self.policy == "all" else (self.policy,)

    def setting(self, policy: PolicyName, **more: str) -> Setting:
        """The desk of a policy, with inputs that hold where none are given."""
        found = setting_for(policy, self.constants, {**more, **self.inputs}, faults=self.faults)
        return replace(found, length=round(self.minutes * MINUTE))

    def written_as(self, report: str) -> None:
        """Refuses a format that a report does not have."""
        known = FORMATS[report]
        if self.format not in known:
            raise InputError(f"--{report} is written as {', '.join(known[:-1])} or {known[-1]}, not {self.format}")


def side_by_side(call: Call, trace: str | None) -> Answer:
    """The same desk under every policy."""
    settings = [call.setting(policy) for policy in call.policies]
    if trace is not None:
        _write_trace(settings, trace, call.seeds.start)
    if call.format == "svg":
        return [two_minutes(settings, call.seeds.start)], 0
    started = time.perf_counter()
    document = simulated(settings, call.seeds, call.jobs)
    status = 0 if holds(document) else 1
    if call.format == "json":
        return [write_document(document)], status
    if call.format == "markdown":
        return simulate_markdown(document), status
    return simulate_text(document, time.perf_counter() - started), status


def simulated(settings: Sequence[Setting], seeds: range, jobs: int = 1) -> SimulateDocument:
    """The report on desks that differ in their policy only."""
    rows = [policy_document(setting, seeds, list(many(seeded(setting, seeds), jobs))) for setting in settings]
    first = settings[0]
    return SimulateDocument(1, first.length, seeds.start, asdict_constants(first.constants), tuple(rows))


def _write_trace(settings: Sequence[Setting], path: str, seed: int) -> None:
    if len(settings) > 1:
        raise InputError("--trace writes one trace: say which --policy")
    _, trace = traced(replace(settings[0], seed=seed))
    try:
        Path(path).write_text("".join(f"{line}\n" for line in trace), encoding="utf-8")
    except OSError as error:
        raise InputError(f"--trace {path}: cannot be written: {error.strerror or error}") from error


def swept(call: Call) -> Answer:
    """The heat map of latency and grace."""
    call.written_as("sweep")
    setting = call.setting("oid" if call.policy == "all" else call.policy, rests_after="0")
    cells = tuple(sweep(setting, call.seeds, jobs=call.jobs))
    inputs = written_inputs(setting.inputs)
    document = SweepDocument(1, setting.policy, setting.length, call.seeds.start, inputs, as_proved(cells), cells)
    status = 0 if document.holds else 1
    if call.format == "json":
        return [write_document(document)], status
    return ([heat_map(document)] if call.format == "svg" else sweep_text(document)), status


def logged(call: Call, file: str, sync_every: str | None) -> Answer:
    """What the policies make of a log."""
    call.written_as("from-log")
    document = from_log(file, call.policies, call.constants, call.inputs, sync_every)
    status = 0 if document.holds else 1
    if call.format == "json":
        return [write_document(document)], status
    return (log_markdown(document) if call.format == "markdown" else log_text(document)), status


def soaked(call: Call, orders: int) -> Answer:
    """One long desk, tenth by tenth."""
    call.written_as("soak")
    setting = replace(call.setting("cloid" if call.policy == "all" else call.policy), seed=call.seeds.start)
    parts = tuple(soak(setting, orders))
    document = SoakDocument(1, setting.policy, setting.seed, written_inputs(setting.inputs), parts)
    status = 1 if any(part.violations for part in parts) else 0
    return ([write_document(document)] if call.format == "json" else soak_text(document)), status
