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
)
