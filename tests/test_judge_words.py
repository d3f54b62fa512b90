"""How the judge writes instants: in seconds, exact, with three decimals or more."""

import pytest

from orphan_spec.findings import seconds

WRITTEN = [
    (0, "0.000 s"),
    (1, "0.000000001 s"),
    (250_000_000, "0.250 s"),
    (1_500_000_000, "1.500 s"),
    (10_000_000_000, "10.000 s"),
    (1_234_560_000, "1.23456 s"),
    (-250_000_000, "-0.250 s"),
]


@pytest.mark.parametrize(("instant", "text"), WRITTEN)
def test_seconds_are_exact_and_have_three_decimals_or_more(instant: int, text: str) -> None:
    assert seconds(instant) == text
