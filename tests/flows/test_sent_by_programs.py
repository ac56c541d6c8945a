"""발송취소 of mail that a mail program sent over SMTP, by the copy that it keeps: also of what a leak rule delays."""

import pytest
from tests.flows.house import open_house
from tests.flows.test_aliases import CLI
from tests.flows.test_big_attachments import submit
from tests.flows.test_leaks import rule
from tests.flows.test_secure_mail import THERE, leaving, token_in

from smartmail.domain.errors import NotFound
from smartmail.domain.leaks import LeakAction
from smartmail.domain.policy import PolicyRule, Scope
from smartmail.domain.principal import Actor, Origin

KIM, LEE, PARK = "kim@a.example", "lee@a.example", "park@b.example"


def mail(number: int, text: str = "hello", more: str = "") -> bytes:
    return (
        f"From: {KIM}\r\nTo: {LEE}, {PARK}\r\nSubject: hi\r\nMessage-ID: <{number}@a.example>\r\n{more}"
        f"Content-Type: text/plain; charset=utf-8\r\n\r\n{text}\r\n"
    ).encode()


def actor(house, login=KIM):
    account = house.accounts[login]
    return Actor(account.id, account.organization_id, login, False, Origin("web"))


async def kept(house, octets, login=KIM):
    """Keep a copy as a mail program does; return its number."""
    who = actor(house, login)
    box = await house.services.mailboxes.by_role(who, who.account_id, "sent")
    intake = await house.services.messages.begin(who, who.account_id, len(octets))
    await intake.feed(octets)
    added = await house.services.messages.add(who, who.account_id, await intake.finish(), [box.row.id])
    await house.services.tracer.settle()
    return added.message_id


async def recall(house, number):
    done = await house.services.sent_mail.recall(actor(house), house.accounts[KIM].id, number)
    return {one.address: (one.result, one.reading) for one in done.results}


async def waiting(house):
    """Return how many mails of people wait in the queue."""
    return sum(entry.account_id is not None for entry, _ in await house.store.queue_entries(100))


@pytest.fixture
async def house(tmp_path):
    (tmp_path / "data").mkdir()
    async with open_house(tmp_path / "data") as opened:
        await opened.person(KIM)
        await opened.person(LEE)
        for name, value in (("trace.read-told", True), ("secure-mail.proof", "link")):
            await opened.services.governing.set_knob(CLI, PolicyRule(name, Scope("system"), value))
        yield opened


async def test_what_a_rule_delays_is_taken_back_by_its_sender(house):
    await rule(house, LeakAction("delay", minutes=10))
    octets = mail(1, "주민등록번호 900101-1234568")
    await submit(house, octets, LEE, PARK)
    assert await waiting(house) == 1
    assert await recall(house, await kept(house, octets)) == dict.fromkeys([LEE, PARK], ("cancelled", "unread"))
    assert await waiting(house) == 0


async def test_a_copy_inside_is_taken_back_unless_it_was_read(house):
    for number, read in ((1, False), (2, True)):
        octets = mail(number)
        await submit(house, octets, LEE)
        if read:
            [row] = await house.services.reading.every_row(actor(house, LEE), house.accounts[LEE].id)
            await house.services.reading.octets(actor(house, LEE), house.accounts[LEE].id, row.id)
        assert await recall(house, await kept(house, octets)) == {
            LEE: ("read",) * 2 if read else ("recalled", "unread")
        }
        rows = await house.services.reading.every_row(actor(house, LEE), house.accounts[LEE].id)
        assert len(rows) == int(read)


async def test_who_holds_a_copy_of_a_mail_of_another_takes_nothing_back(house):
    octets = mail(1)
    await submit(house, octets, LEE)
    number = await kept(house, octets, LEE)
    with pytest.raises(NotFound):
        await house.services.sent_mail.recall(actor(house, LEE), house.accounts[LEE].id, number)


async def test_the_page_of_secure_mail_ends_too(house):
    octets = mail(1, more="X-SmartMail-Secure: yes; proof=link\r\n")
    await submit(house, octets, LEE, PARK)
    token = token_in((await leaving(house))[(PARK,)])
    assert await recall(house, await kept(house, octets)) == dict.fromkeys([LEE, PARK], ("recalled", "unread"))
    with pytest.raises(NotFound):
        await house.services.secure_mail.opening.find(token, THERE)


async def test_what_became_of_it_is_told_before(house):
    octets = mail(1)
    await submit(house, octets, LEE, PARK)
    number = await kept(house, octets)
    found = await house.services.sent_mail.states(actor(house), house.accounts[KIM].id, number)
    assert {one.address: (one.state, one.known) for one in found} == {
        LEE: ("queued", "inside"),
        PARK: ("queued", "none"),
    }
