"""TLC and our exploration on the same exported model, side by side in one run: states, states a second, and the ratio.

    pytest tests/benchmarks/test_against_tlc.py --benchmark-only -s

Seconds are from start to end, the start of Java, the compilation of the model and the table of one order included; TLC
checks the claim's invariants and no types, ours asks the same of every state. Both must see the same states.
"""

from pathlib import Path
from time import perf_counter

import pytest

import tlc
from orphan_proofs.explore import bad_codes, explore_network, explore_order
from orphan_proofs.survey import FEWER
from orphan_proofs.tla import Model
from orphan_proofs.verification import THEORY
from orphan_spec.properties import CLAIMS

CONSTANTS = {"grace": 1, "ttl": 1, "protection": 1, "latency": 1, "age": 0, "observe": 0}


def ours(model: Model) -> int:
    """How many states our exploration sees; every claim must hold in all of them."""
    formulas = list(model.formulas.values())
    table = explore_order(model.machine, model.constants, model.asked, formulas, model.without)
    bad = {name: codes for claim in model.claims for name, codes in bad_codes(table, claim).items()}
    network = explore_network(table, model.orders, bad)
    assert not network.first
    return network.states


def test_the_same_model_by_tlc_and_by_us(benchmark, tmp_path: Path) -> None:
    if not benchmark.enabled:
        pytest.skip("measured only with --benchmark-only")
    claim = next(claim for claim in CLAIMS if claim.id == "S5")
    model = Model(THEORY, 2, CONSTANTS, claim, FEWER)
    rows = []
    for workers in (1, 2):
        (tmp_path / str(workers)).mkdir()
        found = tlc.check(model, tmp_path / str(workers), typed=False, workers=workers)
        assert found.violated is None
        rows.append((f"TLC, {workers} worker{'s' if workers > 1 else ''}", found.states, found.seconds))
    began = perf_counter()
    states = benchmark.pedantic(ours, (model,), rounds=1)
    rows.append(("ours", states, perf_counter() - began))
    assert {count for _, count, _ in rows} == {states}
    *others, (_, _, seconds) = rows
    print(f"\n{claim.id}, 2 orders that show OIDs only:")
    for name, count, took in rows:
        print(
            f"  {name:<14} {count:>9,} states {took:>6.1f} s {count / took:>9,.0f} a second {took / seconds:>6.1f} x ours"
        )
    benchmark.extra_info["ratios"] = [round(took / seconds, 1) for _, _, took in others]
