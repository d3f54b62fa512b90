"""`orphan-tracker fake-exchange`: an exchange on this machine to place orders at, with faults by switch."""

import asyncio
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Annotated, Any, Final, Literal

from cyclopts import Parameter

from orphan_oracle.codec import write_document
from orphan_oracle.durations import parse
from orphan_oracle.errors import InputError, printable
from orphan_oracle.terminal import emit


@dataclass(frozen=True)
class FakeExchangeDocument:
    """Where the fake exchange listens."""

    version: int

    address: str


def fake_exchange(
    *,
    host: str = "127.0.0.1",
    port: int = 0,
    faults: Annotated[list[str] | None, Parameter(negative=())] = None,
    seed: int = 0,
    format: Literal["text", "json"] = "text",  # noqa: A002
) -> int:
    """Serve a fake exchange that speaks Hyperliquid's HTTP API on this machine, until Ctrl-C or SIGTERM.

    Its address is written as one line once it listens. Exit status: 0 it was ended, 1 it was ended and something had been
    asked of it that it does not know (standard error says what), 2 bad input.

    Parameters
    ----------
    host
        A loopback address; any other is refused.
    port
        0 takes a free one.
    faults
        What goes wrong, several with commas: answer-delay=785ms..1847ms, lost-answers=0.1, stale-lists=12s,
        incomplete-lists=0.2, slow-cancels=3s, rejects=0.2, server-errors=0.1, restarts=30s/3s (every/takes).
    seed
        Decides which requests meet which fault.
    format
        How the address is written.
    """
    from orphan_desk.exchange import FakeExchange, Faults, serve_until_ended

    if not 0 <= port <= 65535:
        raise InputError(f"--port must be from 0 to 65535, and is {port}")
    try:
        stated = Faults(**_stated(faults or []))
    except ValueError as error:
        raise InputError(f"--faults: {error}") from error
    try:
        exchange = FakeExchange(faults=stated, seed=seed, host=host, port=port, clock=_clock())
    except ValueError as error:
        raise InputError(f"--host: {error}") from error
    try:
        asyncio.run(serve_until_ended(exchange, lambda address: _tell(address, format)))
    except OSError as error:
        raise InputError(f"{exchange.url}: cannot listen: {error.strerror}; --port 0 takes a free port") from error
    unknown = exchange.dialect.unknown
    for line in unknown:
        print(f"refused: {printable(line)}", file=sys.stderr)
    return 1 if unknown else 0


def _clock() -> Callable[[], int]:
    started, instant = time.time_ns(), time.monotonic_ns()
    return lambda: started + time.monotonic_ns() - instant


def _tell(address: str, format: str) -> None:  # noqa: A002
    emit([write_document(FakeExchangeDocument(1, address)) if format == "json" else address])


def _stated(texts: list[str]) -> dict[str, Any]:
    values: dict[str, Any] = {}
    for part in (part.strip() for text in texts for part in text.split(",")):
        name, _, value = part.partition("=")
        if name not in _SWITCHES:
            raise InputError(f"--faults: {part!r} is no fault; there are: {', '.join(_SWITCHES)}, each with =VALUE")
        if not value:
            raise InputError(f"--faults: {name} has no value; write it as {name}={_SWITCHES[name].example}")
        read = _SWITCHES[name].read(name, value)
        if not values.keys().isdisjoint(read):
            raise InputError(f"--faults: {name} is given twice; give it once")
        values |= read
    return values


def _field(name: str) -> str:
    return name.replace("-", "_")


def _share(name: str, text: str) -> dict[str, Any]:
    with suppress(ValueError):
        if 0 <= (share := float(text)) <= 1:
            return {_field(name): share}
    raise InputError(f"--faults: {name} is {text!r}; it has to be a share from 0 to 1, such as 0.1")


def _length(name: str, text: str) -> dict[str, Any]:
    return {_field(name): _duration(name, text)}


def _span(name: str, text: str) -> dict[str, Any]:
    low, dots, high = text.partition("..")
    shorter = _duration(name, low)
    longer = _duration(name, high) if dots else shorter
    if longer < shorter:
        raise InputError(f"--faults: {name} is {text!r}; the shorter duration comes first")
    return {_field(name): (shorter, longer)}


def _restarts(name: str, text: str) -> dict[str, Any]:
    every, slash, takes = text.partition("/")
    if not slash:
        raise InputError(f"--faults: {name} is {text!r}; it has to be EVERY/TAKES, such as 30s/3s")
    return {"restart_every": _duration(name, every), "restart_takes": _duration(name, takes)}


def _duration(name: str, text: str) -> int:
    try:
        return parse(text)
    except InputError as error:
        raise InputError(f"--faults: {name}: {error}") from error


@dataclass(frozen=True)
class _Switch:
    example: str
    read: Callable[[str, str], dict[str, Any]]


_SWITCHES: Final = {
    "answer-delay": _Switch("785ms..1847ms", _span),
    "lost-answers": _Switch("0.1", _share),
    "stale-lists": _Switch("12s", _length),
    "incomplete-lists": _Switch("0.2", _share),
    "slow-cancels": _Switch("3s", _span),
    "rejects": _Switch("0.2", _share),
    "server-errors": _Switch("0.1", _share),
    "restarts": _Switch("30s/3s", _restarts),
}
