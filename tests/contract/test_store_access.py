"""Contract of the store: access rules, travel passes, countries of accounts (ports/store_access.py), on both drivers."""

import asyncio
from dataclasses import replace

import pytest
from tests.contract.store_backends import *  # noqa: F403
from tests.contract.store_backends import Bench

from smartmail.domain.access import AccessRule, CountryUse, TravelPass, Visit, Window
from smartmail.domain.account import LoginAttempt
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound, StateMismatch
from smartmail.domain.policy import PolicyRule, Scope

AUDIT = AuditRecord(7, "account:1", "access-rule.new", "access-rule", "192.0.2.1")
BLOCK = AccessRule(
    Scope("organization", "1"), "deny", "within", ("CN", "RU"), ("imap", "pop3"), ("192.0.2.0/24", "2001:db8::/32"),
    Window(540, 1080, (0, 4), -300), {"not": {"fact": "asn", "in": [64500]}}, private=True, unknown="second_factor", locked=True,
)  # fmt: skip
LEAVE = AccessRule(
    Scope("account", "3"), "allow", "within", ("JP",), authority="organization", valid_from=5, valid_until=9
)


def plain(rules):
    return [replace(rule, id=0) for rule in rules]


def asked(bench: Bench, at: int = 3) -> TravelPass:
    account = bench.account
    return TravelPass(0, account.id, account.organization_id, "JP", 10, 20, "asked", at, b"sealed")


async def test_rules_ride_on_the_epoch_of_the_policy(bench: Bench):
    store = bench.store
    assert await store.access_rules() == (0, [])
    assert await store.revise_access(0, [BLOCK, LEAVE], [], AUDIT) == 1
    epoch, rules = await store.access_rules()
    assert (epoch, plain(rules)) == (1, [BLOCK, LEAVE])
    assert await store.revise_policy(1, [PolicyRule("door.pop3", Scope("system"), value=False)], [], AUDIT) == 2
    assert await store.revise_access(2, [], [rules[0].id], AUDIT) == 3
    assert plain((await store.access_rules())[1]) == [LEAVE]
    assert await store.access_rules(2) == (2, rules)
    assert [one.action for one in await store.policy_revisions(9)].count(AUDIT.action) == 3


async def test_rules_of_before_say_what_is_done_where_the_country_is_unknown(bench: Bench):
    """Until ADR 76 it was kept whether an unknown country is foreign."""
    store = bench.store
    await store.revise_access(0, [replace(BLOCK, unknown=True), replace(BLOCK, unknown=False)], [], AUDIT)  # type: ignore[arg-type]
    assert [one.unknown for one in (await store.access_rules())[1]] == ["notify", "allow"]


async def test_a_revision_needs_the_newest_epoch_and_living_rules(bench: Bench):
    store = bench.store
    await store.revise_access(0, [BLOCK], [], AUDIT)
    with pytest.raises(StateMismatch):
        await store.revise_access(0, [LEAVE], [], AUDIT)
    with pytest.raises(NotFound):
        await store.revise_access(1, [LEAVE], [99], AUDIT)
    assert plain((await store.access_rules())[1]) == [BLOCK]
    both = [store.revise_access(1, [rule], [], AUDIT) for rule in (LEAVE, BLOCK)]
    done = await asyncio.gather(*both, return_exceptions=True)
    assert sorted(type(one).__name__ for one in done) == ["StateMismatch", "int"]


async def test_a_return_brings_access_rules_back_and_leaves_passes(bench: Bench):
    store = bench.store
    await store.revise_access(0, [BLOCK], [], AUDIT)
    _, [block] = await store.access_rules()
    await store.revise_access(1, [replace(BLOCK, countries=("KP",))], [block.id], AUDIT)
    kept = await store.ask_pass(asked(bench), AUDIT)
    await store.decide_pass(kept.id, "asked", "granted", LEAVE, AUDIT)
    assert await store.revise_policy(3, [], [], AUDIT, returning=1) == 4
    assert plain((await store.access_rules())[1]) == [LEAVE, BLOCK]
    assert await store.revise_policy(4, [], [], AUDIT, returning=2) == 5
    assert [rule.countries for rule in (await store.access_rules())[1]] == [("JP",), ("KP",)]


async def test_a_group_takes_its_rules_along(bench: Bench):
    from smartmail.domain.account import Group

    store = bench.store
    group = await store.put_group(Group(0, bench.account.organization_id, "field", 1), AUDIT)
    await store.revise_access(1, [replace(BLOCK, scope=Scope("group", str(group.id))), LEAVE], [], AUDIT)
    await store.delete_group(group.id, AUDIT)
    assert plain((await store.access_rules())[1]) == [LEAVE]


async def test_a_pass_is_decided_once_and_ends_with_its_rule(bench: Bench):
    store = bench.store
    kept = await store.ask_pass(asked(bench), AUDIT)
    assert kept == replace(asked(bench), id=kept.id) == await store.travel_pass(kept.id)
    granted = await store.decide_pass(kept.id, "asked", "granted", LEAVE, AUDIT)
    _, [rule] = await store.access_rules()
    assert (granted.state, granted.rule_id, granted.decided_at, granted.decided_by) == (
        "granted", rule.id, 7, "account:1",
    )  # fmt: skip
    with pytest.raises(StateMismatch):
        await store.decide_pass(kept.id, "asked", "refused", None, AUDIT)
    assert plain((await store.access_rules())[1]) == [LEAVE]
    assert (await store.decide_pass(kept.id, "granted", "withdrawn", None, AUDIT)).state == "withdrawn"
    assert (await store.access_rules())[1] == []
    for act in (store.travel_pass(99), store.decide_pass(99, "asked", "refused", None, AUDIT)):
        with pytest.raises(NotFound):
            await act


async def test_a_refused_pass_moves_no_epoch(bench: Bench):
    store = bench.store
    kept = await store.ask_pass(asked(bench), AUDIT)
    await store.decide_pass(kept.id, "asked", "refused", None, AUDIT)
    assert await store.policy_epoch() == 0


async def test_passes_are_listed_and_reminded_of_once(bench: Bench):
    store, account = bench.store, bench.account
    first, second = [await store.ask_pass(asked(bench, at), AUDIT) for at in (3, 4)]
    assert [one.id for one in await store.passes_of(account.id, 9)] == [second.id, first.id]
    assert [one.id for one in await store.passes_in(account.organization_id, 1)] == [second.id]
    assert await store.passes_ending(12, 20, 9) == []
    await store.decide_pass(first.id, "asked", "granted", LEAVE, AUDIT)
    assert [one.id for one in await store.passes_ending(12, 20, 9)] == [first.id]
    assert await store.passes_ending(12, 19, 9) == []
    assert await store.passes_ending(20, 30, 9) == []
    assert [await store.warn_pass(first.id, 13), await store.warn_pass(first.id, 14)] == [True, False]
    assert await store.passes_ending(12, 20, 9) == []


async def test_countries_of_an_account_are_remembered(bench: Bench):
    store, number = bench.store, bench.account.id
    assert await store.note_country(number, "KR", 5) == Visit("", 0, new=True)
    assert await store.note_country(number, "KR", 6) == Visit("KR", 5, new=False)
    assert await store.note_country(number, "JP", 7) == Visit("KR", 6, new=True)
    assert await store.note_country(number, "KR", 8) == Visit("JP", 7, new=False)
    assert await store.countries_of(number) == [CountryUse("KR", 5, 8), CountryUse("JP", 7, 7)]


async def test_an_owner_is_told_once_in_a_while(bench: Bench):
    store, number = bench.store, bench.account.id
    assert await store.claim_notice(number, "denied", "CN", 100, 50)
    assert not await store.claim_notice(number, "denied", "CN", 120, 70)
    assert await store.claim_notice(number, "denied", "US", 120, 70)
    assert await store.claim_notice(number, "denied", "CN", 151, 101)


async def test_a_login_keeps_its_country(bench: Bench):
    store, number = bench.store, bench.account.id
    await store.note_logins([LoginAttempt(5, number, None, "imap", "192.0.2.1", "geo_denied", country="CN")])
    [row] = await store.login_attempts(number)
    assert (row.result, row.country) == ("geo_denied", "CN")
