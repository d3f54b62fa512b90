"""What TLC is asked: which models, how many states it must see, and how long the shortest run to a violation is.

One rule. The figures are pinned; `test_tla` asks our exploration and TLC, and both must say them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Final

from orphan_proofs.explore import bad_codes, explore_network, explore_order, seek
from orphan_proofs.survey import MACHINES
from orphan_proofs.tla import Model

SMALL: Final = {"grace": 1, "ttl": 1, "protection": 1, "latency": 1, "age": 0}
QUICK: Final = {**SMALL, "latency": 0}
OLD: Final = {**SMALL, "age": 1}
EARLIER: Final = {**QUICK, "age": 1}
LATE: Final = {**SMALL, "ttl": 2}
LONG: Final = {**QUICK, "protection": 3}

KEPT: Final = {"PASS_TIME", "REGISTER", "SEND", "ACCEPT", "END", "CLEANUP", "SYNC", "FETCH_FAILS", "ACT"}
"""What happens in every model of two orders; besides these, what a model is about."""


@dataclass(frozen=True)
class Case:
    """One model."""

    orders: int
    constants: Mapping[str, int]
    observe: int
    states: int | None
    """How many there are; None where nobody counts them, for TLC ends at the violation."""
    claim: str | None = None
    """Only this claim; None: all claims for which what is assumed suffices."""
    besides: tuple[str, ...] | None = None
    """The events besides those of every model; None: all events."""
    less: str | None = None
    """An event of every model that does not happen in this one."""
    assumes: tuple[str, ...] = ()
    lacks: str | None = None
    """An assumption that the claim names and the model goes without."""
    length: int | None = None
    """How many states the shortest run to a violation has."""
    machine: str = "tracker"
    deep: bool = False

    @property
    def model(self) -> Model:
        """What is exported."""
        theory = MACHINES[self.machine]
        parameters = {v.name for v in theory.machine.parameters}
        constants = {name: value for name, value in self.constants.items() if name in parameters}
        claim = next(c for c in theory.claims if c.id == self.claim) if self.claim else None
        if claim and self.lacks:
            assert self.lacks in claim.assumes
            claim = replace(claim, assumes=tuple(name for name in claim.assumes if name != self.lacks))
        events = [event.name for event in theory.machine.events]
        happens = events if self.besides is None else {*KEPT, *self.besides} - {self.less}
        without = (event for event in events if event not in happens)
        return Model(theory, self.orders, constants | {"observe": self.observe}, claim, tuple(without), self.assumes)

    @property
    def guarantees(self) -> frozenset[str]:
        """The guarantees that the model puts to the test: a witness of each comes about in it."""
        model, stated = self.model, {claim.guarantee for claim in self.model.claims}
        formulas = model.formulas.values()
        return frozenset(
            witness.guarantee.id
            for witness in model.theory.witnesses
            if witness.guarantee in stated
            and seek(model.machine, model.constants, witness.actions, witness.cube, formulas, model.without)
        )

    @property
    def id(self) -> str:
        """How the test is called."""
        about = self.claim or f"all claims under {','.join(self.assumes) or 'nothing'}"
        lacking = f" without {self.lacks}" if self.lacks else ""
        besides = "" if self.besides is None else f" with {','.join(self.besides)}"
        besides += f" without {self.less}" if self.less else ""
        numbers = ",".join(str(value) for value in self.constants.values())
        return f"{self.orders} x {self.machine}, {about}{lacking}{besides}, {('oid', 'cloid')[self.observe]}, {numbers}"


ALL: Final = ("A3", "A7", "A10")

CASES: Final = (
    # every event, one order
    Case(1, SMALL, 0, 42_253),
    Case(1, SMALL, 1, 78_475, deep=True),
    Case(1, SMALL, 0, 25_308, assumes=ALL, deep=True),
    Case(1, SMALL, 1, 45_526, assumes=ALL, deep=True),
    Case(1, OLD, 1, 468_962, deep=True),
    Case(1, SMALL, 0, 4_722, "S3/oid, TTL within grace"),
    Case(1, QUICK, 0, 9_442, "S3/oid, answers within grace", deep=True),
    Case(1, OLD, 0, 682, machine="book", assumes=("A7",)),
    Case(1, OLD, 0, 804, machine="book", assumes=("A9",)),
    # what is refuted, and what is so without an assumption
    Case(1, LATE, 0, 17_070, "S3/oid", length=7),
    Case(1, LONG, 0, 7_876, "S1", lacks="A10", length=8, deep=True),
    Case(1, SMALL, 1, 3_488, "S7/cloid", lacks="A3", length=5, deep=True),
    Case(1, OLD, 0, 260, "S6", machine="book", lacks="A7", length=7),
    # two orders
    Case(2, LATE, 0, None, "S3/oid", length=7),
    Case(2, QUICK, 0, 17_448, besides=("TRACK", "DROP"), assumes=ALL, deep=True),
    Case(2, QUICK, 1, 26_928, besides=("TRACK", "DROP"), assumes=ALL, deep=True),
    Case(2, QUICK, 1, 16_697, besides=("APPEAR_FOREIGN",), assumes=ALL),
    Case(2, EARLIER, 1, 83_843, besides=("LEARN_END",), assumes=ALL, deep=True),
    Case(2, QUICK, 0, 204_590, "R1", besides=("RECORD_OID", "FINALIZE"), less="END", assumes=ALL, deep=True),
    Case(2, QUICK, 0, 178_281, besides=("FINALIZE",), assumes=ALL, deep=True),
    Case(2, QUICK, 1, 175_579, besides=("FINALIZE",), assumes=ALL, deep=True),
    Case(2, QUICK, 0, 319_832, besides=("RECORD_OID",), assumes=ALL, deep=True),
    Case(2, QUICK, 1, 294_988, besides=("RECORD_OID",), assumes=ALL, deep=True),
    Case(2, QUICK, 0, 117_311, "S3/oid, answers within grace", besides=("RECORD_OID",), assumes=("A7",), deep=True),
    Case(2, SMALL, 0, 2_439, "S3/oid, TTL within grace", besides=(), assumes=("A7",)),
    Case(2, OLD, 0, 5_864, besides=("TRACK", "DROP"), assumes=("A7", "A9"), machine="book"),
)


def ours(model: Model) -> tuple[int, int | None]:
    """How many states our exploration sees, and how many of them the shortest run to a violation has."""
    formulas = list(model.formulas.values())
    table = explore_order(model.machine, model.constants, model.asked, formulas, model.without)
    assert [field.name for field in table.compiled.fields] == [field.name for field in model.fields]
    bad = {name: codes for claim in model.claims for name, codes in bad_codes(table, claim).items()}
    network = explore_network(table, model.orders, bad)
    nearest = min(network.first.values(), default=None)
    return network.states, None if nearest is None else nearest + 1
