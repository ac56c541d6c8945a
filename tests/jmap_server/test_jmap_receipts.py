"""MDN/send and MDN/parse (RFC 9007): read receipts leave once, and those that came are read."""

import pytest
from tests.jmap_server.jmap_house import mail

from smartmail.formats import mdn

SHOWN = {"actionMode": "manual-action", "sendingMode": "mdn-sent-manually", "type": "displayed"}
MARK = {"#k": {"keywords/$mdnsent": True}}


@pytest.fixture
async def asked(house, kim):
    """A message that asks for a receipt."""
    octets = mail(
        "계약서", "text", Disposition_Notification_To="Lee <lee@b.example>", Return_Path="<lee@b.example>",
        Original_Recipient="rfc822;team@a.example", Message_ID="<deal@b.example>",
    )  # fmt: skip
    return f"e{await house.deliver(kim, octets)}"


async def send(browser, email, marks=MARK, identity="i1", **more):
    wish = {"forEmailId": email, "disposition": SHOWN, **more}
    return await browser.calls(
        ["MDN/send", {"identityId": identity, "send": {"k": wish}, "onSuccessUpdateEmail": marks}]
    )


async def left(house):
    [work] = await house.services.queue.lease("w", limit=9, busy={})
    return work, await house.services.queue.octets(work, 0, 1 << 20)


async def test_a_receipt_leaves_and_marks_its_message(house, browser, asked):
    [[_, told, call_id], [name, updated, same_id]] = await send(browser, asked, textBody="잘 받았습니다")
    assert (name, call_id) == ("Email/set", same_id) and updated["updated"] == {asked: None}
    assert told["notSent"] is None
    assert told["sent"]["k"] == {
        "finalRecipient": "rfc822; kim@a.example", "originalRecipient": "rfc822; team@a.example",
        "originalMessageId": "<deal@b.example>",
    }  # fmt: skip
    [email] = (await browser.call("Email/get", ids=[asked], properties=["keywords"]))["list"]
    assert email["keywords"] == {"$mdnsent": True}
    _, octets = await left(house)
    receipt = mdn.parse(octets)
    assert (receipt.final_recipient, receipt.original_message_id) == ("kim@a.example", "deal@b.example")
    assert receipt.sent_by_person and b"report-type=disposition-notification" in octets
    [(entry, recipients)] = await house.store.queue_entries(10)
    assert len(recipients) == 1 and recipients[0].domain == "b.example"


async def test_it_is_sent_once(browser, asked):
    await send(browser, asked)
    [[_, told, _]] = await send(browser, asked)
    assert told["sent"] is None and told["notSent"]["k"]["type"] == "mdnAlreadySent"


async def test_all_that_a_client_may_say_goes_along(house, browser, asked):
    await send(
        browser, asked, includeOriginalMessage=True, reportingUA="phone; mail 1", finalRecipient="rfc822; kim@a.example",
        extensionFields={"X-Room": "12"}, subject="읽음",
    )  # fmt: skip
    _, octets = await left(house)
    upload = (await browser.ask("POST", f"/jmap/upload/{browser.account}/", octets)).json["blobId"]
    junk = (await browser.ask("POST", f"/jmap/upload/{browser.account}/", b"x")).json["blobId"]
    answer = await browser.call("MDN/parse", blobIds=[upload, junk, "none"])
    assert (answer["notParsable"], answer["notFound"]) == ([junk], ["none"])
    parsed = answer["parsed"][upload]
    assert parsed.pop("textBody")
    assert parsed == {
        "forEmailId": None, "subject": "읽음", "includeOriginalMessage": True, "reportingUA": "phone; mail 1",
        "disposition": SHOWN, "mdnGateway": None, "originalRecipient": "rfc822; team@a.example",
        "finalRecipient": "rfc822; kim@a.example", "originalMessageId": "<deal@b.example>", "error": None,
        "extensionFields": {"X-Room": "12"},
    }  # fmt: skip


@pytest.mark.parametrize(
    ("more", "kind", "properties"),
    [
        ({"marks": None}, "invalidProperties", ["onSuccessUpdateEmail"]),
        ({"marks": {"#k": {"keywords/$seen": True}}}, "invalidProperties", ["onSuccessUpdateEmail"]),
        ({"identity": "i9"}, "invalidProperties", ["identityId"]), ({"email": "e99"}, "notFound", None),
        ({"disposition": {"type": "displayed"}}, "invalidProperties", ["disposition"]),
        ({"finalRecipient": "nobody"}, "invalidProperties", ["finalRecipient"]),
        ({"extensionFields": {"Disposition": "x"}}, "invalidProperties", ["extensionFields"]),
        ({"mdnGateway": "x"}, "invalidProperties", ["mdnGateway"]),
    ],
)  # fmt: skip
async def test_refusals(house, browser, asked, more, kind, properties):
    [[_, told, _]] = await send(browser, more.pop("email", asked), **more)
    error = told["notSent"]["k"]
    assert (error["type"], error.get("properties")) == (kind, properties)
    assert await house.store.queue_entries(10) == []


async def test_nobody_is_told_who_did_not_ask(house, browser, kim):
    plain = f"e{await house.deliver(kim, mail('plain'))}"
    [[_, told, _]] = await send(browser, plain)
    assert told["notSent"]["k"]["type"] == "notFound"
    other = mail("x", Disposition_Notification_To="spy@c.example", Return_Path="<lee@b.example>")
    email = f"e{await house.deliver(kim, other)}"
    alone = {**SHOWN, "sendingMode": "mdn-sent-automatically", "actionMode": "automatic-action"}
    [[_, told, _]] = await send(browser, email, disposition=alone)
    assert told["notSent"]["k"]["type"] == "forbidden"
    assert await house.store.queue_entries(10) == []
    [[_, told, _], _] = await send(browser, email)
    assert told["sent"]
