"""POP3 against a whole server: the inbox, what DELE means by policy, closed doors, and logins that end."""

import asyncio
import contextlib
import poplib

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.imap_client import Client

from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

CLI = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))

LOGIN = "kim@a.example"


def message(name: str, body: str = "text") -> bytes:
    return f"From: a@x.example\r\nSubject: {name}\r\nMessage-ID: <{name}@x.example>\r\n\r\n{body}\r\n".encode()


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(LOGIN)
        yield opened


@pytest.fixture
async def imap(house):
    opened = await Client.open(house.ports["imap"], LOGIN, PASSWORD)
    yield opened
    await opened.close()


@contextlib.contextmanager
def pop(house, password=PASSWORD):
    client = poplib.POP3("127.0.0.1", house.ports["pop3"], timeout=60)
    try:
        client.user(LOGIN)
        client.pass_(password)
        yield client
    finally:
        client.close()


async def in_thread(work):
    return await asyncio.to_thread(work)


def actor(house) -> Actor:
    account = house.accounts[LOGIN]
    return Actor(account.id, account.organization_id, LOGIN, is_admin=False, origin=Origin("web"))


async def rule(house, knob, value):
    governor = Actor(0, 0, "system", is_admin=True, origin=Origin("cli"))
    await house.services.governing.set_knob(governor, PolicyRule(knob, Scope("system"), value))


async def counts(imap, name):
    line = (await imap.cmd(f"STATUS {name} (MESSAGES UNSEEN)")).lines[0]
    words = line[line.index(b"(") + 1 : line.index(b")")].split()
    return int(words[1]), int(words[3])


async def test_what_is_fetched_is_the_mail_and_becomes_seen(house, imap):
    dotted = message("two", "..\r\n.\r\n.end")
    await imap.cmd("APPEND INBOX {} {}", message("one"), dotted)

    def work():
        with pop(house) as client:
            assert client.stat() == (2, len(message("one")) + len(dotted))
            names = [line.split()[1] for line in client.uidl()[1]]
            lines = client.retr(2)[1]
            client.quit()
        with pop(house) as client:
            assert [line.split()[1] for line in client.uidl()[1]] == names
            assert client.top(1, 0)[1][:2] == [b"From: a@x.example", b"Subject: one"]
            client.quit()
        return lines

    lines = await in_thread(work)
    assert b"\r\n".join(lines) + b"\r\n" == dotted
    assert await counts(imap, "INBOX") == (2, 1)


@pytest.mark.parametrize(
    ("what", "inbox", "trash", "vault"), [("keep", 2, 0, 0), ("trash", 1, 1, 0), ("vault", 1, 0, 1)]
)
async def test_policy_says_what_dele_means(house, imap, what, inbox, trash, vault):
    await rule(house, "pop3.dele", what)
    await imap.cmd("APPEND INBOX {} {}", message("one"), message("two"))

    def work():
        with pop(house) as client:
            client.dele(1)
            client.quit()

    await in_thread(work)
    assert (await counts(imap, "INBOX"))[0] == inbox
    assert (await counts(imap, "Trash"))[0] == trash
    who = actor(house)
    assert (await house.services.vault.list(who, who.account_id))[1] == vault


async def test_a_connection_that_breaks_deletes_nothing(house, imap):
    await imap.cmd("APPEND INBOX {}", message("one"))

    def work():
        with pop(house) as client:
            client.dele(1)

    await in_thread(work)
    assert (await counts(imap, "INBOX"))[0] == 1


async def test_mail_that_comes_during_a_session_waits_for_the_next(house, imap):
    await imap.cmd("APPEND INBOX {}", message("one"))
    ready, go = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def work():
        with pop(house) as client:
            loop.call_soon_threadsafe(ready.set)
            asyncio.run_coroutine_threadsafe(go.wait(), loop).result(10)
            assert client.stat()[0] == 1
            client.quit()
        with pop(house) as client:
            return client.stat()[0]

    task = asyncio.create_task(in_thread(work))
    await ready.wait()
    await imap.cmd("APPEND INBOX {}", message("two"))
    go.set()
    assert await task == 2


async def test_what_somebody_else_deleted_meanwhile_is_an_error_and_the_rest_stays_readable(house, imap):
    await imap.cmd("APPEND INBOX {} {}", message("one"), message("two"))
    await imap.cmd("SELECT INBOX")
    ready, go = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def work():
        with pop(house) as client:
            loop.call_soon_threadsafe(ready.set)
            asyncio.run_coroutine_threadsafe(go.wait(), loop).result(10)
            with pytest.raises(poplib.error_proto, match="-ERR"):
                client.retr(1)
            subject = client.retr(2)[1][1]
            client.dele(2)
            client.quit()
            return subject

    task = asyncio.create_task(in_thread(work))
    await ready.wait()
    await imap.cmd("STORE 1 +FLAGS (\\Deleted)")
    await imap.cmd("EXPUNGE")
    go.set()
    assert await task == b"Subject: two"
    assert (await counts(imap, "INBOX"))[0] == 0


async def test_wrong_password_closed_door_and_delay_have_their_codes(house):
    def refusal(password=PASSWORD):
        with pytest.raises(poplib.error_proto) as refused, pop(house, password):
            pass
        return refused.value.args[0]

    assert (await in_thread(lambda: refusal("wrong"))).startswith(b"-ERR [AUTH]")
    await rule(house, "pop3.login-delay-seconds", 600)

    def twice():
        with pop(house) as client:
            client.quit()
        return refusal()

    assert (await in_thread(twice)).startswith(b"-ERR [LOGIN-DELAY]")
    await rule(house, "door.pop3", False)
    assert (await in_thread(refusal)).startswith(b"-ERR")
    assert not (await in_thread(refusal)).startswith(b"-ERR [LOGIN-DELAY]")


async def test_a_login_that_was_ended_reads_and_deletes_nothing_more(house, imap):
    await imap.cmd("APPEND INBOX {}", message("one"))
    ready, go = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def work():
        with pop(house) as client:
            loop.call_soon_threadsafe(ready.set)
            asyncio.run_coroutine_threadsafe(go.wait(), loop).result(10)
            with pytest.raises((poplib.error_proto, EOFError)):
                client.retr(1)

    task = asyncio.create_task(in_thread(work))
    await ready.wait()
    await house.services.administration.set_password(CLI, house.accounts[LOGIN].id, "another good one")
    go.set()
    await task
