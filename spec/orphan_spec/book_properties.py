"""What the local book guarantees: the dual of the tracker's promises, with its lemmas and witnesses.

Two rules. As in `properties`, everything is a *never*, and every never stands beside a *sometimes*. And the evidence that
N13 asks for is kept apart from what makes it true: the book's own text never reads where the order stands at the exchange.
"""

from typing import Final

from orphan_spec.fields import (
    ABSENT,
    ENDED,
    NO,
    RESTING,
    TRACKED,
    UNTRACKED,
    YES,
    as_of,
    book,
    booked_at,
    exchange,
    grace,
    latest_as_of,
    missing,
    missing_since,
    now,
    rested_at,
    shown,
    stale,
    told,
)
from orphan_spec.guarantees import GUARANTEES, NORMS
from orphan_spec.local_book import LOCAL_BOOK
from orphan_spec.properties import Claim, Lemma, Witness
from orphan_spec.world import DROP, RESTART, SYNC, TRACK

_STALE: Final = (LOCAL_BOOK.action("DROP_STALE"),)
_LONG: Final = (LOCAL_BOOK.action("SYNC_LACKS_LONG"),)
_LACKS: Final = (LOCAL_BOOK.action("SYNC_LACKS_FIRST"), LOCAL_BOOK.action("SYNC_LACKS_AGAIN"), *_LONG)

BOOK_LEMMAS: Final = (
    Lemma("tracked_order_exists", (book == TRACKED, exchange < RESTING)),
    Lemma("tracked_order_rested_before", (book == TRACKED, booked_at < rested_at)),
    Lemma("rest_is_past", (now < rested_at,)),
    Lemma("missing_order_is_tracked", (missing == YES, book == UNTRACKED)),
    Lemma("stale_order_is_missing", (stale == YES, missing == NO)),
    Lemma("told_order_has_ended", (told == YES, exchange != ENDED)),
    Lemma("missing_order_has_ended", (missing == YES, exchange == RESTING), ("A7",)),
    Lemma("stale_order_has_ended", (stale == YES, exchange == RESTING), ("A9",)),
)

_resting: Final = (("resting", (exchange == RESTING,)),)

BOOK_CLAIMS: Final = (
    Claim(GUARANTEES["S6"], "", LOCAL_BOOK.cases(DROP), "at", _resting, ("A1", "A7")),
    Claim(GUARANTEES["S6"], "omissions are short", LOCAL_BOOK.cases(DROP), "at", _resting, ("A1", "A9")),
    Claim(
        NORMS["N13"],
        "evidence",
        _LONG,
        "at",
        (
            ("spans", (as_of < missing_since + grace,)),
            ("late", (as_of < latest_as_of,)),
        ),
    ),
    Claim(NORMS["N13"], "later than the entry", _LACKS, "at", (("older", (as_of <= booked_at,)),)),
    Claim(NORMS["N13"], "stale", _LONG, "after", (("not", (stale == NO,)),)),
    Claim(NORMS["N13"], "missed", _LACKS, "after", (("not", (missing == NO,)),)),
    Claim(NORMS["N13"], "missed since", (_LACKS[0],), "after", (("since", (missing_since < as_of,)),)),
    Claim(
        NORMS["N13"],
        "shown",
        (LOCAL_BOOK.action("SYNC_SHOWN"),),
        "after",
        (("missing", (missing == YES,)), ("stale", (stale == YES,))),
    ),
    Claim(
        NORMS["N13"],
        "counts",
        tuple(a for a in LOCAL_BOOK.cases(SYNC) if a.name != "SYNC_LATE"),
        "after",
        (("latest", (latest_as_of < as_of,)),),
    ),
    Claim(
        NORMS["N13"],
        "entry",
        (*LOCAL_BOOK.cases(TRACK), *LOCAL_BOOK.cases(RESTART)),
        "after",
        (
            ("instant", (booked_at < now,)),
            ("missing", (missing == YES,)),
            ("stale", (stale == YES,)),
            ("told", (told == YES,)),
        ),
    ),
    Claim(NORMS["N13"], "starts anew", LOCAL_BOOK.cases(RESTART), "after", (("snapshots", (latest_as_of < now,)),)),
    Claim(
        NORMS["N13"],
        "dropped",
        LOCAL_BOOK.cases(DROP),
        "after",
        (("missing", (missing == YES,)), ("stale", (stale == YES,))),
    ),
    Claim(
        NORMS["N13"],
        "learned",
        (LOCAL_BOOK.action("LEARN_END_OF_TRACKED"),),
        "after",
        (("told", (told == NO,)),),
    ),
)

BOOK_WITNESSES: Final = (
    Witness(
        GUARANTEES["S6"],
        "",
        "A local order that the exchange has ended is dropped as stale.",
        _STALE,
        (exchange == ENDED, told == NO),
        ("A7",),
    ),
    Witness(
        GUARANTEES["S6"],
        "undecided",
        "A snapshot taken before the order rested lacks it, and does not count against it.",
        (LOCAL_BOOK.action("SYNC_LACKS_UNDECIDED"),),
        (exchange == RESTING, as_of < rested_at),
        ("A7",),
    ),
    Witness(
        GUARANTEES["S6"],
        "omissions are short",
        "A snapshot omits a resting order once more, and the order stays in the local book.",
        (LOCAL_BOOK.action("SYNC_LACKS_AGAIN"),),
        (exchange == RESTING, shown == ABSENT, missing_since < as_of),
        ("A9",),
    ),
    Witness(
        GUARANTEES["S6"],
        "told",
        "A local order is dropped because the client has learned of its end.",
        (LOCAL_BOOK.action("DROP_TOLD"),),
        (stale == NO,),
        (),
    ),
)
"""Situations that exploration must reach."""
