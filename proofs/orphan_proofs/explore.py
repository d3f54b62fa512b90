"""Breadth-first exploration: every state that scaled constants allow, for one order and for several.

Three rules. One order is explored first, alone; a network is the product of that one table over whole-number codes, in
which time, cleanup and the sync move all orders at once and everything else moves one. Counts are of distinct states,
without symmetry (a symmetric count is a different number, reported under its own name). And the order of search is
fixed, so a counterexample is a shortest one, and the same at every run.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import product
from typing import Any, Final

from orphan_proofs.compiled import Compiled, LocalState, Move, Step, compile_machine
from orphan_spec.automaton import Action, Machine
from orphan_spec.properties import Claim, Formula
from orphan_spec.terms import Cube

Code = int
"""The number of a state of one order, in the order of discovery; 0 is the start."""

BARRED: Final = -1
"""The code of no state: an assumption of the world bars the step."""


@dataclass(frozen=True, slots=True)
class Run:
    """A shortest run: its moves and the states between them."""

    moves: tuple[Move, ...]
    states: tuple[LocalState, ...]
    """One more than there are moves."""
    constants: Mapping[str, int]

    @property
    def actions(self) -> tuple[Action, ...]:
        """The actions of the moves."""
        return tuple(move.action for move in self.moves)


@dataclass
class OrderTable:
    """Every state of one order, and every step between them."""

    compiled: Compiled
    states: list[LocalState]
    steps: list[list[tuple[int, Code]]]
    """For each state: the number of a move, and the state that it leads to."""
    parents: list[tuple[Code, int]] = field(repr=False)
    """For each state but the first: the state and the move by which it was discovered."""

    @cached_property
    def actions(self) -> tuple[Action, ...]:
        """The actions of the moves, by number."""
        return tuple(move.action for move in self.compiled.moves)

    def run_to(self, code: Code, last: int | None = None) -> Run:
        """The shortest run to a state, and through the move `last` from there."""
        moves: list[Move] = []
        states = [self.states[code]]
        if last is not None:
            moves.append(self.compiled.moves[last])
            states.append(self.states[dict(self.steps[code])[last]])
        while code:
            code, number = self.parents[code]
            moves.insert(0, self.compiled.moves[number])
            states.insert(0, self.states[code])
        return Run(tuple(moves), tuple(states), self.compiled.constants)

    def find(self, actions: Iterable[Action], cube: Cube, moment: str = "at") -> Iterator[tuple[Code, int]]:
        """The states, with the move, in (`at`) or after (`after`) which the comparisons hold; nearest first."""
        holds = _asks(self.compiled, actions, cube)
        for code, steps in enumerate(self.steps):
            for number, target in steps:
                if number in holds and holds[number](self.states[code if moment == "at" else target]):
                    yield code, number

    @cached_property
    def local(self) -> list[tuple[Code, ...]]:
        """Where one order can go alone."""
        return [
            tuple(dict.fromkeys(t for n, t in steps if self.actions[n].event.scope == "order" and t != code))
            for code, steps in enumerate(self.steps)
        ]

    @cached_property
    def joint(self) -> list[list[list[Code]]]:
        """For each event in which all take part, with each choice of the inputs that they share: a row for each choice of
        an order's own inputs, which says where it leads from each state (`BARRED`: nowhere)."""
        own = {variable.name for variable in self.compiled.machine.own}
        rows: dict[Any, dict[Any, list[Code]]] = {}
        place: dict[int, list[Code]] = {}
        for number, move in enumerate(self.compiled.moves):
            if move.action.event.scope == "all":
                shared = tuple((name, value) for name, value in move.inputs.items() if name not in own)
                mine = tuple((name, value) for name, value in move.inputs.items() if name in own)
                group = rows.setdefault((move.action.event.name, shared), {})
                place[number] = group.setdefault(mine, [BARRED] * len(self.steps))
        for code, steps in enumerate(self.steps):
            for number, target in steps:
                if number in place:
                    place[number][code] = target
        return [list(group.values()) for group in rows.values()]


def _asks(compiled: Compiled, actions: Iterable[Action], cube: Cube) -> dict[int, Callable[[LocalState], bool]]:
    """For the number of every move of the actions: whether the comparisons hold in a state, with its inputs."""
    wanted = set(map(id, actions))
    known: dict[tuple[tuple[str, int], ...], Callable[[LocalState], bool]] = {}
    found = {}
    for number, move in enumerate(compiled.moves):
        if id(move.action) in wanted:
            inputs = tuple(move.inputs.items())
            if inputs not in known:
                known[inputs] = compiled.asks(cube, move.inputs)
            found[number] = known[inputs]
    return found


class _World:
    """The steps that a world allows, on compiled states."""

    def __init__(
        self,
        machine: Machine,
        constants: Mapping[str, int],
        asked: Iterable[Cube],
        assumed: Collection[Formula],
        without: Sequence[str],
    ) -> None:
        states = [cube for formula in assumed for cube in formula.states]
        moves = [(event.name, cube) for formula in assumed for event, cube in formula.moves]
        self.compiled = compile_machine(machine, constants, [*asked, *(c for f in assumed for c in f.cubes)])
        self._forbidden = self.compiled.asks_any(states) if states else None
        barred: dict[int, list[Cube]] = {}
        for number, move in enumerate(self.compiled.moves):
            event = move.action.event.name
            barred[number] = [()] if event in without else [cube for name, cube in moves if name == event]
        self._steps = self.compiled.steps_but(barred)

    def steps(self, state: LocalState) -> list[Step]:
        steps, forbidden = self._steps(state), self._forbidden
        return steps if forbidden is None else [step for step in steps if not forbidden(step[1])]


def explore_order(
    machine: Machine,
    constants: Mapping[str, int],
    asked: Iterable[Cube] = (),
    assumed: Collection[Formula] = (),
    without: Sequence[str] = (),
) -> OrderTable:
    """Every state of one order.

    `asked` are the comparisons that will be asked about (the fields that they read are kept); `assumed` restricts the
    world; `without` names events that do not happen.
    """
    world = _World(machine, constants, asked, assumed, without)
    start = world.compiled.start
    index: dict[LocalState, Code] = {start: 0}
    table = OrderTable(world.compiled, [start], [], [(0, 0)])
    for code, state in enumerate(table.states):  # grows while it is read: this is the queue
        steps: list[tuple[int, Code]] = []
        for number, later in world.steps(state):
            target = index.get(later)
            if target is None:
                target = index[later] = len(table.states)
                table.states.append(later)
                table.parents.append((code, number))
            steps.append((number, target))
        table.steps.append(steps)
    return table


def seek(
    machine: Machine,
    constants: Mapping[str, int],
    actions: Iterable[Action],
    cube: Cube,
    assumed: Collection[Formula] = (),
    without: Sequence[str] = (),
) -> Run | None:
    """The shortest run whose last step is one of the actions, in a state where the comparisons hold; None without one."""
    world = _World(machine, constants, [cube], assumed, without)
    holds = _asks(world.compiled, actions, cube)
    parents: dict[LocalState, tuple[LocalState, int] | None] = {world.compiled.start: None}
    queue = [world.compiled.start]
    for state in queue:  # grows while it is read
        for number, later in world.steps(state):
            if number in holds and holds[number](state):
                return _back(world.compiled, parents, state, number, later)
            if later not in parents:
                parents[later] = (state, number)
                queue.append(later)
    return None


def _back(
    compiled: Compiled,
    parents: Mapping[LocalState, tuple[LocalState, int] | None],
    state: LocalState,
    number: int,
    later: LocalState,
) -> Run:
    moves, states = [compiled.moves[number]], [state, later]
    while (parent := parents[states[0]]) is not None:
        states.insert(0, parent[0])
        moves.insert(0, compiled.moves[parent[1]])
    return Run(tuple(moves), tuple(states), compiled.constants)


@dataclass(frozen=True, slots=True)
class Network:
    """What the exploration of several orders found."""

    orders: int
    states: int
    """Distinct states, without symmetry."""
    depth: int
    """Steps to the state that is furthest from the start."""
    first: dict[str, int]
    """For each name asked about: the steps to the nearest state in which some order is in one of its codes."""


def explore_network(table: OrderTable, orders: int, asked: Mapping[str, frozenset[Code]] | None = None) -> Network:
    """Every state of a network of orders: rows of last orders' states, by the code of all orders before."""
    if orders == 1:
        return _one(table, asked or {})
    size = len(table.states)
    local, joint = table.local, table.joint
    prefixes = _Prefixes(local, joint, size, orders - 1)
    moves = [[row.__getitem__ for row in group] for group in joint]
    locals_of = local.__getitem__
    seen: dict[int, set[Code]] = {0: {0}}
    frontier: dict[int, set[Code]] = {0: {0}}
    count, depth = 1, 0
    first = _first_of(asked or {}, frontier, size, orders, 0, {})
    while frontier:
        found: dict[int, set[Code]] = {}
        for prefix, lasts in frontier.items():
            for target in prefixes.local(prefix):
                if target in found:
                    found[target] |= lasts
                else:
                    found[target] = set(lasts)
            for targets, group in zip(prefixes.joint(prefix), moves, strict=True):
                for target in targets:
                    found.setdefault(target, set()).update(*(map(move, lasts) for move in group))
            found.setdefault(prefix, set()).update(*map(locals_of, lasts))
        frontier = {}
        for prefix, lasts in found.items():
            known = seen.setdefault(prefix, set())
            lasts -= known
            lasts.discard(BARRED)
            if lasts:
                known |= lasts
                frontier[prefix] = lasts
                count += len(lasts)
        if frontier:
            depth += 1
            first = _first_of(asked or {}, frontier, size, orders, depth, first)
    return Network(orders, count, depth, first)


def _one(table: OrderTable, asked: Mapping[str, frozenset[Code]]) -> Network:
    distance = [0] * len(table.states)
    for code in range(1, len(table.states)):
        distance[code] = distance[table.parents[code][0]] + 1
    first = {name: min(distance[code] for code in codes) for name, codes in asked.items() if codes}
    return Network(1, len(table.states), max(distance), first)


def _first_of(
    asked: Mapping[str, frozenset[Code]],
    frontier: Mapping[int, set[Code]],
    size: int,
    orders: int,
    depth: int,
    first: dict[str, int],
) -> dict[str, int]:
    for name, codes in asked.items():
        if codes and name not in first:
            for prefix, lasts in frontier.items():
                if not codes.isdisjoint(lasts) or not codes.isdisjoint(_digits(prefix, size, orders - 1)):
                    first[name] = depth
                    break
    return first


def _digits(code: int, size: int, orders: int) -> list[Code]:
    digits = []
    for _ in range(orders):
        code, digit = divmod(code, size)
        digits.append(digit)
    return digits


class _Prefixes:
    """The steps of all orders but the last, computed once for each of their joint states."""

    def __init__(self, local: list[tuple[Code, ...]], joint: list[list[list[Code]]], size: int, orders: int) -> None:
        self._local, self._joint, self._size, self._orders = local, joint, size, orders
        self._known: dict[int, tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]] = {}

    def local(self, prefix: int) -> tuple[int, ...]:
        return self._of(prefix)[0]

    def joint(self, prefix: int) -> tuple[tuple[int, ...], ...]:
        return self._of(prefix)[1]

    def _of(self, prefix: int) -> tuple[tuple[int, ...], tuple[tuple[int, ...], ...]]:
        known = self._known.get(prefix)
        if known is None:
            digits = _digits(prefix, self._size, self._orders)
            powers = [self._size**place for place in range(self._orders)]
            alone = tuple(
                prefix + (target - digit) * power
                for digit, power in zip(digits, powers, strict=True)
                for target in self._local[digit]
            )
            together = []
            for group in self._joint:
                choices = ([row[digit] for row in group if row[digit] != BARRED] for digit in digits)
                codes = (sum(t * p for t, p in zip(targets, powers, strict=True)) for targets in product(*choices))
                together.append(tuple(dict.fromkeys(codes)))
            known = self._known[prefix] = (alone, tuple(together))
        return known


def count_symmetric(table: OrderTable, orders: int) -> int:
    """Distinct states where the orders are not told apart: states up to a permutation of the orders.

    Sound because the orders are equal automata and every event treats them alike.
    """
    local, joint = table.local, table.joint
    start = (0,) * orders
    seen = {start}
    frontier = [start]
    while frontier:
        found: set[tuple[Code, ...]] = set()
        for state in frontier:
            for place, code in enumerate(state):
                rest = state[:place] + state[place + 1 :]
                found.update(tuple(sorted((*rest, target))) for target in local[code])
            for group in joint:
                choices = ([row[code] for row in group if row[code] != BARRED] for code in state)
                found.update(tuple(sorted(targets)) for targets in product(*choices))
        found -= seen
        seen |= found
        frontier = list(found)
    return len(seen)


def bad_codes(table: OrderTable, claim: Claim) -> dict[str, frozenset[Code]]:
    """For each never of a claim: the states in which one of its actions would break it."""
    return {
        f"{claim.id}: {name}": frozenset(code for code, _ in table.find(claim.actions, cube, claim.moment))
        for name, cube in claim.nevers
    }


def shortest(table: OrderTable, actions: Iterable[Action], cube: Cube, moment: str = "at") -> Run | None:
    """The shortest run through one of the actions in (or after) which the comparisons hold; None where there is none."""
    nearest = next(table.find(actions, cube, moment), None)
    return None if nearest is None else table.run_to(*nearest)
