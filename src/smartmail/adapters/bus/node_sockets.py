"""Hints between the processes of one node: a datagram socket for each process in one directory, no hub.

NAME        node bus
PURPOSE     Wake idle sessions and workers of other processes within a millisecond. May lose, never lies.
STRATEGIES  Publishing sends one datagram to every socket in the directory and calls the own listeners on the next
            turn of the loop. Hints of one turn are sent together, equal ones once.
LIMITS      A datagram holds at most 32 KB; a receiver whose buffer is full misses the hint (it polls anyway).
FAILURE     A socket whose process has died is removed by whoever meets it. Nothing here ever raises into a service.
SECURITY    The directory is 0700; payloads are ids and numbers.
"""

import asyncio
import contextlib
import os
import socket
from collections.abc import Callable

from smartmail.ports.bus import Listener

MAX_DATAGRAM = 32_768
REFRESH_S = 1.0
"""How long the list of other processes is believed."""
_SUFFIX = ".bus"


class NodeBus:
    """Implements the Bus port for the processes that share `directory`."""

    def __init__(self, directory: str, name: str) -> None:
        os.makedirs(directory, mode=0o700, exist_ok=True)
        # A socket's path has at most 107 octets: address it through the directory's descriptor.
        self._directory = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        self._name = f"{name}-{os.getpid()}{_SUFFIX}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(self._name, dir_fd=self._directory)
        self._socket.bind(self._path(self._name))
        self._listeners: dict[str, list[Listener]] = {}
        self._pending: dict[str, None] = {}
        self._others: list[str] = []
        self._others_at = 0.0
        self._loop = asyncio.get_running_loop()
        self._loop.add_reader(self._socket, self._receive)

    def publish(self, topic: str, payload: str) -> None:
        """Tell this process and the others at the end of this turn of the loop."""
        if not self._pending:
            self._loop.call_soon(self._flush)
        self._pending[f"{topic} {payload}"] = None

    def subscribe(self, topic: str, listener: Listener) -> Callable[[], None]:
        """Call `listener(payload)` for each hint; return a function that ends it."""
        listeners = self._listeners.setdefault(topic, [])
        listeners.append(listener)

        def end() -> None:
            with contextlib.suppress(ValueError):
                listeners.remove(listener)

        return end

    def close(self) -> None:
        """Stop listening and leave the directory."""
        self._loop.remove_reader(self._socket)
        self._socket.close()
        with contextlib.suppress(OSError):
            os.unlink(self._name, dir_fd=self._directory)
        os.close(self._directory)

    def _path(self, name: str) -> str:
        return f"/proc/self/fd/{self._directory}/{name}"

    def _flush(self) -> None:
        lines = list(self._pending)
        self._pending.clear()
        for octets in _datagrams(lines):
            for name in self._peers():
                self._send(name, octets)
        for line in lines:
            self._deliver(line)

    def _peers(self) -> list[str]:
        now = self._loop.time()
        if now - self._others_at > REFRESH_S:
            self._others_at = now
            names = os.listdir(self._directory)
            self._others = [name for name in names if name.endswith(_SUFFIX) and name != self._name]
        return list(self._others)

    def _send(self, name: str, octets: bytes) -> None:
        try:
            self._socket.sendto(octets, self._path(name))
        except (ConnectionRefusedError, FileNotFoundError):
            # Its process has died; the name may have been taken again by nobody (it carries the process id).
            with contextlib.suppress(OSError):
                os.unlink(name, dir_fd=self._directory)
            with contextlib.suppress(ValueError):
                self._others.remove(name)
        except OSError:
            return  # its buffer is full: it will look by itself

    def _receive(self) -> None:
        for _ in range(100):
            try:
                octets = self._socket.recv(MAX_DATAGRAM)
            except OSError:
                return
            for line in octets.decode("utf-8", "replace").split("\n"):
                self._deliver(line)

    def _deliver(self, line: str) -> None:
        topic, _, payload = line.partition(" ")
        for listener in tuple(self._listeners.get(topic, ())):
            try:
                listener(payload)
            except Exception as error:
                self._loop.call_exception_handler({"message": "a listener of the bus failed", "exception": error})


def _datagrams(lines: list[str]) -> list[bytes]:
    """Return the lines in as few datagrams as hold them."""
    found: list[bytes] = []
    part: list[bytes] = []
    size = 0
    for line in lines:
        octets = line.encode()[: MAX_DATAGRAM - 1]
        if size + len(octets) + 1 > MAX_DATAGRAM and part:
            found.append(b"\n".join(part))
            part, size = [], 0
        part.append(octets)
        size += len(octets) + 1
    if part:
        found.append(b"\n".join(part))
    return found
