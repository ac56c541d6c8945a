"""The thin path: sign in, list, read, write, send."""

import json

from tests.jmap_server.jmap_house import Browser, mail


async def test_session_list_read_write_send(house, browser, kim):
    await house.deliver(kim, mail("첫 메일", "안녕하세요", Content_Type="text/plain; charset=utf-8"))
    session = (await browser.ask("GET", "/jmap/session")).json
    assert session["username"] == "kim@a.example"
    assert session["apiUrl"] == "https://mail.test/jmap/api/"
    assert session["primaryAccounts"]["urn:ietf:params:jmap:mail"] == browser.account
    boxes = {one["role"]: one for one in (await browser.call("Mailbox/get", ids=None))["list"]}
    [own] = [
        one for name, one in session["accounts"][browser.account]["accountCapabilities"].items() if "smartmail" in name
    ]
    assert own["inboxId"] == boxes["inbox"]["id"], "a page asks for its first rows before it knows the mailboxes"
    assert boxes["inbox"]["totalEmails"] == boxes["inbox"]["unreadEmails"] == boxes["inbox"]["totalThreads"] == 1
    responses = await browser.calls(
        ["Email/query", {"filter": {"inMailbox": boxes["inbox"]["id"]}, "limit": 50, "calculateTotal": True}],
        ["Email/get", {"#ids": {"resultOf": "0", "name": "Email/query", "path": "/ids"}, "fetchTextBodyValues": True}],
    )
    assert responses[0][1]["total"] == 1
    [email] = responses[1][1]["list"]
    assert email["subject"] == "첫 메일"
    assert email["from"] == [{"email": "lee@b.example", "name": "Lee"}]
    assert email["bodyValues"]["1"]["value"] == "안녕하세요\n"
    rendered = (await browser.ask("GET", f"/jmap/render/{browser.account}/{email['id']}")).json
    assert "안녕하세요" in rendered["html"] and rendered["lang"] == "ko"
    identity = (await browser.call("Identity/get", ids=None))["list"][0]
    responses = await browser.calls(
        ["Email/set", {"create": {"mail": {
            "mailboxIds": {boxes["drafts"]["id"]: True}, "keywords": {"$seen": True},
            "from": [{"email": "kim@a.example", "name": "김"}], "to": [{"email": "choi@a.example", "name": None}],
            "subject": "답장", "textBody": [{"partId": "t", "type": "text/plain"}], "bodyValues": {"t": {"value": "반가워요"}},
        }}}],
        ["EmailSubmission/set", {
            "create": {"send": {"identityId": identity["id"], "emailId": "#mail"}},
            "onSuccessUpdateEmail": {"#send": {
                f"mailboxIds/{boxes['drafts']['id']}": None, f"mailboxIds/{boxes['sent']['id']}": True, "keywords/$draft": None,
            }},
        }],
    )  # fmt: skip
    assert [one[0] for one in responses] == ["Email/set", "EmailSubmission/set", "Email/set"], json.dumps(responses)
    made = responses[0][1]["created"]["mail"]
    assert responses[1][1]["created"]["send"]["undoStatus"] == "final"
    assert responses[2][1]["updated"] == {made["id"]: None}
    sent = (await browser.call("Email/get", ids=[made["id"]]))["list"][0]
    assert sent["mailboxIds"] == {boxes["sent"]["id"]: True}
    assert sent["keywords"] == {"$seen": True}
    assert sent["subject"] == "답장"


async def test_push_tells_of_arrival(house, browser, kim):
    stream = browser.open("/jmap/events/?types=*&closeafter=state&ping=0")
    assert await stream.next() == b": open\n\n"
    await house.deliver(kim, mail("new"))
    event = await stream.next()
    assert event.startswith(b"id: ")
    data = json.loads(event.split(b"data: ")[1])
    assert set(data["changed"][browser.account]) == {"Mailbox", "Email", "EmailDelivery", "Thread"}
    assert await stream.next() is None
    await stream.task


async def test_nobody_gets_nothing(house):
    stranger = Browser(house.app)
    for method, url in (
        ("GET", "/jmap/session"), ("POST", "/jmap/api/"), ("POST", "/jmap/upload/a1/"), ("GET", "/jmap/download/a1/00/x"),
        ("GET", "/jmap/events/"), ("GET", "/jmap/render/a1/e1"), ("GET", "/auth/me"),
    ):  # fmt: skip
        reply = await stranger.ask(method, url)
        assert reply.status == 401, url
        assert reply.headers["content-type"] == "application/problem+json"
