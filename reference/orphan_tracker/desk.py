"""One account: policy, local book, clock and journal, told the same at the same instant.

Two rules. Each call reads the clock once. An outcome that is unknown is told to nobody as a failure, nor is a rejection
that comes after one: what was sent first may rest.
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TypeAlias

from .book import LocalBook
from .book_model import BookChange, BookResult, Ended
from .exchange import Cancelled, CancelOutcome, Filled, Gone, OrderRequest, Outcome, Rejected, Resting, Unknown
from .journal import Journal, Sink
from .model import Notice, NoticeKind
from .policy import SafetySyncPolicy

Clock: TypeAlias = Callable[[], int]
"""Reads a clock that never goes back, in ns: `time.monotonic_ns`."""

Listener: TypeAlias = Callable[[Notice | BookResult], object]
"""Is told every contradiction, and whatever became of a change of the book."""


class Desk:
    """What a client knows of its orders, and whom it tells; it talks to no exchange itself."""

    def __init__(
        self,
        policy: SafetySyncPolicy,
        book: LocalBook,
        clock: Clock,
        *,
        sink: Sink | None = None,
        listener: Listener | None = None,
    ) -> None:
        self.policy = policy
        self.book = book
        self.clock = clock
        self.journal = Journal(sink)
        self._listener = listener
        self._counts: Counter[str] = Counter()

    def counters(self) -> Mapping[str, int]:
        """How often what happened, by name; they only grow."""
        return dict(self._counts)

    def count(self, name: str, times: int = 1) -> None:
        """Adds to a counter."""
        self._counts[name] += times

    # orders on their way

    def expect(self, orders: Sequence[OrderRequest]) -> None:
        """Registers orders, right before they are sent."""
        self._expect(orders, self.clock())

    def expect_modified(self, oid: str, order: OrderRequest) -> None:
        """Registers an order that replaces another, right before the request is sent."""
        now = self.clock()
        self._expect([order], now)
        self.journal.modify(now, order.cloid, oid)

    def settle(self, cloid: str, outcome: Outcome) -> Outcome:
        """Takes the answer to a request, and answers how it is to be understood."""
        now = self.clock()
        match outcome:
            case Resting(oid):
                self._answered(cloid, oid, now)
            case Filled(oid):
                self.note(self.book.mark_ended(oid, Ended.FILLED, now))
                self._answered(cloid, oid, now)
                self._ended(oid, now)
            case Rejected(reason):
                outcome = self._rejected(cloid, reason, now)
            case Unknown():
                self._unknown(cloid, now)
        self.count(f"outcome.{type(outcome).__name__}")
        return outcome

    def adopt(self, oid: str) -> BookResult:
        """Tracks an order that rests and is ours, where no answer says under which CLOID."""
        return self.note(self.book.adopt(oid, self.clock()))

    # orders that rest

    def learn_fill(self, oid: str, amount: Decimal) -> BookResult:
        """Takes a fill message, each once."""
        now = self.clock()
        result = self.note(self.book.record_fill(oid, amount, now))
        if result.change is BookChange.FILLED:
            self._ended(oid, now)
        return result

    def learn_end(self, oid: str, how: Ended) -> BookResult:
        """Takes any message that says that an order has ended."""
        return self._learn_end(oid, how, self.clock())

    def begin_cancel(self, oid: str) -> BookResult:
        """Notes that a cancel of our own is about to be sent."""
        return self.note(self.book.request_cancel(oid, self.clock()))

    def settle_cancel(self, oid: str, outcome: CancelOutcome) -> None:
        """Takes the answer to a cancel of our own; an unknown one leaves the order being cancelled."""
        match outcome:
            case Cancelled() | Gone():
                self.learn_end(oid, Ended.CANCELLED)
            case Rejected():
                self.note(self.book.note_cancel_failed(oid, self.clock()))
            case Unknown():
                pass
        self.count(f"cancel.{type(outcome).__name__}")

    def settle_orphan_cancel(self, oid: str, outcome: CancelOutcome) -> bool:
        """Takes the answer to the cancel of an orphan, and answers whether it is done with."""
        self.count(f"orphan_cancel.{type(outcome).__name__}")
        if not isinstance(outcome, Cancelled | Gone):
            return False
        now = self.clock()
        self.tell(self.policy.clear_orphan(oid, now))
        self.journal.clear(now, oid)
        self._learn_end(oid, Ended.CANCELLED, now)
        return True

    # nothing is silent

    def tell(self, notices: Iterable[Notice]) -> tuple[Notice, ...]:
        """Counts contradictions and passes them on."""
        told = tuple(notices)
        for notice in told:
            self.count(f"notice.{notice.kind.name}")
            if self._listener is not None:
                self._listener(notice)
        return told

    def note(self, result: BookResult) -> BookResult:
        """Counts what became of a change of the book, passes it on, and hands it back."""
        self.count(f"book.{result.change.name}")
        if self._listener is not None:
            self._listener(result)
        return result

    # how

    def _expect(self, orders: Sequence[OrderRequest], now: int) -> None:
        cloids = [order.cloid for order in orders]
        self.tell(self.policy.register_expected_cloids(cloids, now))
        self.journal.register(now, cloids)
        for order in orders:
            self.note(self.book.add_pending_with_cloid(order.cloid, now, order.size))

    def _answered(self, cloid: str, oid: str, now: int) -> None:
        self.tell(self.policy.record_oid_for_cloid(cloid, oid, now))
        self.journal.record_oid(now, cloid, oid)
        result = self.note(self.book.finalize_pending_by_cloid(cloid, oid, now))
        if result.change is BookChange.NOT_PENDING:
            result = self.note(self.book.adopt(oid, now, cloid))
        if result.change is not BookChange.OF_ANOTHER_CLOID:
            self.tell(self.policy.mark_finalized(cloid, oid, now))
            self.journal.finalize(now, cloid, oid)

    def _rejected(self, cloid: str, reason: str, now: int) -> Outcome:
        pending = self.book.pending(cloid)
        if pending is not None and pending.unknown_since is not None:
            self._unknown(cloid, now)
            return Unknown(f"rejected after an outcome that is unknown: {reason}", cloid)
        notices = self.tell(self.policy.mark_failed(cloid, now))
        self.journal.fail(now, cloid)
        if any(notice.kind is NoticeKind.FAILED_WITH_OID for notice in notices):
            self.note(self.book.note_unknown(cloid, now))
            return Unknown(f"rejected although an OID is known: {reason}", cloid)
        self.note(self.book.remove_pending_by_cloid(cloid, now))
        return Rejected(reason, cloid)

    def _unknown(self, cloid: str, now: int) -> None:
        self.note(self.book.note_unknown(cloid, now))
        self.journal.timeout(now, cloid)

    def _learn_end(self, oid: str, how: Ended, now: int) -> BookResult:
        result = self.note(self.book.mark_ended(oid, how, now))
        self._ended(oid, now)
        return result

    def _ended(self, oid: str, now: int) -> None:
        self.tell(self.policy.mark_ended(oid, now))
        self.journal.learn_end(now, oid)
