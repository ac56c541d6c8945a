"""Contract of the store: parcels in parts, their leases, what they brought, on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench, Lease

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound, RateLimited, StateMismatch
from smartmail.domain.ids import MessageId
from smartmail.domain.parcels import Parcel, ParcelPart

RECORD = AuditRecord(1, "system", "parcel.test", "parcel:1")
ONE, TWO = b"1" * 16, b"2" * 16


def a_parcel(bench: Bench, **facts) -> Parcel:
    account = bench.account
    made = Parcel(ONE, account.id, account.organization_id, "out", "waiting", 0, 0, 0, 0, 0, b"sealed", 10, 1_000)
    return replace(made, **facts)


def a_part(bench: Bench, number: int, start: int, size: int) -> ParcelPart:
    return ParcelPart(number, start, replace(bench.blob(number + 1), size=size), b"k%d" % number)


async def test_what_comes_in_grows_and_waits_when_it_is_whole(bench: Bench):
    store = bench.store
    await store.add_parcel(a_parcel(bench, direction="in", state="coming", size=30), 5, RECORD)
    parts = [a_part(bench, 0, 0, 20), a_part(bench, 1, 20, 10)]
    grown = await store.add_parcel_part(ONE, 0, parts[0])
    assert (grown.received, grown.parts, grown.size, grown.state) == (20, 1, 30, "coming")
    with pytest.raises(StateMismatch):
        await store.add_parcel_part(ONE, 0, a_part(bench, 5, 0, 5))
    assert (await store.add_parcel_part(ONE, 20, parts[1])).state == "waiting"
    with pytest.raises(NotFound):
        await store.add_parcel_part(ONE, 30, a_part(bench, 2, 30, 5))
    with pytest.raises(NotFound):
        await store.add_parcel_part(TWO, 0, a_part(bench, 2, 0, 5))
    assert await store.parcel_parts(ONE) == parts
    assert await store.parcel_parts(ONE, 20, 21) == parts[1:]
    assert [await bench.refs(one.blob) for one in parts] == [1, 1]
    assert await store.parcel_blobs((b"", 0), 1) == [(ONE, 0, parts[0].blob.id)]
    assert await store.parcel_blobs((ONE, 0), 9) == [(ONE, 1, parts[1].blob.id)]


async def test_an_account_has_so_many_that_are_not_done(bench: Bench):
    store = bench.store
    await store.add_parcel(a_parcel(bench), 1, RECORD)
    with pytest.raises(RateLimited):
        await store.add_parcel(a_parcel(bench, id=TWO), 1, RECORD)
    await store.turn_parcel(ONE, ("waiting",), "failed", RECORD)
    await store.add_parcel(a_parcel(bench, id=TWO, created_at=11), 1, RECORD)
    assert [one.id for one in await store.parcels(bench.account.id)] == [TWO, ONE]


async def test_one_worker_at_a_time_and_a_dead_one_loses_it(bench: Bench):
    store = bench.store
    await store.add_parcel(a_parcel(bench), 5, RECORD)
    leased = await store.lease_parcel(100, 200, "w1")
    assert leased is not None and (leased.state, leased.worker) == ("working", "w1")
    assert await store.lease_parcel(150, 250, "w2") is None
    assert await store.note_parcel(ONE, "w1", 3, 9, 300)
    assert await store.lease_parcel(250, 350, "w2") is None
    grown = await store.add_parcel_part(ONE, 0, a_part(bench, 0, 0, 20), "w1")
    assert (grown.size, grown.received, grown.done, grown.total) == (20, 20, 3, 9)
    taken = await store.lease_parcel(300, 400, "w2")
    assert taken is not None and taken.worker == "w2"
    assert not await store.note_parcel(ONE, "w1", 4, 9, 500)
    assert not await store.empty_parcel(ONE, "w1", 310)
    assert not await store.end_parcel(ONE, "w1", "ready", b"x", 2_000, RECORD)
    with pytest.raises(StateMismatch):
        await store.add_parcel_part(ONE, 20, a_part(bench, 1, 20, 10), "w1")
    assert await store.empty_parcel(ONE, "w2", 310)
    row = await store.parcel(ONE)
    assert row is not None and (row.parts, row.received, row.size) == (0, 0, 0)
    assert await bench.refs(bench.blob(1)) == 0
    assert await store.end_parcel(ONE, "w2", "ready", b"text", 2_000, RECORD)
    row = await store.parcel(ONE)
    assert row is not None and (row.state, row.sealed, row.expires_at, row.worker) == ("ready", b"text", 2_000, "")
    assert await store.lease_parcel(9_999, 10_000, "w3") is None


async def test_what_comes_in_keeps_its_size_when_it_is_emptied(bench: Bench):
    store = bench.store
    await store.add_parcel(a_parcel(bench, direction="in", state="coming", size=20), 5, RECORD)
    await store.add_parcel_part(ONE, 0, a_part(bench, 0, 0, 20))
    await store.lease_parcel(100, 200, "w1")
    assert await store.empty_parcel(ONE, "w1", 150)
    row = await store.parcel(ONE)
    assert row is not None and (row.size, row.parts) == (20, 0)
    assert await store.parcel_parts(ONE) == []


async def test_what_a_parcel_brought_is_written_with_it(bench: Bench):
    store = bench.store
    await store.add_parcel(a_parcel(bench), 5, RECORD)

    async def body(tx):
        for number in (7, 3, 5):
            await tx.note_parcel_message(ONE, MessageId(number))

    await store.write(bench.account.id, body)
    assert await store.parcel_messages(ONE, MessageId(0), 2) == [3, 5]
    assert await store.parcel_messages(ONE, MessageId(5), 2) == [7]

    async def failing(tx):
        await tx.note_parcel_message(ONE, MessageId(9))
        raise StateMismatch

    with pytest.raises(StateMismatch):
        await store.write(bench.account.id, failing)
    assert await store.parcel_messages(ONE, MessageId(7), 2) == []


async def test_a_parcel_that_goes_takes_everything_along(bench: Bench):
    store = bench.store
    await store.add_parcel(a_parcel(bench, direction="in", state="coming", size=20), 5, RECORD)
    await store.add_parcel_part(ONE, 0, a_part(bench, 0, 0, 20))

    async def body(tx):
        await tx.note_parcel_message(ONE, MessageId(1))

    await store.write(bench.account.id, body)
    assert [one.id for one in await store.parcels_over(1_000, 9)] == [ONE]
    assert await store.parcels_over(999, 9) == []
    assert await store.drop_parcel(ONE, 50, RECORD)
    assert not await store.drop_parcel(ONE, 50)
    assert await store.parcel(ONE) is None and await store.parcel_parts(ONE) == []
    assert await store.parcel_messages(ONE, MessageId(0), 9) == []
    assert await bench.refs(bench.blob(1)) == 0
    assert not await store.turn_parcel(ONE, ("coming",), "failed", RECORD)


async def leased_parcel(bench: Bench) -> Lease:
    await bench.store.add_parcel(a_parcel(bench), 5, RECORD)
    return lambda worker, now, until: bench.store.lease_parcel(now, until, worker)


LEASED = {"parcels": leased_parcel}
