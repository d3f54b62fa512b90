"""`orphan-tracker export` and the second opinions of `verify` as a user calls them."""

import json
from dataclasses import replace
from pathlib import Path

import jsonschema
import pytest

from orphan_oracle.command import main
from orphan_oracle.schemas import FOLDER
from orphan_proofs import rediscover, second_solver
from orphan_proofs.diagram import PHASES, draw
from orphan_proofs.verification import THEORY
from orphan_spec.machine import MACHINE
from orphan_spec.properties import CLAIMS, WITNESSES


def test_itf_traces_replay_step_by_step(tmp_path: Path, capsys) -> None:
    assert main(["export", "itf", str(tmp_path / "new")]) == 0
    files = sorted((tmp_path / "new").iterdir())
    assert capsys.readouterr().out.split() != []
    assert len(files) == len(WITNESSES) + 1
    for file in files:
        document = json.loads(file.read_text())
        before, constants = None, {}
        for state in document["states"]:
            assert state.keys() == {"#meta", *document["params"], *document["vars"]}
            numbers = {
                v.name: number(state[v.name], v) for v in (*MACHINE.shared, *MACHINE.fields, *MACHINE.parameters)
            }
            constants = {v.name: numbers.pop(v.name) for v in MACHINE.parameters}
            if before is not None:
                picks = state["mbt::nondetPicks"]
                inputs = {v.name: picked(picks[v.name], v) for v in MACHINE.inputs}
                before = MACHINE.step(MACHINE.action(state["mbt::actionTaken"]), before, {**constants, **inputs})
            assert (before or MACHINE.start(constants)) == numbers
            before = numbers


def picked(option, variable) -> int:
    return number(option["value"], variable) if option["tag"] == "Some" else 0


def number(value, variable) -> int:
    if variable.values:
        return next(known.code for known in variable.values if known.name == value)
    return int(value["#bigint"])


def test_the_counterexample_is_written_as_itf(tmp_path: Path) -> None:
    assert main(["export", "itf", str(tmp_path)]) == 0
    document = json.loads((tmp_path / "counterexample-S3-in_flight.itf.json").read_text())
    assert [state["mbt::actionTaken"] for state in document["states"]] == [
        *("init", "REGISTER_BY_OID", "SEND", "ACCEPT", "SYNC_SEES_ORPHAN", "PASS_TIME", "SYNC_CONDEMNS", "ACT_CANCELS"),
    ]
    assert document["states"][1]["mbt::nondetPicks"]["order"] == {"tag": "Some", "value": "o1"}
    assert document["states"][5]["mbt::nondetPicks"]["delay"] == {"tag": "Some", "value": {"#bigint": "1"}}


@pytest.mark.parametrize("name", PHASES)
def test_diagrams_show_every_phase_that_is_reached(capsys, name: str) -> None:
    diagram = draw(THEORY, name)
    assert {arrow.source for arrow in diagram.arrows} == set(diagram.phases)
    for language in ("mermaid", "dot"):
        assert main(["export", language, "--of", name]) == 0
        text = capsys.readouterr().out
        assert all(phase in text for phase in diagram.phases)
        assert text.count("-->") + text.count(" -> ") == len(diagram.arrows) + 1


def test_an_orphan_is_cancelled_only_from_the_phase_that_ages() -> None:
    arrows = {(a.source, a.target): a.events for a in draw(THEORY, "tracker").arrows}
    assert ("PROTECTED", "AGING") not in arrows
    assert arrows["UNKNOWN", "AGING"] == ("SYNC",)


def test_tla_is_printed_or_written(tmp_path: Path, capsys) -> None:
    assert main(["export", "tla", "--orders", "2", "--observe", "cloid", "--claim", "S3/cloid"]) == 0
    printed = capsys.readouterr().out
    assert 'Observe = "CLOID"' in printed
    assert "Orders = {o1, o2}" in printed
    assert main(["export", "tla", str(tmp_path), "--orders", "2", "--observe", "cloid", "--claim", "S3/cloid"]) == 0
    written = [(tmp_path / f"OrphanTracker.{kind}").read_text() for kind in ("tla", "cfg")]
    assert "".join(written) == printed


def test_tla_of_the_local_book_states_what_is_assumed_to_hold(tmp_path: Path, capsys) -> None:
    call = ["export", "tla", str(tmp_path), "--machine", "book", "--assume", "A7", "--without", "RESTART", "FILL"]
    assert main(call) == 0
    module, configuration = ((tmp_path / f"LocalBook.{kind}").read_text() for kind in ("tla", "cfg"))
    assert capsys.readouterr().out == ""
    assert "S6_" in configuration
    assert "A9" not in module
    assert "RESTART ==" not in module
    assert "A7" in module


@pytest.mark.parametrize(
    ("arguments", "needed"),
    [
        (["export", "tla", "--claim", "S99"], "S99"),
        (["export", "tla", "--claim", "S6"], "--claim S6"),
        (["export", "tla", "--assume", "A3", "A12"], "--assume A12"),
        (["export", "tla", "--machine", "book", "--without", "FETCHES"], "--without FETCHES"),
        (["export", "tla", "--orders", "0"], "at least 1"),
        (["export", "tla", "--ttl", "0"], "at least 1"),
        (["export", "yaml"], "yaml"),
        (["verify", "--second-solver", "yices"], "yices"),
        (["verify", "--second-solver", "cvc5", "--config", "x.toml"], "leave --config out"),
        (["verify", "--rediscover", "--mutants"], "one at a time"),
        (["verify", "--rediscover", "--limit", "0"], "above 0"),
    ],
)
def test_a_wrong_call_is_one_line_and_exit_status_2(capsys, arguments, needed) -> None:
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.count("\n") == 1
    assert needed in printed.err


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path, capsys) -> None:
    (tmp_path / "file").write_text("")
    assert main(["export", "itf", str(tmp_path / "file")]) == 2
    assert str(tmp_path / "file") in capsys.readouterr().err


def few(theories):
    from orphan_proofs.certificates import Certificate

    head = ("(declare-const x Real)",)
    yield Certificate("a/0", "less", "", (), "unsat", "", head, ("(assert (< x x))",))
    yield Certificate("a/1", "wrong", "STEP", (), "unsat", "", head, ("(assert (<= x x))",))


def test_the_second_solver_names_what_it_disagrees_with(capsys, monkeypatch) -> None:
    monkeypatch.setattr("orphan_proofs.certificates.certificates", few)
    assert main(["verify", "--second-solver", "cvc5"]) == 1
    text = capsys.readouterr().out
    assert "a/1.smt2 (wrong @ STEP): expected unsat, got sat" in text
    assert second_solver.version() in text
    assert main(["verify", "--second-solver", "cvc5", "--format", "json"]) == 1
    report = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, json.loads((FOLDER / "second-solver.json").read_text()))
    assert (report["unsat"], report["holds"]) == (1, False)
    assert [d["file"] for d in report["disagreements"]] == ["a/1.smt2"]


def test_what_spacer_finds_is_reported(capsys, monkeypatch) -> None:
    easy = replace(THEORY, claims=tuple(claim for claim in CLAIMS if claim.id == "S5"))
    whole = rediscover.rediscoveries
    monkeypatch.setattr(rediscover, "rediscoveries", lambda theories, limit: whole([easy], limit))
    assert main(["verify", "--rediscover"]) == 0
    assert "1 invariants found and checked" in capsys.readouterr().out
    assert main(["verify", "--rediscover", "--format", "json"]) == 0
    report = json.loads(capsys.readouterr().out)
    jsonschema.validate(report, json.loads((FOLDER / "rediscover.json").read_text()))
    assert report["discoveries"][0]["found"] == "invariant"
