"""`orphan-tracker export`: the machine and its proofs in the languages of other tools."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Literal

from cyclopts import App, Parameter

from orphan_oracle.errors import InputError, one_line
from orphan_oracle.terminal import emit

export = App(name="export", help="Write the machine, its proof obligations and its runs for other tools.")


@export.command
def smtlib(folder: str, *, proofs: bool = False) -> int:
    """Every proof obligation, and what must be possible, as stand-alone SMT-LIB 2.6 files with a manifest.

    Parameters
    ----------
    folder
        Where the files are written; it is made where it does not exist.
    proofs
        Write cvc5's proof of each file that must be unsat beside it, and proofs.json (some minutes). Exit status 1 says
        that a proof has a step that is asked to be trusted.
    """
    from orphan_proofs.certificates import certificates, write
    from orphan_proofs.verification import THEORIES

    path = _folder(folder)
    counts = write(THEORIES, path)["counts"]
    files = f"{counts['unsat']:,} files that must be unsat, {counts['sat']:,} that must be sat, and manifest.json"
    emit([f"{files} in {folder}"])
    if not proofs:
        return 0
    from orphan_proofs.proof_objects import write_proofs

    counts = write_proofs(certificates(THEORIES), path)["counts"]
    told = f"{counts['proofs']:,} proofs of {counts['steps']:,} steps, {counts['trusted']} of them to be trusted"
    emit([f"{told}, and proofs.json in {folder}"])
    return 1 if counts["trusted"] else 0


@export.command
def tla(
    folder: str | None = None,
    *,
    machine: Literal["tracker", "book"] = "tracker",
    orders: int = 1,
    observe: Literal["oid", "cloid"] = "oid",
    claim: str | None = None,
    assume: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    without: Annotated[tuple[str, ...], Parameter(consume_multiple=True)] = (),
    grace: int = 1,
    ttl: int = 2,
    protection: int = 1,
    latency: int = 1,
    age: int = 0,
) -> int:
    """The machine as a TLA+ module with its claims as invariants, and a configuration for TLC.

    Parameters
    ----------
    folder
        Where the module and its configuration are written, called as the machine is (OrphanTracker.tla and
        OrphanTracker.cfg). Without it, the module is printed, and the configuration behind its last line, where TLA+
        reads no further.
    machine
        The tracker's automaton, or that of the client's local book.
    orders
        How many orders the configuration has.
    observe
        What a listing shows.
    claim
        Only this claim, under its assumptions, and only the fields that it depends on, for instance `S3/oid`.
    assume
        What is assumed besides, for instance `A3 A7`: more claims are stated, and fewer states are reached.
    without
        Events that do not happen, for instance `RESTART FILL`.
    grace
        Units of time in the grace period.
    ttl
        Units of time in a CLOID's expected window.
    protection
        Units of time in an OID's heard-of window.
    latency
        Units of time that an answer may take (A4).
    age
        Units of time from the instant that a snapshot shows to its use (A3).
    """
    from orphan_proofs.survey import MACHINES
    from orphan_proofs.tla import Model, write_configuration, write_module
    from orphan_spec.guarantees import GUARANTEES

    if orders < 1 or min(grace, ttl, protection) < 1 or min(latency, age) < 0:
        raise InputError("orders, grace, ttl and protection are at least 1, latency and age at least 0")
    theory = MACHINES[machine]
    claims = {c.id: c for c in theory.claims if c.guarantee.id in GUARANTEES}
    _known("--claim", () if claim is None else (claim,), claims)
    _known("--assume", assume, theory.formulas)
    _known("--without", without, [event.name for event in theory.machine.events])
    constants = {"grace": grace, "ttl": ttl, "protection": protection, "latency": latency, "age": age}
    constants["observe"] = ("oid", "cloid").index(observe)
    model = Model(theory, orders, constants, claims[claim] if claim else None, without, assume)
    module, configuration = write_module(model), write_configuration(model)
    if folder is None:
        emit([*module.splitlines(), *configuration.splitlines()])
        return 0
    (_folder(folder) / f"{model.name}.tla").write_text(module, encoding="utf-8")
    (_folder(folder) / f"{model.name}.cfg").write_text(configuration, encoding="utf-8")
    return 0


def _known(option: str, given: Iterable[str], known: Iterable[str]) -> None:
    """InputError where something is named that there is not."""
    for name in given:
        if name not in known:
            raise InputError(f"{option} {one_line(name)}: there are {', '.join(known)}")


@export.command
def itf(folder: str) -> int:
    """The counterexample of the refuted guarantee and a run to every witness as ITF traces, one file each.

    Parameters
    ----------
    folder
        Where the files are written; it is made where it does not exist.
    """
    from orphan_proofs.itf import itf_traces
    from orphan_proofs.verification import THEORY

    names = []
    for trace in itf_traces(THEORY):
        names.append(f"{trace.name}.itf.json")
        (_folder(folder) / names[-1]).write_text(json.dumps(trace.document, indent=1) + "\n", encoding="utf-8")
    emit(names)
    return 0


View = Annotated[Literal["order", "tracker"], Parameter(help="The order's phases, or what it is to the tracker.")]


@export.command
def mermaid(*, of: View = "tracker") -> int:
    """The state diagram in Mermaid."""
    from orphan_proofs.diagram import draw
    from orphan_proofs.diagram import mermaid as written
    from orphan_proofs.verification import THEORY

    emit(written(draw(THEORY, of)))
    return 0


@export.command
def dot(*, of: View = "tracker") -> int:
    """The state diagram for Graphviz."""
    from orphan_proofs.diagram import dot as written
    from orphan_proofs.diagram import draw
    from orphan_proofs.verification import THEORY

    emit(written(draw(THEORY, of)))
    return 0


def _folder(name: str) -> Path:
    path = Path(name)
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{name}: cannot be made a folder: {error.strerror}") from error
    return path
