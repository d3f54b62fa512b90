"""What the norms ask of single steps.

One rule. These are no promises to users, but what keeps a promise from holding because nothing happens: an orphan that
never ages is never cancelled wrongly, and an order that is never accepted never rests.
"""

from typing import Final

from orphan_spec.fields import (
    CLOID,
    ENDED,
    FOREIGN,
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
    heard_until,
    known_until,
    latency,
    latest_as_of,
    learned_at,
    linked,
    linked_until,
    now,
    observe,
    orphan_since,
    overtaken,
    owner,
    rested_at,
    shielded_until,
    ttl,
    unbroken_since,
)
from orphan_spec.guarantees import NORMS
from orphan_spec.machine import ACT, MACHINE
from orphan_spec.properties import CONDEMNS, KEEPS, Claim
from orphan_spec.world import (
    ACCEPT,
    APPEAR,
    APPEAR_FOREIGN,
    CLEAR,
    DROP,
    END,
    FAIL,
    FILL,
    FILL_AT_ONCE,
    FINALIZE,
    FINALIZE_SIBLING,
    LEARN_END,
    LINK_SIBLING,
    RECORD_OID,
    REGISTER,
    REJECT,
    RESTART,
    SEND,
    SYNC,
    TIMEOUT,
    TRACK,
)

_REGISTERS = MACHINE.cases(REGISTER)
_RECORDS = MACHINE.cases(RECORD_OID)
_FINALIZES = MACHINE.cases(FINALIZE)
_FIRST_RECORDS = tuple(a for a in _RECORDS if "AGAIN" not in a.name)
_LINKING_RECORDS = tuple(a for a in _RECORDS if a.name != "RECORD_AGAIN_IN_VAIN")
_FIRST_FINALIZES = tuple(a for a in _FINALIZES if "AGAIN" not in a.name)
_UNSHOWN = (MACHINE.action("SYNC_ABSENT"), MACHINE.action("SYNC_TRACKED"))
_KEEPS_PROTECTED = tuple(a for a in KEEPS if "PROTECTED" in a.name or "EXPECTED" in a.name)
_LISTED = (*KEEPS, *CONDEMNS)
_DECIDED = tuple(a for a in _LISTED if "UNDECIDED" not in a.name)
_COUNTED = tuple(a for a in MACHINE.cases(SYNC) if a.name != "SYNC_LATE")
_NEW = tuple(a for a in _LISTED if a.name.endswith(("SEES_ORPHAN", "AND_NEW", "OF_NEW")))
_CLEARS = tuple(a for a in MACHINE.cases(CLEAR) if a.name != "CLEAR_UNKNOWN")
_CHANGES = (
    *(*_RECORDS, *_FINALIZES, *MACHINE.cases(LEARN_END), *_CLEARS, MACHINE.action("FAIL_CONTRADICTED")),
    *(a for a in (*_REGISTERS, *MACHINE.cases(FAIL)) if a.name.endswith("BY_CLOID")),
    MACHINE.action("REGISTER_AGAIN_BY_OID"),
)
_ENDS = (*_FIRST_FINALIZES, *MACHINE.cases(FINALIZE_SIBLING), *(a for a in MACHINE.cases(FAIL) if "ENDS" in a.name))
_RESTART = MACHINE.cases(RESTART)

DUTIES: Final = (
    Claim(
        NORMS["N3"],
        "opens",
        _REGISTERS,
        "after",
        (
            ("expected", (expected_until < now + ttl,)),
            ("shown", (observe == CLOID, covered_until < now + ttl)),
            ("demanded", (expectation_until < now + ttl,)),
            ("due", (answer_due < now + latency,)),
            ("awaited", (awaited == NO,)),
        ),
    ),
    Claim(
        NORMS["N3"],
        "keeps its links",
        _REGISTERS,
        "after",
        (("linked", (now < linked_until, linked_until < now + ttl)),),
    ),
    Claim(
        NORMS["N3"],
        "stays known",
        tuple(a for a in _REGISTERS if "BESIDE" in a.name or "AGAIN" in a.name),
        "after",
        (("known", (known_until < now + ttl,)),),
    ),
    Claim(
        NORMS["N3"],
        "ends",
        _ENDS,
        "after",
        (
            ("expected", (now < expected_until,)),
            ("linked", (now < linked_until,)),
            ("shown", (now < covered_until,)),
            ("known", (now < known_until,)),
        ),
    ),
    Claim(
        NORMS["N3"],
        "settles",
        (*_FINALIZES, *MACHINE.cases(FAIL), *MACHINE.cases(FINALIZE_SIBLING)),
        "after",
        (("demanded", (now < expectation_until,)), ("linked", (linked == YES,)), ("awaited", (awaited == YES,))),
    ),
    Claim(
        NORMS["N3"],
        "links",
        _LINKING_RECORDS,
        "after",
        (
            ("by law", (linked == NO,)),
            ("by tracker", (now < expected_until, linked_until < expected_until)),
            ("known", (now < expected_until, known_until < expected_until)),
        ),
    ),
    Claim(
        NORMS["N3"],
        "is known through another",
        MACHINE.cases(LINK_SIBLING),
        "after",
        (("known", (now < expected_until, known_until < expected_until)),),
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
        _LISTED,
        "after",
        (
            ("linked", (now < covered_until, linked_until < covered_until)),
            ("known", (now < covered_until, known_until < covered_until)),
        ),
    ),
    Claim(
        NORMS["N4"], "acknowledged", _FIRST_RECORDS, "at", (("repeated", (now < acknowledged_until,)),), ("A1", "A10")
    ),
    Claim(NORMS["N4"], "finalized", _FIRST_FINALIZES, "at", (("repeated", (now < finalized_until,)),), ("A1", "A10")),
    Claim(
        NORMS["N4"],
        "forgotten",
        (*_NEW, *_RESTART),
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
    Claim(NORMS["N6"], "ages", _DECIDED, "after", (("age", (shielded_until <= now, aging == NO)),)),
    Claim(NORMS["N6"], "unshown", _UNSHOWN, "after", (("candidate", (candidate == YES,)), ("aging", (aging == YES,)))),
    Claim(
        NORMS["N6"],
        "breaks",
        (*_UNSHOWN, *_KEEPS_PROTECTED),
        "after",
        (("age", (aging == YES,)), ("law", (unbroken_since < as_of,)), ("decision", (condemned == YES,))),
    ),
    Claim(
        NORMS["N6"],
        "is broken by the client",
        (*_CLEARS, *MACHINE.cases(LEARN_END)),
        "after",
        (("age", (aging == YES,)), ("law", (unbroken_since < now,))),
    ),
    Claim(
        NORMS["N6"],
        "starts",
        tuple(a for a in KEEPS if a.name.endswith(("SEES_ORPHAN", "STARTS_AGE"))),
        "after",
        (("law", (unbroken_since < as_of,)), ("tracker", (orphan_since < as_of,))),
    ),
    Claim(
        NORMS["N6"],
        "does not start",
        tuple(a for a in KEEPS if a.name.endswith(("OF_NEW", "OF_UNAGED"))),
        "after",
        (("law", (unbroken_since < as_of,)), ("age", (aging == YES,))),
    ),
    Claim(
        NORMS["N7"],
        "changes",
        _CHANGES,
        "after",
        (
            ("noted", (changed_at < now,)),
            ("pardoned", (condemned == YES,)),
            ("by law", (overtaken == NO,)),
        ),
    ),
    Claim(
        NORMS["N7"],
        "decides only by later evidence",
        (*CONDEMNS, *(a for a in KEEPS if a.name.endswith(("SEES_ORPHAN", "STARTS_AGE")))),
        "at",
        (("older", (as_of <= changed_at,)), ("late", (as_of < latest_as_of,))),
    ),
    Claim(NORMS["N7"], "counts", _COUNTED, "after", (("latest", (latest_as_of < as_of,)),)),
    Claim(NORMS["N7"], "learns", MACHINE.cases(LEARN_END), "after", (("law", (learned_at < now,)),)),
    Claim(NORMS["N8"], "condemns", CONDEMNS, "after", (("not", (condemned == NO,)), ("anew", (overtaken == YES,)))),
    Claim(NORMS["N8"], "acts once", MACHINE.cases(ACT), "after", (("condemned", (condemned == YES,)),)),
    Claim(
        NORMS["W"],
        "forgets with the client",
        _RESTART,
        "after",
        (
            ("window", (now < expected_until,)),
            ("shown", (now < covered_until,)),
            ("known", (now < known_until,)),
            ("link", (now < linked_until,)),
            ("heard", (now < heard_until,)),
            ("candidate", (candidate == YES,)),
            ("age", (aging == YES,)),
            ("decision", (condemned == YES,)),
            ("snapshots", (latest_as_of < now,)),
            ("changes", (changed_at < now,)),
            ("awaited", (awaited == YES,)),
            ("book", (book == TRACKED,)),
        ),
    ),
    Claim(
        NORMS["W"],
        "accepted before it is known",
        (*_RECORDS, *_FINALIZES, *MACHINE.cases(TRACK)),
        "at",
        (("unaccepted", (exchange < RESTING,)),),
    ),
    Claim(NORMS["W"], "registered before it is sent", MACHINE.cases(SEND), "at", (("unregistered", (awaited == NO,)),)),
    Claim(NORMS["W"], "unknown while it is awaited", MACHINE.cases(TIMEOUT), "at", (("not", (awaited == NO,)),)),
    Claim(
        NORMS["W"],
        "sent once",
        (*MACHINE.cases(SEND), *MACHINE.cases(APPEAR), *MACHINE.cases(APPEAR_FOREIGN)),
        "at",
        (("known", (exchange > NOWHERE,)),),
    ),
    Claim(
        NORMS["W"],
        "nobody here awaits it",
        (*MACHINE.cases(APPEAR), *MACHINE.cases(APPEAR_FOREIGN)),
        "at",
        (("awaited", (awaited == YES,)),),
    ),
    Claim(
        NORMS["W"],
        "shown to be foreign",
        MACHINE.cases(APPEAR_FOREIGN),
        "at",
        (("unseen", (observe == OID,)),),
    ),
    Claim(NORMS["W"], "foreign", MACHINE.cases(APPEAR_FOREIGN), "after", (("not", (owner != FOREIGN,)),)),
    Claim(
        NORMS["W"],
        "ends once",
        (*MACHINE.cases(END), *MACHINE.cases(FILL)),
        "at",
        (("not resting", (exchange != RESTING,)),),
    ),
    Claim(
        NORMS["W"],
        "rests",
        (*MACHINE.cases(ACCEPT), *MACHINE.cases(APPEAR), *MACHINE.cases(APPEAR_FOREIGN)),
        "after",
        (("not", (exchange != RESTING,)), ("instant", (rested_at < now,))),
    ),
    Claim(
        NORMS["W"],
        "ended",
        (*MACHINE.cases(END), *MACHINE.cases(FILL_AT_ONCE)),
        "after",
        (("not", (exchange != ENDED,)), ("instant", (ended_at < now,))),
    ),
    Claim(
        NORMS["W"],
        "never rested",
        MACHINE.cases(FILL_AT_ONCE),
        "after",
        (("instant", (rested_at < now,)),),
    ),
    Claim(
        NORMS["W"],
        "still on its way",
        (*MACHINE.cases(ACCEPT), *MACHINE.cases(REJECT), *MACHINE.cases(FILL_AT_ONCE)),
        "at",
        (("not", (exchange != TRAVELLING,)),),
    ),
    Claim(NORMS["W"], "learned after it ended", MACHINE.cases(LEARN_END), "at", (("not", (exchange != ENDED,)),)),
    Claim(NORMS["W"], "refused", MACHINE.cases(REJECT), "after", (("not", (exchange != NOWHERE,)),)),
    Claim(NORMS["W"], "travels", MACHINE.cases(SEND), "after", (("not", (exchange != TRAVELLING,)),)),
    Claim(NORMS["W"], "tracked once", MACHINE.cases(TRACK), "at", (("tracked", (book == TRACKED,)),)),
    Claim(NORMS["W"], "dropped once", MACHINE.cases(DROP), "at", (("untracked", (book == UNTRACKED,)),)),
    Claim(NORMS["W"], "tracked", MACHINE.cases(TRACK), "after", (("not", (book == UNTRACKED,)),)),
    Claim(NORMS["W"], "dropped", MACHINE.cases(DROP), "after", (("not", (book == TRACKED,)),)),
)
"""What the norms ask of single steps: no promise to users, but without these a promise could hold because nothing
happens (an orphan that never ages is never cancelled wrongly)."""
