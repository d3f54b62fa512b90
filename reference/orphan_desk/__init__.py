"""A desk around the tracker: so far, what a safety sync cancels and drops, before and after."""

from orphan_desk.policies import CancelAged, CancelAtOnce, DropAtOnce
from orphan_tracker import SafetySyncPolicy

__all__ = ["CancelAged", "CancelAtOnce", "DropAtOnce", "SafetySyncPolicy"]
