"""More real programs over IMAP: neomutt, offlineimap, s-nail, imapflow of Node, aioimaplib of Python."""

import asyncio
import json
import mailbox
import shutil
from pathlib import Path

import aioimaplib
import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client
from tests.peers.test_imap_clients import KOREAN, LOGIN, on_terminal, plain, run

pytestmark = pytest.mark.peer

ROOT = Path(__file__).parents[2]


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


# -- neomutt -----------------------------------------------------------------------------------------------------------


async def test_neomutt_with_qresync_reads_marks_and_saves(house, client, tmp_path):
    await client.cmd("APPEND INBOX {} {}", plain("one"), KOREAN)
    saved = tmp_path / "saved"
    (tmp_path / "cache").mkdir()
    (tmp_path / "rc").write_text(
        f'set folder="imap://127.0.0.1:{house.ports["imap"]}/"\nset spool_file="+INBOX"\nset imap_user="{LOGIN}"\n'
        f'set imap_pass="{PASSWORD}"\nset imap_authenticators="login"\nset ssl_starttls=no\nset ssl_force_tls=no\n'
        "set imap_condstore=yes\nset imap_qresync=yes\nset imap_deflate=yes\nset header_cache=cache\n"
        "set confirm_append=no\nset confirm_create=no\nset quit=yes\nset delete=no\nset mark_old=no\nset charset=utf-8\n"
    )
    keys = f"<limit>~i korean@b.example<enter><copy-message><kill-line>{saved}<enter><limit>all<enter><set-flag>!<quit>"
    await on_terminal("neomutt", "-n", "-F", "rc", "-e", f"push '{keys}'", cwd=tmp_path)
    messages = list(mailbox.mbox(saved))
    assert [message["Message-ID"] for message in messages] == ["<korean@b.example>"]
    assert messages[0].get_payload(decode=True).decode("euc-kr").strip() == "회의 자료"
    await client.cmd("SELECT INBOX")
    assert (await client.cmd("SEARCH FLAGGED")).lines != [b"SEARCH"]
    # Once more, with a header cache that is behind: one message went, one came.
    await client.cmd("STORE 1 +FLAGS.SILENT (\\Deleted)")
    await client.cmd("EXPUNGE")
    await client.cmd("APPEND INBOX {}", plain("fresh"))
    saved.unlink()
    keys = f"<tag-pattern>~A<enter><tag-prefix><copy-message><kill-line>{saved}<enter><quit>"
    await on_terminal("neomutt", "-n", "-F", "rc", "-e", f"push '{keys}'", cwd=tmp_path)
    found = {message["Message-ID"] for message in mailbox.mbox(saved)}
    assert found == {"<korean@b.example>", "<fresh@b.example>"}


# -- offlineimap -------------------------------------------------------------------------------------------------------


async def test_offlineimap_brings_mail_and_flags_both_ways(house, client, tmp_path):
    near = tmp_path / "near"
    (tmp_path / "rc").write_text(
        "[general]\naccounts = one\nui = basic\nmetadata = {0}/meta\n[Account one]\nlocalrepository = near\n"
        "remoterepository = far\n[Repository near]\ntype = Maildir\nlocalfolders = {0}/near\n[Repository far]\n"
        "type = IMAP\nremotehost = 127.0.0.1\nremoteport = {1}\nremoteuser = {2}\nremotepass = {3}\nssl = no\n"
        "starttls = no\nauth_mechanisms = LOGIN\n".format(tmp_path, house.ports["imap"], LOGIN, PASSWORD)
    )
    await client.cmd("APPEND INBOX (\\Flagged) {} (\\Seen) {}", plain("one"), KOREAN)
    await client.cmd("CREATE Work")
    sync = ("offlineimap", "-o", "-c", "rc", "-k", "general:ui=basic")
    await run(*sync, cwd=tmp_path)
    inbox = mailbox.Maildir(near / "INBOX", create=False)
    flags = {message["Message-ID"]: message.get_flags() for message in inbox}
    assert flags == {"<one@b.example>": "F", "<korean@b.example>": "S"}
    assert (near / "Work").is_dir()
    inbox.add(mailbox.MaildirMessage(plain("near").replace(b"\r\n", b"\n")))
    for key, message in list(inbox.iteritems()):
        if message["Message-ID"] == "<one@b.example>":
            message.set_subdir("cur")
            message.set_flags("FRS")
            inbox[key] = message
        elif message["Message-ID"] == "<korean@b.example>":
            inbox.remove(key)
    await run(*sync, cwd=tmp_path)
    await client.cmd("SELECT INBOX")
    got = (await client.cmd("UID FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (MESSAGE-ID)])")).fetches().values()
    names = {one["BODY[HEADER.FIELDS (MESSAGE-ID)]"].split()[1].decode(): set(one["FLAGS"]) for one in got}
    assert names["<one@b.example>"] == {"\\Flagged", "\\Answered", "\\Seen"}
    assert names.keys() == {"<one@b.example>", "<near@b.example>"}


# -- s-nail ------------------------------------------------------------------------------------------------------------


async def test_s_nail_lists_and_shows_mail(house, client, tmp_path):
    await client.cmd("APPEND INBOX {} {}", plain("one"), KOREAN)
    (tmp_path / "rc").write_text("set imap-auth=login imap-keepalive=240\nset ttycharset=utf-8 noimap-use-starttls\n")
    (tmp_path / "script").write_text("headers\nprint 2\nflag 1\nquit\n")
    person = f"{LOGIN.replace('@', '%40')}:{PASSWORD.replace(' ', '%20')}"
    url = f"imap://{person}@127.0.0.1:{house.ports['imap']}/INBOX"
    words = f"s-nail -n -Sv15-compat -X 'source rc' -f '{url}' < script"
    output = await run("sh", "-c", words, cwd=tmp_path)
    assert "one" in output
    assert "회의 자료" in output
    await client.cmd("SELECT INBOX")
    assert (await client.cmd("SEARCH FLAGGED")).lines == [b"SEARCH 1"]
    assert (await client.cmd("SEARCH SEEN")).lines == [b"SEARCH 2"]


# -- libraries ---------------------------------------------------------------------------------------------------------


def node() -> str:
    ours = ROOT / ".cache" / "launcher" / "bin" / "node"
    path = str(ours) if ours.exists() else shutil.which("node")
    assert path, "node comes with ./smartmail"
    return path


async def test_imapflow(house, client):
    process = await asyncio.create_subprocess_exec(
        node(), str(ROOT / "tests" / "peers" / "imapflow_story.mjs"), str(house.ports["imap"]), LOGIN, PASSWORD,
        stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    output, errors = await asyncio.wait_for(process.communicate(), 180)
    assert process.returncode == 0, errors.decode()
    told = json.loads(output)
    assert ["Sent", "\\Sent"] in told["mailboxes"]
    assert (told["subject"], told["source"], told["text"]) == ("회의", True, "body\r\n")
    assert told["flags"] == ["$work", "\\Flagged"]
    assert told["search"] == [told["appended"]]
    assert told["exists"] == 2
    assert told["moved"] == [[told["appended"], 1]]
    assert told["status"]["messages"] == 1
    assert "QRESYNC" in told["enabled"]
    assert told["gone"] == [[told["appended"], True, True]]


async def test_aioimaplib(house, client):
    await client.cmd("APPEND INBOX {} {}", plain("one"), KOREAN)
    library = aioimaplib.IMAP4("127.0.0.1", house.ports["imap"], timeout=60)
    await library.wait_hello_from_server()
    assert (await library.login(LOGIN, PASSWORD)).result == "OK"
    assert library.has_capability("MOVE")
    assert (await library.select("INBOX")).result == "OK"
    assert (await library.uid_search("SUBJECT one")).lines[0] == b"1"
    fetched = await library.uid("fetch", "2", "(BODY.PEEK[])")
    assert fetched.lines[1] == KOREAN
    assert (await library.uid("store", "1", "+FLAGS", "(\\Flagged)")).result == "OK"
    waiting = await library.idle_start(timeout=60)
    await client.cmd("APPEND INBOX {}", plain("pushed"))
    assert b"3 EXISTS" in await library.wait_server_push()
    library.idle_done()
    await asyncio.wait_for(waiting, 60)
    assert (await library.uid("move", "1", "Archive")).result == "OK"
    assert (await library.logout()).result == "OK"
    assert b"MESSAGES 1" in (await client.cmd("STATUS Archive (MESSAGES)")).lines[0]
