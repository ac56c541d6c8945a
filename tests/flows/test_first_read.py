"""The first read by mail programs: what brings content over IMAP and POP3 is a read, before a recall could say otherwise."""

import asyncio
import imaplib
import poplib

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.test_story_acts import acts, follow, imap
from tests.flows.test_trace import KIM, LEE, MESSAGE, find, send
from tests.strength import rounds

from smartmail.domain.ids import MessageId
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.recalling import CopyRecall
from smartmail.service.kernel.clock import MINUTE

SENDER = "x@b.example"
CONTENT = [
    "(BODY.PEEK[])",
    "(BODY.PEEK[]<0.10>)",
    "(BODY.PEEK[TEXT])",
    "(BODY.PEEK[1])",
    "(BINARY.PEEK[1])",
    "(RFC822.TEXT)",
]
NONE = [
    "(ENVELOPE BODYSTRUCTURE FLAGS)", "(RFC822.HEADER)", "(BODY.PEEK[HEADER])", "(BODY.PEEK[HEADER.FIELDS (X-OTHER)])",
    "(BODY.PEEK[1.MIME])", "(RFC822.SIZE BINARY.SIZE[1])", "(PREVIEW)",
]  # fmt: skip


@pytest.fixture
async def house(tmp_path):
    """One server with two people."""
    directory = tmp_path / "house"
    directory.mkdir()
    async with open_house(directory) as house:
        for login in (KIM, LEE):
            await house.person(login)
        yield house


def numbered(number):
    """Return a mail that is no repeat of another."""
    return MESSAGE.replace(b"<7@", b"<7.%d@" % number)


async def copies(house, login):
    actor = Actor(house.accounts[login].id, house.accounts[login].organization_id, login, False, Origin("web"))
    return await house.services.reading.every_row(actor, actor.account_id)


async def recall(house, login, message_id, stories=()):
    """Take a copy back as the sender's recall does."""
    account = house.accounts[login]
    actor = Actor(house.accounts[KIM].id, account.organization_id, KIM, False, Origin("web"))
    taking = CopyRecall(house.store, house.services.hints, house.clock)
    taken = await taking.take(actor, account, [MessageId(message_id)], stories, even_read=False, tells=True)
    return taken.result


@pytest.mark.parametrize("items", CONTENT)
async def test_content_by_imap_is_a_read_whether_it_is_marked_or_not(house, items):
    await send(house, SENDER, [LEE])
    [row] = await copies(house, LEE)
    await imap(house, LEE, ("fetch", "1", items))
    assert await acts(house, sender=SENDER) == [("read", LEE, LEE, "imap", "")]
    assert await recall(house, LEE, row.id) == "read"


@pytest.mark.parametrize("items", NONE)
async def test_what_lists_show_by_imap_is_none(house, items):
    await send(house, SENDER, [LEE])
    [row] = await copies(house, LEE)
    await imap(house, LEE, ("fetch", "1", items), ("search", "BODY", "hello"), ("search", "HEADER", "X-Other", "a"))
    assert await acts(house, sender=SENDER) == []
    assert await recall(house, LEE, row.id) == "recalled"


async def test_a_whole_mailbox_is_one_write_and_each_message_is_told_once(house, monkeypatch):
    for number in range(3):
        await send(house, SENDER, [LEE], numbered(number))
    writes, write = [], house.store.write

    async def counted(account_id, body):
        writes.append(account_id)
        return await write(account_id, body)

    monkeypatch.setattr(house.store, "write", counted)
    await imap(house, LEE, ("fetch", "1:*", "(BODY.PEEK[])"), ("fetch", "1:*", "(BODY.PEEK[])"))
    assert writes.count(house.accounts[LEE].id) == 1
    await follow(house)
    stories = await find(house, sender=SENDER)
    assert [sum(event.kind == "read" for _, event in one.events) for one in stories] == [1, 1, 1]


@pytest.mark.parametrize(("lines", "told"), [(None, ["read"]), (3, ["read"]), (0, [])])
async def test_pop3_reads_what_it_takes_and_a_head_alone_is_none(house, lines, told):
    await send(house, SENDER, [LEE])

    def work():
        client = poplib.POP3("127.0.0.1", house.ports["pop3"], timeout=60)
        client.user(LEE)
        client.pass_(PASSWORD)
        if lines is None:
            client.retr(1)
        else:
            client.top(1, lines)
        client.close()  # without QUIT nothing is marked as seen

    await asyncio.to_thread(work)
    assert [one[0] for one in await acts(house, sender=SENDER)] == told


@pytest.mark.parametrize("items", ["(BODY[])", "(BODY.PEEK[])"])
async def test_of_a_fetch_and_a_recall_at_once_one_wins_and_the_log_agrees(house, items):
    def open_client():
        client = imaplib.IMAP4("127.0.0.1", house.ports["imap"], timeout=60)
        client.login(LEE, PASSWORD)
        client.select("INBOX")
        return client

    client = await asyncio.to_thread(open_client)
    for turn in range(rounds(25, 200)):
        story = await send(house, SENDER, [LEE], numbered(turn))
        row = (await copies(house, LEE))[0]
        await asyncio.to_thread(client.noop)
        fetching = asyncio.to_thread(client.fetch, "*", items)
        if turn % 5 == 0:
            (_, got), done = await asyncio.gather(fetching, recall(house, LEE, row.id))
        else:
            task = asyncio.ensure_future(fetching)
            for _ in range(turn % 5 * 10):
                await asyncio.sleep(0)
            done = await recall(house, LEE, row.id)
            _, got = await task
        octets = b"".join(one[1] for one in got if isinstance(one, tuple))
        assert done == ("read" if b"hello" in octets else "recalled"), turn
        await follow(house)
        told = {event.kind for one in await find(house, sender=SENDER) for _, event in one.events
                if event.message_number == row.id and event.kind in {"read", "recalled"}}  # fmt: skip
        assert told == {done}, (turn, story)
        if done == "read":
            await imap(house, LEE, ("store", "*", "+FLAGS", r"(\Deleted)"), ("expunge",))
            await asyncio.to_thread(client.noop)
    await asyncio.to_thread(client.logout)


async def test_of_a_retrieval_by_pop3_and_a_recall_at_once_one_wins_and_the_log_agrees(house):
    """The list of messages is as it was at the login; what was taken back since has no content any more."""

    def log_in():
        client = poplib.POP3("127.0.0.1", house.ports["pop3"], timeout=60)
        client.user(LEE)
        client.pass_(PASSWORD)
        return client, len(client.list()[1])

    def retrieve(client, number):
        try:
            return b"\r\n".join(client.retr(number)[1])
        except poplib.error_proto:
            return b""
        finally:
            client.close()

    for turn in range(rounds(25, 200)):
        await send(house, SENDER, [LEE], numbered(turn))
        row = max(await copies(house, LEE), key=lambda one: one.id)
        client, newest = await asyncio.to_thread(log_in)
        task = asyncio.ensure_future(asyncio.to_thread(retrieve, client, newest))
        for _ in range(turn % 10 * 8):
            await asyncio.sleep(0)
        done = await recall(house, LEE, row.id)
        assert done == ("read" if b"hello" in await task else "recalled"), turn
        await follow(house)
        told = {event.kind for one in await find(house, sender=SENDER) for _, event in one.events
                if event.message_number == row.id and event.kind in {"read", "recalled"}}  # fmt: skip
        assert told == {done}, turn
        if done == "read":
            await imap(house, LEE, ("store", "*", "+FLAGS", r"(\Deleted)"), ("expunge",))


async def test_a_copy_is_found_by_its_story_before_that_is_told(house):
    story = await send(house, SENDER, [LEE])
    [row] = await copies(house, LEE)
    found = await house.store.messages_of_stories(house.accounts[LEE].id, [story, 7], row.received_at - MINUTE)
    assert found == [row.id]
    assert await house.store.messages_of_stories(house.accounts[LEE].id, [story], row.received_at + 1) == []
    assert await house.store.messages_of_stories(house.accounts[LEE].id, [], 0) == []
    await house.services.reading.octets(
        Actor(house.accounts[LEE].id, row.thread_id, LEE, False, Origin("web")), house.accounts[LEE].id, row.id
    )
    # A copy that was read has the same story.
    assert await house.store.messages_of_stories(house.accounts[LEE].id, [story], 0) == [row.id]
