"""Real programs fetch mail over POP3: fetchmail, getmail, mpop and curl."""

import asyncio
import mailbox
import shutil
from pathlib import Path

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client

pytestmark = pytest.mark.peer

LOGIN = "kim@a.example"
NAMES = ("one", "two", "three")


def plain(name: str) -> bytes:
    return (
        f"From: a@b.example\r\nTo: kim@a.example\r\nSubject: {name}\r\nMessage-ID: <{name}@b.example>\r\n"
        f"Date: Wed, 25 Nov 2026 09:00:00 +0900\r\nContent-Type: text/plain; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: 8bit\r\n\r\n.점으로 시작하는 줄\r\n..\r\n{name} 회의\r\n"
    ).encode()


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(LOGIN)
        client = await Client.open(opened.ports["imap"], LOGIN, PASSWORD)
        await client.cmd("APPEND INBOX {} {} {}", *map(plain, NAMES))
        yield opened
        await client.close()


async def left(house) -> int:
    client = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
    answer = await client.cmd("STATUS INBOX (MESSAGES)")
    await client.close()
    return int(answer.lines[0].split()[-1].rstrip(b")"))


async def run(*words: str, cwd: Path, codes: tuple[int, ...] = (0,)) -> str:
    path = shutil.which(words[0])
    assert path, f"{words[0]} is not installed: apt-get install fetchmail getmail6 mpop curl"
    process = await asyncio.create_subprocess_exec(
        path, *words[1:], cwd=cwd, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT, env={"HOME": str(cwd), "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    )  # fmt: skip
    output = (await asyncio.wait_for(process.communicate(), 180))[0].decode("utf-8", "replace")
    assert process.returncode in codes, f"{process.returncode}: {output}"
    return output


def private(path: Path, text: str) -> str:
    path.write_text(text)
    path.chmod(0o600)
    return path.name


def dropping(directory: Path) -> tuple[mailbox.Maildir, Path]:
    """Return a Maildir, and a program that drops what it is given into it (getmail delivers nowhere else as root)."""
    box = mailbox.Maildir(directory / "box", create=True)
    put = directory / "put"
    put.write_text(f'#!/bin/sh\nn="{directory}/box/tmp/$$"\ncat > "$n"\nmv "$n" "{directory}/box/new/$$"\n')
    put.chmod(0o700)
    return box, put


def octets_of(box: mailbox.Maildir) -> dict[str, bytes]:
    """Return Message-ID → body, with CRLF."""
    return {
        message["Message-ID"].strip("<>").split("@")[0]: box.get_bytes(key).split(b"\n\n", 1)[1].replace(b"\n", b"\r\n")
        for key, message in box.iteritems()
    }


BODIES = {name: plain(name).split(b"\r\n\r\n", 1)[1] for name in NAMES}


async def test_fetchmail_takes_new_mail_once_and_empties_the_inbox_when_told(house, tmp_path):
    box, put = dropping(tmp_path)
    rc = private(
        tmp_path / "fetchmailrc",
        f"poll 127.0.0.1 protocol POP3 port {house.ports['pop3']} uidl\n"
        f'user "{LOGIN}" password "{PASSWORD}" sslproto "" mda "{put}"\n',
    )
    words = ["fetchmail", "-f", rc, "--pidfile", str(tmp_path / "pid"), "-i", str(tmp_path / "ids"), "-v"]
    await run(*words, "--keep", cwd=tmp_path)
    assert octets_of(box) == BODIES
    await run(*words, "--keep", cwd=tmp_path, codes=(1,))  # 1: no new mail
    assert len(box) == 3
    await run(*words, "--nokeep", "--all", cwd=tmp_path)
    assert await left(house) == 0


async def test_getmail_remembers_what_it_has_by_unique_id(house, tmp_path):
    box, put = dropping(tmp_path)
    rc = private(
        tmp_path / "getmailrc",
        f"[retriever]\ntype = SimplePOP3Retriever\nserver = 127.0.0.1\nport = {house.ports['pop3']}\n"
        f"username = {LOGIN}\npassword = {PASSWORD}\n[destination]\ntype = MDA_external\npath = {put}\n"
        "allow_root_commands = true\nunixfrom = false\n"
        "[options]\nread_all = false\ndelete = false\nreceived = false\ndelivered_to = false\n",
    )
    words = ["getmail", "--getmaildir", str(tmp_path), "--rcfile", rc]
    assert "3 messages" in await run(*words, cwd=tmp_path)
    assert octets_of(box) == BODIES
    await run(*words, cwd=tmp_path)
    assert len(box) == 3
    assert await left(house) == 3
    await run(*words, "--delete", "--all", cwd=tmp_path)
    assert await left(house) == 0


async def test_mpop_fetches_with_pipelining_and_deletes(house, tmp_path):
    box = mailbox.Maildir(tmp_path / "box", create=True)
    rc = private(
        tmp_path / "mpoprc",
        f"account house\nhost 127.0.0.1\nport {house.ports['pop3']}\nuser {LOGIN}\npassword {PASSWORD}\ntls off\n"
        f"auth user\npipelining on\nreceived_header off\nkeep off\ndelivery maildir {tmp_path}/box\n"
        f"uidls_file {tmp_path}/uidls\n",
    )
    capabilities = await run("mpop", "-C", rc, "--serverinfo", "house", cwd=tmp_path)
    assert "PIPELINING" in capabilities.upper()
    await run("mpop", "-C", rc, "house", cwd=tmp_path)
    assert octets_of(box) == BODIES
    assert await left(house) == 0


async def test_curl_lists_reads_and_deletes(house, tmp_path):
    words = ["curl", "-s", "-S", "--user", f"{LOGIN}:{PASSWORD}"]
    url = f"pop3://127.0.0.1:{house.ports['pop3']}"
    assert len((await run(*words, f"{url}/", cwd=tmp_path)).split()) == 6
    await run(*words, "-o", "got", f"{url}/2", cwd=tmp_path)
    assert (tmp_path / "got").read_bytes() == plain("two")
    await run(*words, "-X", "DELE 2", "--head", f"{url}/", cwd=tmp_path)
    assert await left(house) == 2
