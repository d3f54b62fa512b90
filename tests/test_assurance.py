"""The assurance page has no empty cell, and what it says of broken things is so; that it is current, `test_generated` says."""

import json

import pytest

import assurance
import breakages
import code_mutants
from orphan_spec.guarantees import GUARANTEES
from slow_tables import chosen

PAGE = (assurance.DOCS / "assurance.md").read_text(encoding="utf-8")


def test_no_cell_is_empty_without_a_reason() -> None:
    assert assurance.unexplained(PAGE) == []
    for one in GUARANTEES.values():
        section = PAGE.partition(f"### {one.id}: {one.claim}\n")[2].partition("\n#")[0]
        assert section.count("\n| ") == len(assurance.MEANS) + 1
    assert assurance.unexplained("| S1 |  | yes |\n| TLC | nothing: |") == ["| S1 |  | yes |", "| TLC | nothing: |"]


def test_every_guarantee_that_is_proved_is_looked_at_by_another_means_too() -> None:
    rows = [[cell.strip() for cell in row.split("|")[1:-1]] for row in PAGE.splitlines() if row.startswith("| ")]
    marks = {row[0]: row[1:] for row in rows if row[0] in GUARANTEES}
    assert marks.keys() == GUARANTEES.keys()
    for status, induction, *others in marks.values():
        assert len(others) == len(assurance.MEANS) - 1
        assert (induction, "yes" in others) == ("yes", True) or status == "not modelled"


def test_what_was_broken_by_hand_was_noticed_by_as_many_means_as_it_has_to_be() -> None:
    found = json.loads(breakages.DATA.read_text(encoding="utf-8"))
    assert [(one["of"], one["breakage"]) for one in found] == [(b.subject, b.name) for b in breakages.BREAKAGES]
    assert breakages.unnoticed(found) == []
    assert min(b.least for b in breakages.BREAKAGES if b.subject == "machine") == 4
    assert min(b.least for b in breakages.BREAKAGES if b.subject == "reference") == 2


@pytest.mark.deep
def test_a_breakage_chosen_by_the_commit_is_noticed_by_the_means_that_are_written_down() -> None:
    """That no means fails where nothing is broken, the other parts of `.ci/run` say."""
    (breakage,) = chosen(breakages.BREAKAGES, 1, lambda one: f"{one.subject}: {one.name}")
    written = json.loads(breakages.DATA.read_text(encoding="utf-8"))
    known = next(one for one in written if (one["of"], one["breakage"]) == (breakage.subject, breakage.name))
    (found,) = breakages.seen([breakage])
    assert set(found["noticed_by"]) == set(known["noticed_by"])


def test_a_survivor_needs_a_reason_and_a_reason_a_survivor(monkeypatch: pytest.MonkeyPatch) -> None:
    path = code_mutants.name(code_mutants.REFERENCE, "memory.py")
    survivor = code_mutants.Survivor("Memory.end", "a", "b")
    measured = code_mutants.Measured(code_mutants.digest(code_mutants.ROOT / path), 100, (survivor,))
    monkeypatch.setattr(code_mutants, "read", lambda: {path: measured})
    monkeypatch.setattr(code_mutants, "REASONS", ())
    assert f"{path}: Memory.end: b: survives without a reason" in code_mutants.stale()
    reasons = (code_mutants.Reason(path, "Memory.end", "b", "why"), code_mutants.Reason(path, "Memory.end", "c", "why"))
    monkeypatch.setattr(code_mutants, "REASONS", reasons)
    wrong = code_mutants.stale()
    assert f"a reason explains no mutant: {path}: Memory.end: c" in wrong
    assert not any("survives without a reason" in line for line in wrong)
    few = code_mutants.Measured(measured.digest, 10, (survivor,))
    monkeypatch.setattr(code_mutants, "read", lambda: {path: few})
    assert "9 of 10 mutants are killed; 95 in a hundred have to be" in code_mutants.stale()
    old = code_mutants.Measured("0", 100, ())
    monkeypatch.setattr(code_mutants, "read", lambda: {path: old})
    assert f"docs/code-mutants.md is older than {path}: run python tests/code_mutants.py" in code_mutants.stale()
