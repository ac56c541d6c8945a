"""What an account may ask over HTTP in a minute, and how it hears of it (429, RFC 8620 §3.6.1)."""

import asyncio

import pytest
from tests.jmap_server.test_jmap_sockets import connected

from smartmail.domain.account import Account
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.protection.defence import accounts

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))


@pytest.fixture(autouse=True)
def strangers(monkeypatch):
    """Everybody here comes from this machine, which is not counted otherwise."""
    monkeypatch.setattr(accounts, "place_of", lambda host: host)


async def bound(house, kim: Account, knob: str, value: int) -> None:
    await house.services.governing.set_knob(CLI, PolicyRule(knob, Scope("account", str(kim.id)), value))
    house.services.defence.accounts._bounds.clear()


async def test_calls_beyond_the_minute_are_refused_with_the_time_to_wait(house, kim, browser):
    await bound(house, kim, "commands.per-minute", 60)
    request = {"using": ["urn:ietf:params:jmap:core"], "methodCalls": [["Core/echo", {}, str(n)] for n in range(10)]}
    answers = [await browser.ask("POST", "/jmap/api/", request) for _ in range(7)]
    assert all(one.status == 200 for one in answers[:6])
    refused = await browser.ask("POST", "/jmap/api/", request)
    assert refused.status == 429
    assert refused.json["title"] == "rate_limited"
    assert 1 <= int(refused.headers["retry-after"]) <= 60
    upload = await browser.ask("POST", f"/jmap/upload/{browser.account}/", b"octets")
    assert upload.status == 429
    other = await house.browser("choi@a.example")
    assert (await other.ask("POST", "/jmap/api/", request)).status == 200


async def test_what_is_uploaded_counts_as_written(house, kim, browser):
    await bound(house, kim, "octets.written-per-hour", 1 << 20)
    statuses = [
        (await browser.ask("POST", f"/jmap/upload/{browser.account}/", b"x" * 600_000)).status for _ in range(3)
    ]
    assert statuses == [201, 201, 429]


async def test_a_socket_hears_it_as_an_error_of_its_request(house, kim, browser):
    from tests.jmap_server.test_jmap_real_http import served

    await bound(house, kim, "commands.per-minute", 60)
    token = f"Bearer {browser.cookie.partition('=')[2]}"
    async with served(house.app) as port, connected(port, authorization=token) as (socket, _opened):
        answers = [await socket.call(*[["Core/echo", {}, str(n)] for n in range(10)], id=f"R{at}") for at in range(9)]
    assert answers[0]["@type"] == "Response"
    assert (answers[-1]["@type"], answers[-1]["status"], answers[-1]["requestId"]) == ("RequestError", 429, "R8")


async def test_streams_of_an_account_are_bounded_and_their_places_come_back(house, kim, browser):
    await bound(house, kim, "connections.per-account", 4)
    streams = [browser.open("/jmap/events/") for _ in range(4)]
    for stream in streams:
        assert await stream.next() is not None
    refused = await browser.ask("GET", "/jmap/events/")
    assert refused.status == 429
    assert refused.headers["retry-after"] == "30"
    counted = house.services.defence.accounts.connections
    assert sum(counted.here.values()) == 4
    for stream in streams:
        stream.leave.set()
    async with asyncio.timeout(60):
        while counted.here:
            await asyncio.sleep(0.01)
