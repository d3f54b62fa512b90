"""`orphan-tracker verify` and `explore` as a user calls them: verdicts, exit statuses, one line for what is wrong."""

import json
from pathlib import Path

import jsonschema
import pytest

from orphan_oracle.command import main
from orphan_oracle.schemas import FOLDER

EXAMPLE = """
[tracker]
orphan_grace_period = "5s"
expected_cloid_ttl = "30s"
finalized_protection_period = "10s"
[environment]
sync_period_min = "10s"
sync_period_max = "10s"
snapshot_age_max = "0s"
response_latency_max = "{latency}"
observe = "{observe}"
"""


def configured(folder: Path, latency: str = "2s", observe: str = "oid") -> str:
    path = folder / "tracker.toml"
    path.write_text(EXAMPLE.format(latency=latency, observe=observe))
    return str(path)


def document(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict]:
    status = main([*arguments, "--format", "json"])
    return status, json.loads(capsys.readouterr().out)


def schema(name: str) -> dict:
    return json.loads((FOLDER / f"{name}.json").read_text())


def test_the_specification_has_its_published_verdicts(capsys) -> None:
    status, report = document(capsys, "verify")
    jsonschema.validate(report, schema("verify"))
    assert status == 0
    assert report["holds"]
    verdicts = {g["id"]: g["status"] for g in report["guarantees"]}
    assert verdicts["S1"] == verdicts["R3"] == "proved"
    assert verdicts["S3"] == "refuted"
    assert report["proved"] == report["obligations"] > 3000
    assert [e["event"] for e in report["counterexamples"][0]["events"]] == [
        *("register", "accept", "sync", "sync", "record_oid")
    ]


def test_the_text_says_what_a_reader_needs(capsys) -> None:
    assert main(["verify"]) == 0
    text = capsys.readouterr().out
    for needed in (
        "S3",
        "refuted",
        "if latency < grace",
        "assuming A1, A3, A4, A8, A10",
        "obligations proved",
        "Z3",
        " s\n",
        "SYNC_CONDEMNS",
    ):
        assert needed in text
    assert "now < expectation_until [5s < 30s]" in text


def test_verbose_has_a_line_for_every_action_and_property(capsys) -> None:
    assert main(["verify", "--verbose"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert any("ACT_CANCELS" in line and "S1: finalized: proved" in line for line in lines)
    assert any("FINALIZE_UNKNOWN" in line and "heard_window_covers_finalization: proved" in line for line in lines)
    assert sum(": proved" in line for line in lines) > 3000


@pytest.mark.parametrize(
    ("latency", "observe", "status"),
    [("2s", "oid", 0), ("9999999999ns", "oid", 0), ("10s", "oid", 1), ("25s", "cloid", 0)],
)
def test_a_configuration_passes_exactly_where_its_guarantees_hold(tmp_path, capsys, latency, observe, status) -> None:
    found, report = document(capsys, "verify", "--config", configured(tmp_path, latency, observe))
    assert found == status
    (s3,) = [g for g in report["guarantees"] if g["id"] == "S3"]
    assert (s3["status"] == "refuted") == (status == 1)
    if observe == "oid":
        assert s3["readings"][0]["condition"] == "response_latency_max < 10000000000 ns"


def test_constants_that_contradict_each_other_are_named(tmp_path, capsys) -> None:
    status, report = document(capsys, "verify", "--config", configured(tmp_path, "40s", "cloid"))
    assert status == 1
    assert any("expected_cloid_ttl" in conflict for conflict in report["conflicts"])


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["verify", "--config", "no/such/file.toml"], "no/such/file.toml"),
        (["verify", "--format", "yaml"], "yaml"),
        (["verify", "--mutants", "--config", "x.toml"], "leave --config out"),
        (["explore", "--orders", "4"], "1, 2 and 3"),
        (["verify", "--no-such-option"], "--no-such-option"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_status_2(capsys, arguments, needed) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert needed in printed.err


@pytest.mark.deep
def test_explore_reports_counts_and_agreement_up_to_symmetry(capsys) -> None:
    status, report = document(capsys, "explore", "--orders", "2", "--symmetric")
    jsonschema.validate(report, schema("explore"))
    assert status == 0
    for exploration in report["explorations"]:
        assert exploration["symmetric_states"] < exploration["states"]
        assert exploration["as_proved"]
