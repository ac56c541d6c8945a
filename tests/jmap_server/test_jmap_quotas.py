"""Quota (RFC 9425): what an account may hold and holds, and that it is told when it changes."""

import pytest
from tests.jmap_server.jmap_house import mail

LIMIT = 1_000_000


@pytest.fixture
async def limited(house, kim):
    await house.store.update_account(kim.id, quota=LIMIT)


async def test_a_limit_shows_as_one_quota_of_octets(house, kim, browser, limited):
    await house.deliver(kim, mail())
    used = (await house.store.account(kim.id)).used
    answer = await browser.call("Quota/get", ids=None)
    assert answer["list"] == [
        {"id": "octets", "resourceType": "octets", "used": used, "hardLimit": LIMIT, "scope": "account",
         "name": "kim@a.example", "types": ["Email"], "warnLimit": 900_000, "softLimit": None, "description": None}
    ]  # fmt: skip
    answer = await browser.call("Quota/get", ids=["octets", "x"], properties=["used"])
    assert (answer["list"], answer["notFound"]) == ([{"id": "octets", "used": used}], ["x"])
    assert (await browser.call("Quota/query", filter={"type": "Email", "scope": "account"}))["ids"] == ["octets"]
    assert (await browser.call("Quota/query", filter={"resourceType": "count"}))["ids"] == []
    assert (await browser.call("Quota/query", filter={"name": "KIM"}, sort=[{"property": "used"}]))["ids"] == ["octets"]


async def test_changes_are_told(house, kim, browser, limited):
    state = (await browser.call("Quota/get", ids=[]))["state"]
    await house.deliver(kim, mail())
    changed = await browser.call("Quota/changes", sinceState=state)
    assert (changed["updated"], changed["updatedProperties"]) == (["octets"], ["used"])
    moved = await browser.call("Quota/queryChanges", sinceQueryState=state)
    assert (moved["removed"], moved["added"]) == (["octets"], [{"id": "octets", "index": 0}])
    await house.store.update_account(kim.id, quota=2 * LIMIT)
    changed = await browser.call("Quota/changes", sinceState=state)
    assert (changed["updated"], changed["updatedProperties"]) == (["octets"], None)


async def test_nothing_more_fits_beyond_the_limit(house, kim, browser):
    await house.store.update_account(kim.id, quota=100)
    answer = await browser.call("Email/set", create={"k": {"mailboxIds": {"m1": True}, "subject": "x"}})
    assert answer["notCreated"]["k"]["type"] == "overQuota"
    blob = (await browser.ask("POST", f"/jmap/upload/{browser.account}/", mail("x", "y" * 500))).json["blobId"]
    answer = await browser.call("Email/import", emails={"k": {"blobId": blob, "mailboxIds": {"m1": True}}})
    assert answer["notCreated"]["k"]["type"] == "overQuota"
