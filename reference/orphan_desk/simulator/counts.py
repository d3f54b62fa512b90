"""What is counted at a simulated desk, before and after alike, by the truth of the exchange.

One rule. A *good* order is one that the present life of the client placed, whose answer it has or will get, and whose end
it never asked for. To cancel one, or to forget one that rests, is a mistake, whatever the windows say.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from orphan_desk.simulator.ledger import Ledger, Order


def is_good(order: Order, life: int) -> bool:
    """Whether this life of the client wants the order and knows, or will know, of it."""
    return order.life == life and order.claimed and not order.unwanted


@dataclass(slots=True)
class Counts:
    """The figures of one desk."""

    placed: int = 0
    syncs: int = 0
    false_orphans: int = 0
    """Good orders that a sync cancelled."""

    of_them_unanswered: int = 0
    """Those whose answer was still on its way when the cancel was sent."""

    true_orphans: int = 0
    """Orders that nobody claims, cancelled by a sync."""

    foreign_cancelled: int = 0
    ghosts: int = 0
    """Cancels sent for orders that had ended before."""

    stale_resting: int = 0
    """Local orders forgotten as stale while they rested on the exchange: the false ones."""

    stale_gone: int = 0
    """Local orders forgotten as stale after they had ended."""

    mismatches: int = 0
    """Syncs after which the local book lacked a good order that its snapshot could show, or held one that it could not."""

    restarts: int = 0
    foreign: int = 0

    def cancelled(self, order: Order | None, life: int, unanswered: Collection[str]) -> None:
        """Counts a cancel that a sync sent, and that arrived; None where the order was not open any more.

        `unanswered`: the OIDs that the client had not been told of when it sent the cancel."""
        if order is None:
            self.ghosts += 1
        elif is_good(order, life):
            self.false_orphans += 1
            self.of_them_unanswered += order.oid in unanswered
        elif order.life == 0:
            self.foreign_cancelled += 1
        else:
            self.true_orphans += 1

    def dropped(self, *, rested: bool) -> None:
        """Counts a local order that a sync forgot, while it rested or after it had ended."""
        if rested:
            self.stale_resting += 1
        else:
            self.stale_gone += 1

    def mismatched(self, resting: Iterable[str], ledger: Ledger, life: int, as_of: int) -> None:
        """Counts the sync if what the local book holds differs from what the snapshot could show."""
        held = set(resting)
        lacks = any(
            order.oid not in held and order.answered and order.accepted_at <= as_of and is_good(order, life)
            for order in ledger.open.values()
        )
        holds = any(not ledger.rested(oid, as_of) for oid in held)
        self.mismatches += lacks or holds
