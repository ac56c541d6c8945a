"""One road for outgoing letters: what is judged and changed of mail of programs is judged and changed of the webmail's too."""

import asyncio
import os
import re
import smtplib

import pytest
from tests.flows.house import PASSWORD, open_house
from tests.flows.test_big_attachments import MEBIBYTE, leaving, letter, set_knob, shape, submit
from tests.flows.test_footers import by_jmap

from smartmail.domain.errors import PolicyRejected, TooLarge
from smartmail.domain.principal import Actor, Origin
from smartmail.service.flow.submission_request import RecipientDsn, Request
from smartmail.service.kernel.envelope import open_envelope, open_recipient

BARE = b"From: kim@a.example\r\nTo: x@b.example\r\nSubject: hi\r\n\r\nhello\r\n"
FORWARDED = (
    b"From: kim@a.example\r\nTo: x@b.example\r\nSubject: fwd\r\nMIME-Version: 1.0\r\n"
    b"Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Type: text/plain\r\n\r\nsee below\r\n"
    b"--b\r\nContent-Type: message/rfc822\r\nContent-Disposition: attachment\r\n\r\nSubject: secret\r\n\r\noriginal\r\n--b--\r\n"
)


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person("kim@a.example")
        await opened.person("lee@a.example")
        yield opened


@pytest.mark.parametrize("entrance", [submit, by_jmap])
async def test_a_header_is_completed(house, entrance):
    await entrance(house, BARE, "x@b.example")
    [one] = (await leaving(house)).values()
    assert one["date"].datetime
    assert re.fullmatch(r"<[^<>@\s]+@[^<>@\s]+>", one["message-id"])
    assert one.get_content().strip() == "hello"


@pytest.mark.parametrize("entrance", [submit, by_jmap])
async def test_a_complete_header_stays(house, entrance):
    whole = b"Date: Tue, 01 Dec 2026 09:00:00 +0900\r\nMessage-ID: <1@a.example>\r\n" + BARE
    await entrance(house, whole, "x@b.example")
    [one] = (await leaving(house)).values()
    assert (one.get_all("date"), one.get_all("message-id")) == (["Tue, 01 Dec 2026 09:00:00 +0900"], ["<1@a.example>"])


@pytest.mark.parametrize("entrance", [submit, by_jmap])
async def test_a_big_attachment_leaves_as_a_link(house, entrance):
    await set_knob(house, "big-files.switch-octets", MEBIBYTE)
    await entrance(house, letter(os.urandom(2 * MEBIBYTE)), "park@b.example")
    [one] = (await leaving(house)).values()
    assert shape(one) == ["multipart/mixed", "text/plain", "text/plain"]
    _text, note = one.iter_parts()
    assert "plans.zip" in note.get_content() and re.search(r"https://\S+/files/\S+", note.get_content())


async def test_a_stored_letter_stays_one_entry_and_its_writer_keeps_the_attachment(house):
    await set_knob(house, "big-files.switch-octets", MEBIBYTE)
    await by_jmap(house, letter(os.urandom(2 * MEBIBYTE)), "park@b.example", "choi@c.example")
    assert set(await leaving(house)) == {("park@b.example", "choi@c.example")}
    kim = house.accounts["kim@a.example"]
    [kept] = await house.store.all_messages(kim.id)
    assert kept.size > 2 * MEBIBYTE


@pytest.mark.parametrize("entrance", [submit, by_jmap])
async def test_originals_stay_inside(house, entrance):
    await set_knob(house, "export.allowed", False)
    refused = smtplib.SMTPDataError if entrance is submit else PolicyRejected
    with pytest.raises(refused, match="whole messages may not be sent outside"):
        await entrance(house, FORWARDED, "x@b.example")
    assert await leaving(house) == {}
    await entrance(house, FORWARDED, "lee@a.example")
    await set_knob(house, "export.allowed", True)
    await entrance(house, FORWARDED, "x@b.example")
    assert ("x@b.example",) in await leaving(house)


@pytest.mark.parametrize("entrance", [submit, by_jmap])
async def test_a_header_that_nobody_sees_whole_does_not_leave(house, entrance):
    """A From behind what is looked at would be seen by readers and judged by nobody."""
    many = b"X-A: 1\r\n" * 3_000 + BARE
    with pytest.raises(smtplib.SMTPResponseException if entrance is submit else (TooLarge, PolicyRejected)):
        await entrance(house, b"From: kim@a.example\r\n" + many, "x@b.example")
    assert await leaving(house) == {}


@pytest.mark.parametrize("part", ["sent", "count", "begin"])
async def test_a_stored_letter_is_accepted_whatever_fails_afterwards(house, monkeypatch, part):
    """Who heard of a failure would send once more, and the recipients would get it twice."""

    async def fail(*_values, **_named):
        raise RuntimeError("the store is away")

    def fail_at_once(*_values, **_named):
        raise RuntimeError("no story")

    desk = house.services.delivery.desk
    owner = {"sent": desk.limits, "count": desk.outgoing.allowances, "begin": desk.tracer}[part]
    monkeypatch.setattr(owner, part, fail_at_once if part == "begin" else fail)
    await by_jmap(house, BARE, "x@b.example")
    assert set(await leaving(house)) == {("x@b.example",)}


@pytest.mark.parametrize("entrance", [submit, by_jmap])
async def test_the_envelope_is_the_same(house, entrance):
    await entrance(house, BARE, "x@b.example")
    [(entry, _rows)] = await house.store.queue_entries(10)
    envelope = open_envelope(await house.services.queue._keyring.queue(entry.organization_id), entry)
    assert (envelope.reverse_path, envelope.header_from, envelope.foreign) == ("kim@a.example", "a.example", False)


async def with_reports_by_smtp(house) -> None:
    def send() -> None:
        with smtplib.SMTP("127.0.0.1", house.ports["submission"]) as client:
            client.login("kim@a.example", PASSWORD)
            wishes = ["NOTIFY=FAILURE,DELAY", "ORCPT=rfc822;x@b.example"]
            client.sendmail("kim@a.example", ["x@b.example"], BARE, ["RET=HDRS", "ENVID=a1"], wishes)

    await asyncio.to_thread(send)


async def with_reports_by_jmap(house) -> None:
    kim = house.accounts["kim@a.example"]
    actor = Actor(kim.id, kim.organization_id, kim.login, False, Origin("jmap"))
    box = await house.services.mailboxes.by_role(actor, kim.id, "drafts")
    intake = await house.services.messages.begin(actor, kim.id, len(BARE))
    await intake.feed(BARE)
    added = await house.services.messages.add(actor, kim.id, await intake.finish(), [box.row.id])
    [identity, *_] = await house.services.identities.list_all(actor, kim.id)
    wishes = {"x@b.example": RecipientDsn(("FAILURE", "DELAY"), "rfc822;x@b.example")}
    request = Request(identity.row.id, added.message_id, ret="HDRS", envid="a1", dsn=wishes)
    await house.services.submissions.submit(actor, kim.id, request)


@pytest.mark.parametrize("entrance", [with_reports_by_smtp, with_reports_by_jmap])
async def test_what_reports_shall_say_goes_with_the_letter(house, entrance):
    await entrance(house)
    [(entry, [row])] = await house.store.queue_entries(10)
    keys = await house.services.queue._keyring.queue(entry.organization_id)
    envelope = open_envelope(keys, entry)
    assert (envelope.ret, envelope.envid) == ("HDRS", "a1")
    recipient = open_recipient(keys, row)
    assert (set(recipient.notify), recipient.orcpt) == ({"FAILURE", "DELAY"}, "rfc822;x@b.example")
