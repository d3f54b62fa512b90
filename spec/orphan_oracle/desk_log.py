"""What the policies make of a real desk's log: the report of `simulate --from-log`.

Two rules. What the log does not say is printed with what stands in for it, before any figure. And the rebuilt trace is
judged like any other.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Final

from orphan_desk.from_log import ASSUMPTIONS, Cancellation, LoggedWorld, Rebuild
from orphan_desk.origin_log import Log, LogError, read_log
from orphan_desk.simulator import OrphanTrackerConfig, PolicyName, Setting, Spread
from orphan_oracle.check import opened
from orphan_oracle.codec import Version
from orphan_oracle.desk_runs import read_input, violations_of
from orphan_oracle.durations import parse
from orphan_oracle.errors import InputError
from orphan_spec.constants import Constants
from orphan_spec.findings import seconds

SHOWN: Final = 5
"""So many cancelled orders are told one by one in the text; the document has all."""


@dataclass(frozen=True, slots=True)
class LogFacts:
    """What the log says."""

    file: str
    begins: str
    span_ns: int
    lines: int
    calls: int
    answered_orders: int
    filled_at_once: int
    rejected_orders: int
    orders_with_cloid: int
    syncs: int
    syncs_beside_calls: int
    """Syncs that began while a call was in flight."""

    latency_median_ns: int | None
    stale_removals: int
    """Local orders that the desk itself dropped as stale."""


@dataclass(frozen=True, slots=True)
class LogPolicyDocument:
    """What one policy made of the log."""

    policy: str
    syncs: int
    kept: dict[str, int]
    """How often a candidate was kept, by the reason."""

    false_orphans: int
    of_them_unanswered: int
    true_orphans: int
    ghosts: int
    stale_removals: int
    stale_resting: int
    counted: int
    """Syncs for which the log says how many orders were open."""

    counted_alike: int
    """Those at which the rebuilt world showed as many."""

    violations: dict[str, int]
    cancellations: tuple[Cancellation, ...]


@dataclass(frozen=True, slots=True)
class FromLogDocument:
    """The report of `simulate --from-log`."""

    version: Version
    log: LogFacts
    assumptions: tuple[str, ...]
    rests_after: float
    staleness_ns: int
    sync_every_ns: int | None
    constants: dict[str, int]
    holds: bool
    """Whether no policy but the naive one breaks a guarantee."""

    policies: tuple[LogPolicyDocument, ...]


def from_log(
    file: str,
    policies: Sequence[PolicyName],
    constants: Constants,
    inputs: Mapping[str, str],
    sync_every: str | None,
) -> FromLogDocument:
    """Lets the policies decide in the world of a log; InputError where a line or an input cannot be read."""
    rests_after, staleness = _stated(inputs)
    every = None if sync_every is None else _period(sync_every)
    log = _read(file)
    durations = {one.name: getattr(constants, one.name) for one in fields(Constants)}
    config = OrphanTrackerConfig(**durations)
    rows = tuple(_policy(log, Rebuild(policy, config, rests_after, staleness, every)) for policy in policies)
    return FromLogDocument(
        1,
        _facts(file, log),
        ASSUMPTIONS,
        rests_after,
        staleness,
        every,
        durations,
        all(not row.violations for row in rows if row.policy != "naive" or len(rows) == 1),
        rows,
    )


def _stated(inputs: Mapping[str, str]) -> tuple[float, int]:
    known = {name.replace("-", "_"): text for name, text in inputs.items()}
    values = {name: read_input(name, text) for name, text in known.items()}
    for name in values:
        if name not in ("rests_after", "staleness"):
            raise InputError(
                f"--{name.replace('_', '-')}: the log says that; with --from-log there are --rests-after and --staleness"
            )
    share, staleness = values.get("rests_after", 0.5), values.get("staleness", Spread((0,)))
    if not 0 <= share <= 1:
        raise InputError(f"--rests-after: {share:g} is no share; it has to be between 0 and 1")
    if staleness.shortest != staleness.longest:
        raise InputError("--staleness: with --from-log it is one duration")
    return share, staleness.longest


def _period(text: str) -> int:
    try:
        period = parse(text)
    except InputError as error:
        raise InputError(f"--sync-every: {error}") from error
    if period <= 0:
        raise InputError("--sync-every: it has to be above 0")
    return period


def _read(file: str) -> Log:
    with opened(file) as lines:
        try:
            return read_log(lines)
        except LogError as error:
            raise InputError(f"{file}:{error.line}: {error}") from error


def _facts(file: str, log: Log) -> LogFacts:
    orders = log.orders.values()
    latencies = sorted(order.answered_at - order.sent_at for order in orders)
    return LogFacts(
        file,
        log.begins,
        log.ends_at,
        log.lines,
        log.calls,
        len(log.orders),
        sum(order.filled_at_once for order in orders),
        len(log.rejects),
        sum(order.cloid_logged for order in orders),
        len(log.syncs),
        log.syncs_beside_calls,
        latencies[len(latencies) // 2] if latencies else None,
        log.stale_removals,
    )


def _policy(log: Log, rebuild: Rebuild) -> LogPolicyDocument:
    trace: list[str] = []
    verdicts = LoggedWorld(log, rebuild, trace.append).run()
    counts = verdicts.counts
    found = violations_of(Setting(rebuild.policy, constants=rebuild.constants), trace)
    return LogPolicyDocument(
        rebuild.policy,
        counts.syncs,
        dict(sorted(verdicts.kept.items())),
        counts.false_orphans,
        counts.of_them_unanswered,
        counts.true_orphans,
        counts.ghosts,
        counts.stale_resting + counts.stale_gone,
        counts.stale_resting,
        verdicts.counted,
        verdicts.counted_alike,
        dict(sorted(Counter(one.guarantee for one in found).items())),
        tuple(verdicts.cancellations),
    )


def log_text(document: FromLogDocument) -> Iterator[str]:
    """The report as people read it."""
    log = document.log
    yield f"{log.file}: {log.lines:,} lines from {log.begins}, {seconds(log.span_ns)}"
    yield (
        f"  {log.calls:,} calls, {log.answered_orders:,} orders answered with an OID ({log.orders_with_cloid:,} with a CLOID, "
        f"{log.filled_at_once:,} filled at once), {log.rejected_orders:,} rejected"
    )
    yield f"  {log.syncs:,} syncs, {log.syncs_beside_calls:,} of them begun while a call was in flight"
    yield f"  {log.stale_removals:,} local orders dropped as stale by the desk itself"
    if log.latency_median_ns is not None:
        yield f"  median latency {seconds(log.latency_median_ns)}"
    yield "what the log does not say, and what stands in for it:"
    yield from (f"  - {assumption}" for assumption in document.assumptions)
    every = "at the logged instants" if document.sync_every_ns is None else f"every {seconds(document.sync_every_ns)}"
    yield f"syncs {every}; orders rest after {document.rests_after:g} of the latency"
    yield f"snapshots lag {seconds(document.staleness_ns)}"
    for one in document.policies:
        yield ""
        yield from _policy_text(one)


def _policy_text(one: LogPolicyDocument) -> Iterator[str]:
    yield (
        f"{one.policy}: {one.syncs:,} syncs, {one.false_orphans:,} false orphan cancellations ({one.of_them_unanswered:,} in "
        f"flight), {one.stale_removals:,} stale local removals ({one.stale_resting:,} while the order rested)"
    )
    kept = ", ".join(f"{reason} {count:,}" for reason, count in one.kept.items())
    if one.counted:
        yield f"  the rebuilt world shows as many open orders as the log says at {one.counted_alike:,} of {one.counted:,} syncs"
    yield f"  candidates kept: {kept or 'none'}; true orphans cancelled {one.true_orphans:,}, ghosts {one.ghosts:,}"
    broken = ", ".join(f"{id_} {count:,}" for id_, count in one.violations.items())
    yield f"  the judge finds {broken or 'nothing'}"
    for cancellation in one.cancellations[:SHOWN]:
        yield f"  {_cancellation(cancellation)}"
    if len(one.cancellations) > SHOWN:
        yield f"  … and {len(one.cancellations) - SHOWN:,} more (--format json has all)"


def _cancellation(one: Cancellation) -> str:
    early = one.answered_at - one.at
    when = f"{seconds(early)} before its answer" if early > 0 else f"{seconds(-early)} after its answer"
    return f"{seconds(one.at)}: order {one.oid} cancelled ({one.reason}), {seconds(one.at - one.sent_at)} after its call, {when}"


def log_markdown(document: FromLogDocument) -> Iterator[str]:
    """The figures as a table."""
    head = (
        "policy",
        "syncs",
        "false orphan cancellations",
        "of them in flight",
        "stale local removals",
        "of them resting",
    )
    yield f"| {' | '.join(head)} | judged violations |"
    yield "|---|---:|---:|---:|---:|---:|---|"
    for one in document.policies:
        broken = ", ".join(f"{id_} {count:,}" for id_, count in one.violations.items()) or "none"
        cells = (one.syncs, one.false_orphans, one.of_them_unanswered, one.stale_removals, one.stale_resting)
        yield f"| {one.policy} | {' | '.join(f'{cell:,}' for cell in cells)} | {broken} |"
