"""Every planted bug is caught, and the reference without one is not."""

from pathlib import Path

import pytest

from planted_bugs import BUGS, CHECKS, DESK_BUGS, Bug, catches, first_catch, planted, table

TABLE = Path(__file__).parent.parent / "docs" / "planted-bugs.md"


def test_reference_without_a_bug_passes_every_check() -> None:
    with planted(None) as kit:
        assert [check.name for check in CHECKS if catches(check, kit)] == []


@pytest.mark.parametrize("bug", [*BUGS, *DESK_BUGS], ids=lambda bug: bug.name.replace(" ", "-"))
def test_planted_bug_is_caught(bug: Bug) -> None:
    assert first_catch(bug) is not None


def test_table_lists_every_bug() -> None:
    rows = [line for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert [row.split("|")[1].strip() for row in rows[1:]] == [bug.name for bug in (*BUGS, *DESK_BUGS)]


@pytest.mark.deep
def test_table_is_the_generated_one() -> None:
    assert TABLE.read_text(encoding="utf-8") == table()
