"""`orphan-tracker certify`: holds any program, in any language, to the specification."""

import gc
import sys
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import Parameter

from orphan_oracle.certificate import certificate, certificate_text, scenario_file
from orphan_oracle.certification import Certifier, Result
from orphan_oracle.codec import write_document
from orphan_oracle.configuration import read_configuration, stated_keys
from orphan_oracle.durations import format_duration, parse
from orphan_oracle.errors import InputError
from orphan_oracle.explanation import explanation
from orphan_oracle.fairness import World, threshold
from orphan_oracle.protocol import Session
from orphan_oracle.suite import SCENARIOS, Plan
from orphan_oracle.terminal import counting, emit
from orphan_spec.constants import Constants, Environment

Words = Annotated[str, Parameter(allow_leading_hyphen=True)]

SMOKE = 3
"""So many scenarios make the first contact."""

REFERENCE = [sys.executable, "-m", "orphan_tracker.driver"]


def certify(
    *command: Words,
    config: str | None = None,
    assume_response_latency: str | None = None,
    scenarios: int = SCENARIOS,
    seed: int = 0,
    known_failing: str | None = None,
    exact: bool = False,
    smoke: bool = False,
    explain: bool = False,
    time_limit: str = "10s",
    budget: str | None = None,
    save: str | None = None,
    format: Literal["text", "json", "junit", "sarif", "github"] = "text",  # noqa: A002
) -> int:
    """Hold a program to the specification: it lives through scenarios, and the judge judges what it did.

    Exit status: 0 certified, 1 it breaks a guarantee or the protocol, 2 the call is wrong.

    Parameters
    ----------
    command
        The program and its arguments, after `--`.
    config
        The configuration (TOML): your constants, and what you assume of your environment.
    assume_response_latency
        Every order that rests is recorded within this of its registration, such as "2s".
    scenarios
        How many random lives there are, besides the small exhaustive scenarios.
    seed
        Another seed makes other lives.
    known_failing
        A file with one scenario, pattern or guarantee a line that is known to fail; one that passes is an error.
    exact
        Compare every outcome with the reference's too.
    smoke
        Only the first contact: start, three small scenarios, stop.
    explain
        Print the protocol, on one page.
    time_limit
        How long the program may take for one reply.
    budget
        How long everything may take, 5m by default; what is not run by then is not certified. With a program whose clock
        is the wall's it says how many scenarios there are.
    save
        Where the smallest failing scenario is saved; ./failing-scenario.json by default, with --format text.
    format
        How the certificate is written.
    """
    if explain:
        emit(explanation().splitlines())
        return 0
    words = [word for word in command if word]
    if words[:1] == ["--"]:
        words = words[1:]
    if not words:
        raise InputError("certify what? Write the program after --, such as: orphan-tracker certify -- ./my-tracker")
    if scenarios < 0:
        raise InputError(f"--scenarios must not be negative, and is {scenarios}")
    plan = _plan(config, assume_response_latency, scenarios, seed)
    limits = _seconds("--time-limit", time_limit), None if budget is None else _seconds("--budget", budget)
    result = _certified(words, plan, limits, _entries(known_failing), exact=exact, smoke=smoke)
    stated = {"--config": config, "--assume-response-latency": assume_response_latency, "--budget": budget}
    options = [word for name, value in stated.items() if value is not None for word in (name, value)]
    options += ["--scenarios", str(scenarios), "--seed", str(seed), *(["--smoke"] if smoke else [])]
    return _report(result, words, save, format, options)


def _certified(
    words: list[str], plan: Plan, limits: tuple[float, float | None], known: list[str], *, exact: bool, smoke: bool
) -> Result:
    reference = Session(REFERENCE, limits[0]) if exact else None
    try:
        if reference is not None:
            reference.start()
        gc.disable()
        with counting("certifying") as progress:
            certifier = Certifier(words, plan, *limits, reference, known, progress)
            return certifier.run(most=SMOKE if smoke else None)
    finally:
        gc.enable()
        if reference is not None:
            reference.stop()


def _plan(config: str | None, latency: str | None, scenarios: int, seed: int) -> Plan:
    configuration = read_configuration(config)
    environment = configuration.environment
    assumed = None if latency is None else _duration("--assume-response-latency", latency)
    stated = stated_keys(config)
    world = World(
        environment.sync_period_min,
        environment.sync_period_max,
        environment.snapshot_age_max,
        environment.response_latency_max if assumed is None else assumed,
    )
    constants = configuration.constants
    _check_latency(constants, world, assumed is not None, environment)
    return Plan(
        seed=seed,
        scenarios=scenarios,
        constants=None if config is None else constants,
        observe=environment.observe if "observe" in stated else None,
        owned_cloid_prefix=environment.owned_cloid_prefix,
        world=world,
    )


def _check_latency(constants: Constants, world: World, given: bool, environment: Environment) -> None:
    bound, latency = threshold(constants, world), world.response_latency_max
    if given and bound is not None and latency is not None and latency >= bound:
        raise InputError(
            f"--assume-response-latency must be below {format_duration(bound)}, and is {format_duration(latency)}: "
            "from there on an in-flight order cannot be told from an orphan by its OID (S3)"
        )


def _duration(option: str, text: str) -> int:
    try:
        return parse(text)
    except InputError as error:
        raise InputError(f"{option}: {error}") from error


def _seconds(option: str, text: str) -> float:
    nanoseconds = _duration(option, text)
    if nanoseconds == 0:
        raise InputError(f"{option} must be above 0")
    return nanoseconds / 1e9


def _entries(path: str | None) -> list[str]:
    if path is None:
        return []
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise InputError(f"{path}: cannot be read: {error}") from error
    return [entry for line in lines if (entry := line.partition("#")[0].strip())]


def _report(result: Result, words: list[str], save: str | None, format: str, options: list[str]) -> int:  # noqa: A002
    saved = _save(result, save if save is not None or format != "text" else "failing-scenario.json")
    if format == "text":
        emit(certificate_text(result, words, saved, options))
    elif format == "json":
        emit([write_document(certificate(result))])
    else:
        from orphan_oracle.outlets import certify_outlet

        emit(certify_outlet(result, format))
    return 0 if result.holds else 1


def _save(result: Result, path: str | None) -> str | None:
    if path is None or not result.smallest:
        return None
    try:
        Path(path).write_text(scenario_file(result.smallest[0]), encoding="utf-8")
    except OSError as error:
        raise InputError(f"{path}: cannot be written: {error.strerror or error}") from error
    return path
