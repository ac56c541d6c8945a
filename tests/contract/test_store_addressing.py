"""Contract of the store: stand-ins, members, relays, counts, approvals (ports/store_addressing.py), on both drivers."""

import asyncio
from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.addressing import ApprovalRow, MemberRow, RelayRow, StandIn
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


def held(bench: Bench):
    entry = bench.entry(recipient())
    recipients = tuple(replace(one, state="held", hold_reason="approval") for one in entry.recipients)
    return replace(entry, recipients=recipients)


def question(bench: Bench, entry_id: int) -> ApprovalRow:
    return ApprovalRow(
        0, bench.organization_id, "list", "all@acme.test", None, entry_id, "waiting", 1, 500, None, "", b"s"
    )


async def test_an_approval_releases_its_entry_once(bench: Bench):
    store, entry = bench.store, held(bench)
    asked = await store.ask_approval(question(bench, entry.id), entry, [bench.entry(recipient())])
    assert await store.approvals("waiting") == [asked]
    assert len(await store.queue_entries(10)) == 2
    answers = await asyncio.gather(
        *(store.decide_approval(asked.id, "approved", now=9, by="cli", audit=AUDIT) for _ in range(2))
    )
    assert sorted(answers) == [False, True]
    states = [row.state for found, rows in await store.queue_entries(10) if found.id == entry.id for row in rows]
    assert set(states) == {"ready"}
    [decided] = await store.approvals("approved", organization_id=bench.organization_id)
    assert (decided.decided_at, decided.decided_by) == (9, "cli")
    assert await store.approvals("waiting") == []
    assert await store.approvals(organization_id=99) == []


async def test_a_rejection_removes_the_entry_and_tells(bench: Bench):
    store, entry, notice = bench.store, held(bench), bench.entry(recipient())
    asked = await store.ask_approval(question(bench, entry.id), entry)
    assert await store.decide_approval(asked.id, "rejected", now=9, by="cli", audit=AUDIT, enqueue=[notice])
    assert [found.id for found, _rows in await store.queue_entries(10)] == [notice.id]
    assert not await store.decide_approval(asked.id, "approved", now=9, by="cli", audit=AUDIT)


async def test_about_an_entry_somebody_is_asked_once(bench: Bench):
    store, entry = bench.store, held(bench)
    asked = await store.ask_approval(question(bench, entry.id), entry)
    with pytest.raises(AlreadyExists):
        await store.ask_approval(question(bench, entry.id), entry)
    await store.decide_approval(asked.id, "approved", now=9, by="cli", audit=AUDIT)
    with pytest.raises(AlreadyExists):
        await store.ask_approval(question(bench, entry.id), entry, [bench.entry(recipient())])
    assert len(await store.queue_entries(10)) == 1


async def test_an_approval_lets_mail_wait_for_its_own_time(bench: Bench):
    store, entry = bench.store, held(bench)
    later = replace(entry, recipients=tuple(replace(one, next_at=700) for one in entry.recipients))
    asked = await store.ask_approval(question(bench, entry.id), later)
    assert await store.decide_approval(asked.id, "approved", now=9, by="cli", audit=AUDIT)
    [(_entry, [row])] = await store.queue_entries(10)
    assert (row.state, row.next_at) == ("ready", 700)
