"""The proofs: everything is proved, nothing is proved for the wrong reason, and a wrong machine is not."""

from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import cast

import pytest
import z3

from orphan_oracle.check import check_lines
from orphan_oracle.codec import encode
from orphan_oracle.configuration import Configuration
from orphan_proofs import timing
from orphan_proofs.induction import discharge
from orphan_proofs.mutation import extent, judge_mutant, mutants
from orphan_proofs.obligations import StructureError, all_obligations
from orphan_proofs.redundant import REASONS
from orphan_proofs.solver import CANCELLED, Solver, UndecidedError, decided
from orphan_proofs.verification import BOOK_THEORY, THEORIES, THEORY, verify
from orphan_spec.constants import SECOND, Constants, Environment
from orphan_spec.fields import now
from orphan_spec.guarantees import GUARANTEES
from orphan_spec.machine import MACHINE


@pytest.fixture(scope="module")
def report():
    return verify()


def test_every_obligation_is_proved(report) -> None:
    assert [o.obligation for o in report.outcomes if not o.proved] == []
    assert len(report.outcomes) > 3000


def test_every_guarantee_has_its_published_verdict(report) -> None:
    statuses = {f.guarantee.id: {r.variant: r.status for r in f.readings} for f in report.findings}
    assert list(statuses) == list(GUARANTEES)
    assert statuses["S3"] == {
        "cloid": "proved",
        "oid, answers within grace": "proved",
        "oid, TTL within grace": "proved",
        "oid": "refuted",
    }
    for name in ("S1", "S2", "S4", "S5", "S6", "S7", "S8", "R1", "R2", "R3"):
        assert set(statuses[name].values()) == {"proved"}
    assert report.holds


def test_every_guarantee_that_is_proved_has_a_witness(report) -> None:
    witnessed = {shown.witness.guarantee.id for shown in report.shown if shown.run}
    assert witnessed >= {"S1", "S2", "S3", "S4", "S5", "S6", "S7", "S8", "R1", "R3"}


def test_every_assumption_that_a_claim_names_is_needed(report) -> None:
    named = {
        (claim.id, name)
        for theory in THEORIES
        for claim in theory.claims
        for name in claim.assumes
        if claim.expected == "proved" and claim.guarantee.id in GUARANTEES and name in theory.formulas
    }
    assert {(needed.claim.id, needed.assumption) for needed in report.needed} == named
    assert {name for _, name in named} == {"A3", "A4", "A7", "A8", "A9", "A10"}
    assert all(needed.run for needed in report.needed)


def test_the_counterexample_is_the_shortest_and_replayed(report) -> None:
    (found,) = report.counterexamples
    assert [m.action.name for m in found.replay.moments] == [
        *("REGISTER_BY_OID", "SEND", "ACCEPT", "SYNC_SEES_ORPHAN", "PASS_TIME", "SYNC_CONDEMNS", "ACT_CANCELS"),
    ]
    assert found.replay.moments[-1].t == 5 * SECOND


def violations(events, constants=None, environment=None):
    lines = [encode(event) for event in events]
    report = check_lines(lines, "witness", Configuration(constants or Constants(), environment or Environment()))
    return [(v.guarantee, v.t) for v in report.violations]


def test_the_judge_agrees_with_the_counterexample(report) -> None:
    (found,) = report.counterexamples
    assert violations(found.events) == [("S3", 5 * SECOND)]


ENVIRONMENTS = [
    (Environment(), 5),
    (Environment(10 * SECOND, 10 * SECOND, 0), 10),
    (Environment(4 * SECOND, 4 * SECOND, 0), 8),
    (Environment(4 * SECOND, 4 * SECOND, SECOND), 5),
    (Environment(2 * SECOND, 2 * SECOND, 0), 6),
    (Environment(None, 2 * SECOND, 0), 5),
    (Environment(40 * SECOND, 50 * SECOND, 0), None),
]


@pytest.mark.parametrize(("environment", "seconds"), ENVIRONMENTS)
def test_the_threshold_of_s3_is_exact(environment: Environment, seconds: int | None) -> None:
    constants = Constants()
    found = timing.threshold(constants, environment)
    assert found.at == (None if seconds is None else seconds * SECOND)
    timing.confirm(constants, environment, found)
    if found.at is not None:
        events = timing.witness(constants, environment, found)
        assert ("S3", found.at) in violations(events, constants, environment)


@pytest.mark.parametrize("off", [-1, 1])
def test_a_wrong_threshold_is_not_confirmed(off: int) -> None:
    environment = Environment(4 * SECOND, 4 * SECOND, 0)
    found = timing.threshold(Constants(), environment)
    assert found.at is not None
    with pytest.raises(AssertionError):
        timing.confirm(Constants(), environment, replace(found, at=found.at + off))


def test_with_a_configuration_the_verdict_is_about_it() -> None:
    safe = Environment(10 * SECOND, 10 * SECOND, 0, 2 * SECOND)
    assert verify(Constants(), safe).holds
    assert not verify(Constants(), replace(safe, response_latency_max=10 * SECOND)).holds
    assert not verify(Constants(), Environment()).holds
    assert verify(Constants(), Environment(observe="cloid")).holds
    report = verify(Constants(expected_cloid_ttl=SECOND), replace(safe, observe="cloid"))
    assert not report.holds
    assert "expected_cloid_ttl" in report.conflicts[0]


def test_unknown_raises() -> None:
    solver = Solver([now])
    solver._solver.set("mbqi", False)
    (hard,) = solver.read(["(forall ((a Int)) (exists ((b Int)) (= (* b b b) (+ a (* a a)))))"])
    with pytest.raises(UndecidedError, match="incomplete"):
        solver.satisfy(hard)


def test_ctrl_c_that_the_solver_takes_for_itself_is_an_interrupt_again() -> None:
    cancelled = SimpleNamespace(check=lambda: z3.unknown, reason_unknown=lambda: CANCELLED)
    with pytest.raises(KeyboardInterrupt):
        decided(cast(z3.Solver, cancelled))


def test_an_order_that_moves_shared_time_is_refused() -> None:
    send = MACHINE.action("SEND")
    wrong = replace(send, then=(now.becomes(now),))
    machine = replace(MACHINE, actions=tuple(wrong if a is send else a for a in MACHINE.actions))
    with pytest.raises(StructureError, match="SEND changes now"):
        list(all_obligations(replace(THEORY, machine=machine)))


SAMPLE = [
    "SYNC_CONDEMNS: when orphan_since + grace <= as_of dropped",
    "SYNC_CONDEMNS: when shown == LISTED dropped",
    "SYNC_SEES_ORPHAN: when changed_at < as_of dropped",
    "ACT_CANCELS: when book == UNTRACKED dropped",
    "LocalBook DROP_STALE: when stale == YES dropped",
    "LocalBook SYNC_LACKS_FIRST: when booked_at < as_of dropped",
    "RECORD_UNKNOWN: then heard_until := now + protection dropped",
    "FINALIZE_FIRST_OF_PROTECTED: then heard_until := now + protection dropped",
    "RECORD_FIRST_OF_CANDIDATE: then aging := NO dropped",
    "SYNC_ABSENT: then aging := NO dropped",
    "REGISTER_AGAIN_BY_OID: then linked_until := now + ttl dropped",
    "CLEANUP_FORGETS: when candidate == NO dropped",
    "lemma age_is_unbroken: dropped",
    "PASS_TIME: then now := now + delay dropped",
]


@pytest.mark.parametrize(
    "name",
    [*SAMPLE, *(pytest.param(name, marks=[pytest.mark.deep] * (place > 1)) for place, name in enumerate(REASONS))],
)
def test_a_mutant_is_noticed_or_explained(name: str) -> None:
    theory = BOOK_THEORY if name.startswith("LocalBook") else THEORY
    mutant = next(mutant for mutant in mutants(theory) if mutant.id == name)
    verdict = judge_mutant(mutant, known_extent(theory.machine.name))
    assert verdict.explained, verdict
    assert (verdict.means == "nothing") == (name in REASONS)


@cache
def known_extent(name: str) -> dict[int, tuple[int, int]]:
    return extent(next(theory for theory in THEORIES if theory.machine.name == name))


def test_obligations_are_plain_data_that_can_be_discharged_alone() -> None:
    obligations = [o for o in all_obligations(THEORY) if o.subject.startswith("S1")]
    assert len(obligations) == 1
    assert all(outcome.proved for outcome in discharge(THEORY, obligations))
