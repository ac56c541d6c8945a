"""Contract of the store: stand-ins, members, relays, counts (ports/store_addressing.py), on both drivers."""

import asyncio
from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.addressing import MemberRow, RelayRow, StandIn
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.queue import NewRecipient

AUDIT = AuditRecord(1, "cli", "alias.add", "address:x")


def recipient() -> NewRecipient:
    return NewRecipient("x.test", b"hash", b"sealed")


def alias(bench: Bench, address: str, kind: str = "alias", sealed: bytes = b"s") -> StandIn:
    return StandIn(address, bench.organization_id, kind, sealed, 5)


async def test_an_address_is_used_once(bench: Bench):
    store = bench.store
    await store.put_stand_in(alias(bench, "sales@acme.test"), AUDIT, fresh=True)
    with pytest.raises(AlreadyExists):
        await store.put_stand_in(alias(bench, "sales@acme.test", "list"), AUDIT, fresh=True)
    with pytest.raises(AlreadyExists):
        await store.put_stand_in(alias(bench, bench.account.login), AUDIT, fresh=True)
    with pytest.raises(AlreadyExists):
        await store.add_address("sales@acme.test", bench.account.id)
    with pytest.raises(AlreadyExists):
        await bench.new_account("sales@acme.test")
    assert [a.login for a in await store.accounts()] == [bench.account.login]


async def test_a_retired_address_comes_back_only_when_it_is_forgotten(bench: Bench):
    store = bench.store
    row = alias(bench, "sales@acme.test")
    await store.put_stand_in(row, AUDIT, fresh=True)
    await store.retire_stand_in(row.address, AUDIT)
    [kept] = await store.stand_ins([row.address])
    assert (kept.kind, kept.sealed) == ("retired", b"")
    with pytest.raises(NotFound):
        await store.retire_stand_in(row.address, AUDIT)
    with pytest.raises(NotFound):
        await store.put_stand_in(row, AUDIT, fresh=False)
    with pytest.raises(AlreadyExists):
        await bench.new_account(row.address)
    await store.retire_stand_in(row.address, AUDIT, forget=True)
    assert await store.stand_ins([row.address]) == []
    assert (await bench.new_account(row.address)).login == row.address


async def test_a_forward_stands_on_its_accounts_address(bench: Bench):
    store = bench.store
    row = alias(bench, bench.account.login, "forward")
    await store.put_stand_in(row, AUDIT, fresh=True)
    await store.put_stand_in(replace(row, sealed=b"t"), AUDIT, fresh=False)
    assert (await store.stand_ins([row.address]))[0].sealed == b"t"
    await store.add_address("second@acme.test", bench.account.id)


async def test_stand_ins_are_listed_by_kind_and_page(bench: Bench):
    for name in "cab":
        await bench.store.put_stand_in(alias(bench, f"{name}@acme.test"), AUDIT, fresh=True)
    await bench.store.put_stand_in(alias(bench, "all@acme.test", "list"), AUDIT, fresh=True)
    found = await bench.store.stand_ins_of(bench.organization_id, "alias", limit=2)
    assert [row.address for row in found] == ["a@acme.test", "b@acme.test"]
    rest = await bench.store.stand_ins_of(bench.organization_id, "alias", after=found[-1].address)
    assert [row.address for row in rest] == ["c@acme.test"]
    assert await bench.store.stand_ins_of(99, "alias") == []


async def test_members_are_there_once_and_go_with_their_list(bench: Bench):
    store = bench.store
    await store.put_stand_in(alias(bench, "all@acme.test", "list"), AUDIT, fresh=True)
    rows = [MemberRow("all@acme.test", bytes([n]) * 16, b"m%d" % n) for n in range(5)]
    await store.add_members(rows, AUDIT)
    await store.add_members([replace(rows[0], sealed=b"again")], AUDIT)
    assert await store.list_members("all@acme.test", limit=3) == rows[:3]
    assert await store.list_members("all@acme.test", after=rows[2].key) == rows[3:]
    assert await store.drop_member("all@acme.test", rows[1].key, AUDIT)
    assert not await store.drop_member("all@acme.test", rows[1].key, AUDIT)
    assert await store.list_members("all@acme.test") == [rows[0], *rows[2:]]
    await store.retire_stand_in("all@acme.test", AUDIT)
    assert await store.list_members("all@acme.test") == []


def relay(bench: Bench) -> RelayRow:
    return RelayRow(0, bench.organization_id, bench.account.id, ("10.0.0.0/8", "::1"), 3, 99, True, 1, None, b"s")


async def test_relays(bench: Bench):
    made = await bench.store.put_relay(relay(bench), AUDIT)
    assert made.id and await bench.store.relays() == [made]
    changed = await bench.store.put_relay(replace(made, hourly=7, sealed=b"t"), AUDIT)
    assert await bench.store.relays() == [changed]
    with pytest.raises(NotFound):
        await bench.store.put_relay(replace(made, id=99), AUDIT)
    await bench.store.delete_relay(made.id, AUDIT)
    assert await bench.store.relays() == []
    with pytest.raises(NotFound):
        await bench.store.delete_relay(made.id, AUDIT)


async def test_a_relays_hour_is_full_for_everybody_at_once(bench: Bench):
    made = await bench.store.put_relay(relay(bench), AUDIT)
    before = await asyncio.gather(*(bench.store.count_relay(made.id, 10, 3, now=50 + n) for n in range(8)))
    assert sorted(before) == [0, 1, 2, 3, 3, 3, 3, 3]
    assert await bench.store.count_relay(made.id, 11, 3, now=60) == 0
    [used] = await bench.store.relays()
    assert used.last_used_at == 60


async def test_an_owner_is_told_once_an_hour(bench: Bench):
    made = await bench.store.put_relay(relay(bench), AUDIT)
    await bench.store.count_relay(made.id, 10, 3, now=50)
    assert await bench.store.tell_relay(made.id, 10, bench.entry(recipient()))
    assert not await bench.store.tell_relay(made.id, 10, bench.entry(recipient()))
    assert len(await bench.store.queue_entries(10)) == 1


async def test_a_senders_day(bench: Bench):
    account_id = bench.account.id
    assert await bench.store.sent_today(account_id, 100) == 0
    assert await bench.store.count_sent(account_id, 100, 5) == 5
    assert await bench.store.count_sent(account_id, 100, 2) == 7
    assert await bench.store.sent_today(account_id, 100) == 7
    assert await bench.store.tell_sender(account_id, 100, bench.entry(recipient()))
    assert not await bench.store.tell_sender(account_id, 100, bench.entry(recipient()))
    assert await bench.store.count_sent(account_id, 140, 1) == 1
    assert await bench.store.sent_today(account_id, 100) == 0
