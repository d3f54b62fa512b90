"""Makes sure that nothing outside this machine is contacted: every connection and every name that is looked up is seen.

An audit hook sees what any library does, in any thread; what is not loopback is refused, and told at the end even where a library
swallowed the refusal.
"""

import ipaddress
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

_outside: list[str] | None = None


def _hook(event: str, arguments: tuple[Any, ...]) -> None:
    if _outside is None or event not in ("socket.connect", "socket.sendto", "socket.getaddrinfo"):
        return
    address = arguments[0] if event == "socket.getaddrinfo" else arguments[1]
    host = address[0] if isinstance(address, tuple) else address
    if not _is_here(host):
        _outside.append(f"{event} {host}")
        raise PermissionError(f"{host} is not this machine")


def _is_here(host: object) -> bool:
    text = host.decode() if isinstance(host, bytes) else host
    if text is None or text == "localhost":
        return True
    try:
        return ipaddress.ip_address(str(text)).is_loopback
    except ValueError:
        return False


sys.addaudithook(_hook)


@contextmanager
def loopback_only() -> Iterator[list[str]]:
    """Refuses every other address while the block runs; fails at its end where one was asked for."""
    global _outside
    _outside = seen = []
    try:
        yield seen
    finally:
        _outside = None
    assert not seen, f"asked for outside this machine: {', '.join(seen)}"
