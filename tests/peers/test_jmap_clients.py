"""A JMAP client that is not ours: jmap-jam of Node lists, reads, sends and hears of changes on a served node."""

import asyncio
import json
from pathlib import Path

import pytest
from tests.jmap_server.jmap_house import mail, open_house
from tests.jmap_server.test_jmap_real_http import served
from tests.peers.test_imap_more_clients import node

pytestmark = pytest.mark.peer

STORY = Path(__file__).with_name("jmap_jam_story.mjs")


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person("kim@a.example", quota=10_000_000)
        yield opened


async def test_jmap_jam(house):
    kim = house.accounts["kim@a.example"]
    await house.deliver(kim, mail("plain", "words"))
    letter = mail(
        "회의 자료",
        "--x\nContent-Type: text/plain; charset=utf-8\n\n첨부를 보세요\n--x\nContent-Type: text/csv; name=a.csv\n"
        "Content-Disposition: attachment; filename=a.csv\n\n1,2\n--x--",
        Content_Type="multipart/mixed; boundary=x",
        MIME_Version="1.0",
    )
    await house.deliver(kim, letter)
    token = (await house.browser("kim@a.example")).cookie.partition("=")[2]
    async with served(house.app) as port:
        process = await asyncio.create_subprocess_exec(
            node(), str(STORY), f"http://127.0.0.1:{port}/.well-known/jmap", token,
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
        )  # fmt: skip
        output, errors = await asyncio.wait_for(process.communicate(), 180)
    assert process.returncode == 0, errors.decode()
    told = json.loads(output)
    assert told["username"] == "kim@a.example"
    assert told["roles"] == ["archive", "drafts", "inbox", "junk", "sent", "trash"]
    assert (told["subjects"], told["listed"], told["marks"]) == (["회의 자료", "plain"], True, 1)
    assert told["text"].strip() == "첨부를 보세요"
    assert (told["file"][0], told["file"][1].strip()) == ("a.csv", "1,2")
    assert told["createdIds"] == {"draft": told["draft"]}
    assert (told["undoStatus"], told["created"]) == ("final", [told["draft"]])
    assert {"Email", "EmailSubmission"} & told["pushed"].keys()
    assert (told["quotas"], told["absence"]) == (1, False)
    assert told["errors"] == [
        "unknownMethod", "accountNotFound", "unsupportedFilter", "urn:ietf:params:jmap:error:unknownCapability",
    ]  # fmt: skip
    [work] = await house.services.queue.lease("w", limit=9, busy={})
    octets = await house.services.queue.octets(work, 0, 1 << 20)
    assert b"lee@b.example" in octets and b"multipart/mixed" in octets
