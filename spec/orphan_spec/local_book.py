"""One order in the local book, as a second automaton over the same world: when it is dropped as stale.

Theory of operation. The book takes an OID in (TRACK), learns that the order has ended (LEARN_END), or finds out by itself:
snapshots that lack the order, all later than the last local change of its entry, and that span the grace period, make it
stale (N13). It drops (DROP) only what is stale or known to have ended; that is the book's own choice, so the world's DROP
is answered by no other case. What the tracker makes of the same events is another text (`machine`); the two share the
world, and their product is the whole (`whole`).
"""

from typing import Final

from orphan_spec.automaton import Action, Machine
from orphan_spec.fields import (
    ABSENT,
    LISTED,
    NO,
    TRACKED,
    UNTRACKED,
    YES,
    age,
    as_of,
    book,
    booked_at,
    delay,
    grace,
    latency,
    latest_as_of,
    missing,
    missing_since,
    now,
    observe,
    shown,
    stale,
    told,
)
from orphan_spec.machine import each
from orphan_spec.terms import ZERO
from orphan_spec.world import DROP, EVENTS, LEARN_END, RESTART, SYNC, TRACK, WORLD_FIELDS, WORLD_START

_is_new: Final = (told.becomes(NO), booked_at.becomes(now))
_is_not_missed: Final = (missing.becomes(NO), stale.becomes(NO))
_lacks: Final = (shown == ABSENT, book == TRACKED, latest_as_of <= as_of)

_CASES: Final = (
    Action("TRACK", TRACK, "A new entry.", then=_is_new),
    Action("DROP_STALE", DROP, "The order is stale.", when=(stale == YES,), then=_is_not_missed),
    Action(
        "DROP_TOLD",
        DROP,
        "The client has learned that the order has ended.",
        when=(stale == NO, told == YES),
        then=(missing.becomes(NO),),
    ),
    Action("LEARN_END_OF_TRACKED", LEARN_END, "The entry may go.", when=(book == TRACKED,), then=(told.becomes(YES),)),
    Action("LEARN_END_OF_UNTRACKED", LEARN_END, "There is no entry.", when=(book == UNTRACKED,)),
    Action("RESTART", RESTART, "A new book is empty.", then=(*_is_new, *_is_not_missed, latest_as_of.becomes(now))),
    Action("SYNC_LATE", SYNC, "The snapshot is older than one that counted: it says nothing.", (as_of < latest_as_of,)),
    *each(
        (latest_as_of.becomes(as_of),),
        Action("SYNC_UNTRACKED", SYNC, "There is no entry.", (book == UNTRACKED, latest_as_of <= as_of)),
        Action(
            "SYNC_SHOWN",
            SYNC,
            "The snapshot shows the order.",
            when=(shown == LISTED, book == TRACKED, latest_as_of <= as_of),
            then=_is_not_missed,
        ),
        Action(
            "SYNC_LACKS_UNDECIDED",
            SYNC,
            "The snapshot lacks the order, and is not later than the last change of its entry: it says nothing.",
            when=(*_lacks, as_of <= booked_at),
        ),
        Action(
            "SYNC_LACKS_FIRST",
            SYNC,
            "The first snapshot that lacks the order.",
            when=(*_lacks, booked_at < as_of, missing == NO),
            then=(missing.becomes(YES), missing_since.becomes(as_of)),
        ),
        Action(
            "SYNC_LACKS_AGAIN",
            SYNC,
            "The snapshots that lack the order do not yet span the grace period.",
            when=(*_lacks, booked_at < as_of, missing == YES, as_of < missing_since + grace),
        ),
        Action(
            "SYNC_LACKS_LONG",
            SYNC,
            "The snapshots that lack the order span the grace period: it is stale.",
            when=(*_lacks, booked_at < as_of, missing == YES, missing_since + grace <= as_of),
            then=(stale.becomes(YES),),
        ),
    ),
)
_heard: Final = {action.event for action in _CASES}

LOCAL_BOOK: Final = Machine(
    name="LocalBook",
    parameters=(grace, latency, age, observe),
    inputs=(delay, as_of, shown),
    own=(shown,),
    shared=(now,),
    fields=(*WORLD_FIELDS, latest_as_of, booked_at, missing, missing_since, stale, told),
    initial=(
        *WORLD_START,
        *(missing.becomes(NO), stale.becomes(NO), told.becomes(NO), latest_as_of.becomes(now - age)),
        *(booked_at.becomes(now - age - grace), missing_since.becomes(now - age - grace)),
    ),
    constraints=(grace > ZERO, latency >= ZERO, age >= ZERO),
    actions=tuple(
        action
        for event in EVENTS
        for action in (
            [action for action in _CASES if action.event is event]
            if event in _heard
            else [Action(event.name, event, "The local book does not hear of it.")]
        )
    ),
)
"""The automaton of the local book."""
