"""`orphan-tracker simulate` as a user calls it: the table, the documents, the pictures, the sweep, and real logs."""

import gzip
import json
from datetime import datetime, timedelta
from pathlib import Path

import jsonschema
import pytest

from orphan_oracle.command import main
from orphan_oracle.schemas import FOLDER

SECOND = 1_000_000_000


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    status = main(["simulate", *arguments])
    return status, capsys.readouterr().out


def document(capsys: pytest.CaptureFixture[str], schema: str, *arguments: str) -> tuple[int, dict]:
    status, out = call(capsys, *arguments, "--format", "json")
    found = json.loads(out)
    jsonschema.validate(found, json.loads((FOLDER / f"{schema}.json").read_text()))
    return status, found


def test_before_and_after_stand_side_by_side(capsys: pytest.CaptureFixture[str]) -> None:
    status, found = document(capsys, "simulate", "--seeds", "4", "--staleness", "3s")
    naive, oid, cloid = found["policies"]
    assert [one["policy"] for one in found["policies"]] == ["naive", "oid", "cloid"]
    assert naive["counts"]["false_orphans"]["total"] > 0
    assert naive["violations"]["S6"] > 0
    for tracked in (oid, cloid):
        assert tracked["counts"]["false_orphans"]["total"] == tracked["counts"]["stale_resting"]["total"] == 0
        assert tracked["violations"] == {}
    assert (oid["response_latency_limit_ns"], cloid["response_latency_limit_ns"]) == (5 * SECOND, None)
    assert status == 0


def test_the_text_prints_every_input(capsys: pytest.CaptureFixture[str]) -> None:
    status, out = call(capsys, "--policy", "naive", "--minutes", "0.5", "--rate", "20", "--lost-answers", "2%")
    assert status == 1
    for words in ("rate             20", "lost-answers     0.02", "staleness        0s", "orphan-grace-period 5.000 s"):
        assert words in out


def test_the_naive_policy_alone_fails_and_beside_others_only_shows(capsys: pytest.CaptureFixture[str]) -> None:
    stale = ("--minutes", "1", "--staleness", "3s")
    assert call(capsys, "--policy", "naive", *stale)[0] == 1
    assert call(capsys, *stale)[0] == 0


def test_the_trace_is_what_check_reads(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "trace.ndjson"
    _, found = document(
        capsys, "simulate", "--policy", "naive", "--staleness", "3s", "--seed", "5", "--trace", str(path)
    )
    status = main(["check", str(path), "--format", "json"])
    checked = json.loads(capsys.readouterr().out)
    counts = {}
    for violation in checked["violations"]:
        counts[violation["guarantee"]] = counts.get(violation["guarantee"], 0) + 1
    assert counts == found["policies"][0]["violations"]
    assert status == 1


def test_markdown_is_a_table(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = call(capsys, "--minutes", "0.2", "--format", "markdown")
    assert out.splitlines()[1] == "|---|---:|---:|---:|"


def test_the_sweep_as_document_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    status, found = document(capsys, "sweep", "--sweep", "--minutes", "0.1", "--sync-period", "500ms,1500ms")
    assert (status, found["holds"], len(found["cells"])) == (0, True, 120)
    assert found["inputs"]["rests_after"] == "0"
    _, out = call(capsys, "--sweep", "--minutes", "0.01")
    assert "every violation lies at or above the threshold" in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--foo", "3"), "inputs are rate, ladder"),
        (("--latency", "3x"), "--latency: "),
        (("--latency", "3s,2s"), "--latency: the durations of a distribution have to ascend"),
        (("--latency", "1s,2s,3s"), "--latency: 3 durations are stated"),
        (("--rejects", "120%"), "it is a share"),
        (("--rejects", "x"), "--rejects: x is no share"),
        (("--ladder", "1.5"), "--ladder: 1.5 is no whole number"),
        (("--rate", "0"), "--rate is 0; it has to be between"),
        (("--rate", "nan"), "--rate is nan"),
        (("--sync-period", "0s"), "--sync-period has to be 1 ms or more"),
        (("--minutes", "nan"), "have to be above 0"),
        (("--minutes", "inf"), "at most 1,000,000"),
        (("--minutes", "-1"), "have to be above 0"),
        (("--seeds", "0"), "have to be above 0"),
        (("--trace", "x"), "say which --policy"),
        (("--policy", "cloid", "--trace", "/nowhere/x", "--minutes", "0.1"), "cannot be written"),
        (("--sync-every", "1s"), "goes with --from-log"),
        (("--sweep", "--soak", "10"), "one at a time"),
        (("--soak", "0"), "above 0 orders"),
        (("--soak", "10", "--format", "svg"), "text or json"),
        (("--from-log", "/nowhere/x"), "cannot be read"),
        (("--sweep", "--format", "markdown"), "text, json or svg"),
        (("--policy", "late"), "late"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert main(["simulate", *arguments]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert (captured.out, captured.err.count("\n")) == ("", 1)


def test_several_cores_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ("--policy", "cloid", "--seeds", "30", "--minutes", "0.05", "--faults", "all")
    assert call(capsys, *arguments, "--format", "json") == call(capsys, *arguments, "--jobs", "2", "--format", "json")


def test_a_long_desk_holds_no_more_at_its_end_than_early_on(capsys: pytest.CaptureFixture[str]) -> None:
    status, found = document(capsys, "soak", "--soak", "4000", "--faults", "all")
    _, second, *_, last = found["parts"]
    assert last["orders"] > 3_000
    assert sum(last["held"].values()) < 2 * sum(second["held"].values()) + 50
    assert status == (1 if last["violations"] else 0)
    _, out = call(capsys, "--soak", "50", "--policy", "oid")
    assert out.splitlines()[0].split()[:2] == ["orders", "events"]


# a real desk's log


class TinyLog:
    """A log in the format of the origin's desk."""

    def __init__(self) -> None:
        self.start = datetime(2025, 12, 28, 20, 0, 0)
        self.lines: list[str] = []
        self.say(0, "Market maker started")

    def say(self, seconds: float, message: str, **fields: object) -> None:
        stamp = (self.start + timedelta(seconds=seconds)).isoformat(timespec="microseconds") + "Z"
        entry = {"timestamp": stamp, "level": "INFO", "fields": {"message": message, **fields}, "target": "desk"}
        self.lines.append(json.dumps(entry))

    def place(self, seconds: float, answered: float, *oids: int, named: bool = False) -> None:
        self.say(seconds, f"Placing {len(oids)} orders in bulk{' with CLOIDs' if named else ''}")
        for place, oid in enumerate(oids):
            cloid = f' cloid=Some("c-{oid}")' if named else ""
            self.say(answered, f"Bulk order {place} resting: oid={oid}{cloid}")

    def sync(self, seconds: float, active: int) -> None:
        self.say(seconds, "Running safety sync...")
        self.say(seconds + 0.25, f"[SafetySync] State in sync: {active} active orders (exchange matches local)")

    def written(self, folder: Path) -> str:
        path = folder / "mm.log.gz"
        path.write_bytes(gzip.compress("".join(f"{line}\n" for line in self.lines).encode()))
        return str(path)


def a_day(*, named: bool = False) -> TinyLog:
    """Two orders that are answered after 1 s, one rejected, one filled at once; one is cancelled; two syncs."""
    log = TinyLog()
    log.place(10, 11, 71, 72, named=named)
    log.sync(12, 2)
    log.say(13, "Placing 2 orders in bulk")
    log.say(14, "Bulk order 0 rejected: asset=BTC side=BUY error=too much")
    log.say(14, "Bulk order 1 filled immediately: oid=73")
    log.say(20, "Order transitioned to CancelPending", oid=71)
    log.say(21, "Order transitioned to CancelConfirmed, starting fill window", oid=71)
    log.sync(22, 1)
    log.say(30, "Market maker stopped.")
    return log


def test_a_log_is_read_and_the_world_shows_as_many_orders_as_it_says(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    status, found = document(capsys, "from-log", "--from-log", a_day(named=True).written(tmp_path))
    facts = found["log"]
    assert (facts["calls"], facts["answered_orders"], facts["filled_at_once"], facts["rejected_orders"]) == (2, 3, 1, 1)
    assert (facts["orders_with_cloid"], facts["syncs"], facts["syncs_beside_calls"]) == (2, 2, 0)
    assert facts["latency_median_ns"] == SECOND
    for policy in found["policies"]:
        assert (policy["syncs"], policy["counted"], policy["counted_alike"]) == (2, 2, 2)
        assert (policy["cancellations"], policy["violations"]) == ([], {})
    assert status == 0


def test_at_denser_syncs_the_naive_policy_cancels_what_is_in_flight_and_the_others_say_why_not(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    """A sync every 1.06 s asks at 10.6 s and decides at 10.85 s, when 71 and 72 rest and are not answered."""
    path = a_day().written(tmp_path)
    _, found = document(capsys, "from-log", "--from-log", path, "--sync-every", "1060ms")
    naive, oid, cloid = found["policies"]
    assert [(one["oid"], one["reason"]) for one in naive["cancellations"]] == [("71", "unclaimed"), ("72", "unclaimed")]
    assert (naive["false_orphans"], naive["of_them_unanswered"]) == (2, 2)
    assert (oid["cancellations"], oid["kept"]["WITHIN_GRACE"]) == ([], 2)
    assert (cloid["cancellations"], cloid["kept"]["EXPECTED"]) == ([], 2)
    _, text = call(capsys, "--from-log", path, "--sync-every", "1060ms")
    assert "order 71 cancelled (unclaimed), 0.850 s after its call, 0.150 s before its answer" in text
    assert "no local book is logged" in text


def test_a_lag_that_the_log_contradicts_is_seen(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    _, found = document(capsys, "from-log", "--from-log", a_day().written(tmp_path), "--staleness", "3s")
    assert found["policies"][0]["counted_alike"] < 2


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("nonsense", ":3: is not a JSON object"),
        ("[1]", ":3: is not a JSON object"),
        ('{"timestamp":"today","fields":{"message":"x"}}', ":3: timestamp is not a date and time"),
        ('{"timestamp":"2025-12-28T19:00:00Z","fields":{"message":"x"}}', ":3: time goes back"),
        ('{"timestamp":"2025-12-28T20:00:09Z","fields":{"message":7}}', ":3: fields.message is not text"),
        (
            '{"timestamp":"2025-12-28T20:00:09Z","fields":{"message":"Bulk order 0 resting: oid=7"}}',
            ":3: an answer without",
        ),
        ('{"timestamp":"2025-12-28T20:00:09","fields":{"message":"x"}}', ":3: timestamp is not a date and time"),
    ],
)
def test_a_bad_line_is_one_clear_line(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, line: str, words: str
) -> None:
    log = TinyLog()
    log.say(1, "fine")
    log.lines.append(line)
    assert main(["simulate", "--from-log", log.written(tmp_path)]) == 2
    captured = capsys.readouterr()
    assert words in captured.err
    assert (captured.out, captured.err.count("\n")) == ("", 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--rate", "3"), "--rate: the log says that"),
        (("--rests-after", "2"), "is no share"),
        (("--staleness", "1s,2s"), "one duration"),
        (("--sync-every", "0s"), "above 0"),
        (("--format", "svg"), "text, json or markdown"),
    ],
)
def test_what_does_not_go_with_a_log_is_refused(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, arguments: tuple[str, ...], words: str
) -> None:
    assert main(["simulate", "--from-log", a_day().written(tmp_path), *arguments]) == 2
    assert words in capsys.readouterr().err


def test_an_empty_log_is_refused(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    (tmp_path / "empty.log").write_text("")
    assert main(["simulate", "--from-log", str(tmp_path / "empty.log")]) == 2
    assert "the log is empty" in capsys.readouterr().err
