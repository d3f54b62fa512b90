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
STEPS = "steps are numbered to tell which came first; no two are equal, and only their order is asked"
OVERWRITTEN = "`_run` says it anew before each step"
CANCELS, HINDSIGHT = (f"spec/orphan_spec/{name}.py" for name in ("cancels", "hindsight"))
SERIALS = "serial numbers are only told apart"
FIRST = "the first event of a log is number 1, so it is later than no registration"
NAMED = "it is asked only about OIDs that are named"
ONE_EACH = "each event has a number of its own, and none is number 0"

REASONS: tuple[Reason, ...] = (
    Reason(TRACKER, "OrphanTracker.mark_finalized", "memory.step += 2", STEPS),
    Reason(TRACKER, "OrphanTracker.mark_finalized", "elif order.finalized_step <= window.registered_step:", STEPS),
    Reason(MEMORY, "Memory.__init__", "self.step = 1", STEPS),
    Reason(MEMORY, "Memory.__init__", "self.syncs = 1", "it is asked only whether a sync came between, not how many"),
    Reason(MEMORY, "Memory.__init__", "self.overlooked = None", "only its truth is asked"),
    Reason(MEMORY, "Memory.__init__", "self.overlooked = True", "nothing ages before the first sync, and that sets it"),
    Reason(MEMORY, "Memory.advance", "return", "nothing follows the last loop"),
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
        "it is asked only whether a sync came between, not how many",
    ),
    Reason(
        MEMORY,
        "Memory.show",
        "self.syncs += 2",
        "it is asked only whether a sync came between, not how many",
    ),
    Reason(MEMORY, "Memory.show", "self.overlooked = None", "only its truth is asked"),
    Reason(MEMORY, "Memory.show", "return", "nothing follows the last loop"),
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
)
