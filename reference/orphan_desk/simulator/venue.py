"""A simulated exchange behind the interface that the reference asks an exchange by.

Three rules. A request takes time to arrive and its answer takes time to come back, and what it does is done when it
arrives, whether anybody still waits for the answer or not. Faults are drawn by their stated shares. The truth goes to the
journal when it happens; the client learns it by answers and messages only.
"""

import random
from collections.abc import Callable, Sequence
from typing import Any, Protocol

from orphan_desk.simulator.agenda import Agenda, Pause
from orphan_desk.simulator.counts import Counts
from orphan_desk.simulator.inputs import Inputs
from orphan_desk.simulator.ledger import Ledger, Order
from orphan_tracker import (
    Cancelled,
    CancelOutcome,
    Filled,
    Gone,
    OpenOrder,
    OrderRequest,
    Outcome,
    Rejected,
    Resting,
    Unknown,
)

SECOND = 1_000_000_000
LOST = "the answer was lost"


class Truth(Protocol):
    """Writes down what happens at the exchange."""

    def __call__(self, event: str, **fields: Any) -> None:
        """One event, now."""
        ...


class Venue:
    """The exchange, as all lives of the client share it."""

    def __init__(self, inputs: Inputs, agenda: Agenda, rng: random.Random, counts: Counts, truth: Truth) -> None:
        self.inputs = inputs
        self.agenda = agenda
        self.ledger = Ledger(inputs.staleness.longest + inputs.fetch.longest + SECOND)
        self.counts = counts
        self.fills_within = round(2 * SECOND * inputs.ladder / inputs.rate)
        """An order that is filled is filled so soon, in ns: while it would rest."""

        self.rng = rng
        self._truth = truth

    def chance(self, share: float) -> bool:
        """Whether something of this share happens; one that never does draws nothing."""
        return share > 0 and self.rng.random() < share

    # placing

    def answer_after(self, latency: int) -> int | None:
        """How long an answer really takes; None where it is lost."""
        if self.chance(self.inputs.lost_answers):
            return None
        if self.chance(self.inputs.late_answers):
            return latency + self.inputs.late_by.draw(self.rng)
        return latency

    async def request(self, arrive: Callable[[bool], Sequence[Outcome]]) -> Sequence[Outcome]:
        """A call: what it does is done after its way, its answer comes after its latency."""
        latency = self.inputs.latency.draw(self.rng)
        answered = self.answer_after(latency)
        done: list[Sequence[Outcome]] = []
        way = int(latency * self.inputs.rests_after)
        self.agenda.after(way, lambda: done.append(arrive(answered is not None)))
        if answered is None:
            await Pause(self.inputs.timeout.draw(self.rng))
            raise TimeoutError(LOST)
        await Pause(answered)
        return done[0]

    def accept(self, cloid: str, life: int, learn: Callable[[Order], None], *, claimed: bool) -> Outcome:
        """Rests an order, or fills it at once; later fills, and the messages about them, are planned."""
        inputs, order = self.inputs, self.ledger.accept(cloid, life, self.agenda.now)
        order.claimed = claimed
        self._truth("accept", oid=order.oid, cloid=cloid)
        if self.chance(inputs.instant_fills):
            self.end(order.oid, "filled")
            return Filled(order.oid)
        if self.chance(inputs.fills):
            self.agenda.after(int(self.rng.random() * self.fills_within), self._fill, order, learn)
        return Resting(order.oid)

    def _fill(self, order: Order, learn: Callable[[Order], None]) -> None:
        """Fills an order, in part or to its end."""
        if order.oid not in self.ledger.open:
            return
        if self.chance(self.inputs.partial_fills):
            self._truth("fill", oid=order.oid)
            return
        self.end(order.oid, "filled")
        if not self.chance(self.inputs.lost_messages):
            self.agenda.after(self.inputs.message_delay.draw(self.rng), learn, order)

    def end(self, oid: str, how: str) -> Order | None:
        """Ends an order; None where it is not open."""
        order = self.ledger.end(oid, self.agenda.now)
        if order is not None:
            self._truth("end", oid=oid, how=how)
        return order

    def rests_foreign(self, cloid: str | None) -> str:
        """Rests an order of somebody else; its OID."""
        order = self.ledger.accept(cloid, 0, self.agenda.now)
        self._truth("accept", oid=order.oid, **({} if cloid is None else {"cloid": cloid}))
        return order.oid


class Connection:
    """What one life of the client sees of the exchange: the interface of the reference."""

    def __init__(self, venue: Venue, life: int, learn: Callable[[Order], None], *, shows_cloids: bool) -> None:
        self.venue = venue
        self.life = life
        self._learn = learn
        self._shows_cloids = shows_cloids

    async def place(self, order: OrderRequest) -> Outcome:
        """Places one order."""
        return (await self.place_bulk([order]))[0]

    async def place_bulk(self, orders: Sequence[OrderRequest]) -> Sequence[Outcome]:
        """Places a ladder: each of its orders is rejected, filled at once, or rests."""
        outcomes = await self.venue.request(lambda claimed: [self._arrive(order.cloid, claimed) for order in orders])
        self._answered(outcomes)
        return outcomes

    def _arrive(self, cloid: str, claimed: bool) -> Outcome:
        if self.venue.chance(self.venue.inputs.rejects):
            return Rejected("it would exceed the position limit", cloid)
        return self.venue.accept(cloid, self.life, self._learn, claimed=claimed)

    def _answered(self, outcomes: Sequence[Outcome]) -> None:
        for outcome in outcomes:
            if isinstance(outcome, Resting):
                order = self.venue.ledger.open.get(outcome.oid)
                if order is not None:
                    order.answered = True

    async def modify(self, oid: str, order: OrderRequest) -> Outcome:
        """Replaces an order: the same CLOID, a new OID; nothing is replaced where it has ended."""

        def arrive(claimed: bool) -> Sequence[Outcome]:
            if self.venue.end(oid, "replaced") is None:
                return [Rejected("there is no such order", order.cloid)]
            return [self.venue.accept(order.cloid, self.life, self._learn, claimed=claimed)]

        self.unwant(oid)
        outcomes = await self.venue.request(arrive)
        self._answered(outcomes)
        return outcomes[0]

    def unwant(self, oid: str) -> None:
        """Its client asks for the end of an order."""
        order = self.venue.ledger.open.get(oid)
        if order is not None:
            order.unwanted = True

    async def cancel(self, oid: str) -> CancelOutcome:
        """Cancels an order of the client's own."""
        self.unwant(oid)
        (outcome,) = await self._cancel([oid])
        return outcome

    async def cancel_bulk(self, oids: Sequence[str]) -> Sequence[CancelOutcome]:
        """Cancels what a sync takes for orphans: here it is counted who really was one."""
        open_ = self.venue.ledger.open
        unanswered = frozenset(oid for oid in oids if oid in open_ and not open_[oid].answered)
        return await self._cancel(oids, lambda order: self.venue.counts.cancelled(order, self.life, unanswered))

    async def _cancel(
        self, oids: Sequence[str], count: Callable[[Order | None], None] | None = None
    ) -> list[CancelOutcome]:
        venue = self.venue
        latency = venue.inputs.cancel_latency.draw(venue.rng)
        failed = {oid for oid in oids if venue.chance(venue.inputs.failed_cancels)}
        ended: set[str] = set()

        def arrive() -> None:
            for oid in oids:
                if oid not in failed:
                    order = venue.end(oid, "cancelled")
                    ended.update(() if order is None else (oid,))
                    if count is not None:
                        count(order)

        venue.agenda.after(latency // 2, arrive)
        await Pause(latency)
        gone = Gone("there is no such order")
        return [Unknown(LOST) if oid in failed else Cancelled() if oid in ended else gone for oid in oids]

    async def open_orders(self) -> Sequence[OpenOrder]:
        """The open orders, as of an instant that may lag behind the one at which the request arrives."""
        venue = self.venue
        fetch = venue.inputs.fetch.draw(venue.rng)
        lag, fails = venue.inputs.staleness.draw(venue.rng), venue.chance(venue.inputs.failed_fetches)
        as_of = max(0, venue.agenda.now + fetch // 2 - lag)
        await Pause(fetch)
        if fails:
            raise ConnectionError("the list of open orders could not be fetched")
        listing = venue.ledger.listing(as_of)
        if self._shows_cloids:
            return [OpenOrder(order.oid, order.cloid) for order in listing]
        return [OpenOrder(order.oid) for order in listing]
