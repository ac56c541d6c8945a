"""A draft becomes a message that two other parsers read as it was meant."""

import email
import email.policy
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.formats.address import Group, Mailbox
from smartmail.formats.compose import Attachment, ComposeError, Draft, compose
from smartmail.formats.html import from_text, to_text
from smartmail.formats.mime.parts import list_parts
from smartmail.formats.mime.scanner import scan
from smartmail.formats.mime.transfer import decode_body

NONCE = "a1b2c3d4e5f6"
KIM = Mailbox("김민수", "minsu.kim@회사.test")
LEE = Mailbox('Lee, "Bob"', "lee@e.test")


def draft(**values):
    base = {
        "from_": [KIM],
        "date": (1704423600, 540),
        "message_id": "id-1@e.test",
        "to": [LEE],
        "subject": "안녕하세요",
    }
    return Draft(**(base | values))


def read(raw):
    return email.message_from_bytes(raw, policy=email.policy.default)


def tree(part):
    kind = part.get_content_type()
    return (
        (kind, [tree(sub) for sub in part.iter_parts()]) if part.is_multipart() and kind != "message/rfc822" else kind
    )


def assert_lines(raw):
    assert re.search(rb"\r(?!\n)|(?<!\r)\n|\x00", raw) is None
    assert max(len(line) for line in raw.split(b"\r\n")) <= 998
    assert raw.endswith(b"\r\n")


def test_header_fields():
    raw = compose(
        draft(
            sender=LEE,
            reply_to=[LEE],
            cc=[Group("팀", (KIM, LEE))],
            bcc=[Mailbox("", "secret@e.test")],
            in_reply_to=["p@e.test"],
            references=["r@e.test", "p@e.test"],
            headers=[("X-Priority", "1 (높음)")],
            text="x",
        ),
        nonce=NONCE,
    )
    message = read(raw)
    assert message["Subject"] == "안녕하세요"
    assert message["From"].addresses[0].display_name == "김민수"
    assert message["From"].addresses[0].domain == "xn--hy1b07p.test" or "xn--" in message["From"].addresses[0].domain
    assert message["To"].addresses[0].display_name == 'Lee, "Bob"'
    assert [str(a.addr_spec) for a in message["Cc"].addresses][1] == "lee@e.test"
    assert message["Bcc"] == "secret@e.test"
    assert message["Date"] == "Fri, 05 Jan 2024 12:00:00 +0900"
    assert message["Message-ID"] == "<id-1@e.test>"
    assert message["In-Reply-To"] == "<p@e.test>"
    assert message["References"].split() == ["<r@e.test>", "<p@e.test>"]
    assert message["X-Priority"] == "1 (높음)"
    assert message["MIME-Version"] == "1.0"
    assert_lines(raw)


def test_the_sender_field_only_where_it_says_something():
    assert b"\r\nSender:" not in compose(draft(sender=KIM), nonce=NONCE)
    assert b"\r\nSender:" in compose(draft(from_=[KIM, LEE], sender=KIM), nonce=NONCE)


def test_long_references_keep_root_and_parents():
    ids = [f"m{i}@e.test" for i in range(200)]
    found = read(compose(draft(references=ids), nonce=NONCE))["References"].split()
    assert found[0] == "<m0@e.test>"
    assert found[-1] == "<m199@e.test>"
    assert len(found) <= 30


def test_odd_ids_of_other_peoples_mail_are_left_out():
    assert b"In-Reply-To" not in compose(draft(in_reply_to=["a b", "x>y"]), nonce=NONCE)


PDF = Attachment("보고서 2024년 1분기 최종 수정본 진짜 마지막.pdf", "application/pdf", b"%PDF\x00\xff")
LOGO = Attachment("logo.png", "image/png", b"\x89PNG", "inline", "logo@e.test")


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"text": "x"}, "text/plain"),
        ({}, "text/plain"),
        ({"html": "<p>x</p>"}, ("multipart/alternative", ["text/plain", "text/html"])),
        ({"text": "x", "attachments": [PDF]}, ("multipart/mixed", ["text/plain", "application/pdf"])),
        (
            {"html": "<img src=cid:logo@e.test>", "attachments": [LOGO]},
            ("multipart/alternative", ["text/plain", ("multipart/related", ["text/html", "image/png"])]),
        ),
        (
            {"text": "x", "html": "<img src=cid:logo@e.test>", "attachments": [PDF, LOGO]},
            (
                "multipart/mixed",
                [
                    ("multipart/alternative", ["text/plain", ("multipart/related", ["text/html", "image/png"])]),
                    "application/pdf",
                ],
            ),
        ),
        ({"text": "x", "attachments": [LOGO]}, ("multipart/mixed", ["text/plain", "image/png"])),
    ],
)
def test_structure(values, expected):
    raw = compose(draft(**values), nonce=NONCE)
    assert tree(read(raw)) == expected
    assert_lines(raw)


def test_attachments_come_back_byte_for_byte_under_their_name():
    text = Attachment("메모.txt", "text/plain", "한글\nx\r\ny".encode(), charset="utf-8")
    parts = list(read(compose(draft(text="x", attachments=[PDF, text]), nonce=NONCE)).iter_attachments())
    assert [part.get_filename() for part in parts] == [PDF.name, text.name]
    assert [part.get_payload(decode=True) for part in parts] == [PDF.content, text.content]
    assert [part.get_content_disposition() for part in parts] == ["attachment", "attachment"]
    # The name of Content-Type, which Outlook reads, says the same.
    header = email.header.make_header(email.header.decode_header(parts[0].get_params(unquote=True)[1][1]))
    assert str(header) == PDF.name


def test_inline_picture_is_found_by_its_content_id():
    message = read(compose(draft(html="<img src=cid:logo@e.test>", attachments=[LOGO]), nonce=NONCE))
    picture = [part for part in message.walk() if part.get_content_type() == "image/png"][0]
    assert picture["Content-ID"] == "<logo@e.test>"
    assert picture.get_content_disposition() == "inline"


@pytest.mark.parametrize(
    "bad", ["multipart/mixed", "x", "a/b; c=d", "TEXT/html\x7f"[:-1] + " x", "message/partial", ""]
)
def test_a_type_that_could_confuse_becomes_a_plain_file(bad):
    part = next(read(compose(draft(attachments=[Attachment("x", bad, b"y")]), nonce=NONCE)).iter_attachments())
    assert part.get_content_type() == "application/octet-stream"
    assert part.get_payload(decode=True) == b"y"


def test_forwarded_message_is_never_base64():
    inner = b"Subject: in\r\n\r\nbody\r\n--=_x\r\n"
    raw = compose(draft(attachments=[Attachment("a.eml", "message/rfc822", inner)]), nonce=NONCE)
    part = next(read(raw).iter_attachments())
    assert part["Content-Transfer-Encoding"] == "7bit"
    assert inner in raw
    raw = compose(draft(attachments=[Attachment("a.eml", "message/rfc822", "S: 한\r\n\r\n".encode())]), nonce=NONCE)
    assert read(raw)["Content-Transfer-Encoding"] == "8bit"
    raw = compose(draft(attachments=[Attachment("a.eml", "message/rfc822", b"S: x\n\nbare\n")]), nonce=NONCE)
    assert next(read(raw).iter_attachments()).get_content_type() == "application/octet-stream"


def test_transfer_encoding_follows_the_content():
    def encoding_of(text):
        return read(compose(draft(text=text), nonce=NONCE))["Content-Transfer-Encoding"]

    assert encoding_of("plain") == "7bit"
    assert encoding_of("mostly plain text with one é " * 3) == "quoted-printable"
    assert encoding_of("한글 본문입니다 " * 30) == "base64"
    assert encoding_of("x" * 2000) == "quoted-printable"
    assert encoding_of("--=_" + NONCE + "_1") == "quoted-printable"


def test_html_alone_gets_a_text_alternative():
    message = read(compose(draft(html="<p>안녕 <a href='https://e.test/x'>여기</a></p>"), nonce=NONCE))
    assert message.get_body(("plain",)).get_content().strip() == "안녕 여기 <https://e.test/x>"
    assert "<a href" in message.get_body(("html",)).get_content()


EVIL = ["a\r\nBcc: x@e.test", "a\nb", "a\rb", "a\x00b", "a\u2028b", "\ud800"]


@pytest.mark.parametrize("evil", EVIL)
@pytest.mark.parametrize(
    ("field", "make"),
    [
        ("subject", lambda v: {"subject": v}),
        ("from", lambda v: {"from_": [Mailbox(v, "a@e.test")]}),
        ("from", lambda v: {"from_": [Mailbox("x", v + "@e.test")]}),
        ("sender", lambda v: {"sender": Mailbox(v, "a@e.test")}),
        ("reply_to", lambda v: {"reply_to": [Mailbox(v, "a@e.test")]}),
        ("to", lambda v: {"to": [Mailbox("", "a@" + v)]}),
        ("cc", lambda v: {"cc": [Group(v, ())]}),
        ("bcc", lambda v: {"bcc": [Group("g", (Mailbox(v, "a@e.test"),))]}),
        ("message_id", lambda v: {"message_id": v}),
        ("in_reply_to", lambda v: {"in_reply_to": [v]}),
        ("references", lambda v: {"references": ["a@b", v]}),
        ("attachments[0].name", lambda v: {"attachments": [Attachment(v, "a/b", b"")]}),
        ("attachments[0].type", lambda v: {"attachments": [Attachment("x", v, b"")]}),
        ("attachments[0].type", lambda v: {"attachments": [Attachment("x", "a/b", b"", charset=v)]}),
        ("attachments[0].cid", lambda v: {"attachments": [Attachment("x", "a/b", b"", "inline", v)]}),
        ("headers.X-A", lambda v: {"headers": [("X-A", v)]}),
        ("language", lambda v: {"language": v}),
    ],
)
def test_header_injection_is_refused_and_named(field, make, evil):
    with pytest.raises(ComposeError, match=re.escape(field)) as caught:
        compose(draft(**make(evil)), nonce=NONCE)
    assert caught.value.field == field
    assert isinstance(caught.value, ValueError)


@pytest.mark.parametrize("name", ["X A", "X:", "", "X\r\nY", "한글", "Bcc", "content-TYPE", "DKIM-Signature"])
def test_field_names_that_may_not_be_added(name):
    with pytest.raises(ComposeError):
        compose(draft(headers=[(name, "x")]), nonce=NONCE)


@pytest.mark.parametrize("nonce", ["", "short", 'a"b\r\n12345', "x" * 51])
def test_bad_nonce(nonce):
    with pytest.raises(ComposeError, match="nonce"):
        compose(draft(), nonce=nonce)


def test_no_author():
    with pytest.raises(ComposeError, match="from"):
        compose(draft(from_=[]), nonce=NONCE)


def test_same_draft_same_octets():
    one = draft(html="<p>x</p>", attachments=[PDF])
    assert compose(one, nonce=NONCE) == compose(one, nonce=NONCE)


_TEXT = st.text(
    alphabet=st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]) | st.sampled_from("\n\n> -.=한?"), max_size=300
)
_ONE_LINE = st.text(alphabet=st.characters(categories=["L", "N", "P", "S"]) | st.just(" "), max_size=120)


@settings(max_examples=120, deadline=None)
@given(text=_TEXT, html=st.none() | _TEXT, name=_ONE_LINE, subject=_ONE_LINE, content=st.binary(max_size=300))
def test_round_trip_through_another_parser(text, html, name, subject, content):
    part = Attachment(name, "application/x-thing", content)
    raw = compose(
        draft(text=text, html=html, subject=subject, attachments=[part], to=[Mailbox(name, "a@e.test")]), nonce=NONCE
    )
    assert_lines(raw)
    message = read(raw)
    found = next(message.iter_attachments())
    assert found.get_payload(decode=True) == content
    if html is not None:
        assert message.get_body(("html",)).get_payload(decode=True).decode() == html.replace("\n", "\r\n")
    flowed = message.get_body(("plain",)).get_payload(decode=True).decode()
    assert to_text(from_text(flowed.replace("\r\n", "\n"), flowed=True)).split() == to_text(from_text(text)).split()


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_any_subject_is_refused_or_stays_one_field(subject):
    try:
        raw = compose(draft(subject=subject, text="x"), nonce=NONCE)
    except ComposeError:
        return
    assert [name for name, _ in read(raw).items()].count("Subject") == 1
    assert len(read(raw).items()) == 8


@settings(max_examples=60, deadline=None)
@given(text=_TEXT, name=_ONE_LINE, content=st.binary(max_size=200))
def test_round_trip_through_our_own_scanner(text, name, content):
    files = [Attachment(name, "application/x-thing", content), LOGO]
    raw = compose(draft(text=text, html="<img src=cid:logo@e.test>", attachments=files), nonce=NONCE)
    rows = list_parts(scan(raw))
    assert [row.type for row in rows] == [
        "multipart/mixed", "multipart/alternative", "text/plain", "multipart/related", "text/html", "image/png",
        "application/x-thing",
    ]  # fmt: skip
    bodies = {row.type: decode_body(raw[row.body_start : row.body_end], row.encoding) for row in rows}
    assert bodies["application/x-thing"] == content
    assert bodies["image/png"] == LOGO.content
    assert next(row.cid for row in rows if row.type == "image/png") == "logo@e.test"
    shown = "".join(c for c in name if c.isprintable())
    assert rows[-1].name.split() == unicodedata.normalize("NFC", shown).split()
