"""Companies that become one, and domains that get other names with their lists and aliases."""

import pytest
from tests.flows.life_house import CLI, DAY, life_house

from smartmail.domain.addressing import ListText, Member
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.organization import Step, Wanted, WantedSeat
from smartmail.service.flow.directory import NewPerson

CLASHING = 300


@pytest.fixture
async def house(tmp_path):
    async with life_house(tmp_path / "house") as opened:
        organization = opened.services.organization
        other = await organization.companies.create(CLI, "무역")
        await organization.domains.add(CLI, "trade.example", other.id)
        opened.other = other.id
        yield opened


async def person(house, login: str, name: str = "", **facts):
    made = await house.services.provisioning.person(NewPerson(login, name or login, **facts), None)
    return made.id


# --- mergers ---


async def test_a_merger_is_looked_at_before_it_is_done(house):
    organization = house.services.organization
    jung = await person(house, "jung@trade.example", "정")
    await person(house, "kim@trade.example", "김무역")
    await person(house, "office@trade.example", "사무", kind="shared")
    for company, code in ((house.company, "S1"), (house.other, "S1"), (house.other, "S2")):
        await organization.departments.create(CLI, company, code, code=code)
        await organization.titles.set_order(CLI, company, "position", ["부장", "과장"])
    wanted = Wanted(
        login="jung@trade.example", employee_number="77", position="과장", facts={"mobile": "010"},
        seats=(WantedSeat("S1"), WantedSeat("S2")),
    )  # fmt: skip
    await organization.people.perform(CLI, Step(kind="change", account_id=jung, wanted=wanted))
    plan = await organization.mergers.plan(CLI, house.other, "a.example")
    assert {step.login for step in plan.steps} == {"jung@a.example", "kim2@a.example"}
    assert plan.clashes == (("kim@trade.example", "kim2@a.example"),)
    assert plan.staying == ("office@trade.example",)
    assert (await house.store.account(jung)).state == "active"
    merged = await organization.mergers.apply(CLI, plan)
    assert (merged.done, merged.errors) == (2, ())
    new = await house.services.directory.account_by_login("jung@a.example")
    card = await organization.people.card(CLI, new.id)
    assert (card.position, card.row.employee_number, dict(card.facts)) == ("과장", "77", {"mobile": "010"})
    assert [one.code for one in card.seats] == ["S1"]
    assert await house.reached("kim@trade.example") == ["kim2@a.example"]
    # Run again: nobody is left to go.
    assert (await organization.mergers.apply(CLI, plan)).done == 0
    assert (await organization.mergers.plan(CLI, house.other, "a.example")).steps == ()


async def test_three_hundred_names_clash(house):
    for number in range(CLASHING):
        for domain in ("a.example", "trade.example"):
            await house.services.directory.create_person(NewPerson(f"p{number}@{domain}", f"사람{number}"))
    mergers = house.services.organization.mergers
    plan = await mergers.plan(CLI, house.other, "a.example", mailbox=False)
    assert len(plan.clashes) == len(plan.steps) == CLASHING
    assert len({new for _, new in plan.clashes}) == CLASHING
    assert plan.clashes[0] == ("p0@trade.example", "p02@a.example")  # nobody else's
    at = house.now() + DAY
    assert (await mergers.apply(CLI, plan, at)).done == CLASHING
    planned = house.services.organization.planned
    assert await planned.apply_due() == 0
    house.later(DAY)
    assert await planned.apply_due() == CLASHING
    assert {one.row.state for one in await planned.list_all(CLI, house.other)} == {"done"}
    there = {one.login for one in await house.store.accounts(house.company)}
    assert {new for _, new in plan.clashes} <= there


async def test_a_planned_merger_tells_how_far_it_is_and_can_be_taken_back(house):
    for number in range(4):
        await person(house, f"p{number}@trade.example")
    mergers, planned = house.services.organization.mergers, house.services.organization.planned
    plan = await mergers.plan(CLI, house.other, "a.example")
    at = house.now() + DAY
    assert await mergers.standings(CLI, house.other) == []
    assert (await mergers.apply(CLI, plan, at)).done == 4
    # Asked twice, nobody is to go twice.
    again = await mergers.apply(CLI, plan, at + DAY)
    assert (again.done, len(again.errors)) == (0, 4)
    [standing] = await mergers.standings(CLI, house.other)
    assert (standing.domain, standing.effective_at, standing.waiting, standing.done) == ("a.example", at, 4, 0)
    with pytest.raises(NotFound):
        await mergers.cancel(CLI, house.other, "elsewhere.example")
    assert await mergers.cancel(CLI, house.other, "A.example") == 4
    [standing] = await mergers.standings(CLI, house.other)
    assert (standing.waiting, standing.cancelled) == (0, 4)
    house.later(DAY + 1)
    assert await planned.apply_due() == 0
    assert (await house.services.directory.account_by_login("p0@trade.example")).state == "active"
    with pytest.raises(NotFound):
        await mergers.cancel(CLI, house.other, "a.example")
    with pytest.raises((Forbidden, NotFound)):
        await mergers.standings(house.admin(), house.other)
    with pytest.raises((Forbidden, NotFound)):
        await mergers.cancel(house.admin(), house.other, "a.example")
    # Planned anew, it goes on its day and says so.
    assert (await mergers.apply(CLI, plan, house.now() + DAY)).done == 4
    house.later(DAY)
    assert await planned.apply_due() == 4
    assert [(one.done, one.cancelled) for one in await mergers.standings(CLI, house.other)] == [(4, 0), (0, 4)]


async def test_a_merger_needs_both_companies(house):
    mergers = house.services.organization.mergers
    with pytest.raises(Invalid):
        await mergers.plan(CLI, house.company, "a.example")
    with pytest.raises(NotFound):
        await mergers.plan(CLI, house.other, "nowhere.example")
    with pytest.raises((Forbidden, NotFound)):
        await mergers.plan(house.admin(), house.other, "a.example")
    with pytest.raises((Forbidden, NotFound)):
        await mergers.plan(house.admin(), house.company, "trade.example")


# --- domains ---


async def test_lists_and_aliases_follow_a_domain(house):
    services = house.services
    await services.directory.add_domain("new.example", house.company)
    lists, stand_ins, domains = services.addressing.lists, services.addressing.stand_ins, services.organization.domains
    await lists.create(CLI, "team@a.example", ListText("t", ("kim@a.example",), ("lee@a.example",), post="anyone"))
    await lists.add(CLI, "team@a.example", [Member("kim@a.example"), Member("out@far.example")])
    await stand_ins.put_alias(CLI, "info@a.example", ["kim@a.example"])
    await person(house, "info@new.example")
    plan = await domains.plan_rename(CLI, "a.example", "new.example")
    assert set(plan.moves) == {("team@a.example", "team@new.example"), ("info@a.example", "info2@new.example")}
    assert ("info@a.example", "info2@new.example") in plan.clashes
    assert await domains.rename(CLI, plan) == 4
    for address in ("team@a.example", "team@new.example"):
        assert (await house.services.directory.finder.find(address)).kind in {"list", "several"}
    text = await lists.text("team@new.example")
    assert (text.owners, text.moderators) == (("kim@new.example",), ("lee@new.example",))
    assert {one.address for one in await lists.members("team@new.example")} == {"kim@new.example", "out@far.example"}
    assert await house.store.list_members("team@a.example") == []
    assert (await stand_ins.targets("team@a.example")).addresses == ("team@new.example",)
    assert (await stand_ins.targets("info@a.example")).addresses == ("info2@new.example",)
    assert (await stand_ins.targets("info2@new.example")).addresses == ("kim@new.example",)
    # Once more: nothing is left to do, and nothing changes.
    again = await domains.plan_rename(CLI, "a.example", "new.example")
    assert (again.renamings, again.moves) == ((), ())
    assert await domains.rename(CLI, again) == 0


async def test_what_a_killed_run_left_is_done_by_the_next(house, monkeypatch):
    services = house.services
    await services.directory.add_domain("new.example", house.company)
    lists, domains = services.addressing.lists, services.organization.domains
    await lists.create(CLI, "team@a.example", ListText("t", ("kim@a.example",), post="anyone"))
    await lists.add(CLI, "team@a.example", [Member("kim@a.example"), Member("lee@a.example")])

    async def dying(*_arguments):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(services.addressing.stand_ins, "stand_for", dying)
        with pytest.raises(KeyboardInterrupt):
            await domains.rename(CLI, await domains.plan_rename(CLI, "a.example", "new.example"))
    plan = await domains.plan_rename(CLI, "a.example", "new.example")
    await domains.rename(CLI, plan)
    assert plan.moves == (("team@a.example", "team@new.example"),)
    members = await lists.members("team@new.example")
    assert {one.address for one in members} == {"kim@new.example", "lee@new.example"}
    assert (await services.addressing.stand_ins.targets("team@a.example")).addresses == ("team@new.example",)
