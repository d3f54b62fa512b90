"""How long a true orphan stays, and an expectation lasts: exact suprema, over dense time, each with a run that shows it.

L1. Let nothing protect or track an open order from the instant 0 on, and let nobody speak of it after that. Syncs go on,
before and after, between `sync_period_min` and `sync_period_max` apart (A2), and snapshots are at most `snapshot_age_max`
old (A3) and show every open order (A7). Three things happen in turn, and each has a longest course of its own.

1. *Unseen.* The last sync that does not yet count used a snapshot as of 0 or before, so it came by `age`. The first that
   counts came at most one longest gap later, with a snapshot of that very instant: `age + max`. (Reached: the order rests
   at 0 after the snapshot as of 0; or 0 is the order's last local change, and N7 wants a later snapshot.)
2. *Young.* The last sync that still spares the order, `n` gaps later, used a snapshot less than a grace period younger:
   the two syncs are less than `grace + age` apart, and n * min to n * max. The longest such time, over all n, is the
   *stretch*: with n the last that has n * min < grace + age, it is n * max where that is below grace + age (reached), and
   grace + age itself otherwise (only approached, because grace has passed at exactly its end).
3. *Aged.* The next sync cancels, at most one longest gap later: there n * max of the stretch was the last that could
   spare it.

The sum, 2 * max + age + stretch, is the supremum: the three parts share only the syncs between them, so the longest of each
fit together. As in `timing`, the syncs and snapshots between can always be placed. Without a longest gap or an oldest
snapshot there is no bound. An order once spoken of differs in part 1 alone: a sync before the end of its last
window spares it whatever its snapshot shows, and one as of its last local change or before does not count. After a cancel
that failed (and that the tracker was told of by `clear`) the syncs of part 1 are whole gaps after that of the cancel.

L2. A registration opens a window of exactly TTL, and without an answer or a failure nothing shortens it (N3).

L3. Let a sync at 0 cancel an order in vain, and the tracker be told by `clear`. The course is that of L1, but the syncs that do
not yet count (their snapshots are as of 0 or before) are whole gaps after that of the cancel.

L4. Let a tracked order end at 0, and the client hear nothing of it. The course is that of L1 with *absent* for *orphan* and N13
for N6, but a snapshot as of 0 counts already: so the last one that does not is as of an instant before 0, and the supremum,
which is the same number, is only approached.
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

from orphan_proofs.solver import possible
from orphan_proofs.timing import SYNCS_MAX
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import (
    NOT_STATED,
    Accept,
    Cleanup,
    Clear,
    End,
    Event,
    Finalize,
    OpenOrder,
    RecordOid,
    Register,
    Sync,
)

OID_NAME: Final = "77"

Law = Literal["L1", "L3", "L4"]
"""The guarantees whose bounds the solver confirms."""


@dataclass(frozen=True, slots=True)
class Bound:
    """A supremum over all runs."""

    ns: int
    attained: bool
    """Whether a run reaches it, or runs only come as close as one likes."""


@dataclass(frozen=True, slots=True)
class Stay:
    """How long an orphan of one kind stays."""

    kind: str
    """What it was before: `leftover`, `expected`, `acknowledged`, `finalized` or `cancelled` in vain."""
    since: str
    """The instant from which it is counted."""
    bound: Bound
    in_all: int
    """The supremum counted from the last that was said of it, in ns."""


@dataclass(frozen=True, slots=True)
class Course:
    """The parts of the longest stay, in ns."""

    late: int
    """How long after the start the last sync comes that does not count."""
    reached: bool
    """Whether it can come then, or only before."""
    period: int
    """The longest gap."""
    stretch: Bound
    """How long the order ages and is spared."""

    @property
    def bound(self) -> Bound:
        """The supremum of the whole."""
        return Bound(self.late + 2 * self.period + self.stretch.ns, self.reached and self.stretch.attained)


def stretch(constants: Constants, environment: Environment) -> Bound | None:
    """The longest time between a first sync that sees an orphan and a last one that spares it."""
    longest, age = environment.sync_period_max, environment.snapshot_age_max
    if longest is None or age is None:
        return None
    limit = constants.orphan_grace_period + age
    shortest = environment.sync_period_min or 0
    if shortest:
        gaps = (limit - 1) // shortest
        if gaps * longest < limit:
            return Bound(gaps * longest, True)
    return Bound(limit, False)


def course(constants: Constants, environment: Environment, silence: int | None = None) -> Course | None:
    """The longest stay of an orphan, part by part; None where it has no bound.

    `silence` is the time from the last local change to the end of the last window; None: nothing was ever said of it."""
    found = stretch(constants, environment)
    longest, age = environment.sync_period_max, environment.snapshot_age_max
    if found is None or longest is None or age is None:
        return None
    if silence is None:
        return Course(age, True, longest, found)
    return Course(max(0, age - silence), age >= silence, longest, found)


def orphan_bound(constants: Constants, environment: Environment) -> Bound | None:
    """The exact bound of L1; None where there is none."""
    found = course(constants, environment)
    return None if found is None else found.bound


def expectation_bound(constants: Constants) -> Bound:
    """The exact bound of L2."""
    return Bound(constants.expected_cloid_ttl, True)


def retry(constants: Constants, environment: Environment) -> Course | None:
    """The longest time from a cancel that failed to the next, part by part; None where it has no bound."""
    found = course(constants, environment)
    shortest = environment.sync_period_min or 0
    if found is None or not shortest:
        return found
    return replace(found, late=min(found.late // shortest * found.period, found.late))


def retry_bound(constants: Constants, environment: Environment) -> Bound | None:
    """The exact bound of L3; None where there is none."""
    found = retry(constants, environment)
    return None if found is None else found.bound


def stale_course(constants: Constants, environment: Environment) -> Course | None:
    """The longest stay of a local order that has ended, part by part; None where it has no bound."""
    found = course(constants, environment)
    return None if found is None else replace(found, reached=False)


def stale_bound(constants: Constants, environment: Environment) -> Bound | None:
    """The exact bound of L4; None where there is none."""
    found = stale_course(constants, environment)
    return None if found is None else found.bound


def stays(constants: Constants, environment: Environment) -> list[Stay]:
    """How long orphans of every kind stay; empty where there is no bound."""
    leftover = course(constants, environment)
    if leftover is None:
        return []
    ttl, protection = constants.expected_cloid_ttl, constants.finalized_protection_period
    latency = environment.response_latency_max
    silence = protection if latency is None else max(protection, ttl - latency)
    again = retry(constants, environment)
    recorded, finalized = course(constants, environment, silence), course(constants, environment, protection)
    assert recorded is not None
    assert finalized is not None
    assert again is not None
    rest, late = leftover.bound.ns - leftover.late, leftover.late
    spoken = "the end of its last window"
    return [
        Stay("leftover", "the instant at which it rests", leftover.bound, rest + late),
        Stay("expected", "the end of its expected window", leftover.bound, rest + late + ttl),
        Stay("acknowledged", spoken, recorded.bound, rest + max(late, protection, ttl)),
        Stay("finalized", spoken, finalized.bound, rest + max(late, protection)),
        Stay("cancelled", "a cancel that failed", again.bound, again.bound.ns),
    ]


def confirm(constants: Constants, environment: Environment, bound: Bound | None, law: Law = "L1") -> None:
    """Have the solver confirm a bound in both directions; AssertionError where it does not."""

    def reached(when: str) -> bool:
        return possible(question(constants, environment, when, law))

    if bound is None:
        far = 1000 * (constants.orphan_grace_period + (environment.sync_period_max or 0))
        if not reached(f"(> last {far})"):
            raise AssertionError(f"{law}: nothing lasts longer than {far} ns, so there should be a bound")
        return
    beyond = ">" if bound.attained else ">="
    if reached(f"({beyond} last {bound.ns})"):
        raise AssertionError(f"{law}: it can last {bound.ns} ns {'and longer' if bound.attained else 'in full'}")
    for close in (f"(= last {bound.ns})",) if bound.attained else (_below(bound.ns, 1), _below(bound.ns, 10**9)):
        if not reached(close):
            raise AssertionError(f"{law}: it never lasts {bound.ns} ns: {close}")


def _below(ns: int, parts: int) -> str:
    """That the last sync comes at most the given part of a nanosecond before an instant, and before it."""
    return f"(and (>= (* {parts} last) {ns * parts - 1}) (< last {ns}))"


def question(constants: Constants, environment: Environment, when: str, law: Law = "L1") -> str:
    """Whether what begins at the instant 0 can last so long, as SMT-LIB; `when` restricts the last sync.

    Four syncs: the last that does not count, the first that does, the last that spares the order, and the last of all, which
    cancels (L1, L3) or drops (L4) it."""
    counts, uncounted = (">=", "<") if law == "L4" else (">", "<=")
    facts = ["(>= gaps 0)", f"({uncounted} unseen_as_of 0)", "(<= unseen_as_of seen_as_of spared_as_of last_as_of)"]
    facts += [f"({counts} seen_as_of 0)", f"(< (- spared_as_of seen_as_of) {constants.orphan_grace_period})"]
    facts += [f"(>= (- last_as_of seen_as_of) {constants.orphan_grace_period})"]
    facts += ["(= (= gaps 0) (= spared seen))", "(=> (= gaps 0) (= spared_as_of seen_as_of))", "(<= seen spared)", when]
    syncs = ("unseen", "seen", "spared", "last")
    facts += [f"(<= {sync}_as_of {sync})" for sync in syncs]
    if (age := environment.snapshot_age_max) is not None:
        facts += [f"(<= (- {sync} {sync}_as_of) {age})" for sync in syncs]
    if law == "L3":
        facts += ["(>= uncounted 0)", "(>= unseen 0)", "(= (= uncounted 0) (= unseen 0))"]
    for relation, gap in ((">=", environment.sync_period_min or 0), ("<=", environment.sync_period_max)):
        if gap is not None:
            facts.append(f"({relation} (- spared seen) (* {gap} (to_real gaps)))")
            facts += [f"({relation} (- {b} {a}) {gap})" for a, b in (("unseen", "seen"), ("spared", "last"))]
            facts += [f"({relation} unseen (* {gap} (to_real uncounted)))"] if law == "L3" else []
    facts += ["(< unseen seen)", "(< spared last)"]
    return "".join(
        ["(declare-const gaps Int)\n(declare-const uncounted Int)\n"]
        + [f"(declare-const {sync}{part} Real)\n" for sync in syncs for part in ("", "_as_of")]
        + [f"(assert {fact})\n" for fact in facts]
    )


def orphan_witness(constants: Constants, environment: Environment) -> list[Event]:
    """A trace in which a leftover order stays for the bound, or 1 ns less where it is only approached.

    It rests at 0, just after the snapshot as of 0. Empty where there is no bound, or more than `SYNCS_MAX` syncs."""
    found = course(constants, environment)
    return [] if found is None else _aging(Sync(found.late, 0, (), ()), found, environment)


def finalized_witness(constants: Constants, environment: Environment) -> list[Event]:
    """A trace in which a finalized order that is not in the local book stays for its bound, or at most 2 ns less.

    It is registered, recorded and finalized at 0. Empty like `orphan_witness`."""
    protection = constants.finalized_protection_period
    found = course(constants, environment, protection)
    if found is None:
        return []
    if found.reached:
        unseen = Sync(protection + found.late, 0, (), ())
    else:
        unseen = Sync(protection - 1, protection - 1, (listed(environment),), ())
    name = cloid_name(environment)
    said: list[Event] = [Register(0, (name,)), RecordOid(0, name, OID_NAME), Finalize(0, name, OID_NAME)]
    aging = _aging(unseen, found, environment)
    return [*said, *aging] if aging else []


def retry_witness(constants: Constants, environment: Environment) -> list[Event]:
    """A trace in which the next cancel after one that failed comes as late as can be, or at most 1 ns earlier.

    The order is cancelled in vain by the last sync of the longest stay. Empty like `orphan_witness`."""
    first, found = orphan_witness(constants, environment), retry(constants, environment)
    if not first or found is None:
        return []
    failed = first[-1]
    assert isinstance(failed, Sync)
    order, age = (listed(environment),), environment.snapshot_age_max or 0
    said: list[Event] = [Clear(failed.t, OID_NAME)]
    for t in _whole_gaps(found.late, environment):
        said.append(Sync(failed.t + t, max(failed.as_of, failed.t + t - age), order, ()))
    unseen = said.pop() if len(said) > 1 else failed
    assert isinstance(unseen, Sync)
    aging = _aging(unseen, found, environment)
    if not aging:
        return []
    return [*first, *said, *(aging[1:] if unseen is failed else aging)]


def _whole_gaps(late: int, environment: Environment) -> list[int]:
    """The instants of syncs, whole gaps after one at 0, the last of them at `late`."""
    if late == 0:
        return []
    longest = environment.sync_period_max or late
    gaps = -(-late // longest)
    return [late * gap // gaps for gap in range(1, gaps + 1)]


def stale_witness(constants: Constants, environment: Environment) -> list[Event]:
    """A trace in which a local order that has ended stays for its bound, or at most 2 ns less.

    It ends just after the instant of the last snapshot that shows it. Empty like `orphan_witness`."""
    found = stale_course(constants, environment)
    if found is None:
        return []
    name = cloid_name(environment)
    start = 0
    ended = start + 1
    said: list[Event] = [
        *(Register(start, (name,)), Accept(start, OID_NAME), RecordOid(start, name, OID_NAME)),
        Finalize(start, name, OID_NAME),
    ]
    shows = Sync(start + found.late, start, (listed(environment),), (OID_NAME,))
    end: Event = End(ended, OID_NAME, "filled")
    aging = _missing(_aging(shows, found, environment))
    if not aging:
        return []
    first, *rest = aging
    return [*said, *([first, end] if first.t < ended else [end, first]), *rest]


def _missing(syncs: list[Event]) -> list[Event]:
    """The syncs with a tracked order that all but the first lack, and that the last drops."""
    if not syncs:
        return []
    first, *lacking = [sync for sync in syncs if isinstance(sync, Sync)]
    absent = [replace(sync, open=(), local=(OID_NAME,), cancelled=()) for sync in lacking]
    missed: list[Event] = []
    missed += [first, *absent[:-1], replace(absent[-1], dropped=(OID_NAME,))]
    return missed


def expectation_witness(constants: Constants, environment: Environment) -> list[Event]:
    """A trace of a registration that nobody answers, and of the instant at which its window is over."""
    return [Register(0, (cloid_name(environment),)), Cleanup(constants.expected_cloid_ttl)]


def cloid_name(environment: Environment) -> str:
    """A CLOID that is ours."""
    return f"{environment.owned_cloid_prefix or ''}c1"


def listed(environment: Environment) -> OpenOrder:
    """The order as a listing shows it."""
    return OpenOrder(OID_NAME, cloid_name(environment) if environment.observe == "cloid" else NOT_STATED)


def _aging(unseen: Sync, found: Course, environment: Environment) -> list[Event]:
    """The syncs of the longest stay, from the last that does not count."""
    spared = found.stretch.ns - (0 if found.stretch.attained else 1)
    gaps = -(-spared // found.period)
    if gaps >= SYNCS_MAX:
        return []
    age, order = environment.snapshot_age_max or 0, (listed(environment),)
    seen = unseen.t + found.period
    times = [seen + spared * gap // max(gaps, 1) for gap in range(gaps + 1)]
    events: list[Event] = [unseen, *(Sync(t, max(seen, t - age), order, ()) for t in times)]
    cancelled = times[-1] + found.period
    return [*events, Sync(cancelled, cancelled, order, (), (OID_NAME,))]
