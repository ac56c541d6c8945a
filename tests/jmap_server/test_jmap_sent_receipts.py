"""What an outside recipient's program tells of a mail (RFC 8098), and why a mail failed, in the table of 수신확인."""

import pytest
from tests.flows.held import put
from tests.jmap_server.jmap_house import mail
from tests.jmap_server.test_jmap_sent_mail import LEE, OUTSIDE, Desk

from smartmail.domain.principal import Actor, Origin
from smartmail.formats import mdn
from smartmail.formats.address import Mailbox
from smartmail.formats.mdn import Receipt
from smartmail.formats.report import Cover
from smartmail.service.flow.queue_work import Outcome
from smartmail.service.kernel.envelope import Result

ID = "77@a.example"


class OutsideDesk(Desk):
    """Kim, who has sent a mail to somebody outside."""

    async def send(self, *, asks=True):
        asking = {"Disposition-Notification-To": "Kim <kim@a.example>"} if asks else {}
        fields = {"From": "Kim <kim@a.example>", "To": OUTSIDE, "Message-ID": f"<{ID}>", **asking}
        number = await self.house.deliver(self.kim, mail("out", **fields), role="drafts", names=("$draft",))
        create = {"s": {"identityId": "i1", "emailId": f"e{number}"}}
        made = await self.ask("EmailSubmission/set", create=create)
        assert made["notCreated"] is None, made
        return f"e{number}"

    async def answered(self, result=Result(250, "2.0.0", "ok", host="mx.elsewhere.example"), state="delivered"):  # noqa: B008
        await self.house.services.tracer.settle()
        [work] = await self.house.services.queue.lease("w", limit=9)
        await self.house.services.queue.report("w", work, [Outcome(work.recipients[0][0].number, state, result)])
        await self.house.services.tracer.settle()

    async def comes(self, octets, sender=""):
        """A message comes in from outside."""
        await put(self.house, octets, sender=sender)
        await self.house.services.tracer.settle()

    async def state(self, email):
        [one] = (await self.ask("SentMail/recipients", emailId=email))["list"]
        return one


def receipt(disposition="displayed", recipient=OUTSIDE, about=ID):
    cover = Cover(
        Mailbox("", recipient), "kim@a.example", "읽음: out", "r1@elsewhere.example", (1_700_000_000, 0), "읽음"
    )
    return mdn.build(Receipt(recipient, about, disposition), cover, original=b"Subject: out\r\n\r\n", nonce="n")


@pytest.fixture
async def desk(house, browser, kim):
    lee = await house.person(LEE)
    return OutsideDesk(house, browser, kim, lee)


async def test_an_answer_of_the_other_program_stands_in_the_table_as_told(desk):
    email = await desk.send()
    await desk.answered()
    before = await desk.state(email)
    assert (before["state"], before["known"], before["readAt"]) == ("delivered", "remote", None)
    await desk.comes(receipt())
    after = await desk.state(email)
    assert (after["state"], after["known"]) == ("read", "told")
    assert after["readAt"]


async def test_an_answer_that_goes_through_the_queue_is_told_too(desk):
    """A company with a journal takes its mail by way of the queue."""
    house = desk.house
    email = await desk.send()
    await desk.answered()
    cli = Actor(0, 0, "", is_admin=True, origin=Origin("cli"))
    await house.services.addressing.journals.set(cli, address=LEE, organization_id=desk.kim.organization_id)
    await desk.comes(receipt())
    assert (await desk.state(email))["known"] == "remote"
    queue = house.services.queue
    for work in await queue.lease("w", limit=9):
        await queue.report("w", work, await house.services.delivery.deliver_queued(work))
    await house.services.tracer.settle()
    assert (await desk.state(email))["known"] == "told"


async def test_one_thrown_away_unread_is_told_so(desk):
    email = await desk.send()
    await desk.answered()
    await desk.comes(receipt("deleted"))
    after = await desk.state(email)
    assert (after["state"], after["known"], after["readAt"]) == ("deleted", "told", None)
    # The first word counts: a claim is not overwritten by another.
    await desk.comes(receipt("displayed"))
    assert (await desk.state(email))["state"] == "deleted"


@pytest.mark.parametrize(
    "octets",
    [
        receipt(recipient="somebody@elsewhere.example"),
        receipt(about="78@a.example"),
        receipt("processed"),
        receipt().replace(b"report-type=disposition-notification", b"report-type=delivery-status"),
        receipt().replace(b"Disposition:", b"Position:"),
    ],
    ids=["another-recipient", "another-mail", "only-processed", "another-report", "broken"],
)
async def test_what_is_no_answer_to_this_mail_changes_nothing(desk, octets):
    email = await desk.send()
    await desk.answered()
    await desk.comes(octets)
    assert (await desk.state(email))["known"] == "remote"
    assert await desk.house.services.mailboxes.by_role(desk.house.actor(desk.kim), desk.kim.id, "inbox")


async def test_a_receipt_that_nobody_asked_for_is_no_answer(desk):
    email = await desk.send(asks=False)
    await desk.answered()
    await desk.comes(receipt())
    assert (await desk.state(email))["known"] == "remote"


async def test_a_failure_says_why_and_what_to_do(desk):
    email = await desk.send()
    refused = Result(550, "5.1.1", "User unknown", host="mx.elsewhere.example")
    await desk.answered(refused, "permanent")
    one = await desk.state(email)
    assert one["state"] == "failed"
    assert "그런 주소가 없습니다" in one["reason"]
    assert "User unknown" in one["reply"]
