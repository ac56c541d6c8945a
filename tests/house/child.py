"""Processes of their own that tests kill: `python -m MODULE ARGUMENTS`, without the second that importing the program takes.

They are forked from one process that has imported it and does nothing else (multiprocessing's fork server), as a node's own
workers are (docs/adr/0065). A child shares nothing with the test but files, and dies of what it is sent.
"""

import functools
import multiprocessing
import os
import runpy
import signal
import sys
from multiprocessing.connection import Connection
from typing import Any, BinaryIO

_IMPORTED = ["smartmail.app.node", "smartmail.app.wiring.services", "tests.flows.house"]


class Child:
    """One such process; `stdout` gives what it says. The methods are those of subprocess.Popen."""

    def __init__(self, process: Any, stdout: BinaryIO) -> None:
        self._process = process
        self.pid: int = process.pid
        self.stdout = stdout

    def poll(self) -> int | None:
        """Return how it ended, as subprocess says it (-9: killed), None while it runs."""
        code: int | None = self._process.exitcode
        return code

    def wait(self, timeout: float | None = None) -> int | None:
        """Wait until it has ended or the seconds are over; return as `poll` does."""
        self._process.join(timeout)
        return self.poll()

    def kill(self) -> None:
        """End it as a loss of power would, and wait for the end; no more is heard of it."""
        if self.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
        self.wait()
        self.stdout.close()


def start(module: str, *arguments: str) -> Child:
    """Run a module as the program of a new process."""
    near, far = _server().Pipe(duplex=False)
    process = _server().Process(target=_run, args=(module, arguments, far), daemon=True)
    process.start()
    far.close()
    descriptor = os.dup(near.fileno())
    near.close()
    return Child(process, os.fdopen(descriptor, "rb"))


@functools.cache
def _server() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(_IMPORTED)
    return context


def _run(module: str, arguments: tuple[str, ...], out: Connection) -> None:
    os.dup2(out.fileno(), 1)
    out.close()
    sys.argv = [module, *arguments]
    runpy.run_module(module, run_name="__main__", alter_sys=True)
