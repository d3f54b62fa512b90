"""The fake exchange on a socket of this machine, with its faults.

Four rules. It listens on a loopback address and refuses any other. Its clock is the event loop's, so that a loop in virtual
time makes an exchange in virtual time. What was asked for is done when the request has arrived, and answered later: only the
answer is delayed or lost. `held` counts the requests whose answer is being held back.
"""

import asyncio
import ipaddress
import json
import signal
import socket
import struct
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Final

from orphan_desk.exchange.dialect import Dialect, UnknownRequestError
from orphan_desk.exchange.faults import NO_FAULTS, Faults
from orphan_desk.exchange.http import (
    BadRequestError,
    Request,
    json_response,
    read_request,
    text_response,
)
from orphan_desk.exchange.venue import Venue

NANOSECONDS: Final = 1_000_000_000
_RESET: Final = struct.pack("ii", 1, 0)


def loopback(host: str) -> str:
    """The address of this machine that is meant; raises ValueError for any other."""
    if host == "localhost":
        return "127.0.0.1"
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise ValueError(
            f"the fake exchange listens on this machine only, and {host!r} is not 127.0.0.1, ::1 or localhost"
        )
    return str(address)


class FakeExchange:
    """Hyperliquid as clients see it, with faults by switch; `async with` starts and stops it."""

    def __init__(
        self,
        venue: Venue | None = None,
        faults: Faults = NO_FAULTS,
        seed: int = 0,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        clock: Callable[[], int] | None = None,
    ) -> None:
        self.venue = Venue() if venue is None else venue
        self.dialect = Dialect(self.venue, faults, seed)
        self.held = 0
        self._host, self._port = loopback(host), port
        self._clock = clock
        self._server: asyncio.Server | None = None
        self._connections: dict[asyncio.Task[None], asyncio.StreamWriter] = {}

    @property
    def faults(self) -> Faults:
        """What goes wrong from now on; may be set at any time."""
        return self.dialect.faults

    @faults.setter
    def faults(self, faults: Faults) -> None:
        self.dialect.faults = faults

    @property
    def url(self) -> str:
        """The base URL for clients."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"http://{host}:{self._port}"

    def now(self) -> int:
        """The instant of the exchange's clock, in ns."""
        if self._clock is not None:
            return self._clock()
        return round(asyncio.get_running_loop().time() * NANOSECONDS)

    async def start(self) -> str:
        """Listens; the result is the base URL. Raises OSError where the port is taken."""
        self._server = await asyncio.start_server(self._serve, self._host, self._port)
        self._port = self._server.sockets[0].getsockname()[1]
        return self.url

    async def stop(self) -> None:
        """Listens no more and ends every connection."""
        if self._server is not None:
            self._server.close()
        for task in list(self._connections):
            task.cancel()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def __aenter__(self) -> "FakeExchange":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = writer
        try:
            while await self._exchange(reader, writer):
                pass
        except (ConnectionError, asyncio.CancelledError):
            pass
        finally:
            del self._connections[task]
            writer.close()

    async def _exchange(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """Serves one request; whether the connection stays."""
        try:
            request = await read_request(reader)
        except BadRequestError as error:
            await _send(writer, text_response(error.status, str(error), keep_alive=False))
            return False
        if request is None:
            return False
        if self.faults.restarting(self.now()):
            return _reset(writer)
        answer = await self._answer(request)
        if answer is None:
            return _reset(writer)
        await _send(writer, answer)
        return request.keep_alive

    async def _answer(self, request: Request) -> bytes | None:
        """What to send, when it is time; None where the answer is lost."""
        if request.method != "POST":
            self.dialect.unknown.append(f"{request.method} {request.path[:80]!r}; only POST is known")
            return text_response(405, "the fake exchange answers POST only, to /info and /exchange")
        try:
            body = json.loads(request.body)
        except (ValueError, RecursionError):
            return text_response(400, "the body of the request has to be JSON")
        if not self.dialect.faulty(request.path, body):
            return self._done(request.path, body)
        return await self._faulty(request.path, body)

    async def _faulty(self, path: str, body: Any) -> bytes | None:
        faults, dice, arrived = self.faults, self.dialect.dice, self.now()
        error = dice.strikes("server_errors", faults.server_errors)
        if error and dice.strikes("server_errors, which", 0.5):
            return text_response(502, "Bad Gateway")
        answer = self._done(path, body)
        lost = dice.strikes("lost_answers", faults.lost_answers)
        await self._hold(dice.within("answer_delay", faults.answer_delay))
        if lost or faults.restart_within(arrived, self.now()):
            return None
        return text_response(502, "Bad Gateway") if error else answer

    async def _hold(self, delay: int) -> None:
        if delay:
            self.held += 1
            try:
                await asyncio.sleep(delay / NANOSECONDS)
            finally:
                self.held -= 1

    def _done(self, path: str, body: Any) -> bytes:
        try:
            return json_response(self.dialect.answer(path, body, self.now()))
        except UnknownRequestError as error:
            return text_response(422, f"Failed to deserialize the JSON body: {error}")


async def serve_until_ended(exchange: FakeExchange, tell: Callable[[str], None]) -> None:
    """Serves until SIGINT or SIGTERM; `tell` hears the base URL. Raises OSError where the port is taken."""
    ended = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        with suppress(NotImplementedError):
            asyncio.get_running_loop().add_signal_handler(number, ended.set)
    async with exchange:
        tell(exchange.url)
        await ended.wait()


async def _send(writer: asyncio.StreamWriter, answer: bytes) -> None:
    writer.write(answer)
    await writer.drain()


def _reset(writer: asyncio.StreamWriter) -> bool:
    connection = writer.get_extra_info("socket")
    if connection is not None:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
    return False
