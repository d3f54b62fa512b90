"""The three constants of a tracker, and whose CLOIDs are whose.

Durations are whole nanoseconds. A configuration that exists is valid: what is wrong with it was refused when it was
made, in a sentence that says what would be right.
"""

from collections.abc import Callable
from dataclasses import dataclass

NANOSECONDS_PER_SECOND = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class OrphanTrackerConfig:
    """The constants of one tracker; raises ValueError for what cannot be meant."""

    orphan_grace_period: int = 5 * NANOSECONDS_PER_SECOND
    """An orphan is cancelled only after it has been one for this long, in ns, above 0."""

    expected_cloid_ttl: int = 30 * NANOSECONDS_PER_SECOND
    """A registered CLOID is protected for this long while its answer is awaited, in ns, above 0."""

    finalized_protection_period: int = 10 * NANOSECONDS_PER_SECOND
    """An OID just heard of, acknowledged or finalized, is protected for this long, in ns, above 0."""

    owned_cloid_prefix: str | None = None
    """CLOIDs that begin with this are ours; None: every order of the account is."""

    owns_cloid: Callable[[str], bool] | None = None
    """Says of a CLOID whether it is ours, where a prefix does not; a pure function."""

    def __post_init__(self) -> None:
        _check_duration("orphan_grace_period", self.orphan_grace_period)
        _check_duration("expected_cloid_ttl", self.expected_cloid_ttl)
        _check_duration("finalized_protection_period", self.finalized_protection_period)
        prefix, predicate = self.owned_cloid_prefix, self.owns_cloid
        if prefix is not None and (not isinstance(prefix, str) or not prefix):
            raise ValueError(
                f"owned_cloid_prefix is {prefix!r}; it has to be a text that is not empty, "
                "or None where every order of the account is ours"
            )
        if predicate is not None and not callable(predicate):
            raise ValueError(f"owns_cloid is {predicate!r}; it has to be a function from a CLOID to a truth value")
        if prefix is not None and predicate is not None:
            raise ValueError("owned_cloid_prefix and owns_cloid contradict each other; give one of them")

    @property
    def knows_owner(self) -> bool:
        """Whether ownership is given at all."""
        return self.owned_cloid_prefix is not None or self.owns_cloid is not None

    def owns(self, cloid: str) -> bool:
        """Whether this CLOID is ours; always so where no ownership is given."""
        if self.owned_cloid_prefix is not None:
            return cloid.startswith(self.owned_cloid_prefix)
        return self.owns_cloid is None or bool(self.owns_cloid(cloid))


def _check_duration(name: str, duration: object) -> None:
    if isinstance(duration, bool) or not isinstance(duration, int):
        raise ValueError(f"{name} is {duration!r}; it has to be a whole number of nanoseconds, such as 5_000_000_000")
    if duration <= 0:
        raise ValueError(f"{name} is {duration}; it has to be above 0 ns, else it defends against nothing")
