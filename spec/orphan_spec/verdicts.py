"""The verdict on one open order at one sync or act, read off the judge's memory.

Two rules. A verdict changes nothing and is given before the outcome of the sync is known. *Must keep* asks `protection` and
`aged_from`, the shortest reading; *must cancel* asks `held`, `bar` and `ripe_from`, the longest.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from orphan_spec.constants import Constants, Environment
from orphan_spec.events import NOT_STATED
from orphan_spec.findings import Decision, Verdict, seconds
from orphan_spec.history import Age, Order, Shown
from orphan_spec.memory import FOREVER, Memory, stated

Ownership = Literal["ours", "foreign", "unclear"]


@dataclass(frozen=True, slots=True)
class View:
    """One sync, or one act, as the judge looks at it."""

    t: int
    """The instant as of which protection and the local book count."""

    as_of: int
    """The instant as of which the listing counts."""

    listing: Mapping[str, Shown]
    local: frozenset[str]
    cancelled: tuple[str, ...]
    late: bool = False
    """The snapshot is older than an earlier one."""

    stale: "View | None" = None
    """The same act on the snapshot that came latest and was late: what only that shows counts as shown by it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """The guarantees, read off a memory."""

    memory: Memory
    constants: Constants
    environment: Environment

    def verdict(self, oid: str, view: View) -> Verdict:
        """The verdict on one open order, from what is known at this sync."""
        keep = Decision.MUST_KEEP
        order, shown = self.memory.known(oid), stated(view.listing[oid])
        cloid = shown[0] if shown else None
        if oid in view.local:
            because = order.finalized.line if order is not None and order.finalized.known else None
            return Verdict(oid, keep, "it is in the local book", "S5", None, because, cloid)
        ownership = self._ownership(order, view.listing[oid])
        if ownership == "foreign":
            whose = f"its CLOID {cloid} is not ours" if cloid else "it has no CLOID"
            return Verdict(oid, keep, f"{whose}, so it is foreign", "S7", None, None, cloid)
        protection = self.protection(oid, order, shown, view.t)
        if protection is not None:
            return protection
        if view.late:
            reason = f"the snapshot as of {seconds(view.as_of)} is older than an earlier one"
            return Verdict(oid, keep, reason, "S8", None, None, cloid)
        if order is not None and view.as_of <= order.life.learned:
            known = f"its end was known at {seconds(order.life.learned)} (line {order.life.learned_line})"
            reason = f"{known}, and the snapshot as of {seconds(view.as_of)} is not later"
            return Verdict(oid, keep, reason, "S8", None, order.life.learned_line, cloid)
        return self._age_verdict(oid, order, shown, view.as_of, ownership == "ours")

    def _age_verdict(self, oid: str, order: Order | None, shown: tuple[str, ...], as_of: int, ours: bool) -> Verdict:
        cloid = shown[0] if shown else order.links[-1] if order is not None and order.links else None
        age = Age() if order is None or order.age is None else order.age
        if order is not None and ours and self._overripe(order, age, shown, as_of):
            reason = f"nothing has protected it since {seconds(age.ripe_from or 0)} (line {age.ripe_line})"
            return Verdict(oid, Decision.MUST_CANCEL, reason, "L1", None, age.ripe_line, cloid)
        if age.retried:
            return Verdict(oid, Decision.MAY_CANCEL, "it was cancelled before and may be again", cloid=cloid)
        grace = self.constants.orphan_grace_period
        if age.aged_from is None:
            reason = f"it is an orphan for the first time, and the grace period is {seconds(grace)}"
            return Verdict(oid, Decision.MUST_KEEP, reason, "S4", cloid=cloid)
        reached = as_of - age.aged_from
        since = f"{seconds(age.aged_from)} (line {age.aged_line})"
        reason = f"it has been an orphan since {since}: {seconds(reached)} of {seconds(grace)}"
        if reached < grace:
            return Verdict(oid, Decision.MUST_KEEP, reason, "S4", None, age.aged_line, cloid)
        return Verdict(oid, Decision.MAY_CANCEL, reason, None, None, age.aged_line, cloid)

    def _overripe(self, order: Order, age: Age, shown: tuple[str, ...], as_of: int) -> bool:
        """No reading of the text lets the order be kept, and the trace does not say that it has ended."""
        if age.ripe_from is None or as_of - age.ripe_from <= self.constants.orphan_grace_period:
            return False
        truth = order.life.truth
        if age.ripe_from <= self.released(order, shown) or (truth is not None and not truth.rests):
            return False
        return as_of > self.bar(order, shown) and not self.held(order, shown)

    def protection(self, oid: str, order: Order | None, shown: tuple[str, ...], t: int) -> Verdict | None:
        """The window of shortest reading that protects the order at t, of S1, else S2, else S3."""
        if order is not None and t < order.finalized.until:
            return self._protected(oid, "S1", order.links[-1], "finalized", order.finalized.until, order.finalized.line)
        return self._acknowledged(oid, order, t) or self._in_flight(oid, order, shown, t)

    def _protected(self, oid: str, guarantee: str, cloid: str, what: str, until: int, line: int) -> Verdict:
        since = until - self.constants.finalized_protection_period
        reason = f"it was {what} at {seconds(since)} (line {line}) and is protected until {seconds(until)}"
        return Verdict(oid, Decision.MUST_KEEP, reason, guarantee, until, line, cloid)

    def _acknowledged(self, oid: str, order: Order | None, t: int) -> Verdict | None:
        if order is None:
            return None
        flights = [expectation for expectation in self.memory.expecting(order) if expectation.expected(t)]
        latest = max(flights, key=lambda expectation: expectation.until, default=None)
        news = order.acknowledged
        if latest is not None and latest.until >= news.until:
            line = latest.links[oid]
            reason = f"it was recorded for CLOID {latest.cloid} (line {line}), expected until {seconds(latest.until)}"
            return Verdict(oid, Decision.MUST_KEEP, reason, "S2", latest.until, line, latest.cloid)
        if t < news.until:
            return self._protected(oid, "S2", order.links[0], "acknowledged", news.until, news.line)
        return None

    def _in_flight(self, oid: str, order: Order | None, shown: tuple[str, ...], t: int) -> Verdict | None:
        for cloid in shown:
            expectation = self.memory.expectations.get(cloid)
            if expectation is not None and expectation.expected(t):
                until, line = expectation.until, expectation.line
                guarantee = "S2" if order is not None and order.acknowledged.known else "S3"
                reason = f"its CLOID {cloid} was registered in line {line} and is expected until {seconds(until)}"
                return Verdict(oid, Decision.MUST_KEEP, reason, guarantee, until, line, cloid)
        return None

    def held(self, order: Order, shown: tuple[str, ...]) -> bool:
        """Some window of longest reading protects the order."""
        if order.acknowledged.held or order.finalized.held:
            return True
        expectations = map(self.memory.expectations.get, {*order.links, *shown})
        return any(expectation is not None and expectation.held for expectation in expectations)

    def bar(self, order: Order, shown: tuple[str, ...]) -> int:
        """The instant that a listing must be later than to demand a cancel."""
        if self.memory.unswept:
            return FOREVER
        fails = self.memory.fails
        failed = max((fails.get(cloid, -1) for cloid in (*order.links, *shown)), default=-1) if fails else -1
        return max(order.bar, self.released(order, shown), failed)

    def released(self, order: Order, shown: tuple[str, ...]) -> int:
        """When the last expected window that may have protected the order was over, for the longest reading."""
        expectations = map(self.memory.expectations.get, {*order.links, *shown})
        ends = (expectation.released_at for expectation in expectations if expectation is not None)
        return max((self.memory.floor, *ends))

    def _ownership(self, order: Order | None, shown: Shown) -> Ownership:
        """Ours, foreign, or unclear, where either way is right."""
        prefix, cloids = self.environment.owned_cloid_prefix, stated(shown)
        if prefix is None or any(cloid.startswith(prefix) for cloid in cloids):
            return "ours"
        if order is not None and order.heard >= 0:
            forgotten = order.acknowledged.again or order.finalized.again
            return "unclear" if forgotten and self.environment.observe == "cloid" else "ours"
        if shown is NOT_STATED:
            return "unclear" if self.environment.observe == "cloid" else "ours"
        linked = order is not None and any(cloid.startswith(prefix) for cloid in order.links)
        return "unclear" if linked or self.environment.observe == "oid" else "foreign"
