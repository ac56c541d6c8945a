"""Looking for anything by a word: each finds what it may see, in any of five languages, and nobody finds more."""

import time

from tests.admin_api.test_foreign_ids import appoint
from tests.admin_api.test_people_and_records import hold_role

from smartmail.domain.policy import Scope
from smartmail.service.flow.directory import NewPerson


async def grown(house, people: int = 0) -> None:
    home = house.accounts["kim@a.example"].organization_id
    await house.services.provisioning.person(NewPerson("minji@a.example", "김민지", department="영업팀"), None)
    await house.services.provisioning.person(NewPerson("mj@b.example", "김민지"), None)
    await house.services.governing.new_group(house.admin(house.accounts["admin@a.example"]), home, "영업 관리자")


async def find(client, words: str, **headers: str):
    from urllib.parse import quote

    return await client.get(f"/search?find={quote(words)}", **headers)


async def test_people_are_found_by_name_initials_login_and_department(house, client):
    await grown(house)
    for words in ("김민지", "ㄱㅁㅈ", "minji", "영업팀 민지", "ｍｉｎｊｉ"):
        assert [one["address"] for one in (await find(client, words))["people"]] == ["minji@a.example"], words
    assert (await find(client, "김민수"))["people"] == []


async def test_a_person_is_found_by_any_address_of_theirs(house, client):
    kim = house.accounts["kim@a.example"]
    await client.do("POST", f"/accounts/{kim.id}/addresses", {"address": "boss@a.example"}, 201)
    assert [one["address"] for one in (await find(client, "Boss@a.example"))["people"]] == ["kim@a.example"]
    assert (await find(client, "kim@b.example"))["people"] == []


async def test_things_are_found_by_their_kind(house, client):
    await grown(house)
    await client.do("PUT", "/aliases/sales@a.example", {"targets": ["kim@a.example"]})
    await client.do("POST", "/lists", {"address": "all@a.example", "name": "All", "owners": ["kim@a.example"]}, 201)
    assert (await find(client, "a.exam"))["domains"] == ["a.example"]
    assert [one["name"] for one in (await find(client, "영업"))["groups"]] == ["영업 관리자"]
    assert {(one["kind"], one["address"]) for one in (await find(client, "a.example"))["addresses"]} == {
        ("alias", "sales@a.example"), ("list", "all@a.example"),
    }  # fmt: skip


async def test_settings_are_found_in_any_language(client):
    texts, titles = {}, {}
    for language in ("ko", "en", "ja", "zh-Hans", "zh-Hant"):
        knobs = (await client.get("/policy/knobs?limit=500", accept_language=language))["items"]
        found = next(one for one in knobs if one["name"] == "door.pop3")
        texts[language], titles[language] = found["help"], found["title"]
    assert len(set(texts.values())) == 5
    for text in (*texts.values(), titles["ko"], "door.pop3"):
        told = await find(client, text[:60], accept_language="ja")
        assert told["knobs"][0] == {"name": "door.pop3", "title": titles["ja"], "help": texts["ja"]}


async def test_a_network_address_is_known(client):
    assert (await find(client, "192.0.2.1"))["network"] == {"address": "192.0.2.1", "banned": None}
    assert (await find(client, "2001:DB8::1"))["network"]["address"] == "2001:db8::1"
    assert (await find(client, "192.0.2"))["network"] is None


async def test_nobody_finds_more_than_they_may_see(house, client):
    await grown(house)
    other = await house.client("admin@b.example")
    assert [one["address"] for one in (await find(other, "김민지"))["people"]] == ["mj@b.example"]
    assert (await find(other, "a.example"))["domains"] == []
    assert (await find(other, "영업"))["groups"] == []
    kim = await house.client("kim@a.example")
    told = await find(kim, "김민지")
    assert told == {"people": [], "domains": [], "groups": [], "addresses": [], "knobs": [], "network": None}
    assert (await find(kim, "192.0.2.1"))["network"]["banned"] is None
    assert (await client.ask("GET", "/search")).status == 400
    assert (await client.ask("GET", "/search?find=%20")).status == 400


async def test_who_administers_a_part_finds_its_people_behind_many_others(house, client):
    home = house.accounts["kim@a.example"].organization_id
    person = house.services.provisioning.person
    for number in range(45):
        await person(NewPerson(f"many{number:02}@a.example", f"나많음{number:02}"), None)
    few = await person(NewPerson("zfew@a.example", "나많음적음"), None)
    group = await house.services.governing.new_group(house.admin(house.accounts["admin@a.example"]), home, "한 부서")
    await house.services.governing.set_member(
        house.admin(house.accounts["admin@a.example"]), group.id, few.id, member=True
    )
    await appoint(house, house.accounts["kim@a.example"], "group", str(group.id))
    kim = await house.client("kim@a.example")
    assert [one["address"] for one in (await find(kim, "나많음"))["people"]] == ["zfew@a.example"]


async def test_an_answer_takes_no_time(house, client):
    await grown(house)
    await find(client, "김")
    began = time.perf_counter()
    for _ in range(20):
        await find(client, "ㄱㅁ")
    assert (time.perf_counter() - began) / 20 < 5.0  # some milliseconds where nothing else runs


async def test_a_role_that_masks_numbers_finds_nobody_by_one(house, client):
    kim = house.accounts["kim@a.example"]
    await client.do("PATCH", f"/accounts/{kim.id}/person", {"employeeNumber": "20260715"})
    assert [one["address"] for one in (await find(client, "202607"))["people"]] == ["kim@a.example"]
    role = await client.do(
        "POST", "/roles", {"name": "desk", "permissions": ["account.read"], "masks": ["employee-number"]}, 201
    )
    await hold_role(house, "lee@a.example", role["id"], Scope("organization", str(kim.organization_id)))
    desk = await house.client("lee@a.example")
    for words in ("202607", "20260715", "kim 20260715"):
        assert (await find(desk, words))["people"] == [], words
    assert [one["address"] for one in (await find(desk, "kim"))["people"]] == ["kim@a.example"]
