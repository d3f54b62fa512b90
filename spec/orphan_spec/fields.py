"""What a state of the machine is: parameters, time, and the fields of one order.

Two rules. Every window is the instant `..._until` at which it ends; one that has ended, or never opened, is one whose
`until` is not after `now`, so "not protected" is a conjunction. And an instant at or below its `floor` is as good as the
floor: with distances from `now`, that is the finite normal form.
"""

from typing import Final

from orphan_spec.terms import Maximum, Variable, choice

# -- Parameters: the constants of the user, and what he assumes about the world ----------------------------------------

grace = Variable("grace", "how long an order must have been an orphan before it is cancelled")
ttl = Variable("ttl", "how long a registered CLOID is expected")
protection = Variable("protection", "how long an OID just heard of is protected")
latency = Variable("latency", "the longest time from registration to the recorded answer (A4)")
age = Variable("age", "the longest time from the instant that a snapshot shows to its use (A3)")
observe = choice("observe", "what a listing shows", "OID CLOID", "parameter")
OID, CLOID = observe.values

# -- Shared by all orders, and chosen by the world ---------------------------------------------------------------------

now = Variable("now", "the instant of the operation", role="shared")
delay = Variable("delay", "how much time passes", role="input")
as_of = Variable("as_of", "the instant that the snapshot shows", role="input")
shown = choice("shown", "whether the snapshot lists the order", "ABSENT LISTED", "input")
ABSENT, LISTED = shown.values

_past = now - age - grace
"""An instant so early that no snapshot still to come can tell it from an earlier one."""

# -- The world ---------------------------------------------------------------------------------------------------------

exchange = choice(
    "exchange", "where the order stands at the exchange", "NOWHERE TRAVELLING RESTING ENDED", role="world"
)
NOWHERE, TRAVELLING, RESTING, ENDED = exchange.values
rested_at = Variable("rested_at", "when the order came to rest", floor=_past, role="world")
ended_at = Variable("ended_at", "when the order ended", floor=_past, role="world")
owner = choice("owner", "whose order it is", "OURS FOREIGN", role="world")
OURS, FOREIGN = owner.values
book = choice("book", "whether the OID is in the local book", "UNTRACKED TRACKED", role="world")
UNTRACKED, TRACKED = book.values
awaited = choice("awaited", "whether the client awaits the answer to a registration", "NO YES", role="world")
NO, YES = awaited.values
answer_due = Variable("answer_due", "the latest instant of the awaited answer (A4)", floor=now - grace, role="world")

# -- The tracker -------------------------------------------------------------------------------------------------------

expected_until = Variable("expected_until", "end of the CLOID's expected window", floor=now, role="tracker")
covered_until = Variable(
    "covered_until", "end of that window for whatever a listing shows with the CLOID", floor=now, role="tracker"
)
known_until = Variable("known_until", "end of that window if any OID is linked to it", floor=now, role="tracker")
linked_until = Variable("linked_until", "end of that window for this OID if it is linked", floor=now, role="tracker")
heard_until = Variable("heard_until", "end of the OID's heard-of window", floor=now, role="tracker")
acknowledged = choice("acknowledged", "whether a first acknowledgement is remembered", "NO YES", role="tracker")
finalized = choice("finalized", "whether a first finalization is remembered", "NO YES", role="tracker")
changed_at = Variable("changed_at", "the last local change of the order", floor=_past, role="tracker")
latest_as_of = Variable("latest_as_of", "as_of of the latest snapshot that counted", floor=_past, role="tracker")
candidate = choice("candidate", "whether that snapshot showed it outside the local book", "NO YES", "tracker")
aging = choice("aging", "whether it ages as an orphan", "NO YES", role="tracker")
orphan_since = Variable("orphan_since", "as_of of the snapshot from which it ages", floor=_past, role="tracker")
condemned = choice("condemned", "whether the latest sync decided to cancel it", "NO YES", role="tracker")

# -- The local book ----------------------------------------------------------------------------------------------------

booked_at = Variable("booked_at", "the last local change of its entry in the book", floor=_past, role="tracker")
missing = choice("missing", "whether the latest snapshots lack the tracked order", "NO YES", role="tracker")
missing_since = Variable("missing_since", "as_of of the first of these snapshots", floor=_past, role="tracker")
stale = choice("stale", "whether it is to be dropped", "NO YES", role="tracker")
told = choice("told", "whether the client has learned that it ended", "NO YES", role="tracker")

# -- The law -----------------------------------------------------------------------------------------------------------

answered = choice("answered", "whether the OID was ever recorded or finalized", "NO YES", role="law")
linked = choice("linked", "whether the OID was recorded for the present registration", "NO YES", role="law")
registered_until = Variable("registered_until", "TTL after the last registration", floor=now, role="law")
expectation_until = Variable("expectation_until", "end of what N3 demands", floor=now - grace, role="law")
acknowledged_until = Variable("acknowledged_until", "end of the first answer's window", floor=now - grace, role="law")
finalized_until = Variable("finalized_until", "end of the first finalization's window", floor=now - grace, role="law")
unbroken_since = Variable("unbroken_since", "since when nothing broke its age", floor=_past, role="law")
learned_at = Variable("learned_at", "when the client learned that it ended", floor=_past, role="law")
overtaken = choice("overtaken", "whether it changed locally since it was condemned", "NO YES", role="law")

protected_until: Final = Maximum(heard_until, linked_until)
"""What protects the OID whatever a listing says; while it lasts, the OID is also remembered."""

shielded_until: Final = Maximum(protected_until, covered_until)
"""What protects the OID at a sync that lists it."""
