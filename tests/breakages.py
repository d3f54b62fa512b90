"""What notices when one guard of the machine, or one line of the reference, is broken by hand.

    python tests/breakages.py        breaks each in a scratch copy, asks every means, and writes breakages.json

Three rules. A means is a command that somebody would run anyway, and it notices by failing; each is first seen to pass on
an unbroken copy, else its failing would say nothing. Means are independent where another program, another text or
another search decides. And what is written down is what was seen: which means failed, and the line that says so.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent
DATA = Path(__file__).with_name("breakages.json")
ROOMS = ("spec", "proofs", "reference")


@dataclass(frozen=True)
class Breakage:
    """One change by hand."""

    name: str
    subject: str
    file: str
    where: str
    """A regular expression that matches exactly once."""
    before: str
    """What stands there."""
    after: str
    """What shall stand there instead."""
    least: int
    """So many means have to notice."""


@dataclass(frozen=True)
class Means:
    """A command that fails when it notices."""

    name: str
    subject: str
    command: tuple[str, ...]


BREAKAGES = (
    Breakage(
        "an orphan is cancelled within its grace",
        "machine",
        "spec/orphan_spec/machine.py",
        r"(\(|_orphan, )aging == YES, orphan_since \+ grace <= as_of\)",
        "orphan_since + grace <= as_of",
        "orphan_since <= as_of",
        4,
    ),
    Breakage(
        "a repeated acknowledgement opens a window again",
        "machine",
        "spec/orphan_spec/machine.py",
        r"when=\(protected_until <= now, candidate == YES, acknowledged == NO\)",
        ", acknowledged == NO",
        "",
        4,
    ),
    Breakage(
        "an orphan is cancelled within its grace",
        "reference",
        "reference/orphan_tracker/tracker.py",
        r"Reason\.AGED if as_of >= aged_at else",
        "aged_at",
        "self._first_seen[oid]",
        2,
    ),
    Breakage(
        "a finalization opens no window",
        "reference",
        "reference/orphan_tracker/tracker.py",
        r"order\.finalized_until = \w+(\._memory)?\.hear_of\(oid, now\)",
        ".hear_of(oid, now)",
        ".forgotten_change_at",
        2,
    ),
)

PYTEST = ("-m", "pytest", "-q", "-x", "-p", "no:cacheprovider")
COMMAND = ("-c", "import sys; from orphan_oracle.command import main; sys.exit(main())")
MEANS = (
    Means("Z3, induction", "machine", (*COMMAND, "verify")),
    Means("cvc5, the certificates", "machine", (*COMMAND, "verify", "--second-solver", "cvc5")),
    Means("exploration to the fixpoint", "machine", (*COMMAND, "explore", "--orders", "1")),
    Means("TLC on the exported module", "machine", (*PYTEST, "tests/test_tla.py")),
    Means("lockstep with the reference", "machine", (*PYTEST, "tests/test_lockstep.py")),
    Means("the judge beside the machine", "machine", (*PYTEST, "tests/test_judge_product.py")),
    Means("lockstep with the machine", "reference", (*PYTEST, "tests/test_lockstep.py")),
    Means("stateful tests beside the naive model", "reference", (*PYTEST, "tests/test_reference_random.py")),
    Means("the norms, one by one", "reference", (*PYTEST, "tests/test_reference_norms.py")),
    Means("random desks, judged", "reference", (*PYTEST, "tests/test_reference_judged.py")),
    Means(
        "the vectors, through the pipe",
        "reference",
        (*COMMAND, "vectors", "run", "--", sys.executable, "-m", "orphan_tracker.driver"),
    ),
    Means("symbolic properties", "reference", (*PYTEST, "tests/test_reference_symbolic.py")),
)


def copy(folder: Path) -> None:
    """The parts of the repository that the means need."""
    for room in (*ROOMS, "tests", "docs"):
        shutil.copytree(ROOT / room, folder / room, ignore=shutil.ignore_patterns("__pycache__", "node_modules"))
    for name in ("pyproject.toml", "README.md"):
        shutil.copy(ROOT / name, folder / name)


def plant(breakage: Breakage, folder: Path) -> None:
    """Break the copy."""
    path = folder / breakage.file
    text = path.read_text(encoding="utf-8")
    found = list(re.finditer(breakage.where, text))
    if len(found) != 1 or breakage.before not in found[0][0]:
        raise SystemExit(f"{breakage.name}: {breakage.where} matches {len(found)} times in {breakage.file}, not once")
    start, end = found[0].span()
    changed = found[0][0].replace(breakage.before, breakage.after)
    path.write_text(text[:start] + changed + text[end:], encoding="utf-8")


def ask(means: Means, folder: Path) -> str | None:
    """What a means says against the copy; None where it passes."""
    paths = os.pathsep.join(str(folder / room) for room in ROOMS)
    environment = os.environ | {"PYTHONPATH": paths, "PYTHONDONTWRITEBYTECODE": "1", "HYPOTHESIS_PROFILE": "ci"}
    command = [sys.executable, *means.command]
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False, timeout=600)
    if ran.returncode == 0:
        return None
    lines = [line.strip() for line in (ran.stdout + ran.stderr).splitlines() if line.strip()]
    telling = [line for line in lines if re.search(r"^E  |FAILED|disagree|not proved|fails|broken|expected", line)]
    return (telling or lines or ["it ended with a signal"])[0].replace(str(folder), ".")[:200]


def seen(breakages: Sequence[Breakage] = BREAKAGES) -> Iterator[dict[str, Any]]:
    """For each breakage, which means notice it and which do not."""
    for breakage in breakages:
        with tempfile.TemporaryDirectory(prefix="broken-") as scratch:
            folder = Path(scratch)
            copy(folder)
            plant(breakage, folder)
            answers = {m.name: ask(m, folder) for m in MEANS if m.subject == breakage.subject}
        noticed = {name: said for name, said in answers.items() if said is not None}
        passed = [name for name, said in answers.items() if said is None]
        yield {
            "breakage": breakage.name,
            "of": breakage.subject,
            "file": breakage.file,
            "least": breakage.least,
            "noticed_by": noticed,
            "not_by": passed,
        }


def unbroken() -> list[str]:
    """The means that fail although nothing is broken."""
    with tempfile.TemporaryDirectory(prefix="whole-") as scratch:
        folder = Path(scratch)
        copy(folder)
        return [f"{m.name}: {said}" for m in MEANS if (said := ask(m, folder)) is not None]


def main() -> int:
    """Write what is seen."""
    wrong = [] if "--trust" in sys.argv else unbroken()
    if wrong:
        print("fails although nothing is broken:", *wrong, sep="\n")
        return 1
    found = list(seen())
    DATA.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(found, indent=1))
    print("\n".join(unnoticed(found)) or "everything was noticed by as many means as it has to be")
    return 1 if unnoticed(found) else 0


def unnoticed(found: Sequence[dict[str, Any]]) -> list[str]:
    """The breakages that too few means notice."""
    few = [one for one in found if len(one["noticed_by"]) < one["least"]]
    return [f"{one['of']}: {one['breakage']}: noticed only by {sorted(one['noticed_by'])}" for one in few]


if __name__ == "__main__":
    sys.exit(main())
