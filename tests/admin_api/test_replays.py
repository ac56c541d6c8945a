"""Requests that are cut off and come again, lists that grow while they are read, and every list in every language."""

import asyncio
import contextlib
import random

from tests.admin_api.admin_house import ROOT

from smartmail.edge.httpd.admin.table import OPERATIONS
from smartmail.service.operations.admin_jobs.answers import CLAIM_MS

WISHES = 25
LANGUAGES = ("ko", "en", "ja", "zh-Hans", "zh-Hant")


async def cut_off(client, name: str, key: str, turns: int) -> None:
    """Ask, and go away after some turns of the loop, wherever the server is then."""
    asking = asyncio.ensure_future(client.ask("POST", "/groups", {"name": name}, {"idempotency-key": key}))
    for _ in range(turns):
        if asking.done():
            break
        await asyncio.sleep(0)
    asking.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await asking


async def test_what_was_cut_off_is_never_done_twice(house, client):
    chance = random.Random(5)
    for number in range(WISHES):
        name, key = f"group {number}", f"key-{number}"
        for _ in range(chance.randrange(3)):
            await cut_off(client, name, key, chance.choice((1, 3, 10, 40, 200)))
        told = await client.ask("POST", "/groups", {"name": name}, {"idempotency-key": key})
        if told.status == 409 and told.json["code"] == "in_progress":
            # Nobody knows whether the first one still works, until its claim has ended.
            house.clock.go(CLAIM_MS + 1)
            told = await client.ask("POST", "/groups", {"name": name}, {"idempotency-key": key})
        # Cut off after the act and before its answer was kept: it is there, and that is said.
        assert told.status == 201 or told.json["code"] == "already_exists", told.body
        again = await client.ask("POST", "/groups", {"name": name}, {"idempotency-key": key})
        assert again.status == told.status
        if told.status == 201:
            assert again.body == told.body
    names = [one["name"] for one in (await client.get("/groups?limit=500"))["items"]]
    assert sorted(names) == sorted(f"group {number}" for number in range(WISHES))


async def test_a_list_that_changes_shows_what_stays_once(client):
    stays = [(await client.do("POST", "/groups", {"name": f"stays {number}"}, 201))["id"] for number in range(12)]
    goes = [(await client.do("POST", "/groups", {"name": f"goes {number}"}, 201))["id"] for number in range(6)]
    seen, after = [], ""
    while after is not None:
        page = await client.get(f"/groups?limit=4&after={after}")
        seen += [one["id"] for one in page["items"]]
        after = page["next"]
        await client.do("POST", "/groups", {"name": f"new {len(seen)}"}, 201)
        if goes:
            await client.do("DELETE", f"/groups/{goes.pop()}", b"", 204)
        if len(seen) > 60:  # new ones come behind for ever
            break
    assert len(seen) == len(set(seen))
    assert set(stays) <= set(seen)


async def test_errors_have_titles_in_every_language(client):
    asked = {"not_found": ("GET", "/accounts/999", b""), "invalid": ("GET", "/accounts?limit=0", b""),
             "forbidden": ("GET", "/bans", b""), "method_not_allowed": ("DELETE", "/accounts", b"")}  # fmt: skip
    for code, (method, url, body) in asked.items():
        titles = set()
        for language in LANGUAGES:
            reply = await client.ask(method, url, body, {"accept-language": language})
            assert (reply.json["code"], reply.headers["content-language"]) == (code, language)
            assert reply.headers["content-type"].startswith("application/problem+json")
            titles.add(reply.json["title"])
        assert len(titles) == len(LANGUAGES), (code, titles)


async def test_everything_wants_a_proof(house):
    from tests.admin_api.admin_house import Client

    nobody = Client(house.app)
    for one in OPERATIONS:
        if one.public:
            continue
        path = one.path
        for place in one.places:
            path = path.replace(f"{{{place}}}", "1")
        reply = await nobody.ask(one.method, f"{ROOT}{path}", {} if one.body is not None else b"")
        assert reply.status == 401, (one.name, reply.status, reply.body)


async def test_every_list_answers_its_administrator(client):
    """None of them fails in an empty company."""
    for one in OPERATIONS:
        if one.method != "GET" or one.places or one.stream or one.public:
            continue
        reply = await client.ask("GET", one.path)
        assert reply.status in {200, 400, 403, 404}, (one.name, reply.status, reply.body)
