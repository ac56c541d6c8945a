"""Mail comes in by SMTP and LMTP and is read by IMAP, over real sockets and real client libraries."""

import asyncio
import imaplib
import smtplib

import pytest
from tests.flows.house import PASSWORD, House, open_house

MESSAGE = (
    "From: 박서준 <x@b.example>\r\nTo: kim@a.example\r\nSubject: =?utf-8?B?7JiI7IKwIO2ajOydmA==?=\r\n"
    "Message-ID: <m1@b.example>\r\nDate: Wed, 25 Nov 2026 09:00:00 +0900\r\n"
    "Content-Type: text/plain; charset=utf-8\r\n\r\n안녕하세요\r\n..dots\r\n"
).encode()


@pytest.fixture
async def house(tmp_path):
    async with open_house(tmp_path / "data1" if (tmp_path / "data1").mkdir() is None else tmp_path) as opened:
        await opened.person("kim@a.example")
        await opened.person("lee@a.example")
        yield opened


def send(
    house: House, port: str, message: bytes, to: list[str], *, kind=smtplib.SMTP, login: str = "", sender="x@b.example"
):
    with kind("127.0.0.1", house.ports[port]) as client:
        if login:
            client.login(login, PASSWORD)
        return client.sendmail(sender, to, message)


def open_imap(house: House, login: str = "kim@a.example") -> imaplib.IMAP4:
    client = imaplib.IMAP4("127.0.0.1", house.ports["imap"])
    client.login(login, PASSWORD)
    return client


async def test_smtp_in_is_read_by_imap_byte_for_byte(house):
    await asyncio.to_thread(send, house, "smtp", MESSAGE, ["kim@a.example"])

    def read():
        client = open_imap(house)
        assert client.select("INBOX")[1] == [b"1"]
        octets = client.fetch("1", "(UID FLAGS RFC822.SIZE BODY.PEEK[])")[1][0][1]
        found = client.uid("SEARCH", "CHARSET", "UTF-8", "SUBJECT", '"예산"'.encode())[1]
        client.logout()
        return octets, found

    octets, found = await asyncio.to_thread(read)
    assert octets.endswith(MESSAGE)
    head = octets[: -len(MESSAGE)]
    assert head.startswith(b"Return-Path: <x@b.example>\r\nReceived: from ")
    assert b"for <kim@a.example>" in head
    assert found == [b"1"]


async def test_one_message_for_two_accounts_has_no_for_clause(house):
    await asyncio.to_thread(send, house, "smtp", MESSAGE, ["kim@a.example", "lee@a.example"])

    def read(login):
        client = open_imap(house, login)
        client.select("INBOX")
        return client.fetch("1", "(BODY.PEEK[])")[1][0][1]

    one, two = [await asyncio.to_thread(read, login) for login in house.accounts]
    assert one == two
    assert b"for <" not in one[: -len(MESSAGE)]


async def test_mx_refuses_to_relay_and_unknown_recipients(house):
    def attempt(address):
        with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
            send(house, "smtp", MESSAGE, [address])
        return refused.value.recipients[address][0]

    for address in (
        "nobody@a.example",
        "who@elsewhere.example",
        "who%elsewhere.example@a.example",
        '"a@b.example"@a.example',
    ):
        assert await asyncio.to_thread(attempt, address) == 550, address


async def test_a_repeat_after_a_lost_answer_is_stored_once(house):
    for _ in range(2):
        await asyncio.to_thread(send, house, "smtp", MESSAGE, ["kim@a.example"])

    def count():
        return open_imap(house).select("INBOX")[1]

    assert await asyncio.to_thread(count) == [b"1"]


async def test_lmtp_answers_for_each_recipient(house):
    await asyncio.to_thread(send, house, "lmtp", MESSAGE, ["kim@a.example"], kind=smtplib.LMTP)

    def count():
        return open_imap(house).select("INBOX")[1]

    assert await asyncio.to_thread(count) == [b"1"]


async def test_a_submission_sends_only_as_itself(house):
    own = MESSAGE.replace("박서준 <x@b.example>".encode(), b"kim@a.example")

    def good():
        send(house, "submission", own, ["lee@a.example"], login="kim@a.example", sender="kim@a.example")
        return open_imap(house, "lee@a.example").select("INBOX")[1]

    def other_envelope():
        with pytest.raises(smtplib.SMTPSenderRefused) as refused:
            send(house, "submission", own, ["lee@a.example"], login="kim@a.example", sender="lee@a.example")
        return refused.value.smtp_code

    def other_header():
        with pytest.raises(smtplib.SMTPDataError) as refused:
            send(house, "submission", MESSAGE, ["lee@a.example"], login="kim@a.example", sender="kim@a.example")
        return refused.value.smtp_code

    assert await asyncio.to_thread(good) == [b"1"]
    assert await asyncio.to_thread(other_envelope) == 550
    assert await asyncio.to_thread(other_header) == 550


async def test_imap_store_copy_move_expunge_append_idle(house):
    def work():
        client = open_imap(house)
        client.create("보고".encode("utf-7").decode() if False else "Reports")
        client.append("Reports", r"(\Seen $Work)", None, MESSAGE)
        client.select("Reports")
        flags = client.fetch("1", "(FLAGS)")[1][0]
        client.store("1", "+FLAGS", r"(\Flagged)")
        copied = client.copy("1", "INBOX")[0]
        again = client.copy("1", "INBOX")[0]
        moved = client._simple_command("MOVE", "1", "Trash")[0]
        left = client.select("Reports")[1]
        inbox = client.select("INBOX")[1]
        client.store("1", "+FLAGS", r"(\Deleted)")
        gone = client.expunge()[1]
        trash = client.select("Trash")[1]
        client.logout()
        return flags, copied, again, moved, left, inbox, gone, trash

    flags, copied, again, moved, left, inbox, gone, trash = await asyncio.to_thread(work)
    assert b"\\Seen" in flags and b"$work" in flags.lower()
    assert (copied, again, moved) == ("OK", "OK", "OK")
    assert left == [b"0"] and inbox == [b"2"] and gone == [b"1"] and trash == [b"1"]


@pytest.mark.parametrize(
    "given", [b"From: kim@a.example\r\nSubject: s\r\n\r\nbody\r\n", b"\r\nonly a body\r\n", b"Subject: no body\r\n"]
)
async def test_a_submission_gets_the_date_and_id_that_it_lacks(house, given):
    """RFC 6409 §8: a scanner sends neither; what it sent stays octet for octet behind our lines."""
    await asyncio.to_thread(
        send, house, "submission", given, ["lee@a.example"], login="kim@a.example", sender="kim@a.example"
    )

    def read():
        client = open_imap(house, "lee@a.example")
        client.select("INBOX")
        return client.fetch("1", "(BODY.PEEK[])")[1][0][1]

    octets = await asyncio.to_thread(read)
    assert octets.endswith(given)
    added = octets[: -len(given)]
    assert added.count(b"\r\nDate: ") == 1
    assert added.count(b"\r\nMessage-ID: <") == 1


async def test_a_complete_submission_gets_nothing_added(house):
    own = MESSAGE.replace("박서준 <x@b.example>".encode(), b"kim@a.example")
    await asyncio.to_thread(
        send, house, "submission", own, ["lee@a.example"], login="kim@a.example", sender="kim@a.example"
    )

    def read():
        client = open_imap(house, "lee@a.example")
        client.select("INBOX")
        return client.fetch("1", "(BODY.PEEK[])")[1][0][1]

    octets = await asyncio.to_thread(read)
    assert octets.endswith(own) and b"Date: " not in octets[: -len(own)]
