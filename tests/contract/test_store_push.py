"""Contract of the store: push subscriptions and states, on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.audit import AuditRecord
from smartmail.domain.bulletins import Bulletin
from smartmail.domain.errors import NotFound, OverQuota, StateMismatch
from smartmail.domain.ids import AccountId, ModSeq
from smartmail.domain.policy import Scope
from smartmail.service.operations.expecting import expecting

RECORD = AuditRecord(1, "system", "bulletin.test", "bulletin:1")
DAY = 86_400_000


async def add(bench: Bench, now: int = START, *, expires_at: int = START + DAY, most: int = 3, bulletins: bool = False):
    return await bench.store.add_push_subscription(
        bench.account.id, lambda number: b"sealed %d" % number, now=now, expires_at=expires_at, most=most,
        bulletins=bulletins,
    )  # fmt: skip


async def identity(bench: Bench):
    await bench.store.write(bench.account.id, lambda tx: tx.put_identity(None, "a@a.example", b"x"))


async def test_states_in_one_look(bench: Bench):
    store, account = bench.store, bench.account.id
    before = await store.states(account)
    await identity(bench)
    after = await store.states(account)
    assert (after.identity, after.message, after.arrivals) == (after.modseq, before.message, before.arrivals)
    assert after.of("identity") == await store.state(account, "identity") > before.identity
    await bench.add()
    assert (await store.states(account)).arrivals > after.arrivals
    with pytest.raises(NotFound):
        await store.states(AccountId(999))


async def test_subscriptions_are_kept_changed_and_dropped(bench: Bench):
    store, account = bench.store, bench.account.id
    await identity(bench)
    row = await add(bench)
    assert (row.id, row.sealed, row.verified, row.greeted) == (1, b"sealed 1", False, False)
    assert row.told == (await store.states(account)).modseq
    assert await store.push_subscriptions(account) == [row]
    await store.update_push_subscription(account, row.id, sealed=b"new", verified=True)
    await store.update_push_subscription(account, row.id, expires_at=START + 5)
    [held] = await store.push_subscriptions(account)
    assert (held.sealed, held.verified, held.expires_at) == (b"new", True, START + 5)
    await store.drop_push_subscription(account, row.id)
    for call in (store.drop_push_subscription(account, row.id), store.update_push_subscription(account, row.id)):
        with pytest.raises(NotFound):
            await call
    assert (await add(bench)).id == 2


async def test_they_are_counted_without_the_expired_ones(bench: Bench):
    for _ in range(3):
        await add(bench)
    with pytest.raises(OverQuota):
        await add(bench)
    await add(bench, START + DAY, expires_at=START + 2 * DAY)
    assert len(await bench.store.push_subscriptions(bench.account.id)) == 1
    assert await bench.store.drop_expired_pushes(START + 3 * DAY) == 1
    with pytest.raises(NotFound):
        await bench.store.add_push_subscription(AccountId(999), lambda _: b"", now=0, expires_at=1, most=1)


async def test_what_is_due(bench: Bench):
    store, account = bench.store, bench.account.id
    row = await add(bench)
    assert [one.id for one in await store.due_pushes(START, 10)] == [row.id]
    await store.note_push(row, told=row.told, greeted=True, next_at=0, failures=0)
    assert await store.due_pushes(START, 10) == []
    await store.update_push_subscription(account, row.id, verified=True)
    assert await store.due_pushes(START, 10) == []
    await identity(bench)
    [due] = await store.due_pushes(START, 10)
    assert await store.due_pushes(START + DAY, 10) == []
    await store.note_push(due, told=due.told, greeted=True, next_at=START + 100, failures=2)
    assert await store.due_pushes(START, 10) == []
    [again] = await store.due_pushes(START + 100, 10)
    assert again.failures == 2
    await store.note_push(again, told=(await store.states(account)).modseq, greeted=True, next_at=0, failures=0)
    assert await store.due_pushes(START + 100, 10) == []


async def test_an_expected_state_is_checked_in_the_transaction(bench: Bench):
    store, account = bench.store, bench.account.id
    await identity(bench)
    state = await store.state(account, "identity")
    with expecting(account, "identity", state) as expected:
        await identity(bench)
        await identity(bench)
    assert expected is not None and expected.committed and not expected.missed
    assert expected.state == await store.state(account, "identity")
    with expecting(account, "identity", ModSeq(state)) as expected, pytest.raises(StateMismatch):
        await identity(bench)
    assert expected is not None and expected.missed and not expected.committed
    assert len(await store.identities(account)) == 3
    with expecting(AccountId(account + 1), "identity", ModSeq(0)):
        await identity(bench)
    assert len(await store.identities(account)) == 4


async def test_accounts_of_others_make_a_device_due_too(bench: Bench):
    store = bench.store
    other = await bench.new_account("shared@a.example")
    row = await add(bench)
    await store.update_push_subscription(bench.account.id, row.id, verified=True)
    await store.note_push(row, told=(await store.account(bench.account.id)).modseq, greeted=True, next_at=0, failures=0)
    told = {other.id: (await store.account(other.id)).modseq}
    await store.note_pushed_shared(bench.account.id, row.id, told)
    assert await store.pushed_shared(bench.account.id, row.id) == told
    assert list(await store.due_pushes(START, 9)) == []
    await store.write(other.id, lambda tx: tx.put_identity(None, "a@a.example", b"x"))
    assert [one.id for one in await store.due_pushes(START, 9)] == [row.id]
    await store.note_pushed_shared(bench.account.id, row.id, {other.id: (await store.account(other.id)).modseq})
    assert list(await store.due_pushes(START, 9)) == []
    await store.drop_push_subscription(bench.account.id, row.id)
    await store.note_pushed_shared(bench.account.id, row.id, told)
    assert await store.drop_expired_pushes(START) == 0
    assert await store.pushed_shared(bench.account.id, row.id) == {}


async def test_a_bulletin_is_noted_once_for_the_devices_of_its_readers_that_listen(bench: Bench):
    store, account = bench.store, bench.account.id
    listening, silent, unproved = [await add(bench, bulletins=one) for one in (True, False, True)]
    modseq = (await store.states(account)).modseq
    for one in (listening, silent):
        await store.update_push_subscription(account, one.id, verified=True)
    for one in (listening, silent, unproved):
        await store.note_push(one, told=modseq, greeted=True, next_at=0, failures=0)
    home = bench.account.organization_id
    row = Bulletin(7, home, Scope("organization", str(home)), "x", b"s", START, START + DAY, True, False, False, START)
    await store.bulletins.put(row, 9, RECORD)
    later = replace(row, id=8, shown_from=START + 5)
    await store.bulletins.put(later, 9, RECORD)
    assert await store.bulletins.unspread(START) == [row] and await store.bulletins.unspread(START + 5) == [row, later]
    assert await store.bulletins.unspread(START + DAY + 9) == []
    await store.spread_bulletin(8, [])
    assert await store.due_pushes(START, 9) == [], "for nobody"
    await store.spread_bulletin(7, [account])
    assert await store.bulletins.unspread(START + 5) == []
    [due] = await store.due_pushes(START, 9)
    assert due.id == listening.id and await store.unpushed_bulletins(account, listening.id) == [7]
    await store.note_pushed_bulletins(account, listening.id, [7])
    assert await store.due_pushes(START, 9) == [] == await store.unpushed_bulletins(account, listening.id)
    # Changed, it is no news; asked for anew, it is.
    await store.bulletins.put(replace(row, sealed=b"t"), 9, RECORD)
    await store.spread_bulletin(7, [account])
    assert await store.bulletins.unspread(START) == [] == await store.due_pushes(START, 9)
    await store.bulletins.put(row, 9, RECORD, anew=True)
    await store.update_push_subscription(account, silent.id, bulletins=True)
    await store.spread_bulletin(7, [account])
    assert {one.id for one in await store.due_pushes(START, 9)} == {listening.id, silent.id}
    await store.drop_push_subscription(account, silent.id)
    await store.drop_expired_pushes(START)
    assert await store.unpushed_bulletins(account, silent.id) == []
    await store.bulletins.drop(7, RECORD)
    assert await store.due_pushes(START, 9) == []
