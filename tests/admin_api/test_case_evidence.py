"""The evidence of a reported mail over the admin API: what is shown without its text, and what wants a reason."""

import hashlib
import io
import json
import zipfile

import pytest

FILE = b"%PDF-1.4 order"
SECRET = "비밀번호를 다시 확인하여 주시기 바랍니다"
WHY = "민원 17호에 따른 확인입니다"


def phish() -> bytes:
    head = (
        "From: =?utf-8?b?6rSA66as7J6Q?= <admin@evil.test>\r\nTo: kim@a.example\r\nSubject: =?utf-8?b?6rOE7KCVIOygleyngA==?=\r\n"
        "Message-ID: <wave1@evil.test>\r\nReply-To: other@evil.test\r\nX-Folded: one\r\n two\r\nMIME-Version: 1.0\r\n"
        'Content-Type: multipart/mixed; boundary="b"\r\n\r\n'
    )
    text = f"--b\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{SECRET} https://login.evil.test/verify?x=1\r\n"
    file = (
        "--b\r\nContent-Type: application/pdf\r\nContent-Disposition: attachment; filename=order.pdf\r\n\r\n"
        f"{FILE.decode()}\r\n--b--\r\n"
    )
    return (head + text + file).encode()


@pytest.fixture
async def case(house):
    """Two people of one company got it, one reported it; somebody of another company got it too."""
    for name in ("lee@a.example", "kim@b.example"):
        await house.deliver(house.accounts[name], phish())
    kim = house.accounts["kim@a.example"]
    number = await house.deliver(kim, phish())
    return await house.services.cases.report(house.actor(kim), kim.id, number)


async def test_the_evidence_tells_everything_but_what_the_mail_says(house, case):
    admin = await house.client("admin@a.example")
    reply = await admin.ask("GET", f"/cases/{case}/evidence")
    told = reply.json
    assert (reply.status, SECRET.encode() in reply.body) == (200, False)
    headers = {one["name"]: one["value"] for one in told["headers"]}
    assert (headers["Subject"], headers["X-Folded"]) == ("계정 정지", "one two")
    assert told["senders"] == ["admin@evil.test", "other@evil.test"]
    assert (told["messageIds"], told["hosts"]) == (["wave1@evil.test"], ["login.evil.test"])
    assert told["urls"] == ["http://login.evil.test/verify"] or "login.evil.test" in told["urls"][0]
    [file] = told["files"]
    assert (file["name"], file["sha256"]) == ("order.pdf", hashlib.sha256(FILE).hexdigest())
    assert [one["accountId"] for one in told["reports"]] == [str(house.accounts["kim@a.example"].id)]
    await admin.do("PATCH", f"/cases/{case}", {"state": "confirmed", "note": "확인"})
    await house.services.audit.chain()
    done = (await admin.get(f"/cases/{case}/evidence"))["done"]
    assert {"case.confirmed", "case.look"} <= {one["action"] for one in done}


async def test_who_has_it_are_people_of_the_own_company(house, case):
    admin = await house.client("admin@a.example")
    told = await admin.get(f"/cases/{case}/recipients")
    mine = {str(house.accounts[name].id) for name in ("kim@a.example", "lee@a.example")}
    assert ({one["accountId"] for one in told["people"]}, told["accounts"], told["messages"]) == (mine, 2, 2)


async def test_text_and_package_want_a_reason_that_is_kept(house, case):
    admin = await house.client("admin@a.example")
    for path in ("message", "package"):
        assert (await admin.ask("POST", f"/cases/{case}/{path}", {"reason": "short"})).status == 400
        assert (await admin.ask("POST", f"/cases/{case}/{path}", {})).status == 400
    told = await admin.do("POST", f"/cases/{case}/message", {"reason": WHY})
    assert SECRET in told["text"]
    reply = await admin.ask("POST", f"/cases/{case}/package", {"reason": WHY})
    with zipfile.ZipFile(io.BytesIO(reply.body)) as archive:
        assert json.loads(archive.read("manifest.json"))["subject"] == "계정 정지"
        assert archive.read("message.eml").endswith(phish())
    rows = [row.record for row in await house.store.unchained_records("audit", 0, 500)]
    found = {one.action: one for one in rows if one.object == f"case:{case}"}
    for action in ("case.message", "case.evidence"):
        home = house.accounts["admin@a.example"].organization_id
        text = await house.services.record_texts.open(home, found[action])
        assert text["reason"] == WHY


async def test_others_neither_see_nor_open_it(house, case):
    for login, status in (("admin@b.example", 404), ("lee@a.example", 403)):
        client = await house.client(login)
        for method, path in (("GET", "evidence"), ("GET", "recipients"), ("POST", "message"), ("POST", "package")):
            body = {"reason": WHY} if method == "POST" else b""
            assert (await client.ask(method, f"/cases/{case}/{path}", body)).status == status, (login, path)
