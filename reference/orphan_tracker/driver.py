"""The tracker behind a pipe: one JSON object a line in, one out, as the certification protocol wants it.

Every request gets exactly one reply, a bad one too, and the driver ends with its input: it never hangs and never dies
of what it reads. Each run gets a fresh tracker. A sync that an `act` follows, before the next snapshot, only decides; any
other cancels at once.

    python -m orphan_tracker.driver
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from typing import TypeAlias

from .auditor import SafetyAuditor
from .config import OrphanTrackerConfig
from .journal import EventName
from .model import NOT_STATED, NotStated, OpenOrder
from .tracker import OrphanTracker

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
Fields: TypeAlias = "dict[str, Json]"
Step: TypeAlias = "Callable[[Life, Fields], Fields]"

PROTOCOL_VERSION = 1

DURATIONS = ("orphan_grace_period", "expected_cloid_ttl", "finalized_protection_period")


class NotSupportedError(Exception):
    """The request is well-formed and asks for what this implementation does not do."""


class Life:
    """One run: its tracker, and what a sync left to be cancelled by an `act`."""

    def __init__(self, config: OrphanTrackerConfig) -> None:
        self.config = config
        self.acts_later = False
        self.restart()

    def restart(self) -> None:
        """Begins anew, with nothing remembered."""
        self.tracker = OrphanTracker(self.config)
        self.pending: tuple[str, ...] = ()


def answers(lines: Iterable[bytes | str]) -> Iterator[Fields]:
    """Yields the reply to each request, and ends after the reply to `stop`."""
    for line in lines:
        if not line.strip():
            continue
        reply, stops = answer(line)
        yield reply
        if stops:
            return


def answer(line: bytes | str) -> tuple[Fields, bool]:
    """The reply to one request, and whether it is the last."""
    about: Fields = {}
    try:
        request = _object(json.loads(line), "a request")
        if "id" in request:
            about = {"id": request["id"]}
        op = request.get("op")
        if op == "start":
            return _start(request), False
        if op == "run":
            return about | {"ok": True, "results": _run(request)}, False
        if op == "stop":
            return {"ok": True}, True
        raise ValueError(f"op is {op!r}; it has to be 'start', 'run' or 'stop'")
    except NotSupportedError as exception:
        return about | {"skipped": True, "message": str(exception)}, False
    except Exception as exception:
        context: Fields = {"message": str(exception), "type": type(exception).__name__}
        return about | {"errored": True, "context": context}, False


def _start(request: Fields) -> Fields:
    if request.get("version") != PROTOCOL_VERSION:
        raise ValueError(f"version is {request.get('version')!r}; this program speaks version {PROTOCOL_VERSION}")
    try:
        own_version = version("orphan-tracker")
    except PackageNotFoundError:
        own_version = "0"
    implementation: Fields = {"name": "orphan_tracker", "language": "python", "version": own_version}
    return {"ok": True, "implementation": implementation, "clock": "virtual", "events": list(EVENTS)}


def _run(request: Fields) -> list[Json]:
    life = Life(_config(_object(request.get("config"), "config")))
    results: list[Json] = []
    steps = [_object(item, f"step {number}") for number, item in enumerate(_list(request.get("steps"), "steps"))]
    for number, step in enumerate(steps):
        event = step.get("event")
        life.acts_later = event == EventName.SYNC and _acts_later(steps[number + 1 :])
        if not isinstance(event, str) or event not in EVENTS:
            raise NotSupportedError(f"event of step {number} is {event!r}; supported are {', '.join(EVENTS)}")
        try:
            results.append(EVENTS[event](life, step))
        except ValueError as exception:
            raise ValueError(f"step {number} ({event}): {exception}") from exception
    return results


def _acts_later(steps: Iterable[Fields]) -> bool:
    """Whether an `act` comes before the next snapshot, in the same life."""
    for step in steps:
        event = step.get("event")
        if event == EventName.ACT:
            return True
        if event == EventName.RESTART or (event == EventName.SYNC and step.get("open") is not None):
            return False
    return False


def _config(fields: Fields) -> OrphanTrackerConfig:
    unknown = fields.keys() - {*DURATIONS, "observe", "owned_cloid_prefix"}
    if unknown:
        raise NotSupportedError(f"config has {', '.join(sorted(unknown))}, which this implementation does not know")
    if fields.get("observe", "oid") not in ("oid", "cloid"):
        raise ValueError(f"observe is {fields['observe']!r}; it has to be 'oid' or 'cloid'")
    prefix = fields.get("owned_cloid_prefix")
    grace, ttl, protection = (_whole(fields, name) for name in DURATIONS)
    return OrphanTrackerConfig(
        orphan_grace_period=grace,
        expected_cloid_ttl=ttl,
        finalized_protection_period=protection,
        owned_cloid_prefix=None if prefix is None else _text(fields, "owned_cloid_prefix"),
    )


def _register(life: Life, step: Fields) -> Fields:
    cloids = [_text({"a CLOID": cloid}, "a CLOID") for cloid in _list(step.get("cloids"), "cloids")]
    life.tracker.register_expected_cloids(cloids, _whole(step, "t"))
    return {}


def _record(life: Life, step: Fields) -> Fields:
    life.tracker.record_oid_for_cloid(_text(step, "cloid"), _oid(step.get("oid")), _whole(step, "t"))
    return {}


def _finalize(life: Life, step: Fields) -> Fields:
    life.tracker.mark_finalized(_text(step, "cloid"), _oid(step.get("oid")), _whole(step, "t"))
    return {}


def _fail(life: Life, step: Fields) -> Fields:
    life.tracker.mark_failed(_text(step, "cloid"), _whole(step, "t"))
    return {}


def _clear(life: Life, step: Fields) -> Fields:
    life.tracker.clear_orphan(_oid(step.get("oid")), _whole(step, "t"))
    return {}


def _cleanup(life: Life, step: Fields) -> Fields:
    life.tracker.cleanup(_whole(step, "t"))
    return {}


def _sync(life: Life, step: Fields) -> Fields:
    now = _whole(step, "t")
    as_of = _whole(step, "as_of") if "as_of" in step else now
    local = _local(step)
    listing = None
    if "open" not in step:
        raise ValueError("open is missing; it has to be a list, or null for a failed fetch")
    if step["open"] is not None:
        listing = [_open_order(order) for order in _list(step["open"], "open")]
    life.tracker.cleanup(now)
    candidates = SafetyAuditor.find_orphans(listing, local)
    decision = life.tracker.filter_aged_orphans(candidates, now, as_of)
    if life.acts_later and listing is not None:
        life.pending = decision.aged
        return {"cancelled": [], "pending": list(decision.aged)}
    return _cancel(life, decision.aged, now)


def _act(life: Life, step: Fields) -> Fields:
    now = _whole(step, "t")
    confirmed = life.tracker.confirm(life.pending, _local(step), now).aged
    life.pending = ()
    return _cancel(life, confirmed, now)


def _cancel(life: Life, oids: Iterable[str], now: int) -> Fields:
    cancelled: list[Json] = []
    for oid in oids:
        life.tracker.clear_orphan(oid, now)
        cancelled.append(oid)
    return {"cancelled": cancelled}


def _learn_end(life: Life, step: Fields) -> Fields:
    life.tracker.mark_ended(_oid(step.get("oid")), _whole(step, "t"))
    return {}


def _restart(life: Life, step: Fields) -> Fields:
    _whole(step, "t")
    life.restart()
    return {}


def _narrative(life: Life, step: Fields) -> Fields:
    """What happens at the exchange, or to a request, and tells a tracker nothing: time passes."""
    life.tracker.cleanup(_whole(step, "t"))
    return {}


EVENTS: dict[str, Step] = {
    EventName.REGISTER: _register,
    EventName.RECORD_OID: _record,
    EventName.FINALIZE: _finalize,
    EventName.FAIL: _fail,
    EventName.CLEAR: _clear,
    EventName.CLEANUP: _cleanup,
    EventName.SYNC: _sync,
    EventName.ACCEPT: _narrative,
    EventName.FILL: _narrative,
    EventName.END: _narrative,
    EventName.LEARN_END: _learn_end,
    EventName.TIMEOUT: _narrative,
    EventName.MODIFY: _narrative,
    EventName.RESTART: _restart,
    EventName.ACT: _act,
}


def _local(step: Fields) -> list[str]:
    return [_oid(oid) for oid in _list(step.get("local"), "local")]


def _open_order(item: Json) -> OpenOrder:
    fields = _object(item, "an open order")
    cloid: str | NotStated | None = NOT_STATED
    if "cloid" in fields:
        cloid = None if fields["cloid"] is None else _text(fields, "cloid")
    return OpenOrder(_oid(fields.get("oid")), cloid)


def _object(value: Json, what: str) -> Fields:
    if not isinstance(value, dict):
        raise ValueError(f"{what} is {value!r}; it has to be a JSON object")
    return value


def _list(value: Json, what: str) -> list[Json]:
    if not isinstance(value, list):
        raise ValueError(f"{what} is {value!r}; it has to be a list")
    return value


def _text(fields: Fields, name: str) -> str:
    value = fields.get(name)
    if not isinstance(value, str) or not value:
        raise ValueError(f"{name} is {value!r}; it has to be a text that is not empty")
    return value


def _oid(value: Json) -> str:
    if isinstance(value, str) and value:
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise ValueError(f"oid is {value!r}; it has to be a text that is not empty, or a whole number")


def _whole(fields: Fields, name: str) -> int:
    value = fields.get(name)
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError(f"{name} is {value!r}; it has to be a whole number of nanoseconds")
    return value


def main() -> None:
    """Speaks the protocol on stdin and stdout until `stop` or the end of input."""
    try:
        for reply in answers(sys.stdin.buffer):
            sys.stdout.write(json.dumps(reply) + "\n")
            sys.stdout.flush()
    except (BrokenPipeError, KeyboardInterrupt):
        sys.stderr.close()


if __name__ == "__main__":
    main()
