"""How much of a message a model has met before: words that stand side by side, characters in twos, in a table of bits.

NAME        familiar
PURPOSE     A model that learned from one trade has a weight for every word of another, and what it says there is chance: of single
            words both trades hold the same ones. Pairs tell them apart: mail of the same kind shares two thirds of them,
            letters of another trade in the same language less than half.
LIMITS      `SIZE` bytes for an organisation; `MAX_PAIRS` of a message. What was learned once is never forgotten here: a lesson
            that is taken back leaves the model acquainted with its words and nothing else.
SECURITY    As weights: sealed by whoever keeps it.
"""

import zlib
from array import array
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from smartmail.formats.spam.packing import inflated

BITS: Final = 21
SIZE: Final = 1 << BITS - 3
MAX_PAIRS: Final = 300
_MASK: Final = (1 << BITS) - 1
STRANGE, HOME = 0.3, 0.7
"""Shares of known pairs from which on a model is heard at all, and heard whole (docs/spam-quality.md)."""


def pair_numbers(tokens: Iterable[str]) -> "array[int]":
    """Return the numbers of the pairs among the tokens of a text (features.py), the first `MAX_PAIRS`."""
    pairs = islice(filter(_is_pair, tokens), MAX_PAIRS)
    return array("I", {zlib.crc32(one.encode("utf-8", "replace")) & _MASK for one in pairs})


def _is_pair(token: str) -> bool:
    if not token.isascii() and len(token) == 2:
        return True
    return len(token) > 4 and " " in token and "_" not in token and not token.startswith("s:")


class Familiar:
    """Pairs that lessons held."""

    __slots__ = ("_bits",)

    def __init__(self, bits: bytes = b"") -> None:
        self._bits = bytearray(bits) or bytearray(SIZE)

    def note(self, pairs: Iterable[int]) -> None:
        """Remember the pairs of a lesson."""
        bits = self._bits
        for number in pairs:
            bits[number >> 3] |= 1 << (number & 7)

    def share(self, pairs: Sequence[int]) -> float:
        """Return which part of some pairs was met before; one half of a message without any."""
        bits = self._bits
        known = sum(bits[number >> 3] >> (number & 7) & 1 for number in pairs)
        return (known + 1) / (len(pairs) + 2)

    def hearing(self, pairs: Sequence[int]) -> float:
        """Return how far a model is heard of a message with these pairs, 0 to 1."""
        return max(0.0, min(1.0, (self.share(pairs) - STRANGE) / (HOME - STRANGE)))

    def pack(self) -> bytes:
        """Return the stored form: its length in 4 bytes, and the bits made smaller."""
        body = zlib.compress(self._bits, 1)
        return len(body).to_bytes(4, "big") + body

    @classmethod
    def unpack(cls, octets: bytes) -> "tuple[Familiar, bytes]":
        """Return what `pack` stored at the beginning, and the rest. Raises ValueError."""
        end = 4 + int.from_bytes(octets[:4], "big")
        bits = inflated(octets[4:end], SIZE)
        if len(octets) < end or len(bits) != SIZE:
            raise ValueError("pairs that were cut")
        return cls(bits), octets[end:]
