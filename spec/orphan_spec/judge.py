"""The judge: what the guarantees mean over a log.

Three rules. It knows nothing of any tracker's inside: only events, in the order of their lines. *Must keep* counts the
shortest windows and the earliest start of an age that the text allows, *must cancel* the longest and the latest; between
them lies the implementer's choice, and the judge is silent. One cancel is one violation, of the first of S5, S7, S1, S2,
S3, S8, S4 that applies; so what a link learned later could overrule (S8, S4, L1) is held back until the link horizon has
passed, and everything else is told at once.

`observe` takes the events one by one and returns the findings that have become certain, `finish` the rest. `verdicts`
answers before the outcome of a sync is known. The state is plain data: `copy` is cheap, and `normal_form` is hashable and
free of absolute time and of line numbers.
"""

from collections.abc import Callable, Hashable
from typing import Final

from orphan_spec.constants import Constants, Environment
from orphan_spec.drops import cease_watching, judge_drops, shown_after_drop, watch_absent
from orphan_spec.events import (
    Accept,
    Act,
    Cleanup,
    Clear,
    End,
    Event,
    Fail,
    Fill,
    Finalize,
    LearnEnd,
    Modify,
    RecordOid,
    Register,
    Restart,
    Sync,
    Timeout,
)
from orphan_spec.findings import NOT_MODELLED, Caution, Decision, Finding, Verdict, Violation, seconds
from orphan_spec.hindsight import linked_later
from orphan_spec.history import Age, Order, Pending
from orphan_spec.memory import Memory, listing_of, stated
from orphan_spec.normal_form import normal_form
from orphan_spec.verdicts import Reading, View

HELD_BACK: Final = frozenset({"S8", "S4"})
"""Guarantees that yield to one that a link learned later may bring."""


class Judge:
    """The three-valued monitor of one log."""

    def __init__(
        self,
        constants: Constants,
        environment: Environment | None = None,
        link_horizon: int | None = None,
    ) -> None:
        """Starts with an empty past; `link_horizon` is the TTL where it is None, and `FOREVER` where it has no end."""
        self.constants = constants
        self.environment = environment or Environment()
        self.horizon = constants.expected_cloid_ttl if link_horizon is None else link_horizon
        self.t = 0
        self._bind(Memory(constants, self.environment, self.horizon))

    def _bind(self, memory: Memory) -> None:
        self.memory = memory
        self.reading = Reading(memory, self.constants, self.environment)
        self._handlers: dict[type[Event], Callable[..., list[Finding]]] = {
            Register: self._register,
            RecordOid: self._record_oid,
            Finalize: self._finalize,
            Fail: self._fail,
            Clear: self._clear,
            Cleanup: self._cleanup,
            Sync: self._sync,
            **dict.fromkeys((Accept, Fill, End, LearnEnd, Timeout, Modify, Restart, Act), self._told),
        }

    @property
    def not_modelled(self) -> tuple[str, ...]:
        """The guarantees that this log cannot be judged by."""
        ownership = self.environment.owned_cloid_prefix is not None and self.environment.observe == "cloid"
        return NOT_MODELLED if ownership else ("S7", *NOT_MODELLED)

    def observe(self, event: Event, line: int = 0) -> list[Finding]:
        """Takes the next event, which stands in the given line, and returns what has become certain."""
        t = event.t
        if t < self.t:
            raise ValueError(f"time goes back from {self.t} to {t}")
        self.t = t
        memory = self.memory
        memory.seq += 1
        certain = memory.expire(t) if t > memory.due else None
        found = self._handlers[type(event)](event, line)
        return certain + found if certain else found

    def finish(self) -> list[Finding]:
        """Ends the log and returns what was held back."""
        findings: list[Finding] = []
        for serial in list(self.memory.cancels.pending):
            findings += self.memory.cancels.settle(serial)
        return findings

    def verdicts(self, sync: Sync) -> tuple[Verdict, ...]:
        """What must or may be done with every open order at a sync whose outcome is not known; changes nothing."""
        if sync.open is None:
            return ()
        view = self._view(sync)
        return tuple(self.reading.verdict(oid, view) for oid in view.listing)

    def suspicions(self) -> tuple[Violation, ...]:
        """The violations found so far that a link learned later may still overrule."""
        return tuple(pending.finding for pending in self.memory.cancels.pending.values() if pending.finding is not None)

    def copy(self) -> "Judge":
        twin = object.__new__(Judge)
        twin.constants, twin.environment, twin.horizon, twin.t = self.constants, self.environment, self.horizon, self.t
        twin._bind(self.memory.copy())
        return twin

    def normal_form(self, now: int) -> Hashable:
        """Everything that can still decide a verdict, relative to now; equal where the futures are equal."""
        return normal_form(self.memory, self.constants, self.environment, now)

    # events

    def _register(self, event: Register, line: int) -> list[Finding]:
        memory = self.memory
        for cloid in event.cloids:
            expectation = memory.expect(cloid, event.t, line)
            if not memory.candidates:
                continue
            for order, age in memory.claims(cloid):
                order.bar, age.ripe_from = event.t, None
                if order.oid in expectation.links or cloid in age.shown:
                    age.interrupt()
        return []

    def _record_oid(self, event: RecordOid, line: int) -> list[Finding]:
        memory = self.memory
        found = (
            linked_later(memory, event.oid, (event.cloid,), event.t, line)
            if event.oid in memory.cancels.named()
            else []
        )
        order = memory.order(event.oid)
        if memory.acknowledge(order, event.t, line) or event.oid not in memory.latest_local:
            self._change(order, event.t)
        memory.link(order, (event.cloid,))
        order.bar = event.t
        expectation = memory.expectations.get(event.cloid)
        if expectation is not None:
            expectation.answered = True
            if expectation.expected(event.t):
                expectation.links.setdefault(event.oid, line)
                if order.age is not None:
                    order.age.interrupt()
            elif expectation.held and order.age is not None:
                order.age.ripe_from = None
        return found

    def _finalize(self, event: Finalize, line: int) -> list[Finding]:
        memory = self.memory
        order = memory.order(event.oid)
        expectation = memory.expectations.get(event.cloid)
        elder = expectation is not None and 0 <= order.finalized.seq < expectation.opened
        found: list[Finding] = []
        if not elder:
            found = linked_later(memory, event.oid, (event.cloid,), event.t, line)
        elif expectation is not None and expectation.expected(event.t):
            found = [_elder(event, line, order)]
        if memory.finalize(order, event.t, line) or event.oid not in memory.latest_local:
            self._change(order, event.t)
        memory.link(order, (event.cloid,))
        order.bar = event.t
        if expectation is not None:
            expectation.answered = True
            memory.end(expectation, event.t, surely=not elder)
            if expectation.held and order.age is not None:
                order.age.ripe_from = None
        return found

    def _fail(self, event: Fail, line: int) -> list[Finding]:
        memory = self.memory
        claims = memory.claims(event.cloid)
        for order, _ in claims:
            order.bar = event.t
        expectation = memory.expectations.get(event.cloid)
        if expectation is None:
            return []
        contradicted = expectation.answered or memory.shows(event.cloid)
        memory.end(expectation, event.t, surely=not contradicted and not claims)
        if not contradicted:
            return []
        if memory.reopen(expectation, event.t):
            for _, age in claims:
                age.ripe_from = None
        because = next(iter(expectation.links.values()), None)
        message = f"CLOID {event.cloid} is reported as failed after an OID was known for it; nothing is demanded of it"
        return [Caution("fail_after_answer", event.t, line, None, event.cloid, because, message)]

    def _clear(self, event: Clear, line: int) -> list[Finding]:
        order = self.memory.known(event.oid)
        if order is not None:
            order.bar = event.t
            if order.age is not None:
                order.age.aged_from = order.age.ripe_from = None
        return []

    def _cleanup(self, event: Cleanup, line: int) -> list[Finding]:
        self.memory.sweep(event.t)
        return []

    def _told(self, event: Event, line: int) -> list[Finding]:
        """An event that changes no window."""
        return []

    def _change(self, order: Order, t: int) -> None:
        order.changed = t
        if order.absence is not None:
            cease_watching(self.memory, order.oid)

    # the sync

    def _view(self, sync: Sync) -> View:
        listing = listing_of(sync.open or ())
        return View(sync, listing, frozenset(sync.local), sync.as_of < self.memory.latest_as_of)

    def _sync(self, sync: Sync, line: int) -> list[Finding]:
        memory, grace = self.memory, self.constants.orphan_grace_period
        if sync.open is None:
            found = [
                self._misdirected(oid, sync, line, "no snapshot was fetched") for oid in dict.fromkeys(sync.cancelled)
            ]
            self._hold_without_evidence(sync)
            return found + judge_drops(memory, sync, line, None, grace)
        view = self._view(sync)
        found = self._late_snapshot(view, line) if view.late else []
        found += self._seen_again(view, line)
        if not view.late:
            for oid in [oid for oid in memory.candidates if oid not in view.listing or oid in view.local]:
                memory.unclaim(oid)
        found += self._judge_cancels(view, line)
        if view.late:
            self._hold_without_evidence(sync)
            return found + judge_drops(memory, sync, line, None, grace)
        self._judge_candidates(view, line)
        watch_absent(memory, view, line)
        found += judge_drops(memory, sync, line, view, grace)
        memory.listed(view.listing, view.local, sync.as_of)
        memory.sweep(sync.t)
        return found

    def _late_snapshot(self, view: View, line: int) -> list[Finding]:
        sync, newest = view.sync, self.memory.latest_as_of
        message = f"the snapshot is as of {seconds(sync.as_of)}, and an earlier one was as of {seconds(newest)}"
        return [Caution("late_snapshot", sync.t, line, None, None, None, message)]

    def _seen_again(self, view: View, line: int) -> list[Finding]:
        """Listings as evidence about earlier cancels and drops."""
        memory = self.memory
        found: list[Finding] = []
        for oid in sorted(memory.cancels.named() & view.listing.keys()):
            found += linked_later(memory, oid, stated(view.listing[oid]), view.sync.t, line)
        return found + shown_after_drop(memory, view, line)

    def _hold_without_evidence(self, sync: Sync) -> None:
        """A sync without a snapshot that counts: ages go on, and may start anew where an order was tracked or cancelled."""
        candidates = self.memory.candidates
        for oid in {*sync.local, *sync.cancelled} & candidates.keys():
            if (age := candidates[oid].age) is not None:
                age.ripe_from = None
        for oid in sync.cancelled:
            self._cancelled(oid, sync.t)

    def _cancelled(self, oid: str, t: int) -> None:
        order = self.memory.orders.get(oid)
        if order is not None:
            order.bar = t
            if order.age is not None:
                order.age.ripe_from, order.age.retried, order.age.missed = None, True, False

    def _judge_cancels(self, view: View, line: int) -> list[Finding]:
        found: list[Finding] = []
        seen: set[str] = set()
        for oid in view.sync.cancelled:
            if oid in seen:
                found.append(self._misdirected(oid, view.sync, line, "it is named twice among the cancelled"))
            elif oid not in view.listing:
                found.append(self._misdirected(oid, view.sync, line, "the snapshot does not show it"))
            else:
                found += self._judge_cancel(oid, view, line)
            seen.add(oid)
        return found

    def _misdirected(self, oid: str, sync: Sync, line: int, why: str) -> Finding:
        message = f"order {oid} cancelled at {seconds(sync.t)}: {why}"
        return Violation("R2", sync.t, line, oid, None, None, None, message)

    def _judge_cancel(self, oid: str, view: View, line: int) -> list[Finding]:
        t = view.sync.t
        verdict = self.reading.verdict(oid, view)
        finding = None
        if verdict.decision is Decision.MUST_KEEP and verdict.guarantee is not None:
            message = f"order {oid} cancelled at {seconds(t)}, but {verdict.reason}"
            finding = Violation(
                verdict.guarantee, t, line, oid, verdict.cloid, verdict.until, verdict.because_line, message
            )
            if verdict.guarantee not in HELD_BACK:
                return [finding]
        order = self.memory.known(oid)
        acknowledged = order is not None and order.acknowledged.known
        self.memory.await_link(Pending(oid, self.memory.seq, t, line, verdict.cloid, acknowledged, False, finding))
        return []

    def _judge_candidates(self, view: View, line: int) -> None:
        """Ages the candidates of a snapshot that counts, and holds back the cancels that were missed."""
        memory, sync = self.memory, view.sync
        cancelled = set(sync.cancelled)
        for oid in [oid for oid in view.listing if oid not in view.local]:
            verdict = self.reading.verdict(oid, view)
            order = memory.order(oid)
            age = memory.claim(order, stated(view.listing[oid]), sync.t)
            self._age(order, age, sync, line)
            if oid in cancelled:
                self._cancelled(oid, sync.t)
            elif verdict.decision is Decision.MUST_CANCEL and not age.missed:
                age.missed = True
                self._miss(order, age, verdict, sync, line)

    def _age(self, order: Order, age: Age, sync: Sync, line: int) -> None:
        if self.reading.protection(order.oid, order, age.shown, sync.t) is not None:
            age.interrupt()
        elif age.aged_from is None:
            age.aged_from, age.aged_line = sync.as_of, line
        unripe = age.ripe_from is None or age.ripe_from <= self.reading.released(order, age.shown)
        if self.reading.held(order, age.shown):
            age.ripe_from = None
        elif unripe and sync.as_of > self.reading.bar(order, age.shown):
            age.ripe_from, age.ripe_line = sync.as_of, line

    def _miss(self, order: Order, age: Age, verdict: Verdict, sync: Sync, line: int) -> None:
        message = f"order {order.oid} not cancelled at {seconds(sync.t)}: {verdict.reason}"
        finding = Violation("L1", sync.t, line, order.oid, verdict.cloid, None, age.ripe_line, message)
        known = order.acknowledged.known
        pending = Pending(order.oid, self.memory.seq, sync.t, line, verdict.cloid, known, True, finding)
        self.memory.await_link(pending)


def _elder(event: Finalize, line: int, order: Order) -> Caution:
    message = (
        f"OID {event.oid} was finalized before CLOID {event.cloid} was last registered; this says nothing about it"
    )
    return Caution("finalize_of_elder", event.t, line, event.oid, event.cloid, order.finalized.line, message)
