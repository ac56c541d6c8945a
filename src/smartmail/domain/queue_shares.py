"""Who may have the next slot of the queue: shares of senders, of classes, of destinations. Pure counting.

STRATEGIES  Slots and connections are few, senders many. A sender who has something under way may not take the last
            fifth, neither of all slots nor of a destination's connections: those are for who has nothing under way, so
            that a newcomer never waits for somebody's hundred thousand. Bulk has half of everything at most. Where
            nobody else wants them, four fifths of the slots are one sender's.
"""

from collections import Counter
from typing import TypeVar

from smartmail.domain.queue import class_of

_Key = TypeVar("_Key")

_RESERVED = 5
"""One part in so many is kept for senders with nothing under way."""
_BULK = 2
"""Bulk has one part in so many at most."""


class Shares:
    """What is under way in a process: per lane, per class, per destination."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._total = 0
        self._bulk: Counter[str] = Counter()
        self._lanes: Counter[int] = Counter()
        self._destinations: Counter[str] = Counter()
        self._pairs: Counter[tuple[int, str]] = Counter()

    @property
    def free(self) -> int:
        """Return how many slots nobody has."""
        return self._slots - self._total

    def under_way(self, destination: str) -> int:
        """Return how many pieces of work a destination has."""
        return self._destinations[destination]

    def admits(self, lane: int, destination: str, limit: int) -> bool:
        """Say whether a lane may have one more, to a destination that takes `limit` at a time."""
        used = self._destinations[destination]
        if self._total >= self._slots or used >= limit:
            return False
        if class_of(lane) == "bulk" and (
            self._bulk[""] >= max(1, self._slots // _BULK) or self._bulk[destination] >= max(1, limit // _BULK)
        ):
            return False
        if self._lanes[lane] and self.free <= self._slots // _RESERVED:
            return False
        # A destination of one or two connections has nothing to keep back.
        kept = max(1, limit // _RESERVED) if limit > 2 else 0
        return not (self._pairs[lane, destination] and used >= limit - kept)

    def begin(self, lane: int, destination: str) -> None:
        """Count one more."""
        self._count(lane, destination, 1)

    def end(self, lane: int, destination: str) -> None:
        """Count one less."""
        self._count(lane, destination, -1)

    def _count(self, lane: int, destination: str, by: int) -> None:
        self._total += by
        _add(self._lanes, lane, by)
        _add(self._destinations, destination, by)
        _add(self._pairs, (lane, destination), by)
        if class_of(lane) == "bulk":
            _add(self._bulk, "", by)
            _add(self._bulk, destination, by)


def _add(counts: Counter[_Key], key: _Key, by: int) -> None:
    counts[key] += by
    if counts[key] <= 0:
        del counts[key]
