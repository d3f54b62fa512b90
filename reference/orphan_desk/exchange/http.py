"""As much HTTP/1.1 as client libraries speak to an exchange: POST with a length, JSON in, JSON out, connections kept alive.

Two rules. A request is read whole or not at all, and what is too long or no HTTP is refused. Nothing is compressed.
"""

import asyncio
import json
from dataclasses import dataclass
from typing import Any, Final

BODY_MAX: Final = 4_000_000
"""No request is longer, in bytes; a batch of a thousand orders is about 150,000."""

_REASONS: Final = {
    200: "OK",
    400: "Bad Request",
    405: "Method Not Allowed",
    411: "Length Required",
    413: "Content Too Large",
    422: "Unprocessable Content",
    502: "Bad Gateway",
}


class BadRequestError(Exception):
    """No request that can be read; carries the status to answer."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status = status


@dataclass(frozen=True, slots=True)
class Request:
    """One request."""

    method: str

    path: str

    body: bytes

    keep_alive: bool


async def read_request(reader: asyncio.StreamReader) -> Request | None:
    """The next request of a connection, or None where the client closed it; raises BadRequestError."""
    try:
        head = await reader.readuntil(b"\r\n\r\n")
    except asyncio.IncompleteReadError as error:
        if error.partial:
            raise BadRequestError(400, "the request breaks off") from error
        return None
    except asyncio.LimitOverrunError as error:
        raise BadRequestError(400, "the head of the request is too long") from error
    method, path, headers = _head(head)
    if "transfer-encoding" in headers:
        raise BadRequestError(411, "the request has to state its content-length")
    length = headers.get("content-length", "0")
    if not length.isascii() or not length.isdigit():
        raise BadRequestError(400, "content-length has to be a whole number")
    if int(length) > BODY_MAX:
        raise BadRequestError(413, f"a request has at most {BODY_MAX} bytes")
    try:
        body = await reader.readexactly(int(length))
    except asyncio.IncompleteReadError as error:
        raise BadRequestError(400, "the request breaks off") from error
    return Request(method, path, body, headers.get("connection", "").lower() != "close")


def _head(head: bytes) -> tuple[str, str, dict[str, str]]:
    first, *lines = head.decode("latin-1").split("\r\n")
    words = first.split(" ")
    if len(words) != 3 or not words[2].startswith("HTTP/1."):
        raise BadRequestError(400, "the request has to begin with a method, a path and HTTP/1.1")
    headers: dict[str, str] = {}
    for line in filter(None, lines):
        name, colon, value = line.partition(":")
        if not colon:
            raise BadRequestError(400, "a header has to be a name, a colon and a value")
        headers[name.strip().lower()] = value.strip()
    return words[0], words[1].partition("?")[0], headers


def json_response(value: Any) -> bytes:
    """A JSON answer."""
    return _response(200, "application/json", json.dumps(value, separators=(",", ":")).encode(), keep_alive=True)


def text_response(status: int, text: str, *, keep_alive: bool = True) -> bytes:
    """An answer that says what is wrong."""
    return _response(status, "text/plain; charset=utf-8", text.encode(), keep_alive=keep_alive)


def _response(status: int, kind: str, body: bytes, *, keep_alive: bool) -> bytes:
    lines = (
        f"HTTP/1.1 {status} {_REASONS[status]}",
        f"content-type: {kind}",
        f"content-length: {len(body)}",
        f"connection: {'keep-alive' if keep_alive else 'close'}",
    )
    return "\r\n".join((*lines, "", "")).encode() + body
