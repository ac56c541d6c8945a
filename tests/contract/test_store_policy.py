"""Contract of the store: policy, groups, logins, holds (ports/store_policy.py), on both drivers."""

import asyncio

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.account import Credential, Group, Hold, LoginAttempt, Session
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, NotFound, OverQuota, StateMismatch
from smartmail.domain.policy import PolicyRule, Scope

AUDIT = AuditRecord(7, "account:1", "policy.set", "policy", "192.0.2.1")
SYSTEM = PolicyRule("door.pop3", Scope("system"), value=False, locked=True)
EXCEPTION = PolicyRule("door.pop3", Scope("account", "3"), value=True, authority="system", valid_from=5, valid_until=9)
LIST = PolicyRule("language.offered", Scope("domain", "acme.test"), ("ko", "en"))


async def test_rules_begin_and_end_with_epochs(bench: Bench):
    store = bench.store
    assert (await store.policy_epoch(), await store.policy_rules()) == (0, (0, []))
    assert await store.revise_policy(0, [SYSTEM, EXCEPTION], [], AUDIT) == 1
    epoch, rules = await store.policy_rules()
    assert (epoch, [r.id for r in rules]) == (1, sorted(r.id for r in rules))
    plain = [PolicyRule(r.knob, r.scope, r.value, r.locked, r.authority, r.valid_from, r.valid_until) for r in rules]
    assert plain == [SYSTEM, EXCEPTION]
    assert await store.revise_policy(1, [LIST], [rules[0].id], AUDIT) == 2
    _, now = await store.policy_rules()
    assert [(r.knob, r.value) for r in now] == [("door.pop3", True), ("language.offered", ("ko", "en"))]
    assert await store.policy_rules(1) == (1, rules)
    assert await store.policy_rules(0) == (0, [])


async def test_a_revision_needs_the_newest_epoch_and_living_rules(bench: Bench):
    store = bench.store
    await store.revise_policy(0, [SYSTEM], [], AUDIT)
    with pytest.raises(StateMismatch):
        await store.revise_policy(0, [LIST], [], AUDIT)
    _, [rule] = await store.policy_rules()
    await store.revise_policy(1, [], [rule.id], AUDIT)
    with pytest.raises(NotFound):
        await store.revise_policy(2, [LIST], [rule.id], AUDIT)
    assert await store.policy_rules() == (2, [])


async def test_of_two_revisions_at_once_one_wins(bench: Bench):
    both = [bench.store.revise_policy(0, [rule], [], AUDIT) for rule in (SYSTEM, LIST)]
    done = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["StateMismatch", "int"]
    epoch, rules = await bench.store.policy_rules()
    assert (epoch, len(rules)) == (1, 1)


async def test_revisions_tell_what_changed(bench: Bench):
    store = bench.store
    await store.revise_policy(0, [SYSTEM], [], AUDIT)
    _, [rule] = await store.policy_rules()
    await store.revise_policy(1, [LIST], [rule.id], AUDIT)
    second, first = await store.policy_revisions(9)
    assert (first.epoch, first.at, first.actor, first.action) == (1, 7, "account:1", "policy.set")
    assert (first.begun, first.ended) == ((rule,), ())
    assert (second.epoch, [r.knob for r in second.begun], second.ended) == (2, ["language.offered"], (rule,))
    assert [r.epoch for r in await store.policy_revisions(1)] == [2]


async def test_groups_raise_the_epoch(bench: Bench):
    store, organization = bench.store, bench.organization_id
    sales = await store.put_group(Group(0, organization, "영업", 5), AUDIT)
    with pytest.raises(AlreadyExists):
        await store.put_group(Group(0, organization, "영업", 1), AUDIT)
    staff = await store.put_group(Group(0, organization, "staff", 1), AUDIT)
    with pytest.raises(AlreadyExists):
        await store.put_group(Group(staff.id, organization, "영업", 1), AUDIT)
    await store.set_member(sales.id, bench.account.id, AUDIT, member=True)
    await store.set_member(sales.id, bench.account.id, AUDIT, member=True)
    await store.set_member(staff.id, bench.account.id, AUDIT, member=True)
    assert await store.groups_of(bench.account.id) == [sales, staff]
    assert await store.group_members(sales.id) == [bench.account.id]
    assert await store.policy_epoch() == 5
    await store.set_member(staff.id, bench.account.id, AUDIT, member=False)
    assert await store.groups_of(bench.account.id) == [sales]
    changed = await store.put_group(Group(staff.id, organization, "직원", 9), AUDIT)
    assert changed == Group(staff.id, organization, "직원", 9)
    assert await store.groups(organization) == sorted([changed, sales], key=lambda g: g.name.encode())
    assert await store.groups(99) == []
    for call in (store.set_member(99, bench.account.id, AUDIT, member=True), store.delete_group(99, AUDIT)):
        with pytest.raises(NotFound):
            await call


async def test_a_group_takes_its_rules_along(bench: Bench):
    store = bench.store
    group = await store.put_group(Group(0, bench.organization_id, "g", 0), AUDIT)
    rule = PolicyRule("door.pop3", Scope("group", str(group.id)), value=True)
    await store.revise_policy(1, [rule, SYSTEM], [], AUDIT)
    await store.set_member(group.id, bench.account.id, AUDIT, member=True)
    await store.delete_group(group.id, AUDIT)
    epoch, rules = await store.policy_rules()
    assert (epoch, [r.scope.level for r in rules]) == (4, ["system"])
    assert await store.groups_of(bench.account.id) == []


async def test_logins_are_noted(bench: Bench):
    store, number = bench.store, bench.account.id
    app = await store.put_credential(Credential(0, number, "app", "v", 1, doors=("imap",), networks=("10.0.0.0/8",)))
    await store.put_session(Session(b"t" * 32, number, 1, 99, 0, 1, "192.0.2.9", b"sealed"))
    good = LoginAttempt(5, number, app.id, "imap", "192.0.2.1", "ok")
    bad = LoginAttempt(6, number, None, "web", "192.0.2.2", "wrong_secret")
    nobody = LoginAttempt(7, None, None, "imap", "192.0.2.3", "nobody")
    await store.note_logins([good, bad, nobody], {app.id: good}, {b"t" * 32: 8})
    newest, oldest = await store.login_attempts(number)
    assert (newest.at, newest.result, newest.door, newest.address) == (6, "wrong_secret", "web", "192.0.2.2")
    assert (oldest.credential_id, oldest.result) == (app.id, "ok")
    assert [a.at for a in await store.login_attempts(number, before=newest.id, limit=1)] == [5]
    assert [a.result for a in await store.login_attempts(None)] == ["nobody"]
    [kept] = await store.credentials(number)
    assert (kept.last_used_at, kept.last_used_door, kept.last_used_address) == (5, "imap", "192.0.2.1")
    assert (kept.doors, kept.networks) == (("imap",), ("10.0.0.0/8",))
    [session] = await store.sessions(number)
    assert (session.last_seen_at, session.address, session.sealed_device) == (8, "192.0.2.9", b"sealed")
    await store.note_logins([], {app.id: LoginAttempt(4, number, app.id, "pop3", "", "ok")}, {b"t" * 32: 7, b"x": 9})
    assert ((await store.credentials(number))[0].last_used_at, (await store.sessions(number))[0].last_seen_at) == (5, 8)


async def test_a_credential_is_found_by_its_hash(bench: Bench):
    store, number = bench.store, bench.account.id
    token = await store.put_credential(Credential(0, number, "token", "", 1, lookup=b"h" * 32, scopes=("mail",)))
    assert await store.credential_of(b"h" * 32) == token
    assert await store.credential_of(b"i" * 32) is None
    with pytest.raises(AlreadyExists):
        await store.put_credential(Credential(0, number, "token", "", 1, lookup=b"h" * 32))


async def test_a_hold_keeps_messages(bench: Bench):
    store, number = bench.store, bench.account.id
    box = await bench.new_mailbox("Inbox")
    one = (await bench.add(box.id)).message_id
    two = (await bench.add(box.id)).message_id
    hold = Hold(number, one, "case-1", 5, "account:1")
    await store.put_hold(hold, AUDIT)
    await store.put_hold(hold, AUDIT)
    assert await store.holds() == await store.holds(number) == [hold]
    assert await store.held(number, [one, two]) == {one}
    # Whoever deletes does not learn of the hold; it keeps the message in the vault, whatever way it went.
    assert sorted(await store.write(number, lambda tx: tx.discard_messages([one, two]))) == [one, two]
    assert [row.message_id for row in await store.vault_rows(number, [one, two])] == [one]
    later = bench.now[0] + 1
    assert await store.purge_vault(number, before=later, limit=10) == 0
    await store.release_hold(number, one, "case-1", AUDIT)
    assert await store.purge_vault(number, before=later, limit=10) == 1
    with pytest.raises(NotFound):
        await store.release_hold(number, one, "case-1", AUDIT)


async def test_a_hold_on_an_account_keeps_everything(bench: Bench):
    store, number = bench.store, bench.account.id
    box = await bench.new_mailbox("Inbox")
    one = (await bench.add(box.id)).message_id
    await store.put_hold(Hold(number, 0, "case-2", 5, "account:1"), AUDIT)
    assert await store.held(number, [one]) == {one}
    assert await store.held(number, [0]) == {0}
    await store.write(number, lambda tx: tx.destroy_mailbox(box.id))
    assert await store.purge_vault(number, before=bench.now[0] + 1, limit=10) == 0
    assert [row.message_id for row in await store.vault_rows(number, [one])] == [one]
    with pytest.raises(NotFound):
        await store.put_hold(Hold(99, 0, "x", 5, ""), AUDIT)


async def test_a_limit_by_policy_holds_until_an_account_has_its_own(bench: Bench):
    store, number = bench.store, bench.account.id
    assert (await store.policy_quotas())[number] is None
    await store.set_policy_quotas({number: 1000})
    assert ((await store.policy_quotas())[number], (await store.account(number)).quota) == (1000, 1000)
    assert (await store.update_account(number, quota=50)).quota == 50
    box = await bench.new_mailbox("Inbox")
    with pytest.raises(OverQuota):
        await bench.add(box.id, size=60)
    assert (await store.update_account(number, quota=-1)).quota == 1000
    await bench.add(box.id, size=60)
    await store.set_policy_quotas({number: None})
    assert (await store.account(number)).quota is None
