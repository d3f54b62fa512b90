"""What a user of the tracker may rely on besides the norms: refusals, notices, the auditor, bounded memory."""

import pytest

from orphan_tracker import NOT_STATED, NoticeKind, OpenOrder, OrphanTracker, OrphanTrackerConfig, SafetyAuditor
from tracker_kit import Kit, S
from tracker_state import clone, normal_form


def busy_tracker() -> OrphanTracker:
    """A tracker that holds something of every kind."""
    tracker = OrphanTracker()
    tracker.register_expected_cloids(["a", "b", "c"], 0)
    tracker.record_oid_for_cloid("a", "1", S)
    tracker.mark_finalized("b", "2", S)
    tracker.mark_failed("c", S)
    tracker.mark_ended("6", S)
    tracker.filter_aged_orphans(["1", OpenOrder("3", "a"), OpenOrder("4", "x"), "5"], 2 * S)
    return tracker


REFUSED = {
    "now goes back": lambda t: t.cleanup(2 * S - 1),
    "now is no whole number": lambda t: t.cleanup(3.0 * S),
    "now is a truth value": lambda t: t.cleanup(True),
    "now is negative": lambda t: OrphanTracker().cleanup(-1) or t.cleanup(-1),
    "register back in time": lambda t: t.register_expected_cloids(["d"], S),
    "register one text": lambda t: t.register_expected_cloids("abc", 3 * S),
    "register no text": lambda t: t.register_expected_cloids(["d", 7], 3 * S),
    "register an empty text": lambda t: t.register_expected_cloids(["d", ""], 3 * S),
    "record back in time": lambda t: t.record_oid_for_cloid("a", "9", S),
    "record a whole number": lambda t: t.record_oid_for_cloid("a", 9, 3 * S),
    "record no CLOID": lambda t: t.record_oid_for_cloid(None, "9", 3 * S),
    "finalize back in time": lambda t: t.mark_finalized("a", "9", S),
    "finalize a whole number": lambda t: t.mark_finalized("a", 9, 3 * S),
    "fail back in time": lambda t: t.mark_failed("a", S),
    "fail no CLOID": lambda t: t.mark_failed(None, 3 * S),
    "clear back in time": lambda t: t.clear_orphan("4", S),
    "clear a whole number": lambda t: t.clear_orphan(4, 3 * S),
    "end back in time": lambda t: t.mark_ended("4", S),
    "end a whole number": lambda t: t.mark_ended(4, 3 * S),
    "confirm back in time": lambda t: t.confirm(["4"], [], S),
    "confirm one text": lambda t: t.confirm("45", [], 3 * S),
    "confirm against one text": lambda t: t.confirm(["4"], "45", 3 * S),
    "confirm a whole number": lambda t: t.confirm([4], [], 3 * S),
    "ask back in time": lambda t: t.protected_oids(S),
    "stats back in time": lambda t: t.stats(S),
    "sync back in time": lambda t: t.filter_aged_orphans(["9"], S),
    "failed sync back in time": lambda t: t.filter_aged_orphans(None, S),
    "sync a snapshot of the future": lambda t: t.filter_aged_orphans(["9"], 9 * S, 9 * S + 1),
    "sync a negative as_of": lambda t: t.filter_aged_orphans(["9"], 9 * S, -1),
    "sync one text": lambda t: t.filter_aged_orphans("99", 9 * S),
    "sync a whole number": lambda t: t.filter_aged_orphans(["9", 10], 9 * S),
}


@pytest.mark.parametrize("call", REFUSED.values(), ids=REFUSED.keys())
def test_refused_call_changes_nothing(call) -> None:
    tracker = busy_tracker()
    before = normal_form(tracker, 2 * S, snapshot_age_max=10 * S)
    counts = tracker.stats(2 * S)
    with pytest.raises(ValueError, match=r"has to be|must not go back|cannot show"):
        call(tracker)
    assert normal_form(tracker, 2 * S, snapshot_age_max=10 * S) == before
    assert tracker.stats(2 * S) == counts


def test_predicate_that_raises_changes_nothing() -> None:
    def owns(cloid: str) -> bool:
        if cloid == "bad":
            raise LookupError
        return True

    tracker = OrphanTracker(OrphanTrackerConfig(owns_cloid=owns))
    tracker.register_expected_cloids(["a"], S)
    before = normal_form(tracker, S)
    with pytest.raises(LookupError):
        tracker.register_expected_cloids(["b", "bad"], 2 * S)
    with pytest.raises(LookupError):
        tracker.filter_aged_orphans([OpenOrder("1", "a"), OpenOrder("2", "bad")], 2 * S)
    assert normal_form(tracker, S) == before
    assert tracker.stats(S).candidates == 0


def test_failed_fetch_changes_nothing() -> None:
    tracker = busy_tracker()
    before = normal_form(tracker, 2 * S, snapshot_age_max=10 * S)
    tracker.filter_aged_orphans(None, 2 * S)
    assert normal_form(tracker, 2 * S, snapshot_age_max=10 * S) == before


def test_clone_shares_nothing() -> None:
    tracker = busy_tracker()
    twin = clone(tracker)
    before = normal_form(tracker, 3 * S)
    assert normal_form(twin, 3 * S) == before
    twin.register_expected_cloids(["a", "z"], 3 * S)
    twin.record_oid_for_cloid("a", "9", 3 * S)
    twin.mark_finalized("a", "1", 3 * S)
    twin.mark_ended("3", 3 * S)
    twin.filter_aged_orphans([OpenOrder("8", "x")], 4 * S)
    twin.cleanup(100 * S)
    assert normal_form(tracker, 3 * S) == before


def test_defaults_are_those_of_the_design() -> None:
    config = OrphanTrackerConfig()
    assert (config.orphan_grace_period, config.expected_cloid_ttl, config.finalized_protection_period) == (
        5 * S,
        30 * S,
        10 * S,
    )
    with pytest.raises(AttributeError):
        config.orphan_grace_period = 1  # type: ignore[misc]


@pytest.mark.parametrize("wrong", ["", 7, b"c"])
def test_prefix_that_owns_nothing_or_everything_is_refused(wrong: object) -> None:
    with pytest.raises(ValueError, match="owned_cloid_prefix"):
        OrphanTrackerConfig(owned_cloid_prefix=wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="owns_cloid"):
        OrphanTrackerConfig(owns_cloid="c")  # type: ignore[arg-type]


def test_every_notice_is_told_and_counted(kit: Kit) -> None:
    desk = kit.desk(owned_cloid_prefix="c")
    told = []
    told += desk.register(0, "c", "c2", "x")
    told += desk.record(0, "gone", "1")
    told += desk.record(0, "c", "1")
    told += desk.finalize(0, "c", "2")
    told += desk.finalize(0, "c2", "1")
    told += desk.register(0, "c2")
    told += desk.finalize(0, "c2", "1")
    told += desk.finalize(0, "gone", "3")
    told += desk.fail(0, "gone")
    told += desk.fail(0, "x")
    told += desk.record(0, "c2", "1")
    told += desk.fail(0, "c2")
    told += desk.clear(0, "77")
    desk.sync(S, ("1", "c9"), ("5", "c", None))
    told += [notice.kind.name for notice in desk.decision.notices]
    desk.end(S, "1")
    desk.sync(2 * S, "1")
    told += [notice.kind.name for notice in desk.decision.notices]
    desk.sync(2 * S, as_of=0)
    told += [notice.kind.name for notice in desk.decision.notices]
    told += [notice.kind.name for notice in desk.tracker.filter_aged_orphans(None, 2 * S).notices]
    assert set(told) == {
        "REGISTERED_NOT_OWNED",
        "RECORDED_UNEXPECTED",
        "RECORDED_FOR_ANOTHER",
        "FINALIZED_UNRECORDED",
        "FINALIZED_FOR_ANOTHER",
        "FINALIZED_UNEXPECTED",
        "FINALIZED_EARLIER",
        "FAILED_UNEXPECTED",
        "FAILED_WITH_OID",
        "CLEARED_UNKNOWN",
        "SHOWN_WITH_SEVERAL",
        "SHOWN_WITH_ANOTHER",
        "SHOWN_AFTER_END",
        "SNAPSHOT_LATE",
        "SNAPSHOT_FAILED",
    }
    assert set(told) == {kind.name for kind in NoticeKind}
    counted = {kind.name: count for kind, count in desk.tracker.stats(2 * S).notices.items()}
    assert counted == {name: told.count(name) for name in set(told)}


def test_obedient_life_causes_no_notice(kit: Kit) -> None:
    desk = kit.desk()
    desk.register(0, "c")
    desk.record(S, "c", "7")
    desk.finalize(S, "c", "7")
    desk.sync(10 * S, "9")
    desk.sync(20 * S, "9")
    desk.clear(20 * S, "9")
    assert desk.tracker.stats(20 * S).notices == {}


def test_values_read_as_sentences() -> None:
    tracker = OrphanTracker()
    (notice,) = tracker.record_oid_for_cloid("c", "7", 5)
    assert str(notice) == "CLOID c OID 7 at 5 ns: an OID was recorded for a CLOID that is unknown or has ended"
    decision = tracker.filter_aged_orphans(["7"], 6)
    assert str(decision.explanations[0]) == (
        "7 kept at 6 ns: the OID was acknowledged a short while ago (10000000005 ns)"
    )
    with pytest.raises(KeyError):
        decision.explanation_of("8")


class TestAuditor:
    """`SafetyAuditor.find_orphans` compares and does nothing else."""

    def test_keeps_the_order_and_lists_each_once(self) -> None:
        assert SafetyAuditor.find_orphans(["3", "1", "3", "2", "1"], {"1"}) == ["3", "2"]

    def test_unites_the_cloids(self) -> None:
        listing = [OpenOrder("7"), OpenOrder("7", "a"), OpenOrder("8"), OpenOrder("7", None), OpenOrder("7", "a")]
        seven, eight = SafetyAuditor.find_orphans(listing, [])
        assert (seven.oid, seven.stated, seven.cloids) == ("7", ("a", None), ("a",))
        assert eight == OpenOrder("8", NOT_STATED)

    def test_failed_fetch_stays_one(self) -> None:
        assert SafetyAuditor.find_orphans(None, []) is None
        assert SafetyAuditor.find_orphans([], ["7"]) == []

    def test_refuses_one_text(self) -> None:
        with pytest.raises(ValueError, match="one text"):
            SafetyAuditor.find_orphans("77", [])
        with pytest.raises(ValueError, match="one text"):
            SafetyAuditor.find_orphans(["77"], "77")

    def test_iterators_will_do(self) -> None:
        assert SafetyAuditor.find_orphans((oid for oid in ("1", "2")), ["1"]) == ["2"]


class TestMemoryIsBounded:
    """R1: what is held is bounded by what happened inside the windows, whether cleanup is called or not.

    Without any sync, a fixed number of ended windows is held besides."""

    def held(self, tracker: OrphanTracker) -> int:
        memory = tracker._memory
        parts = (memory.windows, memory.closed, memory.heard_until, memory.links, memory.orders, memory.shown)
        more = (memory.ended, memory.candidates, tracker._first_seen, tracker._latest)
        return sum(map(len, (*parts, *more)))

    def most_held(self, *, syncs: bool) -> int:
        tracker = OrphanTracker()
        most = 0
        for n in range(3_000):
            now = n * S
            tracker.register_expected_cloids([f"c{n}", f"d{n}"], now)
            tracker.record_oid_for_cloid(f"c{n}", f"{n}", now)
            tracker.mark_finalized(f"c{n}", f"{n}", now)
            tracker.mark_failed(f"x{n}", now)
            tracker.clear_orphan(f"y{n}", now)
            tracker.mark_ended(f"{n}", now)
            if syncs and n % 10 == 0:
                tracker.filter_aged_orphans([f"{n}", OpenOrder(f"o{n}", f"d{n}")], now)
            most = max(most, self.held(tracker))
        return most

    def test_with_syncs(self) -> None:
        assert self.most_held(syncs=True) < 160

    def test_without_syncs(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("orphan_tracker.memory.REMNANTS", 100)
        assert self.most_held(syncs=False) < 350

    def test_all_is_gone_when_all_windows_are_over(self) -> None:
        tracker = busy_tracker()
        tracker.filter_aged_orphans([], 60 * S)
        assert self.held(tracker) == 0
