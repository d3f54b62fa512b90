"""Everything in the repository that is generated, and the one command that makes it anew: `python tests/generate.py`.

With `--check`, nothing is written, and the exit status is 1 where a file is not what it would become. The tables that take
long are not made anew by `--check`: each carries a digest of its inputs, and a sample of its rows is made again, chosen by
the commit (here, or by the deep tests of the table); `--slow` makes them all.
"""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from orphan_oracle.mutants_report import markdown_row, mutants_markdown
from orphan_oracle.schemas import FOLDER, generated
from orphan_oracle.timing_pages import documents
from orphan_oracle.verify_report import verify_markdown
from orphan_proofs.mutation import Mutant, Verdict, digest, extent, judge_mutant, mutants, mutate
from orphan_proofs.verification import THEORIES, verify
from slow_tables import ROOT, chosen, mapped

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
    return mapped(lambda mutant: judge_mutant(mutant, explored), listed, chunk=8)


def planted_bugs() -> tuple[Path, str]:
    """Which check catches which planted bug of the reference."""
    from planted_bugs import TABLE, table

    return TABLE, table()


def zoo() -> tuple[Path, str]:
    """What certification says of wrong trackers and of correct variations."""
    from zoo import TABLE, table

    return TABLE, table()


def sampled_mutants() -> list[str]:
    """What is wrong with the committed table of mutants: a stale digest, or sampled rows that come out otherwise."""
    text = (ROOT / "docs/mutants.md").read_text(encoding="utf-8")
    if f"`{digest()}`" not in text:
        return ["docs/mutants.md is older than the machine or its proofs: run python tests/generate.py --slow"]
    listed = [(mutant, theory) for theory in THEORIES for mutant in mutants(theory)]
    ranked = chosen(listed, SAMPLE, lambda one: one[0].id)
    explored = {id(theory): extent(theory) for theory in THEORIES}
    rows = [markdown_row(judge_mutant(mutant, explored[id(theory)])) for mutant, theory in ranked]
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
    lambda: iter((zoo(),)),
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
