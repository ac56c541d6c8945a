"""A leaver's live connections end within seconds, on sockets."""

import asyncio
import imaplib
import poplib
import time

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.life_house import CLI

from smartmail.service.people.account_life import Leave

KIM = "kim@a.example"


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(KIM)
        await opened.person("lee@a.example")
        yield opened


async def test_open_connections_are_cut(house):
    def begin():
        imap = imaplib.IMAP4("127.0.0.1", house.ports["imap"], timeout=60)
        imap.login(KIM, PASSWORD)
        imap.select()
        pop = poplib.POP3("127.0.0.1", house.ports["pop3"], timeout=60)
        pop.user(KIM)
        pop.pass_(PASSWORD)
        return imap, pop

    def ended(imap, pop):
        """Return after how many seconds both have ended."""
        start = time.monotonic()
        imap.sock.settimeout(60)
        pop.sock.settimeout(60)
        while imap.sock.recv(4096):
            pass
        while pop.sock.recv(4096):
            pass
        return time.monotonic() - start

    imap, pop = await asyncio.to_thread(begin)
    waiting = asyncio.create_task(asyncio.to_thread(ended, imap, pop))
    await house.services.account_life.leavers.leave(CLI, house.accounts[KIM].id, Leave())
    assert await waiting < 60
