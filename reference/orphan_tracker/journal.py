"""What happened, one JSON object a line, in the trace format: so that a judge can read a desk's own log.

Two rules. A line is written when the tracker has been told, with the same instant; nothing is written about what was
refused. The names of the events stand here and nowhere else in the reference: its own copy of the vocabulary.
"""

import json
from collections.abc import Callable, Iterable
from enum import StrEnum

from .model import NOT_STATED, OpenOrder

Sink = Callable[[str], object]
"""Takes one line, without its end: `lambda line: print(line, file=log)`, or the `append` of a list."""


_encode = json.JSONEncoder(separators=(",", ":")).encode


class EventName(StrEnum):
    """The events of a trace."""

    REGISTER = "register"
    RECORD_OID = "record_oid"
    FINALIZE = "finalize"
    FAIL = "fail"
    CLEAR = "clear"
    CLEANUP = "cleanup"
    SYNC = "sync"
    ACCEPT = "accept"
    FILL = "fill"
    END = "end"
    LEARN_END = "learn_end"
    TIMEOUT = "timeout"
    MODIFY = "modify"
    RESTART = "restart"
    ACT = "act"


class Journal:
    """Writes the events that a client knows of; without a sink it writes nothing."""

    def __init__(self, sink: Sink | None = None) -> None:
        self._sink = sink

    def register(self, t: int, cloids: Iterable[str]) -> None:
        """Orders are about to be placed under these CLOIDs."""
        self._write(EventName.REGISTER, t, cloids=list(cloids))

    def record_oid(self, t: int, cloid: str, oid: str) -> None:
        """The exchange answered with an OID."""
        self._write(EventName.RECORD_OID, t, cloid=cloid, oid=oid)

    def finalize(self, t: int, cloid: str, oid: str) -> None:
        """The order is in the local book."""
        self._write(EventName.FINALIZE, t, cloid=cloid, oid=oid)

    def fail(self, t: int, cloid: str) -> None:
        """The exchange rejected the order, definitely."""
        self._write(EventName.FAIL, t, cloid=cloid)

    def timeout(self, t: int, cloid: str) -> None:
        """The outcome of a request is unknown."""
        self._write(EventName.TIMEOUT, t, cloid=cloid)

    def modify(self, t: int, cloid: str, oid: str) -> None:
        """An order is about to be replaced."""
        self._write(EventName.MODIFY, t, cloid=cloid, oid=oid)

    def learn_end(self, t: int, oid: str) -> None:
        """The client learned that an order has ended."""
        self._write(EventName.LEARN_END, t, oid=oid)

    def clear(self, t: int, oid: str) -> None:
        """A cancel was sent, and taken."""
        self._write(EventName.CLEAR, t, oid=oid)

    def restart(self, t: int) -> None:
        """A new life begins, with nothing remembered."""
        self._write(EventName.RESTART, t)

    def sync(
        self,
        t: int,
        as_of: int,
        open_orders: Iterable[OpenOrder] | None,
        local: Iterable[str],
        *,
        cancelled: Iterable[str] = (),
        dropped: Iterable[str] = (),
        pending: Iterable[str] | None = None,
    ) -> None:
        """A snapshot was compared with the local book; `pending` is what waits for an `act`, None in one step."""
        shown = None if open_orders is None else [row for order in open_orders for row in _rows(order)]
        more = {} if pending is None else {"pending": list(pending)}
        lists = {"local": list(local), "cancelled": list(cancelled), "dropped": list(dropped)}
        self._write(EventName.SYNC, t, as_of=as_of, open=shown, **lists, **more)

    def act(self, t: int, local: Iterable[str], cancelled: Iterable[str]) -> None:
        """Cancels were sent on what the latest sync decided."""
        self._write(EventName.ACT, t, local=list(local), cancelled=list(cancelled))

    def _write(self, event: EventName, t: int, **fields: object) -> None:
        if self._sink is not None:
            self._sink(_encode({"event": event, "t": t} | fields))


def _rows(order: OpenOrder) -> list[dict[str, str | None]]:
    """An open order as a listing has it: one row for each CLOID that it is shown with."""
    if order.cloid is NOT_STATED and not order.further_cloids:
        return [{"oid": order.oid}]
    return [{"oid": order.oid, "cloid": cloid} for cloid in order.stated]
