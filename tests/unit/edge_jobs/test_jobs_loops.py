"""The loops of the jobs role: once in the cluster, in spite of errors, until the stop."""

import asyncio
import io
import json
from types import SimpleNamespace

import pytest

from smartmail.adapters.sql import SqlStore
from smartmail.base import log
from smartmail.domain.errors import Unavailable
from smartmail.edge.jobs.loops import JobConfig, Jobs

LED = ("expire", "reclaim", "orphans", "vault", "trash", "trim", "logins", "audit-check")  # by one node at a time
EVERYWHERE = ("heartbeat", "quotas", "audit")
NAMES = {job: job.replace("-", "_") + "_s" for job in (*LED, *EVERYWHERE)}
QUICK = {**dict.fromkeys(NAMES.values(), 0.01), "first_s": 0.0}


class Idle:
    """Work that is not looked at here: all of it is nothing, done at once."""

    def __getattr__(self, name):
        return self

    async def __call__(self):
        return 0


class Services(SimpleNamespace):
    """The services whose jobs are counted; all others are idle."""

    def __getattr__(self, name):
        return Idle()


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

    async def heartbeat(self):
        await self._work("heartbeat")

    async def expire(self):
        await self._work("expire")

    async def reclaim(self):
        self.running += 1
        self.most = max(self.most, self.running)
        await self._work("reclaim")
        if self.gate is not None:
            await self.gate.wait()
        self.running -= 1

    async def watch(self):
        return 0

    async def collect_orphans(self):
        await self._work("orphans")

    async def trim_changes(self):
        await self._work("trim")

    async def purge(self):
        await self._work("vault")

    async def forget_old(self):
        await self._work("logins")

    async def apply(self):
        await self._work("quotas")

    async def empty(self):
        await self._work("trash")

    async def chain(self):
        await self._work("audit")

    async def check(self):
        await self._work("audit-check")

    async def _work(self, name):
        self.calls[name] += 1
        if name in self.failing:
            raise Unavailable(detail="the volume is away")


async def until(condition):
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0)


def start(upkeep, worker="node1/background/1", parcels=None, pulls=None, **changed):
    stopping = asyncio.Event()
    kinds = {"parcels": parcels or Idle(), "pulls": pulls or Idle()}
    alarms = SimpleNamespace(service=SimpleNamespace(check_chains=upkeep.check, look=Idle()))
    services = Services(
        upkeep=upkeep, vault=upkeep, emptying=upkeep, quotas=upkeep, audit=upkeep, alarms=alarms, **kinds
    )
    jobs = Jobs(services, JobConfig(worker, **{**QUICK, **changed}))
    return stopping, asyncio.create_task(jobs.run(stopping))


async def test_every_job_runs_again_and_again_until_the_stop():
    upkeep = Upkeep()
    stopping, running = start(upkeep)
    await until(lambda: min(upkeep.calls.values()) >= 3)
    stopping.set()
    await asyncio.wait_for(running, 60)
    assert upkeep.most == 1


async def test_work_runs_when_it_is_due_and_one_look_tells_that_for_all_kinds():
    upkeep, begun = Upkeep(), []
    upkeep.failing = {"due-work"}

    class Kind(Idle):
        def __init__(self, name):
            self.name = name

        async def turn(self):
            begun.append(self.name)
            upkeep.due.discard(self.name)

    stopping, running = start(upkeep, admin_s=0.01, parcels=Kind("parcels"), pulls=Kind("pulls"))
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


async def test_every_kind_that_is_looked_at_has_a_job():
    jobs = Jobs(Services(upkeep=Upkeep()), JobConfig("w"))
    assert set(jobs._due) == set(SqlStore(None, None).tasks.looks)


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
    stopping, running = start(upkeep, first_s=60.0, **{NAMES[job]: 60.0 for job in LED})
    await until(lambda: upkeep.calls["heartbeat"] >= 2)
    assert [upkeep.calls[job] for job in LED] == [0] * len(LED)
    stopping.set()
    await asyncio.wait_for(running, 60)


@pytest.mark.parametrize("field", NAMES.values())
def test_pauses_as_shipped_are_sane(field):
    assert 1 <= getattr(JobConfig("w"), field) <= 24 * 3600
