"""The worked example of docs/desk.md runs as it stands, and prints what the page says."""

import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from orphan_oracle.command import main
from test_fake_exchange_command import serving

PAGE = (Path(__file__).parent.parent / "docs/desk.md").read_text(encoding="utf-8")


def block(language: str, holding: str = "") -> str:
    """The first fenced block in this language that holds the text."""
    found = re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)
    return next(text for text in found if holding in text)


def test_the_example_prints_what_the_page_says_and_leaves_a_clean_log(tmp_path: Path) -> None:
    (tmp_path / "desk.py").write_text(block("python"), encoding="utf-8")
    _, command, *arguments = shlex.split(block("sh", "fake-exchange"))
    assert command == "fake-exchange"
    with serving(*arguments) as (_, address):
        call = [sys.executable, "desk.py", address.strip()]
        ran = subprocess.run(call, cwd=tmp_path, capture_output=True, text=True, check=False, timeout=60)
    assert (ran.stdout, ran.returncode) == (block("text"), 0), ran.stderr
    assert main(["check", str(tmp_path / "desk.ndjson")]) == 0


def test_every_fault_of_the_page_is_a_switch(capsys: pytest.CaptureFixture[str]) -> None:
    rows = re.findall(r"^\| `([a-z-]+)=[^`]+` \|", PAGE, re.MULTILINE)
    assert main(["fake-exchange", "--faults", "none=1"]) == 2
    assert f"there are: {', '.join(rows)}, each" in capsys.readouterr().err
