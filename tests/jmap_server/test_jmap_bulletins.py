"""Bulletin: seen by those it is for while it is shown, marked by its readers for good, pushed, sealed."""

import asyncio
import json
import time

import pytest
from tests.jmap_server.jmap_house import House
from tests.jmap_server.test_jmap_departments import CLI, Asker

from smartmail.domain.policy import Scope
from smartmail.service.mailbox.bulletins import BulletinText, BulletinWish

HOUR = 3_600_000


@pytest.fixture
async def team(house: House):
    """Min in a team, Park in the division above it, No elsewhere, X in another company."""
    people = {
        name: await house.person(f"{name}@a.example", department=department)
        for name, department in {"min": "영업1팀", "park": "영업본부", "no": "지원실"}.items()
    }
    company, departments = people["min"].organization_id, house.services.organization.departments
    above, first = [await departments.find(company, name) for name in ("영업본부", "영업1팀")]
    await departments.change(CLI, first.id, parent_id=above.id)
    other = await house.services.organization.companies.create(CLI, "무역")
    await house.services.organization.domains.add(CLI, "t.example", other.id)
    people["x"] = await house.person("x@t.example", department="영업1팀")
    return {name: Asker(await house.browser(one.login), one) for name, one in people.items()}


def organization(house: House) -> Scope:
    return Scope("organization", str(int(house.accounts["min@a.example"].organization_id)))


async def department(house: House, name: str) -> Scope:
    home = house.accounts["min@a.example"].organization_id
    found = await house.services.organization.departments.find(home, name)
    return Scope("department", f"{int(home)}:{found.code}")


async def say(house: House, place: Scope, title: str, since: int = -HOUR, until: int = HOUR, **more) -> str:
    """Publish one; times are from now on."""
    now = int(time.time() * 1000)
    wish = BulletinWish(place, BulletinText(title, "내용입니다"), now + since, now + until, **more)
    return f"{(await house.services.bulletins.desk.make(CLI, wish)).row.id:x}"


async def titles(ask) -> list[str]:
    return [one["title"] for one in (await ask("Bulletin/get", ids=None))["list"]]


async def test_everybody_sees_what_is_for_them_while_it_is_shown(house: House, team):
    await say(house, organization(house), "회사 공지", since=-2 * HOUR)
    await say(house, await department(house, "영업본부"), "본부 공지")
    await say(house, Scope("domain", "a.example"), "도메인 공지", since=-3 * HOUR)
    await say(house, organization(house), "끝난 공지", until=-1)
    await say(house, organization(house), "다음 공지", since=HOUR, until=2 * HOUR)
    assert await titles(team["min"]) == await titles(team["park"]) == ["본부 공지", "회사 공지", "도메인 공지"]
    assert await titles(team["no"]) == ["회사 공지", "도메인 공지"]
    assert await titles(team["x"]) == []
    one = (await team["min"]("Bulletin/get", ids=None))["list"][0]
    assert (one["placeName"], one["placeLevel"]) == ("영업본부", "department")
    assert (one["body"], one["readAt"]) == ("내용입니다", None)


async def test_a_group_has_bulletins_of_its_own(house: House, team):
    account = house.accounts["no@a.example"]
    group = await house.services.governing.new_group(CLI, account.organization_id, "안전 담당")
    await say(house, Scope("group", str(group.id)), "담당자 회의")
    assert await titles(team["no"]) == []
    await house.services.governing.set_member(CLI, group.id, account.id, member=True)
    assert await titles(team["no"]) == ["담당자 회의"]
    assert await titles(team["min"]) == []


async def test_what_a_reader_did_stays_and_is_their_own(house: House, team):
    number = await say(house, organization(house), "회사 공지", popup=True, must_read=True)
    before = (await team["min"]("Bulletin/get", ids=[number]))["state"]
    first = await team["min"]("Bulletin/set", update={number: {"isPopped": True, "isRead": True}})
    assert first["updated"] == {number: None}
    assert first["oldState"] == before != first["newState"]
    [one] = (await team["min"]("Bulletin/get", ids=[number]))["list"]
    assert (one["isPopped"], one["isClosed"], bool(one["readAt"])) == (True, False, True)
    [other] = (await team["no"]("Bulletin/get", ids=[number]))["list"]
    assert (other["isPopped"], other["readAt"]) == (False, None)
    # Again changes nothing, and nothing is taken back.
    again = await team["min"]("Bulletin/set", update={number: {"isRead": True}})
    assert again["oldState"] == again["newState"]
    for patch in ({"isRead": False}, {"title": "x"}, {"readAt": None}):
        refused = await team["min"]("Bulletin/set", update={number: patch})
        assert refused["notUpdated"][number]["type"] == "invalidProperties"


async def test_nobody_marks_what_is_not_for_them_and_nobody_makes_one_here(house: House, team):
    number = await say(house, await department(house, "영업본부"), "본부 공지")
    for name in ("no", "x"):
        assert (await team[name]("Bulletin/get", ids=[number]))["notFound"] == [number]
        answer = await team[name]("Bulletin/set", update={number: {"isRead": True}, "zz": {"isRead": True}})
        assert {one["type"] for one in answer["notUpdated"].values()} == {"notFound"}
    assert await house.store.bulletins.marks(int(number, 16)) == []
    answer = await team["min"]("Bulletin/set", create={"a": {"title": "x"}}, destroy=[number])
    assert answer["notCreated"]["a"]["type"] == answer["notDestroyed"][number]["type"] == "forbidden"


async def test_the_words_lie_sealed(house: House, team):
    number = await say(house, organization(house), "회사 공지")
    row = await house.store.bulletins.one(int(number, 16))
    assert "공지".encode() not in row.sealed
    assert "내용".encode() not in row.sealed


async def told(stream) -> dict[str, str]:
    event = await stream.next()
    [states] = json.loads(event.partition(b"data: ")[2])["changed"].values()
    return states


async def test_a_waiting_page_is_told_of_what_is_for_its_reader(house: House, team):
    ask = team["min"]
    stream = ask.browser.open("/jmap/events/?types=Bulletin&closeafter=no&ping=0", {})
    assert await stream.next() == b": open\n\n"
    # What is for others is not told: the next that comes is one's own.
    await say(house, await department(house, "지원실"), "지원실 공지")
    number = await say(house, organization(house), "회사 공지")
    assert await told(stream) == {"Bulletin": (await ask("Bulletin/get", ids=[]))["state"]}
    await ask("Bulletin/set", update={number: {"isRead": True}})
    assert await told(stream) == {"Bulletin": (await ask("Bulletin/get", ids=[]))["state"]}
    await house.services.bulletins.desk.end(CLI, int(number, 16))
    assert await told(stream) == {"Bulletin": "0"}
    stream.leave.set()
    await asyncio.wait_for(stream.task, 60)


async def test_a_page_knows_by_the_clock_when_one_begins(house: House, team):
    board, actor = house.services.bulletins.board, house.actor(house.accounts["min@a.example"])
    await say(house, organization(house), "다음 공지", since=60_000)
    state, due = await board.state(actor)
    assert state == "0"
    assert due <= time.time() * 1000 + 60_000
