"""Files looked at without being saved, and leaving a list by one click."""

import base64
import io
import zipfile

import pytest
from tests.jmap_server import jmap_house
from tests.jmap_server.jmap_house import mail
from tests.jmap_server.test_jmap_inspection import OWN, arrive

from smartmail.domain.errors import Forbidden
from smartmail.domain.inspection import AuthResult, Inspection
from smartmail.ports.extraction import ExtractedText
from smartmail.ports.http import HttpAnswer, HttpFailed
from smartmail.service.mailbox.previewing import MAX_CHARS, PreviewService

PNG = base64.b64decode("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNoAAAAggCBd81ytgAAAABJRU5ErkJggg==")
PROVED = Inspection(authentication=(AuthResult("dkim", "pass"),), aligned=True)


@pytest.fixture(autouse=True)
def _own_types(monkeypatch):
    monkeypatch.setattr(jmap_house, "USING", [*jmap_house.USING, OWN])


class Reader:
    """ports.extraction.TextExtractor that says what it was given."""

    def __init__(self, found):
        self.found = found
        self.asked = []

    def handles(self, media_type, name):
        return True

    async def text_of(self, media_type, name, octets, *, thorough=False):
        self.asked.append((media_type, name, octets))
        return self.found


async def part_of(house, browser, kim, octets, media_type):
    body = base64.encodebytes(octets).decode()
    number = await house.deliver(kim, mail(body=body, Content_Type=media_type, Content_Transfer_Encoding="base64"))
    answer = await browser.call("Email/get", ids=[f"e{number}"], properties=["bodyStructure"])
    return answer["list"][0]["bodyStructure"]["blobId"]


async def look(browser, blob, name, media_type, more=""):
    return await browser.ask("GET", f"/jmap/preview/{browser.account}/{blob}/{name}?accept={media_type}{more}")


async def test_a_document_leaves_as_text_with_the_names_of_what_is_in_it(house, browser, kim):
    reader = Reader(ExtractedText("견적\t100\n", parts=("a.txt",), problem="limits", complete=False))
    house.services.previews._extractor = reader
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("a.txt", "x")
    blob = await part_of(house, browser, kim, packed.getvalue(), "application/zip")
    reply = await look(browser, blob, "a.zip", "application/zip")
    assert (reply.status, reply.json) == (
        200, {"text": "견적\t100\n", "complete": False, "problem": "limits", "parts": ["a.txt"]},
    )  # fmt: skip
    assert reader.asked == [("application/zip", "a.zip", packed.getvalue())]
    # A document is never handed on to be drawn.
    assert (await look(browser, blob, "a.zip", "application/zip", "&octets=1")).status == 404
    assert (await look(browser, blob, "a.svg", "image/svg%2Bxml", "&octets=1")).status == 404


async def test_a_picture_is_handed_on_in_a_sandbox_and_stays_in_no_cache(house, browser, kim):
    blob = await part_of(house, browser, kim, PNG, "image/png")
    reply = await look(browser, blob, "a.png", "image/png", "&octets=1")
    assert (reply.status, reply.body, reply.headers["content-type"]) == (200, PNG, "image/png")
    assert reply.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert reply.headers["cache-control"] == "private, no-store"


async def test_a_file_of_somebody_else_is_not_there(house, browser, kim):
    blob = await part_of(house, browser, kim, PNG, "image/png")
    other = await house.browser("choi@a.example")
    for account in (browser.account, other.account):
        reply = await other.ask("GET", f"/jmap/preview/{account}/{blob}/a.png?accept=image/png&octets=1")
        assert reply.status == 404


async def test_what_says_nothing_and_what_is_too_long_are_told():
    assert (await PreviewService(Reader(None)).of("image/png", "a", b"x")).text is None
    found = await PreviewService(Reader(ExtractedText("가" * (MAX_CHARS + 1)))).of("text/csv", "a", b"x")
    assert (len(found.text or ""), found.complete) == (MAX_CHARS, False)


LETTER = mail(
    List_Unsubscribe="<mailto:leave@list.example>, <https://list.example/u?x=1>",
    List_Unsubscribe_Post="List-Unsubscribe=One-Click",
)


async def leave(browser, email):
    return (await browser.call("Email/unsubscribe", id=email))["outcome"]


async def test_one_click_asks_the_list_from_our_server(house, kim, browser):
    email = await arrive(house, kim, LETTER, PROVED)
    assert await leave(browser, email) == "done"
    method, url, headers, body = house.web.asked[-1]
    assert (method, url, body) == ("POST", "https://list.example/u?x=1", b"List-Unsubscribe=One-Click")
    assert headers == {"content-type": "application/x-www-form-urlencoded"}


@pytest.mark.parametrize("answer", [HttpAnswer(302), HttpAnswer(500), HttpFailed("an address of our own network")])
async def test_a_list_that_does_not_take_it_is_said_to(house, kim, browser, answer):
    email = await arrive(house, kim, LETTER, PROVED)
    house.web.answers.append(answer)
    assert await leave(browser, email) == "refused"


async def test_nothing_is_asked_for_what_nobody_answers_for_or_offers(house, kim, browser):
    unproved = Inspection(authentication=(AuthResult("dkim", "fail"), AuthResult("spf", "pass")))
    assert await leave(browser, await arrive(house, kim, LETTER, unproved)) == "notProved"
    plain = mail(List_Unsubscribe="<https://list.example/u>")
    assert await leave(browser, await arrive(house, kim, plain, PROVED)) == "notOffered"
    clear = mail(List_Unsubscribe="<http://list.example/u>", List_Unsubscribe_Post="List-Unsubscribe=One-Click")
    assert await leave(browser, await arrive(house, kim, clear, PROVED)) == "notOffered"
    assert await browser.error("Email/unsubscribe", id="e99999") == "notFound"
    assert house.web.asked == []


async def test_who_may_not_save_may_still_look(house, browser, kim):
    blob = await part_of(house, browser, kim, PNG, "image/png")

    async def refuse(*_args, **_more):
        raise Forbidden("attachments may not be saved here")

    house.services.saving.require = refuse
    assert (await browser.ask("GET", f"/jmap/download/{browser.account}/{blob}/a.png?accept=image/png")).status == 403
    assert (await look(browser, blob, "a.png", "image/png", "&octets=1")).status == 200
