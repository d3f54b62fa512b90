"""Exploration: it sees every state, says what the proofs say, and a run that shrinks is noticed."""

from dataclasses import replace
from itertools import product

import pytest

from orphan_proofs.compiled import compile_machine
from orphan_proofs.explore import bad_codes, count_symmetric, explore_network, explore_order, seek, shortest
from orphan_proofs.survey import FEW, Explored, differs, explorations, pinned, run
from orphan_proofs.verification import THEORIES
from orphan_spec.guarantees import GUARANTEES
from orphan_spec.machine import MACHINE
from orphan_spec.properties import CLAIMS, FORMULAS

TINY = {"grace": 1, "ttl": 1, "protection": 1, "latency": 1, "age": 0, "observe": 0}
TINIEST = {**TINY, "latency": 0}
REFUTED = next(claim for claim in CLAIMS if claim.expected == "refuted")
QUICK = [e for e in explorations() if e.orders < 3 and not e.deep]


@pytest.mark.parametrize("exploration", QUICK, ids=lambda e: e.name.replace(" ", "_"))
def test_exploration_says_what_the_proofs_say_and_sees_the_pinned_states(exploration) -> None:
    found = run(exploration)
    assert found.agrees
    assert differs(found, pinned()) is None


def test_every_claim_is_explored_and_every_pin_is_run() -> None:
    listed = list(explorations())
    assert {e.name for e in listed} == set(pinned())
    about = [claim.id for theory in THEORIES for claim in theory.claims if claim.guarantee.id in GUARANTEES]
    assert {e.claim.id for e in listed if e.claim} == set(about)
    assert {e.orders for e in listed} == {1, 2, 3}
    assert any(e.breaks for e in listed)


def test_a_run_that_shrinks_or_is_not_pinned_is_noticed() -> None:
    exploration = QUICK[0]
    found = run(exploration)
    assert differs(replace(found, states=found.states - 1), pinned()) is not None
    assert differs(found, {}) == "is not pinned"
    wrong: Explored = replace(found, broken=3)
    assert not wrong.agrees


def reachable_by_running(constants: dict[str, int]) -> set[tuple[tuple[str, int], ...]]:
    """The normal forms of all states, by running the executable machine itself: slow, and nothing compiled."""
    start = MACHINE.normal_form(MACHINE.start(constants), constants)
    seen = {tuple(start.items())}
    queue = [start]
    actions = [action for action in MACHINE.actions if action.event.name not in FEW]
    for state in queue:
        choices = [{"as_of": -lag, "shown": shown, "delay": 1} for lag in (0, 1) for shown in (0, 1)]
        for action, inputs in product(actions, choices):
            if MACHINE.enabled(action, {**constants, **inputs, **state}):
                later = MACHINE.normal_form(MACHINE.step(action, state, {**constants, **inputs}), constants)
                if tuple(later.items()) not in seen:
                    seen.add(tuple(later.items()))
                    queue.append(later)
    return seen


def test_the_compiled_machine_reaches_what_the_executable_machine_reaches() -> None:
    table = explore_order(MACHINE, TINIEST, (), (), FEW)
    names = [field.name for field in table.compiled.fields]
    slow = {tuple(dict(state)[name] for name in names) for state in reachable_by_running(TINIEST)}
    assert set(table.states) == slow


def test_a_slice_that_leaves_the_law_out_sees_the_same_tracker() -> None:
    whole = explore_order(MACHINE, TINY, [cube for claim in CLAIMS for _, cube in claim.nevers])
    less = explore_order(MACHINE, TINY)
    left = {field.name for field in less.compiled.fields}
    kept = [place for place, field in enumerate(whole.compiled.fields) if field.name in left]
    assert {tuple(state[place] for place in kept) for state in whole.states} == set(less.states)
    assert {field.name for field in compile_machine(MACHINE, TINY, []).fields} == left


def test_a_network_of_two_is_what_pairs_of_runs_reach() -> None:
    """The product over codes against a plain breadth-first search over pairs, on a world with few events."""
    table = explore_order(MACHINE, TINIEST, (), (), FEW)
    rows = table.joint
    seen, queue = {(0, 0)}, [(0, 0)]
    for a, b in queue:
        steps = [(t, b) for t in table.local[a]] + [(a, t) for t in table.local[b]]
        pairs = [(one[a], other[b]) for group in rows for one in group for other in group]
        steps += [(one, other) for one, other in pairs if one >= 0 and other >= 0]
        fresh = dict.fromkeys(step for step in steps if step not in seen)
        seen.update(fresh)
        queue.extend(fresh)
    found = explore_network(table, 2)
    assert found.states == len(seen)
    assert count_symmetric(table, 2) == len({tuple(sorted(pair)) for pair in seen})


def test_the_counterexample_is_shortest_and_the_same_at_every_run() -> None:
    ((_, cube),) = REFUTED.nevers
    constants = {"grace": 1, "ttl": 2, "protection": 1, "latency": 1, "age": 0, "observe": 0}
    formulas = [FORMULAS[name] for name in REFUTED.assumes if name in FORMULAS]
    table = explore_order(MACHINE, constants, [cube], formulas)
    run_by_table = shortest(table, REFUTED.actions, cube)
    run_by_seeking = seek(MACHINE, constants, REFUTED.actions, cube, formulas)
    assert run_by_table is not None
    assert run_by_seeking is not None
    assert [a.name for a in run_by_table.actions] == [a.name for a in run_by_seeking.actions]
    (nearest,) = {
        explore_network(table, orders, bad_codes(table, REFUTED)).first[f"{REFUTED.id}: in_flight"] for orders in (1,)
    }
    assert nearest + 1 == len(run_by_table.actions) == 7
