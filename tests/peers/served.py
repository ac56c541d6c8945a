"""A node as its administrator runs it: guard, supervisor and processes on free ports, ended by process id.

The guard of the launcher runs the checkout's own interpreter, so that no environment is built.
"""

import asyncio
import contextlib
import errno
import fcntl
import json
import os
import random
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.peers.mail_clients import Imap, Smtp

from smartmail.adapters.sql import open_sqlite
from smartmail.app.roles import PORTS

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "bench"
DOMAIN = "bench.test"
_GUARD = "import sys; sys.path.insert(0, sys.argv[1]); from launcher import guard; sys.exit(guard.run(sys.argv[2:]))"
# Below the ports that the kernel gives to outgoing connections: one of those could hold ours during a restart.
# The step leaves every listener's offset another remainder, so that ports of two bases never meet.
_LOWEST, _HIGHEST, _STEP = 11000, 28000, 47
# Above the highest base and its listeners.
_SINGLE = range(_HIGHEST + max(PORTS.values()) + 1, 32_768)
assert len({offset % _STEP for offset in PORTS.values()}) == len(PORTS), "another step is needed"
# A first start makes keys and a company of demo mail: seconds alone, minutes beside other tests on two cores. One that dies is seen at once.
_READY_WITHIN = 240.0


def until(condition: Callable[[], object], within: float = 60.0, what: str = "it") -> None:
    """Poll until `condition` holds."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {within} s"
        time.sleep(0.02)


async def soon(condition: Callable[[], object], within: float = 60.0, what: str = "it") -> None:
    """Poll until `condition` holds, letting the loop work."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, f"{what}: not within {within} s"
        await asyncio.sleep(0.02)


@contextlib.contextmanager
def free_port_base() -> Iterator[int]:
    """Reserve a base whose ports are all free, against other tests of this machine too."""
    for base in random.SystemRandom().sample(range(_LOWEST, _HIGHEST, _STEP), 100):
        lock = os.open(os.path.join(tempfile.gettempdir(), f"smartmail-ports-{base}"), os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if all(_is_free(base + offset) for offset in PORTS.values()):
                yield base
                return
        except BlockingIOError:
            continue
        finally:
            os.close(lock)
    raise AssertionError("no free ports")


_held: list[int] = []


def free_port() -> int:
    """Reserve a port of loopback until this process ends: below those that the kernel gives to outgoing connections, so
    that it is free again each time that who listens there is started anew.
    """
    for port in random.SystemRandom().sample(_SINGLE, 200):
        lock = os.open(os.path.join(tempfile.gettempdir(), f"smartmail-port-{port}"), os.O_RDWR | os.O_CREAT, 0o600)
        with contextlib.suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if _is_free(port):
                _held.append(lock)
                return port
        os.close(lock)
    raise AssertionError("no free port")


def _is_free(port: int) -> bool:
    """Whether nobody has the port, on IPv4 or IPv6; a machine without IPv6 has nobody there."""
    for family, address in ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):
        try:
            with socket.socket(family, socket.SOCK_STREAM) as sock:
                sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                sock.bind((address, port))
        except OSError as error:
            if error.errno not in {errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}:
                return False
    return True


def children(pid: int) -> list[int]:
    """Return the child processes of a process; none when it is gone."""
    found: list[int] = []
    with contextlib.suppress(OSError):
        for task in os.listdir(f"/proc/{pid}/task"):
            found += [int(word) for word in Path(f"/proc/{pid}/task/{task}/children").read_text().split()]
    return found


def command_line(pid: int) -> list[str]:
    """Return the words of a process; none when it is gone."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_text().split("\0")[:-1]
    return []


def _is_still(pid: int) -> bool:
    """Whether a process is stopped, waits inside the kernel for a disk, or has ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] in "TtDZ"
    except OSError:
        return True


def is_gone(pid: int) -> bool:
    """Whether a process has ended (a zombie has)."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except OSError:
        return True


class Served:
    """A node over `directory`. Its output is kept in `stdout` and `stderr`, octet by octet."""

    def __init__(
        self,
        directory: Path,
        port_base: int,
        *options: str,
        guarded: bool = True,
        environment: dict[str, str] | None = None,
        address: str = "127.0.0.1",
    ) -> None:
        self.directory = directory
        self.address = address
        self.port_base = port_base
        self.ports = {name: port_base + offset for name, offset in PORTS.items()}
        self.stdout = bytearray()
        self.stderr = bytearray()
        self._options = options
        self._guarded = guarded
        self._environment = environment or {}
        self._process: subprocess.Popen[bytes] | None = None
        self._readers: list[threading.Thread] = []
        self._ready = 0

    # Start and stop

    def start(self, *, wait: bool = True, within: float = _READY_WITHIN) -> "Served":
        """Start; return when it serves (or at once)."""
        serve = [sys.executable, "-m", "smartmail.app.cli", "serve", "--data", str(self.directory)]
        serve += ["--port-base", str(self.port_base), *self._options]
        guard = [sys.executable, "-c", _GUARD, str(ROOT / "tools")] if self._guarded else []
        self._process = subprocess.Popen(
            [*guard, *serve],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(ROOT / "src"), **self._environment},
            cwd=self.directory.parent,
            # A group without a shell that holds a stopped process gets SIGHUP when another of it ends: not browsers of ours.
            start_new_session=True,
        )
        assert self._process.stdout is not None
        assert self._process.stderr is not None
        self._readers = [
            threading.Thread(target=self._carry, args=(stream, into), daemon=True)
            for stream, into in ((self._process.stdout, self.stdout), (self._process.stderr, self.stderr))
        ]
        before = self.readies
        for reader in self._readers:
            reader.start()
        if wait:
            self.wait_ready(before, within)
        return self

    @staticmethod
    def _carry(stream: object, into: bytearray) -> None:
        while data := os.read(stream.fileno(), 65536):  # type: ignore[attr-defined]
            into += data

    @property
    def readies(self) -> int:
        """How often the node said that it serves."""
        return self.stdout.count(b"READY\n")

    @property
    def starts(self) -> int:
        """How many processes have said that they serve."""
        return self.stderr.count(b'"event": "process.started"')

    def wait_ready(self, after: int = 0, within: float = _READY_WITHIN) -> None:
        """Wait until the node has said more than `after` times that it serves."""
        until(lambda: self.readies > after or not self.is_running, within, "READY")
        assert self.readies > after, self.stderr.decode("utf-8", "replace")[-3000:]

    @property
    def is_running(self) -> bool:
        """Whether the outermost process lives."""
        return self._process is not None and self._process.poll() is None

    def stop(self, within: float = 60.0) -> int:
        """End as an administrator does; return the exit code."""
        assert self._process is not None
        self._process.terminate()
        try:
            code = self._process.wait(within)
        except subprocess.TimeoutExpired:
            self.kill_all()
            raise
        for reader in self._readers:
            reader.join(30)
        return code

    def ended(self, within: float = _READY_WITHIN) -> int:
        """Wait for a node that ends by itself, and for all that it said; return the exit code."""
        assert self._process is not None
        code = self._process.wait(within)
        for reader in self._readers:
            reader.join(30)
        return code

    def freeze(self) -> list[int]:
        """Stop every process of the tree where it is, so that nobody says or starts anything more; return them."""
        frozen: list[int] = []
        while fresh := [pid for pid in self.everyone() if pid not in frozen]:
            for pid in fresh:
                self.kill(pid, signal.SIGSTOP)
            until(lambda fresh=fresh: all(_is_still(pid) for pid in fresh), 60, "stopped processes")  # type: ignore[misc]
            frozen += fresh
        return frozen

    def kill_all(self) -> None:
        """End every process of the tree at once; what they were doing is cut."""
        if self._process is None:
            return
        everyone = self.freeze()
        for pid in everyone:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._process.wait()
        until(lambda: all(is_gone(pid) for pid in everyone), 60, "the end of the tree")
        for reader in self._readers:
            reader.join(30)

    def complaints(self) -> list[str]:
        """Return the lines of the log that are more than information."""
        lines = self.stderr.decode("utf-8", "replace").splitlines()
        return [line for line in lines if '"level": "info"' not in line]

    # The tree

    def everyone(self) -> list[int]:
        """Return all processes, parents first."""
        if self._process is None:
            return []
        found = [self._process.pid]
        for pid in found:
            found += children(pid)
        return found

    def supervisor(self) -> int:
        """Return the supervisor's process id, 0 while there is none."""
        for pid in self.everyone():
            words = command_line(pid)
            if "smartmail.app.cli" in words and "-c" not in words:
                return pid
        return 0

    def workers(self) -> dict[str, int]:
        """Return process name → process id of those that run now."""
        found = {}
        for pid in children(self.supervisor()) if self.supervisor() else []:
            words = command_line(pid)
            if "smartmail.app.process_tree.worker" in words:
                found[words[words.index("smartmail.app.process_tree.worker") + 1]] = pid
        return found

    def template(self) -> int:
        """Return the process id of the one that others are forked from, 0 while there is none."""
        for pid in children(self.supervisor()) if self.supervisor() else []:
            if "smartmail.app.process_tree.template_process" in command_line(pid):
                return pid
        return 0

    @staticmethod
    def kill(pid: int, number: int = signal.SIGKILL) -> None:
        """Send a signal; a process that has just ended is no error."""
        assert pid > 0
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)

    # Clients

    async def imap(self, login: str, password: str = PASSWORD, *, tls: bool = False) -> Imap:
        """Return a logged-in session, in clear (`--bench` allows it) or over TLS."""
        if tls:
            session = await Imap.open(self.address, self.ports["imaps"], tls=_any_certificate())
        else:
            session = await Imap.open(self.address, self.ports["imap"])
        await session.ok(f'LOGIN "{login}" "{password}"')
        return session

    async def smtp(self, listener: str = "smtp", login: str | None = None, password: str = PASSWORD) -> Smtp:
        """Return a session that has said hello, logged in when `login` is given."""
        tls = _any_certificate() if listener == "submissions" else None
        session = await Smtp.open(self.address, self.ports[listener], lmtp=listener == "lmtp", tls=tls)
        if login is not None:
            await session.login(login, password)
        return session


def _any_certificate() -> ssl.SSLContext:
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context


def put_setting(directory: Path, name: str, value: object) -> None:
    """Put a setting into the store of a directory, which is made when it is new; a node may be running on it."""

    async def put() -> None:
        store = await open_sqlite(str(directory / "smartmail.db"))
        try:
            await store.put_setting("system", name, json.dumps(value))
        finally:
            await store.close()

    directory.mkdir(mode=0o700, exist_ok=True)
    # In a thread, because the caller's loop may be running.
    with ThreadPoolExecutor(1) as threads:
        threads.submit(lambda: asyncio.run(put())).result()


def put_node_file(directory: Path, text: str) -> None:
    """Write the node file of a directory, which is made when it is new."""
    directory.mkdir(mode=0o700, exist_ok=True)
    (directory / "node.toml").write_text(text)
    # A power cut of a test must not take the administrator's file.
    os.sync()


@contextlib.contextmanager
def served(
    directory: Path, *options: str, start: bool = True, base: int | None = None, **more: object
) -> Iterator[Served]:
    """Run a node with `options` of `serve` until the block ends, on free ports unless a base is given."""
    with free_port_base() if base is None else contextlib.nullcontext(base) as base:
        node = Served(directory, base, *options, **more)  # type: ignore[arg-type]
        try:
            yield node.start() if start else node
        finally:
            node.kill_all()
            # pytest shows it when the test fails.
            print("\n".join(node.complaints()[-40:]))
