"""`orphan-tracker guarantees`: what holds for your constants, exactly when, and with which number."""

import re
from collections.abc import Iterable
from typing import Literal

from orphan_oracle.codec import write_document
from orphan_oracle.configuration import Configuration, read_configuration
from orphan_oracle.durations import parse
from orphan_oracle.errors import InputError, one_line
from orphan_oracle.terminal import emit


def guarantees(
    *,
    config: str | None = None,
    preset: str | None = None,
    suggest: str | None = None,
    format: Literal["text", "json", "markdown", "html", "svg"] = "text",  # noqa: A002
) -> int:
    """Derive the timing guarantees for your constants: exact conditions, exact bounds, and the runs that show them.

    Exit status: 0 everything holds in the environment described (without one: as published) and the wish is fulfilled,
    1 something does not, 2 bad input.

    Parameters
    ----------
    config
        The configuration (TOML) with your constants and what you assume of your environment.
    preset
        A named configuration in place of a file; an unknown name lists them.
    suggest
        A wish, such as "no false cancellation; orphans gone within 20s": which constants fulfil it?
    format
        How the report is written; `html` is one file that needs no network.
    """
    configuration, label = _configuration(config, preset)
    wish = None if suggest is None else _wish(suggest)
    from orphan_oracle.timing_report import guarantees_document, guarantees_text
    from orphan_proofs.advice import Wish
    from orphan_proofs.advice import suggest as fulfil
    from orphan_proofs.promises import promises

    constants, environment = configuration.constants, configuration.environment
    found = promises(constants, environment)
    suggestion = None if wish is None else fulfil(constants, environment, Wish(*wish))
    if format == "json":
        emit([write_document(guarantees_document(found, suggestion))])
    elif format == "text":
        emit(guarantees_text(found, suggestion, label))
    else:
        from orphan_oracle.timing_pages import written

        emit(written(format, found, suggestion, label))
    if suggestion is not None:
        return 0 if suggestion.constants is not None else 1
    return 0 if found.holds or (config is None and preset is None) else 1


def _configuration(config: str | None, preset: str | None) -> tuple[Configuration, str]:
    if preset is None:
        return read_configuration(config), ""
    if config is not None:
        raise InputError("--preset and --config both say which constants: leave one out")
    from orphan_proofs.tuning import PRESETS

    if preset not in PRESETS:
        raise InputError(f"--preset {one_line(preset)}: there are {', '.join(PRESETS)}")
    named = PRESETS[preset]
    return Configuration(named.constants, named.environment), f"{preset}: {named.label}"


def _wish(text: str) -> tuple[bool, int | None]:
    """What is wished: no false cancellation, and by when orphans are gone."""
    safe, within = False, None
    for clause in _clauses(text):
        gone = re.fullmatch(r"orphans gone within (.+)", clause)
        if gone:
            try:
                within = parse(gone[1].replace(" ", ""))
            except InputError as error:
                raise InputError(f"--suggest: {error}") from error
        elif re.fullmatch(r"no false cancel(lation|lations|s)?", clause):
            safe = True
        else:
            known = '"no false cancellation" and "orphans gone within 20s"'
            raise InputError(f'--suggest: unknown wish "{one_line(clause)}"; there are {known}, separated by ";"')
    return safe, within


def _clauses(text: str) -> Iterable[str]:
    clauses = [" ".join(clause.split()).lower() for clause in re.split(r"[;,]", text)]
    return [clause for clause in clauses if clause] or [""]
