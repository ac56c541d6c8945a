"""People who write and are written to inside only, by every way that mail takes (BR-6)."""

import asyncio

import pytest
from tests.flows.test_aliases import CLI, house_and_outside, idle, send
from tests.flows.test_mail_out import inbox, until
from tests.flows.test_outside_limits import submit

from smartmail.domain.addressing import ListText, Member
from smartmail.domain.organization import Step, Wanted, WantedSeat
from smartmail.domain.policy import PolicyRule, Scope


@pytest.fixture
async def two(tmp_path):
    async with house_and_outside(tmp_path) as (a, b):
        yield a, b


async def wall(a, scope: Scope, *knobs: str) -> None:
    for knob in knobs or ("outside.send", "outside.receive"):
        await a.services.governing.set_knob(CLI, PolicyRule(knob, scope, value=False))


def of(a, login: str) -> Scope:
    return Scope("account", str(a.accounts[login].id))


async def test_an_alias_brings_no_stranger_in(two):
    a, _b = two
    await wall(a, of(a, "kim@a.example"))
    await a.services.addressing.stand_ins.put_alias(CLI, "info@a.example", ["kim@a.example", "lee@a.example"])
    assert await asyncio.to_thread(send, a, "info@a.example") == {}
    assert len(await until(lambda: inbox(a, "lee@a.example"))) == 1
    await idle(a)
    assert await inbox(a, "kim@a.example") == []
    await a.services.addressing.stand_ins.put_alias(CLI, "one@a.example", ["kim@a.example"])
    refused = await asyncio.to_thread(send, a, "one@a.example", number="2")
    assert refused["one@a.example"][0] == 550 and b"inside" in refused["one@a.example"][1]


async def test_a_list_has_walls_both_ways(two):
    a, b = two
    await wall(a, of(a, "kim@a.example"))
    lists = a.services.addressing.lists
    await lists.create(CLI, "team@a.example", ListText("team", ("lee@a.example",), post="anyone"))
    await lists.add(
        CLI, "team@a.example", [Member(one) for one in ("kim@a.example", "lee@a.example", "park@b.example")]
    )
    assert await asyncio.to_thread(submit, a, "team@a.example") == 0
    assert len(await until(lambda: inbox(a, "lee@a.example"))) == 1
    await idle(a)
    assert len(await inbox(a, "kim@a.example")) == 1 and await inbox(b, "park@b.example") == []
    await asyncio.to_thread(send, a, "team@a.example", number="2")
    assert len(await until(lambda: inbox(b, "park@b.example"))) == 1
    await idle(a)
    assert len(await inbox(a, "lee@a.example")) == 2 and len(await inbox(a, "kim@a.example")) == 1


async def test_a_forward_stays_inside(two):
    a, b = two
    await wall(a, of(a, "kim@a.example"), "outside.send")
    await a.services.addressing.stand_ins.put_forward(
        CLI, a.accounts["kim@a.example"], ["park@b.example", "lee@a.example"], keep=False
    )
    await asyncio.to_thread(send, a, "kim@a.example")
    assert len(await until(lambda: inbox(a, "lee@a.example"))) == 1
    await idle(a)
    assert await inbox(b, "park@b.example") == []


@pytest.mark.parametrize("level", ["group", "department"])
async def test_walls_stand_for_a_group_or_a_department(two, level):
    a, _b = two
    kim = a.accounts["kim@a.example"]
    if level == "group":
        group = await a.services.governing.new_group(CLI, kim.organization_id, "생산직")
        await a.services.governing.set_member(CLI, group.id, kim.id, member=True)
        await wall(a, Scope("group", str(group.id)))
    else:
        await a.services.organization.departments.create(CLI, kim.organization_id, "생산팀", code="P1")
        wanted = Wanted(login=kim.login, seats=(WantedSeat("P1"),))
        await a.services.organization.people.perform(CLI, Step(kind="change", account_id=kim.id, wanted=wanted))
        await wall(a, Scope("department", f"{kim.organization_id}:P1"))
    code, text = await asyncio.to_thread(submit, a, "park@b.example")
    assert code == 550 and b"inside only" in text
    assert await asyncio.to_thread(submit, a, "lee@a.example", number="2") == 0
    refused = await asyncio.to_thread(send, a, "kim@a.example")
    assert refused["kim@a.example"][0] == 550
    assert await asyncio.to_thread(send, a, "lee@a.example") == {}
