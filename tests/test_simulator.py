"""The simulated desk: deterministic, honest about its inputs, and every fault that can be switched on really happens."""

import json
import random
from collections import Counter

import pytest

from orphan_desk.simulator import ALL_FAULTS, POLICIES, SAYS, Counts, Inputs, PolicyName, Setting, SimulatedDesk, Spread
from orphan_desk.simulator import milliseconds as ms
from orphan_desk.simulator.agenda import Agenda, Life, Pause
from orphan_desk.simulator.ledger import Ledger
from orphan_oracle.desk_runs import read_input, written_inputs

SECOND = 1_000_000_000


def run(policy: PolicyName, seed: int = 0, length: int = 120, **inputs: object) -> tuple[Counts, list[dict]]:
    lines: list[str] = []
    setting = Setting(policy, Inputs(**inputs), length=length * SECOND, seed=seed)
    counts = SimulatedDesk(setting, lines.append).run()
    return counts, [json.loads(line) for line in lines]


def exact(seconds: float) -> Spread:
    return Spread((round(seconds * SECOND),))


ORDERLY = {"rejects": 0.0, "instant_fills": 0.0, "fills": 0.0, "rate": 0.5, "ladder": 1, "latency": exact(1)}
"""A call every 2 s, answered after 1 s; its order rests after half of that."""


def test_a_seed_says_everything() -> None:
    assert run("cloid", 3, 30, **ALL_FAULTS["cloid"])[1] == run("cloid", 3, 30, **ALL_FAULTS["cloid"])[1]
    assert run("cloid", 3, 30)[1] != run("cloid", 4, 30)[1]


def test_a_sync_between_rest_and_answer_makes_one_false_orphan_and_the_tracker_makes_none() -> None:
    """The call of 10 s rests at 10.5 s and is answered at 11 s; the sync of 10.75 s falls between."""
    inputs = {**ORDERLY, "sync_period": exact(10.75), "fetch": exact(0)}
    naive, trace = run("naive", 0, 20, **inputs)
    assert (naive.false_orphans, naive.of_them_unanswered, naive.syncs) == (1, 1, 1)
    act = next(event for event in trace if event["event"] == "act")
    assert (act["t"], len(act["cancelled"])) == (10.75 * SECOND, 1)
    for policy in ("oid", "cloid"):
        counts, _ = run(policy, 0, 20, **inputs)
        assert (counts.false_orphans, counts.syncs) == (0, 1)


def test_a_sync_after_the_answer_finds_nothing() -> None:
    naive, _ = run("naive", 0, 20, **ORDERLY, sync_period=exact(11.25), fetch=exact(0))
    assert (naive.false_orphans, naive.stale_resting, naive.syncs) == (0, 0, 1)


def test_a_lagging_snapshot_makes_a_stale_removal_and_then_a_false_orphan() -> None:
    """The order of the call of 10 s is in the book at 11 s; at 11.25 s a list that lags 1 s does not show it yet."""
    inputs = {**ORDERLY, "sync_period": exact(11.25), "fetch": exact(0), "staleness": exact(1)}
    naive, _ = run("naive", 0, 23, **inputs)
    assert (naive.stale_resting, naive.false_orphans, naive.of_them_unanswered) == (1, 1, 0)
    tracked, _ = run("cloid", 0, 23, **inputs)
    assert (tracked.stale_resting, tracked.false_orphans) == (0, 0)


def test_a_desk_that_does_one_thing_at_a_time_has_no_order_in_flight_at_a_sync() -> None:
    for seed in range(5):
        counts, _ = run("naive", seed, overlap=0.0)
        assert counts.syncs >= 8
        assert counts.false_orphans == 0


def test_measured_rates_make_false_orphans_and_the_reference_makes_none() -> None:
    totals = {policy: sum(run(policy, seed)[0].false_orphans for seed in range(10)) for policy in POLICIES}
    assert totals["naive"] > 0
    assert (totals["oid"], totals["cloid"]) == (0, 0)


FAULTS = {
    "lost_answers": (0.5, lambda counts, kinds: kinds["timeout"]),
    "late_answers": (0.5, lambda counts, kinds: kinds["record_oid"]),
    "lost_messages": (1.0, lambda counts, kinds: kinds["end"] - kinds["learn_end"]),
    "failed_cancels": (0.5, lambda counts, kinds: kinds["end"]),
    "failed_fetches": (0.5, lambda counts, kinds: kinds["failed fetch"]),
    "restarts": (3.0, lambda counts, kinds: counts.restarts and kinds["restart"]),
    "foreign": (10.0, lambda counts, kinds: counts.foreign),
    "modifies": (1.0, lambda counts, kinds: kinds["modify"] and kinds["replaced"]),
    "partial_fills": (1.0, lambda counts, kinds: kinds["fill"]),
    "instant_fills": (0.5, lambda counts, kinds: kinds["filled"]),
    "rejects": (0.9, lambda counts, kinds: kinds["fail"]),
}


@pytest.mark.parametrize("name", FAULTS)
def test_a_fault_that_is_switched_on_happens(name: str) -> None:
    share, seen = FAULTS[name]
    counts, trace = run("cloid", 1, 60, **{"fills": 0.5, name: share})
    _, without = run("cloid", 1, 60, **{"fills": 0.5, name: 0.0})
    assert seen(counts, kinds_of(trace))
    assert trace != without


def kinds_of(trace: list[dict]) -> Counter:
    kinds = Counter(event["event"] for event in trace)
    kinds.update(event["how"] for event in trace if event["event"] == "end")
    kinds["failed fetch"] = sum(event["event"] == "sync" and event["open"] is None for event in trace)
    return kinds


def test_a_slow_sync_acts_later_than_it_decides() -> None:
    _, trace = run("naive", 1, sync_delay=exact(2), rate=8.0)
    acts = [event["t"] for event in trace if event["event"] == "act"]
    syncs = [event["t"] for event in trace if event["event"] == "sync"]
    assert acts
    assert all(act - 2 * SECOND in syncs for act in acts)


def test_the_trace_is_in_order_and_ends_only_what_rests() -> None:
    _, trace = run("cloid", 5, **ALL_FAULTS["cloid"])
    assert [event["t"] for event in trace] == sorted(event["t"] for event in trace)
    rests: set[str] = set()
    for event in trace:
        if event["event"] == "accept":
            assert event["oid"] not in rests
            rests.add(event["oid"])
        elif event["event"] == "end":
            rests.remove(event["oid"])


@pytest.mark.parametrize(
    ("inputs", "words"),
    [
        ({"rate": 0.0}, "rate is 0; it has to be between 0.001 and 1000"),
        ({"rate": float("nan")}, "rate is nan"),
        ({"foreign": float("inf")}, "foreign is inf"),
        ({"ladder": 0}, "ladder is 0; it has to be between 1 and 1000"),
        ({"rejects": 1.5}, "it is a share"),
        ({"restarts": -1.0}, "has to be between 0 and 1000"),
        ({"sync_period": Spread((0,))}, "sync_period has to be 1 ms or more"),
    ],
)
def test_inputs_that_cannot_be_meant_are_refused(inputs: dict, words: str) -> None:
    with pytest.raises(ValueError, match=words):
        Inputs(**inputs)


@pytest.mark.parametrize("quantiles", [(), (2, 1), (-1,), (1, 2, 3)])
def test_a_distribution_that_is_none_is_refused(quantiles: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="durations"):
        Spread(quantiles)


def test_a_distribution_has_the_quantiles_that_were_stated() -> None:
    spread, rng = ms(785, 1_024, 1_213, 1_488, 1_847), random.Random(0)
    drawn = sorted(spread.draw(rng) for _ in range(20_000))
    assert spread.shortest <= drawn[0]
    assert drawn[-1] <= spread.longest
    for share, quantile in ((0.5, 1_024), (0.9, 1_213), (0.99, 1_488)):
        assert drawn[int(share * len(drawn))] == pytest.approx(quantile * 1_000_000, rel=0.02)


def test_every_input_reads_back_as_it_is_written() -> None:
    for faults in ({}, ALL_FAULTS["cloid"], ALL_FAULTS["oid"]):
        inputs = Inputs(**faults)
        texts = written_inputs(inputs)
        assert texts.keys() == SAYS.keys()
        assert Inputs(**{name: read_input(name, text) for name, text in texts.items()}) == inputs


def test_a_listing_shows_what_was_open_at_an_instant() -> None:
    ledger = Ledger(memory=10)
    ledger.accept("a", 1, 5)
    ledger.accept("b", 1, 6)
    ledger.end("1", 8)
    assert [[order.oid for order in ledger.listing(t)] for t in (4, 5, 6, 7, 8)] == [
        [],
        ["1"],
        ["1", "2"],
        ["1", "2"],
        ["2"],
    ]
    assert ledger.end("1", 9) is None


def test_a_life_ends_where_it_waits() -> None:
    agenda, said = Agenda(), []

    async def talk(name: str) -> None:
        try:
            for _ in range(3):
                await Pause(10)
                said.append((name, agenda.now))
        finally:
            said.append((name, "over"))

    life = Life(agenda)
    life.begin(talk("a"))
    agenda.at(15, life.end)
    agenda.run(100)
    assert said == [("a", 10), ("a", "over")]
    assert len(life) == len(agenda) == 0
