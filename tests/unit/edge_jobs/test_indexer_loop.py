"""The indexer's loop: one place works, hints are heard, lost hints cost a look, failures are tried again."""

import asyncio
from collections import Counter
from types import SimpleNamespace

from smartmail.domain.errors import NotFound, Unavailable
from smartmail.edge.jobs.indexer import TURN, Indexer


class Work:
    """Stands in for the services: which accounts are due, who leads, what fails."""

    def __init__(self) -> None:
        self.waiting: list[int] = []
        self.done: Counter[int] = Counter()
        self.failing: dict[int, Exception] = {}
        self.leader = "here"
        self.gate = asyncio.Event()
        self.gate.set()
        self.busy = Counter[int]()
        self.listeners = []
        self.looks = self.asked = 0
        self.turns: list[int] = []
        self.left = Counter[int]()

    async def due(self):
        self.looks += 1
        return list(self.waiting)

    async def catch_up(self, account_id, most):
        self.turns.append(account_id)
        self.busy[account_id] += 1
        assert self.busy[account_id] == 1, "one worker an account"
        try:
            await self.gate.wait()
            if account_id in self.failing:
                raise self.failing.pop(account_id)
            if self.left[account_id] > most:
                self.left[account_id] -= most
                return most
            self.done[account_id] += 1
            if account_id in self.waiting:
                self.waiting.remove(account_id)
            return 1
        finally:
            self.busy[account_id] -= 1

    async def lead(self, job, owner, ms):
        assert job == "indexer"
        self.asked += 1
        return owner == self.leader

    def on_account(self, listener):
        self.listeners.append(listener)
        return lambda: self.listeners.remove(listener)

    def services(self):
        return SimpleNamespace(hints=self, upkeep=self, search=SimpleNamespace(indexing=self))


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.001)


async def running(work, owner="here", look_s=0.02):
    stopping = asyncio.Event()
    return stopping, asyncio.create_task(Indexer(work.services(), owner, look_s).run(stopping))


async def ended(stopping, task):
    stopping.set()
    await asyncio.wait_for(task, 60)


async def test_what_is_due_at_the_start_is_done():
    work = Work()
    work.waiting = [1, 2, 3, 4, 5, 6]
    stopping, task = await running(work, look_s=60)
    await until(lambda: len(work.done) == 6)
    await ended(stopping, task)
    assert work.listeners == []


async def test_a_hint_is_enough():
    work = Work()
    stopping, task = await running(work, look_s=60)
    await until(lambda: work.looks)
    for listener in work.listeners:
        listener(7)
    await until(lambda: work.done[7] == 1)
    await ended(stopping, task)


async def test_a_lost_hint_costs_a_look():
    work = Work()
    stopping, task = await running(work)
    await until(lambda: work.looks)
    work.waiting = [8]
    await until(lambda: work.done[8])
    await ended(stopping, task)


async def test_only_one_place_works_and_another_follows_when_it_has_gone():
    work = Work()
    work.leader, work.waiting = "elsewhere", [1]
    stopping, task = await running(work)
    await until(lambda: work.asked)
    for listener in work.listeners:
        listener(1)
    assert not work.done
    work.leader = "here"
    await until(lambda: work.done[1])
    await ended(stopping, task)


async def test_a_hint_during_the_work_brings_it_on_again():
    work = Work()
    work.gate.clear()
    stopping, task = await running(work, look_s=60)
    await until(lambda: work.looks)
    for _ in range(3):
        for listener in work.listeners:
            listener(1)
        await until(lambda: work.busy[1] == 1)
    work.gate.set()
    await until(lambda: work.done[1] >= 2)
    await ended(stopping, task)


async def test_a_failure_is_tried_again_and_holds_nobody_up():
    work = Work()
    work.waiting, work.failing = [1, 2, 3], {1: Unavailable(detail="x"), 2: NotFound()}
    stopping, task = await running(work)
    await until(lambda: work.done[1] and work.done[3])
    await ended(stopping, task)


async def test_a_stop_does_not_wait_for_the_work():
    work = Work()
    work.gate.clear()
    work.waiting = [1]
    stopping, task = await running(work)
    await until(lambda: work.busy[1])
    await ended(stopping, task)
    assert not work.busy[1]


async def test_a_large_account_lets_others_have_their_turn():
    work = Work()
    work.gate.clear()
    work.waiting, work.left = [1, 2, 3, 4, 5], Counter({one: 5 * TURN for one in (1, 2, 3, 4)})
    stopping, task = await running(work, look_s=60)
    await until(lambda: len(work.turns) == 4)
    work.gate.set()
    await until(lambda: len(work.done) == 5)
    assert work.turns.index(5) < 6, "the small one was next"
    await ended(stopping, task)
