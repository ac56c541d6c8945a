"""Originals and attachments leave over HTTP and JMAP only where policy lets them (BR-20)."""

import base64

from tests.jmap_server.jmap_house import mail

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))


async def forbid(house, knob, value):
    await house.services.governing.set_knob(CLI, PolicyRule(knob, Scope("system"), value))


async def delivered(house, browser, kim):
    text = base64.encodebytes(b"secret plans").decode()
    number = await house.deliver(
        kim, mail(body=text, Content_Type="application/zip", Content_Transfer_Encoding="base64")
    )
    [email] = (await browser.call("Email/get", ids=[f"e{number}"], properties=["attachments", "blobId"]))["list"]
    return email["blobId"], email["attachments"][0]["blobId"]


async def status(browser, blob):
    return (await browser.ask("GET", f"/jmap/download/{browser.account}/{blob}/x")).status


async def test_what_policy_keeps_in_leaves_by_no_call(house, browser, kim):
    whole, part = await delivered(house, browser, kim)
    assert (await status(browser, whole), await status(browser, part)) == (200, 200)
    await forbid(house, "export.allowed", value=False)
    assert (await status(browser, whole), await status(browser, part)) == (403, 200)
    assert await browser.error("Blob/get", ids=[whole], properties=["data:asText"]) == "forbidden"
    told = await browser.call("Blob/get", ids=[whole], properties=["size"])
    assert told["list"][0]["size"] > 0, "its size is no secret: lists show it"
    made = await browser.call("Blob/upload", create={"a": {"data": [{"blobId": whole}]}})
    assert made["notCreated"]["a"]["type"] == "forbidden"
    await forbid(house, "attachment.doors", ("jmap",))
    assert await status(browser, part) == 403
    session = (await browser.ask("GET", "/jmap/session")).json
    own = session["accounts"][browser.account]["accountCapabilities"]["https://smartmail.example/jmap"]
    assert (own["mayExport"], own["maySaveAttachments"], own["mayPrint"]) == (False, False, True)


async def test_an_attachment_that_is_being_written_can_be_seen_again(house, browser, kim):
    await forbid(house, "export.allowed", value=False)
    await forbid(house, "attachment.doors", ("jmap",))
    made = (await browser.ask("POST", f"/jmap/upload/{browser.account}/", b"abc", {"content-type": "text/plain"})).json
    assert await status(browser, made["blobId"]) == 200


async def test_a_range_that_begins_in_the_head_is_the_message(house, browser, kim):
    whole, part = await delivered(house, browser, kim)
    size = (await browser.call("Blob/get", ids=[whole], properties=["size"]))["list"][0]["size"]
    ranges = [f"{whole}-0-{size}-n", f"{whole}-1-{size}-n", f"{whole}-20-{size}-u", f"{whole}-0-40-n"]
    assert {await status(browser, one) for one in ranges} == {200}
    await forbid(house, "export.allowed", value=False)
    assert [await status(browser, one) for one in ranges] == [403] * len(ranges)
    assert await status(browser, part) == 200
    made = await browser.call("Blob/upload", create={"a": {"data": [{"blobId": ranges[1]}]}})
    assert made["notCreated"]["a"]["type"] == "forbidden"
    box = next(one["id"] for one in (await browser.call("Mailbox/get", ids=None))["list"] if one["role"] == "drafts")
    letter = {
        "mailboxIds": {box: True},
        "subject": "전달",
        "attachments": [{"blobId": ranges[1], "type": "text/plain"}],
    }
    drafted = await browser.call("Email/set", create={"d": letter})
    assert drafted["notCreated"]["d"]["type"] == "invalidProperties", "under another type it would leave unseen"
