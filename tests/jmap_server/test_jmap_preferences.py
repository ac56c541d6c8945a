"""UserPreferences/get and set: one sealed object a person, each choice on its own."""

import pytest
from tests.jmap_server import jmap_house

from smartmail.domain.ids import MailboxId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.service.mailbox.preferences import MAX_VALUE, MOST

OWN = "https://smartmail.example/jmap"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


@pytest.fixture(autouse=True)
def _own_types(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


async def held(browser):
    [found] = (await browser.call("UserPreferences/get"))["list"]
    assert found["id"] == "singleton"
    return found["values"]


async def test_choices_are_kept_one_by_one(browser):
    assert await held(browser) == {}
    patch = {
        "values/density": "compact",
        "values/undoSeconds": 10,
        "values/quietHours": {"from": "22:00", "days": [0, 6]},
    }
    answer = await browser.call("UserPreferences/set", update={"singleton": patch})
    assert answer["updated"] == {"singleton": None} and answer["oldState"] != answer["newState"]
    # Another page changes another choice: neither undoes the other.
    await browser.call("UserPreferences/set", update={"singleton": {"values/pane": "below", "values/density": None}})
    assert await held(browser) == {"pane": "below", "quietHours": {"from": "22:00", "days": [0, 6]}, "undoSeconds": 10}
    await browser.call("UserPreferences/set", update={"singleton": {"values": {"pane": "right"}}})
    assert await held(browser) == {"pane": "right"}


async def test_what_cannot_be_is_refused(browser):
    wrong = {"b": {"values/a": 1}, "singleton": {"values/a": 1, "other": 2}}
    answer = await browser.call("UserPreferences/set", update=wrong, create={"n": {}}, destroy=["singleton"])
    assert answer["notUpdated"]["b"]["type"] == "notFound"
    assert answer["notUpdated"]["singleton"]["properties"] == ["other"]
    assert answer["notCreated"]["n"]["type"] == answer["notDestroyed"]["singleton"]["type"] == "singleton"
    for patch, kind in (
        ({"values/A": 1}, "invalidProperties"),
        ({"values/a/b": 1}, "invalidProperties"),
        ({"values/a": "x" * MAX_VALUE}, "tooLarge"),
        ({"values": {f"n{one}": 1 for one in range(MOST + 1)}}, "rateLimit"),
        ({"values": {"a": 1}, "values/a": 2}, "invalidPatch"),
    ):
        answer = await browser.call("UserPreferences/set", update={"singleton": patch})
        assert answer["notUpdated"]["singleton"]["type"] == kind, patch
    assert await browser.error("UserPreferences/set", ifInState="old", update={}) == "stateMismatch"
    assert await held(browser) == {}


async def test_choices_lie_sealed(house, browser, kim):
    await browser.call("UserPreferences/set", update={"singleton": {"values/signature": "비밀 서명"}})
    rows = await house.store.annotations(kim.id, MailboxId(0), kim.id)
    assert len(rows) == 1
    [sealed] = rows.values()
    assert "비밀".encode() not in sealed and b"signature" not in sealed


async def test_a_page_is_told_what_it_may_keep_and_show(house, browser):
    async def told():
        session = (await browser.ask("GET", "/jmap/session")).json
        own = session["accounts"][browser.account]["accountCapabilities"][OWN]
        return own["mayKeepOffline"], own["mayPushContent"], own["archiveKey"]

    assert await told() == (True, True, False)
    await house.services.governing.set_knob(CLI, PolicyRule("offline.allowed", Scope("system"), value=False))
    await house.services.governing.set_knob(CLI, PolicyRule("push.content", Scope("system"), value=False))
    await house.services.governing.set_knob(CLI, PolicyRule("archive.key", Scope("system"), value=True))
    assert await told() == (False, False, True)
