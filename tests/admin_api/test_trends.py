"""Figures: what is counted is shown to who may see it, now and over time; what nobody measured is said to be unknown."""

import asyncio
import json

import pytest
from tests.flows.queue_house import enqueue

from smartmail.domain.account import LoginAttempt
from smartmail.domain.trace import Event, Facts
from smartmail.domain.trends import Trend

SCOPED = ("mail.in", "verdict", "login.failed", "queue.waiting")


def lines(told: dict) -> dict[tuple[str, str], list]:
    return {(one["name"], one["label"]): one["values"] for one in told["lines"]}


async def count(house) -> None:
    """Two mails come in, one of them refused; one log-in goes wrong."""
    trends = house.services.trends
    kim = house.accounts["kim@a.example"]
    tracer = house.services.tracer
    facts = Facts("x@far.example", ("kim@a.example",), door="smtp")
    new_id = house.clock.new_id
    tracer.begin(
        kim.organization_id, new_id(), facts, [Event("accepted"), Event("checked", act="junk"), Event("delivered")]
    )
    tracer.begin(kim.organization_id, new_id(), facts, [Event("checked", act="reject"), Event("rejected")])
    trends.counter.knocked(
        LoginAttempt(house.clock.now(), kim.id, None, "web", "192.0.2.1", "wrong_secret", country="KR")
    )
    assert await trends.counter.flush()


async def test_what_happened_is_counted(house, client):
    await count(house)
    await house.services.trends.measures.measure()
    found = lines(await client.get("/trends?range=1h"))
    assert {key: values[-1] for key, values in found.items() if key[0] in SCOPED} == {
        ("mail.in", ""): 1, ("verdict", "junk"): 1, ("verdict", "refused"): 1, ("login.failed", "KR"): 1,
    }  # fmt: skip
    assert found["mail.delivered", ""][-1] == 1
    live = await client.get("/trends/now")
    assert {"name": "mail.in", "label": "", "value": 1} in live["minute"] + live["lastMinute"]


async def test_each_company_sees_its_own(house, client):
    await count(house)
    await enqueue(house, "kim@a.example", ["x@far.example"])
    await house.services.trends.measures.measure()
    other = await house.client("admin@b.example")
    theirs = lines(await other.get("/trends?range=1h&of=company"))
    assert not {key[0] for key, values in theirs.items() if any(values)} & set(SCOPED)
    assert (await other.get("/trends/now"))["waiting"] == 0
    assert (await client.get("/trends/now"))["waiting"] == 1
    # Two companies are here: neither sees the whole.
    assert (await client.ask("GET", "/trends?of=installation")).status == 403
    assert (await client.get("/trends/machines")) == {"volumes": [], "processes": []}
    kim = await house.client("kim@a.example")
    assert (await kim.ask("GET", "/trends")).status == 403


async def test_what_nobody_measured_is_unknown_and_not_zero(house, client):
    trends = house.services.trends
    await trends.measures.measure()
    house.clock.go(10 * 60_000)
    await count(house)
    await trends.measures.measure()
    told = await client.get("/trends?range=1h")
    values = lines(told)["mail.in", ""]
    assert (len(values), values[-1], values[-11]) == (60, 1, 0)
    assert values[-10:-1] == [None] * 9
    assert told["unseen"] == 58


async def test_days_come_from_hours_and_the_last_one_from_minutes(house, client):
    trends, home = house.services.trends, house.accounts["kim@a.example"].organization_id
    minute = house.clock.now() // 60_000
    await house.store.add_trends(
        [Trend("mail.in", home, "", minute - 24 * 60 - n, 1, 1, 1) for n in range(30)]
        + [Trend("mail.in", home, "", minute, 5, 5, 1)]
    )
    await trends.measures.fold()
    for wanted, points in (("7d", 168), ("30d", 240), ("90d", 360), ("1d", 288), ("2d", 288), ("6h", 360)):
        told = await client.get(f"/trends?range={wanted}&names=mail.in")
        [values] = lines(told).values()
        assert len(values) == points
        assert sum(one or 0 for one in values) == (35 if wanted not in {"1d", "6h"} else 5), wanted
        assert values[-1] == 5 if wanted != "30d" else values[-1] >= 5


async def test_minutes_are_forgotten_after_two_days_and_hours_after_ninety(house, client):
    await count(house)
    measures = house.services.trends.measures
    house.clock.go(3_600_000)
    assert await measures.fold() == 1
    house.clock.go(3 * 86_400_000)
    await measures.fold()
    now = house.clock.now()
    assert await house.store.trends("minute", ["mail.in"], None, 0, now // 60_000) == []
    client = await house.client("admin@a.example")  # sessions do not last for days
    assert sum(one or 0 for one in lines(await client.get("/trends?range=7d"))["mail.in", ""]) == 1
    house.clock.go(91 * 86_400_000)
    await measures.fold()
    assert await house.store.newest_hour() is None


async def test_numbers_wait_while_the_store_is_away(house, client, monkeypatch):
    from smartmail.domain.errors import Unavailable

    async def away(_figures):
        raise Unavailable

    counter = house.services.trends.counter
    with monkeypatch.context() as patched:
        patched.setattr(house.store, "add_trends", away)
        counter.count("mail.in", house.accounts["kim@a.example"].organization_id)
        assert not await counter.flush()
    counter.count("mail.in", house.accounts["kim@a.example"].organization_id)
    assert await counter.flush()
    live = await client.get("/trends/now")
    assert sum(one["value"] for one in live["minute"] + live["lastMinute"] if one["name"] == "mail.in") == 2


async def test_a_change_is_told_to_a_stream(house, client):
    stream = client.open("/admin/v1/trends/events")
    assert await stream.next(20) == b": open\n\n"
    assert told(await stream.next(20))["waiting"] == 0
    await enqueue(house, "kim@a.example", ["x@far.example"])
    await count(house)
    began = asyncio.get_running_loop().time()
    while True:
        live = told(await stream.next(20))
        if live["waiting"] == 1 and any(one["name"] == "mail.in" for one in live["minute"] + live["lastMinute"]):
            break
    assert asyncio.get_running_loop().time() - began < 10  # two seconds where nothing else runs
    stream.leave.set()
    await stream.task


def told(piece: bytes | None) -> dict:
    assert piece is not None and piece.startswith(b"event: trends\ndata: ")
    return json.loads(piece.partition(b"data: ")[2])


async def test_a_stream_ends_with_its_session(house, client):
    stream = client.open("/admin/v1/trends/events")
    await stream.next(20)
    await client.do("DELETE", "/session", b"", 204)
    while await stream.next(20) is not None:
        pass
    await stream.task


@pytest.mark.parametrize("query", ["range=2y", "of=others", "range=1h&more=1"])
async def test_what_is_not_known_is_refused(client, query):
    assert (await client.ask("GET", f"/trends?{query}")).status == 400
