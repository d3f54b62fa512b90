"""Durations are exact: what is written is read back, and what is not whole nanoseconds is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orphan_oracle.durations import UNITS, format_duration, parse
from orphan_oracle.errors import InputError


@pytest.mark.parametrize(
    ("text", "nanoseconds"),
    [
        ("5s", 5_000_000_000),
        ("500ms", 500_000_000),
        ("1.5s", 1_500_000_000),
        ("1m30s", 90_000_000_000),
        ("2h", 7_200_000_000_000),
        ("1us", 1_000),
        ("1ns", 1),
        ("0s", 0),
        ("0.000000001s", 1),
    ],
)
def test_duration_is_read_exactly(text, nanoseconds):
    assert parse(text) == nanoseconds


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5",
        "5 s",
        " 5s",
        "s",
        "-1s",
        "+1s",
        "1.s",
        ".5s",
        "0.5ns",
        "0.0000000001s",
        "1e3s",
        "5S",
        "1s1m",
        "1s1s",
        "٥s",
        "9" * 5000 + "s",
        "5s\n",
        "inf",
        "nan s",
    ],
)
def test_what_is_no_whole_number_of_nanoseconds_is_refused_in_one_line(text):
    with pytest.raises(InputError) as refusal:
        parse(text)
    assert "\n" not in str(refusal.value)
    assert len(str(refusal.value)) < 200


@given(st.integers(0, 10**24))
def test_formatted_duration_reads_back_exactly(nanoseconds):
    assert parse(format_duration(nanoseconds)) == nanoseconds


@given(st.integers(0, 10**9), st.sampled_from(sorted(UNITS)))
def test_every_unit_is_a_whole_number_of_nanoseconds(number, unit):
    assert parse(f"{number}{unit}") == number * UNITS[unit]
