"""The line protocol: every request gets one reply, a bad one too, and nothing hangs."""

import json
import subprocess
import sys

import pytest

from orphan_spec.events import BASIC
from orphan_spec.events import EVENTS as VOCABULARY
from orphan_tracker import EventName
from orphan_tracker.driver import EVENTS, answer, answers
from tracker_kit import Kit, S

CONFIG = {"orphan_grace_period": 5 * S, "expected_cloid_ttl": 30 * S, "finalized_protection_period": 10 * S}


def run(steps: list[dict[str, object]], kit: Kit | None = None, **config: object) -> dict[str, object]:
    """The reply to a run of these steps."""
    request = {"op": "run", "id": 1, "config": CONFIG | config, "steps": steps}
    reply, stops = (kit.driver.answer if kit else answer)(json.dumps(request))
    assert not stops
    return reply


def sync(t: int, *listing: dict[str, object], **more: object) -> dict[str, object]:
    return {"event": "sync", "t": t, "open": list(listing), "local": []} | more


def test_dialogue_of_the_design_over_a_real_pipe() -> None:
    register = {"event": "register", "t": 0, "cloids": ["c1"]}
    requests = [
        {"op": "start", "version": 1},
        {"op": "run", "id": 1, "config": CONFIG, "steps": [register, sync(1, {"oid": "7", "cloid": "c1"}, as_of=1)]},
        {"op": "stop"},
    ]
    text = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run(
        [sys.executable, "-m", "orphan_tracker.driver"],
        input=text,
        capture_output=True,
        text=True,
        timeout=20,
        check=True,
    )
    start, ran, stopped = map(json.loads, done.stdout.splitlines())
    assert start["ok"]
    assert start["implementation"]["name"] == "orphan_tracker"
    assert ran == {"id": 1, "ok": True, "results": [{}, {"cancelled": []}]}
    assert stopped == {"ok": True}
    assert done.stderr == ""


def test_driver_and_journal_name_all_events_of_the_vocabulary() -> None:
    assert set(BASIC) <= set(EVENTS)
    assert list(EVENTS) == list(VOCABULARY) == list(EventName)
    reply, _ = answer(json.dumps({"op": "start", "version": 1}))
    assert reply["events"] == list(EVENTS)


def test_every_event_is_understood_and_each_run_is_fresh(kit: Kit) -> None:
    steps: list[dict[str, object]] = [
        {"event": "register", "t": 0, "cloids": ["c1", "c2"]},
        {"event": "record_oid", "t": 0, "cloid": "c1", "oid": 77},
        {"event": "finalize", "t": 0, "cloid": "c1", "oid": "77"},
        {"event": "fail", "t": 0, "cloid": "c2"},
        {"event": "clear", "t": 0, "oid": "78"},
        {"event": "cleanup", "t": 0},
        sync(10 * S, {"oid": 77}, {"oid": "8", "cloid": None}, {"oid": "9", "cloid": "c9"}, {"oid": "5"}, local=[5]),
        {"event": "sync", "t": 11 * S, "open": None, "local": []},
        sync(15 * S, {"oid": "77"}, {"oid": "8"}, {"oid": "5"}, local=["5"]),
        sync(16 * S, {"oid": "77"}, {"oid": "8"}),
        sync(20 * S, {"oid": "77"}, {"oid": "8"}),
        sync(21 * S, {"oid": "77"}, {"oid": "8"}, as_of=20 * S),
    ]
    expected = [{}] * 6 + [{"cancelled": found} for found in ([], [], ["77", "8"], [], [], [])]
    for _ in range(2):
        assert run(steps, kit)["results"] == expected


def test_cancelled_order_is_cleared_and_ages_anew(kit: Kit) -> None:
    reply = run([sync(t * S, {"oid": "7"}) for t in (0, 5, 6, 11)], kit)
    assert reply["results"] == [{"cancelled": found} for found in ([], ["7"], [], ["7"])]


def test_ownership_is_configured_by_prefix(kit: Kit) -> None:
    listing = ({"oid": "7", "cloid": "a1"}, {"oid": "8", "cloid": None}, {"oid": "9", "cloid": "b1"})
    reply = run([sync(0, *listing), sync(5 * S, *listing)], kit, owned_cloid_prefix="a", observe="cloid")
    assert reply["results"] == [{"cancelled": []}, {"cancelled": ["7"]}]


@pytest.mark.parametrize(
    "line",
    [
        "garbage",
        "[]",
        "7",
        "null",
        "{}",
        '{"op":"dance"}',
        '{"op":"start"}',
        '{"op":"start","version":2}',
        '{"op":"run","id":1}',
        '{"op":"run","id":1,"config":[],"steps":[]}',
        "[" * 100_000,
        b"\xff\xfe",
    ],
)
def test_bad_request_is_answered_with_errored(line: str | bytes) -> None:
    reply, stops = answer(line)
    assert reply["errored"] is True
    assert not stops


BAD_STEPS = {
    "time goes back": [{"event": "cleanup", "t": 1}, {"event": "cleanup", "t": 0}],
    "time is negative": [{"event": "cleanup", "t": -1}],
    "time is no whole number": [{"event": "cleanup", "t": 0.5}],
    "time is a truth value": [{"event": "cleanup", "t": True}],
    "no time": [{"event": "cleanup"}],
    "snapshot of the future": [sync(0, as_of=1)],
    "listing is missing": [{"event": "sync", "t": 0, "local": []}],
    "local book is missing": [{"event": "sync", "t": 0, "open": []}],
    "order without an OID": [sync(0, {"cloid": "c"})],
    "OID is a truth value": [sync(0, {"oid": True})],
    "CLOID is a number": [sync(0, {"oid": "7", "cloid": 8})],
    "CLOIDs are one text": [{"event": "register", "t": 0, "cloids": "c1"}],
    "step is no object": [7],
}


@pytest.mark.parametrize("steps", BAD_STEPS.values(), ids=BAD_STEPS.keys())
def test_bad_step_is_answered_with_errored(steps: list[dict[str, object]]) -> None:
    reply = run(steps)
    assert reply["errored"] is True
    assert reply["id"] == 1
    assert "results" not in reply


@pytest.mark.parametrize(
    "config",
    [
        {"orphan_grace_period": 0},
        {"expected_cloid_ttl": "30s"},
        {"finalized_protection_period": None},
        {"observe": "both"},
        {"owned_cloid_prefix": ""},
    ],
)
def test_bad_config_is_answered_with_errored(config: dict[str, object]) -> None:
    assert run([], **config)["errored"] is True


def test_what_is_not_supported_is_skipped() -> None:
    assert run([{"event": "teleport", "t": 0}])["skipped"] is True
    assert run([], wishes=3)["skipped"] is True


def test_driver_ends_with_its_input_or_with_stop() -> None:
    assert list(answers([])) == []
    assert list(answers(["", "\n"])) == []
    assert list(answers(['{"op":"stop"}', '{"op":"stop"}'])) == [{"ok": True}]


def test_sync_that_an_act_follows_only_decides(kit: Kit) -> None:
    seven, eight = {"oid": "7"}, {"oid": "8"}
    steps: list[dict[str, object]] = [
        sync(0, seven, eight),
        sync(5 * S, seven, eight),
        {"event": "sync", "t": 5 * S, "open": None, "local": []},
        {"event": "act", "t": 6 * S, "local": ["8"]},
        {"event": "act", "t": 7 * S, "local": []},
        sync(10 * S, seven),
        sync(15 * S, seven),
        sync(16 * S),
        {"event": "act", "t": 16 * S, "local": []},
    ]
    assert run(steps, kit)["results"] == [
        {"cancelled": []},
        {"cancelled": [], "pending": ["7", "8"]},
        {"cancelled": []},
        {"cancelled": ["7"]},
        {"cancelled": []},
        {"cancelled": []},
        {"cancelled": ["7"]},
        {"cancelled": [], "pending": []},
        {"cancelled": []},
    ]


def test_restart_forgets_everything(kit: Kit) -> None:
    shown = {"oid": "7", "cloid": "c"}
    steps: list[dict[str, object]] = [
        {"event": "register", "t": 0, "cloids": ["c"]},
        sync(5 * S, shown),
        {"event": "restart", "t": 6 * S},
        sync(7 * S, shown),
        sync(12 * S, shown),
    ]
    assert run(steps, kit)["results"] == [{}, {"cancelled": []}, {}, {"cancelled": []}, {"cancelled": ["7"]}]


def test_end_that_was_learned_makes_a_ghost(kit: Kit) -> None:
    steps: list[dict[str, object]] = [
        sync(0, {"oid": "7"}),
        {"event": "learn_end", "t": 5 * S, "oid": "7"},
        sync(6 * S, {"oid": "7"}, as_of=5 * S),
        sync(11 * S, {"oid": "7"}),
    ]
    assert run(steps, kit)["results"] == [{"cancelled": []}, {}, {"cancelled": []}, {"cancelled": []}]


def test_what_happens_at_the_exchange_tells_the_tracker_nothing(kit: Kit) -> None:
    told: list[dict[str, object]] = [
        {"event": "accept", "oid": "7", "cloid": "c"},
        {"event": "fill", "oid": "7"},
        {"event": "end", "oid": "7", "how": "filled"},
        {"event": "timeout", "cloid": "c"},
        {"event": "modify", "cloid": "c", "oid": "7"},
    ]
    steps = [sync(0, {"oid": "7"}), *(one | {"t": S} for one in told), sync(5 * S, {"oid": "7"})]
    assert run(steps, kit)["results"] == [{"cancelled": []}, *([{}] * 5), {"cancelled": ["7"]}]
    assert run([told[0] | {"t": 2}, told[0] | {"t": 1}])["errored"] is True
