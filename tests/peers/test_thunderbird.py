"""Thunderbird without a screen: it opens an account, reads, marks, tags, moves, deletes, and hears of new mail."""

import asyncio
import contextlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client
from tests.peers.served import free_port
from tests.peers.test_imap_clients import KOREAN, LOGIN, plain

pytestmark = pytest.mark.peer

STORY = Path(__file__).with_name("thunderbird_story.js")
PREFERENCES = """
user_pref("marionette.port", {port});
user_pref("mail.provider.suppress_dialog_on_startup", true);
user_pref("mail.spotlight.firstRunDone", true);
user_pref("mail.shell.checkDefaultClient", false);
user_pref("datareporting.policy.dataSubmissionPolicyBypassNotification", true);
user_pref("app.donation.eoy.version.viewed", 999);
user_pref("network.connectivity-service.enabled", false);
user_pref("services.settings.server", "http://127.0.0.1:9");
user_pref("mail.server.default.use_condstore", true);
user_pref("mail.server.default.use_compress_deflate", true);
"""
HEARD = """
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { setTimeout } = ChromeUtils.importESModule("resource://gre/modules/Timer.sys.mjs");
const server = MailServices.accounts.allServers.find((one) => one.type === "imap");
const inbox = server.rootFolder.getFolderWithFlags(Ci.nsMsgFolderFlags.Inbox);
const ids = () => [...inbox.msgDatabase.enumerateMessages()].map((one) => one.messageId).sort();
while (!ids().includes("pushed@b.example")) {
  await new Promise((resolve) => setTimeout(resolve, 50));
}
return ids();
"""


class Marionette:
    """Enough of Marionette to run code inside a Mozilla program."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader, self.writer = reader, writer
        self._number = 0

    @classmethod
    async def open(cls, port: int) -> "Marionette":
        while True:
            try:
                opened = cls(*await asyncio.open_connection("127.0.0.1", port, limit=1 << 24))
                await opened._read()
                return opened
            except (OSError, asyncio.IncompleteReadError):
                await asyncio.sleep(0.1)

    async def _read(self) -> Any:
        size = int((await self.reader.readuntil(b":"))[:-1])
        return json.loads(await self.reader.readexactly(size))

    async def ask(self, name: str, **parameters: object) -> Any:
        self._number += 1
        octets = json.dumps([0, self._number, name, parameters]).encode()
        self.writer.write(b"%d:%b" % (len(octets), octets))
        while (answer := await self._read())[:2] != [1, self._number]:
            pass
        assert answer[2] is None, answer[2]
        return answer[3]

    async def run(self, script: str, *arguments: object) -> Any:
        body = f"return (async function () {{ {script} }}).apply(null, arguments)"
        return (await self.ask("WebDriver:ExecuteScript", script=body, args=list(arguments), newSandbox=False))["value"]


@contextlib.asynccontextmanager
async def thunderbird(directory: Path):
    program = shutil.which("thunderbird")
    assert program, "thunderbird is not installed: apt-get install thunderbird"
    profile = directory / "profile"
    profile.mkdir()
    port = free_port()
    (profile / "user.js").write_text(PREFERENCES.format(port=port))
    process = await asyncio.create_subprocess_exec(
        program, "--headless", "--no-remote", "--marionette", "--remote-allow-system-access", "--profile", str(profile),
        env={"HOME": str(directory), "PATH": os.environ["PATH"], "LANG": "C.UTF-8", "MOZ_HEADLESS": "1"},
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
    )  # fmt: skip
    try:
        opened = await asyncio.wait_for(Marionette.open(port), 120)
        await opened.ask("WebDriver:NewSession")
        await opened.ask("WebDriver:SetTimeouts", script=300_000)
        await opened.ask("Marionette:SetContext", value="chrome")
        yield opened
    finally:
        process.terminate()
        try:
            await asyncio.wait_for(process.wait(), 60)
        except TimeoutError:
            process.kill()
            await process.wait()


async def test_thunderbird_works_with_an_account(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as house:
        await house.person(LOGIN)
        client = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
        await client.cmd("APPEND INBOX {} {} {}", plain("one"), KOREAN, plain("two"))
        async with thunderbird(tmp_path) as program:
            told = await program.run(STORY.read_text("utf-8"), house.ports["imap"], LOGIN, PASSWORD)
            assert told["subjects"] == ["one", "two", "회의"]
            assert told["uses"] == ["Sent", "Drafts", "Trash", "Junk", "Archive"]
            assert told["body"].encode("latin-1") == KOREAN.split(b"\r\n\r\n", 1)[1]
            ((message_id, read, flagged, keywords),) = told["kept"]
            assert (message_id, read, flagged) == ("korean@b.example", True, True)
            assert "$label1" in keywords
            assert await client.cmd("APPEND INBOX {}", plain("pushed"))
            assert await program.run(HEARD) == ["one@b.example", "pushed@b.example"]
        await client.cmd("ENABLE UTF8=ACCEPT")
        await client.cmd('SELECT "한글 보관"')
        got = (await client.cmd("FETCH 1 (FLAGS BODY.PEEK[])")).fetches()[1]
        assert {"\\Seen", "\\Flagged", "$label1"} <= set(got["FLAGS"])
        assert got["BODY[]"] == KOREAN
        assert b"MESSAGES 1" in (await client.cmd("STATUS Trash (MESSAGES)")).lines[0]
        await client.close()
