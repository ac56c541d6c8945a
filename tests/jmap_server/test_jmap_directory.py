"""Looking people up over JMAP: the order of positions, 초성, departments, other companies nowhere."""

import pytest
from tests.jmap_server.jmap_house import USING, House

from smartmail.domain.organization import Step, Wanted, WantedSeat
from smartmail.domain.principal import Actor, Origin

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
ALL = [*USING, "urn:ietf:params:jmap:principals", "https://smartmail.example/jmap"]


@pytest.fixture
async def people(house: House):
    made = {}
    for login, department, title in (
        ("min", "영업1팀", "사원"), ("lee", "영업2팀", "부장"), ("park", "영업1팀", "과장"),
    ):  # fmt: skip
        made[login] = await house.person(f"{login}@a.example", department=department, title=title)
    organization = house.services.organization
    company = made["min"].organization_id
    await organization.titles.set_order(CLI, company, "position", ["부장", "과장", "사원"])
    for login, name in (("min", "김민지"), ("lee", "김미정"), ("park", "강만수")):
        wanted = Wanted(login="", name=name)
        step = Step(kind="change", account_id=made[login].id, wanted=wanted)
        await organization.people.perform(CLI, step)
    other = await organization.companies.create(CLI, "무역")
    await organization.domains.add(CLI, "t.example", other.id)
    made["stranger"] = await house.person("min@t.example", department="영업1팀")
    return made


async def query(house, people, **facts):
    browser = await house.browser("min@a.example")
    account = f"a{people['min'].id}"
    calls = [["Principal/query", {"accountId": account, **facts}, "0"]]
    reply = await browser.ask("POST", "/jmap/api/", {"using": ALL, "methodCalls": calls})
    [[name, answer, _]] = reply.json["methodResponses"]
    assert name == "Principal/query", answer
    return answer["ids"]


async def test_people_are_looked_up_in_the_order_of_positions(house: House, people):
    kim, lee, park = (f"u{people[one].id}" for one in ("min", "lee", "park"))
    assert await query(house, people, filter={"text": "김"}) == [lee, kim]
    assert await query(house, people, filter={"text": "ㄱㅁ"}) == [lee, park, kim]
    found = await query(house, people, filter={"text": "영업1"})
    assert found[:2] == [park, kim]
    assert [one[0] for one in found[2:]] == ["b"]
    assert await query(house, people, filter={"department": "영업1팀"}, sort=[{"property": "email"}]) == [kim, park]
    assert await query(house, people, filter={"title": "부장"}) == [lee]


async def test_another_company_is_not_found(house: House, people):
    stranger = f"u{people['stranger'].id}"
    await house.services.organization.companies.set_sight(
        CLI, people["stranger"].organization_id, people["min"].organization_id, on=True
    )
    for wish in ({"text": "min"}, {"text": "영업1"}, {"email": "t.example"}, {"department": "영업1팀"}, {"name": "k"}):
        assert stranger not in await query(house, people, filter=wish)


async def test_a_move_shows_at_once(house: House, people):
    organization = house.services.organization
    wanted = Wanted(login="", seats=(WantedSeat("영업2팀"),))
    await organization.people.perform(CLI, Step(kind="change", account_id=people["min"].id, wanted=wanted))
    organization.search._heard("*")
    kim, lee = (f"u{people[one].id}" for one in ("min", "lee"))
    assert (await query(house, people, filter={"text": "영업2"}))[:2] == [lee, kim]


async def test_a_room_is_a_resource(house: House, people):
    room = await house.person("room1@a.example", kind="resource")
    browser = await house.browser("min@a.example")
    arguments = {"accountId": f"a{people['min'].id}", "ids": [f"u{room.id}"], "properties": ["type", "name"]}
    reply = await browser.ask("POST", "/jmap/api/", {"using": ALL, "methodCalls": [["Principal/get", arguments, "0"]]})
    [[_, answer, _]] = reply.json["methodResponses"]
    assert [one["type"] for one in answer["list"]] == ["resource"]
