"""The log of a real desk, read: calls, answers, cancels and syncs, each with its instant.

Two rules. One JSON object a line, as the desk of hyper_make writes it; what is not about orders or syncs is passed over, and
what is but cannot be read is refused with its line. Instants are counted from the first line, in ns.
"""

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

MICROSECOND: Final = 1_000


class LogError(ValueError):
    """A line of the log cannot be read; its text is the reason."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


@dataclass(slots=True)
class LoggedOrder:
    """One order that the exchange took: when it was sent, answered, and what became of it."""

    oid: str
    cloid: str
    cloid_logged: bool
    """Whether the log names the CLOID; else it is made up, one for each order."""

    sent_at: int
    answered_at: int
    filled_at_once: bool = False
    cancel_sent_at: int | None = None
    end_known_at: int | None = None
    """When the client learned that it had ended."""

    filled: bool = False


@dataclass(slots=True)
class LoggedSync:
    """One safety sync: its start, and the instant at which its comparison was reported."""

    started_at: int
    compared_at: int | None = None
    active: int | None = None
    """How many open orders it reported."""


@dataclass(slots=True)
class Reject:
    """An order that the exchange definitely rejected."""

    cloid: str
    sent_at: int
    answered_at: int


@dataclass(slots=True)
class Log:
    """What a log says."""

    orders: dict[str, LoggedOrder] = field(default_factory=dict)
    rejects: list[Reject] = field(default_factory=list)
    syncs: list[LoggedSync] = field(default_factory=list)
    calls: int = 0
    begins: str = ""
    """The first line's wall clock."""

    ends_at: int = 0
    lines: int = 0
    stale_removals: int = 0
    """Lines in which the desk itself dropped an order as stale."""

    syncs_beside_calls: int = 0
    """Syncs that began while a call was in flight."""


_PLACING: Final = re.compile(r"Placing (\d+) orders in bulk")
_ANSWER: Final = re.compile(r"Bulk order (\d+) (resting|rejected|filled immediately)")
_ACTIVE: Final = re.compile(r"\[SafetySync\] State in sync: (\d+) active")
_OID: Final = re.compile(r"oid=(\d+)")
_CLOID: Final = re.compile(r'cloid=Some\("([^"]+)"\)')


class _Reader:
    """Reads line by line; holds the call whose answers are awaited."""

    def __init__(self) -> None:
        self.log = Log()
        self._origin: datetime | None = None
        self._sent_at = 0
        self._awaited = 0
        self._now = 0

    def read(self, number: int, line: bytes | str) -> None:
        try:
            entry = json.loads(line)
            stamp, fields = entry["timestamp"], entry["fields"]
            message = fields.get("message", "")
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            reason = "is not a JSON object with a timestamp and fields, as the desk's log has on each line"
            raise LogError(number, reason) from error
        if not isinstance(message, str):
            raise LogError(number, "fields.message is not text")
        self._now = self._instant(number, stamp)
        self.log.lines, self.log.ends_at = self.log.lines + 1, self._now
        self._take(number, message, fields)

    def _instant(self, number: int, stamp: object) -> int:
        try:
            read = datetime.fromisoformat(stamp)  # type: ignore[arg-type]
            if self._origin is None:
                self._origin, self.log.begins = read, str(stamp)
            passed = read - self._origin
        except (ValueError, TypeError) as error:
            raise LogError(number, "timestamp is not a date and time such as 2025-12-28T20:36:43.407321Z") from error
        instant = ((passed.days * 86_400 + passed.seconds) * 1_000_000 + passed.microseconds) * MICROSECOND
        if instant < self._now:
            raise LogError(number, "time goes back; lines must be in the order of time")
        return instant

    def _take(self, number: int, message: str, fields: dict[str, object]) -> None:
        placing = _PLACING.match(message)
        if placing is not None:
            self._sent_at, self._awaited = self._now, int(placing[1])
            self.log.calls += 1
            return
        answer = _ANSWER.match(message)
        if answer is not None:
            self._answer(number, message, answer[2])
        elif message.startswith("Order transitioned to CancelPending"):
            self._cancel(number, str(fields.get("oid", "")))
        elif message.startswith("Order transitioned to CancelConfirmed"):
            self._end(str(fields.get("oid", "")), filled=False)
        elif message.startswith("Cancelled order:"):
            self._end(self._oid(number, message), filled=False)
        elif message.startswith("Order already filled:"):
            self._end(self._oid(number, message), filled=True)
        elif message.startswith("Running safety sync"):
            self.log.syncs.append(LoggedSync(self._now))
            self.log.syncs_beside_calls += self._awaited > 0
        elif message.startswith("[SafetySync]") and self.log.syncs and self.log.syncs[-1].compared_at is None:
            self.log.syncs[-1].compared_at = self._now
        if (active := _ACTIVE.match(message)) and self.log.syncs:
            self.log.syncs[-1].active = int(active[1])
        elif "Stale order in tracking" in message:
            self.log.stale_removals += 1

    def _answer(self, number: int, message: str, how: str) -> None:
        if self._awaited == 0:
            raise LogError(number, "an answer without a call: no 'Placing N orders in bulk' before it awaits one more")
        self._awaited -= 1
        cloid = f"{number}"
        if how == "rejected":
            self.log.rejects.append(Reject(cloid, self._sent_at, self._now))
            return
        oid, logged = self._oid(number, message), _CLOID.search(message)
        if oid in self.log.orders:
            raise LogError(number, f"OID {oid} was given to an earlier order")
        name = cloid if logged is None else logged[1]
        order = LoggedOrder(oid, name, logged is not None, self._sent_at, self._now)
        order.filled_at_once = how == "filled immediately"
        self.log.orders[oid] = order

    def _oid(self, number: int, message: str) -> str:
        found = _OID.search(message)
        if found is None:
            raise LogError(number, "names no oid=…")
        return found[1]

    def _cancel(self, number: int, oid: str) -> None:
        order = self.log.orders.get(oid)
        if order is not None:
            order.cancel_sent_at = self._now

    def _end(self, oid: str, *, filled: bool) -> None:
        order = self.log.orders.get(oid)
        if order is not None and order.end_known_at is None:
            order.end_known_at, order.filled = self._now, filled


def read_log(lines: Iterable[bytes | str]) -> Log:
    """The log in these lines; LogError where one cannot be read."""
    reader = _Reader()
    for number, line in enumerate(lines, 1):
        if line.strip():
            reader.read(number, line)
    if not reader.log.lines:
        raise LogError(1, "the log is empty")
    return reader.log
