"""What an owner's pages are told when their account is stopped from sending, and /auth/sending."""

import asyncio

import pytest
from tests.jmap_server.jmap_house import HOST, PASSWORD, Browser

LOGIN = "kim@a.example"


@pytest.fixture
async def page(house, kim):
    await house.services.auth.set_password(kim.id, PASSWORD)
    yield Browser(house.app, host=HOST, account=f"a{kim.id}")
    await house.services.auth.settle()


async def stopped(page, kim) -> object:
    session = (await page.ask("GET", "/jmap/session")).json
    own = session["accounts"][f"a{kim.id}"]["accountCapabilities"]
    return next((one["sendingStopped"] for one in own.values() if "sendingStopped" in one), None)


async def test_pages_that_are_open_hear_of_a_stop_and_of_its_end(house, page, kim):
    await page.ask("POST", "/auth/login", {"address": LOGIN, "password": PASSWORD})
    assert await stopped(page, kim) is None
    sending = house.services.defence.parts.sending
    stream = page.open("/jmap/events/?types=*&closeafter=no&ping=0", {})
    assert await stream.next() == b": open\n\n"
    assert await sending.stop(kim.id, "stolen", {"sameness": 47}, "system")
    while b'"Session"' not in await stream.next():
        pass
    assert await stopped(page, kim) is True
    told = await page.ask("GET", "/auth/sending", headers={"accept-language": "ko"})
    assert told.json["stop"]["signs"] == ["같은 내용 47회"]
    assert told.json["stop"]["obstacle"] == "factor"
    refused = await page.ask("POST", "/auth/sending/release", {})
    assert refused.status == 403
    actor = await house.services.auth.login(LOGIN, PASSWORD, house.actor(kim).origin)
    await sending.resume(actor, kim.id)
    while b'"Session"' not in await stream.next():
        pass
    assert await stopped(page, kim) is None
    assert (await page.ask("GET", "/auth/sending")).json == {"stop": None}
    assert (await page.ask("POST", "/auth/sending/release", {})).status == 404
    stream.leave.set()
    await asyncio.wait_for(stream.task, 60)
