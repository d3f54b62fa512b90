"""The machine as a TLA+ module, with its claims as invariants, and a configuration for TLC.

Four rules. The module is the finite normal form: instants are measured from now and never below their floor, and one unit
of time passes at a time, so TLC sees exactly the states that `explore` sees. What happens to one order is an action; what
happens to all at once (time, cleanup, sync, restart) is a function from an order, and from what the world chooses for it, to
an order. A claim about an instant `at` which an action happens is an invariant about its guard, one about what it leads to
is an invariant about its result. And assumptions are guards, not TLC constraints, so that a state that they rule out is
neither counted nor judged.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, cached_property, reduce
from typing import Final

from orphan_proofs import smtlib
from orphan_proofs.compiled import compile_machine, inputs_of
from orphan_proofs.obligations import StructureError, Theory
from orphan_proofs.solver import possible
from orphan_proofs.tla_terms import constant, not_all, print_term, tests
from orphan_spec.automaton import Action, Event, Machine
from orphan_spec.guarantees import GUARANTEES
from orphan_spec.properties import Claim, Formula
from orphan_spec.terms import Cube, Term, Variable

WIDTH: Final = 100

AND, OR = " /\\ ", " \\/ "


@dataclass(frozen=True)
class Model:
    """What is exported: the machine with constants, for so many orders.

    About one claim, it has that claim's assumptions and only the fields that it depends on, as exploration has; about
    none, it has all fields, and states every claim for which the assumptions named suffice.
    """

    theory: Theory
    orders: int
    constants: Mapping[str, int]
    claim: Claim | None = None
    without: tuple[str, ...] = ()
    """Events that are left out."""
    assumes: tuple[str, ...] = ()
    """What is assumed besides what the claim needs."""

    @property
    def machine(self) -> Machine:
        """The machine."""
        return self.theory.machine

    @property
    def name(self) -> str:
        """The name of the module."""
        return self.machine.name

    @property
    def claims(self) -> tuple[Claim, ...]:
        """The claims that the module states."""
        return (self.claim,) if self.claim else tuple(c for c in self.theory.claims if self._states(c))

    @property
    def formulas(self) -> dict[str, Formula]:
        """The assumptions that restrict the world."""
        return self.theory.stated((*(self.claim.assumes if self.claim else ()), *self.assumes))

    def _states(self, claim: Claim) -> bool:
        """Whether the claim is of a guarantee (norms are about the text), may come about, and needs no more than is assumed."""
        happens = any(action.event.name not in self.without for action in claim.actions)
        needed = self.theory.stated(claim.assumes)
        return claim.guarantee.id in GUARANTEES and happens and needed.keys() <= self.formulas.keys()

    @cached_property
    def asked(self) -> tuple[Cube, ...]:
        """What is asked about states: an order has the fields that this depends on."""
        claims = (self.claim,) if self.claim else self.theory.claims
        formulas = (self.formulas if self.claim else self.theory.formulas).values()
        nevers = [cube for claim in claims for _, cube in claim.nevers]
        return (*nevers, *(cube for formula in formulas for cube in formula.cubes))

    @cached_property
    def fields(self) -> tuple[Variable, ...]:
        """The fields that an order has."""
        return compile_machine(self.machine, self.constants, self.asked).fields

    @cached_property
    def invariants(self) -> dict[str, tuple[Claim, Cube]]:
        """Each never, by the name of its invariant."""
        return {_identifier(f"{c.id} {name}"): (c, cube) for c in self.claims for name, cube in c.nevers}

    @property
    def alone(self) -> list[Action]:
        """The actions of one order."""
        return [a for a in self.machine.actions if a.event.scope == "order" and a.event.name not in self.without]

    @property
    def together(self) -> list[Event]:
        """The events of all orders at once."""
        return [e for e in self.machine.events if e.scope == "all" and e.name not in self.without]


def _identifier(text: str) -> str:
    return "_".join("".join(c if c.isalnum() else " " for c in text).split())


@cache
def _may_be_below(machine: Machine, when: Cube, term: Term, floor: Term) -> bool:
    """Whether a new value can be below the floor of its field, where no old one is below its own."""
    known = [*machine.parameters, *machine.shared, *machine.fields, *machine.inputs]
    floored = tuple(v >= v.floor for v in machine.fields if v.floor is not None)
    cube = (*machine.constraints, *floored, *when, term < floor)
    asserted = [smtlib.ranges(known), smtlib.print_cube(cube)]
    return possible(smtlib.declarations(known) + "".join(f"(assert {formula})\n" for formula in asserted))


def _changes(model: Model, action: Action) -> list[str]:
    """The changes of an action as `!.field = value`; where time passes, every instant comes one unit nearer."""
    changed = {change.field.name: change.term for change in action.effects}
    if "now" in changed:
        if len(changed) > 1:
            raise StructureError(f"{action.name} moves now and changes fields")
        times = [f for f in model.fields if f.floor is not None]
        return [f"!.{f.name} = Max(@ - 1, {print_term(f.floor)})" for f in times if f.floor is not None]
    found = []
    for field in model.fields:
        if field.name in changed:
            term, value = changed[field.name], print_term(changed[field.name])
            if field.floor is not None and _may_be_below(model.machine, action.event.when, term, field.floor):
                value = f"Max({value}, {print_term(field.floor)})"
            found.append(f"!.{field.name} = {value}")
    return found


def _record(changes: list[str], indent: str) -> list[str]:
    """`s` with the changes, as lines."""
    if not changes:
        return [f"{indent}s"]
    short = f"{indent}[s EXCEPT {', '.join(changes)}]"
    if len(short) <= WIDTH:
        return [short]
    lines = [f"{indent}  {change}," for change in changes]
    lines[-1] = lines[-1][:-1] + "]"
    return [f"{indent}[s EXCEPT", *lines]


def write_module(model: Model) -> str:
    """The module."""
    parts = (_head, _constants, _orders, _of_one, _of_all, _next, _claims)
    return "\n".join([line for part in parts for line in part(model)] + ["=" * WIDTH, ""])


def _head(model: Model) -> Iterator[str]:
    yield f" MODULE {model.name} ".center(WIDTH, "-")
    yield f"(* {model.name}: a network of equal automata, one for each order, that share time and take part together in"
    yield f"   {', '.join(event.name for event in model.together)}."
    if model.claim:
        yield f"   Only what {model.claim.id} depends on is here."
    yield "   Generated by `orphan-tracker export tla`."
    yield ""
    yield "   Instants are measured from now: an `..._until` at or below 0 is over. An instant below its floor is"
    yield "   as good as the floor and is raised to it, so there are finitely many states. *)"
    yield "EXTENDS Integers"
    yield ""


def _constants(model: Model) -> Iterator[str]:
    names = [constant(v) for v in model.machine.parameters]
    width = max(map(len, names))
    yield "CONSTANTS"
    yield f"  {'Orders,':<{width + 1}} \\* the orders"
    for name, v in zip(names, model.machine.parameters, strict=True):
        comma = "" if name == names[-1] else ","
        yield f"  {name + comma:<{width + 1}} \\* {v.doc}"
    yield ""
    for v in model.machine.parameters:
        values = ", ".join(map(print_term, v.values))
        yield f"ASSUME {constant(v)} \\in {f'{{{values}}}' if values else 'Nat'}"
    yield from (f"ASSUME {test}" for test in tests(model.machine.constraints))
    yield ""
    yield "now == 0  \\* every instant is measured from it"
    yield ""
    yield "Max(a, b) == IF a >= b THEN a ELSE b"
    yield "Min(a, b) == IF a <= b THEN a ELSE b"
    yield ""


def _orders(model: Model) -> Iterator[str]:
    start = {change.field.name: change.term for change in model.machine.initial}
    yield "VARIABLE order  \\* for each order, its fields"
    yield ""
    lengths = [constant(v) for v in model.machine.parameters if not v.values]
    yield f"Longest == {reduce('Max({}, {})'.format, lengths)}"
    yield ""
    yield "Fields == ["
    for v in model.fields:
        comma = "" if v is model.fields[-1] else ","
        range_ = _range(v)
        yield f"  {v.name + ' : ' + range_ + comma:<58} \\* {v.doc}"
    yield "  ]"
    yield ""
    yield "TypeOK == order \\in [Orders -> Fields]"
    yield ""
    yield "Init == order = [o \\in Orders |-> ["
    for v in model.fields:
        comma = "" if v is model.fields[-1] else ","
        yield f"  {v.name} |-> {print_term(start[v.name])}{comma}"
    yield "  ]]"
    yield ""


def _range(variable: Variable) -> str:
    if variable.values:
        return f"{{{', '.join(map(print_term, variable.values))}}}"
    assert variable.floor is not None
    lowest = print_term(variable.floor)
    return f"{lowest if lowest == 'now' else f'({lowest})'} .. Longest"


def _of_one(model: Model) -> Iterator[str]:
    yield from _rule("What happens to one order")
    told: set[str] = set()
    for action in model.alone:
        if action.event.name not in told and len(model.machine.cases(action.event)) > 1:
            yield f"\\* {action.event.name}: {action.event.sentence}"
            yield ""
        told.add(action.event.name)
        changes = _changes(model, action)
        yield f"\\* {action.sentence}"
        yield f"{action.name}(o) == LET s == order[o] IN"
        yield from (f"  /\\ {test}" for test in tests(action.guard))
        yield from (f"  /\\ {bar}  \\* {name}" for name, bar in _bars(model, action.event))
        if changes:
            yield "  /\\ order' = [order EXCEPT ![o] ="
            *most, last = _record(changes, "       ")
            yield from (*most, last + "]")
        else:
            yield "  /\\ UNCHANGED order"
        yield ""


def _bars(model: Model, event: Event) -> Iterator[tuple[str, str]]:
    for name, formula in model.formulas.items():
        yield from ((name, not_all(bar)) for barred, bar in formula.moves if barred.name == event.name)


def _chosen(model: Model, *events: Event) -> tuple[Variable, ...]:
    """What the world chooses for these events, besides how much time passes."""
    read = {v.name for event in events for v in inputs_of(model.machine, event)}
    return tuple(v for v in model.machine.inputs if v.name in read and v.name != "delay")


def _given(model: Model, event: Event, *, each: str = "") -> str:
    """The order and what is chosen, as arguments; `each` is put behind what is chosen for every order apart."""
    chosen = _chosen(model, event)
    return ", ".join(["s", *(f"{v.name}{each if _is_own(model, v) else ''}" for v in chosen)])


def _is_own(model: Model, variable: Variable) -> bool:
    return variable.name in {own.name for own in model.machine.own}


def _choices(variable: Variable) -> str:
    return f"{{{', '.join(map(print_term, variable.values))}}}" if variable.values else "-Age .. now"


def _of_all(model: Model) -> Iterator[str]:
    yield from _rule("What happens to all orders at once: each order answers with exactly one case")
    for event in model.together:
        cases, given = model.machine.cases(event), _given(model, event)
        yield f"\\* {event.name}: {event.sentence}"
        yield ""
        for action in cases if len(cases) > 1 else ():
            yield f"\\* {action.sentence}"
            yield f"{action.name}({given}) =="
            yield from (f"  /\\ {test}" for test in tests(action.guard))
            if changes := _changes(model, action):
                yield f"{action.name}_leads_to({given}) =="
                yield from _record(changes, "  ")
            yield ""
        yield f"After_{event.name}({given}) =="
        if len(cases) > 1:
            for place, action in enumerate(cases):
                later = f"{action.name}_leads_to({given})" if _changes(model, action) else "s"
                yield f"  {'[]  ' if place else 'CASE'} {action.name}({given}) -> {later}"
        else:
            only = next(iter(cases))
            yield from _record(_changes(model, only), "  ")
        yield ""
        yield from _event(model, event)


def _event(model: Model, event: Event) -> Iterator[str]:
    """The event itself: what the world may choose for it, and what becomes of every order."""
    bars = list(_bars(model, event))
    if bars:
        yield f"May_{event.name}({_given(model, event)}) =="
        yield from (f"  /\\ {bar}  \\* {name}" for name, bar in bars)
        yield ""
    yield f"{event.name} =="
    for v in _chosen(model, event):
        values = f"[Orders -> {_choices(v)}]" if _is_own(model, v) else _choices(v)
        yield f"  \\E {v.name} \\in {values} :"
    given = _given(model, event, each="[o]").removeprefix("s")
    if bars:
        yield f"  /\\ \\A o \\in Orders : May_{event.name}(order[o]{given})"
    yield f"  /\\ order' = [o \\in Orders |-> After_{event.name}(order[o]{given})]"
    yield ""


def _rule(title: str) -> list[str]:
    return ["-" * WIDTH, f"\\* {title}.", ""]


def _next(model: Model) -> Iterator[str]:
    states = {name: f.states for name, f in model.formulas.items() if f.states}
    yield from _rule("The behaviours")
    for name, cubes in states.items():
        yield f"\\* {model.formulas[name].assumption.claim}"
        yield f"{name} == \\A o \\in Orders : LET s == order[o] IN"
        yield from (f"  /\\ {not_all(cube)}" for cube in cubes)
        yield ""
    yield "Next =="
    yield "  /\\ \\/ \\E o \\in Orders :"
    yield from (f"          \\/ {action.name}(o)" for action in model.alone)
    yield from (f"     \\/ {event.name}" for event in model.together)
    yield from (f"  /\\ {name}'" for name in states)
    yield ""
    yield "Spec == Init /\\ [][Next]_order"
    yield ""


def _claims(model: Model) -> Iterator[str]:
    yield from _rule("The claims")
    told = None
    for name, (claim, cube) in model.invariants.items():
        if claim is not told:
            yield f"\\* {claim.id}: {claim.guarantee.claim}" + (
                " (published as refuted)" if claim.expected == "refuted" else ""
            )
        told = claim
        yield f"{name} == \\A o \\in Orders :"
        yield from _never(model, claim, cube)
        yield ""


def _never(model: Model, claim: Claim, cube: Cube) -> Iterator[str]:
    actions = [action for action in claim.actions if action.event.name not in model.without]
    events = list(dict.fromkeys(action.event for action in actions))
    given = "".join(f"{test} => " for test in tests(claim.given))
    if claim.moment == "at":
        yield "  LET s == order[o] IN"
        for v in _chosen(model, *events):
            yield f"  \\A {v.name} \\in {_choices(v)} :"
        cases = [_happens(model, action) for action in actions]
        met = cases[0] if len(cases) == 1 else f"({OR.join(cases)})"
        allowed = [f"May_{event.name}({_given(model, event)})" for event in events if next(_bars(model, event), None)]
        yield f"  {given}({AND.join([met, *allowed])}"
        yield f"    => {not_all(cube)})"
        return
    (event, *more) = events
    if more or event.scope != "all" or claim.actions != model.machine.cases(event):
        raise StructureError(f"{claim.id} is about some cases only, or about more than one event of all orders")
    yield f"  LET s == After_{event.name}(order[o]) IN"
    yield f"  {given}{not_all(cube)}"


def _happens(model: Model, action: Action) -> str:
    """That an action can happen."""
    if action.event.scope == "all" and len(model.machine.cases(action.event)) > 1:
        return f"{action.name}({_given(model, action.event)})"
    return f"({AND.join(tests(action.guard)) or 'TRUE'})"


def write_configuration(model: Model, *, invariants: tuple[str, ...] | None = None, typed: bool = True) -> str:
    """The configuration for TLC, with all invariants or those named."""
    names = tuple(model.invariants) if invariants is None else invariants
    lines = ["SPECIFICATION Spec", "CONSTANTS", f"  Orders = {{{', '.join(f'o{n + 1}' for n in range(model.orders))}}}"]
    for v in model.machine.parameters:
        value = model.constants[v.name]
        lines.append(f"  {constant(v)} = {print_term(v.values[value]) if v.values else value}")
    checked = [*(["TypeOK"] if typed else []), *names]
    lines += ["INVARIANTS", *(f"  {name}" for name in checked)] if checked else []
    return "\n".join([*lines, ""])
