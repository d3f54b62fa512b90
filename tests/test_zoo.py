"""A rotating sample of the zoo; `-m deep` certifies the whole of it and compares the table."""

import datetime
from pathlib import Path

import pytest

from planted_bugs import BUGS, SOURCE, Bug
from zoo import FAULTS, TOLD, UNSEEN, VARIATIONS, animals, table, variations, verdict_on

TABLE = Path(__file__).parent.parent / "docs" / "adequacy.md"

TODAY = datetime.date.today().toordinal()

SHORT = [bug for bug in FAULTS if bug.name.startswith(("TTL", "protection", "grace", "register", "record"))]
"""Faults that are found early."""


def test_zoo_is_large_and_every_name_is_known() -> None:
    assert len(animals()) >= 60
    assert len(variations()) == len(VARIATIONS) >= 6
    names = [bug.name for bug in (*BUGS, *FAULTS, *TOLD)]
    assert len(names) == len(set(names))
    assert set(UNSEEN) <= set(names)


def test_every_animal_is_a_program() -> None:
    for bug in (*animals(), *variations()):
        text = (SOURCE / bug.file).read_text(encoding="utf-8")
        assert text.count(bug.before) == 1, bug.name
        compile(text.replace(bug.before, bug.after), bug.name, "exec")


@pytest.mark.parametrize("bug", [SHORT[(TODAY + n) % len(SHORT)] for n in range(4)], ids=lambda bug: bug.name)
def test_todays_fault_is_rejected(bug: Bug) -> None:
    assert verdict_on(bug).scenario is not None


def test_table_has_no_miss_and_no_false_alarm_and_lists_every_animal() -> None:
    text = TABLE.read_text(encoding="utf-8")
    assert ", 0 missed;" in text
    assert ", 0 false alarms." in text
    rows = {line.split("|")[1].strip() for line in text.splitlines() if line.startswith("| ")}
    assert {bug.name for bug in (*animals(), *variations())} <= rows


@pytest.mark.deep
def test_table_is_the_generated_one() -> None:
    assert TABLE.read_text(encoding="utf-8") == table()
