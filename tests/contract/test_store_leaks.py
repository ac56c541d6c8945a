"""Contract of the store: leak rules and incidents (ports/store_leaks.py), on both drivers."""

from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.account import Group
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound, StateMismatch
from smartmail.domain.leaks import IncidentQuery, IncidentRow, LeakAction, LeakExceptionRow, LeakRule
from smartmail.domain.policy import PolicyRule, Scope

AUDIT = AuditRecord(7, "account:1", "leak-rule.new", "leak-rule", "192.0.2.1")
BLOCK = LeakRule(
    Scope("organization", "1"), "주민등록번호", {"fact": "finding", "in": ["kr.rrn"], "least": 2},
    (LeakAction("approve", line="두 사람"), LeakAction("copy", address="audit@a.example")), "internal", ("smtp", "web"), 5, "on",
    "보내기 전에 번호를 지우세요.", locked=True,
)  # fmt: skip
LEAVE = LeakRule(
    Scope("account", "3"), "leave", {"fact": "machine", "is": False}, (LeakAction("pass"),), authority="organization",
    valid_from=5, valid_until=9,
)  # fmt: skip


def plain(rules):
    return [replace(rule, id=0) for rule in rules]


def incident(number: int, **more) -> IncidentRow:
    return replace(
        IncidentRow(number, 1, 3, 100 + number, "smtp", "block", 4, 2, "open", b"sealed", b"values"), **more
    )  # fmt: skip


async def test_rules_ride_on_the_epoch_of_the_policy(bench: Bench):
    store = bench.store
    assert await store.leaks.rules() == (0, [])
    epoch, begun = await store.leaks.revise(0, [BLOCK, LEAVE], [], AUDIT)
    assert (epoch, plain(begun)) == (1, [BLOCK, LEAVE])
    assert len({one.id for one in begun} - {0}) == 2
    assert await store.revise_policy(1, [PolicyRule("door.pop3", Scope("system"), value=False)], [], AUDIT) == 2
    assert await store.leaks.rules() == (2, begun)
    await store.leaks.revise(2, [], [begun[0].id], AUDIT)
    assert plain((await store.leaks.rules())[1]) == [LEAVE]
    assert await store.leaks.rules(1) == (1, begun)
    assert [one.action for one in await store.policy_revisions(9)].count(AUDIT.action) == 3


async def test_a_revision_needs_the_newest_epoch_and_living_rules(bench: Bench):
    leaks = bench.store.leaks
    _, [made] = await leaks.revise(0, [BLOCK], [], AUDIT)
    with pytest.raises(StateMismatch):
        await leaks.revise(0, [LEAVE], [], AUDIT)
    await leaks.revise(1, [], [made.id], AUDIT)
    with pytest.raises(NotFound):
        await leaks.revise(2, [LEAVE], [made.id], AUDIT)
    assert await leaks.rules() == (2, [])


async def test_a_return_to_a_past_epoch_brings_rules_back(bench: Bench):
    store = bench.store
    _, [made] = await store.leaks.revise(0, [BLOCK], [], AUDIT)
    await store.leaks.revise(1, [LEAVE], [made.id], AUDIT)
    await store.revise_policy(2, [], [], AUDIT, returning=1)
    assert plain((await store.leaks.rules())[1]) == [BLOCK]


async def test_changes_are_listed_with_the_rules_that_they_began_and_ended(bench: Bench):
    store = bench.store
    assert await store.leaks.revisions(9) == []
    _, [block] = await store.leaks.revise(0, [BLOCK], [], AUDIT)
    await store.revise_policy(
        1, [PolicyRule("legal-hold", Scope("system"), True)], [], replace(AUDIT, action="policy.set")
    )
    _, [leave] = await store.leaks.revise(2, [LEAVE], [block.id], replace(AUDIT, at=8, action="leak-rule.change"))
    second, first = await store.leaks.revisions(9)
    assert (first.epoch, first.at, first.actor, first.action) == (1, 7, "account:1", "leak-rule.new")
    assert (first.begun, first.ended) == ((block,), ())
    assert (second.epoch, second.at, second.action) == (3, 8, "leak-rule.change")
    assert (second.begun, second.ended) == ((leave,), (block,))
    assert await store.leaks.revisions(1) == [second]


async def test_rules_of_a_group_end_with_it(bench: Bench):
    store = bench.store
    group = await store.put_group(Group(0, bench.account.organization_id, "sales", 1), AUDIT)
    epoch = await store.policy_epoch()
    await store.leaks.revise(epoch, [replace(BLOCK, scope=Scope("group", str(group.id))), BLOCK], [], AUDIT)
    await store.delete_group(group.id, AUDIT)
    assert plain((await store.leaks.rules())[1]) == [BLOCK]


async def test_incidents_are_found_by_what_is_asked_for(bench: Bench):
    leaks = bench.store.leaks
    rows = [
        incident(1), incident(2, account_id=5, action="approve"), incident(3, rule_id=0, state="reviewed", exit="web"),
        incident(4, organization_id=2),
    ]  # fmt: skip
    for row in rows:
        await leaks.add(row)

    async def ids(**query):
        return [one.id for one in await leaks.incidents(1, IncidentQuery(**query))]

    assert await leaks.incidents(1, IncidentQuery()) == [rows[2], rows[1], rows[0]]
    assert await ids(account_id=5) == [2]
    assert await ids(rule_id=0) == [3]
    assert await ids(rule_id=4) == [2, 1]
    assert await ids(action="block") == [3, 1]
    assert await ids(exit="web") == [3]
    assert await ids(state="open") == [2, 1]
    assert await ids(since=102) == [3, 2]
    assert await ids(until=102) == [1]
    assert await ids(before=3, limit=1) == [2]
    assert await leaks.incident(2, 4) == rows[3]
    with pytest.raises(NotFound):
        await leaks.incident(1, 4)


async def test_an_officer_reviews_those_of_the_own_company(bench: Bench):
    leaks = bench.store.leaks
    await leaks.add(incident(1))
    await leaks.review(1, 1, "false_positive", "account:9", AUDIT)
    found = await leaks.incident(1, 1)
    assert (found.state, found.reviewed_by) == ("false_positive", "account:9")
    with pytest.raises(NotFound):
        await leaks.review(2, 1, "reviewed", "account:9", AUDIT)


def exception(number: int, **more) -> LeakExceptionRow:
    return replace(
        LeakExceptionRow(number, 1, 1, 4, b"m" * 16, b"f%d" % number, 5, 100, "account:9", b"sealed"), **more
    )


async def test_an_exception_and_the_review_of_its_incident_are_one_commit(bench: Bench):
    leaks = bench.store.leaks
    with pytest.raises(NotFound):
        await leaks.except_values([exception(1)], "account:9", AUDIT)
    assert await leaks.exceptions(1, 0, 9) == []
    await leaks.add(incident(1))
    rows = [exception(1), exception(2, until_at=50)]
    await leaks.except_values(rows, "account:9", AUDIT)
    found = await leaks.incident(1, 1)
    assert (found.state, found.reviewed_by) == ("false_positive", "account:9")
    assert await leaks.exceptions(1, 0, 9) == rows[::-1]
    assert await leaks.exceptions(1, 2, 9) == rows[:1]
    assert await leaks.exceptions(2, 0, 9) == []
    assert sorted(await leaks.excepted(1, 49)) == [(b"m" * 16, b"f1"), (b"m" * 16, b"f2")]
    assert await leaks.excepted(1, 50) == [(b"m" * 16, b"f1")]
    assert await leaks.excepted(2, 49) == []


async def test_an_exception_that_is_ended_stays_as_a_record_and_counts_no_more(bench: Bench):
    leaks = bench.store.leaks
    await leaks.add(incident(1))
    await leaks.except_values([exception(1)], "account:9", AUDIT)
    with pytest.raises(NotFound):
        await leaks.end_exception(2, 1, 20, "account:8", AUDIT)
    await leaks.end_exception(1, 1, 20, "account:8", AUDIT)
    assert await leaks.excepted(1, 21) == []
    assert await leaks.exception(1, 1) == exception(1, ended_at=20, ended_by="account:8")
    with pytest.raises(NotFound):
        await leaks.end_exception(1, 1, 20, "account:8", AUDIT)
    await leaks.forget(101, 0)
    with pytest.raises(NotFound):
        await leaks.exception(1, 1)


async def test_values_are_forgotten_before_incidents_are(bench: Bench):
    leaks = bench.store.leaks
    for number in (1, 2, 3):
        await leaks.add(incident(number))
    await leaks.forget(102, 103)
    assert await leaks.incidents(1, IncidentQuery()) == [incident(3), incident(2, sealed_values=None)]
