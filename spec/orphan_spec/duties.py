"""What the norms ask of single steps.

One rule. These are no promises to users, but what keeps a promise from holding because nothing happens: an orphan that
never ages is never cancelled wrongly, and an order that is never accepted never rests.
"""

from typing import Final

from orphan_spec.fields import (
    CLOID,
    ENDED,
    NO,
    NOWHERE,
    OID,
    RESTING,
    TRACKED,
    TRAVELLING,
    UNTRACKED,
    YES,
    acknowledged,
    acknowledged_until,
    aging,
    answer_due,
    answered,
    awaited,
    book,
    candidate,
    exchange,
    expectation_until,
    expected_until,
    finalized,
    finalized_until,
    latency,
    linked,
    linked_until,
    now,
    observe,
    orphan_since,
    protected_until,
    ttl,
    unbroken_since,
)
from orphan_spec.guarantees import NORMS
from orphan_spec.machine import MACHINE
from orphan_spec.properties import CANCELS, KEEPS, Claim
from orphan_spec.world import (
    ACCEPT,
    APPEAR,
    DROP,
    END,
    FAIL,
    FINALIZE,
    RECORD_OID,
    REGISTER,
    REJECT,
    SEND,
    TRACK,
)

_REGISTERS = MACHINE.cases(REGISTER)
_RECORDS = MACHINE.cases(RECORD_OID)
_FINALIZES = MACHINE.cases(FINALIZE)
_FIRST_RECORDS = tuple(a for a in _RECORDS if "AGAIN" not in a.name)
_LINKING_RECORDS = tuple(a for a in _RECORDS if a.name != "RECORD_AGAIN_IN_VAIN")
_FIRST_FINALIZES = tuple(a for a in _FINALIZES if "AGAIN" not in a.name)
_UNSHOWN = (MACHINE.action("SYNC_ABSENT"), MACHINE.action("SYNC_TRACKED"))
_BREAKS_AGE = (*_UNSHOWN, MACHINE.action("CLEAR"))
_KEEPS_PROTECTED = tuple(a for a in KEEPS if "PROTECTED" in a.name or "EXPECTED" in a.name)
_LISTED = (*KEEPS, *CANCELS)

DUTIES: Final = (
    Claim(
        NORMS["N3"],
        "opens",
        _REGISTERS,
        "after",
        (
            ("expected", (expected_until < now + ttl,)),
            ("demanded", (expectation_until < now + ttl,)),
            ("due", (answer_due < now + latency,)),
            ("awaited", (awaited == NO,)),
        ),
    ),
    Claim(
        NORMS["N3"],
        "ends",
        (*_FIRST_FINALIZES, MACHINE.action("FAIL_ENDS")),
        "after",
        (("expected", (now < expected_until,)), ("linked", (now < linked_until,))),
    ),
    Claim(
        NORMS["N3"],
        "settles",
        (*_FINALIZES, *MACHINE.cases(FAIL)),
        "after",
        (("demanded", (now < expectation_until,)), ("linked", (linked == YES,)), ("awaited", (awaited == YES,))),
    ),
    Claim(
        NORMS["N3"],
        "links",
        _LINKING_RECORDS,
        "after",
        (("by law", (linked == NO,)), ("by tracker", (now < expected_until, linked_until < expected_until))),
    ),
    Claim(
        NORMS["N3"],
        "answers",
        (*_RECORDS, *_FINALIZES),
        "after",
        (("answered", (answered == NO,)), ("awaited", (awaited == YES,))),
    ),
    Claim(
        NORMS["N3"],
        "shows",
        tuple(a for a in _LISTED if a.name.endswith(("BY_CLOID", "EXPECTED", "EXPECTED_AND_NEW"))),
        "after",
        (("linked", (now < expected_until, linked_until < expected_until)),),
    ),
    Claim(
        NORMS["N4"],
        "acknowledged",
        _FIRST_RECORDS,
        "at",
        (("repeated", (now < acknowledged_until,)),),
    ),
    Claim(NORMS["N4"], "finalized", _FIRST_FINALIZES, "at", (("repeated", (now < finalized_until,)),)),
    Claim(
        NORMS["N4"],
        "forgotten",
        tuple(a for a in _LISTED if "SEES_ORPHAN" in a.name or "AND_NEW" in a.name),
        "after",
        (("acknowledged", (acknowledged == YES,)), ("finalized", (finalized == YES,))),
    ),
    Claim(
        NORMS["N4"],
        "other memory of a forgotten OID",
        (MACHINE.action("RECORD_UNKNOWN"),),
        "after",
        (("finalized", (finalized == YES,)),),
    ),
    Claim(
        NORMS["N4"],
        "other memory of an OID forgotten",
        (MACHINE.action("FINALIZE_UNKNOWN"),),
        "after",
        (("acknowledged", (acknowledged == YES,)),),
    ),
    Claim(NORMS["N6"], "shown", _LISTED, "after", (("candidate", (candidate == NO,)),)),
    Claim(
        NORMS["N6"],
        "ages",
        _LISTED,
        "after",
        (
            ("by OID", (observe == OID, protected_until <= now, aging == NO)),
            ("by CLOID", (observe == CLOID, protected_until <= now, expected_until <= now, aging == NO)),
        ),
    ),
    Claim(NORMS["N6"], "unshown", _UNSHOWN, "after", (("candidate", (candidate == YES,)), ("aging", (aging == YES,)))),
    Claim(
        NORMS["N6"],
        "breaks",
        (*_BREAKS_AGE, *_KEEPS_PROTECTED),
        "after",
        (("age", (aging == YES,)), ("law", (unbroken_since < now,))),
    ),
    Claim(
        NORMS["N6"],
        "starts",
        tuple(a for a in KEEPS if "SEES_ORPHAN" in a.name or "STARTS_AGE" in a.name),
        "after",
        (("law", (unbroken_since < now,)), ("tracker", (orphan_since < now,))),
    ),
    Claim(
        NORMS["W"],
        "accepted before it is known",
        (*_RECORDS, *_FINALIZES, *MACHINE.cases(TRACK)),
        "at",
        (("unaccepted", (exchange < RESTING,)),),
    ),
    Claim(NORMS["W"], "registered before it is sent", MACHINE.cases(SEND), "at", (("unregistered", (awaited == NO,)),)),
    Claim(
        NORMS["W"],
        "sent once",
        (*MACHINE.cases(SEND), *MACHINE.cases(APPEAR)),
        "at",
        (("known", (exchange > NOWHERE,)),),
    ),
    Claim(NORMS["W"], "nobody here awaits it", MACHINE.cases(APPEAR), "at", (("awaited", (awaited == YES,)),)),
    Claim(NORMS["W"], "ends once", MACHINE.cases(END), "at", (("not resting", (exchange != RESTING,)),)),
    Claim(
        NORMS["W"],
        "rests",
        (*MACHINE.cases(ACCEPT), *MACHINE.cases(APPEAR)),
        "after",
        (("not", (exchange != RESTING,)),),
    ),
    Claim(NORMS["W"], "ended", MACHINE.cases(END), "after", (("not", (exchange != ENDED,)),)),
    Claim(NORMS["W"], "refused", MACHINE.cases(REJECT), "after", (("not", (exchange != NOWHERE,)),)),
    Claim(NORMS["W"], "travels", MACHINE.cases(SEND), "after", (("not", (exchange != TRAVELLING,)),)),
    Claim(NORMS["W"], "tracked once", MACHINE.cases(TRACK), "at", (("tracked", (book == TRACKED,)),)),
    Claim(NORMS["W"], "dropped once", MACHINE.cases(DROP), "at", (("untracked", (book == UNTRACKED,)),)),
    Claim(NORMS["W"], "tracked", MACHINE.cases(TRACK), "after", (("not", (book == UNTRACKED,)),)),
    Claim(NORMS["W"], "dropped", MACHINE.cases(DROP), "after", (("not", (book == TRACKED,)),)),
)
"""What the norms ask of single steps: no promise to users, but without these a promise could hold because nothing
happens (an orphan that never ages is never cancelled wrongly)."""
