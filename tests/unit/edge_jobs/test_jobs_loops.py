"""The loops of the jobs role: once in the cluster, in spite of errors, until the stop."""

import asyncio
import io
import json
from functools import partial
from types import SimpleNamespace

from smartmail.base import log
from smartmail.domain.errors import Unavailable
from smartmail.edge.jobs import loops
from smartmail.edge.jobs.loops import Jobs
from smartmail.service.kernel.jobs import Job, when_due

LED = ("expire", "reclaim", "orphans")  # by one node at a time
EVERYWHERE = ("heartbeat", "audit")
NAMES = (*LED, *EVERYWHERE)


class Leases:
    """What all nodes share."""

    def __init__(self):
        self.holders = {}


class Upkeep:
    """Counts calls; leases as the store gives them, without end."""

    def __init__(self, leases=None):
        self.calls = dict.fromkeys(NAMES, 0)
        self.leases = leases or Leases()
        self.running = 0
        self.most = 0
        self.failing = set()
        self.gate = None
        self.due = set()
        self.looks = 0

    async def lead(self, job, worker, lease_ms, *, any_clock=False):
        return self.leases.holders.setdefault(job, worker) == worker

    async def due_tasks(self):
        self.looks += 1
        if "due-work" in self.failing:
            raise Unavailable(detail="the database is away")
        return self.due

    async def reclaim(self):
        self.running += 1
        self.most = max(self.most, self.running)
        await self._work("reclaim")
        if self.gate is not None:
            await self.gate.wait()
        self.running -= 1

    def jobs(self, led_ms):
        """The jobs that are counted."""
        works = {name: partial(self._work, name) for name in NAMES} | {"reclaim": self.reclaim}
        return [
            Job(name, led_ms if name in LED else 10, work, everywhere=name in EVERYWHERE)
            for name, work in works.items()
        ]

    async def _work(self, name):
        self.calls[name] += 1
        if name in self.failing:
            raise Unavailable(detail="the volume is away")


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0)


def start(upkeep, worker="node1/background/1", *more, led_ms=10, first_s=0.0):
    stopping = asyncio.Event()
    jobs = Jobs(SimpleNamespace(upkeep=upkeep, jobs=[*upkeep.jobs(led_ms), *more]), worker, first_s)
    return stopping, asyncio.create_task(jobs.run(stopping))


async def test_every_job_runs_again_and_again_until_the_stop():
    upkeep = Upkeep()
    stopping, running = start(upkeep)
    await until(lambda: min(upkeep.calls.values()) >= 3)
    stopping.set()
    await asyncio.wait_for(running, 60)
    assert upkeep.most == 1


async def test_work_runs_when_it_is_due_and_one_look_tells_that_for_all_kinds(monkeypatch):
    upkeep, begun = Upkeep(), []
    upkeep.failing = {"due-work"}

    async def work(kind):
        begun.append(kind)
        upkeep.due.discard(kind)

    monkeypatch.setattr(loops, "_LOOK_MS", 10)
    kinds = [when_due(kind, kind, partial(work, kind)) for kind in ("parcels", "pulls")]
    stopping, running = start(upkeep, "node1/background/1", *kinds)
    await until(lambda: upkeep.looks >= 3)
    upkeep.failing.clear()
    await until(lambda: upkeep.looks >= 5)
    assert begun == []
    upkeep.due.add("pulls")
    await until(lambda: begun == ["pulls"])
    upkeep.due.add("parcels")
    upkeep.due.add("pulls")
    await until(lambda: sorted(begun) == ["parcels", "pulls", "pulls"])
    stopping.set()
    await asyncio.wait_for(running, 60)
    assert len(begun) == 3


async def test_one_of_two_nodes_does_the_work_and_both_show_themselves():
    leases = Leases()
    one, two = Upkeep(leases), Upkeep(leases)
    started = [start(one, "a"), start(two, "b")]
    await until(lambda: all(node.calls[job] >= 3 for node in (one, two) for job in EVERYWHERE))
    await until(lambda: all(one.calls[job] + two.calls[job] >= 3 for job in LED))
    for job in LED:
        assert 0 in {one.calls[job], two.calls[job]}
    for stopping, running in started:
        stopping.set()
        await asyncio.wait_for(running, 60)


async def test_a_job_that_fails_is_told_and_tried_again(monkeypatch):
    lines = io.StringIO()
    log.configure(stream=lines)
    try:
        upkeep = Upkeep()
        upkeep.failing = {"reclaim", "heartbeat"}
        stopping, running = start(upkeep)
        await until(lambda: min(upkeep.calls.values()) >= 3)
        stopping.set()
        await asyncio.wait_for(running, 60)
    finally:
        log.configure()
    told = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert {(one["event"], one["job"], one["error"]) for one in told} == {
        ("job.failed", "reclaim", "Unavailable"),
        ("job.failed", "heartbeat", "Unavailable"),
    }
    assert {one["detail"] for one in told} == {"the volume is away"}


async def test_the_stop_waits_for_the_step_at_hand():
    upkeep = Upkeep()
    upkeep.gate = asyncio.Event()
    stopping, running = start(upkeep)
    await until(lambda: upkeep.running == 1)
    stopping.set()
    await until(lambda: upkeep.calls["expire"] >= 1)
    assert not running.done()
    upkeep.gate.set()
    await asyncio.wait_for(running, 60)
    assert upkeep.running == 0


async def test_a_start_does_not_begin_with_upkeep():
    upkeep = Upkeep()
    stopping, running = start(upkeep, first_s=60.0, led_ms=60_000)
    await until(lambda: upkeep.calls["heartbeat"] >= 2)
    assert [upkeep.calls[job] for job in LED] == [0] * len(LED)
    stopping.set()
    await asyncio.wait_for(running, 60)
