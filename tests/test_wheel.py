"""The wheel: what an installation without extras is, and that vectors, hazards and schemas come along."""

import json
import os
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from orphan_oracle.vectors import files, vectors

pytestmark = pytest.mark.deep

ROOT = Path(__file__).parent.parent


def run(*arguments: str | Path, **options: object) -> str:
    done = subprocess.run([*map(str, arguments)], capture_output=True, text=True, check=False, timeout=900, **options)  # type: ignore[call-overload]
    assert done.returncode == 0, done.stdout + done.stderr
    return str(done.stdout)


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", folder, ROOT)
    (built,) = folder.glob("orphan_tracker-*.whl")
    return built


@pytest.fixture(scope="module")
def bare(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The Python of a new environment into which the wheel was installed without extras."""
    folder = tmp_path_factory.mktemp("bare")
    run(sys.executable, "-m", "venv", folder)
    python = folder / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", "--no-index", wheel)
    return python


def elsewhere(tmp_path: Path) -> dict[str, object]:
    """Nothing of the tree is seen."""
    hidden = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")
    return {"cwd": tmp_path, "env": {key: value for key, value in os.environ.items() if key not in hidden}}


def test_vectors_hazards_schemas_and_pages_are_in_the_wheel(wheel: Path) -> None:
    names = set(zipfile.ZipFile(wheel).namelist())
    assert {f"orphan_oracle/vectors/{name}" for name in files()} <= names
    oracle = ROOT / "spec/orphan_oracle"
    for path in (*oracle.glob("schemas/*.json"), *oracle.glob("hazards/*.json"), oracle / "protocol.md"):
        assert str(path.relative_to(ROOT / "spec")) in names
    assert not [name for name in names if name.startswith(("tests/", "drivers/"))]


def test_tracker_alone_needs_nothing_and_brings_nothing(bare: Path, tmp_path: Path) -> None:
    listed = json.loads(run(bare, "-m", "pip", "list", "--format", "json", **elsewhere(tmp_path)))
    assert {one["name"] for one in listed} <= {"orphan-tracker", "pip", "setuptools"}
    source = (
        "import sys; before = set(sys.modules); import orphan_tracker\n"
        "new = {name.split('.')[0] for name in set(sys.modules) - before}\n"
        "print(sorted(name for name in new if name not in sys.stdlib_module_names))"
    )
    assert run(bare, "-c", source, **elsewhere(tmp_path)).strip() == "['orphan_tracker']"


def test_command_without_its_extra_says_which_one_in_one_line(bare: Path, tmp_path: Path) -> None:
    command = [str(bare.parent / "orphan-tracker"), "vectors", "list"]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60, **elsewhere(tmp_path))  # type: ignore[call-overload]
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (2, "", 1)
    assert "orphan-tracker[oracle]" in done.stderr


def test_installed_with_the_oracle_it_lists_vectors_and_certifies(wheel: Path, tmp_path: Path) -> None:
    run(sys.executable, "-m", "venv", tmp_path / "env")
    python = tmp_path / "env" / "bin" / "python"
    run(python, "-m", "pip", "install", "--quiet", f"{wheel}[oracle]")
    command = python.parent / "orphan-tracker"
    options = elsewhere(tmp_path)
    document = json.loads(run(command, "vectors", "list", "--format", "json", **options))
    assert len(document["cases"]) == len(vectors())
    source = "from orphan_oracle.schemas import FOLDER; print((FOLDER / 'trace.json').read_text())"
    assert json.loads(run(python, "-c", source, **options))["title"]
    run(command, "certify", "--smoke", "--", python, "-m", "orphan_tracker.driver", **options)
    run(command, "vectors", "run", "--", python, "-m", "orphan_tracker.driver", **options)
