"""The dual: local orders that a sync dropped as stale, judged by N13, and stale ones that it left (S6, L4).

Three rules. An order may be dropped when snapshots that lack it span the grace period, all of them later than its last local
change; that it had ended makes no drop on less evidence right. Proof that it was resting makes a drop wrong whatever the evidence
was: a later snapshot that shows it, or a trace that says that the exchange had accepted it and not ended it; but where the trace
says that it was not resting at the drop, no snapshot proves that it was. An order that has ended, as the trace says, must be
dropped when such snapshots surely span more than the grace period, all later than its end and than all that may be a local
change: any answer, and coming into the local book at an instant that no event tells.
"""

from collections.abc import Iterable
from dataclasses import replace

from orphan_spec.events import Sync
from orphan_spec.findings import Finding, Violation, seconds
from orphan_spec.history import Absence, Drop, Order
from orphan_spec.memory import Memory
from orphan_spec.verdicts import View


def watch_local(memory: Memory, view: View) -> None:
    """Notes which orders have come into the local book since the latest snapshot."""
    for oid in view.local - memory.since.local if memory.tells_ends else ():
        order = memory.note(oid)
        order.life = replace(order.life, stirred=view.t)


def watch_absent(memory: Memory, view: View, dropped: Iterable[str], line: int) -> None:
    """Notes since when the snapshots lack an order that is in the local book."""
    absent = {*view.local, *dropped} - view.listing.keys()
    for oid in memory.missing.keys() - absent:
        cease_watching(memory, oid)
    for oid in absent:
        known = memory.known(oid)
        if known is None or view.as_of > known.changed:
            order = memory.order(oid)
            if order.absence is None:
                order.absence = Absence(view.as_of, line, view.as_of)
                memory.missing[oid] = order
            order.absence.latest = view.as_of
            if order.life.truth is not None and not order.life.truth.rests:
                _stale(memory, order, order.absence, view.as_of, order.life.truth.t, line)


def _stale(memory: Memory, order: Order, absence: Absence, as_of: int, ended_at: int, line: int) -> None:
    after = max(ended_at, order.changed, order.life.stirred, memory.floor)
    if as_of > after and (absence.stale_from is None or absence.stale_from <= after):
        absence.stale_from, absence.stale_line = as_of, line
    elif as_of <= after:
        absence.stale_from = None


def cease_watching(memory: Memory, oid: str) -> None:
    """The order is shown, dropped, changed, or no longer in the local book."""
    order = memory.missing.pop(oid, None)
    if order is not None:
        order.absence = None
        memory.settle(order)


def judge_stale(memory: Memory, view: View, dropped: Iterable[str], line: int, grace: int) -> list[Finding]:
    """The orders that have ended and that one sync had to drop and did not."""
    found: list[Finding] = []
    for oid in sorted(memory.missing.keys() - set(dropped)) if memory.tells_ends else ():
        absence, truth = memory.missing[oid].absence, memory.missing[oid].life.truth
        if absence is None or truth is None or truth.rests or absence.overdue or absence.stale_from is None:
            continue
        span = view.as_of - absence.stale_from
        if span > grace:
            absence.overdue = True
            ended = f"it ended at {seconds(truth.t)} (line {truth.line})"
            lacking = f"the snapshots since line {absence.stale_line} that lack it span {seconds(span)}"
            message = f"order {oid} still in the local book at {seconds(view.t)}, but {ended}, and {lacking}"
            found.append(Violation("L4", view.t, line, oid, None, None, truth.line, message))
    return found


def judge_drops(memory: Memory, sync: Sync, line: int, view: View | None, grace: int) -> list[Finding]:
    """The drops of one sync; without a view, on the evidence of the syncs before it."""
    found: list[Finding] = []
    for oid in dict.fromkeys(sync.dropped):
        fault, because = _fault(memory.known(oid), view is not None and oid in view.listing, grace)
        if fault is None:
            memory.drop(oid, Drop(sync.t, line, sync.as_of))
        else:
            message = f"order {oid} dropped as stale at {seconds(sync.t)}, but {fault}"
            found.append(Violation("S6", sync.t, line, oid, None, None, because, message))
        cease_watching(memory, oid)
    return found


def _fault(order: Order | None, shown: bool, grace: int) -> tuple[str | None, int | None]:
    """What is wrong with a drop, and the line that makes it so."""
    absence, truth = (None, None) if order is None else (order.absence, order.life.truth)
    because = None if absence is None else absence.line
    if shown:
        return "this snapshot shows that it is resting", because
    fault = _short_of_evidence(absence, grace)
    if fault is None and truth is not None and truth.rests:
        return f"it has been resting at the exchange since {seconds(truth.t)} (line {truth.line})", truth.line
    return fault, because


def _short_of_evidence(absence: Absence | None, grace: int) -> str | None:
    """What a drop lacks of the evidence that N13 asks for."""
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
        if view.as_of > drop.as_of:
            del memory.drops[oid]
            if _was_not_resting(memory.known(oid), drop):
                continue
            shown = f"the snapshot as of {seconds(view.as_of)} (line {line}) shows that it was resting"
            message = f"order {oid} dropped as stale at {seconds(drop.t)}; {shown}"
            found.append(Violation("S6", drop.t, drop.line, oid, None, None, line, message))
    return found


def _was_not_resting(order: Order | None, drop: Drop) -> bool:
    """The trace says that the order had ended by the drop, or was accepted only later."""
    truth = None if order is None else order.life.truth
    return truth is not None and (truth.t > drop.t if truth.rests else truth.t <= drop.t)
