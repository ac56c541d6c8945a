"""Parts that are `inline` with a Content-ID: files at every door, unless the shown HTML has a place for them."""

import io
import zipfile

import pytest
from tests.jmap_server.test_jmap_layouts import archive

from smartmail.proto.jmap.session import CORE, MAIL, OWN

HEAD = (
    b"From: scanner@b.example\r\nTo: kim@a.example\r\nSubject: scan\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/html; charset=utf-8\r\n\r\n"
)


def inline(media_type: bytes, cid: bytes, name: bytes) -> bytes:
    return (
        b"--b\r\nContent-Type: %s\r\nContent-ID: <%s>\r\nContent-Disposition: inline; filename=%s\r\n"
        b"Content-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=\r\n" % (media_type, cid, name)
    )


SCAN, PICTURE = inline(b"application/pdf", b"scan@b", b"scan.pdf"), inline(b"image/png", b"photo@b", b"photo.png")
LOGO = inline(b"image/png", b"logo@b", b"logo.png")
WITH_FILES = HEAD + b'<p>see <img src="cid:logo@b"></p>\r\n' + SCAN + PICTURE + LOGO + b"--b--\r\n"
WITHOUT = HEAD + b'<p>see <img src="cid:logo@b"></p>\r\n' + LOGO + b"--b--\r\n"
ASKED = {"properties": ["hasAttachment", "attachments"], "bodyProperties": ["name", "isEmbedded"]}


@pytest.fixture
async def numbers(house, kim):
    return [await house.deliver(kim, octets) for octets in (WITH_FILES, WITHOUT)]


async def test_jmap_tells_which_have_a_place_in_the_html(browser, numbers):
    call = ["Email/get", {"accountId": browser.account, "ids": [f"e{one}" for one in numbers], **ASKED}, "0"]
    reply = await browser.ask("POST", "/jmap/api/", {"using": [CORE, MAIL, OWN], "methodCalls": [call]})
    found = {one["id"]: one for one in reply.json["methodResponses"][0][1]["list"]}
    first, second = (found[f"e{one}"] for one in numbers)
    assert (first["hasAttachment"], second["hasAttachment"]) == (True, False)
    assert {one["name"]: one["isEmbedded"] for one in first["attachments"]} == {
        "scan.pdf": False, "photo.png": False, "logo.png": True,
    }  # fmt: skip
    query = await browser.call("Email/query", filter={"hasAttachment": True})
    assert query["ids"] == [f"e{numbers[0]}"]


async def test_others_know_nothing_of_it(browser, numbers):
    call = ["Email/get", {"accountId": browser.account, "ids": [f"e{numbers[0]}"], **ASKED}, "0"]
    reply = await browser.ask("POST", "/jmap/api/", {"using": [CORE, MAIL], "methodCalls": [call]})
    assert reply.json["methodResponses"][0][1]["type"] == "invalidArguments"


async def test_mail_of_an_older_version_is_found_once_its_index_is_made_anew(house, browser, kim, numbers):
    async def forget(session):
        await session.run("update message set has_attachment = 0 where account_id = $1", kim.id)

    await house.store._db.change(kim.id, forget)
    assert (await browser.call("Email/query", filter={"hasAttachment": True}))["ids"] == []
    [email] = (await browser.call("Email/get", ids=[f"e{numbers[0]}"], properties=["hasAttachment"]))["list"]
    assert email["hasAttachment"] is True, "what is shown comes from the summary"
    await house.services.search.indexing.rebuild(kim.id)
    await house.services.search.indexing.catch_up(kim.id)
    assert (await browser.call("Email/query", filter={"hasAttachment": True}))["ids"] == [f"e{numbers[0]}"]


async def test_the_archive_holds_them(browser, numbers):
    reply = await archive(browser, numbers[0])
    with zipfile.ZipFile(io.BytesIO(reply.body)) as found:
        assert found.namelist() == ["scan.pdf", "photo.png"]
    assert (await archive(browser, numbers[1])).status == 404
