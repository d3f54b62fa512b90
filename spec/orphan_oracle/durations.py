"""Durations as people write them, exactly.

Two rules. A duration is a whole number of nanoseconds, and text that is not one is refused, never rounded. `parse` reads
back what `format_duration` writes.
"""

import re
from typing import Final

from orphan_oracle.errors import InputError, printable

UNITS: Final[dict[str, int]] = {
    "h": 3_600_000_000_000,
    "m": 60_000_000_000,
    "s": 1_000_000_000,
    "ms": 1_000_000,
    "us": 1_000,
    "ns": 1,
}
"""The units in nanoseconds, from the longest to the shortest."""

LENGTH_MAX: Final = 40
"""No sensible duration is written with more characters."""

_PART: Final = re.compile(r"([0-9]+)(?:\.([0-9]+))?(h|ms|m|s|us|ns)")


def parse(text: str) -> int:
    """The duration in nanoseconds, such as `5s`, `500ms`, `1.5s` or `1m30s`; InputError where it is not one."""
    if text.startswith("-"):
        raise InputError(f'a duration is not negative, and "{printable(text)}" is')
    if not text or len(text) > LENGTH_MAX:
        raise _unreadable(text)
    total, position, last = 0, 0, UNITS["h"] + 1
    while position < len(text):
        part = _PART.match(text, position)
        if part is None or UNITS[part[3]] >= last:
            raise _unreadable(text)
        last, position = UNITS[part[3]], part.end()
        total += _exact(part[1], part[2] or "", last, text)
    return total


def _exact(whole: str, decimals: str, unit: int, text: str) -> int:
    scale: int = 10 ** len(decimals)
    amount, rest = divmod(int(whole + decimals) * unit, scale)
    if rest:
        raise InputError(f'"{text}" is not a whole number of nanoseconds')
    return amount


def _unreadable(text: str) -> InputError:
    return InputError(
        f'"{printable(text[:LENGTH_MAX])}" is not a duration: write a number and a unit, such as "5s" or "500ms"'
    )


def format_duration(nanoseconds: int) -> str:
    """The shortest exact way to write the duration with one unit, at most seconds."""
    if nanoseconds < 0:
        raise ValueError("a duration is not negative")
    unit = next(unit for unit in ("s", "ms", "us", "ns") if nanoseconds % UNITS[unit] == 0)
    return f"{nanoseconds // UNITS[unit]}{unit}"
