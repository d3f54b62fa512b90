"""Tells a lost order from a good one: the reference tracker.

Reading order: `model` (what goes in and comes out), `config`, `memory` (what is protected), `tracker` (what is
cancelled), `auditor` (the comparison before), `driver` (the line protocol, for the certificate).
"""

from .auditor import SafetyAuditor
from .config import OrphanTrackerConfig
from .model import (
    NOT_STATED,
    Explanation,
    Notice,
    NoticeKind,
    NotStated,
    OpenOrder,
    Reason,
    SyncDecision,
    TrackerStats,
)
from .tracker import OrphanTracker

__all__ = [
    "NOT_STATED",
    "Explanation",
    "NotStated",
    "Notice",
    "NoticeKind",
    "OpenOrder",
    "OrphanTracker",
    "OrphanTrackerConfig",
    "Reason",
    "SafetyAuditor",
    "SyncDecision",
    "TrackerStats",
]
