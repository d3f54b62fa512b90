"""`orphan-tracker verify`: proves the guarantees, for all constants or for yours."""

from typing import Literal

from orphan_oracle.codec import write_document
from orphan_oracle.configuration import read_configuration
from orphan_oracle.errors import InputError
from orphan_oracle.terminal import emit


def verify(
    *,
    config: str | None = None,
    verbose: bool = False,
    mutants: bool = False,
    format: Literal["text", "json", "markdown"] = "text",  # noqa: A002
) -> int:
    """Prove the guarantees: for all constants, or in the environment that a configuration describes.

    Without a configuration the specification itself is checked: exit status 0 says that every guarantee has its
    published verdict (S3 with OIDs only: refuted in general, proved under its exact condition). With one, exit status 0
    says that every guarantee holds in the environment described, 1 that one does not or that constants contradict each
    other; 2 is bad input.

    Parameters
    ----------
    config
        The configuration (TOML) with your constants and what you assume of your environment.
    verbose
        Print one line for every obligation, and the shortest run to every witness.
    mutants
        Take every word of the machine out, one at a time, and say what breaks (a minute or two).
    format
        How the report is written; `markdown` is the table of verified properties.
    """
    if mutants:
        return _mutants(config, format)
    configuration = read_configuration(config)
    from orphan_oracle.verify_report import verify_document, verify_markdown, verify_text
    from orphan_proofs.verification import verify as run

    report = run() if config is None else run(configuration.constants, configuration.environment)
    if format == "json":
        emit([write_document(verify_document(report))])
    elif format == "markdown":
        emit(verify_markdown(report))
    else:
        emit(verify_text(report, verbose))
    return 0 if report.holds else 1


def _mutants(config: str | None, format: str) -> int:  # noqa: A002
    if config is not None:
        raise InputError("--mutants is about the machine itself, for all constants: leave --config out")
    from orphan_oracle.mutants_report import all_explained, mutants_document, mutants_markdown, mutants_text
    from orphan_proofs.mutation import digest, mutate, stale_reasons
    from orphan_proofs.verification import THEORY

    verdicts = tuple(mutate(THEORY))
    stale = tuple(stale_reasons(verdicts))
    if format == "json":
        emit([write_document(mutants_document(verdicts, stale, digest()))])
    elif format == "markdown":
        emit(mutants_markdown(verdicts, digest()))
    else:
        emit(mutants_text(verdicts, stale))
    return 0 if all_explained(verdicts, stale) else 1
