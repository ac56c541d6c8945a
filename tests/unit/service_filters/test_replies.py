"""Who is answered by itself, and what the answer looks like (RFC 3834, RFC 5230, RFC 5436)."""

from email import message_from_bytes, policy

import pytest

from smartmail.app import catalogues
from smartmail.formats.address import Mailbox
from smartmail.formats.headers import Header
from smartmail.proto.sieve import Notify, Reply
from smartmail.service.flow.filters.replies import (
    Writing,
    alternative,
    notice_message,
    own_sender,
    refusal_to_answer,
    shown_sender,
    vacation_message,
)

OWN = {"park@a.example", "p@a.example"}
PARK = Mailbox("박서준", "park@a.example")
WRITING = Writing("id@mx.example", 1_795_000_000, 540, "nonce12345", "ko")


@pytest.fixture(autouse=True)
def texts():
    catalogues.load()


def header(*lines: str) -> Header:
    return Header("".join(f"{line}\r\n" for line in lines).encode())


def read(octets: bytes):
    return message_from_bytes(octets, policy=policy.default)


@pytest.mark.parametrize(
    "lines",
    [
        ("To: park@a.example",),
        ("To: other@x.example", "Cc: Park <PARK@A.example>"),
        ("Bcc: p@a.example",),
        ("Resent-To: park@a.example", "To: other@x.example"),
        ("Resent-Cc: p@a.example",),
        ("To: team: lee@a.example, park@a.example;",),
        ("To: park@a.example", "Auto-Submitted: no"),
        ("To: park@a.example", "Precedence: first-class"),
        ("To: park@a.example", "X-Auto-Response-Suppress: DR"),
    ],
)
def test_a_message_to_the_person_may_be_answered(lines):
    assert refusal_to_answer(header(*lines), "kim@b.example", OWN) == ""


@pytest.mark.parametrize(
    ("sender", "lines"),
    [
        ("", ("To: park@a.example",)),  # §4.6: never to the null reverse-path
        ("p@A.example", ("To: park@a.example",)),  # nor to oneself
        *((one, ("To: park@a.example",)) for one in (
            "MAILER-DAEMON@b.example", "LISTSERV@b.example", "majordomo@b.example", "owner-list@b.example",
            "list-request@b.example", "list-owner@b.example", "bounces@b.example", "noreply@b.example",
            "no-reply@b.example", "do-not-reply@b.example", "list-bounces@b.example",
        )),
        *(("kim@b.example", ("To: park@a.example", line)) for line in (
            "Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated (cron)", "Auto-Submitted: Auto-Notified; x=y",
            "Precedence: bulk", "Precedence: JUNK", "Precedence: list", "List-Id: <l.b.example>",
            "List-Unsubscribe: <mailto:x@b.example>", "List-Help: <mailto:x@b.example>", "List-Post: NO",
            "X-Auto-Response-Suppress: OOF, AutoReply", "X-Auto-Response-Suppress: All",
        )),
        ("kim@b.example", ("To: other@x.example",)),  # §4.5: it does not name the person
        ("kim@b.example", ("Subject: nobody named",)),
        ("kim@b.example", ("To: park@a.example.other",)),
    ],
)  # fmt: skip
def test_machines_lists_and_strangers_are_not_answered(sender, lines):
    assert refusal_to_answer(header(*lines), sender, OWN) != ""


def test_an_answer():
    asked = header("Subject: =?utf-8?b?7ZqM7J2Y?=", "Message-ID: <1@b.example>", "References: <0@b.example>")
    octets = vacation_message(
        Reply("휴가입니다.\r\n다음 주에 뵙겠습니다.", 86400, ""), asked, "kim@b.example", PARK, WRITING
    )
    message = read(octets)
    assert message["subject"] == "자동 회신: 회의"
    assert (message["to"], message["from"]) == ("kim@b.example", "박서준 <park@a.example>")
    assert (message["in-reply-to"], message["references"]) == ("<1@b.example>", "<0@b.example> <1@b.example>")
    assert message["auto-submitted"].startswith("auto-replied")
    assert message["x-auto-response-suppress"] == "All"
    assert message["message-id"] == "<id@mx.example>"
    assert message.get_content().replace("\r\n", "\n").rstrip() == "휴가입니다.\n다음 주에 뵙겠습니다."


def test_a_hostile_subject_does_not_become_a_header_field():
    asked = header("Subject: =?utf-8?q?a=0D=0ABcc:_x@c.example?=")
    octets = vacation_message(Reply("x", 0, "", subject="b\r\nBcc: y@c.example"), asked, "kim@b.example", PARK, WRITING)
    for one in (octets, vacation_message(Reply("x", 0, ""), asked, "kim@b.example", PARK, WRITING)):
        assert read(one)["bcc"] is None
        assert read(one).keys().count("To") == 1


def test_an_answer_with_parts_of_its_own():
    reason = alternative(None, "<p>다음 주</p>")
    message = read(vacation_message(Reply(reason, 0, "", mime=True), header(), "kim@b.example", PARK, WRITING))
    assert message.get_content_type() == "multipart/alternative"
    plain, html = message.iter_parts()
    assert (plain.get_content().strip(), html.get_content().strip()) == ("다음 주", "<p>다음 주</p>")


def test_mime_that_is_none_is_text():
    for reason in ("just text", "X-Evil: 1\r\n\r\nbody", "Content-Type: text/plain"):
        octets = vacation_message(Reply(reason, 0, "", mime=True), header(), "kim@b.example", PARK, WRITING)
        assert read(octets)["x-evil"] is None
        assert read(octets).get_content_type() == "text/plain"


def test_a_notification():
    about = header("From: Kim <kim@b.example>", "Subject: hello")
    notify = Notify("mailto:boss@c.example?cc=vice@c.example&X-Flag=red&From=evil@x.example&body=seen", importance=1)
    octets, recipients = notice_message(notify, about, PARK, "park@a.example", WRITING)
    message = read(octets)
    assert recipients == ("boss@c.example", "vice@c.example")
    assert (message["to"], message["cc"], message["x-flag"]) == ("boss@c.example", "vice@c.example", "red")
    assert message["from"] == "박서준 <park@a.example>"
    assert message["auto-submitted"] == 'auto-notified; owner-email="park@a.example"'
    assert (message["importance"], message["subject"]) == ("High", "새 메일: hello")
    assert message.get_content().strip() == "seen"


def test_a_notification_says_what_came_when_the_script_does_not():
    about = header("From: Kim <kim@b.example>", "Subject: hello")
    octets, _recipients = notice_message(
        Notify("mailto:boss@c.example", message="!"), about, PARK, "p@a.example", WRITING
    )
    message = read(octets)
    assert message["subject"] == "!"
    assert "Kim <kim@b.example>" in message.get_content()
    assert "hello" in message.get_content()


def test_whom_an_answer_comes_from():
    assert own_sender(["park@a.example", "p@a.example"], "P@a.example", "박") == Mailbox("박", "p@a.example")
    assert own_sender(["park@a.example"], "other@a.example", "박") == Mailbox("박", "park@a.example")
    assert shown_sender("Boss <p@A.example>", PARK, OWN).name == "Boss"
    for text in ("", "boss@b.example", "nonsense", "<>"):
        assert shown_sender(text, PARK, OWN) == PARK
