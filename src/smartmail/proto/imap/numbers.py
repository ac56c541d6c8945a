"""Sets of sequence numbers or UIDs (RFC 3501 §9 sequence-set): parsing, and the compact text form.

Knows nothing of a mailbox: `view.py` gives a set its meaning.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from smartmail.proto.imap.limits import MAX_NUMBER

STAR: Final = MAX_NUMBER + 1
"""Stands for `*`, the highest number in use; greater than every number."""


@dataclass(frozen=True, slots=True)
class NumberSet:
    """A sequence-set as it was written: pairs (low, high), both included, unsorted, `STAR` for `*`.

    `saved`: it is `$`, the result of the last SEARCH with SAVE (RFC 5182 §2.1), and has no ranges.
    """

    ranges: tuple[tuple[int, int], ...]
    saved: bool = False

    def resolve(self, highest: int) -> list[tuple[int, int]]:
        """Return sorted, disjoint, inclusive ranges with `*` = `highest` (0: nothing is there, the answer is empty).

        RFC 3501 §9: `4:*` with a highest of 2 means 2:4, so the last message is always in `n:*`.
        """
        if not highest:
            return []
        pairs = []
        for low, high in self.ranges:
            first = highest if low == STAR else low
            last = highest if high == STAR else high
            pairs.append((first, last) if first <= last else (last, first))
        return merge(pairs)


SAVED: Final = NumberSet((), saved=True)


def merge(pairs: Iterable[tuple[int, int]]) -> list[tuple[int, int]]:
    """Return the same inclusive ranges sorted, with overlapping and touching ones joined."""
    ordered = sorted(pairs)
    if len(ordered) < 2:
        return ordered
    merged = [ordered[0]]
    for low, high in ordered[1:]:
        last_low, last_high = merged[-1]
        if low > last_high + 1:
            merged.append((low, high))
        elif high > last_high:
            merged[-1] = (last_low, high)
    return merged


def parse_set(text: bytes) -> NumberSet | None:
    """Parse `1:5,7,9:*`; None when it is no sequence-set. Accepts digits, `*`, `:` and `,` only."""
    ranges = []
    for piece in text.split(b","):
        low_text, colon, high_text = piece.partition(b":")
        low = _number(low_text)
        high = _number(high_text) if colon else low
        if not low or not high:
            return None
        ranges.append((low, high) if low <= high else (high, low))
    return NumberSet(tuple(ranges))


def _number(text: bytes) -> int:
    if text == b"*":
        return STAR
    # `isdigit` of bytes is ASCII only; ten digits hold every 32-bit number and keep int() cheap.
    if not text.isdigit() or len(text) > 10 or text[:1] == b"0":
        return 0
    value = int(text)
    return value if value <= MAX_NUMBER else 0


def compact(numbers: Iterable[int]) -> str:
    """Return numbers as a short set: 1,2,3,7 → `1:3,7`. Empty in, empty out.

    Order is kept and only ascending neighbours are joined, as COPYUID wants (RFC 4315 §3).
    """
    pieces: list[str] = []
    low = high = 0
    for number in numbers:
        if number == high + 1 and low:
            high = number
            continue
        if low:
            pieces.append(f"{low}:{high}" if high > low else str(low))
        low = high = number
    if low:
        pieces.append(f"{low}:{high}" if high > low else str(low))
    return ",".join(pieces)


def compact_ranges(ranges: Iterable[tuple[int, int]]) -> str:
    """Return inclusive ranges as a sequence-set."""
    return ",".join(f"{low}:{high}" if high > low else str(low) for low, high in ranges)
