"""A program that does not speak the protocol is reported as what it is, in bounded time, and nothing of it is left."""

import json
import os
import subprocess
import sys
import time
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from orphan_oracle.certificate import certificate
from orphan_oracle.certification import Certifier, Result
from orphan_oracle.command import main
from orphan_oracle.scenario import Scenario
from orphan_oracle.suite import Plan, suite

HONEST = """
import json, sys
for line in sys.stdin:
    request = json.loads(line)
    if request["op"] == "run":
        results = [{"cancelled": []} if step["event"] == "sync" else {} for step in request["steps"]]
        reply = {"id": request["id"], "ok": True, "results": results}
    else:
        reply = {"ok": True, "implementation": {"name": "keeper", "language": "python", "version": "1"}}
    BEFORE
    print(json.dumps(reply), flush=True)
    AFTER
    if request["op"] == "stop":
        break
"""

PROGRAMS = {
    "dead at once": ("import sys; print('no luck', file=sys.stderr); sys.exit(3)", "ended with status 3"),
    "hanging": ("import time\nwhile True: time.sleep(9)", "no reply within"),
    "garbage": (HONEST.replace("print(json.dumps(reply)", "print('<html>\\x1b[2J'"), "answered garbage"),
    "not an object": (HONEST.replace("print(json.dumps(reply)", "print('[]'"), "answered garbage"),
    "endless line": ("import sys\nsys.stdin.readline()\nwhile True: sys.stdout.write('x' * 65536)", "longer than"),
    "two replies": (HONEST.replace("json.dumps(reply)", "json.dumps(reply) + '\\n{}'"), "talked out of turn"),
    "a reply too many, some time later": (HONEST.replace("AFTER", "print('{}', flush=True)"), "{}"),
    "dies in a run": (HONEST.replace("BEFORE", "request['op'] == 'run' and sys.exit(7)"), "ended with status 7"),
    "killed in a run": (
        HONEST.replace("BEFORE", "import os; request['op'] == 'run' and os.kill(os.getpid(), 9)"),
        "signal SIGKILL",
    ),
    "wrong id": (HONEST.replace('"id": request["id"]', '"id": 99'), "not to run 1"),
    "too few results": (HONEST.replace("in request[", "in [][:0] and request["), "0 results for"),
    "cancelled is missing": (HONEST.replace('{"cancelled": []}', "{}"), "has no `cancelled`"),
    "cancelled is no list": (HONEST.replace('{"cancelled": []}', '{"cancelled": "7"}'), "no list of OIDs"),
    "understands no sync": (HONEST.replace('"ok": True, "impl', '"ok": True, "events": ["fail"], "impl'), "lacks sync"),
    "has its own clock": (HONEST.replace('"ok": True, "impl', '"ok": True, "clock": "wall", "impl'), "too soon"),
    "is early or late by nothing": (
        HONEST.replace('"ok": True, "impl', '"ok": True, "clock": "wall", "tolerance": 0, "impl'),
        "above 0",
    ),
    "refuses to start": (HONEST.replace('{"ok": True, "impl', '{"ok": False, "impl'), "is not ok"),
    "closes its output": ("import os, time\nos.close(1)\ntime.sleep(9)", "closed its standard output"),
    "never reads": ("import time\ntime.sleep(9)", "no reply within"),
    "says errored": (
        HONEST.replace("BEFORE", "reply = reply if 'id' not in reply else {'id': 1, 'errored': True, 'context': {}}"),
        "errored",
    ),
    "does not stop": (HONEST.replace("        break", "        import time; time.sleep(9)"), None),
}


def program(tmp_path: Path, source: str) -> list[str]:
    path = tmp_path / "program.py"
    path.write_text(source.replace("BEFORE", "pass").replace("AFTER", "pass"), encoding="utf-8")
    return [sys.executable, str(path)]


def certify(command: list[str], **options: Any) -> Result:
    return Certifier(command, Plan(), time_limit=5.0, budget=20.0, shrink=False, **options).run(_first(60))


@pytest.mark.parametrize("name", PROGRAMS)
def test_a_program_that_does_not_keep_to_the_protocol_is_told_so(name: str, tmp_path: Path) -> None:
    source, complaint = PROGRAMS[name]
    started = time.monotonic()
    limit = 0.4 if complaint == "no reply within" else 20.0
    command = program(tmp_path, source)
    chosen = None if complaint == "too soon" else _first(2)
    result = Certifier(command, Plan(), limit, 60.0, shrink=False).run(chosen, most=2)
    assert not result.holds
    assert time.monotonic() - started < 40
    if complaint is None:
        assert result.farewell is not None
    else:
        assert any(complaint in one for one in result.breakdowns), result.breakdowns


def _first(count: int, plan: Plan | None = None) -> list[Scenario]:
    return list(islice(suite(plan or Plan(scenarios=0)), count))


def test_standard_error_is_kept_and_a_flood_of_it_does_no_harm(tmp_path: Path) -> None:
    source = HONEST.replace("BEFORE", "sys.stderr.write('noise ' * 50_000 + 'the end')")
    result = Certifier(program(tmp_path, source), Plan(), 5.0, 20.0, shrink=False).run(_first(3))
    assert result.breakdowns == []
    assert result.stderr.endswith("the end")


def test_nothing_that_a_program_started_is_left(tmp_path: Path) -> None:
    note = tmp_path / "pid"
    source = (
        "import subprocess, sys, time\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])\n"
        f"open({str(note)!r}, 'w').write(str(child.pid))\nprint('no reply', flush=True)\ntime.sleep(60)"
    )
    Certifier(program(tmp_path, source), Plan(), 20.0, 20.0, shrink=False).run([])
    pid = int(note.read_text())
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline and _runs(pid):
        pass
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return "Z" not in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]


def test_what_is_skipped_is_counted_and_a_program_that_skips_all_is_not_certified(tmp_path: Path) -> None:
    source = HONEST.replace("BEFORE", "'id' in reply and reply.update(skipped=True, message='later', ok=None)")
    result = Certifier(program(tmp_path, source), Plan(), 5.0, 20.0, shrink=False).run(_first(3))
    assert (result.counts.skipped, result.holds) == (3, False)
    assert result.skips == {"later": 3}


def test_only_events_that_the_program_understands_are_used(tmp_path: Path) -> None:
    source = HONEST.replace("BEFORE", "'id' in reply or reply.update(events=['sync', 'register'])").replace(
        "for line in sys.stdin:\n",
        'for line in sys.stdin:\n    assert \'"event":"finalize"\' not in line\n',
    )
    result = Certifier(program(tmp_path, source), Plan(scenarios=20), 5.0, 20.0, shrink=False).run()
    assert result.breakdowns == []
    assert set(result.violations) == {"L1"}
    assert result.counts.scenarios > 100


def run_command(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "orphan_oracle.command", *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=300)


@pytest.mark.deep
def test_reference_is_certified_by_the_command() -> None:
    options = ("--exact", "--format", "json")
    done = run_command("certify", *options, "--", sys.executable, "-m", "orphan_tracker.driver")
    document = json.loads(done.stdout)
    assert done.returncode == 0, done.stdout
    assert document["levels"] == {"safe": True, "live": True, "exact": True}
    assert document["certified"] is True
    assert document["counts"]["passed"] == document["counts"]["scenarios"] > 2000


def test_a_keeper_is_safe_and_not_live_and_its_failure_is_saved_replayed_and_pasted(tmp_path: Path) -> None:
    command = program(tmp_path, HONEST)
    saved = tmp_path / "failing.json"
    done = run_command("certify", "--smoke", "--save", str(saved), "--", *command)
    assert done.returncode == 1
    assert "not certified (safe)" in done.stdout
    assert "must cancel" in done.stdout
    again = f"--scenarios 1000 --seed 0 --smoke -- {sys.executable} "
    assert f"\nagain with: orphan-tracker certify {again}" in done.stdout
    assert f"again with: orphan-tracker replay {saved} -- {sys.executable} " in done.stdout
    assert len(json.loads(saved.read_text())["steps"]) == 2
    assert run_command("replay", str(saved), "--", *command).returncode == 1
    reference = (sys.executable, "-m", "orphan_tracker.driver")
    assert run_command("replay", str(saved), "--", *reference).returncode == 0
    pasted: dict[str, Any] = {}
    exec(done.stdout[done.stdout.index("def test_") :], pasted)
    (test,) = [value for name, value in pasted.items() if name.startswith("test_")]
    with pytest.raises(AssertionError):
        test()


def test_known_failures_are_excused_and_an_entry_that_passes_is_an_error(tmp_path: Path) -> None:
    command = program(tmp_path, HONEST)
    assert certify(command, known_failing=["L1"]).holds
    result = certify(command, known_failing=["L1", "S3"])
    assert not result.holds
    assert result.unexpected == ["S3"]


def test_same_seed_same_suite_same_smallest_failure(tmp_path: Path) -> None:
    command = program(tmp_path, HONEST)
    lives = [[s for s in suite(Plan(seed=seed, scenarios=20)) if s.name.startswith("life/")] for seed in (5, 5, 6)]
    first, second, other = (certificate(Certifier(command, Plan(), 5.0, 60.0).run(one)) for one in lives)
    assert first.digest == second.digest != other.digest
    assert first.failures == second.failures != ()


@pytest.mark.parametrize(
    "arguments",
    [
        ["certify"],
        ["certify", "--"],
        ["certify", "--", "./there-is-no-such-program"],
        ["certify", "--scenarios", "-1", "--", "true"],
        ["certify", "--assume-response-latency", "5s", "--", "true"],
        ["certify", "--assume-response-latency", "soon", "--", "true"],
        ["certify", "--time-limit", "0s", "--", "true"],
        ["certify", "--config", "missing.toml", "--", "true"],
        ["certify", "--known-failing", "missing.txt", "--", "true"],
        ["replay", "missing.json", "--", "true"],
        ["vectors", "write"],
        ["vectors", "run"],
    ],
)
def test_a_wrong_call_is_refused_in_one_line(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1


def test_explain_prints_the_page_and_smoke_is_short(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certify", "--explain"]) == 0
    page = capsys.readouterr().out
    assert page == (Path(__file__).parent.parent / "docs/protocol.md").read_text(encoding="utf-8")
    assert main(["certify", "--smoke", "--", *program(tmp_path, HONEST), "--an-option-of-the-program"]) in (0, 1)
    assert "3 scenarios" in capsys.readouterr().out
