"""What was deleted comes back; attachments go without their message and come back with it, octet by octet."""

import base64

import pytest
from tests.jmap_server import jmap_house

OWN = "https://smartmail.example/jmap"
FILE = base64.b64encode(b"%PDF-1.4 " + bytes(range(256)) * 300).decode()
LETTER = (
    "From: =?utf-8?B?7J207ZWY7J2A?= <lee@b.example>\r\nTo: kim@a.example\r\nSubject: =?utf-8?B?6rOE7JW97ISc?=\r\n"
    "Message-ID: <c1@b.example>\r\nDate: Wed, 25 Nov 2026 09:00:00 +0900\r\nMIME-Version: 1.0\r\n"
    'Content-Type: multipart/mixed; boundary="b"\r\n\r\n--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n'
    '계약서를 보냅니다.\r\n--b\r\nContent-Type: application/pdf; name="one.pdf"\r\n'
    'Content-Disposition: attachment; filename="one.pdf"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
    + "\r\n".join(FILE[at : at + 76] for at in range(0, len(FILE), 76))
    + '\r\n--b\r\nContent-Type: text/csv\r\nContent-Disposition: attachment; filename="two.csv"\r\n\r\na,b\r\n--b--\r\n'
).encode()


@pytest.fixture(autouse=True)
def _own_types(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


async def email(browser, name, *properties):
    [found] = (await browser.call("Email/get", ids=[name], properties=list(properties)))["list"]
    return found


async def octets(browser, name):
    found = await email(browser, name, "blobId")
    return (await browser.ask("GET", f"/jmap/download/{browser.account}/{found['blobId']}/x.eml")).body


async def used(house, kim):
    return (await house.store.account(kim.id)).used


async def test_one_attachment_goes_the_rest_stays_and_undo_brings_back_every_octet(house, browser, kim):
    number = await house.deliver(kim, LETTER, names=("$flagged", "work"), at=1_700_000_000_000)
    before = await email(browser, f"e{number}", "attachments", "threadId", "mailboxIds", "keywords", "receivedAt")
    assert [one["name"] for one in before["attachments"]] == ["one.pdf", "two.csv"]
    full = await used(house, kim)
    answer = await browser.call("Email/detach", emails={f"e{number}": [before["attachments"][0]["partId"]]})
    assert answer["notDetached"] is None and answer["newState"] != answer["oldState"]
    made = answer["detached"][f"e{number}"]
    after = await email(
        browser, made["id"], "attachments", "threadId", "mailboxIds", "keywords", "receivedAt", "size", "subject"
    )
    assert "two.csv" in [one["name"] for one in after["attachments"]]
    assert {key: after[key] for key in ("threadId", "mailboxIds", "keywords", "receivedAt")} == {
        key: before[key] for key in ("threadId", "mailboxIds", "keywords", "receivedAt")
    }
    assert made["freed"] == len(LETTER) - after["size"] == full - await used(house, kim) > 70_000
    assert after["subject"] == "계약서"
    assert "one.pdf" in (await octets(browser, made["id"])).decode("utf-8", "replace")
    changes = await browser.call("Email/changes", sinceState=answer["oldState"])
    assert (changes["created"], changes["destroyed"]) == ([made["id"]], [f"e{number}"])

    [deleted] = (await browser.call("DeletedEmail/query"))["list"]
    assert (deleted["reason"], deleted["replacedBy"], deleted["subject"]) == ("detached", made["id"], "계약서")
    back = await browser.call("Email/restore", ids=[deleted["id"]])
    new = back["restored"][deleted["id"]]
    assert await octets(browser, new) == LETTER
    assert (await browser.call("Email/get", ids=[made["id"]]))["notFound"] == [made["id"]]
    assert await used(house, kim) == full
    again = await email(browser, new, "threadId", "keywords", "mailboxIds", "receivedAt")
    assert {**again, "id": before["id"]} == {key: value for key, value in before.items() if key != "attachments"}


async def test_all_attachments_at_once_and_what_has_none_says_so(house, browser, kim):
    number = await house.deliver(kim, LETTER)
    plain = await house.deliver(kim, jmap_house.mail())
    answer = await browser.call(
        "Email/detach", emails={f"e{number}": None, f"e{plain}": None, "e999": None, "x": ["2"]}
    )
    made = answer["detached"][f"e{number}"]["id"]
    types = {key: error["type"] for key, error in answer["notDetached"].items()}
    assert types == {f"e{plain}": "invalidProperties", "e999": "notFound", "x": "notFound"}
    assert not (await email(browser, made, "hasAttachment"))["hasAttachment"]
    bad = await browser.call("Email/detach", emails={made: ["9.9"]})
    assert bad["notDetached"][made]["type"] == "invalidProperties"
    again = await browser.call("Email/detach", emails={made: None})
    assert again["notDetached"][made]["type"] == "invalidProperties"


async def test_a_destroyed_email_comes_back_into_its_mailboxes(house, browser, kim):
    number = await house.deliver(kim, LETTER, names=("$seen",))
    before = await email(browser, f"e{number}", "mailboxIds", "keywords", "threadId")
    await browser.call("Email/set", destroy=[f"e{number}"])
    found = await browser.call("DeletedEmail/query")
    [deleted] = found["list"]
    assert (found["total"], deleted["reason"], deleted["mailboxIds"]) == (1, "deleted", before["mailboxIds"])
    assert deleted["from"] == [{"email": "lee@b.example", "name": "이하은"}] and deleted["hasAttachment"]
    assert deleted["expiresAt"] > deleted["deletedAt"]
    answer = await browser.call("Email/restore", ids=[deleted["id"], "e999", "nonsense"])
    assert set(answer["notRestored"]) == {"e999", "nonsense"}
    new = answer["restored"][deleted["id"]]
    after = await email(browser, new, "mailboxIds", "keywords", "threadId")
    assert (after["mailboxIds"], after["keywords"]) == (before["mailboxIds"], before["keywords"])
    assert await octets(browser, new) == LETTER
    assert (await browser.call("DeletedEmail/query"))["total"] == 0
    twice = await browser.call("Email/restore", ids=[deleted["id"]])
    assert twice["notRestored"][deleted["id"]]["type"] == "notFound"


async def test_the_drawer_lists_files_of_all_messages_and_they_can_be_read(house, browser, kim):
    await house.deliver(kim, LETTER, at=1_700_000_000_000)
    await house.deliver(kim, LETTER.replace(b"two.csv", b"Three.CSV"), role="archive", at=1_700_000_100_000)
    everything = await browser.call("Attachment/query", sort="size")
    assert [one["name"] for one in everything["list"]][:2] == ["one.pdf", "one.pdf"] and everything["total"] == 4
    assert everything["totalSize"] == sum(one["size"] for one in everything["list"])
    found = await browser.call("Attachment/query", text="csv", sort="name", isAscending=True, limit=1, position=1)
    assert found["total"] == 2 and [one["name"] for one in found["list"]] == ["two.csv"]
    pdfs = await browser.call("Attachment/query", mediaType="application/", minSize=1000)
    assert pdfs["total"] == 2 and pdfs["list"][0]["from"] == "lee@b.example"
    blob = pdfs["list"][0]["blobId"]
    reply = await browser.ask("GET", f"/jmap/download/{browser.account}/{blob}/one.pdf")
    assert reply.body == base64.b64decode(FILE)


async def test_the_drawer_tells_who_and_which_mailboxes_the_room_goes_to(house, browser, kim):
    await house.deliver(kim, LETTER)
    other = LETTER.replace(b"lee@b.example", b"park@b.example")
    assert other != LETTER
    await house.deliver(kim, other, role="archive")
    await house.deliver(kim, other.replace(b"two.csv", b"more.csv"), role="archive")
    plain = await browser.call("Attachment/query")
    assert plain["bySender"] is None and plain["byMailbox"] is None
    told = await browser.call("Attachment/query", calculateSums=True, limit=1)
    assert [one["key"] for one in told["bySender"]] == ["park@b.example", "lee@b.example"]
    assert [one["size"] * 3 for one in told["bySender"]] == [told["totalSize"] * 2, told["totalSize"]]
    assert sum(one["size"] for one in told["byMailbox"]) == told["totalSize"] and len(told["byMailbox"]) == 2
    theirs = await browser.call("Attachment/query", sender="Park@b.example")
    assert theirs["totalSize"] == told["bySender"][0]["size"]
    there = await browser.call("Attachment/query", inMailbox=told["byMailbox"][0]["key"])
    assert {one["from"] for one in there["list"]} == {"park@b.example"} and there["total"] == theirs["total"]
    assert (await browser.call("Attachment/query", inMailbox="nowhere"))["total"] == 0


async def test_what_others_deleted_is_nobodys_business(house, browser, kim):
    number = await house.deliver(kim, LETTER)
    await browser.call("Email/set", destroy=[f"e{number}"])
    other = await house.browser("choi@a.example")
    assert (await other.call("Email/restore", ids=[f"e{number}"]))["notRestored"][f"e{number}"]["type"] == "notFound"
    other.account = browser.account
    for call in ("DeletedEmail/query", "Attachment/query"):
        assert await other.error(call) == "accountNotFound"
    assert await other.error("Email/restore", ids=[f"e{number}"]) == "accountNotFound"
    assert await other.error("Email/detach", emails={f"e{number}": None}) == "accountNotFound"


async def test_who_shares_a_mailbox_takes_nothing_out_of_mail_that_lies_in_a_hidden_one_too(house, browser, kim):
    number = await house.deliver(kim, LETTER)
    boxes = {one["role"]: one["id"] for one in (await browser.call("Mailbox/get", ids=None))["list"]}
    other = await house.browser("choi@a.example")
    mine, other.account = other.account, browser.account
    account = house.accounts["choi@a.example"]
    rights = ("mayReadItems", "mayAddItems", "mayRemoveItems", "maySetSeen", "maySetKeywords")
    using = [*jmap_house.USING, "urn:ietf:params:jmap:mail:share", "urn:ietf:params:jmap:principals"]
    patch = {f"shareWith/u{account.id}": dict.fromkeys(rights, True)}
    share = ["Mailbox/set", {"accountId": browser.account, "update": {boxes["inbox"]: patch}}, "0"]
    answer = await browser.ask("POST", "/jmap/api/", {"using": using, "methodCalls": [share]})
    assert answer.json["methodResponses"][0][1]["notUpdated"] is None, answer.body
    await browser.call("Email/set", update={f"e{number}": {f"mailboxIds/{boxes['archive']}": True}})
    refused = await other.call("Email/detach", emails={f"e{number}": None})
    assert refused["notDetached"][f"e{number}"]["type"] == "forbidden"
    await browser.call("Email/set", update={f"e{number}": {f"mailboxIds/{boxes['archive']}": None}})
    assert (await other.call("Email/detach", emails={f"e{number}": None}))["notDetached"] is None
    # What was deleted is for those who have the whole account.
    assert await other.error("DeletedEmail/query") == "forbidden"
    other.account = mine
