"""The guarantees once more, without our lemmas: Z3's Spacer looks for an inductive invariant by itself.

Four rules. Spacer is given the machine, the assumptions and one never of a claim, over dense time and all constants, and
nothing that we know about them. It looks at few fields first: where a run of such a view breaks the claim, that is no run of
the machine, the fields that show this are added, and those of the world last. What it finds is believed only after the plain
solver has checked it on the whole machine: it holds at the start, every action preserves it, and it excludes what the claim
forbids. And it may run out of time; then it says so, and nothing follows.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from time import perf_counter
from typing import Final, Literal

import z3

from orphan_proofs.horn import Fact, Invariant, Question, Steps, View, later
from orphan_proofs.obligations import Theory, after
from orphan_proofs.smtlib import placed
from orphan_proofs.solver import decided
from orphan_spec.automaton import read_by
from orphan_spec.guarantees import GUARANTEES
from orphan_spec.properties import Claim
from orphan_spec.terms import Cube

SECONDS: Final = 60.0
"""How long Spacer may look for one invariant."""

SHARE: Final = 2 / 3
"""The part of that for which Spacer may look at one view in one way of generalising, before it tries the other."""


@dataclass(frozen=True, slots=True)
class Discovery:
    """What Spacer found about one never of a claim."""

    claim: Claim
    never: str
    found: Literal["invariant", "run", "nothing"]
    """An inductive invariant, a run that breaks the claim, or neither within the limit."""
    facts: int
    """How many facts the invariant joins; 0 where there is none."""
    fields: int
    """How many fields Spacer looked at in the end."""
    seconds: float

    @property
    def contradicts(self) -> bool:
        """Whether it is not what the proofs say."""
        return self.found == ("run" if self.claim.expected == "proved" else "invariant")

    @property
    def line(self) -> str:
        """The discovery, in one line."""
        said = {
            "invariant": f"an inductive invariant ({counted(self.facts, 'fact')}, {counted(self.fields, 'field')}), checked",
            "run": "a run that breaks it",
            "nothing": "nothing within the limit: undecided",
        }[self.found]
        wrong = "  CONTRADICTS THE PROOFS" if self.contradicts else ""
        return f"{self.claim.id}: {self.never}: {said} ({self.seconds:.1f} s){wrong}"


def counted(number: int, what: str) -> str:
    """So many of a thing, in words that fit the number."""
    return f"{number:,} {what}{'s' * (number != 1)}"


def rediscover(theory: Theory, claim: Claim, never: str, cube: Cube, limit: float = SECONDS) -> Discovery:
    """What Spacer finds about one never of a claim within the limit, in seconds."""
    began = perf_counter()
    question = Question(theory, claim, cube)
    kept, ground = read_by(cube) & question.names, False
    while (left := limit + began - perf_counter()) > 0:
        found = View(question, kept).ask(min(left, limit * SHARE), ground=ground)
        if isinstance(found, Invariant):
            found.check(question)
            return Discovery(claim, never, "invariant", found.facts, len(kept), perf_counter() - began)
        if found is None:
            ground = not ground
            continue
        more = refuting_fields(question, found, kept)
        if more is None:
            return Discovery(claim, never, "run", 0, len(kept), perf_counter() - began)
        assert not more <= kept, f"{claim.id}: a view has a run that its own fields refute"
        kept |= more
    return Discovery(claim, never, "nothing", 0, len(kept), perf_counter() - began)


def refuting_fields(question: Question, run: Steps, kept: frozenset[str]) -> frozenset[str] | None:
    """The fields that show that the machine has no such run, as few besides those kept as deletion leaves; None: it has one."""
    solver = question.solver()
    facts = dict(_along(question, run, solver))
    world = {field.name for field in question.fields if field.role == "world"} - kept
    inside = [label for label, fact in facts.items() if not fact.fields & world]
    if decided(solver, *inside) and decided(solver, *facts):
        return None
    named = {str(label) for label in solver.unsat_core()}
    core = [label for label in facts if str(label) in named]
    for label in sorted(core, key=lambda one: -len(facts[one].fields - kept)):
        rest = [other for other in core if other is not label]
        if facts[label].fields - kept and not decided(solver, *rest):
            core = rest
    return frozenset().union(*(facts[label].fields for label in core))


def _along(question: Question, run: Steps, solver: z3.Solver) -> Iterator[tuple[z3.BoolRef, Fact]]:
    """Every fact of a run of the machine, with the label under which the solver assumes it."""
    now = {v.name: v for v in question.state}
    moments = [question.start(), *map(question.step, run[:-1]), question.bad(run[-1])]
    for place, (moment, action) in enumerate(zip(moments, (None, *run), strict=True)):
        facts, changes = list(moment), after(action) if action else {}
        inputs = {v.name: placed(v, place) for v in question.machine.inputs}
        changed = {v.name: placed(v, place) for v in question.state if v.name in changes}
        places = [(v, now[v.name]) for v in question.state] + [(v, inputs[v.name]) for v in question.machine.inputs]
        places += [(later(v), changed[v.name]) for v in question.state if v.name in changed]
        names = [(question.constant(v), question.constant(there)) for v, there in places]
        for number, (fact, formula) in enumerate(zip(facts, question.read(facts), strict=True)):
            label = z3.Bool(f"fact {place}.{number}", question.context)
            solver.add(z3.Implies(label, z3.substitute(formula, *names)))
            yield label, fact
        solver.add(*question.within([*now.values(), *inputs.values(), *changed.values()]))
        now |= changed


def rediscoveries(theories: Iterable[Theory], limit: float = SECONDS) -> Iterator[Discovery]:
    """What Spacer finds about every never of every guarantee's claims, in order."""
    for theory in theories:
        for claim in theory.claims:
            for never, cube in claim.nevers if claim.guarantee.id in GUARANTEES else ():
                yield rediscover(theory, claim, never, cube, limit)
