"""Text of attachments is found at every door; until it has been read, the answer says that it was not."""

import contextlib
import re
from base64 import encodebytes
from pathlib import Path

import pytest
from tests.flows.house import PASSWORD, compose_house, serve
from tests.flows.imap_client import Client
from tests.unit.formats_extract import documents as made

from smartmail.adapters.extraction.children import ParsingChildren
from smartmail.app.children import parsing_child
from smartmail.domain.principal import Actor, Origin
from smartmail.formats.search.document import Field
from smartmail.service.mailbox.mailstore.asking import AskedLine
from smartmail.service.mailbox.mailstore.conditions import Condition

NESTED = (
    b"From: lee@b.example\r\nSubject: inside\r\nMIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"Content-Transfer-Encoding: 8bit\r\n\r\n" + "속편지사과 본문\r\n".encode()
)
FILES = {
    "보고서.hwp": ("application/x-hwp", made.hwp(made.hwp_section("한글문서수박 표"))),
    "보고서.docx": ("application/octet-stream", made.docx("워드문서참외 글")),
    "묶음.zip": (
        "application/zip",
        made.zipped({"안.eml": NESTED, "속.zip": made.zipped({"깊은.docx": made.docx("깊은문서포도")})}),
    ),
    "망가짐.hwp": ("application/x-hwp", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1broken"),
    "메모.txt": ("text/plain; charset=utf-8", "글파일딸기".encode()),
}
WORDS = {
    "문서수박": "보고서.hwp",
    "문서참외": "보고서.docx",
    "지사과": "묶음.zip",
    "문서포도": "묶음.zip",
    "파일딸기": "메모.txt",
}


def mail(name: str) -> bytes:
    kind, octets = FILES[name]
    encoded = "=?utf-8?B?" + encodebytes(name.encode()).decode().replace("\n", "") + "?="
    return (
        (
            f"From: kim@b.example\r\nSubject: file\r\nMIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n"
            f"--b\r\nContent-Type: text/plain\r\n\r\nsee file\r\n--b\r\nContent-Type: {kind}\r\n"
            f'Content-Disposition: attachment; filename="{encoded}"\r\nContent-Transfer-Encoding: base64\r\n\r\n'
        ).encode()
        + encodebytes(octets).replace(b"\n", b"\r\n")
        + b"--b--\r\n"
    )


@pytest.fixture
async def held(tmp_path: Path):
    """A house, an actor, and the message of each file."""
    (tmp_path / "data").mkdir()
    children = ParsingChildren(parsing_child.command(), parsing_child.environment())
    async with contextlib.AsyncExitStack() as stack:
        stack.push_async_callback(children.close)
        house = await stack.enter_async_context(compose_house(tmp_path / "data", extractor=children))
        services = house.services
        organization_id = await services.provisioning.organization("test")
        await services.directory.add_domain("a.example", organization_id)
        account = await house.person("kim@a.example")
        actor = Actor(account.id, organization_id, account.login, is_admin=False, origin=Origin("jmap"))
        inbox = (await services.mailboxes.by_role(actor, account.id, "inbox")).row.id
        ids = {}
        for name in FILES:
            intake = await services.messages.begin(actor, account.id)
            await intake.feed(mail(name))
            ids[name] = (await services.messages.add(actor, account.id, await intake.finish(), [inbox])).message_id
        yield house, actor, ids


async def test_the_text_of_files_is_found_once_it_was_read_and_missed_aloud_before(held):
    house, actor, ids = held
    queries, account_id = house.services.queries, actor.account_id
    assert await queries.find(actor, account_id, Condition(text="문서수박")) == []
    assert await queries.find(actor, account_id, Condition(text="파일딸기")) == [ids["메모.txt"]], (
        "text is text at once"
    )
    assert await queries.pending(actor, account_id) == 4, "files that were not looked into are told"
    await house.services.search.indexing.catch_up(account_id)
    assert await queries.pending(actor, account_id) == 0
    for word, name in WORDS.items():
        assert await queries.find(actor, account_id, Condition(text=word)) == [ids[name]], word
        assert await queries.find(actor, account_id, Condition(body=word)) == [ids[name]]
        assert await queries.find(actor, account_id, Condition(subject=word)) == []
        excerpt = (await queries.snippets(actor, account_id, Condition(text=word), [ids[name]]))[ids[name]]
        assert excerpt.file is not None and excerpt.file.text == name
        assert excerpt.text is not None and word in excerpt.text.text
    tree = await house.services.asking.tree(actor, account_id, AskedLine("파일:보고서 has:첨부"))
    assert set(await queries.find(actor, account_id, tree)) == {ids["보고서.hwp"], ids["보고서.docx"]}


async def test_a_damaged_file_has_its_name_and_holds_nothing_up(held):
    house, actor, ids = held
    await house.services.search.indexing.catch_up(actor.account_id)
    [found] = await house.services.queries.matching(actor, actor.account_id, [(Field.FILE, "망가짐")])
    assert [one for one in ids.values() if one in found] == [ids["망가짐.hwp"]]


async def test_imap_finds_the_text_of_files_too(held):
    house, actor, ids = held
    await house.services.search.indexing.catch_up(actor.account_id)
    async with serve(house) as served:
        client = await Client.open(served.ports["imap"], "kim@a.example", PASSWORD)
        assert await client.cmd("SELECT INBOX")
        for word, name in WORDS.items():
            for key in ("TEXT", "BODY"):
                answer = await client.cmd(f"UID SEARCH CHARSET UTF-8 {key} {{}}", word.encode())
                uids = [int(one) for line in answer.starting(b"SEARCH") for one in re.findall(rb"\d+", line)]
                assert uids == [ids[name]], (key, word)
        client.writer.close()
