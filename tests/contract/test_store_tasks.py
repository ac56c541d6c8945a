"""Contract of the store: leased work of all kinds alike, on both drivers (docs/adr/0084-one-task-engine.md).

Each kind is leased by its own method; what holds for leases holds for all of them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest
from tests.contract import test_store_keys, test_store_recurring
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench, Lease, fresh_postgres

from smartmail.adapters.clock import DatabaseClock
from smartmail.adapters.sql import open_postgres
from smartmail.domain.errors import ClockOff

LATER = START + 300_000
DEAD, ITS_SUCCESSOR, OTHER = "n1/background/aa.1-1", "n1/background/aa.1-2", "n10/background/aa.1-1"


KINDS: dict[str, Callable[[Bench], Awaitable[Lease]]] = {
    kind: make
    for file in sorted(Path(__file__).parent.glob("test_store_*.py"))
    for kind, make in getattr(import_module(f"tests.contract.{file.stem}"), "LEASED", {}).items()
}
"""Kind of leased work → what puts a row there and returns its lease: `LEASED` of the contract of each group."""
TOTALS = {"admin-jobs": 7, "directory-imports": 3, "volume-works": 1000, "reseal": 1000, "rekey": 90}
each_kind = pytest.mark.parametrize("kind", KINDS)


async def test_every_kind_of_leased_work_is_looked_at_here(bench: Bench):
    assert set(KINDS) == {task.kind for task in bench.store.tasks.tables}


@each_kind
async def test_one_worker_at_a_time_until_its_lease_ends(bench: Bench, kind: str):
    lease = await KINDS[kind](bench)
    assert await lease(OTHER, START, LATER)
    assert not await lease(DEAD, LATER - 1, LATER + 1)
    assert await lease(DEAD, LATER, LATER + 1)


@each_kind
async def test_what_a_dead_process_held_is_free_at_once_and_what_others_hold_stays_theirs(bench: Bench, kind: str):
    lease = await KINDS[kind](bench)
    assert await lease(OTHER, START, LATER)
    assert await bench.store.tasks.take_back("n1/background/aa.1-") == {}
    assert not await lease(ITS_SUCCESSOR, START + 1, LATER)
    assert await lease(DEAD, LATER, 2 * LATER)
    assert await bench.store.tasks.take_back("n1/background/aa.1-") == {kind: 1}
    assert await bench.store.tasks.take_back("n1/background/aa.1-") == {}
    assert await lease(ITS_SUCCESSOR, LATER + 1, 2 * LATER)


@each_kind
async def test_what_is_held_is_told_while_its_lease_runs(bench: Bench, kind: str):
    lease = await KINDS[kind](bench)
    assert await bench.store.tasks.held(START, 9) == []
    assert await lease(OTHER, START, LATER)
    (task,) = await bench.store.tasks.held(LATER - 1, 9)
    assert (task.kind, task.worker, task.leased_until) == (kind, OTHER, LATER)
    assert task.key
    assert (task.done, task.total) == (0, TOTALS.get(kind, 0))
    assert await bench.store.tasks.held(LATER, 9) == []
    assert await bench.store.tasks.held(LATER - 1, 0) == []


@each_kind
async def test_one_look_says_of_what_something_is_due(bench: Bench, kind: str):
    assert await bench.store.tasks.due(START) == set()
    lease = await KINDS[kind](bench)
    (task,) = [one for one in bench.store.tasks.tables if one.kind == kind]
    if not task.polled:
        assert await bench.store.tasks.due(START) == set()
        return
    assert await bench.store.tasks.due(START) == {kind}
    assert await lease(OTHER, START, LATER)
    assert await bench.store.tasks.due(LATER - 1) == ({kind} if task.renewable else set())
    assert await bench.store.tasks.due(LATER) == {kind}


async def test_acts_at_a_time_are_due_when_their_time_has_come(bench: Bench):
    await bench.store.begin_rotation(test_store_keys.rotation(), test_store_keys.BY)
    assert await bench.store.tasks.due(START) == {"master-key"}


async def test_a_plan_that_is_put_off_is_nobody_s(bench: Bench):
    """Its time is no lease: whoever follows the worker must not bring it forward. While it is worked at it stays the worker's."""
    store = bench.store
    await test_store_recurring.plan(bench)
    row = await store.recurring.lease(START, LATER, DEAD)
    await test_store_recurring.put(bench, replace(row, reason="limit"))
    assert await store.tasks.take_back(DEAD) == {"recurring": 1}
    row = await store.recurring.lease(START, LATER, DEAD)
    await test_store_recurring.put(bench, replace(row, leased_until=LATER + 1))
    assert await store.tasks.take_back(DEAD) == {}
    row = await store.recurring.lease(LATER + 1, LATER + 2, DEAD)
    await store.recurring.put_off(row.account_id, row.message_id, LATER + 9)
    assert await store.tasks.take_back(DEAD) == {}
    assert await store.recurring.lease(LATER + 8, LATER + 20, OTHER) is None


@pytest.mark.postgres
@each_kind
async def test_a_node_whose_clock_is_ten_minutes_ahead_steals_no_lease(kind: str):
    """It leases by the database's clock; and it takes nothing while its own is off."""
    is_judged = [False]
    clock = DatabaseClock(lambda: START + 600_000, lambda: 0, far=True)
    store = await open_postgres(
        await fresh_postgres(), now=clock.now, clock_fault=lambda: clock.fault() if is_judged[0] else ""
    )
    try:

        async def database_time() -> int:
            return START

        await clock.measure(database_time)
        bench = Bench(store, [START])
        await bench.start()
        lease = await KINDS[kind](bench)
        assert await lease(OTHER, START, START + 60_000)
        assert not await lease(DEAD, clock.now(), clock.now() + 60_000)
        assert await bench.store.tasks.take_back(OTHER)
        is_judged[0] = True
        with pytest.raises(ClockOff):
            await lease(DEAD, clock.now(), clock.now() + 60_000)
    finally:
        await store.close()
