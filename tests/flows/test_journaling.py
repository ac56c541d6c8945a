"""Journals: every accepted message, in, out and inside, is reported once with its envelope, and is never lost or in a loop."""

import asyncio
import email
import email.policy
import smtplib

import pytest
from tests.flows.house import PASSWORD
from tests.flows.queue_house import retry_now
from tests.flows.test_aliases import CLI, TEXT, house_and_outside, idle, send
from tests.flows.test_mail_out import inbox, until

from smartmail.domain.errors import Unavailable

BOX = "journal@a.example"


@pytest.fixture
async def two(tmp_path):
    async with house_and_outside(tmp_path) as (a, b):
        await a.person(BOX)
        organization = a.accounts[BOX].organization_id
        await a.services.addressing.journals.set(CLI, address=BOX, organization_id=organization)
        yield a, b


def submit(house, *to):
    with smtplib.SMTP("127.0.0.1", house.ports["submission"]) as client:
        client.login("kim@a.example", PASSWORD)
        client.sendmail("kim@a.example", list(to), TEXT.format(sender="kim@a.example", to=to[0], id=to[0]).encode())


async def journal(house, count):
    async def enough():
        found = await inbox(house, BOX)
        return found if len(found) >= count else None

    await until(enough)
    await idle(house)
    return [email.message_from_bytes(one, policy=email.policy.default) for one in await inbox(house, BOX)]


def report(message) -> dict[str, list[str]]:
    told: dict[str, list[str]] = {}
    for line in next(message.iter_parts()).get_content().splitlines():
        name, _, value = line.partition(": ")
        told.setdefault(name, []).append(value)
    return told


async def test_in_out_and_inside_are_reported_once_each(two):
    a, b = two
    await asyncio.to_thread(send, a, ["kim@a.example", "lee@a.example"])
    await asyncio.to_thread(submit, a, "park@b.example")
    await asyncio.to_thread(submit, a, "lee@a.example")
    found = [(report(one), one) for one in await journal(a, 3)]
    assert len(found) == 3
    by = {told["Direction"][0]: (told, one) for told, one in found}
    assert set(by) == {"in", "out", "inside"}
    told, message = by["in"]
    assert told["Sender"] == ["out@c.example"]
    assert sorted(told["Recipient"]) == ["kim@a.example", "lee@a.example"]
    inner = list(message.iter_parts())[1]
    assert inner.get_content_type() == "message/rfc822"
    assert inner.get_content()["Subject"] == "hello" and inner.get_content().get_content().strip() == "body"
    assert len(await inbox(a, "lee@a.example")) == 2
    assert len(await until(lambda: inbox(b, "park@b.example"))) == 1


async def test_what_was_written_by_jmap_is_reported(two):
    from tests.flows.test_mail_out import _append

    from smartmail.domain.principal import Origin
    from smartmail.service.flow.submission_request import Request

    a, _b = two
    services = a.services
    actor = await services.auth.login("kim@a.example", PASSWORD, Origin("imap"))
    octets = b"From: kim@a.example\r\nTo: lee@a.example\r\nBcc: park@b.example\r\nSubject: x\r\n\r\nbody\r\n"
    await asyncio.to_thread(_append, a, octets)
    drafts = await services.mailboxes.by_role(actor, actor.account_id, "drafts")
    [draft] = (await services.views.open(actor, actor.account_id, drafts.row.id)).entries
    [identity] = await services.identities.list_all(actor, actor.account_id)
    await services.submissions.submit(actor, actor.account_id, Request(identity.row.id, draft.message_id))
    [message] = await journal(a, 1)
    told = report(message)
    assert told["Recipient"] == ["lee@a.example", "park@b.example"], "Bcc stands in the report"
    assert b"Bcc" not in list(message.iter_parts())[1].as_bytes()


async def test_a_journal_that_refuses_loses_nothing(two):
    a, _b = two
    organization = a.accounts[BOX].organization_id
    await a.services.addressing.journals.set(CLI, address="archive@b.example", organization_id=organization)
    await asyncio.to_thread(send, a, "kim@a.example")

    async def refused():
        return [row for _entry, rows in await a.store.queue_entries(10) for row in rows if row.attempts]

    [row] = await until(refused)
    assert row.state == "ready"
    await _b.person("archive@b.example")
    [(entry, _rows)] = await a.store.queue_entries(10)
    await retry_now(a, entry.id)
    a.services.hints.queue_changed()
    assert len(await until(lambda: inbox(_b, "archive@b.example"))) == 1
    await idle(a)


async def test_a_journal_that_sends_back_does_not_go_round(two):
    a, b = two
    organization = a.accounts[BOX].organization_id
    await a.services.addressing.journals.set(CLI, address="park@b.example", organization_id=organization)
    await b.services.addressing.stand_ins.put_forward(CLI, b.accounts["park@b.example"], ["lee@a.example"], keep=True)
    await asyncio.to_thread(send, a, "kim@a.example")
    await until(lambda: inbox(a, "lee@a.example"))
    await idle(a)
    await idle(b)
    assert len(await inbox(b, "park@b.example")) == 1


async def test_a_message_is_accepted_with_its_copy_or_not_at_all(two, monkeypatch):
    a, _b = two

    async def fails(entries):
        raise Unavailable("the disk is away")

    monkeypatch.setattr(a.store, "enqueue_all", fails, raising=False)

    def attempt():
        with smtplib.SMTP("127.0.0.1", a.ports["smtp"]) as client:
            try:
                client.sendmail(
                    "out@c.example", ["kim@a.example"], TEXT.format(sender="out@c.example", to="x", id=1).encode()
                )
            except smtplib.SMTPResponseException as error:
                return error.smtp_code
        return 250

    assert await asyncio.to_thread(attempt) == 451
    assert await inbox(a, "kim@a.example") == await inbox(a, BOX) == []
    monkeypatch.undo()
    assert await asyncio.to_thread(attempt) == 250
    assert len(await journal(a, 1)) == 1


async def test_a_journal_of_one_domain_and_its_end(two):
    a, _b = two
    organization = a.accounts[BOX].organization_id
    journals = a.services.addressing.journals
    await journals.set(CLI, address=None, organization_id=organization)
    await journals.set(CLI, address=BOX, domain="brand.example", organization_id=organization)
    assert await journals.journals() == {"domain brand.example": BOX}
    assert BOX not in str(await a.store.settings("journal")), "it is sealed"
    await asyncio.to_thread(send, a, "kim@a.example")
    await a.person("kim@brand.example")
    await asyncio.to_thread(send, a, "kim@brand.example", number="2")
    [message] = await journal(a, 1)
    assert report(message)["Recipient"] == ["kim@brand.example"]
