"""TLC on the exported module: the same states, the same verdicts, and as short a counterexample as our exploration.

One order by default; two orders are deep. What TLC is told is what `orphan-tracker export tla` writes.
"""

from dataclasses import replace
from pathlib import Path

import pytest

import tlc
from orphan_proofs.explore import bad_codes, explore_network, explore_order
from orphan_proofs.mutation import mutants
from orphan_proofs.obligations import StructureError
from orphan_proofs.survey import FEWER
from orphan_proofs.tla import Model, write_configuration, write_module
from orphan_proofs.verification import THEORY
from orphan_spec.properties import CLAIMS
from orphan_spec.world import REGISTER

SMALL = {"grace": 1, "ttl": 1, "protection": 1, "latency": 1, "age": 0}
LATE = {"grace": 1, "ttl": 2, "protection": 1, "latency": 1, "age": 0}
OLD = {**SMALL, "age": 1}
BY_ID = {claim.id: claim for claim in CLAIMS}
REFUTED = BY_ID["S3/oid"]


def ours(model: Model) -> tuple[int, int | None]:
    """How many states our exploration sees, and how many of them the shortest run to a violation has."""
    formulas = list(model.formulas.values())
    table = explore_order(model.machine, model.constants, model.asked, formulas, model.without)
    assert [field.name for field in table.compiled.fields] == [field.name for field in model.fields]
    bad = {name: codes for claim in model.claims for name, codes in bad_codes(table, claim).items()}
    network = explore_network(table, model.orders, bad)
    nearest = min(network.first.values(), default=None)
    return network.states, None if nearest is None else nearest + 1


def agree(model: Model, folder: Path, workers: int = 1) -> tuple[int, int | None]:
    """What TLC says of the model, after it was found to say what our exploration says."""
    states, length = ours(model)
    (folder / "states").mkdir()
    (folder / "verdict").mkdir()
    found = tlc.check(model, folder / "verdict", workers=workers if length is None else 1)
    assert found.length == length
    assert (found.violated in model.invariants) == (length is not None)
    if length is not None:
        found = tlc.check(model, folder / "states", invariants=(), workers=workers)
    assert found.states == states
    return states, length


@pytest.mark.parametrize(("scale", "observe"), [(SMALL, 0), (SMALL, 1), pytest.param(OLD, 1, marks=pytest.mark.deep)])
def test_tlc_sees_the_states_of_one_order_and_every_claim_hold(
    tmp_path: Path, scale: dict[str, int], observe: int
) -> None:
    model = Model(THEORY, 1, {**scale, "observe": observe})
    assert len(model.invariants) == sum(len(claim.nevers) for claim in CLAIMS if set(claim.assumes) == {"A1"})
    assert agree(model, tmp_path)[1] is None


def test_tlc_refutes_what_is_refuted_by_a_run_as_short_as_ours(tmp_path: Path) -> None:
    assert agree(Model(THEORY, 1, {**LATE, "observe": 0}, REFUTED), tmp_path)[1] == 7


def test_tlc_finds_a_wrong_machine_wrong_by_a_run_as_short_as_ours(tmp_path: Path) -> None:
    name = "RECORD_FIRST_OF_CANDIDATE: then aging := NO dropped"
    theory = next(mutant.theory for mutant in mutants(THEORY) if mutant.id == name)
    claim = next(claim for claim in theory.claims if claim.id == "S1")
    assert agree(Model(theory, 1, {**SMALL, "observe": 0}, claim), tmp_path)[1] is None
    aged = next(claim for claim in theory.claims if claim.id == "S4/after protection")
    (tmp_path / "aged").mkdir()
    assert agree(Model(theory, 1, {**SMALL, "observe": 0}, aged), tmp_path / "aged")[1] is not None


@pytest.mark.deep
@pytest.mark.parametrize("observe", [0, 1])
def test_tlc_sees_the_states_of_two_orders(tmp_path: Path, observe: int) -> None:
    model = Model(THEORY, 2, {**SMALL, "observe": observe}, BY_ID["S5"], FEWER)
    states, length = agree(model, tmp_path, workers=2)
    assert states > 40_000
    assert length is None


def test_tlc_breaks_two_orders_by_runs_as_short_as_ours(tmp_path: Path) -> None:
    """Two orders break a claim no sooner than one (R2), so the length for one is what TLC must find for two."""
    constants = {**LATE, "observe": 0}
    found = tlc.check(Model(THEORY, 2, constants, REFUTED), tmp_path)
    assert found.length == ours(Model(THEORY, 1, constants, REFUTED))[1] == 7


BREAKING = [
    ("S4/after protection", "RECORD_FIRST_OF_CANDIDATE: then aging := NO dropped", 1),
    ("S5", "ACT_CANCELS: when book == UNTRACKED dropped", 0),
]


@pytest.mark.deep
@pytest.mark.parametrize(("claim", "name", "observe"), BREAKING)
def test_tlc_breaks_wrong_machines_of_two_orders_alike(tmp_path: Path, claim: str, name: str, observe: int) -> None:
    theory = next(mutant.theory for mutant in mutants(THEORY) if mutant.id == name)
    about = next(known for known in theory.claims if known.id == claim)
    constants = {**SMALL, "observe": observe}
    length = ours(Model(theory, 1, constants, about))[1]
    assert length is not None
    assert tlc.check(Model(theory, 2, constants, about), tmp_path).length == length


def test_the_module_names_every_action_and_says_what_it_does() -> None:
    text = write_module(Model(THEORY, 1, {**SMALL, "observe": 0}))
    for action in THEORY.machine.actions:
        assert f"{action.name}(" in text or f"{action.name} ==" in text
        assert action.sentence in text or action.name == action.event.name
    assert "==>" not in text
    assert max(map(len, text.splitlines())) < 150


def test_a_module_about_one_claim_has_its_assumptions_as_guards() -> None:
    model = Model(THEORY, 2, {**LATE, "observe": 0}, REFUTED)
    text = write_module(model)
    assert "/\\ A4'" in text
    assert '~(s.exchange = "TRAVELLING")  \\* A8' in text
    assert "registered_until" not in text
    assert "Orders = {o1, o2}" in write_configuration(model)


def test_a_machine_that_tla_would_not_show_as_it_is_is_refused() -> None:
    cleanup = THEORY.machine.action("CLEANUP_FORGETS")
    partial = replace(BY_ID["R1"], actions=(cleanup,))
    alone = replace(BY_ID["R1"], actions=THEORY.machine.cases(REGISTER))
    for claim in (partial, alone):
        with pytest.raises(StructureError):
            write_module(Model(THEORY, 1, {**SMALL, "observe": 0}, claim))
