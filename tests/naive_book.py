"""The local book as its rules read: it keeps every snapshot and every change, and looks them all through at every question.

Whether an order is stale is found by walking back over the snapshots; nothing of it is remembered. Written from N7, N9 and
N13 and from what `LocalBook` promises; it answers with the names of changes.
"""

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from tracker_kit import Kit


@dataclass
class Sent:
    """A pending CLOID."""

    since: int
    renewed_at: int
    size: Decimal | None
    unknown: bool = False


@dataclass
class Tracked:
    """A tracked OID."""

    cloid: str | None
    size: Decimal | None
    filled: Decimal
    changed_at: int
    changed_line: int
    cancelling: bool = False


@dataclass
class Word:
    """What was heard of an OID that is not tracked."""

    at: int
    filled: Decimal
    ended: bool


@dataclass(frozen=True)
class Seen:
    """A snapshot that counted."""

    line: int
    as_of: int
    shown: frozenset[str]


@dataclass
class NaiveBook:
    """Answers each change as the local book must."""

    grace: int
    line: int = 0
    sent: dict[str, Sent] = field(default_factory=dict)
    tracked: dict[str, Tracked] = field(default_factory=dict)
    heard: dict[str, Word] = field(default_factory=dict)
    snapshots: list[Seen] = field(default_factory=list)

    def add(self, cloid: str, t: int, size: Decimal | None) -> str:
        if cloid in self.sent:
            one = self.sent[cloid]
            one.renewed_at = t
            one.size = size or one.size
            return "ADDED_AGAIN"
        self.sent[cloid] = Sent(t, t, size)
        return "ADDED"

    def note_unknown(self, cloid: str, t: int) -> str:
        if cloid not in self.sent:
            return "NOT_PENDING"
        self.sent[cloid].unknown = True
        return "NOTED"

    def finalize(self, cloid: str, oid: str, t: int) -> str:
        if self.is_of_another(oid, cloid):
            return "OF_ANOTHER_CLOID"
        if cloid not in self.sent:
            if oid in self.tracked or self.has_ended(oid):
                return self.track(oid, cloid, None, t)
            return "NOT_PENDING"
        if oid in self.tracked:
            self.changed(oid, t)
        return self.track(oid, cloid, self.sent.pop(cloid).size, t)

    def remove(self, cloid: str, t: int) -> str:
        return "NOT_PENDING" if self.sent.pop(cloid, None) is None else "REMOVED"

    def adopt(self, oid: str, cloid: str | None, t: int) -> str:
        if cloid is not None and self.is_of_another(oid, cloid):
            return "OF_ANOTHER_CLOID"
        return self.track(oid, cloid, None, t)

    def fill(self, oid: str, amount: Decimal, t: int) -> str:
        if oid in self.tracked:
            order = self.tracked[oid]
            order.filled += amount
            self.changed(oid, t)
            if order.size is None or order.filled < order.size:
                return "FILLED_PARTLY"
            self.bury(oid, t)
            return "FILLED"
        if self.has_ended(oid):
            return "ALREADY_ENDED"
        if not self.sent:
            return "NOT_TRACKED"
        before = self.heard[oid].filled if oid in self.heard else Decimal(0)
        self.heard[oid] = Word(t, before + amount, False)
        return "KEPT_FOR_ANSWER"

    def end(self, oid: str, t: int) -> str:
        if oid in self.tracked:
            self.bury(oid, t)
            return "ENDED"
        if self.has_ended(oid):
            return "ALREADY_ENDED"
        self.bury(oid, t)
        return "KEPT_FOR_ANSWER"

    def cancel(self, oid: str, t: int, *, asked: bool) -> str:
        if oid not in self.tracked:
            return "ALREADY_ENDED" if self.has_ended(oid) else "NOT_TRACKED"
        if not asked and not self.tracked[oid].cancelling:
            return "NOT_CANCELLING"
        self.tracked[oid].cancelling = asked
        return "CANCELLING" if asked else "REOPENED"

    def drop(self, oid: str, t: int) -> str:
        if oid not in self.tracked:
            return "NOT_TRACKED"
        since = self.absent_since(oid)
        if since is None or self.snapshots[-1].as_of - since < self.grace:
            return "NOT_STALE"
        del self.tracked[oid]
        return "DROPPED"

    def weigh(self, shown: frozenset[str], as_of: int) -> dict[str, tuple[str, int]] | None:
        """Why each absent order is kept or dropped, and until when; None where the snapshot does not count."""
        if self.snapshots and as_of < self.snapshots[-1].as_of:
            return None
        self.snapshots.append(Seen(self.line, as_of, shown))
        found = {}
        for oid, order in self.tracked.items():
            if oid in shown:
                continue
            if as_of <= order.changed_at:
                found[oid] = ("OLDER_THAN_CHANGE", order.changed_at)
                continue
            since = self.absent_since(oid)
            assert since is not None
            found[oid] = ("STALE" if as_of >= since + self.grace else "WITHIN_GRACE", since + self.grace)
        for oid, word in list(self.heard.items()):
            contradicted = word.ended and word.at < as_of and oid in shown
            awaited = any(one.since <= word.at for one in self.sent.values())
            confirmed = not word.ended or word.at < as_of
            if contradicted or (confirmed and not awaited):
                del self.heard[oid]
        return found

    # what it all rests on

    def absent_since(self, oid: str) -> int | None:
        """The first of the unbroken row of snapshots that lack the order, all later than its last change."""
        since = None
        for one in reversed(self.snapshots):
            order = self.tracked[oid]
            if oid in one.shown or one.line < order.changed_line:
                break
            if one.as_of > order.changed_at:
                since = one.as_of
        return since

    def has_ended(self, oid: str) -> bool:
        return oid in self.heard and self.heard[oid].ended

    def is_of_another(self, oid: str, cloid: str) -> bool:
        return oid in self.tracked and self.tracked[oid].cloid not in (None, cloid)

    def track(self, oid: str, cloid: str | None, size: Decimal | None, t: int) -> str:
        if self.has_ended(oid):
            return "ALREADY_ENDED"
        if oid in self.tracked:
            order = self.tracked[oid]
            order.cloid, order.size = order.cloid or cloid, size or order.size
            return "ALREADY_TRACKED"
        filled = self.heard.pop(oid).filled if oid in self.heard else Decimal(0)
        if size is not None and filled >= size:
            self.heard[oid] = Word(t, filled, True)
            return "FILLED"
        self.tracked[oid] = Tracked(cloid, size, filled, t, self.line)
        return "TRACKED"

    def bury(self, oid: str, t: int) -> None:
        self.tracked.pop(oid, None)
        self.heard[oid] = Word(t, Decimal(0), True)

    def changed(self, oid: str, t: int) -> None:
        self.tracked[oid].changed_at, self.tracked[oid].changed_line = t, self.line


GRACE = 5
CLOIDS, OIDS, AMOUNTS = ("c", "d"), ("7", "8", "9"), (Decimal(1), Decimal(2))
DEEDS = (
    *("weigh",) * 4,
    *("add", "finalize", "fill", "end", "drop") * 2,
    *("note_unknown", "remove", "adopt", "cancel", "fail_to_fetch"),
)
"""How often each kind of event is chosen."""


class Pair:
    """A book and the naive model, told the same."""

    def __init__(self, kit: Kit) -> None:
        self.module = kit.module
        self.book, self.naive, self.t = kit.module.LocalBook(GRACE), NaiveBook(GRACE), 0
        self.met: list[str] = []

    def live(self, deed: str, pick: Callable[[Sequence[Any]], Any]) -> None:
        """Does one deed, with what `pick` chooses, and asserts that both answer and hold the same."""
        self.t += pick((0, 0, 1, 1, 2, 5))
        self.naive.line += 1
        getattr(self, deed)(pick)
        self.hold_the_same()

    def answer(self, result: Any, expected: str) -> None:
        assert result.change.name == expected
        self.met.append(expected)

    def add(self, pick: Callable[[Sequence[Any]], Any]) -> None:
        cloid, size = pick(CLOIDS), pick((None, *AMOUNTS))
        self.answer(self.book.add_pending_with_cloid(cloid, self.t, size), self.naive.add(cloid, self.t, size))

    def note_unknown(self, pick: Callable[[Sequence[Any]], Any]) -> None:
        cloid = pick(CLOIDS)
        self.answer(self.book.note_unknown(cloid, self.t), self.naive.note_unknown(cloid, self.t))

    def finalize(self, pick: Callable[[Sequence[Any]], Any]) -> None:
        cloid, oid = pick(CLOIDS), pick(OIDS)
        expected = self.naive.finalize(cloid, oid, self.t)
        self.answer(self.book.finalize_pending_by_cloid(cloid, oid, self.t), expected)

    def remove(self, pick: Callable[[Sequence[Any]], Any]) -> None:
        cloid = pick(CLOIDS)
        self.answer(self.book.remove_pending_by_cloid(cloid, self.t), self.naive.remove(cloid, self.t))

    def adopt(self, pick: Callable[[Sequence[Any]], Any]) -> None:
        oid, cloid = pick(OIDS), pick((None, *CLOIDS))
        self.answer(self.book.adopt(oid, self.t, cloid), self.naive.adopt(oid, cloid, self.t))

    def fill(self, pick: Callable[[Sequence[Any]], Any]) -> None:
        oid, amount = pick(OIDS), pick(AMOUNTS)
        self.answer(self.book.record_fill(oid, amount, self.t), self.naive.fill(oid, amount, self.t))

    def end(self, pick: Callable[[Sequence[Any]], Any]) -> None:
        oid, how = pick(OIDS), pick(list(self.module.Ended))
        self.answer(self.book.mark_ended(oid, how, self.t), self.naive.end(oid, self.t))

    def cancel(self, pick: Callable[[Sequence[Any]], Any]) -> None:
        oid, asked = pick(OIDS), pick((True, False))
        told = self.book.request_cancel if asked else self.book.note_cancel_failed
        self.answer(told(oid, self.t), self.naive.cancel(oid, self.t, asked=asked))

    def drop(self, pick: Callable[[Sequence[Any]], Any]) -> None:
        oid = pick(OIDS)
        self.answer(self.book.drop_stale(oid, self.t), self.naive.drop(oid, self.t))

    def fail_to_fetch(self, pick: Callable[[Sequence[Any]], Any]) -> None:
        assert self.book.find_stale(None, self.t).no_evidence.name == "FAILED"
        self.met.append("FAILED")

    def weigh(self, pick: Callable[[Sequence[Any]], Any]) -> None:
        shown = frozenset(oid for oid in OIDS if pick((True, False, False)))
        as_of = max(0, self.t - pick((0, 0, 0, 1, 2, 5)))
        decision, expected = self.book.find_stale(shown, self.t, as_of), self.naive.weigh(shown, as_of)
        if expected is None:
            assert decision.no_evidence.name == "LATE"
            self.met.append("LATE")
            return
        assert decision.no_evidence is None
        assert {e.oid: (e.reason.name, e.until) for e in decision.explanations} == expected
        assert set(decision.stale) == {oid for oid, (reason, _) in expected.items() if reason == "STALE"}
        self.met += [reason for reason, _ in expected.values()]

    def hold_the_same(self) -> None:
        book, naive = self.book, self.naive
        assert book.tracked_oids() == set(naive.tracked)
        assert book.pending_cloids() == set(naive.sent)
        assert book.remembered_oids() == len(naive.heard)
        lapsed = {cloid for cloid, one in naive.sent.items() if one.renewed_at + 3 <= self.t}
        assert set(book.lapsed_cloids(3, self.t)) == lapsed
        for oid, expected in naive.tracked.items():
            order = book.order(oid)
            found = (order.cloid, order.size, order.filled, order.changed_at, order.cancelling_since is not None)
            assert found == (expected.cloid, expected.size, expected.filled, expected.changed_at, expected.cancelling)
        for cloid, one in naive.sent.items():
            pending = book.pending(cloid)
            found = (pending.since, pending.renewed_at, pending.size, pending.unknown_since is not None)
            assert found == (one.since, one.renewed_at, one.size, one.unknown)
        for oid in OIDS:
            assert book.knows_end_of(oid) == naive.has_ended(oid)
        for cloid in CLOIDS:
            assert set(book.oids_of(cloid)) == {oid for oid, order in naive.tracked.items() if order.cloid == cloid}


def check_book_agrees_with_naive_model(kit: Kit, seed: int) -> list[str]:
    """Lives one life from a seed; answers what was met in it."""
    rng, pair = random.Random(seed), Pair(kit)
    for _ in range(200):
        pair.live(rng.choice(DEEDS), rng.choice)
    return pair.met
