"""Contract of the store: the queue (architecture 4.9), on both drivers."""

import asyncio

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.queue import Attempt, NewRecipient

NOW = 1_000


def to(domain: str, name: str = "r", **values):
    return NewRecipient(domain, name.encode(), b"sealed " + name.encode(), **values)


async def lease(bench: Bench, worker="w1", now=NOW, until=NOW + 100, limit=10, busy=None):
    return await bench.store.lease(worker, now=now, until=until, limit=limit, busy=busy or {})


def done(number: int, state="delivered", next_at=0, **values):
    return Attempt(number, state, next_at, b"reply", **values)


async def test_an_entry_is_leased_by_destination(bench: Bench):
    entry = bench.entry(to("a.test", "1"), to("b.test", "2"), to("a.test", "3"))
    await bench.store.enqueue(entry)
    found = {x.recipients[0].domain: x for x in await lease(bench)}
    assert [r.number for r in found["a.test"].recipients] == [0, 2]
    assert [r.sealed for r in found["b.test"].recipients] == [b"sealed 2"]
    row = found["a.test"].entry
    assert (row.id, row.blob, row.wrapped_key, row.sealed_envelope, row.sealed_prefix, row.account_id) == (
        entry.id, entry.blob, b"queue key", b"envelope", None, None,
    )  # fmt: skip
    assert found["a.test"].until == NOW + 100
    assert await lease(bench, "w2") == []


async def test_an_id_is_enqueued_once(bench: Bench):
    entry = bench.entry(to("a.test"))
    await bench.store.enqueue(entry)
    with pytest.raises(AlreadyExists):
        await bench.store.enqueue(entry)
    assert await bench.refs(entry.blob) == 1


async def test_only_what_is_due_and_oldest_first(bench: Bench):
    late = bench.entry(to("a.test", next_at=900))
    early = bench.entry(to("b.test", next_at=100))
    future = bench.entry(to("c.test", next_at=NOW + 1))
    held = bench.entry(to("d.test", state="held", hold_reason="approval"))
    for entry in (late, early, future, held):
        await bench.store.enqueue(entry)
    assert await bench.store.next_due() == 100
    assert [x.entry.id for x in await lease(bench, limit=1)] == [early.id]
    assert [x.entry.id for x in await lease(bench)] == [late.id]
    assert await bench.store.next_due() == NOW + 1


async def test_nothing_due(bench: Bench):
    assert await bench.store.next_due() is None
    assert await lease(bench) == []


async def test_busy_destinations_are_passed_over(bench: Bench):
    for domain in ("a.test", "a.test", "a.test", "b.test"):
        await bench.store.enqueue(bench.entry(to(domain)))
    taken = await lease(bench, busy={"a.test": 0, "c.test": -1})
    assert [x.recipients[0].domain for x in taken] == ["b.test"]
    taken = await lease(bench, busy={"a.test": 2})
    assert len(taken) == 2


async def test_the_last_result_removes_the_entry_and_releases_its_blob(bench: Bench):
    entry = bench.entry(to("a.test", "1"), to("a.test", "2"))
    await bench.store.enqueue(entry)
    await lease(bench)
    assert await bench.store.report("w1", entry.id, [done(0), done(1, "ready", NOW + 50, delay_told=True)])
    [(_, recipients)] = await bench.store.queue_entries(10)
    assert [(r.state, r.next_at, r.attempts, r.delay_told, r.sealed_result) for r in recipients] == [
        ("delivered", 0, 1, False, b"reply"), ("ready", NOW + 50, 1, True, b"reply"),
    ]  # fmt: skip
    assert await bench.refs(entry.blob) == 1
    [again] = await lease(bench, now=NOW + 50, until=NOW + 200)
    assert [r.number for r in again.recipients] == [1]
    report = bench.entry(to("sender.test"))
    assert await bench.store.report("w1", entry.id, [done(1, "bounced")], [report])
    assert [e.id for e, _ in await bench.store.queue_entries(10)] == [report.id]
    assert await bench.store.dead_blobs(bench.now[0] + 1, 10) == [entry.blob]
    assert not await bench.store.report("w1", entry.id, [done(1)])


async def test_a_lease_that_ran_out_is_taken_by_another(bench: Bench):
    entry = bench.entry(to("a.test"))
    await bench.store.enqueue(entry)
    await lease(bench, "w1", until=NOW + 100)
    assert await lease(bench, "w2", now=NOW + 99) == []
    assert await bench.store.next_due() == NOW + 100
    assert len(await lease(bench, "w2", now=NOW + 100, until=NOW + 300)) == 1
    lost = bench.entry(to("sender.test"))
    assert not await bench.store.report("w1", entry.id, [done(0)], [lost])
    assert [e.id for e, _ in await bench.store.queue_entries(10)] == [entry.id]
    assert await bench.refs(lost.blob) is None
    assert await bench.store.report("w2", entry.id, [done(0)])


async def test_a_late_report_counts_while_nobody_else_took_over(bench: Bench):
    entry = bench.entry(to("a.test"))
    await bench.store.enqueue(entry)
    await lease(bench, "w1", until=NOW + 1)
    assert await bench.store.report("w1", entry.id, [done(0)])


async def test_workers_never_get_the_same(bench: Bench, store_factory):
    for number in range(40):
        await bench.store.enqueue(bench.entry(to(f"d{number % 5}.test", "1"), to("other.test", "2")))
    stores = [bench.store, await store_factory.open()]
    seen: list[tuple[int, int]] = []

    async def work(number: int):
        worker = f"w{number}"
        empty = 0
        while empty < 3:
            taken = await stores[number % 2].lease(worker, now=NOW, until=NOW + 100, limit=3, busy={})
            empty = 0 if taken else empty + 1
            for one in taken:
                seen.extend((one.entry.id, r.number) for r in one.recipients)
                assert await stores[number % 2].report(worker, one.entry.id, [done(r.number) for r in one.recipients])

    await asyncio.gather(*(work(n) for n in range(6)))
    # What a worker skipped because another held the entry for a moment is still there.
    await work(0)
    assert len(seen) == len(set(seen)) == 80
    assert await bench.store.queue_entries(10) == []


async def test_the_first_prefix_wins(bench: Bench):
    entry = bench.entry(to("a.test"))
    await bench.store.enqueue(entry)
    assert await bench.store.set_prefix(entry.id, b"DKIM 1") == b"DKIM 1"
    assert await bench.store.set_prefix(entry.id, b"DKIM 2") == b"DKIM 1"
    assert (await lease(bench))[0].entry.sealed_prefix == b"DKIM 1"
    with pytest.raises(NotFound):
        await bench.store.set_prefix(999, b"")


async def test_release_frees_what_is_held_for_that_reason(bench: Bench):
    entry = bench.entry(
        to("a.test", "1", state="held", hold_reason="undo_window"),
        to("a.test", "2", state="held", hold_reason="approval"),
        to("a.test", "3", next_at=NOW * 9),
    )
    await bench.store.enqueue(entry)
    assert await bench.store.release(entry.id, "undo_window", now=NOW) == 1
    assert await bench.store.release(entry.id, "undo_window", now=NOW) == 0
    assert await bench.store.release(999, "approval", now=NOW) == 0
    [taken] = await lease(bench)
    assert [(r.number, r.hold_reason, r.next_at) for r in taken.recipients] == [(0, None, NOW + 100)]


async def test_hasten_makes_what_waits_due(bench: Bench):
    entry = bench.entry(
        to("a.test", "1", next_at=NOW * 9),
        to("a.test", "2", state="held", hold_reason="approval"),
        to("a.test", "3", next_at=NOW),
    )
    await bench.store.enqueue(entry)
    assert await bench.store.hasten(entry.id, now=NOW) == 1
    assert await bench.store.hasten(999, now=NOW) == 0
    assert [r.number for r in (await lease(bench))[0].recipients] == [0, 2]


async def test_an_administrator_cancels_what_is_not_leased(bench: Bench):
    entry = bench.entry(to("a.test", "1"), to("b.test", "2", next_at=NOW * 9))
    await bench.store.enqueue(entry)
    await lease(bench)
    assert not await bench.store.cancel_entry(entry.id)
    await bench.store.report("w1", entry.id, [done(0)])
    assert await bench.store.cancel_entry(entry.id)
    assert not await bench.store.cancel_entry(entry.id)
    assert await bench.store.queue_entries(10) == []
    assert await bench.refs(entry.blob) == 0


async def submit(bench: Bench, *recipients):
    entry = bench.entry(*recipients, account_id=bench.account.id, submission_id=1)
    await bench.store.write(bench.account.id, lambda tx: tx.add_queue_entry(entry))
    return entry


async def cancel(bench: Bench, entry, account=None):
    return await bench.store.write((account or bench.account).id, lambda tx: tx.cancel_queue_entry(entry.id))


async def test_cancel_takes_all_or_nothing(bench: Bench):
    entry = await submit(bench, to("a.test", state="held", hold_reason="undo_window"), to("b.test"))
    other = await bench.new_account("u2@acme.test")
    assert not await cancel(bench, entry, other)
    assert await cancel(bench, entry)
    assert await bench.refs(entry.blob) == 0
    assert not await cancel(bench, entry)
    leased = await submit(bench, to("a.test"), to("b.test", next_at=NOW * 9))
    await lease(bench)
    assert not await cancel(bench, leased)
    [(_, recipients)] = await bench.store.queue_entries(10)
    assert [r.state for r in recipients] == ["leased", "ready"]


async def test_never_both_cancelled_and_leased(bench: Bench):
    for _ in range(10):
        entry = await submit(bench, to("a.test"))
        cancelled, leases = await asyncio.gather(cancel(bench, entry), lease(bench))
        assert cancelled != bool(leases)
        if leases:
            assert await bench.store.report("w1", entry.id, [done(0)])


async def test_a_failing_body_queues_nothing(bench: Bench):
    entry = bench.entry(to("a.test"))

    async def body(tx):
        await tx.add_queue_entry(entry)
        raise ValueError

    with pytest.raises(ValueError):
        await bench.store.write(bench.account.id, body)
    assert await bench.store.queue_entries(10) == []
    assert await bench.refs(entry.blob) is None
