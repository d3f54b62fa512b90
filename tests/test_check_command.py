"""`orphan-tracker check`: reports, exit statuses, and one line for whatever is wrong."""

import gzip
import io
import json
import subprocess
import sys
from ctypes import ArgumentError
from unittest.mock import Mock

import jsonschema
import pytest

from orphan_oracle import command, terminal
from orphan_oracle.codec import encode
from orphan_oracle.schemas import FOLDER
from orphan_proofs.solver import UndecidedError
from traces import act, end, finalize, learn_end, record, register, sync

TIMELINE = (register(0, "c"), record(0.5, "c", "77"), finalize(0.501, "c", "77"), sync(10, ["77"], local=["77"]))
RACE = (register(0, "c"), sync(0.4, ["77"]), sync(6, ["77"], cancelled=["77"]), record(7, "c", "77"))
SCHEMA = json.loads((FOLDER / "check.json").read_text())


def lines_of(events):
    return b"".join(encode(event) + b"\n" for event in events)


@pytest.fixture
def log(tmp_path):
    def write(events, name="log.ndjson"):
        file = tmp_path / name
        content = events if isinstance(events, bytes) else lines_of(events)
        file.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return str(file)

    return write


@pytest.fixture
def run(capsys):
    def call(*arguments):
        status = command.main(arguments)
        streams = capsys.readouterr()
        return status, streams.out, streams.err

    return call


def test_clean_timeline_exits_0(run, log):
    status, out, err = run("check", log(TIMELINE))
    assert (status, err) == (0, "")
    assert "clean" in out
    assert "events a second" in out


def test_race_exits_1_and_text_names_both_lines_and_the_arithmetic(run, log):
    status, out, err = run("check", log(RACE))
    assert (status, err) == (1, "")
    for part in ("line 3: S3 in_flight_order_is_kept", "because of line 4", "30.000 s - 6.000 s = 24.000 s"):
        assert part in out


def test_json_of_one_file_has_the_fields_that_the_format_promises(run, log):
    status, out, _ = run("check", log(RACE), "--format", "json")
    document = json.loads(out)
    jsonschema.validate(document, SCHEMA)
    assert status == 1
    assert (document["version"], document["events"], document["syncs"], document["warnings"]) == (1, 4, 2, [])
    (violation,) = document["violations"]
    assert list(violation) == ["guarantee", "t", "line", "oid", "cloid", "protected_until", "because_line", "message"]
    del violation["message"]
    assert list(violation.values()) == ["S3", 6 * 10**9, 3, "77", "c", 30 * 10**9, 4]


WHOLE_LIFE = (
    finalize(0, "c", "7"),
    sync(1, ["8"], local=["7"]),
    end(2, "7"),
    learn_end(2, "8"),
    sync(6, ["8"], as_of=1.5, local=["7"], pending=["8"]),
    act(7, ["8"], local=["7"]),
    sync(8, local=["7"]),
    sync(14, local=["7"]),
)


def test_findings_about_ends_and_acts_are_told_in_text_and_json(run, log):
    status, out, err = run("check", log(WHOLE_LIFE))
    assert (status, err) == (1, "")
    for part in ("line 6: S8 ended_order_is_not_cancelled", "line 8: L4 stale_local_order", "not modelled", ": S7"):
        assert part in out
    document = json.loads(run("check", log(WHOLE_LIFE), "--format=json")[1])
    jsonschema.validate(document, SCHEMA)
    told = [(one["guarantee"], one["line"], one["because_line"]) for one in document["violations"]]
    assert (told, document["not_modelled"]) == ([("S8", 6, 4), ("L4", 8, 3)], ["S7"])


def test_nothing_is_said_of_what_is_not_modelled_where_everything_is(run, log, tmp_path):
    config = tmp_path / "c.toml"
    config.write_text('[environment]\nobserve = "cloid"\nowned_cloid_prefix = "c"\n')
    assert "not modelled" not in run("check", log(WHOLE_LIFE), "--config", str(config))[1]


def test_violation_of_what_the_log_is_else_not_judged_by_fails_in_junit(run, log):
    late = [sync(5, ["7"]), sync(6, ["7"], as_of=1, cancelled=["7"])]
    out = run("check", log(late), "--format=junit")[1]
    assert 'failures="1"' in out
    assert "S8" in out


def test_several_files_are_judged_each_on_its_own(run, log):
    first, second = log(RACE, "a.ndjson"), log(TIMELINE, "b.ndjson.gz")
    status, out, _ = run("check", first, second, "--format=json")
    document = json.loads(out)
    jsonschema.validate(document, SCHEMA)
    assert (status, document["events"], document["syncs"]) == (1, 8, 3)
    assert [(one["file"], len(one["violations"])) for one in document["files"]] == [(first, 1), (second, 0)]


def test_standard_input_is_read(run, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(lines_of(RACE))))
    assert run("check", "-")[0] == 1


def test_link_horizon_turns_a_violation_into_a_warning_and_back(run, log):
    late = log([*RACE[:3], record(40, "c", "77")])
    status, out, _ = run("check", late)
    assert status == 0
    assert "line 3" in out
    assert "line 4: warning" in out
    assert run("check", late, "--link-horizon", "34s")[0] == 1
    assert run("check", late, "--link-horizon", "33.999s")[0] == 0
    assert run("check", late, "--link-horizon", "inf")[0] == 1


def test_configuration_is_obeyed(run, log, tmp_path):
    config = tmp_path / "c.toml"
    config.write_text('[tracker]\norphan_grace_period = "1ms"\n')
    orphan = log([sync(1, ["7"]), sync(1.5, ["7"], cancelled=["7"])])
    assert run("check", orphan)[0] == 1
    assert run("check", orphan, "--config", str(config))[0] == 0


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["chek"],
        ["check"],
        ["check", "LOG", "--format", "xml"],
        ["check", "LOG", "--confg", "x"],
        ["check", "LOG", "--config"],
        ["check", "LOG", "--config", "/nowhere/c.toml"],
        ["check", "LOG", "--link-horizon", "5"],
        ["check", "LOG", "--link-horizon", "-5s"],
        ["check", "-", "-"],
        ["check", "/nowhere/log.ndjson"],
        ["check", "/"],
        ["check", "LOG", "BAD"],
        ["check", "CUT.gz"],
        ["check", "PLAIN.gz"],
    ],
    ids=" ".join,
)
@pytest.mark.parametrize("form", ["text", "json"])
def test_bad_input_and_bad_calls_exit_2_with_one_line_and_nothing_written(run, log, tmp_path, arguments, form):
    (tmp_path / "CUT.gz").write_bytes(gzip.compress(lines_of(TIMELINE))[:-12])
    (tmp_path / "PLAIN.gz").write_bytes(lines_of(TIMELINE))
    places = {"LOG": log(TIMELINE), "BAD": log(b'{"event":"cleanup"}\n', "bad")}
    places |= {name: str(tmp_path / name) for name in ("CUT.gz", "PLAIN.gz")}
    form_arguments = ["--format", form] if len(arguments) > 1 and "--format" not in arguments else []
    call = [places.get(argument, argument) for argument in arguments]
    status, out, err = run(*call[:1], *form_arguments, *call[1:])
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert err.startswith("orphan-tracker: ")
    assert "Traceback" not in err


def test_version_is_told(run):
    status, out, _ = run("--version")
    assert status == 0
    assert out.startswith("orphan-tracker ")


def test_control_characters_of_a_log_never_reach_the_terminal(run, log):
    status, out, err = run("check", log([sync(1, ["\x1b[31m7\n\x9b"], cancelled=["\x1b[31m7\n\x9b"])]))
    assert status == 1
    assert all(line.isprintable() for line in (out + err).splitlines())
    assert "\\x1b[31m7\\n\\x9b" in out


@pytest.mark.parametrize("columns", [20, 40, 80])
def test_text_fits_a_narrow_window(run, log, monkeypatch, columns):
    monkeypatch.setattr(terminal, "width", lambda: columns)
    monkeypatch.setattr("orphan_oracle.commands.check.width", lambda: columns)
    _, out, _ = run("check", log(RACE, "a"))
    body = [line for line in out.splitlines() if "/" not in line]
    assert max(map(len, body)) <= max(columns, 26)


@pytest.mark.parametrize(("package", "extra"), [("cyclopts", "oracle"), ("msgspec", "oracle"), ("z3", "proofs")])
def test_missing_extra_is_named_in_one_line(run, monkeypatch, package, extra):
    def missing(_):
        raise ModuleNotFoundError(f"No module named '{package}'", name=package)

    monkeypatch.setattr(command, "_run", missing)
    status, out, err = run("check", "x")
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert f"orphan-tracker[{extra}]" in err


def test_only_the_standard_library_is_imported_before_a_command_is_called():
    code = (
        "import sys; import orphan_oracle.command; print(sorted({'msgspec','cyclopts','rich','z3'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_reader_who_closes_the_pipe_is_no_error(log):
    many = log([sync(n, [f"{n}"], cancelled=[f"{n}"]) for n in range(1, 5000)])
    call = [sys.executable, "-m", "orphan_oracle.command", "check", many]
    process = subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == b""
    process.stderr.close()
    assert process.wait(20) == 1


def check_that_meets(error, monkeypatch, log):
    monkeypatch.setattr("orphan_oracle.commands.check.check_files", Mock(side_effect=error))
    return command.main(["check", log(TIMELINE)])


@pytest.mark.parametrize(
    ("error", "status", "said"),
    [
        (KeyboardInterrupt(), 130, "interrupted"),
        (ArgumentError("argument 1: KeyboardInterrupt: "), 130, "interrupted"),
        (UndecidedError("the solver answered unknown:\nincomplete"), 1, "the solver answered unknown: incomplete"),
    ],
)
def test_an_interrupt_and_a_solver_that_cannot_tell_are_one_line(error, status, said, monkeypatch, capsys, log):
    assert check_that_meets(error, monkeypatch, log) == status
    assert capsys.readouterr() == ("", f"orphan-tracker: {said}\n")


@pytest.mark.parametrize("error", [ArgumentError("argument 1: wrong type"), RuntimeError("a bug")])
def test_a_bug_is_not_taken_for_either(error, monkeypatch, log):
    with pytest.raises(type(error)):
        check_that_meets(error, monkeypatch, log)
