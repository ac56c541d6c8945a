"""TraceEvent/query: people see what became of their own mail, in their language, and of nobody else's."""

import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.jmap_house import mail

from smartmail.service.flow.queue_work import Outcome
from smartmail.service.kernel.envelope import Result

OWN = "https://smartmail.example/jmap"


@pytest.fixture(autouse=True)
def _own_types(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


async def sent(house, browser, kim, to="far@away.example"):
    """Send a message to somebody elsewhere; return (its Email's id, the submission's queue entry)."""
    number = await house.deliver(kim, mail("견적서", From="kim@a.example", To=to), role="drafts", names=("$draft",))
    [identity] = (await browser.call("Identity/get"))["list"]
    answer = await browser.call(
        "EmailSubmission/set", create={"s": {"identityId": identity["id"], "emailId": f"e{number}"}}
    )
    assert answer["created"], answer
    return f"e{number}"


async def traced(house, browser, **arguments):
    await house.services.tracer.settle()
    return (await browser.call("TraceEvent/query", **arguments))["list"]


async def report(house, kind, result):
    [work] = await house.services.queue.lease("w", limit=1)
    await house.services.queue.report("w", work, [Outcome(row.number, kind, result) for row, _ in work.recipients])


async def test_a_sender_sees_that_the_other_server_took_it(house, browser, kim):
    name = await sent(house, browser, kim)
    [story] = await traced(house, browser, filter={"emailId": name})
    assert [one["kind"] for one in story["events"]] == ["accepted", "queued"]
    await report(house, "delivered", Result(250, "2.0.0", "Ok", "mx.away.example", tls="TLSv1.3"))
    [story] = await traced(house, browser, filter={"emailId": name})
    last = story["events"][-1]
    assert (last["kind"], last["host"], last["tls"]) == ("delivered", "mx.away.example", "TLSv1.3")
    assert last["text"] == "far@away.example: 상대 서버가 접수함 (mx.away.example)"
    assert (story["isOutgoing"], story["subject"], story["to"]) == (True, "견적서", ["far@away.example"])


async def test_a_refusal_is_explained(house, browser, kim):
    await sent(house, browser, kim)
    await report(house, "permanent", Result(550, "5.1.1", "No such user", "mx.away.example"))
    [story] = await traced(house, browser, filter={"text": "no such user", "to": "far@away.example"})
    last = story["events"][-1]
    assert (last["kind"], last["reply"]) == ("bounced", "550 5.1.1 No such user")
    assert "그런 주소가 없습니다" in last["meaning"]


async def test_what_is_not_there_or_not_mine_is_not_told(house, browser, kim):
    await sent(house, browser, kim)
    for wish in (
        {"emailId": "e999"},
        {"emailId": "x"},
        {"from": "lee@a.example"},
        {"text": "없는낱말"},
        {"before": "2020-01-01T00:00:00Z"},
    ):
        assert await traced(house, browser, filter=wish) == [], wish
    assert len(await traced(house, browser)) == 1
    assert (
        len(await traced(house, browser, filter={"after": "2020-01-01T00:00:00Z", "from": "KIM@a.example"}, limit=1))
        == 1
    )
    for after, before, count in (
        ("0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", 1),
        ("9999-12-31T23:59:59Z", None, 0),
    ):
        assert len(await traced(house, browser, filter={"after": after, "before": before})) == count
    await house.person("lee@a.example", jmap_house.PASSWORD)
    other = await house.browser("lee@a.example")
    assert (await other.call("TraceEvent/query"))["list"] == []
