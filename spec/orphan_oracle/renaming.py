"""Scenarios whose CLOIDs are renamed."""

from dataclasses import replace

from orphan_oracle.scenario import Scenario
from orphan_spec.events import Accept, Event, Fail, Finalize, Modify, OpenOrder, RecordOid, Register, Sync, Timeout


def with_prefix(scenario: Scenario, prefix: str) -> Scenario:
    """The same scenario with ownership at stake: every CLOID in it begins with the prefix and is ours."""
    environment = replace(scenario.environment, owned_cloid_prefix=prefix)
    return replace(scenario, steps=tuple(_step(step, prefix) for step in scenario.steps), environment=environment)


def _step(step: Event, prefix: str) -> Event:
    if isinstance(step, Register):
        return replace(step, cloids=tuple(prefix + cloid for cloid in step.cloids))
    if isinstance(step, RecordOid | Finalize | Fail | Timeout | Modify):
        return replace(step, cloid=prefix + step.cloid)
    if isinstance(step, Accept) and isinstance(step.cloid, str):
        return replace(step, cloid=prefix + step.cloid)
    if isinstance(step, Sync) and step.open is not None:
        return replace(step, open=tuple(_row(row, prefix) for row in step.open))
    return step


def _row(row: OpenOrder, prefix: str) -> OpenOrder:
    return replace(row, cloid=prefix + row.cloid) if isinstance(row.cloid, str) else row
