"""Real programs read and change mail over IMAP: mbsync, mutt, curl, and Python's client libraries."""

import asyncio
import imaplib
import mailbox
import os
import pty
import shutil
import termios
from pathlib import Path

import imapclient
import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client

pytestmark = pytest.mark.peer

LOGIN = "kim@a.example"
KOREAN = (
    "From: =?euc-kr?B?sei5zrz2?= <kim@b.example>\r\nTo: kim@a.example\r\nSubject: =?euc-kr?B?yLjAxw==?=\r\n"
    "Message-ID: <korean@b.example>\r\nDate: Wed, 25 Nov 2026 09:00:00 +0900\r\n"
    "Content-Type: text/plain; charset=euc-kr\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
).encode() + "회의 자료\r\n".encode("euc-kr")


def plain(name: str) -> bytes:
    return (
        f"From: a@b.example\r\nTo: kim@a.example\r\nSubject: {name}\r\nMessage-ID: <{name}@b.example>\r\n"
        f"Date: Wed, 25 Nov 2026 09:00:00 +0900\r\n\r\nbody of {name}\r\n"
    ).encode()


def program(name: str) -> str:
    path = shutil.which(name)
    assert path, f"{name} is not installed: apt-get install isync mutt curl"
    return path


async def run(*words: str, cwd: Path, env: dict[str, str] | None = None, ok: bool = True) -> str:
    process = await asyncio.create_subprocess_exec(
        program(words[0]), *words[1:], cwd=cwd, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        env={"HOME": str(cwd), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "dumb", **(env or {})},
    )  # fmt: skip
    output = (await asyncio.wait_for(process.communicate(), 180))[0].decode("utf-8", "replace")
    assert process.returncode == 0 or not ok, output
    return output


async def on_terminal(*words: str, cwd: Path) -> None:
    """Run a program that wants a terminal."""
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (40, 120))
    try:
        process = await asyncio.create_subprocess_exec(
            program(words[0]), *words[1:], cwd=cwd, stdin=theirs, stdout=theirs, stderr=theirs,
            env={"HOME": str(cwd), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TERM": "xterm"},
        )  # fmt: skip
        os.close(theirs)
        screen = asyncio.create_task(asyncio.to_thread(_drain, ours))
        try:
            await asyncio.wait_for(process.wait(), 120)
        except TimeoutError:
            process.kill()
            await process.wait()
            raise AssertionError(f"{words[0]} did not end: {(await screen)[-2000:]!r}") from None
        await screen
    finally:
        os.close(ours)


def _drain(terminal: int) -> bytes:
    shown = b""
    while True:
        try:
            piece = os.read(terminal, 65536)
        except OSError:  # the last one has closed its end
            return shown
        if not piece:
            return shown
        shown += piece


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(LOGIN)
        yield opened


@pytest.fixture
async def client(house):
    opened = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
    yield opened
    await opened.close()


# -- mbsync ------------------------------------------------------------------------------------------------------------


class Mbsync:
    """mbsync with a Maildir tree beside it."""

    def __init__(self, directory: Path, port: int):
        self.directory = directory
        self.mail = directory / "mail"
        self.mail.mkdir()
        (directory / "rc").write_text(
            f"IMAPAccount house\nHost 127.0.0.1\nPort {port}\nUser {LOGIN}\nPass \"{PASSWORD}\"\nTLSType None\n"
            "AuthMechs LOGIN\n\nIMAPStore far\nAccount house\n\n"
            f"MaildirStore near\nPath {self.mail}/\nInbox {self.mail}/INBOX\nSubFolders Verbatim\n\n"
            "Channel all\nFar :far:\nNear :near:\nPatterns *\nCreate Both\nExpunge Both\nSyncState *\n"
        )  # fmt: skip

    async def sync(self) -> str:
        return await run("mbsync", "-V", "-c", "rc", "-a", cwd=self.directory)

    def box(self, name: str) -> mailbox.Maildir:
        return mailbox.Maildir(self.mail / name, create=True)


def subjects(box: mailbox.Maildir) -> dict[str, str]:
    return {message["Message-ID"]: "".join(sorted(message.get_flags())) for message in box}


async def test_mbsync_brings_mail_flags_deletions_and_mailboxes_both_ways(house, client, tmp_path):
    sync = Mbsync(tmp_path, house.ports["imap"])
    await client.cmd("APPEND INBOX (\\Flagged) {} (\\Seen) {}", plain("one"), KOREAN)
    await client.cmd("ENABLE UTF8=ACCEPT")
    await client.cmd('CREATE "보고/2026년"')
    await client.cmd('APPEND "보고/2026년" {}', plain("report"))
    await sync.sync()

    inbox = sync.box("INBOX")
    assert subjects(inbox) == {"<one@b.example>": "F", "<korean@b.example>": "S"}
    octets = {message["Message-ID"]: inbox.get_bytes(key) for key, message in inbox.iteritems()}
    assert octets["<korean@b.example>"].replace(b"\n", b"\r\n").endswith(KOREAN.split(b"\r\n\r\n")[1])
    names = {path.name for path in sync.mail.rglob("*") if path.is_dir()} - {"cur", "new", "tmp"}
    korean = next(path.parent for path in sync.mail.rglob("cur") if path.parent.parent.name not in ("mail",))
    assert {"INBOX", "Sent", "Trash"} <= names

    # From the near side: a new message, a flag, a deletion, a new mailbox with a Korean name.
    inbox.add(mailbox.MaildirMessage(plain("near").replace(b"\r\n", b"\n")))
    for key, message in list(inbox.iteritems()):
        if message["Message-ID"] == "<one@b.example>":
            message.set_flags("FRS")
            message.set_subdir("cur")
            inbox[key] = message
        elif message["Message-ID"] == "<korean@b.example>":
            message.set_flags("ST")
            inbox[key] = message
    sync.box("보고2").add(mailbox.MaildirMessage(plain("new").replace(b"\r\n", b"\n")))
    # And from the far side, at the same time.
    await client.cmd('SELECT "보고/2026년"')
    await client.cmd("STORE 1 +FLAGS.SILENT (\\Answered \\Seen)")
    await client.cmd("UNSELECT")
    await sync.sync()

    await client.cmd("SELECT INBOX")
    found = (await client.cmd("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")).fetches()
    flags = {one["BODY[HEADER.FIELDS (MESSAGE-ID)]"].split()[1].decode(): set(one["FLAGS"]) for one in found.values()}
    assert flags == {"<one@b.example>": {"\\Flagged", "\\Answered", "\\Seen"}, "<near@b.example>": set()}
    boxes = b"\n".join((await client.cmd('LIST "" *')).lines).decode()
    assert '"보고2"' in boxes
    assert b"MESSAGES 1" in (await client.cmd('STATUS "보고2" (MESSAGES)')).lines[0]
    assert subjects(mailbox.Maildir(korean, create=False)) == {"<report@b.example>": "RS"}

    # Nothing changed: a third run moves nothing.
    before = sorted(str(path) for path in sync.mail.rglob("*"))
    await sync.sync()
    assert sorted(str(path) for path in sync.mail.rglob("*")) == before


async def test_mbsync_fills_an_empty_account_from_a_big_maildir(house, client, tmp_path):
    sync = Mbsync(tmp_path, house.ports["imap"])
    box = sync.box("INBOX")
    for number in range(300):
        box.add(mailbox.MaildirMessage(plain(f"m{number}").replace(b"\r\n", b"\n")))
    await sync.sync()
    answer = await client.cmd("SELECT INBOX")
    assert b"300 EXISTS" in answer.lines
    assert len((await client.cmd("SEARCH SUBJECT m")).lines[0].split()) == 301


# -- mutt --------------------------------------------------------------------------------------------------------------


async def test_mutt_opens_a_mailbox_and_saves_a_message(house, client, tmp_path):
    await client.cmd("APPEND INBOX {} {}", plain("one"), KOREAN)
    saved = tmp_path / "saved"
    (tmp_path / "muttrc").write_text(
        f'set folder="imap://127.0.0.1:{house.ports["imap"]}/"\nset spoolfile="+INBOX"\nset imap_user="{LOGIN}"\n'
        f'set imap_pass="{PASSWORD}"\nset imap_authenticators="login"\nset ssl_starttls=no\nset ssl_force_tls=no\n'
        "set tunnel=\"\"\nset confirmappend=no\nset confirmcreate=no\nset quit=yes\nset delete=no\nset mark_old=no\nset charset=utf-8\n"
        f"set imap_condstore=yes\nset mbox_type=mbox\n"
    )  # fmt: skip
    await on_terminal(
        "mutt", "-n", "-F", "muttrc", "-e",
        f"push '<limit>~i korean@b.example<enter><copy-message><kill-line>{saved}<enter><limit>all<enter>"
        "<set-flag>!<quit>'",
        cwd=tmp_path,
    )  # fmt: skip
    messages = list(mailbox.mbox(saved))
    assert [message["Message-ID"] for message in messages] == ["<korean@b.example>"]
    assert messages[0].get_payload(decode=True).decode("euc-kr").strip() == "회의 자료"
    await client.cmd("SELECT INBOX")
    assert (await client.cmd("SEARCH FLAGGED")).lines != [b"SEARCH"]


# -- curl --------------------------------------------------------------------------------------------------------------


async def test_curl_lists_fetches_searches_and_uploads(house, client, tmp_path):
    await client.cmd("APPEND INBOX {} {}", plain("one"), KOREAN)
    base = ["curl", "-s", "-S", "--user", f"{LOGIN}:{PASSWORD}"]
    url = f"imap://127.0.0.1:{house.ports['imap']}"
    listing = await run(*base, f"{url}/", cwd=tmp_path)
    assert "INBOX" in listing and "\\Trash" in listing
    (tmp_path / "up.eml").write_bytes(plain("up"))
    await run(*base, "-T", "up.eml", f"{url}/INBOX", cwd=tmp_path)
    await run(*base, "-o", "got.eml", f"{url}/INBOX;UID=3", cwd=tmp_path)
    assert (tmp_path / "got.eml").read_bytes() == plain("up")
    await run(*base, "-o", "part", f"{url}/INBOX;UID=2;SECTION=TEXT", cwd=tmp_path)
    assert (tmp_path / "part").read_bytes() == KOREAN.split(b"\r\n\r\n")[1]
    assert "SEARCH 3" in await run(*base, f"{url}/INBOX?SUBJECT%20up", cwd=tmp_path)
    examined = await run(*base, "-X", "EXAMINE INBOX", url, cwd=tmp_path)
    assert "3 EXISTS" in examined
    assert "denied" in await run(*base[:3], "--user", f"{LOGIN}:wrong", f"{url}/", cwd=tmp_path, ok=False)


# -- client libraries --------------------------------------------------------------------------------------------------


async def test_imaplib(house, client):
    await client.cmd("APPEND INBOX {} {}", plain("one"), KOREAN)

    def work():
        with imaplib.IMAP4("127.0.0.1", house.ports["imap"]) as library:
            library.authenticate("PLAIN", lambda _: f"\0{LOGIN}\0{PASSWORD}".encode())
            library.enable("UTF8=ACCEPT")
            assert library.create('"한글 이름"')[0] == "OK"
            assert library.select('"한글 이름"')[1] == [b"0"]
            assert library.select("INBOX")[1] == [b"2"]
            assert library.fetch("2", "(BODY.PEEK[])")[1][0][1] == KOREAN
            assert library.search(None, "SUBJECT", '"회의"')[1] == [b"2"]
            assert library.append("INBOX", "\\Seen", None, plain("two"))[0] == "OK"
            assert library.uid("COPY", "1:2", '"한글 이름"')[0] == "OK"
            assert library.status('"한글 이름"', "(MESSAGES UNSEEN)")[1][0].endswith(b"(MESSAGES 2 UNSEEN 2)")
            assert library.store("1", "+FLAGS", "\\Deleted")[0] == "OK"
            assert library.expunge()[1] == [b"1"]
            assert library.delete('"한글 이름"')[0] == "OK"

    await asyncio.to_thread(work)


async def test_imapclient(house, client):
    await client.cmd("APPEND INBOX {} {}", plain("one"), KOREAN)

    def work():
        with imapclient.IMAPClient("127.0.0.1", house.ports["imap"], ssl=False) as library:
            library.login(LOGIN, PASSWORD)
            assert library.has_capability("CONDSTORE")
            library.create_folder("업무/견적")
            assert "업무/견적" in [name for _flags, _delimiter, name in library.list_folders()]
            assert library.find_special_folder(b"\\Sent") == "Sent"
            assert library.select_folder("INBOX")[b"EXISTS"] == 2
            got = library.fetch([1, 2], ["ENVELOPE", "BODYSTRUCTURE", "INTERNALDATE", "RFC822.SIZE", "FLAGS"])
            assert got[1][b"ENVELOPE"].subject == b"one"
            assert got[2][b"RFC822.SIZE"] == len(KOREAN)
            assert library.search(["SUBJECT", "회의"], charset="UTF-8") == [2]
            library.set_flags([2], [imapclient.FLAGGED, b"$label1"])
            assert set(library.get_flags([2])[2]) - {b"\\Recent"} == {imapclient.FLAGGED, b"$label1"}
            library.move([1], "업무/견적")
            assert library.folder_status("업무/견적", [b"MESSAGES"])[b"MESSAGES"] == 1
            library.idle()
            library.idle_check(timeout=0.1)
            library.idle_done()
            library.rename_folder("업무", "일")
            assert library.select_folder("일/견적")[b"EXISTS"] == 1

    await asyncio.to_thread(work)
