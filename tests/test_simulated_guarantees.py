"""Simulated desks before the judge: the naive policy breaks what is expected of it, the reference nothing."""

from collections import Counter
from pathlib import Path
from xml.etree import ElementTree

import pytest

from orphan_desk.simulator import Inputs, Setting, SimulatedDesk
from orphan_oracle.desk_runs import judged, setting_for, violations_of
from orphan_oracle.desk_sweep import as_proved, sweep
from orphan_spec.constants import Constants
from test_simulate_command import call, document

SECOND = 1_000_000_000


def test_every_fault_at_once_breaks_no_guarantee_of_the_reference() -> None:
    """A sample of the many that `simulate --faults all --seeds 10000` looks at."""
    for policy in ("oid", "cloid"):
        for seed in range(12):
            setting = setting_for(policy, Constants(), {}, faults=True)
            found = judged(Setting(policy, setting.inputs, setting.constants, setting.length, seed))
            assert found.violations == {}, (policy, seed, found.first)
            assert found.counts["false_orphans"] == found.counts["stale_resting"] == 0


def test_every_fault_at_once_breaks_guarantees_of_the_naive_policy() -> None:
    setting = setting_for("naive", Constants(), {}, faults=True)
    assert {"S3", "S4", "S6"} <= judged(setting).violations.keys()


def test_the_judge_finds_what_is_counted_at_the_exchange() -> None:
    """With nothing lost, each false orphan in flight is one violation of S3, and nothing else is."""
    for seed in range(6):
        setting = Setting("naive", Inputs(rate=4.0), seed=seed)
        lines: list[str] = []
        counts = SimulatedDesk(setting, lines.append).run()
        found = Counter(one.guarantee for one in violations_of(setting, lines))
        assert found["S3"] == counts.of_them_unanswered


def test_constants_come_from_the_configuration(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    path = tmp_path / "tracker.toml"
    path.write_text('[tracker]\norphan_grace_period = "200ms"\n')
    arguments = (
        "--policy",
        "oid",
        "--minutes",
        "0.5",
        "--sync-period",
        "250ms",
        "--fetch",
        "0s",
        "--config",
        str(path),
    )
    status, found = document(capsys, "simulate", *arguments)
    assert found["constants"]["orphan_grace_period"] == SECOND // 5
    assert found["policies"][0]["violations"]["S3"] > 0
    assert status == 1


def test_pictures_are_xml_and_show_every_policy(capsys: pytest.CaptureFixture[str]) -> None:
    _, out = call(capsys, "--staleness", "3s", "--minutes", "1", "--format", "svg")
    picture = ElementTree.fromstring(out)
    texts = [element.text or "" for element in picture.iter("{http://www.w3.org/2000/svg}text")]
    assert [text.split(":")[0] for text in texts if "wrongly" in text] == ["naive", "oid", "cloid"]
    assert len([e for e in picture.iter() if e.get("class") == "wronged"]) == 1
    _, heat = call(capsys, "--sweep", "--minutes", "0.02", "--format", "svg")
    assert [e for e in ElementTree.fromstring(heat).iter() if e.get("class") == "threshold"]


def test_violations_lie_only_on_the_refuted_side_of_the_proved_threshold() -> None:
    """The coarse grid: grace 2, 4, 6 s against latencies on both sides; syncs fall close, orders rest at once."""
    stated = {"sync_period": "500ms,1500ms", "rests_after": "0", "staleness": "0s,2s"}
    latencies = tuple(round(seconds * SECOND) for seconds in (1.9, 3.9, 5.5, 9))
    setting = setting_for("oid", Constants(), stated, faults=False)
    cells = sweep(setting, range(1), (2 * SECOND, 4 * SECOND, 6 * SECOND), latencies)
    assert as_proved(cells)
    assert {cell.proved for cell in cells} == {True, False}
    for cell in cells:
        assert cell.threshold_ns == cell.grace_ns
        assert cell.proved == (cell.latency_ns < cell.grace_ns)
        if cell.latency_ns >= cell.grace_ns + 3 * SECOND:
            assert cell.violations, "far above the threshold something has to break, or the sweep shows nothing"
