"""A desk's own log, under each fault, judged: nothing for the reference, what was to be expected for the naive desk.

The desk trades for two minutes of virtual time, with the venue's truth (accept, fill, end) in the same log.
"""

from collections import Counter
from collections.abc import Callable

import pytest

from orphan_desk import CancelAged, CancelAtOnce, DropAtOnce
from orphan_oracle.check import check_lines
from orphan_oracle.configuration import Configuration
from orphan_spec.constants import Constants, Environment
from orphan_tracker import Desk, LocalBook, OrphanTracker, OrphanTrackerConfig, SyncSettings
from orphan_tracker.desk import Clock
from orphan_tracker.journal import Sink
from tracker_kit import S
from venue import Faults, Life, mixed_faults

FAULTS = {
    "none": Faults(),
    "slow answers": Faults(answer=(0.8, 20.0)),
    "lost answers": Faults(lost_answers=0.3),
    "lost requests": Faults(lost_requests=0.3),
    "rejects": Faults(rejects=0.3),
    "filled at once": Faults(filled_at_once=0.4),
    "fills before answers": Faults(fills=0.8, fills_before_answers=True, answer=(0.8, 3.0)),
    "lost messages": Faults(fills=0.8, lost_messages=0.5),
    "lists lag": Faults(lists_lag=4.0),
    "slow lists": Faults(slow_lists=3.0),
    "failed lists": Faults(failed_lists=0.5),
    "failed cancels": Faults(lost_answers=0.3, failed_cancels=0.5),
    "slow cancels": Faults(lost_answers=0.3, slow_cancels=7.0),
    "short bulk answers": Faults(short_bulk_answers=True),
    "short bulk answers without CLOIDs": Faults(short_bulk_answers=True, names_cloids=False),
    "foreign orders": Faults(foreign_orders=3),
    "all": Faults(
        answer=(0.8, 8.0),
        lost_answers=0.1,
        lost_requests=0.1,
        rejects=0.1,
        filled_at_once=0.1,
        lost_messages=0.2,
        lists_lag=2.0,
        slow_lists=1.0,
        failed_lists=0.1,
        failed_cancels=0.2,
        slow_cancels=0.5,
        short_bulk_answers=True,
        foreign_orders=2,
    ),
}


def reference(clock: Clock, sink: Sink) -> Desk:
    tracker = OrphanTracker(OrphanTrackerConfig(owned_cloid_prefix="0xa1"))
    return Desk(CancelAged(tracker, "cloid"), LocalBook(5 * S), clock, sink=sink)


def reference_by_oid(clock: Clock, sink: Sink) -> Desk:
    return Desk(CancelAged(OrphanTracker(), "oid"), LocalBook(5 * S), clock, sink=sink)


def naive(clock: Clock, sink: Sink) -> Desk:
    return Desk(CancelAtOnce(), DropAtOnce(5 * S), clock, sink=sink)


EXPECTED = {
    "none": {"S3"},
    "slow answers": {"S3"},
    "lost answers": {"S3"},
    "lost requests": {"S3"},
    "rejects": {"S3"},
    "filled at once": {"S3"},
    "fills before answers": {"S3"},
    "lost messages": {"S3", "S6"},
    "lists lag": {"S1", "S4", "S6", "S8"},
    "slow lists": {"S1", "S4", "S6", "S8"},
    "failed lists": {"S3"},
    "failed cancels": {"S3", "S5"},
    "slow cancels": {"S3"},
    "short bulk answers": {"S3"},
    "short bulk answers without CLOIDs": {"S3"},
    "foreign orders": {"S3", "S7"},
    "all": {"S1", "S3", "S6", "S7", "S8"},
}
"""What the naive desk violates under each fault, at the least."""


def life(name: str, make_desk: Callable[[Clock, Sink], Desk], seed: int = 0) -> Life:
    """A life under one fault, in which the desk knows by how much lists may lag."""
    return live(FAULTS[name], make_desk, seed)


def live(faults: Faults, make_desk: Callable[[Clock, Sink], Desk], seed: int) -> Life:
    return Life(faults, make_desk, seed, settings=SyncSettings(snapshot_age_max=round(faults.lists_lag * S))).live()


def judged(one: Life, *, sighted: bool = True) -> Counter[str]:
    """How often each guarantee is violated in a life's log."""
    environment = Environment(observe="cloid" if sighted else "oid", owned_cloid_prefix="0xa1" if sighted else None)
    lines = (line.encode() for line in one.log)
    report = check_lines(lines, "log", Configuration(Constants(), environment))
    return Counter(violation.guarantee for violation in report.violations)


@pytest.mark.parametrize("name", FAULTS)
def test_reference_is_judged_clean(name: str) -> None:
    one = life(name, reference)
    assert judged(one) == {}
    assert one.desk.counters()["sync.runs"] >= 15
    assert one.desk.counters()["sync.cancels_sent"] >= 4


@pytest.mark.parametrize("name", [name for name, faults in FAULTS.items() if faults.answer[1] < 5])
def test_reference_that_sees_oids_only_is_judged_clean_where_answers_come_within_the_grace(name: str) -> None:
    assert judged(life(name, reference_by_oid), sighted=False) == {}


def test_reference_that_sees_oids_only_cancels_orders_in_flight_where_answers_take_longer() -> None:
    found = sum((judged(life("slow answers", reference_by_oid, seed), sighted=False) for seed in range(3)), Counter())
    assert set(found) == {"S3"}


@pytest.mark.parametrize("name", FAULTS)
def test_naive_desk_violates_what_was_to_be_expected(name: str) -> None:
    found: Counter[str] = sum((judged(life(name, naive, seed)) for seed in range(3)), Counter())
    assert EXPECTED[name] <= set(found)


def test_lives_meet_every_fault() -> None:
    """For each never, a sometimes: under all faults the reference drops, adopts, cancels, retries and is skipped."""
    total: Counter[str] = Counter()
    for seed in range(6):
        one = life("all", reference, seed)
        total.update(one.desk.counters())
        total["dropped"] += sum(len(report.dropped) for report in one.reports)
        total["retried"] += sum(cancel.attempt > 1 for report in one.reports for cancel in report.cancels)
    wanted = ["sync.adopted", "sync.cancels_sent", "sync.snapshots_failed", "dropped", "retried"]
    wanted += ["outcome.Unknown", "outcome.Rejected", "outcome.Filled", "book.ALREADY_ENDED", "candidate.FOREIGN"]
    assert [name for name in wanted if not total[name]] == []
    assert life("short bulk answers without CLOIDs", reference).desk.counters()["placement.surplus"]


@pytest.mark.parametrize("seed", range(12))
def test_reference_is_judged_clean_under_mixed_faults(seed: int) -> None:
    assert judged(live(mixed_faults(seed), reference, seed)) == {}


@pytest.mark.deep
@pytest.mark.parametrize("block", range(10))
def test_five_hundred_lives_under_mixed_faults_are_judged_clean(block: int) -> None:
    for seed in range(100 + block * 50, 150 + block * 50):
        assert judged(live(mixed_faults(seed), reference, seed)) == {}, seed


@pytest.mark.deep
@pytest.mark.parametrize("name", FAULTS)
def test_fifteen_lives_of_each_fault_are_judged_clean(name: str) -> None:
    for seed in range(1, 16):
        assert judged(life(name, reference, seed)) == {}, seed
