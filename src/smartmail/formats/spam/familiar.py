"""How much of a message a model has met before, and in which lessons: words that stand side by side, characters in twos, as bits.

NAME        familiar
PURPOSE     A model that learned from one trade has a weight for every word of another, and what it says there is chance: of single
            words both trades hold the same ones. Pairs tell them apart: mail of the same kind shares two thirds of them,
            letters of another trade in the same language less than half. Which of them were met in spam and which in good
            lessons of a collection is a second witness apart from the weights: chance leans to neither side.
LIMITS      Three times `SIZE` bytes for an organisation; `MAX_PAIRS` of a message. What was learned once is never forgotten here: a lesson
            that is taken back leaves the model acquainted with its words and nothing else.
SECURITY    As weights: sealed by whoever keeps it. A click makes acquainted and takes no side: nobody moves the mail of others far
            (docs/adr/0019-learned-filter.md).
"""

import struct
import zlib
from array import array
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from smartmail.formats.spam.counts import SCRIPTS, Script
from smartmail.formats.spam.packing import inflated

BITS: Final = 21
SIZE: Final = 1 << BITS - 3
MAX_PAIRS: Final = 300
_MASK: Final = (1 << BITS) - 1
STRANGE, HOME = 0.3, 0.7
"""Shares of known pairs from which on a model is heard at all, and heard whole (docs/spam-quality.md)."""
SIDED_STRANGE, SIDED_HOME = 0.2, 0.4
"""The same where the sides of its lessons are known, which say more."""
LEAN, LEAN_FREE, LEAN_MOST = 16.0, 0.75, 4.0
"""A message leans to spam by so much for each share of pairs that spam rather than good lessons held, from the point on that lies so far
on the way from what good lessons showed to what spam showed: the line follows the lessons, however many there were of each.
"""
LEAST_SIDED: Final = 20
"""Lessons of each side in a script from which on its sides are asked."""
_RECENT: Final = 200
"""Lessons that a side is averaged over, about: the more was learned the more pairs are met."""
_MAX_COUNT: Final = (1 << 32) - 1
_SIDES: Final[tuple[tuple[Script, bool], ...]] = tuple((one, spam) for one in SCRIPTS for spam in (False, True))
_SIDE: Final = struct.Struct("<dI")
_WHOLE: Final = 3 * SIZE + len(_SIDES) * _SIDE.size


def pair_numbers(tokens: Iterable[str]) -> "array[int]":
    """Return the numbers of the pairs among the tokens of a text (features.py), the first `MAX_PAIRS`."""
    pairs = islice(filter(_is_pair, tokens), MAX_PAIRS)
    return array("I", {zlib.crc32(one.encode("utf-8", "replace")) & _MASK for one in pairs})


def _is_pair(token: str) -> bool:
    if not token.isascii() and len(token) == 2:
        return True
    return len(token) > 4 and " " in token and "_" not in token and not token.startswith("s:")


class Side:
    """What the lessons of one side in one script showed before they were learned: their mean, and how many there were."""

    __slots__ = ("count", "mean")

    def __init__(self, mean: float = 0.0, count: int = 0) -> None:
        self.mean = mean
        self.count = count

    def add(self, shown: float) -> None:
        """Count a lesson."""
        self.count = min(self.count + 1, _MAX_COUNT)
        self.mean += (shown - self.mean) / min(self.count, _RECENT)


class Familiar:
    """Pairs that lessons held: any lessons, good ones of a collection, spam of a collection."""

    __slots__ = ("_bad", "_good", "_met", "_sides")

    def __init__(self, met: bytes = b"", good: bytes = b"", bad: bytes = b"", sides: Sequence[Side] = ()) -> None:
        self._met, self._good, self._bad = (bytearray(one) or bytearray(SIZE) for one in (met, good, bad))
        self._sides = dict(zip(_SIDES, sides or [Side() for _ in _SIDES], strict=True))

    def meet(self, pairs: Sequence[int]) -> None:
        """Remember the pairs of a lesson that takes no side."""
        _set(self._met, pairs)

    def note(self, pairs: Sequence[int], script: Script, *, spam: bool) -> None:
        """Remember the pairs of a lesson of a collection."""
        self._sides[script, spam].add(self._shown(pairs))
        _set(self._met, pairs)
        _set(self._bad if spam else self._good, pairs)

    def share(self, pairs: Sequence[int]) -> float:
        """Return which part of some pairs was met before; one half of a message without any."""
        return (_known(self._met, pairs) + 1) / (len(pairs) + 2)

    def hearing(self, pairs: Sequence[int], script: Script) -> float:
        """Return how far a model is heard of a message with these pairs, 0 to 1."""
        strange, home = (SIDED_STRANGE, SIDED_HOME) if self.is_sided(script) else (STRANGE, HOME)
        return max(0.0, min(1.0, (self.share(pairs) - strange) / (home - strange)))

    def is_sided(self, script: Script) -> bool:
        """Say whether enough of both sides was taught in a script."""
        return min(self._sides[script, spam].count for spam in (False, True)) >= LEAST_SIDED

    def leaning(self, pairs: Sequence[int], script: Script) -> float:
        """Return what the sides of the lessons with these pairs add to z; nothing where too little was taught."""
        if not self.is_sided(script):
            return 0.0
        good, bad = (self._sides[script, spam].mean for spam in (False, True))
        return max(-LEAN_MOST, min(LEAN_MOST, LEAN * (self._shown(pairs) - good - LEAN_FREE * (bad - good))))

    def _shown(self, pairs: Sequence[int]) -> float:
        return (_known(self._bad, pairs) - _known(self._good, pairs)) / (len(pairs) + 2)

    def pack(self) -> bytes:
        """Return the stored form: its length in 4 bytes, and the rest made smaller."""
        plain = bytes(self._met)
        if any(one.count for one in self._sides.values()):
            plain += bytes(self._good + self._bad) + b"".join(
                _SIDE.pack(one.mean, one.count) for one in self._sides.values()
            )
        body = zlib.compress(plain, 1)
        return len(body).to_bytes(4, "big") + body

    @classmethod
    def unpack(cls, octets: bytes) -> "tuple[Familiar, bytes]":
        """Return what `pack` stored at the beginning, and the rest. Raises ValueError."""
        end = 4 + int.from_bytes(octets[:4], "big")
        plain = inflated(octets[4:end], _WHOLE)
        if len(octets) < end or len(plain) not in {SIZE, _WHOLE}:
            raise ValueError("pairs that were cut")
        sides = [Side(*one) for one in _SIDE.iter_unpack(plain[3 * SIZE :])]
        return cls(plain[:SIZE], plain[SIZE : 2 * SIZE], plain[2 * SIZE : 3 * SIZE], sides), octets[end:]


def _set(bits: bytearray, pairs: Iterable[int]) -> None:
    for number in pairs:
        bits[number >> 3] |= 1 << (number & 7)


def _known(bits: bytearray, pairs: Iterable[int]) -> int:
    return sum(bits[number >> 3] >> (number & 7) & 1 for number in pairs)
