"""Durations that vary: a distribution by its quantiles.

One rule. Between two quantiles that are stated, every duration is equally likely; nothing is assumed beyond them.
"""

import random
from bisect import bisect_right
from dataclasses import dataclass
from typing import Final

SHARES: Final = (0.0, 0.5, 0.9, 0.99, 1.0)
"""Which quantiles five numbers state: the shortest, the median, the 90th and the 99th percentile, the longest."""


@dataclass(frozen=True, slots=True)
class Spread:
    """A distribution of durations; raises ValueError where its quantiles do not ascend."""

    quantiles: tuple[int, ...]
    """One duration (always that), two (anything between), or five, at `SHARES`; in ns."""

    def __post_init__(self) -> None:
        if len(self.quantiles) not in (1, 2, len(SHARES)):
            raise ValueError(
                f"{len(self.quantiles)} durations are stated; state one, two (shortest and longest), "
                "or five (shortest, median, 90th, 99th percentile, longest)"
            )
        if list(self.quantiles) != sorted(self.quantiles) or self.quantiles[0] < 0:
            raise ValueError("the durations of a distribution have to ascend, from 0 or more")

    @property
    def shortest(self) -> int:
        """The lower end, in ns."""
        return self.quantiles[0]

    @property
    def longest(self) -> int:
        """The upper end, in ns."""
        return self.quantiles[-1]

    def draw(self, rng: random.Random) -> int:
        """One duration, in ns; a constant draws nothing from the generator."""
        quantiles = self.quantiles
        if quantiles[0] == quantiles[-1]:
            return quantiles[0]
        share = rng.random()
        if len(quantiles) == 2:
            return quantiles[0] + int(share * (quantiles[1] - quantiles[0]))
        place = bisect_right(SHARES, share) - 1
        low, high = SHARES[place], SHARES[place + 1]
        return quantiles[place] + int((share - low) / (high - low) * (quantiles[place + 1] - quantiles[place]))

    def scaled(self, factor: float) -> "Spread":
        """The same distribution with every duration multiplied."""
        return Spread(tuple(round(quantile * factor) for quantile in self.quantiles))


def milliseconds(*quantiles: int) -> Spread:
    """The distribution with these quantiles, in ms."""
    return Spread(tuple(quantile * 1_000_000 for quantile in quantiles))
