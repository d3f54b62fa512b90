"""The two policies of the safety sync, on the interleaving that started it all."""

import pytest

from orphan_desk import CancelAged, CancelAtOnce
from orphan_tracker import OpenOrder, OrphanTracker

SECOND = 1_000_000_000


def test_the_naive_policy_cancels_an_order_whose_answer_is_on_its_way() -> None:
    assert CancelAtOnce().decide([OpenOrder("7")], set(), now=SECOND // 4, as_of=SECOND // 4) == ("7",)


def test_the_tracker_keeps_it_and_cancels_a_true_orphan_after_its_grace() -> None:
    policy = CancelAged(OrphanTracker())
    policy.tracker.register_expected_cloids(["c"], now=0)
    shown = [OpenOrder("7", "c"), OpenOrder("8", None)]
    assert policy.decide(shown, set(), now=SECOND, as_of=SECOND) == ()
    assert policy.decide(shown, set(), now=6 * SECOND, as_of=6 * SECOND) == ("8",)
    policy.cancelled("8", now=6 * SECOND)
    assert policy.decide(shown, set(), now=7 * SECOND, as_of=7 * SECOND) == ()


@pytest.mark.parametrize("policy", [CancelAtOnce(), CancelAged(OrphanTracker())])
def test_a_failed_fetch_cancels_nothing(policy: CancelAtOnce | CancelAged) -> None:
    assert policy.decide(None, set(), now=0, as_of=0) == ()
