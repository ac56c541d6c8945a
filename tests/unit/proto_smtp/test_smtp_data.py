"""Dot-stuffing and the watch for bare CR and LF."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smartmail.proto.smtp.data import ChunkDecoder, DataDecoder, DataEncoder, has_bare

ALPHABET = st.text("\r\n.ab", max_size=40).map(str.encode)
CLEAN = st.lists(st.text(".ab", max_size=6), max_size=12).map(lambda lines: "".join(f"{x}\r\n" for x in lines).encode())


def pieces(data, cuts):
    cuts = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    return [data[a:b] for a, b in zip(cuts, cuts[1:], strict=False)]


def decode(parts):
    decoder, content = DataDecoder(), b""
    for part in parts:
        if decoder.done:
            decoder.rest += part
        else:
            content += decoder.feed(part)
    return decoder, content


def reference(wire):
    """The rules of RFC 5321 written down plainly: content, what follows, and whether it is clean."""
    stream = b"\r\n" + wire
    end = stream.find(b"\r\n.\r\n")
    if end < 0:
        return None
    content = stream[: end + 2].replace(b"\r\n.", b"\r\n")[2:]
    return content, stream[end + 5 :], has_bare_slow(content)


def has_bare_slow(content):
    return any(
        (octet == 10 and content[i - 1 : i] != b"\r") or (octet == 13 and content[i + 1 : i + 2] != b"\n")
        for i, octet in enumerate(content)
    )


@given(ALPHABET, st.lists(st.integers(0, 60), max_size=8))
@settings(max_examples=600, deadline=None)
def test_decoder_agrees_with_the_plain_rules(wire, cuts):
    wire += b"\r\n.\r\nrest"
    content, rest, bare = reference(wire)
    decoder, got = decode(pieces(wire, cuts))
    assert decoder.done
    assert decoder.rest == rest
    assert decoder.bare == bare
    if not bare:
        assert got == content


@given(ALPHABET)
@settings(max_examples=200, deadline=None)
def test_end_is_only_crlf_dot_crlf(wire):
    decoder, _ = decode([wire])
    assert decoder.done == (reference(wire) is not None)


@given(ALPHABET)
@settings(max_examples=200, deadline=None)
def test_has_bare(content):
    assert has_bare(content) == has_bare_slow(content)


@given(CLEAN, st.lists(st.integers(0, 60), max_size=8), st.lists(st.integers(0, 60), max_size=8))
@settings(max_examples=300, deadline=None)
def test_what_the_encoder_writes_the_decoder_reads(content, cuts, other_cuts):
    encoder = DataEncoder()
    wire = b"".join(map(encoder.feed, pieces(content, cuts))) + encoder.finish()
    decoder, got = decode(pieces(wire, other_cuts))
    assert decoder.done
    assert not decoder.bare
    assert (got, decoder.rest) == (content, b"")


@given(st.lists(ALPHABET, max_size=6))
@settings(max_examples=300, deadline=None)
def test_encoder_never_emits_a_bare_line_end(parts):
    encoder = DataEncoder()
    wire = b"".join(map(encoder.feed, parts)) + encoder.finish()
    assert not has_bare_slow(wire)
    assert (b"\r\n" + wire).find(b"\r\n.\r\n") == len(wire) + 2 - 5


@given(CLEAN | ALPHABET, st.lists(st.integers(0, 60), max_size=8))
@settings(max_examples=300, deadline=None)
def test_chunks(content, cuts):
    decoder = ChunkDecoder()
    got = b"".join(map(decoder.feed, pieces(content, cuts)))
    decoder.finish()
    assert decoder.bare == has_bare_slow(content)
    if not decoder.bare:
        assert got == content


@pytest.mark.parametrize("wire", [b"." * 100_000, b".\r" * 50_000, b"\r\n.a" * 50_000])
def test_dots_in_one_byte_feeds_hold_back_little(wire):
    decoder = DataDecoder()
    for i in range(2000):
        decoder.feed(wire[i : i + 1])
        assert len(decoder._tail) <= 4
