"""Documents laid out, files inside files, all attachments in one ZIP: who may, what leaves, what is on record."""

import io
import zipfile
from email.message import EmailMessage

import pytest
from tests.jmap_server.test_jmap_preview import look, part_of
from tests.unit.formats_extract import documents as plain
from tests.unit.formats_layout import packages as made

from smartmail.domain.errors import Forbidden
from smartmail.formats.layout.inside import opened
from smartmail.formats.layout.reading import layout

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


class Reader:
    """ports.layouts.LayoutReader in this process."""

    async def layout_of(self, media_type, name, octets):
        return layout(octets, media_type, name)

    async def file_inside(self, media_type, name, octets, path):
        return opened(octets, media_type, name, path)


@pytest.fixture(autouse=True)
def _reads(house):
    house.services.previews._layouts = Reader()


async def test_a_document_leaves_as_a_model_and_never_as_itself(house, browser, kim):
    blob = await part_of(house, browser, kim, made.contract(), WORD)
    reply = await look(browser, blob, "a.docx", WORD, "&layout=1")
    assert (reply.status, reply.json["kind"]) == (200, "document")
    assert reply.json["pages"][0]["blocks"][0]["runs"] == [{"text": "부품 납품 계약서", "bold": True, "size": 20.0}]
    assert reply.json["pictures"][0]["type"] == "image/png"
    assert (await look(browser, blob, "a.docx", WORD, "&octets=1")).status == 404


async def test_what_has_no_layout_says_so(house, browser, kim):
    blob = await part_of(house, browser, kim, b"just words", "text/csv")
    reply = await look(browser, blob, "a.csv", "text/csv", "&layout=1")
    assert (reply.status, reply.json) == (200, None)


async def test_files_inside_files_are_laid_out_drawn_and_read(house, browser, kim):
    inner = made.msg(("도면.docx", made.contract()), ("사진.png", made.png()))
    blob = await part_of(house, browser, kim, plain.zipped({"회신.msg": inner}), "application/zip")
    reply = await look(browser, blob, "a.zip", "application/zip", "&layout=1")
    assert reply.json["files"] == [{"name": "회신.msg"}]
    reply = await look(browser, blob, "a.zip", "application/zip", "&layout=1&inside=0")
    assert [file["name"] for file in reply.json["files"]] == ["도면.docx", "사진.png"]
    reply = await look(browser, blob, "a.zip", "application/zip", "&layout=1&inside=0.0")
    assert reply.json["kind"] == "document"
    reply = await look(browser, blob, "a.zip", "application/zip", "&octets=1&inside=0.1")
    assert (reply.body, reply.headers["content-type"]) == (made.png(), "image/png")
    for wrong in ("1", "0.2", "0.0.0", "x", "0..1", "-1", "99999", "0.0.0.0.0.0"):
        assert (await look(browser, blob, "a.zip", "application/zip", f"&layout=1&inside={wrong}")).status == 404


async def test_a_file_inside_is_saved_where_attachments_may_be(house, browser, kim):
    blob = await part_of(house, browser, kim, plain.zipped({"속 글.html": b"<script>x</script>"}), "application/zip")
    reply = await look(browser, blob, "a.zip", "application/zip", "&save=1&inside=0")
    assert (reply.status, reply.body) == (200, b"<script>x</script>")
    assert reply.headers["content-type"] == "application/octet-stream"
    assert reply.headers["content-disposition"].startswith("attachment")
    await forbid(house)
    assert (await look(browser, blob, "a.zip", "application/zip", "&save=1&inside=0")).status == 403
    assert (await look(browser, blob, "a.zip", "application/zip", "&layout=1")).status == 200


async def forbid(house):
    async def refuse(*_args, **_more):
        raise Forbidden("attachments may not be saved here")

    house.services.saving.require = refuse


def letter(*files):
    mail = EmailMessage()
    mail["Subject"] = "서류"
    mail["Message-ID"] = f"<{len(files)}@test.example>"
    mail.set_content("붙임을 봐 주세요.")
    for name, octets in files:
        mail.add_attachment(octets, "application", "octet-stream", filename=name)
    return mail.as_bytes()


async def archive(browser, number, account=None):
    return await browser.ask("GET", f"/jmap/files/{account or browser.account}/e{number}/files.zip")


async def recorded(house):
    return sum("attachment.save" in repr(row) for row in await house.store.unchained_records("audit", 0, 1000))


async def test_all_attachments_come_in_one_archive_with_names_that_differ(house, browser, kim):
    files = [("견적.docx", made.contract()), ("견적.docx", b"other"), ("../나쁜.txt", b"x"), ("견적.DOCX", b"third")]
    number = await house.deliver(kim, letter(*files))
    reply = await archive(browser, number)
    assert (reply.status, reply.headers["content-type"]) == (200, "application/zip")
    assert reply.headers["content-disposition"].startswith("attachment")
    assert reply.headers["cache-control"] == "private, no-store"
    with zipfile.ZipFile(io.BytesIO(reply.body)) as found:
        assert found.testzip() is None
        assert [found.read(name) for name in found.namelist()] == [octets for _, octets in files]
        assert len({name.casefold() for name in found.namelist()}) == 4
        assert not any("/" in name or name.startswith(".") for name in found.namelist())


async def test_the_archive_is_on_record_before_it_goes(house, browser, kim):
    number = await house.deliver(kim, letter(("a.txt", b"abc"), ("b.txt", b"d")))
    await archive(browser, number)
    assert await recorded(house) == 1


async def test_who_may_not_save_or_see_gets_nothing(house, browser, kim):
    number = await house.deliver(kim, letter(("a.txt", b"abc")))
    other = await house.browser("choi@a.example")
    for account in (browser.account, other.account):
        assert (await archive(other, number, account)).status == 404
    bare = await house.deliver(kim, letter())
    for wrong in (bare, 999_999, "x"):
        assert (await archive(browser, wrong)).status == 404
    await forbid(house)
    assert (await archive(browser, number)).status == 403
    assert await recorded(house) == 0
