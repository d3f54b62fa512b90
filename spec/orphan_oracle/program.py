"""A stranger's program behind a pipe: asked one line, it answers one line, or is reported as what it is.

Three rules. Nothing waits without a limit: not for a reply, not for a program that does not read, not for its end. Whatever
ends a conversation, the whole process group is killed and waited for. A program is judged by what it writes to standard
output; what it writes to standard error is kept, the newest of it, and shown.
"""

import contextlib
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Sequence
from typing import IO, Final

from orphan_oracle.errors import InputError, one_line

REPLY_LIMIT: Final = 16 * 1024 * 1024
"""No reply is longer, in bytes."""

STDERR_KEPT: Final = 8192
"""How much of the newest standard error is kept, in bytes."""

PATIENCE: Final = 1.0
"""How long a program may take to end after `stop` or the end of its input, in seconds."""

CHUNK: Final = 65536

KINDS: Final = {
    "died": "died",
    "hung": "hung",
    "chatty": "talked out of turn",
    "garbage": "answered garbage",
    "lying": "answered what is no reply",
}
"""What a program may do instead of answering."""


class ProgramError(Exception):
    """The program did not do what the protocol asks; its text says what it did instead."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{KINDS[kind]}: {message}")
        self.kind = kind


class Program:
    """One running program; use it as a context manager, so that nothing of it is left."""

    def __init__(self, command: Sequence[str], time_limit: float) -> None:
        self.command = list(command)
        self.time_limit = time_limit
        self._out = bytearray()
        self._err = bytearray()
        try:
            self._process = subprocess.Popen(
                self.command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
            raise InputError(f"cannot run {one_line(self.command[0])}: {one_line(reason)}") from error
        self._selector = selectors.DefaultSelector()
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
        self._selector.register(self._pipe("stdout"), selectors.EVENT_READ, "stdout")
        self._selector.register(self._pipe("stderr"), selectors.EVENT_READ, "stderr")

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        self.kill()

    @property
    def stderr(self) -> str:
        """The newest that the program wrote to standard error."""
        return self._err.decode("utf-8", "replace")

    def ask(self, request: bytes, longer: float = 0.0) -> bytes:
        """Sends one line and returns the line that comes back; ProgramError where none does in time, or so much longer."""
        self._refuse_unasked()
        deadline = time.monotonic() + self.time_limit + longer
        pending = memoryview(request)
        writing = self._pipe("stdin")
        self._selector.register(writing, selectors.EVENT_WRITE, "stdin")
        try:
            while b"\n" not in self._out:
                for key, _ in self._wait(deadline):
                    if key.data == "stdin":
                        pending = self._write(pending)
                        if not pending:
                            self._selector.unregister(writing)
                    else:
                        self._read(key.data)
        finally:
            with contextlib.suppress(KeyError, ValueError):
                self._selector.unregister(writing)
        line, _, rest = bytes(self._out).partition(b"\n")
        self._out[:] = rest
        if pending:
            raise ProgramError("chatty", "it answered before it had read the whole request")
        return line

    def end(self, farewell: bytes) -> str | None:
        """Says good-bye; what was wrong with the way the program took it, if anything."""
        try:
            self.time_limit = min(self.time_limit, PATIENCE)
            self.ask(farewell)
            self._pipe("stdin").close()
            status = self._process.wait(PATIENCE)
        except (ProgramError, OSError):
            return "it did not answer `stop`"
        except subprocess.TimeoutExpired:
            return "it did not end after `stop`"
        finally:
            self.kill()
        return None if status == 0 else f"it ended with status {status} after `stop`"

    def kill(self) -> None:
        """Ends the program and all that it started, and leaves no zombie."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        self._drain()
        self._selector.close()
        for name in ("stdin", "stdout", "stderr"):
            with contextlib.suppress(OSError):
                self._pipe(name).close()

    def _pipe(self, name: str) -> IO[bytes]:
        pipe: IO[bytes] = getattr(self._process, name)
        return pipe

    def _refuse_unasked(self) -> None:
        self._read("stdout")
        if self._out:
            raise ProgramError("chatty", f"it said more than it was asked: {shown(bytes(self._out))}")

    def _wait(self, deadline: float) -> list[tuple[selectors.SelectorKey, int]]:
        left = deadline - time.monotonic()
        if left <= 0:
            raise ProgramError("hung", f"no reply within {self.time_limit:g} s")
        ready = self._selector.select(left)
        if not ready:
            raise ProgramError("hung", f"no reply within {self.time_limit:g} s")
        return ready

    def _write(self, pending: memoryview) -> memoryview:
        try:
            return pending[os.write(self._pipe("stdin").fileno(), pending[:CHUNK]) :]
        except BlockingIOError:
            return pending
        except OSError:
            raise self._death() from None

    def _read(self, name: str) -> None:
        try:
            chunk = os.read(self._pipe(name).fileno(), CHUNK)
        except BlockingIOError:
            return
        except (OSError, ValueError):
            chunk = b""
        if name == "stderr":
            self._err += chunk
            del self._err[:-STDERR_KEPT]
            if not chunk:
                self._forget(name)
            return
        self._out += chunk
        if not chunk:
            raise self._death()
        if len(self._out) > REPLY_LIMIT:
            raise ProgramError("chatty", f"its reply is longer than {REPLY_LIMIT // 2**20} MB")

    def _forget(self, name: str) -> None:
        with contextlib.suppress(KeyError, ValueError):
            self._selector.unregister(self._pipe(name))

    def _death(self) -> ProgramError:
        try:
            status = self._process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            return ProgramError("died", "it closed its standard output")
        if status < 0:
            return ProgramError("died", f"it was ended by signal {_signal(-status)}")
        return ProgramError("died", f"it ended with status {status} instead of a reply")

    def _drain(self) -> None:
        """Reads what is left on standard error, without waiting."""
        with contextlib.suppress(OSError, ValueError):
            while chunk := os.read(self._pipe("stderr").fileno(), CHUNK):
                self._err += chunk
                del self._err[:-STDERR_KEPT]


def shown(reply: bytes, most: int = 120) -> str:
    """The beginning of what a program wrote, fit for a terminal."""
    text = one_line(reply[: most * 4].decode("utf-8", "replace"))
    return text if len(text) <= most else f"{text[:most]}…"


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return str(number)
