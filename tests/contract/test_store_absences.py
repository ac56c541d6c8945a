"""Contract of the store: who is away, and leavers' addresses that are given free, on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.absence import Absence
from smartmail.domain.account import NewAccount
from smartmail.domain.account_life import LeavingRow
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Forbidden, NotFound, StateMismatch
from smartmail.domain.organization import PlannedChange
from smartmail.domain.records import Destruction

AUDIT = AuditRecord(START + 50, "cli", "person.away-leave", "account:1")
FAR = 32_503_680_000_000


async def another(bench: Bench, login: str, *, admin: bool = False):
    new = NewAccount(bench.organization_id, "person", login, login, "ko", is_admin=admin, quota=None)
    return await bench.store.create_account(new, lambda _number: b"key")


def away(account, **facts) -> Absence:
    row = Absence(
        account.id, account.organization_id, "leave", START, START + 100, "keep", 0, shut=True, author="cli",
        sealed=b"sealed",
    )  # fmt: skip
    return replace(row, **facts)


async def planned(bench: Bench) -> int:
    row = PlannedChange(0, bench.organization_id, START, "waiting", START, "cli", b"sealed")
    return (await bench.store.plan_change(row, AUDIT)).id


async def test_going_and_coming_back_are_a_commit_each_with_the_state(bench: Bench):
    store, kim, lee = bench.store, await another(bench, "kim@a.test"), await another(bench, "lee@a.test")
    row = away(kim, substitute_id=lee.id, mail="forward")
    epoch = await store.directory_epoch(bench.organization_id)
    gone = await store.put_absence(row, AUDIT)
    assert (gone.state, gone.auth_epoch) == ("suspended", kim.auth_epoch + 1)
    assert await store.directory_epoch(bench.organization_id) > epoch
    assert await store.absence(kim.id) == row
    assert await store.absence(lee.id) is None
    assert await store.absences(bench.organization_id) == [row]
    assert await store.substituted(lee.id) == [row]
    assert await store.substituted(0) == []
    assert (await store.over_absences(START + 99, 10), await store.over_absences(START + 100, 10)) == ([], [row])
    # Otherwise than before: the doors open, no end.
    other = replace(row, shut=False, until=0)
    assert (await store.put_absence(other, AUDIT)).state == "active"
    assert await store.over_absences(FAR, 10) == []
    assert (await store.put_absence(row, AUDIT)).state == "suspended"
    assert (await store.end_absence(kim.id, AUDIT)).state == "active"
    assert await store.absence(kim.id) is None
    with pytest.raises(NotFound):
        await store.end_absence(kim.id, AUDIT)
    with pytest.raises(NotFound):
        await store.put_absence(replace(row, account_id=999_999), AUDIT)


async def test_a_suspension_by_hand_is_no_absence(bench: Bench):
    store, kim = bench.store, await another(bench, "kim@a.test")
    await store.set_account_state(kim.id, "suspended", AUDIT)
    with pytest.raises(StateMismatch):
        await store.put_absence(away(kim), AUDIT)
    await store.set_account_state(kim.id, "active", AUDIT)
    await store.put_absence(away(kim, shut=False), AUDIT)
    await store.set_account_state(kim.id, "suspended", AUDIT)
    assert (await store.end_absence(kim.id, AUDIT)).state == "suspended"


async def test_a_planned_change_is_taken_by_its_commit_once(bench: Bench):
    store, kim = bench.store, await another(bench, "kim@a.test")
    number = await planned(bench)
    await store.put_absence(away(kim), AUDIT, planned=number)
    with pytest.raises(StateMismatch):
        await store.put_absence(away(kim), AUDIT, planned=number)
    number = await planned(bench)
    await store.end_absence(kim.id, AUDIT, planned=number)
    await store.put_absence(away(kim), AUDIT)
    with pytest.raises(StateMismatch):
        await store.end_absence(kim.id, AUDIT, planned=number)
    assert await store.absence(kim.id) is not None


async def test_the_last_administrator_stays(bench: Bench):
    boss = await another(bench, "boss@a.test", admin=True)
    with pytest.raises(Forbidden):
        await bench.store.put_absence(away(boss), AUDIT)
    assert await bench.store.absence(boss.id) is None
    assert (await bench.store.put_absence(away(boss, shut=False), AUDIT)).state == "active"


async def test_addresses_of_who_was_destroyed_are_given_free_before_their_time(bench: Bench):
    store, kim = bench.store, await another(bench, "kim@a.test")
    await store.add_address("k@a.test", kim.id)
    await store.plan_leaving(
        LeavingRow(kim.id, kim.organization_id, "planned", START, 0, 0, 0, START + 1, "cli", b"x"), AUDIT
    )
    await store.begin_leaving(kim.id, FAR, AUDIT)
    with pytest.raises(StateMismatch):
        await store.release_leaver(kim.id, AUDIT)
    await store.set_account_state(kim.id, "closed", AUDIT)
    with pytest.raises(StateMismatch):
        await store.release_leaver(kim.id, AUDIT)  # the data are there: it is the same account that comes back
    entry = Destruction(
        0, kim.organization_id, START, "account", f"account:{kim.id}", "g", "cli", "", "m", {}, (), None
    )
    await store.destroy_account_key(kim.id, entry, AUDIT)
    with pytest.raises(AlreadyExists):
        await another(bench, "kim@a.test")
    assert await store.release_leaver(kim.id, AUDIT) == ["k@a.test", "kim@a.test"]
    assert await store.release_leaver(kim.id, AUDIT) == []
    assert (await another(bench, "kim@a.test")).id != kim.id
