"""What a simulated desk is told: every input stated, none hidden.

Two rules. What was measured at the desk that the tracker was written for is the default, and the rest is off; what no log
says is an assumption, and its sentence calls it one. A share is between 0 and 1, a duration is in ns.
"""

from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Final, Literal, get_args, get_type_hints

from orphan_desk.simulator.spread import Spread, milliseconds
from orphan_tracker import OrphanTrackerConfig

PolicyName = Literal["naive", "oid", "cloid"]

POLICIES: Final[tuple[PolicyName, ...]] = ("naive", "oid", "cloid")

OWNED_PREFIX: Final = "0xa1"
"""How the desk's own CLOIDs begin."""

LATENCY: Final = milliseconds(785, 1_024, 1_213, 1_488, 1_847)
GAPS: Final = milliseconds(4_796, 10_852, 11_175, 11_541, 11_541)
FETCH: Final = milliseconds(285, 603, 713, 1_040, 1_040)
CANCEL_LATENCY: Final = milliseconds(254, 513, 670, 889, 2_033)

MEASURED_GAPS: Final = milliseconds(4_796, 11_200, 60_200, 71_700, 71_700)
"""The gaps between syncs of all stored runs together, those configured for 10 s and those for 60 s."""

NONE: Final = Spread((0,))
HALF_A_SECOND: Final = milliseconds(500)
FIVE_SECONDS: Final = milliseconds(5_000)
UP_TO_TWENTY_SECONDS: Final = milliseconds(2_000, 20_000)


@dataclass(frozen=True, slots=True, kw_only=True)
class Inputs:
    """The inputs of one simulated desk; raises ValueError for what cannot be meant."""

    rate: Annotated[float, "orders placed a second (measured: 2,115 in 1,289 s)"] = 1.64
    ladder: Annotated[int, "orders of one side, placed in one call (measured)"] = 5
    latency: Annotated[Spread, "from a call to its answer (measured: 2,575 answers)"] = LATENCY
    rests_after: Annotated[float, "share of the latency after which an order rests (assumption)"] = 0.5
    sync_period: Annotated[Spread, "from sync to sync (measured where 10 s were configured)"] = GAPS
    overlap: Annotated[float, "share of syncs that run beside calls in flight (assumption; in both logs: none)"] = 1.0
    fetch: Annotated[Spread, "from the request of a snapshot to its receipt (measured)"] = FETCH
    staleness: Annotated[Spread, "how far a snapshot lags behind the exchange (assumption)"] = NONE
    cancel_latency: Annotated[Spread, "from a cancel to its answer (measured: 1,592 cancels)"] = CANCEL_LATENCY
    sync_delay: Annotated[Spread, "from a sync's decision to its cancels (assumption)"] = NONE
    message_delay: Annotated[Spread, "from a fill to the message about it (assumption)"] = HALF_A_SECOND
    rejects: Annotated[float, "share of orders that are definitely rejected (measured: 500 of 2,115)"] = 0.236
    instant_fills: Annotated[float, "share of orders that are filled at once (measured: 17 of 2,115)"] = 0.008
    fills: Annotated[float, "share of resting orders that are filled (measured: 4 of 1,598)"] = 0.0025
    partial_fills: Annotated[float, "share of fills that are partial, so that the order rests on"] = 0.0
    requotes: Annotated[float, "share of quote rounds that replace a side's ladder (measured: all)"] = 1.0
    modifies: Annotated[float, "share of replacements that are a modify, that is cancel-replace"] = 0.0
    lost_answers: Annotated[float, "share of calls whose answer never comes; the outcome stays unknown"] = 0.0
    late_answers: Annotated[float, "share of calls whose answer comes late"] = 0.0
    late_by: Annotated[Spread, "how late a late answer is"] = UP_TO_TWENTY_SECONDS
    lost_messages: Annotated[float, "share of fill messages that never come"] = 0.0
    failed_cancels: Annotated[float, "share of cancels that neither work nor are answered"] = 0.0
    failed_fetches: Annotated[float, "share of snapshots that cannot be fetched"] = 0.0
    restarts: Annotated[float, "restarts of the client a minute"] = 0.0
    foreign: Annotated[float, "orders a minute that somebody else places on the account"] = 0.0
    timeout: Annotated[Spread, "after which a call without an answer counts as unknown"] = FIVE_SECONDS

    def __post_init__(self) -> None:
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, Spread):
                continue
            least, most = LIMITS.get(one.name, (0, 1))
            if not least <= value <= most:
                share = "; it is a share (write 2% or 0.02)" if one.name in SHARES else ""
                raise ValueError(f"{one.name} is {value:g}; it has to be between {least:g} and {most:g}{share}")
        if self.sync_period.shortest < SHORTEST_GAP:
            raise ValueError("sync_period has to be 1 ms or more: consecutive syncs have time between them")


LIMITS: Final[dict[str, tuple[float, float]]] = {
    "rate": (0.001, 1_000),
    "ladder": (1, 1_000),
    "restarts": (0, 1_000),
    "foreign": (0, 1_000),
}
"""The least and the most of the inputs that are no shares."""

SHORTEST_GAP: Final = 1_000_000

SHARES: Final = frozenset(
    {"rests_after", "overlap", "rejects", "instant_fills", "fills", "partial_fills", "requotes", "modifies"}
    | {"lost_answers", "late_answers", "lost_messages", "failed_cancels", "failed_fetches"}
)
"""The inputs that are shares."""

SAYS: Final[dict[str, str]] = {
    name: get_args(hint)[1] for name, hint in get_type_hints(Inputs, include_extras=True).items()
}
"""What every input means, in one sentence."""

_FAULTS: Final[dict[str, Any]] = {
    "staleness": milliseconds(0, 4_000),
    "sync_delay": milliseconds(0, 2_000),
    "fills": 0.1,
    "partial_fills": 0.1,
    "modifies": 0.2,
    "late_answers": 0.1,
    "lost_messages": 0.1,
    "failed_cancels": 0.1,
    "failed_fetches": 0.1,
    "restarts": 0.5,
    "foreign": 4.0,
}

ALL_FAULTS: Final[dict[PolicyName, dict[str, Any]]] = {
    "naive": {**_FAULTS, "lost_answers": 0.05},
    "oid": {**_FAULTS, "late_by": milliseconds(500, 3_000)},
    "cloid": {**_FAULTS, "lost_answers": 0.05},
}
"""Every fault switched on. With `oid` an answer that is lost, or later than the S3 condition allows, is no fault of the
desk but a broken assumption (A4); there answers are late within it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """One simulated desk: the policy, its constants, the inputs, how long, and the seed."""

    policy: PolicyName
    inputs: Inputs = field(default_factory=Inputs)
    constants: OrphanTrackerConfig = field(default_factory=OrphanTrackerConfig)
    length: int = 120_000_000_000
    """How long the desk runs, in ns of virtual time."""

    seed: int = 0
