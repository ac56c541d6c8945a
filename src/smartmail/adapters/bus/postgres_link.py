"""Hints between nodes: LISTEN and NOTIFY on a connection of its own, apart from the store's pool.

NAME      postgres_link
PURPOSE   tell processes of other nodes, after the commit that the hint is about
STATES    connecting, listening, closed
LIMITS    notifications of 7,900 octets (PostgreSQL takes 7,999); hints that wait while one is sent go out together
FAILURE   a lost connection is made anew with growing pauses; hints of that time are lost, pollers find what they told
SECURITY  hints hold ids and numbers only; everybody who may connect to the database may read them
STANDARDS none
"""

import asyncio
from collections.abc import Sequence
from typing import Any

import asyncpg

from smartmail.adapters.bus.event_bus import Hint, Receive
from smartmail.adapters.bus.wire import packed, unpacked
from smartmail.base import log

_CHANNEL = "smartmail"
_LIMIT = 7_900
_WAITING = 10_000
"""Hints kept while a notification is on its way; more are dropped."""
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 5.0
_TIMEOUT = 10.0
_ORIGIN = "\x1d"


class PostgresLink:
    """event_bus.Link over a PostgreSQL database. Hints of the own node are passed over: UnixLink brings those."""

    def __init__(self, address: str, node: str) -> None:
        self._address = address
        self._node = node
        self._pending: dict[Hint, None] = {}
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._receive: Receive | None = None
        self._connection: Any = None

    async def start(self, receive: Receive) -> None:
        self._receive = receive
        try:
            await self._connect()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError):
            self._connection = None
        self._task = asyncio.create_task(self._work())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._drop()

    def send(self, hints: Sequence[Hint]) -> None:
        if self._connection is None or len(self._pending) > _WAITING:
            return
        self._pending.update(dict.fromkeys(hints))
        self._wanted.set()

    async def _work(self) -> None:
        pause = _FIRST_PAUSE
        while True:
            try:
                if self._connection is None:
                    await self._connect()
                pause = _FIRST_PAUSE
                await self._wanted.wait()
                self._wanted.clear()
                await self._notify()
            except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError) as error:
                log.event("store.unavailable", part="bus", error=type(error).__name__)
                await self._drop()
                await asyncio.sleep(pause)
                pause = min(2 * pause, _LONGEST_PAUSE)

    async def _connect(self) -> None:
        connection = await asyncpg.connect(self._address, timeout=_TIMEOUT, command_timeout=_TIMEOUT)
        try:
            await connection.add_listener(_CHANNEL, self._heard)
        except BaseException:
            connection.terminate()
            raise
        connection.add_termination_listener(self._lost)
        self._connection = connection

    async def _notify(self) -> None:
        if self._connection is None:
            raise ConnectionResetError
        hints, self._pending = tuple(self._pending), {}
        for text in packed(hints, _LIMIT - len(self._node.encode()) - 1):
            await self._connection.execute("select pg_notify($1, $2)", _CHANNEL, f"{self._node}{_ORIGIN}{text}")

    def _heard(self, _connection: Any, _pid: int, _channel: str, payload: object) -> None:
        node, _, text = str(payload).partition(_ORIGIN)
        if node != self._node and self._receive is not None:
            self._receive(unpacked(text))

    def _lost(self, connection: Any) -> None:
        if connection is self._connection:
            self._connection = None
            # Wakes the worker, which connects again.
            self._wanted.set()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        self._pending.clear()
        if connection is not None and not connection.is_closed():
            connection.terminate()
