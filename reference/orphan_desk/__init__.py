"""A desk around the tracker: so far, what a safety sync cancels, before and after."""

from orphan_desk.policies import CancelAged, CancelAtOnce, SafetySyncPolicy

__all__ = ["CancelAged", "CancelAtOnce", "SafetySyncPolicy"]
