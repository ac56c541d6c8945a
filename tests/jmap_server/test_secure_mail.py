"""Secure mail from the webmail, and its pages: a landing page that uses nothing up, the letter, recall, replies."""

import email
import email.policy
import re
import time

import pytest
from tests.house.clock import MovedClock
from tests.jmap_server.jmap_house import USING, Browser

from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

CLI = Actor(AccountId(0), OrganizationId(0), "", is_admin=True, origin=Origin("cli"))
SECRET = "The price is 42,000,000 won."
FORM = {"content-type": "application/x-www-form-urlencoded"}
FIVE = {
    "ko": ("보안메일", "열기", "회수한 메일"), "en": ("Secure mail", "Open", "recalled this mail"),
    "ja": ("セキュアメール", "開く", "取り消したメール"), "zh-CN": ("安全邮件", "打开", "撤回此邮件"),
    "zh-TW": ("安全郵件", "開啟", "收回此郵件"),
}  # fmt: skip


@pytest.fixture(autouse=True)
async def by_link(house, monkeypatch):
    monkeypatch.setattr("tests.jmap_server.jmap_house.USING", [*USING, "https://smartmail.example/jmap"])
    await set_knob(house, "secure-mail.proof", "link")


@pytest.fixture
def outsider(house):
    return Browser(house.app, page=False)


async def set_knob(house, name, value):
    await house.services.governing.set_knob(CLI, PolicyRule(name, Scope("system"), value))


def letter(field: str, to: str, body: str) -> bytes:
    return (
        f"From: Kim <kim@a.example>\r\nTo: {to}\r\nSubject: Quotation <b>for</b> May\r\nX-SmartMail-Secure: {field}\r\n"
        "Message-ID: <first@a.example>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
        f"--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n{body}\r\n"
        "--b\r\nContent-Type: image/png; name=a.png\r\nContent-ID: <pic@a>\r\nContent-Disposition: inline\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n"
        "--b\r\nContent-Type: text/csv; name=prices.csv\r\nContent-Disposition: attachment; filename=prices.csv\r\n\r\n"
        "a,b\r\n--b--\r\n"
    ).encode()


BODY = f'<p>{SECRET}</p><script>alert(1)</script><img src="cid:pic@a"><img src="https://evil.example/x.png"><form action="/x"></form>'


async def send(house, browser, field="yes", to="park@b.example", body=BODY, **more):
    email = f"e{await house.deliver(house.accounts['kim@a.example'], letter(field, to, body), role='drafts', names=('$draft',))}"
    [[_, answer, _], *_] = await browser.calls(
        ["EmailSubmission/set", {"create": {"s": {"identityId": "i1", "emailId": email, **more}}}]
    )
    assert answer["created"], answer
    return answer["created"]["s"]


async def notices(house) -> dict[str, str]:
    """Return what waits to leave, by its recipient."""
    from smartmail.service.kernel.envelope import open_recipient

    found = {}
    for entry, rows in await house.store.queue_entries(100):
        keys = await house.services.queue._keyring.queue(entry.organization_id)
        key = keys.unwrap(entry.blob.id, entry.wrapped_key)
        octets = await house.services.secure_mail.opening._blobs.read(entry.blob, entry.organization_id, key)
        parsed = email.message_from_bytes(octets, policy=email.policy.default)
        decoded = "" if parsed.is_multipart() else parsed.get_content()
        for row in rows:
            found[open_recipient(keys, row).address] = octets.decode() + decoded
    return found


async def link(house, browser, field="yes", **more) -> str:
    """Send a letter; return the path of park's link."""
    await send(house, browser, field, **more)
    [told] = await house.services.secure_mail.console.list_all(house.actor(house.accounts["kim@a.example"]))
    token = next(one.text.token for one in told.tickets if one.text.recipient == "park@b.example")
    return f"/secure/{token}"


async def read(outsider, path, form: bytes = b"") -> str:
    """Open a letter; return the path of its page."""
    opened = await outsider.ask("POST", path, form, FORM)
    assert opened.status == 303, (opened.status, opened.body)
    return opened.headers["location"]


async def recall(house):
    console, actor = house.services.secure_mail.console, house.actor(house.accounts["kim@a.example"])
    [told] = await console.list_all(actor)
    return await console.recall(actor, told.letter.row.id)


async def test_the_webmail_sends_notices_outside_and_the_letter_inside(house, browser, outsider):
    made = await send(house, browser, "yes", to="choi@a.example, park@b.example, han@c.example")
    waiting = await notices(house)
    assert SECRET in waiting["choi@a.example"] and "X-SmartMail" not in waiting["choi@a.example"]
    for address in ("park@b.example", "han@c.example"):
        assert SECRET not in waiting[address] and "Quotation" not in waiting[address]
    [one] = (await browser.call("EmailSubmission/get", ids=[made["id"]]))["list"]
    assert set(one["deliveryStatus"]) == {"choi@a.example", "park@b.example", "han@c.example"}


async def test_what_was_planned_and_cancelled_leaves_nothing(house, browser):
    envelope = {
        "mailFrom": {"email": "kim@a.example", "parameters": {"HOLDFOR": "600"}},
        "rcptTo": [{"email": "park@b.example"}, {"email": "han@c.example"}],
    }
    made = await send(house, browser, envelope=envelope)
    assert len(await notices(house)) == 2
    await browser.call("EmailSubmission/set", update={made["id"]: {"undoStatus": "canceled"}})
    assert await notices(house) == {}
    [told] = await house.services.secure_mail.console.list_all(house.actor(house.accounts["kim@a.example"]))
    assert told.letter.row.ended == "recalled"


async def test_looking_at_the_landing_page_uses_nothing_up_and_tells_nothing(house, browser, outsider):
    path = await link(house, browser, "yes; each=2")
    for _ in range(20):
        shown = await outsider.ask("GET", path)
        head = await outsider.ask("HEAD", path)
        assert (shown.status, head.status) == (200, 200)
        assert b"Quotation" not in shown.body and b"prices" not in shown.body and b"<script" not in shown.body
        assert shown.headers["cache-control"] == "no-store" and "set-cookie" not in shown.headers
    for _ in range(2):
        page = await outsider.ask("GET", await read(outsider, path))
        assert page.status == 200 and SECRET in page.body.decode()
    third = await outsider.ask("POST", path, b"", FORM)
    assert third.status == 410 and "as often as it may be" in third.body.decode()
    assert (await outsider.ask("GET", path)).status == 410


async def test_the_page_is_safe_and_carries_all_it_shows(house, browser, outsider):
    where = await read(outsider, await link(house, browser, "yes; watermark=yes; print=no"))
    page = await outsider.ask("GET", where)
    text = page.body.decode()
    assert "Quotation &lt;b&gt;for&lt;/b&gt; May" in text and SECRET in text
    assert "<script" not in text and ' src="https:' not in text
    assert text.count("<form") == 0 and "data:image/png;base64,iVBORw0KGgo=" in text
    assert (
        "default-src 'none'" in page.headers["content-security-policy"]
        and "script-src" not in page.headers["content-security-policy"]
    )
    assert (
        page.headers["cache-control"] == "private, no-store" and 0 < int(page.headers["refresh"].split(";")[0]) <= 1801
    )
    assert "@media print" in text and 'class="mark"' in text
    [address] = re.findall(r'href="(/secure/read/[^"]+/part/[^"]+)"', text)
    got = await outsider.ask("GET", address)
    assert (
        got.body == b"a,b"
        and "attachment" in got.headers["content-disposition"]
        and "sandbox" in got.headers["content-security-policy"]
    )
    assert (await outsider.ask("GET", address.replace("/part/", "/other/"))).status == 404
    assert (await outsider.ask("GET", re.sub("/part/[^/]+", "/part/1", address))).status == 404
    [told] = await house.services.secure_mail.console.list_all(house.actor(house.accounts["kim@a.example"]))
    assert told.tickets[0].downloads == 1


async def test_files_are_kept_where_the_sender_says_so(house, browser, outsider):
    where = await read(outsider, await link(house, browser, "yes; download=no"))
    text = (await outsider.ask("GET", where)).body.decode()
    assert "prices.csv" in text and "/part/" not in text and "does not let" in text
    assert (await outsider.ask("GET", f"{where}/part/3/prices.csv")).status == 404


async def test_a_recall_covers_the_open_page_and_ends_all_requests(house, browser, outsider):
    path = await link(house, browser)
    where = await read(outsider, path)
    text = (await outsider.ask("GET", where)).body.decode()
    [frame] = re.findall(r'<iframe class="watch" src="([^"]+)"', text)
    clear = await outsider.ask("GET", frame)
    assert clear.status == 200 and b"<main" not in clear.body and int(clear.headers["refresh"]) <= 4
    assert "frame-ancestors 'self'" in clear.headers["content-security-policy"]
    started = time.monotonic()
    [told] = await recall(house)
    assert told.views == 1
    covered = await outsider.ask("GET", frame)
    assert time.monotonic() - started < 1
    assert covered.status == 410 and "recalled this mail" in covered.body.decode() and "refresh" not in covered.headers
    for gone in (path, where, f"{where}/part/3/prices.csv", where.replace("/read/", "/reply/")):
        assert (await outsider.ask("GET", gone)).status == 410, gone
    assert (await outsider.ask("POST", path, b"", FORM)).status == 410
    assert (await outsider.ask("POST", where.replace("/read/", "/reply/"), b"words=x", FORM)).status == 410


@pytest.mark.parametrize("language", FIVE)
async def test_pages_speak_five_languages(house, browser, outsider, language):
    path = await link(house, browser)
    asked = {"accept-language": language}
    title, verb, recalled = FIVE[language]
    text = (await outsider.ask("GET", path, headers=asked)).body.decode()
    assert title in text and verb in text
    await recall(house)
    gone = await outsider.ask("GET", path, headers=asked)
    assert gone.status == 410 and recalled in gone.body.decode()


async def test_what_is_guessed_is_answered_alike_at_once(house, browser, outsider):
    path = await link(house, browser)
    where = await read(outsider, path)
    guesses = ["/secure/" + "A" * 32, path[:-1] + ("A" if path[-1] != "A" else "B"), "/secure/x", "/secure/read/" + "A" * 32,
               where[:-1] + ("A" if where[-1] != "A" else "B"), "/secure/read/" + path.removeprefix("/secure/"),
               "/secure/" + where.removeprefix("/secure/read/")]  # fmt: skip
    answers = [await outsider.ask("GET", one) for one in guesses]
    assert {one.status for one in answers} == {404} and len({one.body for one in answers}) == 1
    posted = [await outsider.ask("POST", one, b"proof=1", FORM) for one in guesses[:3]]
    assert {one.status for one in posted} == {404} and {one.body for one in posted} == {answers[0].body}

    async def median(address: str) -> float:
        times = []
        for _ in range(30):
            began = time.perf_counter()
            await outsider.ask("GET", address)
            times.append(time.perf_counter() - began)
        return sorted(times)[15]

    near, far = await median(guesses[1]), await median(guesses[0])
    assert abs(near - far) < 0.005


async def test_a_code_is_mailed_by_a_button_and_opens_once(house, browser, outsider):
    path = await link(house, browser, "yes; proof=code")
    text = (await outsider.ask("GET", path)).body.decode()
    assert "pa***@b.example" in text and 'name="send"' in text
    assert (await outsider.ask("POST", path, b"proof=000000", FORM)).status == 403
    assert (await outsider.ask("POST", path, b"send=1", FORM)).status == 200
    code = re.search(r"Subject: .*?(\d{6})", (await codes(house)))[1]
    where = await read(outsider, path, f"proof={code}".encode())
    assert SECRET in (await outsider.ask("GET", where)).body.decode()
    assert (await outsider.ask("POST", path, f"proof={code}".encode(), FORM)).status == 403


async def codes(house) -> str:
    """Return the newest code letter, its subject decoded."""
    from smartmail.service.kernel.envelope import open_recipient

    for entry, rows in reversed(await house.store.queue_entries(100)):
        keys = await house.services.queue._keyring.queue(entry.organization_id)
        octets = await house.services.secure_mail.opening._blobs.read(
            entry.blob, entry.organization_id, keys.unwrap(entry.blob.id, entry.wrapped_key)
        )
        subject = email.message_from_bytes(octets, policy=email.policy.default)["subject"]
        if open_recipient(keys, rows[0]).address == "park@b.example" and re.search(r"\d{6}", subject):
            return f"Subject: {subject}"
    raise AssertionError("no code")


async def test_wrong_passwords_rest_and_lock(house, browser, outsider):
    path = await link(house, browser, "yes; proof=password")
    assert [(await outsider.ask("POST", path, b"proof=x", FORM)).status for _ in range(6)] == [403] * 5 + [429]


async def test_a_reply_with_a_file_arrives_in_the_conversation(house, browser, outsider):
    where = (await read(outsider, await link(house, browser))).replace("/read/", "/reply/")
    form = (await outsider.ask("GET", where)).body.decode()
    assert 'enctype="multipart/form-data"' in form and "Quotation &lt;b&gt;" in form
    body = (
        '--x\r\nContent-Disposition: form-data; name="words"\r\n\r\nIt is agreed.\r\n'
        '--x\r\nContent-Disposition: form-data; name="files"; filename="계약.txt"\r\nContent-Type: text/plain\r\n\r\nsigned\r\n--x--\r\n'
    ).encode()
    sent = await outsider.ask("POST", where, body, {"content-type": "multipart/form-data; boundary=x"})
    assert sent.status == 200 and "was sent" in sent.body.decode()
    empty = await outsider.ask("POST", where, b"words=+", FORM)
    assert empty.status == 422 and "Write something" in empty.body.decode()
    letter = await arrived(house, browser)
    assert letter["from"] == [{"name": None, "email": "park@b.example"}]
    assert letter["subject"] == "Re: Quotation <b>for</b> May"
    assert letter["inReplyTo"] == ["first@a.example"] and letter["hasAttachment"]
    assert len((await browser.call("Thread/get", ids=[letter["threadId"]]))["list"][0]["emailIds"]) == 2


async def arrived(house, browser):
    """Bring what waits for kim to kim; return the reply."""
    queue = house.services.queue
    while works := await queue.lease("w", limit=20, busy={}):
        for work in works:
            if work.recipients[0][1].address == "kim@a.example":
                await queue.report("w", work, await house.services.delivery.deliver_queued(work))
    ids = (await browser.call("Email/query"))["ids"]
    properties = ["from", "subject", "inReplyTo", "hasAttachment", "threadId"]
    found = (await browser.call("Email/get", ids=ids, properties=properties))["list"]
    return next(one for one in found if one["from"] and one["from"][0]["email"] == "park@b.example")


async def test_who_takes_no_replies_gets_none(house, browser, outsider):
    where = await read(outsider, await link(house, browser, "yes; reply=no"))
    assert "/secure/reply/" not in (await outsider.ask("GET", where)).body.decode()
    assert (await outsider.ask("POST", where.replace("/read/", "/reply/"), b"words=x", FORM)).status == 403


async def test_a_session_ends_by_itself(house, browser, outsider, monkeypatch):
    where = await read(outsider, await link(house, browser))
    clock = MovedClock()
    clock.go(31 * 60_000)
    monkeypatch.setattr(house.services.secure_mail.opening, "_clock", clock)
    assert (await outsider.ask("GET", where)).status == 404
    frame = await outsider.ask("GET", f"{where}/watch")
    assert frame.status == 410 and "time for reading is over" in frame.body.decode()


async def test_a_recall_cuts_a_download_that_runs(house, browser, outsider):
    where = await read(outsider, await link(house, browser))
    opening = house.services.secure_mail.opening
    import asyncio

    going, let_go = asyncio.Event(), asyncio.Event()
    file = opening.file

    async def slow(*arguments):
        yield b"a"
        going.set()
        await let_go.wait()
        async for piece in file(*arguments):
            yield piece

    opening.file = slow
    stream = outsider.open(f"{where}/part/3/prices.csv")
    assert await stream.next() == b"a"
    await going.wait()
    await recall(house)
    await asyncio.wait_for(stream.task, 5)
    assert stream.pieces.empty(), "neither another octet nor an end that looks right"


async def letters(browser):
    return (await browser.call("SecureLetter/get"))["list"]


async def tickets(browser):
    return {one["recipient"]: one for one in (await browser.call("SecureTicket/get"))["list"]}


async def test_a_submission_may_ask_for_it_and_its_sender_sees_each_recipient(house, browser, outsider):
    wish = {"proof": "link", "mostViews": 3, "viewsEach": 2, "mayDownload": False}
    await send(house, browser, "no", to="park@b.example, han@c.example", secure=wish)
    [letter] = await letters(browser)
    assert (letter["subject"], letter["proof"], letter["mostViews"], letter["mayDownload"], letter["end"]) == (
        "Quotation <b>for</b> May", "link", 3, False, None
    )  # fmt: skip
    seen = await tickets(browser)
    assert sorted(letter["ticketIds"]) == sorted(one["id"] for one in seen.values())
    assert {one["state"] for one in seen.values()} == {"sent"} and seen["han@c.example"]["mostViews"] == 2
    assert seen["han@c.example"]["said"] == "아직 열지 않았습니다. 지금 회수하면 내용을 볼 수 없습니다."
    token = next(one.text.token for one in (await told(house)).tickets if one.text.recipient == "park@b.example")
    await read(outsider, f"/secure/{token}")
    park = (await tickets(browser))["park@b.example"]
    assert (park["state"], park["viewCount"], park["views"][0]["address"]) == ("opened", 1, "127.0.0.1")
    assert park["firstViewAt"] and "이후 열람만 차단" in park["said"]


async def told(house):
    [one] = await house.services.secure_mail.console.list_all(house.actor(house.accounts["kim@a.example"]))
    return one


@pytest.mark.parametrize(
    "wish", [{"proof": "none"}, {"mostViews": 1000}, {"x": 1}, {"countries": ["Korea"]}, {"networks": ["x"]}]
)
async def test_what_is_asked_for_wrongly_is_told_and_nothing_leaves(house, browser, wish):
    email = (
        f"e{await house.deliver(house.accounts['kim@a.example'], letter('no', 'park@b.example', BODY), role='drafts')}"
    )
    answer = await browser.call(
        "EmailSubmission/set", create={"s": {"identityId": "i1", "emailId": email, "secure": wish}}
    )
    assert (
        answer["notCreated"]["s"]["type"] == "invalidProperties" and "secure" in answer["notCreated"]["s"]["properties"]
    )
    assert await notices(house) == {} and await letters(browser) == []


async def test_the_sender_recalls_one_and_then_all_and_hears_what_had_been_seen(house, browser, outsider):
    await send(house, browser, to="park@b.example, han@c.example, yoo@d.example")
    [letter] = await letters(browser)
    seen = await tickets(browser)
    token = next(one.text.token for one in (await told(house)).tickets if one.text.recipient == "park@b.example")
    where = await read(outsider, f"/secure/{token}")
    await outsider.ask("GET", f"{where}/part/3/prices.csv")
    han, park = seen["han@c.example"]["id"], seen["park@b.example"]["id"]
    stranger = await house.browser("choi@a.example")
    assert (await stranger.call("SecureTicket/set", update={han: {"end": "recalled"}}))["notUpdated"][han][
        "type"
    ] == "notFound"
    assert (await stranger.call("SecureLetter/set", update={letter["id"]: {"end": "recalled"}}))["notUpdated"]
    one = await browser.call("SecureTicket/set", update={han: {"end": "recalled"}})
    assert one["updated"][han] == {"recalled": [{"ticketId": han, "viewCount": 0}]}
    assert (await outsider.ask("GET", where)).status == 200
    all_ = await browser.call("SecureLetter/set", update={letter["id"]: {"end": "recalled"}})
    views = {each["ticketId"]: each["viewCount"] for each in all_["updated"][letter["id"]]["recalled"]}
    assert views == {park: 1, seen["yoo@d.example"]["id"]: 0}
    seen = await tickets(browser)
    assert {name: each["state"] for name, each in seen.items()} == {
        "park@b.example": "recalled-after", "han@c.example": "recalled", "yoo@d.example": "recalled"
    }  # fmt: skip
    assert seen["park@b.example"]["said"].endswith("내려받은 파일은 회수할 수 없습니다.")
    assert seen["han@c.example"]["said"] == "열기 전에 회수했습니다. 내용을 본 사람이 없습니다."
    again = await browser.call("SecureLetter/set", update={letter["id"]: {"end": "recalled"}})
    assert again["notUpdated"][letter["id"]]["type"] == "invalidProperties"
    assert (await letters(browser))[0]["end"] == "recalled"


async def test_the_sender_extends_gives_a_password_and_sends_again(house, browser, outsider):
    path = await link(house, browser, "yes; each=1; days=1")
    [letter], park = await letters(browser), (await tickets(browser))["park@b.example"]
    await read(outsider, path)
    assert (await outsider.ask("POST", path, b"", FORM)).status == 410
    assert (await browser.call("SecureTicket/set", update={park["id"]: {"mostViews": 5}}))["updated"] == {
        park["id"]: None
    }
    answer = await browser.call(
        "SecureLetter/set", update={letter["id"]: {"password": "", "expiresAt": "2001-01-01T00:00:00Z"}}
    )
    assert answer["notUpdated"][letter["id"]]["type"] == "invalidProperties"
    made = await browser.call("SecureLetter/set", update={letter["id"]: {"password": ""}})
    password = made["updated"][letter["id"]]["password"]
    assert (await outsider.ask("POST", path, b"", FORM)).status == 403
    await read(outsider, path, f"proof={password}".encode())
    before = len(await house.store.queue_entries(100))
    await browser.call("SecureTicket/set", update={park["id"]: {"sendAgain": True}})
    assert len(await house.store.queue_entries(100)) == before + 1
    assert path.removeprefix("/secure/") in (await notices(house))["park@b.example"]


async def test_the_sender_hears_that_a_notice_was_delivered_or_never_will_be(house, browser):
    from smartmail.service.flow.queue import Outcome
    from smartmail.service.kernel.envelope import Result

    await send(house, browser, to="park@b.example, han@c.example")
    queue = house.services.queue
    while works := await queue.lease("w", limit=20, busy={}):
        for work in works:
            fine = work.recipients[0][1].address == "park@b.example"
            result = Result(250, "2.0.0", "ok") if fine else Result(550, "5.1.1", "nobody")
            await queue.report("w", work, [Outcome(0, "delivered" if fine else "permanent", result)])
    seen = await tickets(browser)
    assert {name: each["state"] for name, each in seen.items()} == {
        "park@b.example": "delivered",
        "han@c.example": "bounced",
    }
