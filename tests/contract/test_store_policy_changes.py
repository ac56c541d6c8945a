"""Contract of the store: staged changes, acknowledgements, past decisions, standings of quotas; on both drivers."""

import asyncio
from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.account import LoginAttempt
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound, OverQuota, StateMismatch
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.policy_changes import Ack, PastDecision, PolicyChange, Unset
from smartmail.domain.quota import QuotaStanding

AUDIT = AuditRecord(7, "account:1", "policy.change.scheduled", "policy-change:1", "192.0.2.1")
POP3 = PolicyRule("door.pop3", Scope("system"), value=False, locked=True)
EXCEPTION = PolicyRule("door.pop3", Scope("account", "3"), value=True, authority="system", valid_from=5, valid_until=9)
LIST = PolicyRule("language.offered", Scope("domain", "acme.test"), ("ko", "en"))
DRAFT = PolicyChange(
    0, None, "draft", "account:1", 5, 0, (POP3, EXCEPTION, LIST), (Unset("door.imap", Scope("group", "4")),), b"sealed"
)


async def test_a_change_comes_back_as_it_was_kept(bench: Bench):
    store = bench.store
    made = await store.add_policy_change(DRAFT, AUDIT)
    other = await store.add_policy_change(replace(DRAFT, organization_id=2, apply_at=99), AUDIT)
    assert made == replace(DRAFT, id=made.id)
    assert await store.policy_change(made.id) == made
    assert await store.policy_changes() == [other, made]
    assert (other.organization_id, other.apply_at) == (2, 99)
    with pytest.raises(NotFound):
        await store.policy_change(other.id + 1)


async def test_a_change_moves_only_out_of_the_state_that_it_is_in(bench: Bench):
    store = bench.store
    made = await store.add_policy_change(DRAFT, AUDIT)
    assert await store.move_policy_change(made.id, "draft", "proposed", AUDIT)
    assert not await store.move_policy_change(made.id, "draft", "proposed", AUDIT)
    assert (await store.policy_change(made.id)).decider == ""
    decider = replace(AUDIT, actor="account:2")
    both = [store.move_policy_change(made.id, "proposed", state, decider) for state in ("scheduled", "refused")]
    assert sorted(await asyncio.gather(*both)) == [False, True]
    assert (await store.policy_change(made.id)).decider == "account:2"
    assert await store.policy_changes({"proposed", "draft"}) == []


async def test_what_is_due_is_found_and_applied_once(bench: Bench):
    store = bench.store
    made = await store.add_policy_change(DRAFT, AUDIT)
    await store.move_policy_change(made.id, "draft", "scheduled", AUDIT, apply_at=50)
    assert await store.due_policy_changes(49) == []
    assert [one.id for one in await store.due_policy_changes(50)] == [made.id]
    with pytest.raises(StateMismatch):
        await store.apply_policy_change(made.id, 3, [POP3], [], AUDIT)
    assert (await store.policy_change(made.id)).state == "scheduled", "what failed changed nothing"
    tries = [store.apply_policy_change(made.id, 0, [POP3], [], AUDIT) for _ in range(3)]
    done = await asyncio.gather(*tries, return_exceptions=True)
    assert [one for one in done if one == 1] == [1]
    assert all(one in (1, None) or isinstance(one, StateMismatch) for one in done)
    epoch, rules = await store.policy_rules()
    assert (epoch, len(rules)) == (1, 1)
    applied = await store.policy_change(made.id)
    assert (applied.state, applied.epoch) == ("active", 1)
    assert await store.due_policy_changes(50) == []
    assert await store.apply_policy_change(made.id, 1, [LIST], [], AUDIT) is None
    assert await store.policy_epoch() == 1


async def test_acks_are_kept_by_process_and_forgotten(bench: Bench):
    store = bench.store
    await store.put_ack(Ack("a", "edge", 1, 10, 10))
    await store.put_ack(Ack("a", "edge", 2, 20, 25, "why"))
    await store.put_ack(Ack("b", "jobs", 1, 5, 5))
    assert await store.acks() == [Ack("a", "edge", 2, 20, 25, "why"), Ack("b", "jobs", 1, 5, 5)]
    await store.drop_acks(6)
    assert [one.node for one in await store.acks()] == ["a"]
    await store.drop_acks(0, "a", "edge")
    assert await store.acks() == []
    assert await store.revised_at(1) is None
    await store.revise_policy(0, [POP3], [], AUDIT)
    assert await store.revised_at(1) == AUDIT.at


async def test_the_newest_decisions_are_kept(bench: Bench):
    store = bench.store
    rows = [PastDecision(number, 1, "message.max-recipients", number % 2 == 0, number) for number in range(6)]
    await store.note_decisions(rows[:3], 4)
    await store.note_decisions(rows[3:], 4)
    assert [replace(one, id=0) for one in await store.decisions(9)] == rows[:1:-1]
    assert len(await store.decisions(2)) == 2


async def test_recent_logins_are_those_on_accounts(bench: Bench):
    store = bench.store
    one = LoginAttempt(1, bench.account.id, None, "imap", "192.0.2.1", "ok")
    await store.note_logins([one, replace(one, account_id=None, result="nobody"), replace(one, at=2)])
    assert [(a.at, a.result) for a in await store.recent_logins(9)] == [(2, "ok"), (1, "ok")]


async def test_who_is_lenient_takes_messages_over_the_limit(bench: Bench):
    store, account_id = bench.store, bench.account.id
    await store.set_policy_quotas({account_id: 150})
    await bench.add(size=100)
    assert [(row.used, row.percent) for row in await store.quota_standings(60)] == [(100, 66)]
    assert await store.quota_standings(80) == []
    with pytest.raises(OverQuota):
        await bench.add(size=100)
    assert not await store.is_lenient(account_id)
    await store.set_quota_standings([QuotaStanding(account_id, None, 0, 77, 80, lenient=True)])
    assert await store.is_lenient(account_id)
    await bench.add(size=100)
    [row] = await store.quota_standings(100)
    assert (row.over_since, row.told, row.lenient, row.percent) == (77, 80, True, 133)
    assert (await store.account(account_id)).quota == 150, "the limit is told as it is"
