"""Hints between the processes of a node: a datagram socket each, in one folder, and no hub that could die.

NAME      unix_link
PURPOSE   tell the other processes of the node
STATES    open, closed
LIMITS    datagrams of 32 KiB; a process that does not read loses hints once its socket is full
FAILURE   a socket whose process is dead refuses and is removed by whoever meets it; nothing is sent twice or kept
SECURITY  the folder belongs to the server alone (0700); hints hold ids and numbers only
STANDARDS none
"""

import asyncio
import os
import secrets
import socket
import time
from collections.abc import Sequence

from smartmail.adapters.bus.event_bus import Hint, Receive
from smartmail.adapters.bus.wire import packed, unpacked

_LIMIT = 32 * 1024
_READS = 64
"""Datagrams taken in one turn of the event loop."""
_BUFFER = 1 << 20
_TICK = 100_000_000
_SUFFIX = ".bus"


class UnixLink:
    """event_bus.Link over Unix datagram sockets in `folder`, which is made when it is missing."""

    def __init__(self, folder: str) -> None:
        os.makedirs(folder, mode=0o700, exist_ok=True)
        # Socket addresses hold 107 octets; through its descriptor a folder of any depth has a short path.
        self._folder = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        self._name = f"{os.getpid()}-{secrets.token_hex(4)}{_SUFFIX}"
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK | socket.SOCK_CLOEXEC)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER)
        self._peers: list[str] = []
        self._seen = -1
        self._receive: Receive | None = None
        self._loop = asyncio.get_running_loop()

    def _path(self, name: str) -> str:
        return f"/proc/self/fd/{self._folder}/{name}"

    async def start(self, receive: Receive) -> None:
        self._receive = receive
        self._socket.bind(self._path(self._name))
        self._loop.add_reader(self._socket, self._read)

    async def close(self) -> None:
        if self._socket.fileno() < 0:
            return
        self._loop.remove_reader(self._socket)
        self._socket.close()
        self._forget(self._name)
        os.close(self._folder)

    def send(self, hints: Sequence[Hint]) -> None:
        if self._socket.fileno() < 0:
            return
        try:
            self._look()
        except OSError:
            return
        for text in packed(hints, _LIMIT):
            for name in tuple(self._peers):
                self._send(name, text.encode())

    def _look(self) -> None:
        """Read the folder again when it has changed."""
        changed = os.fstat(self._folder).st_mtime_ns
        if changed != self._seen:
            names = os.listdir(self._folder)
            self._peers = [name for name in names if name.endswith(_SUFFIX) and name != self._name]
            # A second change within the file system's tick leaves the time as it is: then look again next time.
            self._seen = changed if time.time_ns() - changed > _TICK else -1

    def _send(self, name: str, data: bytes) -> None:
        try:
            self._socket.sendto(data, self._path(name))
        except (ConnectionRefusedError, FileNotFoundError):
            self._forget(name)
        except OSError:
            # Its socket is full: it has enough to wake up for.
            return

    def _forget(self, name: str) -> None:
        self._seen = -1
        try:
            os.unlink(name, dir_fd=self._folder)
        except OSError:
            return

    def _read(self) -> None:
        assert self._receive is not None
        for _ in range(_READS):
            try:
                data = self._socket.recv(_LIMIT)
            except OSError:
                return
            self._receive(unpacked(data.decode("utf-8", "replace")))
