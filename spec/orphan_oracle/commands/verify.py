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
    second_solver: Literal["cvc5"] | None = None,
    rediscover: bool = False,
    limit: float = 60.0,
    format: Literal["text", "json", "markdown", "junit", "sarif", "github"] = "text",  # noqa: A002
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
    second_solver
        Let another solver answer every certificate that `export smtlib` writes, and nothing else.
    rediscover
        Let Z3's Spacer look for inductive invariants by itself, without our lemmas, and nothing else (some minutes).
    limit
        How many seconds Spacer may look for one invariant.
    format
        How the report is written; `markdown` is the table of verified properties.
    """
    if config is not None and (second_solver or rediscover):
        raise InputError("--second-solver and --rediscover are about the machine itself: leave --config out")
    if mutants + bool(second_solver) + rediscover > 1:
        raise InputError("--mutants, --second-solver and --rediscover: one at a time")
    if second_solver:
        return _second_solver(format)
    if rediscover:
        return _rediscover(limit, format)
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
    elif format in ("junit", "sarif", "github"):
        from orphan_oracle.outlets import verify_outlet

        document = verify_document(report)
        told = [(f"{one.id} {one.name}", one.as_expected, one.status) for one in document.guarantees]
        told += [("constants", False, conflict) for conflict in document.conflicts]
        if not document.holds and all(holds for _, holds, _ in told):
            told.append(("verification", False, "something else is not as it has to be; see --format text"))
        emit(verify_outlet(told, format))
    else:
        emit(verify_text(report, verbose))
    return 0 if report.holds else 1


def _mutants(config: str | None, format: str) -> int:  # noqa: A002
    if config is not None:
        raise InputError("--mutants is about the machine itself, for all constants: leave --config out")
    from orphan_oracle.mutants_report import all_explained, mutants_document, mutants_markdown, mutants_text
    from orphan_proofs.mutation import digest, mutate, stale_reasons
    from orphan_proofs.verification import THEORIES

    verdicts = tuple(mutate(THEORIES))
    stale = tuple(stale_reasons(verdicts))
    if format == "json":
        emit([write_document(mutants_document(verdicts, stale, digest()))])
    elif format == "markdown":
        emit(mutants_markdown(verdicts, digest()))
    else:
        emit(mutants_text(verdicts, stale))
    return 0 if all_explained(verdicts, stale) else 1


def _second_solver(format: str) -> int:  # noqa: A002
    from time import perf_counter

    from orphan_oracle.opinions_report import second_solver_document, second_solver_text
    from orphan_proofs.certificates import certificates
    from orphan_proofs.second_solver import opinions
    from orphan_proofs.verification import THEORIES

    began = perf_counter()
    found = tuple(opinions(certificates(THEORIES)))
    seconds = perf_counter() - began
    document = second_solver_document(found, seconds)
    emit([write_document(document)] if format == "json" else second_solver_text(found, seconds))
    return 0 if document.holds else 1


def _rediscover(limit: float, format: str) -> int:  # noqa: A002
    if limit <= 0:
        raise InputError(f"--limit {limit:g}: must be above 0 seconds")
    from orphan_oracle.opinions_report import rediscover_document, rediscover_summary
    from orphan_proofs.rediscover import rediscoveries
    from orphan_proofs.verification import THEORIES

    found = []
    for discovery in rediscoveries(THEORIES, limit=limit):
        found.append(discovery)
        if format != "json":
            emit([discovery.line])
    document = rediscover_document(found, limit)
    emit([write_document(document)] if format == "json" else rediscover_summary(found, limit))
    return 0 if document.holds else 1
