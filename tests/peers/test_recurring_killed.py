"""Recurring mail whose turn comes while nobody runs, and processes that die at that moment: each turn is sent, once."""

import time
from dataclasses import replace

import pytest
from tests.peers.served import Served, served, soon

from smartmail.app.node import open_node
from smartmail.app.settings import load
from smartmail.domain.principal import Actor, Origin
from smartmail.domain.recurring import Rule
from smartmail.service.flow.recurring.keeping import Wish

LOGIN, READER = "u1@bench.test", "u2@bench.test"
LETTERS = 12
ROUNDS = 3
_SENT_S = 120.0


@pytest.fixture
def node(tmp_path):
    with served(tmp_path / "data", "--bench") as node:
        yield node


async def begin(node: Served) -> None:
    """Plan everything among the drafts for each day."""
    async with open_node(load(str(node.directory))) as opened:
        services = opened.services
        account = await services.directory.account_by_login(LOGIN)
        actor = Actor(account.id, account.organization_id, account.login, False, Origin("system"), account.auth_epoch)
        box = await services.mailboxes.by_role(actor, account.id, "drafts")
        ids, _total = await services.queries.window(actor, account.id, box.row.id)
        [identity, *_] = await services.identities.list_all(actor, account.id)
        for one in ids:
            wish = Wish(one, identity.row.id, Rule("day", 0, "Asia/Seoul"))
            await services.recurring.service.add(actor, account.id, wish)


async def come(node: Served) -> None:
    """Let the turn of all of them have come."""
    async with open_node(load(str(node.directory))) as opened:
        store = opened.services.recurring.turning._store  # noqa: SLF001
        account = await opened.services.directory.account_by_login(LOGIN)
        rows = await store.recurring.of_account(account.id)
        assert len(rows) == LETTERS
        now = int(time.time() * 1000) - 1000
        for row in rows:
            await store.write(account.id, lambda tx, row=row: tx.put_recurring(replace(row, next_at=now)))


async def turns(node: Served) -> list[int]:
    """Return how many turns each plan had."""
    async with open_node(load(str(node.directory))) as opened:
        store = opened.services.recurring.turning._store  # noqa: SLF001
        account = await opened.services.directory.account_by_login(LOGIN)
        now = int(time.time() * 1000)
        # What a process that was killed had leased would be waited for: two minutes.
        for row in await store.recurring.of_account(account.id):
            if row.leased_until > now and row.next_at <= now:
                await store.recurring.put_off(account.id, row.message_id, 0)
        return [row.turns for row in await store.recurring.of_account(account.id)]


async def count(node: Served, login: str, mailbox: str, keys: str = "ALL") -> int:
    session = await node.imap(login)
    await session.select(mailbox)
    return len(await session.search(keys))


async def test_each_turn_is_sent_once_whatever_is_killed(node: Served):
    session = await node.imap(LOGIN)
    for number in range(LETTERS):
        letter = f"From: {LOGIN}\r\nTo: {READER}\r\nSubject: turn {number} of it\r\n\r\nwords\r\n"
        await session.append("Drafts", letter.encode())
    await begin(node)
    assert await count(node, LOGIN, "Drafts") == 0

    # The machine dies before the moment and comes back after it; then those who send die while they do.
    node.kill_all()
    await come(node)
    node.start()
    for _ in range(ROUNDS):
        started, killed = node.starts, list(node.workers().values())
        for pid in killed:
            node.kill(pid)
        await soon(lambda started=started, killed=killed: node.starts >= started + len(killed), _SENT_S, "processes")

    deadline = time.monotonic() + _SENT_S
    while sum(await turns(node)) < LETTERS:
        assert time.monotonic() < deadline, "a turn is not sent"
    while await count(node, READER, "INBOX", 'SUBJECT "of it"') < LETTERS:
        assert time.monotonic() < deadline, "a mail has not come"
    assert await turns(node) == [1] * LETTERS
    assert await count(node, LOGIN, "Sent") == LETTERS
    assert await count(node, LOGIN, "Scheduled") == LETTERS, "the letters, and nothing that was only made"
    for number in range(LETTERS):
        assert await count(node, READER, "INBOX", f'SUBJECT "turn {number} of it"') == 1
