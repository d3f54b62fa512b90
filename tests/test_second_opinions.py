"""Second opinions: another solver on the same text, its proofs, and Spacer without our lemmas."""

import json
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread

import pytest
import z3

from orphan_proofs.certificates import Certificate, certificates, manifest
from orphan_proofs.horn import Invariant, Question, View
from orphan_proofs.mutation import mutants
from orphan_proofs.obligations import all_obligations
from orphan_proofs.proof_objects import prove, write_proofs
from orphan_proofs.rediscover import rediscover, rediscoveries, refuting_fields
from orphan_proofs.second_solver import Opinion, alone, answers, opinions
from orphan_proofs.verification import THEORIES, THEORY
from orphan_spec.fields import now
from orphan_spec.properties import CLAIMS

EVERY = 60
"""Of so many certificates one is answered by the other solver, and of four times as many one is proved by it."""


@pytest.fixture(scope="module")
def listed() -> tuple[Certificate, ...]:
    return tuple(certificates(THEORIES))


def test_every_obligation_has_a_certificate_and_so_has_what_must_be_possible(listed) -> None:
    obligations = [o for theory in THEORIES for o in all_obligations(theory)]
    impossible = [c for c in listed if c.expected == "unsat"]
    assert len(impossible) == sum(bool(o.cube) for o in obligations) > 7_000
    assert [(c.subject, c.action) for c in impossible] == [(o.subject, o.action) for o in obligations if o.cube]
    kinds = {
        kind: sum(c.name.split("/")[1] == kind for c in listed) for kind in ("witness", "refuted", "needed", "mutant")
    }
    assert kinds["witness"] == sum(len(theory.witnesses) for theory in THEORIES)
    assert kinds["refuted"] == 1
    assert kinds["needed"] >= 14
    assert kinds["mutant"] >= 8
    assert len({c.name for c in listed}) == len(listed)


def test_the_manifest_counts_what_there_is_and_changes_with_it(listed) -> None:
    found = manifest(THEORIES, listed)
    assert found["counts"] == {
        "unsat": len(listed) - found["counts"]["sat"],
        "sat": sum(c.expected == "sat" for c in listed),
    }
    assert len(found["certificates"]) == len(listed)
    assert len(found["without_formula"]) == sum(len(theory.machine.actions) for theory in THEORIES)
    assert manifest(THEORIES, listed[1:])["digest"] != found["digest"]


def test_another_solver_answers_a_sample_of_the_files_as_expected(listed) -> None:
    sample = [c for place, c in enumerate(listed) if place % EVERY == 0 or c.expected == "sat"]
    assert [opinion.line for opinion in map(alone, sample) if not opinion.agrees] == []


@pytest.mark.deep
def test_another_solver_answers_every_certificate_as_expected(listed) -> None:
    found = list(opinions(listed))
    assert len(found) == len(listed)
    assert [opinion.line for opinion in found if not opinion.agrees] == []


def test_a_sample_has_proofs_of_which_no_step_is_to_be_trusted(listed, tmp_path: Path) -> None:
    sample = [*listed[:: 4 * EVERY], *(c for c in listed if c.expected == "sat")]
    found = write_proofs(sample, tmp_path)
    unsat = [c for c in sample if c.expected == "unsat"]
    assert [entry["of"] for entry in found["proofs"]] == [f"{c.name}.smt2" for c in unsat]
    assert found["counts"]["proofs"] == len(unsat) >= len(listed) // (4 * EVERY) - 1
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


def test_files_that_share_their_beginning_are_answered_as_if_alone(listed) -> None:
    some = [*listed[30:50], *(replace(c, expected="sat") for c in listed[50:52])]
    together = [o.agrees for o in opinions(some)]
    assert together == [alone(c).agrees for c in some] == [True] * 20 + [False] * 2


def test_a_disagreement_and_an_unknown_name_the_file(listed) -> None:
    wrong = Opinion(listed[0], "unknown")
    assert not wrong.agrees
    assert f"{listed[0].name}.smt2" in wrong.line
    assert "got unknown" in wrong.line


def test_a_wrong_machine_is_found_by_the_other_solver_too() -> None:
    name = "RECORD_FIRST_OF_CANDIDATE: then aging := NO dropped"
    theory = next(mutant.theory for mutant in mutants(THEORY) if mutant.id == name)
    about = [
        c for c in certificates([replace(theory, claims=(), witnesses=())]) if c.action == "RECORD_FIRST_OF_CANDIDATE"
    ]
    wrong = {opinion.certificate.subject for opinion in opinions(about) if not opinion.agrees}
    assert "aging_order_is_not_protected" in wrong


def test_a_text_that_is_no_smt_lib_is_an_error() -> None:
    with pytest.raises(RuntimeError, match="x'"):
        answers("(set-logic QF_LIRA)(declare-const y Real)(assert (< x' y))(check-sat)", incremental=False)


BY_ID = {claim.id: claim for claim in CLAIMS}
TRACKED = BY_ID["S5"]
REDISCOVERED = {"S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "R1"}
"""The guarantees that are about single states; R2 and R3 compare two runs."""

((NAME, NEVER),) = TRACKED.nevers


def test_spacer_finds_an_invariant_by_itself() -> None:
    found = rediscover(THEORY, TRACKED, NAME, NEVER)
    assert (found.found, found.fields) == ("invariant", 1)
    assert not found.contradicts
    assert "(1 fact, 1 field), checked" in found.line


WRONG = {
    "false at the start": lambda t: t > 0,
    "not preserved": lambda t: t == 0,
    "true of what is forbidden": lambda t: t >= 0,
}


@pytest.mark.parametrize("what", WRONG)
def test_what_is_no_inductive_invariant_is_not_believed(what: str) -> None:
    foreign = BY_ID["S7/cloid"]
    question = Question(THEORY, foreign, foreign.nevers[0][1])
    time = z3.Var(0, z3.RealSort(question.context))
    with pytest.raises(AssertionError, match="no inductive invariant"):
        Invariant((now,), WRONG[what](time)).check(question)


def test_fields_are_added_until_no_run_of_the_view_is_left_or_one_is_the_machines() -> None:
    foreign = BY_ID["S7/cloid"]
    ((never, cube),) = foreign.nevers
    question, kept = Question(THEORY, foreign, cube), frozenset({"owner", "answered"})
    run = View(question, kept).ask(60, ground=False)
    assert isinstance(run, tuple)
    assert run[-1] in foreign.actions
    more = refuting_fields(question, run, kept)
    assert more is not None
    assert more - kept
    found = rediscover(THEORY, foreign, never, cube)
    assert found.found == "invariant"
    assert len(kept) < found.fields < len(question.fields)
    refuted = BY_ID["S3/oid"]
    assert rediscover(THEORY, refuted, *refuted.nevers[0]).found == "run"


@pytest.mark.deep
def test_spacer_finds_an_invariant_for_every_claim_that_is_proved_and_a_run_for_the_other() -> None:
    found = list(rediscoveries(THEORIES, limit=240))
    assert {discovery.claim.guarantee.id for discovery in found} == REDISCOVERED
    expected = {"proved": "invariant", "refuted": "run"}
    assert [one.line for one in found if one.found != expected[one.claim.expected]] == []


def test_spacer_that_runs_out_of_time_says_so_and_decides_nothing() -> None:
    hard = BY_ID["S4/after protection"]
    found = rediscover(THEORY, hard, *hard.nevers[0], limit=0.05)
    assert (found.found, found.contradicts) == ("nothing", False)
    assert "undecided" in found.line


def test_spacer_that_is_interrupted_before_its_time_ends_everything() -> None:
    hard = BY_ID["S4/after protection"]
    question, over = Question(THEORY, hard, hard.nevers[0][1]), Event()
    view = View(question, question.names)

    def press() -> None:
        while not over.wait(0.05):
            question.context.interrupt()

    keys = Thread(target=press)
    keys.start()
    try:
        with pytest.raises(KeyboardInterrupt):
            view.ask(300, ground=False)
    finally:
        over.set()
        keys.join()


def test_spacer_finds_a_wrong_machine_wrong() -> None:
    name = "ACT_CANCELS: when book == UNTRACKED dropped"
    theory = next(mutant.theory for mutant in mutants(THEORY) if mutant.id == name)
    claim = next(claim for claim in theory.claims if claim.id == "S5")
    found = rediscover(theory, claim, *claim.nevers[0])
    assert found.found == "run"
    assert found.contradicts
    assert "CONTRADICTS" in found.line
