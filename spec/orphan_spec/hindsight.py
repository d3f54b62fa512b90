"""What a link learned later says about an earlier cancel.

Two rules. The cancel is judged by what was expected when it was sent, not when the link came. A link that comes after the
horizon is a caution that names both lines; one that belongs to a newer registration than the order says nothing. A missed cancel
is forgiven where the order proves to have been in flight.
"""

from orphan_spec.findings import Caution, Finding, Violation, seconds
from orphan_spec.history import Flight, Pending
from orphan_spec.memory import Memory


def linked_later(memory: Memory, oid: str, cloids: tuple[str, ...], t: int, line: int) -> list[Finding]:
    """Links an OID to CLOIDs and decides the cancels of it that are still remembered."""
    if oid not in memory.cancels.named():
        return []
    found: list[Finding] = []
    for expectation in filter(None, map(memory.expectations.get, cloids)):
        for serial, pending, late in memory.cancels.awaiting(oid):
            flight = expectation.flight_covering(pending.seq, pending.t)
            if flight is None or _elder(memory, oid, flight):
                continue
            memory.cancels.resolve(serial)
            if pending.missed:
                continue
            hindsight = _linked_too_late if late else _in_hindsight
            found.append(hindsight(pending, expectation.cloid, flight, t, line))
    return found


def _elder(memory: Memory, oid: str, flight: Flight) -> bool:
    """The order was heard of before the registration, so that it is not the order that was registered."""
    order = memory.known(oid)
    return order is not None and 0 <= order.first_heard < flight.chain


def _in_hindsight(pending: Pending, cloid: str, flight: Flight, t: int, line: int) -> Finding:
    guarantee = "S2" if pending.acknowledged else "S3"
    message = (
        f"order {pending.oid} cancelled at {seconds(pending.t)}, but line {line} shows that it was CLOID {cloid}, "
        f"registered at {seconds(flight.registered_at)} (line {flight.line}) and expected until {seconds(flight.until)}"
    )
    return Violation(guarantee, pending.t, pending.line, pending.oid, cloid, flight.until, line, message)


def _linked_too_late(pending: Pending, cloid: str, flight: Flight, t: int, line: int) -> Finding:
    message = (
        f"order {pending.oid} cancelled at {seconds(pending.t)} (line {pending.line}) is shown to be CLOID {cloid} "
        f"in line {line}, after the link horizon; it was expected until {seconds(flight.until)}"
    )
    return Caution("late_link", t, line, pending.oid, cloid, pending.line, message)
