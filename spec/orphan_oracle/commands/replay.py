"""`orphan-tracker replay`: has a program live through a saved scenario again."""

import json
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from orphan_oracle.certificate import certificate, certificate_text
from orphan_oracle.certification import Certifier
from orphan_oracle.codec import write_document
from orphan_oracle.durations import parse
from orphan_oracle.errors import InputError
from orphan_oracle.scenario import read_scenario
from orphan_oracle.suite import Plan
from orphan_oracle.terminal import emit

Words = Annotated[str, Parameter(allow_leading_hyphen=True)]


def replay(
    file: str,
    *command: Words,
    time_limit: str = "10s",
    format: Literal["text", "json"] = "text",  # noqa: A002
) -> int:
    """Have a program live through a scenario that `certify` saved.

    Exit status: 0 it passes now, 1 it fails, 2 bad input.

    Parameters
    ----------
    file
        The scenario.
    command
        The program and its arguments, after `--`.
    time_limit
        How long the program may take for one reply.
    format
        How the report is written.
    """
    words = list(command[1:] if command[:1] == ("--",) else command)
    if not words:
        raise InputError("replay with what? Write the program after --")
    try:
        document = json.loads(Path(file).read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"{file}: cannot be read: {error.strerror or error}") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{file}: is not JSON: {error}") from error
    scenario = read_scenario(document, file)
    plan = Plan(scenarios=0, constants=scenario.constants, observe=scenario.environment.observe)
    limit = parse(time_limit) / 1e9
    if limit <= 0:
        raise InputError("--time-limit must be above 0")
    result = Certifier(words, plan, limit, limit * 2, shrink=False).run([scenario])
    emit([write_document(certificate(result))] if format == "json" else certificate_text(result, words))
    return 0 if result.holds else 1
