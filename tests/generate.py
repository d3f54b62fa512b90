"""Everything in the repository that is generated, and the one command that makes it anew: `python tests/generate.py`.

With `--check`, nothing is written, and the exit status is 1 where a file is not what it would become. The two tables that
take long are not made anew by `--check`: the mutants' carries a digest of its inputs, and a sample of its rows is judged
again, chosen by the commit; `--slow` makes both.
"""

import subprocess
import sys
from collections.abc import Callable, Iterator
from hashlib import sha256
from multiprocessing import get_context
from pathlib import Path

from orphan_oracle.mutants_report import markdown_row, mutants_markdown
from orphan_oracle.schemas import FOLDER, generated
from orphan_oracle.timing_pages import documents
from orphan_oracle.verify_report import verify_markdown
from orphan_proofs.mutation import Mutant, Verdict, digest, extent, judge_mutant, mutants, mutate
from orphan_proofs.verification import THEORIES, verify

ROOT = Path(__file__).parent.parent
BEGIN, END = "<!-- generated: verified properties -->\n", "<!-- end of generated -->"
SAMPLE = 12


def readme() -> tuple[Path, str]:
    """The README with the table of verified properties."""
    path = ROOT / "README.md"
    before, _, rest = path.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    table = "".join(f"{line}\n" for line in verify_markdown(verify()))
    return path, f"{before}{BEGIN}{table}{END}{after}"


def schemas() -> Iterator[tuple[Path, str]]:
    """The JSON Schemas."""
    for name, text in generated().items():
        yield FOLDER / name, text


def timing() -> Iterator[tuple[Path, str]]:
    """The timing guarantees of the default constants, as documents."""
    for name, text in documents():
        yield ROOT / "docs" / name, text


def hazards() -> Iterator[tuple[Path, str]]:
    """The table of hazards, with what was found and survived just now."""
    from hazard_suite import table

    yield ROOT / "docs/hazards.md", table()


def refuted() -> Iterator[tuple[Path, str]]:
    """The refuted ideas, each with its trace."""
    from refuted_ideas import documents

    for name, text in documents():
        yield ROOT / "docs/refuted" / name, text


def two_minutes() -> Iterator[tuple[Path, str]]:
    """The desk before and after the tracker, from stated seeds."""
    from orphan_oracle.desk_pages import documents as pages

    for name, text in pages():
        yield ROOT / "docs" / name, text


def judge_pins() -> Iterator[tuple[Path, str]]:
    """What the judge says of random lives."""
    from judge_pins import pins

    yield ROOT / "tests/judge-pins.txt", pins()


def assurance_page() -> Iterator[tuple[Path, str]]:
    """Who says that a guarantee holds."""
    from assurance import page

    yield ROOT / "docs/assurance.md", page()


def code_mutants_page() -> Iterator[tuple[Path, str]]:
    """What was measured of the mutants of the code; to measure anew is `python tests/code_mutants.py`."""
    from code_mutants import page

    yield ROOT / "docs/code-mutants.md", page()


def mutant_table() -> tuple[Path, str]:
    """The verdict on every mutant of the machine."""
    verdicts = tuple(mutate(THEORIES, judge=parallel))
    return ROOT / "docs/mutants.md", "".join(f"{line}\n" for line in mutants_markdown(verdicts, digest()))


def parallel(listed: list[Mutant], explored: dict[int, tuple[int, int]]) -> Iterator[Verdict]:
    """The verdicts, by all processors."""
    _AT_WORK[:] = [(mutant, explored) for mutant in listed]
    with get_context("fork").Pool() as pool:
        yield from pool.imap(_judged, range(len(listed)), chunksize=8)


_AT_WORK: list[tuple[Mutant, dict[int, tuple[int, int]]]] = []
"""What the processes that are forked find in memory; a mutant is too large to be sent."""


def _judged(place: int) -> Verdict:
    return judge_mutant(*_AT_WORK[place])


def planted_bugs() -> tuple[Path, str]:
    """Which check catches which planted bug of the reference."""
    from planted_bugs import table

    return ROOT / "docs/planted-bugs.md", table()


def sampled_mutants() -> list[str]:
    """What is wrong with the committed table of mutants: a stale digest, or sampled rows that come out otherwise."""
    text = (ROOT / "docs/mutants.md").read_text(encoding="utf-8")
    if f"`{digest()}`" not in text:
        return ["docs/mutants.md is older than the machine or its proofs: run python tests/generate.py --slow"]
    commit = subprocess.run(["git", "rev-parse", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    listed = [(mutant, theory) for theory in THEORIES for mutant in mutants(theory)]
    ranked = sorted(listed, key=lambda one: sha256(f"{commit}{one[0].id}".encode()).hexdigest())
    explored = {id(theory): extent(theory) for theory in THEORIES}
    rows = [markdown_row(judge_mutant(mutant, explored[id(theory)])) for mutant, theory in ranked[:SAMPLE]]
    return [f"docs/mutants.md: otherwise now: {row}" for row in rows if row not in text]


QUICK: tuple[Callable[[], Iterator[tuple[Path, str]]], ...] = (
    lambda: iter((readme(),)),
    schemas,
    timing,
    hazards,
    refuted,
    judge_pins,
    code_mutants_page,
    assurance_page,
)
MEDIUM: tuple[Callable[[], Iterator[tuple[Path, str]]], ...] = (two_minutes,)
"""Half a minute: made and checked by the command, and not by the tests."""

SLOW: tuple[Callable[[], Iterator[tuple[Path, str]]], ...] = (
    lambda: iter((mutant_table(),)),
    lambda: iter((planted_bugs(),)),
)


def main(arguments: list[str]) -> int:
    """Write what is generated, or check it."""
    check, slow = "--check" in arguments, "--slow" in arguments
    wrong: list[str] = []
    for make in (*QUICK, *MEDIUM, *(SLOW if slow else ())):
        for path, text in make():
            if path.exists() and path.read_text(encoding="utf-8") == text:
                continue
            wrong.append(f"{path.relative_to(ROOT)} is not current: run python tests/generate.py")
            if not check:
                path.write_text(text, encoding="utf-8")
    if check:
        if not slow:
            from code_mutants import stale

            wrong.extend([*sampled_mutants(), *stale()])
        print("\n".join(wrong) or "everything that is generated is current")
    return 1 if check and wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
