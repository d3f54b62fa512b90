"""Standard output and error as the commands use them.

Two rules. A document goes to standard output in one piece or not at all; what is only for the person at the terminal goes to
standard error. A reader who closes the pipe is no error.
"""

import os
import shutil
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager


def emit(lines: Iterable[str]) -> None:
    """Writes lines to standard output; quietly stops where nobody reads them any more."""
    text = "".join(f"{line}\n" for line in lines)
    try:
        sys.stdout.write(text)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def width() -> int | None:
    """The width of the terminal that standard output is, or None where it is none."""
    return shutil.get_terminal_size().columns if sys.stdout.isatty() else None


@contextmanager
def counting(what: str) -> Iterator[Callable[[str, int], None] | None]:
    """Shows progress on standard error while the block runs, where that is a terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(what)

        def tell(name: str, count: int) -> None:
            elapsed = progress.tasks[task].elapsed or 0.0
            rate = f", {count / elapsed:,.0f} a second" if elapsed else ""
            progress.update(task, description=f"{what} {escape(name)}: {count:,} events{rate}")

        yield tell
