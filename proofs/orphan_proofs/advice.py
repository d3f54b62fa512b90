"""What to change: constants that contradict each other, and constants that would do.

Three rules. A conflict is a contradiction that a run can show, never a matter of taste. A suggestion is the exact interval
of what would do, because both wishes are monotone: the longer the grace, the later the earliest false cancel (S3) and the
later the last true one (L1). And where nothing would do, both ends are proved: a grace one nanosecond below the interval
has a run that breaks the first wish, one above it a run that breaks the second.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from orphan_proofs import liveness, timing
from orphan_spec.constants import Constants, Environment
from orphan_spec.findings import seconds

GRACE_MAX: Final = 1 << 62
"""No grace is sought beyond this, in ns."""


@dataclass(frozen=True, slots=True)
class Conflict:
    """Constants, and facts of the environment, that cannot be meant together."""

    parameters: tuple[str, ...]
    reason: str
    nearest: tuple["Remedy", ...]
    """The nearest constants that would do, one change each."""

    def __str__(self) -> str:
        remedies = " or ".join(f"{remedy.parameter} = {seconds(remedy.value_ns)}" for remedy in self.nearest)
        return f"{self.reason}: {remedies} would do" if remedies else self.reason


@dataclass(frozen=True, slots=True)
class Remedy:
    """A constant with the nearest value that would do."""

    parameter: str
    value_ns: int


def conflicts(constants: Constants, environment: Environment) -> list[str]:
    """Constants that contradict each other in this environment, each with the reason and what would do."""
    return [str(conflict) for conflict in contradictions(constants, environment)]


def contradictions(constants: Constants, environment: Environment) -> list[Conflict]:
    """The same as data."""
    found = [_window_before_answer, _grace_before_answer, _grace_before_snapshot, _protection_before_snapshot]
    return [conflict for find in found if (conflict := find(constants, environment)) is not None]


def _window_before_answer(constants: Constants, environment: Environment) -> Conflict | None:
    ttl, latency = constants.expected_cloid_ttl, environment.response_latency_max
    if latency is None or latency < ttl:
        return None
    return Conflict(
        ("expected_cloid_ttl", "response_latency_max"),
        f"expected_cloid_ttl ({seconds(ttl)}) ends before an answer of response_latency_max ({seconds(latency)}) arrives",
        (Remedy("expected_cloid_ttl", latency + 1),),
    )


def _grace_before_answer(constants: Constants, environment: Environment) -> Conflict | None:
    latency = environment.response_latency_max
    if latency is None or environment.observe == "cloid":
        return None
    at = timing.threshold(constants, environment).at
    if at is None or latency < at:
        return None
    least = least_grace(constants, environment, latency)
    return Conflict(
        ("orphan_grace_period", "response_latency_max"),
        f"orphan_grace_period ({seconds(constants.orphan_grace_period)}) lets an order whose answer takes "
        f"response_latency_max ({seconds(latency)}) be cancelled {seconds(at)} after its registration",
        () if least is None else (Remedy("orphan_grace_period", least),),
    )


def _grace_before_snapshot(constants: Constants, environment: Environment) -> Conflict | None:
    """Two snapshots of an order that has ended, a grace apart, may both still be used after its end."""
    grace, age = constants.orphan_grace_period, environment.snapshot_age_max
    if age is None or age <= max(grace, environment.sync_period_min or 0):
        return None
    return Conflict(
        ("orphan_grace_period", "snapshot_age_max"),
        f"orphan_grace_period ({seconds(grace)}) passes within snapshots up to snapshot_age_max ({seconds(age)}) old, "
        "so that an order that has long ended is cancelled",
        (Remedy("orphan_grace_period", age),),
    )


def _protection_before_snapshot(constants: Constants, environment: Environment) -> Conflict | None:
    protection, age = constants.finalized_protection_period, environment.snapshot_age_max
    if age is None or age <= protection:
        return None
    return Conflict(
        ("finalized_protection_period", "snapshot_age_max"),
        f"finalized_protection_period ({seconds(protection)}) is over before a snapshot need show the order, with "
        f"snapshot_age_max {seconds(age)}",
        (Remedy("finalized_protection_period", age),),
    )


def remarks(constants: Constants, environment: Environment) -> list[str]:
    """What is no contradiction, and still worth knowing."""
    found: list[str] = []
    longest, age = environment.sync_period_max, environment.snapshot_age_max
    protection, grace = constants.finalized_protection_period, constants.orphan_grace_period
    if longest is not None and age is not None and age <= protection < age + longest:
        found.append(
            "finalized_protection_period may pass between two syncs: then only the local book shields the order"
        )
    unshown = timing.threshold(constants, environment).at is None and grace < constants.expected_cloid_ttl
    if environment.observe == "oid" and unshown:
        found.append(
            "no sync can cancel an in-flight order: two syncs a grace apart do not fit into expected_cloid_ttl"
        )
    if age is not None and (environment.sync_period_min or 0) >= grace + age:
        found.append("two syncs are always a grace apart: a shorter grace would change nothing")
    return found


def least_grace(constants: Constants, environment: Environment, latency: int) -> int | None:
    """The least grace with which no in-flight order is cancelled although answers take so long."""

    def safe(grace: int) -> bool:
        at = timing.threshold(replace(constants, orphan_grace_period=grace), environment).at
        return at is None or latency < at

    return _least(safe, GRACE_MAX)


def greatest_grace(constants: Constants, environment: Environment, within: int) -> int | None:
    """The greatest grace with which every orphan is gone in time; 0 where none is, None where there is no bound."""
    if liveness.orphan_bound(constants, environment) is None:
        return None

    def slow(grace: int) -> bool:
        bound = liveness.orphan_bound(replace(constants, orphan_grace_period=grace), environment)
        return bound is None or bound.ns > within

    first = _least(slow, GRACE_MAX)
    return GRACE_MAX if first is None else first - 1


def _least(wanted: Callable[[int], bool], most: int) -> int | None:
    """The least number from 1 to `most` that is as wanted, where every greater one is too; None where none is."""
    low, high = 1, most
    if not wanted(high):
        return None
    while low < high:
        middle = (low + high) // 2
        low, high = (low, middle) if wanted(middle) else (middle + 1, high)
    return low


@dataclass(frozen=True, slots=True)
class Wish:
    """What a user wants of the constants."""

    no_false_cancellation: bool
    orphans_gone_within: int | None
    """In ns; None: no matter when."""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """The constants that fulfil a wish, or why none do."""

    wish: Wish
    grace_min: int
    grace_max: int | None
    """Every grace from least to greatest would do; None: there is no greatest."""
    constants: Constants | None
    """The nearest to those that were given; None where none fulfil the wish."""
    conflict: str


def suggest(constants: Constants, environment: Environment, wish: Wish) -> Suggestion:
    """The nearest constants that fulfil the wish in this environment, confirmed; or the conflict, proved."""
    latency, age = environment.response_latency_max, environment.snapshot_age_max or 0
    ttl = constants.expected_cloid_ttl
    low, why = 1, "a grace is above 0"
    if wish.no_false_cancellation:
        ttl = max(ttl, (latency or 0) + 1)
        if environment.observe == "oid" and latency is None:
            why = (
                "answers may take any time (no response_latency_max), and with observe = oid a cancel may overtake one"
            )
            return _impossible(wish, why)
        roomy = replace(constants, expected_cloid_ttl=ttl)
        if environment.observe == "oid" and latency is not None:
            low, why = least_grace(roomy, environment, latency) or GRACE_MAX, "an earlier cancel may overtake an answer"
        if age > max(low, environment.sync_period_min or 0):
            low, why = age, "a shorter one passes within snapshots of an order that has ended"
    high = GRACE_MAX
    if wish.orphans_gone_within is not None:
        most = greatest_grace(constants, environment, wish.orphans_gone_within)
        if most is None:
            missing = _missing(environment)
            return _impossible(wish, f"orphans may stay for ever: the environment does not limit {missing}")
        high = most
    if low > high:
        return Suggestion(wish, low, high, None, _clash(constants, environment, wish, low, high, why))
    nearest = Constants(min(max(constants.orphan_grace_period, low), high), ttl, _protection(constants, wish, age))
    return Suggestion(wish, low, None if high == GRACE_MAX else high, nearest, "")


def _protection(constants: Constants, wish: Wish, age: int) -> int:
    return max(constants.finalized_protection_period, age if wish.no_false_cancellation else 1)


def _impossible(wish: Wish, conflict: str) -> Suggestion:
    return Suggestion(wish, 1, 0, None, conflict)


def _missing(environment: Environment) -> str:
    names = ("sync_period_max", "snapshot_age_max")
    return " and ".join(name for name in names if getattr(environment, name) is None)


def _clash(constants: Constants, environment: Environment, wish: Wish, low: int, high: int, why: str) -> str:
    """Why no grace is both long and short enough, with a run that the solver confirms on the far side."""
    over = replace(constants, orphan_grace_period=high + 1)
    bound = liveness.orphan_bound(over, environment)
    assert bound is not None
    liveness.confirm(over, environment, bound)
    short = replace(constants, orphan_grace_period=low - 1) if low > 1 else constants
    if environment.observe == "oid" and low > 1:
        timing.confirm(short, environment, timing.threshold(short, environment))
    least = f"it has to be at least {seconds(low)} ({why})"
    if not high:
        return f"with any grace at all an orphan may stay {seconds(bound.ns)}: syncs are too far apart, or snapshots too old"
    return f"with a grace of {seconds(high + 1)} an orphan may stay {seconds(bound.ns)}, and {least}"
