"""What a clause has found in segments: messages as bits become messages by id, or by time for who wants the newest."""

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import compress
from typing import Any, Protocol

from smartmail.domain.ids import MessageId
from smartmail.formats.search import postings
from smartmail.formats.search.segment import Contents

Hit = tuple[int, MessageId]
"""When received, and which message: hits sort by time."""


class Hits(Protocol):
    """What one clause has found so far: sure ones, and those whose text must be looked at."""

    def add(self, received_at: int, message_id: MessageId) -> None:
        """Take in a message that matches."""

    def keep(self, inside: Contents, sure: int, maybe: int, size: int) -> None:
        """Take in messages of a segment, as bits of its width."""


@dataclass(slots=True)
class Everything:
    """Hits by message alone: of a million in no time that matters."""

    sure: set[MessageId] = field(default_factory=set)
    maybe: list[MessageId] = field(default_factory=list)

    def add(self, received_at: int, message_id: MessageId) -> None:
        self.sure.add(message_id)

    def keep(self, inside: Contents, sure: int, maybe: int, size: int) -> None:
        self.sure.update(_picked(inside.ids, sure, size))
        self.maybe += _picked(inside.ids, maybe, size)


@dataclass(slots=True)
class ByTime:
    """Hits with their times."""

    sure: list[Hit] = field(default_factory=list)
    maybe: list[Hit] = field(default_factory=list)

    def add(self, received_at: int, message_id: MessageId) -> None:
        self.sure.append((received_at, message_id))

    def keep(self, inside: Contents, sure: int, maybe: int, size: int) -> None:
        for those, bits in ((self.sure, sure), (self.maybe, maybe)):
            those += zip(_picked(inside.times, bits, size), _picked(inside.ids, bits, size), strict=True)

    def newer_than(self, bound: int) -> "ByTime":
        """Take out the hits that were received after a time."""
        taken = ByTime(*([hit for hit in those if hit[0] > bound] for those in (self.sure, self.maybe)))
        self.sure, self.maybe = ([hit for hit in those if hit[0] <= bound] for those in (self.sure, self.maybe))
        return taken


class Lookup:
    """Term → messages of one segment as bits; each list is read once."""

    def __init__(self, lists: dict[tuple[int, str], memoryview], segment_id: int, size: int) -> None:
        self._lists = lists
        self._id = segment_id
        self._size = size
        self._known: dict[str, int] = {}

    def __call__(self, term: str) -> int:
        known = self._known.get(term)
        if known is None:
            list_ = self._lists.get((self._id, term))
            known = self._known[term] = 0 if list_ is None else postings.bits_of(list_, self._size)
        return known


def _picked(values: "array[int]", bits: int, size: int) -> Iterable[Any]:
    """Return the values of the messages whose bits are set."""
    if not bits:
        return ()
    if bits.bit_count() < size:
        return [values[at] for at in postings.positions(bits, size)]
    return compress(values, postings.flags(bits, size))
