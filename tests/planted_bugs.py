"""Bugs planted in the reference, one line each, each alone, and the check that catches it.

A bug is a fragment of the source that occurs exactly once, and what stands there instead; it is applied to a copy of the
package, loaded under another name. The checks are those of the test suite, called with that copy. A bug that no check
catches is a hole in the suite, and the test of this table fails.

    python tests/planted_bugs.py            prints the table (kept as docs/planted-bugs.md)
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
import test_reference_driver
import test_reference_hazards
import test_reference_norms
from lockstep import check_lockstep
from random_desk import (
    check_agrees_with_naive_model,
    check_cleanup_changes_no_answer,
    check_orders_do_not_interfere,
    random_events,
)
from tracker_kit import Kit

SOURCE = Path(orphan_tracker.__file__).parent


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
    Bug("nothing is forgotten", "memory.py", "self.orders.pop(oid, None)", "pass"),
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
        'check_id("oid", oid)\n        self._advance(now)\n        self._first_seen.pop(oid, None)',
        'check_id("oid", oid)\n        self._advance(now)',
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
        "tracker.py",
        "decides = as_of > changed_at",
        "decides = as_of >= changed_at",
    ),
    Bug("snapshot older than a change decides", "tracker.py", "decides = as_of > changed_at", "decides = True"),
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
    Bug("foreign order is cancelled", "tracker.py", "        if foreign:", "        if False:"),
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
    Bug("driver forgets to clear", "driver.py", "tracker.clear_orphan(oid, now)", "pass"),
    Bug("driver ignores as_of", "driver.py", '_whole(step, "as_of") if "as_of" in step else now', "now"),
)


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
    ]
    for bug in BUGS:
        with planted(bug) as kit:
            marks = ["caught" if catches(check, kit) else "" for check in CHECKS]
        lines.append(f"| {bug.name} | `{bug.file}` | {' | '.join(marks)} |")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.stdout.write(table())
