"""What the machine guarantees, as formulas: claims, the lemmas that make them inductive, assumptions, witnesses.

Two rules. Everything is a *never*: a tuple of plain comparisons that must not hold all together, so there is nothing
here but conjunctions. And every never stands beside a *sometimes*: a witness which shows that the claim does not hold
because nothing happens.
"""

from dataclasses import dataclass
from typing import Final, Literal

from orphan_spec.automaton import Action, Event
from orphan_spec.fields import (
    ABSENT,
    CLOID,
    ENDED,
    FOREIGN,
    LISTED,
    NO,
    OID,
    RESTING,
    TRACKED,
    TRAVELLING,
    YES,
    acknowledged,
    acknowledged_until,
    age,
    aging,
    answer_due,
    answered,
    as_of,
    awaited,
    book,
    candidate,
    changed_at,
    condemned,
    covered_until,
    ended_at,
    exchange,
    expectation_until,
    expected_until,
    finalized,
    finalized_until,
    grace,
    heard_until,
    known_until,
    latency,
    learned_at,
    linked,
    linked_until,
    missing,
    missing_since,
    now,
    observe,
    orphan_since,
    overtaken,
    owner,
    protected_until,
    protection,
    registered_until,
    rested_at,
    shown,
    ttl,
    unbroken_since,
)
from orphan_spec.guarantees import ASSUMPTIONS, GUARANTEES, Assumption, Guarantee
from orphan_spec.machine import MACHINE
from orphan_spec.terms import Cube
from orphan_spec.world import ACCEPT, CLEANUP, REGISTER, RESTART, SYNC


@dataclass(frozen=True, slots=True)
class Formula:
    """An assumption as the machine reads it."""

    assumption: Assumption
    states: tuple[Cube, ...] = ()
    """States that the world does not let happen."""
    moves: tuple[tuple[Event, Cube], ...] = ()
    """Events that do not happen in such a state."""

    @property
    def cubes(self) -> tuple[Cube, ...]:
        """All that it says about states, of either kind."""
        return (*self.states, *(cube for _, cube in self.moves))


@dataclass(frozen=True, slots=True)
class Lemma:
    """A fact about every reachable state, there to make the claims inductive."""

    name: str
    never: Cube
    assumes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Claim:
    """A guarantee as the machine reads it: certain actions never happen in, or never lead to, certain states."""

    guarantee: Guarantee
    variant: str
    """Names this reading where a guarantee has several; empty where it has one."""
    actions: tuple[Action, ...]
    moment: Literal["at", "after"]
    """`at`: the state in which the action happens; `after`: the state that it leads to."""
    nevers: tuple[tuple[str, Cube], ...]
    """Each with a name."""
    assumes: tuple[str, ...] = ("A1",)
    given: Cube = ()
    """What the constants must satisfy; empty: all constants."""
    expected: Literal["proved", "refuted"] = "proved"

    @property
    def id(self) -> str:
        """The guarantee's number, with the variant."""
        return f"{self.guarantee.id}/{self.variant}" if self.variant else self.guarantee.id


@dataclass(frozen=True, slots=True)
class Witness:
    """A situation that must be reachable, so that the guarantee is not kept by nothing happening."""

    guarantee: Guarantee
    variant: str
    sentence: str
    actions: tuple[Action, ...]
    cube: Cube
    assumes: tuple[str, ...] = ("A3", "A8")


KEEPS: Final = tuple(a for a in MACHINE.cases(SYNC) if a.decision == "keep")
CONDEMNS: Final = tuple(a for a in MACHINE.cases(SYNC) if a.decision == "cancel")
CANCELS: Final = (MACHINE.action("ACT_CANCELS"),)

_rests_at_as_of: Final = (exchange == RESTING, rested_at <= as_of)
_rested_at_as_of: Final = (exchange == ENDED, rested_at <= as_of, as_of < ended_at)

FORMULAS: Final[dict[str, Formula]] = {
    "A3": Formula(
        ASSUMPTIONS["A3"],
        moves=(
            (SYNC, (shown == LISTED, exchange < RESTING)),
            (SYNC, (shown == LISTED, as_of < rested_at)),
            (SYNC, (shown == LISTED, exchange == ENDED, ended_at <= as_of)),
        ),
    ),
    "A4": Formula(
        ASSUMPTIONS["A4"],
        states=((exchange >= RESTING, awaited == YES, answered == NO, answer_due < now),),
    ),
    "A7": Formula(
        ASSUMPTIONS["A7"],
        moves=((SYNC, (shown == ABSENT, *_rests_at_as_of)), (SYNC, (shown == ABSENT, *_rested_at_as_of))),
    ),
    "A8": Formula(
        ASSUMPTIONS["A8"],
        moves=(
            (REGISTER, (exchange == TRAVELLING,)),
            (REGISTER, (exchange >= RESTING, answered == NO)),
            (ACCEPT, (awaited == NO,)),
        ),
    ),
    "A9": Formula(
        ASSUMPTIONS["A9"],
        moves=((SYNC, (shown == ABSENT, *_rests_at_as_of, missing == YES, missing_since + grace <= as_of)),),
    ),
    "A10": Formula(
        ASSUMPTIONS["A10"],
        moves=tuple((RESTART, (now < until,)) for until in (expectation_until, acknowledged_until, finalized_until)),
    ),
}
"""The assumptions that the machines can state; A1 holds by construction (PASS_TIME), A5 by what an order is."""

LEMMAS: Final = (
    Lemma(
        "heard_window_covers_acknowledgement", (now < acknowledged_until, heard_until < acknowledged_until), ("A10",)
    ),
    Lemma("heard_window_covers_finalization", (now < finalized_until, heard_until < finalized_until), ("A10",)),
    Lemma(
        "expected_window_covers_expectation", (now < expectation_until, expected_until < expectation_until), ("A10",)
    ),
    Lemma(
        "link_covers_expectation", (linked == YES, now < expectation_until, linked_until < expectation_until), ("A10",)
    ),
    Lemma("link_ends_with_known_window", (now < linked_until, known_until < linked_until)),
    Lemma("known_window_is_expected", (now < known_until, expected_until < known_until)),
    Lemma("covered_window_is_expected", (now < covered_until, expected_until < covered_until)),
    Lemma(
        "known_window_covers_what_is_shown", (observe == CLOID, now < expected_until, covered_until < expected_until)
    ),
    Lemma("nothing_is_covered_by_oid", (observe == OID, now < covered_until)),
    Lemma("expected_window_has_a_registration", (now < expected_until, registered_until < expected_until)),
    Lemma(
        "heard_window_has_a_cause",
        (now < heard_until, acknowledged_until < heard_until, finalized_until < heard_until),
    ),
    Lemma("heard_window_is_no_longer_than_protection", (now + protection < heard_until,)),
    Lemma("acknowledgement_is_remembered", (now < acknowledged_until, acknowledged == NO), ("A10",)),
    Lemma("finalization_is_remembered", (now < finalized_until, finalized == NO), ("A10",)),
    Lemma("aging_order_is_a_candidate", (aging == YES, candidate == NO)),
    Lemma("aging_order_is_not_protected", (aging == YES, now < protected_until)),
    Lemma("aging_order_is_not_covered", (aging == YES, now < covered_until)),
    Lemma("age_is_unbroken", (aging == YES, orphan_since < unbroken_since)),
    Lemma("age_starts_after_acknowledgement", (aging == YES, orphan_since + age < acknowledged_until), ("A10",)),
    Lemma("age_starts_after_finalization", (aging == YES, orphan_since + age < finalized_until), ("A10",)),
    Lemma("age_starts_after_link", (aging == YES, linked == YES, orphan_since + age < expectation_until), ("A10",)),
    Lemma(
        "age_starts_after_shown_expectation",
        (aging == YES, observe == CLOID, orphan_since + age < expectation_until),
        ("A10",),
    ),
    Lemma("last_change_is_past", (now < changed_at,)),
    Lemma("learned_end_is_a_change", (changed_at < learned_at,)),
    Lemma("condemned_order_is_aging", (condemned == YES, aging == NO)),
    Lemma("condemned_order_is_aged", (condemned == YES, now < orphan_since + grace)),
    Lemma("condemned_order_is_not_overtaken", (condemned == YES, overtaken == YES)),
    Lemma("condemned_order_is_ours", (condemned == YES, owner == FOREIGN, answered == NO), ("A3",)),
    Lemma("remembered_order_was_answered", (acknowledged == YES, answered == NO)),
    Lemma("remembered_end_was_answered", (finalized == YES, answered == NO)),
    Lemma("aging_order_exists", (aging == YES, exchange < RESTING), ("A3",)),
    Lemma("aging_order_rested_when_it_was_seen", (aging == YES, orphan_since < rested_at), ("A3",)),
    Lemma("answer_is_due_in_time", (now + latency < answer_due,)),
    Lemma("expectation_is_awaited", (now < expectation_until, answered == NO, awaited == NO), ("A10",)),
    Lemma("expectation_is_young", (now + ttl < expectation_until,)),
    Lemma(
        "unanswered_order_rests_after_registration",
        (exchange >= RESTING, answered == NO, now < expectation_until, rested_at + latency < answer_due),
        ("A8",),
    ),
    Lemma(
        "expectation_of_an_unanswered_order_begins_before_it_rests",
        (exchange >= RESTING, answered == NO, now < expectation_until, rested_at + ttl < expectation_until),
        ("A8",),
    ),
)
"""Facts about every reachable state, proved together by induction."""

_acknowledged_window = ("heard_of", (now < acknowledged_until,))
_recorded_in_window = ("expected", (linked == YES, now < expectation_until))
_in_flight: Cube = (answered == NO, now < expectation_until)
_by_cloid: Cube = (observe == CLOID,)
_by_oid: Cube = (observe == OID,)

CLAIMS: Final = (
    Claim(GUARANTEES["S1"], "", CANCELS, "at", (("finalized", (now < finalized_until,)),), ("A1", "A10")),
    Claim(GUARANTEES["S2"], "", CANCELS, "at", (_acknowledged_window, _recorded_in_window), ("A1", "A10")),
    Claim(
        GUARANTEES["S2"],
        "cloid",
        CANCELS,
        "at",
        (("shown", (observe == CLOID, answered == YES, now < expectation_until)),),
        ("A1", "A10"),
    ),
    Claim(GUARANTEES["S3"], "cloid", CANCELS, "at", (("in_flight", (observe == CLOID, *_in_flight)),), ("A1", "A10")),
    Claim(
        GUARANTEES["S3"],
        "oid, answers within grace",
        CANCELS,
        "at",
        (("in_flight", (observe == OID, *_in_flight)),),
        assumes=("A1", "A3", "A4", "A8", "A10"),
        given=(latency < grace,),
    ),
    Claim(
        GUARANTEES["S3"],
        "oid, TTL within grace",
        CANCELS,
        "at",
        (("in_flight", (observe == OID, *_in_flight)),),
        assumes=("A1", "A3", "A8"),
        given=(ttl <= grace,),
    ),
    Claim(
        GUARANTEES["S3"],
        "oid",
        CANCELS,
        "at",
        (("in_flight", (observe == OID, *_in_flight)),),
        assumes=("A1", "A3", "A4", "A8", "A10"),
        expected="refuted",
    ),
    Claim(
        GUARANTEES["S4"],
        "",
        CONDEMNS,
        "at",
        (
            ("unbroken", (as_of < unbroken_since + grace,)),
            ("seen_before", (candidate == NO,)),
        ),
    ),
    Claim(
        GUARANTEES["S4"],
        "after protection",
        CONDEMNS,
        "at",
        (
            ("after_acknowledgement", (as_of + age < acknowledged_until + grace,)),
            ("after_finalization", (as_of + age < finalized_until + grace,)),
            ("after_link", (linked == YES, as_of + age < expectation_until + grace)),
            ("after_shown_expectation", (observe == CLOID, as_of + age < expectation_until + grace)),
        ),
        ("A1", "A10"),
    ),
    Claim(GUARANTEES["S4"], "acts", CANCELS, "at", (("overtaken", (overtaken == YES,)),)),
    Claim(GUARANTEES["S5"], "", CANCELS, "at", (("tracked", (book == TRACKED,)),)),
    Claim(
        GUARANTEES["S7"],
        "cloid",
        (*CONDEMNS, *CANCELS),
        "at",
        (("foreign", (observe == CLOID, owner == FOREIGN, answered == NO)),),
        ("A1", "A3"),
    ),
    Claim(GUARANTEES["S8"], "", CONDEMNS, "at", (("evidence", (as_of <= learned_at,)),)),
    Claim(GUARANTEES["S8"], "acts", CANCELS, "at", (("evidence", (overtaken == YES,)),)),
    Claim(
        GUARANTEES["R1"],
        "",
        MACHINE.cases(CLEANUP),
        "after",
        (
            (
                "acknowledged",
                (
                    *(acknowledged == YES, candidate == NO),
                    *(registered_until <= now, acknowledged_until <= now, finalized_until <= now),
                ),
            ),
            (
                "finalized",
                (
                    *(finalized == YES, candidate == NO),
                    *(registered_until <= now, acknowledged_until <= now, finalized_until <= now),
                ),
            ),
            ("aging", (aging == YES, candidate == NO)),
        ),
    ),
)
"""What is proved (or, where so published, refuted), in the order of the numbers. R2 and R3 speak about pairs of runs, and
their obligations have a shape of their own (`orphan_proofs.obligations`)."""

_YOUNG = (MACHINE.action("SYNC_KEEPS_YOUNG"),)

WITNESSES: Final = (
    Witness(
        GUARANTEES["S1"],
        "",
        "A sync keeps an order that only its finalization protects.",
        KEEPS,
        (now < finalized_until, acknowledged_until <= now, expected_until <= now),
    ),
    Witness(
        GUARANTEES["S2"],
        "heard_of",
        "A sync keeps an order that only its acknowledgement protects.",
        KEEPS,
        (now < acknowledged_until, finalized_until <= now, expected_until <= now),
    ),
    Witness(
        GUARANTEES["S2"],
        "expected",
        "A sync keeps an order that only its recorded link to an expected CLOID protects.",
        KEEPS,
        (linked == YES, now < expectation_until, acknowledged_until <= now, finalized_until <= now),
    ),
    Witness(
        GUARANTEES["S3"],
        "cloid",
        "A sync keeps a candidate, shown before, that only its expected CLOID protects.",
        KEEPS,
        (observe == CLOID, candidate == YES, *_in_flight, aging == NO),
    ),
    Witness(
        GUARANTEES["S3"],
        "oid",
        "A sync keeps an unanswered order although it sees OIDs only: grace is its only shield.",
        KEEPS,
        (observe == OID, candidate == YES, *_in_flight, aging == YES),
    ),
    Witness(
        GUARANTEES["S3"],
        "oid, answers within grace",
        "The same where answers are timely: the answer is still to come when the sync looks.",
        KEEPS,
        (observe == OID, candidate == YES, *_in_flight, aging == YES, now < answer_due),
        ("A3", "A4", "A8"),
    ),
    Witness(
        GUARANTEES["S4"],
        "",
        "A sync keeps an orphan because it is too young.",
        _YOUNG,
        (orphan_since < as_of,),
    ),
    Witness(GUARANTEES["S4"], "aged", "An aged orphan is cancelled.", CANCELS, ()),
    Witness(
        GUARANTEES["S4"],
        "acts",
        "An aged orphan is pardoned, because it was answered between the decision and the cancel.",
        (MACHINE.action("RECORD_FIRST_OF_CANDIDATE"),),
        (condemned == YES,),
    ),
    Witness(
        GUARANTEES["S5"],
        "",
        "A sync meets a tracked order that nothing else protects.",
        (MACHINE.action("SYNC_TRACKED"),),
        (exchange == RESTING, protected_until <= now, expected_until <= now, answered == YES),
    ),
    Witness(
        GUARANTEES["S5"],
        "acts",
        "The local book claims an order between the decision and the cancel, and the sync relents.",
        (MACHINE.action("ACT_RELENTS"),),
        (exchange == RESTING,),
    ),
    Witness(
        GUARANTEES["S7"],
        "",
        "An aged orphan that is not ours is reported.",
        (MACHINE.action("SYNC_REPORTS_FOREIGN"),),
        (observe == CLOID, exchange == RESTING),
    ),
    Witness(
        GUARANTEES["S8"],
        "",
        "A snapshot taken before the known end of an order still shows it.",
        tuple(a for a in KEEPS if "UNDECIDED" in a.name),
        (exchange == ENDED, as_of <= learned_at, as_of < ended_at, rested_at <= as_of),
        ("A3", "A7", "A8"),
    ),
    Witness(
        GUARANTEES["R1"],
        "",
        "A cleanup forgets an OID that was acknowledged and finalized.",
        (MACHINE.action("CLEANUP_FORGETS"),),
        (acknowledged == YES, finalized == YES),
    ),
    Witness(
        GUARANTEES["R3"],
        "",
        "An acknowledgement meets an OID that is over but not yet collected.",
        (MACHINE.action("RECORD_UNKNOWN"),),
        (acknowledged == YES, finalized == YES),
    ),
)
"""Situations that exploration must reach; each is shown with the shortest run to it."""
