"""Contract of the store: administrative roles and appointments (ports/store_roles.py), on both drivers."""

import asyncio
from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import START, Bench

from smartmail.domain.account import NewAccount
from smartmail.domain.audit import AuditRecord
from smartmail.domain.authority import AdminRoleRow, Appointment
from smartmail.domain.errors import AlreadyExists, Forbidden, NotFound, StateMismatch
from smartmail.domain.policy import Scope

AUDIT = AuditRecord(START + 50, "cli", "role.appoint", "account:1")
NOBODY = 999_999


def held(bench: Bench, role: str, account=None, *, at=START, until=None, scope=None) -> Appointment:
    account = account or bench.account
    scope = scope or Scope("organization", str(bench.organization_id))
    return Appointment(0, bench.organization_id, account.id, role, scope, "cli", at, until)


async def another(bench: Bench, login: str, *, admin: bool = False):
    new = NewAccount(bench.organization_id, "person", login, login, "ko", is_admin=admin, quota=None)
    return await bench.store.create_account(new, lambda _number: b"key")


async def test_roles_are_kept_and_changed(bench: Bench):
    store, home = bench.store, bench.organization_id
    new = AdminRoleRow(0, home, b"sealed", frozenset({"queue.read"}), frozenset({"body"}), "cli", START)
    made = await store.put_admin_role(new, AUDIT)
    assert made == replace(new, id=made.id)
    assert await store.admin_roles(home) == [made]
    assert await store.admin_roles(home + 1) == []
    changed = replace(made, permissions=frozenset({"queue.read", "queue.change"}), masks=frozenset())
    assert await store.put_admin_role(changed, AUDIT) == changed
    with pytest.raises(NotFound):  # another company's is not there
        await store.put_admin_role(replace(changed, organization_id=home + 1), AUDIT)
    with pytest.raises(NotFound):
        await store.drop_admin_role(home + 1, made.id, AUDIT)
    one = await store.appoint(held(bench, str(made.id)), (), AUDIT)
    with pytest.raises(StateMismatch):
        await store.drop_admin_role(home, made.id, AUDIT)
    await store.dismiss(one.id, AUDIT)
    await store.drop_admin_role(home, made.id, AUDIT)
    assert await store.admin_roles(home) == []
    with pytest.raises(NotFound):  # nobody holds what is gone
        await store.appoint(held(bench, str(made.id)), (), AUDIT)


async def test_appointments(bench: Bench):
    store, me = bench.store, bench.account.id
    first = await store.appoint(held(bench, "helpdesk"), (), AUDIT)
    with pytest.raises(AlreadyExists):
        await store.appoint(held(bench, "helpdesk"), (), AUDIT)
    second = await store.appoint(held(bench, "helpdesk", scope=Scope("domain", "a.test"), until=START + 10), (), AUDIT)
    assert await store.appointments(bench.organization_id) == [first, second]
    assert await store.appointments(account_id=me) == [first, second]
    assert await store.appointments() == [first, second]
    assert await store.appointments(bench.organization_id + 1) == []
    # Its end has come: it may be given again, and is forgotten later.
    third = await store.appoint(held(bench, "helpdesk", scope=Scope("domain", "a.test"), at=START + 10), (), AUDIT)
    assert await store.forget_appointments(START + 11) == 1
    assert await store.appointments(account_id=me) == [first, third]
    assert await store.dismiss(first.id, AUDIT) == first
    with pytest.raises(NotFound):
        await store.dismiss(first.id, AUDIT)
    with pytest.raises(NotFound):
        await store.appoint(replace(held(bench, "helpdesk"), account_id=NOBODY), (), AUDIT)


async def test_two_offices_are_never_one_persons(bench: Bench):
    store = bench.store
    await store.appoint(held(bench, "security"), ("auditor", "system", "company"), AUDIT)
    with pytest.raises(Forbidden):
        await store.appoint(held(bench, "auditor"), ("security", "system", "company"), AUDIT)
    other = await another(bench, "boss@a.test", admin=True)
    with pytest.raises(Forbidden):
        await store.appoint(held(bench, "auditor", other), ("security", "system", "company"), AUDIT)
    with pytest.raises(Forbidden):
        await store.set_administrator(bench.account.id, ("security", "auditor"), AUDIT, administrator=True)
    # The first one's time is over: the other may begin.
    third = await another(bench, "third@a.test")
    await store.appoint(held(bench, "security", third, until=START + 5), ("auditor",), AUDIT)
    await store.appoint(held(bench, "auditor", third, at=START + 5), ("security",), AUDIT)


async def test_two_offices_at_once_by_two_processes(bench: Bench, store_factory):
    second = await store_factory.open()
    asked = [
        bench.store.appoint(held(bench, "security"), ("auditor",), AUDIT),
        second.appoint(held(bench, "auditor"), ("security",), AUDIT),
    ]
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert sum(isinstance(one, Forbidden) for one in outcomes) == 1
    assert len(await second.appointments(account_id=bench.account.id)) == 1


async def test_the_last_administrator_stays(bench: Bench):
    store = bench.store
    one, other = await another(bench, "one@a.test", admin=True), await another(bench, "other@a.test", admin=True)
    outcomes = await asyncio.gather(
        store.set_account_state(one.id, "suspended", AUDIT),
        store.set_administrator(other.id, (), AUDIT, administrator=False),
        return_exceptions=True,
    )
    assert sum(isinstance(one, Forbidden) for one in outcomes) == 1
    left = [one for one in await store.accounts(bench.organization_id) if one.is_admin and one.state == "active"]
    assert len(left) == 1
    with pytest.raises(Forbidden):
        await store.set_account_state(left[0].id, "suspended", AUDIT)
    made = await store.set_administrator(bench.account.id, (), AUDIT, administrator=True)
    assert made.is_admin
    shut = await store.set_account_state(left[0].id, "suspended", AUDIT)
    assert (shut.state, shut.auth_epoch) == ("suspended", left[0].auth_epoch + 1)
    with pytest.raises(NotFound):
        await store.set_account_state(NOBODY, "suspended", AUDIT)
