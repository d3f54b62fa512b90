"""`orphan-tracker check`: judges logs."""

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Literal

from cyclopts import Parameter

from orphan_oracle.check import STANDARD_INPUT, check_files
from orphan_oracle.codec import write_document
from orphan_oracle.configuration import read_configuration
from orphan_oracle.durations import parse
from orphan_oracle.errors import InputError, one_line
from orphan_oracle.report import check_document, check_text
from orphan_oracle.terminal import counting, emit, width
from orphan_spec.memory import FOREVER

File = Annotated[str, Parameter(allow_leading_hyphen=True)]


def check(
    file: File,
    /,
    *files: File,
    config: str | None = None,
    link_horizon: str | None = None,
    format: Literal["text", "json", "junit", "sarif", "github"] = "text",  # noqa: A002
) -> int:
    """Judge logs in the trace format: which guarantees they break, and which lines prove it.

    Several files are judged each on its own. Exit status: 0 clean, 1 a guarantee is violated, 2 bad input.

    Parameters
    ----------
    file
        A log in NDJSON; `-` is standard input, `.gz` is decompressed.
    files
        More logs.
    config
        The configuration (TOML); without it the default constants hold.
    link_horizon
        How long after a cancel a link between CLOID and OID still counts, such as "30s", or "inf"; the TTL by default.
    format
        How the report is written.
    """
    paths = [_path(path) for path in (file, *files)]
    configuration = read_configuration(config)
    horizon = _horizon(link_horizon)
    started = time.perf_counter()
    with counting("judging") as progress, _without_collector():
        reports = check_files(paths, configuration, horizon, progress)
    elapsed = time.perf_counter() - started
    if format == "json":
        emit([write_document(check_document(reports))])
    elif format == "text":
        emit(check_text(reports, elapsed, width()))
    else:
        from orphan_oracle.outlets import check_outlet

        emit(check_outlet(reports, format))
    return 1 if any(report.violations for report in reports) else 0


@contextmanager
def _without_collector() -> Iterator[None]:
    """The judge's records form no cycles, and looking for some costs a third of the time."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _path(path: str) -> str:
    if path.startswith("-") and path != STANDARD_INPUT:
        raise InputError(f"unknown option {one_line(path)}; see check --help (a file of that name is written ./{path})")
    return path


def _horizon(text: str | None) -> int | None:
    if text is None:
        return None
    if text == "inf":
        return FOREVER
    try:
        return parse(text)
    except InputError as error:
        raise InputError(f'--link-horizon: {error}, or "inf"') from error
