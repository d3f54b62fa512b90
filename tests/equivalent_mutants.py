"""Mutants of the code that no test can notice, each with the reason.

One rule. A reason says why no caller can tell the difference; `code_mutants` refuses a reason for a mutant that is killed.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """Why a change of one line changes nothing."""

    module: str
    function: str
    after: str
    """What stands there instead."""
    why: str


TRACKER, MEMORY, DRIVER = (f"reference/orphan_tracker/{name}.py" for name in ("tracker", "memory", "driver"))
BETWEEN = "it is asked only whether a sync came between, not how many"
LAST = "nothing follows the last loop"
KEYS = "only its keys are asked"
STEPS = "steps are numbered to tell which came first; no two are equal, and only their order is asked"
OVERWRITTEN = "`_run` says it anew before each step"
CANCELS, HINDSIGHT = (f"spec/orphan_spec/{name}.py" for name in ("cancels", "hindsight"))
SERIALS = "serial numbers are only told apart"
FIRST = "the first event of a log is number 1, so it is later than no registration"
NAMED = "it is asked only about OIDs that are named"
ONE_EACH = "each event has a number of its own, and none is number 0"
JUDGE, VERDICTS, SYNCS, HISTORY, DROPS = (
    f"spec/orphan_spec/{name}.py" for name in ("judge", "verdicts", "syncs", "history", "drops")
)
DESK = "reference/orphan_tracker"
BOOK, PLACEMENT, SAFETY_SYNC = (f"{DESK}/{name}.py" for name in ("book", "placement", "safety_sync"))
ABANDONED = "nobody gets the outcome of a call that is abandoned, and the desk asks only that it is unknown"
REMEMBERED, FORGOTTEN = (f"spec/orphan_spec/{name}.py" for name in ("memory", "forgetting"))
FAILED = "max((fails.get(cloid, -1) for cloid in (*order.links, *shown))"
SPARED = "the condition only spares work: without it, the same comes out"
INSTANTS = "no instant is before 0, so any number below stands for never"
TRUTH = "only its truth is asked"
MISSED = "of a missed cancel it is asked only whether a link came in time"
LOOKED = "it decides only how often it is looked whether there is something to forget"

REASONS: tuple[Reason, ...] = (
    Reason(TRACKER, "OrphanTracker.mark_finalized", "memory.step += 2", STEPS),
    Reason(TRACKER, "OrphanTracker.mark_finalized", "elif order.finalized_step <= window.registered_step:", STEPS),
    Reason(MEMORY, "Memory.__init__", "self.step = 1", STEPS),
    Reason(MEMORY, "Memory.__init__", "self.syncs = 1", BETWEEN),
    Reason(MEMORY, "Memory.__init__", "self.overlooked = None", TRUTH),
    Reason(MEMORY, "Memory.__init__", "self.overlooked = True", "nothing ages before the first sync, and that sets it"),
    Reason(MEMORY, "Memory.advance", "return", LAST),
    Reason(MEMORY, "Memory.register", "self.step += 2", STEPS),
    Reason(
        MEMORY,
        "Memory.register",
        "self.closed.pop(None, None)",
        "while the window is open again it protects, and nobody asks how the earlier one ended; its end is then noted anew",
    ),
    Reason(
        MEMORY,
        "Memory.change",
        "self.changed.pop(None, None)",
        "while an order is known its own instant is asked; what is left of it is written anew, or older than the snapshot",
    ),
    Reason(
        MEMORY,
        "Memory.show",
        "self.syncs -= 1",
        BETWEEN,
    ),
    Reason(
        MEMORY,
        "Memory.show",
        "self.syncs += 2",
        BETWEEN,
    ),
    Reason(MEMORY, "Memory.show", "self.overlooked = None", TRUTH),
    Reason(MEMORY, "Memory.show", "return", LAST),
    Reason(DRIVER, "Life.__init__", "self.acts_later = None", OVERWRITTEN),
    Reason(DRIVER, "Life.__init__", "self.acts_later = True", OVERWRITTEN),
    Reason(
        DRIVER,
        "_start",
        'own_version = version("ORPHAN-TRACKER")',
        "the name of a distribution is found in any case of its letters",
    ),
    Reason(CANCELS, "Cancels.__init__", "self.last = +1", FIRST),
    Reason(CANCELS, "Cancels.__init__", "self.last = -2", FIRST),
    Reason(CANCELS, "Cancels.__init__", "self._serial = 1", SERIALS),
    Reason(CANCELS, "Cancels.hold", "self._serial -= 1", SERIALS),
    Reason(CANCELS, "Cancels.hold", "self._serial += 2", SERIALS),
    Reason(CANCELS, "Cancels.awaiting", "for serial in self._by_oid.get(oid, None):", NAMED),
    Reason(CANCELS, "Cancels.awaiting", "for serial in self._by_oid.get(oid, ):", NAMED),
    Reason(HINDSIGHT, "_elder", "return order is not None and 1 <= order.first_heard < flight.chain", ONE_EACH),
    Reason(HINDSIGHT, "_elder", "return order is not None and 0 < order.first_heard < flight.chain", ONE_EACH),
    Reason(HINDSIGHT, "_elder", "return order is not None and 0 <= order.first_heard <= flight.chain", ONE_EACH),
    Reason(
        "spec/orphan_spec/findings.py",
        "seconds",
        'decimals = f"{rest:09d}".rstrip("XX0XX").ljust(3, "0")',
        "it strips any of the letters X and 0, and digits have no X",
    ),
    # the desk
    Reason(
        BOOK,
        "LocalBook._track",
        "self._change(LocalOrder(oid, cloid, None, size, filled), now)",
        "`_change` writes the instant itself",
    ),
    Reason(BOOK, "LocalBook._put", 'self._oids_of.setdefault(order.cloid, {})[order.oid] = ""', KEYS),
    Reason(f"{DESK}/tombstones.py", "Tombstones._hear", "self._heard.popitem(last=None)", TRUTH),
    Reason(PLACEMENT, "place_order", "outcome: Outcome = Unknown(None)", ABANDONED),
    Reason(
        PLACEMENT,
        "place_bulk_ladder_orders",
        "answers: Sequence[Outcome] = [Unknown(None)] * len(orders)",
        ABANDONED,
    ),
    Reason(PLACEMENT, "modify_or_replace", "outcome: Outcome = Unknown(None)", ABANDONED),
    Reason(PLACEMENT, "cancel_order", "outcome: CancelOutcome = Unknown(None)", ABANDONED),
    Reason(
        PLACEMENT,
        "_settle_parts",
        "ranked = sorted(answers, key=lambda answer: isinstance(answer, Rejected) + 3 * isinstance(answer, Unknown))",
        "only the order of the three kinds counts",
    ),
    Reason(SAFETY_SYNC, "SafetySync.__init__", "self._running = None", TRUTH),
    Reason(SAFETY_SYNC, "SafetySync.run", "self._running = None", TRUTH),
    Reason(
        SAFETY_SYNC,
        "SafetySync._decide",
        "dropped=[one.oid for one in dropped if one.oid is not None or one.change is BookChange.DROPPED],",
        "what was found stale at this instant is dropped, and has an OID",
    ),
    Reason(
        SAFETY_SYNC,
        "SafetySync._cancel",
        "for attempt in range(1, self._settings.cancel_attempts + 2):",
        "the loop is left at the last attempt",
    ),
    *(
        Reason(
            SAFETY_SYNC,
            "SafetySync._send",
            f"pairs = list(zip(oids, outcomes, {strict}))",
            "there are as many of both: the lines before see to it",
        )
        for strict in ("strict=None", "", "strict=False")
    ),
    Reason(f"{DESK}/desk.py", "Desk.settle_cancel", "", "where no case matches, nothing is done either"),
    Reason(f"{DESK}/report.py", "CancelAttempt.__str__", 'reason = getattr(self.outcome, "reason", None)', TRUTH),
    # the judge
    Reason(JUDGE, "Judge.observe", "memory.seq += 2", STEPS),
    Reason(JUDGE, "Judge._record_oid", "if (event.oid in memory.cancels.named()) or True", SPARED),
    *(
        Reason(JUDGE, "Judge._finalize", f"elder = expectation is not None and {guard}", ONE_EACH)
        for guard in (
            "1 <= order.finalized.seq < expectation.opened",
            "0 < order.finalized.seq < expectation.opened",
            "0 <= order.finalized.seq <= expectation.opened",
        )
    ),
    Reason(JUDGE, "Judge._end", "return self._happened(event.oid, Truth(event.t, line, rests=None))", TRUTH),
    Reason(VERDICTS, "Reading.bar", f"failed = {FAILED}, default=-1) if (fails) or True else -1", SPARED),
    Reason(
        VERDICTS,
        "Reading.bar",
        "failed = max((fails.get(cloid, -2) for cloid in (*order.links, *shown)), default=-1) if fails else -1",
        INSTANTS,
    ),
    Reason(VERDICTS, "Reading.bar", f"failed = {FAILED}, default=-2) if fails else -1", INSTANTS),
    Reason(VERDICTS, "Reading.bar", f"failed = {FAILED}, default=-1) if fails else -2", INSTANTS),
    Reason(
        VERDICTS,
        "Reading.bar",
        "return max(order.bar, failed)",
        "an age that is ripe no later than the last window was over demands nothing, and starts anew at the next snapshot",
    ),
    Reason(VERDICTS, "Reading._ownership", "if order is not None and order.heard > 0:", ONE_EACH),
    Reason(VERDICTS, "Reading._ownership", "if order is not None and order.heard >= 1:", ONE_EACH),
    *(
        Reason(
            VERDICTS, "Reading._ownership", f'return "{word}" if {guard}', "it is asked whether it is ours, or foreign"
        )
        for word in ("XXunclearXX", "UNCLEAR")
        for guard in (
            'forgotten and self.environment.observe == "cloid" else "ours"',
            'self.environment.observe == "cloid" else "ours"',
            'linked or self.environment.observe == "oid" else "foreign"',
        )
    ),
    Reason(
        SYNCS,
        "Syncs.view",
        "stale = View(event.t, memory.since.late_as_of, memory.since.late_open, local, None, late=True)",
        "of a late snapshot it is asked what it shows, and not what was cancelled",
    ),
    Reason(SYNCS, "Syncs.act", "self._end(act.t, pending=None)", TRUTH),
    Reason(
        SYNCS,
        "Syncs._judge_cancel",
        "pending = Pending(oid, self.memory.seq, view.t, line, acknowledged, None, finding)",
        TRUTH,
    ),
    Reason(SYNCS, "Syncs._miss", "known = None", MISSED),
    *(
        Reason(SYNCS, "Syncs._miss", f"self.memory.await_link(Pending({fields}, True, finding))", MISSED)
        for fields in ("order.oid, self.memory.seq, t, None, known", "order.oid, self.memory.seq, t, line, None")
    ),
    *(
        Reason(HISTORY, "Flight.covers", f"return {guard} and t < self.until", ONE_EACH)
        for guard in (
            "self.opened <= seq and (self.ended is None or seq < self.ended)",
            "self.opened < seq and (self.ended is None or seq <= self.ended)",
        )
    ),
    Reason(
        DROPS,
        "watch_absent",
        "order.absence = Absence(view.as_of, line, None)",
        "the latest snapshot is written two lines later",
    ),
    Reason(
        DROPS,
        "_stale",
        "after = max(ended_at, order.life.stirred, memory.floor)",
        "a local change ends the absence, so every snapshot of it is later",
    ),
    Reason(
        DROPS,
        "_stale",
        "if as_of >= after and (absence.stale_from is None or absence.stale_from <= after):",
        "a staleness that starts no later than that starts anew at the next snapshot",
    ),
    Reason(
        DROPS,
        "judge_stale",
        "for oid in sorted(memory.missing.keys() - set(dropped)) if (memory.tells_ends) or True else ():",
        SPARED,
    ),
    Reason(
        DROPS,
        "shown_after_drop",
        "for oid in sorted(memory.drops.keys() & view.listing.keys()) if (memory.drops) or True else ():",
        SPARED,
    ),
    Reason(REMEMBERED, "Memory.__init__", "self.latest_as_of = -2", INSTANTS),
    *(
        Reason(REMEMBERED, "Memory.__init__", f"self.{name} = None", TRUTH)
        for name in ("unswept", "unfinished", "tells_ends")
    ),
    *(
        Reason(REMEMBERED, "Memory.__init__", f"self.due = {due}", "at the first instants there is nothing to forget")
        for due in ("+1", "-2")
    ),
    Reason(
        REMEMBERED,
        "Memory.__init__",
        'self._shown: frozenset[str] | None = ""',
        "before the first listing no CLOID is shown, and each listing makes it anew",
    ),
    Reason(REMEMBERED, "Memory.listed", "self.fails.popitem(last=None)", TRUTH),
    Reason(
        REMEMBERED,
        "Memory.settle",
        "if self.orders.pop(order.oid, ) is not None:",
        "it is asked about live orders only",
    ),
    *(
        Reason(REMEMBERED, "Memory.settle", f"news.again = {value}", "`touch` says the same before anybody asks")
        for value in ("None", "False")
    ),
    Reason(REMEMBERED, "Memory._park", "eldest, remnant = self.parked.popitem(last=None)", TRUTH),
    Reason(
        REMEMBERED,
        "Memory._past",
        "if not (old.witnessed or (old.ended is None and self.cancels.last >= old.opened)):",
        ONE_EACH,
    ),
    Reason(REMEMBERED, "Memory.end", "expectation.witnessed = self.cancels.last >= expectation.opened", ONE_EACH),
    Reason(REMEMBERED, "Memory.end", 'self.ended[expectation.cloid] = ""', KEYS),
    Reason(
        REMEMBERED,
        "Memory.fail",
        "self.floor = max(self.floor, self.fails.popitem(last=None)[1])",
        TRUTH,
    ),
    *(
        Reason(FORGOTTEN, "expire", f"memory.due = {first} if due is None else min(due, {second})", LOOKED)
        for first, second in (
            ("t - memory.keep // 8", "t + memory.keep // 8"),
            ("t + memory.keep / 8", "t + memory.keep // 8"),
            ("t + memory.keep // 9", "t + memory.keep // 8"),
            ("t + memory.keep // 8", "t - memory.keep // 8"),
            ("t + memory.keep // 8", "t + memory.keep / 8"),
            ("t + memory.keep // 8", "t + memory.keep // 9"),
        )
    ),
    Reason(
        FORGOTTEN,
        "_release_news",
        "if not (acknowledged.held and finalized.held):",
        "`settle` asks for both itself",
    ),
    Reason(FORGOTTEN, "_release", "expectation.witnessed = memory.cancels.last >= expectation.opened", ONE_EACH),
    *(
        Reason(
            FORGOTTEN,
            "restart",
            f"memory.end(expectation, t, surely={surely})",
            "what surely ended is forgotten by the restart too",
        )
        for surely in ("None", "True")
    ),
    *(
        Reason(FORGOTTEN, "restart", f"if order.life.truth is not None or order.first_heard {test}:", ONE_EACH)
        for test in ("> 0", ">= 1")
    ),
    Reason(FORGOTTEN, "restart", "memory.parked.popitem(last=None)", TRUTH),
    Reason(FORGOTTEN, "restart", "memory.listed({}, frozenset(), -2)", INSTANTS),
)
