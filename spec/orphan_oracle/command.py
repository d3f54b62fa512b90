"""The command line: finds the command, and turns whatever ends it into an exit status.

Three rules. Exit status 0 says that all holds, 1 that something does not, 2 that the input or the call is wrong; then one line
on standard error says what, where, and what would be right. Only the standard library is imported here, so that a missing extra
can be named. A command's module is imported when the command is called.
"""

import sys
from collections.abc import Sequence
from typing import Final

from orphan_oracle.errors import InputError, one_line

PROGRAM: Final = "orphan-tracker"

COMMANDS: Final[dict[str, str]] = {
    "verify": "orphan_oracle.commands.verify:verify",
    "guarantees": "orphan_oracle.commands.guarantees:guarantees",
    "explore": "orphan_oracle.commands.explore:explore",
    "export": "orphan_oracle.commands.export:export",
    "check": "orphan_oracle.commands.check:check",
    "certify": "orphan_oracle.commands.certify:certify",
    "replay": "orphan_oracle.commands.replay:replay",
    "vectors": "orphan_oracle.commands.vectors:vectors",
    "fake-exchange": "orphan_oracle.commands.fake_exchange:fake_exchange",
    "simulate": "orphan_oracle.commands.simulate:simulate",
}
"""Where every command is found."""

EXTRAS: Final[dict[str, str]] = {
    "msgspec": "oracle",
    "cyclopts": "oracle",
    "rich": "oracle",
    "jinja2": "oracle",
    "junitparser": "oracle",
    "z3": "proofs",
    "cvc5": "proofs",
}
"""The extra that brings a package."""

INTERRUPTED: Final = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line; the result is the exit status."""
    try:
        return _run(list(sys.argv[1:] if arguments is None else arguments))
    except InputError as error:
        return _refuse(str(error))
    except ModuleNotFoundError as error:
        package = (error.name or "").partition(".")[0]
        if package not in EXTRAS:
            raise
        return _refuse(f"{package} is not installed; install it with: pip install 'orphan-tracker[{EXTRAS[package]}]'")
    except KeyboardInterrupt:
        return _interrupted()
    except Exception as error:
        if _is(error, "ctypes", "ArgumentError") and KeyboardInterrupt.__name__ in str(error):
            return _interrupted()  # Ctrl-C came while ctypes read an argument, and it tells only so
        if not _is(error, "orphan_proofs.solver", "UndecidedError"):
            raise
        print(f"{PROGRAM}: {one_line(str(error))}", file=sys.stderr)
        return 1


def _interrupted() -> int:
    print(f"{PROGRAM}: interrupted", file=sys.stderr)
    return INTERRUPTED


def _is(error: Exception, module: str, name: str) -> bool:
    """Whether it is that error, without loading the module: where nobody has, it is not."""
    return isinstance(error, getattr(sys.modules.get(module), name, ()))


def _refuse(reason: str) -> int:
    print(f"{PROGRAM}: {one_line(reason)}", file=sys.stderr)
    return 2


def _run(arguments: list[str]) -> int:
    from cyclopts import App, CycloptsError

    app = App(
        name=PROGRAM,
        help="Tell a lost order from a good one: judge logs, prove the guarantees, certify a tracker.",
        version=_version,
        result_action="return_value",
        suppress_keyboard_interrupt=False,
    )
    for name, place in COMMANDS.items():
        app.command(place, name=name)
    if not arguments:
        raise InputError(f"which command? There are: {', '.join(COMMANDS)}; see {PROGRAM} --help")
    try:
        status: object = app(arguments, exit_on_error=False, print_error=False)
    except CycloptsError as error:
        raise InputError(str(error)) from error
    return status if isinstance(status, int) else 0


def _version() -> str:
    from importlib.metadata import version

    return f"{PROGRAM} {version(PROGRAM)}"


if __name__ == "__main__":
    sys.exit(main())
