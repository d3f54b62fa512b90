"""What a sync, or the act that completes it, shows: cancels, missed cancels, drops, and ages.

Four rules. Protection and the local book count as of the sync or the act, the listing as of its `as_of`. An act is judged on the
newest snapshot that a sync had; a late snapshot replaces none, and what only it shows may not be cancelled (S8). A sync with
pending cancels ends with its act, or else with the next sync. An order that is pending at a sync has its cancel still to come: it
is missed where it was pending at the sync before and no act came between, or where two acts in a row left it out.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from orphan_spec.constants import Constants
from orphan_spec.drops import judge_drops, judge_stale, shown_after_drop, watch_absent, watch_local
from orphan_spec.events import Act, Sync
from orphan_spec.findings import HELD_BACK, Caution, Decision, Finding, Verdict, Violation, seconds
from orphan_spec.forgetting import sweep
from orphan_spec.hindsight import linked_later
from orphan_spec.history import Age, Order, Pending
from orphan_spec.memory import Memory, listing_of, stated
from orphan_spec.verdicts import Reading, View


@dataclass(frozen=True, slots=True)
class Syncs:
    """The part of the judge that looks at syncs and acts."""

    memory: Memory
    reading: Reading
    constants: Constants

    def view(self, event: Sync | Act) -> View:
        """The event as the judge looks at it."""
        memory = self.memory
        if isinstance(event, Sync):
            listing, late = listing_of(event.open or ()), event.as_of < memory.latest_as_of
            return View(event.t, event.as_of, listing, frozenset(event.local), event.cancelled, late)
        if memory.latest_as_of < 0:
            raise ValueError("act without an earlier sync that had a snapshot")
        local, cancelled = frozenset(event.local), event.cancelled
        stale = View(event.t, memory.since.late_as_of, memory.since.late_open, local, cancelled, late=True)
        return View(event.t, memory.latest_as_of, memory.latest_open, local, cancelled, stale=stale)

    def sync(self, sync: Sync, line: int) -> list[Finding]:
        memory, grace = self.memory, self.constants.orphan_grace_period
        if sync.open is None:
            cancelled = dict.fromkeys(sync.cancelled)
            found = [self._misdirected(oid, sync.t, line, "no snapshot was fetched") for oid in cancelled]
            self._hold(sync)
            return found + judge_drops(memory, sync, line, None, grace)
        view = self.view(sync)
        found = self._late_snapshot(view, line) if view.late else []
        found += self._seen_again(view, line)
        if view.late:
            found += self._judge_cancels(view, line)
            self._hold(sync)
            memory.since = replace(memory.since, late_as_of=view.as_of, late_open=view.listing)
            return found + judge_drops(memory, sync, line, None, grace)
        for oid in [oid for oid in memory.candidates if oid not in view.listing or oid in view.local]:
            memory.unclaim(oid)
        found += self._judge_cancels(view, line)
        self._judge_candidates(view, frozenset(sync.pending), line)
        watch_local(memory, view)
        watch_absent(memory, view, sync.dropped, line)
        found += judge_stale(memory, view, sync.dropped, line, grace)
        found += judge_drops(memory, sync, line, view, grace)
        memory.listed(view.listing, view.local, sync.as_of)
        self._dropped(sync)
        self._end(sync.t, pending=bool(sync.pending))
        return found

    def act(self, act: Act, line: int) -> list[Finding]:
        found = self._judge_cancels(self.view(act), line)
        self._hold(act)
        self._end(act.t, pending=False)
        return found

    def _end(self, t: int, *, pending: bool) -> None:
        """A sync is over, unless its cancels are pending; one that the next overtakes is over then."""
        memory = self.memory
        if memory.unfinished or not pending:
            sweep(memory, t)
        memory.unfinished = pending

    def _late_snapshot(self, view: View, line: int) -> list[Finding]:
        newest = self.memory.latest_as_of
        message = f"the snapshot is as of {seconds(view.as_of)}, and an earlier one was as of {seconds(newest)}"
        return [Caution("late_snapshot", view.t, line, None, None, None, message)]

    def _seen_again(self, view: View, line: int) -> list[Finding]:
        """Listings as evidence about earlier cancels and drops."""
        memory = self.memory
        found: list[Finding] = []
        for oid in sorted(memory.cancels.named() & view.listing.keys()):
            found += linked_later(memory, oid, stated(view.listing[oid]), view.t, line)
        return found + shown_after_drop(memory, view, line)

    def _hold(self, event: Sync | Act) -> None:
        """Nothing new was seen: ages go on, and may start anew where an order was tracked or cancelled."""
        candidates = self.memory.candidates
        for oid in {*event.local, *event.cancelled} & candidates.keys():
            if (age := candidates[oid].age) is not None:
                age.ripe_from = None
        self._cancelled(event.cancelled, event.t)
        since = self.memory.since
        self.memory.since = replace(since, local=since.local.intersection(event.local))
        if isinstance(event, Sync):
            self._dropped(event)

    def _dropped(self, sync: Sync) -> None:
        """What was dropped is in the local book again only if it comes back."""
        if sync.dropped:
            since = self.memory.since
            self.memory.since = replace(since, local=since.local.difference(sync.dropped))

    def _cancelled(self, oids: Iterable[str], t: int) -> None:
        for oid in oids:
            order = self.memory.note(oid)
            order.bar = t
            if order.age is not None:
                order.age.sent()

    # cancels

    def _judge_cancels(self, view: View, line: int) -> list[Finding]:
        found: list[Finding] = []
        seen: set[str] = set()
        for oid in view.cancelled:
            if oid in seen:
                found.append(self._misdirected(oid, view.t, line, "it is named twice among the cancelled"))
            elif oid in view.listing:
                found += self._judge_cancel(oid, view, line)
            elif view.stale is not None and oid in view.stale.listing:
                found += self._judge_cancel(oid, view.stale, line)
            else:
                found.append(self._misdirected(oid, view.t, line, "the snapshot does not show it"))
            seen.add(oid)
        return found

    def _misdirected(self, oid: str, t: int, line: int, why: str) -> Finding:
        message = f"order {oid} cancelled at {seconds(t)}: {why}"
        return Violation("R2", t, line, oid, None, None, None, message)

    def _judge_cancel(self, oid: str, view: View, line: int) -> list[Finding]:
        verdict = self.reading.verdict(oid, view)
        finding = None
        if verdict.decision is Decision.MUST_KEEP and verdict.guarantee is not None:
            message = f"order {oid} cancelled at {seconds(view.t)}, but {verdict.reason}"
            finding = Violation(
                verdict.guarantee, view.t, line, oid, verdict.cloid, verdict.until, verdict.because_line, message
            )
            if verdict.guarantee not in HELD_BACK:
                return [finding]
        order = self.memory.known(oid)
        acknowledged = order is not None and order.acknowledged.known
        pending = Pending(oid, self.memory.seq, view.t, line, acknowledged, False, finding)
        self.memory.await_link(pending)
        return []

    # cancels that were missed

    def _judge_candidates(self, view: View, pending: frozenset[str], line: int) -> None:
        """Ages the candidates of a snapshot that counts, and holds back the cancels that were missed."""
        memory, cancelled = self.memory, set(view.cancelled)
        for oid in [oid for oid in view.listing if oid not in view.local]:
            verdict = self.reading.verdict(oid, view)
            order = memory.order(oid)
            age = memory.claim(order, stated(view.listing[oid]), view.t)
            self._age(order, age, view, line)
            due = oid not in cancelled and verdict.decision is Decision.MUST_CANCEL
            excused = age.put_off(oid in pending, due=due, acted=not memory.unfinished)
            if due and not excused and not age.missed:
                age.missed = True
                self._miss(order, age, verdict, view.t, line)
        self._cancelled(view.cancelled, view.t)

    def _age(self, order: Order, age: Age, view: View, line: int) -> None:
        if self.reading.protection(order.oid, order, age.shown, view.t) is not None:
            age.interrupt()
        elif age.aged_from is None:
            age.aged_from, age.aged_line = view.as_of, line
        unripe = age.ripe_from is None or age.ripe_from <= self.reading.released(order, age.shown)
        if self.reading.held(order, age.shown):
            age.ripe_from = None
        elif unripe and view.as_of > self.reading.bar(order, age.shown):
            age.ripe_from, age.ripe_line = view.as_of, line

    def _miss(self, order: Order, age: Age, verdict: Verdict, t: int, line: int) -> None:
        message = f"order {order.oid} not cancelled at {seconds(t)}: {verdict.reason}"
        finding = Violation("L1", t, line, order.oid, verdict.cloid, None, age.ripe_line, message)
        known = order.acknowledged.known
        self.memory.await_link(Pending(order.oid, self.memory.seq, t, line, known, True, finding))
