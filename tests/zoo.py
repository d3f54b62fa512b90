"""The zoo: trackers with one fault each, which `certify` has to reject, and correct variations, which it has to accept.

Two rules. An animal is the reference with one fragment of its source replaced, so that nothing else differs; it is certified
with the suite that `certify` runs by default (with ownership where the fault is about ownership), and judged by the same judge.
No entry is excused: a fault that no scenario shows does not belong here, and stands in `UNSEEN` with the reason.

    python tests/zoo.py            writes docs/adequacy.md (some minutes)

The table carries a digest of what it was made from; `.ci/run` makes some of its rows anew.
"""

import json
from functools import cache
from typing import NamedTuple

from orphan_oracle.certification import judged
from orphan_oracle.protocol import read_reply
from orphan_oracle.scenario import Scenario, run_request
from orphan_oracle.suite import Plan, suite
from orphan_spec.events import EVENTS
from planted_bugs import BUGS, Bug, planted
from slow_tables import ROOT, TESTS, mapped, sources, stamp
from tracker_kit import Kit

OWNED = Plan(owned_cloid_prefix="own-")

TOLD_ALL = Plan(vocabulary=tuple(EVENTS))

PLANS = (Plan(), OWNED, TOLD_ALL)

TABLE = ROOT / "docs" / "adequacy.md"

VARIATIONS = {
    "expected window is closed, not half-open": "the boundary instant is the implementer's choice",
    "heard-of window is closed, not half-open": "the boundary instant is the implementer's choice",
    "grace is open, not half-open": "the boundary instant is the implementer's choice",
    "driver forgets to clear": "retries at every sync",
    "snapshot older than a change decides": "N7 is demanded through S6 and S8 only",
    "fail ends the window although an OID is known": "a contradiction: nothing is demanded of the expected window",
    "older OID's finalize ends the newer window": "says nothing about the newer order: nothing is demanded",
    "expired expected windows are freed by cleanup and sync only": "lazy cleanup",
}
"""Correct variations, which must be accepted, and why they are correct."""

UNSEEN = {
    "time may go back": "no scenario goes back",
    "last instant is not kept": "no scenario goes back",
    "zero constants are accepted": "no scenario has them",
    "listing links nothing": "the CLOID that a listing shows is looked up besides",
    "listed CLOID is not looked up": "the listing links besides",
    "late snapshot links": "no scenario has a late snapshot",
    "late snapshot decides": "no scenario has a late snapshot",
    "linked OID is forgotten": "of a repeat after forgetting a judge demands nothing",
    "nothing is forgotten": "of a repeat after forgetting a judge demands nothing; memory is not seen (R1)",
    "absent candidate is not forgotten": "of a repeat after forgetting a judge demands nothing; memory is not seen (R1)",
    "age survives protection": "every event that protects ends the age besides",
    "age survives a registration between syncs": "the ended window is remembered besides",
    "age survives a window that ended between syncs": "the registration ends the age besides",
    "ended window counts as if it ended after every sync": "an order is shown with one CLOID throughout",
    "ended window is not remembered": "an order is shown with one CLOID throughout",
    "ended window is forgotten after a TTL": "an order is shown with one CLOID throughout",
    "what was too much to remember is taken for nothing": "an order is shown with one CLOID throughout",
    "local changes are not noted": "N7 is demanded through S6 and S8 only",
    "changes of a CLOID are not noted for its orders": "N7 is demanded through S6 and S8 only",
    "clear is no local change": "N7 is demanded through S6 and S8 only",
    "change is forgotten with its order": "N7 is demanded through S6 and S8 only",
    "fail of a CLOID that is not expected is no local change": "N7 is demanded through S6 and S8 only",
    "snapshot of the instant of a change decides": "N7 is demanded through S6 and S8 only",
    "every orphan is new": "how many are new is not asked",
    "second listing of an order replaces the first": "an order is shown with one CLOID throughout",
    "record meets what cleanup would have dropped (H9)": "the heard-of window protects as long",
    "ended windows pile up (R1)": "memory is not seen through the pipe",
    "age survives a record that links": "a record that links ends the age at the next sync besides",
}
"""Planted bugs that change nothing that a judge demands through the pipe; the reference's own tests catch them."""

FAULTS = (
    Bug(
        "TTL is halved",
        "memory.py",
        "self._ttl = config.expected_cloid_ttl",
        "self._ttl = config.expected_cloid_ttl // 2",
    ),
    Bug(
        "TTL is doubled",
        "memory.py",
        "self._ttl = config.expected_cloid_ttl",
        "self._ttl = config.expected_cloid_ttl * 2",
    ),
    Bug(
        "TTL is a nanosecond short",
        "memory.py",
        "self._ttl = config.expected_cloid_ttl",
        "self._ttl = config.expected_cloid_ttl - 1",
    ),
    Bug(
        "protection is halved",
        "memory.py",
        "config.finalized_protection_period",
        "config.finalized_protection_period // 2",
    ),
    Bug(
        "protection is doubled",
        "memory.py",
        "config.finalized_protection_period",
        "config.finalized_protection_period * 2",
    ),
    Bug(
        "protection is a nanosecond short",
        "memory.py",
        "config.finalized_protection_period",
        "config.finalized_protection_period - 1",
    ),
    Bug("protection is the grace", "memory.py", "config.finalized_protection_period", "config.orphan_grace_period"),
    Bug(
        "grace is halved", "tracker.py", "+ self._config.orphan_grace_period", "+ self._config.orphan_grace_period // 2"
    ),
    Bug(
        "grace is doubled", "tracker.py", "+ self._config.orphan_grace_period", "+ self._config.orphan_grace_period * 2"
    ),
    Bug(
        "grace is a nanosecond short",
        "tracker.py",
        "+ self._config.orphan_grace_period",
        "+ self._config.orphan_grace_period - 1",
    ),
    Bug(
        "grace is two nanoseconds long",
        "tracker.py",
        "+ self._config.orphan_grace_period",
        "+ self._config.orphan_grace_period + 2",
    ),
    Bug(
        "grace is the protection",
        "tracker.py",
        "+ self._config.orphan_grace_period",
        "+ self._config.finalized_protection_period",
    ),
    Bug(
        "time is in milliseconds",
        "driver.py",
        'has to be a whole number of nanoseconds")\n    return value',
        'has to be a whole number of nanoseconds")\n    return value // 10**6 * 10**6 or min(value, 1)',
    ),
    Bug(
        "time is in seconds",
        "driver.py",
        'has to be a whole number of nanoseconds")\n    return value',
        'has to be a whole number of nanoseconds")\n    return value // 10**9 * 10**9 or min(value, 1)',
    ),
    Bug(
        "OIDs are floating-point numbers",
        "driver.py",
        "if isinstance(value, str) and value:\n        return value",
        "if isinstance(value, str) and value:\n        return str(int(float(value)))",
    ),
    Bug(
        "OIDs are 32 bits wide",
        "driver.py",
        "if isinstance(value, str) and value:\n        return value",
        "if isinstance(value, str) and value:\n        return str(int(value) & 0xFFFFFFFF)",
    ),
    Bug(
        "CLOIDs are cut at 16 characters",
        "driver.py",
        'that is not empty")\n    return value',
        'that is not empty")\n    return value[:16]',
    ),
    Bug(
        "only 1000 windows are held",
        "memory.py",
        "self._change_orders_of(cloid, now)\n\n    def close",
        "self._change_orders_of(cloid, now)\n        if len(self.windows) > 1000:\n"
        "            self.close(next(iter(self.windows)), now)\n\n    def close",
    ),
    Bug(
        "only the first 100 open orders are read",
        "driver.py",
        'in _list(step["open"], "open")]',
        'in _list(step["open"], "open")[:100]]',
    ),
    Bug(
        "only the first local order is read",
        "driver.py",
        'in _list(step.get("local"), "local")]',
        'in _list(step.get("local"), "local")[:1]]',
    ),
    Bug(
        "ages are shared between runs",
        "tracker.py",
        "self._first_seen: dict[str, int] = {}",
        "self._first_seen: dict[str, int] = globals().setdefault('AGES', {})",
    ),
    Bug(
        "what was heard is shared between runs",
        "memory.py",
        "self.orders: dict[str, Order] = {}",
        "self.orders: dict[str, Order] = globals().setdefault('ORDERS', {})",
    ),
    Bug(
        "links are shared between CLOIDs",
        "memory.py",
        "oids = set() if earlier is None else earlier.oids",
        "oids = self.__dict__.setdefault('all', set()) if earlier is None else earlier.oids",
    ),
    Bug(
        "only the first of a batch is expected",
        "tracker.py",
        "for cloid in distinct:\n",
        "for cloid in distinct[:1]:\n",
    ),
    Bug(
        "only the last of a batch is expected",
        "tracker.py",
        "for cloid in distinct:\n",
        "for cloid in distinct[-1:]:\n",
    ),
    Bug("finalize is taken for a record", "driver.py", "EventName.FINALIZE: _finalize", "EventName.FINALIZE: _record"),
    Bug(
        "record is taken for a finalize",
        "driver.py",
        "EventName.RECORD_OID: _record",
        "EventName.RECORD_OID: _finalize",
    ),
    Bug("record is ignored", "driver.py", "EventName.RECORD_OID: _record", "EventName.RECORD_OID: _cleanup"),
    Bug("finalize is ignored", "driver.py", "EventName.FINALIZE: _finalize", "EventName.FINALIZE: _cleanup"),
    Bug("register is ignored", "driver.py", "EventName.REGISTER: _register", "EventName.REGISTER: _cleanup"),
    Bug("fail is ignored", "driver.py", "EventName.FAIL: _fail", "EventName.FAIL: _cleanup"),
    Bug("clear is ignored", "driver.py", "EventName.CLEAR: _clear", "EventName.CLEAR: _cleanup"),
    Bug(
        "only the first aged orphan is cancelled",
        "driver.py",
        "return _cancel(life, decision.aged, now)",
        'return {"cancelled": _cancel(life, decision.aged, now)["cancelled"][:1]}',
    ),
    Bug(
        "one aged orphan takes all candidates with it",
        "driver.py",
        "return _cancel(life, decision.aged, now)",
        "_cancel(life, decision.aged, now)\n"
        '    return {"cancelled": [e.oid for e in decision.explanations] if decision.aged else []}',
    ),
    Bug(
        "a cancel is never retried",
        "driver.py",
        "return _cancel(life, decision.aged, now)",
        '_cancel(life, decision.aged, now)\n    sent = life.__dict__.setdefault("sent", set())\n'
        "    new = [oid for oid in decision.aged if oid not in sent]\n"
        '    sent.update(new)\n    return {"cancelled": new}',
    ),
    Bug("a cancel ends every age", "driver.py", "tracker.clear_orphan(oid, now)", "tracker._first_seen.clear()"),
    Bug(
        "every cancel is sent twice",
        "driver.py",
        "return _cancel(life, decision.aged, now)",
        '_cancel(life, decision.aged, now)\n    return {"cancelled": list(decision.aged) * 2}',
    ),
    Bug(
        "old ages are collected before the filter (H24)",
        "tracker.py",
        "        new = 0\n",
        "        old = now - 10 * self._config.orphan_grace_period\n"
        "        self._first_seen = {o: s for o, s in self._first_seen.items() if s > old}\n"
        "        new = 0\n",
    ),
    Bug("an empty listing is ignored", "tracker.py", "        if listing is None:", "        if not listing:"),
    Bug(
        "a failed fetch ends every age",
        "tracker.py",
        "        if listing is None:\n",
        "        if listing is None:\n            self._first_seen.clear()\n",
    ),
    Bug(
        "cleanup ends every window",
        "tracker.py",
        'whether, this is called."""\n        self._advance(now)',
        'whether, this is called."""\n        self._advance(now); self._memory.windows.clear()',
    ),
    Bug(
        "cleanup drops every link",
        "tracker.py",
        'whether, this is called."""\n        self._advance(now)',
        'whether, this is called."""\n        self._advance(now); self._memory.links.clear()',
    ),
    Bug("every reason to protect has to hold", "tracker.py", "until, reason = max(ends", "until, reason = min(ends"),
    Bug(
        "an unexpected record protects nothing",
        "tracker.py",
        "if order.acknowledged_until == NEVER:",
        "if order.acknowledged_until == NEVER and cloid in memory.windows:",
    ),
    Bug(
        "an unexpected finalize protects nothing",
        "tracker.py",
        "if order.finalized_until == NEVER:",
        "if order.finalized_until == NEVER and cloid in memory.windows:",
    ),
    Bug(
        "an unrecorded finalize protects nothing",
        "tracker.py",
        "if order.finalized_until == NEVER:",
        "if order.finalized_until == NEVER and order.acknowledged_until != NEVER:",
    ),
    Bug(
        "a finalized CLOID is never expected again",
        "memory.py",
        "self.step += 1\n        earlier",
        "self.step += 1\n        if cloid in self.closed:\n            return\n        earlier",
    ),
    Bug("the local book is searched as text", "auditor.py", "in local]", 'in ",".join(local)]'),
    Bug(
        "ownership is a suffix",
        "config.py",
        "cloid.startswith(self.owned_cloid_prefix)",
        "cloid.endswith(self.owned_cloid_prefix)",
    ),
    Bug(
        "ownership looks anywhere",
        "config.py",
        "cloid.startswith(self.owned_cloid_prefix)",
        "self.owned_cloid_prefix in cloid",
    ),
)
"""Faults besides the planted bugs."""

TOLD = (
    Bug("restart is ignored", "driver.py", "    life.restart()\n", ""),
    Bug(
        "known end is ignored",
        "driver.py",
        'life.tracker.mark_ended(_oid(step.get("oid")), _whole(step, "t"))',
        'life.tracker.cleanup(_whole(step, "t"))',
    ),
    Bug(
        "what was condemned is cancelled without a second look (N8)",
        "driver.py",
        "life.tracker.confirm(life.pending, _local(step), now).aged",
        "life.pending",
    ),
    Bug(
        "second look does not look into the local book",
        "driver.py",
        "life.tracker.confirm(life.pending, _local(step), now)",
        "life.tracker.confirm(life.pending, [], now)",
    ),
    Bug(
        "local order is dropped at the first listing that lacks it",
        "driver.py",
        "    return _cancel(life, decision.aged, now)\n\n\ndef _act",
        "    lacking = [oid for oid in local if listing is not None and oid not in {order.oid for order in listing}]\n"
        '    return {**_cancel(life, decision.aged, now), "dropped": lacking}\n\n\ndef _act',
    ),
    Bug(
        "failed fetch drops the local book",
        "driver.py",
        "    return _cancel(life, decision.aged, now)\n\n\ndef _act",
        '    return {**_cancel(life, decision.aged, now), "dropped": [] if listing is not None else local}\n\n\ndef _act',
    ),
    Bug("timeout is taken for a fail (N5)", "driver.py", "EventName.TIMEOUT: _narrative", "EventName.TIMEOUT: _fail"),
    Bug("modify is taken for an end (N9)", "driver.py", "EventName.MODIFY: _narrative", "EventName.MODIFY: _learn_end"),
)
"""Faults about the events that not every program is told of, and about stale local orders."""

LAZY = Bug(
    "expired expected windows are freed by cleanup and sync only",
    "memory.py",
    "        while self.windows:",
    "        caller = __import__('sys')._getframe(2).f_code.co_name\n"
    "        while self.windows and caller in ('cleanup', 'filter_aged_orphans'):",
)

OWNERSHIP = frozenset(
    {
        "foreign order is cancelled",
        "named order is taken for foreign",
        "one foreign CLOID makes an order foreign",
        "order of which nothing is stated is foreign",
        "ownership is a suffix",
        "ownership looks anywhere",
    }
)
"""Faults that need a configuration with ownership to show."""


class Verdict(NamedTuple):
    """What certifying an animal came to."""

    scenario: str | None
    """The first scenario that it failed; None where it failed none."""

    guarantees: tuple[str, ...]
    asked: int
    """How many scenarios it was asked."""


@cache
def prepared(plan: Plan) -> tuple[tuple[Scenario, bytes], ...]:
    """The suite of a plan, with the requests."""
    return tuple((scenario, run_request(scenario, 1)) for scenario in suite(plan))


def certified(kit: Kit, plan: Plan) -> Verdict:
    """Certifies an animal up to its first failure, in this process."""
    for number, (scenario, request) in enumerate(prepared(plan), 1):
        reply, _ = kit.driver.answer(request)
        outcomes = read_reply(json.dumps(reply).encode(), scenario, 1)
        if not isinstance(outcomes, tuple):
            return Verdict(scenario.name, ("protocol",), number)
        violations = judged(scenario, outcomes)
        if violations:
            return Verdict(scenario.name, tuple(sorted({one.guarantee for one in violations})), number)
    return Verdict(None, (), len(prepared(plan)))


def verdict_on(animal: Bug | None) -> Verdict:
    """Certifies an animal with the plan that fits it."""
    plan = TOLD_ALL if animal in TOLD else OWNED if animal is not None and animal.name in OWNERSHIP else Plan()
    with planted(animal) as kit:
        return certified(kit, plan)


def animals() -> tuple[Bug, ...]:
    """All trackers with a fault that has to be seen."""
    return tuple(bug for bug in (*BUGS, *FAULTS, *TOLD) if bug.name not in UNSEEN | VARIATIONS)


def variations() -> tuple[Bug, ...]:
    """All correct variations."""
    return tuple(bug for bug in (*BUGS, LAZY) if bug.name in VARIATIONS)


def fault_row(bug: Bug) -> str:
    """What becomes of a tracker with a fault."""
    verdict = verdict_on(bug)
    scenario = "**accepted**" if verdict.scenario is None else f"`{verdict.scenario}`"
    return f"| {bug.name} | {', '.join(verdict.guarantees)} | {scenario} | {verdict.asked:,} |"


def variation_row(bug: Bug) -> str:
    """What becomes of a correct variation."""
    verdict = verdict_on(bug)
    said = "accepted" if verdict.scenario is None else f"**rejected** for {', '.join(verdict.guarantees)}"
    return f"| {bug.name} | {VARIATIONS[bug.name]} | {said} | {verdict.asked:,} |"


def digest() -> str:
    """What the table is made from: the suites, the judge, the reference, and the faults."""
    suites = (f"{scenario.name}\n{request.decode()}" for plan in PLANS for scenario, request in prepared(plan))
    files = (*sources("orphan_tracker"), *sources("orphan_spec"), TESTS / "zoo.py", TESTS / "planted_bugs.py")
    return stamp(files, "\n".join(suites))


def table() -> str:
    """The whole zoo, as Markdown."""
    made = digest()  # the suites are made before the processes are forked
    faults, correct = list(mapped(fault_row, animals())), list(mapped(variation_row, variations()))
    lines = [
        "# Adequacy of certification",
        "",
        "Trackers with one fault each, and correct variations, certified with the default budget of `orphan-tracker certify`.",
        "Generated by `python tests/zoo.py`; do not edit.",
        "",
        "| fault | rejected for | first scenario | scenarios asked |",
        "|---|---|---|---|",
        *faults,
        "",
        "| correct variation | why it is correct | verdict | scenarios asked |",
        "|---|---|---|---|",
        *correct,
    ]
    missed = sum("**accepted**" in row for row in faults)
    alarms = sum("**rejected**" in row for row in correct)
    lines += [
        "",
        f"{len(faults)} faults, {missed} missed; {len(correct)} correct variations, {alarms} false alarms.",
        "",
        "Planted bugs that are not in the zoo, because a judge at the pipe does not see or does not demand it:",
        "",
    ]
    lines += [f"* {name}: {why}" for name, why in UNSEEN.items()]
    lines += ["", f"Made from `{made}`."]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    TABLE.write_text(table(), encoding="utf-8")
