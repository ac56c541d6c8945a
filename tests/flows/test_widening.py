"""Nobody reaches farther by a detour than by the straight way: groups, exceptions, keys, links."""

from dataclasses import replace

import pytest
from tests.flows.administrators import CLI, open_company

from smartmail.domain.errors import Forbidden, NotFound
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.policy import knobs
from smartmail.service.kernel.clock import DAY


@pytest.fixture
async def company(tmp_path):
    async with open_company(tmp_path / "one") as made:
        yield made


def of(account) -> Scope:
    return Scope("account", str(account.id))


async def role(ours, *permissions: str) -> str:
    made = await ours.services.roles.book.put(CLI, ours.organization_id, "r" + "".join(permissions)[:90], permissions)
    return made.id


async def test_who_administers_a_group_does_not_draw_others_into_it(company):
    ours, _ = company
    governing, judge, people = ours.services.governing, ours.services.authority, ours.people
    group = await governing.new_group(CLI, ours.organization_id, "팀")
    await governing.set_member(CLI, group.id, people["lee"].id, member=True)
    await ours.appoint("park", await role(ours, "group.change", "account.secrets"), Scope("group", str(group.id)))
    desk = ours.as_("park")
    assert await judge.may(desk, "account.secrets", of(people["lee"]))
    with pytest.raises(NotFound):
        await governing.set_member(desk, group.id, people["kim"].id, member=True)
    assert not await judge.may(desk, "account.secrets", of(people["kim"]))
    await governing.set_member(desk, group.id, people["lee"].id, member=False)
    # Who administers both may.
    await governing.set_member(ours.as_("boss"), group.id, people["kim"].id, member=True)


@pytest.mark.parametrize("way", ["at once", "staged"])
async def test_an_exception_speaks_for_no_level_above_its_author(company, way):
    ours, _ = company
    services, now = ours.services, ours.house.clock.now()
    sales = Scope("department", f"{ours.organization_id}:sales")
    await ours.appoint("park", await role(ours, "policy.change", "policy.read"), sales)
    await services.governing.set_knob(CLI, PolicyRule("login.app-passwords", ours.whole, value=False, locked=True))

    async def grant(actor, authority):
        rule = PolicyRule(
            "login.app-passwords", of(ours.people["kim"]), value=True, authority=authority, valid_until=now + DAY
        )
        if way == "at once":
            await services.governing.set_knob(actor, rule)
        else:
            await services.policy_changes.stage(actor, [rule], [], "why not")

    for actor, authority in (("park", "organization"), ("park", "system"), ("boss", "system")):
        with pytest.raises((Forbidden, NotFound)):
            await grant(ours.as_(actor), authority)
    assert not await services.policy.value(ours.people["kim"], knobs.APP_PASSWORDS)
    await grant(ours.as_("park"), None)
    assert not await services.policy.value(ours.people["kim"], knobs.APP_PASSWORDS), "the company's lock holds"
    await grant(ours.as_("boss"), "organization")


async def test_a_key_agrees_to_no_change(company):
    ours, _ = company
    await ours.knob("admin.two-person", ("policy",))
    changes = ours.services.policy_changes
    rule = PolicyRule("login.app-passwords", ours.whole, value=False)
    change = await changes.stage(ours.as_("boss"), [rule], [], "tighter")
    assert (await changes.submit(ours.as_("boss"), change.id)).state == "proposed"
    key = replace(ours.as_("deputy", by="key"), extra_rights=frozenset({"policy.change"}))
    with pytest.raises(Forbidden):
        await changes.approve(key, change.id)
    assert (await changes.approve(ours.as_("deputy"), change.id)).state == "active"
