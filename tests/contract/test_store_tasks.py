"""Contract of the store: leased work of all kinds alike, on both drivers (docs/adr/0084-one-task-engine.md).

Each kind is leased by its own method; what holds for leases holds for all of them.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace

import pytest
from tests.contract import (
    test_store_admin_api,
    test_store_directory_import,
    test_store_keys,
    test_store_parcels,
    test_store_proposals,
    test_store_pulls,
    test_store_recurring,
    test_store_rekeying,
    test_store_share_letters,
    test_store_volumes,
)
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench, fresh_postgres

from smartmail.adapters.clock import DatabaseClock
from smartmail.adapters.sql import open_postgres
from smartmail.adapters.sql.tasks import _POLLED, TASKS
from smartmail.domain.errors import ClockOff

LATER = START + 300_000
DEAD, ITS_SUCCESSOR, OTHER = "n1/background/aa.1-1", "n1/background/aa.1-2", "n10/background/aa.1-1"

Lease = Callable[[str, int, int], Awaitable[object]]
"""(worker, now, until) → something true where the row was leased."""


async def admin_job(bench: Bench) -> Lease:
    await bench.store.add_job(test_store_admin_api.job(), test_store_admin_api.record("job.start"))
    return lambda worker, now, until: bench.store.lease_job(now, until, worker)


async def directory_import(bench: Bench) -> Lease:
    await bench.store.add_import(test_store_directory_import.new(bench), [], test_store_directory_import.by())
    return lambda worker, now, until: bench.store.lease_import(5, "running", now, until, worker)


async def parcel(bench: Bench) -> Lease:
    await bench.store.add_parcel(test_store_parcels.a_parcel(bench), 5, test_store_parcels.RECORD)
    return lambda worker, now, until: bench.store.lease_parcel(now, until, worker)


async def pull(bench: Bench) -> Lease:
    await bench.store.add_pull(test_store_pulls.a_pull(bench), 5, test_store_pulls.RECORD)
    return lambda worker, now, until: bench.store.lease_pull(now, until, worker)


async def recurring(bench: Bench) -> Lease:
    await test_store_recurring.plan(bench)
    return lambda worker, now, until: bench.store.recurring.lease(now, until, worker)


async def share_letter(bench: Bench) -> Lease:
    await bench.store.add_share_letters([test_store_share_letters.letter(bench)])
    return lambda worker, now, until: bench.store.lease_share_letter(now, until, worker)


async def webhook(bench: Bench) -> Lease:
    row = await bench.store.add_webhook(test_store_admin_api.hook(), test_store_admin_api.record("webhook.new"))
    return lambda worker, now, until: bench.store.lease_webhook(row.id, now, until, worker)


async def volume_work(bench: Bench) -> Lease:
    row = await bench.store.begin_work(test_store_volumes.work(1), test_store_volumes.BY)
    return lambda worker, now, until: bench.store.lease_work(row.id, worker, now, until)


async def reseal(bench: Bench) -> Lease:
    row = await bench.store.begin_reseal(test_store_keys.reseal(), test_store_keys.BY)
    return lambda worker, now, until: bench.store.lease_reseal(row.id, worker, now, until)


async def rekey(bench: Bench) -> Lease:
    row = await bench.store.begin_rekey(test_store_rekeying.change(), test_store_rekeying.BY)
    return lambda worker, now, until: bench.store.lease_rekey(row.id, worker, now, until)


async def proposal(bench: Bench) -> Lease:
    row = await bench.store.add_proposal(test_store_proposals.new(bench, 7), test_store_proposals.by("a", START))
    decided = test_store_proposals.by("b", START)
    assert await bench.store.decide_proposal(row.id, "running", decided, lease_until=START - 1)
    return lambda worker, now, until: bench.store.lease_proposal(row.id, now, until, worker)


KINDS = {
    "admin-jobs": admin_job, "directory-imports": directory_import, "parcels": parcel, "pulls": pull,
    "recurring": recurring, "share-letters": share_letter, "webhooks": webhook, "volume-works": volume_work,
    "reseal": reseal, "rekey": rekey, "proposals": proposal,
}  # fmt: skip
TOTALS = {"admin-jobs": 7, "directory-imports": 3, "volume-works": 1000, "reseal": 1000, "rekey": 90}
each_kind = pytest.mark.parametrize("kind", KINDS)


def test_every_kind_of_leased_work_is_looked_at_here():
    assert set(KINDS) == {task.kind for task in TASKS}


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
    assert await bench.store.take_back_tasks("n1/background/aa.1-") == {}
    assert not await lease(ITS_SUCCESSOR, START + 1, LATER)
    assert await lease(DEAD, LATER, 2 * LATER)
    assert await bench.store.take_back_tasks("n1/background/aa.1-") == {kind: 1}
    assert await bench.store.take_back_tasks("n1/background/aa.1-") == {}
    assert await lease(ITS_SUCCESSOR, LATER + 1, 2 * LATER)


@each_kind
async def test_what_is_held_is_told_while_its_lease_runs(bench: Bench, kind: str):
    lease = await KINDS[kind](bench)
    assert await bench.store.held_tasks(START, 9) == []
    assert await lease(OTHER, START, LATER)
    (task,) = await bench.store.held_tasks(LATER - 1, 9)
    assert (task.kind, task.worker, task.leased_until) == (kind, OTHER, LATER)
    assert task.key
    assert (task.done, task.total) == (0, TOTALS.get(kind, 0))
    assert await bench.store.held_tasks(LATER, 9) == []
    assert await bench.store.held_tasks(LATER - 1, 0) == []


@pytest.mark.parametrize("kind", sorted(set(KINDS) & set(_POLLED)))
async def test_one_look_says_of_what_something_is_due(bench: Bench, kind: str):
    assert await bench.store.due_tasks(START) == set()
    lease = await KINDS[kind](bench)
    assert await bench.store.due_tasks(START) == {kind}
    assert await lease(OTHER, START, LATER)
    is_held_seen = {task.kind: task.renewable for task in TASKS}[kind]
    assert await bench.store.due_tasks(LATER - 1) == ({kind} if is_held_seen else set())
    assert await bench.store.due_tasks(LATER) == {kind}


async def test_acts_at_a_time_are_due_when_their_time_has_come(bench: Bench):
    await bench.store.begin_rotation(test_store_keys.rotation(), test_store_keys.BY)
    assert await bench.store.due_tasks(START) == {"master-key"}


async def test_a_plan_that_is_put_off_is_nobody_s(bench: Bench):
    """Its time is no lease: whoever follows the worker must not bring it forward. While it is worked at it stays the worker's."""
    store = bench.store
    await test_store_recurring.plan(bench)
    row = await store.recurring.lease(START, LATER, DEAD)
    await test_store_recurring.put(bench, replace(row, reason="limit"))
    assert await store.take_back_tasks(DEAD) == {"recurring": 1}
    row = await store.recurring.lease(START, LATER, DEAD)
    await test_store_recurring.put(bench, replace(row, leased_until=LATER + 1))
    assert await store.take_back_tasks(DEAD) == {}
    row = await store.recurring.lease(LATER + 1, LATER + 2, DEAD)
    await store.recurring.put_off(row.account_id, row.message_id, LATER + 9)
    assert await store.take_back_tasks(DEAD) == {}
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
        assert await bench.store.take_back_tasks(OTHER)
        is_judged[0] = True
        with pytest.raises(ClockOff):
            await lease(DEAD, clock.now(), clock.now() + 60_000)
    finally:
        await store.close()
