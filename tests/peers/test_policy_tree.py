"""A served node obeys what the command line sets, on all of its processes and without a restart."""

import asyncio
import json
import ssl
from pathlib import Path

import pytest
from tests.peers.commands import run_command
from tests.peers.served import DOMAIN, PASSWORD, Served, served

pytestmark = pytest.mark.peer

LOGIN = f"u1@{DOMAIN}"
OTHER = f"u2@{DOMAIN}"
DOORS = {
    "imap": ("door.imap", ["a LOGIN {login} {password}"], b"* BYE "),
    "pop3": ("door.pop3", ["USER {login}", "PASS {password}"], b"-ERR [AUTH] "),
}


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with served(tmp_path_factory.mktemp("node") / "data", "--bench") as running:
        yield running


def command(node: Served, *words: str) -> object:
    """Run ./smartmail as an administrator does, beside the running server."""
    done = run_command(node.directory, *words, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


class Session:
    """One connection that is logged in."""

    def __init__(self, reader, writer):
        self.reader, self.writer = reader, writer

    @classmethod
    async def open(cls, node: Served, door: str, login: str = LOGIN) -> "Session":
        session = cls(*await asyncio.open_connection(node.address, node.ports[door]))
        await session.answer()
        for line in DOORS[door][1]:
            session.writer.write(line.format(login=login, password=PASSWORD).encode() + b"\r\n")
            said = await session.answer()
            assert said.startswith((b"+OK", b"a OK")), said
        return session

    async def answer(self) -> bytes:
        return await asyncio.wait_for(self.reader.readline(), 120)


async def several(node: Served, door: str) -> list[Session]:
    """Enough connections that each of the two processes has some."""
    return [await Session.open(node, door) for _ in range(8)]


@pytest.mark.parametrize("door", DOORS)
async def test_a_door_that_is_closed_ends_what_is_open_in_every_process(node, door):
    knob, _, farewell = DOORS[door]
    sessions = await several(node, door)
    await asyncio.to_thread(command, node, "policy", "set", knob, "off")
    for session in sessions:
        assert (await session.answer()).startswith(farewell)
        session.writer.close()

    async def opens() -> bool:
        try:
            (await Session.open(node, door)).writer.close()
        except (AssertionError, ConnectionError):
            return False
        return True

    # All eight may have been with one process: the other hears of it at its own time.
    async with asyncio.timeout(120):
        while any([await opens() for _ in range(8)]):
            await asyncio.sleep(0.05)
    await asyncio.to_thread(command, node, "policy", "unset", knob)
    async with asyncio.timeout(120):
        while not all([await opens() for _ in range(8)]):
            await asyncio.sleep(0.05)


async def test_a_password_that_changes_ends_the_sessions_of_its_account(node):
    sessions = [await Session.open(node, door, OTHER) for door in DOORS for _ in range(3)]
    words = ("account", "passwd", OTHER)
    done = await asyncio.to_thread(run_command, node.directory, *words, given="another good password\n")
    assert done.returncode == 0, done.stderr
    for session in sessions:
        assert (await session.answer()).startswith((b"* BYE", b"-ERR [AUTH]"))
        session.writer.close()
    again = await asyncio.to_thread(command, node, "account", "credentials", OTHER)
    assert [one["kind"] for one in again["items"]] == ["password"]


async def test_what_tls_shows_is_what_the_policy_allows(node):
    """The listener inside TLS of a real node: SCRAM once main passwords are refused, bound to the connection."""
    context = ssl.create_default_context(cafile=str(Path(node.directory) / "tls" / "ca.pem"))

    async def offered() -> bytes:
        reader, writer = await asyncio.open_connection(
            node.address, node.ports["imaps"], ssl=context, server_hostname="localhost"
        )
        line = await asyncio.wait_for(reader.readline(), 120)
        writer.close()
        return line

    assert b"AUTH=PLAIN" in await offered() and b"AUTH=SCRAM" not in await offered()
    await asyncio.to_thread(command, node, "policy", "set", "login.app-password-required", "on")
    async with asyncio.timeout(120):
        while b"AUTH=SCRAM-SHA-256-PLUS" not in await offered():
            await asyncio.sleep(0.05)
    await asyncio.to_thread(command, node, "policy", "unset", "login.app-password-required")
