"""The reference in lockstep with the machine, over every state that the two can reach together.

Two rules. A step of the machine is one operation of the tracker; whatever the machine says about it afterwards (decided,
protected, aging, remembered) must be what is seen of the tracker, and the first difference, on a shortest run, ends the
search. And the search ends only at a fixpoint: both sides are told apart by their normal forms, of which there are finitely
many, so what holds in all of them holds for runs of every length.

The world is the machine's own, where listings tell the truth (A3, A7), or a *free* one that contains it: every operation at
every time, and every listing at every sync. There are fewer states in a free world, for nothing is remembered of it. A sync
is two steps, as the machine's is: the decision, and the second look before the cancel. Left out are other OIDs of the CLOID,
foreign orders and restarts (a new tracker is where every run begins).
"""

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any, Final, NamedTuple

from orphan_proofs.compiled import LocalState, compile_machine
from orphan_spec.fields import ABSENT, CLOID, ENDED, LISTED, NO, RESTING, TRACKED, UNTRACKED, YES
from orphan_spec.machine import MACHINE
from tracker_kit import Constants, Kit
from tracker_state import clone, normal_form

Operation = tuple[Any, ...]
"""What the tracker is told: the name of an event, and the order or, for a sync, how each order is listed."""

CHANGES: Final = frozenset({"REGISTER", "RECORD_OID", "FINALIZE", "FAIL", "CLEAR", "LEARN_END", "ACT"})
"""The events that a tracker hears of for one order."""

UNTRIED: Final = frozenset(
    {"LINK_SIBLING", "FINALIZE_SIBLING", "APPEAR_FOREIGN", "RESTART", "FETCH_FAILS", "FILL", "TIMEOUT"}
)
"""Events that are not tried; what a failed fetch does is asked at every sync."""

HEARD_BY_ALL: Final = frozenset({"PASS_TIME", "CLEANUP", "SYNC"})

LISTINGS: Final = {
    "shown": (LISTED.code, UNTRACKED.code),
    "shown, tracked": (LISTED.code, TRACKED.code),
    "absent": (ABSENT.code, UNTRACKED.code),
}
"""How a sync may meet an order in a free world: what the snapshot says, and what the local book says."""

ANYWHERE: Final = {"exchange": RESTING.code, "book": UNTRACKED.code, "awaited": NO.code, "rested_at": 0, "ended_at": 0}
"""What is put for the world where it is free: everything but SEND, ACCEPT and REJECT can happen in it."""

LIMIT: Final = 2_000_000
"""More states than any exploration here has; a tracker that exceeds it does not forget."""


class DivergenceError(AssertionError):
    """Tracker and machine differ; the message is the shortest run and what differs."""


class Facts(NamedTuple):
    """What is said about one order in one state."""

    protected: bool
    candidate: bool
    aging: bool


class Memories(NamedTuple):
    """What is remembered about one order after a cleanup."""

    expected: bool
    heard: bool
    linked: bool
    acknowledged: bool
    finalized: bool


class Moved(NamedTuple):
    """One step of one order."""

    name: str
    event: str
    target: int
    decision: str | None = None
    """keep or cancel, of a sync that lists the order outside the local book."""
    listed: str = ""
    """How the sync meets the order."""


class Order:
    """One order of the machine: its states by number."""

    def __init__(self, constants: Mapping[str, int], without: Sequence[str], free: bool) -> None:
        self._compiled = compile_machine(MACHINE, constants, [])
        self._place = {variable.name: place for place, variable in enumerate(self._compiled.fields)}
        self._without = UNTRIED.union(without)
        self._free = free
        self._codes: dict[LocalState, int] = {}
        self.states: list[LocalState] = []
        self._moves: dict[int, tuple[list[Moved], dict[str, list[Moved]]]] = {}
        self._seen: dict[int, tuple[Facts, Memories]] = {}
        self._code(self._compiled.start)

    def _code(self, state: LocalState) -> int:
        if self._free:
            state = self._with(state, ANYWHERE)
        code = self._codes.setdefault(state, len(self.states))
        if code == len(self.states):
            self.states.append(state)
        return code

    def _with(self, state: LocalState, values: Mapping[str, int]) -> LocalState:
        fields = list(state)
        for name, value in values.items():
            if name in self._place:
                fields[self._place[name]] = value
        return tuple(fields)

    def moves(self, code: int) -> tuple[list[Moved], dict[str, list[Moved]]]:
        """The steps that it takes alone, and by event those that it may take with all others."""
        known = self._moves.get(code)
        if known is None:
            alone: list[Moved] = []
            together: dict[str, list[Moved]] = {}
            for moved in self._steps(self.states[code]):
                if moved.event not in HEARD_BY_ALL:
                    alone.append(moved)
                else:
                    together.setdefault(moved.event, []).append(moved)
            known = self._moves[code] = alone, together
        return known

    def _steps(self, state: LocalState) -> Iterator[Moved]:
        worlds = (
            [(how, self._with(state, {"book": book})) for how, (_, book) in LISTINGS.items()]
            if self._free
            else [("", state)]
        )
        for number, later in self._compiled.steps(state):
            action = self._compiled.moves[number].action
            event = action.event.name
            if event in ("SYNC", *self._without) or (event == "ACT" and self._free):
                continue
            if event in CHANGES or event in HEARD_BY_ALL or not self._free:
                yield Moved(action.name, event, self._code(later), action.decision)
        if self._free:
            yield from self._happens("LEARN_END", self._with(state, {"exchange": ENDED.code}))
        for how, met in worlds:
            yield from self._syncs(met, how)
            if self._free and how != "absent":
                yield from self._happens("ACT", met)

    def _syncs(self, state: LocalState, how: str) -> Iterator[Moved]:
        resting = state[self._place["exchange"]] == RESTING.code
        tracked = state[self._place["book"]] == TRACKED.code
        shown = LISTINGS[how][0] if how else (LISTED if resting else ABSENT).code
        listed = how or ("shown" if resting else "absent") + (", tracked" if tracked else "")
        for number, later in self._compiled.steps(state):
            move = self._compiled.moves[number]
            if move.action.event.name == "SYNC" and move.inputs == {"as_of": 0, "shown": shown}:
                yield Moved(move.action.name, "SYNC", self._code(later), move.action.decision, listed)

    def _happens(self, event: str, state: LocalState) -> Iterator[Moved]:
        """The event in a world that is put for it, if it is tried."""
        for number, later in self._compiled.steps(state) if event not in self._without else ():
            action = self._compiled.moves[number].action
            if action.event.name == event:
                yield Moved(action.name, event, self._code(later), action.decision)

    def facts(self, code: int) -> Facts:
        return self._of(code)[0]

    def memories(self, code: int) -> Memories:
        return self._of(code)[1]

    def _of(self, code: int) -> tuple[Facts, Memories]:
        known = self._seen.get(code)
        if known is None:
            now = self._compiled.named(self.states[code])
            heard, linked, yes = now["heard_until"] > 0, now["linked_until"] > 0, YES.code
            facts = Facts(heard or linked, now["candidate"] == yes, now["aging"] == yes)
            remembered = now["acknowledged"] == yes, now["finalized"] == yes
            memories = Memories(now["expected_until"] > 0, heard, linked, *remembered)
            known = self._seen[code] = facts, memories
        return known


class Answer(NamedTuple):
    """What is seen of the tracker when it is told something."""

    target: int
    notices: tuple[str, ...]
    reasons: tuple[str | None, ...]
    """Why it kept or cancelled each order, by place; None for what was no candidate."""
    aged: tuple[bool, ...]


class Tracker:
    """The real tracker: its states by number, each held by the first tracker that reached it."""

    def __init__(self, kit: Kit, constants: Mapping[str, int], orders: int) -> None:
        self._module = kit.module
        self._shows_cloids = constants["observe"] == CLOID.code
        self._names = tuple((f"c{place}", f"7{place}") for place in range(orders))
        scaled = Constants(constants["grace"], constants["ttl"], constants["protection"])
        self._codes: dict[Hashable, int] = {}
        self._held: list[tuple[Any, int]] = []
        self._answers: dict[tuple[int, Operation], Answer] = {}
        self._facts: dict[int, tuple[Facts, ...]] = {}
        self._code(kit.desk(scaled).tracker, 0)

    def __len__(self) -> int:
        return len(self._held)

    def _code(self, tracker: Any, now: int) -> int:
        code = self._codes.setdefault(normal_form(tracker, now, confirms=True), len(self._held))
        if code == len(self._held):
            self._held.append((tracker, now))
        return code

    def told(self, code: int, operation: Operation) -> Answer:
        """What it answers in a state, and where that leads."""
        answer = self._answers.get((code, operation))
        if answer is None:
            answer = self._answers[code, operation] = self._tell(code, operation)
        return answer

    def _tell(self, code: int, operation: Operation) -> Answer:
        tracker, now = self._held[code]
        twin = clone(tracker)
        nothing = (None,) * len(self._names), (False,) * len(self._names)
        notices: tuple[Any, ...] = ()
        match operation:
            case ("PASS_TIME",):
                return Answer(self._code(twin, now + 1), (), *nothing)
            case ("CLEANUP",):
                twin.cleanup(now)
            case ("SYNC", listed):
                return self._sync(twin, now, listed)
            case ("REGISTER", place):
                notices = twin.register_expected_cloids([self._names[place][0]], now)
            case ("RECORD_OID", place):
                notices = twin.record_oid_for_cloid(*self._names[place], now)
            case ("FINALIZE", place):
                notices = twin.mark_finalized(*self._names[place], now)
            case ("FAIL", place):
                notices = twin.mark_failed(self._names[place][0], now)
            case ("CLEAR", place):
                notices = twin.clear_orphan(self._names[place][1], now)
            case ("LEARN_END", place):
                notices = twin.mark_ended(self._names[place][1], now)
            case ("ACT_CANCELS" | "ACT_RELENTS" as name, place):
                oid = self._names[place][1]
                decision = twin.confirm([oid], [oid] if name == "ACT_RELENTS" else [], now)
                aged = tuple(oid in decision.aged for _, oid in self._names)
                return Answer(self._code(twin, now), (), nothing[0], aged)
            case _:
                raise AssertionError(operation)
        return Answer(self._code(twin, now), tuple(notice.kind.name for notice in notices), *nothing)

    def _sync(self, tracker: Any, now: int, listed: tuple[str, ...]) -> Answer:
        shown = [self._open_order(*names) for names, how in zip(self._names, listed, strict=True) if "shown" in how]
        local = [oid for (_, oid), how in zip(self._names, listed, strict=True) if "tracked" in how]
        failed = tracker.filter_aged_orphans(self._module.SafetyAuditor.find_orphans(None, local), now)
        assert (failed.aged, failed.explanations) == ((), ()), "a failed fetch decides"
        decision = tracker.filter_aged_orphans(self._module.SafetyAuditor.find_orphans(shown, local), now, now)
        why = {explanation.oid: explanation.reason.name for explanation in decision.explanations}
        reasons = tuple(why.get(oid) for _, oid in self._names)
        return Answer(self._code(tracker, now), (), reasons, tuple(oid in decision.aged for _, oid in self._names))

    def _open_order(self, cloid: str, oid: str) -> Any:
        order = self._module.OpenOrder
        return order(oid, cloid) if self._shows_cloids else order(oid)

    def facts(self, code: int) -> tuple[Facts, ...]:
        """What it says about each order."""
        known = self._facts.get(code)
        if known is None:
            tracker, now = self._held[code]
            twin = clone(tracker)
            protected = twin.protected_oids(now)
            known = self._facts[code] = tuple(
                Facts(oid in protected, oid in twin._memory.candidates, oid in twin._first_seen)
                for _, oid in self._names
            )
        return known

    def memories(self, code: int) -> tuple[Memories, ...]:
        """What it remembers of each order."""
        memory = self._held[code][0]._memory
        found = []
        for cloid, oid in self._names:
            order = memory.orders.get(oid)
            remembered = (
                order is not None and order.acknowledged_until >= 0,
                order is not None and (order.finalized_until >= 0),
            )
            found.append(Memories(cloid in memory.windows, oid in memory.heard_until, oid in memory.links, *remembered))
        return tuple(found)


State = tuple[int, ...]
"""The numbers of the orders' states, then that of the tracker's."""


@dataclass
class Lockstep:
    """The product of a network of orders and a tracker; `explore` sees all of it, or raises DivergenceError."""

    kit: Kit
    constants: Mapping[str, int]
    orders: int = 1
    without: tuple[str, ...] = ()
    """Events that do not happen."""
    free: bool = False
    """Whether the world is free."""
    _parents: dict[State, tuple[State, str] | None] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        self.order = Order({**self.constants, "latency": 0, "age": 0}, self.without, self.free)
        self.tracker = Tracker(self.kit, self.constants, self.orders)

    def explore(self) -> "Explored":
        """Every state that machine and tracker reach together."""
        start = (0,) * (self.orders + 1)
        self._parents = {start: None}
        queue = [start]
        for state in queue:  # grows while it is read
            for label, later in self._steps(state):
                if later not in self._parents:
                    self._parents[later] = state, label
                    self._compare_facts(state, label, later)
                    queue.append(later)
            if len(queue) > LIMIT:
                raise DivergenceError(f"more than {LIMIT} states: the tracker does not forget")
        return Explored(len(queue), len({state[:-1] for state in queue}), len(self.tracker))

    def _steps(self, state: State) -> Iterator[tuple[str, State]]:
        codes, held = state[:-1], state[-1]
        together = []
        for place, code in enumerate(codes):
            alone, joint = self.order.moves(code)
            together.append(joint)
            for moved in alone:
                label = moved.name if self.orders == 1 else f"{moved.name} of order {place}"
                heard = held
                if moved.event in CHANGES:
                    answer = self._told(state, label, (moved.name if moved.event == "ACT" else moved.event, place))
                    heard = answer.target
                    contradicted = moved.name == "FAIL_CONTRADICTED"
                    if answer.aged[place] != (moved.decision == "cancel"):
                        raise self._divergence(state, label, f"on a second look, aged is {answer.aged[place]}")
                    if ("FAILED_WITH_OID" in answer.notices) != contradicted:
                        raise self._divergence(state, label, f"notices {answer.notices}, {contradicted=}")
                yield label, (*codes[:place], moved.target, *codes[place + 1 :], heard)
        for event in together[0]:
            for moves in product(*(joint[event] for joint in together)):
                yield self._joint(state, event, moves)

    def _joint(self, state: State, event: str, moves: Sequence[Moved]) -> tuple[str, State]:
        if event == "SYNC":
            label = f"SYNC: {', '.join(moved.name for moved in moves)}"
            answer = self._told(state, label, ("SYNC", tuple([moved.listed for moved in moves])))
            targets = [self._decided(state, label, moved, answer, place) for place, moved in enumerate(moves)]
            return label, (*targets, answer.target)
        answer = self._told(state, event, (event,))
        targets = [moved.target for moved in moves]
        if event == "CLEANUP":
            said = tuple(map(self.order.memories, targets))
            found = self.tracker.memories(answer.target)
            if found != said:
                raise self._divergence(state, event, f"machine {said}\ntracker {found}")
        return event, (*targets, answer.target)

    def _decided(self, state: State, label: str, moved: Moved, answer: Answer, place: int) -> int:
        """Compares what the sync decided about one order; answers where the machine goes on."""
        reason, aged = answer.reasons[place], answer.aged[place]
        found = None if reason is None else "cancel" if reason == "AGED" else "keep"
        if found != moved.decision or aged != (moved.decision == "cancel"):
            saw = f"machine {moved.name} ({moved.decision}), tracker {reason} (aged {aged})"
            raise self._divergence(state, label, f"order {place}: {saw}")
        return moved.target

    def _told(self, state: State, label: str, operation: Operation) -> Answer:
        try:
            return self.tracker.told(state[-1], operation)
        except Exception as exception:
            raise self._divergence(state, label, f"the tracker raises {exception!r}") from exception

    def _compare_facts(self, state: State, label: str, later: State) -> None:
        said = tuple(map(self.order.facts, later[:-1]))
        found = self.tracker.facts(later[-1])
        if found != said:
            raise self._divergence(state, label, f"machine {said}\ntracker {found}")

    def _divergence(self, state: State, label: str, what: str) -> DivergenceError:
        labels = [label]
        parent = self._parents[state]
        while parent is not None:
            state, label = parent
            labels.insert(0, label)
            parent = self._parents[state]
        t, lines = 0, []
        for name in labels:
            t += name == "PASS_TIME"
            lines.append(f"  {t:>3}  {name}")
        numbers = " ".join(f"{name}={value}" for name, value in self.constants.items())
        return DivergenceError(f"{numbers}\n" + "\n".join(lines) + f"\n{what}")


class Explored(NamedTuple):
    """How much an exploration saw."""

    states: int
    """Distinct states of machine and tracker together."""
    machine: int
    """Distinct states of the machine among them."""
    tracker: int
    """Distinct normal forms of the tracker among them."""


def scaled(grace: int, ttl: int, protection: int, observe: int) -> dict[str, int]:
    """Constants by name."""
    return {"grace": grace, "ttl": ttl, "protection": protection, "observe": observe}


def check_lockstep(kit: Kit) -> None:
    """Runs a tracker in lockstep with one order, in both ways to observe, and raises DivergenceError where they differ."""
    for observe in (0, 1):
        Lockstep(kit, scaled(2, 3, 2, observe)).explore()
