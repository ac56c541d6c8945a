"""Stage one alone: what is kept, what is thrown away, what is answered."""

from dataclasses import replace

from smartmail.proto.imap.framing import Ask, Broken, Chunk, Framed, Framer, Head, Stop, Tail
from smartmail.proto.imap.limits import Limits

SMALL = Limits(
    line=100, line_before_login=50, literal=40, literal_before_login=20, literals=3, command=200, swallow=300
)


def frames(data: bytes, limits: Limits = SMALL, *, logged_in: bool = True, accept: bool = True):
    framer = Framer(limits)
    framer.logged_in = logged_in
    framer.feed(data)
    found = []
    while (frame := framer.next()) is not None:
        found.append(frame)
        if isinstance(frame, Head):
            assert accept is not None
            if accept:
                framer.accept()
            else:
                framer.discard()
    return found


def test_lines_and_literals():
    assert frames(b"a NOOP\r\nb X {3}\r\nq\r\n {0+}\r\n y\r\nc\r\n") == [
        Framed(b"a NOOP"),
        Ask(3),
        Framed(b"b X {3}\r\n {0+}\r\n y", (b"q\r\n", b"")),
        Framed(b"c"),
    ]


def test_a_brace_inside_a_line_is_text():
    assert frames(b'a X "{3}" y\r\n') == [Framed(b'a X "{3}" y')]
    assert frames(b"a X {3} \r\n") == [Framed(b"a X {3} ")]


def test_bare_line_feed():
    assert frames(b"a NOOP\nb NOOP\r\n") == [Broken(b"a", "a line ends with CRLF"), Framed(b"b NOOP")]


def test_long_lines_are_thrown_away_with_what_hangs_on_them():
    long = b"a " + b"x" * 200
    assert frames(long + b"\r\nb\r\n") == [Broken(b"a", "line longer than 100 octets"), Framed(b"b")]
    assert frames(long + b" {8+}\r\nz LOGOUT {2+}\r\n\r\n\r\nb\r\n") == [
        Broken(b"a", "line longer than 100 octets"),
        Framed(b"b"),
    ]
    assert frames(b"x" * 60 + b"\r\n", logged_in=False) == [Broken(None, "line longer than 50 octets")]


def test_a_line_without_end_costs_no_memory():
    framer = Framer(replace(SMALL, swallow=10**7))
    framer.logged_in = True
    for _ in range(1_000):
        framer.feed(b"x" * 1_000)
        assert framer.next() is None
        assert framer.buffered <= 1_000
    framer.feed(b"\r\nb\r\n")
    assert framer.next() == Broken(None, "line longer than 100 octets")
    assert framer.next() == Framed(b"b")


def test_a_line_without_end_is_not_swallowed_for_ever():
    assert frames(b"x" * 301) == [Broken(None, "line longer than 100 octets", fatal=True)]


def test_literals_that_are_too_large_or_too_many():
    assert frames(b"a X {41}\r\nb\r\n") == [Broken(b"a", "literal larger than 40 octets"), Framed(b"b")]
    assert frames(b"a X {41+}\r\n" + b"q" * 41 + b"\r\nb\r\n") == [
        Broken(b"a", "literal larger than 40 octets"),
        Framed(b"b"),
    ]
    assert frames(b"a X {21+}\r\n" + b"q" * 21 + b"\r\nb\r\n", logged_in=False)[0] == Broken(
        b"a", "literal larger than 20 octets"
    )
    many = b"a X" + b" {1+}\r\nq" * 4 + b"\r\nb\r\n"
    assert frames(many) == [Broken(b"a", "too many literals"), Framed(b"b")]
    wide = b"a X" + (b" {40+}\r\n" + b"q" * 40) * 3 + b" " + b"y" * 95 + b"\r\nb\r\n"
    assert frames(wide) == [Broken(b"a", "command too long"), Framed(b"b")]


def test_a_stream_that_cannot_be_followed_is_dead():
    assert frames(b"a X {301+}\r\nb NOOP\r\nc NOOP\r\n") == [Broken(b"a", "literal larger than 40 octets", fatal=True)]
    assert frames(b"a X {99999999999+}\r\nb NOOP\r\n")[0].fatal


def test_append_streams():
    assert frames(b"a append x {3+}\r\nabc\r\nb\r\n") == [
        Head(b"a append x {3+}\r\n", (), 3, waits=False, first=True),
        Chunk(b"abc"),
        Stop(),
        Tail(b""),
        Framed(b"b"),
    ]


def test_append_with_a_literal_name_and_two_messages():
    assert frames(b"a APPEND {1}\r\nx {2}\r\nab (k) {1+}\r\nc)\r\n") == [
        Ask(1),
        Head(b"a APPEND {1}\r\n {2}\r\n", (b"x",), 2, waits=True, first=True),
        Chunk(b"ab"),
        Stop(),
        Head(b" (k) {1+}\r\n", (), 1, waits=False, first=False),
        Chunk(b"c"),
        Stop(),
        Tail(b")"),
    ]


def test_append_discarded():
    assert frames(b"a APPEND x {3}\r\nb\r\n", accept=False)[1:] == [Framed(b"b")]
    assert frames(b"a APPEND x {3+}\r\nabc {3+}\r\nabc\r\nb\r\n", accept=False)[1:] == [Framed(b"b")]
    assert frames(b"a APPEND x {3+}\r\nabc {3}\r\nb\r\n", accept=False)[1:] == [Framed(b"b")]


def test_raw_lines_are_cut_not_kept():
    framer = Framer(SMALL)
    framer.feed(b"DONE\r\nx")
    assert framer.line(10) == b"DONE"
    assert framer.line(10) is None
    for _ in range(100):
        framer.feed(b"y" * 100)
        assert framer.line(10) is None
        assert framer.buffered <= 12
    framer.feed(b"\r\nb\r\n")
    assert len(framer.line(10)) > 10
    assert framer.next() == Framed(b"b")
