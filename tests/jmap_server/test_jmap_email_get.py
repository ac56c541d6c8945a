"""Email/get, Email/parse, Thread/get: properties out of summaries, bodies by range."""

import pytest
from tests.jmap_server.jmap_house import mail

RICH = (
    b"Received: by x; Tue, 1 Jul 2025 00:00:01 +0000\r\n"
    b"From: =?utf-8?B?7J2066+47KeA?= <lee@b.example>\r\n"
    b'To: team: kim@a.example, "Choi, J" <choi@a.example>;, park@a.example\r\n'
    b"Subject: =?euc-kr?B?waa48Q==?=\r\n"
    b"Date: Tue, 01 Jul 2025 09:00:00 +0900\r\n"
    b"Message-ID: <one@b.example>\r\n"
    b"References: <zero@b.example> <half@b.example>\r\n"
    b"List-Unsubscribe: <https://b.example/u>, <mailto:u@b.example>\r\n"
    b"X-Odd: first\r\n"
    b"X-Odd: second =?utf-8?Q?caf=C3=A9?=\r\n"
    b"MIME-Version: 1.0\r\n"
    b'Content-Type: multipart/mixed; boundary="m"\r\n\r\n'
    b"--m\r\nContent-Type: multipart/related; boundary=r\r\n\r\n"
    b"--r\r\nContent-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n"
    b"Content-Language: ko\r\n\r\n"
    b'<p onclick=3D"x()">=EC=95=88=EB=85=95</p><img src=3D"cid:pic@b"><img src=3D"http://t.example/p.gif"><script>1</script>\r\n'
    b"--r\r\nContent-Type: image/png\r\nContent-ID: <pic@b>\r\nContent-Disposition: inline\r\n"
    b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n"
    b"--r--\r\n"
    b"--m\r\nContent-Type: message/rfc822\r\n\r\nSubject: inside\r\nFrom: a@b.example\r\n\r\nnested text\r\n"
    b"--m\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment;\r\n"
    b" filename*=UTF-8''%EA%B3%84%EC%95%BD.pdf\r\nContent-Transfer-Encoding: base64\r\nX-Part: deep\r\n\r\nJVBERi0xLjQ=\r\n"
    b"--m--\r\n"
)


@pytest.fixture
async def rich(house, kim):
    return f"e{await house.deliver(kim, RICH, names=('$seen', 'work'), at=1751328000123)}"


async def test_metadata_and_header_properties_open_no_blob(house, browser, rich):
    house.volume.reads = 0
    names = ["threadId", "mailboxIds", "keywords", "size", "receivedAt", "messageId", "inReplyTo", "references", "sender",
             "from", "to", "cc", "subject", "sentAt", "hasAttachment", "preview", "blobId", "textBody", "htmlBody",
             "attachments", "bodyStructure", "header:List-Unsubscribe:asURLs", "header:To:asGroupedAddresses",
             "header:From:asRaw", "header:References:asMessageIds", "header:Date:asDate", "header:Subject:asText"]  # fmt: skip
    answer = await browser.call(
        "Email/get", ids=[rich], properties=names, bodyProperties=["partId", "type", "name", "cid"]
    )
    [email] = answer["list"]
    assert house.volume.reads == 0
    assert email["id"] == rich and email["threadId"] == "t1" and email["size"] == len(RICH)
    assert email["mailboxIds"] == {"m1": True}
    assert email["keywords"] == {"$seen": True, "work": True}
    assert email["receivedAt"] == "2025-07-01T00:00:00Z"
    assert email["sentAt"] == "2025-07-01T09:00:00+09:00"
    assert email["messageId"] == ["one@b.example"] and email["inReplyTo"] is None
    assert email["references"] == ["zero@b.example", "half@b.example"]
    assert email["from"] == [{"email": "lee@b.example", "name": "이미지"}] and email["sender"] is None
    assert [one["email"] for one in email["to"]] == ["kim@a.example", "choi@a.example", "park@a.example"]
    assert email["subject"] == "제목" and email["preview"] == "안녕" and email["hasAttachment"] is True
    assert email["htmlBody"] == [{"partId": "1.1", "type": "text/html", "name": None, "cid": None}]
    assert email["textBody"] == email["htmlBody"]
    assert [one["name"] for one in email["attachments"]] == [None, None, "계약.pdf"]
    tree = email["bodyStructure"]
    assert tree["type"] == "multipart/mixed" and tree["partId"] is None
    assert [one["type"] for one in tree["subParts"]] == ["multipart/related", "message/rfc822", "application/pdf"]
    assert [one["partId"] for one in tree["subParts"][0]["subParts"]] == ["1.1", "1.2"]
    assert "subParts" not in tree["subParts"][1]
    assert email["header:List-Unsubscribe:asURLs"] == ["https://b.example/u", "mailto:u@b.example"]
    assert email["header:To:asGroupedAddresses"] == [
        {"name": "team", "addresses": [{"email": "kim@a.example", "name": None}, {"email": "choi@a.example", "name": "Choi, J"}]},
        {"name": None, "addresses": [{"email": "park@a.example", "name": None}]},
    ]  # fmt: skip
    assert email["header:From:asRaw"] == " =?utf-8?B?7J2066+47KeA?= <lee@b.example>"
    assert email["header:References:asMessageIds"] == email["references"]
    assert email["header:Date:asDate"] == email["sentAt"] and email["header:Subject:asText"] == "제목"


async def test_fields_that_are_not_kept_and_fields_of_parts(browser, rich):
    answer = await browser.call(
        "Email/get", ids=[rich], bodyProperties=["type", "headers", "header:X-Part:asText"],
        properties=["header:X-Odd:asText", "header:x-odd:all", "header:X-None", "header:X-None:asText:all", "headers", "attachments"],
    )  # fmt: skip
    [email] = answer["list"]
    assert email["header:X-Odd:asText"] == "second café"
    assert email["header:x-odd:all"] == [" first", " second =?utf-8?Q?caf=C3=A9?="]
    assert email["header:X-None"] is None and email["header:X-None:asText:all"] == []
    assert email["headers"][0] == {"name": "Received", "value": " by x; Tue, 1 Jul 2025 00:00:01 +0000"}
    assert [one["header:X-Part:asText"] for one in email["attachments"]] == [None, None, "deep"]
    assert email["attachments"][2]["headers"][0]["name"] == "Content-Type"


async def test_body_values_read_only_their_part(house, browser, rich):
    house.volume.reads = 0
    answer = await browser.call("Email/get", ids=[rich], properties=["bodyValues"], fetchHTMLBodyValues=True)
    assert house.volume.reads == 1
    value = answer["list"][0]["bodyValues"]["1.1"]
    assert (
        value["value"].startswith('<p onclick="x()">안녕</p>')
        and not value["isTruncated"]
        and not value["isEncodingProblem"]
    )
    answer = await browser.call("Email/get", ids=[rich], properties=["bodyValues"])
    assert answer["list"][0]["bodyValues"] == {}


@pytest.mark.parametrize(
    ("bound", "expected"), [(1, ""), (3, "가"), (4, "가"), (6, "가나"), (7, "가나\n"), (0, "가나\n")]
)
async def test_a_value_is_cut_between_characters(house, browser, kim, bound, expected):
    number = await house.deliver(kim, mail(body="가나", Content_Type="text/plain; charset=utf-8"))
    answer = await browser.call(
        "Email/get", ids=[f"e{number}"], properties=["bodyValues"], fetchAllBodyValues=True, maxBodyValueBytes=bound
    )
    value = answer["list"][0]["bodyValues"]["1"]
    assert value["value"] == expected and value["isTruncated"] is (expected != "가나\n")


async def test_html_is_not_cut_inside_a_tag(house, browser, kim):
    number = await house.deliver(kim, mail(body='<p>x</p><a href="y">z</a>', Content_Type="text/html"))
    answer = await browser.call(
        "Email/get", ids=[f"e{number}"], properties=["bodyValues"], fetchHTMLBodyValues=True, maxBodyValueBytes=12
    )
    assert answer["list"][0]["bodyValues"]["1"]["value"] == "<p>x</p>"


async def test_a_false_charset_is_told(house, browser, kim):
    octets = mail(body="BODY", Content_Type="text/plain; charset=utf-8").replace(b"BODY", b"ok \xff\xfe")
    number = await house.deliver(kim, octets)
    answer = await browser.call("Email/get", ids=[f"e{number}"], properties=["bodyValues"], fetchTextBodyValues=True)
    assert answer["list"][0]["bodyValues"]["1"]["isEncodingProblem"] is True


async def test_what_is_not_there_is_not_found(browser, rich):
    answer = await browser.call(
        "Email/get", ids=[rich, rich, "e999", "x1", "e0", "e" + "9" * 19, "m1"], properties=["id"]
    )
    assert answer["list"] == [{"id": rich}]
    assert sorted(answer["notFound"]) == sorted(["e999", "x1", "e0", "e" + "9" * 19, "m1"])


async def test_wrong_properties_and_accounts(browser, house):
    assert await browser.error("Email/get", ids=[], properties=["nonsense"]) == "invalidArguments"
    assert await browser.error("Email/get", ids=[], properties=["header:Subject:asDate"]) == "invalidArguments"
    assert await browser.error("Email/get", ids=[f"e{n}" for n in range(1, 1002)]) == "requestTooLarge"
    other = f"a{house.accounts['choi@a.example'].id}"
    for account in (other, "a999", "nobody", "a01"):
        assert await browser.error("Email/get", accountId=account, ids=[]) == "accountNotFound"


async def test_all_emails_when_they_are_few(browser, rich):
    assert [one["id"] for one in (await browser.call("Email/get", ids=None, properties=["id"]))["list"]] == [rich]


async def test_deleted_placements_do_not_exist(house, browser, kim, rich):
    """RFC 8621 §4.1.1: what IMAP marks deleted is gone for JMAP."""
    from smartmail.service.mailbox.mailstore.messages import FlagChange

    state = (await browser.call("Email/get", ids=[]))["state"]
    actor = house.actor(kim)
    await house.services.messages.store_flags(actor, kim.id, 1, [1], FlagChange("add", (), deleted=True))
    assert (await browser.call("Email/get", ids=[rich]))["notFound"] == [rich]
    assert (await browser.call("Email/query", filter=None))["ids"] == []
    assert (await browser.call("Email/query", filter={"inMailbox": "m1"}, calculateTotal=True))["total"] == 0
    assert (await browser.call("Email/changes", sinceState=state))["destroyed"] == [rich]
    assert (await browser.call("Thread/get", ids=["t1"]))["notFound"] == ["t1"]
    assert (await browser.call("Email/set", update={rich: {"keywords/$seen": True}}))["notUpdated"][rich][
        "type"
    ] == "notFound"


async def test_changes_of_emails(house, browser, kim, rich):
    state = (await browser.call("Email/get", ids=[]))["state"]
    second = f"e{await house.deliver(kim, mail('two'))}"
    await browser.call("Email/set", update={rich: {"keywords/$flagged": True}})
    answer = await browser.call("Email/changes", sinceState=state)
    assert (answer["created"], answer["updated"], answer["destroyed"]) == ([second], [rich], [])
    assert answer["oldState"] == state and not answer["hasMoreChanges"]
    first = await browser.call("Email/changes", sinceState=state, maxChanges=1)
    assert first["hasMoreChanges"] and len(first["created"] + first["updated"]) == 1
    rest = await browser.call("Email/changes", sinceState=first["newState"], maxChanges=1)
    assert not rest["hasMoreChanges"] and rest["newState"] == answer["newState"]
    assert await browser.error("Email/changes", sinceState="nonsense") == "cannotCalculateChanges"
    assert await browser.error("Email/changes", sinceState="999999") == "cannotCalculateChanges"
    assert await browser.error("Email/changes", sinceState=state, maxChanges=0) == "invalidArguments"
    assert await browser.error("Email/queryChanges", sinceQueryState="999999") == "cannotCalculateChanges"


async def test_threads(house, browser, kim):
    await house.deliver(kim, mail("plan", Message_ID="<1@b>"), at=2000)
    await house.deliver(kim, mail("Re: plan", Message_ID="<2@b>", In_Reply_To="<1@b>"), at=1000)
    await house.deliver(kim, mail("other", Message_ID="<3@b>"), at=3000)
    [one, two, three] = (await browser.call("Email/get", ids=["e1", "e2", "e3"], properties=["threadId"]))["list"]
    assert one["threadId"] == two["threadId"] != three["threadId"]
    answer = await browser.call("Thread/get", ids=[one["threadId"], "t99", "e1"])
    assert answer["list"] == [{"id": one["threadId"], "emailIds": ["e2", "e1"]}]
    assert sorted(answer["notFound"]) == ["e1", "t99"]
    assert len((await browser.call("Thread/get", ids=None))["list"]) == 2
    changes = await browser.call("Thread/changes", sinceState="0")
    assert sorted(changes["created"]) == sorted({one["threadId"], three["threadId"]})


@pytest.mark.parametrize("field", ["In_Reply_To", "References"])
async def test_a_reply_that_came_before_its_parent_is_joined_by_it(house, browser, kim, field):
    """RFC 8621 §3: mail comes out of order; the ids of the replies stay as they are, and Thread/changes tells."""
    await house.deliver(kim, mail("Re: 회신: plan", Message_ID="<3@b>", **{field: "<1@b> <2@b>"}), at=3000)
    await house.deliver(kim, mail("RE: plan", Message_ID="<4@b>", **{field: "<2@b>"}), at=4000)
    state = (await browser.call("Thread/get", ids=[]))["state"]
    emails = (await browser.call("Email/get", ids=[]))["state"]
    await house.deliver(kim, mail("Re: plan", Message_ID="<2@b>", In_Reply_To="<1@b>"), at=2000)
    await house.deliver(kim, mail("plan", Message_ID="<1@b>"), at=1000)
    threads = (await browser.call("Thread/get", ids=None))["list"]
    assert [one["emailIds"] for one in threads] == [["e4", "e3", "e1", "e2"]]
    changes = await browser.call("Thread/changes", sinceState=state)
    assert (changes["created"], changes["updated"], changes["destroyed"]) == ([], [threads[0]["id"]], [])
    changes = await browser.call("Email/changes", sinceState=emails)
    assert (changes["created"], changes["updated"], changes["destroyed"]) == (["e3", "e4"], [], [])


async def test_render_is_safe_and_maps_pictures(browser, rich):
    shown = (await browser.ask("GET", f"/jmap/render/{browser.account}/{rich}")).json
    assert "onclick" not in shown["html"] and "script" not in shown["html"]
    assert (shown["remoteCount"], shown["trackerCount"]) == (1, 0)
    assert "t.example" not in shown["html"].split("data-remote-src")[0]
    assert shown["lang"] == "ko" and shown["plain"] is False and shown["truncated"] is False
    url = shown["html"].split('src="')[1].split('"')[0].replace("&amp;", "&")
    picture = await browser.ask("GET", url)
    assert (picture.status, picture.body) == (200, b"\x89PNG\r\n\x1a\n")
    assert picture.headers["content-type"] == "image/png"
    asked = (await browser.ask("GET", f"/jmap/render/{browser.account}/{rich}?remote=1")).json
    assert f'src="/jmap/picture/{browser.account}/' in asked["html"]
    assert 'src="https:' not in asked["html"]
    for path in (
        f"/jmap/render/a999/{rich}",
        f"/jmap/render/{browser.account}/e999",
        f"/jmap/render/{browser.account}/x",
    ):
        assert (await browser.ask("GET", path)).status == 404


async def test_render_flowed_text(house, browser, kim):
    number = await house.deliver(
        kim, mail(body="> quoted\none \ntwo\nhttps://x.example/ <b>", Content_Type='text/plain; format="flowed"')
    )
    shown = (await browser.ask("GET", f"/jmap/render/{browser.account}/e{number}")).json
    assert shown["plain"] is True and "<blockquote>" in shown["html"] and "one two" in shown["html"]
    assert "&lt;b&gt;" in shown["html"] and 'href="https://x.example/"' in shown["html"]


async def test_parse_a_nested_message(browser, rich):
    structure = (await browser.call("Email/get", ids=[rich], properties=["attachments"]))["list"][0]["attachments"]
    blob = structure[1]["blobId"]
    answer = await browser.call("Email/parse", blobIds=[blob, "0" * 32, "nonsense"], fetchTextBodyValues=True)
    assert sorted(answer["notFound"]) == ["0" * 32, "nonsense"]
    parsed = answer["parsed"][blob]
    assert parsed["subject"] == "inside" and parsed["bodyValues"]["1"]["value"] == "nested text"
    inner = parsed["textBody"][0]["blobId"]
    reply = await browser.ask("GET", f"/jmap/download/{browser.account}/{inner}/x.txt?accept=text/plain")
    assert reply.body == b"nested text"
    more = await browser.call(
        "Email/parse",
        blobIds=[blob],
        properties=["id", "mailboxIds", "keywords", "receivedAt", "threadId", "size", "blobId"],
    )
    assert more["parsed"][blob] == {
        "id": None, "mailboxIds": None, "keywords": None, "receivedAt": None, "threadId": None, "size": 49, "blobId": blob,
    }  # fmt: skip


async def test_bodies_of_one_request_are_bounded_together(house, browser, kim, monkeypatch):
    """A thousand bodies at once must not fill the memory: what goes beyond the bound is told as truncated."""
    from smartmail.edge.httpd.jmap import context

    emails = [f"e{await house.deliver(kim, mail(body='x' * 100))}" for _ in range(3)]
    monkeypatch.setattr(context.Budget.__init__, "__defaults__", (150, context.MAX_TOLD))
    answer = await browser.call("Email/get", ids=emails, properties=["bodyValues"], fetchTextBodyValues=True)
    values = [one["bodyValues"]["1"] for one in answer["list"]]
    assert [len(one["value"]) for one in values] == [101, 49, 0]
    assert [one["isTruncated"] for one in values] == [False, True, True]
    assert await browser.error("Email/parse", blobIds=[f"{n:032x}" for n in range(51)]) == "requestTooLarge"


async def test_what_is_told_beside_bodies_is_bounded_before_it_is_made(house, browser, kim, monkeypatch):
    from smartmail.edge.httpd.jmap import context, emails

    made = []
    whole = emails.email_object

    async def counted(source, wish):
        made.append(source)
        return await whole(source, wish)

    numbers = [f"e{await house.deliver(kim, mail(**{'X-Long': 'x' * 900}))}" for _ in range(6)]
    monkeypatch.setattr(context.Budget.__init__, "__defaults__", (context.MAX_ANSWERED, 5_000))
    monkeypatch.setattr(emails, "email_object", counted)
    for properties in (["headers"], ["header:X-Long"], ["header:x-long:asText:all", "header:X-LONG:asRaw"]):
        made.clear()
        assert await browser.error("Email/get", ids=numbers, properties=properties) == "requestTooLarge"
        assert len(made) < 6
    # Each call by itself fits; together they share the bound of their request.
    one = ["Email/get", {"ids": numbers[:3], "properties": ["headers"]}]
    kinds = [name if name != "error" else told["type"] for name, told, _ in await browser.calls(one, one)]
    assert kinds == ["Email/get", "requestTooLarge"]


async def test_a_message_is_not_asked_for_header_fields_without_bound(browser):
    many = [f"header:X-{number}" for number in range(101)]
    assert await browser.error("Email/get", ids=["e1"], properties=many) == "requestTooLarge"
    assert await browser.error("Email/get", ids=["e1"], bodyProperties=many) == "requestTooLarge"
    assert (await browser.call("Email/get", ids=["e999"], properties=many[:100]))["notFound"] == ["e999"]
