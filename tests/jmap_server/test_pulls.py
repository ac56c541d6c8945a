"""MailPull over JMAP: nobody's but one's own, no password out, refusals that name what to change."""

import pytest
from tests.jmap_server import jmap_house

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

OWN = "https://smartmail.example/jmap"
WISH = {"host": "imap.example.com", "login": "me@example.com", "password": "their secret"}


@pytest.fixture(autouse=True)
def _own_types(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


async def rule(house, knob: str, value: object) -> None:
    cli = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
    await house.services.governing.set_knob(cli, PolicyRule(knob, Scope("system"), value))


async def add(browser, **wish):
    answer = await browser.call("MailPull/set", create={"p": {**WISH, **wish}})
    assert answer["notCreated"] is None, answer
    return answer["created"]["p"]


async def refused(browser, **wish):
    answer = await browser.call("MailPull/set", create={"p": {**WISH, **wish}})
    return answer["notCreated"]["p"]


async def test_one_is_added_shown_changed_and_taken_away(house, browser, kim):
    box = (await house.services.mailboxes.by_role(house.actor(kim), kim.id, "archive")).row.id
    made = await add(browser, protocol="pop3", security="starttls", mailboxId=f"m{box}", since="2026-01-01T00:00:00Z")
    assert (made["port"], made["state"], made["name"]) == (110, "waiting", "me@example.com")
    answer = await browser.call("MailPull/get", ids=None)
    [one] = answer["list"]
    assert "password" not in one and "their secret" not in str(answer)
    assert (one["mailboxId"], one["since"], one["deleteOriginal"]) == (f"m{box}", "2026-01-01T00:00:00Z", False)
    assert (await browser.call("MailPull/changes", sinceState=answer["state"]))["updated"] == []
    patch = {"name": "예전 메일", "isEnabled": False, "deleteOriginal": True}
    done = await browser.call("MailPull/set", ifInState=answer["state"], update={one["id"]: patch})
    assert done["notUpdated"] is None, done
    assert await browser.error("MailPull/changes", sinceState=answer["state"]) == "cannotCalculateChanges"
    [one] = (await browser.call("MailPull/get", ids=[one["id"]]))["list"]
    assert (one["name"], one["state"], one["deleteOriginal"]) == ("예전 메일", "off", True)
    moved = await browser.call("MailPull/set", update={one["id"]: {"host": "other.example.com"}})
    assert moved["notUpdated"][one["id"]]["properties"] == ["password"]
    gone = await browser.call("MailPull/set", destroy=[one["id"]])
    assert gone["destroyed"] == [one["id"]]
    assert (await browser.call("MailPull/get", ids=None))["list"] == []


async def test_what_cannot_be_says_which_property(house, browser):
    for bad, named in (({"host": "no host"}, "host"), ({"login": "a\nb"}, "login"), ({"tagId": "k99"}, "tagId"),
                       ({"mailboxId": "m999"}, "mailboxId"), ({"port": 70_000}, "port"),
                       ({"protocol": "ftp"}, "protocol"), ({"colour": "red"}, "colour")):  # fmt: skip
        error = await refused(browser, **bad)
        assert (error["type"], error["properties"]) == ("invalidProperties", [named]), bad
    assert (await refused(browser, security="plain"))["type"] == "forbidden"


async def test_a_look_says_why_and_a_kept_password_goes_nowhere_else(house, browser):
    look = await browser.call("MailPull/look", wish=WISH)
    assert (look["reason"], look["folders"]) == ("unreachable", [])
    made = await add(browser)
    assert (await browser.call("MailPull/look", id=made["id"], wish={}))["reason"] == "unreachable"
    stolen = await browser.error("MailPull/look", id=made["id"], wish={"host": "evil.example.com"})
    assert stolen == "invalidArguments"
    for _ in range(8):
        await browser.call("MailPull/look", wish=WISH)
    assert await browser.error("MailPull/look", wish=WISH) == "rateLimit"


async def test_others_get_at_nothing(house, browser):
    made = await add(browser)
    choi = await house.browser("choi@a.example")
    assert (await choi.call("MailPull/get", ids=[made["id"]]))["notFound"] == [made["id"]]
    answer = await choi.call("MailPull/set", update={made["id"]: {"name": "x"}}, destroy=[made["id"]])
    assert answer["notDestroyed"][made["id"]]["type"] == "notFound"
    assert await choi.error("MailPull/run", id=made["id"]) != ""
    assert await choi.error("MailPull/look", id=made["id"], wish={}) != ""
    assert await choi.error("MailPull/get", accountId=browser.account, ids=None) == "accountNotFound"


async def test_policy_is_told_and_obeyed(house, browser):
    await add(browser)
    await rule(house, "pull.most", 1)
    told = await browser.call("MailPull/policy")
    assert (told["mayPull"], told["maxPulls"], told["pullMinutes"], told["mayPullPlain"]) == (True, 1, 15, False)
    assert (await refused(browser))["type"] in {"rateLimit", "overQuota"}
    await rule(house, "pull.allowed", False)
    assert (await browser.call("MailPull/policy"))["mayPull"] is False
    assert (await refused(browser))["type"] == "forbidden"


async def test_it_is_tried_and_run_by_hand(house, browser):
    made = await add(browser)
    await house.services.pulls.work.settle()
    [one] = (await browser.call("MailPull/get", ids=None))["list"]
    assert (one["state"], one["reason"]) == ("paused", "unreachable")
    await browser.call("MailPull/run", id=made["id"])
    [one] = (await browser.call("MailPull/get", ids=None))["list"]
    assert (one["state"], one["reason"]) == ("waiting", "")
    rows = await house.store.unchained_records("audit", 0, 1000)
    assert [row.record.action for row in rows if "pull" in row.record.action] == ["pull.add", "pull.now"]
