"""Who may govern what: rules, exceptions, presets, groups and holds, each with its audit record."""

import asyncio

import pytest
from tests.unit.service_import.quiet_house import QuietHouse, quiet_house

from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.policy import knobs
from smartmail.service.kernel.clock import DAY, HOUR

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
SYSTEM = Scope("system")


@pytest.fixture
async def house(tmp_path):
    async with quiet_house(tmp_path / "house") as opened:
        await opened.person("admin@a.example", is_admin=True)
        await opened.person("kim@a.example", department="영업")
        other = await opened.services.provisioning.organization("other")
        await opened.services.directory.add_domain("b.example", other)
        await opened.person("boss@b.example", is_admin=True)
        yield opened
        await opened.services.auth.settle()


def actor(house: QuietHouse, login: str, by="session", door="admin") -> Actor:
    account = house.accounts[login]
    return Actor(account.id, account.organization_id, account.login, account.is_admin, Origin(door), by=by)


def own(house: QuietHouse, login: str) -> Scope:
    return Scope("account", str(house.accounts[login].id))


async def test_an_administrator_governs_the_own_company(house):
    governing, admin = house.services.governing, actor(house, "admin@a.example")
    company = Scope("organization", str(admin.organization_id))
    for number, scope in enumerate((company, Scope("domain", "a.example"), own(house, "kim@a.example")), 1):
        assert await governing.set_knob(admin, PolicyRule("door.pop3", scope, value=False)) == number
    for scope in (Scope("domain", "b.example"), own(house, "boss@b.example")):
        with pytest.raises(NotFound):
            await governing.set_knob(admin, PolicyRule("door.pop3", scope, value=False))
    with pytest.raises(Forbidden):
        await governing.set_knob(admin, PolicyRule("door.pop3", SYSTEM, value=False))
    for lesser in (actor(house, "kim@a.example"), actor(house, "admin@a.example", by="app", door="jmap")):
        with pytest.raises(Forbidden):
            await governing.set_knob(lesser, PolicyRule("door.pop3", company, value=False))
        with pytest.raises(Forbidden):
            await governing.return_to(lesser, 0)


async def test_a_company_goes_back_alone(house):
    governing, admin = house.services.governing, actor(house, "admin@a.example")
    company = Scope("organization", str(admin.organization_id))
    first = await governing.set_knob(admin, PolicyRule("door.pop3", company, value=False))
    await governing.set_knob(CLI, PolicyRule("door.imap", SYSTEM, value=False))
    await governing.set_knob(CLI, PolicyRule("door.smtp", Scope("domain", "b.example"), value=False))
    await governing.set_knob(admin, PolicyRule("door.pop3", company, value=True))
    await governing.set_knob(admin, PolicyRule("door.sieve", Scope("domain", "a.example"), value=False))
    await governing.return_to(admin, first)
    standing = {(one.knob, one.scope.level, one.value) for one in (await governing.rules())[1]}
    assert standing == {
        ("door.pop3", "organization", False),
        ("door.imap", "system", False),
        ("door.smtp", "domain", False),
    }


async def test_an_exception_granted_from_above_beats_a_lock_below_that(house):
    governing, admin = house.services.governing, actor(house, "admin@a.example")
    company = Scope("organization", str(admin.organization_id))
    await governing.set_knob(admin, PolicyRule("forward.external", company, value=False, locked=True))
    until = house.clock.now() + DAY
    rule = PolicyRule("forward.external", own(house, "kim@a.example"), value=True, valid_until=until)
    await governing.set_knob(admin, rule)
    account = house.accounts["kim@a.example"]
    assert await house.services.policy.value(account, knobs.FORWARD_EXTERNAL) is False
    granted = PolicyRule(rule.knob, rule.scope, value=True, valid_until=until, authority="organization")
    await governing.set_knob(admin, granted)
    assert await house.services.policy.value(account, knobs.FORWARD_EXTERNAL) is True
    with pytest.raises(Forbidden):
        await governing.set_knob(
            admin, PolicyRule(rule.knob, rule.scope, value=True, valid_until=until, authority="system")
        )
    house.clock.ahead += DAY
    assert await house.services.policy.value(account, knobs.FORWARD_EXTERNAL) is False


@pytest.mark.parametrize(
    "rule",
    [
        PolicyRule("door.nowhere", SYSTEM, value=False),
        PolicyRule("door.imap", SYSTEM, 3),
        PolicyRule("vault.days", Scope("account", "2"), 30),
        PolicyRule("door.imap", SYSTEM, value=False, locked=True, valid_until=1 << 50),
        PolicyRule("door.imap", SYSTEM, value=False, valid_until=1),
    ],
)
async def test_rules_that_cannot_be_are_refused(house, rule):
    with pytest.raises(Invalid):
        await house.services.governing.set_knob(CLI, rule)
    assert await house.services.governing.rules() == (0, [])


async def test_a_new_value_takes_the_place_of_the_old_and_the_past_stays_readable(house):
    governing = house.services.governing
    for value in (20, 30):
        await governing.set_knob(CLI, PolicyRule("password.min-length", SYSTEM, value))
    epoch, [rule] = await governing.rules()
    assert (epoch, rule.value) == (2, 30)
    newest, first = await governing.revisions()
    assert ([one.value for one in newest.begun], [one.value for one in newest.ended]) == ([30], [20])
    assert [one.value for one in first.begun] == [20]
    assert await governing.return_to(CLI, 1) == 3
    assert [one.value for one in (await governing.rules())[1]] == [20]
    with pytest.raises(NotFound):
        await governing.return_to(CLI, 9)


async def test_changes_at_once_all_happen(house):
    governing = house.services.governing
    knobs = ("door.imap", "door.pop3", "door.smtp", "door.sieve")
    await asyncio.gather(*(governing.set_knob(CLI, PolicyRule(knob, SYSTEM, value=False)) for knob in knobs))
    epoch, rules = await governing.rules()
    assert (epoch, sorted(rule.knob for rule in rules)) == (4, sorted(knobs))


async def test_scopes_have_names(house):
    governing = house.services.governing
    await governing.new_group(CLI, house.accounts["kim@a.example"].organization_id, "tf")
    for text in (
        "system", "organization:test", "domain:a.example", "account:kim@a.example", "group:tf",
    ):  # fmt: skip
        assert await governing.scope_text(await governing.scope(text)) == text
    with pytest.raises(Invalid):
        # Two companies: whose department is meant has to be said.
        await governing.scope("department:영업")
    scope = await governing.scope("department:test/영업")
    await governing.set_knob(CLI, PolicyRule("door.imap", scope, value=False))
    policy = house.services.policy
    views = [await policy.of(house.accounts[one]) for one in ("kim@a.example", "admin@a.example")]
    assert [one.is_open("imap") for one in views] == [False, True]
    for bad in ("organization:nowhere", "domain:c.example", "account:x@a.example", "group:x"):
        with pytest.raises(NotFound):
            await governing.scope(bad)
    for bad in ("system:x", "planet:mars", "domain:", ""):
        with pytest.raises(Invalid):
            await governing.scope(bad)


async def test_groups_belong_to_a_company(house):
    governing, admin = house.services.governing, actor(house, "admin@a.example")
    group = await governing.new_group(admin, admin.organization_id, " 영업  1팀 ", priority=5)
    assert group.name == "영업 1팀"
    with pytest.raises(AlreadyExists):
        await governing.new_group(admin, admin.organization_id, "영업 1팀")
    with pytest.raises(Invalid):
        await governing.new_group(admin, admin.organization_id, " ")
    with pytest.raises(Invalid):
        await governing.set_member(CLI, group.id, house.accounts["boss@b.example"].id, member=True)
    with pytest.raises(NotFound):
        await governing.set_member(actor(house, "boss@b.example"), group.id, admin.account_id, member=True)
    await governing.set_member(admin, group.id, house.accounts["kim@a.example"].id, member=True)
    rule = PolicyRule("door.imap", Scope("group", str(group.id)), value=False)
    await governing.set_knob(admin, rule)
    kim = house.accounts["kim@a.example"]
    assert not (await house.services.policy.of(kim)).is_open("imap")
    await governing.delete_group(admin, group.id)
    assert (await house.services.policy.of(kim)).is_open("imap")


async def test_holds_are_placed_and_lifted_with_a_record(house):
    governing, admin = house.services.governing, actor(house, "admin@a.example")
    kim = house.accounts["kim@a.example"].id
    await governing.hold(admin, kim, " 2026-17 ")
    [hold] = await governing.holds(kim)
    assert (hold.matter, hold.actor, hold.message_id) == ("2026-17", f"account:{admin.account_id}", 0)
    for matter in ("", "x" * 200, "a\nb"):
        with pytest.raises(Invalid):
            await governing.hold(admin, kim, matter)
    with pytest.raises(NotFound):
        await governing.hold(actor(house, "boss@b.example"), kim, "x")
    with pytest.raises(Forbidden):
        await governing.release(actor(house, "kim@a.example"), kim, "2026-17")
    await governing.release(admin, kim, "2026-17")
    assert await governing.holds() == []


async def test_a_preset_leaves_exceptions_and_other_scopes_alone(house):
    governing = house.services.governing
    account = own(house, "kim@a.example")
    await governing.set_knob(CLI, PolicyRule("door.imap", account, value=True))
    await governing.set_knob(CLI, PolicyRule("quota.octets", SYSTEM, 1 << 30))
    until = house.clock.now() + HOUR
    await governing.set_knob(CLI, PolicyRule("door.smtp", SYSTEM, value=True, valid_until=until))
    await governing.apply_preset(CLI, "public", SYSTEM)
    policy = await house.services.policy.of(house.accounts["kim@a.example"])
    assert policy.is_open("imap") and policy.is_open("smtp") and not policy.is_open("pop3")
    assert policy[knobs.QUOTA_OCTETS] == 0
    with pytest.raises(Invalid):
        await governing.apply_preset(CLI, "public", account)


async def test_a_preset_says_which_narrower_rules_keep_it_from_holding(house):
    governing, account = house.services.governing, own(house, "kim@a.example")
    company = Scope("organization", str(house.accounts["kim@a.example"].organization_id))
    other = Scope("organization", str(house.accounts["boss@b.example"].organization_id))
    await governing.apply_preset(CLI, "general", company)
    until = house.clock.now() + HOUR
    await governing.set_knob(CLI, PolicyRule("door.smtp", account, value=True, valid_until=until))
    await governing.set_knob(CLI, PolicyRule("door.imap", other, value=True))
    await governing.apply_preset(CLI, "finance", SYSTEM)
    shadows = await governing.preset_shadows("finance", SYSTEM)
    assert {("door.imap", company), ("door.smtp", account), ("door.imap", other)} <= {
        (one.knob, one.scope) for one in shadows
    }
    assert ("door.web", company) not in {(one.knob, one.scope) for one in shadows}, "the same value"
    assert {one.scope for one in await governing.preset_shadows("finance", company)} <= {company, account}
    policy = await house.services.policy.of(house.accounts["kim@a.example"])
    assert policy.is_open("imap")

    await governing.apply_preset(CLI, "finance", SYSTEM, clear=True)
    left = await governing.preset_shadows("finance", SYSTEM)
    assert [(one.knob, one.scope) for one in left] == [("door.smtp", account)], "exceptions end by themselves"
    policy = await house.services.policy.of(house.accounts["kim@a.example"])
    assert not policy.is_open("imap")
    # What says nothing else was left alone, and a lock leaves no shadow.
    assert any(one.scope == company and one.knob == "door.web" for one in (await governing.rules())[1])
    await governing.set_knob(CLI, PolicyRule("door.imap", other, value=True))
    await governing.set_knob(CLI, PolicyRule("door.imap", SYSTEM, value=False, locked=True))
    assert await governing.shadowing(SYSTEM, {"door.imap": False}) == []


async def test_who_governs_a_company_clears_nothing_of_another(house):
    governing, admin = house.services.governing, actor(house, "admin@a.example")
    company = Scope("organization", str(admin.organization_id))
    theirs = own(house, "boss@b.example")
    await governing.set_knob(CLI, PolicyRule("door.imap", theirs, value=True))
    await governing.apply_preset(admin, "finance", company, clear=True)
    assert any(one.scope == theirs for one in (await governing.rules())[1])
