"""Reports for other tools: well-formed, complete, and nothing from a log gets through unescaped."""

import json
import re
import sys
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from orphan_oracle.command import main
from orphan_oracle.schemas import FOLDER

NASTY = 'c]]>\u001b[2J<script>&"%0A::error::,\u202e'

ROOT = Path(__file__).parent.parent


@pytest.fixture
def bad_log(tmp_path: Path) -> Path:
    lines = [
        {"event": "register", "t": 1, "cloids": [NASTY]},
        {"event": "sync", "t": 5, "open": [{"oid": NASTY, "cloid": NASTY}], "local": [], "cancelled": [NASTY]},
        {"event": "record_oid", "t": 6, "cloid": NASTY, "oid": NASTY},
    ]
    path = tmp_path / "log, 1.ndjson"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str, status: int = 1) -> str:
    assert main(list(arguments)) == status
    out = capsys.readouterr().out
    assert "\u001b" not in out
    assert "\u202e" not in out
    return out


def test_check_as_junit(bad_log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tree = ElementTree.fromstring(said(capsys, "check", str(bad_log), "--format", "junit"))
    failed = [case for case in tree.iter("testcase") if case.find("failure") is not None]
    assert len(failed) == 1
    assert (failed[0].get("name") or "").startswith("S3")
    assert "line 2" in (failed[0].find("failure").get("message") or "")  # type: ignore[union-attr]
    assert len([case for case in tree.iter("testcase") if case.find("skipped") is not None]) == 3


def test_check_as_sarif_with_a_code_flow(bad_log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = json.loads(said(capsys, "check", str(bad_log), "--format", "sarif"))
    (run,) = document["runs"]
    (result,) = run["results"]
    assert (result["ruleId"], result["level"]) == ("S3", "error")
    (flow,) = result["codeFlows"][0]["threadFlows"]
    lines = [step["location"]["physicalLocation"]["region"]["startLine"] for step in flow["locations"]]
    assert lines == sorted(lines)
    assert 2 in lines
    assert " " not in result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]


def test_check_as_github_annotations(bad_log: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (line,) = said(capsys, "check", str(bad_log), "--format", "github").splitlines()
    assert re.fullmatch(r"::error file=[^:,]*%2C[^:,]*,line=2,title=[^:,]*::[^\r\n]*", line)


@pytest.mark.parametrize("format_", ["junit", "sarif", "github", "json"])
def test_certify_for_other_tools(format_: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = tmp_path / "p.py"
    program.write_text(
        "import json, sys\nfor line in sys.stdin:\n"
        "    q = json.loads(line)\n"
        "    r = [{'cancelled': []} if s['event'] == 'sync' else {} for s in q.get('steps', [])]\n"
        f"    a = {{'name': {NASTY!r}, 'language': 'python', 'version': '1'}}\n"
        "    print(json.dumps({'id': q.get('id'), 'ok': True, 'implementation': a, 'results': r}), flush=True)\n"
        "    if q['op'] == 'stop': break\n"
    )
    options = ["certify", "--smoke", "--format", format_, "--", sys.executable, str(program)]
    out = capsys_out(capsys, options)
    if format_ == "junit":
        assert len(list(ElementTree.fromstring(out).iter("failure"))) == 1
    elif format_ == "sarif":
        assert [result["ruleId"] for result in json.loads(out)["runs"][0]["results"]] == ["L1"]
    elif format_ == "github":
        assert out.startswith("::error title=L1 in ")
    else:
        schema = json.loads((FOLDER / "certificate.json").read_text())
        jsonschema.validate(json.loads(out), schema)


def capsys_out(capsys: pytest.CaptureFixture[str], options: list[str]) -> str:
    assert main(options) == 1
    return capsys.readouterr().out


def test_conversation_of_the_page_fits_the_schemas() -> None:
    page = (ROOT / "docs" / "protocol.md").read_text(encoding="utf-8")
    requests = [json.loads(line[2:]) for line in page.splitlines() if line.startswith('> {"op"')]
    replies = [json.loads(line[2:]) for line in page.splitlines() if line.startswith('< {"')]
    assert [len(requests), len(replies)] == [3, 3]
    for name, lines in (("request", requests), ("reply", replies)):
        schema = json.loads((FOLDER / f"{name}.json").read_text())
        for line in lines:
            jsonschema.validate(line, schema)


def test_page_is_one_page_with_three_bullets_and_nine_lines() -> None:
    page = (ROOT / "spec/orphan_oracle/protocol.md").read_text(encoding="utf-8")
    head, pseudocode = page.split("```")[:2]
    assert len(re.findall(r"^\* ", head, re.MULTILINE)) == 3
    assert len(pseudocode.strip().splitlines()) == 9


def test_worked_example_of_the_log_page_is_true(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    page = (ROOT / "docs" / "logs.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```(\w*)\n(.*?)```", page, re.DOTALL)
    log, script, trace, report = (text for _, text in blocks)
    (tmp_path / "bot.log").write_text(log)
    source = script.replace('"bot.log"', repr(str(tmp_path / "bot.log")))
    exec(source, {})
    made = capsys.readouterr().out
    assert made == trace
    path = tmp_path / "trace.ndjson"
    path.write_text(made)
    told = said(capsys, "check", str(path))
    assert told.replace(str(path), "trace.ndjson").startswith(report.rstrip())
