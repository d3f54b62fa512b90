"""Tables that take minutes: made by all processors, stamped with what they are made from, and made anew in samples.

Two rules. The stamp is a digest of every file that decides what the table says, so a table that may be old is known to be.
And what `.ci/run` makes anew is chosen by the commit, so that in time everything is.
"""

import subprocess
from collections.abc import Callable, Iterable, Iterator, Sequence
from hashlib import sha256
from importlib.resources import files
from multiprocessing import get_context
from pathlib import Path
from typing import Any, TypeVar

from orphan_proofs.mutation import INPUTS

TESTS = Path(__file__).parent
ROOT = TESTS.parent

Item, Made = TypeVar("Item"), TypeVar("Made")

_AT_WORK: list[tuple[Callable[[Any], Any], Sequence[Any]]] = []
"""What the processes that are forked find in memory, for not everything can be sent."""


def mapped(function: Callable[[Item], Made], items: Iterable[Item], chunk: int = 1) -> Iterator[Made]:
    """What the function makes of each item, in order, by all processors."""
    listed = list(items)
    _AT_WORK.append((function, listed))
    try:
        with get_context("fork").Pool() as pool:
            yield from pool.imap(_made, range(len(listed)), chunksize=chunk)
    finally:
        _AT_WORK.pop()


def _made(place: int) -> Any:
    function, items = _AT_WORK[-1]
    return function(items[place])


def commit() -> str:
    """The commit that is checked out; nothing where there is none."""
    command = ["git", "rev-parse", "HEAD"]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False).stdout


def chosen(items: Iterable[Item], count: int, name: Callable[[Item], str]) -> list[Item]:
    """So many of the items, chosen by the commit."""
    now = commit()
    return sorted(items, key=lambda item: sha256(f"{now}{name(item)}".encode()).hexdigest())[:count]


def stamp(paths: Iterable[Path], more: str = "") -> str:
    """A digest of these files, and of whatever else decides."""
    hashed = sha256(more.encode())
    for path in sorted(paths):
        hashed.update(f"\n{path.name}\n".encode() + path.read_bytes())
    return hashed.hexdigest()[:16]


def sources(package: str) -> Iterator[Path]:
    """The modules of a package of ours."""
    return (Path(str(path)) for path in files(package).iterdir() if path.name.endswith(".py"))


def machine_sources() -> Iterator[Path]:
    """The modules that the machine is made of."""
    return (Path(str(files("orphan_spec").joinpath(name))) for name in INPUTS["orphan_spec"])


def is_stamped(table: Path, digest: str) -> bool:
    """Whether the table says that it was made from this."""
    return f"`{digest}`" in table.read_text(encoding="utf-8")
