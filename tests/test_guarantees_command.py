"""`orphan-tracker guarantees` as a user calls it: the document, the texts, exit statuses, one line for what is wrong."""

import json
import re
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from orphan_oracle.check import check_lines
from orphan_oracle.command import main
from orphan_oracle.configuration import Configuration
from orphan_oracle.picture import _step
from orphan_oracle.schemas import FOLDER
from orphan_oracle.timing_pages import documents
from orphan_oracle.timing_words import span
from orphan_proofs.tuning import PRESETS
from orphan_spec.constants import Constants, Environment
from orphan_spec.guarantees import ASSUMPTIONS, GUARANTEES

SCHEMA = json.loads((FOLDER / "guarantees.json").read_text())
KEYS = {"id", "status", "holds_when", "bound_ns", "attained", "assumes", "witness"}
DOCS = Path(__file__).parent.parent / "docs"


def asked(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(["guarantees", *arguments])
    captured = capsys.readouterr()
    assert captured.err == ""
    return status, captured.out


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict]:
    status, text = asked(capsys, *arguments, "--format", "json")
    found = json.loads(text)
    jsonschema.validate(found, SCHEMA)
    return status, found


def by_id(found: dict) -> dict[str, dict]:
    return {one["id"]: one for one in found["guarantees"]}


def configured(folder: Path, text: str) -> str:
    path = folder / "tracker.toml"
    path.write_text(text)
    return str(path)


def test_the_document_is_as_the_format_promises(capsys, tmp_path) -> None:
    config = '[environment]\nsync_period_min="10s"\nsync_period_max="10s"\nsnapshot_age_max="0s"\nresponse_latency_max="2s"\n'
    status, found = document(capsys, "--config", configured(tmp_path, config))
    assert status == 0
    assert found["version"] == 1
    assert found["config"]["orphan_grace_period"] == 5_000_000_000
    assert found["environment"]["observe"] == "oid"
    assert [one["id"] for one in found["guarantees"]] == list(GUARANTEES)
    for one in found["guarantees"]:
        assert set(one) == KEYS
        assert set(one["assumes"]) <= set(ASSUMPTIONS)
    found = by_id(found)
    assert found["S3"]["holds_when"] == [
        {"parameter": "response_latency_max", "less_than_ns": 10_000_000_000, "at_most_ns": None}
    ]
    assert (found["L1"]["bound_ns"], found["L1"]["attained"]) == (20_000_000_000, True)
    assert (found["L2"]["bound_ns"], found["L2"]["attained"]) == (30_000_000_000, True)
    assert {id_ for id_, one in found.items() if one["status"] == "not_modelled"} == {"S7"}
    assert {id_ for id_, one in found.items() if one["status"] == "refuted"} == set()


@pytest.mark.parametrize("preset", PRESETS)
def test_check_agrees_with_every_witness(capsys, preset: str) -> None:
    _, found = document(capsys, "--preset", preset)
    named = PRESETS[preset]
    for one in found["guarantees"]:
        if one["witness"] is None:
            continue
        lines = [json.dumps(event).encode() for event in one["witness"]]
        report = check_lines(iter(lines), "witness", Configuration(named.constants, named.environment))
        edge = [one["holds_when"][0]["less_than_ns"]] if one["id"] == "S3" else []
        assert [(violation.guarantee, violation.t) for violation in report.violations] == [("S3", t) for t in edge]


def test_the_environment_decides_the_status(capsys, tmp_path) -> None:
    status, found = document(capsys)
    assert (status, by_id(found)["S3"]["status"], by_id(found)["L1"]["status"]) == (0, "refuted", "refuted")
    assert by_id(found)["S3"]["holds_when"][0]["less_than_ns"] == 5_000_000_000
    assert [one["parameter"] for one in by_id(found)["L1"]["holds_when"]] == ["sync_period_max", "snapshot_age_max"]
    status, found = document(capsys, "--config", configured(tmp_path, '[environment]\nobserve = "cloid"\n'))
    assert (status, by_id(found)["S3"]["status"], by_id(found)["S3"]["holds_when"]) == (1, "proved", None)
    late = '[environment]\nresponse_latency_max = "31s"\nobserve = "cloid"\nsync_period_max = "1s"\nsnapshot_age_max = "0s"\n'
    status, found = document(capsys, "--config", configured(tmp_path, late))
    (conflict,) = found["conflicts"]
    assert status == 1
    assert conflict["nearest"] == [{"parameter": "expected_cloid_ttl", "value_ns": 31_000_000_001}]


def test_a_wish_is_fulfilled_or_refused(capsys) -> None:
    wish = "no false cancellation; orphans gone within 20 s"
    status, found = document(capsys, "--preset", "origin", "--suggest", wish)
    assert status == 0
    assert found["suggestion"]["config"]["orphan_grace_period"] == 5_000_000_000
    assert found["suggestion"]["orphan_grace_period_max_ns"] == 10_000_000_000
    status, found = document(capsys, "--preset", "jitter", "--suggest", wish)
    assert status == 1
    assert found["suggestion"]["config"] is None
    assert "21.500 s" in found["suggestion"]["conflict"]
    assert "no constants fulfil the wish" in asked(capsys, "--preset", "jitter", "--suggest", wish)[1]


@pytest.mark.parametrize("preset", ["origin", "lagging-venue", "cloid"])
@pytest.mark.parametrize("format", ["text", "markdown", "html", "svg"])
def test_every_form_shows_every_guarantee_and_number(capsys, preset: str, format: str) -> None:  # noqa: A002
    _, text = asked(capsys, "--preset", preset, "--format", format)
    _, found = document(capsys, "--preset", preset)
    for id_ in GUARANTEES:
        assert id_ in text
    for one in found["guarantees"]:
        if one["bound_ns"] is not None:
            assert span(one["bound_ns"]) in text
    assert text.count("not modelled") >= 1
    assert bool(found["conflicts"]) == ("onflict:" in text)


def test_pages_need_nothing_from_elsewhere(capsys) -> None:
    for format_ in ("html", "svg"):
        _, text = asked(capsys, "--preset", "origin", "--format", format_)
        assert not re.search(r"(src|href)=|url\(|@import|<script", text)
        assert "prefers-color-scheme: dark" in text
    assert "@media print" in asked(capsys, "--preset", "origin", "--format", "html")[1]


def test_pictures_are_drawn_for_every_witness_and_stay_within_their_frame(capsys) -> None:
    _, text = asked(capsys, "--preset", "jitter", "--format", "svg")
    root = ElementTree.fromstring(text)
    pictures = root.findall("{http://www.w3.org/2000/svg}svg")
    assert len(pictures) == 4
    for picture in pictures:
        for element in picture.iter():
            for name in ("x", "x1", "x2", "cx"):
                assert 0 <= float(element.get(name, "0")) <= 920


def test_ownership_and_cloids_are_in_the_witness(capsys, tmp_path) -> None:
    text = '[environment]\nobserve="cloid"\nowned_cloid_prefix="0xa1"\nsync_period_max="3s"\nsnapshot_age_max="1s"\n'
    _, found = document(capsys, "--config", configured(tmp_path, text))
    witness = by_id(found)["L1"]["witness"]
    assert witness[-1]["open"] == [{"oid": "77", "cloid": "0xa1c1"}]
    environment = Environment(None, 3_000_000_000, 1_000_000_000, None, "cloid", "0xa1")
    lines = iter([json.dumps(event).encode() for event in witness])
    assert check_lines(lines, "witness", Configuration(Constants(), environment)).violations == ()


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[tracker]\ngrace = '5s'\n", "unknown key grace"),
        ("[tracker]\norphan_grace_period = '5'\n", "not a duration"),
        ("[tracker]\norphan_grace_period = '-5s'\n", "not negative"),
        ("[tracker]\norphan_grace_period = '0s'\n", "above 0"),
        ("[environment]\nsync_period_min = '9s'\nsync_period_max = '5s'\n", "must not be above"),
    ],
)
def test_bad_input_is_one_line(capsys, tmp_path, text: str, words: str) -> None:
    assert main(["guarantees", "--config", configured(tmp_path, text)]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert captured.err.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--preset", "nobody"], "there are origin"),
        (["--preset", "origin", "--config", "x.toml"], "leave one out"),
        (["--suggest", "be good"], "unknown wish"),
        (["--suggest", ""], "unknown wish"),
        (["--suggest", "orphans gone within 20"], "not a duration"),
        (["--format", "pdf"], "pdf"),
    ],
)
def test_a_wrong_call_is_one_line(capsys, arguments: list[str], words: str) -> None:
    assert main(["guarantees", *arguments]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert words in captured.err
    assert captured.err.count("\n") == 1


def test_the_documents_in_the_repository_are_current() -> None:
    for name, text in documents():
        assert (DOCS / name).read_text(encoding="utf-8") == text, f"docs/{name} is not what guarantees writes"


@pytest.mark.parametrize("last", [1, 7, 11, 29, 45, 99, 100, 1234, 43_271_982, 10**18])
def test_an_axis_has_a_handful_of_round_marks(last: int) -> None:
    step = _step(last)
    assert 1 <= last // step <= 10
    assert last // step >= min(last, 4)
    assert str(step).rstrip("0") in ("1", "2", "5")


@pytest.mark.parametrize(
    ("nanoseconds", "words"),
    [
        (0, "0 s"),
        (1, "1 ns"),
        (1500, "1.5 us"),
        (500_000_000, "500 ms"),
        (10_500_000_000, "10.5 s"),
        (19_999_999_999, "19.999999999 s"),
    ],
)
def test_durations_are_said_exactly(nanoseconds: int, words: str) -> None:
    assert span(nanoseconds) == words
