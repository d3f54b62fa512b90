"""Every word that the reference says: each reply of its driver and each refusal, letter by letter."""

import io
import json
import re
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pytest

from orphan_tracker import NoticeKind, OpenOrder, OrphanTracker, OrphanTrackerConfig, Reason, SafetyAuditor, driver
from orphan_tracker.driver import EVENTS, answer, answers
from orphan_tracker.memory import REMNANTS
from orphan_tracker.model import Explanation, Notice, TrackerStats

Fields = dict[str, Any]
Call = Callable[[], object]

CONFIG: Fields = {"orphan_grace_period": 2, "expected_cloid_ttl": 4, "finalized_protection_period": 3}
SUPPORTED = ", ".join(EVENTS)


def say(request: object) -> Fields:
    reply, stops = answer(json.dumps(request))
    assert not stops
    return reply


def run(*steps: object, **config: object) -> Fields:
    return say({"op": "run", "id": 7, "config": CONFIG | config, "steps": list(steps)})


def results(*steps: object, **config: object) -> list[Fields]:
    reply = run(*steps, **config)
    assert reply.keys() == {"id", "ok", "results"}
    assert reply["id"] == 7
    assert reply["ok"] is True
    found: list[Fields] = reply["results"]
    return found


def sync(t: int, *oids: object, **more: object) -> Fields:
    return {"event": "sync", "t": t, "open": [{"oid": oid} for oid in oids], "local": []} | more


def test_start_says_who_answers() -> None:
    assert say({"op": "start", "version": 1}) == {
        "ok": True,
        "implementation": {"name": "orphan_tracker", "language": "python", "version": version("orphan-tracker")},
        "clock": "virtual",
        "events": list(EVENTS),
    }


def test_start_says_version_0_where_the_package_is_not_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> str:
        raise PackageNotFoundError(name)

    monkeypatch.setattr(driver, "version", missing)
    assert say({"op": "start", "version": 1})["implementation"]["version"] == "0"


def test_stop_is_the_last_request() -> None:
    assert answer('{"op":"stop"}') == ({"ok": True}, True)
    lines = ["\n", '{"op":"start","version":1}\n', "  \n", '{"op":"stop"}\n', '{"op":"start","version":1}\n']
    assert [reply["ok"] for reply in answers(lines)] == [True, True]


def test_main_writes_a_line_for_each_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    lines = b'{"op":"run","id":1,"config":{},"steps":[]}\n{"op":"stop"}\n'
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(lines)))
    driver.main()
    first, second, rest = capsys.readouterr().out.split("\n")
    assert json.loads(first)["errored"] is True
    assert (json.loads(second), rest) == ({"ok": True}, "")


BAD: list[tuple[object, str, str]] = [
    ([], "ValueError", "a request is []; it has to be a JSON object"),
    ({"op": "jump"}, "ValueError", "op is 'jump'; it has to be 'start', 'run' or 'stop'"),
    ({"op": "start"}, "ValueError", "version is None; this program speaks version 1"),
    ({"op": "start", "version": 2}, "ValueError", "version is 2; this program speaks version 1"),
    ({"op": "run"}, "ValueError", "config is None; it has to be a JSON object"),
    ({"op": "run", "config": CONFIG}, "ValueError", "steps is None; it has to be a list"),
    ({"op": "run", "config": CONFIG, "steps": [3]}, "ValueError", "step 0 is 3; it has to be a JSON object"),
]


@pytest.mark.parametrize(("request_", "kind", "message"), BAD)
def test_bad_request_is_told_what_would_be_right(request_: object, kind: str, message: str) -> None:
    assert say(request_) == {"errored": True, "context": {"message": message, "type": kind}}


def test_what_is_no_json_is_told_so() -> None:
    reply, stops = answer("{")
    assert not stops
    assert reply.keys() == {"errored", "context"}
    assert reply["context"]["type"] == "JSONDecodeError"


WRONG_CONFIGS: list[tuple[Fields, str]] = [
    ({"observe": "both"}, "observe is 'both'; it has to be 'oid' or 'cloid'"),
    ({"owned_cloid_prefix": 3}, "owned_cloid_prefix is 3; it has to be a text that is not empty"),
    ({"owned_cloid_prefix": ""}, "owned_cloid_prefix is ''; it has to be a text that is not empty"),
    ({"expected_cloid_ttl": True}, "expected_cloid_ttl is True; it has to be a whole number of nanoseconds"),
    ({"orphan_grace_period": "2"}, "orphan_grace_period is '2'; it has to be a whole number of nanoseconds"),
]


@pytest.mark.parametrize(("config", "message"), WRONG_CONFIGS)
def test_wrong_configuration_is_told_what_would_be_right(config: Fields, message: str) -> None:
    reply = run(**config)
    assert reply == {"id": 7, "errored": True, "context": {"message": message, "type": "ValueError"}}


def test_what_is_not_supported_is_skipped_by_name() -> None:
    assert run(observe="cloid", zeal=1, ardour=2) == {
        "id": 7,
        "skipped": True,
        "message": "config has ardour, zeal, which this implementation does not know",
    }
    assert run(sync(1), {"event": "dance", "t": 1}) == {
        "id": 7,
        "skipped": True,
        "message": f"event of step 1 is 'dance'; supported are {SUPPORTED}",
    }
    assert run({"t": 1})["message"] == f"event of step 0 is None; supported are {SUPPORTED}"


WRONG_STEPS: list[tuple[Fields, str]] = [
    ({"event": "register", "t": 1}, "cloids is None; it has to be a list"),
    ({"event": "register", "t": 1, "cloids": [4]}, "a CLOID is 4; it has to be a text that is not empty"),
    ({"event": "register", "t": 1, "cloids": [""]}, "a CLOID is ''; it has to be a text that is not empty"),
    ({"event": "register", "cloids": ["c"]}, "t is None; it has to be a whole number of nanoseconds"),
    ({"event": "register", "t": True, "cloids": ["c"]}, "t is True; it has to be a whole number of nanoseconds"),
    (
        {"event": "register", "t": -1, "cloids": ["c"]},
        "now is -1; it has to be a whole number of nanoseconds, 0 or more",
    ),
    (
        {"event": "record_oid", "t": 1, "cloid": "c"},
        "oid is None; it has to be a text that is not empty, or a whole number",
    ),
    (
        {"event": "finalize", "t": 1, "cloid": "c", "oid": True},
        "oid is True; it has to be a text that is not empty, or a whole number",
    ),
    ({"event": "fail", "t": 1}, "cloid is None; it has to be a text that is not empty"),
    ({"event": "clear", "t": 1, "oid": ""}, "oid is ''; it has to be a text that is not empty, or a whole number"),
    ({"event": "cleanup"}, "t is None; it has to be a whole number of nanoseconds"),
    (
        {"event": "learn_end", "t": 1, "oid": 1.5},
        "oid is 1.5; it has to be a text that is not empty, or a whole number",
    ),
    ({"event": "learn_end", "oid": "7"}, "t is None; it has to be a whole number of nanoseconds"),
    ({"event": "accept"}, "t is None; it has to be a whole number of nanoseconds"),
    ({"event": "restart"}, "t is None; it has to be a whole number of nanoseconds"),
    ({"event": "act", "local": []}, "t is None; it has to be a whole number of nanoseconds"),
    ({"event": "act", "t": 1}, "local is None; it has to be a list"),
    ({"event": "sync", "t": 1, "open": []}, "local is None; it has to be a list"),
    ({"event": "sync", "t": 1, "local": []}, "open is missing; it has to be a list, or null for a failed fetch"),
    ({"event": "sync", "t": 1, "local": [], "open": {}}, "open is {}; it has to be a list"),
    ({"event": "sync", "t": 1, "local": [], "open": [4]}, "an open order is 4; it has to be a JSON object"),
    (sync(1, "7", as_of="1"), "as_of is '1'; it has to be a whole number of nanoseconds"),
    (sync(1, "7", as_of=2), "as_of is 2 ns and now is 1 ns; a snapshot cannot show what is to come"),
    (
        {"event": "sync", "t": 1, "local": [], "open": [{"oid": "7", "cloid": 4}]},
        "cloid is 4; it has to be a text that is not empty",
    ),
]


@pytest.mark.parametrize(("step", "message"), WRONG_STEPS)
def test_wrong_step_is_told_what_would_be_right(step: Fields, message: str) -> None:
    assert run({"event": "cleanup", "t": 0}, step) == {
        "id": 7,
        "errored": True,
        "context": {"message": f"step 1 ({step['event']}): {message}", "type": "ValueError"},
    }


def test_each_event_reaches_the_tracker() -> None:
    nothing = {"cancelled": []}
    assert results(sync(0, 7), sync(2, 7)) == [nothing, {"cancelled": ["7"]}]
    assert results(sync(0, 7), sync(1, 7, as_of=0), sync(2, 7, as_of=1))[-1] == nothing
    register = {"event": "register", "t": 0, "cloids": ["c"]}
    shown = {"open": [{"oid": "7", "cloid": "c"}]}
    assert results(register, sync(0, **shown), sync(3, **shown), sync(4, **shown), sync(6, **shown))[3:] == [
        nothing,
        {"cancelled": ["7"]},
    ]
    failed = results(register, {"event": "fail", "t": 0, "cloid": "c"}, sync(1, **shown), sync(3, **shown))
    assert failed[2:] == [nothing, {"cancelled": ["7"]}]
    for event in ("record_oid", "finalize"):
        told = {"event": event, "t": 0, "cloid": "c", "oid": "7"}
        assert results(told, sync(2, 7), sync(3, 7), sync(5, 7))[1:] == [nothing, nothing, {"cancelled": ["7"]}]
    assert results(sync(0, 7), {"event": "clear", "t": 1, "oid": 7}, sync(2, 7), sync(4, 7))[2:] == [
        nothing,
        {"cancelled": ["7"]},
    ]
    assert results(sync(0, 7), sync(1, open=None), sync(2, 7, local=[7]), sync(2, 7, local=["7"]))[1:] == [nothing] * 3


def test_what_is_only_told_leaves_the_tracker_alone_and_lets_time_pass() -> None:
    for event in ("accept", "fill", "end", "timeout", "modify", "cleanup"):
        told = {"event": event, "t": 1, "oid": "7", "cloid": "c", "how": "filled"}
        assert results(sync(0, 7), told, sync(2, 7)) == [{"cancelled": []}, {}, {"cancelled": ["7"]}]
        late = run(told, sync(0, 7))
        assert late["context"]["message"].startswith("step 1 (sync): now is 0 ns and was 1 ns before")


def test_a_known_end_outdates_what_was_seen_before() -> None:
    ended = {"event": "learn_end", "t": 2, "oid": "7"}
    assert results(sync(0, 7), ended, sync(2, 7, as_of=2), sync(3, 7), sync(5, 7)) == [
        {"cancelled": []},
        {},
        {"cancelled": []},
        {"cancelled": []},
        {"cancelled": ["7"]},
    ]


def test_a_restart_forgets_and_may_go_back_to_any_instant() -> None:
    again = {"event": "restart", "t": 9}
    assert results(sync(0, 7), sync(2, 7), again, sync(9, 7), sync(11, 7))[3:] == [
        {"cancelled": []},
        {"cancelled": ["7"]},
    ]
    assert results(sync(8, 7), again, {"event": "cleanup", "t": 3})[1:] == [{}, {}]


def test_a_sync_before_an_act_only_decides() -> None:
    act = {"event": "act", "t": 3, "local": []}
    decided, cancelled = {"cancelled": [], "pending": ["7"]}, {"cancelled": ["7"]}
    none = {"cancelled": [], "pending": []}
    assert results(sync(0, 7), sync(2, 7), act) == [{"cancelled": []}, decided, cancelled]
    assert results(sync(0, 7), sync(2, 7), act | {"local": [7]})[1:] == [decided, {"cancelled": []}]
    assert results(sync(0, 7), sync(2, 7), act, act)[2:] == [cancelled, {"cancelled": []}]
    cleanup = {"event": "cleanup", "t": 2}
    assert results(sync(0, 7), sync(2, 7), cleanup, act)[1:] == [decided, {}, cancelled]
    failed = sync(2, open=None)
    assert results(sync(0, 7), sync(2, 7), failed, act)[1:] == [decided, {"cancelled": []}, cancelled]
    assert results(sync(0, 7), sync(2, 7), sync(2), act)[1:] == [cancelled, none, {"cancelled": []}]
    restart = {"event": "restart", "t": 2}
    assert results(sync(0, 7), sync(2, 7), restart, act)[1:] == [cancelled, {}, {"cancelled": []}]
    assert results({"event": "restart", "t": 0}, act) == [{}, {"cancelled": []}]


def test_what_a_listing_says_of_a_cloid_reaches_the_tracker() -> None:
    def told(order: Fields) -> list[Fields]:
        shown = {"open": [{"oid": "7"} | order]}
        return results(sync(0, **shown), sync(2, **shown), observe="cloid", owned_cloid_prefix="c")

    assert told({"cloid": "c1"})[1] == {"cancelled": ["7"]}
    assert told({})[1] == {"cancelled": ["7"]}
    assert told({"cloid": "d1"})[1] == {"cancelled": []}
    assert told({"cloid": None})[1] == {"cancelled": []}


def tracker(**config: Any) -> OrphanTracker:
    values: Fields = {"orphan_grace_period": 2, "expected_cloid_ttl": 4, "finalized_protection_period": 3}
    return OrphanTracker(OrphanTrackerConfig(**values | config))


def test_an_explanation_reads_as_a_sentence() -> None:
    aged = Explanation("7", Reason.AGED, 5, 4)
    assert str(aged) == "7 cancelled at 5 ns: the orphan is past its grace (4 ns)"
    assert str(Explanation("7", Reason.TRACKED, 5, None)) == "7 kept at 5 ns: the order is in the local book by now"


def test_a_notice_reads_as_a_sentence() -> None:
    assert str(Notice(NoticeKind.SNAPSHOT_LATE, 5)) == "at 5 ns: a snapshot is older than an earlier one"
    both = Notice(NoticeKind.FAILED_WITH_OID, 5, "c", "7")
    assert str(both) == "CLOID c OID 7 at 5 ns: a CLOID failed although an OID is known for it"


NOT_TEXT = "it has to be a text that is not empty (write 77 as '77')"
NOT_WHOLE = "it has to be a whole number of nanoseconds"
REFUSED: list[tuple[str, Call]] = [
    (f"an OID is 7; {NOT_TEXT}", lambda: OpenOrder(7)),  # type: ignore[arg-type]
    (f"a CLOID is ''; {NOT_TEXT}", lambda: OpenOrder("7", "")),
    (f"a CLOID is 3; {NOT_TEXT}", lambda: OpenOrder("7", None, (None, 3))),  # type: ignore[arg-type]
    (
        "cloids is 'c1'; it has to be a list of CLOIDs, not one text",
        lambda: tracker().register_expected_cloids("c1", 0),
    ),
    (f"cloid is ''; {NOT_TEXT}", lambda: tracker().register_expected_cloids([""], 0)),
    (f"cloid is ''; {NOT_TEXT}", lambda: tracker().record_oid_for_cloid("", "7", 0)),
    (f"oid is ''; {NOT_TEXT}", lambda: tracker().record_oid_for_cloid("c", "", 0)),
    (f"cloid is ''; {NOT_TEXT}", lambda: tracker().mark_finalized("", "7", 0)),
    (f"oid is ''; {NOT_TEXT}", lambda: tracker().mark_finalized("c", "", 0)),
    (f"cloid is ''; {NOT_TEXT}", lambda: tracker().mark_failed("", 0)),
    (f"oid is ''; {NOT_TEXT}", lambda: tracker().mark_ended("", 0)),
    (f"oid is ''; {NOT_TEXT}", lambda: tracker().clear_orphan("", 0)),
    (f"now is True; {NOT_WHOLE}, 0 or more", lambda: tracker().cleanup(True)),
    (f"now is -1; {NOT_WHOLE}, 0 or more", lambda: tracker().stats(-1)),
    (f"now is 1.0; {NOT_WHOLE}, 0 or more", lambda: tracker().protected_oids(1.0)),  # type: ignore[arg-type]
    (f"now is '1'; {NOT_WHOLE}, 0 or more", lambda: tracker().filter_aged_orphans([], "1", 0)),  # type: ignore[arg-type]
    (f"as_of is -1; {NOT_WHOLE}, 0 or more", lambda: tracker().filter_aged_orphans([], 0, -1)),
    (
        "as_of is 3 ns and now is 2 ns; a snapshot cannot show what is to come",
        lambda: tracker().filter_aged_orphans([], 2, 3),
    ),
    (
        "a listing is '7'; it has to be a list of OIDs or open orders, not one text",
        lambda: tracker().filter_aged_orphans("7", 2),
    ),
    (
        "local_oids is '7'; it has to be a collection of OIDs, not one text",
        lambda: tracker().confirm(["7"], "7", 2),
    ),
    (
        "local_oids is '7'; it has to be a collection of OIDs, not one text",
        lambda: SafetyAuditor.find_orphans([], "7"),
    ),
    (
        "a listing is '77'; it has to be a list of OIDs or open orders, not one text",
        lambda: SafetyAuditor.find_orphans("77", []),
    ),
    (
        "orphan_grace_period is 5.0; it has to be a whole number of nanoseconds, such as 5_000_000_000",
        lambda: OrphanTrackerConfig(orphan_grace_period=5.0),  # type: ignore[arg-type]
    ),
    (
        "expected_cloid_ttl is True; it has to be a whole number of nanoseconds, such as 5_000_000_000",
        lambda: OrphanTrackerConfig(expected_cloid_ttl=True),
    ),
    (
        "finalized_protection_period is 0; it has to be above 0 ns, else it defends against nothing",
        lambda: OrphanTrackerConfig(finalized_protection_period=0),
    ),
    (
        "owned_cloid_prefix is ''; it has to be a text that is not empty, or None where every order of the account is ours",
        lambda: OrphanTrackerConfig(owned_cloid_prefix=""),
    ),
    (
        "owned_cloid_prefix is 4; it has to be a text that is not empty, or None where every order of the account is ours",
        lambda: OrphanTrackerConfig(owned_cloid_prefix=4),  # type: ignore[arg-type]
    ),
    (
        "owns_cloid is 4; it has to be a function from a CLOID to a truth value",
        lambda: OrphanTrackerConfig(owns_cloid=4),  # type: ignore[arg-type]
    ),
    (
        "owned_cloid_prefix and owns_cloid contradict each other; give one of them",
        lambda: OrphanTrackerConfig(owned_cloid_prefix="c", owns_cloid=bool),
    ),
]


@pytest.mark.parametrize(("message", "call"), REFUSED, ids=[f"{n}" for n in range(len(REFUSED))])
def test_refusal_says_what_would_be_right(message: str, call: Call) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
        call()


def test_time_that_goes_back_is_refused_with_both_instants() -> None:
    one = tracker()
    one.cleanup(5)
    with pytest.raises(ValueError, match=r"^now is 4 ns and was 5 ns before; it must not go back$"):
        one.cleanup(4)


def test_each_contradiction_is_told_with_its_instant_and_ids() -> None:
    one = tracker(owned_cloid_prefix="c")
    assert one.register_expected_cloids(["d"], 1) == (Notice(NoticeKind.REGISTERED_NOT_OWNED, 1, "d"),)
    assert one.record_oid_for_cloid("c", "7", 2) == (Notice(NoticeKind.RECORDED_UNEXPECTED, 2, "c", "7"),)
    assert one.record_oid_for_cloid("d", "7", 2) == (Notice(NoticeKind.RECORDED_FOR_ANOTHER, 2, "d", "7"),)
    assert one.mark_finalized("e", "7", 3) == (
        Notice(NoticeKind.FINALIZED_FOR_ANOTHER, 3, "e", "7"),
        Notice(NoticeKind.FINALIZED_UNEXPECTED, 3, "e", "7"),
    )
    assert one.mark_finalized("d", "8", 3) == (Notice(NoticeKind.FINALIZED_UNRECORDED, 3, "d", "8"),)
    one.register_expected_cloids(["c1"], 4)
    assert one.mark_finalized("c1", "7", 4) == (
        Notice(NoticeKind.FINALIZED_FOR_ANOTHER, 4, "c1", "7"),
        Notice(NoticeKind.FINALIZED_EARLIER, 4, "c1", "7"),
    )
    one.record_oid_for_cloid("c1", "9", 4)
    assert one.mark_failed("c1", 4) == (Notice(NoticeKind.FAILED_WITH_OID, 4, "c1", "9"),)
    assert one.mark_failed("c2", 4) == (Notice(NoticeKind.FAILED_UNEXPECTED, 4, "c2"),)
    assert one.clear_orphan("6", 4) == (Notice(NoticeKind.CLEARED_UNKNOWN, 4, oid="6"),)
    assert one.filter_aged_orphans(None, 4).notices == (Notice(NoticeKind.SNAPSHOT_FAILED, 4),)
    one.mark_ended("5", 4)
    shown = [OpenOrder("9", "c9", ("c8",)), OpenOrder("5", "c5")]
    assert one.filter_aged_orphans(shown, 6, 5).notices == (
        Notice(NoticeKind.SHOWN_WITH_SEVERAL, 6, oid="9"),
        Notice(NoticeKind.SHOWN_WITH_ANOTHER, 6, "c1", "9"),
        Notice(NoticeKind.SHOWN_AFTER_END, 6, oid="5"),
    )
    late = one.filter_aged_orphans([OpenOrder("4", "c4")], 7, 4)
    assert late.notices == (Notice(NoticeKind.SNAPSHOT_LATE, 7),)
    assert late.explanations == (Explanation("4", Reason.LATE_SNAPSHOT, 7, 5),)
    told = dict.fromkeys(NoticeKind, 1) | {NoticeKind.FINALIZED_FOR_ANOTHER: 2}
    assert one.stats(7).notices == told


def test_stats_count_what_is_held() -> None:
    one = tracker()
    one.register_expected_cloids(["c1", "c2", "c3"], 0)
    one.record_oid_for_cloid("c1", "1", 0)
    one.record_oid_for_cloid("c2", "2", 0)
    one.mark_ended("8", 0)
    one.mark_ended("9", 0)
    one.filter_aged_orphans(["1", "4", "5", "6", "7"], 1, 0)
    one.filter_aged_orphans(["1", "4", "5", "6", "7"], 1)
    one.mark_ended("3", 2)
    assert one.stats(2) == TrackerStats(
        at=2,
        expected_cloids=3,
        heard_oids=2,
        linked_oids=2,
        remembered_oids=2,
        ended_oids=1,
        candidates=5,
        aging_orphans=4,
        notices={},
    )


def test_a_second_look_explains_each_order_at_its_own_instant() -> None:
    one = tracker(owned_cloid_prefix="c")
    one.filter_aged_orphans([OpenOrder("1"), OpenOrder("2"), OpenOrder("3", "d"), OpenOrder("4")], 1)
    one.filter_aged_orphans([OpenOrder("1"), OpenOrder("2"), OpenOrder("3", "d"), OpenOrder("4")], 3)
    one.mark_finalized("c", "4", 4)
    found = one.confirm(["1", "2", "3", "4", "5"], ["2"], 5)
    assert found.explanations == (
        Explanation("1", Reason.AGED, 5, 3),
        Explanation("2", Reason.TRACKED, 5, None),
        Explanation("3", Reason.FOREIGN, 5, None),
        Explanation("4", Reason.FINALIZED, 5, 7),
        Explanation("5", Reason.NOT_SHOWN, 5, None),
    )
    assert (found.aged, found.foreign) == (("1",), ("3",))
    with pytest.raises(KeyError, match="'6'"):
        found.explanation_of("6")


def test_a_listing_may_be_read_only_once() -> None:
    assert SafetyAuditor.find_orphans((oid for oid in ("1", "2")), ["2"]) == ["1"]
    orders = (OpenOrder(oid) for oid in ("1", "2"))
    assert SafetyAuditor.find_orphans(orders, ["2"]) == [OpenOrder("1")]


def test_each_way_to_decide_is_explained() -> None:
    one = tracker(owned_cloid_prefix="c")
    one.mark_finalized("c", "3", 4)
    one.mark_ended("2", 5)
    one.clear_orphan("4", 5)
    listing = [OpenOrder("1", "d"), OpenOrder("2"), OpenOrder("3"), OpenOrder("4")]
    assert one.filter_aged_orphans(listing, 6, 5).explanations == (
        Explanation("1", Reason.FOREIGN, 6, None),
        Explanation("2", Reason.GHOST, 6, 5),
        Explanation("3", Reason.FINALIZED, 6, 7),
        Explanation("4", Reason.WITHIN_GRACE, 6, 7),
    )
    one.clear_orphan("4", 6)
    assert one.filter_aged_orphans(listing, 6).explanations == (
        Explanation("1", Reason.FOREIGN, 6, None),
        Explanation("2", Reason.WITHIN_GRACE, 6, 8),
        Explanation("3", Reason.FINALIZED, 6, 7),
        Explanation("4", Reason.OLDER_THAN_CHANGE, 6, 6),
    )
    one.mark_ended("2", 7)
    one.record_oid_for_cloid("c", "1", 8)
    assert one.confirm(["1", "2", "3", "4"], [], 12).explanations == (
        Explanation("1", Reason.OLDER_THAN_CHANGE, 12, 8),
        Explanation("2", Reason.GHOST, 12, 7),
        Explanation("3", Reason.WITHIN_GRACE, 12, None),
        Explanation("4", Reason.OLDER_THAN_CHANGE, 12, 6),
    )


def test_an_order_that_ends_again_stands_last_among_the_ended() -> None:
    one = tracker()
    for oid, now in (("1", 1), ("2", 2), ("1", 3)):
        one.mark_ended(oid, now)
    assert one.stats(3).ended_oids == 2
    one.filter_aged_orphans([], 4, 3)
    assert one.stats(4).ended_oids == 1
    assert one.filter_aged_orphans(["1", "2"], 5).notices == (Notice(NoticeKind.SHOWN_AFTER_END, 5, oid="1"),)


MANY = REMNANTS + 4


def test_windows_that_end_in_order_are_over_in_order() -> None:
    one = tracker()
    one.record_oid_for_cloid("a", "1", 0)
    one.record_oid_for_cloid("b", "2", 1)
    one.mark_finalized("a", "1", 2)
    assert one.protected_oids(3) == {"1", "2"}
    assert one.protected_oids(4) == {"1"}
    assert one.protected_oids(5) == set()


@pytest.mark.parametrize(("looked", "reason"), [(4, Reason.AGED), (5, Reason.WITHIN_GRACE)])
def test_ended_windows_beyond_what_is_remembered_are_remembered_for_one_ttl(looked: int, reason: Reason) -> None:
    one = tracker()
    one.filter_aged_orphans(["7"], 0)
    cloids = [f"c{number}" for number in range(MANY)]
    one.register_expected_cloids(cloids, 1)
    for cloid in cloids:
        one.mark_failed(cloid, 1)
    assert one.filter_aged_orphans([OpenOrder("7", "other")], looked).explanations[0].reason is reason


@pytest.mark.parametrize(("looked", "kept"), [(4, MANY), (5, REMNANTS)])
def test_ended_orders_beyond_what_is_remembered_are_remembered_for_one_ttl(looked: int, kept: int) -> None:
    one = tracker()
    for number in range(MANY):
        one.mark_ended(str(number), 1)
    assert one.stats(looked).ended_oids == kept
    found = one.filter_aged_orphans(["new"], looked, 1).explanations[0]
    assert (found.reason, found.until) == (
        (Reason.OLDER_THAN_CHANGE, 1) if kept == REMNANTS else (Reason.WITHIN_GRACE, 3)
    )


def test_ended_orders_are_forgotten_though_ended_windows_are_not() -> None:
    one = tracker()
    for number in range(MANY):
        one.mark_ended(str(number), 0)
    cloids = [f"c{number}" for number in range(MANY)]
    one.register_expected_cloids(cloids, 3)
    for cloid in cloids:
        one.mark_failed(cloid, 3)
    assert one.stats(4).ended_oids == REMNANTS


def test_a_registration_changes_what_is_linked_to_its_cloid_though_no_listing_shows_it_so() -> None:
    one = tracker()
    one.register_expected_cloids(["c"], 0)
    one.record_oid_for_cloid("c", "7", 0)
    one.filter_aged_orphans(["7"], 1)
    one.register_expected_cloids(["c"], 2)
    assert one.filter_aged_orphans(["7"], 6, 2).explanations == (Explanation("7", Reason.OLDER_THAN_CHANGE, 6, 2),)


def test_a_registration_ends_the_age_of_what_is_shown_with_its_cloid_at_once() -> None:
    one = tracker()
    one.filter_aged_orphans([OpenOrder("7", "c"), OpenOrder("8", "d")], 0)
    assert one.stats(1).aging_orphans == 2
    one.register_expected_cloids(["c"], 1)
    assert one.stats(1).aging_orphans == 1


def test_a_window_that_ended_at_the_instant_of_a_snapshot_is_remembered_for_the_next() -> None:
    one = tracker()
    one.register_expected_cloids(["c"], 3)
    one.mark_failed("c", 6)
    one.filter_aged_orphans([], 6)
    found = one.filter_aged_orphans([OpenOrder("7", "c")], 7, 6).explanations
    assert found == (Explanation("7", Reason.OLDER_THAN_CHANGE, 7, 6),)
