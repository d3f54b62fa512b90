"""Mutants of the reference and of the judge, by mutmut: how many the tests kill, and why the others are equivalent.

    python tests/code_mutants.py              the modules that changed since they were last measured
    python tests/code_mutants.py --all        all of them (some twenty minutes)
    python tests/code_mutants.py --sample     some mutants, chosen by the commit, measured again; writes nothing
    python tests/code_mutants.py memory.py    these modules

Three rules. A mutant is killed where a test fails or runs out of time; one that no test reaches has survived. Whatever
survives is written down in `code-mutants.json`, and its reason in `equivalent_mutants.py`; a survivor without a reason,
and a reason without a survivor, is an error. And each module carries the digest of the text that was measured.

mutmut finds a package's tests only where the package lies at the top of the folder in which it runs, so it runs in a
scratch copy. It mutates functions and methods, but not those under a decorator.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import chdir
from dataclasses import asdict, dataclass
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from equivalent_mutants import REASONS, Reason
from slow_tables import ROOT, chosen

DATA = Path(__file__).with_name("code-mutants.json")
NOTICED = {"killed", "timeout", "segfault", "check was interrupted by user"}
"""What mutmut calls a mutant that fails a test, runs out of time, is killed for that, or cannot be imported."""
UNNOTICED = {"survived", "no tests"}
SAMPLE = 40
"""How many mutants of each package `--sample` measures."""
LEAST = 95
"""So many mutants in a hundred have to be killed."""


@dataclass(frozen=True)
class Subject:
    """A package, the modules of it that are mutated, and the tests that have to notice."""

    package: str
    room: str
    modules: tuple[str, ...]
    quick: tuple[str, ...]
    """The tests that meet every mutant."""
    slow: tuple[str, ...]
    """The tests that meet what the quick ones leave over without a reason."""

    @property
    def folder(self) -> Path:
        """Where the package is."""
        return ROOT / self.room / self.package


REFERENCE = Subject(
    "orphan_tracker",
    "reference",
    ("tracker.py", "memory.py", "model.py", "auditor.py", "config.py", "driver.py"),
    ("test_reference_norms.py", "test_reference_hazards.py", "test_reference_interface.py", "test_reference_words.py"),
    ("test_reference_driver.py", "test_reference_random.py", "test_reference_judged.py"),
)
DESK = Subject(
    "orphan_tracker",
    "reference",
    (
        *("book.py", "book_model.py", "tombstones.py", "stale.py", "placement.py", "safety_sync.py"),
        *("desk.py", "exchange.py", "policy.py", "report.py", "journal.py"),
    ),
    ("test_local_book.py", "test_desk_hazards.py", "test_desk.py", "test_desk_details.py"),
    ("test_desk_judged.py",),
)
JUDGE = Subject(
    "orphan_spec",
    "spec",
    (
        "judge.py",
        "memory.py",
        "forgetting.py",
        "history.py",
        "verdicts.py",
        "cancels.py",
        "drops.py",
        "hindsight.py",
        "findings.py",
        "syncs.py",
    ),
    (
        "test_judge_must_*.py",
        "test_judge_hindsight.py",
        "test_judge_words.py",
        "test_judge_lifecycle.py",
        "test_judge_pins.py",
        "test_judge_details.py",
    ),
    ("test_judge_state.py", "test_judge_naive.py", "test_judge_lives.py", "test_judge_product.py"),
)
SUBJECTS = (REFERENCE, DESK, JUDGE)


@dataclass(frozen=True)
class Survivor:
    """A mutant that no test notices: the function and what is written there instead of what."""

    function: str
    before: str
    after: str


@dataclass(frozen=True)
class Measured:
    """What came out for one module."""

    digest: str
    mutants: int
    survivors: tuple[Survivor, ...]

    @property
    def killed(self) -> int:
        """How many mutants a test notices."""
        return self.mutants - len(self.survivors)


def digest(path: Path) -> str:
    """What a measurement is about: the module's text, and who mutated it."""
    return sha256(f"mutmut {version('mutmut')}\n{path.read_text(encoding='utf-8')}".encode()).hexdigest()[:12]


def read() -> dict[str, Measured]:
    """The last measurements, by the module's path."""
    if not DATA.exists():
        return {}
    found: dict[str, Any] = json.loads(DATA.read_text(encoding="utf-8"))
    return {
        path: Measured(one["digest"], one["mutants"], tuple(Survivor(**s) for s in one["survivors"]))
        for path, one in found.items()
    }


def write(found: dict[str, Measured]) -> None:
    """Write the measurements, and the page about them."""
    wanted = [name(subject, module) for subject in SUBJECTS for module in subject.modules]
    ordered = {path: asdict(found[path]) for path in wanted if path in found}
    DATA.write_text(json.dumps(ordered, indent=1) + "\n", encoding="utf-8")
    (ROOT / "docs/code-mutants.md").write_text(page(), encoding="utf-8")


def name(subject: Subject, module: str) -> str:
    """A module's path in the repository."""
    return f"{subject.room}/{subject.package}/{module}"


def prepare(subject: Subject, modules: Sequence[str], folder: Path, tests: tuple[str, ...]) -> None:
    """The scratch copy, in which mutmut runs."""
    shutil.copytree(subject.folder, folder / subject.package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "tests", folder / "tests", ignore=shutil.ignore_patterns("__pycache__", "code-mutants.json"))
    chosen = sorted(f"tests/{path.name}" for pattern in tests for path in (ROOT / "tests").glob(pattern))
    lines = [
        "[tool.pytest.ini_options]",
        'markers = ["deep: long runs"]',
        'filterwarnings = ["error"]',
        "[tool.mutmut]",
        f"source_paths = {[subject.package]!r}",
        f"only_mutate = {[f'{subject.package}/{module}' for module in modules]!r}",
        f"pytest_add_cli_args_test_selection = {chosen!r}",
        'pytest_add_cli_args = ["-p", "no:cacheprovider", "-p", "no:benchmark"]',
        "use_git_change_detection = false",
        "track_dependencies = false",
    ]
    (folder / "pyproject.toml").write_text("\n".join([*lines, ""]), encoding="utf-8")


def run(folder: Path, mutants: Sequence[str] = ()) -> None:
    """Let mutmut run in a folder, over all mutants or those named."""
    command = [
        str(Path(sys.executable).with_name("mutmut")),
        "run",
        "--max-children",
        str(os.cpu_count() or 1),
        *mutants,
    ]
    environment = os.environ | {"HYPOTHESIS_PROFILE": "mutants"}
    ran = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)
    if ran.returncode:
        raise SystemExit(f"mutmut failed in {folder}:\n{ran.stdout[-4000:]}{ran.stderr[-4000:]}")


def outcomes(folder: Path, subject: Subject, module: str) -> dict[str, int | None]:
    """mutmut's exit status for every mutant of a module; None where it was not asked."""
    meta = folder / "mutants" / subject.package / f"{module}.meta"
    found: dict[str, int | None] = json.loads(meta.read_text(encoding="utf-8"))["exit_code_by_key"]
    return found


def survives(status: int | None) -> bool:
    """Whether no test noticed."""
    from mutmut.stats import status_by_exit_code

    said = status_by_exit_code[status]
    if said not in NOTICED | UNNOTICED:
        raise SystemExit(f"mutmut says {said!r} of a mutant; that is neither noticed nor unnoticed")
    return said in UNNOTICED


def survivor(folder: Path, subject: Subject, module: str, mutant: str) -> Survivor:
    """What a mutant changes."""
    from mutmut.mutation.diff_apply import get_diff_for_mutant

    with chdir(folder):
        diff = get_diff_for_mutant(mutant, path=Path(subject.package) / module)
    lines = [line for line in diff.splitlines() if line[:2] not in ("--", "++", "@@")]
    before = " ".join(line[1:].strip() for line in lines if line.startswith("-"))
    after = " ".join(line[1:].strip() for line in lines if line.startswith("+"))
    return Survivor(function(mutant), before, after)


def function(mutant: str) -> str:
    """The function of a mutant, as its module calls it."""
    last = mutant.rsplit(".", 1)[1]
    last = re.sub(r"__mutmut_\d+$", "", last)
    return ".".join(last.removeprefix("xǁ").split("ǁ")) if "ǁ" in last else last.removeprefix("x_")


def measure(subject: Subject, modules: Sequence[str]) -> Iterator[tuple[str, Measured]]:
    """Every mutant of some modules: by the quick tests, and what they leave over without a reason by the slow ones too."""
    counts, survivors = _survivors(subject, modules, subject.quick)
    left = {
        mutant
        for module in modules
        for mutant, survivor in survivors[module].items()
        if reason(name(subject, module), survivor) is None
    }
    if left:
        _, still = _survivors(subject, modules, (*subject.quick, *subject.slow), sorted(left))
        for module in modules:
            found = survivors[module].items()
            survivors[module] = {mutant: s for mutant, s in found if mutant not in left or mutant in still[module]}
    for module in modules:
        told = tuple(survivors[module].values())
        yield name(subject, module), Measured(digest(subject.folder / module), counts[module], told)


def _survivors(
    subject: Subject, modules: Sequence[str], tests: tuple[str, ...], mutants: Sequence[str] = ()
) -> tuple[dict[str, int], dict[str, dict[str, Survivor]]]:
    """For each module, how many mutants there are, and which of those asked for survive these tests."""
    counts: dict[str, int] = {}
    survivors: dict[str, dict[str, Survivor]] = {}
    with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
        folder = Path(scratch)
        prepare(subject, modules, folder, tests)
        run(folder, mutants)
        for module in modules:
            found = outcomes(folder, subject, module)
            counts[module] = len(found)
            asked = {mutant: status for mutant, status in found.items() if not mutants or mutant in mutants}
            lost = [mutant for mutant, status in asked.items() if survives(status)]
            survivors[module] = {mutant: survivor(folder, subject, module, mutant) for mutant in lost}
    return counts, survivors


def all_mutants(folder: Path, subject: Subject, module: str) -> list[str]:
    """The names of a module's mutants."""
    from mutmut.configuration import reset_config
    from mutmut.mutation.file_mutation import mutate_file_contents

    path = subject.folder / module
    with chdir(folder):
        reset_config()
        mutated = mutate_file_contents(f"{subject.package}/{module}", path.read_text(encoding="utf-8"))
    return [f"{subject.package}.{path.stem}.{mutant}" for mutant in mutated.mutant_names]


def sample() -> list[str]:
    """What came out otherwise than is written down, for some mutants chosen by the commit."""
    known = read()
    wrong = []
    for subject in SUBJECTS:
        measured = [module for module in subject.modules if name(subject, module) in known]
        if not measured:
            continue
        with tempfile.TemporaryDirectory(prefix="mutants-") as scratch:
            folder = Path(scratch)
            prepare(subject, measured, folder, subject.quick)
            every = [(module, mutant) for module in measured for mutant in all_mutants(folder, subject, module)]
            some = chosen(every, SAMPLE, lambda one: one[1])
            run(folder, [mutant for _, mutant in some])
            for module, mutant in some:
                status = outcomes(folder, subject, module)[mutant]
                changed = survivor(folder, subject, module, mutant)
                listed = changed in known[name(subject, module)].survivors
                if survives(status) and not listed:
                    _, still = _survivors(subject, [module], (*subject.quick, *subject.slow), [mutant])
                    if not still[module]:
                        continue
                if survives(status) != listed:
                    wrong.append(f"{name(subject, module)}: {changed.function}: {changed.after}: status {status}")
    return wrong


def reason(path: str, survivor: Survivor) -> Reason | None:
    """The reason why a survivor is equivalent, if one is given."""
    where = path, survivor.function, survivor.after
    return next((r for r in REASONS if (r.module, r.function, r.after) == where), None)


def stale() -> list[str]:
    """What is wrong with what is written down: other texts, survivors without a reason, reasons without a survivor."""
    known, wrong = read(), []
    for subject in SUBJECTS:
        for module in subject.modules:
            path = name(subject, module)
            if path in known and known[path].digest != digest(subject.folder / module):
                wrong.append(f"docs/code-mutants.md is older than {path}: run python tests/code_mutants.py")
    used = {reason(path, s) for path, one in known.items() for s in one.survivors}
    lost = [(path, s) for path, one in known.items() for s in one.survivors if reason(path, s) is None]
    wrong += [f"{path}: {s.function}: {s.after}: survives without a reason" for path, s in lost]
    wrong += [f"a reason explains no mutant: {r.module}: {r.function}: {r.after}" for r in REASONS if r not in used]
    total, killed = totals(known)
    if killed * 100 < LEAST * total:
        wrong.append(f"{killed} of {total} mutants are killed; {LEAST} in a hundred have to be")
    return wrong


def unmeasured() -> list[str]:
    """The modules of which nothing is written down yet."""
    every = [name(subject, module) for subject in SUBJECTS for module in subject.modules]
    return [path for path in every if path not in read()]


def totals(known: dict[str, Measured]) -> tuple[int, int]:
    """How many mutants there are, and how many of them are killed."""
    return sum(one.mutants for one in known.values()), sum(one.killed for one in known.values())


def page() -> str:
    """The measurements as Markdown."""
    known = read()
    total, killed = totals(known)
    lines = [
        "# What the tests notice of a changed word in the code",
        "",
        "Generated by `python tests/code_mutants.py`; do not edit. mutmut changes one word of a function at a time, and the",
        "tests of that room have to fail. A mutant that survives has to be equivalent, for the reason that is given.",
        "`.ci/run` measures a sample again, chosen by the commit.",
        "",
        f"{total} mutants, {killed} killed ({100 * killed / max(total, 1):.1f} in a hundred), {total - killed} equivalent.",
        f"Mutated by mutmut {version('mutmut')}. The digest is of the text that was measured; the tests may be newer.",
        "",
        "| module | mutants | killed | survived | digest |",
        "|---|---|---|---|---|",
    ]
    for path, one in known.items():
        lines.append(f"| `{path}` | {one.mutants} | {one.killed} | {len(one.survivors)} | `{one.digest}` |")
    lines += [f"| `{path}` | not measured yet | | | |" for path in unmeasured()]
    lines += ["", "## Survivors", "", "| where | instead of | stands | why nothing can notice |", "|---|---|---|---|"]
    for path, one in known.items():
        for s in one.survivors:
            why = reason(path, s)
            cells = (
                f"`{path}` {s.function}",
                _code(s.before),
                _code(s.after),
                why.why if why else "NO REASON IS GIVEN",
            )
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join([*lines, ""])


def _code(text: str) -> str:
    escaped = text.replace("|", "\\|")
    return f"`` {escaped} ``" if "`" in escaped else f"`{escaped}`"


def main(arguments: list[str]) -> int:
    """Measure what is asked for, and say what is wrong."""
    if "--sample" in arguments:
        wrong = [*stale(), *sample()]
        print("\n".join(wrong) or "the sample came out as it is written down")
        return 1 if wrong else 0
    known = read()
    for subject in SUBJECTS:
        asked = [m for m in subject.modules if {m, name(subject, m)} & set(arguments)]
        changed = [
            module
            for module in subject.modules
            if "--all" in arguments
            or getattr(known.get(name(subject, module)), "digest", "") != digest(subject.folder / module)
        ]
        modules = asked if set(arguments) - {"--all"} else changed
        if modules:
            known |= dict(measure(subject, modules))
            write(known)
    write(known)
    wrong = stale()
    total, killed = totals(known)
    print("\n".join([*wrong, f"{killed} of {total} mutants are killed"]))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
