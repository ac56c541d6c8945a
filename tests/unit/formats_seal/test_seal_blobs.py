"""Streamed blobs: segments, ranges and everything that must not open."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.formats_seal.unsealed import Unsealed

from smartmail.formats.seal import (
    HEADER_OCTETS,
    SEALED_SEGMENT_OCTETS,
    SEGMENT_OCTETS,
    BlobOpener,
    BlobSealer,
    SealError,
    SealKey,
    sealed_size,
)

KEY = SealKey(bytes(range(32)))
BLOB = bytes(range(16))
PATTERN = bytes(range(251)) * 1100
EDGES = [0, 1, SEGMENT_OCTETS - 1, SEGMENT_OCTETS, SEGMENT_OCTETS + 1, 2 * SEGMENT_OCTETS, 3 * SEGMENT_OCTETS + 7]


def sealed_blob(plain, *, key=KEY, organization=7, blob=BLOB):
    sealer = BlobSealer(key, organization, blob)
    return sealer.update(plain) + sealer.finish()


def opener(size, *, key=KEY, organization=7, blob=BLOB):
    return BlobOpener(key, organization, blob, size)


@pytest.mark.parametrize("size", EDGES)
def test_a_blob_opens_whole(size):
    plain = PATTERN[:size]
    sealed = sealed_blob(plain)
    assert len(sealed) == sealed_size(size)
    assert opener(size).open_whole(sealed) == plain


@given(cuts=st.lists(st.integers(0, 200_000), max_size=8))
@settings(max_examples=40, deadline=None)
def test_chunks_of_any_size_seal_alike(cuts):
    plain = PATTERN[:200_000]
    borders = sorted({0, *cuts, len(plain)})
    sealer = BlobSealer(KEY, 7, BLOB)
    parts = [sealer.update(memoryview(plain)[a:b]) for a, b in zip(borders, borders[1:])]
    assert b"".join(parts) + sealer.finish() == sealed_blob(plain)
    assert sealer.size == len(plain)


@given(start=st.integers(0, 210_000), length=st.integers(0, 210_000), size=st.sampled_from(EDGES))
@settings(max_examples=120, deadline=None)
def test_any_range_reads_only_its_segments(start, length, size):
    plain = PATTERN[:size]
    sealed = sealed_blob(plain)
    blob = opener(size)
    span = blob.segments_for(start, length)
    assert span.length <= (length // SEGMENT_OCTETS + 2) * SEALED_SEGMENT_OCTETS
    got = blob.open_span(span, sealed[span.offset : span.offset + span.length])
    assert got == plain[start : start + length]


def test_a_sealer_keeps_at_most_a_segment_back():
    sealer = BlobSealer(KEY, 7, BLOB)
    out = 0
    for at in range(0, 250_000, 1_000):
        out += len(sealer.update(PATTERN[at : at + 1_000]))
        assert sealer.size - out <= SEGMENT_OCTETS


def test_finishing_twice_is_our_mistake():
    sealer = BlobSealer(KEY, 7, BLOB)
    sealer.finish()
    with pytest.raises(ValueError):
        sealer.finish()


SIZE = 2 * SEGMENT_OCTETS + 500
SEALED = sealed_blob(PATTERN[:SIZE])


def segment(number):
    at = HEADER_OCTETS + number * SEALED_SEGMENT_OCTETS
    return SEALED[at : at + SEALED_SEGMENT_OCTETS]


def damaged(name):
    head = SEALED[:HEADER_OCTETS]
    return {
        "swapped": head + segment(1) + segment(0) + segment(2),
        "doubled": head + segment(0) + segment(0) + segment(2),
        "cut at a border": head + segment(0) + segment(1),
        "cut inside": SEALED[:-1],
        "lengthened": SEALED + b"\0",
        "other suite": SEALED[:4] + b"\2" + SEALED[5:],
        "no header": SEALED[HEADER_OCTETS:],
        "flipped": SEALED[:-600] + bytes([SEALED[-600] ^ 1]) + SEALED[-599:],
        "empty": b"",
    }[name]


@pytest.mark.parametrize(
    "name",
    [
        "swapped",
        "doubled",
        "cut at a border",
        "cut inside",
        "lengthened",
        "other suite",
        "no header",
        "flipped",
        "empty",
    ],
)
def test_a_blob_that_was_touched_does_not_open(name):
    with pytest.raises(SealError):
        opener(SIZE).open_whole(damaged(name))


def test_a_blob_cut_at_a_border_does_not_open_as_a_shorter_one():
    """The last-segment flag, not only the size kept elsewhere, gives the cut away."""
    shorter = SEALED[: HEADER_OCTETS + SEALED_SEGMENT_OCTETS]
    with pytest.raises(SealError):
        opener(SEGMENT_OCTETS).open_whole(shorter)


@pytest.mark.parametrize(
    "reader",
    [
        {"key": SealKey(bytes(32))},
        {"organization": 8},
        {"blob": bytes(16)},
    ],
)
def test_another_key_organisation_or_blob_does_not_open(reader):
    with pytest.raises(SealError):
        opener(SIZE, **reader).open_whole(SEALED)


def test_segments_of_other_blobs_do_not_fit():
    other = sealed_blob(PATTERN[:SIZE], blob=bytes(16))
    mixed = SEALED[: HEADER_OCTETS + SEALED_SEGMENT_OCTETS] + other[HEADER_OCTETS + SEALED_SEGMENT_OCTETS :]
    with pytest.raises(SealError):
        opener(SIZE).open_whole(mixed)


def test_the_unsealed_suite_of_the_bench_has_the_same_shape():
    key = SealKey(bytes(32))
    key.aead = Unsealed(key.octets)
    sealed = sealed_blob(PATTERN[:SIZE], key=key)
    assert len(sealed) == sealed_size(SIZE)
    assert opener(SIZE, key=key).open_whole(sealed) == PATTERN[:SIZE]
