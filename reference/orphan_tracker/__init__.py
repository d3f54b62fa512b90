"""Tells a lost order from a good one: the reference tracker, and the desk around it.

Reading order: `model` (what goes in and comes out), `config`, `memory` (what is protected), `tracker` (what is
cancelled), `auditor` (the comparison before); then `exchange` (what a venue answers), `book_model`, `tombstones`,
`stale`, `book` (what is ours), `policy`, `journal`, `desk` (who is told what), `placement`, `report`, `safety_sync`; and
`driver` (the line protocol, for the certificate).
"""

from .auditor import SafetyAuditor
from .book import LocalBook
from .book_model import BookChange, BookResult, Ended, LocalOrder, PendingOrder
from .config import OrphanTrackerConfig
from .desk import Desk
from .exchange import (
    Cancelled,
    CancelOutcome,
    Exchange,
    Filled,
    Gone,
    OrderRequest,
    Outcome,
    Rejected,
    Resting,
    Unknown,
)
from .journal import EventName, Journal
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
from .placement import (
    BulkOutcome,
    ModifyOutcome,
    cancel_order,
    modify_or_replace,
    place_bulk_ladder_orders,
    place_ladder_orders,
    place_order,
)
from .policy import SafetySyncPolicy
from .report import CancelAttempt, SyncReport
from .safety_sync import SafetySync, SyncSettings
from .stale import NoEvidence, StaleDecision, StaleExplanation, StaleReason
from .tracker import OrphanTracker

__all__ = [
    "NOT_STATED",
    "BookChange",
    "BookResult",
    "BulkOutcome",
    "CancelAttempt",
    "CancelOutcome",
    "Cancelled",
    "Desk",
    "Ended",
    "EventName",
    "Exchange",
    "Explanation",
    "Filled",
    "Gone",
    "Journal",
    "LocalBook",
    "LocalOrder",
    "ModifyOutcome",
    "NoEvidence",
    "NotStated",
    "Notice",
    "NoticeKind",
    "OpenOrder",
    "OrderRequest",
    "OrphanTracker",
    "OrphanTrackerConfig",
    "Outcome",
    "PendingOrder",
    "Reason",
    "Rejected",
    "Resting",
    "SafetyAuditor",
    "SafetySync",
    "SafetySyncPolicy",
    "StaleDecision",
    "StaleExplanation",
    "StaleReason",
    "SyncDecision",
    "SyncReport",
    "SyncSettings",
    "TrackerStats",
    "Unknown",
    "cancel_order",
    "modify_or_replace",
    "place_bulk_ladder_orders",
    "place_ladder_orders",
    "place_order",
]
