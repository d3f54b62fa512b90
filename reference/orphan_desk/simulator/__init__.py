"""A desk in virtual time: deterministic, every input stated, every step written down as a trace."""

from orphan_desk.simulator.clients import Sink
from orphan_desk.simulator.counts import Counts
from orphan_desk.simulator.desk import SimulatedDesk
from orphan_desk.simulator.inputs import (
    ALL_FAULTS,
    MEASURED_GAPS,
    OWNED_PREFIX,
    POLICIES,
    SAYS,
    SHARES,
    Inputs,
    PolicyName,
    Setting,
)
from orphan_desk.simulator.spread import Spread, milliseconds
from orphan_tracker import OrphanTrackerConfig

__all__ = [
    "ALL_FAULTS",
    "MEASURED_GAPS",
    "OWNED_PREFIX",
    "POLICIES",
    "SAYS",
    "SHARES",
    "Counts",
    "Inputs",
    "OrphanTrackerConfig",
    "PolicyName",
    "Setting",
    "SimulatedDesk",
    "Sink",
    "Spread",
    "milliseconds",
]
