"""Open connections that wait for their next message, so that several go over one (RSET between them).

LIMITS      One connection carries 100 messages or lives 5 minutes at most, and waits 4 s for the next; 100 wait in all.
"""

import asyncio
import contextlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass

from smartmail.edge.relay.connection import Connection

MESSAGES = 100
LIFETIME = 300.0
IDLE_SECONDS = 4.0
WAITING = 100


@dataclass(slots=True, eq=False)
class Pooled:
    """A connection and what it has behind it."""

    key: Hashable
    connection: Connection
    opened_at: float
    carried: int = 0


class Pool:
    """The waiting connections of a process. `now` gives seconds that never go back."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._waiting: OrderedDict[Pooled, float] = OrderedDict()
        self._leaving: set[asyncio.Task[None]] = set()

    def take(self, key: Hashable) -> Pooled | None:
        """Return a connection that waits under this key and still stands."""
        for one in [one for one in self._waiting if one.key == key]:
            del self._waiting[one]
            if one.connection.idle:
                return one
            one.connection.abort()
        return None

    def put(self, one: Pooled) -> None:
        """Keep a connection after a message, or take leave of it."""
        one.carried += 1
        young = self._now() - one.opened_at < LIFETIME and one.carried < MESSAGES
        if not (young and one.connection.idle):
            self._leave(one)
            return
        self._waiting[one] = self._now()
        while len(self._waiting) > WAITING:
            self._leave(self._waiting.popitem(last=False)[0])

    def sweep(self) -> None:
        """Take leave of connections that waited long enough."""
        for one, since in list(self._waiting.items()):
            if self._now() - since < IDLE_SECONDS:
                break
            del self._waiting[one]
            self._leave(one)

    async def close(self) -> None:
        """Take leave of all."""
        while self._waiting:
            self._leave(self._waiting.popitem()[0])
        if self._leaving:
            await asyncio.wait(self._leaving, timeout=5)

    def _leave(self, one: Pooled) -> None:
        task = asyncio.get_running_loop().create_task(_quit(one.connection))
        self._leaving.add(task)
        task.add_done_callback(self._leaving.discard)


async def _quit(connection: Connection) -> None:
    with contextlib.suppress(Exception):
        await connection.quit()
