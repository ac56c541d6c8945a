"""Work that lies in rows of the store: a process leases what waits, and does a few of them beside one another.

STATES   Of a row: waits → leased → done, or its lease ends and another process has it.
LIMITS   `most` at a time in this process.
FAILURE  What a process that died had leased is taken back by the process that follows it, else when its lease is over; the
         work must bear being begun anew. A database that is away for a moment ends no work: the lease is renewed when it is back.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import replace
from typing import Any, Final, Generic, TypeVar

from smartmail.domain.errors import MailError
from smartmail.ports.clock import Clock
from smartmail.service.kernel.jobs import Job, when_due

Row = TypeVar("Row")
T = TypeVar("T")

_MOST_DOUBLINGS: Final = 20


class WorkEnded(Exception):
    """Work was ended before its time: its lease is another worker's, or it is wanted no more."""


async def while_held(work: Coroutine[Any, Any, T], keep: Callable[[], Awaitable[bool]], every_s: float) -> T:
    """Do work and return what it returns. `keep`, each `every_s` seconds, renews its lease and notes its progress, and says
    whether it shall go on. Raises WorkEnded where it shall not, and whatever the work raises.
    """
    doing = asyncio.ensure_future(work)
    watching = asyncio.ensure_future(_ended(keep, every_s))
    try:
        await asyncio.wait((doing, watching), return_when=asyncio.FIRST_COMPLETED)
        if doing.done():
            return doing.result()
        await watching
        raise WorkEnded
    finally:
        for one in (doing, watching):
            one.cancel()
        await asyncio.gather(doing, watching, return_exceptions=True)


async def _ended(keep: Callable[[], Awaitable[bool]], every_s: float) -> None:
    """Return when the work shall not go on."""
    while True:
        await asyncio.sleep(every_s)
        with contextlib.suppress(MailError):
            if not await keep():
                return


def growing_pause(first_ms: int, failures: int, longest_ms: int) -> int:
    """Return how long to wait after so many failures in a row: doubled with each after the first, up to the longest."""
    return min(first_ms << min(max(failures - 1, 0), _MOST_DOUBLINGS), max(first_ms, longest_ms))


class LeasedWork(Generic[Row]):
    """`lease(now, until, worker)` returns a row or None; `do(row, worker)` does its work and raises nothing."""

    def __init__(
        self,
        clock: Clock,
        most: int,
        lease_ms: int,
        lease: Callable[[int, int, str], Awaitable[Row | None]],
        do: Callable[[Row, str], Coroutine[Any, Any, None]],
    ) -> None:
        self._clock = clock
        self._most = most
        self._lease_ms = lease_ms
        self._lease = lease
        self._do = do
        self._running: set[asyncio.Task[None]] = set()

    async def turn(self) -> int:
        """Begin what waits, as much as may run beside; return how many. A job's work. Raises Unavailable."""
        begun = 0
        while len(self._running) < self._most:
            worker, now = self._clock.new_worker(), self._clock.now()
            row = await self._lease(now, now + self._lease_ms, worker)
            if row is None:
                break
            task = asyncio.create_task(self._do(row, worker))
            self._running.add(task)
            task.add_done_callback(self._running.discard)
            begun += 1
        return begun

    async def settle(self) -> None:
        """Wait until all that waits is done."""
        while self._running or await self.turn():
            await asyncio.gather(*self._running)

    async def stop(self) -> None:
        """End what runs; another process takes it over once its lease is over."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)


class LeasedJob:
    """A job that is leased work and nothing else beside: whoever is one sets `_leased`."""

    _leased: LeasedWork[Any]

    def job(self, name: str, kind: str) -> Job:
        """Return it as a job that runs when something of its kind is due."""
        return replace(when_due(name, kind, self.turn), stop=self.stop)

    async def turn(self) -> int:
        """Begin what waits, as much as may run beside; return how much. A job's work. Raises Unavailable."""
        return await self._leased.turn()

    async def settle(self) -> None:
        """Wait until all that waits is done. Raises Unavailable."""
        await self._leased.settle()

    async def stop(self) -> None:
        """End what runs."""
        await self._leased.stop()
