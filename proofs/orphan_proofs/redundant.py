"""Words of the machine that nothing misses, each with the reason.

One rule. A reason names what already says the same; `orphan_proofs.mutation` refuses a reason for a word that is missed.
"""

from typing import Final

_OVER: Final = (
    "the case's guard says that the link is over already; the change stands there because all that ends a window shares one "
    "text"
)
_SHIELDED: Final = (
    "the lemmas aging_order_is_not_protected and aging_order_is_not_covered say it: whatever protects an order ends its "
    "age; the guard repeats it so that the decision can be read, and is safe, alone"
)
_TRACKED: Final = (
    "the lemma missing_order_is_tracked says it; the guard repeats it so that the decision can be read, and is safe, "
    "alone"
)
_SHIELD: Final = "when max(max(heard_until, linked_until), covered_until) <= now dropped"

REASONS: Final[dict[str, str]] = {
    "FINALIZE_UNKNOWN: then linked_until := now dropped": _OVER,
    "FINALIZE_FIRST_OF_CANDIDATE: then linked_until := now dropped": _OVER,
    f"SYNC_UNDECIDED: {_SHIELD}": _SHIELDED,
    f"SYNC_KEEPS_YOUNG: {_SHIELD}": _SHIELDED,
    f"SYNC_CONDEMNS: {_SHIELD}": _SHIELDED,
    f"SYNC_CONDEMNS_RECORDED: {_SHIELD}": _SHIELDED,
    f"SYNC_CONDEMNS_FINALIZED: {_SHIELD}": _SHIELDED,
    f"SYNC_REPORTS_FOREIGN: {_SHIELD}": _SHIELDED,
    "LocalBook SYNC_LACKS_AGAIN: when book == TRACKED dropped": _TRACKED,
    "LocalBook SYNC_LACKS_LONG: when book == TRACKED dropped": _TRACKED,
}
"""Why a mutant of the text is equivalent to it, by the mutant's id."""
