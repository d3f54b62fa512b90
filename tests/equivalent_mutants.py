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


REASONS: tuple[Reason, ...] = ()
