"""The limits that the Core capability tells are those that hold (RFC 8620 §2, §3.6.1, §5.1, §5.3)."""

import asyncio

import pytest
from tests.jmap_server.jmap_house import USING, open_house

from smartmail.proto.jmap.limits import Limits

LIMITS = Limits(
    max_size_request=2_000,
    max_concurrent_requests=1,
    max_calls_in_request=3,
    max_objects_in_get=2,
    max_objects_in_set=2,
)


@pytest.fixture
async def small(tmp_path):
    async with open_house(tmp_path, limits=LIMITS) as house:
        await house.person("kim@a.example")
        yield await house.browser("kim@a.example")


async def refused(browser, request, status=400):
    reply = await browser.ask("POST", "/jmap/api/", request)
    assert reply.status == status, reply.body
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json["type"] == "urn:ietf:params:jmap:error:limit"
    return reply.json["limit"]


async def test_the_session_tells_them(small):
    told = (await small.ask("GET", "/jmap/session")).json["capabilities"]["urn:ietf:params:jmap:core"]
    assert told == LIMITS.capability()


async def test_size_and_number_of_calls(small):
    calls = [["Core/echo", {}, str(number)] for number in range(4)]
    assert await refused(small, {"using": USING, "methodCalls": calls}) == "maxCallsInRequest"
    assert await refused(small, {"using": USING, "methodCalls": [], "x": "y" * 2_000}) == "maxSizeRequest"
    assert len(await small.calls(*calls[:3])) == 3


async def test_objects_of_a_call(small):
    assert len((await small.call("Mailbox/get", ids=["m1", "m2"]))["list"]) == 2
    assert await small.error("Mailbox/get", ids=["m1", "m2", "m3"]) == "requestTooLarge"
    update = {name: {"isSubscribed": True} for name in ("m1", "m2", "m3")}
    assert await small.error("Mailbox/set", update=update) == "requestTooLarge"
    assert await small.error("Email/set", destroy=["e1", "e2"], update={"e3": {}}) == "requestTooLarge"
    assert await small.error("Email/import", emails={name: {} for name in "abc"}) == "requestTooLarge"


async def test_requests_at_once(small):
    """One request waits for its body; the next is told to come later, and goes through once the first is answered."""
    taken, go = asyncio.Event(), asyncio.Event()
    statuses = []

    async def receive():
        taken.set()
        await go.wait()
        return {"type": "http.request", "body": b'{"using":[],"methodCalls":[]}', "more_body": False}

    async def send(message):
        statuses.extend([message["status"]] if message["type"] == "http.response.start" else [])

    scope = small._scope("POST", "/jmap/api/", {"content-type": "application/json"})
    waiting = asyncio.create_task(small.app(scope, receive, send))
    await taken.wait()
    assert await refused(small, {"using": USING, "methodCalls": []}, 429) == "maxConcurrentRequests"
    go.set()
    await waiting
    assert statuses == [200]
    assert await small.calls(["Core/echo", {}]) == [["Core/echo", {}, "0"]]
