"""A walk under a lease: over all of something, page by page, with a place that is written down and a cap in octets per second.

STATES   A work is "running" until its last page, or until it is paused or cancelled; each note renews its lease and says
         whether it may go on.
LIMITS   A turn ends after TURN_MS, so that a stop waits for no more than a batch. `AT_ONCE` things in a batch of `BATCH_OCTETS`.
FAILURE  A process that dies leaves the place of its last note: the next one goes on there.

Must not know what is walked over.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from typing import Final, Generic, Protocol, TypeVar

from smartmail.ports.clock import Clock
from smartmail.service.kernel.clock import SECOND

LEASE_MS: Final = 30 * SECOND
TURN_MS: Final = 20 * SECOND
AT_ONCE: Final = 16
BATCH_OCTETS: Final = 16 << 20
LONGEST_PAUSE_S: Final = 5.0

Pause = Callable[[float], Awaitable[object]]
T = TypeVar("T")


class Walked(Protocol):
    """A work that is a walk. `cap`: octets per second, 0 for none."""

    @property
    def state(self) -> str: ...
    @property
    def cap(self) -> int: ...


W = TypeVar("W", bound=Walked)


class Walk(Generic[W]):
    """Goes on with works of one kind. `note(work, worker, until)` writes one down and keeps its lease; False where it shall not
    go on: it was paused, was cancelled, or is another's.
    """

    def __init__(self, clock: Clock, pause: Pause, note: Callable[[W, str, int], Awaitable[bool]]) -> None:
        self.worker = clock.new_worker()
        self._clock = clock
        self._pause = pause
        self._note = note

    async def steps(self, work: W, began: int, page: Callable[[W], Awaitable[W | None]]) -> AsyncIterator[W]:
        """Return the work after each page, until it or the turn that began then is over. `page` returns None where the work
        shall not go on.
        """
        further: W | None = work
        while further is not None and further.state == "running" and self._clock.now() < began + TURN_MS:
            further = await page(further)
            if further is not None:
                yield further

    async def noted(self, work: W) -> W | None:
        """Write a work down; None where it shall not go on."""
        until = self._clock.now() + LEASE_MS if work.state == "running" else 0
        return work if await self._note(work, self.worker, until) else None

    async def noted_slowly(self, work: W, octets: int, began: int) -> W | None:
        """Write down a work of which so many octets were done since then, and wait as its cap demands."""
        noted = await self.noted(work)
        seconds = octets / work.cap - (self._clock.now() - began) / 1000 if work.cap > 0 else 0.0
        while seconds > 0 and noted is not None:
            step = min(seconds, LONGEST_PAUSE_S)
            await self._pause(step)
            seconds -= step
            noted = await self.noted(noted)
        return noted


def batches(rows: Sequence[T], size: Callable[[T], int]) -> Iterator[list[T]]:
    """Cut into batches of bounded number and octets, never an empty one; something larger is alone."""
    batch: list[T] = []
    octets = 0
    for row in rows:
        if batch and (len(batch) >= AT_ONCE or octets + size(row) > BATCH_OCTETS):
            yield batch
            batch, octets = [], 0
        batch.append(row)
        octets += size(row)
    if batch:
        yield batch
