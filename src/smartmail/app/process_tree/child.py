"""One process of the tree, as the supervisor sees it: started, heard, ended."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Protocol

import msgspec

from smartmail.app.roles import ProcessPlan
from smartmail.app.settings import Settings

DEFAULT_ENTRY = "smartmail.app.serving.bootstrap:run_worker"  # module:coroutine function, as in entry points
HEARTBEAT_S = 0.5
HUNG_S = 5.0
# Until it is ready a process may be busy with opening things and silent meanwhile, on a slow machine for long: a store
# that recovers holds its loop. It still has to come up. One that the kernel shows as stopped does nothing at all and
# is no case of patience: it has HUNG_S like one that was ready. (Ctrl-Z stops us too; when we wake all are forgiven.)
START_S = 60.0
BEAT, READY = b".", b"R"

# Failures before "ready" are repeated with growing pauses; a process that was ready is back at once.
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.25, 15.0
# A crash loop after "ready" must not eat the machine: more than this many deaths a minute slow the restarts down.
_DEATHS_A_MINUTE = 30


class Instance(Protocol):
    """A process that runs: subprocess.Popen, and template.Forked."""

    pid: int

    def send_signal(self, number: int, /) -> None:
        """Send a signal. Raises ProcessLookupError."""

    def kill(self) -> None:
        """End it now."""

    def wait(self, timeout: float | None = None) -> int:
        """Return its exit code, negative for a signal's number. Raises subprocess.TimeoutExpired."""


class Forker(Protocol):
    """What may have a process without importing the program anew: template.Template."""

    def fork(self, name: str, output: int, channel: int, listening: Sequence[int] = ()) -> Instance | None:
        """Return a new process over these descriptors; None where it must be started by exec."""


class Child:
    """A planned process and, while it lives, its running instance."""

    def __init__(
        self,
        plan: ProcessPlan,
        settings: Settings,
        listeners: Mapping[str, Sequence[socket.socket]],
        entry: str = DEFAULT_ENTRY,
    ) -> None:
        self.plan = plan
        self._entry = entry
        self._settings = settings
        self._listeners = {name: listeners[name] for name in plan.listeners if name in listeners}
        self._process: Instance | None = None
        self.channel: socket.socket | None = None
        self.is_ready = False
        self.last_beat = 0.0
        self.restart_at = 0.0
        self.failed_starts = 0
        self.deaths = 0
        self.begun_at = 0.0
        """When the instance was started, in seconds of Unix time."""
        self.leave_by = 0.0
        """Until when an instance that shall start anew may drain; 0 where none shall."""
        self._deaths: list[float] = []

    @property
    def is_running(self) -> bool:
        """Whether an instance lives."""
        return self._process is not None

    @property
    def pid(self) -> int:
        """Process id of the instance, 0 when there is none."""
        return self._process.pid if self._process is not None else 0

    def start(self, log_pipe: int, template: Forker | None = None) -> None:
        """Start an instance: forked from the template where there is one, else by exec; we have threads ourselves."""
        ours = self._forked(log_pipe, template) if template is not None else None
        if ours is None:
            ours = self._executed(log_pipe)
        message = {
            "parent": os.getpid(),
            "entry": self._entry,
            "roles": self.plan.roles,
            "listeners": {name: [sock.fileno() for sock in sockets] for name, sockets in self._listeners.items()},
            "settings": msgspec.to_builtins(self._settings),
        }
        with suppress(OSError):
            ours.sendall(json.dumps(message).encode() + b"\n")
        ours.setblocking(False)
        self.channel = ours
        self.is_ready = False
        self.last_beat = time.monotonic()
        self.begun_at = time.time()
        self.leave_by = 0.0

    def _forked(self, log_pipe: int, template: Forker) -> socket.socket | None:
        """Return our end of the new instance's channel; None, and no end that any process could hear, without one."""
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = template.fork(self.plan.name, log_pipe, theirs.fileno(), self._descriptors())
        if self._process is None:
            ours.close()
            return None
        return ours

    def _executed(self, log_pipe: int) -> socket.socket:
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(  # noqa: S603 - our own program
                [sys.executable, "-m", "smartmail.app.process_tree.worker", self.plan.name, str(theirs.fileno())],
                stdin=subprocess.DEVNULL,
                stdout=log_pipe,
                stderr=log_pipe,
                pass_fds=[theirs.fileno(), *self._descriptors()],
                env=process_environment(),
            )
        return ours

    def _descriptors(self) -> list[int]:
        return [sock.fileno() for sockets in self._listeners.values() for sock in sockets]

    def hear(self) -> bool:
        """Take what the instance said; False when it hung up."""
        assert self.channel is not None
        try:
            said = self.channel.recv(4096)
        except BlockingIOError:
            return True
        except OSError:
            return False
        if said:
            self.last_beat = time.monotonic()
            if READY in said:
                self.is_ready = True
                self.failed_starts = 0
        return bool(said)

    def is_hung(self, now: float) -> bool:
        """Whether it gave no sign of life for too long."""
        silent_s = now - self.last_beat
        if not self.is_running or silent_s <= HUNG_S:
            return False
        return self.is_ready or silent_s > START_S or _is_stopped(self.pid)

    def signal(self, number: int) -> None:
        """Send a signal to the instance, if there is one."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    def reap(self, patience_s: float = 1.0) -> int:
        """Collect the ended instance and return its exit code (negative: the signal); kills one that lingers."""
        assert self._process is not None
        try:
            code = self._process.wait(patience_s)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        self._process = None
        if self.channel is not None:
            self.channel.close()
            self.channel = None
        return code

    def plan_restart(self, now: float, *, wanted: bool = False) -> None:
        """Decide when the next instance starts; one that was asked to leave is back at once, and that was no death."""
        if wanted:
            self.is_ready, self.restart_at = False, now
            return
        self.deaths += 1
        self._deaths = [at for at in self._deaths if now - at < 60] + [now]
        if not self.is_ready:
            self.failed_starts += 1
            self.restart_at = now + min(_FIRST_PAUSE_S * 2 ** (self.failed_starts - 1), _LONGEST_PAUSE_S)
        else:
            self.restart_at = now + (1.0 if len(self._deaths) > _DEATHS_A_MINUTE else 0.0)
        self.is_ready = False

    def use(self, settings: Settings) -> None:
        """Give these settings to the instances that are started from now on."""
        self._settings = settings

    def start_anew(self, now: float, drain_s: float) -> None:
        """Let the instance drain; whoever hears it end starts the next one."""
        if self.is_running and not self.leave_by:
            self.leave_by = now + drain_s + 1.0
            self.signal(signal.SIGTERM)

    def row(self, now: float) -> dict[str, object]:
        """Return how it is, as domain.processes.ProcessRow has it."""
        state = (
            "down" if not self.is_running else "stopping" if self.leave_by else "ready" if self.is_ready else "starting"
        )
        return {
            "name": self.plan.name, "roles": self.plan.roles, "state": state, "pid": self.pid,
            "begun_at": int(self.begun_at * 1000) if self.is_running else None,
            "silent_ms": int((now - self.last_beat) * 1000) if self.is_running else 0,
            "memory": _resident(self.pid) if self.is_running else None, "deaths": self.deaths,
        }  # fmt: skip

    def kill(self) -> None:
        """End the instance now."""
        self.signal(signal.SIGKILL)


def process_environment() -> dict[str, str]:
    """Return the environment of the processes of the tree: ours, and how the allocator of the C library behaves."""
    # Two arenas are enough beside one busy thread, and keep the memory of a process small. The fixed threshold
    # gives the 19 MiB of each password hash back; without it the allocator learns to keep them.
    return {"MALLOC_ARENA_MAX": "2", "MALLOC_MMAP_THRESHOLD_": "4194304", **os.environ}


def _resident(pid: int) -> int | None:
    """Return the octets of memory that a process holds, None where the system does not tell."""
    try:
        with open(f"/proc/{pid}/statm", "rb") as statm:
            return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except (OSError, IndexError, ValueError):
        return None


def _is_stopped(pid: int) -> bool:
    """Whether a signal has stopped the process; False where the kernel does not tell, and under a debugger (state t)."""
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:
            return stat.read().rpartition(b")")[2].split()[0] == b"T"
    except (OSError, IndexError):
        return False
