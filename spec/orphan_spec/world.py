"""What the world does: the events, when they can happen, and what they change whatever the tracker makes of them.

One rule. Nothing here knows the tracker's answer, but for what the answer to *every* case has in common; and nobody but
`PASS_TIME` moves `now`: dense in the proofs, one unit at a time in exploration.
"""

from typing import Final

from orphan_spec.automaton import Event
from orphan_spec.fields import (
    ENDED,
    NO,
    NOWHERE,
    RESTING,
    TRACKED,
    TRAVELLING,
    UNTRACKED,
    YES,
    aging,
    answer_due,
    answered,
    as_of,
    awaited,
    book,
    delay,
    exchange,
    expectation_until,
    expected_until,
    latency,
    linked,
    now,
    registered_until,
    ttl,
    unbroken_since,
)
from orphan_spec.terms import ZERO, Minimum

_ended: Final = Minimum(expectation_until, now)

PASS_TIME = Event("PASS_TIME", "Time passes.", (delay > ZERO,), (now.becomes(now + delay),), scope="all")
REGISTER = Event(
    "REGISTER",
    "The client registers the CLOID and from now on awaits an answer.",
    then=(
        awaited.becomes(YES),
        answer_due.becomes(now + latency),
        expected_until.becomes(now + ttl),
        registered_until.becomes(now + ttl),
        expectation_until.becomes(now + ttl),
    ),
)
SEND = Event(
    "SEND",
    "The request leaves for the exchange.",
    when=(exchange == NOWHERE, awaited == YES),
    then=(exchange.becomes(TRAVELLING),),
)
ACCEPT = Event("ACCEPT", "The exchange rests the order.", (exchange == TRAVELLING,), (exchange.becomes(RESTING),))
REJECT = Event("REJECT", "The exchange refuses the order.", (exchange == TRAVELLING,), (exchange.becomes(NOWHERE),))
APPEAR = Event(
    "APPEAR",
    "An order of an earlier life, or of somebody else, rests.",
    when=(exchange == NOWHERE, awaited == NO),
    then=(exchange.becomes(RESTING),),
)
END = Event(
    "END",
    "The order is filled, cancelled or expired at the exchange.",
    when=(exchange == RESTING,),
    then=(exchange.becomes(ENDED),),
)
TRACK = Event(
    "TRACK",
    "The local book takes the OID in.",
    when=(exchange >= RESTING, book == UNTRACKED),
    then=(book.becomes(TRACKED),),
)
DROP = Event(
    "DROP", "The local book drops the OID, rightly or not.", (book == TRACKED,), then=(book.becomes(UNTRACKED),)
)
RECORD_OID = Event(
    "RECORD_OID",
    "The answer arrives, and its OID is recorded for the CLOID.",
    when=(exchange >= RESTING,),
    then=(awaited.becomes(NO), answered.becomes(YES)),
)
FINALIZE = Event(
    "FINALIZE",
    "The client reports the order as finalized.",
    when=(exchange >= RESTING,),
    then=(awaited.becomes(NO), answered.becomes(YES), linked.becomes(NO), expectation_until.becomes(_ended)),
)
FAIL = Event(
    "FAIL",
    "The client reports the CLOID as definitely rejected.",
    then=(awaited.becomes(NO), linked.becomes(NO), expectation_until.becomes(_ended)),
)
CLEAR = Event("CLEAR", "The client clears the OID.", then=(aging.becomes(NO), unbroken_since.becomes(now)))
CLEANUP = Event("CLEANUP", "The tracker collects garbage.", scope="all")
SYNC = Event("SYNC", "The safety sync compares a snapshot with the local book.", (as_of == now,), scope="all")
