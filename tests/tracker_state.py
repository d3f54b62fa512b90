"""All that a tracker holds, as a value.

`normal_form` is everything that can change a later answer, relative to now, with what is over floored: two trackers with
equal forms decide alike for ever (only since when an aged orphan was one is lost). Garbage is part of it: that it changes
nothing is to be shown, not assumed. `clone` copies a tracker quickly.
"""

from collections import Counter, OrderedDict
from collections.abc import Hashable
from copy import copy

from orphan_tracker import OrphanTracker
from orphan_tracker.memory import NEVER, Memory, Order, Window


def clone(tracker: OrphanTracker) -> OrphanTracker:
    """A tracker that holds the same and shares nothing that changes."""
    twin = copy(tracker)
    twin._memory = _clone_memory(tracker._memory)
    twin._first_seen = dict(tracker._first_seen)
    twin._counts = Counter(tracker._counts)
    return twin


def _clone_memory(memory: Memory) -> Memory:
    twin = copy(memory)
    twin.windows = OrderedDict(
        (cloid, Window(w.until, w.changed_at, w.registered_step, set(w.oids))) for cloid, w in memory.windows.items()
    )
    twin.closed = OrderedDict(memory.closed)
    twin.heard_until = OrderedDict(memory.heard_until)
    twin.ended = OrderedDict(memory.ended)
    twin.changed = OrderedDict(memory.changed)
    twin.links = {oid: set(cloids) for oid, cloids in memory.links.items()}
    twin.orders = {
        oid: Order(o.cloid, o.acknowledged_until, o.finalized_until, o.finalized_step, o.changed_at)
        for oid, o in memory.orders.items()
    }
    twin.shown = {cloid: set(oids) for cloid, oids in memory.shown.items()}
    return twin


def normal_form(
    tracker: OrphanTracker,
    now: int,
    *,
    snapshot_age_max: int = 0,
    oids_cross_cloids: bool = False,
    confirms: bool = False,
) -> Hashable:
    """What the tracker holds at now, in a finite form.

    `snapshot_age_max`: no later snapshot is older than this when it is used. Which OIDs were finalized before which
    CLOIDs were last registered matters only where an OID is named for several CLOIDs: it is left out unless asked for; so is
    what only a `confirm` can tell apart.
    """
    config, memory = tracker.config, tracker._memory
    grace = config.orphan_grace_period
    horizon = max(tracker._latest_as_of, now - snapshot_age_max)

    def change(at: int) -> int:
        return max(at - horizon, -1)

    def end(at: int) -> int | None:
        return None if at == NEVER else max(at - now, 0)

    windows = [
        (cloid, max(w.until - now, horizon - now - 1), change(w.changed_at), frozenset(w.oids))
        for cloid, w in memory.windows.items()
    ]
    closed = [
        (cloid, c.closed_at >= horizon, change(c.changed_at), c.open_after_sync == memory.syncs)
        for cloid, c in memory.closed.items()
    ]
    orders = [
        (oid, o.cloid, end(o.acknowledged_until), end(o.finalized_until), change(o.changed_at))
        for oid, o in memory.orders.items()
    ]
    steps = [
        (oid, cloid)
        for oid, o in memory.orders.items()
        for cloid, w in memory.windows.items()
        if oids_cross_cloids and o.finalized_step > w.registered_step
    ]
    ended = [(oid, change(at)) for oid, at in memory.ended.items() if change(at) >= 0]
    changed = [(oid, change(at)) for oid, at in memory.changed.items() if change(at) >= 0]
    confirmed = [_confirmed(tracker, oid) for oid in memory.candidates if confirms]
    ages = [(oid, min(horizon - first, grace)) for oid, first in tracker._first_seen.items()]
    return (
        horizon - now,
        memory.overlooked,
        tuple(sorted(windows)),
        tuple(sorted(closed)),
        tuple(sorted((oid, max(until - now, 0)) for oid, until in memory.heard_until.items())),
        tuple(sorted((oid, frozenset(cloids)) for oid, cloids in memory.links.items())),
        tuple(sorted(orders, key=repr)),
        memory.candidates,
        tuple(sorted((cloid, frozenset(oids)) for cloid, oids in memory.shown.items())),
        frozenset(steps),
        tuple(sorted(ended)),
        tuple(sorted(changed)),
        max(memory.forgotten_change_at - horizon, -1),
        tuple(sorted(confirmed, key=repr)),
        tuple(sorted(ages)),
    )


def _confirmed(tracker: OrphanTracker, oid: str) -> Hashable:
    """What the latest snapshot says about a candidate."""
    order, as_of = tracker._latest[oid], tracker._latest_as_of
    changed_at = tracker._memory.changed_at(oid, order.cloids)
    first = tracker._first_seen.get(oid)
    aged = first is not None and as_of - first >= tracker.config.orphan_grace_period
    return (
        oid,
        frozenset(order.stated),
        first is None,
        aged,
        changed_at >= as_of,
        tracker._memory.ended.get(oid) == changed_at,
    )
