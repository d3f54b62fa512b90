"""TLC on the exported module: the same states, the same verdicts, and as short a counterexample as our exploration.

What TLC is told is what `orphan-tracker export tla` writes. The larger models are deep.
"""

from dataclasses import replace
from pathlib import Path

import pytest

import tlc
from orphan_proofs.mutation import mutants
from orphan_proofs.obligations import StructureError
from orphan_proofs.tla import Model, write_configuration, write_module
from orphan_proofs.verification import BOOK_THEORY, THEORY
from orphan_spec.guarantees import GUARANTEES
from orphan_spec.properties import CLAIMS
from orphan_spec.world import REGISTER
from tla_cases import CASES, LATE, SMALL, Case, ours

BY_ID = {claim.id: claim for claim in CLAIMS}
REFUTED = BY_ID["S3/oid"]


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


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[pytest.mark.deep] * case.deep, id=case.id) for case in CASES]
)
def test_tlc_says_what_our_exploration_says(tmp_path: Path, case: Case) -> None:
    model = case.model
    if case.states is None:  # two orders break a claim no sooner than one (R2), so TLC must find what one shows
        assert tlc.check(model, tmp_path).length == ours(replace(model, orders=1))[1] == case.length
    else:
        assert agree(model, tmp_path, workers=case.orders) == (case.states, case.length)


def test_tlc_is_asked_about_every_claim_for_one_order_and_for_two() -> None:
    claims = {
        claim.id for theory in (THEORY, BOOK_THEORY) for claim in theory.claims if claim.guarantee.id in GUARANTEES
    }
    for orders in (1, 2):
        about = [(case, claim) for case in CASES if case.orders == orders for claim in case.model.claims]
        assert {claim.id for _, claim in about} == claims
        holds = {claim.id for case, claim in about if case.length is None}
        assert claims - holds == {"S3/oid"}
        tested = [case.guarantees for case in CASES if case.orders == orders and case.length is None]
        assert frozenset().union(*tested) == {claim.guarantee.id for _, claim in about}


def test_tlc_finds_a_wrong_machine_wrong_by_a_run_as_short_as_ours(tmp_path: Path) -> None:
    name = "RECORD_FIRST_OF_CANDIDATE: then aging := NO dropped"
    theory = next(mutant.theory for mutant in mutants(THEORY) if mutant.id == name)
    claim = next(claim for claim in theory.claims if claim.id == "S1")
    assert agree(Model(theory, 1, {**SMALL, "observe": 0}, claim), tmp_path)[1] is None
    aged = next(claim for claim in theory.claims if claim.id == "S4/after protection")
    (tmp_path / "aged").mkdir()
    assert agree(Model(theory, 1, {**SMALL, "observe": 0}, aged), tmp_path / "aged")[1] is not None


BREAKING = [
    ("S4/after protection", "RECORD_FIRST_OF_CANDIDATE: then aging := NO dropped", 1),
    ("S5", "ACT_CANCELS: when book == UNTRACKED dropped", 0),
]


@pytest.mark.deep
@pytest.mark.parametrize(("claim", "name", "observe"), BREAKING)
def test_tlc_breaks_wrong_machines_of_two_orders_alike(tmp_path: Path, claim: str, name: str, observe: int) -> None:
    """Two orders break a claim no sooner than one (R2), so the length for one is what TLC must find for two."""
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
