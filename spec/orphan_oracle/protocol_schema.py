"""The JSON Schemas of the certification protocol: what a program is asked, and what it may answer.

One rule. The steps of a run are the events of a trace: their schema is derived, not repeated.
"""

from orphan_oracle.codec import SCHEMA_DIALECT, trace_schema
from orphan_oracle.scenario import DURATIONS
from orphan_spec.events import EVENTS

Schema = dict[str, object]

_TEXT: Schema = {"type": "string"}
_OIDS: Schema = {"type": "array", "items": {"type": ["string", "integer"]}}


def request_schema() -> Schema:
    """One line on a program's standard input."""
    trace = trace_schema()
    definitions = trace.pop("$defs")
    step = {key: value for key, value in trace.items() if key not in ("$schema", "title", "version")}
    config: Schema = {name: {"type": "integer", "minimum": 1} for name in DURATIONS}
    config |= {"observe": {"enum": ["oid", "cloid"]}, "owned_cloid_prefix": {"type": "string", "minLength": 1}}
    properties: Schema = {
        "op": {"const": "run"},
        "id": {"type": "integer"},
        "config": _object(config, [*DURATIONS, "observe"]),
        "steps": {"type": "array", "items": step},
    }
    requests = [
        _object({"op": {"const": "start"}, "version": {"const": 1}}, ["op", "version"]),
        _object(properties, list(properties)),
        _object({"op": {"const": "stop"}}, ["op"]),
    ]
    return _document("one request of the orphan-tracker certification protocol", requests) | {"$defs": definitions}


def reply_schema() -> Schema:
    """One line on a program's standard output."""
    about: Schema = {"name": _TEXT, "language": _TEXT, "version": _TEXT}
    start: Schema = {
        "ok": {"const": True},
        "implementation": _object(about, list(about)),
        "source": _TEXT,
        "issues": _TEXT,
        "clock": {"enum": ["virtual", "wall"]},
        "tolerance": {"type": "integer", "exclusiveMinimum": 0},
        "events": {"type": "array", "items": {"enum": list(EVENTS)}},
    }
    number: Schema = {"id": {"type": "integer"}}
    result = _object({"cancelled": _OIDS, "dropped": _OIDS, "pending": _OIDS}, [])
    replies = [
        _object(start, ["ok"]),
        _object(
            number | {"ok": {"const": True}, "results": {"type": "array", "items": result}}, ["id", "ok", "results"]
        ),
        _object(number | {"skipped": {"const": True}, "message": _TEXT}, ["id", "skipped"]),
        _object(number | {"errored": {"const": True}, "context": {"type": "object"}}, ["id", "errored"]),
    ]
    return _document("one reply of the orphan-tracker certification protocol", replies)


def _document(title: str, choices: list[Schema]) -> Schema:
    return {"$schema": SCHEMA_DIALECT, "title": title, "version": 1, "anyOf": choices}


def _object(properties: Schema, required: list[str]) -> Schema:
    return {"type": "object", "properties": properties, "required": required}
