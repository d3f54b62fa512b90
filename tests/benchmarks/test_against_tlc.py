"""TLC and our exploration on the same exported model, side by side in one run: states, states a second, and the ratio.

    pytest tests/benchmarks/test_against_tlc.py --benchmark-only -s

Seconds are from start to end, the start of Java, the compilation of the model and the table of one order included; TLC
checks the claims' invariants and no types, ours asks the same of every state. Both must see the same states.
"""

from pathlib import Path
from time import perf_counter

import pytest

import tlc
from tla_cases import CASES, ours

CASE = max((case for case in CASES if case.orders == 2), key=lambda case: case.states or 0)
"""The largest model of two orders that TLC is asked."""


def test_the_same_model_by_tlc_and_by_us(benchmark, tmp_path: Path) -> None:
    if not benchmark.enabled:
        pytest.skip("measured only with --benchmark-only")
    rows = []
    for workers in (1, 2):
        (tmp_path / str(workers)).mkdir()
        found = tlc.check(CASE.model, tmp_path / str(workers), typed=False, workers=workers)
        assert found.violated is None
        rows.append((f"TLC, {workers} worker{'s' if workers > 1 else ''}", found.states, found.seconds))
    began = perf_counter()
    states, broken = benchmark.pedantic(ours, (CASE.model,), rounds=1)
    rows.append(("ours", states, perf_counter() - began))
    assert broken is None
    assert {count for _, count, _ in rows} == {states} == {CASE.states}
    *others, (_, _, seconds) = rows
    print(f"\n{CASE.id}:")
    for name, count, took in rows:
        rate, ratio = count / took, took / seconds
        print(f"  {name:<14} {count:>9,} states {took:>6.1f} s {rate:>9,.0f} a second {ratio:>6.1f} x ours")
    benchmark.extra_info["ratios"] = [round(took / seconds, 1) for _, _, took in others]
