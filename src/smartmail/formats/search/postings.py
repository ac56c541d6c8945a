"""Postings: which messages of a segment have a term, and buckets of such lists, as octets.

A segment numbers its messages from 0. A list is either a bitmap of the segment's width (octet 0 bit 0 is message 0) or
gaps of ascending numbers in seven-bit groups, whichever is shorter; what is exactly as long as the width is a bitmap.

Bucket, deflated: number of terms (4 octets), octets of the terms (4), terms parted by LF, length of each list (2 each),
lists.
"""

import zlib
from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import compress
from struct import Struct
from typing import Final

MAX_MESSAGES: Final = 60_000
"""Of one segment: lengths of lists have 16 bits, and no list is longer than the width."""
MAX_BUCKET: Final = 64 << 20
_LEVEL: Final = 3
"""Higher ones gain a hundredth and cost a third more."""
_HEAD: Final = Struct("<II")
_BITS: Final = [bytes(octet >> bit & 1 for bit in range(8)) for octet in range(256)]


def width(messages: int) -> int:
    """Return the octets of a bitmap."""
    return (messages + 7) // 8


def encode(numbers: Sequence[int], size: int) -> bytes:
    """Return the list of ascending numbers in a segment whose bitmaps have `size` octets."""
    if len(numbers) < size:
        gaps = _gaps(numbers)
        if len(gaps) < size:
            return gaps
    bits = bytearray(size)
    for number in numbers:
        bits[number >> 3] |= 1 << (number & 7)
    return bytes(bits)


def _gaps(numbers: Iterable[int]) -> bytes:
    out = bytearray()
    before = -1
    for number in numbers:
        gap = number - before - 1
        before = number
        while gap > 127:
            out.append(gap & 127 | 128)
            gap >>= 7
        out.append(gap)
    return bytes(out)


def numbers_of(octets: bytes | memoryview, size: int) -> list[int]:
    """Return the ascending numbers of a list."""
    if len(octets) == size:
        return positions(int.from_bytes(octets, "little"), size)
    return list(_from_gaps(octets))


def _from_gaps(octets: bytes | memoryview) -> Iterator[int]:
    number, gap, shift = -1, 0, 0
    for octet in octets:
        if octet > 127:
            gap |= (octet & 127) << shift
            shift += 7
            continue
        number += (gap | octet << shift) + 1
        gap = shift = 0
        yield number


def bits_of(octets: bytes | memoryview, size: int) -> int:
    """Return a list as one number: bit n stands for message n."""
    if len(octets) == size:
        return int.from_bytes(octets, "little")
    bits = bytearray(size)
    for number in _from_gaps(octets):
        bits[number >> 3] |= 1 << (number & 7)
    return int.from_bytes(bits, "little")


def positions(bits: int, size: int) -> list[int]:
    """Return the numbers of the bits that are set, ascending."""
    return list(compress(range(8 * size), flags(bits, size)))


def flags(bits: int, size: int) -> bytes:
    """Return one octet, 0 or 1, for each bit: for itertools.compress."""
    return b"".join([_BITS[octet] for octet in bits.to_bytes(size, "little")])


# --- buckets -------------------------------------------------------------------------------------------------------


def pack(lists: dict[str, bytes]) -> bytes:
    """Return a bucket of these lists."""
    terms = "\n".join(lists).encode("utf-8", "surrogatepass")
    lengths = array("H", map(len, lists.values()))
    plain = b"".join([_HEAD.pack(len(lists), len(terms)), terms, lengths.tobytes(), *lists.values()])
    return zlib.compress(plain, _LEVEL)


class Bucket:
    """A bucket being read. Raises ValueError when the octets are none."""

    def __init__(self, packed: bytes) -> None:
        stream = zlib.decompressobj()
        try:
            octets = stream.decompress(packed, MAX_BUCKET)
        except zlib.error as error:
            raise ValueError("no bucket") from error
        if not stream.eof or len(octets) < _HEAD.size:
            raise ValueError("no bucket")
        count, length = _HEAD.unpack_from(octets)
        self._octets = octets
        start = _HEAD.size + length
        self._terms = octets[_HEAD.size : start]
        self._lengths = array("H")
        self._lengths.frombytes(octets[start : start + 2 * count])
        self._start = start + 2 * count
        if self._start + sum(self._lengths) != len(octets):
            raise ValueError("damaged bucket")

    def find(self, term: str) -> memoryview | None:
        """Return the list of a term."""
        try:
            at = self._terms.split(b"\n").index(term.encode("utf-8", "surrogatepass"))
        except ValueError:
            return None
        start = self._start + sum(self._lengths[:at])
        return memoryview(self._octets)[start : start + self._lengths[at]]

    def items(self) -> Iterator[tuple[str, bytes]]:
        """Yield terms with their lists."""
        if not self._lengths:
            return
        at = self._start
        terms = self._terms.decode("utf-8", "surrogatepass").split("\n")
        for term, length in zip(terms, self._lengths, strict=True):
            yield term, self._octets[at : at + length]
            at += length
