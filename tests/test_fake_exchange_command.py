"""`orphan-tracker fake-exchange`: it says where it listens, ends when asked to, and refuses in one line."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from http.client import HTTPConnection
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator

from orphan_oracle.command import main

SCHEMA = Path(__file__).parent.parent / "spec/orphan_oracle/schemas/fake-exchange.json"


@contextmanager
def serving(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """The command as a process of its own, with the line that it writes first."""
    call = [sys.executable, "-m", "orphan_oracle.command", "fake-exchange", *arguments]
    with subprocess.Popen(call, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            yield process, process.stdout.readline()
        finally:
            process.kill()


def ask(address: str, body: object) -> int:
    connection = HTTPConnection(address.strip().removeprefix("http://"))
    connection.request("POST", "/info", json.dumps(body))
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_ended_and_that_is_no_failure(number: signal.Signals) -> None:
    with serving("--faults", "answer-delay=1s..2s,lost-answers=1") as (process, address):
        assert ask(address, {"type": "meta"}) == 200
        process.send_signal(number)
        output, errors = process.communicate(timeout=20)
    assert (output, errors, process.returncode) == ("", "", 0)


def test_what_was_asked_and_is_not_known_is_said_at_the_end() -> None:
    with serving("--format", "json") as (process, line):
        document = json.loads(line)
        Draft202012Validator(json.loads(SCHEMA.read_text())).validate(document)
        assert ask(document["address"], {"type": "userAbstraction"}) == 422
        process.send_signal(signal.SIGTERM)
        _, errors = process.communicate(timeout=20)
    assert process.returncode == 1
    assert errors.startswith("refused: /info of type 'userAbstraction' is not known; there are: meta, ")
    assert errors.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--host", "0.0.0.0"], "on this machine only"),
        (["--port", "70000"], "--port must be from 0 to 65535"),
        (["--faults", "gremlins=1"], "is no fault; there are: answer-delay, "),
        (["--faults", "rejects"], "write it as rejects=0.2"),
        (["--faults", "rejects=1.5"], "a share from 0 to 1"),
        (["--faults", "rejects=nan"], "a share from 0 to 1"),
        (["--faults", "answer-delay=3s..1s"], "the shorter duration comes first"),
        (["--faults", "slow-cancels=quick"], "slow-cancels: "),
        (["--faults", "restarts=30s"], "EVERY/TAKES"),
        (["--faults", "restarts=3s/3s"], "below restart_every"),
        (["--faults", "stale-lists=2h"], "an hour"),
        (["--faults", "rejects=0.1,rejects=0.2"], "given twice"),
    ],
)
def test_bad_input_is_one_line_and_status_2(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["fake-exchange", *arguments]) == 2
    output, errors = capsys.readouterr()
    assert output == ""
    assert said in errors
    assert errors.count("\n") == 1


def test_a_port_that_is_taken_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with serving() as (_, address):
        port = address.strip().rpartition(":")[2]
        assert main(["fake-exchange", "--port", port]) == 2
    assert "--port 0 takes a free port" in capsys.readouterr().err
