"""Addresses: what senders write, what liars write, and the form for look-ups."""

import base64
import time

import pytest

from smartmail.formats import address
from smartmail.formats.address import Group, Mailbox


def word(text, label="utf-8"):
    return b"=?%b?B?%b?=" % (label.encode(), base64.b64encode(text.encode(label)))


@pytest.mark.parametrize(
    ("value", "want"),
    [
        (b"a@b.c", [Mailbox("", "a@b.c")]),
        (b'"Kim, Minsu" <a@b.c>', [Mailbox("Kim, Minsu", "a@b.c")]),
        (word("홍길동, 부장") + b"\r\n <h@x.kr>, b@c", [Mailbox("홍길동, 부장", "h@x.kr"), Mailbox("", "b@c")]),
        ("홍길동 <h@x.kr>".encode("cp949"), [Mailbox("홍길동", "h@x.kr")]),
        (b"=?utf-8?Q?Kim,_<Minsu>?= <a@b>", [Mailbox("Kim, <Minsu>", "a@b")]),
        (b"undisclosed-recipients:;", [Group("undisclosed-recipients", ())]),
        (b"Team: a@b, C <c@d>; e@f", [Group("Team", (Mailbox("", "a@b"), Mailbox("C", "c@d"))), Mailbox("", "e@f")]),
        (b"Team: a@b", [Group("Team", (Mailbox("", "a@b"),))]),
        (b"root", [Mailbox("", "root")]),
        (b"John Doe", [Mailbox("John Doe", "")]),
        (b'"john doe"@x.y', [Mailbox("", '"john doe"@x.y')]),
        (b"a@b (Full (nested) Name)", [Mailbox("Full (nested) Name", "a@b")]),
        (b"john . smith @ ex . com", [Mailbox("", "john.smith@ex.com")]),
        (b"a@b; c@d", [Mailbox("", "a@b"), Mailbox("", "c@d")]),
        (b"Kim <a@b> <c@d>", [Mailbox("Kim", "a@b"), Mailbox("", "c@d")]),
        (b"Kim <a@b", [Mailbox("Kim", "a@b")]),
        (b"Kim <a@b, c@d", [Mailbox("Kim", "a@b"), Mailbox("", "c@d")]),
        (b"Kim <a@[192.0.2.1]>", [Mailbox("Kim", "a@[192.0.2.1]")]),
        (b"[TEAM] Kim <a@b>", [Mailbox("[TEAM] Kim", "a@b")]),
        ("홍길동 a@b.com".encode(), [Mailbox("홍길동", "a@b.com")]),
        (b"<@node.test,@b.test:mary@example.net>", [Mailbox("", "mary@example.net")]),
        (b"", []),
        (b"<>", []),
        (b",,;", []),
    ],
)
def test_parse(value, want):
    assert address.parse(value) == want


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        # The display name is no address, the octets inside < > are.
        (b"boss@bank.example <x@evil.example>", "x@evil.example"),
        (b'"boss@bank.example" <x@evil.example>', "x@evil.example"),
        (b"<=?utf-8?Q?boss=40bank.example?=@evil.example>", "=?utf-8?Q?boss=40bank.example?=@evil.example"),
        (b"=?utf-8?Q?boss=40bank.example?=@evil.example", "=?utf-8?Q?boss=40bank.example?=@evil.example"),
        # A second @ belongs to the local part and is quoted, so that the domain is the last.
        (b"<boss@bank.example@evil.example>", '"boss@bank.example"@evil.example'),
        (b"<boss@bank.example\0@evil.example>", '"boss@bank.example\ufffd"@evil.example'),
        (b"(boss@bank.example) x@evil.example", "x@evil.example"),
    ],
)
def test_no_spoofing_of_the_address(value, shown):
    assert [box.address for box in address.flatten(address.parse(value))] == [shown]


def test_number_of_addresses_is_bounded():
    assert len(address.parse(b"a@b," * 5_000)) == address.MAX_ADDRESSES
    assert len(address.parse_raw(b"a@b," * 50, 7)) == 7


def test_raw_form_keeps_encoded_words_and_routes():
    (raw,) = address.parse_raw(b'"=?utf-8?Q?x?= y" <@r.test:a."b c"@d>')
    assert raw == (address.MAILBOX, b"=?utf-8?Q?x?= y", b"@r.test", b"a.b c", b"d")


def test_normalize():
    assert address.normalize(" Foo.Bar@EXAMPLE.com. ") == "foo.bar@example.com"
    assert address.normalize('"foo.bar"@example.com') == "foo.bar@example.com"
    assert address.normalize("a@도메인.한국") == "a@xn--hq1bm8jm9l.xn--3e0b707e"
    assert address.normalize("메일@x.kr") == address.normalize("메일@X.KR")
    assert address.normalize("a@" + "한" * 300 + ".kr") == "a@" + "한" * 300 + ".kr"
    assert address.domain_to_unicode("xn--hq1bm8jm9l.xn--3e0b707e") == "도메인.한국"
    assert address.split_address('"a@b"@c') == ('"a@b"', "c")
    assert address.split_address("root") == ("root", "")


@pytest.mark.parametrize("piece", [b":@", b"a@b:", b"<@a,", b"(\\", b"()", b'"a', b"g:a@b "])
def test_a_hostile_field_takes_no_time(piece):
    """A header of 256 KiB holds so many; what is looked through again for each takes minutes of a whole process."""
    began = time.process_time()
    address.parse((piece * 262_144)[:262_144])
    address.parse(b"x <" + (piece * 262_144)[:262_144])
    assert time.process_time() - began < 5
