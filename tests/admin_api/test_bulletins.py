"""Bulletins by the admin API: published over a place, changed, ended; who has not read one, as a list and as a file."""

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
from tests.jmap_server.jmap_house import Browser

from smartmail.app.cli.acting import CLI
from smartmail.domain.errors import Unavailable
from smartmail.domain.policy import Scope
from smartmail.domain.principal import Actor


def times(since: float = -1, until: float = 24) -> dict[str, str]:
    now = datetime.now(UTC)
    return {
        "shownFrom": (now + timedelta(hours=since)).isoformat(), "shownUntil": (now + timedelta(hours=until)).isoformat(),
    }  # fmt: skip


def place_of(house) -> str:
    return f"organization:{house.accounts['admin@a.example'].organization_id}"


async def publish(house, client, **more):
    body = {"title": "서버 점검", "body": "토요일 02:00–04:00", "place": place_of(house), **times(), **more}
    return await client.do("POST", "/bulletins", body, 201)


def reading(house, login: str) -> Actor:
    return house.actor(house.accounts[login])


async def test_a_bulletin_from_its_publishing_to_its_end(house, client):
    made = await publish(house, client, mustRead=True)
    url = f"/bulletins/{made['id']}"
    assert (made["title"], made["shown"], made["pinned"], made["mustRead"]) == ("서버 점검", True, True, True)
    assert await client.get(url) == made
    later = await publish(house, client, title="다음 주", **times(100, 200))
    assert [one["title"] for one in (await client.get("/bulletins"))["items"]] == ["다음 주", "서버 점검"]
    assert not later["shown"]
    changed = await client.do("PATCH", url, {"title": "서버 점검 연기", "pinned": False})
    assert (changed["title"], changed["body"], changed["pinned"]) == ("서버 점검 연기", "토요일 02:00–04:00", False)
    board = house.services.bulletins.board
    assert [one.text.title for one in await board.mine(reading(house, "kim@a.example"))] == ["서버 점검 연기"]
    assert not (await client.do("POST", f"{url}/end"))["shown"]
    assert await board.mine(reading(house, "kim@a.example")) == []
    await client.do("DELETE", url, b"", 204)
    assert (await client.ask("GET", url)).status == 404


async def test_who_has_not_read_it_and_the_table_of_them_with_a_reason(house, client):
    made = await publish(house, client, mustRead=True)
    url, number = f"/bulletins/{made['id']}", int(made["id"])
    board = house.services.bulletins.board
    await board.mark(reading(house, "kim@a.example"), number, "read")
    every = {one["address"]: one["readAt"] for one in (await client.get(f"{url}/readers"))["items"]}
    assert every["kim@a.example"]
    assert every["admin@a.example"] is None
    assert not any(address.endswith("@b.example") for address in every)
    left = [one["address"] for one in (await client.get(f"{url}/readers?unread=true"))["items"]]
    assert "kim@a.example" not in left
    assert (await client.ask("POST", f"{url}/unread-export", {"reason": "짧음"})).status == 400
    reply = await client.ask("POST", f"{url}/unread-export", {"reason": "안전교육 미확인자 안내 메일"})
    assert reply.status == 200
    head, *rows = csv.reader(io.StringIO(reply.body.decode("utf-8-sig")))
    assert len(head) == 5
    assert [row[2] for row in rows] == left
    await house.services.audit.chain()
    records = await client.get("/audit-records?action=bulletin.")
    acts = [(one["action"], one["object"]) for one in records["items"]]
    assert ("bulletin.export", f"bulletin:{number:x} count:{len(left)}") in acts
    assert ("bulletin.make", f"bulletin:{number:x}") in acts
    # Everybody is asked again.
    await client.do("PATCH", url, {"body": "일요일로 바뀌었습니다", "showAgain": True})
    again = (await client.get(f"{url}/readers?unread=true"))["items"]
    assert "kim@a.example" in [one["address"] for one in again]


async def test_the_sign_in_page_says_what_was_published_for_it(house, client):
    async def said(query: str = "") -> list[tuple[str, str]]:
        answer = await Browser(house.app, host="mail.test").ask("GET", f"/appearance{query}")
        return [(one["title"], one["body"]) for one in answer.json["news"]]

    await publish(house, client, title="사내 소식")
    made = await publish(house, client, atSignIn=True)
    assert made["atSignIn"]
    await publish(house, client, title="다음 주", atSignIn=True, **times(100, 200))
    await publish(house, client, title="b에만", place="domain:a.example", body="", atSignIn=True, **times(-2))
    assert await said("?for=a.example") == [("서버 점검", "토요일 02:00–04:00"), ("b에만", "")]
    assert await said("?for=b.example") == await said("?for=nowhere.example") == []
    # A group is nothing that a visitor can be known to belong to.
    group = await client.do("POST", "/groups", {"name": "영업", "priority": 5}, 201)
    reply = await client.ask("PATCH", f"/bulletins/{made['id']}", {"place": f"group:{group['id']}"})
    assert reply.status == 400
    assert reply.json["reasons"] == ["bulletin.signin"]
    for number in range(3):
        await publish(house, client, title=f"{number}", atSignIn=True, **times(-0.5 + number / 10))
    assert [title for title, _ in await said("?for=a.example")] == ["2", "1", "0"]
    # While the store is away the page keeps the face of the company.
    real = house.services.bulletins.board.before_sign_in

    async def away(home, domain):
        raise Unavailable("away")

    house.services.bulletins.board.before_sign_in = away
    assert await said("?for=a.example") == []
    house.services.bulletins.board.before_sign_in = real
    await client.do("PATCH", f"/bulletins/{made['id']}", {"atSignIn": False})
    assert not (await client.get(f"/bulletins/{made['id']}"))["atSignIn"]


@pytest.mark.parametrize("wrong", [
    {"title": " "}, {"place": "account:1"}, {"place": "system"}, {"place": "nowhere:1"}, times(2, 1), times(0, 24 * 400),
    {"body": "a\x00b"}, {"body": "가" * 20_001},
])  # fmt: skip
async def test_what_is_no_bulletin_is_refused_and_said_why(house, client, wrong):
    body = {"title": "서버 점검", "place": place_of(house), **times(), **wrong}
    reply = await client.ask("POST", "/bulletins", body)
    assert reply.status in {400, 403, 404}
    assert (await client.get("/bulletins"))["items"] == []


async def test_another_company_is_as_if_it_were_not_there(house, client):
    other = await house.client("admin@b.example")
    made = await publish(house, client)
    url = f"/bulletins/{made['id']}"
    assert (await other.get("/bulletins"))["items"] == []
    for method, path, body in (
        ("GET", url, b""), ("PATCH", url, {"title": "x"}), ("POST", f"{url}/end", b""), ("DELETE", url, b""),
        ("GET", f"{url}/readers", b""), ("POST", f"{url}/unread-export", {"reason": "long enough a reason"}),
        ("POST", "/bulletins", {"title": "x", "place": place_of(house), **times()}),
        ("PATCH", f"/bulletins/{(await publish_at(house, other))['id']}", {"place": place_of(house)}),
    ):  # fmt: skip
        assert (await other.ask(method, path, body)).status == 404, (method, path)


async def publish_at(house, client):
    home = house.accounts["admin@b.example"].organization_id
    body = {"title": "b사", "place": f"organization:{home}", **times()}
    return await client.do("POST", "/bulletins", body, 201)


async def test_who_administers_a_group_speaks_to_that_group_and_to_nobody_else(house, client):
    home = house.accounts["kim@a.example"].organization_id
    group = await house.services.governing.new_group(CLI, home, "안전 담당")
    roles = house.services.roles
    role = await client.do(
        "POST", "/roles", {"name": "공지 담당", "permissions": ["bulletin.read", "bulletin.change"]}, 201
    )
    kim = house.accounts["kim@a.example"]
    await roles.appoint(CLI, kim.id, role["id"], Scope("group", str(group.id)))
    page = await house.client("kim@a.example")
    refused = await page.ask("POST", "/bulletins", {"title": "모두", "place": place_of(house), **times()})
    assert refused.status in {403, 404}
    made = await page.do("POST", "/bulletins", {"title": "담당자", "place": f"group:{group.id}", **times()}, 201)
    company = await publish(house, client)
    assert [one["id"] for one in (await page.get("/bulletins"))["items"]] == [made["id"]]
    assert (await page.ask("POST", f"/bulletins/{company['id']}/end", b"")).status == 404
    # Whoever is not in the group sees nothing of it, and cannot say that they read it.
    admin = reading(house, "admin@a.example")
    assert [one.text.title for one in await house.services.bulletins.board.mine(admin)] == ["서버 점검"]
    # The group goes: what was said to it is the company's to end.
    await house.services.governing.delete_group(CLI, group.id)
    ended = await client.do("POST", f"/bulletins/{made['id']}/end")
    assert not ended["shown"]
