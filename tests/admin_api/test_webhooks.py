"""Webhooks: in order, signed, nothing missed however long a target is away."""

import json

from smartmail.formats import webhooks
from smartmail.ports.http import HttpAnswer, HttpFailed

HOUR = 3_600_000
URL = "https://events.test/hook"


async def add(client, **facts) -> dict:
    return await client.do("POST", "/webhooks", {"url": URL, **facts}, 201)


async def act(house, client, name: str) -> None:
    await client.do("POST", "/groups", {"name": name}, 201)
    await house.services.audit.chain()


def sent(house) -> list[dict]:
    return [json.loads(body) for _, url, _, body in house.web.asked if url == URL]


async def drain(house) -> None:
    while await house.services.admin_api.sender.turn():
        pass


async def test_events_are_sent_signed_with_ids_only(house, client):
    made = await add(client, types=["group"])
    await act(house, client, "비밀 모임")
    await drain(house)
    [(method, url, fields, body)] = house.web.asked
    assert (method, url, fields["content-type"]) == ("POST", URL, "application/json")
    now = house.clock.now() // 1000
    assert webhooks.is_genuine(made["secret"], fields, body, now)
    assert not webhooks.is_genuine(made["secret"], fields, body + b" ", now)
    assert not webhooks.is_genuine(made["secret"], {**fields, "webhook-id": "1-2"}, body, now)
    assert not webhooks.is_genuine(made["secret"], fields, body, now + webhooks.WINDOW_S + 5)
    assert not webhooks.is_genuine(webhooks.secret_text(b"x" * 32), fields, body, now)
    document = json.loads(body)
    assert document["type"] == "group.new"
    assert document["actor"] == f"account:{house.accounts['admin@a.example'].id}"
    assert set(document) == {"seq", "type", "at", "object", "actor"}
    assert "비밀" not in body.decode()
    assert fields["webhook-id"] == f"{house.accounts['admin@a.example'].organization_id}-{document['seq']}"
    shown = await client.get(f"/webhooks/{made['id']}")
    assert (shown["lastStatus"], "secret" in shown) == (201, False)


async def test_another_companys_events_are_not_sent(house, client):
    await add(client)
    other = await house.client("admin@b.example")
    await other.do("POST", "/groups", {"name": "x"}, 201)
    await house.services.audit.chain()
    await drain(house)
    assert all(one["type"] != "group.new" for one in sent(house))
    await act(house, client, "y")
    await drain(house)
    assert [one["type"] for one in sent(house)].count("group.new") == 1


async def test_a_target_away_for_a_day_misses_nothing_and_keeps_order(house, client):
    made = await add(client, types=["group"])
    house.web.answers = [HttpFailed("away")] * 1000
    for number in range(24):
        await act(house, client, f"group {number}")
        await drain(house)
        house.clock.go(HOUR)
        client = await house.client("admin@a.example")
    tries = len(house.web.asked)
    assert 20 <= tries <= 60, "it waits longer and longer, up to an hour"
    shown = await client.get(f"/webhooks/{made['id']}")
    assert (shown["state"], shown["lastStatus"]) == ("active", 0)
    assert shown["failingSince"] is not None
    house.web.answers, house.web.asked = [], []
    house.clock.go(HOUR)
    await drain(house)
    taken = sent(house)
    assert len(taken) == 24
    assert [one["seq"] for one in taken] == sorted({one["seq"] for one in taken})
    client = await house.client("admin@a.example")
    shown = await client.get(f"/webhooks/{made['id']}")
    assert (shown["attempts"], shown["failingSince"]) == (0, None)


async def test_a_target_that_refuses_gets_the_same_event_again(house, client):
    await add(client, types=["group"])
    house.web.answers = [HttpAnswer(500), HttpAnswer(302), HttpAnswer(204)]
    await act(house, client, "one")
    await act(house, client, "two")
    for _ in range(3):
        await drain(house)
        house.clock.go(HOUR)
    names = [fields["webhook-id"] for _, _, fields, _ in house.web.asked]
    assert len(names) == 4
    assert names[0] == names[1] == names[2] != names[3]


async def test_a_target_that_never_answers_is_stopped_and_goes_on_where_it_was(house, client):
    made = await add(client, types=["group"])
    house.web.answers = [HttpFailed("away")] * 1000
    await act(house, client, "one")
    for _ in range(15):
        await drain(house)
        house.clock.go(24 * HOUR)
    tries = len(house.web.asked)
    await drain(house)
    client = await house.client("admin@a.example")
    assert (await client.get(f"/webhooks/{made['id']}"))["state"] == "stopped"
    assert len(house.web.asked) == tries
    house.web.answers, house.web.asked = [], []
    await client.do("PATCH", f"/webhooks/{made['id']}", {"state": "active"})
    await drain(house)
    assert [one["type"] for one in sent(house)] == ["group.new"]


async def test_a_new_secret_signs_beside_the_old_one_for_a_while(house, client):
    made = await add(client, types=["group"])
    new = await client.do("POST", f"/webhooks/{made['id']}/secret", {"overlapHours": 2}, 200)
    assert new["secret"] != made["secret"]
    await act(house, client, "one")
    await drain(house)
    house.clock.go(2 * HOUR)
    await act(house, await house.client("admin@a.example"), "two")
    await drain(house)
    (_, _, first, early), (_, _, second, late) = house.web.asked
    then, now = house.clock.now() // 1000 - 7200, house.clock.now() // 1000
    assert webhooks.is_genuine(made["secret"], first, early, then)
    assert webhooks.is_genuine(new["secret"], first, early, then)
    assert not webhooks.is_genuine(made["secret"], second, late, now)
    assert webhooks.is_genuine(new["secret"], second, late, now)


async def test_events_are_sent_again_on_wish(house, client):
    made = await add(client, types=["group"])
    await act(house, client, "one")
    await drain(house)
    [first] = sent(house)
    await client.do("POST", f"/webhooks/{made['id']}/replay", {"after": 0})
    await drain(house)
    assert sent(house) == [first, first]
    assert (await client.ask("POST", f"/webhooks/{made['id']}/replay", {"after": 10**6})).status == 400


async def test_addresses_of_targets_are_sealed_and_checked(house, client):
    made = await add(client, label="결재 연동")
    row = await house.store.webhook(int(made["id"]))
    assert URL.encode() not in row.sealed
    assert made["secret"].encode() not in row.sealed
    for wrong in (
        "http://a.test/",
        "https://me:pw@a.test/",
        "https://",
        "https://a.test/#x",
        "https://a b.test/",
        "ftp://a.test",
    ):
        assert (await client.ask("POST", "/webhooks", {"url": wrong})).status == 400, wrong


async def test_a_paused_target_gets_nothing(house, client):
    made = await add(client, types=["group"])
    await client.do("PATCH", f"/webhooks/{made['id']}", {"state": "paused"})
    await act(house, client, "one")
    await drain(house)
    assert sent(house) == []
    await client.do("PATCH", f"/webhooks/{made['id']}", {"state": "active"})
    await drain(house)
    assert len(sent(house)) == 1
