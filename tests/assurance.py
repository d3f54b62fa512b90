"""Who says that a guarantee holds: the assurance page, made from what the checks themselves are made of.

Two rules. No figure is typed: each comes from a proof that is run here, from counts that a test pins, or from a table that
another command generates and CI compares. And no cell is empty without a reason: a means that says nothing about a
guarantee says why.
"""

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from hypothesis import settings

import code_mutants
from orphan_oracle.timing_report import guarantees_document
from orphan_oracle.vectors import vectors
from orphan_oracle.verify_report import GuaranteeDocument, VerifyDocument, verify_document
from orphan_proofs.certificates import Certificate, certificates
from orphan_proofs.promises import promises
from orphan_proofs.rediscover import counted
from orphan_proofs.survey import explorations, pinned
from orphan_proofs.verification import THEORIES, verify
from orphan_spec.constants import Constants, Environment
from orphan_spec.guarantees import ASSUMPTIONS, GUARANTEES
from tla_cases import CASES

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"


@dataclass(frozen=True)
class Says:
    """What a means says of a guarantee: a figure, or why it says nothing."""

    text: str
    silent: bool = False


def silent(why: str) -> Says:
    return Says(why, silent=True)


@cache
def report() -> VerifyDocument:
    """Everything that `verify` finds out."""
    return verify_document(verify())


@cache
def listed() -> tuple[Certificate, ...]:
    """Every certificate."""
    return tuple(certificates(THEORIES))


def of(guarantee: str) -> GuaranteeDocument:
    """What became of a guarantee in the proofs."""
    return next(one for one in report().guarantees if one.id == guarantee)


NOT_IN_MACHINE = "the machine does not express it"
BY_TEXT = "no state breaks it: it is read off the text, action by action, and off its normal form"


def induction(guarantee: str) -> Says:
    """Z3: for all runs, in dense time, all constants and any number of orders."""
    found = of(guarantee)
    if found.status == "not_modelled":
        return silent(NOT_IN_MACHINE)
    told = []
    for reading in found.readings:
        variant = f"{reading.variant}: " if reading.variant else ""
        obligations = f", {counted(reading.obligations, 'obligation')}" if reading.status != "refuted" else ""
        told.append(f"{variant}{reading.status.replace('_', ' ')}{obligations} ({', '.join(reading.assumes)})")
    return Says("<br>".join(told))


def timing(guarantee: str) -> Says:
    """Z3 in dense time: the exact bound at the default constants, with a sync every 10 s over snapshots up to 1 s old."""
    document = guarantees_document(promises(Constants(), ASKED))
    found = next(one for one in document.guarantees if one.id == guarantee)
    if found.bound_ns is not None:
        reached = "reached" if found.attained else "approached"
        return Says(f"{found.status}: {found.bound_ns / SECOND:g} s, {reached}")
    if not found.holds_when:
        return silent("no length of time is at stake")
    when = (f"{c.parameter} < {c.less_than_ns / SECOND:g} s" for c in found.holds_when if c.less_than_ns)
    return Says(f"{found.status} for every latency, proved exactly where {' and '.join(when)}")


def second_solver(guarantee: str) -> Says:
    """cvc5: the same questions as files, and a proof object of each that is unsatisfiable."""
    about = [c for c in listed() if re.split(r"[/: ]", c.subject)[0] == guarantee]
    if not about:
        return _unstated(guarantee)
    unsat = sum(c.expected == "unsat" for c in about)
    return Says(f"{counted(unsat, 'file')} unsat, {len(about) - unsat} sat, beside those of the lemmas")


def spacer(guarantee: str) -> Says:
    """Z3's Spacer: an inductive invariant that owes nothing to our lemmas, or a run; a deep test finds them all."""
    claims = [claim for theory in THEORIES for claim in theory.claims if claim.guarantee.id == guarantee]
    nevers = {said: sum(len(c.nevers) for c in claims if c.expected == said) for said in ("proved", "refuted")}
    told = [f"{counted(nevers['proved'], 'invariant')}, found without our lemmas and checked"] * bool(nevers["proved"])
    told += [f"{counted(nevers['refuted'], 'run')} that breaks what is published as refuted"] * bool(nevers["refuted"])
    return Says("<br>".join(told)) if told else _unstated(guarantee)


def _unstated(guarantee: str) -> Says:
    """Why a means that asks about states says nothing."""
    return silent(BY_TEXT if of(guarantee).status == "proved" else NOT_IN_MACHINE)


def exploration(guarantee: str) -> Says:
    """Every reachable state at scaled constants: must break where, and only where, the proofs say so."""
    pins, told = pinned(), []
    for orders in (1, 2, 3):
        about = [e for e in explorations() if e.orders == orders and e.claim and e.claim.guarantee.id == guarantee]
        states = [pins[e.name]["states"] or 0 for e in about if e.name in pins]
        if states:
            broken = sum(pins[e.name]["broken"] is not None for e in about if e.name in pins)
            found = f", {broken} broken as published" if broken else ""
            told.append(
                f"{counted(orders, 'order')}: {counted(len(states), 'run')}, up to {max(states):,} states{found}"
            )
    if not told:
        return _unstated(guarantee)
    return Says("<br>".join(told))


def tlc(guarantee: str) -> Says:
    """TLC on the exported modules: the same states, the same verdicts, the same shortest lengths."""
    told = []
    for orders in (1, 2):
        about = [case for case in CASES if case.orders == orders and guarantee in asked_of_tlc()[case.id]]
        states = [case.states for case in about if case.states and case.length is None]
        if states:
            told.append(
                f"{counted(orders, 'order')}: {counted(len(states), 'model')}{SOME[orders]}, "
                f"up to {max(states):,} states, the same as ours"
            )
        for case in about:
            if case.length is not None:
                what = f"broken without {case.lacks}" if case.lacks else "broken as published"
                told.append(f"{counted(orders, 'order')}: {what} in {case.length} states, the same as ours")
    if told:
        return Says("<br>".join(told))
    return _unstated(guarantee)


SOME = {1: "", 2: " with some of the events each"}
"""Two orders that do everything are too many states for TLC."""


@cache
def asked_of_tlc() -> dict[str, frozenset[str]]:
    """The guarantees that each model is about."""
    return {case.id: case.guarantees for case in CASES}


LOCKSTEP_SILENT = {
    "L1": "a bound is no single step",
    "L2": "a bound is no single step",
    "L3": "a bound is no single step",
    "R1": "it compares decisions, not sizes",
}


def lockstep(guarantee: str) -> Says:
    """The reference's real code beside the machine, to the fixpoint: each decision is the machine's."""
    from test_lockstep import ONE, ONE_DEEP, TWO

    if of(guarantee).status == "not_modelled":
        return silent(NOT_IN_MACHINE)
    if guarantee in LOCKSTEP_SILENT:
        return silent(LOCKSTEP_SILENT[guarantee])
    one, two = (max(explored.states for explored in pins.values()) for pins in (ONE | ONE_DEEP, TWO))
    runs = f"1 order: {len(ONE | ONE_DEEP)} runs, up to {one:,} product states"
    return Says(f"{runs}<br>2 orders: {len(TWO)} runs, up to {two:,} product states")


def mutants(guarantee: str) -> Says:
    """Words of the machine whose loss is noticed first by what is claimed for this guarantee."""
    text = (DOCS / "mutants.md").read_text(encoding="utf-8")
    count = len(re.findall(rf"\\| proof: {guarantee}[:/]", text))
    if count:
        return Says(f"{counted(count, 'mutant')} of the machine noticed first by this claim")
    if of(guarantee).status == "not_modelled":
        return silent(NOT_IN_MACHINE)
    return silent("a lemma or a norm notices first whatever would break it")


def stateful(guarantee: str) -> Says:
    """The reference lives random lives, and the judge finds nothing."""
    import test_desk_judged as desks
    import test_reference_judged as judged

    if guarantee in COMPARED:
        return silent("the judge looks at one log; this speaks of sizes, or of two runs (`test_reference_random`)")
    told = []
    if guarantee in JUDGED:
        lives = settings_of(judged.test_reference_that_sees_cloids_is_judged_clean).max_examples
        told.append(f"{lives} random lives for each way to observe, judged clean; thousands with `-m deep`")
    told.append(f"desks under {len(desks.FAULTS)} kinds of faults, judged clean; hundreds of seeds with `-m deep`")
    return Says("<br>".join(told))


def settings_of(test: object) -> settings:
    """The settings of a property test."""
    found = test._hypothesis_internal_use_settings  # type: ignore[attr-defined]
    assert isinstance(found, settings)
    return found


JUDGED = frozenset({"S1", "S2", "S3", "S4", "S5", "L1"})
"""What the judge judges in the lives of a tracker alone; a desk's log shows the rest."""

COMPARED = frozenset({"L2", "R1", "R2", "R3"})
"""What no single log shows."""


def pipe(guarantee: str) -> Says:
    """Wrong trackers that `certify` rejects, by the guarantee that it names."""
    text = (DOCS / "adequacy.md").read_text(encoding="utf-8")
    count = len(re.findall(rf"^\| [^|]+ \| {guarantee} \|", text, re.MULTILINE))
    if count:
        return Says(f"{counted(count, 'wrong tracker')} rejected for it")
    return silent("no fault of the zoo is first seen as this")


def vector(guarantee: str) -> Says:
    """The language-neutral suite that the reference and four other drivers pass."""
    count = sum(one.guarantee == guarantee for one in vectors())
    return (
        Says(counted(count, "vector"))
        if count
        else silent("no single fault of a tracker shows as this in one short dialogue")
    )


def hazards(guarantee: str) -> Says:
    """Races that real systems met: the unsafe variant is found out, the reference survives."""
    page = DOCS / "hazards.md"
    if not page.exists():
        return silent("the hazards are not told as scenarios yet")
    rows = [row.split(" | ") for row in page.read_text(encoding="utf-8").splitlines() if re.match(r"\| H\d+ \|", row)]
    about = [row[0].strip("| ") for row in rows if guarantee in row[2].split()]
    return Says(", ".join(about)) if about else silent("no known hazard is a breach of this alone")


MEANS: tuple[tuple[str, Callable[[str], Says]], ...] = (
    ("Z3, induction", induction),
    ("Z3, exact times", timing),
    ("cvc5", second_solver),
    ("Spacer", spacer),
    ("exploration", exploration),
    ("TLC", tlc),
    ("mutants of the machine", mutants),
    ("lockstep with the reference", lockstep),
    ("stateful tests, judged", stateful),
    ("certification of wrong trackers", pipe),
    ("vectors", vector),
    ("hazards", hazards),
)

SECOND = 1_000_000_000
ASKED = Environment(sync_period_min=10 * SECOND, sync_period_max=10 * SECOND, snapshot_age_max=SECOND)


def matrix() -> Iterator[str]:
    """What each means says of each guarantee, guarantee by guarantee."""
    for one in GUARANTEES.values():
        yield ""
        yield f"### {one.id}: {one.claim}"
        yield ""
        yield "| means | what it says |"
        yield "|---|---|"
        for name, means in MEANS:
            says = means(one.id)
            yield f"| {name} | {'nothing: ' if says.silent else ''}{says.text} |"


def overview() -> Iterator[str]:
    """One line for each guarantee: which means speak."""
    yield f"| | status | {' | '.join(name for name, _ in MEANS)} |"
    yield f"|---|---|{'---|' * len(MEANS)}"
    for one in GUARANTEES.values():
        marks = ["–" if means(one.id).silent else "yes" for _, means in MEANS]
        yield f"| {one.id} | {of(one.id).status.replace('_', ' ')} | {' | '.join(marks)} |"
    yield ""
    yield "A dash has its reason below."


def whole() -> Iterator[str]:
    """What speaks for the whole, and not for one guarantee."""
    yield from ("| what | figure | command |", "|---|---|---|")
    yield from (f"| {what} | {figure} | `{command}` |" for what, figure, command in (*_proofs(), *_mutants()))


def _proofs() -> Iterator[tuple[str, str, str]]:
    found = report()
    unsat = sum(c.expected == "unsat" for c in listed())
    verbose = "orphan-tracker verify --verbose"
    proved = f"{found.proved:,} of {found.obligations:,} proved by {found.solver}"
    yield "proof obligations", proved, "orphan-tracker verify"
    yield "witnesses, so that nothing holds because nothing happens", str(len(found.witnesses)), verbose
    yield "assumptions shown to be needed", str(len(found.needs)), verbose
    answers = f"{unsat:,} that must be unsat, {len(listed()) - unsat} that must be sat"
    yield "certificates", answers, "orphan-tracker verify --second-solver cvc5"
    objects = f"one for each of the {unsat:,}, no step to be trusted"
    yield "proof objects", objects, "orphan-tracker export smtlib DIR --proofs"


def _mutants() -> Iterator[tuple[str, str, str]]:
    machine = _line("mutants.md", r"^\d+ mutants: .*unexplained")
    yield "mutants of the machine ([mutants.md](mutants.md))", machine, "orphan-tracker verify --mutants"
    total, killed = code_mutants.totals(code_mutants.read())
    missing = len(code_mutants.unmeasured())
    figure = f"{killed:,} of {total:,} killed, {total - killed} equivalent for a stated reason"
    figure += f"; {missing} modules are not measured yet" if missing else ""
    yield "mutants of the code ([code-mutants.md](code-mutants.md))", figure, "python tests/code_mutants.py"
    rows = [row for row in (DOCS / "planted-bugs.md").read_text(encoding="utf-8").splitlines() if ".py` |" in row]
    figure = f"{sum('caught' in row for row in rows)} of {len(rows)} caught"
    yield "planted bugs of the reference ([planted-bugs.md](planted-bugs.md))", figure, "python tests/planted_bugs.py"
    zoo = _line("adequacy.md", r"^.*missed;.*false alarms")
    yield "wrong trackers, and correct variations ([adequacy.md](adequacy.md))", zoo, "python tests/zoo.py"
    figure = "[symbolic-execution.md](symbolic-execution.md) says what it adds and what it cannot do"
    command = "HYPOTHESIS_PROFILE=crosshair pytest tests/test_reference_symbolic.py"
    yield "symbolic execution of the reference", figure, command


def _line(name: str, pattern: str) -> str:
    found = re.search(pattern, (DOCS / name).read_text(encoding="utf-8"), re.MULTILINE)
    if found is None:
        raise SystemExit(f"docs/{name} has no line like {pattern}")
    return found[0]


def broken() -> Iterator[str]:
    """What noticed when something was broken by hand."""
    path = ROOT / "tests/breakages.json"
    for one in json.loads(path.read_text(encoding="utf-8")):
        yield ""
        yield f"**{one['of']}** (`{one['file']}`): {one['breakage']}. Noticed by {len(one['noticed_by'])} means:"
        yield ""
        yield from (f"* {name}: `{said}`" for name, said in one["noticed_by"].items())
        if one["not_by"]:
            yield f"* not by: {', '.join(one['not_by'])}"


TRUSTED = (
    "**The words.** That the claims in `orphan_spec/guarantees.py` are what a trader needs, and that their formulas in "
    "`orphan_spec/properties.py` say the same. The judge says them a second time, over logs, and both are compared.",
    "**The world.** What the machine does not express, it proves nothing about; the assumptions below are about your exchange "
    "and your network, and no tool can prove them.",
    "**The printers.** One text is printed as SMT-LIB, as TLA+ and as Python. An error in one printer makes one reader disagree "
    "with the others, unless all make it.",
    "**The readers.** Z3, cvc5, TLC, Java and CPython. No verdict on the machine rests on one of them alone.",
    "**The proof objects' checker.** cvc5 checks its own steps; the objects are written so that another program can.",
    "**The induction's frame.** That induction over one order is enough (R2) is argued in `orphan_proofs/obligations.py`; its "
    "premises are obligations, the argument is not.",
    "**The clock.** That `now` never goes back is the caller's to ensure; the reference refuses one that does.",
)


def page() -> str:
    """The page."""
    lines = [
        "# Who says so",
        "",
        "For each guarantee, which independent means say that it holds, how far each has looked, and what is trusted without",
        "proof. Generated by `python tests/generate.py`; do not edit.",
        "",
        "*proved*: for all runs, times, constants and any number of orders. What is explored, run in lockstep or certified is",
        "*checked to a bound*, and the bound is given. Wrong trackers, vectors and hazards are *tested*.",
        "",
        *overview(),
        "",
        "## The whole",
        "",
        *whole(),
        "",
        "## Guarantee by guarantee",
        *matrix(),
        "",
        "## Broken by hand",
        "",
        "`python tests/breakages.py` breaks one thing at a time in a scratch copy and asks each means.",
        *broken(),
        "",
        "## What is trusted without proof",
        "",
        *(f"* {text}" for text in TRUSTED),
        *(f"* {one.id}: {one.claim}" for one in ASSUMPTIONS.values()),
        "",
    ]
    return "\n".join(lines)


def unexplained(text: str) -> list[str]:
    """The rows of the page in which a cell is empty or a reason is missing."""
    rows = [row for row in text.splitlines() if row.startswith("|") and not row.startswith("| |")]
    return [row for row in rows if any(cell.strip() in ("", "nothing:") for cell in row[1:-1].split("|"))]
