"""What the machine guarantees, as formulas: claims, the lemmas that make them inductive, assumptions, witnesses.

Two rules. Everything is a *never*: a tuple of plain comparisons that must not hold all together, so there is nothing
here but conjunctions. And every never stands beside a *sometimes*: a witness which shows that the claim does not hold
because nothing happens.
"""

from dataclasses import dataclass
from typing import Final, Literal

from orphan_spec.automaton import Action, Event
from orphan_spec.fields import (
    CLOID,
    NO,
    OID,
    RESTING,
    TRACKED,
    TRAVELLING,
    YES,
    acknowledged,
    acknowledged_until,
    aging,
    answer_due,
    answered,
    as_of,
    awaited,
    book,
    candidate,
    exchange,
    expectation_until,
    expected_until,
    finalized,
    finalized_until,
    grace,
    heard_until,
    latency,
    linked,
    linked_until,
    now,
    observe,
    orphan_since,
    protected_until,
    protection,
    registered_until,
    ttl,
    unbroken_since,
)
from orphan_spec.guarantees import ASSUMPTIONS, GUARANTEES, Assumption, Guarantee
from orphan_spec.machine import MACHINE
from orphan_spec.terms import Cube
from orphan_spec.world import ACCEPT, CLEANUP, REGISTER, SYNC


@dataclass(frozen=True, slots=True)
class Formula:
    """An assumption as the machine reads it."""

    assumption: Assumption
    states: tuple[Cube, ...] = ()
    """States that the world does not let happen."""
    moves: tuple[tuple[Event, Cube], ...] = ()
    """Events that do not happen in such a state."""


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
    assumes: tuple[str, ...] = ("A8",)


KEEPS: Final = tuple(action for action in MACHINE.actions if action.decision == "keep")
CANCELS: Final = tuple(action for action in MACHINE.actions if action.decision == "cancel")
CANCELS_BY_OID: Final = (MACHINE.action("SYNC_CANCELS_BY_OID"),)
CANCELS_BY_CLOID: Final = (MACHINE.action("SYNC_CANCELS_BY_CLOID"),)

FORMULAS: Final[dict[str, Formula]] = {
    "A4": Formula(
        ASSUMPTIONS["A4"],
        states=((exchange == RESTING, awaited == YES, answered == NO, answer_due < now),),
    ),
    "A8": Formula(
        ASSUMPTIONS["A8"],
        moves=(
            (REGISTER, (exchange == TRAVELLING,)),
            (REGISTER, (exchange == RESTING, answered == NO)),
            (ACCEPT, (awaited == NO,)),
        ),
    ),
}
"""The assumptions that the machine can state; A1 holds by construction (PASS_TIME), A5 and A7 by what an order is."""

LEMMAS: Final = (
    Lemma("heard_window_covers_acknowledgement", (now < acknowledged_until, heard_until < acknowledged_until)),
    Lemma("heard_window_covers_finalization", (now < finalized_until, heard_until < finalized_until)),
    Lemma("expected_window_covers_expectation", (now < expectation_until, expected_until < expectation_until)),
    Lemma("link_covers_expectation", (linked == YES, now < expectation_until, linked_until < expectation_until)),
    Lemma("link_ends_with_expected_window", (now < linked_until, expected_until < linked_until)),
    Lemma("expected_window_has_a_registration", (now < expected_until, registered_until < expected_until)),
    Lemma(
        "heard_window_has_a_cause",
        (now < heard_until, acknowledged_until < heard_until, finalized_until < heard_until),
    ),
    Lemma("heard_window_is_no_longer_than_protection", (now + protection < heard_until,)),
    Lemma("acknowledgement_is_remembered", (now < acknowledged_until, acknowledged == NO)),
    Lemma("finalization_is_remembered", (now < finalized_until, finalized == NO)),
    Lemma("aging_order_is_a_candidate", (aging == YES, candidate == NO)),
    Lemma("aging_order_is_not_heard_of", (aging == YES, now < heard_until)),
    Lemma("aging_order_is_not_linked", (aging == YES, now < linked_until)),
    Lemma("aging_order_is_not_shown_as_expected", (aging == YES, observe == CLOID, now < expected_until)),
    Lemma("age_is_unbroken", (aging == YES, orphan_since < unbroken_since)),
    Lemma("age_starts_after_acknowledgement", (aging == YES, orphan_since < acknowledged_until)),
    Lemma("age_starts_after_finalization", (aging == YES, orphan_since < finalized_until)),
    Lemma("age_starts_after_link", (aging == YES, linked == YES, orphan_since < expectation_until)),
    Lemma(
        "age_starts_after_shown_expectation",
        (aging == YES, observe == CLOID, orphan_since < expectation_until),
    ),
    Lemma("aging_order_exists", (aging == YES, exchange < RESTING)),
    Lemma("answer_is_due_in_time", (now + latency < answer_due,)),
    Lemma("expectation_is_awaited", (now < expectation_until, answered == NO, awaited == NO)),
    Lemma("expectation_is_young", (now + ttl < expectation_until,)),
    Lemma(
        "age_of_an_unanswered_order_starts_after_registration",
        (
            *(exchange == RESTING, aging == YES, answered == NO, now < expectation_until),
            orphan_since + latency < answer_due,
        ),
        assumes=("A8",),
    ),
    Lemma(
        "age_of_an_unanswered_order_lasts_beyond_its_expectation",
        (
            *(exchange == RESTING, aging == YES, answered == NO, now < expectation_until),
            orphan_since + ttl < expectation_until,
        ),
        assumes=("A8",),
    ),
)
"""Facts about every reachable state, proved together by induction."""

_acknowledged_window = ("heard_of", (now < acknowledged_until,))
_recorded_in_window = ("expected", (linked == YES, now < expectation_until))
_in_flight: Cube = (answered == NO, now < expectation_until)

CLAIMS: Final = (
    Claim(GUARANTEES["S1"], "", CANCELS, "at", (("finalized", (now < finalized_until,)),)),
    Claim(GUARANTEES["S2"], "", CANCELS, "at", (_acknowledged_window, _recorded_in_window)),
    Claim(
        GUARANTEES["S2"],
        "cloid",
        CANCELS_BY_CLOID,
        "at",
        (("shown", (answered == YES, now < expectation_until)),),
    ),
    Claim(GUARANTEES["S3"], "cloid", CANCELS_BY_CLOID, "at", (("in_flight", _in_flight),)),
    Claim(
        GUARANTEES["S3"],
        "oid, answers within grace",
        CANCELS_BY_OID,
        "at",
        (("in_flight", _in_flight),),
        assumes=("A1", "A4", "A8"),
        given=(latency < grace,),
    ),
    Claim(
        GUARANTEES["S3"],
        "oid, TTL within grace",
        CANCELS_BY_OID,
        "at",
        (("in_flight", _in_flight),),
        assumes=("A1", "A8"),
        given=(ttl <= grace,),
    ),
    Claim(
        GUARANTEES["S3"],
        "oid",
        CANCELS_BY_OID,
        "at",
        (("in_flight", _in_flight),),
        assumes=("A1", "A4", "A8"),
        expected="refuted",
    ),
    Claim(
        GUARANTEES["S4"],
        "",
        CANCELS,
        "at",
        (
            ("unbroken", (as_of < unbroken_since + grace,)),
            ("after_acknowledgement", (as_of < acknowledged_until + grace,)),
            ("after_finalization", (as_of < finalized_until + grace,)),
            ("after_link", (linked == YES, as_of < expectation_until + grace)),
        ),
    ),
    Claim(
        GUARANTEES["S4"],
        "cloid",
        CANCELS_BY_CLOID,
        "at",
        (("after_shown_expectation", (as_of < expectation_until + grace,)),),
    ),
    Claim(GUARANTEES["S5"], "", CANCELS, "at", (("tracked", (book == TRACKED,)),)),
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

_SYNC_CASES = MACHINE.cases(SYNC)

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
        ("A4", "A8"),
    ),
    Witness(
        GUARANTEES["S4"],
        "",
        "A sync keeps an orphan because it is too young.",
        (MACHINE.action("SYNC_KEEPS_YOUNG_BY_OID"), MACHINE.action("SYNC_KEEPS_YOUNG_BY_CLOID")),
        (orphan_since < as_of,),
    ),
    Witness(GUARANTEES["S4"], "aged", "An aged orphan is cancelled.", CANCELS, ()),
    Witness(
        GUARANTEES["S5"],
        "",
        "A sync meets a tracked order that nothing else protects.",
        _SYNC_CASES,
        (exchange == RESTING, book == TRACKED, protected_until <= now, expected_until <= now, answered == YES),
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
