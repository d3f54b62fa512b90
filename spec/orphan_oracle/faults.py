"""What the stories hunt: the fault, and what it does to a trader."""

from typing import Final, NamedTuple


class Fault(NamedTuple):
    """A mistake of a tracker."""

    bug: str
    harm: str


_CANCELLED = "a good order is cancelled"
_STAYS = "an orphan stays on the exchange and may be filled"
_TOO_EARLY = "an order is cancelled before its grace is over"

STORY_FAULTS: Final[dict[str, Fault]] = {
    "orphan": Fault("grace is not counted exactly", _TOO_EARLY),
    "in_flight": Fault("an expected CLOID protects only through its recorded OID", _CANCELLED),
    "answered": Fault("a recorded OID is not protected for the whole expected window", _CANCELLED),
    "answered_late_in_the_window": Fault("protection ends with the window although the answer is fresh", _CANCELLED),
    "answered_just_in_time": Fault("the age from before the answer survives it", _CANCELLED),
    "answered_after_the_window": Fault("an answer after the window protects nothing", _CANCELLED),
    "answered_long_after_the_window": Fault("an answer is ignored once cleanup has run", _CANCELLED),
    "answered_unexpected": Fault("an answer for an unknown CLOID is ignored", _CANCELLED),
    "answered_twice": Fault("a repeated answer extends protection", _STAYS),
    "finalized": Fault("a finalized OID is not protected for its whole period", _CANCELLED),
    "finalized_late": Fault("a late finalize protects nothing", _CANCELLED),
    "finalized_unrecorded": Fault("a finalize without a record protects nothing", _CANCELLED),
    "finalized_unexpected": Fault("a finalize for an unknown CLOID is ignored", _CANCELLED),
    "finalized_twice": Fault("a repeated finalize extends protection", _STAYS),
    "finalized_then_answered": Fault("a first answer after a finalize opens no window", _CANCELLED),
    "finalized_under_another_oid": Fault("an older OID loses its protection to a newer one", _CANCELLED),
    "rejected": Fault("a rejected CLOID stays expected", _STAYS),
    "rejected_after_the_answer": Fault("a contradicting rejection wipes the protection of the OID", _CANCELLED),
    "registered_again": Fault("registering again wipes the OID, or does not start the window again", _CANCELLED),
    "registered_again_after_the_window": Fault("an old link counts in a new window, or a shown one does not", _STAYS),
    "registered_again_after_the_finalize": Fault("a finalized CLOID cannot be expected again", _CANCELLED),
    "elder_finalized_again": Fault("a repeated finalize of an older OID ends the newer window", _CANCELLED),
    "second_oid": Fault("a second OID for the CLOID wipes the first", _CANCELLED),
    "first_oid_of_a_modify": Fault("the second OID of a CLOID is ignored", _CANCELLED),
    "registered_with_others": Fault("what happens to one of a batch happens to all", _CANCELLED),
}

_SURVIVES = "the age of an orphan survives what has to end it"
_RESTARTS = "the age of an orphan is started anew by what is none of its business"

BREAKER_FAULTS: Final[dict[str, Fault]] = {
    **{
        name: Fault(f"{_SURVIVES}: {name.replace('_', ' ')}", _TOO_EARLY)
        for name in (
            "absent",
            "empty",
            "tracked",
            "cleared",
            "recorded",
            "finalized",
            "registered_and_rejected",
            "registered_and_finalized",
        )
    },
    **{
        name: Fault(f"{_RESTARTS}: {name.replace('_', ' ')}", _STAYS)
        for name in (
            "nothing",
            "failed_fetch",
            "other_cleared",
            "cleanup",
            "other_registered",
            "other_recorded",
            "other_finalized",
            "other_rejected",
            "same_snapshot",
            "seen_between",
            "other_cancelled",
        )
    },
}

EXTENDED_FAULTS: Final[dict[str, Fault]] = {
    "ended": Fault(
        "a cancel is sent on a snapshot that is older than the known end", "the venue counts a wasted cancel"
    ),
    "restarted": Fault("what was remembered survives a restart, or what ages does", _STAYS),
    "renamed": Fault("an unknown outcome, or a request to replace, is taken for an answer", _CANCELLED),
}
