"""Replies: wire form and parser."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.proto.smtp.reply import MAX_LINES, Reply, ReplyParser


def parse(wire):
    parser, outcome = ReplyParser(), None
    for line in wire.split(b"\r\n")[:-1]:
        outcome = parser.feed(line)
    return outcome


def test_wire_form():
    assert Reply(250, "2.1.0", "Ok").encode() == b"250 2.1.0 Ok\r\n"
    assert Reply(250, "", "a\nb\nc").encode() == b"250-a\r\n250-b\r\n250 c\r\n"
    assert Reply(550, "5.7.1", "x\ny").encode() == b"550-5.7.1 x\r\n550 5.7.1 y\r\n"
    assert Reply(354).encode() == b"354 \r\n"


def test_nothing_from_a_peer_can_end_the_line():
    assert Reply(550, "5.1.1", "no\r250 yes\x00").encode() == b"550 5.1.1 no 250 yes \r\n"


def test_lines_are_ascii_and_short():
    wire = Reply(550, "5.7.1", "거부 " + "x" * 9000).encode()
    assert wire.isascii()
    assert len(wire) <= 512


@pytest.mark.parametrize(
    ("wire", "reply"),
    [
        (b"250 2.0.0 Ok\r\n", Reply(250, "2.0.0", "Ok")),
        (b"250\r\n", Reply(250)),
        (b"250 \r\n", Reply(250)),
        (b"550-5.7.1 a\r\n550 5.7.1 b\r\n", Reply(550, "5.7.1", "a\nb")),
        (b"250-host\r\n250-SIZE 1\r\n250 DSN\r\n", Reply(250, "", "host\nSIZE 1\nDSN")),
        (b"550 4.1.1 wrong class\r\n", Reply(550, "", "4.1.1 wrong class")),
        (b"220 2.example.com\r\n", Reply(220, "", "2.example.com")),
        (b"421-4.3.2 a\r\n421 b\r\n", Reply(421, "4.3.2", "a\nb")),
    ],
)
def test_parse(wire, reply):
    assert parse(wire) == reply


@pytest.mark.parametrize(
    "wire", [b"hello\r\n", b"2500 x\r\n", b"199 x\r\n", b"650 x\r\n", b"250-a\r\n251 b\r\n", b"\r\n"]
)
def test_broken_replies_are_told_not_raised(wire):
    assert isinstance(parse(wire), str)


def test_too_many_lines():
    assert isinstance(parse(b"250-x\r\n" * (MAX_LINES + 1)), str)


texts = st.text(st.characters(min_codepoint=32, max_codepoint=126), min_size=1, max_size=50).map(str.strip)


@given(
    st.integers(200, 599), st.lists(texts.filter(lambda t: not t[:1].isdigit()), min_size=1, max_size=5), st.booleans()
)
@settings(max_examples=100, deadline=None)
def test_round_trip(code, lines, enhanced):
    reply = Reply(code, f"{code // 100}.1.2" if enhanced and code // 100 != 3 else "", "\n".join(lines))
    assert parse(reply.encode()) == reply
