"""The loops of the jobs role: each job runs by itself, once in the cluster, again and again.

NAME        jobs
PURPOSE     Do the jobs of all services (service.kernel.jobs) when it is time. Must not know what the work is.
STATES      waiting for its time or for the stop; asking for the lease; working.
LIMITS      One run of a job at a time in the cluster, held by a named lease that is longer than the pause between runs.
FAILURE     An error is logged and the job runs again at its next time; a node that dies loses its leases by time.
            Stopping waits for the step at hand.
SECURITY    Hears nothing from outside; the work acts as the system, never as an account.
"""

import asyncio
from typing import Final

from smartmail.base import log
from smartmail.domain.errors import ClockOff
from smartmail.service.catalogue import Services
from smartmail.service.kernel.jobs import Job

_LOOK_MS: Final = 1000
"""Between two looks at what is due."""


class Jobs:
    """All jobs of a process."""

    def __init__(self, services: Services, worker: str, first_s: float = 5.0) -> None:
        """`worker`: who we are in leases. `first_s`: before the first run of leased jobs; a start shall not begin with upkeep."""
        self._upkeep = services.upkeep
        self._worker = worker
        self._first_s = first_s
        self._jobs = services.jobs
        self._due = {job.due: asyncio.Event() for job in self._jobs if job.due}

    async def run(self, stopping: asyncio.Event) -> None:
        """Work until the stop; return once the steps at hand have ended."""
        await asyncio.gather(self._look_on(stopping), *(self._loop(job, stopping) for job in self._jobs))

    async def _look_on(self, stopping: asyncio.Event) -> None:
        """Wake the jobs of what is due, and all of them at the stop."""
        look = Job("due-work", _LOOK_MS, self._look, everywhere=True)
        await self._loop(look, stopping)
        for event in self._due.values():
            event.set()

    async def _look(self) -> None:
        for kind in await self._upkeep.due_tasks():
            self._due[kind].set()

    async def _loop(self, job: Job, stopping: asyncio.Event) -> None:
        if job.due:
            await self._loop_when_due(job, self._due[job.due], stopping)
            return
        pause = 0.0 if job.everywhere else min(self._first_s, job.every_ms / 1000)
        while not await _stopped(stopping, pause):
            await self._turn(job)
            pause = job.every_ms / 1000

    async def _loop_when_due(self, job: Job, due: asyncio.Event, stopping: asyncio.Event) -> None:
        while True:
            await due.wait()
            if stopping.is_set():
                return
            await self._turn(job)
            # What was seen to be due meanwhile is done, or seen again by the next look.
            due.clear()

    async def _turn(self, job: Job) -> None:
        try:
            if job.everywhere:
                await job.work()
            elif await self._lead(job):
                await self._while_leading(job)
        except ClockOff:
            # Told by whoever watches the clock; another node does it.
            return
        except Exception as error:
            log.event("job.failed", job=job.name, error=type(error).__name__, detail=getattr(error, "detail", ""))

    async def _lead(self, job: Job, *, goes_on: bool = False) -> bool:
        # Longer than the pause: whoever does the job goes on doing it, and nobody does it too often.
        lease_ms = job.every_ms * 3 // 2
        return await self._upkeep.lead(job.name, self._worker, lease_ms, any_clock=job.any_clock or goes_on)

    async def _while_leading(self, job: Job) -> None:
        renewing = asyncio.create_task(self._renew(job))
        try:
            await job.work()
        finally:
            renewing.cancel()
            await asyncio.gather(renewing, return_exceptions=True)

    async def _renew(self, job: Job) -> None:
        """Keep the lease of work that takes long."""
        while True:
            await asyncio.sleep(job.every_ms / 2000)
            await self._lead(job, goes_on=True)


async def _stopped(stopping: asyncio.Event, pause: float) -> bool:
    """Wait for the stop, at most `pause` seconds; say whether it has come."""
    if pause <= 0:
        await asyncio.sleep(0)
        return stopping.is_set()
    try:
        await asyncio.wait_for(stopping.wait(), pause)
    except TimeoutError:
        return False
    return True
