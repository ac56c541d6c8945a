"""EventSource: what is told, when it ends."""

import asyncio
import json

import pytest
from tests.jmap_server.jmap_house import mail

from smartmail.edge.httpd import events
from smartmail.proto.jmap import push


def states(event, account):
    head, _, data = event.partition(b"data: ")
    return json.loads(data)["changed"][account]


async def opened(browser, query="types=*&closeafter=no&ping=0", **headers):
    stream = browser.open(f"/jmap/events/?{query}", headers)
    assert await stream.next() == b": open\n\n"
    assert stream.headers["content-type"] == "text/event-stream; charset=utf-8"
    return stream


async def left(stream):
    stream.leave.set()
    await asyncio.wait_for(stream.task, 60)


async def test_states_are_those_of_the_types(house, browser, kim):
    stream = await opened(browser)
    await house.deliver(kim, mail())
    told = states(await stream.next(), browser.account)
    assert told["Email"] == (await browser.call("Email/get", ids=[]))["state"]
    assert told["Mailbox"] == (await browser.call("Mailbox/get", ids=[]))["state"]
    await browser.call("Mailbox/set", create={"k": {"name": "x"}})
    assert set(states(await stream.next(), browser.account)) == {"Mailbox"}
    await browser.call("Identity/set", create={"k": {"email": "kim@a.example"}})
    assert set(states(await stream.next(), browser.account)) == {"Identity"}
    await left(stream)


async def test_only_wanted_types(house, browser, kim):
    stream = await opened(browser, "types=Identity,EmailSubmission&closeafter=state&ping=0")
    await house.deliver(kim, mail())
    await browser.call("Identity/set", create={"k": {"email": "kim@a.example"}})
    assert set(states(await stream.next(), browser.account)) == {"Identity"}
    assert await stream.next() is None
    await stream.task


async def test_pings_come_at_their_interval_however_rarely_the_server_looks(browser, monkeypatch):
    run = events._Stream.run
    monkeypatch.setattr(events._Stream, "run", lambda stream, poll_s: run(stream, 3600))
    monkeypatch.setattr(push, "PING_MIN_S", 1)
    stream = await opened(browser, "types=*&closeafter=no&ping=1")
    assert await stream.next() == b'event: ping\ndata: {"interval":1}\n\n'
    await left(stream)


async def test_a_lost_hint_costs_time_only(house, browser, kim):
    stream = await opened(browser)
    house.bus.deaf = True
    await house.deliver(kim, mail())
    assert "Email" in states(await stream.next(), browser.account)
    await left(stream)


async def test_who_comes_back_learns_what_it_missed(house, browser, kim):
    stream = await opened(browser)
    await house.deliver(kim, mail())
    event = await stream.next()
    seen = event.split(b"\n")[0].removeprefix(b"id: ").decode()
    await left(stream)
    stream = await opened(browser, **{"last-event-id": seen})
    await house.deliver(kim, mail("second"))
    assert set(states(await stream.next(), browser.account)) == {"Email", "EmailDelivery", "Mailbox", "Thread"}
    await left(stream)
    stream = await opened(browser, **{"last-event-id": seen})
    assert set(states(await stream.next(), browser.account)) >= {"Email", "Mailbox", "Identity"}
    await left(stream)


async def test_the_end_of_a_session_ends_its_streams(house, browser):
    stream = await opened(browser)
    await browser.ask("POST", "/auth/logout")
    assert await stream.next() is None
    await asyncio.wait_for(stream.task, 60)


async def test_a_closed_account_ends_its_streams(house, browser, kim):
    stream = await opened(browser)
    await house.store.update_account(kim.id, state="closed")
    assert await stream.next() is None


async def test_waiters_are_forgotten(house, browser, kim):
    stream = await opened(browser)
    assert house.services.hints._waiters
    await left(stream)
    assert not house.services.hints._waiters


@pytest.mark.parametrize("query", ["closeafter=never", "ping=-1", "ping=x", "closeafter=state&ping=9999999999"])
async def test_false_wishes(browser, query):
    assert (await browser.ask("GET", f"/jmap/events/?{query}")).status == 400


async def test_streams_are_counted(browser):
    streams = [await opened(browser) for _ in range(32)]
    assert (await browser.ask("GET", "/jmap/events/")).status == 429
    await left(streams.pop())
    streams.append(await opened(browser))
    for stream in streams:
        stream.leave.set()
    await asyncio.gather(*(stream.task for stream in streams))
