"""Bugs planted in the reference, one line each, each alone, and the check that catches it.

A bug is a fragment of the source that occurs exactly once, and what stands there instead; it is applied to a copy of the
package, loaded under another name. The checks are those of the test suite, called with that copy. A bug that no check
catches is a hole in the suite, and the test of this table fails.

    python tests/planted_bugs.py            writes docs/planted-bugs.md (some minutes)

The table carries a digest of what it was made from; `.ci/run` makes some of its rows anew.
"""

import contextlib
import importlib
import inspect
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

import orphan_tracker
import test_desk_hazards
import test_reference_driver
import test_reference_hazards
import test_reference_norms
from lockstep import check_lockstep
from naive_book import check_book_agrees_with_naive_model
from random_desk import (
    check_agrees_with_naive_model,
    check_cleanup_changes_no_answer,
    check_orders_do_not_interfere,
    random_events,
)
from slow_tables import ROOT, TESTS, machine_sources, mapped, sources, stamp
from tracker_kit import Kit

SOURCE = Path(orphan_tracker.__file__).parent
TABLE = ROOT / "docs" / "planted-bugs.md"


class Bug(NamedTuple):
    """One planted bug."""

    name: str
    file: str
    before: str
    after: str


class Check(NamedTuple):
    """One way to catch bugs: raises, whatever it raises, for a kit with a bug that it sees."""

    name: str
    run: Callable[[Kit], None]


BUGS = (
    Bug("nothing ever expires", "tracker.py", "self._memory.advance(now)", "pass"),
    Bug("time may go back", "tracker.py", "if now < self._now:", "if now < 0:"),
    Bug("last instant is not kept", "tracker.py", "self._now = now", "pass"),
    Bug("zero constants are accepted", "config.py", "if duration <= 0:", "if duration < 0:"),
    Bug("expected window is closed, not half-open", "memory.py", "if window.until > now:", "if window.until >= now:"),
    Bug("heard-of window is closed, not half-open", "memory.py", "if until > now:", "if until >= now:"),
    Bug("grace is open, not half-open", "tracker.py", "if as_of >= aged_at", "if as_of > aged_at"),
    Bug(
        "expected window is not started again",
        "memory.py",
        "Window(now + self._ttl, now",
        "Window(now + self._ttl if earlier is None else earlier.until, now",
    ),
    Bug("register wipes the OIDs", "memory.py", "oids = set() if earlier is None else earlier.oids", "oids = set()"),
    Bug("second OID wipes the first", "memory.py", "].oids.add(oid)", "].oids = {oid}"),
    Bug("links survive their window", "memory.py", "cloids.discard(cloid)", "pass"),
    Bug("record links nothing", "tracker.py", "    memory.link(oid, cloid)", "    pass"),
    Bug("listing links nothing", "tracker.py", "self._memory.link(oid, cloid)", "pass"),
    Bug(
        "listed CLOID is not looked up",
        "tracker.py",
        "for cloid in order.cloids if cloid in memory.windows]",
        "for cloid in ()]",
    ),
    Bug(
        "late snapshot links",
        "tracker.py",
        "        if as_of < self._latest_as_of:",
        "        pairs = [(o.oid, c) for o in listing.values() for c in o.cloids if c in self._memory.windows]\n"
        "        [self._memory.link(oid, cloid) for oid, cloid in pairs]\n"
        "        if as_of < self._latest_as_of:",
    ),
    Bug(
        "heard-of window has the length of the TTL",
        "memory.py",
        "now + self._protection\n        return",
        "now + self._ttl\n        return",
    ),
    Bug("repeated record extends", "tracker.py", "if order.acknowledged_until == NEVER:", "if True:"),
    Bug("repeated finalize extends", "tracker.py", "if order.finalized_until == NEVER:", "if True:"),
    Bug(
        "record after finalize opens no window",
        "tracker.py",
        "if order.acknowledged_until == NEVER:",
        "if order.acknowledged_until == order.finalized_until:",
    ),
    Bug(
        "finalize after record opens no window",
        "tracker.py",
        "if order.finalized_until == NEVER:",
        "if order.finalized_until == order.acknowledged_until:",
    ),
    Bug("finalize does not end the expectation", "tracker.py", "    memory.close(cloid, now)", "    pass"),
    Bug(
        "older OID's finalize ends the newer window",
        "tracker.py",
        "elif order.finalized_step < window.registered_step:",
        "elif False:",
    ),
    Bug(
        "finalize counts as older than its own registration",
        "tracker.py",
        "elif order.finalized_step < window.registered_step:",
        "elif order.finalized_step > window.registered_step:",
    ),
    Bug("fail ends the window although an OID is known", "tracker.py", "if window.oids:", "if False:"),
    Bug("fail does not end the window", "tracker.py", "        self._memory.close(cloid, now)", "        pass"),
    Bug("candidate is forgotten", "memory.py", " and oid not in self.candidates:", ":"),
    Bug("linked OID is forgotten", "memory.py", " and oid not in self.links", ""),
    Bug("nothing is forgotten", "memory.py", "self.orders.pop(oid, None)", "None"),
    Bug("absent candidate is not forgotten", "memory.py", "gone = self.candidates - listing.keys()", "gone = ()"),
    Bug("no grace", "tracker.py", "+ self._config.orphan_grace_period", ""),
    Bug("age counts from the receipt", "tracker.py", "self._first_seen[oid] = as_of", "self._first_seen[oid] = now"),
    Bug("age counts to the receipt", "tracker.py", "if as_of >= aged_at", "if now >= aged_at"),
    Bug(
        "age survives protection",
        "tracker.py",
        "if explanation is not None:\n                self._first_seen.pop(oid, None)",
        "if explanation is not None:\n                pass",
    ),
    Bug("age survives absence", "tracker.py", "for oid in self._memory.candidates - listing.keys():", "for oid in ():"),
    Bug(
        "age survives a clear",
        "tracker.py",
        "        self._first_seen.pop(oid, None)\n        if oid in self._memory.candidates or",
        "        if oid in self._memory.candidates or",
    ),
    Bug(
        "age survives a record",
        "tracker.py",
        "memory.hear_of(oid, now)\n            self._first_seen.pop(oid, None)\n        return",
        "memory.hear_of(oid, now)\n        return",
    ),
    Bug(
        "age survives a finalize",
        "tracker.py",
        "memory.hear_of(oid, now)\n            self._first_seen.pop(oid, None)\n        if",
        "memory.hear_of(oid, now)\n        if",
    ),
    Bug(
        "age survives a record that links",
        "tracker.py",
        "memory.link(oid, cloid)\n            self._first_seen.pop(oid, None)",
        "memory.link(oid, cloid)",
    ),
    Bug(
        "age survives a registration between syncs",
        "tracker.py",
        "for oid in self._memory.shown.get(cloid, ()):",
        "for oid in ():",
    ),
    Bug(
        "age survives a window that ended between syncs",
        "tracker.py",
        "closed.open_after_sync == memory.syncs",
        "False",
    ),
    Bug("ended window counts as if it ended after every sync", "memory.py", "self.syncs += 1", "pass"),
    Bug(
        "ended window is not remembered",
        "memory.py",
        "self.closed[cloid] = Closed(at, window.changed_at, self.syncs)",
        "pass",
    ),
    Bug(
        "ended window is forgotten after a TTL", "memory.py", "while len(self.closed) > REMNANTS:", "while self.closed:"
    ),
    Bug("what was too much to remember is taken for nothing", "tracker.py", "if memory.overlooked and", "if False and"),
    Bug(
        "repeated record restarts the age",
        "tracker.py",
        "order.cloid = cloid\n        if cloid in",
        "order.cloid = cloid; self._first_seen.pop(oid, None)\n        if cloid in",
    ),
    Bug(
        "cancelled orphan loses its age before the clear",
        "tracker.py",
        "began, explanation = self._age(",
        "began, explanation = self._first_seen.pop(oid, None) and False or self._age(",
    ),
    Bug("local changes are not noted", "memory.py", "order.changed_at = now", "pass"),
    Bug(
        "changes of a CLOID are not noted for its orders",
        "memory.py",
        "            self.change(oid, now)",
        "            pass",
    ),
    Bug(
        "clear is no local change",
        "tracker.py",
        "if oid in self._memory.candidates or oid in self._memory.orders:",
        "if False:",
    ),
    Bug(
        "snapshot of the instant of a change decides",
        "memory.py",
        "return max([changed_at, ended_at, *closed])",
        "return max([changed_at, ended_at, *closed]) - 1",
    ),
    Bug(
        "snapshot older than a change decides",
        "memory.py",
        "return max([changed_at, ended_at, *closed])",
        "return NEVER",
    ),
    Bug(
        "change is forgotten with its order",
        "memory.py",
        "if order is not None and order.changed_at >= self.as_of:",
        "if False:",
    ),
    Bug(
        "fail of a CLOID that is not expected is no local change",
        "memory.py",
        "self.closed[cloid] = Closed(now, now, NEVER if ended is None else ended.open_after_sync)",
        "pass",
    ),
    Bug("late snapshot decides", "tracker.py", "if as_of < self._latest_as_of:", "if False:"),
    Bug(
        "same snapshot counts as late",
        "tracker.py",
        "if as_of < self._latest_as_of:",
        "if as_of <= self._latest_as_of:",
    ),
    Bug(
        "failed fetch is the empty list",
        "tracker.py",
        "None if candidates is None else listing_by_oid(candidates)",
        "listing_by_oid(candidates or ())",
    ),
    Bug(
        "foreign order is cancelled",
        "tracker.py",
        "foreign=oid in disowned and not self._is_named(oid)",
        "foreign=False",
    ),
    Bug("named order is taken for foreign", "tracker.py", " and not self._is_named(oid)", ""),
    Bug("one foreign CLOID makes an order foreign", "tracker.py", "not any(map(", "not all(map("),
    Bug("order of which nothing is stated is foreign", "tracker.py", " and bool(order.stated)", ""),
    Bug("every orphan is new", "tracker.py", "new += began", "new += 1"),
    Bug(
        "second listing of an order replaces the first",
        "model.py",
        "order if earlier is None else earlier.merged_with(order)",
        "order",
    ),
    Bug("tracked orders are candidates", "auditor.py", "if oid not in local]", "]"),
    Bug(
        "any registration ends every age",
        "tracker.py",
        "for oid in self._memory.shown.get(cloid, ()):",
        "for oid in list(self._first_seen):",
    ),
    Bug(
        "any record is a change of every candidate",
        "memory.py",
        "order.changed_at = now",
        "order.changed_at = now; [setattr(o, 'changed_at', now) for o in self.orders.values()]",
    ),
    Bug(
        "cleanup collects ages (H24)",
        "tracker.py",
        'whether, this is called."""\n        self._advance(now)',
        'whether, this is called."""\n        self._advance(now); self._first_seen.clear()',
    ),
    Bug(
        "record meets what cleanup would have dropped (H9)",
        "tracker.py",
        'has this OID."""\n        self._check_pair(cloid, oid)\n        self._advance(now)',
        'has this OID."""\n        self._check_pair(cloid, oid)',
    ),
    Bug("ended windows pile up (R1)", "memory.py", "if closed.closed_at >= as_of:", "if closed:"),
    Bug("driver forgets to clear", "driver.py", "life.tracker.clear_orphan(oid, now)", "pass"),
    Bug("driver ignores as_of", "driver.py", '_whole(step, "as_of") if "as_of" in step else now', "now"),
)
"""Bugs of what a tracker is certified for."""

DESK_BUGS = (
    Bug("end is no local change", "memory.py", "self.ended[oid] = now", "pass"),
    Bug("tombstone stands for ever", "memory.py", "if ended_at >= as_of:", "if ended_at:"),
    Bug("tombstone falls with a snapshot of its instant", "memory.py", "if ended_at >= as_of:", "if ended_at > as_of:"),
    Bug(
        "age survives an end",
        "tracker.py",
        "        self._first_seen.pop(oid, None)\n        self._memory.end(oid, now)",
        "        self._memory.end(oid, now)",
    ),
    Bug(
        "order that is shown after its end is taken as it comes",
        "tracker.py",
        "if as_of > self._memory.ended",
        "if None and self._memory.ended",
    ),
    Bug("confirm takes tracked orders (H18)", "tracker.py", "        if tracked:", "        if False:"),
    Bug(
        "confirm forgets protection (H18)",
        "tracker.py",
        "        if protection is not None:\n            return protection",
        "        if False:\n            return protection",
    ),
    Bug("confirm takes what was not shown", "tracker.py", "if order.oid not in self._latest:", "if False:"),
    Bug(
        "confirm takes foreign orders",
        "tracker.py",
        "foreign = order.oid in disowned and not self._is_named(order.oid)",
        "foreign = False",
    ),
    Bug(
        "confirm takes an order that is as young as can be",
        "tracker.py",
        "return Explanation(oid, Reason.WITHIN_GRACE, now, None)",
        "return Explanation(oid, Reason.AGED, now, None)",
    ),
    Bug(
        "listing of a late snapshot is the latest",
        "tracker.py",
        "            notices.append(Notice(NoticeKind.SNAPSHOT_LATE, now))",
        "            notices.append(Notice(NoticeKind.SNAPSHOT_LATE, now)); self._latest = listing",
    ),
    Bug(
        "answer re-opens a finished order (H40)",
        "book.py",
        "        if self._tombstones.has_ended(oid):\n            return BookChange.ALREADY_ENDED",
        "        if False:\n            return BookChange.ALREADY_ENDED",
    ),
    Bug(
        "early fill is forgotten (H40)",
        "tombstones.py",
        "return Decimal(0) if heard is None else heard.filled",
        "return Decimal(0)",
    ),
    Bug(
        "retry forgets when it began (H40)",
        "book.py",
        "replace(earlier, renewed_at=now",
        "replace(earlier, since=now, renewed_at=now",
    ),
    Bug(
        "what an answer may bring is forgotten with a snapshot (H40)",
        "tombstones.py",
        "if confirmed and not awaited:",
        "if confirmed:",
    ),
    Bug("tombstones stay (R1)", "tombstones.py", "if confirmed and not awaited:", "if False:"),
    Bug(
        "end of one OID ends them all (H39)",
        "book.py",
        "order = self._tracked.pop(oid, None)\n",
        "order = self._tracked.pop(oid, None)\n        self._pending.pop(order.cloid if order else '', None)\n",
    ),
    Bug(
        "order that is being cancelled is not local (H36)",
        "book.py",
        "return frozenset(self._tracked)",
        "return frozenset(oid for oid, order in self._tracked.items() if order.cancelling_since is None)",
    ),
    Bug(
        "cancel request is a local change",
        "book.py",
        "self._put(replace(order, cancelling_since=since))",
        "self._change(replace(order, cancelling_since=since), now)",
    ),
    Bug(
        "repeated answer is a local change",
        "book.py",
        "                self._put(named)",
        "                self._change(named, now)",
    ),
    Bug(
        "answer for another CLOID moves the order",
        "book.py",
        "        if order is not None and order.cloid not in (None, cloid):",
        "        if False:",
    ),
    Bug("absence survives a local change", "book.py", "        self._absences.forget(order.oid)", "        pass"),
    Bug(
        "late snapshot is evidence of absence", "book.py", "return as_of < self._absences.latest_as_of", "return False"
    ),
    Bug("absence survives being shown", "stale.py", "del self._since[oid]", "pass"),
    Bug(
        "snapshot older than a change is evidence of absence (H32)", "stale.py", "if as_of <= changed_at:", "if False:"
    ),
    Bug(
        "snapshot of the instant of a change is evidence of absence",
        "stale.py",
        "if as_of <= changed_at:",
        "if as_of < changed_at:",
    ),
    Bug("absent once is stale (H32)", "stale.py", "if as_of >= until else", "if True else"),
    Bug(
        "anything is dropped",
        "stale.py",
        "return since is not None and self.latest_as_of - since >= self._grace",
        "return True",
    ),
    Bug(
        "order is registered after its call",
        "placement.py",
        "    desk.expect([order])\n    outcome: Outcome = Unknown(ABANDONED)\n    try:\n"
        "        outcome = await exchange.place(order)",
        "    outcome: Outcome = Unknown(ABANDONED)\n    try:\n"
        "        outcome = await exchange.place(order)\n        desk.expect([order])",
    ),
    Bug("whatever is raised is a rejection (H13)", "placement.py", "    return Unknown(f", "    return Rejected(f"),
    Bug(
        "answers are taken in their order, however many (H44)",
        "placement.py",
        "if cloid is None and len(answers) == len(cloids):",
        "if cloid is None and place < len(cloids):",
    ),
    Bug(
        "rejection counts beside an answer (H44)",
        "placement.py",
        "first, *later = known or ranked[-1:]",
        "first, *later = answers",
    ),
    Bug("surplus is forgotten (H44)", "placement.py", "            desk.adopt(answer.oid)", "            pass"),
    Bug(
        "fallback is placed beside the old order (H38)",
        "placement.py",
        "if not isinstance(cancelled, Cancelled | Gone):",
        "if False:",
    ),
    Bug(
        "fallback is placed after an unknown modify (H38)",
        "placement.py",
        "if fallback is None or not isinstance(modified, Rejected):",
        "if fallback is None or isinstance(modified, Resting | Filled):",
    ),
    Bug("replaced order stays (H38)", "placement.py", "modified.oid != oid:", "False:"),
    Bug("order that is modified in place ends (H38)", "placement.py", " and modified.oid != oid:", ":"),
    Bug(
        "rejection after an unknown outcome is a failure (H42)",
        "desk.py",
        "if pending is not None and pending.unknown_since is not None:",
        "if False:",
    ),
    Bug(
        "contradicted rejection is a failure (H12)",
        "desk.py",
        "if any(notice.kind is NoticeKind.FAILED_WITH_OID",
        "if False and any(notice.kind is NoticeKind.FAILED_WITH_OID",
    ),
    Bug(
        "filled at once is tracked (H41)", "desk.py", "self.note(self.book.mark_ended(oid, Ended.FILLED, now))", "pass"
    ),
    Bug(
        "answer that is pending no more is lost (H11)",
        "desk.py",
        "if result.change is BookChange.NOT_PENDING:",
        "if False:",
    ),
    Bug("failed cancel is cleared (H25)", "desk.py", "if not isinstance(outcome, Cancelled | Gone):", "if False:"),
    Bug(
        "cancelled orphan is not known to have ended",
        "desk.py",
        "        self._learn_end(oid, Ended.CANCELLED, now)\n        return True",
        "        return True",
    ),
    Bug(
        "snapshot is as of its receipt",
        "safety_sync.py",
        "        listing, failure = await self._fetch()\n        report = replace(self._decide(listing, as_of)",
        "        listing, failure = await self._fetch()\n        report = replace(self._decide(listing, self._desk.clock())",
    ),
    Bug(
        "failed fetch is no open order (H26)",
        "safety_sync.py",
        "            return None, _said(exception)",
        "            return (), _said(exception)",
    ),
    Bug(
        "verification fails open (H19)",
        "safety_sync.py",
        "            return (), _said(exception)",
        "            return oids, _said(exception)",
    ),
    Bug(
        "cancels leave as decided before the await (H18)",
        "safety_sync.py",
        "sent = await self._send(confirmed.aged, attempt, now)",
        "sent = await self._send(oids, attempt, now)",
    ),
    Bug(
        "cancel is sent once (H25)",
        "safety_sync.py",
        "if not oids or attempt == self._settings.cancel_attempts:",
        "if True:",
    ),
    Bug("pauses do not grow", "safety_sync.py", "pause *= 2", "pass"),
    Bug("runs overlap (H50)", "safety_sync.py", "        if self._running:", "        if False:"),
    Bug(
        "failure locks the next run out",
        "safety_sync.py",
        "        finally:\n            self._running = False",
        "        finally:\n            pass",
    ),
    Bug(
        "order whose answer is awaited is adopted",
        "safety_sync.py",
        "pending is not None and pending.unknown_since is not None",
        "pending is not None",
    ),
    Bug("order is adopted as of its request", "safety_sync.py", " and as_of > pending.since", ""),
    Bug("order is adopted from a late snapshot", "safety_sync.py", " or desk.book.is_late(as_of)", ""),
    Bug("ended order is adopted", "safety_sync.py", " and not desk.book.knows_end_of(order.oid):", ":"),
    Bug("stale order is not dropped (L4)", "safety_sync.py", "for oid in stale.stale])", "for oid in ()])"),
    Bug("journal forgets what is pending", "journal.py", "more = {} if pending is None else", "more = {} if True else"),
)
"""Bugs of ends, of the second look, and of the desk around the tracker: the reference's own tests have to catch them."""


@contextlib.contextmanager
def planted(bug: Bug | None) -> Iterator[Kit]:
    """A kit with this bug, or with none, loaded from a copy."""
    name = "orphan_tracker_planted"
    with tempfile.TemporaryDirectory() as folder:
        package = Path(folder) / name
        package.mkdir()
        for path in SOURCE.glob("*.py"):
            text = path.read_text(encoding="utf-8")
            if bug is not None and path.name == bug.file:
                assert text.count(bug.before) == 1, f"{bug.name}: {bug.before!r} occurs {text.count(bug.before)} times"
                text = text.replace(bug.before, bug.after)
            (package / path.name).write_text(text, encoding="utf-8")
        sys.path.insert(0, folder)
        importlib.invalidate_caches()
        try:
            yield Kit(importlib.import_module(name))
        finally:
            sys.path.remove(folder)
            for loaded in [module for module in sys.modules if module == name or module.startswith(f"{name}.")]:
                del sys.modules[loaded]


def tests_of(module: ModuleType) -> Callable[[Kit], None]:
    """All tests of a module that want nothing but a kit, and what they are parametrised with."""

    def run(kit: Kit) -> None:
        for name, test in inspect.getmembers(module, inspect.isfunction):
            if not name.startswith("test_") or "kit" not in inspect.signature(test).parameters:
                continue
            for case in cases_of(test):
                test(kit, **case)

    return run


def cases_of(test: Callable[..., None]) -> list[dict[str, object]]:
    """The arguments that pytest would give besides the kit."""
    marks = [mark for mark in getattr(test, "pytestmark", []) if mark.name == "parametrize"]
    if not marks:
        return [{}]
    (mark,) = marks
    names, values = mark.args[:2]
    names = [name.strip() for name in names.split(",")] if isinstance(names, str) else list(names)
    return [dict(zip(names, value if len(names) > 1 else (value,), strict=True)) for value in values]


def agrees_with_naive_model(kit: Kit) -> None:
    for seed in range(60):
        constants, events = random_events(seed, 60, crossing=seed % 3 == 0)
        check_agrees_with_naive_model(kit, constants, events)


def agrees_with_naive_book(kit: Kit) -> None:
    for seed in range(20):
        check_book_agrees_with_naive_model(kit, seed)


def orders_do_not_interfere(kit: Kit) -> None:
    for seed in range(20):
        check_orders_do_not_interfere(kit, *random_events(seed, 40))


def cleanup_changes_no_answer(kit: Kit) -> None:
    for seed in range(20):
        check_cleanup_changes_no_answer(kit, *random_events(seed, 40, crossing=True))


CHECKS = [
    Check("norms", tests_of(test_reference_norms)),
    Check("hazards", tests_of(test_reference_hazards)),
    Check("driver", tests_of(test_reference_driver)),
    Check("desk", tests_of(test_desk_hazards)),
    Check("naive book", agrees_with_naive_book),
    Check("naive model", agrees_with_naive_model),
    Check("R2 alone", orders_do_not_interfere),
    Check("R3 cleanup", cleanup_changes_no_answer),
    Check("lockstep", check_lockstep),
]


def catches(check: Check, kit: Kit) -> bool:
    """Whether a check fails for a kit."""
    try:
        check.run(kit)
    except (Exception, pytest.fail.Exception):
        return True
    return False


def first_catch(bug: Bug | None) -> str | None:
    """The first check that catches a bug, in the order of CHECKS."""
    with planted(bug) as kit:
        return next((check.name for check in CHECKS if catches(check, kit)), None)


def all_bugs() -> tuple[Bug, ...]:
    """Every planted bug."""
    return (*BUGS, *DESK_BUGS)


def row(bug: Bug) -> str:
    """Which checks catch a bug."""
    with planted(bug) as kit:
        marks = ["caught" if catches(check, kit) else "" for check in CHECKS]
    return f"| {bug.name} | `{bug.file}` | {' | '.join(marks)} |"


def digest() -> str:
    """What the table is made from: the reference, the machine, and the checks."""
    return stamp((*sources("orphan_tracker"), *machine_sources(), *(TESTS / name for name in CHECKED_BY)))


CHECKED_BY = (
    *("planted_bugs.py", "test_desk_hazards.py", "test_reference_driver.py", "test_reference_hazards.py"),
    *("test_reference_norms.py", "lockstep.py", "naive_book.py", "naive_model.py", "random_desk.py"),
    *("tracker_kit.py", "tracker_state.py", "desk_kit.py"),
)
"""The checks, and what they are made of."""


def table() -> str:
    """All bugs by all checks, as Markdown."""
    names = [check.name for check in CHECKS]
    lines = [
        "# Planted bugs",
        "",
        "One-line bugs of the reference, each planted alone, and the checks that catch it.",
        "Generated by `python tests/planted_bugs.py`; do not edit.",
        "",
        f"| bug | file | {' | '.join(names)} |",
        f"|---|---|{'---|' * len(names)}",
        *mapped(row, all_bugs()),
        "",
        f"Made from `{digest()}`.",
    ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
