"""The cost of one operation, with a thousand and with a hundred thousand orders tracked: it must be the same.

    pytest tests/benchmarks --benchmark-only

`protected_oids` is not here, because it may cost what it returns. A sync is measured with three candidates.
"""

from collections.abc import Callable
from itertools import count

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from orphan_tracker import OpenOrder, OrphanTracker

SIZES = (1_000, 100_000)
START = 1_000

Operation = Callable[[OrphanTracker, int], object]

OPERATIONS: dict[str, Operation] = {
    "register": lambda tracker, n: tracker.register_expected_cloids([f"new{n % 100}"], START + n),
    "record": lambda tracker, n: tracker.record_oid_for_cloid(f"c{n % 100}", f"{n % 100}", START + n),
    "finalize": lambda tracker, n: tracker.mark_finalized(f"x{n % 100}", f"{n % 100}", START + n),
    "fail": lambda tracker, n: tracker.mark_failed(f"y{n % 100}", START + n),
    "clear": lambda tracker, n: tracker.clear_orphan(f"{n % 100}", START + n),
    "cleanup": lambda tracker, n: tracker.cleanup(START + n),
    "stats": lambda tracker, n: tracker.stats(START + n),
    "sync": lambda tracker, n: tracker.filter_aged_orphans(["7", OpenOrder("8", "c8"), "orphan"], START + n),
}


def crowded_tracker(size: int) -> OrphanTracker:
    """A tracker with this many expected CLOIDs, each with an OID that was just heard of."""
    tracker = OrphanTracker()
    tracker.register_expected_cloids([f"c{n}" for n in range(size)], 0)
    for n in range(size):
        tracker.record_oid_for_cloid(f"c{n}", str(n), 0)
    return tracker


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_cost_is_independent_of_how_many_are_tracked(
    benchmark: BenchmarkFixture, operation: Operation, size: int
) -> None:
    tracker = crowded_tracker(size if benchmark.enabled else 10)
    instants = count()
    benchmark.group = benchmark.name.split("[")[1].split("-")[0]
    benchmark.pedantic(lambda: operation(tracker, next(instants)), rounds=200, iterations=50, warmup_rounds=2)
    assert tracker.stats(START + next(instants)).expected_cloids >= 10
