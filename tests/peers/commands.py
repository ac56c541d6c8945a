"""Commands of ./smartmail beside a running node, each in a process of its own as an administrator runs them.

They are forked from a process that has imported the program once: an import takes longer than most commands. What a test
starts in another environment is started by `subprocess`.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

_PROCESSES = multiprocessing.get_context("forkserver")
_PROCESSES.set_forkserver_preload(["smartmail.app.cli.operations.running", "smartmail.app.recovery.restoring"])


class Forked:
    """A process that does `work` with `words` and has its streams in files; it may be killed."""

    def __init__(self, work: Callable[[list[str]], int], words: list[str], given: str = "") -> None:
        self._words = words
        self._place = tempfile.TemporaryDirectory()
        self._files = [os.path.join(self._place.name, name) for name in ("in", "out", "err")]
        for file, text in zip(self._files, (given, "", ""), strict=True):
            Path(file).write_text(text, encoding="utf-8")
        self._process = _PROCESSES.Process(target=_be, args=(work, words, self._files))
        self._process.start()

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self._process.pid is not None
        return self._process.pid

    def poll(self) -> int | None:
        """Return its exit code, negative for a signal's number, None while it runs."""
        return self._process.exitcode

    def kill(self) -> None:
        """Kill it; one that has just ended is no error."""
        self._process.kill()

    def finish(self, within: float | None = None) -> subprocess.CompletedProcess[str]:
        """Wait for its end; return code and output. Once only."""
        self._process.join(within)
        code = self._process.exitcode
        assert code is not None, f"{self._words}: not within {within} s"
        out, err = (Path(file).read_text(encoding="utf-8") for file in self._files[1:])
        self._place.cleanup()
        return subprocess.CompletedProcess(self._words, code, out, err)


def start_command(directory: Path, *words: str, given: str = "") -> Forked:
    """Start a command over a node's directory, with `given` on its standard input."""
    return Forked(_command, [*words, "--data", str(directory)], given)


def run_command(directory: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    """Run a command over a node's directory, with `given` on its standard input; return code and output."""
    return start_command(directory, *words, given=given).finish()


def _command(line: list[str]) -> int:
    from smartmail.app.cli import main

    return main(line)


def _be(work: Callable[[list[str]], int], words: list[str], files: list[str]) -> None:
    """Be the process that was forked."""
    for number, file in enumerate(files):
        descriptor = os.open(file, os.O_RDWR)
        os.dup2(descriptor, number)
        os.close(descriptor)
    sys.stdin = open(0, encoding="utf-8", closefd=False)  # noqa: SIM115 -- as long as the process
    sys.exit(work(words))
