"""`orphan-tracker vectors`: the language-neutral suite."""

from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from orphan_oracle.certificate import certificate, certificate_text
from orphan_oracle.certification import Certifier
from orphan_oracle.codec import write_document
from orphan_oracle.durations import parse
from orphan_oracle.errors import InputError
from orphan_oracle.suite import Plan
from orphan_oracle.terminal import emit
from orphan_spec.constants import Constants

Words = Annotated[str, Parameter(allow_leading_hyphen=True)]


def vectors(
    action: Literal["write", "list", "run"],
    *words: Words,
    time_limit: str = "10s",
    format: Literal["text", "json", "junit"] = "text",  # noqa: A002
) -> int:
    """Write the vectors into a folder, list them, or run them against a program.

    `vectors write DIR`, `vectors list`, `vectors run -- COMMAND`. Exit status: 0 all pass, 1 one does not, 2 bad input.

    Parameters
    ----------
    action
        What to do.
    words
        The folder, or the program after `--`.
    time_limit
        How long the program may take for one reply.
    format
        How the report is written.
    """
    rest = list(words[1:] if words[:1] == ("--",) else words)
    if action == "write":
        return _write(rest)
    if action == "list":
        return _list(rest, format)
    return _run(rest, time_limit, format)


def _write(words: list[str]) -> int:
    from orphan_oracle.vectors import files, write

    if len(words) != 1:
        raise InputError("vectors write: which folder? Write one: orphan-tracker vectors write DIR")
    try:
        write(Path(words[0]))
    except OSError as error:
        raise InputError(f"{words[0]}: cannot be written: {error.strerror or error}") from error
    emit([f"{len(files())} files written to {words[0]}"])
    return 0


def _list(words: list[str], format: str) -> int:  # noqa: A002
    from orphan_oracle.vectors import document, vectors

    if words:
        raise InputError("vectors list takes nothing more")
    if format == "json":
        emit([write_document({"version": 1, "cases": [document(vector) for vector in vectors()]})])
    else:
        emit(f"{one.id}  {one.guarantee}  {one.fault.bug} => {one.fault.harm}" for one in vectors())
    return 0


def _run(words: list[str], time_limit: str, format: str) -> int:  # noqa: A002
    from orphan_oracle.vectors import vectors

    if not words:
        raise InputError("vectors run: which program? Write it after --")
    limit = parse(time_limit) / 1e9
    if limit <= 0:
        raise InputError("--time-limit must be above 0")
    plan = Plan(scenarios=0, constants=Constants())
    result = Certifier(words, plan, limit, 300.0, shrink=False).run([vector.scenario for vector in vectors()])
    if format == "json":
        emit([write_document(certificate(result))])
    elif format == "junit":
        from orphan_oracle.outlets import certify_outlet

        emit(certify_outlet(result, format))
    else:
        emit(certificate_text(result, words))
        emit(f"failed: {failure.scenario.name}" for failure in result.failures)
    return 0 if result.holds else 1
