"""Runs that no single scenario shows: an `as_of` that is too early, and a book that loses a good order.

One rule. Nothing is tuned: the first is the shortest fetch, by bisection with the reference; the second is what is left of a
desk's life when every sync that is not needed is taken out.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cache

from careful_desk import CarefulDesk
from hazard_suite import asked, reference
from orphan_oracle.codec import decode
from orphan_oracle.hazards import Document
from orphan_oracle.judgement import judged
from orphan_oracle.scenario import Outcome, Scenario, config_of
from orphan_spec.constants import SECOND, Constants, Environment
from orphan_spec.events import Accept, Event, OpenOrder, RecordOid, Register, Sync
from orphan_spec.findings import seconds

Run = tuple[Scenario, tuple[Outcome, ...]]
"""A scenario and what was done in it."""

# As of the request

LATENCY = 49 * SECOND // 10
START = 10 * SECOND


def late_listing(fetch: int, *, honest: bool = False) -> Scenario:
    """Two looks at an order in flight; the fetch of the first takes up to so long and shows its last instant.

    `as_of` is the instant of the request, or, where it is honest, the one that is shown."""
    order = (OpenOrder("7"),)
    first = START - fetch
    second = first + Constants().orphan_grace_period
    steps = (
        Register(START, ("c",)),
        Accept(START, "7", "c"),
        Sync(START, START if honest else first, order, ()),
        Sync(second, second, order, ()),
        RecordOid(START + LATENCY, "c", "7"),
    )
    return Scenario("as-of-the-request", tuple(sorted(steps, key=lambda step: step.t)))


@cache
def shortest_fetch() -> tuple[int, Run]:
    """The shortest fetch, in ns, with which the reference breaks S3 although every answer is faster than the grace."""
    safe, broken = -1, Constants().orphan_grace_period
    with reference() as session:
        while broken - safe > 1:
            middle = (safe + broken) // 2
            scenario = late_listing(middle)
            safe, broken = (safe, middle) if judged(scenario, asked(scenario, session)) else (middle, broken)
        scenario = late_listing(broken)
        return broken, (scenario, asked(scenario, session))


def as_of_the_request() -> Run:
    """The run with the shortest fetch."""
    return shortest_fetch()[1]


def fetches() -> Iterator[str]:
    """What the bisection found."""
    fetch, _ = shortest_fetch()
    grace = Constants().orphan_grace_period
    yield (
        f"With answers after {seconds(LATENCY)} and a grace of {seconds(grace)}, the shortest fetch that does it, found by "
        f"bisection to the nanosecond, takes {seconds(fetch)}: {seconds(LATENCY)} + {seconds(fetch)} = "
        f"{seconds(LATENCY + fetch)}. In such runs the condition is not `latency < grace` but "
        "`latency + fetch duration < grace`."
    )


# Protection alone

LAG = 15 * SECOND
FINALIZED = 20 * SECOND
EVERY_FIVE = tuple(range(25 * SECOND, 140 * SECOND, 5 * SECOND))
PERIODS = (10, 20, 40, 80)
UNSAFE = "drop_on_later_evidence"


def lagging_life(protection: int, instants: Sequence[int], *without: str) -> Run:
    """A desk whose venue lags, from the finalize on: the local book is its own, and loses what the desk drops."""
    constants = replace(Constants(), finalized_protection_period=protection)
    scenario = Scenario("lagging", (), constants, Environment(observe="oid"))
    desk = CarefulDesk(config_of(scenario), without)
    steps: list[Document] = [
        {"event": "register", "t": FINALIZED, "cloids": ["c"]},
        {"event": "finalize", "t": FINALIZED, "cloid": "c", "oid": "7"},
    ]
    results = [desk.take(step) for step in steps]
    local = ["7"]
    for t in instants:
        shown = [{"oid": "7"}] if t - LAG >= FINALIZED else []
        steps.append({"event": "sync", "t": t, "as_of": t - LAG, "open": shown, "local": list(local)})
        results.append(desk.take(steps[-1]))
        local = [oid for oid in local if oid not in results[-1].get("dropped", ())]
    outcomes = (Outcome(*(tuple(result.get(kind, ())) for kind in ("cancelled", "dropped"))) for result in results)
    return replace(scenario, steps=tuple(map(event_of, steps))), tuple(outcomes)


def event_of(step: Document) -> Event:
    """The event of a step as it stands in a file."""
    return decode(json.dumps(step).encode())


def when(run: Run, kind: str) -> int | None:
    """When an order was `cancelled` or `dropped`, if one was."""
    scenario, outcomes = run
    return next((step.t for step, one in zip(scenario.steps, outcomes, strict=True) if getattr(one, kind)), None)


def false_cancel() -> Run:
    """The fewest syncs with which the order is dropped and later cancelled."""
    protection = Constants().finalized_protection_period
    last = when(lagging_life(protection, EVERY_FIVE, UNSAFE), "cancelled")
    needed = [t for t in EVERY_FIVE if last is not None and t <= last]
    for t in tuple(needed):
        fewer = [other for other in needed if other != t]
        if when(lagging_life(protection, fewer, UNSAFE), "cancelled") is not None:
            needed = fewer
    return lagging_life(protection, needed, UNSAFE)


def delays() -> Iterator[str]:
    """When the order is dropped and cancelled, for several protection periods, without and with N13."""
    yield f"The venue lags {seconds(LAG)}, a sync comes every 5 s, and the order was finalized at {seconds(FINALIZED)}:"
    yield ""
    yield "| protection | dropped | cancelled | with N13: dropped | cancelled |"
    yield "|---|---|---|---|---|"
    for period in PERIODS:
        lives = [lagging_life(period * SECOND, EVERY_FIVE, *without) for without in ((UNSAFE,), ())]
        instants = [when(life, kind) for life in lives for kind in ("dropped", "cancelled")]
        yield f"| {period} s | {' | '.join('never' if t is None else seconds(t) for t in instants)} |"
