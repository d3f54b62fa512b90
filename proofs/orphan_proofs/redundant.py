"""Words of the machine that nothing misses, each with the reason.

One rule. A reason names what already says the same; `orphan_proofs.mutation` refuses a reason for a word that is missed.
"""

from typing import Final

_OVER: Final = (
    "the case's guard says that the link is over already; the change stands there because the three first finalizations "
    "share one text"
)
_UNPROTECTED: Final = (
    "the lemmas aging_order_is_not_heard_of and aging_order_is_not_linked say it: whatever protects an order ends its age; "
    "the guard repeats it so that the decision can be read, and is safe, alone"
)
_UNEXPECTED: Final = (
    "the lemma aging_order_is_not_shown_as_expected says it; the guard repeats it so that the decision can be read, and is "
    "safe, alone"
)

REASONS: Final[dict[str, str]] = {
    "FINALIZE_UNKNOWN: then linked_until := now dropped": _OVER,
    "FINALIZE_FIRST_OF_CANDIDATE: then linked_until := now dropped": _OVER,
    "SYNC_KEEPS_YOUNG_BY_OID: when max(heard_until, linked_until) <= now dropped": _UNPROTECTED,
    "SYNC_CANCELS_BY_OID: when max(heard_until, linked_until) <= now dropped": _UNPROTECTED,
    "SYNC_KEEPS_YOUNG_BY_CLOID: when max(heard_until, linked_until) <= now dropped": _UNPROTECTED,
    "SYNC_CANCELS_BY_CLOID: when max(heard_until, linked_until) <= now dropped": _UNPROTECTED,
    "SYNC_KEEPS_YOUNG_BY_CLOID: when expected_until <= now dropped": _UNEXPECTED,
    "SYNC_CANCELS_BY_CLOID: when expected_until <= now dropped": _UNEXPECTED,
}
"""Why a mutant of the text is equivalent to it, by the mutant's id."""
