"""The constants of a tracker and the environment it is assumed to live in.

Two rules. Every duration is a whole number of nanoseconds; a value that makes no sense is refused with the reason, never
rounded or clamped. An environment field that is None is *no assumption*, not a default.
"""

from dataclasses import dataclass, fields
from typing import Final, Literal

SECOND: Final = 1_000_000_000
"""One second in nanoseconds."""


def _whole(name: str, value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError(f"{name} must be a whole number of nanoseconds, not {value!r}")
    return value


@dataclass(frozen=True, slots=True)
class Constants:
    """The three durations that configure a tracker."""

    orphan_grace_period: int = 5 * SECOND
    """How long an unclaimed order must have been an orphan before it is cancelled, in ns."""

    expected_cloid_ttl: int = 30 * SECOND
    """How long a registered CLOID is protected while its answer is awaited, in ns."""

    finalized_protection_period: int = 10 * SECOND
    """How long an OID is protected after it was first heard of, in ns."""

    def __post_init__(self) -> None:
        for field in fields(self):
            if _whole(field.name, getattr(self, field.name)) <= 0:
                raise ValueError(f"{field.name} must be above 0, not {getattr(self, field.name)}")


@dataclass(frozen=True, slots=True)
class Environment:
    """What is assumed of syncs, snapshots, answers and ownership."""

    sync_period_min: int | None = None
    """The least time from the start of one sync to the start of the next, in ns."""

    sync_period_max: int | None = None
    """The longest time from the start of one sync to the start of the next, in ns; above 0."""

    snapshot_age_max: int | None = None
    """The snapshot used at t shows the exchange at some instant in [t - this, t], in ns."""

    response_latency_max: int | None = None
    """The longest time from register to record_oid, in ns."""

    observe: Literal["oid", "cloid"] = "oid"
    """Whether the sync sees bare OIDs or each open order's CLOID too."""

    owned_cloid_prefix: str | None = None
    """The prefix of the CLOIDs that are ours; without it every order of the account counts as ours."""

    def __post_init__(self) -> None:
        for name in ("sync_period_min", "sync_period_max", "snapshot_age_max", "response_latency_max"):
            value = getattr(self, name)
            if value is not None and _whole(name, value) < 0:
                raise ValueError(f"{name} must not be negative, and is {value}")
        if self.sync_period_max == 0:
            raise ValueError("sync_period_max must be above 0: consecutive syncs have time between them")
        low, high = self.sync_period_min, self.sync_period_max
        if low is not None and high is not None and low > high:
            raise ValueError(f"sync_period_min ({low} ns) must not be above sync_period_max ({high} ns)")
        if self.observe not in ("oid", "cloid"):
            raise ValueError(f'observe must be "oid" or "cloid", not {self.observe!r}')
        if self.owned_cloid_prefix == "":
            raise ValueError("owned_cloid_prefix must not be empty: leave it out if every order is ours")
