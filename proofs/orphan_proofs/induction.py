"""Discharging obligations: proved, or refuted with a model.

Obligations that share their hypotheses and their action are asked as one question, "does any of them fail?"; where the
answer is no, each of them is proved; where it is yes, each is asked alone.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import groupby

from orphan_proofs.obligations import Obligation, Theory
from orphan_proofs.smtlib import conjunction, disjunction, print_cube, print_never
from orphan_proofs.solver import Model, Solver
from orphan_spec.terms import Cube


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an obligation."""

    obligation: Obligation
    model: Model | None
    """Values that refute it; None where it is proved."""

    @property
    def proved(self) -> bool:
        """Whether it holds."""
        return self.model is None


@dataclass(frozen=True, slots=True)
class _Group:
    """Obligations with the same hypotheses, about the same action."""

    nevers: tuple[Cube, ...]
    prefix: Cube
    """The comparisons with which all of them begin."""
    obligations: tuple[Obligation, ...]

    @property
    def rests(self) -> list[Cube]:
        """What each obligation adds to the prefix."""
        return [obligation.cube[len(self.prefix) :] for obligation in self.obligations]


def _groups(obligations: Iterable[Obligation]) -> Iterator[_Group]:
    for _, members in groupby(obligations, key=lambda o: (o.kind, o.action if o.kind != "total" else "", o.nevers)):
        group = tuple(members)
        prefix: list[object] = []
        for column in zip(*(o.cube for o in group), strict=False):
            if any(comparison is not column[0] for comparison in column):
                break
            prefix.append(column[0])
        yield _Group(group[0].nevers, group[0].cube[: len(prefix)], group)


def discharge(theory: Theory, obligations: Iterable[Obligation]) -> Iterator[Outcome]:
    """The outcome of each obligation, in order. UndecidedError where the solver cannot tell."""
    solver = Solver(
        [*theory.machine.parameters, *theory.machine.inputs, *theory.machine.shared, *theory.machine.fields]
    )
    listed = list(obligations)
    groups = list(_groups(o for o in listed if not o.by_frame))
    texts: dict[str, int] = {}

    def text(formula: str) -> int:
        return texts.setdefault(formula, len(texts))

    plan = [
        (
            group,
            text(conjunction([print_never(never) for never in group.nevers])),
            text(print_cube(group.prefix)),
            text(disjunction([print_cube(rest) for rest in group.rests])),
        )
        for group in groups
    ]
    formulas = solver.read(texts)
    models: dict[int, Model | None] = {}
    for nevers, same in groupby(plan, key=lambda entry: entry[1]):
        with solver.assuming(formulas[nevers]):
            for group, _, prefix, any_fails in same:
                with solver.assuming(formulas[prefix]):
                    if solver.satisfy(formulas[any_fails]) is None:
                        continue
                    for obligation, rest in zip(group.obligations, group.rests, strict=True):
                        models[id(obligation)] = solver.satisfy(*solver.read([print_cube(rest)]))
    for obligation in listed:
        yield Outcome(obligation, models.get(id(obligation)))
