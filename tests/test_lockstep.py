"""The reference is the machine: in lockstep to the fixpoint, for one order and for two, in both ways to observe."""

import pytest

from lockstep import DivergenceError, Explored, Lockstep, scaled
from planted_bugs import BUGS, planted
from tracker_kit import Kit

OID, CLOID = 0, 1

ONE = {
    (1, 1, 1, OID): Explored(3070, 750, 320, 128),
    (2, 3, 2, OID): Explored(9058, 2918, 750, 257),
    (3, 2, 2, OID): Explored(11826, 3126, 759, 318),
    (2, 1, 3, OID): Explored(9938, 1634, 927, 204),
    (1, 1, 1, CLOID): Explored(2714, 790, 262, 106),
    (2, 3, 2, CLOID): Explored(7442, 2602, 639, 151),
    (3, 2, 2, CLOID): Explored(10234, 3282, 590, 212),
    (2, 1, 3, CLOID): Explored(9190, 1746, 828, 167),
}
"""What is seen of one order in the machine's own world; grace, TTL, protection, and what a listing shows."""

TWO = {
    (("CLEAR", "FAIL", "FINALIZE"), OID): Explored(7178, 1718, 3792, 5826),
    (("CLEAR", "FAIL", "RECORD_OID"), CLOID): Explored(9071, 1996, 4113, 3660),
}
"""What is seen of two orders in a free world, without some events, all constants 1."""

TWO_WHOLE = {OID: Explored(155322, 11232, 54976, 180642), CLOID: Explored(100666, 12048, 34694, 122844)}
"""The same with all events."""


@pytest.mark.parametrize("case", ONE, ids=str)
def test_one_order_runs_in_lockstep_to_the_fixpoint(kit: Kit, case: tuple[int, int, int, int]) -> None:
    assert Lockstep(kit, scaled(*case)).explore() == ONE[case]


@pytest.mark.parametrize("case", TWO, ids=str)
def test_two_orders_run_in_lockstep_to_the_fixpoint(kit: Kit, case: tuple[tuple[str, ...], int]) -> None:
    without, observe = case
    assert Lockstep(kit, scaled(1, 1, 1, observe), 2, without, free=True).explore() == TWO[case]


@pytest.mark.deep
@pytest.mark.parametrize("observe", [OID, CLOID], ids=["oid", "cloid"])
def test_two_orders_run_in_lockstep_with_all_events(kit: Kit, observe: int) -> None:
    assert Lockstep(kit, scaled(1, 1, 1, observe), 2, free=True).explore() == TWO_WHOLE[observe]


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
        "    0  SYNC: SYNC_SEES_ORPHAN_BY_CLOID",
        "order 0: machine SYNC_SEES_ORPHAN_BY_CLOID (keep), tracker AGED (aged True)",
    ]
