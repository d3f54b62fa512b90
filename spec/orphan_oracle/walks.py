"""Lives walked on the machine: nothing happens in them that the law does not allow, and everything that it allows happens.

Three rules. Each step is an enabled event of the machine, answered by its one enabled case; what a client says becomes a step
of the scenario, and what only the exchange knows shows in the next listing. No two syncs share an instant, for one `as_of` is
one snapshot. Where answers have to come in time, time does not pass an answer that is due, and nobody gives up an order that
may be resting.
"""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from typing import Final, NamedTuple

from orphan_oracle.fairness import World, askable
from orphan_oracle.scenario import Scenario
from orphan_spec.automaton import Action, State
from orphan_spec.automaton import Event as Doing
from orphan_spec.constants import Constants, Environment
from orphan_spec.events import (
    BASIC,
    NAMES,
    NOT_STATED,
    Cleanup,
    Clear,
    Event,
    Fail,
    Finalize,
    OpenOrder,
    RecordOid,
    Register,
    Sync,
)
from orphan_spec.fields import ABSENT, CLOID, LISTED, NOWHERE, OID, RESTING, TRACKED, UNTRACKED, YES
from orphan_spec.machine import MACHINE
from orphan_spec.terms import Term, fold

Choose = Callable[[int], int]
"""Chooses one of so many: `random.Random(seed).randrange`, or a draw of Hypothesis."""

SAID: Final[dict[str, Callable[[int, str, str], Event]]] = {
    "REGISTER": lambda t, cloid, _: Register(t, (cloid,)),
    "RECORD_OID": RecordOid,
    "FINALIZE": Finalize,
    "FAIL": lambda t, cloid, _: Fail(t, cloid),
    "CLEAR": lambda t, _, oid: Clear(t, oid),
    "CLEANUP": lambda t, *_: Cleanup(t),
}
"""What a tracker hears of an event, besides the sync."""

UNHEARD: Final = frozenset({"PASS_TIME", "SEND", "ACCEPT", "REJECT", "APPEAR", "END", "TRACK", "DROP"})
"""Events of which it sees no more than what a listing, the local book and the instants show."""

UNWALKED: Final = frozenset(
    {"APPEAR_FOREIGN", "FILL", "FILL_AT_ONCE", "TIMEOUT", "LINK_SIBLING", "FINALIZE_SIBLING", "LEARN_END"}
    | {"RESTART", "FETCH_FAILS", "ACT"}
)
"""Events that are left to scenarios of other families: other OIDs of the CLOID, foreign orders, ends that are learned, a
restart, a sync in two steps."""

UNTOLD: Final = frozenset({"condemned", "latest_as_of", "known_until", "covered_until"})
"""Fields of the tracker that the others determine, where snapshots show the present and a sync acts at once."""

SHOWN: Final = {True: {"shown": LISTED.code}, False: {"shown": ABSENT.code}}
"""What a listing of now shows of an order, by whether it rests."""

FAVOURED: Final = {"SYNC": 5, "PASS_TIME": 4}
"""How many times as often as another event these are chosen."""

TOURED: Final = {"cloid": Constants(2, 4, 3), "oid": Constants(3, 2, 1)}
"""The constants of tours: small, with an instant below every boundary; with OIDs only the TTL is below the grace, so that S3
holds for every latency."""

SHARED: Final = "now"

TIMES: Final = tuple(variable.name for variable in MACHINE.fields if variable.sort == "time")


class Case(NamedTuple):
    """One case of an event, ready to be asked many times."""

    holds: Callable[[State], bool]
    changes: Callable[[State], State]


def _python(term: Term) -> str:
    """The term as Python over a state `s`."""
    return fold(
        term,
        variable=lambda v: f"s[{v.name!r}]",
        value=lambda v: str(v.code),
        plus="({} + {})".format,
        minus="({} - {})".format,
        maximum="max({}, {})".format,
        minimum="min({}, {})".format,
    )


def _case(action: Action) -> Case:
    guard = " and ".join(f"{_python(c.left)} {c.relation} {_python(c.right)}" for c in action.guard) or "True"
    changes = ", ".join(f"{change.field.name!r}: {_python(change.term)}" for change in action.effects)
    holds, changed = eval(f"(lambda s: {guard}, lambda s: {{{changes}}})")
    return Case(holds, changed)


@cache
def _cases() -> dict[str, tuple[Case, ...]]:
    """The cases of each event, by its name."""
    return {event.name: tuple(_case(action) for action in MACHINE.cases(event)) for event in MACHINE.events}


class Walker:
    """Who walks: with which constants, what listings show, and which latency the world allows."""

    def __init__(
        self, constants: Constants, observe: str, limit: int | None = None, vocabulary: Sequence[str] = BASIC
    ) -> None:
        self.constants, self.observe, self.limit, self.vocabulary = constants, observe, limit, vocabulary
        self.parameters = {
            "grace": constants.orphan_grace_period,
            "ttl": constants.expected_cloid_ttl,
            "protection": constants.finalized_protection_period,
            "latency": 0 if limit is None else limit - 1,
            "age": 0,
            "observe": (CLOID if observe == "cloid" else OID).code,
        }
        self.answers = NAMES[RecordOid] in vocabulary
        self.start = self.parameters | MACHINE.start(self.parameters)
        walked = [event for event in MACHINE.events if event.name not in UNWALKED]
        self.events = tuple(event for event in walked if _word(event) in (None, *vocabulary))

    def step(self, event: Doing, state: State, delay: int = 1) -> State | None:
        """The state after the event; None where it cannot happen. A state holds the parameters too."""
        if self.limit is not None and not (_in_time(event, state, delay) and (self.answers or not _asks(event, state))):
            return None
        known = SHOWN[state["exchange"] == RESTING.code] | state | {"delay": delay, "as_of": state[SHARED]}
        for case in _cases()[event.name]:
            if case.holds(known):
                later = known | case.changes(known)
                del later["shown"]
                return later
        return None


def _word(event: Doing) -> str | None:
    """What the event is called in a trace; None where a tracker does not hear of it."""
    if event.name == "SYNC":
        return NAMES[Sync]
    return None if event.name not in SAID else NAMES[type(SAID[event.name](0, "", ""))]


def _in_time(event: Doing, state: State, delay: int) -> bool:
    """Whether an answer still comes in time (A4), and no order that may be resting is given up (A8)."""
    awaited = state["awaited"] == YES.code
    under_way = awaited and state["exchange"] != NOWHERE.code
    if event.name == "PASS_TIME":
        return not under_way or state[SHARED] + delay <= state["answer_due"]
    return not (under_way and event.name in ("REGISTER", "FAIL"))


def _asks(event: Doing, state: State) -> bool:
    """Whether an answer has to come after the event: somebody waits for it, and the exchange has the order."""
    return event.name == "ACCEPT" or (event.name == "REGISTER" and state["exchange"] != NOWHERE.code)


def walk(walker: Walker, choose: Choose, orders: int, steps: int, name: str) -> Scenario:
    """A life of so many orders, of at least so many steps; every choice is asked for."""
    states, options = [walker.start] * orders, _options(walker.events, orders)
    unsynced = [option for option in options if option[0].name != "SYNC"]
    told, synced = list[Event](), False
    while len(told) < steps:
        event, order = unsynced[choose(len(unsynced))] if synced else options[choose(len(options))]
        delay = _delay(states, walker.constants, choose) if event.name == "PASS_TIME" else 1
        taking = range(orders) if event.scope == "all" else (order,)
        later = [state for one in taking if (state := walker.step(event, states[one], delay)) is not None]
        if len(later) < len(taking):
            continue
        synced = event.name == "SYNC" or (synced and event.name != "PASS_TIME")
        told += _told(event, order, states, walker)
        states = later if event.scope == "all" else [*states[:order], *later, *states[order + 1 :]]
    return _scenario(name, [*told, *_answers(states, walker)], walker)


def _options(events: Sequence[Doing], orders: int) -> list[tuple[Doing, int]]:
    """What may be chosen: each event of each order; first, and several times, what moves a life on."""
    ranked = sorted(events, key=lambda event: -FAVOURED.get(event.name, 0))
    return [(event, order) for event in ranked for order in range(orders) for _ in range(FAVOURED.get(event.name, 1))]


def _delay(states: list[State], constants: Constants, choose: Choose) -> int:
    """How long until one of the next instants at which something ends, or one nanosecond beside it."""
    now, grace = states[0][SHARED], constants.orphan_grace_period
    ends = {state[name] + extra for state in states for name in TIMES for extra in (0, grace)}
    near = sorted({end + beside for end in ends for beside in (-1, 0, 1) if end + beside > now})[:9]
    return (near[choose(len(near))] if near else now + 1) - now


def _told(event: Doing, order: int, states: list[State], walker: Walker) -> list[Event]:
    """What a tracker hears of an event."""
    now = states[0][SHARED]
    if event.name == "SYNC":
        return [_sync(states, walker)]
    return [SAID[event.name](now, f"c{order + 1}", str(order + 1))] if event.name in SAID else []


def _sync(states: list[State], walker: Walker) -> Sync:
    now, seen = states[0][SHARED], walker.observe == "cloid"
    numbered = list(enumerate(states, 1))
    resting = [number for number, state in numbered if _is_listed(state)]
    rows = tuple(OpenOrder(str(number), f"c{number}" if seen else NOT_STATED) for number in resting)
    return Sync(now, now, rows, tuple(str(number) for number, state in numbered if state["book"] == TRACKED.code))


def _is_listed(state: State) -> bool:
    """Whether the snapshot of now lists the order: as a tour will have it, else as the exchange has it."""
    return state.get("shown", LISTED.code if state["exchange"] == RESTING.code else ABSENT.code) == LISTED.code


def _answers(states: list[State], walker: Walker) -> list[Event]:
    """Where answers have to come, those that did not yet."""
    if walker.limit is None:
        return []
    due = [number for number, s in enumerate(states, 1) if s["awaited"] == YES.code and s["exchange"] != NOWHERE.code]
    return [RecordOid(states[0][SHARED], f"c{number}", str(number)) for number in due]


def _scenario(name: str, told: Sequence[Event], walker: Walker) -> Scenario:
    environment = Environment(observe="cloid" if walker.observe == "cloid" else "oid")
    return Scenario(name, tuple(told), walker.constants, environment)


# -- Every transition of one order -------------------------------------------------------------------------------------

Node = tuple[int, ...]


class Move(NamedTuple):
    """A step of a tour: an event, and how it meets the order."""

    event: Doing
    met: dict[str, int]


MET: Final = {
    "shown": {"exchange": RESTING.code, "shown": LISTED.code, "book": UNTRACKED.code},
    "tracked": {"exchange": RESTING.code, "shown": LISTED.code, "book": TRACKED.code},
    "absent": {"exchange": RESTING.code, "shown": ABSENT.code, "book": UNTRACKED.code},
}
"""How a sync may meet an order; a listing may lack one that rests."""


def _moves(walker: Walker) -> list[Move]:
    """What may happen in a tour: whatever a tracker hears, at any time, and every listing at every sync."""
    heard = [Move(event, MET["shown"]) for event in walker.events if event.name in (*SAID, "PASS_TIME")]
    return [*heard, *(Move(event, met) for event in walker.events if event.name == "SYNC" for met in MET.values())]


class Graph:
    """Every state of the tracker that one order brings it to, whatever the exchange does."""

    def __init__(self, walker: Walker) -> None:
        self.walker, self.moves = walker, _moves(walker)
        names = [variable.name for variable in MACHINE.fields if variable.role == "tracker"]
        self._names = [name for name in names if name not in (*UNTOLD, "changed_at")]
        self.start = self._node(walker.start, synced=False)
        self._states = {self.start: walker.start}
        self.edges: dict[Node, list[tuple[Move, Node]]] = {}
        self.way: dict[Node, tuple[Node, Move]] = {}
        """How each state is reached soonest: from which, and by which move."""
        self._explore()

    def _node(self, state: State, *, synced: bool) -> Node:
        return (*(state[name] for name in self._names), state["changed_at"] == state[SHARED], synced)

    def _explore(self) -> None:
        waiting = deque([self.start])
        while waiting:
            node = waiting.popleft()
            self.edges[node] = []
            for move in self.moves:
                sync, passing = move.event.name == "SYNC", move.event.name == "PASS_TIME"
                later = None if sync and node[-1] else self.walker.step(move.event, self._states[node] | move.met)
                if later is None:
                    continue
                later = self.walker.parameters | MACHINE.normal_form(later, self.walker.parameters)
                target = self._node(later, synced=sync or (bool(node[-1]) and not passing))
                self.edges[node].append((move, target))
                if target not in self._states:
                    self._states[target], self.way[target] = later, (node, move)
                    waiting.append(target)

    def path(self, node: Node) -> list[Move]:
        """The soonest run to a state."""
        run = list[Move]()
        while node != self.start:
            node, move = self.way[node]
            run.append(move)
        return run[::-1]


def tours(walker: Walker) -> Iterator[list[Move]]:
    """Runs of one order that together take every transition of the machine: the soonest way to one, then on and on."""
    graph = Graph(walker)
    left = {node: edges[::-1] for node, edges in graph.edges.items()}
    for beginning in graph.edges:
        while left[beginning]:
            run, node = graph.path(beginning), beginning
            while left[node]:
                move, node = left[node].pop()
                run.append(move)
            yield run


def toured(walker: Walker) -> Iterator[Scenario]:
    """The tours as scenarios, each with syncs at the end that tell what came of it; none that a tracker cannot tell apart."""
    seen = set[tuple[Event, ...]]()
    for number, run in enumerate(tours(walker)):
        state, told = walker.start, list[Event]()
        for event, met in run:
            state = state | met
            told += _told(event, 0, [state], walker)
            state = walker.step(event, state) or state
        steps = (*told, *_probes(state, walker))
        if steps not in seen:
            seen.add(steps)
            yield _scenario(f"tour/{walker.observe}/{number}", steps, walker)


@cache
def fair_tours(constants: Constants, observe: str, vocabulary: Sequence[str] = BASIC) -> tuple[Scenario, ...]:
    """The tours that a correct tracker can be asked: with OIDs only, an order rests after its registration (A8)."""
    in_time = World(response_latency_max=constants.expected_cloid_ttl - 1)
    told = toured(Walker(constants, observe, None, vocabulary))
    return tuple(scenario for scenario in told if observe == "cloid" or askable(scenario, in_time))


def _probes(state: State, walker: Walker) -> Iterator[Event]:
    """Syncs that show the order, until everything about it is over."""
    shown, constants = state | MET["shown"], walker.constants
    longest = max(constants.expected_cloid_ttl, constants.finalized_protection_period) + constants.orphan_grace_period
    for beyond in range(1, longest + 2):
        yield _sync([shown | {SHARED: state[SHARED] + beyond}], walker)
