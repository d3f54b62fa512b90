"""The page about the two minutes: what it says of the naive policy comes out again, and the search stops where it should.

The whole page is made anew by `python tests/generate.py --check`; here only what takes a second."""

from itertools import pairwise

import generate
from orphan_desk.simulator import milliseconds
from orphan_oracle import desk_search
from orphan_oracle.desk_pages import ALONE, SEARCHED, before_and_after, measured
from orphan_oracle.desk_search import DIRECTIONS, MEASURED, Direction, search, trial

PAGE = (generate.ROOT / "docs/two-minutes.md").read_text(encoding="utf-8")


def test_the_table_of_the_measured_inputs_is_the_one_on_the_page() -> None:
    assert measured() in PAGE


def test_a_lag_of_three_seconds_gives_both_figures_and_half_a_second_less_does_not() -> None:
    lag = trial(SEARCHED, {**ALONE, "staleness": milliseconds(3_000)})
    assert lag.gives_both
    assert not trial(SEARCHED, {**ALONE, "staleness": milliseconds(2_500)}).gives_both
    row = f"| snapshots that lag | staleness 3s | {lag.false_orphans:g} ({lag.in_flight:g}) |"
    assert row in PAGE


def test_the_page_shows_the_table_with_that_lag() -> None:
    assert before_and_after({**ALONE, "staleness": milliseconds(3_000)}) in PAGE


def test_the_search_takes_the_first_step_that_gives_both_and_else_the_last(monkeypatch) -> None:
    lags = tuple({"staleness": milliseconds(ms)} for ms in (500, 4_000, 6_000))
    never = tuple({"rests_after": share} for share in (0.25, 0.0))
    monkeypatch.setattr(desk_search, "DIRECTIONS", (Direction("a", "", lags), Direction("b", "", never)))
    first, last = search(range(3), ALONE)
    assert (first.changes, first.tried.gives_both) == ({**ALONE, **lags[1]}, True)
    assert (last.changes, last.tried.gives_both) == ({**ALONE, **never[1]}, False)


def test_every_direction_leads_away_from_what_was_measured() -> None:
    for direction in DIRECTIONS:
        values = [getattr(MEASURED, direction.name), *(step[direction.name] for step in direction.steps)]
        sizes = [value if isinstance(value, int | float) else value.longest for value in values]
        steps = [later - earlier for earlier, later in pairwise(sizes)]
        assert all(step > 0 for step in steps) or all(step < 0 for step in steps), direction.name
