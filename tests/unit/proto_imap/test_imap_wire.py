"""Encoders: values → octets."""

import pytest

from smartmail.proto.imap import mutf7, wire
from smartmail.proto.imap.commands import SearchReturn, StatusItem
from smartmail.proto.imap.fetch_items import BodySection, Text
from smartmail.proto.imap.structure import Address, Envelope, Part, body, envelope


def test_strings_choose_their_form():
    assert wire.string(b"") == b'""'
    assert wire.string(b'a "b" \\c') == b'"a \\"b\\" \\\\c"'
    assert wire.string(b"a\r\nb") == b"{4}\r\na\r\nb"
    assert wire.string("회".encode()) == b"{3}\r\n\xed\x9a\x8c"
    assert wire.string("회".encode(), utf8=True) == b'"\xed\x9a\x8c"'
    assert wire.string(b"\xff", utf8=True) == b"{1}\r\n\xff"
    assert wire.string(b"a\x00b") == b'"a?b"'
    assert wire.string(b"x" * 2_000).startswith(b"{2000}\r\n")
    assert wire.nstring(None) == b"NIL"
    assert wire.astring(b"INBOX") == b"INBOX"
    assert wire.astring(b"a b") == b'"a b"'
    assert wire.astring(b"nil") == b'"nil"'
    assert wire.astring(b"") == b'""'


def test_mailbox_names():
    assert wire.mailbox("받은편지함") == b"&vBvHQNO4ycDVaA-"
    assert wire.mailbox("받은편지함", utf8=True) == '"받은편지함"'.encode()
    assert wire.mailbox("R&D") == b"R&-D"
    assert wire.mailbox("R&D", utf8=True) == b"R&D"
    assert wire.mailbox("a b/日本語") == b'"a b/&ZeVnLIqe-"'


@pytest.mark.parametrize(
    ("name", "octets"),
    [
        # RFC 3501 §5.1.3
        ("~peter/mail/台北/日本語", b"~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
        ("Entwürfe", b"Entw&APw-rfe"),
        ("&", b"&-"),
        ("😀", b"&2D3eAA-"),
        ("가&나", b"&rAA-&-&sJg-"),
        ("", b""),
    ],
)
def test_modified_utf7(name, octets):
    assert mutf7.encode(name) == octets
    assert mutf7.decode(octets) == name


@pytest.mark.parametrize(
    "octets",
    [
        b"&",
        b"&a",
        b"&Jjo",
        b"&Jjo!",
        b"&U,BTFw-&ZeVnLIqe-",  # RFC 3501 §5.1.3: superfluous shift
        b"&AGE-",  # an ASCII letter in base64
        b"&AP-",  # bits left over
        b"&2AA-",  # half a surrogate pair
        b"\xec",
        b"a\x00b",
        b"a\tb",
    ],
)
def test_what_is_not_modified_utf7(octets):
    assert mutf7.decode(octets) is None


def test_lines():
    assert wire.list_line("a", ("\\HasNoChildren",)) == b'* LIST (\\HasNoChildren) "/" a\r\n'
    assert wire.list_line("a", (), "") == b"* LIST () NIL a\r\n"
    assert wire.status_line("x y", {StatusItem.SIZE: 5}) == b'* STATUS "x y" (SIZE 5)\r\n'
    assert wire.search_line([]) == b"* SEARCH\r\n"
    assert wire.search_line([2, 84], 917) == b"* SEARCH 2 84 (MODSEQ 917)\r\n"
    assert wire.vanished_line([1, 2, 3, 9], earlier=True) == b"* VANISHED (EARLIER) 1:3,9\r\n"
    assert wire.expunge_lines([3, 1]) == b"* 3 EXPUNGE\r\n* 1 EXPUNGE\r\n"
    assert wire.copy_uid(7, [1, 2, 3], [9, 8, 10]) == b"COPYUID 7 1:3 9,8,10"
    assert wire.permanent_flags(["\\Seen"], any_keyword=True) == b"PERMANENTFLAGS (\\Seen \\*)"
    assert wire.id_line({"name": 'a"b'}) == b'* ID ("name" "a\\"b")\r\n'
    everything = frozenset(SearchReturn)
    assert (
        wire.esearch_line(b"A1", [1, 2, 5], everything, uid=True, modseq=9)
        == b'* ESEARCH (TAG "A1") UID MIN 1 MAX 5 COUNT 3 ALL 1:2,5 MODSEQ 9\r\n'
    )
    partial = BodySection((), Text.TEXT, partial=(10, 20), label=b"BODY[TEXT]")
    assert wire.section_label(partial) == b"BODY[TEXT]<10>"


def test_numbers_are_compact():
    assert wire.numbers([]) == b""
    assert wire.numbers([1]) == b"1"
    assert wire.numbers([1, 2, 3, 4, 5, 7]) == b"1:5,7"
    assert wire.numbers([1, 3, 5, 6]) == b"1,3,5:6"


def test_internal_date():
    # RFC 3501 §2.3.3: the day is padded with a space.
    assert wire.internal_date(0) == b'" 1-Jan-1970 00:00:00 +0000"'
    assert wire.internal_date(837596665, 540) == b'"17-Jul-1996 18:44:25 +0900"'
    assert wire.internal_date(837596665, -210) == b'"17-Jul-1996 06:14:25 -0330"'


def test_long_columns_come_in_pieces():
    uids = range(10, 4_510)
    flags = ["\\Seen" if uid % 2 else "" for uid in uids]
    pieces = list(wire.fetch_columns(range(1, 4_501), "UID %d FLAGS (%s)", [uids, flags]))
    assert [piece.count(b"\r\n") for piece in pieces] == [2_000, 2_000, 500]
    lines = b"".join(pieces).split(b"\r\n")
    assert lines[0] == b"* 1 FETCH (UID 10 FLAGS ())"
    assert lines[4_499] == b"* 4500 FETCH (UID 4509 FLAGS (\\Seen))"
    (by_uid,) = wire.fetch_columns([10], "FLAGS (%s) MODSEQ (%d)", [[""], [55]], uid_only=True)
    assert by_uid == b"* 10 UIDFETCH (FLAGS () MODSEQ (55))\r\n"
    (one,) = wire.fetch_columns([3, 9], "UID %d RFC822.SIZE %d FLAGS (%s)", [[5, 6], [70, 80], ["", "\\Seen $100%"]])
    assert one == (
        b"* 3 FETCH (UID 5 RFC822.SIZE 70 FLAGS ())\r\n* 9 FETCH (UID 6 RFC822.SIZE 80 FLAGS (\\Seen $100%))\r\n"
    )
    assert list(wire.fetch_columns([], "UID %d", [[]])) == []


def test_text_cannot_start_a_line():
    assert wire.condition(b"NO", "a\r\nb OK", b"ALERT") == b"* NO [ALERT] a b OK\r\n"
    assert b"\r\n" not in wire.mailbox("a\r\n* BYE")
    assert wire.text("") == b"."


def test_envelope():
    kim = Address(b"=?utf-8?B?6rmA?=", b"kim", b"example.kr")
    one = Envelope(b"Mon", None, [kim], to=[Address(None, b"a", b"b"), Address(None, b"team", None)], message_id=b"<1>")
    from_ = b'(("=?utf-8?B?6rmA?=" NIL "kim" "example.kr"))'
    assert envelope(one) == b'("Mon" NIL %b %b %b ((NIL NIL "a" "b")(NIL NIL "team" NIL)) NIL NIL NIL "<1>")' % (
        from_,
        from_,
        from_,
    )


def test_body_structure():
    text = Part(parameters=[(b"charset", b"utf-8")], size=12, lines=1)
    image = Part(
        b"IMAGE",
        b"PNG",
        encoding=b"base64",
        size=99,
        disposition=(b"ATTACHMENT", [(b"filename", "회.png".encode())]),
        languages=[b"ko", b"en"],
    )
    mixed = Part(b"multipart", b"mixed", [(b"boundary", b"x")], children=[text, image])
    assert body(mixed, extended=False) == (
        b'(("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 12 1)("image" "png" NIL NIL NIL "base64" 99) "mixed")'
    )
    assert body(mixed, extended=True) == (
        b'(("text" "plain" ("charset" "utf-8") NIL NIL "7bit" 12 1 NIL NIL NIL NIL)'
        b'("image" "png" NIL NIL NIL "base64" 99 NIL ("attachment" ("filename" {7}\r\n\xed\x9a\x8c.png)) ("ko" "en") NIL)'
        b' "mixed" ("boundary" "x") NIL NIL NIL)'
    )
    empty = Part(b"multipart", b"mixed", size=3)
    assert body(empty, extended=False) == b'("application" "octet-stream" NIL NIL NIL "7bit" 3)'


def test_body_structure_does_not_exhaust_the_stack():
    part = Part()
    for _ in range(5_000):
        part = Part(b"multipart", b"mixed", children=[part])
    assert body(part, extended=True).count(b"(") == body(part, extended=True).count(b")")
