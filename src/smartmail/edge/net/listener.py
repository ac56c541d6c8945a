"""Accepts connections on inherited sockets and ends them again.

Several processes accept from the same sockets. Each takes one connection per turn of its loop, so that a burst
spreads over the processes that are free instead of falling to the first one awake.
"""

import asyncio
import errno
import socket
from collections.abc import Callable, Iterable

from smartmail.base import log
from smartmail.edge.net.deadlines import Deadlines
from smartmail.edge.net.limits import SCARCE_AT, SCARCE_S, Gate
from smartmail.edge.net.wire import Endpoint, Wire

# What accept(2) reports of a connection that died while it waited; the next one may be fine.
_DEAD_CONNECTION = frozenset({errno.ECONNABORTED, errno.EPROTO, errno.EPERM, errno.ENETDOWN, errno.EHOSTUNREACH})
# Out of descriptors or memory: wait for connections to end instead of spinning.
_EXHAUSTED_PAUSE_S = 0.5
_RELIEF_S = 1.0


class Listener:
    """One endpoint on its listening sockets in one process."""

    def __init__(self, endpoint: Endpoint, sockets: Iterable[socket.socket], deadlines: Deadlines) -> None:
        self._endpoint = endpoint
        self._sockets = list(sockets)
        self._deadlines = deadlines
        self._gate = Gate(endpoint.limits, endpoint.room)
        self._wires: set[Wire] = set()
        self._opening: set[asyncio.Task[None]] = set()
        self._accepting = False
        self._stopped = False
        self._resume: asyncio.TimerHandle | None = None
        self._relief: asyncio.TimerHandle | None = None
        self._empty = asyncio.Event()
        self._empty.set()

    @property
    def connections(self) -> int:
        """Open connections, those included whose PROXY header or handshake is not done."""
        return self._gate.total

    def start(self) -> None:
        """Accept from now on. The sockets must be listening; `drain` closes them."""
        for sock in self._sockets:
            sock.setblocking(False)
        self._watch()

    def expel(self, banned: Callable[[str], bool]) -> None:
        """End the connections of hosts that are banned by now; who has logged in stays."""
        for wire in list(self._wires):
            if not wire.trusted and banned(wire.peer.host):
                wire.abort()

    async def drain(self, limit_s: float) -> None:
        """Accept no more, ask every session to end, and cut what is left after `limit_s`."""
        self._stopped = True
        self._unwatch()
        for timer in (self._resume, self._relief):
            if timer is not None:
                timer.cancel()
        for sock in self._sockets:
            sock.close()  # a socket that nobody accepts from would let peers wait for nothing
        for wire in list(self._wires):
            wire.stop()
        try:
            async with asyncio.timeout(limit_s):
                await self._empty.wait()
        except TimeoutError:
            for wire in list(self._wires):
                wire.abort()
            await asyncio.sleep(0)

    def _watch(self) -> None:
        loop = asyncio.get_running_loop()
        for sock in self._sockets:
            loop.add_reader(sock, self._accept, sock)
        self._accepting = True

    def _unwatch(self) -> None:
        if self._accepting:
            loop = asyncio.get_running_loop()
            for sock in self._sockets:
                loop.remove_reader(sock)
        self._accepting = False

    def _accept(self, listening: socket.socket) -> None:
        try:
            sock, _ = listening.accept()
        except (BlockingIOError, InterruptedError):
            return  # another process took it
        except OSError as error:
            if error.errno not in _DEAD_CONNECTION:
                log.event("connection.refused", listener=self._endpoint.name, reason=errno.errorcode[error.errno or 0])
                for wire in list(self._wires):
                    wire.shed(SCARCE_S)
                self._pause(_EXHAUSTED_PAUSE_S)
            return
        sock.setblocking(False)
        self._gate.total += 1
        self._empty.clear()
        task = asyncio.get_running_loop().create_task(self._open(sock))
        self._opening.add(task)
        task.add_done_callback(self._opening.discard)
        if self._gate.full:
            self._unwatch()
        if self._relief is None and self._gate.pressure >= SCARCE_AT:
            self._relief = asyncio.get_running_loop().call_later(_RELIEF_S, self._relieve)

    def _relieve(self) -> None:
        """Close strangers that idle for as long as room is scarce: those that came when there was much have time left."""
        self._relief = None
        if self._stopped or self._gate.pressure < SCARCE_AT:
            return
        shed = sum(wire.shed(SCARCE_S) for wire in list(self._wires))
        if shed:
            log.event("listener.idle_evicted", listener=self._endpoint.name, count=shed)
        self._relief = asyncio.get_running_loop().call_later(_RELIEF_S, self._relieve)

    async def _open(self, sock: socket.socket) -> None:
        wire = Wire(self._endpoint, self._gate, self._deadlines, self._lost)
        try:
            await asyncio.get_running_loop().connect_accepted_socket(lambda: wire, sock)
        except OSError:
            sock.close()
            self._lost(wire)
            return
        if not wire.is_lost:
            self._wires.add(wire)
            if self._stopped:
                wire.stop()

    def _lost(self, wire: Wire) -> None:
        self._wires.discard(wire)
        self._gate.total -= 1
        if self._gate.total == 0:
            self._empty.set()
        if not self._accepting and not self._stopped and not self._gate.full and self._resume is None:
            self._watch()

    def _pause(self, seconds: float) -> None:
        self._unwatch()
        self._resume = asyncio.get_running_loop().call_later(seconds, self._resume_accepting)

    def _resume_accepting(self) -> None:
        self._resume = None
        if not self._stopped and not self._gate.full:
            self._watch()
