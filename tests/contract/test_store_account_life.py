"""Contract of the store: states, leavers, kept addresses, sponsors, dormancy, on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.account import Credential, LoginAttempt, NewAccount
from smartmail.domain.account_life import Idle, LeavingRow, Sponsorship
from smartmail.domain.addressing import StandIn
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, Forbidden, NotFound, StateMismatch
from smartmail.domain.rights import Grant, Grantee

AUDIT = AuditRecord(START + 50, "cli", "account.change", "account:1")
NOBODY = 999_999
FAR = 32_503_680_000_000  # the year 3000: the store's own clock is the real one here


async def another(bench: Bench, login: str, *, admin: bool = False):
    new = NewAccount(bench.organization_id, "person", login, login, "ko", is_admin=admin, quota=None)
    return await bench.store.create_account(new, lambda _number: b"key")


def leaver(account, **facts) -> LeavingRow:
    row = LeavingRow(account.id, account.organization_id, "planned", START, 0, 0, 0, START + 100, "cli", b"sealed")
    return replace(row, **facts)


async def test_states_end_logins_and_resolve_only_who_takes_mail(bench: Bench):
    store = bench.store
    kim = await another(bench, "kim@a.test")
    for state, resolved in (
        ("suspended", True),
        ("dormant", True),
        ("pending", True),
        ("closed", False),
        ("active", True),
    ):
        changed = await store.set_account_state(kim.id, state, AUDIT)
        assert (changed.state, bool(await store.resolve(["kim@a.test"]))) == (state, resolved)
    epoch = (await store.account(kim.id)).auth_epoch
    assert (await store.set_account_state(kim.id, "suspended", AUDIT)).auth_epoch == epoch + 1
    assert (await store.set_account_state(kim.id, "active", AUDIT)).auth_epoch == epoch + 1
    with pytest.raises(NotFound):
        await store.set_account_state(NOBODY, "active", AUDIT)


async def test_the_last_administrator_stays(bench: Bench):
    boss = await another(bench, "boss@a.test", admin=True)
    with pytest.raises(Forbidden):
        await bench.store.set_account_state(boss.id, "suspended", AUDIT)
    await another(bench, "second@a.test", admin=True)
    assert (await bench.store.set_account_state(boss.id, "suspended", AUDIT)).state == "suspended"


async def test_an_end_is_judged_when_somebody_is_looked_for(bench: Bench):
    store, kim = bench.store, await another(bench, "kim@a.test")
    row = Sponsorship(kim.id, bench.organization_id, bench.account.id, 0, FAR, None, 0, b"sealed")
    await store.put_sponsorship(row, START, AUDIT)
    assert await store.resolve(["kim@a.test"]) == {}
    await store.put_sponsorship(row, FAR, AUDIT)
    assert await store.resolve(["kim@a.test"]) == {"kim@a.test": kim.id}


async def test_a_leaver_goes_from_plan_to_end(bench: Bench):
    store, kim, lee = bench.store, await another(bench, "kim@a.test"), await another(bench, "lee@a.test")
    await store.add_address("k@a.test", kim.id)
    await store.put_credential(Credential(0, kim.id, "app", "v", START))
    row = leaver(kim, successor_id=lee.id, reader_id=lee.id, read_until=START + 60)
    await store.plan_leaving(row, AUDIT)
    with pytest.raises(AlreadyExists):
        await store.plan_leaving(row, AUDIT)
    assert await store.leaving(kim.id) == row
    assert await store.leaving(lee.id) is None
    assert await store.leavings(bench.organization_id) == [row]
    assert (await store.due_leavings(START - 1), await store.due_leavings(START)) == ([], [row])
    account = await store.begin_leaving(kim.id, FAR, AUDIT)
    again = await store.begin_leaving(kim.id, FAR + 1, AUDIT)
    assert (account.state, again.auth_epoch) == ("leaving", account.auth_epoch)
    assert await store.credentials(kim.id) == []
    assert await store.resolve(["kim@a.test", "k@a.test"]) == {}
    kept = await store.left_addresses(["k@a.test", "kim@a.test", "lee@a.test"])
    assert {(one.address, one.account_id, one.until, one.successor_id) for one in kept} == {
        ("k@a.test", kim.id, FAR, lee.id), ("kim@a.test", kim.id, FAR, lee.id),
    }  # fmt: skip
    assert [one.state for one in await store.due_leavings(START)] == ["running"]
    assert await store.move_leaving(kim.id, "running", "done")
    assert not await store.move_leaving(kim.id, "running", "done")
    assert await store.due_leavings(FAR) == []
    assert [one.account_id for one in await store.read_leavings(START + 60)] == [kim.id]
    assert await store.read_leavings(START + 59) == []
    await store.end_reading(kim.id)
    assert await store.read_leavings(FAR) == []
    assert (await store.over_leavings(START + 99), len(await store.over_leavings(START + 100))) == ([], 1)


async def test_a_leaver_is_restored_and_may_leave_again(bench: Bench):
    store, kim = bench.store, await another(bench, "kim@a.test")
    with pytest.raises(StateMismatch):
        await store.restore_leaver(kim.id, AUDIT)
    await store.plan_leaving(leaver(kim), AUDIT)
    assert await store.drop_plan(kim.id, AUDIT)
    assert not await store.drop_plan(kim.id, AUDIT)
    await store.plan_leaving(leaver(kim), AUDIT)
    await store.begin_leaving(kim.id, FAR, AUDIT)
    assert not await store.drop_plan(kim.id, AUDIT)
    assert (await store.restore_leaver(kim.id, AUDIT)).state == "active"
    assert await store.resolve(["kim@a.test"]) == {"kim@a.test": kim.id}
    assert await store.left_addresses(["kim@a.test"]) == []
    found = await store.leaving(kim.id)
    assert found is not None and found.state == "restored"
    await store.plan_leaving(leaver(kim), AUDIT)


async def test_a_kept_address_is_nobodys_and_then_anybodys(bench: Bench):
    store, kim, lee = bench.store, await another(bench, "kim@a.test"), await another(bench, "lee@a.test")
    await store.plan_leaving(leaver(kim), AUDIT)
    await store.begin_leaving(kim.id, FAR, AUDIT)
    for give in (
        lambda: another(bench, "kim@a.test"),
        lambda: store.add_address("kim@a.test", lee.id),
        lambda: store.put_stand_in(
            StandIn("kim@a.test", bench.organization_id, "alias", b"", START), AUDIT, fresh=True
        ),
    ):
        with pytest.raises(AlreadyExists, match="3000-01-01"):
            await give()
    await store.set_account_state(kim.id, "closed", AUDIT)
    with pytest.raises(AlreadyExists):
        await another(bench, "kim@a.test")
    assert await store.free_addresses(FAR - 1, 10) == 0
    assert await store.free_addresses(FAR, 10) == 1
    new = await another(bench, "kim@a.test")
    assert new.id != kim.id
    assert await store.addresses(kim.id) == []
    assert (await store.account(kim.id)).login != "kim@a.test"
    assert await store.left_addresses(["kim@a.test"]) == []


async def test_a_time_that_is_over_frees_by_itself(bench: Bench):
    store, kim = bench.store, await another(bench, "kim@a.test")
    await store.plan_leaving(leaver(kim), AUDIT)
    await store.begin_leaving(kim.id, START, AUDIT)
    with pytest.raises(AlreadyExists):  # they could still come back
        await another(bench, "kim@a.test")
    await store.set_account_state(kim.id, "closed", AUDIT)
    assert (await another(bench, "kim@a.test")).id != kim.id


async def test_what_was_given_up_is_freed_after_a_time(bench: Bench):
    store = bench.store
    row = StandIn("old@a.test", bench.organization_id, "alias", b"", START)
    await store.put_stand_in(row, AUDIT, fresh=True)
    await store.retire_stand_in("old@a.test", AUDIT)
    assert await store.free_retired(bench.organization_id, AUDIT.at, 10) == 0
    assert await store.free_retired(bench.organization_id, AUDIT.at + 1, 10) == 1
    await another(bench, "old@a.test")


async def test_grants_that_name_somebody_and_planned_mail(bench: Bench):
    store, kim = bench.store, await another(bench, "kim@a.test")

    async def body(tx):
        await tx.set_grant(0, Grantee("account", kim.id), frozenset("lr"))

    await store.write(bench.account.id, body)
    [grant] = await store.granted_to(kim.id)
    assert isinstance(grant, Grant)
    assert (grant.account_id, grant.grantee, grant.rights) == (
        bench.account.id, Grantee("account", kim.id), frozenset("lr"),
    )  # fmt: skip
    assert await store.granted_to(bench.account.id) == []
    assert await store.planned_mail(kim.id) == []


async def test_sponsors(bench: Bench):
    store, kim, lee = bench.store, await another(bench, "kim@a.test"), await another(bench, "lee@a.test")
    row = Sponsorship(kim.id, bench.organization_id, lee.id, 0, FAR, None, 0, b"sealed")
    assert (await store.put_sponsorship(row, FAR, AUDIT)).ends_at == FAR
    assert await store.sponsorship(kim.id) == row
    assert await store.sponsorship(lee.id) is None
    assert await store.sponsorships(bench.organization_id) == [row]
    assert await store.sponsorships(bench.organization_id, sponsor=lee.id) == [row]
    assert await store.sponsorships(bench.organization_id, heir=lee.id) == []
    changed = replace(row, sponsor_id=0, heir_id=lee.id, asked_until=FAR + 1, asked_by=lee.id)
    assert (await store.put_sponsorship(changed, FAR - 1, AUDIT)).ends_at == FAR - 1
    assert await store.sponsorships(bench.organization_id, heir=lee.id) == [changed]
    with pytest.raises(NotFound):
        await store.put_sponsorship(replace(row, account_id=NOBODY), FAR, AUDIT)


async def test_who_has_not_been_there(bench: Bench):
    store, kim = bench.store, await another(bench, "kim@a.test")
    seen = {one.account_id: one for one in await store.idle_accounts(FAR, 0, 100)}
    assert seen[kim.id].told_first is None
    at = seen[kim.id].used_at + 5_000
    await store.note_logins([LoginAttempt(at, kim.id, None, "imap", "192.0.2.1", "ok"),
                             LoginAttempt(at + 9, kim.id, None, "imap", "192.0.2.1", "wrong_secret")])  # fmt: skip
    await store.note_idle(Idle(kim.id, 0, 1, None))
    await store.note_idle(Idle(kim.id, 0, 1, 2))
    [one] = await store.idle_accounts(FAR, kim.id - 1, 1)
    assert one == Idle(kim.id, at, 1, 2)
    await store.set_account_state(kim.id, "suspended", AUDIT)
    assert kim.id not in {one.account_id for one in await store.idle_accounts(FAR, 0, 100)}
