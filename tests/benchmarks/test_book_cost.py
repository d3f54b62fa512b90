"""The cost of one operation of the local book, with a thousand and with a hundred thousand orders tracked: the same.

    pytest tests/benchmarks/test_book_cost.py --benchmark-only

`tracked_oids` and `find_stale` are not here, for they look at every order; `find_stale` is measured per order below.
"""

from collections.abc import Callable
from decimal import Decimal
from itertools import count

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from orphan_tracker import Ended, LocalBook
from tracker_kit import S

SIZES = (1_000, 100_000)
START = 1_000
ONE = Decimal(1)

Operation = Callable[[LocalBook, int], object]


def whole_life(book: LocalBook, n: int) -> None:
    """An order comes, is filled in part, and ends."""
    book.add_pending_with_cloid("new", START + n)
    book.finalize_pending_by_cloid("new", "new", START + n)
    book.record_fill("new", ONE, START + n)
    book.mark_ended("new", Ended.FILLED, START + n)
    book.find_stale(None, START + n)
    book._tombstones._heard.clear()


OPERATIONS: dict[str, Operation] = {
    "whole life": whole_life,
    "add": lambda book, n: book.add_pending_with_cloid(f"new{n % 100}", START + n),
    "finalize": lambda book, n: book.finalize_pending_by_cloid(f"c{n % 100}", f"{n % 100}", START + n),
    "remove": lambda book, n: book.remove_pending_by_cloid(f"x{n % 100}", START + n),
    "fill": lambda book, n: book.record_fill(f"{n % 100}", ONE, START + n),
    "end": lambda book, n: book.mark_ended(f"x{n % 100}", Ended.EXPIRED, START + n),
    "cancel": lambda book, n: book.request_cancel(f"{n % 100}", START + n),
    "drop": lambda book, n: book.drop_stale(f"{n % 100}", START + n),
}


def crowded_book(size: int) -> LocalBook:
    """A book that tracks this many orders."""
    book = LocalBook(5 * S)
    for n in range(size):
        book.adopt(f"{n}", 0, f"c{n}")
    return book


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("operation", OPERATIONS.values(), ids=OPERATIONS.keys())
def test_cost_is_independent_of_how_many_are_tracked(
    benchmark: BenchmarkFixture, operation: Operation, size: int
) -> None:
    size = size if benchmark.enabled else 10
    book, instants = crowded_book(size), count()
    benchmark.group = benchmark.name.split("[")[1].split("-")[0]
    benchmark.pedantic(lambda: operation(book, next(instants)), rounds=200, iterations=50, warmup_rounds=2)
    assert len(book.tracked_oids()) == size


@pytest.mark.parametrize("size", SIZES)
def test_cost_of_a_snapshot_for_each_order(benchmark: BenchmarkFixture, size: int) -> None:
    size = size if benchmark.enabled else 10
    book, instants, shown = crowded_book(size), count(1), [f"{n}" for n in range(size)]
    benchmark.group = "snapshot"
    decision = benchmark.pedantic(lambda: book.find_stale(shown, START + next(instants)), rounds=5)
    if benchmark.stats is not None:
        benchmark.extra_info["ns_per_order"] = round(benchmark.stats.stats.min / size * S)
    assert decision.explanations == ()
