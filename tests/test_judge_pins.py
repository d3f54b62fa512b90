"""The judge says of the pinned lives what is written down, word by word."""

from pathlib import Path

import pytest

from judge_pins import BLOCK, LIVES, pin

PINNED = Path(__file__).with_name("judge-pins.txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("start", range(0, LIVES, BLOCK))
def test_the_judge_says_what_is_pinned(start: int) -> None:
    lines = [line for seed in range(start, start + BLOCK) for line in pin(seed)]
    assert "\n".join(["", *lines, ""]) in PINNED


def test_all_that_is_pinned_is_asked() -> None:
    assert PINNED.count("\nlife ") == LIVES
