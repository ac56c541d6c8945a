"""Perl's two IMAP libraries: Mail::IMAPClient, on which tools that move mail are built, and Mail::IMAPTalk, with which tests of
other servers are written.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client
from tests.peers.test_imap_clients import LOGIN, plain, run

pytestmark = pytest.mark.peer

STORIES = Path(__file__).parent
FIRST, OTHER = plain("alpha"), plain("beta")
REPLY = plain("zeta reply").replace(b"\r\n\r\n", b"\r\nReferences: <alpha@b.example>\r\n\r\n", 1)


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(LOGIN)
        client = await Client.open(opened.ports["imap"], LOGIN, PASSWORD)
        await client.cmd("APPEND INBOX {} {} {}", FIRST, OTHER, REPLY)
        await client.close()
        yield opened


async def told(house: Any, story: str, folder: Path) -> Any:
    return json.loads(await run("perl", str(STORIES / story), str(house.ports["imap"]), LOGIN, PASSWORD, cwd=folder))


async def test_mail_imapclient(house, tmp_path):
    found = await told(house, "mail_imapclient_story.pl", tmp_path)
    assert set(found["capable"].values()) == {1}
    assert (found["search"], found["since"], found["sorted"]) == (["3"], ["1", "2", "3"], ["3", "2", "1"])
    assert found["threads"] == [["1", "3"], ["2"]]
    assert (found["subject"], found["text"], found["flags"]) == ("alpha", "body of alpha\r\n", ["\\Flagged"])
    assert (found["appended"], found["left"], found["work"], found["folders"]) == (1, 2, 2, ["Done"])
    assert found["highest"] > 0


async def test_imaptalk(house, tmp_path):
    found = await told(house, "imaptalk_story.pl", tmp_path)
    assert (found["exists"], found["subject"], found["type"], found["namespace"]) == (3, "alpha", "text/plain", "/")
    assert (found["search"], found["sorted"], found["threads"]) == ([3], [3, 2, 1], [["1", "3"], ["2"]])
    assert (found["changed"], found["flags"]) == (["first"], ["\\flagged", "work"])
    assert (found["status"], found["copied"]) == (["highestmodseq", "messages", "uidvalidity"], 1)
    # NOTIFY: the other mailbox told of the copy by itself.
    assert found["notified"] == "1"
