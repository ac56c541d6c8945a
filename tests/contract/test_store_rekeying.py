"""Contract of the store: changes of keys of companies and accounts (ports/store_rekeying.py), on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench, Lease

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.rekeying import Rekey, SealedColumn
from smartmail.service.operations.keys.columns import ACCOUNT, ORGANIZATION

BY = AuditRecord(START, "cli", "key.act", "key:1")
IDENTITY = SealedColumn("identity", "sealed", ("id",), ("address",))


def change(**facts: object) -> Rekey:
    begun = Rekey(
        0, "accounts", OrganizationId(1), AccountId(0), "announcing", 0, 0, 0, 0, 0, 0, 0, 0, 90, "cli", START, START, START
    )  # fmt: skip
    return replace(begun, **facts)


async def actions(bench: Bench) -> list[str]:
    return [row.record.action for row in await bench.store.unchained_records("audit", 0, 100)]


async def test_one_change_is_open_leased_noted_and_ended(bench: Bench):
    store = bench.store
    made = await store.begin_rekey(change(), BY)
    assert made == change(id=made.id)
    with pytest.raises(AlreadyExists):
        await store.begin_rekey(change(scope="organization"), BY)
    assert await store.lease_rekey(made.id, "w1", START, START + 10) == made
    assert await store.lease_rekey(made.id, "w2", START + 5, START + 15) is None
    assert await store.lease_rekey(made.id, "w1", START + 5, START + 15) == made
    at = replace(
        made, state="switching", owner_id=4, part=2, found=3, seen=9, changed=3, octets=700, failed=1, done=8, total=91,
        changed_at=START + 6, moved_at=START + 7,
    )  # fmt: skip
    assert not await store.note_rekey(at, "w2", START + 20)
    assert await store.note_rekey(at, "w1", START + 20)
    assert await store.rekeys(5) == [at]
    assert await store.lease_rekey(made.id, "w2", START + 30, START + 40) == at, "a lease ends by itself"
    done = replace(at, state="done", ended_at=START + 31)
    assert not await store.note_rekey(done, "w1", 0, BY)
    assert await store.note_rekey(done, "w2", 0, BY)
    assert await store.lease_rekey(made.id, "w2", START + 32, START + 40) is None
    assert not await store.note_rekey(at, "w2", START + 40), "over is over"
    assert await store.kept_rekeys() == [done]
    assert await store.note_destroyed(made.id, START + 50, BY)
    assert not await store.note_destroyed(made.id, START + 51, BY)
    assert await store.kept_rekeys() == []
    again = await store.begin_rekey(change(), BY)
    assert await store.rekeys(5) == [again, replace(done, destroyed_at=START + 50)]
    assert (await actions(bench)).count("key.act") == 4


async def test_given_up_only_before_keys_are_in_use(bench: Bench):
    store = bench.store
    made = await store.begin_rekey(change(), BY)
    await store.lease_rekey(made.id, "w", START, START + 10)
    assert await store.note_rekey(replace(made, state="switching", owner_id=3, part=1), "w", START + 10)
    assert not await store.withdraw_rekey(made.id, START + 1, BY)
    assert await store.note_rekey(replace(made, state="switching", owner_id=0, part=0), "w", START + 10)
    assert await store.withdraw_rekey(made.id, START + 1, BY)
    assert not await store.withdraw_rekey(made.id, START + 2, BY)
    assert not await store.note_rekey(replace(made, state="switching", part=1), "w", START + 10), "its worker learns it"
    (row,) = await store.rekeys(1)
    assert (row.state, row.owner_id, row.changed_at) == ("withdrawing", 0, START + 1)
    assert await store.note_rekey(replace(row, state="cancelled", ended_at=START + 3), "w", 0)
    assert await store.kept_rekeys() == [] and (await actions(bench)).count("key.act") == 2


async def test_wrapped_keys_are_replaced_only_where_they_are_what_was_read(bench: Bench):
    store = bench.store
    account = await store.account(bench.account.id)
    long = b"new key" + bytes(2_000)
    assert not await store.replace_account_key(account.id, b"other", b"new")
    assert await store.replace_account_key(account.id, account.wrapped_key, long)
    assert (await store.account(account.id)).wrapped_key == long
    home = await store.organization(bench.organization_id)
    assert not await store.replace_queue_key(home.id, b"other", b"new")
    assert await store.replace_queue_key(home.id, home.wrapped_queue_key, b"new")
    assert (await store.organization(home.id)).wrapped_queue_key == b"new"


async def test_values_by_pages_and_replaced_where_they_are_what_was_read(bench: Bench):
    store = bench.store

    async def put(tx):
        return [await tx.put_identity(None, f"{number}@a.example", b"sealed %d" % number) for number in range(5)]

    rows = await store.write(bench.account.id, put)
    ids = sorted(row.id for row in rows)
    first = await store.sealed_values(IDENTITY, bench.account.id, None, 3)
    assert [one.key for one in first] == [(number,) for number in ids[:3]]
    assert (first[0].facts, first[0].octets) == (("0@a.example",), b"sealed 0")
    rest = await store.sealed_values(IDENTITY, bench.account.id, first[-1].key, 3)
    assert [one.key for one in rest] == [(number,) for number in ids[3:]]
    assert await store.sealed_values(IDENTITY, bench.account.id + 1000, None, 3) == []
    stale = replace(first[1], octets=b"not what is there")
    await store.reseal_values(IDENTITY, bench.account.id, [(first[0], b"anew"), (stale, b"lost")])
    again = await store.sealed_values(IDENTITY, bench.account.id, None, 10)
    assert [one.octets for one in again] == [b"anew", b"sealed 1", b"sealed 2", b"sealed 3", b"sealed 4"]


async def test_every_column_that_is_named_is_there_on_both_drivers(bench: Bench):
    for one in (*ACCOUNT, *ORGANIZATION):
        values = await bench.store.sealed_values(one.where, bench.account.id, None, 5)
        after = tuple(_least(name, one.where) for name in one.where.key)
        assert len(await bench.store.sealed_values(one.where, bench.account.id, after, 5)) <= len(values) + 5
        for value in values:
            await bench.store.reseal_values(one.where, bench.account.id, [(value, value.octets)])


def _least(name: str, where: SealedColumn) -> object:
    if name in {"token_hash", "code_hash", "blob_id", "name_hash", "uid_hash", "key", "parcel_id"} or (
        name == "id" and where.table in {"big_file", "parcel", "pull", "secure_letter"}
    ):
        return b"\0"
    texts = {"name", "language", "month", "domain", "day", "selector", "list"}
    return " " if name in texts else 0


async def leased_rekey(bench: Bench) -> Lease:
    row = await bench.store.begin_rekey(change(), BY)
    return lambda worker, now, until: bench.store.lease_rekey(row.id, worker, now, until)


LEASED = {"rekey": leased_rekey}
