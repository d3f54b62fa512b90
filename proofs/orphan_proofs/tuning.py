"""What the constants come to, how that moves with each of them, the advice of the origin, and named starting points.

Two rules. Every number here is one of the exact ones of `timing` and `liveness`; nothing is estimated. And a preset says
what it is: none is a measurement of anybody's venue.
"""

from dataclasses import dataclass, replace
from typing import Any, Final

from orphan_proofs import liveness, timing
from orphan_spec.constants import SECOND, Constants, Environment


@dataclass(frozen=True, slots=True)
class Numbers:
    """The two numbers that constants trade against each other."""

    safe_below: int | None
    """S3: no false cancel where answers come earlier, in ns; None: at any latency."""
    gone_within: int | None
    """L1, in ns; None: no bound."""
    lost_within: int | None
    """How long after its finalization an order that never got into the local book is cancelled, in ns."""


def numbers(constants: Constants, environment: Environment) -> Numbers:
    """What these constants come to."""
    safe = None if environment.observe == "cloid" else timing.threshold(constants, environment).at
    bound = liveness.orphan_bound(constants, environment)
    stays = {stay.kind: stay for stay in liveness.stays(constants, environment)}
    return Numbers(safe, None if bound is None else bound.ns, stays["finalized"].in_all if stays else None)


@dataclass(frozen=True, slots=True)
class Change:
    """One constant, or one fact, moved, and what that comes to."""

    parameter: str
    before: int
    after: int
    numbers: Numbers


def sensitivity(constants: Constants, environment: Environment) -> list[Change]:
    """Each constant and each fact halved and doubled, one at a time."""
    found: list[Change] = []
    for name in ("orphan_grace_period", "expected_cloid_ttl", "finalized_protection_period"):
        value: int = getattr(constants, name)
        for after in (max(1, value // 2), value * 2):
            found.append(Change(name, value, after, numbers(replace(constants, **{name: after}), environment)))
    for name in ("sync_period", "snapshot_age_max"):
        for numerator, denominator in ((1, 2), (2, 1)):
            moved = _moved(environment, name, numerator, denominator)
            if moved is not None:
                before, after, changed = moved
                found.append(Change(name, before, after, numbers(constants, changed)))
    return found


def _moved(
    environment: Environment, name: str, numerator: int, denominator: int
) -> tuple[int, int, Environment] | None:
    """A fact of the environment multiplied; `sync_period` is both its ends, and told by its longest."""
    fields = ("sync_period_min", "sync_period_max") if name == "sync_period" else (name,)
    values = {field: getattr(environment, field) for field in fields}
    before = values[fields[-1]]
    if not before:
        return None
    moved: dict[str, Any] = {field: None if v is None else v * numerator // denominator for field, v in values.items()}
    if not moved[fields[-1]]:
        return None
    return before, moved[fields[-1]], replace(environment, **moved)


ORIGIN: Final = (
    ("grace 5 s to 10 s, against false cancels", "orphan_grace_period", 5 * SECOND, 10 * SECOND),
    ("protection 10 s to 20 s, against false cancels", "finalized_protection_period", 10 * SECOND, 20 * SECOND),
    ("grace 5 s to 3 s, to be faster", "orphan_grace_period", 5 * SECOND, 3 * SECOND),
)
"""The tuning advice that came with the design that started this work."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A piece of advice, checked."""

    advice: str
    parameter: str
    before: Numbers
    after: Numbers


def advice_checked(environment: Environment) -> list[Checked]:
    """What the advice of the origin buys and costs in this environment, from the default constants."""
    found: list[Checked] = []
    for text, name, value, after in ORIGIN:
        base = replace(Constants(), **{name: value})
        changed = replace(base, **{name: after})
        found.append(Checked(text, name, numbers(base, environment), numbers(changed, environment)))
    return found


@dataclass(frozen=True, slots=True)
class Preset:
    """Constants and an environment with a name."""

    label: str
    """What it is, and what it is not."""
    constants: Constants
    environment: Environment


_ORIGIN_ENVIRONMENT = Environment(10 * SECOND, 10 * SECOND, 0, 2 * SECOND)

PRESETS: Final[dict[str, Preset]] = {
    "origin": Preset(
        "the defaults, in the environment that their design describes: an exact sync every 10 s, snapshots of the present",
        Constants(),
        _ORIGIN_ENVIRONMENT,
    ),
    "jitter": Preset(
        "the defaults, where syncs drift by half a second and snapshots are up to half a second old; illustrative",
        Constants(),
        Environment(9_500_000_000, 10_500_000_000, 500_000_000, 2 * SECOND),
    ),
    "patient": Preset(
        "the advice against false cancels, both pieces of it: grace 10 s, protection 20 s",
        Constants(10 * SECOND, 30 * SECOND, 20 * SECOND),
        _ORIGIN_ENVIRONMENT,
    ),
    "eager": Preset(
        "the advice to be faster: grace 3 s",
        Constants(3 * SECOND, 30 * SECOND, 10 * SECOND),
        _ORIGIN_ENVIRONMENT,
    ),
    "lagging-venue": Preset(
        "the defaults at a venue whose list of open orders lags by 15 s, as some do (H33); shows the conflicts; illustrative",
        Constants(),
        Environment(10 * SECOND, 10 * SECOND, 15 * SECOND, 2 * SECOND),
    ),
    "nautilus": Preset(
        "durations in the manner of NautilusTrader's documented defaults (in-flight orders are asked about after 5 s, five "
        "times, 2 s apart; open orders are checked every 5 to 10 s); that program decides otherwise, and the age of "
        "snapshots is made up",
        Constants(5 * SECOND, 15 * SECOND, 5 * SECOND),
        Environment(5 * SECOND, 10 * SECOND, SECOND, 5 * SECOND, observe="cloid"),
    ),
    "cloid": Preset(
        "the defaults, where each open order shows its CLOID: the wait for an answer may take the whole TTL; illustrative",
        Constants(),
        Environment(9_500_000_000, 10_500_000_000, 500_000_000, 20 * SECOND, observe="cloid"),
    ),
}
"""Named starting points; none is a measurement of anybody's venue."""
