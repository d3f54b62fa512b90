"""What goes wrong at the fake exchange, by switch.

Two rules. A fault is stated in durations (ns) and shares (0 to 1), and nothing else decides: the same seed and the same requests
give the same faults. Each switch draws from a stream of its own, so that turning one changes no other.
"""

from dataclasses import dataclass, fields
from random import Random
from typing import Final

from orphan_desk.exchange.venue import MEMORY

Span = tuple[int, int]
"""A duration between two, in ns; both ends are possible."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Faults:
    """The switches; all off by default. Raises ValueError for what cannot be meant."""

    answer_delay: Span = (0, 0)
    """An answer is sent this long after what was asked for was done."""

    lost_answers: float = 0.0
    """The share of answers that are never sent: what was asked for was done, and the connection is closed."""

    stale_lists: int = 0
    """Lists show the open orders as of this long ago, in ns."""

    incomplete_lists: float = 0.0
    """The share of lists that lack every other order; the list after such a one is whole."""

    slow_cancels: Span = (0, 0)
    """A cancelled order goes on resting for this long after the exchange has said yes."""

    rejects: float = 0.0
    """The share of orders that are refused, each of a batch by itself."""

    server_errors: float = 0.0
    """The share of requests that are answered by 502, one half before anything was done and the other half after."""

    restart_every: int = 0
    """A restart begins each time this long has passed, in ns; 0: never."""

    restart_takes: int = 0
    """While a restart lasts, in ns, every connection is reset; the orders rest on."""

    def __post_init__(self) -> None:
        for field in fields(self):
            check = _check_share if isinstance(field.default, float) else _check_span
            check(field.name, getattr(self, field.name))
        if self.stale_lists > MEMORY:
            raise ValueError(f"stale_lists is {self.stale_lists} ns; it has to be at most {MEMORY} ns, an hour")
        if self.restart_takes and self.restart_takes >= self.restart_every:
            raise ValueError(f"restart_takes is {self.restart_takes} ns; it has to be below restart_every")

    def restarting(self, now: int) -> bool:
        """Whether the exchange is down at this instant."""
        every = self.restart_every
        return every > 0 and now >= every and now % every < self.restart_takes

    def restart_within(self, start: int, end: int) -> bool:
        """Whether a restart begins after `start` and not after `end`, or lasts at `end`."""
        every = self.restart_every
        return every > 0 and self.restart_takes > 0 and (start // every < end // every or self.restarting(end))


def _check_share(name: str, value: float) -> None:
    if not 0 <= value <= 1:
        raise ValueError(f"{name} is {value}; it has to be a share from 0 to 1")


def _check_span(name: str, value: int | Span) -> None:
    low, high = value if isinstance(value, tuple) else (value, value)
    if not isinstance(low, int) or not isinstance(high, int) or not 0 <= low <= high:
        raise ValueError(f"{name} is {value!r}; it has to be whole nanoseconds, not negative, the shorter first")


NO_FAULTS: Final = Faults()


class Dice:
    """Decides which request meets which fault; a function of the seed and of how often each was asked."""

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._streams: dict[str, Random] = {}

    def strikes(self, name: str, share: float) -> bool:
        """Whether this fault strikes this time."""
        return self._stream(name).random() < share

    def within(self, name: str, span: Span) -> int:
        """A duration of this span."""
        return self._stream(name).randint(*span)

    def _stream(self, name: str) -> Random:
        return self._streams.setdefault(name, Random(f"{self._seed} {name}"))
