"""Email/set, import, copy."""

import pytest
from tests.jmap_server.jmap_house import mail


async def created(browser, **email):
    base = {"mailboxIds": {"m3": True}, "from": [{"email": "kim@a.example", "name": "김"}]}
    answer = await browser.call("Email/set", create={"k": {**base, **email}})
    return answer["created"]["k"] if answer["created"] else answer["notCreated"]["k"]


async def upload(browser, octets, media_type="application/octet-stream"):
    reply = await browser.ask("POST", f"/jmap/upload/{browser.account}/", octets, {"content-type": media_type})
    assert reply.status == 201, reply.body
    return reply.json["blobId"]


async def raw_of(browser, made):
    return (await browser.ask("GET", f"/jmap/download/{browser.account}/{made['blobId']}/x.eml")).body


async def test_create_with_everything(browser):
    blob = await upload(browser, b"%PDF-1.4 content", "application/pdf")
    picture = await upload(browser, b"\x89PNG\r\n\x1a\n", "image/png")
    made = await created(
        browser, to=[{"email": "choi@a.example", "name": "최"}], cc=[{"email": "park@b.example"}], bcc=[{"email": "x@b.example"}],
        subject="계약서", inReplyTo=["q@b.example"], references=["p@b.example", "q@b.example"],
        textBody=[{"partId": "t", "type": "text/plain"}], htmlBody=[{"partId": "h", "type": "text/html"}],
        bodyValues={"t": {"value": "안녕하세요\n둘째 줄"}, "h": {"value": '<p>안녕<img src="cid:p1"></p>'}},
        attachments=[{"blobId": blob, "type": "application/pdf", "name": "계약.pdf", "disposition": "attachment"},
                     {"blobId": picture, "type": "image/png", "cid": "p1", "disposition": "inline"}],
        keywords={"$seen": True}, sentAt="2025-07-01T09:00:00+09:00", receivedAt="2025-07-02T00:00:00Z",
        **{"header:X-Priority": " 1", "header:Disposition-Notification-To:asText": "kim@a.example"},
    )  # fmt: skip
    assert set(made) == {"id", "blobId", "threadId", "size"}
    [email] = (await browser.call(
        "Email/get", ids=[made["id"]], fetchAllBodyValues=True,
        properties=["subject", "to", "cc", "bcc", "from", "keywords", "receivedAt", "sentAt", "messageId", "inReplyTo", "references",
                    "bodyStructure", "bodyValues", "attachments", "header:X-Priority:asText", "size"],
    ))["list"]  # fmt: skip
    assert email["subject"] == "계약서" and email["from"] == [{"email": "kim@a.example", "name": "김"}]
    assert email["to"] == [{"email": "choi@a.example", "name": "최"}] and email["bcc"][0]["email"] == "x@b.example"
    assert email["keywords"] == {"$seen": True, "$draft": True}
    assert (email["receivedAt"], email["sentAt"]) == ("2025-07-02T00:00:00Z", "2025-07-01T09:00:00+09:00")
    assert email["inReplyTo"] == ["q@b.example"] and email["references"] == ["p@b.example", "q@b.example"]
    assert len(email["messageId"]) == 1 and email["messageId"][0].endswith("@a.example")
    assert email["header:X-Priority:asText"] == "1" and email["size"] == made["size"]
    values = [one["value"] for one in email["bodyValues"].values()]
    assert any("둘째 줄" in one for one in values) and any("cid:p1" in one for one in values)
    assert [one["name"] for one in email["attachments"] if one["type"] == "application/pdf"] == ["계약.pdf"]
    pdf = next(one for one in email["attachments"] if one["type"] == "application/pdf")
    reply = await browser.ask("GET", f"/jmap/download/{browser.account}/{pdf['blobId']}/a.pdf?accept=application/pdf")
    assert reply.body == b"%PDF-1.4 content"
    octets = await raw_of(browser, made)
    assert len(octets) == made["size"] and octets.count(b"\n") == octets.count(b"\r\n")


async def test_forward_a_part_of_another_message(house, browser, kim):
    octets = mail(body="JVBERi0=", Content_Type="application/pdf", Content_Transfer_Encoding="base64")
    number = await house.deliver(kim, octets)
    [email] = (await browser.call("Email/get", ids=[f"e{number}"], properties=["attachments", "blobId"]))["list"]
    part = email["attachments"][0]["blobId"]
    made = await created(browser, attachments=[{"blobId": part, "type": "application/pdf", "name": "a.pdf"},
                                               {"blobId": email["blobId"], "type": "message/rfc822"}])  # fmt: skip
    raw = await raw_of(browser, made)
    assert b"JVBERi0=" in raw and octets in raw


async def test_body_structure(browser):
    made = await created(browser, bodyValues={"a": {"value": "plain"}, "b": {"value": "<b>rich</b>"}}, bodyStructure={
        "type": "multipart/alternative", "subParts": [{"partId": "a", "type": "text/plain"}, {"partId": "b", "type": "text/html"}],
    })  # fmt: skip
    [email] = (await browser.call("Email/get", ids=[made["id"]], properties=["bodyStructure"]))["list"]
    assert [one["type"] for one in email["bodyStructure"]["subParts"]] == ["text/plain", "text/html"]


async def test_a_body_structure_is_built_as_it_is(browser):
    blob = await upload(browser, b"\x89PNG")
    made = await created(browser, bodyValues={"a": {"value": "가나다"}, "b": {"value": "<p>x"}, "c": {"value": "a,b"}}, bodyStructure={
        "type": "multipart/mixed", "subParts": [
            {"type": "multipart/related", "subParts": [
                {"partId": "b", "type": "text/html", "language": ["ko", "en"], "location": "https://a.example/x"},
                {"blobId": blob, "type": "image/png", "cid": "pic@a", "disposition": "inline", "name": "그림.png"},
            ]},
            {"partId": "a", "header:X-Own:asText": "하나"},
            {"partId": "c", "type": "text/csv", "disposition": "attachment"},
        ],
    })  # fmt: skip
    [email] = (await browser.call("Email/get", ids=[made["id"]], properties=["bodyStructure"], bodyProperties=[
        "type", "language", "location", "cid", "disposition", "name", "header:X-Own:asText", "charset"]))["list"]  # fmt: skip
    mixed = email["bodyStructure"]
    related, plain, table = mixed["subParts"]
    html, picture = related["subParts"]
    assert [one["type"] for one in (mixed, related, html, picture, plain, table)] == [
        "multipart/mixed", "multipart/related", "text/html", "image/png", "text/plain", "text/csv"]  # fmt: skip
    assert (html["language"], html["location"]) == (["ko", "en"], "https://a.example/x")
    assert (picture["cid"], picture["disposition"], picture["name"]) == ("pic@a", "inline", "그림.png")
    assert (plain["header:X-Own:asText"], plain["disposition"], plain["charset"]) == ("하나", None, "utf-8")
    assert table["disposition"] == "attachment"


@pytest.mark.parametrize("tree", [
    {"type": "multipart/mixed", "partId": "a"}, {"type": "multipart/mixed", "subParts": []}, {"type": "text/plain", "subParts": []},
    {"partId": "a", "blobId": "0" * 32}, {"partId": "nope"}, {"partId": "a", "header:Content-Transfer-Encoding": "8bit"},
    {"partId": "a", "type": "nonsense"}, {"partId": "a", "charset": "euc-kr"}, {"partId": "a", "cid": "a b"}, 7,
    {"partId": "a", "name": "a\r\nX: y"}, {"partId": "a", "nonsense": 1}, {"type": "multipart/mixed", "subParts": [7]},
])  # fmt: skip
async def test_refused_body_structures(browser, tree):
    error = await created(browser, bodyValues={"a": {"value": "x"}}, bodyStructure=tree)
    assert error["type"] == "invalidProperties" and error["properties"][0].startswith("bodyStructure"), error


async def test_a_draft_needs_nothing(browser):
    answer = await browser.call("Email/set", create={"k": {"mailboxIds": {"m3": True}}})
    made = answer["created"]["k"]
    [email] = (await browser.call("Email/get", ids=[made["id"]], properties=["from", "keywords"]))["list"]
    assert email["from"] == [{"email": "kim@a.example", "name": "kim"}] and email["keywords"] == {"$draft": True}


@pytest.mark.parametrize(
    ("email", "kind", "properties"),
    [
        ({"mailboxIds": {}}, "invalidProperties", ["mailboxIds"]),
        ({"mailboxIds": {"m99": True}}, "invalidProperties", ["mailboxIds"]),
        ({"mailboxIds": {"m3": False}}, "invalidProperties", ["mailboxIds"]),
        ({"keywords": {"a b": True}}, "invalidProperties", ["keywords"]),
        ({"keywords": {"x": False}}, "invalidProperties", ["keywords"]),
        ({"id": "e7", "preview": "x"}, "invalidProperties", ["id", "preview"]),
        ({"subject": 7}, "invalidProperties", ["subject"]),
        ({"subject": "a\r\nBcc: evil@x"}, "invalidProperties", ["subject"]),
        ({"to": [{"email": "a@b\r\nX: y"}]}, "invalidProperties", ["to"]),
        ({"from": [{"email": " "}]}, "invalidProperties", ["from"]),
        ({"messageId": ["a@b", "c@d"]}, "invalidProperties", ["messageId"]),
        ({"sentAt": "yesterday"}, "invalidProperties", ["sentAt"]),
        ({"header:X-Own": " one\r\nBcc: lee@a.example"}, "invalidProperties", ["header:X-Own"]),
        ({"header:X-Own": " one\ntwo"}, "invalidProperties", ["header:X-Own"]),
        ({"header:X-Own": " one\r\n"}, "invalidProperties", ["header:X-Own"]),
        ({"header:X-Own": 5}, "invalidProperties", ["header:X-Own"]),
        ({"textBody": [{"partId": "t", "type": "text/html"}], "bodyValues": {"t": {"value": ""}}}, "invalidProperties", ["textBody"]),
        ({"textBody": [{"partId": "t"}]}, "invalidProperties", ["textBody"]),
        ({"textBody": [{"partId": "t"}], "bodyValues": {"t": {"value": "", "isTruncated": True}}}, "invalidProperties", ["bodyValues"]),
        ({"attachments": [{"blobId": "0" * 32}]}, "blobNotFound", None),
        ({"attachments": [{"blobId": "nonsense"}]}, "blobNotFound", None),
        ({"header:Subject": "x", "subject": "y"}, "invalidProperties", ["header:Subject"]),
        ({"header:Content-Type": "text/evil"}, "invalidProperties", ["header:Content-Type"]),
        ({"header:X:asNothing": "x"}, "invalidProperties", ["header:X:asNothing"]),
        ({"nonsense": 1}, "invalidProperties", ["nonsense"]),
    ],
)  # fmt: skip
async def test_refused_creates(browser, email, kind, properties):
    error = await created(browser, **email)
    assert error["type"] == kind, error
    assert error.get("properties") == properties
    if kind == "blobNotFound":
        assert error["notFound"] == [email["attachments"][0]["blobId"]]


async def test_a_blob_of_somebody_else_is_not_found(house, browser):
    other = await house.browser("choi@a.example")
    blob = await upload(other, b"secret")
    assert (await created(browser, attachments=[{"blobId": blob}]))["type"] == "blobNotFound"


async def test_updates(house, browser, kim):
    first = f"e{await house.deliver(kim, mail('one'))}"
    second = f"e{await house.deliver(kim, mail('two'), names=('work',))}"
    answer = await browser.call("Email/set", update={
        first: {"keywords/$seen": True, "mailboxIds/m1": None, "mailboxIds/m6": True},
        second: {"keywords": {"$flagged": True}, "mailboxIds": {"m1": True, "m2": True}},
    })  # fmt: skip
    assert answer["updated"] == {first: None, second: None} and answer["oldState"] != answer["newState"]
    [one, two] = (await browser.call("Email/get", ids=[first, second], properties=["keywords", "mailboxIds"]))["list"]
    assert (one["keywords"], one["mailboxIds"]) == ({"$seen": True}, {"m6": True})
    assert (two["keywords"], two["mailboxIds"]) == ({"$flagged": True}, {"m1": True, "m2": True})
    boxes = {
        one["id"]: one["totalEmails"] for one in (await browser.call("Mailbox/get", ids=["m1", "m2", "m6"]))["list"]
    }
    assert boxes == {"m1": 1, "m2": 1, "m6": 1}


@pytest.mark.parametrize(
    ("patch", "kind"),
    [
        ({"mailboxIds/m1": None}, "invalidProperties"),
        ({"mailboxIds": {}}, "invalidProperties"),
        ({"mailboxIds/m77": True}, "invalidProperties"),
        ({"keywords/a b": True}, "invalidProperties"),
        ({"keywords/$seen": False}, "invalidProperties"),
        ({"keywords": {"x": 1}}, "invalidProperties"),
        ({"keywords": {}, "keywords/$seen": True}, "invalidPatch"),
        ({"keywords/$seen/x": True}, "invalidPatch"),
        ({"subject": "other"}, "invalidProperties"),
        ({"nonsense": 1}, "invalidProperties"),
    ],
)
async def test_refused_updates_change_nothing(house, browser, kim, patch, kind):
    email = f"e{await house.deliver(kim, mail('one'))}"
    before = (await browser.call("Email/get", ids=[email], properties=["keywords", "mailboxIds"]))["list"]
    answer = await browser.call(
        "Email/set",
        update={email: {"keywords/$flagged": True, **patch} if len(patch) == 1 and "keywords" not in patch else patch},
    )
    assert answer["notUpdated"][email]["type"] == kind and answer["updated"] is None
    assert (await browser.call("Email/get", ids=[email], properties=["keywords", "mailboxIds"]))["list"] == before


async def test_what_stays_the_same_may_be_sent_along(house, browser, kim):
    email = f"e{await house.deliver(kim, mail('one'))}"
    answer = await browser.call("Email/set", update={email: {"subject": "one", "id": email, "keywords/$seen": True}})
    assert answer["updated"] == {email: None}


async def test_destroy_and_errors_of_a_set(house, browser, kim):
    email = f"e{await house.deliver(kim, mail('one'))}"
    answer = await browser.call("Email/set", destroy=[email, "e99", "zz"], update={email: {"keywords/$seen": True}})
    assert answer["destroyed"] == [email] and set(answer["notDestroyed"]) == {"e99", "zz"}
    assert answer["notUpdated"][email]["type"] == "willDestroy"
    assert (await browser.call("Email/get", ids=[email]))["notFound"] == [email]
    assert await browser.error("Email/set", ifInState="0", destroy=["e1"]) == "stateMismatch"
    assert await browser.error("Email/set", destroy=[f"e{n}" for n in range(1001)]) == "requestTooLarge"
    assert await browser.error("Email/set", nonsense=1) == "invalidArguments"


async def test_created_ids_reach_over_calls(browser):
    responses = await browser.calls(
        ["Mailbox/set", {"create": {"box": {"name": "새 함"}}}],
        ["Email/set", {"create": {"mail": {"mailboxIds": {"#box": True}, "subject": "x"}}}],
        ["Email/set", {"update": {"#mail": {"keywords/$seen": True}}}],
        ["Email/set", {"update": {"#none": {"keywords/$seen": True}}}],
        created_ids={},
    )
    made = responses[1][1]["created"]["mail"]["id"]
    assert responses[2][1]["updated"] == {"#mail": None}
    assert responses[3][1]["notUpdated"]["#none"]["type"] == "notFound"
    assert (await browser.call("Email/get", ids=[made], properties=["mailboxIds", "keywords"]))["list"][0][
        "keywords"
    ] == {"$seen": True}


async def test_over_quota(house, browser, kim):
    await house.store.update_account(kim.id, quota=100)
    assert (await created(browser, subject="x"))["type"] == "overQuota"


async def test_a_deleted_placement_comes_back(house, browser, kim):
    from smartmail.service.mailbox.mailstore.messages import FlagChange

    email = f"e{await house.deliver(kim, mail('one'))}"
    await browser.call("Email/set", update={email: {"mailboxIds/m6": True}})
    await house.services.messages.store_flags(house.actor(kim), kim.id, 1, [1], FlagChange("add", (), deleted=True))
    assert (await browser.call("Email/get", ids=[email], properties=["mailboxIds"]))["list"][0]["mailboxIds"] == {
        "m6": True
    }
    await browser.call("Email/set", update={email: {"mailboxIds/m1": True}})
    assert (await browser.call("Email/get", ids=[email], properties=["mailboxIds"]))["list"][0]["mailboxIds"] == {
        "m1": True,
        "m6": True,
    }


async def test_import(house, browser, kim):
    octets = mail("가져옴", "body")
    good, bare, odd = (
        await upload(browser, octets),
        await upload(browser, octets.replace(b"\r\n", b"\n")),
        await upload(browser, b"\x00\x01 nothing\r\n\r\n"),
    )
    answer = await browser.call("Email/import", emails={
        "a": {"blobId": good, "mailboxIds": {"m1": True}, "keywords": {"$seen": True}, "receivedAt": "2024-01-02T03:04:05Z"},
        "b": {"blobId": bare, "mailboxIds": {"m1": True}},
        "c": {"blobId": odd, "mailboxIds": {"m1": True}},
        "d": {"blobId": "0" * 32, "mailboxIds": {"m1": True}},
        "e": {"blobId": good, "mailboxIds": {"m99": True}},
        "f": {"blobId": good},
    })  # fmt: skip
    assert set(answer["created"]) == {"a", "b"}
    kinds = {key: error["type"] for key, error in answer["notCreated"].items()}
    assert kinds == {"c": "invalidEmail", "d": "invalidProperties", "e": "invalidProperties", "f": "invalidProperties"}
    assert answer["created"]["a"]["blobId"] == good
    assert await raw_of(browser, answer["created"]["b"]) == octets
    [email] = (
        await browser.call(
            "Email/get", ids=[answer["created"]["a"]["id"]], properties=["subject", "receivedAt", "keywords"]
        )
    )["list"]
    assert (email["subject"], email["receivedAt"], email["keywords"]) == (
        "가져옴",
        "2024-01-02T03:04:05Z",
        {"$seen": True},
    )
    assert await browser.error("Email/import", ifInState="0", emails={}) == "stateMismatch"


async def test_copy_knows_no_second_account(house, browser):
    other = f"a{house.accounts['choi@a.example'].id}"
    create = {"k": {"id": "e1", "mailboxIds": {"m1": True}}}
    assert await browser.error("Email/copy", fromAccountId=other, create=create) == "fromAccountNotFound"
    assert await browser.error("Email/copy", fromAccountId=browser.account, create=create) == "invalidArguments"
    blob = await upload(browser, b"x")
    answer = await browser.call("Blob/copy", fromAccountId=browser.account, blobIds=[blob, "nonsense"])
    assert answer["copied"] == {blob: blob} and answer["notCopied"]["nonsense"]["type"] == "notFound"
    assert await browser.error("Blob/copy", fromAccountId=other, blobIds=[]) == "fromAccountNotFound"


async def test_too_many_keywords(house, browser, kim):
    email = f"e{await house.deliver(kim, mail())}"
    many = {f"word{number}": True for number in range(501)}
    answer = await browser.call("Email/set", update={email: {"keywords": many}}, create={
        "k": {"mailboxIds": {"m1": True}, "keywords": many},
    })  # fmt: skip
    assert answer["notUpdated"][email]["type"] == answer["notCreated"]["k"]["type"] == "tooManyKeywords"
