"""Judging logs: files in, a report out.

Two rules. Every file is a log of its own and is judged by a judge of its own. A file is read as a stream and never held; a
report holds only what was found, in the order of the lines.
"""

import gzip
import sys
import zlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Final, cast

from orphan_oracle.codec import read_trace
from orphan_oracle.configuration import Configuration
from orphan_oracle.errors import InputError
from orphan_spec.events import Sync
from orphan_spec.findings import Caution, Violation
from orphan_spec.judge import Judge

STANDARD_INPUT: Final = "-"
"""The name by which standard input is asked for."""

STRIDE: Final = 8192
"""Progress is told once in so many events."""

Progress = Callable[[str, int], None]
"""Is told a file's name and how many of its events have been judged."""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What the judge found in one file."""

    file: str
    events: int
    syncs: int
    violations: tuple[Violation, ...]
    warnings: tuple[Caution, ...]
    not_modelled: tuple[str, ...]
    """The guarantees that this log cannot be judged by."""


def check_files(
    files: Sequence[str],
    configuration: Configuration,
    link_horizon: int | None = None,
    progress: Progress | None = None,
) -> list[FileReport]:
    """Judges every file on its own; `-` is standard input, and a name that ends in `.gz` is compressed."""
    if list(files).count(STANDARD_INPUT) > 1:
        raise InputError("standard input (-) can be read only once")
    return [check_file(file, configuration, link_horizon, progress) for file in files]


def check_file(
    file: str,
    configuration: Configuration,
    link_horizon: int | None = None,
    progress: Progress | None = None,
) -> FileReport:
    """Judges one file; InputError where it cannot be read or is not a trace."""
    with opened(file) as lines:
        return check_lines(lines, file, configuration, link_horizon, progress)


def check_lines(
    lines: Iterator[bytes] | BinaryIO,
    name: str,
    configuration: Configuration,
    link_horizon: int | None = None,
    progress: Progress | None = None,
) -> FileReport:
    """Judges the lines of one log, which messages call by the name."""
    judge = Judge(configuration.constants, configuration.environment, link_horizon)
    events = syncs = 0
    found: list[Violation | Caution] = []
    observe = judge.observe
    for line, event in read_trace(lines, name):
        events += 1
        syncs += type(event) is Sync
        findings = observe(event, line)
        if findings:
            found += findings
        if progress is not None and events % STRIDE == 0:
            progress(name, events)
    found += judge.finish()
    violations = sorted((one for one in found if isinstance(one, Violation)), key=_place)
    warnings = sorted((one for one in found if isinstance(one, Caution)), key=lambda one: one.line)
    return FileReport(name, events, syncs, tuple(violations), tuple(warnings), judge.not_modelled)


def _place(violation: Violation) -> tuple[int, str, str]:
    return violation.line, violation.guarantee, violation.oid


@contextmanager
def opened(file: str) -> Iterator[BinaryIO]:
    """The file's lines, uncompressed; whatever goes wrong in reading them is an InputError."""
    try:
        if file == STANDARD_INPUT:
            yield sys.stdin.buffer
        elif file.endswith(".gz"):
            with gzip.open(file, "rb") as compressed:
                yield cast(BinaryIO, compressed)
        else:
            with Path(file).open("rb") as plain:
                yield plain
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise InputError(f"{file}: is not a complete gzip file: {error}") from error
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from error
