"""The reference is the machine: in lockstep to the fixpoint, for one order and for two, in both ways to observe."""

import pytest

from lockstep import DivergenceError, Explored, Lockstep, scaled
from planted_bugs import BUGS, planted
from tracker_kit import Kit

OID, CLOID = 0, 1

ONE = {
    (1, 1, 1, OID): Explored(6016, 1228, 707),
    (2, 3, 2, OID): Explored(28566, 7604, 1665),
    (1, 1, 1, CLOID): Explored(4934, 1144, 537),
    (2, 3, 2, CLOID): Explored(23262, 6292, 1389),
}
"""What is seen of one order in the machine's own world; grace, TTL, protection, and what a listing shows."""

ONE_DEEP = {
    (3, 2, 2, OID): Explored(49134, 11400, 1615),
    (2, 1, 3, OID): Explored(28472, 4782, 2039),
    (3, 2, 2, CLOID): Explored(39992, 9732, 1261),
    (2, 1, 3, CLOID): Explored(23716, 4120, 1714),
}
"""The same at other constants."""

TWO = {
    (("CLEAR", "FAIL", "FINALIZE", "LEARN_END", "ACT"), OID): Explored(14091, 3229, 9386),
    (("CLEAR", "FAIL", "RECORD_OID", "LEARN_END", "ACT"), CLOID): Explored(12533, 2349, 6125),
}
"""What is seen of two orders in a free world, without some events, all constants 1."""


@pytest.mark.parametrize("case", ONE, ids=str)
def test_one_order_runs_in_lockstep_to_the_fixpoint(kit: Kit, case: tuple[int, int, int, int]) -> None:
    assert Lockstep(kit, scaled(*case)).explore() == ONE[case]


@pytest.mark.parametrize(
    "case", [pytest.param(case, marks=[pytest.mark.deep] * (case[1] == OID), id=str(case)) for case in TWO]
)
def test_two_orders_run_in_lockstep_to_the_fixpoint(kit: Kit, case: tuple[tuple[str, ...], int]) -> None:
    without, observe = case
    assert Lockstep(kit, scaled(1, 1, 1, observe), 2, without, free=True).explore() == TWO[case]


@pytest.mark.deep
@pytest.mark.parametrize("case", ONE_DEEP, ids=str)
def test_one_order_runs_in_lockstep_at_other_constants(kit: Kit, case: tuple[int, int, int, int]) -> None:
    assert Lockstep(kit, scaled(*case)).explore() == ONE_DEEP[case]


@pytest.mark.parametrize("observe", [OID, CLOID], ids=["oid", "cloid"])
def test_free_world_reaches_every_tracker_that_the_machines_own_world_reaches(kit: Kit, observe: int) -> None:
    own, free = (Lockstep(kit, scaled(1, 2, 1, observe), free=free).explore() for free in (False, True))
    assert own.tracker == free.tracker


def test_first_difference_is_shown_as_a_shortest_run() -> None:
    bug = next(bug for bug in BUGS if bug.name == "no grace")
    with planted(bug) as kit, pytest.raises(DivergenceError) as caught:
        Lockstep(kit, scaled(2, 3, 2, CLOID)).explore()
    assert str(caught.value).splitlines() == [
        "grace=2 ttl=3 protection=2 observe=1",
        "    0  APPEAR",
        "    0  SYNC: SYNC_SEES_ORPHAN",
        "order 0: machine SYNC_SEES_ORPHAN (keep), tracker AGED (aged True)",
    ]
