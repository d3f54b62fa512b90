"""cvc5's proofs of the certificates: each is there, is of that file, and asks to be believed in nothing."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from orphan_proofs.certificates import Certificate, certificates
from orphan_proofs.proof_objects import prove, write_proofs
from orphan_proofs.verification import THEORIES

EVERY = 240


@pytest.fixture(scope="module")
def listed() -> tuple[Certificate, ...]:
    return tuple(certificates(THEORIES))


def test_a_sample_has_proofs_of_which_no_step_is_to_be_trusted(listed, tmp_path: Path) -> None:
    sample = [*listed[::EVERY], *(c for c in listed if c.expected == "sat")]
    found = write_proofs(sample, tmp_path)
    unsat = [c for c in sample if c.expected == "unsat"]
    assert [entry["of"] for entry in found["proofs"]] == [f"{c.name}.smt2" for c in unsat]
    assert found["counts"]["proofs"] == len(unsat) >= len(listed) // EVERY - 1
    assert found["counts"]["steps"] > 10 * len(unsat)
    assert found["counts"]["trusted"] == 0
    assert json.loads((tmp_path / "proofs.json").read_text()) == found
    for entry in found["proofs"]:
        text = (tmp_path / entry["file"]).read_text()
        assert entry["of"] in text.splitlines()[0]
        assert text.count(":rule ") == entry["steps"]


def test_a_trusted_step_is_counted(listed) -> None:
    proof = prove(next(c for c in listed if c.expected == "unsat"))
    assert proof.trusted == 0
    rule = f":rule {proof.rules[0]}"
    assert replace(proof, text=proof.text.replace(rule, ":rule trust", 1)).trusted == 1


def test_there_is_no_proof_of_what_is_possible(listed) -> None:
    wrong = next(c for c in listed if "/mutant/" in c.name)
    with pytest.raises(RuntimeError, match=wrong.name):
        prove(replace(wrong, expected="unsat"))


@pytest.mark.deep
def test_every_file_that_must_be_unsat_has_a_proof(listed, tmp_path: Path) -> None:
    found = write_proofs(listed, tmp_path)
    assert found["counts"]["proofs"] == sum(c.expected == "unsat" for c in listed) > 3_400
    assert found["counts"]["trusted"] == 0
