"""Whom a person writes as, and by which clocks their colleagues live: what a composer asks of the server."""

import pytest
from tests.jmap_server.jmap_house import USING, mail

OWN = [*USING, "https://smartmail.example/jmap", "urn:ietf:params:jmap:principals"]


async def ask(browser, name, **arguments):
    calls = [[name, {"accountId": browser.account, **arguments}, "0"]]
    reply = await browser.ask("POST", "/jmap/api/", {"using": OWN, "methodCalls": calls})
    [[_, answer, _]] = reply.json["methodResponses"]
    return answer


@pytest.fixture
async def alias(house, kim):
    await house.store.add_address("sales@a.example", kim.id)
    return "sales@a.example"


async def identities(browser):
    return {one["email"]: one for one in (await browser.call("Identity/get", ids=None))["list"]}


async def test_a_further_address_can_be_written_from_at_once(house, browser, kim, alias):
    found = await identities(browser)
    assert list(found) == ["kim@a.example", alias]
    assert (found[alias]["name"], found[alias]["mayDelete"]) == (found["kim@a.example"]["name"], False)
    assert found == await identities(browser)
    number = await house.deliver(kim, mail("out", From=f"Kim <{alias}>", To="x@b.example"), role="drafts")
    create = {"s": {"identityId": found[alias]["id"], "emailId": f"e{number}"}}
    made = await browser.call("EmailSubmission/set", create=create)
    assert made["notCreated"] is None, made
    [work] = await house.services.queue.lease("w", limit=9)
    assert work.envelope.reverse_path == alias


async def test_it_is_not_changed_but_made_anew(browser, alias):
    number = (await identities(browser))[alias]["id"]
    changed = await browser.call("Identity/set", update={number: {"name": "영업"}})
    assert changed["notUpdated"][number]["type"] == "forbidden"
    refused = await browser.call("Identity/set", destroy=[number])
    assert refused["notDestroyed"][number]["type"] == "forbidden"
    made = await browser.call("Identity/set", create={"k": {"email": alias, "name": "영업"}})
    own = made["created"]["k"]["id"]
    found = await identities(browser)
    assert list(found) == ["kim@a.example", alias]
    assert (found[alias]["id"], found[alias]["name"]) == (own, "영업")


async def test_an_address_of_somebody_else_is_none_of_theirs(house, browser, alias):
    await house.person("lee@a.example")
    theirs = await house.browser("lee@a.example")
    assert list(await identities(theirs)) == ["lee@a.example"]


async def test_the_clock_that_a_colleague_chose_is_told_in_the_company_only(house, browser, kim):
    lee = await house.person("lee@a.example")
    theirs = await house.browser("lee@a.example")
    person = f"u{lee.id}"
    [before] = (await ask(browser, "Principal/get", ids=[person], properties=["timeZone"]))["list"]
    assert before["timeZone"] is None
    change = {"update": {"singleton": {"values/timeZone": "America/New_York", "values/undoSeconds": 20}}}
    answer = await ask(theirs, "UserPreferences/set", **change)
    assert answer.get("notUpdated") is None, answer
    [after] = (await ask(browser, "Principal/get", ids=[person], properties=["timeZone", "email"]))["list"]
    assert (after["timeZone"], after["email"]) == ("America/New_York", "lee@a.example")
    # In a list of everybody nobody's account is opened for it.
    every = (await ask(browser, "Principal/get", ids=None, properties=["timeZone"]))["list"]
    assert {one["timeZone"] for one in every} == {None}
    other = await house.services.provisioning.organization("other")
    await house.services.directory.add_domain("c.example", other)
    await house.person("kang@c.example")
    stranger = await house.browser("kang@c.example")
    assert (await ask(stranger, "Principal/get", ids=[person], properties=["timeZone"]))["list"] == []
