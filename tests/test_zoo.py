"""A rotating sample of the zoo, and whether the table is of the present text."""

import datetime

import pytest

from planted_bugs import BUGS, SOURCE, Bug
from slow_tables import chosen, is_stamped
from zoo import (
    FAULTS,
    TABLE,
    TOLD,
    UNSEEN,
    VARIATIONS,
    animals,
    digest,
    fault_row,
    variation_row,
    variations,
    verdict_on,
)

SAMPLE = 12

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


def test_table_is_of_the_present_text() -> None:
    assert is_stamped(TABLE, digest()), "docs/adequacy.md is old: run python tests/zoo.py"


@pytest.mark.deep
def test_a_sample_of_the_table_comes_out_as_it_is_written() -> None:
    rows = TABLE.read_text(encoding="utf-8").splitlines()
    faults = [fault_row(bug) for bug in chosen(animals(), SAMPLE, lambda bug: bug.name)]
    correct = [variation_row(bug) for bug in chosen(variations(), 1, lambda bug: bug.name)]
    assert [row for row in (*faults, *correct) if row not in rows] == []
