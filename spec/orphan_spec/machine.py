"""One order beside the tracker, as a parametric timed automaton.

Theory of operation. The *world* (`world`: client, exchange, network, snapshots) chooses events. The *tracker* answers each
with exactly one case: they stand here. The *law* (`fields`) remembers what happened in its own words, is read by no guard,
and is what the guarantees (`properties`) speak about. What the local book makes of the same events is a second automaton
(`local_book`), which shares the world with this one. A network is any number of such orders: they share `now` and take part
together in PASS_TIME, SYNC, FETCH_FAILS, CLEANUP and RESTART; everything else happens to one order alone. An order is one
OID: what befalls another OID of its CLOID is an event of its own (LINK_SIBLING, FINALIZE_SIBLING).

A sync is two steps. SYNC decides by a snapshot and condemns; ACT decides again, with the newest protection and the newest
local book, and only then is the cancel sent. Between the two, and between the instant `as_of` that a snapshot shows and its
use, anything may happen. A snapshot decides only if it is later than the last local change of the order (N7).
"""

from dataclasses import replace
from typing import Final

from orphan_spec.automaton import Action, Event, Machine
from orphan_spec.fields import (
    ABSENT,
    CLOID,
    FOREIGN,
    LISTED,
    NO,
    OID,
    OURS,
    TRACKED,
    UNTRACKED,
    YES,
    acknowledged,
    acknowledged_until,
    age,
    aging,
    answered,
    as_of,
    book,
    candidate,
    changed_at,
    condemned,
    covered_until,
    delay,
    expectation_until,
    expected_until,
    finalized,
    finalized_until,
    grace,
    heard_until,
    known_until,
    latency,
    latest_as_of,
    learned_at,
    linked,
    linked_until,
    now,
    observe,
    orphan_since,
    overtaken,
    owner,
    protected_until,
    protection,
    registered_until,
    shielded_until,
    shown,
    ttl,
    unbroken_since,
)
from orphan_spec.terms import ZERO, Assignment, Maximum, Minimum
from orphan_spec.world import (
    ACCEPT,
    APPEAR,
    APPEAR_FOREIGN,
    CLEANUP,
    CLEAR,
    DROP,
    END,
    FAIL,
    FETCH_FAILS,
    FILL,
    FILL_AT_ONCE,
    FINALIZE,
    FINALIZE_SIBLING,
    LEARN_END,
    LINK_SIBLING,
    PASS_TIME,
    RECORD_OID,
    REGISTER,
    REJECT,
    RESTART,
    SEND,
    SYNC,
    TIMEOUT,
    TRACK,
    WORLD_FIELDS,
    WORLD_START,
)

ACT: Final = Event("ACT", "A cancel is about to be sent, on the evidence of the latest sync.", when=(condemned == YES,))

_changes: Final = (changed_at.becomes(now), overtaken.becomes(YES))
_starts_anew: Final = (aging.becomes(NO), condemned.becomes(NO))
_demands_nothing: Final = (expectation_until.becomes(Minimum(expectation_until, now)), linked.becomes(NO))
_closes: Final = tuple(until.becomes(now) for until in (expected_until, covered_until, known_until, linked_until))
_links: Final = (linked_until.becomes(expected_until), known_until.becomes(expected_until), linked.becomes(YES))
_acknowledges: Final = (
    *(acknowledged.becomes(YES), heard_until.becomes(now + protection), acknowledged_until.becomes(now + protection)),
    *(answered.becomes(YES), *_links),
)
_finalizes: Final = (
    *(finalized.becomes(YES), heard_until.becomes(now + protection), finalized_until.becomes(now + protection)),
    *(answered.becomes(YES), *_closes),
)
_forgets: Final = (acknowledged.becomes(NO), finalized.becomes(NO))
_ages: Final = (aging.becomes(YES), orphan_since.becomes(as_of), unbroken_since.becomes(as_of))


def each(common: tuple[Assignment, ...], *actions: Action) -> tuple[Action, ...]:
    """The cases, each with the changes that all have in common."""
    return tuple(replace(action, common=common) for action in actions)


_REGISTER: Final = each(
    (expected_until.becomes(now + ttl), registered_until.becomes(now + ttl), expectation_until.becomes(now + ttl)),
    Action(
        "REGISTER_BY_OID",
        REGISTER,
        "A window opens without links; listings cannot show whom it concerns.",
        when=(known_until <= now, observe == OID),
        then=(linked.becomes(NO),),
    ),
    Action(
        "REGISTER_BY_CLOID",
        REGISTER,
        "A window opens without links, and protects whatever a listing shows with the CLOID.",
        when=(known_until <= now, observe == CLOID),
        then=(linked.becomes(NO), covered_until.becomes(now + ttl), *_starts_anew, *_changes),
    ),
    Action(
        "REGISTER_BESIDE_BY_OID",
        REGISTER,
        "A window that another OID is linked to starts again and keeps that link.",
        when=(linked_until <= now, now < known_until, observe == OID),
        then=(linked.becomes(NO), known_until.becomes(now + ttl)),
    ),
    Action(
        "REGISTER_BESIDE_BY_CLOID",
        REGISTER,
        "The same, where it protects whatever a listing shows with the CLOID.",
        when=(linked_until <= now, now < known_until, observe == CLOID),
        then=(
            *(linked.becomes(NO), known_until.becomes(now + ttl), covered_until.becomes(now + ttl)),
            *_changes,
        ),
    ),
    Action(
        "REGISTER_AGAIN_BY_OID",
        REGISTER,
        "The open window starts again and keeps its links.",
        when=(now < linked_until, observe == OID),
        then=(linked_until.becomes(now + ttl), known_until.becomes(now + ttl), *_changes),
    ),
    Action(
        "REGISTER_AGAIN_BY_CLOID",
        REGISTER,
        "The same, where it protects whatever a listing shows with the CLOID.",
        when=(now < linked_until, observe == CLOID),
        then=(*(v.becomes(now + ttl) for v in (linked_until, known_until, covered_until)), *_changes),
    ),
)
"""Links live as long as the window, and a window that is still open takes them along."""

_RECORD: Final = each(
    _changes,
    Action(
        "RECORD_UNKNOWN",
        RECORD_OID,
        "The OID is new or was forgotten: this acknowledgement is its first.",
        when=(protected_until <= now, candidate == NO),
        then=(*_acknowledges, finalized.becomes(NO)),
    ),
    Action(
        "RECORD_FIRST_OF_PROTECTED",
        RECORD_OID,
        "A protected OID is acknowledged for the first time.",
        when=(now < protected_until, acknowledged == NO),
        then=_acknowledges,
    ),
    Action(
        "RECORD_FIRST_OF_CANDIDATE",
        RECORD_OID,
        "A candidate is acknowledged for the first time: its age is over.",
        when=(protected_until <= now, candidate == YES, acknowledged == NO),
        then=(*_acknowledges, *_starts_anew),
    ),
    Action(
        "RECORD_AGAIN_OF_PROTECTED",
        RECORD_OID,
        "A repeated acknowledgement of a protected OID only links it.",
        when=(now < protected_until, acknowledged == YES),
        then=_links,
    ),
    Action(
        "RECORD_AGAIN_LINKS",
        RECORD_OID,
        "A repeated acknowledgement of a candidate links it to an open window: its age is over.",
        when=(protected_until <= now, candidate == YES, acknowledged == YES, now < expected_until),
        then=(*_links, *_starts_anew),
    ),
    Action(
        "RECORD_AGAIN_IN_VAIN",
        RECORD_OID,
        "A repeated acknowledgement of a candidate whose CLOID is not expected opens nothing, but the evidence is older now.",
        when=(protected_until <= now, candidate == YES, acknowledged == YES, expected_until <= now),
        then=(condemned.becomes(NO),),
    ),
)
"""The first acknowledgement opens a heard-of window; a link lasts as long as the CLOID's window."""

_FINALIZE: Final = each(
    (*_demands_nothing, *_changes),
    Action(
        "FINALIZE_UNKNOWN",
        FINALIZE,
        "The OID is new or was forgotten: this finalization is its first.",
        when=(protected_until <= now, candidate == NO),
        then=(*_finalizes, acknowledged.becomes(NO)),
    ),
    Action(
        "FINALIZE_FIRST_OF_PROTECTED",
        FINALIZE,
        "A protected OID is finalized for the first time.",
        when=(now < protected_until, finalized == NO),
        then=_finalizes,
    ),
    Action(
        "FINALIZE_FIRST_OF_CANDIDATE",
        FINALIZE,
        "A candidate is finalized for the first time: its age is over.",
        when=(protected_until <= now, candidate == YES, finalized == NO),
        then=(*_finalizes, *_starts_anew),
    ),
    Action(
        "FINALIZE_AGAIN_OF_PROTECTED",
        FINALIZE,
        "A repeated finalization of a protected OID opens nothing.",
        when=(now < protected_until, finalized == YES),
    ),
    Action(
        "FINALIZE_AGAIN_OF_CANDIDATE",
        FINALIZE,
        "A repeated finalization of a candidate opens nothing.",
        when=(protected_until <= now, candidate == YES, finalized == YES),
        then=(condemned.becomes(NO),),
    ),
)
"""The first finalization ends the expected window and opens a heard-of window; a repeated one says nothing."""

_SIBLING: Final = (
    Action(
        "LINK_SIBLING_EXPECTED",
        LINK_SIBLING,
        "The CLOID is expected: an OID is known for it.",
        when=(now < expected_until,),
        then=(known_until.becomes(expected_until),),
    ),
    Action("LINK_SIBLING_IN_VAIN", LINK_SIBLING, "The CLOID is not expected.", when=(expected_until <= now,)),
    Action(
        "FINALIZE_SIBLING",
        FINALIZE_SIBLING,
        "The window of the CLOID ends, for all its OIDs.",
        then=(*_closes, *_demands_nothing),
    ),
)
"""What other OIDs of the CLOID mean for this one."""

_FAIL: Final = each(
    _demands_nothing,
    Action(
        "FAIL_ENDS_BY_OID",
        FAIL,
        "No OID is known for the CLOID: its window ends.",
        when=(known_until <= now, observe == OID),
        then=(expected_until.becomes(now),),
    ),
    Action(
        "FAIL_ENDS_BY_CLOID",
        FAIL,
        "No OID is known for the CLOID: its window ends, also for what a listing shows with it.",
        when=(known_until <= now, observe == CLOID),
        then=(expected_until.becomes(now), covered_until.becomes(now), condemned.becomes(NO), *_changes),
    ),
    Action(
        "FAIL_CONTRADICTED",
        FAIL,
        "This OID is known for the CLOID: the report is a contradiction, and protection stays.",
        when=(now < linked_until,),
        then=_changes,
    ),
    Action(
        "FAIL_CONTRADICTED_BESIDE_BY_OID",
        FAIL,
        "Another OID is known for the CLOID: the report is a contradiction.",
        when=(linked_until <= now, now < known_until, observe == OID),
    ),
    Action(
        "FAIL_CONTRADICTED_BESIDE_BY_CLOID",
        FAIL,
        "The same, where listings show whom it concerns.",
        when=(linked_until <= now, now < known_until, observe == CLOID),
        then=_changes,
    ),
)
"""A definite rejection ends the window, unless an OID is known for the CLOID."""

_FORGET: Final = (
    Action(
        "LEARN_END",
        LEARN_END,
        "Its age is over, and no snapshot up to now says anything about it.",
        then=(*_starts_anew, *_changes, learned_at.becomes(now), unbroken_since.becomes(now)),
    ),
    Action(
        "CLEAR_CANDIDATE",
        CLEAR,
        "The age of a candidate starts anew.",
        when=(candidate == YES,),
        then=(*_starts_anew, *_changes, unbroken_since.becomes(now)),
    ),
    Action(
        "CLEAR_PROTECTED",
        CLEAR,
        "A protected OID has no age.",
        when=(candidate == NO, now < protected_until),
        then=(*_changes, unbroken_since.becomes(now)),
    ),
    Action("CLEAR_UNKNOWN", CLEAR, "The OID is unknown.", when=(candidate == NO, protected_until <= now)),
    Action(
        "CLEANUP_FORGETS",
        CLEANUP,
        "Nothing about the OID matters any more: it is forgotten.",
        when=(protected_until <= now, candidate == NO),
        then=_forgets,
    ),
    Action("CLEANUP_KEEPS_PROTECTED", CLEANUP, "A protected OID stays.", when=(now < protected_until,)),
    Action("CLEANUP_KEEPS_CANDIDATE", CLEANUP, "A candidate stays.", when=(protected_until <= now, candidate == YES)),
    Action(
        "RESTART",
        RESTART,
        "A new tracker knows nothing, and counts only snapshots of its own life.",
        then=(
            *(*_closes, heard_until.becomes(now), *_forgets),
            *(candidate.becomes(NO), *_starts_anew, changed_at.becomes(now), latest_as_of.becomes(now)),
        ),
    ),
)
"""What ends an age, and what is forgotten: an OID when all its windows are over and the latest snapshot did not show it."""

_counts: Final = (shown == LISTED, book == UNTRACKED, latest_as_of <= as_of)
_orphan: Final = (*_counts, shielded_until <= now, changed_at < as_of)
_aged: Final = (*_orphan, aging == YES, orphan_since + grace <= as_of)
_condemns: Final = (condemned.becomes(YES), overtaken.becomes(NO))

_SYNC: Final = (
    Action("SYNC_LATE", SYNC, "The snapshot is older than one that counted: it says nothing.", (as_of < latest_as_of,)),
    *each(
        (latest_as_of.becomes(as_of),),
        Action(
            "SYNC_ABSENT",
            SYNC,
            "The snapshot does not show the order.",
            when=(shown == ABSENT, latest_as_of <= as_of),
            then=(candidate.becomes(NO), *_starts_anew, unbroken_since.becomes(as_of)),
        ),
        Action(
            "SYNC_TRACKED",
            SYNC,
            "The local book claims the order.",
            when=(shown == LISTED, book == TRACKED, latest_as_of <= as_of),
            then=(candidate.becomes(NO), *_starts_anew, unbroken_since.becomes(as_of)),
        ),
        Action(
            "SYNC_KEEPS_PROTECTED",
            SYNC,
            "The OID is protected; if it is shown with a CLOID that is expected, it is linked.",
            when=(*_counts, now < protected_until),
            then=(
                *(candidate.becomes(YES), linked_until.becomes(Maximum(linked_until, covered_until))),
                *(known_until.becomes(Maximum(known_until, covered_until)), unbroken_since.becomes(as_of)),
            ),
            decision="keep",
        ),
        Action(
            "SYNC_KEEPS_EXPECTED_AND_NEW",
            SYNC,
            "A listing shows an order, not known before, with an expected CLOID.",
            when=(*_counts, protected_until <= now, now < covered_until, candidate == NO),
            then=(
                *(candidate.becomes(YES), *_forgets, linked_until.becomes(covered_until)),
                *(known_until.becomes(covered_until), unbroken_since.becomes(as_of)),
            ),
            decision="keep",
        ),
        Action(
            "SYNC_KEEPS_EXPECTED",
            SYNC,
            "A listing shows a candidate with an expected CLOID.",
            when=(*_counts, protected_until <= now, now < covered_until, candidate == YES),
            then=(
                *(linked_until.becomes(covered_until), known_until.becomes(covered_until)),
                unbroken_since.becomes(as_of),
            ),
            decision="keep",
        ),
        Action(
            "SYNC_UNDECIDED_OF_NEW",
            SYNC,
            "The order, not known before, changed locally after the snapshot.",
            when=(*_counts, shielded_until <= now, as_of <= changed_at, candidate == NO),
            then=(candidate.becomes(YES), *_forgets, unbroken_since.becomes(as_of)),
            decision="keep",
        ),
        Action(
            "SYNC_UNDECIDED",
            SYNC,
            "The candidate changed locally after the snapshot: its age stays what it is.",
            when=(*_counts, shielded_until <= now, as_of <= changed_at, aging == YES),
            decision="keep",
        ),
        Action(
            "SYNC_UNDECIDED_OF_UNAGED",
            SYNC,
            "A candidate without an age changed locally after the snapshot: its age does not start.",
            when=(*_counts, shielded_until <= now, as_of <= changed_at, candidate == YES, aging == NO),
            then=(unbroken_since.becomes(as_of),),
            decision="keep",
        ),
        Action(
            "SYNC_SEES_ORPHAN",
            SYNC,
            "An orphan is seen for the first time.",
            when=(*_orphan, candidate == NO),
            then=(candidate.becomes(YES), *_forgets, *_ages),
            decision="keep",
        ),
        Action(
            "SYNC_STARTS_AGE",
            SYNC,
            "A candidate is an orphan for the first time since its age was broken.",
            when=(*_orphan, candidate == YES, aging == NO),
            then=_ages,
            decision="keep",
        ),
        Action(
            "SYNC_KEEPS_YOUNG",
            SYNC,
            "The orphan is still in its grace period.",
            when=(*_orphan, aging == YES, as_of < orphan_since + grace),
            decision="keep",
        ),
        Action(
            "SYNC_CONDEMNS",
            SYNC,
            "The orphan is aged and is to be cancelled.",
            when=(*_aged, owner == OURS),
            then=_condemns,
            decision="cancel",
        ),
        Action(
            "SYNC_CONDEMNS_RECORDED",
            SYNC,
            "The orphan is aged; an answer names it, so it counts as ours whoever placed it.",
            when=(*_aged, owner == FOREIGN, acknowledged == YES),
            then=_condemns,
            decision="cancel",
        ),
        Action(
            "SYNC_CONDEMNS_FINALIZED",
            SYNC,
            "The orphan is aged; a finalization names it, so it counts as ours whoever placed it.",
            when=(*_aged, owner == FOREIGN, acknowledged == NO, finalized == YES),
            then=_condemns,
            decision="cancel",
        ),
        Action(
            "SYNC_REPORTS_FOREIGN",
            SYNC,
            "The orphan is aged and not ours: it is reported.",
            when=(*_aged, owner == FOREIGN, acknowledged == NO, finalized == NO),
            decision="keep",
        ),
    ),
    Action("FETCH_FAILS", FETCH_FAILS, "Nothing changes."),
)
"""The sync decides: about every order that a snapshot in time lists outside the local book, in exactly one way."""

_ACT: Final = (
    Action(
        "ACT_CANCELS",
        ACT,
        "The order is still an unclaimed orphan: the cancel is sent.",
        when=(book == UNTRACKED,),
        then=(condemned.becomes(NO),),
        decision="cancel",
    ),
    Action(
        "ACT_RELENTS",
        ACT,
        "The local book has claimed the order meanwhile.",
        when=(book == TRACKED,),
        then=(condemned.becomes(NO),),
        decision="keep",
    ),
)
"""The sync acts. Whatever protects a condemned order meanwhile, and every local change of it, has pardoned it already."""

MACHINE: Final = Machine(
    name="OrphanTracker",
    parameters=(grace, ttl, protection, latency, age, observe),
    inputs=(delay, as_of, shown),
    own=(shown,),
    shared=(now,),
    fields=(
        *WORLD_FIELDS,
        *(expected_until, covered_until, known_until, linked_until, heard_until, acknowledged, finalized),
        *(changed_at, latest_as_of, candidate, aging, orphan_since, condemned),
        *(answered, linked, registered_until, expectation_until, acknowledged_until, finalized_until),
        *(unbroken_since, learned_at, overtaken),
    ),
    initial=(
        *WORLD_START,
        *(v.becomes(now) for v in (expected_until, covered_until, known_until, linked_until, heard_until)),
        *(v.becomes(NO) for v in (acknowledged, finalized, candidate, aging, condemned, answered, linked, overtaken)),
        *(v.becomes(now - age - grace) for v in (changed_at, orphan_since, unbroken_since, learned_at)),
        *(latest_as_of.becomes(now - age), registered_until.becomes(now)),
        *(v.becomes(now - grace) for v in (expectation_until, acknowledged_until, finalized_until)),
    ),
    constraints=(grace > ZERO, ttl > ZERO, protection > ZERO, latency >= ZERO, age >= ZERO),
    actions=(
        Action("PASS_TIME", PASS_TIME, "Time passes, and nothing else changes."),
        *_REGISTER,
        *(
            Action(event.name, event, "The tracker does not hear of it.")
            for event in (SEND, ACCEPT, REJECT, APPEAR, APPEAR_FOREIGN, FILL, FILL_AT_ONCE, END, TIMEOUT, TRACK, DROP)
        ),
        *_RECORD,
        *_FINALIZE,
        *_SIBLING,
        *_FAIL,
        *_FORGET,
        *_SYNC,
        *_ACT,
    ),
)
"""The machine: the one text that runs, is proved, is explored and is printed."""
