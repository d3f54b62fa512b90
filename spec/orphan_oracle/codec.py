"""Traces and documents on the wire: the only module that knows msgspec.

Two rules. The wire types are derived from the dataclasses of `orphan_spec`, so that nothing is said twice: an OID is read
from text or a whole number and kept as exact text, an absent `cloid` is `NOT_STATED`, fields that nobody knows are ignored.
What is not an event, or stands where it cannot, is refused with the file and the line.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields, is_dataclass
from operator import attrgetter
from types import NoneType, UnionType
from typing import Annotated, Final, Literal, TypeAlias, Union, cast, get_args, get_origin, get_type_hints

import msgspec

from orphan_oracle.errors import InputError, one_line
from orphan_spec.events import EVENTS, NAMES, NOT_STATED, Accept, Act, Event, NotStated, Restart, Sync

Hint: TypeAlias = object
"""A type annotation, looked at as a value."""


class _Named(msgspec.Struct):
    """Anything that bears the name of an event."""

    event: str


Converter: TypeAlias = Callable[[object], object]

Version: TypeAlias = Literal[1]
"""The version that every JSON document carries."""

SCHEMA_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"


_LEFT_OUT: Final = ("pending",)
"""Fields that came late: where they name nothing they are not written, and older readers see only what they know."""


def _annotation(hint: Hint) -> str | None:
    return cast(str, get_args(hint)[1]) if get_origin(hint) is Annotated else None


def _wire_type(hint: Hint) -> Hint:
    """The type that a field has on the wire."""
    note, origin, arguments = _annotation(hint), get_origin(hint), get_args(hint)
    if note == "instant":
        return Annotated[int, msgspec.Meta(ge=0)]
    if note == "oid":
        return str | int
    if note == "cloid":
        return str
    if hint is NotStated:
        return msgspec.UnsetType
    if origin in (Union, UnionType):
        return Union[tuple(map(_wire_type, arguments))]  # noqa: UP007
    if origin is tuple:
        return tuple[_wire_type(arguments[0]), ...]  # type: ignore[misc]
    return _wire_struct(cast(type, hint)) if is_dataclass(hint) else hint


def _wire_struct(kind: type, name: str | None = None) -> type[msgspec.Struct]:
    """The wire type of a dataclass; with a name, that of an event."""
    hints = get_type_hints(kind, include_extras=True)
    members: list[tuple[str, object] | tuple[str, object, object]] = []
    for field in fields(kind):
        wire = _wire_type(hints[field.name])
        if field.name == "as_of":
            members.append((field.name, Union[wire, msgspec.UnsetType], msgspec.UNSET))  # noqa: UP007
        elif field.default is NOT_STATED:
            members.append((field.name, wire, msgspec.UNSET))
        elif isinstance(field.default, tuple):
            members.append((field.name, wire, field.default))
        else:
            members.append((field.name, wire))
    namespace = {"__doc__": kind.__doc__}
    if name is None:
        return msgspec.defstruct(kind.__name__, members, namespace=namespace, kw_only=True)
    return msgspec.defstruct(kind.__name__, members, namespace=namespace, kw_only=True, tag_field="event", tag=name)


def _inward(hint: Hint) -> Converter | None:
    """How a field is turned from its wire type into its own; None where it already is."""
    origin, arguments = get_origin(hint), get_args(hint)
    if _annotation(hint) == "oid":
        return str
    if NotStated in arguments:
        return lambda value: NOT_STATED if value is msgspec.UNSET else value
    if is_dataclass(hint):
        return _maker(cast(type, hint))
    if origin is not tuple and NoneType not in arguments:
        return None
    inner = _inward(arguments[0])
    if inner is None:
        return None
    if origin is tuple:
        return lambda value: tuple(map(inner, cast(Iterable[object], value)))
    return lambda value: None if value is None else inner(value)


def _maker(kind: type) -> Converter:
    """How a dataclass is made from its wire struct."""
    hints = get_type_hints(kind, include_extras=True)
    names = [field.name for field in fields(kind)]
    converters = [_inward(hints[name]) for name in names]
    take = attrgetter(*names)
    if len(names) == 1:
        return lambda wire: kind(take(wire))
    if not any(converters):
        return lambda wire: kind(*take(wire))
    steps = [(name, converter) for name, converter in zip(names, converters, strict=True) if converter is not None]

    def make(wire: object) -> object:
        for name, converter in steps:
            setattr(wire, name, converter(getattr(wire, name)))
        return kind(*take(wire))

    return make


def _plain(value: object) -> object:
    """A dataclass as JSON knows it; what is not stated is left out."""
    if is_dataclass(value):
        members = ((field.name, getattr(value, field.name)) for field in fields(value))
        return {name: _plain(member) for name, member in members if member is not NOT_STATED}
    return [_plain(item) for item in value] if isinstance(value, tuple) else value


_WIRES: Final = {name: _wire_struct(kind, name) for name, kind in EVENTS.items()}
_MAKERS: Final = {_WIRES[name]: _maker(kind) for name, kind in EVENTS.items()}
_SYNC: Final = _WIRES["sync"]
_STAGED: Final = (Sync, Act, Restart)
"""Events that stand where a snapshot was seen, or decide whether one was."""

_DIRECT: Final = {name: msgspec.json.Decoder(kind) for name, kind in EVENTS.items() if kind not in (*_STAGED, Accept)}
"""Events whose lines mostly read straight into their dataclass; a line that does not goes the long way round."""

_NAME_DECODER: Final = msgspec.json.Decoder(_Named)
_UNION: Final = cast(type[msgspec.Struct], Union[tuple(_WIRES.values())])  # noqa: UP007
_DECODER: Final = msgspec.json.Decoder(_UNION)


def decode(line: bytes) -> Event:
    """The event in one line; ValueError with the reason where there is none."""
    return _decode_at_once(line) or _decode_wire(line)


def _decode_at_once(line: bytes) -> Event | None:
    direct = _DIRECT.get(_NAME_DECODER.decode(line).event)
    try:
        return None if direct is None else direct.decode(line)
    except msgspec.ValidationError:
        return None


def _decode_wire(line: bytes) -> Event:
    wire = _DECODER.decode(line)
    if type(wire) is _SYNC:
        if wire.as_of is msgspec.UNSET:  # type: ignore[attr-defined]
            wire.as_of = wire.t  # type: ignore[attr-defined]
        elif wire.as_of > wire.t:  # type: ignore[attr-defined]
            raise ValueError(f"as_of ({wire.as_of}) must not be above t ({wire.t})")  # type: ignore[attr-defined]
    return cast(Event, _MAKERS[type(wire)](wire))


def encode(event: Event) -> bytes:
    """The event as one line, without the line break."""
    members = cast(dict[str, object], _plain(event))
    for name in _LEFT_OUT:
        if not members.get(name, True):
            del members[name]
    return msgspec.json.encode({"event": NAMES[type(event)], **members})


def seen_snapshot(event: Event, seen: bool) -> bool:
    """Whether the client has a snapshot to act on after the event; ValueError for an act without one."""
    if isinstance(event, Sync):
        return seen or event.open is not None
    if isinstance(event, Act) and not seen:
        raise ValueError("act without an earlier sync that had a snapshot; it cancels what that sync condemned")
    return seen and not isinstance(event, Restart)


def read_trace(lines: Iterable[bytes], name: str) -> Iterator[tuple[int, Event]]:
    """The events of a trace with their line numbers; InputError, which calls the trace by the name, where it is wrong."""
    now, seen = 0, False
    for number, line in enumerate(lines, 1):
        try:
            event = _decode_at_once(line)
            if event is None:
                event = _decode_wire(line)
                seen = seen_snapshot(event, seen)
        except (ValueError, RecursionError) as error:
            if not line.strip():
                continue
            raise InputError(f"{name}:{number}: {_explanation(error)}") from error
        t = event.t
        if t < now:
            raise InputError(f"{name}:{number}: {_out_of_order(t, now)}")
        now = t
        yield number, event


def _out_of_order(t: int, now: int) -> str:
    if t < 0:
        return f"t must not be negative, and is {t}"
    return f"time goes back from {now} to {t}; lines must be in the order of time"


def _explanation(error: Exception) -> str:
    """The reason in one line, in the words of the trace format."""
    text = one_line(str(error)).replace(" - at `$.", " in `").replace(" - at `$`", "")
    if isinstance(error, RecursionError):
        return "is nested too deeply; a line is one flat event"
    if text.startswith("Invalid value") and text.endswith("in `event`"):
        return f"unknown event {text.split()[2]}; events are {', '.join(EVENTS)}"
    if "missing required field `event`" in text:
        return f"has no `event`; events are {', '.join(EVENTS)}"
    if isinstance(error, msgspec.ValidationError):
        return text[0].lower() + text[1:]
    return f"is not a JSON object: {text}" if isinstance(error, msgspec.DecodeError) else text


def trace_schema() -> dict[str, object]:
    """The JSON Schema of one line of a trace."""
    (line,), definitions = msgspec.json.schema_components([_UNION], ref_template="#/$defs/{name}")
    return _schema("one line of an orphan-tracker trace", line, definitions)


def document_schema(title: str, *kinds: type) -> dict[str, object]:
    """The JSON Schema of a document that is written from one of the dataclasses."""
    documents, definitions = msgspec.json.schema_components(kinds, ref_template="#/$defs/{name}")
    return _schema(title, documents[0] if len(documents) == 1 else {"oneOf": list(documents)}, definitions)


def _schema(title: str, body: dict[str, object], definitions: dict[str, object]) -> dict[str, object]:
    return {"$schema": SCHEMA_DIALECT, "title": title, "version": 1, **body, "$defs": definitions}


def write_document(document: object) -> str:
    """A dataclass as a JSON document on one line; fields that are `UNSET` are left out."""
    return msgspec.json.encode(document).decode()


def write_schema(schema: dict[str, object]) -> str:
    """A schema as it is committed."""
    return msgspec.json.format(msgspec.json.encode(schema), indent=2).decode() + "\n"
