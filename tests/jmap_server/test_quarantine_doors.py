"""Quarantine over HTTP: links of digests (looking does nothing, posting does it once), QuarantineItem, SenderRule."""

import pytest
from tests.flows.held import held, judged, letter, put
from tests.jmap_server.jmap_house import USING, Browser

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.quarantine.links import LIFETIME_DAYS, PATH
from smartmail.service.protection.filtering.lists import own_place

OWN = "https://smartmail.example/jmap"
CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
KOREAN = {"accept-language": "ko-KR,en;q=0.5"}


@pytest.fixture
async def quarantine(house):
    """A house where two people have something in quarantine."""
    judged(house)
    for login in ("kim@a.example", "lee@a.example"):
        if login not in house.accounts:
            await house.person(login)
    await put(house, letter("spam <i>당첨</i>"), "kim@a.example", "lee@a.example")
    return house


async def link(house, act, login="kim@a.example"):
    rows = await house.services.quarantine.own_rows(house.accounts[login].id)
    return PATH + await house.services.quarantine_links.make(rows[0], act)


async def states(house):
    return {row.state for _entry, rows in await house.store.queue_entries(10) for row in rows}


async def test_a_scanner_that_looks_three_times_lets_nothing_out(quarantine):
    house, browser = quarantine, Browser(quarantine.app, page=False)
    where = await link(house, "release")
    for method in ("GET", "GET", "HEAD", "GET"):
        asked = await browser.ask(method, where, headers=KOREAN)
        assert asked.status == 200
    text = asked.body.decode()
    assert "받은메일함으로 받을까요" in text and "&lt;i&gt;당첨" in text and "<i>" not in text
    assert len(await held(house, "kim@a.example")) == 1
    assert await states(house) == {"held"}


async def test_posting_lets_it_out_once_for_one_person(quarantine):
    house, browser = quarantine, Browser(quarantine.app, page=False)
    where = await link(house, "allow")
    done = await browser.ask("POST", where, b"", headers=KOREAN)
    assert (done.status, "허용했습니다" in done.body.decode()) == (200, True)
    assert await held(house, "kim@a.example") == []
    assert len(await held(house, "lee@a.example")) == 1
    [rule] = await house.services.sender_lists.rules(own_place(house.accounts["kim@a.example"].id))
    assert (rule.subject, rule.row.act) == ("deal@outside.test", "allow")
    for method in ("POST", "GET"):
        again = await browser.ask(method, where, headers=KOREAN)
        assert again.status == 404


async def test_a_link_does_its_one_act(quarantine):
    house, browser = quarantine, Browser(quarantine.app, page=False)
    assert (await browser.ask("POST", await link(house, "delete"))).status == 200
    assert await held(house, "kim@a.example") == []
    assert await states(house) == {"held", "cancelled"}


async def test_a_changed_or_old_link_does_nothing(quarantine):
    house, browser = quarantine, Browser(quarantine.app, page=False)
    where = await link(house, "delete")
    token = where.removeprefix(PATH)
    for place in range(0, len(token), 5):
        other = token[:place] + ("B" if token[place] != "B" else "C") + token[place + 1 :]
        assert (await browser.ask("POST", PATH + other)).status == 404
    for bad in ("", "A", "A" * 4000, token + "=", token + "A", "é", "%00"):
        assert (await browser.ask("POST", PATH + bad)).status == 404
    now = house.services.quarantine_links._clock.now

    class Later:
        def now(self):
            return now() + LIFETIME_DAYS * 86_400_000 + 1

    house.services.quarantine_links._clock = Later()
    assert (await browser.ask("POST", where)).status == 404
    assert len(await held(house, "kim@a.example")) == 1


@pytest.mark.parametrize("word", ["malware", "phishing"])
async def test_no_link_lets_out_what_is_dangerous(quarantine, word):
    house, browser = quarantine, Browser(quarantine.app, page=False)
    await put(house, letter(f"{word} y"))
    where = await link(house, "release")
    assert (await browser.ask("GET", where)).status == 403
    assert (await browser.ask("POST", where)).status == 403
    assert len(await held(house, "kim@a.example")) == 2


async def test_policy_may_want_no_links(quarantine):
    house, browser = quarantine, Browser(quarantine.app, page=False)
    where = await link(house, "release")
    await house.services.governing.set_knob(CLI, PolicyRule("quarantine.links", Scope("system"), False))
    assert (await browser.ask("POST", where)).status == 403
    assert len(await held(house, "kim@a.example")) == 1


@pytest.fixture
async def kim(quarantine, monkeypatch):
    monkeypatch.setattr("tests.jmap_server.jmap_house.USING", [*USING, OWN])
    return await quarantine.browser("kim@a.example")


async def test_items_are_listed_with_their_reasons(quarantine, kim):
    await put(quarantine, letter("malware 2"))
    [got] = [await kim.call("QuarantineItem/get")]
    assert [one["subject"] for one in got["list"]] == ["malware 2", "spam <i>당첨</i>"]
    spam = got["list"][1]
    assert spam["from"] == [{"email": "deal@outside.test", "name": "보낸이"}]
    assert (spam["nature"], spam["mayRelease"], spam["to"], spam["virus"]) == ("spam", True, "kim@a.example", None)
    assert spam["reasons"][0]["rule"] == "learned" and "도박" in spam["reasons"][0]["text"]
    assert (got["list"][0]["mayRelease"], got["list"][0]["virus"]) == (False, "Eicar")
    asked = await kim.call("QuarantineItem/query", calculateTotal=True)
    assert asked["ids"] == [one["id"] for one in got["list"]] and asked["total"] == 2
    turned = await kim.call("QuarantineItem/query", sort=[{"property": "receivedAt"}], limit=1)
    assert turned["ids"] == [spam["id"]]
    some = await kim.call("QuarantineItem/get", ids=[spam["id"], "q1-0", "nonsense", "qé"], properties=["subject"])
    assert some["list"] == [{"id": spam["id"], "subject": "spam <i>당첨</i>"}]
    assert some["notFound"] == ["q1-0", "nonsense", "qé"]


async def test_items_are_let_out_and_thrown_away(quarantine, kim):
    await put(quarantine, letter("malware 2"))
    await put(quarantine, letter("spam 3"))
    spam3, malware, spam = (await kim.call("QuarantineItem/query"))["ids"]
    before = (await kim.call("QuarantineItem/query"))["queryState"]
    done = await kim.call(
        "QuarantineItem/set",
        update={
            spam: {"isReleased": True, "learn": True, "allowSender": True}, malware: {"isReleased": True},
            spam3: {"subject": "x"}, "q5-0": {"isReleased": True},
        },
        create={"a": {}},
    )  # fmt: skip
    assert done["updated"] == {spam: None}
    assert done["notUpdated"][malware]["type"] == "forbidden"
    assert done["notUpdated"][spam3]["type"] == "invalidProperties"
    assert done["notUpdated"]["q5-0"]["type"] == "notFound"
    assert done["notCreated"]["a"]["type"] == "forbidden"
    assert (done["oldState"], done["newState"] != before) == (before, True)
    assert await kim.error("QuarantineItem/set", ifInState=before, destroy=[spam3]) == "stateMismatch"
    gone = await kim.call("QuarantineItem/set", destroy=[spam3, malware, spam])
    assert gone["destroyed"] == [spam3, malware]
    assert gone["notDestroyed"][spam]["type"] == "notFound"
    assert (await kim.call("SenderRule/get"))["list"][0]["subject"] == "deal@outside.test"


async def test_nobody_sees_or_touches_anothers(quarantine, kim):
    lee = await quarantine.browser("lee@a.example")
    [theirs] = (await lee.call("QuarantineItem/query"))["ids"]
    assert (await kim.call("QuarantineItem/get", ids=[theirs]))["notFound"] == [theirs]
    done = await kim.call("QuarantineItem/set", update={theirs: {"isReleased": True}}, destroy=["q0-0"])
    assert done["notUpdated"][theirs]["type"] == "notFound"
    assert await held(quarantine, "lee@a.example") == [theirs[1:]]
    lee_account = f"a{quarantine.accounts['lee@a.example'].id}"
    assert await kim.error("QuarantineItem/get", accountId=lee_account) == "accountNotFound"


async def test_rules_of_ones_own(quarantine, kim):
    made = await kim.call(
        "SenderRule/set",
        create={
            "a": {"action": "block", "subject": "Shop@Outside.Test"}, "b": {"action": "allow", "subject": "*.partner.test"},
            "c": {"action": "block", "subject": "192.0.2.0/24"}, "d": {"action": "block", "subject": "cn"},
            "e": {"action": "block", "subject": "not an address@x"}, "f": {"action": "maybe", "subject": "x.test"},
            "g": {"action": "block", "subject": "10.0.0.0/2"},
            "h": {"action": "allow", "subject": "old.test", "expiresAt": "2001-01-01T00:00:00Z"},
        },
    )  # fmt: skip
    assert {key: made["created"][key]["kind"] for key in made["created"]} == {
        "a": "address", "b": "domain", "c": "network", "d": "country",
    }  # fmt: skip
    assert {made["notCreated"][key]["type"] for key in "efgh"} == {"invalidProperties"}
    got = await kim.call("SenderRule/get")
    assert {(one["action"], one["subject"]) for one in got["list"]} == {
        ("block", "shop@outside.test"), ("allow", "partner.test"), ("block", "192.0.2.0/24"), ("block", "CN"),
    }  # fmt: skip
    number = made["created"]["a"]["id"]
    # The newer word about a sender holds.
    again = await kim.call("SenderRule/set", create={"z": {"action": "allow", "subject": "shop@outside.test"}})
    assert again["created"]["z"]["id"] == number
    gone = await kim.call("SenderRule/set", destroy=[number, "v999"], update={number: {"action": "block"}})
    assert gone["destroyed"] == [number]
    assert gone["notDestroyed"]["v999"]["type"] == "notFound"
    assert len((await kim.call("SenderRule/get"))["list"]) == 3
