"""Reminders whose hour comes while nobody runs, and processes that die while they wake mail: each mail is back, once."""

import time

import pytest
from tests.peers.served import Served, served, soon

from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.principal import Actor, Origin
from smartmail.service.mailbox.reminders.keeping import Wish

LOGIN = "u1@bench.test"
MAILS = 60
ROUNDS = 3
_BACK_S = 120.0


@pytest.fixture
def node(tmp_path):
    with served(tmp_path / "data", "--bench") as node:
        yield node


async def put_off(node: Served, role: str, ahead_s: float) -> None:
    """Give everything in a mailbox an hour, each mail by itself."""
    async with open_node(load(str(node.directory))) as opened:
        services = opened.services
        account = await services.directory.account_by_login(LOGIN)
        actor = Actor(account.id, account.organization_id, account.login, False, Origin("system"), account.auth_epoch)
        box = await services.mailboxes.by_role(actor, account.id, role)
        ids, _total = await services.queries.window(actor, account.id, box.row.id)
        at = int((time.time() + ahead_s) * 1000)
        for one in ids:
            assert not await services.reminders.service.remind(actor, account.id, [one], Wish("snooze", at))


async def count(node: Served, mailbox: str) -> int:
    session = await node.imap(LOGIN)
    await session.select(mailbox)
    return len(await session.search("ALL"))


async def test_mail_is_back_once_whatever_is_killed(node: Served):
    session = await node.imap(LOGIN)
    for number in range(MAILS):
        await session.append("INBOX", f"Subject: letter {number}\r\n\r\nwords\r\n".encode())
    before = await count(node, "INBOX")
    await put_off(node, "inbox", 3600)
    assert (await count(node, "INBOX"), await count(node, "Snoozed")) == (0, before)

    # The machine dies before the hour and comes back after it.
    node.kill_all()
    await put_off(node, "snoozed", 0)
    node.start()
    # Then those who wake mail die while they do.
    for _ in range(ROUNDS):
        started, killed = node.starts, list(node.workers().values())
        for pid in killed:
            node.kill(pid)
        await soon(lambda started=started, killed=killed: node.starts >= started + len(killed), _BACK_S, "processes")

    deadline = time.monotonic() + _BACK_S
    while await count(node, "Snoozed"):
        assert time.monotonic() < deadline, "mail sleeps on"
    assert await count(node, "INBOX") == before
