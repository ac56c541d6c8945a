"""Delivery reports and read receipts, written for other parsers and read from other writers."""

import email
import email.policy

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats import dsn, mdn
from smartmail.formats.address import Mailbox
from smartmail.formats.headers import Header
from smartmail.formats.report import Cover

NONCE = "a1b2c3d4e5f6"
ORIGINAL = "Subject: 안녕\r\nMessage-ID: <o1@e.test>\r\nTo: x@e.test\r\n\r\n본문\r\n".encode()
WHEN = (1704423600, 540)


def cover(**values):
    base = {
        "from_": Mailbox("Mail Delivery System", "MAILER-DAEMON@mx.test"), "to": "kim@e.test", "subject": "배달 실패",
        "message_id": "d1@mx.test", "date": WHEN, "text": "배달하지 못했습니다.\n\n<lee@e.test>: 550 없음", "language": "ko",
        "about": "o1@e.test",
    }  # fmt: skip
    return Cover(**(base | values))


REPORT = dsn.DeliveryReport(
    reporting_mta="mx.test",
    envelope_id="QQ314159",
    received_from="client.test",
    arrival=WHEN,
    recipients=(
        dsn.RecipientStatus(
            "lee@e.test", "failed", "5.1.1", "Lee@e.test", "mail.e.test", "550 5.1.1 no such user", WHEN, None, "log7"
        ),
        dsn.RecipientStatus("박@회사.test", "delayed", "4.4.1", will_retry_until=WHEN),
        dsn.RecipientStatus("a@e.test", "delivered", "bogus"),
    ),
)


def read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def test_delivery_report_as_another_parser_sees_it():
    raw = dsn.build(REPORT, cover(), original=ORIGINAL, full=False, nonce=NONCE)
    message = read(raw)
    assert message.get_content_type() == "multipart/report"
    assert message.get_param("report-type") == "delivery-status"
    assert message["Auto-Submitted"] == "auto-replied"
    assert message["Subject"] == "배달 실패"
    assert message["References"] == "<o1@e.test>"
    human, status, returned = message.iter_parts()
    assert "550 없음" in human.get_content()
    fields = list(status.get_payload())
    assert [block["Action"] for block in fields] == [None, "failed", "delayed", "delivered"]
    assert fields[0]["Reporting-MTA"] == "dns; mx.test"
    assert fields[0]["Original-Envelope-Id"] == "QQ314159"
    assert fields[1]["Diagnostic-Code"] == "smtp; 550 5.1.1 no such user"
    assert fields[1]["Last-Attempt-Date"] == "Fri, 05 Jan 2024 12:00:00 +0900"
    assert fields[2]["Final-Recipient"] == r"utf-8; \x{BC15}@\x{D68C}\x{C0AC}.test"
    assert fields[3]["Status"] == "2.0.0"
    assert returned.get_content_type() == "text/rfc822-headers"
    assert "본문".encode() not in raw


def test_the_whole_original_on_request_and_its_header_when_it_cannot_be_lines():
    raw = dsn.build(REPORT, cover(), original=ORIGINAL, full=True, nonce=NONCE)
    assert read(raw)["Content-Transfer-Encoding"] == "8bit"
    assert ORIGINAL in raw
    raw = dsn.build(REPORT, cover(), original=ORIGINAL + b"\x00\n", full=True, nonce=NONCE)
    assert [part.get_content_type() for part in read(raw).iter_parts()][2] == "text/rfc822-headers"


def test_round_trip():
    for full in (True, False):
        parsed = dsn.parse(dsn.build(REPORT, cover(), original=ORIGINAL, full=full, nonce=NONCE))
        assert parsed.message_id == "o1@e.test"
        assert parsed.whole is full
        assert parsed.report.recipients[0] == REPORT.recipients[0]
        assert parsed.report.recipients[1].final_recipient == "박@회사.test"
        assert (parsed.report.envelope_id, parsed.report.arrival) == ("QQ314159", WHEN)


def test_rfc_3464_example():
    parsed = dsn.parse(
        b"""Date: Thu, 7 Jul 1994 17:16:05 -0400
From: Mail Delivery Subsystem <MAILER-DAEMON@CS.UTK.EDU>
Message-Id: <199407072116.RAA14128@CS.UTK.EDU>
To: <owner-info-mime@cs.utk.edu>
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status;
      boundary="RAA14128.773615765/CS.UTK.EDU"

--RAA14128.773615765/CS.UTK.EDU

The original message was received at Sat, 2 Jul 1994 17:10:28 -0400

--RAA14128.773615765/CS.UTK.EDU
content-type: message/delivery-status

Reporting-MTA: dns; cs.utk.edu

Original-Recipient: rfc822;louisl@larry.slip.umd.edu
Final-Recipient: rfc822;louisl@larry.slip.umd.edu
Action: failed
Status: 4.0.0
Diagnostic-Code: smtp; 426 connection timed out
Last-Attempt-Date: Thu, 7 Jul 1994 17:15:49 -0400

--RAA14128.773615765/CS.UTK.EDU
content-type: message/rfc822

Message-ID: <inner@x>

[original message goes here]

--RAA14128.773615765/CS.UTK.EDU--
"""
    )
    assert parsed.report.reporting_mta == "cs.utk.edu"
    (one,) = parsed.report.recipients
    assert (one.final_recipient, one.action, one.status) == ("louisl@larry.slip.umd.edu", "failed", "4.0.0")
    assert one.diagnostic == "426 connection timed out"
    assert one.last_attempt == (773615749, -240)
    assert parsed.message_id == "inner@x"


@pytest.mark.parametrize(
    "status", [b"", b"Reporting-MTA: dns; x\r\n", b"Final-Recipient: rfc822; a@b\r\nAction: eaten\r\n"]
)
def test_a_status_that_tells_nothing(status):
    assert dsn.parse_status(status) is None


def test_values_cannot_add_fields_or_lines():
    evil = dsn.RecipientStatus(
        "a@b", "failed", "5.0.0", diagnostic="550 x\r\nAction: delivered\r\n\r\nFinal-Recipient: z\x00"
    )
    report = dsn.DeliveryReport("mx\r\nEvil: 1", [evil], envelope_id="x\ny")
    raw = dsn.build(report, cover(to="a@b\r\nBcc: z@z"), original=b"A: b\r\n\r\n", full=False, nonce=NONCE)
    assert b"\nEvil:" not in raw
    assert b"\nBcc:" not in raw
    parsed = dsn.parse(raw)
    assert len(parsed.report.recipients) == 1
    assert parsed.report.recipients[0].action == "failed"


def test_long_diagnostics_are_folded():
    one = dsn.RecipientStatus("a@b", "failed", "5.0.0", diagnostic="5" * 1500 + " " + "wörd " * 100)
    raw = dsn.build(dsn.DeliveryReport("mx", [one]), cover(), original=b"A: b\r\n\r\n", full=False, nonce=NONCE)
    assert max(map(len, raw.split(b"\r\n"))) <= 998


RECEIPT = mdn.Receipt("kim@e.test", "o1@e.test", original_recipient="kim@old.test", reporting_ua="mail.test; SmartMail")


def test_receipt_round_trip():
    raw = mdn.build(RECEIPT, cover(), original=ORIGINAL, nonce=NONCE)
    message = read(raw)
    assert message.get_param("report-type") == "disposition-notification"
    assert b"Disposition: manual-action/MDN-sent-manually; displayed\r\n" in raw
    assert mdn.parse(raw) == RECEIPT
    automatic = mdn.Receipt("a@b", "", "deleted", action_by_person=False, sent_by_person=False, error="x")
    assert mdn.parse(mdn.build(automatic, cover(), original=ORIGINAL, nonce=NONCE)) == automatic


def test_receipts_of_others():
    status = (
        b"Reporting-UA: joes-pc.cs.example.com; Foomail 97.1\nOriginal-Recipient: rfc822;Joe_Recipient@example.com\n"
        b"Final-Recipient: rfc822;Joe_Recipient@example.com\nOriginal-Message-ID: <199509192301.23456@example.org>\n"
        b"Disposition: manual-action/MDN-sent-manually; displayed/error\n"
    )
    found = mdn.parse_notification(status)
    assert (found.original_message_id, found.disposition) == ("199509192301.23456@example.org", "displayed")
    assert mdn.parse_notification(b"Disposition: x; eaten\n") is None
    assert mdn.parse(ORIGINAL) is None


def test_who_asks_for_a_receipt():
    assert mdn.requested_by(Header(b"Disposition-Notification-To: Kim <k@e.test>\r\n\r\n")) == (
        Mailbox("Kim", "k@e.test"),
    )
    assert mdn.requested_by(Header(b"Subject: x\r\n\r\n")) == ()
    twice = b"Disposition-Notification-To: a@b\r\n" * 2
    assert mdn.requested_by(Header(twice + b"\r\n")) == ()


_SOUP = st.lists(
    st.sampled_from(
        [b"Content-Type: multipart/report; boundary=b\n\n", b"--b\n", b"--b--\n", b"Content-Type: message/delivery-status\n\n",
         b"Content-Type: message/disposition-notification\n\n", b"Final-Recipient: ", b"rfc822;", b"a@b\n", b"Action: failed\n",
         b"\n", b"\r", b"\\x{FFFFFFF}", b"utf-8;", b"Status: 9.9\n", b"Disposition: a/b; displayed\n", b"\xff", b"Arrival-Date: x\n"]
    ),
    max_size=20,
).map(b"".join)  # fmt: skip


@settings(max_examples=200, deadline=None)
@given(_SOUP | st.binary(max_size=80))
def test_no_report_breaks_the_reader(raw):
    dsn.parse(raw)
    dsn.parse_status(raw)
    mdn.parse(raw)
    mdn.parse_notification(raw)


def test_a_report_about_international_mail():
    """RFC 6533 §3 to §6: global parts with addresses as they are."""
    original = "Subject: 안녕\r\nFrom: 박@회사.test\r\n\r\n본문\r\n".encode()
    for full in (False, True):
        raw = dsn.build(REPORT, cover(), original=original, full=full, nonce=NONCE, international=True)
        assert b"Content-Type: message/global-delivery-status\r\nContent-Transfer-Encoding: 8bit" in raw
        assert f"Content-Type: message/global{'' if full else '-headers'}\r\n".encode() in raw
        assert "Final-Recipient: utf-8; 박@회사.test\r\n".encode() in raw
        assert b"report-type=delivery-status" in raw
        parsed = dsn.parse(raw)
        assert [one.final_recipient for one in parsed.report.recipients][1] == "박@회사.test"
        assert parsed.whole is full
