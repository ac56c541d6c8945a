"""Delegated administration over composed services: who may what where, no escalation, three offices, previews."""

import pytest
from tests.flows.administrators import CLI, Company, open_company

from smartmail.domain.authority import PERMISSIONS
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor, Origin


@pytest.fixture
async def company(tmp_path):
    async with open_company(tmp_path / "one") as made:
        yield made


def of(account) -> Scope:
    return Scope("account", str(account.id))


async def test_what_a_company_administrator_and_nobody_else_may(company):
    ours, theirs = company
    judge = ours.services.authority
    for permission in PERMISSIONS:
        assert await judge.require(ours.as_("boss"), permission, ours.whole) == ours.organization_id
        with pytest.raises(Forbidden):
            await judge.require(ours.as_("kim"), permission, ours.whole)
    with pytest.raises(Forbidden):
        await judge.require(ours.as_("boss"), "policy.change", Scope("system"))
    for by in ("app", "token", "certificate"):
        with pytest.raises(Forbidden):
            await judge.require(ours.as_("boss", by=by), "policy.read", ours.whole)
    assert await judge.require(CLI, "policy.change", Scope("system")) is None
    # That somebody says to be an administrator makes none.
    kim = ours.people["kim"]
    liar = Actor(kim.id, kim.organization_id, kim.login, is_admin=True, origin=Origin("web"), by="session")
    with pytest.raises(Forbidden):
        await judge.require(liar, "account.read", ours.whole)


@pytest.mark.parametrize("level", ["account", "group", "organization", "domain", "department"])
async def test_what_is_anothers_is_as_what_is_not_there(company, level):
    ours, theirs = company
    group = await ours.services.governing.new_group(CLI, theirs.organization_id, "theirs")
    foreign = {
        "account": str(theirs.people["stranger"].id), "group": str(group.id), "domain": "c.example",
        "organization": str(theirs.organization_id), "department": f"{theirs.organization_id}:x",
    }[level]  # fmt: skip
    absent = {"domain": "nowhere.example", "department": "999999:x"}.get(level, "999999")
    answers = []
    for subject in (foreign, absent):
        with pytest.raises(NotFound) as refused:
            await ours.services.authority.require(ours.as_("boss"), "account.read", Scope(level, subject))
        answers.append((type(refused.value), refused.value.code, refused.value.public, str(refused.value)))
    assert answers[0] == answers[1]
    for subject in (foreign, absent):  # and who may nothing learns nothing of either
        with pytest.raises(Forbidden):
            await ours.services.authority.require(ours.as_("kim"), "account.read", Scope(level, subject))


@pytest.mark.parametrize("subject", ["", "-1", "x", "٣", "1 or 1=1", "9" * 40])
async def test_ids_that_are_none(company, subject):
    ours, _ = company
    for level in ("account", "group", "organization", "department"):
        with pytest.raises(NotFound):
            await ours.services.authority.require(ours.as_("boss"), "account.read", Scope(level, subject))


async def test_scopes(company):
    ours, _ = company
    judge, people = ours.services.authority, ours.people
    group = await ours.services.governing.new_group(CLI, ours.organization_id, "부산")
    await ours.services.governing.set_member(CLI, group.id, people["lee"].id, member=True)
    sales = Scope("department", f"{ours.organization_id}:sales")
    expected = {
        Scope("domain", "b.example"): {"lee"},
        sales: {"kim", "lee"},
        Scope("department", f"{ours.organization_id}:home"): {"kim"},
        Scope("group", str(group.id)): {"lee"},
    }
    everybody = list(people.values())
    for scope, seen in expected.items():
        number = await ours.appoint("park", "helpdesk", scope)
        desk = ours.as_("park")
        for name, account in people.items():
            assert await judge.may(desk, "account.secrets", of(account)) == (name in seen), (scope, name)
            assert not await judge.may(desk, "account.change", of(account))
        visible = await judge.visible(desk, "account.read", everybody)
        assert {one.login.split("@")[0] for one in visible} == seen
        assert await judge.reach(desk, "account.read") == (scope,)
        assert not await judge.may(desk, "account.read", ours.whole)
        await ours.services.roles.dismiss(CLI, number)
    with pytest.raises(Forbidden):
        await judge.visible(ours.as_("park"), "account.read", everybody)


async def test_several_roles_add_up(company):
    ours, _ = company
    judge = ours.services.authority
    await ours.appoint("park", "helpdesk", Scope("domain", "b.example"))
    await ours.appoint("park", "mail-flow")
    desk = ours.as_("park")
    assert await judge.may(desk, "queue.change", ours.whole)
    assert await judge.may(desk, "account.secrets", of(ours.people["lee"]))
    assert not await judge.may(desk, "account.secrets", of(ours.people["kim"]))
    assert set(await judge.reach(desk, "account.read")) == {ours.whole, Scope("domain", "b.example")}


async def test_an_administrator_is_not_touched_by_lesser_ones(company):
    ours, _ = company
    judge = ours.services.authority
    await ours.appoint("park", "helpdesk")
    await ours.appoint("lee", "security", Scope("domain", "b.example"))
    desk = ours.as_("park")
    assert await judge.may(desk, "account.secrets", of(ours.people["kim"]))
    for name in ("boss", "lee"):  # a password for these would be a promotion
        with pytest.raises(Forbidden):
            await judge.require(desk, "account.secrets", of(ours.people[name]))
    assert await judge.may(desk, "account.read", of(ours.people["boss"]))
    assert await judge.may(ours.as_("boss"), "account.secrets", of(ours.people["deputy"]))


async def test_nobody_gives_what_they_do_not_hold(company):
    ours, theirs = company
    roles, people = ours.services.roles, ours.people
    await ours.appoint("park", "system", Scope("domain", "a.example"))
    lesser = ours.as_("park")
    there = Scope("domain", "a.example")
    outcome = await roles.appoint(lesser, people["kim"].id, "system", there)
    assert not outcome.waits
    refused = [
        (people["kim"].id, "security", there, Forbidden),  # other permissions
        (people["kim"].id, "system", ours.whole, Forbidden),  # a wider scope
        (people["kim"].id, "system", Scope("domain", "b.example"), NotFound),  # another one
        (people["lee"].id, "system", there, NotFound),  # somebody outside
        (people["park"].id, "helpdesk", there, Forbidden),  # oneself
        (people["kim"].id, "company", ours.whole, NotFound),
        (theirs.people["stranger"].id, "system", there, NotFound),
        (999_999, "system", there, NotFound),
        (people["kim"].id, "no-such-role", there, NotFound),
        (people["kim"].id, "system", of(people["kim"]), Invalid),
    ]
    for account_id, role, scope, error in refused:
        with pytest.raises((error, Forbidden) if error is NotFound and role == "company" else error):
            await roles.appoint(lesser, account_id, role, scope)
    assert {one.role for one in await ours.house.store.appointments(ours.organization_id)} == {"system"}
    # What he may not give he may not take, nor his own.
    strong = await ours.appoint("lee", "security", there)
    own = next(one for one in await ours.house.store.appointments() if one.account_id == people["park"].id)
    for number, error in ((strong, Forbidden), (own.id, Forbidden), (999_999, NotFound)):
        with pytest.raises(error):
            await roles.dismiss(lesser, number)


async def test_roles_of_a_company(company):
    ours, theirs = company
    book, roles = ours.services.roles.book, ours.services.roles
    boss = ours.as_("boss")
    made = await book.put(boss, ours.organization_id, "메일 담당", ["queue.read", "account.read"], ["phone"])
    assert (made.name, made.masks) == ("메일 담당", {"phone"})
    with pytest.raises(AlreadyExists):
        await book.put(boss, ours.organization_id, " 메일   담당 ", ["queue.read"])
    for name, permissions, masks in (
        ("", ["queue.read"], []), ("a\x00b", ["queue.read"], []), ("x", [], []), ("x", ["root"], []),
        ("x", ["queue.read"], ["eyes"]), ("x" * 101, ["queue.read"], []),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            await book.put(boss, ours.organization_id, name, permissions, masks)
    await ours.appoint("park", made.id)
    park = ours.as_("park")
    assert await ours.services.authority.may(park, "queue.read", ours.whole)
    # Changed for all who hold it, at once; and dropped when nobody does.
    await book.put(
        boss, ours.organization_id, "메일 담당", ["queue.read", "role.read", "role.change"], [], int(made.id)
    )
    assert not await ours.services.authority.may(park, "account.read", ours.whole)
    for permissions in (["queue.read", "role.change", "queue.change"], ["queue.read"]):
        with pytest.raises(Forbidden):  # one's own
            await book.put(park, ours.organization_id, "메일 담당", permissions, [], int(made.id))
    with pytest.raises(Forbidden):  # more than one has
        await book.put(park, ours.organization_id, "새 역할", ["queue.change"])
    with pytest.raises(NotFound):
        await book.put(theirs.as_("owner"), ours.organization_id, "x", ["queue.read"])
    with pytest.raises(NotFound):
        await book.roles(theirs.as_("owner"), ours.organization_id)
    with pytest.raises(NotFound):
        await book.put(theirs.as_("owner"), theirs.organization_id, "x", ["queue.read"], [], int(made.id))
    assert "메일 담당" not in str(await ours.house.store.admin_roles(ours.organization_id))
    assert "메일" in (await book.roles(boss, ours.organization_id))[-1].name
    with pytest.raises(NotFound):  # what another company made cannot be held here
        await roles.appoint(CLI, theirs.people["stranger"].id, made.id, theirs.whole)


async def test_a_masked_role_is_not_widened_by_giving_it_on(company):
    ours, _ = company
    await ours.appoint("park", "auditor")
    roles, auditor = ours.services.roles, ours.as_("park")
    made = await roles.book.put(ours.as_("boss"), ours.organization_id, "open auditor", ["audit.read"])
    with pytest.raises(Forbidden):  # it would show what he is not shown
        await roles.appoint(auditor, ours.people["kim"].id, made.id, ours.whole)
    await roles.appoint(auditor, ours.people["kim"].id, "auditor", ours.whole)
    scope = of(ours.people["lee"])
    judge = ours.services.authority
    assert await judge.masks(auditor, "account.read", scope) == {"body", "phone", "birthday"}
    assert await judge.masks(ours.as_("boss"), "account.read", scope) == frozenset()


async def test_the_last_administrator_stays(company):
    ours, _ = company
    roles, boss = ours.services.roles, ours.as_("boss")
    with pytest.raises(Forbidden):  # oneself
        await roles.mark(boss, boss.account_id, administrator=False)
    assert (await roles.rehearse(boss, boss.account_id)).administrators == 1
    await roles.mark(boss, ours.people["deputy"].id, administrator=False)
    assert (await roles.rehearse(boss, boss.account_id)).changers == 0
    with pytest.raises(Forbidden):
        await roles.mark(CLI, boss.account_id, administrator=False)
    with pytest.raises(Forbidden):
        await ours.services.administration.close(CLI, boss.account_id)
    assert not await ours.services.authority.may(ours.as_("deputy"), "account.read", ours.whole)


async def test_a_deputy_until_a_time(company, monkeypatch):
    ours, _ = company
    clock = ours.house.clock
    start = clock.now()
    await ours.appoint("park", "company", expires_at=start + 60_000)
    judge, park = ours.services.authority, ours.as_("park")
    assert await judge.may(park, "policy.change", ours.whole)
    now = [start + 59_000]
    monkeypatch.setattr(type(clock), "now", lambda _self: now[0])
    assert await judge.may(park, "policy.change", ours.whole)
    now[0] = start + 61_000
    assert not await judge.may(park, "policy.change", ours.whole)
    with pytest.raises(Invalid):
        await ours.appoint("park", "helpdesk", expires_at=start)


async def test_three_offices(company):
    ours, _ = company
    judge = ours.services.authority
    await ours.knob("admin.separation", True)  # noqa: FBT003 -- a knob's value
    boss = ours.as_("boss")
    # Nobody holds the others yet: the administrator can do all, and so fill them.
    assert await judge.may(boss, "audit.read", ours.whole)
    await ours.services.roles.appoint(boss, ours.people["kim"].id, "security", ours.whole)
    assert await judge.may(boss, "policy.change", ours.whole)
    await ours.services.roles.appoint(boss, ours.people["lee"].id, "auditor", ours.whole)
    for permission, who in (("account.change", "boss"), ("policy.change", "kim"), ("audit.read", "lee")):
        able = {name for name in ("boss", "kim", "lee") if await judge.may(ours.as_(name), permission, ours.whole)}
        assert able == {who}, permission
    # No account holds two, by whatever way.
    for name, role in (
        ("kim", "auditor"),
        ("kim", "system"),
        ("lee", "security"),
        ("boss", "auditor"),
        ("kim", "company"),
    ):
        with pytest.raises((Forbidden, AlreadyExists)):
            await ours.services.roles.appoint(CLI, ours.people[name].id, role, ours.whole)
    with pytest.raises(Forbidden):
        await ours.services.roles.book.put(CLI, ours.organization_id, "all", ["audit.read", "policy.change"])
    made = await ours.services.roles.book.put(CLI, ours.organization_id, "policy hand", ["policy.change"])
    with pytest.raises(Forbidden):
        await ours.services.roles.appoint(CLI, ours.people["lee"].id, made.id, ours.whole)
    # The auditor closes nobody out, and one administrator does not take the auditor's place.
    with pytest.raises(Forbidden):
        await judge.require(boss, "account.change", of(ours.people["lee"]))


async def test_what_was_held_before_the_offices_were_separated(company):
    ours, _ = company
    judge = ours.services.authority
    await ours.appoint("kim", "security")
    await ours.appoint("kim", "auditor")
    assert await judge.may(ours.as_("kim"), "audit.read", ours.whole)
    await ours.knob("admin.separation", True)  # noqa: FBT003 -- a knob's value
    judge.changed()
    assert await judge.may(ours.as_("kim"), "policy.change", ours.whole)
    assert not await judge.may(ours.as_("kim"), "audit.read", ours.whole)


async def test_preview(company):
    ours, theirs = company
    await ours.appoint("park", "helpdesk", Scope("domain", "b.example"))
    seen = await ours.services.roles.preview(ours.as_("boss"), ours.people["park"].id)
    assert [(one.scope, one.role, "body" in one.masks) for one in seen.holdings] == [
        (Scope("domain", "b.example"), "helpdesk", True)
    ]
    records = await ours.house.store.unchained_records("audit", 0, 1000)
    assert records[-1].record.action == "role.preview"
    with pytest.raises(NotFound):
        await ours.services.roles.preview(theirs.as_("owner"), ours.people["park"].id)
    with pytest.raises(Forbidden):
        await ours.services.roles.preview(ours.as_("kim"), ours.people["park"].id)


async def test_a_change_reaches_another_process_at_once(tmp_path):
    from tests.flows.house import LocalBus, compose_house

    bus = LocalBus()
    async with open_company(tmp_path / "one", bus=bus) as (ours, _), compose_house(tmp_path / "one", bus=bus) as other:
        elsewhere = Company(other, ours.organization_id, ours.people)
        park = elsewhere.as_("park")
        assert not await other.services.authority.may(park, "queue.read", ours.whole)
        number = await ours.appoint("park", "mail-flow")
        assert await other.services.authority.may(park, "queue.read", ours.whole)
        await ours.services.roles.dismiss(CLI, number)
        assert not await other.services.authority.may(park, "queue.read", ours.whole)
