"""The judge: what the guarantees mean over a log.

Three rules. It knows nothing of any tracker's inside: only events, in the order of their lines. *Must keep* counts the
shortest windows and the earliest start of an age that the text allows, *must cancel* the longest and the latest; between
them lies the implementer's choice, and the judge is silent. One cancel is one violation, of the first of S5, S7, S1, S2,
S3, S8, S4 that applies; so what a link learned later could overrule (S8, S4, L1) is held back until the link horizon has
passed, and everything else is told at once.

What the trace says of an order at the exchange protects nobody and links nothing: it decides S6 and L4, and an order that has
ended need not be cancelled. After a restart the guarantees hold as for a fresh tracker; what came before still decides the
cancels and the drops of then.

`observe` takes the events one by one and returns the findings that have become certain, `finish` the rest. `verdicts`
answers before the outcome of a sync is known. The state is plain data: `copy` is cheap, and `normal_form` is hashable and
free of absolute time and of line numbers.
"""

from collections.abc import Callable, Hashable
from dataclasses import replace
from typing import Final

from orphan_spec.constants import Constants, Environment
from orphan_spec.drops import cease_watching
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
from orphan_spec.findings import NOT_MODELLED, Caution, Finding, Verdict, Violation
from orphan_spec.forgetting import expire, restart, sweep
from orphan_spec.hindsight import linked_later
from orphan_spec.history import Order, Truth
from orphan_spec.memory import Memory
from orphan_spec.normal_form import normal_form
from orphan_spec.syncs import Syncs
from orphan_spec.verdicts import Reading

_NARRATIVE: Final = (Fill, Timeout, Modify)
"""Events that tell a reader what happened, and change nothing."""


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
        self.syncs = Syncs(memory, self.reading, self.constants)
        self._handlers: dict[type[Event], Callable[..., list[Finding]]] = {
            Register: self._register,
            RecordOid: self._record_oid,
            Finalize: self._finalize,
            Fail: self._fail,
            Clear: self._clear,
            Cleanup: self._cleanup,
            Sync: self.syncs.sync,
            Act: self.syncs.act,
            Accept: self._accept,
            End: self._end,
            LearnEnd: self._learn_end,
            Restart: self._restart,
            **dict.fromkeys(_NARRATIVE, self._narrate),
        }

    @property
    def not_modelled(self) -> tuple[str, ...]:
        """The guarantees that this log cannot be judged by."""
        ownership = self.environment.owned_cloid_prefix is not None and self.environment.observe == "cloid"
        ends = () if self.memory.tells_ends else NOT_MODELLED
        return ends if ownership else ("S7", *ends)

    def observe(self, event: Event, line: int = 0) -> list[Finding]:
        """Takes the next event, which stands in the given line, and returns what has become certain."""
        t = event.t
        if t < self.t:
            raise ValueError(f"time goes back from {self.t} to {t}")
        self.t = t
        memory = self.memory
        memory.seq += 1
        certain = expire(memory, t) if t > memory.due else None
        found = self._handlers[type(event)](event, line)
        return certain + found if certain else found

    def finish(self) -> list[Finding]:
        """Ends the log and returns what was held back."""
        findings: list[Finding] = []
        for serial in list(self.memory.cancels.pending):
            findings += self.memory.cancels.settle(serial)
        return findings

    def verdicts(self, event: Sync | Act) -> tuple[Verdict, ...]:
        """What must or may be done with every open order at a sync or an act whose outcome is not known; changes nothing."""
        if isinstance(event, Sync) and event.open is None:
            return ()
        view = self.syncs.view(event)
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
        elif memory.tells_ends:
            order.life = replace(order.life, stirred=event.t)
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
        elif memory.tells_ends:
            order.life = replace(order.life, stirred=event.t)
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
        memory.fail(event.cloid, event.t)
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
        order = self.memory.note(event.oid)
        order.bar = event.t
        if order.age is not None:
            order.age.aged_from = order.age.ripe_from = None
        return []

    def _cleanup(self, event: Cleanup, line: int) -> list[Finding]:
        sweep(self.memory, event.t)
        return []

    def _accept(self, event: Accept, line: int) -> list[Finding]:
        return self._happened(event.oid, Truth(event.t, line, rests=True))

    def _end(self, event: End, line: int) -> list[Finding]:
        return self._happened(event.oid, Truth(event.t, line, rests=False))

    def _happened(self, oid: str, truth: Truth) -> list[Finding]:
        self.memory.tells_ends = True
        order = self.memory.note(oid)
        order.life = replace(order.life, truth=truth)
        return []

    def _learn_end(self, event: LearnEnd, line: int) -> list[Finding]:
        self.memory.tells_ends = True
        order = self.memory.note(event.oid)
        order.bar = event.t
        if order.life.learned < 0:
            order.life = replace(order.life, learned=event.t, learned_line=line)
        if order.age is not None:
            order.age.ripe_from = None
        self._change(order, event.t)
        return []

    def _restart(self, event: Restart, line: int) -> list[Finding]:
        restart(self.memory, event.t)
        return []

    def _narrate(self, event: Event, line: int) -> list[Finding]:
        return []

    def _change(self, order: Order, t: int) -> None:
        order.changed = t
        if order.absence is not None:
            cease_watching(self.memory, order.oid)


def _elder(event: Finalize, line: int, order: Order) -> Caution:
    message = (
        f"OID {event.oid} was finalized before CLOID {event.cloid} was last registered; this says nothing about it"
    )
    return Caution("finalize_of_elder", event.t, line, event.oid, event.cloid, order.finalized.line, message)
