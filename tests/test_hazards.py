"""Every row of the table of hazards is a file, is found in its unsafe variant, and is survived by the reference."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

import pytest

from careful_desk import CarefulDesk
from defences import DEFENCES
from hazard_suite import HazardError, found, reference, survived
from orphan_oracle.errors import InputError
from orphan_oracle.hazards import COUNT, FOLDER, Case, hazards, read_hazard
from orphan_oracle.judgement import judged
from orphan_oracle.protocol import Session
from orphan_oracle.scenario import Scenario, config_of
from orphan_oracle.suite import Plan, suite
from orphan_oracle.testing import random_life
from refuted_ideas import outcomes_of

CASES = [pytest.param(case, id=case.scenario.name) for hazard in hazards() for case in hazard.cases]
TABLE = Path(__file__).parent.parent / "docs" / "hazards.md"


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    with reference() as opened:
        yield opened


def test_there_are_fifty_hazards_and_a_file_for_each_and_no_other() -> None:
    assert COUNT == 50
    assert [hazard.id for hazard in hazards()] == [f"H{number}" for number in range(1, 51)]
    assert sorted(path.name for path in FOLDER.iterdir()) == [f"H{number:02}.json" for number in range(1, 51)]


@pytest.mark.parametrize("case", CASES)
def test_unsafe_variant_is_found(case: Case) -> None:
    assert case.without
    assert found(case, case.without) == case.found


@pytest.mark.parametrize("case", CASES)
def test_careful_desk_survives(case: Case) -> None:
    assert found(case, ()) is None


@pytest.mark.parametrize("case", CASES)
def test_each_defence_that_a_case_takes_away_is_needed(case: Case) -> None:
    for defence in case.without if len(case.without) > 1 else ():
        others = tuple(other for other in case.without if other != defence)
        assert found(case, others) != case.found, f"{defence} need not be taken away"


@pytest.mark.parametrize("case", CASES)
def test_reference_survives(case: Case, session: Session) -> None:
    assert survived(case, session)


OWNED = Plan(owned_cloid_prefix="own-")
"""What `certify` asks where ownership is given."""


def certified(scenario: Scenario) -> None:
    """Asks the careful desk what `certify` asks; it also says what it drops."""
    assert judged(scenario, outcomes_of(scenario, ())) == [], scenario.name


@pytest.mark.parametrize("plan", [Plan(), OWNED], ids=["ours", "owned"])
def test_careful_desk_is_certified_by_a_sample(plan: Plan) -> None:
    for scenario in islice(suite(plan), 0, 2000, 40):
        certified(scenario)


@pytest.mark.parametrize("observe", ["oid", "cloid"])
def test_careful_desk_lives_as_certify_asks(observe: str) -> None:
    for seed in range(60):
        certified(random_life(seed, observe))


@pytest.mark.deep
@pytest.mark.parametrize("plan", [Plan(), OWNED], ids=["ours", "owned"])
def test_careful_desk_is_certified(plan: Plan) -> None:
    for scenario in suite(plan):
        certified(scenario)


def test_every_defence_is_asked_for_by_a_hazard() -> None:
    asked = [name for hazard in hazards() for case in hazard.cases for name in case.without]
    assert list(dict.fromkeys(asked)) == list(DEFENCES)


def test_a_defence_that_does_not_exist_is_refused() -> None:
    with pytest.raises(ValueError, match="no such defence: luck"):
        CarefulDesk(config_of(hazards()[0].cases[0].scenario), ["luck"])


def test_a_reference_that_errs_is_not_passed_over(session: Session) -> None:
    (case,) = hazards()[0].cases
    twice = replace(case.scenario, steps=tuple(replace(step, t=-1) for step in case.scenario.steps[:1]))
    with pytest.raises(HazardError, match="errored"):
        survived(replace(case, scenario=twice), session)
    with pytest.raises(HazardError, match="does not refuse"):
        survived(replace(case, refused="orphan_grace_period"), session)


def test_a_malformed_hazard_is_refused_in_one_line(tmp_path: Path) -> None:
    text = (FOLDER / "H01.json").read_text(encoding="utf-8")
    for name, wrong in {
        "id": text.replace('"H1"', '"H2"'),
        "guard": text.replace('"S3"', '"S9"'),
        "json": text[:90],
        "step": text.replace('"cloids"', '"cloid"'),
    }.items():
        path = tmp_path / f"{name}.json"
        path.write_text(wrong, encoding="utf-8")
        with pytest.raises(InputError, match=f"^{name}.json: [^\n]*$"):
            read_hazard(path, "H1")
    with pytest.raises(InputError, match="cannot be read"):
        read_hazard(tmp_path / "H51.json", "H51")


def test_the_table_has_a_row_for_each_hazard() -> None:
    """That it is the generated one is checked with everything that is generated."""
    rows = [line.split("|") for line in TABLE.read_text(encoding="utf-8").splitlines() if line.startswith("| H")]
    assert [row[1].strip() for row in rows] == [hazard.id for hazard in hazards()]
    assert all(cell.strip() for row in rows for cell in row[1:-1])
