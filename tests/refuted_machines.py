"""The machine, built after an idea that is refuted: what exploration finds in it, and does not find in the machine itself.

Two rules. A variant differs from the machine by words that are dropped, in every case of an event alike, so that it follows
the machine when that grows. What is asked of it is a claim of the machine's own, with the claim's own assumptions.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from orphan_proofs.explore import Run, seek
from orphan_proofs.mutation import with_machine
from orphan_proofs.runs import merged
from orphan_proofs.verification import THEORY
from orphan_spec.automaton import Action, Event, Machine
from orphan_spec.fields import now
from orphan_spec.properties import Claim
from orphan_spec.terms import Assignment, substitute_cube

Change = Callable[[Machine], Machine]


SCALED: Final = {"grace": 1, "ttl": 3, "protection": 3, "latency": 1, "age": 1}
"""The constants at which the variants are explored."""


@dataclass(frozen=True)
class MachineIdea:
    """An idea as the machine can express it."""

    sentence: str
    """What is different in the machine."""
    change: Change
    guarantee: str
    never: str
    """The name of what must never be."""
    variant: str | None = None
    """The variant of the claim, where the name alone does not tell."""
    observe: int = 0

    def claim(self, machine: Machine) -> Claim:
        """The claim that is asked about, over the machine's actions."""
        found = [one for one in with_machine(THEORY, machine).claims if one.guarantee.id == self.guarantee]
        found = [one for one in found if self.never in dict(one.nevers) and self.variant in (None, one.variant)]
        return found[0]

    def run(self) -> Run | None:
        """The shortest run that breaks the claim in the changed machine."""
        machine = self.change(THEORY.machine)
        claim = self.claim(machine)
        formulas = [THEORY.formulas[name] for name in claim.assumes if name in THEORY.formulas]
        return seek(machine, self.constants(machine), claim.actions, dict(claim.nevers)[self.never], formulas)

    def constants(self, machine: Machine) -> dict[str, int]:
        scaled = {**SCALED, "observe": self.observe}
        return {parameter.name: scaled[parameter.name] for parameter in machine.parameters}

    def told(self) -> str:
        """What exploration found."""
        run = self.run()
        if run is None:
            raise AssertionError(f"exploration does not refute the machine in which {self.sentence}")
        names = ", ".join(getattr(step, "action", step).name for step in merged(run))
        scale = ", ".join(
            f"{name} {value}" for name, value in self.constants(THEORY.machine).items() if name != "observe"
        )
        return (
            f"Exploration agrees: where {self.sentence}, the machine (constants scaled to {scale}) breaks {self.guarantee} "
            f"in a shortest run of {len(run.states) - 1} steps: {names}."
        )


def without_guards(names: Collection[str], events: Collection[str]) -> Change:
    """Drops every comparison about one of the fields from the cases of the events."""

    def keep(action: Action) -> Action:
        when = tuple(one for one in action.when if not any(name in repr(one) for name in names))
        return replace(action, when=when)

    return _each(events, keep)


def without_changes(names: Collection[str], events: Collection[str]) -> Change:
    """Drops every change of one of the fields from the events and their cases."""

    def fewer(changes: tuple[Assignment, ...]) -> tuple[Assignment, ...]:
        return tuple(one for one in changes if one.field.name not in names)

    @cache
    def event(old: Event) -> Event:
        return replace(old, then=fewer(old.then))

    def keep(action: Action) -> Action:
        own = {name: fewer(getattr(action, name)) for name in ("common", "then") if hasattr(action, name)}
        return replace(action, event=event(action.event), **own)

    return _each(events, keep)


def by_receipt(machine: Machine) -> Machine:
    """Measures an age from now to now, whatever instants the snapshots show."""

    def keep(action: Action) -> Action:
        when = tuple(
            substitute_cube((one,), {"as_of": now})[0] if "orphan_since" in repr(one) else one for one in action.when
        )
        then = tuple(one.field.becomes(now) if one.field.name == "orphan_since" else one for one in action.then)
        return replace(action, when=when, then=then)

    return _each(("SYNC",), keep)(machine)


def both(*changes: Change) -> Change:
    """One change after the other."""

    def change(machine: Machine) -> Machine:
        for one in changes:
            machine = one(machine)
        return machine

    return change


def _each(events: Collection[str], keep: Callable[[Action], Action]) -> Change:
    def change(machine: Machine) -> Machine:
        actions = tuple(keep(action) if action.event.name in events else action for action in machine.actions)
        return replace(machine, actions=actions)

    return change


PROTECTION: Final = ("heard_until", "linked_until", "covered_until", "expected_until")
"""What a sync asks about protection."""

NEWS: Final = ("RECORD_OID", "FINALIZE", "REGISTER")
"""What ends an age."""

MACHINES: Final[dict[str, MachineIdea]] = {
    "D1": MachineIdea(
        "no sync asks what protects, and no news ends an age",
        both(without_guards((*PROTECTION, "changed_at"), ("SYNC",)), without_changes(("aging", "condemned"), NEWS)),
        "S2",
        "heard_of",
    ),
    "D2": MachineIdea("listings show OIDs only", lambda machine: machine, "S3", "in_flight", "oid"),
    "D3": MachineIdea(
        "an age survives an answer and a finalization",
        without_changes(("aging", "changed_at", "condemned"), ("RECORD_OID", "FINALIZE")),
        "S4",
        "after_acknowledgement",
    ),
    "D5": MachineIdea(
        "a fail is a guess, after which the order may still be on its way",
        without_changes(("expectation_until", "linked", "awaited"), ("FAIL",)),
        "S3",
        "in_flight",
        "cloid",
        1,
    ),
    "D8": MachineIdea(
        "the second look cancels, however soon it comes",
        without_guards(("orphan_since",), ("SYNC",)),
        "S4",
        "unbroken",
    ),
    "D9": MachineIdea(
        "a finalization opens no window", without_changes(("heard_until",), ("FINALIZE",)), "S1", "finalized"
    ),
}
if any(action.event.name == "ACT" for action in THEORY.machine.actions):
    PARDONS = (*NEWS, "LEARN_END", "CLEAR", "FAIL")
    MACHINES["D6"] = MachineIdea("an age is measured between receipts", by_receipt, "S4", "unbroken")
    MACHINES["D7"] = MachineIdea(
        "no news pardons what a sync condemned, and the act does not look into the book",
        both(without_changes(("condemned",), PARDONS), without_guards(("book",), ("ACT",))),
        "S5",
        "tracked",
    )
"""The ideas that the machine can express, D6 and D7 only where its sync has two steps and snapshots have an age; the others
are about clients or bounds, and there the judge speaks alone."""
