"""How alike two texts are, by digests that tell nothing without the key.

Charikar's simhash over shingles of words: each keyed hash of three words in a row votes on 64 bits. Texts that differ in a
name or a number keep most of their shingles, and so most bits.
"""

import re
from collections.abc import Callable, Sequence

BITS = 64
SHINGLE = 3
MOST_SHINGLES = 2_000
NEAR = 8
"""Bits that may differ. Unrelated texts differ in 32 on the average; below 12 is one pair in ten million."""
LEAST_WORDS = 8
"""Shorter texts are alike by chance."""
_WORD = re.compile(r"[^\W\d_]+")


def digest(text: str, keyed: Callable[[bytes], bytes]) -> bytes:
    """Return the digest of a text, b"" for one too short to compare. `keyed` returns at least 8 octets."""
    words = _WORD.findall(text.casefold())[: MOST_SHINGLES + SHINGLE]
    if len(words) < LEAST_WORDS:
        return b""
    votes = [0] * BITS
    for shingle in {" ".join(words[at : at + SHINGLE]) for at in range(len(words) - SHINGLE + 1)}:
        value = int.from_bytes(keyed(shingle.encode())[:8], "big")
        for bit in range(BITS):
            votes[bit] += 1 if value >> bit & 1 else -1
    return sum(1 << bit for bit, vote in enumerate(votes) if vote > 0).to_bytes(8, "big")


def is_near(one: bytes, other: bytes) -> bool:
    """Say whether two digests are of texts that differ little."""
    return (
        len(one) == len(other) == 8 and (int.from_bytes(one, "big") ^ int.from_bytes(other, "big")).bit_count() <= NEAR
    )


def in_common(one: Sequence[str], other: Sequence[str]) -> bool:
    """Say whether two lists share a value."""
    return not set(one).isdisjoint(other)
