"""The pinned lives are worth pinning: they meet every finding and every verdict that there is."""

from collections import Counter

from judge_pins import LIVES, Life, said


def test_the_pinned_lives_meet_every_finding_and_every_verdict() -> None:
    met: Counter[str] = Counter()
    for seed in range(LIVES):
        for _, text in said(Life(seed)):
            met[text.split()[0]] += 1
            if text.startswith("verdict"):
                met[text.split("<Decision.")[1].split(":")[0]] += 1
    wanted = {"S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "L1", "R2", "MUST_KEEP", "MAY_CANCEL", "MUST_CANCEL"}
    wanted |= {"late_snapshot", "late_link", "fail_after_answer", "finalize_of_elder", "suspicion", "copy"}
    assert {name for name in wanted if met[name] < 5} == set(), met
