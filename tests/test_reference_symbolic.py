"""The tracker's properties with all numbers open: by random examples always, and by CrossHair's solver where asked for.

    HYPOTHESIS_PROFILE=crosshair pytest tests/test_reference_symbolic.py

What symbolic execution adds, and what it cannot do, is written down in docs/symbolic-execution.md.
"""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from planted_bugs import BUGS, planted
from symbolic_checks import KINDS, check_expected_window, check_heard_of_window, check_short_life, check_snapshots
from tracker_kit import Kit

LENGTHS = st.integers(1, 2**50)
DELAYS = st.integers(0, 2**50)
LIVES = st.lists(st.tuples(st.sampled_from(KINDS), DELAYS), min_size=1, max_size=4)

CHECKS = {
    check_expected_window: (LENGTHS, LENGTHS, DELAYS, DELAYS),
    check_heard_of_window: (LENGTHS, LENGTHS, DELAYS, DELAYS),
    check_snapshots: (LENGTHS, DELAYS, DELAYS, DELAYS),
    check_short_life: (LENGTHS, LENGTHS, LENGTHS, LIVES),
}


@given(*CHECKS[check_expected_window])
def test_expected_window_is_half_open_and_grace_follows_it(
    kit: Kit, ttl: int, grace: int, first: int, later: int
) -> None:
    check_expected_window(kit, ttl, grace, first, later)


@given(*CHECKS[check_heard_of_window])
def test_heard_of_window_is_half_open_and_grace_follows_it(
    kit: Kit, length: int, grace: int, first: int, later: int
) -> None:
    check_heard_of_window(kit, length, grace, first, later)


@given(*CHECKS[check_snapshots])
def test_age_is_measured_between_snapshots(kit: Kit, grace: int, shown: int, later: int, received: int) -> None:
    check_snapshots(kit, grace, shown, later, received)


@given(*CHECKS[check_short_life])
def test_short_lives_agree_with_the_naive_model(
    kit: Kit, grace: int, ttl: int, protection: int, life: list[tuple[str, int]]
) -> None:
    check_short_life(kit, grace, ttl, protection, life)


ONLY_BY_SOLVING = ("heard-of window is closed, not half-open", "listing links nothing", "nothing is forgotten")
"""Planted bugs that forty lives chosen by the solver show, and forty random lives with the same numbers open do not."""


def shows(kit: Kit, backend: str) -> bool:
    """Whether forty short lives show a bug."""

    @settings(
        backend=backend,
        max_examples=40,
        deadline=None,
        derandomize=True,
        database=None,
        phases=(Phase.generate,),
        suppress_health_check=tuple(HealthCheck),
    )
    @given(st.tuples(*CHECKS[check_short_life]))
    def run(values: tuple[int, int, int, list[tuple[str, int]]]) -> None:
        check_short_life(kit, *values)

    try:
        run()
    except AssertionError:
        return True
    return False


@pytest.mark.deep
@pytest.mark.parametrize("name", ONLY_BY_SOLVING)
def test_the_solver_shows_what_random_numbers_do_not(name: str) -> None:
    with planted(next(bug for bug in BUGS if bug.name == name)) as kit:
        assert shows(kit, "crosshair")
        assert not shows(kit, "hypothesis")
