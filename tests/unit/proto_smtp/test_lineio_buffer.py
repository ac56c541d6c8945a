"""Lines and counted octets out of a stream."""

import time

from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.proto.lineio.buffer import ENDLESS_OCTETS, LineBuffer, LineFault


def lines(parts, limit):
    buffer, told = LineBuffer(), []
    for part in parts:
        buffer.feed(part)
        while (line := buffer.next_line(limit)) is not None:
            told.append(line)
    return told


def test_lines_and_faults():
    assert lines([b"a\r\n\r\nb\nc\rd\r\n\n12345\r\n123456\r\ne\r\n"], 5) == [
        b"a",
        b"",
        LineFault.BARE,
        LineFault.BARE,
        LineFault.BARE,
        b"12345",
        LineFault.TOO_LONG,
        b"e",
    ]


@given(st.text("ab\r\n", max_size=60).map(str.encode), st.lists(st.integers(0, 60), max_size=10))
@settings(max_examples=500, deadline=None)
def test_packets_make_no_difference(data, cuts):
    cuts = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    parts = [data[a:b] for a, b in zip(cuts, cuts[1:], strict=False)]
    assert lines(parts, 5) == lines([data], 5)


def test_endless_line_is_told_and_not_kept():
    buffer = LineBuffer()
    for _ in range(ENDLESS_OCTETS // 1000 + 2):
        buffer.feed(b"x" * 1000)
        fault = buffer.next_line(100)
        assert len(buffer) <= 1000
    assert fault is LineFault.ENDLESS


def test_taking_and_putting_back():
    buffer = LineBuffer()
    for part in (b"one\r\n", b"two", b"three"):
        buffer.feed(part)
    assert buffer.starts_with(b"ONE")
    assert buffer.next_line(10) == b"one"
    assert buffer.take(2) == b"tw"
    assert len(buffer) == 6
    assert buffer.take_all() == b"othree"
    assert not buffer.has_data()
    buffer.feed(b"tail")
    buffer.put_back(b"head ")
    assert buffer.clear() == 9
    assert buffer.take_all() == b""


def test_many_small_feeds_without_reading_are_linear():
    buffer = LineBuffer()
    started = time.process_time()
    for _ in range(200_000):
        buffer.feed(b"NOOP\r\n")
    assert sum(1 for _ in iter(lambda: buffer.next_line(100), None)) == 200_000
    assert time.process_time() - started < 3
