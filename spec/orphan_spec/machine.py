"""One order's life beside the tracker, as a parametric timed automaton.

Theory of operation. The *world* (`world`: client and exchange) chooses events: it registers a CLOID, sends the order, the
exchange rests it as an OID, the answer is recorded, the order is finalized and tracked, or the request fails; messages may
come late, twice, swapped or never, and an order of an earlier life may rest without any of this. The *tracker* answers
each event with exactly one case: they stand here. The *law* (`fields`) remembers what happened in its own words, is read by
no guard, and is what the guarantees (`properties`) speak about. A network is any number of such orders: they share `now`
and take part together in PASS_TIME, SYNC and CLEANUP; everything else happens to one order alone.
"""

from typing import Final

from orphan_spec.automaton import Action, Machine
from orphan_spec.fields import (
    CLOID,
    NO,
    NOWHERE,
    OID,
    RESTING,
    TRACKED,
    UNTRACKED,
    YES,
    acknowledged,
    acknowledged_until,
    aging,
    answer_due,
    answered,
    as_of,
    awaited,
    book,
    candidate,
    delay,
    exchange,
    expectation_until,
    expected_until,
    finalized,
    finalized_until,
    grace,
    heard_until,
    latency,
    linked,
    linked_until,
    now,
    observe,
    orphan_since,
    protected_until,
    protection,
    registered_until,
    ttl,
    unbroken_since,
)
from orphan_spec.terms import ZERO
from orphan_spec.world import (
    ACCEPT,
    APPEAR,
    CLEANUP,
    CLEAR,
    DROP,
    END,
    FAIL,
    FINALIZE,
    PASS_TIME,
    RECORD_OID,
    REGISTER,
    REJECT,
    SEND,
    SYNC,
    TRACK,
)

_opens_acknowledged = (
    acknowledged.becomes(YES),
    heard_until.becomes(now + protection),
    linked_until.becomes(expected_until),
    linked.becomes(YES),
    acknowledged_until.becomes(now + protection),
)
_opens_finalized = (
    finalized.becomes(YES),
    heard_until.becomes(now + protection),
    expected_until.becomes(now),
    linked_until.becomes(now),
    finalized_until.becomes(now + protection),
)

MACHINE: Final = Machine(
    name="OrphanTracker",
    parameters=(grace, ttl, protection, latency, observe),
    inputs=(delay, as_of),
    shared=(now,),
    fields=(
        *(exchange, book, awaited, answer_due),
        *(expected_until, linked_until, heard_until, acknowledged, finalized, candidate, aging, orphan_since),
        *(answered, linked, registered_until, expectation_until, acknowledged_until, finalized_until, unbroken_since),
    ),
    initial=(
        *(exchange.becomes(NOWHERE), book.becomes(UNTRACKED), awaited.becomes(NO), answer_due.becomes(now - grace)),
        *(expected_until.becomes(now), linked_until.becomes(now), heard_until.becomes(now)),
        *(acknowledged.becomes(NO), finalized.becomes(NO), candidate.becomes(NO), aging.becomes(NO)),
        *(orphan_since.becomes(now - grace), answered.becomes(NO), linked.becomes(NO)),
        *(registered_until.becomes(now), expectation_until.becomes(now - grace)),
        *(acknowledged_until.becomes(now - grace), finalized_until.becomes(now - grace)),
        unbroken_since.becomes(now - grace),
    ),
    constraints=(grace > ZERO, ttl > ZERO, protection > ZERO, latency >= ZERO),
    actions=(
        Action("PASS_TIME", PASS_TIME, "Time passes, and nothing else changes."),
        Action("SEND", SEND, "The request leaves for the exchange."),
        Action("ACCEPT", ACCEPT, "The exchange rests the order."),
        Action("REJECT", REJECT, "The exchange refuses the order."),
        Action("APPEAR", APPEAR, "An order that nobody here sent rests."),
        Action("END", END, "The order ends at the exchange."),
        Action("TRACK", TRACK, "The local book takes the OID in."),
        Action("DROP", DROP, "The local book drops the OID."),
        # REGISTER: links live as long as the window, and a window that is still open takes them along.
        Action(
            "REGISTER_BY_OID",
            REGISTER,
            "A window opens without links; listings cannot show whom it concerns.",
            when=(linked_until <= now, observe == OID),
            then=(linked.becomes(NO),),
        ),
        Action(
            "REGISTER_BY_CLOID",
            REGISTER,
            "A window opens without links, and protects whatever a listing shows with the CLOID.",
            when=(linked_until <= now, observe == CLOID),
            then=(linked.becomes(NO), aging.becomes(NO)),
        ),
        Action(
            "REGISTER_AGAIN",
            REGISTER,
            "The open window starts again and keeps its links.",
            when=(now < linked_until,),
            then=(linked_until.becomes(now + ttl),),
        ),
        # RECORD_OID: the first acknowledgement opens a heard-of window; a link lasts as long as the CLOID's window.
        Action(
            "RECORD_UNKNOWN",
            RECORD_OID,
            "The OID is new or was forgotten: this acknowledgement is its first.",
            when=(protected_until <= now, candidate == NO),
            then=(*_opens_acknowledged, finalized.becomes(NO)),
        ),
        Action(
            "RECORD_FIRST_OF_PROTECTED",
            RECORD_OID,
            "A protected OID is acknowledged for the first time.",
            when=(now < protected_until, acknowledged == NO),
            then=_opens_acknowledged,
        ),
        Action(
            "RECORD_FIRST_OF_CANDIDATE",
            RECORD_OID,
            "A candidate is acknowledged for the first time: its age is over.",
            when=(protected_until <= now, candidate == YES, acknowledged == NO),
            then=(*_opens_acknowledged, aging.becomes(NO)),
        ),
        Action(
            "RECORD_AGAIN_OF_PROTECTED",
            RECORD_OID,
            "A repeated acknowledgement of a protected OID only links it.",
            when=(now < protected_until, acknowledged == YES),
            then=(linked_until.becomes(expected_until), linked.becomes(YES)),
        ),
        Action(
            "RECORD_AGAIN_LINKS",
            RECORD_OID,
            "A repeated acknowledgement of a candidate links it to an open window: its age is over.",
            when=(protected_until <= now, candidate == YES, acknowledged == YES, now < expected_until),
            then=(linked_until.becomes(expected_until), linked.becomes(YES), aging.becomes(NO)),
        ),
        Action(
            "RECORD_AGAIN_IN_VAIN",
            RECORD_OID,
            "A repeated acknowledgement of a candidate whose CLOID is not expected changes nothing.",
            when=(protected_until <= now, candidate == YES, acknowledged == YES, expected_until <= now),
        ),
        # FINALIZE: the first ends the expected window and opens a heard-of window; a repeated one says nothing.
        Action(
            "FINALIZE_UNKNOWN",
            FINALIZE,
            "The OID is new or was forgotten: this finalization is its first.",
            when=(protected_until <= now, candidate == NO),
            then=(*_opens_finalized, acknowledged.becomes(NO)),
        ),
        Action(
            "FINALIZE_FIRST_OF_PROTECTED",
            FINALIZE,
            "A protected OID is finalized for the first time.",
            when=(now < protected_until, finalized == NO),
            then=_opens_finalized,
        ),
        Action(
            "FINALIZE_FIRST_OF_CANDIDATE",
            FINALIZE,
            "A candidate is finalized for the first time: its age is over.",
            when=(protected_until <= now, candidate == YES, finalized == NO),
            then=(*_opens_finalized, aging.becomes(NO)),
        ),
        Action(
            "FINALIZE_AGAIN_OF_PROTECTED",
            FINALIZE,
            "A repeated finalization of a protected OID changes nothing.",
            when=(now < protected_until, finalized == YES),
        ),
        Action(
            "FINALIZE_AGAIN_OF_CANDIDATE",
            FINALIZE,
            "A repeated finalization of a candidate changes nothing.",
            when=(protected_until <= now, candidate == YES, finalized == YES),
        ),
        # FAIL: a definite rejection ends the window, unless an OID is known for the CLOID.
        Action(
            "FAIL_ENDS",
            FAIL,
            "No OID is known for the CLOID: its window ends.",
            when=(linked_until <= now,),
            then=(expected_until.becomes(now),),
        ),
        Action(
            "FAIL_CONTRADICTED",
            FAIL,
            "An OID is known for the CLOID: the report is a contradiction, and protection stays.",
            when=(now < linked_until,),
        ),
        Action("CLEAR", CLEAR, "The age of the OID starts anew."),
        # CLEANUP: an OID is forgotten when all its windows are over and the latest snapshot did not show it.
        Action(
            "CLEANUP_FORGETS",
            CLEANUP,
            "Nothing about the OID matters any more: it is forgotten.",
            when=(protected_until <= now, candidate == NO),
            then=(acknowledged.becomes(NO), finalized.becomes(NO)),
        ),
        Action("CLEANUP_KEEPS_PROTECTED", CLEANUP, "A protected OID stays.", when=(now < protected_until,)),
        Action(
            "CLEANUP_KEEPS_CANDIDATE",
            CLEANUP,
            "A candidate stays.",
            when=(protected_until <= now, candidate == YES),
        ),
        # SYNC, of an order that is no candidate.
        Action(
            "SYNC_ABSENT",
            SYNC,
            "The snapshot does not show the order.",
            when=(exchange != RESTING,),
            then=(candidate.becomes(NO), aging.becomes(NO), unbroken_since.becomes(as_of)),
        ),
        Action(
            "SYNC_TRACKED",
            SYNC,
            "The local book claims the order.",
            when=(exchange == RESTING, book == TRACKED),
            then=(candidate.becomes(NO), aging.becomes(NO), unbroken_since.becomes(as_of)),
        ),
        # SYNC of a candidate, where listings show OIDs only.
        Action(
            "SYNC_KEEPS_PROTECTED_BY_OID",
            SYNC,
            "The OID is protected.",
            when=(exchange == RESTING, book == UNTRACKED, observe == OID, now < protected_until),
            then=(candidate.becomes(YES), unbroken_since.becomes(as_of)),
            decision="keep",
        ),
        Action(
            "SYNC_SEES_ORPHAN_BY_OID",
            SYNC,
            "An orphan is seen for the first time.",
            when=(exchange == RESTING, book == UNTRACKED, observe == OID, protected_until <= now, candidate == NO),
            then=(
                *(candidate.becomes(YES), acknowledged.becomes(NO), finalized.becomes(NO)),
                *(aging.becomes(YES), orphan_since.becomes(as_of), unbroken_since.becomes(as_of)),
            ),
            decision="keep",
        ),
        Action(
            "SYNC_STARTS_AGE_BY_OID",
            SYNC,
            "A candidate is an orphan for the first time since its age was broken.",
            when=(
                *(exchange == RESTING, book == UNTRACKED, observe == OID, protected_until <= now),
                *(candidate == YES, aging == NO),
            ),
            then=(aging.becomes(YES), orphan_since.becomes(as_of), unbroken_since.becomes(as_of)),
            decision="keep",
        ),
        Action(
            "SYNC_KEEPS_YOUNG_BY_OID",
            SYNC,
            "The orphan is still in its grace period.",
            when=(
                *(exchange == RESTING, book == UNTRACKED, observe == OID, protected_until <= now),
                *(aging == YES, as_of < orphan_since + grace),
            ),
            decision="keep",
        ),
        Action(
            "SYNC_CANCELS_BY_OID",
            SYNC,
            "The orphan is aged and is cancelled.",
            when=(
                *(exchange == RESTING, book == UNTRACKED, observe == OID, protected_until <= now),
                *(aging == YES, orphan_since + grace <= as_of),
            ),
            decision="cancel",
        ),
        # SYNC of a candidate, where listings show CLOIDs: an open window protects, and being shown with it links.
        Action(
            "SYNC_KEEPS_PROTECTED_BY_CLOID",
            SYNC,
            "The OID is protected; if its CLOID is expected, it is linked.",
            when=(exchange == RESTING, book == UNTRACKED, observe == CLOID, now < protected_until),
            then=(candidate.becomes(YES), linked_until.becomes(expected_until), unbroken_since.becomes(as_of)),
            decision="keep",
        ),
        Action(
            "SYNC_KEEPS_EXPECTED_AND_NEW",
            SYNC,
            "A listing shows an order, not known before, with an expected CLOID.",
            when=(
                *(exchange == RESTING, book == UNTRACKED, observe == CLOID, protected_until <= now),
                *(now < expected_until, candidate == NO),
            ),
            then=(
                *(candidate.becomes(YES), acknowledged.becomes(NO), finalized.becomes(NO)),
                *(linked_until.becomes(expected_until), unbroken_since.becomes(as_of)),
            ),
            decision="keep",
        ),
        Action(
            "SYNC_KEEPS_EXPECTED",
            SYNC,
            "A listing shows a candidate with an expected CLOID.",
            when=(
                *(exchange == RESTING, book == UNTRACKED, observe == CLOID, protected_until <= now),
                *(now < expected_until, candidate == YES),
            ),
            then=(linked_until.becomes(expected_until), unbroken_since.becomes(as_of)),
            decision="keep",
        ),
        Action(
            "SYNC_SEES_ORPHAN_BY_CLOID",
            SYNC,
            "An orphan is seen for the first time.",
            when=(
                *(exchange == RESTING, book == UNTRACKED, observe == CLOID, protected_until <= now),
                *(expected_until <= now, candidate == NO),
            ),
            then=(
                *(candidate.becomes(YES), acknowledged.becomes(NO), finalized.becomes(NO)),
                *(aging.becomes(YES), orphan_since.becomes(as_of), unbroken_since.becomes(as_of)),
            ),
            decision="keep",
        ),
        Action(
            "SYNC_STARTS_AGE_BY_CLOID",
            SYNC,
            "A candidate is an orphan for the first time since its age was broken.",
            when=(
                *(exchange == RESTING, book == UNTRACKED, observe == CLOID, protected_until <= now),
                *(expected_until <= now, candidate == YES, aging == NO),
            ),
            then=(aging.becomes(YES), orphan_since.becomes(as_of), unbroken_since.becomes(as_of)),
            decision="keep",
        ),
        Action(
            "SYNC_KEEPS_YOUNG_BY_CLOID",
            SYNC,
            "The orphan is still in its grace period.",
            when=(
                *(exchange == RESTING, book == UNTRACKED, observe == CLOID, protected_until <= now),
                *(expected_until <= now, aging == YES, as_of < orphan_since + grace),
            ),
            decision="keep",
        ),
        Action(
            "SYNC_CANCELS_BY_CLOID",
            SYNC,
            "The orphan is aged and is cancelled.",
            when=(
                *(exchange == RESTING, book == UNTRACKED, observe == CLOID, protected_until <= now),
                *(expected_until <= now, aging == YES, orphan_since + grace <= as_of),
            ),
            decision="cancel",
        ),
    ),
)
"""The machine: the one text that runs, is proved, is explored and is printed."""
