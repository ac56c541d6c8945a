"""The indexer's loop: which accounts it works on, and how it takes a burst of hints."""

import asyncio
from types import SimpleNamespace

import pytest

from smartmail.edge.jobs.indexer import Indexer


class Index:
    """Notes who was brought up to date."""

    def __init__(self):
        self.done = []
        self.news = asyncio.Event()

    async def due(self):
        return []

    async def catch_up(self, account_id, _most):
        self.done.append(account_id)
        self.news.set()
        return 1

    async def until(self, count):
        async with asyncio.timeout(20):
            while len(self.done) < count:
                self.news.clear()
                await self.news.wait()


class Hints:
    """Gives hints to whoever listens."""

    def __init__(self):
        self.listening = asyncio.Event()

    def on_account(self, listener):
        self.tell = listener
        self.listening.set()
        return lambda: None


@pytest.fixture
async def running():
    stopping, tasks = asyncio.Event(), []

    async def start(*, leads=True, burst_s=0.2):
        async def lead(_job, _owner, _lease_ms):
            return leads

        index, hints = Index(), Hints()
        services = SimpleNamespace(
            hints=hints, search=SimpleNamespace(indexing=index), upkeep=SimpleNamespace(lead=lead)
        )
        tasks.append(asyncio.create_task(Indexer(services, "here", look_s=3600, burst_s=burst_s).run(stopping)))
        await hints.listening.wait()
        return index, hints

    yield start
    stopping.set()
    await asyncio.gather(*tasks)


async def test_a_burst_of_hints_is_one_piece_of_work_for_each_account(running):
    index, hints = await running()
    for _ in range(50):
        hints.tell(7)
        hints.tell(8)
        await asyncio.sleep(0)
    await index.until(2)
    hints.tell(9)
    await index.until(3)
    assert index.done == [7, 8, 9]


async def test_hints_that_never_pause_do_not_hold_the_index_back(running):
    index, hints = await running()
    loop = asyncio.get_running_loop()

    def again():
        hints.tell(7)
        again.timer = loop.call_later(0.01, again)

    again()
    await index.until(2)
    again.timer.cancel()
    assert set(index.done) == {7}


async def test_who_does_not_lead_leaves_the_index_alone(running):
    index, hints = await running(leads=False)
    hints.tell(7)
    other, others = await running()
    others.tell(7)
    await other.until(1)
    assert index.done == []
