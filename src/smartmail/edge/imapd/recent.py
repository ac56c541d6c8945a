"""Which messages are recent for one session: it was the first to be told of them (RFC 3501 §2.3.2).

Ranges of UIDs: what a session finds when it opens the mailbox, and what arrives later, unless another session was told
first. Must not know the store: who was first is decided there, in one step for all sessions of all nodes.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence


class Recent:
    """Disjoint ranges of UIDs, ascending; both ends belong to them."""

    __slots__ = ("_highs", "_lows")

    def __init__(self) -> None:
        self._lows: list[int] = []
        self._highs: list[int] = []

    def __bool__(self) -> bool:
        return bool(self._lows)

    def __contains__(self, uid: int) -> bool:
        at = bisect_right(self._lows, uid) - 1
        return at >= 0 and uid <= self._highs[at]

    def add(self, low: int, high: int) -> None:
        """Take in a range above all others; an empty one is none."""
        if low > high:
            return
        if self._highs and self._highs[-1] + 1 == low:
            self._highs[-1] = high
        else:
            self._lows.append(low)
            self._highs.append(high)

    def count(self, uids: Sequence[int]) -> int:
        """Return how many of ascending UIDs are recent."""
        pairs = zip(self._lows, self._highs, strict=True)
        return sum(bisect_right(uids, high) - bisect_left(uids, low) for low, high in pairs)
