"""Mail from outside is inspected before it is committed, and what the findings demand is done."""

import imaplib
import smtplib

import pytest
from tests.flows.house import PASSWORD, open_house

from smartmail.domain.inspection import AuthResult, Reason
from smartmail.formats.headers import Header
from smartmail.service.flow.delivery.receiving import HELD_OCTETS, HeldBudget
from smartmail.service.kernel.inspection.keeping import open_inspection
from smartmail.service.kernel.inspection.service import InspectionService

LINE = b"Authentication-Results: mx.test; spf=pass\r\n"
FORGED = b"X-SmartMail-Country: KR\r\n"


class Scripted:
    """An inspector that demands what the subject says, and looks at everything."""

    name = "scripted"

    def __init__(self) -> None:
        self.seen = []

    async def examine(self, specimen) -> None:
        self.seen.append((specimen.size, specimen.whole, await specimen.read(0, specimen.size)))
        findings = specimen.findings
        findings.lines.append(LINE)
        at = specimen.header.block.find(FORGED)
        if at >= 0:
            findings.cuts.append((at, at + len(FORGED)))
        findings.authentication.append(AuthResult("spf", "pass"))
        findings.reasons.append(Reason("scripted", 1.5, ("fact",)))
        subject = (specimen.summary.subject or "").split()[0]
        if subject == "broken":
            raise RuntimeError("an inspector's own fault")
        if subject in {"junk", "quarantine", "reject", "defer"}:
            findings.demand(subject, f"told: {subject}")


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path, domains=("a.test",)) as opened:
        await opened.person("kim@a.test")
        await opened.person("lee@a.test")
        opened.inspector = Scripted()
        opened.services.delivery.inspection = InspectionService([opened.inspector])
        yield opened


def message(subject: str, octets: int = 100) -> bytes:
    head = f"From: a@outside.test\r\nX-SmartMail-Country: KR\r\nSubject: {subject}\r\n\r\n".encode()
    lines = octets // 64
    return head + (b"x" * 62 + b"\r\n") * lines


def send(port: int, octets: bytes, *recipients: str) -> None:
    with smtplib.SMTP("127.0.0.1", port, timeout=60) as client:
        client.sendmail("a@outside.test", recipients or ("kim@a.test",), octets)


def read(port: int, mailbox: str = "INBOX") -> list[bytes]:
    with imaplib.IMAP4("127.0.0.1", port, timeout=60) as client:
        client.login("kim@a.test", PASSWORD)
        status, _count = client.select(mailbox, readonly=True)
        if status != "OK":
            return []
        _status, found = client.uid("FETCH", "1:*", "(BODY.PEEK[])")
        return [one[1] for one in found if isinstance(one, tuple)]


async def off(call, *args):
    import asyncio

    return await asyncio.to_thread(call, *args)


@pytest.mark.parametrize("octets", [100, HELD_OCTETS + 300_000])
async def test_what_was_found_out_stands_above_the_message_and_is_kept_with_it(house, octets) -> None:
    sent = message("hello", octets)
    await off(send, house.ports["smtp"], sent)
    [kept] = await off(read, house.ports["imap"])
    names = [field.name.lower() for field in Header(kept).fields]
    assert names[:3] == [b"return-path", b"authentication-results", b"received"]
    assert FORGED not in kept
    assert kept.endswith(sent.replace(FORGED, b""))
    # The inspector saw the message as it came, whole.
    [(size, whole, octets_seen)] = house.inspector.seen
    assert (size, octets_seen) == (len(sent), sent)
    assert whole == (len(sent) <= HELD_OCTETS)
    account = house.accounts["kim@a.test"]
    rows = await house.store.inspections(account.id, [1])
    keys = await house.services.delivery.desk.keyring.account_by_id(account.id)
    inspection = open_inspection(keys, rows[0][1], rows[0][2])
    assert inspection.authentication == (AuthResult("spf", "pass"),)
    assert inspection.reasons == (Reason("scripted", 1.5, ("fact",)),)


async def test_junk_goes_to_the_junk_mailbox(house) -> None:
    await off(send, house.ports["smtp"], message("junk mail"))
    assert await off(read, house.ports["imap"]) == []
    [kept] = await off(read, house.ports["imap"], "Junk")
    assert b"Subject: junk mail" in kept


@pytest.mark.parametrize(("subject", "code"), [("reject me", 550), ("defer me", 451)])
async def test_refused_with_the_reason(house, subject, code) -> None:
    with pytest.raises(smtplib.SMTPDataError) as refused:
        await off(send, house.ports["smtp"], message(subject))
    assert refused.value.smtp_code == code
    assert subject.split()[0].encode() in refused.value.smtp_error
    assert await off(read, house.ports["imap"]) == []


async def test_quarantine_waits_in_the_queue_and_reaches_nobody(house) -> None:
    await off(send, house.ports["smtp"], message("quarantine it"), "kim@a.test", "lee@a.test")
    assert await off(read, house.ports["imap"]) == []
    [(_entry, _envelope, rows)] = await house.services.queue.entries()
    assert [(row.state, row.hold_reason) for row, _recipient, _result in rows] == [("held", "quarantine")] * 2


async def test_an_inspector_that_fails_costs_no_mail(house) -> None:
    await off(send, house.ports["smtp"], message("broken"))
    [kept] = await off(read, house.ports["imap"])
    assert b"Subject: broken" in kept


async def test_beyond_the_budget_of_memory_messages_are_spooled_and_the_room_comes_back(house) -> None:
    budget = house.services.delivery.budget = HeldBudget(total=1000, each=1 << 20)
    await off(send, house.ports["smtp"], message("large", 5000))
    [kept] = await off(read, house.ports["imap"])
    assert len(kept) > 5000
    assert budget.take(1000)


@pytest.mark.parametrize("total", [0, 10, 1000])
async def test_where_memory_is_short_the_header_is_looked_at_all_the_same(house, total) -> None:
    house.services.delivery.budget = HeldBudget(total=total, each=1 << 20)
    sent = message("large", 300_000)
    await off(send, house.ports["smtp"], sent)
    [kept] = await off(read, house.ports["imap"])
    assert FORGED not in kept
    assert kept.endswith(sent.replace(FORGED, b""))


@pytest.mark.parametrize("filling", [b"X-A: b\r\n" * 2100, (b"X-A: " + b"b" * 900 + b"\r\n") * 300])
async def test_a_header_of_which_a_part_would_be_looked_at_by_nobody_is_refused(house, filling) -> None:
    with pytest.raises(smtplib.SMTPDataError) as refused:
        await off(send, house.ports["smtp"], filling + message("hello"))
    assert refused.value.smtp_code == 552
    assert await off(read, house.ports["imap"]) == []
    assert house.inspector.seen == []


async def test_who_logs_in_writes_no_verdicts_of_the_house_either(house) -> None:
    await house.person("park@a.test")
    forged = b"Authentication-Results: mx.test; dmarc=pass\r\nX-SmartMail-Country: KR\r\n"
    kept = b"Authentication-Results: other.example; spf=pass\r\n"
    octets = b"From: park@a.test\r\n" + forged + b"To: kim@a.test\r\n" + kept + b"Subject: inside\r\n\r\nbody\r\n"

    def submit() -> None:
        with smtplib.SMTP("127.0.0.1", house.ports["submission"], timeout=60) as client:
            client.login("park@a.test", PASSWORD)
            client.sendmail("park@a.test", ["kim@a.test"], octets)

    await off(submit)
    [stored] = await off(read, house.ports["imap"])
    assert b"mx.test; dmarc" not in stored
    assert b"X-SmartMail" not in stored
    assert kept in stored
    assert stored.endswith(b"Subject: inside\r\n\r\nbody\r\n")
