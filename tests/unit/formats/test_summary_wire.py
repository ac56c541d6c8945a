"""Summaries as IMAP and JMAP read them."""

from pathlib import Path

import pytest
from imapclient.response_parser import parse_fetch_response

from smartmail.formats import headers, summary
from smartmail.formats.mime import wire
from smartmail.formats.mime.scanner import Limits, Scanner

# The parser of imapclient recurses: it reads fewer levels than the hundred of broken-deep.
CORPUS = sorted(path for path in (Path(__file__).parents[2] / "corpus").glob("*.eml") if path.stem != "broken-deep")


def tokens(octets):
    """Split an IMAP text into what imapclient expects: a text, and tuples (text up to a literal, literal)."""
    out, start = [], 0
    while (brace := octets.find(b"}\r\n", start)) >= 0:
        length = int(octets[octets.rindex(b"{", 0, brace) + 1 : brace])
        body = brace + 3
        out.append((octets[start : brace + 1], octets[body : body + length]))
        start = body + length
    return [*out, octets[start:]]


def fetch(item, octets):
    return parse_fetch_response(tokens(b"1 (UID 7 " + item + b" " + octets + b")"))[7][item]


@pytest.mark.parametrize("path", CORPUS, ids=lambda path: path.stem)
def test_a_client_reads_the_wire_texts(path):
    made = summary.summarize(path.read_bytes())
    envelope = fetch(b"ENVELOPE", made.envelope)
    header = headers.Header(path.read_bytes()[: made.header_size])
    assert envelope.subject == (None if header.first("subject") is None else headers.unfold(header.first("subject")))
    listed = [one for one in made.from_ if one.group is None and one.address.isascii() and '"' not in one.address]
    if listed and envelope.from_:
        first = envelope.from_[0]
        assert b"%b@%b" % (first.mailbox, first.host) == listed[0].address.encode()
    structure = fetch(b"BODYSTRUCTURE", made.bodystructure)
    compare(structure, [part for part in made.parts if not part.nested], -1)
    fetch(b"BODY", made.body)


def compare(structure, parts, parent):
    if structure.is_multipart:
        index = 0 if parent < 0 else parent
        children = [part for part in parts if part.parent == index]
        assert len(structure[0]) == len(children)
        for inner, part in zip(structure[0], children, strict=True):
            if part.is_multipart:
                assert inner.is_multipart
            elif not part.type.startswith("message/"):
                assert b"%b/%b" % (inner[0].lower(), inner[1].lower()) == part.type.encode()
                assert inner[6] == part.octets


def test_strings_of_the_wire():
    assert wire.string(b'a "b" \\c') == b'"a \\"b\\" \\\\c"'
    assert wire.string(b"\xec\x95\x88") == b"{3}\r\n\xec\x95\x88"
    assert wire.string(b"a\r\nb") == b"{4}\r\na\r\nb"
    assert wire.string(b"a\0\xff") == b"{2}\r\na\xff"
    assert wire.nstring(None) == b"NIL"
    assert wire.string(b"x" * 2_000).startswith(b"{2000}\r\n")


def test_header_fields_equal_those_of_the_message():
    names = ("From", "TO", "Subject", "Date", "Message-ID", "References", "Content-Type", "X-Priority")
    for path in CORPUS:
        message = path.read_bytes()
        made = summary.summarize(message)
        answer = made.header_fields(names)
        if answer is not None:
            assert answer == headers.select(message[: made.header_size], names), path.stem


def test_header_fields_that_cannot_be_answered():
    made = summary.summarize(b"From: a@b\r\nReceived: x\r\n\r\n")
    assert made.header_fields(("From", "Received")) is None
    assert made.header_fields(("한글",)) is None
    assert made.header_fields(()) == b"\r\n"
    long = summary.summarize(b"To: " + b"a@b.example,\r\n " * 5_000 + b"\r\n\r\n")
    assert long.header_fields(("To",)) is None


def test_names_of_kept_fields_fit_the_stored_form():
    assert len(set(summary.KEPT_FIELDS)) == len(summary.KEPT_FIELDS) <= 255
    assert all(name == name.lower() for name in summary.KEPT_FIELDS)


def test_limits_are_told_and_sizes_stay_true():
    message = b"From: a@b\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n" + b"--x\r\n\r\nbody\r\n" * 50
    made = summary.summarize(message, Limits(parts=10))
    assert made.limited
    assert made.size == len(message)
    assert len([part for part in made.parts if part.section]) == 9
    assert not summary.summarize(message).limited


def test_duplicate_address_fields_are_one_list():
    made = summary.summarize(b"To: a@b\r\nTo: c@d\r\n\r\n")
    assert [one.address for one in made.to] == ["a@b", "c@d"]
    assert b'"c" "d"' in made.envelope


def test_scanner_and_whole_message_agree():
    message = CORPUS[5].read_bytes()
    stream = Scanner()
    for octet in message:
        stream.feed(bytes((octet,)))
    assert summary.build(stream.finish()) == summary.summarize(message)
    assert summary.section(summary.scan(message), "TEXT") == summary.summarize(message).section("TEXT")
