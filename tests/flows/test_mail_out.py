"""Mail leaves by the queue and the relay: to another server of ours, refused, deferred, reported."""

import asyncio
import contextlib
import imaplib
import json
import smtplib

import pytest
from tests.flows.house import PASSWORD, open_house

from smartmail.domain.principal import Origin
from smartmail.edge.relay.agent import RelayAgent, RelayConfig
from smartmail.ports.dns import DnsFailure, MxHost
from smartmail.service.flow.submission_request import Request


class TableResolver:
    """DNS out of a table: domain → exchanger names; every host is loopback."""

    def __init__(self, mx: dict[str, list[str]], failing: set[str] = frozenset()) -> None:
        self._mx = mx
        self._failing = failing

    async def mx(self, domain: str) -> list[MxHost]:
        if domain in self._failing:
            raise DnsFailure(domain)
        return [MxHost(10, host) for host in self._mx.get(domain, [])]

    async def addresses(self, host: str) -> list[str]:
        return ["127.0.0.1"] if host else []

    async def txt(self, name: str) -> list[bytes]:
        return []


@contextlib.asynccontextmanager
async def relaying(house):
    """Run a relay agent over the house's queue."""
    stopping = asyncio.Event()
    agent = asyncio.create_task(RelayAgent(house.services, RelayConfig("mx.a.example", "w1")).run(stopping))
    try:
        yield
    finally:
        stopping.set()
        await agent


@pytest.fixture
async def two(tmp_path):
    here, there = tmp_path / "a", tmp_path / "b"
    here.mkdir()
    there.mkdir()
    resolver = TableResolver({"b.example": ["mx.b.example"], "null.example": [""]}, {"broken.example"})
    async with (
        open_house(here, domains=("a.example",), resolver=resolver) as a,
        open_house(there, domains=("b.example",), resolver=TableResolver({"a.example": ["mx.a.example"]})) as b,
    ):
        await a.person("kim@a.example", language="ko")
        await b.person("lee@b.example")
        await a.store.put_setting("system", "relay.port", json.dumps(b.ports["smtp"]))
        yield a, b


def submit(house, to: list[str], subject: str = "hello", options=()):
    message = (
        f"From: kim@a.example\r\nTo: {', '.join(to)}\r\nSubject: {subject}\r\nMessage-ID: <1@a.example>\r\n\r\nbody\r\n"
    )
    with smtplib.SMTP("127.0.0.1", house.ports["submission"]) as client:
        client.login("kim@a.example", PASSWORD)
        client.sendmail("kim@a.example", to, message.encode(), rcpt_options=options)


async def inbox(house, login: str) -> list[bytes]:
    """Return the octets of all messages in an account's inbox."""
    services = house.services
    actor = await services.auth.login(login, PASSWORD, Origin("imap"))
    box = await services.mailboxes.by_role(actor, actor.account_id, "inbox")
    view = await services.views.open(actor, actor.account_id, box.row.id)
    return [await services.reading.octets(actor, actor.account_id, entry.message_id) for entry in view.entries]


async def until(condition, seconds: float = 60):
    """Wait until an awaitable condition gives something true; it is asked again at each turn of the loop."""
    async with asyncio.timeout(seconds):
        while not (found := await condition()):
            await asyncio.sleep(0.01)
    return found


async def test_a_submission_for_another_server_arrives_there(two):
    a, b = two
    async with relaying(a):
        await asyncio.to_thread(submit, a, ["lee@b.example"])
        found = await until(lambda: inbox(b, "lee@b.example"))
    assert len(found) == 1
    assert found[0].startswith(b"Return-Path: <kim@a.example>\r\n")
    assert found[0].endswith(b"\r\n\r\nbody\r\n")
    assert await a.store.queue_entries(10) == []


async def test_an_unknown_recipient_comes_back_as_a_report_in_korean(two):
    a, _b = two
    async with relaying(a):
        await asyncio.to_thread(submit, a, ["nobody@b.example"], "견적 문의")
        found = await until(lambda: inbox(a, "kim@a.example"))
    report = found[0].decode("utf-8", "replace")
    assert "Content-Type: multipart/report" in report
    assert "Final-Recipient: rfc822; nobody@b.example" in report
    assert "Status: 5.1.1" in report and "Action: failed" in report


async def test_null_mx_is_final_and_dns_failure_is_not(two):
    a, _b = two
    async with relaying(a):
        await asyncio.to_thread(submit, a, ["x@null.example", "y@broken.example"])
        found = await until(lambda: inbox(a, "kim@a.example"))
        waiting = await until(lambda: _waiting(a))
    assert (
        b"x@null.example" in found[0]
        and b"y@broken.example" not in found[0].split(b"message/delivery-status")[1].split(b"--")[0]
    )
    assert waiting == ["broken.example"]


async def _waiting(house) -> list[str]:
    found = await house.store.queue_entries(10)
    rows = [row for _entry, rows in found for row in rows]
    return [row.domain for row in rows if row.state == "ready" and row.attempts] if rows else []


async def test_local_and_remote_recipients_of_one_submission(two):
    a, b = two
    await a.person("park@a.example")
    async with relaying(a):
        await asyncio.to_thread(submit, a, ["park@a.example", "lee@b.example"])
        found = [*await until(lambda: inbox(b, "lee@b.example")), *await until(lambda: inbox(a, "park@a.example"))]
    assert len(found) == 2
    for octets in found:
        assert octets.startswith(b"Return-Path: <kim@a.example>\r\n")
        assert b"\r\nReceived: " in octets
        assert octets.count(b"Return-Path:") == 1
    assert await a.store.queue_entries(10) == []


async def test_what_was_written_in_a_mailbox_gets_a_return_path_when_it_arrives(two):
    a, b = two
    await a.person("park@a.example")
    message = (
        b"Date: Tue, 01 Dec 2026 09:00:00 +0900\r\nMessage-ID: <whole@a.example>\r\nFrom: kim@a.example\r\n"
        b"To: park@a.example, lee@b.example\r\nSubject: x\r\n\r\n" + b"body\r\n" * 20_000
    )
    services = a.services
    actor = await services.auth.login("kim@a.example", PASSWORD, Origin("imap"))
    await asyncio.to_thread(_append, a, message)
    drafts = await services.mailboxes.by_role(actor, actor.account_id, "drafts")
    [draft] = (await services.views.open(actor, actor.account_id, drafts.row.id)).entries
    [identity] = await services.identities.list_all(actor, actor.account_id)
    async with relaying(a):
        await services.submissions.submit(actor, actor.account_id, Request(identity.row.id, draft.message_id))
        [there] = await until(lambda: inbox(b, "lee@b.example"))
        [here] = await until(lambda: inbox(a, "park@a.example"))
    assert here == b"Return-Path: <kim@a.example>\r\n" + message
    assert there.startswith(b"Return-Path: <kim@a.example>\r\n")
    assert b"\r\nReceived: " in there
    assert there.endswith(message)
    assert await services.reading.octets(actor, actor.account_id, draft.message_id) == message


def _append(house, message: bytes) -> None:
    with imaplib.IMAP4("127.0.0.1", house.ports["imap"]) as client:
        client.login("kim@a.example", PASSWORD)
        assert client.append("Drafts", r"\Draft", None, message)[0] == "OK"


async def test_notify_success_tells_of_delivery(two):
    a, b = two
    await b.store.put_setting("system", "relay.port", json.dumps(a.ports["smtp"]))
    async with relaying(a), relaying(b):
        await asyncio.to_thread(submit, a, ["lee@b.example"], "x", ["NOTIFY=SUCCESS"])
        await until(lambda: inbox(b, "lee@b.example"))
        found = await until(lambda: inbox(a, "kim@a.example"))
    # The next hop knows DSN, so that it reports and we do not (RFC 3461 §5.2.2).
    assert len(found) == 1
    assert b"Action: delivered" in found[0]
    assert b"From: Mail delivery <postmaster@mx.test>" in found[0]


async def test_mail_that_leaves_is_signed_and_verifies(two):
    import dkim

    a, b = two
    organization = (await a.services.directory.organizations())[0]
    record = (await a.services.signing.keys.create("a.example", organization.id)).text
    async with relaying(a):
        await asyncio.to_thread(submit, a, ["lee@b.example"])
        found = await until(lambda: inbox(b, "lee@b.example"))
    received = found[0].partition(b"DKIM-Signature:")
    message = received[1] + received[2]
    assert dkim.verify(message, dnsfunc=lambda name, timeout=5: record.encode())


async def test_an_error_of_ours_is_an_attempt_that_failed_and_comes_to_an_end(two, monkeypatch):
    """Else it comes again every few minutes for ever, and its sender never hears of it."""
    a, _b = two

    async def broken(_work):
        raise ValueError("what is kept does not open")

    monkeypatch.setattr(a.services.signing, "prefix", broken)

    await a.store.put_setting("system", "queue.schedule", json.dumps({"lifetime": 0}))
    async with relaying(a):
        await asyncio.to_thread(submit, a, ["lee@b.example"])
        found = await until(lambda: inbox(a, "kim@a.example"))
    report = found[0].decode("utf-8", "replace")
    assert "Action: failed" in report
    assert "does not open" not in report
    assert await a.store.queue_entries(10) == []
