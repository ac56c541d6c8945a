"""The template process as the supervisor sees it, and the processes that it forks (docs/adr/0065)."""

import ctypes
import json
import os
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from smartmail.app.process_tree.child import process_environment
from smartmail.app.process_tree.template_process import LONGEST, MOST_DESCRIPTORS, READY

ANSWER_S: Final = 1.5
"""A fork takes some thousandths; whoever takes this long is stopped or ill, and processes start without it."""
AWAIT_S: Final = 20.0
"""How long the first processes of a node wait for the template to have imported the program."""
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 300.0
_PR_SET_CHILD_SUBREAPER = 36


class Forked:
    """A forked process: what child.Child needs of subprocess.Popen. Raises OSError when it is no child of ours."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self._handle = os.pidfd_open(pid)
        try:
            os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except OSError:
            # Nobody here could ever tell how it ended: better none than one that nobody watches.
            self.kill()
            os.close(self._handle)
            raise

    def send_signal(self, number: int) -> None:
        """Send a signal. Raises ProcessLookupError."""
        signal.pidfd_send_signal(self._handle, number)

    def kill(self) -> None:
        """End it now."""
        with suppress(ProcessLookupError):
            self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code, negative for a signal's number. Raises subprocess.TimeoutExpired. Once only."""
        if timeout is not None and not _readable(self._handle, timeout):
            raise subprocess.TimeoutExpired("worker", timeout)
        _, status = os.waitpid(self.pid, 0)
        os.close(self._handle)
        return os.waitstatus_to_exitcode(status)


class Template:
    """Keeps one template process, and says honestly when there is none: then processes start by exec."""

    def __init__(self, entry: str, *, wanted: bool = True) -> None:
        self._entry = entry
        self._wanted = wanted and sys.platform == "linux" and hasattr(os, "pidfd_open")
        self._process: subprocess.Popen[bytes] | None = None
        self.channel: socket.socket | None = None
        """Readable when the template is ready or has ended."""
        self.is_ready = False
        self.restart_at = 0.0
        self._failures = 0
        self._awaited_until = 0.0

    @property
    def pid(self) -> int:
        """Process id of the template, 0 when there is none."""
        return self._process.pid if self._process is not None else 0

    def is_due(self, now: float) -> bool:
        """Whether there is none and one should be started."""
        return self._wanted and self._process is None and now >= self.restart_at

    def is_awaited(self, now: float) -> bool:
        """Whether processes do well to wait for it: a node's first ones, which would all import the program at once."""
        return self._process is not None and not self.is_ready and now < self._awaited_until

    def start(self) -> None:
        """Start it; it is ready later. Raises OSError."""
        _adopt_orphans()
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        try:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [
                    sys.executable,
                    "-m",
                    "smartmail.app.process_tree.template_process",
                    str(theirs.fileno()),
                    str(os.getpid()),
                    self._entry,
                ],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[theirs.fileno()],
                env=process_environment(),
            )
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
        self.channel = ours
        if not self._awaited_until:
            self._awaited_until = time.monotonic() + AWAIT_S

    def wait_ready(self) -> bool:
        """Wait until it is ready; False where it is not to be had, or not in time."""
        while self.channel is not None and not self.is_ready:
            if not _readable(self.channel.fileno(), max(0.0, self._awaited_until - time.monotonic())):
                return False
            if not self.hear():
                self.ended(time.monotonic())
        return self.is_ready

    def hear(self) -> bool:
        """Take what it said; False when it hung up, or answers what nobody waits for any more."""
        assert self.channel is not None
        try:
            self.is_ready = self.channel.recv(LONGEST, socket.MSG_DONTWAIT) == READY
        except BlockingIOError:
            return True
        except OSError:
            self.is_ready = False
        return self.is_ready

    def fork(
        self, name: str, output: int, channel: int, listening: Sequence[int] = (), *, work: str = ""
    ) -> Forked | None:
        """Return a new process over these descriptors; None where it must be started by exec.

        `work`: what it does when it is no process of the tree (template_process).

        A template that fails or is silent is ended, which its channel tells.
        """
        if not self.is_ready or self.channel is None or len(listening) + 2 > MOST_DESCRIPTORS:
            return None
        asked = json.dumps({"name": name, "work": work, "listening": list(listening)}).encode()
        try:
            socket.send_fds(self.channel, [asked], [output, channel, *listening], socket.MSG_DONTWAIT)
            if not _readable(self.channel.fileno(), ANSWER_S):
                raise TimeoutError
            made = Forked(int(json.loads(self.channel.recv(LONGEST))["pid"]))
        except (OSError, ValueError, KeyError, TypeError):
            self.is_ready = False
            self._kill()
            return None
        self._failures = 0
        return made

    def ended(self, now: float) -> int:
        """Collect one that hung up, and plan the next; return its exit code."""
        code = self.close()
        self.restart_at = now + min(_FIRST_PAUSE_S * 2**self._failures, _LONGEST_PAUSE_S)
        self._failures += 1
        return code

    def close(self) -> int:
        """End it; return its exit code."""
        self.is_ready = False
        self._kill()
        code = self._process.wait() if self._process is not None else 0
        self._process = None
        if self.channel is not None:
            self.channel.close()
            self.channel = None
        return code

    def _kill(self) -> None:
        if self._process is not None:
            self._process.kill()


def reap_orphans(known: set[int]) -> None:
    """Collect what has ended and is nobody's: children of processes that died before them come to us, the subreaper."""
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return
        if ended is None or ended.si_pid in known:
            return
        os.waitpid(ended.si_pid, 0)


def _adopt_orphans() -> None:
    """Be the parent of all descendants whose own has ended (prctl(2), PR_SET_CHILD_SUBREAPER)."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def _readable(descriptor: int, within_s: float) -> bool:
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    return bool(poll.poll(within_s * 1000))
