"""Work under a lease: it is renewed while the work goes on, and the work ends where it is another's."""

import asyncio

import pytest

from smartmail.adapters.clock import SystemClock
from smartmail.domain.errors import Unavailable
from smartmail.service.kernel.leased_work import LeasedJob, LeasedWork, WorkEnded, growing_pause, while_held


async def test_what_the_work_returns_and_raises_comes_back():
    async def keep():
        return True

    async def work():
        return 7

    async def fails():
        raise Unavailable(detail="away")

    assert await while_held(work(), keep, 0.0) == 7
    with pytest.raises(Unavailable):
        await while_held(fails(), keep, 0.0)


async def test_work_ends_where_its_lease_is_another_s_and_has_ended_before_that_is_said():
    ended = []

    async def keep():
        return False

    async def work():
        try:
            await asyncio.Event().wait()
        finally:
            await asyncio.sleep(0)
            ended.append(True)

    with pytest.raises(WorkEnded):
        await while_held(work(), keep, 0.0)
    assert ended == [True]


async def test_a_database_that_is_away_for_a_moment_ends_nothing_and_the_lease_is_renewed_after_it():
    kept, renewed = [], asyncio.Event()

    async def keep():
        kept.append(True)
        if len(kept) < 3:
            raise Unavailable(detail="away")
        renewed.set()
        return True

    await while_held(renewed.wait(), keep, 0.0)
    assert len(kept) >= 3


async def test_a_process_that_stops_is_no_end_of_the_work():
    """Whoever is cancelled says nothing of the work: its lease is left, and another goes on."""
    begun, ended = asyncio.Event(), []

    async def keep():
        return True

    async def work():
        begun.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(True)

    task = asyncio.create_task(while_held(work(), keep, 60.0))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == [True]


def test_pauses_grow_up_to_the_longest():
    assert [growing_pause(5, failures, 30) for failures in (0, 1, 2, 3, 4, 99)] == [5, 5, 10, 20, 30, 30]
    assert growing_pause(50, 3, 30) == 50


async def test_a_job_of_leased_work_ends_what_it_began():
    begun, ended, rows = asyncio.Event(), [], [1]

    async def lease(_now, _until, _worker):
        return rows.pop() if rows else None

    async def do(row, _worker):
        try:
            begun.set()
            await asyncio.Event().wait()
        finally:
            ended.append(row)

    class Work(LeasedJob):
        _leased = LeasedWork(SystemClock(), 2, 1000, lease, do)

    job = Work().job("mail-fetch", "pulls")
    assert (job.name, job.due, job.everywhere) == ("mail-fetch", "pulls", True)
    assert await job.work() == 1
    await begun.wait()
    await job.stop()
    assert ended == [1]
