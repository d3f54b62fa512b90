"""The configuration file: the constants of a tracker and what is assumed of its environment.

Two rules. Every table and key is known or refused, so that no typing error passes for a default. A refusal names the file,
the key and what would be right, in one line.
"""

import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Final

from orphan_oracle.durations import format_duration, parse
from orphan_oracle.errors import InputError, one_line
from orphan_spec.constants import Constants, Environment


@dataclass(frozen=True, slots=True)
class Configuration:
    """What a configuration file says."""

    constants: Constants = field(default_factory=Constants)
    environment: Environment = field(default_factory=Environment)


def read_configuration(path: str | None) -> Configuration:
    """The configuration in a file, or the defaults without one; InputError where it is wrong."""
    if path is None:
        return Configuration()
    try:
        return parse_configuration(Path(path).read_text(encoding="utf-8"), path)
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not a TOML file: it is not UTF-8 text") from error


def stated_keys(path: str | None) -> frozenset[str]:
    """The keys that a configuration file, already read without complaint, writes out."""
    if path is None:
        return frozenset()
    document = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    return frozenset(key for table in document.values() for key in table)


def parse_configuration(text: str, name: str) -> Configuration:
    """The configuration in a TOML text, which messages call by the name."""
    try:
        document: dict[str, object] = tomllib.loads(text)
    except (tomllib.TOMLDecodeError, RecursionError, ValueError) as error:
        raise InputError(f"{name}: is not valid TOML: {one_line(str(error))}") from error
    for key, value in document.items():
        if key not in _TABLES:
            raise InputError(f"{name}: unknown {_kind(value)} {one_line(key)}; there are [tracker] and [environment]")
    tracker = _table(document, "tracker", name)
    environment = _table(document, "environment", name)
    try:
        return Configuration(Constants(**tracker), Environment(**environment))  # type: ignore[arg-type]
    except ValueError as error:
        raise InputError(f"{name}: {error}") from error


def write_configuration(configuration: Configuration) -> str:
    """The configuration as TOML, which reads back as the same."""
    lines: list[str] = []
    for table, part in (("tracker", configuration.constants), ("environment", configuration.environment)):
        lines.append(f"[{table}]")
        for key in _TABLES[table]:
            value = getattr(part, key)
            if value is not None:
                lines.append(f"{key} = {_quoted(value if isinstance(value, str) else format_duration(value))}")
        lines.append("")
    return "\n".join(lines)


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08x}" for c in escaped) + '"'


def _kind(value: object) -> str:
    return "table" if isinstance(value, dict) else "key"


def _table(document: dict[str, object], table: str, name: str) -> dict[str, object]:
    content = document.get(table, {})
    if not isinstance(content, dict):
        raise InputError(f"{name}: {table} must be a table, written [{table}]")
    readers = _TABLES[table]
    values: dict[str, object] = {}
    for key, value in content.items():
        if key not in readers:
            raise InputError(f"{name}: unknown key {one_line(key)} in [{table}]; known are {', '.join(readers)}")
        try:
            values[key] = readers[key](value)
        except InputError as error:
            raise InputError(f"{name}: {table}.{key}: {error}") from error
    return values


def _duration(value: object) -> int:
    if not isinstance(value, str):
        raise InputError(f'must be a duration in quotes, such as "5s" or "500ms", not {one_line(repr(value))}')
    return parse(value)


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise InputError(f"must be text in quotes, not {one_line(repr(value))}")
    return value


def _observe(value: object) -> str:
    if value not in ("oid", "cloid"):
        raise InputError(f'must be "oid" or "cloid", not {one_line(repr(value))}')
    return str(value)


_READERS: Final[dict[str, Callable[[object], object]]] = {"observe": _observe, "owned_cloid_prefix": _text}
_TABLES: Final[dict[str, dict[str, Callable[[object], object]]]] = {
    "tracker": {one.name: _duration for one in fields(Constants)},
    "environment": {one.name: _READERS.get(one.name, _duration) for one in fields(Environment)},
}
