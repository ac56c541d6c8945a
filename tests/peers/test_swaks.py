"""swaks and Postfix's smtp-source as clients: MX, submission by STARTTLS and by TLS, many messages at once."""

import shutil
import subprocess

import pytest
from tests.peers.served import DOMAIN, PASSWORD, Served, served

pytestmark = pytest.mark.peer
TO = f"u0@{DOMAIN}"


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    missing = [name for name in ("swaks", "smtp-source") if shutil.which(name) is None]
    assert not missing, f"install {missing}: ./smartmail test does so as root"
    with served(tmp_path_factory.mktemp("swaks") / "data", "--bench") as node:
        yield node


def swaks(node: Served, listener: str, *options: str) -> str:
    command = ["swaks", "--server", f"127.0.0.1:{node.ports[listener]}", "--timeout", "20", *options]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


async def received(node: Served, subject: str, login: str = TO) -> list[bytes]:
    session = await node.imap(login)
    try:
        await session.select("INBOX")
        uids = await session.search(f'SUBJECT "{subject}"')
        return [await session.body(uid) for uid in uids]
    finally:
        session.close()


@pytest.mark.parametrize(
    ("listener", "options"),
    [
        ("smtp", ["--from", "a@away.example"]),
        ("smtp", ["--from", "a@away.example", "-tls"]),
        ("submission", ["--from", TO, "-tls", "-a", "PLAIN", "-au", TO, "-ap", PASSWORD]),
        ("submission", ["--from", TO, "-tls", "-a", "LOGIN", "-au", TO, "-ap", PASSWORD]),
        ("submissions", ["--from", TO, "-tlsc", "-a", "PLAIN", "-au", TO, "-ap", PASSWORD]),
        ("lmtp", ["--from", "a@away.example", "--protocol", "LMTP"]),
    ],
    ids=["mx", "mx-starttls", "587-plain", "587-login", "465", "lmtp"],
)
async def test_swaks_delivers(node: Served, listener: str, options: list[str], request):
    subject = f"swaks by {request.node.callspec.id}."
    said = swaks(node, listener, "--to", TO, "--header", f"Subject: {subject}", "--body", "안녕하세요\n.\n끝", *options)
    assert "250 2.0.0" in said
    found = await received(node, subject)
    assert len(found) == 1
    assert "안녕하세요\r\n.\r\n끝".encode() in found[0]
    assert found[0].startswith(f"Return-Path: <{options[1]}>\r\nReceived: ".encode())


def test_swaks_is_refused(node: Served):
    for options, code in (
        (["--to", "somebody@away.example", "--from", TO], "550"),
        (["--to", f"nobody@{DOMAIN}", "--from", "a@away.example"], "550"),
    ):
        command = ["swaks", "--server", f"127.0.0.1:{node.ports['smtp']}", *options]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode != 0
        assert f"<** {code}" in done.stdout


async def test_smtp_source_delivers_two_hundred(node: Served):
    command = ["smtp-source", "-s", "20", "-m", "200", "-l", "20000", "-S", "from smtp-source", "-f", "a@away.example"]
    done = subprocess.run(
        [*command, "-t", f"u1@{DOMAIN}", f"127.0.0.1:{node.ports['smtp']}"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    session = await node.imap(f"u1@{DOMAIN}")
    assert (await session.select("INBOX"))["EXISTS"] == 200
    session.close()


async def test_a_repeat_is_stored_once_but_a_device_may_say_the_same_twice(node: Served):
    """A message with a Message-ID that comes again is one (RFC 1047); without one, equal messages are two."""
    for octets, count in (
        (b"Subject: one\r\nMessage-ID: <1@d.example>\r\n\r\nx\r\n", 1),
        (b"Subject: two\r\n\r\nx\r\n", 2),
    ):
        for _ in range(2):
            session = await node.smtp("smtp")
            assert await session.send("device@away.example", [f"u3@{DOMAIN}"], octets) == [250]
            await session.quit()
        assert len(await received(node, octets[9:12].decode(), f"u3@{DOMAIN}")) == count
