"""What the world does: the events, when they can happen, and what they change at the exchange and at the client.

Two rules. Nothing here knows what the tracker or the local book make of an event: each says so in its own text
(`orphan_spec.machine`, `orphan_spec.local_book`), and both read this one. And nobody but `PASS_TIME` moves `now`: dense in
the proofs, one unit at a time in exploration.

Messages may come late, twice, swapped or never: an answer, a finalization or a failure may be heard at any time, whatever
really happened. A snapshot is a value, `as_of` an instant at most `age` ago, and what it lists is arbitrary: that it tells
the truth is an assumption (A3, A7), which few guarantees need. So snapshots may overlap and come out of order.
"""

from typing import Final

from orphan_spec.automaton import Event
from orphan_spec.fields import (
    CLOID,
    ENDED,
    FOREIGN,
    NO,
    NOWHERE,
    OURS,
    RESTING,
    TRACKED,
    TRAVELLING,
    UNTRACKED,
    YES,
    age,
    answer_due,
    as_of,
    awaited,
    book,
    delay,
    ended_at,
    exchange,
    grace,
    latency,
    now,
    observe,
    owner,
    rested_at,
)
from orphan_spec.terms import ZERO

_rests: Final = (exchange.becomes(RESTING), rested_at.becomes(now))

PASS_TIME = Event("PASS_TIME", "Time passes.", (delay > ZERO,), (now.becomes(now + delay),), scope="all")
REGISTER = Event(
    "REGISTER",
    "The client registers the CLOID and from now on awaits an answer.",
    then=(awaited.becomes(YES), answer_due.becomes(now + latency)),
)
SEND = Event(
    "SEND",
    "The request leaves for the exchange: a placement, or the replacement of an older order of the CLOID.",
    when=(exchange == NOWHERE, awaited == YES),
    then=(exchange.becomes(TRAVELLING),),
)
ACCEPT = Event("ACCEPT", "The exchange rests the order.", (exchange == TRAVELLING,), _rests)
REJECT = Event("REJECT", "The exchange refuses the order.", (exchange == TRAVELLING,), (exchange.becomes(NOWHERE),))
APPEAR = Event(
    "APPEAR",
    "An order of an earlier life, or one that nobody here registered, rests.",
    when=(exchange == NOWHERE, awaited == NO),
    then=_rests,
)
APPEAR_FOREIGN = Event(
    "APPEAR_FOREIGN",
    "An order rests whose CLOID, as listings show, is not ours.",
    when=(exchange == NOWHERE, awaited == NO, observe == CLOID),
    then=(*_rests, owner.becomes(FOREIGN)),
)
FILL = Event("FILL", "A part of the order is filled, and the rest of it rests on.", when=(exchange == RESTING,))
FILL_AT_ONCE = Event(
    "FILL_AT_ONCE",
    "The order is filled before it ever rests.",
    when=(exchange == TRAVELLING,),
    then=(exchange.becomes(ENDED), rested_at.becomes(now), ended_at.becomes(now)),
)
END = Event(
    "END",
    "The order is filled, cancelled, replaced or expired at the exchange.",
    when=(exchange == RESTING,),
    then=(exchange.becomes(ENDED), ended_at.becomes(now)),
)
TIMEOUT = Event("TIMEOUT", "The outcome of the request stays unknown; that is no failure.", when=(awaited == YES,))
TRACK = Event(
    "TRACK",
    "The local book takes the OID in.",
    when=(exchange >= RESTING, book == UNTRACKED),
    then=(book.becomes(TRACKED),),
)
DROP = Event(
    "DROP",
    "The local book drops the OID, rightly or not.",
    when=(book == TRACKED,),
    then=(book.becomes(UNTRACKED),),
    answered=False,
)
RECORD_OID = Event(
    "RECORD_OID",
    "The answer arrives, and its OID is recorded for the CLOID.",
    when=(exchange >= RESTING,),
    then=(awaited.becomes(NO),),
)
FINALIZE = Event(
    "FINALIZE",
    "The client reports the order as finalized.",
    when=(exchange >= RESTING,),
    then=(awaited.becomes(NO),),
)
LINK_SIBLING = Event("LINK_SIBLING", "Another OID is recorded for the CLOID, or shown with it.")
FINALIZE_SIBLING = Event(
    "FINALIZE_SIBLING", "Another OID of the CLOID is finalized for the first time.", then=(awaited.becomes(NO),)
)
FAIL = Event("FAIL", "The client reports the CLOID as definitely rejected.", then=(awaited.becomes(NO),))
LEARN_END = Event("LEARN_END", "The client learns that the order has ended.", when=(exchange == ENDED,))
CLEAR = Event("CLEAR", "The client clears the OID.")
CLEANUP = Event("CLEANUP", "The tracker collects garbage.", scope="all")
RESTART = Event(
    "RESTART",
    "The client starts anew: what it held in memory is gone, and it asks for its own snapshots.",
    then=(book.becomes(UNTRACKED), awaited.becomes(NO)),
    scope="all",
)
SYNC = Event(
    "SYNC",
    "The safety sync compares a snapshot with the local book, and decides.",
    (now <= as_of + age, as_of <= now),
    scope="all",
)
FETCH_FAILS = Event("FETCH_FAILS", "No snapshot arrives; that is no evidence.", scope="all")

WORLD_FIELDS: Final = (exchange, rested_at, ended_at, owner, book, awaited, answer_due)
"""The fields that the world's own text changes."""

WORLD_START: Final = (
    *(exchange.becomes(NOWHERE), rested_at.becomes(now - age), ended_at.becomes(now - age), owner.becomes(OURS)),
    *(book.becomes(UNTRACKED), awaited.becomes(NO), answer_due.becomes(now - grace)),
)
"""How the world starts."""

EVENTS: Final = (
    *(PASS_TIME, REGISTER, SEND, ACCEPT, REJECT, APPEAR, APPEAR_FOREIGN, FILL, FILL_AT_ONCE, END, TIMEOUT, TRACK, DROP),
    *(RECORD_OID, FINALIZE, LINK_SIBLING, FINALIZE_SIBLING, FAIL, LEARN_END, CLEAR, CLEANUP, RESTART),
    *(SYNC, FETCH_FAILS),
)
"""Every event of the world, in the order of a life."""
