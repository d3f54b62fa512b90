"""Properties of the reference with every length and every instant open, for a solver as well as for random examples.

One rule. Each says in plain arithmetic what the answer is, so that where the boundary lies is a matter of numbers alone,
and a backend that reads the tracker's comparisons as constraints meets it exactly.
"""

from naive_model import NaiveModel
from tracker_kit import Constants, Event, Kit

KINDS = ("register", "record", "finalize", "fail", "clear", "sync by OID", "sync by CLOID")
"""What can happen in a short life of one order."""


def check_expected_window(kit: Kit, ttl: int, grace: int, first: int, later: int) -> None:
    """Kept while its CLOID is expected, `[0, ttl)`; then cancelled at grace after the first sync that saw it alone."""
    desk = kit.desk(Constants(grace, ttl, 1))
    desk.register(0, "c")
    assert desk.sync(first, ("7", "c")) == []
    assert (desk.why("7")[0] == "EXPECTED") == (first < ttl)
    aged = desk.sync(first + later, ("7", "c"))
    assert (aged == ["7"]) == (first >= ttl and later >= grace)


def check_heard_of_window(kit: Kit, protection: int, grace: int, first: int, later: int) -> None:
    """Kept for the protection period after it was finalized; then cancelled at grace after it was first seen alone."""
    desk = kit.desk(Constants(grace, 1, protection))
    desk.finalize(0, "c", "7")
    assert desk.sync(first, "7") == []
    assert (desk.why("7")[0] == "FINALIZED") == (first < protection)
    assert (desk.sync(first + later, "7") == ["7"]) == (first >= protection and later >= grace)


def check_snapshots(kit: Kit, grace: int, shown: int, later: int, received: int) -> None:
    """An age is measured from `as_of` to `as_of`, whenever the snapshots were received."""
    desk = kit.desk(Constants(grace, 1, 1))
    assert desk.sync(shown + received, "7", as_of=shown) == []
    aged = desk.sync(shown + received + later, "7", as_of=shown + later)
    assert (aged == ["7"]) == (later >= grace)


def check_short_life(kit: Kit, grace: int, ttl: int, protection: int, life: list[tuple[str, int]]) -> None:
    """In a short life with any lengths and any delays, the tracker answers what the naive model answers."""
    constants = Constants(grace, ttl, protection)
    desk, naive, now = kit.desk(constants), NaiveModel(constants), 0
    for what, delay in life:
        now += delay
        if what.startswith("sync"):
            listing = (("7", ("c",) if what == "sync by CLOID" else ()),)
            event = Event("sync", now, as_of=now, listing=listing)
        else:
            event = Event(what, now, ("c",), "7")
        assert desk.apply(event) == naive.apply(event)
