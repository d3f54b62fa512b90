"""The drivers: one tracker written from the specification, and one wrong one, in each of five languages.

Three rules. A driver is built into a folder of its own, never into the tree. A compiler that is missing skips its language by
name, unless ORPHAN_TRACKER_REQUIRE_COMPILERS=1, when it is an error. The TypeScript compiler is an npm package: it is taken
from `drivers/typescript/node_modules`, else from the path.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import pytest

FOLDER = Path(__file__).parent.parent / "drivers"

REQUIRED = os.environ.get("ORPHAN_TRACKER_REQUIRE_COMPILERS") == "1"

MOST_LINES = 150


class Language(NamedTuple):
    """How a language's driver is built and run."""

    suffix: str
    compiler: str
    build: Callable[[str, Path, Path], list[str]]
    run: Callable[[Path, Path], list[str]]


def tsc() -> str:
    local = FOLDER / "typescript" / "node_modules" / ".bin" / "tsc"
    return str(local) if local.exists() else "tsc"


LANGUAGES = {
    "python": Language(".py", sys.executable, lambda *_: [], lambda source, _: [sys.executable, str(source)]),
    "go": Language(
        ".go",
        "go",
        lambda compiler, source, target: [compiler, "build", "-o", str(target), str(source)],
        lambda _, target: [str(target)],
    ),
    "rust": Language(
        ".rs",
        "rustc",
        lambda compiler, source, target: [compiler, "-D", "warnings", "-o", str(target), str(source)],
        lambda _, target: [str(target)],
    ),
    "cpp": Language(
        ".cpp",
        "g++",
        lambda compiler, source, target: [compiler, "-std=c++20", "-o", str(target), str(source)],
        lambda _, target: [str(target)],
    ),
    "typescript": Language(
        ".ts",
        tsc(),
        lambda compiler, source, target: [
            compiler,
            *("--strict", "--target", "es2022", "--lib", "es2022", "--module", "commonjs"),
            *("--outDir", str(target), str(source)),
        ],
        lambda source, target: ["node", str(target / f"{source.stem}.js")],
    ),
}


def source(language: str, name: str) -> Path:
    return FOLDER / language / f"{name}{LANGUAGES[language].suffix}"


def built(language: str, name: str, folder: Path) -> list[str]:
    """The command that runs a driver, which is built first; skips where the compiler is missing."""
    told = LANGUAGES[language]
    missing = [
        tool for tool in (told.compiler, *(["node"] if language == "typescript" else [])) if not shutil.which(tool)
    ]
    if missing:
        message = f"{missing[0]} is not installed, which the {language} driver needs"
        if REQUIRED:
            pytest.fail(message)
        pytest.skip(message)
    target = folder / f"{language}-{name}"
    build = told.build(told.compiler, source(language, name), target)
    if build:
        done = subprocess.run(build, capture_output=True, text=True, check=False, timeout=300)
        assert done.returncode == 0, done.stdout + done.stderr
    return told.run(source(language, name), target)
