"""The judge forgets what cannot matter, can be copied, and judges a future by its normal form alone."""

from itertools import islice

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orphan_spec.constants import Constants, Environment
from orphan_spec.events import (
    Accept,
    Act,
    Cleanup,
    Clear,
    End,
    Fail,
    Finalize,
    LearnEnd,
    OpenOrder,
    RecordOid,
    Register,
    Restart,
    Sync,
)
from orphan_spec.findings import Decision, Violation
from orphan_spec.judge import Judge
from traces import at, desk, record, register, sync

SMALL = Constants(orphan_grace_period=2, expected_cloid_ttl=4, finalized_protection_period=3)
SIGHTED = Environment(observe="cloid", snapshot_age_max=1)


def test_memory_stays_flat_over_200_000_events_with_fresh_ids():
    judge, sizes = Judge(Constants()), []
    for line, event in enumerate(islice(desk(200_000), 200_000), 1):
        assert judge.observe(event, line) == []
        if line % 20_000 == 0:
            sizes.append(len(judge.memory))
    assert max(sizes[2:]) <= 1.1 * min(sizes[2:])


@pytest.mark.parametrize("kind", ["registered", "recorded", "finalized", "cancelled", "dropped"])
def test_memory_stays_flat_whatever_is_repeated_without_syncs_or_cleanups(kind):
    judge, sizes = Judge(Constants()), []
    for number in range(30_000):
        t, cloid, oid = at(number / 50), f"c{number}", f"o{number}"
        if kind == "registered":
            judge.observe(Register(t, (cloid,)), number)
        elif kind == "recorded":
            judge.observe(RecordOid(t, cloid, oid), number)
        elif kind == "finalized":
            judge.observe(Finalize(t, cloid, oid), number)
        elif kind == "cancelled":
            judge.observe(Sync(t, t, (OpenOrder(oid, cloid),), (), (oid,)), number)
        else:
            judge.observe(Sync(t, t, (), (oid,), (), (oid,)), number)
        if number % 5_000 == 4_999:
            sizes.append(len(judge.memory))
    assert sizes[-1] <= 1.1 * sizes[2]


def test_verdicts_are_given_before_the_outcome_and_change_nothing():
    judge = Judge(Constants(), SIGHTED)
    for line, event in enumerate([register(0, "c"), sync(1, ["7", ("8", "c")])], 1):
        judge.observe(event, line)
    before = judge.normal_form(at(7))
    verdicts = {verdict.oid: verdict for verdict in judge.verdicts(sync(7, ["7", ("8", "c"), "9"]))}
    assert judge.normal_form(at(7)) == before
    assert verdicts["7"].decision is Decision.MUST_CANCEL
    assert (verdicts["8"].decision, verdicts["8"].guarantee, verdicts["8"].until) == (Decision.MUST_KEEP, "S3", at(30))
    assert (verdicts["9"].decision, verdicts["9"].guarantee) == (Decision.MUST_KEEP, "S4")
    assert judge.verdicts(sync(7, None)) == ()


def test_suspicions_are_what_a_later_link_may_overrule():
    judge = Judge(Constants())
    judge.observe(sync(1, ["7"], cancelled=["7"]), 1)
    assert [one.guarantee for one in judge.suspicions()] == ["S4"]
    assert [one.guarantee for one in judge.observe(record(31.001, "x", "9"), 2)] == ["S4"]


CLOIDS, OIDS = st.sampled_from(["a", "b"]), st.sampled_from(["7", "8"])
GAPS = st.sampled_from([0, 0, 1, 1, 2, 3, 5])
OF_CLIENTS = [Register, RecordOid, Finalize, Fail, Clear, Cleanup, LearnEnd, Restart]
KINDS = [*OF_CLIENTS, Accept, End, Act, Act, Sync, Sync, Sync, Sync]


@st.composite
def traces(draw, size=12, start=0, seen=False):
    """Events on a tiny clock, close enough for every boundary to be met; acts only where a snapshot was seen."""
    t, events = start, []
    for _ in range(draw(st.integers(0, size))):
        t += draw(GAPS)
        kind = draw(st.sampled_from(KINDS))
        if kind is Sync:
            events.append(draw(syncs(t)))
            seen = seen or events[-1].open is not None
        elif kind is Act:
            names = st.lists(OIDS, max_size=2, unique=True).map(tuple)
            events += [Act(t, draw(names), draw(names))] if seen else []
        elif kind is Restart:
            events.append(Restart(t))
            seen = False
        elif kind is End:
            events.append(End(t, draw(OIDS), "filled"))
        elif kind in (Accept, LearnEnd):
            events.append(kind(t, draw(OIDS)))
        elif kind is Register:
            events.append(Register(t, (draw(CLOIDS),)))
        elif kind is Fail:
            events.append(Fail(t, draw(CLOIDS)))
        elif kind is Clear:
            events.append(Clear(t, draw(OIDS)))
        elif kind is Cleanup:
            events.append(Cleanup(t))
        else:
            events.append(kind(t, draw(CLOIDS), draw(OIDS)))
    return events


@st.composite
def syncs(draw, t):
    as_of = max(t - draw(st.sampled_from([0, 0, 1])), 0)
    listed = draw(st.none() | st.lists(st.builds(OpenOrder, OIDS, CLOIDS | st.none()), max_size=2).map(tuple))
    names = st.lists(OIDS, max_size=2, unique=True).map(tuple)
    cancelled, dropped, pending = draw(names), draw(st.just(()) | names), draw(st.just(()) | names)
    return Sync(t, as_of, listed, draw(st.just(()) | names), cancelled, dropped, pending)


def sighted(judge):
    """Whether an act may come next."""
    return judge.memory.latest_as_of >= 0


def told(judge, events, shift=0):
    """The findings without what depends on where the log began."""
    found = []
    for event in events:
        found += judge.observe(_shifted(event, shift), 0)
    found += judge.finish()
    return [
        (one.guarantee if isinstance(one, Violation) else one.kind, one.t - shift, one.oid)
        for one in found
        if isinstance(one, Violation) or one.kind != "late_link"
    ]


def _shifted(event, shift):
    from dataclasses import replace

    shifted = replace(event, t=event.t + shift)
    return replace(shifted, as_of=event.as_of + shift) if isinstance(event, Sync) else shifted


@given(traces(), st.data())
@settings(max_examples=300, deadline=None)
def test_copy_judges_like_the_original_and_leaves_it_alone(past, data):
    judge = Judge(SMALL, SIGHTED)
    for event in past:
        judge.observe(event)
    future = data.draw(traces(start=judge.t, seen=sighted(judge)))
    now, twin = judge.normal_form(judge.t), judge.copy()
    assert twin.normal_form(judge.t) == now
    seen = told(twin, future)
    assert judge.normal_form(judge.t) == now
    assert told(judge, future) == seen


@given(traces(), st.integers(1, 1000), st.data())
@settings(max_examples=300, deadline=None)
def test_normal_form_knows_neither_absolute_time_nor_line_numbers(past, shift, data):
    judge, later = Judge(SMALL, SIGHTED), Judge(SMALL, SIGHTED)
    for line, event in enumerate(past):
        judge.observe(event, line)
        later.observe(_shifted(event, shift), 7 * line + 3)
    if sighted(judge):
        assert judge.normal_form(judge.t) == later.normal_form(max(later.t, judge.t + shift))


@given(traces(size=8), traces(size=8), st.data())
@settings(max_examples=500, deadline=None)
def test_equal_normal_forms_judge_every_future_alike(first, second, data):
    one, other = Judge(SMALL, SIGHTED), Judge(SMALL, SIGHTED)
    for judge, past in ((one, first), (other, second)):
        for event in past:
            judge.observe(event)
        judge.observe(Cleanup(judge.t + data.draw(st.sampled_from([0, 3, 9, 20]))))
    if one.normal_form(one.t) != other.normal_form(other.t):
        return
    now, shift = one.t, other.t - one.t
    future = data.draw(traces(start=now, seen=sighted(one)))
    seen, other_seen = told(one, future), told(other, future, shift)
    assert [one for one in other_seen if one[1] >= now] == [one for one in seen if one[1] >= now]


@given(traces(size=16))
@settings(max_examples=300, deadline=None)
def test_orders_do_not_interfere(events):
    """R2: what happens to one order changes nothing that is found about another."""
    whole = [one for one in told(Judge(SMALL, SIGHTED), events) if one[2] == "7"]
    alone = [one for one in told(Judge(SMALL, SIGHTED), [_without(event, "8") for event in events]) if one[2] == "7"]
    assert alone == whole


def _without(event, oid):
    """The event with an order taken out of it; what is said about CLOIDs stays, and that a sync has a second half."""
    from dataclasses import replace

    if isinstance(event, Clear | Accept | End | LearnEnd):
        return event if event.oid != oid else Fail(event.t, "nobody's")

    def rest(names):
        return tuple(name for name in names if name != oid)

    if isinstance(event, Act):
        return replace(event, local=rest(event.local), cancelled=rest(event.cancelled))
    if not isinstance(event, Sync):
        return event
    listed = None if event.open is None else tuple(order for order in event.open if order.oid != oid)
    names = {name: rest(getattr(event, name)) for name in ("local", "cancelled", "dropped")}
    return replace(event, open=listed, **names)
