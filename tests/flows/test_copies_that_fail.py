"""An account that takes no more between RCPT and the commit: who is told, who waits, who still gets the message."""

import asyncio
import smtplib
from dataclasses import replace

import msgspec
import pytest
from tests.flows.house import PASSWORD, open_house

MESSAGE = b"From: x@b.example\r\nMessage-ID: <%d@b.example>\r\nSubject: q\r\n\r\n" + b"octets\r\n" * 400
HOUR = 3_600_000
KIM, LEE = "kim@a.example", "lee@a.example"


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path) as opened:
        await opened.person(KIM)
        # Room for no message, and yet not used up: RCPT says yes, the commit says no.
        await opened.person(LEE, quota=100)
        yield opened


def send(house, kind, port, *recipients, number=1):
    """Return what the end of the data was answered; for LMTP, one answer for each recipient."""
    with kind("127.0.0.1", house.ports[port]) as client:
        client.ehlo("load.example")
        client.mail("x@b.example")
        for recipient in recipients:
            code, text = client.rcpt(recipient)
            if code != 250:
                return [(code, text)]
        answers = [client.data(MESSAGE % number)]
        if kind is smtplib.LMTP:
            answers += [client.getreply() for _ in recipients[1:]]
    return answers


async def messages(house, login):
    return (await house.store.account(house.accounts[login].id)).messages


async def queued(house):
    return [recipient for _, recipients in await house.store.queue_entries(10) for recipient in recipients]


async def test_the_only_recipient_s_error_is_the_answer(house):
    ((code, text),) = await asyncio.to_thread(send, house, smtplib.SMTP, "smtp", LEE)
    assert (code, text[:5]) == (452, b"4.2.2")
    assert not await queued(house)


async def test_one_of_several_waits_in_the_queue(house):
    ((code, _),) = await asyncio.to_thread(send, house, smtplib.SMTP, "smtp", KIM, LEE)
    assert code == 250
    assert (await messages(house, KIM), await messages(house, LEE)) == (1, 0)
    assert len(await queued(house)) == 1
    # It opens: what waits can be delivered once there is room.
    await house.store.update_account(house.accounts[LEE].id, quota=-1)
    [work] = await house.services.queue.lease("w1", limit=10)
    [outcome] = await house.services.delivery.deliver_queued(work)
    assert outcome.kind == "delivered"
    assert await messages(house, LEE) == 1


class Making:
    """A store in which an account is just being made: it has no mailboxes yet."""

    def __init__(self, store, account_id) -> None:
        self._store, self.account_id = store, account_id

    def __getattr__(self, name):
        return getattr(self._store, name)

    async def mailboxes(self, account_id):
        return [] if account_id == self.account_id else await self._store.mailboxes(account_id)


@pytest.mark.parametrize(("attempts", "longest"), [(0, 6_000), (12, HOUR * 3)])
async def test_of_those_in_the_queue_only_who_is_just_being_made_waits(house, attempts, longest):
    """Else everybody of one mail waits minutes for the account of one of them; for one that never comes, as ever."""
    await house.person("min@a.example", quota=100)
    await asyncio.to_thread(send, house, smtplib.SMTP, "smtp", KIM, LEE, "min@a.example")
    await house.store.update_account(house.accounts[LEE].id, quota=-1)
    made = await house.person("new@a.example")
    desk = house.services.delivery.desk
    desk.store = Making(house.store, made.id)
    [work] = await house.services.queue.lease("w1", limit=10)
    theirs = [(row, who) for row, who in work.recipients if who.address == LEE]
    [(row, who)] = [(row, who) for row, who in work.recipients if who.address != LEE]
    new = (replace(row, attempts=attempts), msgspec.structs.replace(who, address="new@a.example"))
    work = replace(work, recipients=(*theirs, new))
    outcomes = await house.services.delivery.deliver_queued(work)
    assert [(one.kind, one.soon) for one in outcomes] == [("delivered", False), ("temporary", attempts == 0)]
    await house.services.queue.report("w1", work, outcomes)
    [left] = [row for row in await queued(house) if row.state == "ready"]
    assert longest / 2 < left.next_at - house.clock.now() < longest
    assert await messages(house, LEE) == 1


async def test_lmtp_tells_each_recipient_s_own_result(house):
    answers = await asyncio.to_thread(send, house, smtplib.LMTP, "lmtp", KIM, LEE)
    assert [code for code, _ in answers] == [250, 452]
    assert (await messages(house, KIM), await messages(house, LEE)) == (1, 0)
    assert not await queued(house)


async def test_an_account_that_was_just_closed_takes_no_more(house):
    assert (await asyncio.to_thread(send, house, smtplib.SMTP, "smtp", KIM))[0][0] == 250
    await house.store.update_account(house.accounts[KIM].id, state="closed")
    ((code, _),) = await asyncio.to_thread(send, house, smtplib.SMTP, "smtp", KIM, number=2)
    assert code == 550
    assert await messages(house, KIM) == 1


async def test_two_organisations_of_which_each_has_one_that_takes_no_more(house):
    other = await house.services.provisioning.organization("other")
    await house.services.directory.add_domain("b.example", other)
    await house.person("poor@b.example", quota=100)
    ((code, _),) = await asyncio.to_thread(send, house, smtplib.SMTP, "smtp", KIM, LEE, "poor@b.example")
    assert code == 250
    assert await messages(house, KIM) == 1
    assert len(await house.store.queue_entries(10)) == len(await queued(house)) == 2


async def test_one_who_waits_gets_no_second_copy_when_the_peer_repeats(house):
    for _ in range(2):
        ((code, _text),) = await asyncio.to_thread(send, house, smtplib.SMTP, "smtp", KIM, LEE)
        assert code == 250
    entries = await house.services.queue.entries()
    keys = {recipient.delivery_key for _id, _envelope, rows in entries for _row, recipient, _result in rows}
    assert len(keys) == 1
    assert keys != {b""}


@pytest.mark.parametrize("part", ["sent", "count", "begin"])
async def test_what_is_accepted_is_answered_so_whatever_comes_after(house, monkeypatch, part):
    """A submitter that hears of a failure sends once more, and those elsewhere get it twice."""

    async def fail(*_values, **_named):
        raise RuntimeError("the store is away")

    def fail_at_once(*_values, **_named):
        raise RuntimeError("no story")

    desk = house.services.delivery.desk
    owner = {"sent": desk.limits, "count": desk.outgoing.allowances, "begin": desk.tracer}[part]
    monkeypatch.setattr(owner, part, fail_at_once if part == "begin" else fail)

    def submit():
        with smtplib.SMTP("127.0.0.1", house.ports["submission"]) as client:
            client.login(KIM, PASSWORD)
            return client.sendmail(KIM, ["x@elsewhere.example"], b"From: kim@a.example\r\nSubject: s\r\n\r\nx\r\n")

    assert await asyncio.to_thread(submit) == {}
    assert len(await queued(house)) == 1
