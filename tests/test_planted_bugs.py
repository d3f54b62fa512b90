"""Every planted bug is caught, and the reference without one is not."""

import pytest

from planted_bugs import CHECKS, TABLE, Bug, all_bugs, catches, digest, first_catch, planted, row
from slow_tables import chosen, is_stamped

SAMPLE = 12


def test_reference_without_a_bug_passes_every_check() -> None:
    with planted(None) as kit:
        assert [check.name for check in CHECKS if catches(check, kit)] == []


@pytest.mark.parametrize("bug", all_bugs(), ids=lambda bug: bug.name.replace(" ", "-"))
def test_planted_bug_is_caught(bug: Bug) -> None:
    assert first_catch(bug) is not None


def test_table_lists_every_bug() -> None:
    rows = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert [row.split("|")[1].strip() for row in rows[1:]] == [bug.name for bug in all_bugs()]


def test_table_is_of_the_present_text() -> None:
    assert is_stamped(TABLE, digest()), "docs/planted-bugs.md is old: run python tests/planted_bugs.py"


@pytest.mark.deep
def test_a_sample_of_the_table_comes_out_as_it_is_written() -> None:
    rows = TABLE.read_text(encoding="utf-8").splitlines()
    assert [now for bug in chosen(all_bugs(), SAMPLE, lambda bug: bug.name) if (now := row(bug)) not in rows] == []
