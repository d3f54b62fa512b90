"""When an unanswered order is safe although the sync sees OIDs only: the exact condition on the constants.

Theory. Let an order be registered at 0. By S4 (proved for all constants) it is cancelled only by a sync whose snapshot is
at least a grace period younger than that of an earlier sync which showed it; an order is shown only from its
registration on (A8). With n >= 1 gaps between those two syncs, each between `sync_period_min` and `sync_period_max`
(A2), and snapshots up to `snapshot_age_max` old (A3), the cancel comes at some t in [n * min, age + n * max], t >= grace.
The least such t is the *threshold*: where every answer comes earlier than that (A4), or the expected window ends no later
than that, no in-flight order is cancelled; otherwise the run of least t is a counterexample. The solver confirms both
directions for the constants at hand, over real-valued time and any number of gaps.

Why two syncs are enough: those between them can always be placed, evenly, and their snapshots show the later of what was
shown before and what is just young enough. Why one order is enough: R2.
"""

from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from orphan_proofs.solver import possible
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import NOT_STATED, Event, OpenOrder, RecordOid, Register, Sync

SYNCS_MAX: Final = 10_000
"""A witness with more syncs than this is not written out."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The earliest instant, from registration, at which a sync that sees OIDs only can cancel an in-flight order."""

    at: int | None
    """In ns; None where no sync can before the expected window ends."""
    gaps: int
    """How many gaps between syncs lie before it."""


def threshold(constants: Constants, environment: Environment) -> Threshold:
    """The exact threshold of S3 with `observe = "oid"`."""
    grace, ttl = constants.orphan_grace_period, constants.expected_cloid_ttl
    shortest = environment.sync_period_min or 0
    longest, age = environment.sync_period_max, environment.snapshot_age_max
    gaps = 1
    if longest is not None and age is not None and age + longest < grace:
        gaps = -((age - grace) // longest)
    at = max(grace, gaps * shortest)
    return Threshold(at if at < ttl else None, gaps)


def confirm(constants: Constants, environment: Environment, found: Threshold) -> None:
    """Have the solver confirm a threshold in both directions; AssertionError where it does not."""
    ttl = constants.expected_cloid_ttl
    earlier = ttl if found.at is None else found.at
    if possible(question(constants, environment, f"(< cancelled {earlier})")):
        raise AssertionError(f"an in-flight order can be cancelled less than {earlier} ns after its registration")
    exactly = f"(and (= cancelled {found.at}) (< cancelled {ttl}))"
    if found.at is not None and not possible(question(constants, environment, exactly)):
        raise AssertionError(f"no run cancels an in-flight order {found.at} ns after its registration")


def question(constants: Constants, environment: Environment, when: str) -> str:
    """Whether two syncs can see an in-flight order through a grace period, as SMT-LIB; `when` restricts the cancel."""
    facts = [
        "(>= gaps 1)",
        "(<= 0 seen_as_of seen)",
        "(<= cancelled_as_of cancelled)",
        "(< seen cancelled)",
        f"(>= (- cancelled_as_of seen_as_of) {constants.orphan_grace_period})",
        when,
    ]
    if (age := environment.snapshot_age_max) is not None:
        facts += [f"(<= (- seen seen_as_of) {age})", f"(<= (- cancelled cancelled_as_of) {age})"]
    if (shortest := environment.sync_period_min) is not None:
        facts.append(f"(>= (- cancelled seen) (* {shortest} (to_real gaps)))")
    if (longest := environment.sync_period_max) is not None:
        facts.append(f"(<= (- cancelled seen) (* {longest} (to_real gaps)))")
    names = ("seen", "seen_as_of", "cancelled", "cancelled_as_of")
    return "".join(
        ["(declare-const gaps Int)\n"]
        + [f"(declare-const {name} Real)\n" for name in names]
        + [f"(assert {fact})\n" for fact in facts]
    )


def witness(constants: Constants, environment: Environment, found: Threshold) -> list[Event]:
    """A trace in which a sync cancels an in-flight order exactly at the threshold; the answer comes just after it.

    Empty where it would have more than `SYNCS_MAX` syncs. Raises ValueError where there is no threshold."""
    if found.at is None:
        raise ValueError("no sync can cancel an in-flight order with these constants")
    if found.gaps >= SYNCS_MAX:
        return []
    longest = environment.sync_period_max
    first = 0 if longest is None else max(0, found.at - found.gaps * longest)
    events: list[Event] = [Register(0, ("c1",))]
    order = (OpenOrder("77", NOT_STATED),)
    for gap in range(found.gaps + 1):
        t = int(first + Fraction(found.at - first, found.gaps) * gap)
        as_of = t if gap else 0
        cancelled = ("77",) if gap == found.gaps else ()
        events.append(Sync(t, as_of, order, (), cancelled))
    events.append(RecordOid(found.at, "c1", "77"))
    return events
