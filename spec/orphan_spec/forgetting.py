"""When the judge forgets what it remembers.

Three rules. Nothing is held longer than it can matter: a window until a sync or cleanup has passed its end, a registration
and a cancel until the link horizon has passed them, an OID until nothing protects it and no snapshot shows it unclaimed.
What is held beyond that, only so that a very late event is recognised, is a fixed number of records (`REMNANTS`). And
nothing is looked through: what expires stands in the order in which it does.
"""

from orphan_spec.cancels import REMNANTS
from orphan_spec.findings import Finding
from orphan_spec.history import Expectation, Life, Order
from orphan_spec.memory import Memory


def sweep(memory: Memory, t: int) -> None:
    """A sync or a cleanup is over: what had ended before it protects no longer."""
    while memory.windows and memory.windows[0][0] <= t:
        _release_window(memory, memory.windows.popleft(), t)
    for cloid in memory.ended:
        _release(memory, memory.expectations[cloid], t)
    memory.ended.clear()
    while memory.news and memory.news[0][0] <= t:
        _release_news(memory, memory.news.popleft(), t)
    if memory.unswept:
        memory.unswept, memory.floor = False, t


def expire(memory: Memory, t: int) -> list[Finding]:
    """Forgets what can no longer matter at t, and returns what is thereby certain; to be called when t is past `due`."""
    _forget_unswept(memory, t)
    while memory.released and memory.released[0][0] + memory.keep < t and _past_evidence(memory, memory.released[0][0]):
        _forget_released(memory, memory.released.popleft())
    while len(memory.witnessed) > REMNANTS and memory.witnessed[0][0] + memory.horizon < t:
        _, cloid, opened = memory.witnessed.popleft()
        expectation = memory.expectations.get(cloid)
        if expectation is not None and expectation.opened == opened:
            del memory.expectations[cloid]
    findings, due = memory.cancels.expire(t)
    memory.due = t + memory.keep // 8 if due is None else min(due, t + memory.keep // 8)
    return findings


def restart(memory: Memory, t: int) -> None:
    """The client starts anew: of what it knew, only what decides its earlier cancels and drops is left."""
    for expectation in memory.expectations.values():
        memory.end(expectation, t, surely=False)
        _release(memory, expectation, t)
    remembered = (*memory.parked.values(), *memory.orders.values())
    for kept in (memory.orders, memory.candidates, memory.missing, memory.parked, memory.ended):
        kept.clear()
    memory.windows.clear()
    memory.news.clear()
    for order in remembered:
        if order.life.truth is not None or order.first_heard >= 0:
            life = Life(order.life.truth, once=order.first_heard)
            memory.parked[order.oid] = Order(order.oid, life=life)
    while len(memory.parked) > REMNANTS:
        memory.parked.popitem(last=False)
    memory.listed({}, frozenset(), -1)
    memory.floor, memory.unswept, memory.unfinished = t, False, False


def _past_evidence(memory: Memory, released_at: int) -> bool:
    """No listing to come can be as early as that; where too many wait for one, the floor remembers for them."""
    if memory.latest_as_of > released_at:
        return True
    if len(memory.released) <= REMNANTS:
        return False
    memory.floor = max(memory.floor, released_at)
    return True


def _forget_unswept(memory: Memory, t: int) -> None:
    while len(memory.windows) > REMNANTS and memory.windows[0][0] + memory.keep < t:
        memory.unswept = True
        _release_window(memory, memory.windows.popleft(), t)
    while len(memory.news) > REMNANTS and memory.news[0][0] + memory.keep < t:
        memory.unswept = True
        _release_news(memory, memory.news.popleft(), t)


def _forget_released(memory: Memory, entry: tuple[int, str, int]) -> None:
    released_at, cloid, opened = entry
    expectation = memory.expectations.get(cloid)
    if expectation is None or expectation.opened != opened or expectation.held:
        return
    if expectation.released_at != released_at:
        return
    if expectation.witnessed or expectation.past:
        memory.witnessed.append(entry)
    else:
        del memory.expectations[cloid]


def _release_window(memory: Memory, entry: tuple[int, str, int], t: int) -> None:
    _, cloid, opened = entry
    expectation = memory.expectations.get(cloid)
    if expectation is not None and expectation.opened == opened:
        memory.ended.pop(cloid, None)
        _release(memory, expectation, t)


def _release(memory: Memory, expectation: Expectation, t: int) -> None:
    if not expectation.held:
        return
    expectation.held, expectation.released_at = False, t
    if expectation.ended is None:
        expectation.witnessed = memory.cancels.last > expectation.opened
    if expectation.links:
        for oid in expectation.links:
            memory.resettle(oid)
        expectation.links = {}
    memory.released.append((t, expectation.cloid, expectation.opened))


def _release_news(memory: Memory, entry: tuple[int, str], t: int) -> None:
    until, oid = entry
    order = memory.orders.get(oid)
    if order is None:
        return
    acknowledged, finalized = order.acknowledged, order.finalized
    if acknowledged.held and acknowledged.loose_until <= until:
        acknowledged.held, order.bar = False, t
    if finalized.held and finalized.loose_until <= until:
        finalized.held, order.bar = False, t
    if not (acknowledged.held or finalized.held):
        memory.settle(order)
