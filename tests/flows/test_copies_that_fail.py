"""An account that takes no more between RCPT and the commit: who is told, who waits, who still gets the message."""

import asyncio
import smtplib

import pytest
from tests.flows.house import open_house

MESSAGE = b"From: x@b.example\r\nMessage-ID: <%d@b.example>\r\nSubject: q\r\n\r\n" + b"octets\r\n" * 400
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
