"""The dual: local orders that a sync dropped as stale, judged by N13.

Two rules. An order may be dropped when snapshots that lack it span the grace period, all of them later than its last local
change. A later snapshot that shows it proves that it was resting, whatever the evidence was.
"""

from orphan_spec.events import Sync
from orphan_spec.findings import Finding, Violation, seconds
from orphan_spec.history import Absence, Drop, Order
from orphan_spec.memory import Memory
from orphan_spec.verdicts import View


def watch_absent(memory: Memory, view: View, line: int) -> None:
    """Notes since when the snapshots lack an order that is in the local book."""
    sync = view.sync
    absent = {*sync.local, *sync.dropped} - view.listing.keys()
    for oid in memory.missing.keys() - absent:
        cease_watching(memory, oid)
    for oid in absent:
        known = memory.known(oid)
        if known is None or sync.as_of > known.changed:
            order = memory.order(oid)
            if order.absence is None:
                order.absence = Absence(sync.as_of, line, sync.as_of)
                memory.missing[oid] = order
            order.absence.latest = sync.as_of


def cease_watching(memory: Memory, oid: str) -> None:
    """The order is shown, dropped, changed, or no longer in the local book."""
    order = memory.missing.pop(oid, None)
    if order is not None:
        order.absence = None
        memory.settle(order)


def judge_drops(memory: Memory, sync: Sync, line: int, view: View | None, grace: int) -> list[Finding]:
    """The drops of one sync; without a view, on the evidence of the syncs before it."""
    found: list[Finding] = []
    for oid in dict.fromkeys(sync.dropped):
        shown = view is not None and oid in view.listing
        fault = "this snapshot shows that it is resting" if shown else None
        order = memory.known(oid)
        if fault is None:
            fault = _short_of_evidence(order, grace)
        if fault is None:
            memory.drop(oid, Drop(sync.t, line, sync.as_of))
        else:
            because = order.absence.line if order is not None and order.absence is not None else None
            message = f"order {oid} dropped as stale at {seconds(sync.t)}, but {fault}"
            found.append(Violation("S6", sync.t, line, oid, None, None, because, message))
        cease_watching(memory, oid)
    return found


def _short_of_evidence(order: Order | None, grace: int) -> str | None:
    """What a drop lacks of the evidence that N13 asks for."""
    absence = None if order is None else order.absence
    if absence is None:
        return "no snapshot later than its last local change lacks it"
    span = absence.latest - absence.since
    if span >= grace:
        return None
    since = f"the snapshots that lack it span {seconds(span)} (from line {absence.line})"
    return f"{since}, less than the grace period of {seconds(grace)}"


def shown_after_drop(memory: Memory, view: View, line: int) -> list[Finding]:
    """Drops that a later snapshot proves wrong."""
    found: list[Finding] = []
    for oid in sorted(memory.drops.keys() & view.listing.keys()) if memory.drops else ():
        drop = memory.drops[oid]
        if view.sync.as_of > drop.as_of:
            del memory.drops[oid]
            shown = f"the snapshot as of {seconds(view.sync.as_of)} (line {line}) shows that it was resting"
            message = f"order {oid} dropped as stale at {seconds(drop.t)}; {shown}"
            found.append(Violation("S6", drop.t, drop.line, oid, None, None, line, message))
    return found
