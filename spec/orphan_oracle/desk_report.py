"""The report of `simulate`: the JSON document, the text and the table in Markdown.

Two rules. Every input is printed with its value, so that nothing decides unseen. And the same columns stand for before and
after: counted at the exchange, and judged.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median
from typing import Final

from orphan_desk.simulator import SAYS, Setting
from orphan_oracle.codec import Version
from orphan_oracle.desk_runs import Judged, in_flight_limit, longest_answer, written_inputs
from orphan_spec.findings import Violation, seconds
from orphan_spec.guarantees import GUARANTEES

ROWS: Final[dict[str, str]] = {
    "placed": "orders placed",
    "syncs": "safety syncs",
    "false_orphans": "false orphan cancellations (good orders cancelled)",
    "of_them_unanswered": "- of them while the answer was on its way",
    "stale_removals": "stale local removals",
    "stale_resting": "- of them while the order rested",
    "mismatches": "state mismatches (syncs)",
    "true_orphans": "true orphans cancelled",
    "foreign_cancelled": "foreign orders cancelled",
    "ghosts": "cancels of orders that had ended",
    "restarts": "restarts",
    "foreign": "foreign orders",
}
"""The counts of a report in its order, and how a reader calls them."""


@dataclass(frozen=True, slots=True)
class CountDocument:
    """One count over all desks."""

    total: int
    median: float
    least: int
    most: int


@dataclass(frozen=True, slots=True)
class PolicyDocument:
    """What became of the desks of one policy."""

    policy: str
    desks: int
    events: int
    counts: dict[str, CountDocument]
    violations: dict[str, int]
    """Judged violations over all desks, by guarantee."""

    desks_with_violations: int
    first_violation: Violation | None
    first_violation_seed: int | None
    response_latency_max_ns: int | None
    """The longest answer by the inputs; null: an answer may never come."""

    response_latency_limit_ns: int | None
    """Below which S3 is proved for these inputs; null: no limit is needed."""

    inputs: dict[str, str]


@dataclass(frozen=True, slots=True)
class SimulateDocument:
    """The report of `simulate`."""

    version: Version
    length_ns: int
    first_seed: int
    constants: dict[str, int]
    policies: tuple[PolicyDocument, ...]


def policy_document(setting: Setting, seeds: range, results: Sequence[Judged]) -> PolicyDocument:
    """What became of the desks of one policy, one for each seed."""
    violations = sum((Counter(result.violations) for result in results), Counter[str]())
    broken = [(seed, result) for seed, result in zip(seeds, results, strict=True) if result.violations]
    seed, worst = broken[0] if broken else (None, None)
    return PolicyDocument(
        setting.policy,
        len(results),
        sum(result.events for result in results),
        {name: _count([_counted(result.counts, name) for result in results]) for name in ROWS},
        dict(sorted(violations.items())),
        len(broken),
        None if worst is None else worst.first,
        seed,
        longest_answer(setting.inputs),
        in_flight_limit(setting),
        written_inputs(setting.inputs),
    )


def _counted(counts: Mapping[str, int], name: str) -> int:
    if name == "stale_removals":
        return counts["stale_resting"] + counts["stale_gone"]
    return counts[name]


def _count(values: Sequence[int]) -> CountDocument:
    return CountDocument(sum(values), float(median(values)), min(values), max(values))


def holds(document: SimulateDocument) -> bool:
    """Whether no policy breaks a guarantee; beside others, the naive one only shows what was before."""
    judged = [one for one in document.policies if one.policy != "naive" or len(document.policies) == 1]
    return all(not one.violations for one in judged)


def table(document: SimulateDocument) -> list[list[str]]:
    """The table before and after, its head first."""
    head = [heading(document), *(one.policy for one in document.policies)]
    rows = [head]
    for name, words in ROWS.items():
        counts = [one.counts[name] for one in document.policies]
        if any(count.most for count in counts) or name in ("false_orphans", "stale_removals", "mismatches"):
            rows.append([words, *map(_figure, counts)])
    broken = sorted({id_ for one in document.policies for id_ in one.violations})
    for id_ in broken:
        cells = [str(one.violations.get(id_, 0)) for one in document.policies]
        rows.append([f"violations of {id_}, judged, all desks", *cells])
    if not broken:
        rows.append(["violations, judged, all desks", *["0"] * len(document.policies)])
    return rows


def heading(document: SimulateDocument) -> str:
    """How much was simulated."""
    desks, length = document.policies[0].desks, seconds(document.length_ns)
    last = document.first_seed + desks - 1
    seeds = f"seed {document.first_seed}" if desks == 1 else f"{desks:,} desks, seeds {document.first_seed} to {last}"
    return f"{length.removesuffix('.000 s')} s, {seeds}"


def _figure(count: CountDocument) -> str:
    if count.least == count.most:
        return f"{count.least:,}"
    return f"{count.median:g} ({count.least:,} to {count.most:,})"


def simulate_text(document: SimulateDocument, elapsed: float) -> Iterator[str]:
    """The report as people read it."""
    rows = table(document)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = [cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True)]
        yield "  ".join([row[0].ljust(widths[0]), *cells])
    yield ""
    for one in document.policies:
        yield from _verdict(one)
    yield ""
    yield "inputs"
    yield from _inputs(document)
    desks = sum(one.desks for one in document.policies)
    yield ""
    rate = f", {desks / elapsed:,.0f} desks a second" if elapsed > 0 else ""
    yield f"{desks:,} desks, {sum(one.events for one in document.policies):,} events, {elapsed:.1f} s{rate}"


def _verdict(one: PolicyDocument) -> Iterator[str]:
    """What the judge says of one policy."""
    if not one.violations:
        yield f"{one.policy}: the judge finds nothing{_limit(one)}"
        return
    broken = ", ".join(f"{id_} {GUARANTEES[id_].name} {count:,}" for id_, count in one.violations.items())
    yield f"{one.policy}: {one.desks_with_violations:,} of {one.desks:,} desks break a guarantee: {broken}{_limit(one)}"
    if one.first_violation is not None:
        yield f"  first, in seed {one.first_violation_seed}, line {one.first_violation.line}: {one.first_violation.message}"


def _limit(one: PolicyDocument) -> str:
    limit, longest = one.response_latency_limit_ns, one.response_latency_max_ns
    if limit is None or one.policy == "naive":
        return ""
    if longest is None:
        return f"; S3 is proved only where every answer comes in less than {seconds(limit)}, and here some never come"
    side = "" if longest < limit else ", and here some come later"
    return f"; S3 is proved where every answer comes in less than {seconds(limit)}{side}"


def _inputs(document: SimulateDocument) -> Iterator[str]:
    """Every input with its value; where policies differ, with the value of each."""
    for name, says in SAYS.items():
        values = {one.policy: one.inputs[name] for one in document.policies}
        distinct = set(values.values())
        text = (
            distinct.pop() if len(distinct) == 1 else "; ".join(f"{policy} {text}" for policy, text in values.items())
        )
        yield f"  {name.replace('_', '-'):<16} {text:<40} {says}"
    for name, value in document.constants.items():
        yield f"  {name.replace('_', '-'):<16} {seconds(value)}"


def simulate_markdown(document: SimulateDocument) -> Iterator[str]:
    """The table before and after, in Markdown."""
    head, *rows = table(document)
    yield f"| {' | '.join(head)} |"
    yield f"|---|{'---:|' * (len(head) - 1)}"
    for row in rows:
        yield f"| {' | '.join(row)} |"
