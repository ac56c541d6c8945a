"""/basic: mail by plain forms, with the rules of the webmail."""

import re
import time
from html import unescape
from urllib.parse import urlencode

import pytest
from tests.flows.factor_house import app_of
from tests.jmap_server import jmap_house
from tests.jmap_server.jmap_house import PASSWORD, Browser, mail

from smartmail.base.i18n import LANGUAGES, translate
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin
from smartmail.edge.httpd.basic.forms import MAX_ENCODED, MAX_TEXT

FORM = {"content-type": "application/x-www-form-urlencoded"}
CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
LOGIN = "kim@a.example"


class Plain(Browser):
    """A browser without scripts: it sends back what the forms hold, and follows."""

    async def visit(self, url: str, **fields: str):
        reply = await self.ask("GET", url, headers=fields)
        assert reply.status == 200, (reply.status, reply.headers, reply.body[:500])
        return reply.body.decode()

    async def post(self, url: str, page: str, /, headers: dict[str, str] | None = None, **fields: str):
        given = {**hidden(page, url), **fields}
        return await self.ask("POST", url, urlencode(given).encode(), {**FORM, **(headers or {})})


def hidden(page: str, action: str) -> dict[str, str]:
    """The hidden fields of the first form that goes to `action`."""
    form = re.search(rf'<form method="post" action="{re.escape(action)}".*?</form>', page, re.DOTALL)
    assert form is not None, (action, page)
    found = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[0])
    return {name: unescape(value) for name, value in found}


@pytest.fixture
async def plain(house):
    browser = await house.browser(LOGIN)
    return Plain(house.app, cookie=browser.cookie, page=False, account=browser.account)


async def test_sign_in_by_a_code_and_out(house, kim):
    await house.services.auth.set_password(kim.id, PASSWORD)
    webmail = Browser(house.app)
    await webmail.ask("POST", "/auth/login", {"address": LOGIN, "password": PASSWORD})
    begun = (await webmail.ask("POST", "/auth/factor/begin", {"kind": "totp", "password": PASSWORD})).json
    totp = app_of(begun["address"])
    body = {"challenge": begun["challenge"], "kind": "totp", "label": "", "response": _code(totp, -1)}
    assert (await webmail.ask("POST", "/auth/factor/finish", body)).status == 200

    plain = Plain(house.app, page=False)
    assert (await plain.ask("GET", "/basic")).headers["location"] == "/basic/sign-in"
    page = await plain.visit("/basic/sign-in")
    wrong = await plain.post("/basic/sign-in", page, address=LOGIN, password="not it")
    assert (wrong.status, "kim@a.example" in wrong.body.decode()) == (401, True)
    waiting = await plain.post("/basic/sign-in", page, address=LOGIN, password=PASSWORD)
    assert waiting.status == 200
    page = waiting.body.decode()
    wrong = await plain.post("/basic/code", page, code="000000")
    assert wrong.status == 401
    visit = plain.cookie
    done = await plain.post("/basic/code", wrong.body.decode(), code=_code(totp)["code"])
    assert (done.status, done.headers["location"]) == (303, "/basic")
    assert plain.cookie != visit
    plain.cookie = "; ".join({visit, plain.cookie})
    page = await plain.visit("/basic")
    out = await plain.post("/basic/sign-out", page)
    assert (out.status, out.headers["location"]) == (303, "/basic/sign-in")
    await house.services.auth.settle()


def _code(totp, steps=0):
    return {"code": totp.code(int(time.time()) // 30 + steps)}


async def test_list_read_search_delete(house, kim, plain):
    for at in range(30):
        await house.deliver(
            kim, mail(f"number {at} <b>", f"body of {at} <script>alert(1)</script>"), at=1_750_000_000_000 + at
        )
    page = await plain.visit("/basic")
    assert page.count("<tr") == 25
    assert "number 29 &lt;b&gt;" in page
    older = unescape(re.search(r'href="(/basic\?[^"]*at=25[^"]*)"', page)[1])
    page = await plain.visit(older)
    assert page.count("<tr") == 5
    letter = re.search(r'href="(/basic/mail\?id=[^"]*)"', page)[1]
    assert "class=new" in page
    read = await plain.visit(letter)
    assert "body of 4 &lt;script&gt;" in read
    assert (await plain.visit(older)).count("class=new") == page.count("class=new") - 1
    assert (await plain.visit("/basic?q=number")).count("<tr") == 25
    assert (await plain.visit("/basic?q=nowhere")).count("<tr") == 0
    gone = await plain.post("/basic/mail", read, act="delete")
    assert gone.status == 303
    assert (await plain.visit(older)).count("<tr") == 4
    assert len(page.encode()) < 20_480


async def test_answer_with_an_attachment(house, kim, plain):
    await house.deliver(kim, mail("일정", "언제?", From="Choi <choi@a.example>", Message_ID="<m1@a.example>"))
    page = await plain.visit(await _answering(plain))
    assert 'value="Re: 일정"' in page
    assert "&gt; 언제?" in page
    fields = {
        **hidden(page, "/basic/write"),
        "to": '"Choi" <choi@a.example>',
        "subject": "Re: 일정",
        "body": "화요일\r\n좋습니다",
    }
    reply = await _send(plain, fields, ("보고.txt", "text/plain", "첨부 내용".encode()))
    assert (reply.status, reply.headers.get("location")) == (303, "/basic"), reply.body.decode()
    webmail = await house.browser(LOGIN)
    sent = await _only(webmail, "sent")
    assert (sent["inReplyTo"], sent["to"][0]["email"]) == (["m1@a.example"], "choi@a.example")
    assert [one["value"] for one in sent["bodyValues"].values()] == ["화요일\n좋습니다"]
    assert [(one["name"], one["type"]) for one in sent["attachments"]] == [("보고.txt", "text/plain")]
    assert "$answered" in (await _only(webmail, "inbox"))["keywords"]
    assert (await webmail.call("EmailSubmission/query"))["ids"] != []


async def test_what_is_wrong_is_told_and_nothing_is_lost(house, plain):
    page = await plain.visit("/basic/write")
    fields = {**hidden(page, "/basic/write"), "to": "", "subject": "제목", "body": "<글>"}
    reply = await _send(plain, fields)
    assert reply.status == 400
    assert any(translate(one, "basic.no-recipient") in reply.body.decode() for one in LANGUAGES)
    assert "&lt;글&gt;" in reply.body.decode()
    reply = await _send(plain, {**fields, "to": "no address"}, ("a.txt", "text/plain", b"a"))
    assert reply.status == 400
    assert "no address" in reply.body.decode()
    assert (await (await house.browser(LOGIN)).call("EmailSubmission/query"))["ids"] == []


@pytest.mark.parametrize(
    "fields", [{"to": '"<' * 60_000}, {"body": "a" * (MAX_TEXT + 1)}, {"subject": "x", "cc": "a@b.test," * 20_000}]
)
async def test_a_form_that_would_hold_everybody_is_too_large(house, plain, fields):
    page = await plain.visit("/basic/write")
    given = {**hidden(page, "/basic/write"), "act": "send", "to": "lee@b.example", **fields}
    parts = [f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n' for name, text in given.items()]
    body = ("".join(parts) + "--b--\r\n").encode()
    reply = await plain.ask("POST", "/basic/write", body, {"content-type": "multipart/form-data; boundary=b"})
    assert reply.status == 413
    assert len(reply.body) < 1_000_000
    # Without files a form has no business to be large.
    assert (await plain.post("/basic/write", page, body="a" * (MAX_ENCODED + 1))).status == 413


async def test_a_form_of_a_foreign_page_does_nothing(house, kim, plain):
    await house.deliver(kim, mail())
    page = await plain.visit("/basic")
    read = await plain.visit(unescape(re.search(r'href="(/basic/mail[^"]*)"', page)[1]))
    for headers in ({"origin": "https://evil.example"}, {"origin": "null"}, {"sec-fetch-site": "cross-site"}):
        assert (await plain.post("/basic/mail", read, headers, act="delete")).status == 403
    assert (await plain.post("/basic/mail", read, act="delete", proof="")).status == 403
    other = await house.browser("choi@a.example")
    foreign = hidden(await Plain(house.app, cookie=other.cookie, page=False).visit("/basic"), "/basic/sign-out")[
        "proof"
    ]
    assert (await plain.post("/basic/mail", read, act="delete", proof=foreign)).status == 403
    assert await _only(await house.browser(LOGIN), "inbox")
    assert (await plain.post("/basic/mail", read, {"origin": "https://mail.test"}, act="delete")).status == 303


async def test_nobody_without_a_session_gets_in(house, plain):
    nobody = Plain(house.app, page=False)
    for path in ("/basic", "/basic/mail?id=M1", "/basic/write", "/basic/owed"):
        assert (await nobody.ask("GET", path)).headers["location"] == "/basic/sign-in"
    assert (await plain.ask("GET", "/basic/mail?id=M999999")).status == 404
    assert (await plain.ask("GET", "/basic?box=nothing")).status == 404
    signed_in_elsewhere = await Plain(house.app, page=False).ask(
        "POST", "/basic/sign-in", b"address=a&password=b", FORM
    )
    assert signed_in_elsewhere.status == 403


async def test_policy_keeps_paper_and_files_here(house, kim, plain):
    boundary = "b1"
    body = (
        f"--{boundary}\nContent-Type: text/plain\n\nwords\n--{boundary}\n"
        f'Content-Type: text/csv; name="list.csv"\nContent-Disposition: attachment; filename="list.csv"\n\n1,2\n--{boundary}--'
    )
    await house.deliver(
        kim, mail("files", body, MIME_Version="1.0", Content_Type=f'multipart/mixed; boundary="{boundary}"')
    )
    place = unescape(re.search(r'href="(/basic/mail[^"]*)"', await plain.visit("/basic"))[1])
    read = await plain.visit(place)
    file = unescape(re.search(r'href="(/jmap/download/[^"]*)"', read)[1])
    assert (await plain.ask("GET", file)).body == b"1,2"
    assert "<body>" in read
    for knob, value in (("print.allowed", False), ("copy.allowed", False), ("attachment.doors", ["jmap"])):
        await house.services.governing.set_knob(CLI, PolicyRule(knob, Scope("system"), value))
    read = await plain.visit(place)
    assert '<body class="unprinted uncopied">' in read
    assert "/jmap/download/" not in read
    assert (await plain.ask("GET", file)).status == 403


async def test_what_a_session_owes_comes_first(house, kim):
    await house.services.auth.set_password(kim.id, PASSWORD)
    await house.services.governing.set_knob(CLI, PolicyRule("second-factor.grace-days", Scope("system"), 0))
    await house.services.governing.set_knob(CLI, PolicyRule("second-factor.required", Scope("system"), "required"))
    plain = Plain(house.app, page=False)
    page = await plain.visit("/basic/sign-in", **{"accept-language": "ko"})
    assert (await plain.post("/basic/sign-in", page, address=LOGIN, password=PASSWORD)).status == 303
    assert (await plain.ask("GET", "/basic")).headers["location"] == "/basic/owed"
    assert (await plain.ask("GET", "/basic/write")).headers["location"] == "/basic/owed"
    assert 'href="/"' in await plain.visit("/basic/owed")
    await house.services.auth.settle()


@pytest.mark.parametrize("language", LANGUAGES)
async def test_pages_speak_the_readers_language(house, language):
    page = await Plain(house.app, page=False).visit("/basic/sign-in", **{"accept-language": language})
    assert f'<html lang="{language}">' in page
    assert translate(language, "basic.sign-in") in page


def _patch(**values):
    return {"singleton": {f"values/{name}": value for name, value in values.items()}}


async def test_times_are_those_of_the_clock_that_the_reader_chose(house, kim, plain, monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, "https://smartmail.example/jmap"])
    at = 1_790_000_000_000  # 2026-09-21 14:13:20 UTC
    await house.deliver(kim, mail("제목"), at=at)
    assert "2026-09-21 23:13" in await plain.visit("/basic")
    webmail = await house.browser(LOGIN)
    await webmail.call("UserPreferences/set", update=_patch(timeZone="America/New_York", hours="h12"))
    page = await plain.visit("/basic", **{"accept-language": "ko"})
    assert "2026-09-21 오전 10:13" in page
    read = await plain.visit(unescape(re.search(r'href="(/basic/mail[^"]*)"', page)[1]), **{"accept-language": "en"})
    assert "2026-09-21 10:13 AM" in read
    form = await plain.visit(re.search(r'href="(/basic/clock)"', page)[1])
    assert 'value="America/New_York"' in form and '<option value="h12" selected>' in form
    wrong = await plain.post("/basic/clock", form, zone="Mars/Base", hours="h23")
    assert wrong.status == 400 and "Mars/Base" in wrong.body.decode() and 'role="alert"' in wrong.body.decode()
    chosen = await plain.post("/basic/clock", form, zone="Europe/Berlin", hours="h23")
    assert (chosen.status, chosen.headers["location"]) == (303, "/basic")
    assert "2026-09-21 16:13" in await plain.visit("/basic")
    [told] = (await webmail.call("UserPreferences/get"))["list"]
    assert (told["values"]["timeZone"], told["values"]["hours"]) == ("Europe/Berlin", "h23"), "the webmail's as well"
    # What no clock is, is none.
    await webmail.call("UserPreferences/set", update=_patch(timeZone="../etc/passwd", hours=7))
    assert "2026-09-21 23:13" in await plain.visit("/basic")


async def _answering(plain):
    """Open the only letter; return where its answer is written."""
    read = await plain.visit(unescape(re.search(r'href="(/basic/mail[^"]*)"', await plain.visit("/basic"))[1]))
    return unescape(re.search(r'href="(/basic/write[^"]*as=answer)"', read)[1])


async def _only(browser, role):
    """The only letter of a mailbox, as the API tells it."""
    boxes = (await browser.call("Mailbox/get", ids=None))["list"]
    box = next(one["id"] for one in boxes if one["role"] == role)
    found = (await browser.call("Email/query", filter={"inMailbox": box}))["ids"]
    (got,) = (await browser.call("Email/get", ids=found, fetchTextBodyValues=True, properties=_SHOWN))["list"]
    return got


_SHOWN = ["inReplyTo", "to", "bodyValues", "textBody", "attachments", "keywords"]


async def _send(plain, fields, *files):
    parts = [f'Content-Disposition: form-data; name="{name}"\r\n\r\n{value}'.encode() for name, value in fields.items()]
    parts += [
        f'Content-Disposition: form-data; name="file"; filename="{name}"\r\nContent-Type: {kind}\r\n\r\n'.encode()
        + octets
        for name, kind, octets in files
    ]
    body = b"".join(b"--edge\r\n" + part + b"\r\n" for part in parts) + b"--edge--\r\n"
    return await plain.ask("POST", "/basic/write", body, {"content-type": "multipart/form-data; boundary=edge"})
