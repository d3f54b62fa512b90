"""The vectors are the generated ones, say what they hunt, and every shipped tracker that is right passes them."""

import hashlib
import json
from pathlib import Path

import jsonschema
import pytest

from orphan_oracle.command import main
from orphan_oracle.fairness import World, askable
from orphan_oracle.judgement import judged
from orphan_oracle.scenario import Outcome, run_request
from orphan_oracle.vectors import FOLDER, files, vectors
from orphan_spec.events import Sync
from orphan_spec.guarantees import GUARANTEES
from orphan_tracker import driver


def test_files_are_the_generated_ones() -> None:
    assert {path.name: path.read_text(encoding="utf-8") for path in FOLDER.glob("*.json")} == files()


def test_manifest_counts_and_digests() -> None:
    manifest = json.loads((FOLDER / "manifest.json").read_text())
    schema = json.loads((FOLDER / manifest["schema"]).read_text())
    for name, entry in manifest["files"].items():
        text = (FOLDER / name).read_text()
        document = json.loads(text)
        jsonschema.validate(document, schema)
        assert (len(document["cases"]), hashlib.sha256(text.encode()).hexdigest()) == (entry["cases"], entry["sha256"])
        assert document["guarantee"] in GUARANTEES
    assert sum(entry["cases"] for entry in manifest["files"].values()) == manifest["cases"] == len(vectors())


def test_ids_are_unique_and_every_vector_is_askable_and_hunts_something() -> None:
    assert len({vector.id for vector in vectors()}) == len(vectors()) > 300
    for vector in vectors():
        assert askable(vector.scenario, World())
        assert vector.fault.bug
        assert vector.fault.harm


def test_boundaries_come_in_triples() -> None:
    ids = {vector.id for vector in vectors()}
    triples = [name for name in ids if "-grace-at-" in name]
    assert len(triples) > 30
    for name in triples:
        assert {name.replace("-at-", "-below-"), name.replace("-at-", "-above-")} <= ids


def test_what_is_expected_is_what_the_reference_does_and_what_the_judge_demands() -> None:
    for vector in vectors():
        reply, _ = driver.answer(run_request(vector.scenario, 1))
        outcomes = [Outcome(tuple(result.get("cancelled", ()))) for result in reply["results"]]  # type: ignore[union-attr, arg-type]
        assert judged(vector.scenario, outcomes) == [], vector.id
        syncs = [one for step, one in zip(vector.scenario.steps, outcomes, strict=True) if isinstance(step, Sync)]
        for expected, outcome in zip(vector.expected, syncs, strict=True):
            assert set(expected["cancel"]) <= set(outcome.cancelled), vector.id
            assert not set(expected["keep"]) & set(outcome.cancelled), vector.id


def test_every_guarantee_that_a_scenario_can_break_has_a_file() -> None:
    assert {"L1", "S1", "S2", "S3", "S4", "S5", "S7"} <= {path.stem for path in FOLDER.glob("*.json")}


def test_command_writes_and_lists_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["vectors", "write", str(tmp_path / "suite")]) == 0
    assert {path.name for path in (tmp_path / "suite").iterdir()} == set(files())
    capsys.readouterr()
    assert main(["vectors", "list", "--format", "json"]) == 0
    assert len(json.loads(capsys.readouterr().out)["cases"]) == len(vectors())
