"""MailPlacing/get and set: one object, of which a person may change one property."""

import pytest
from tests.jmap_server import jmap_house

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

OWN = "https://smartmail.example/jmap"
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


@pytest.fixture(autouse=True)
def _own_types(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


async def test_the_wish_is_read_and_changed(browser):
    answer = await browser.call("MailPlacing/get")
    assert answer["list"] == [{"id": "singleton", "abroadApart": False, "mayChange": True, "homeCountries": ["KR"]}]
    changed = await browser.call(
        "MailPlacing/set", ifInState=answer["state"], update={"singleton": {"abroadApart": True}}
    )
    assert changed["updated"] == {"singleton": None} and changed["oldState"] != changed["newState"]
    [held] = (await browser.call("MailPlacing/get", properties=["abroadApart"]))["list"]
    assert held["abroadApart"] is True
    # null puts it back (RFC 8620 §5.3).
    await browser.call("MailPlacing/set", update={"singleton": {"abroadApart": None}})
    assert (await browser.call("MailPlacing/get"))["state"] == answer["state"]


async def test_what_cannot_be_is_refused(house, browser):
    wrong = {"a": {"abroadApart": True}, "singleton": {"abroadApart": "yes", "mayChange": False, "other": 1}}
    answer = await browser.call(
        "MailPlacing/set", update=wrong, create={"n": {"abroadApart": True}}, destroy=["singleton", "b"]
    )
    assert answer["notUpdated"]["a"]["type"] == "notFound"
    refused = answer["notUpdated"]["singleton"]
    assert refused["type"] == "invalidProperties"
    assert set(refused["properties"]) == {"abroadApart", "mayChange", "other"}
    assert answer["notCreated"]["n"]["type"] == "singleton"
    assert {key: one["type"] for key, one in answer["notDestroyed"].items()} == {
        "singleton": "singleton",
        "b": "notFound",
    }
    assert await browser.error("MailPlacing/set", ifInState="old", update={}) == "stateMismatch"
    await house.services.governing.set_knob(CLI, PolicyRule("abroad.aside", Scope("system"), "on"))
    answer = await browser.call("MailPlacing/set", update={"singleton": {"abroadApart": False}})
    assert answer["notUpdated"]["singleton"]["type"] == "forbidden"
    [held] = (await browser.call("MailPlacing/get"))["list"]
    assert (held["abroadApart"], held["mayChange"]) == (True, False)
