"""Segments: some hundred or thousand messages whose terms are kept together; building one, and merging several.

Pure and slow (a second for thousands of messages): the caller runs it off the event loop. Buckets come out one by one,
so that the whole of a segment is never held twice.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from struct import Struct
from typing import Final, NamedTuple

from smartmail.formats.search import postings

SMALL: Final = 250
"""Messages that make a segment; fewer are searched by their text."""
MIDDLE: Final = 1_000
LARGE: Final = 5_000
_TERMS_PER_MESSAGE_AND_BUCKET: Final = 5
_MIN_BUCKETS: Final = 16
_MAX_BUCKETS: Final = 1 << 13
BEFORE_ALL: Final = -(1 << 63)
"""A time before which nothing was received: dates of mail may lie before 1970."""
_COUNT: Final = Struct("<I")

Hash = Callable[[str], int]
"""A keyed hash of a term, 32 bits: its lowest bits say in which bucket it lies."""


class Entry(NamedTuple):
    """A message of a segment; `received_at` in milliseconds."""

    message_id: int
    received_at: int


@dataclass(frozen=True)
class Contents:
    """The messages of a segment by their numbers: ascending ids, and when each was received."""

    ids: "array[int]"
    times: "array[int]"

    @cached_property
    def latest(self) -> int:
        """When the newest of them was received."""
        return max(self.times, default=BEFORE_ALL)

    def pack(self) -> bytes:
        """Return the stored form."""
        return _COUNT.pack(len(self.ids)) + self.ids.tobytes() + self.times.tobytes()

    @classmethod
    def unpack(cls, octets: bytes) -> "Contents":
        """Raises ValueError."""
        if len(octets) < _COUNT.size:
            raise ValueError("no list of messages")
        (count,) = _COUNT.unpack_from(octets)
        ids, times = array("q"), array("q")
        ids.frombytes(octets[_COUNT.size : _COUNT.size + 8 * count])
        times.frombytes(octets[_COUNT.size + 8 * count :])
        if len(ids) != count or len(times) != count:
            raise ValueError("damaged list of messages")
        return cls(ids, times)


@dataclass(frozen=True, slots=True)
class Source:
    """A segment to be merged: its messages, those that are dead as bits, how many buckets, and a reader of them."""

    contents: Contents
    dead: int
    buckets: int
    read: Callable[[int], bytes]


def buckets_for(messages: int) -> int:
    """Return how many buckets a segment gets: a power of two, so that buckets of a merge lie in those of its sources."""
    wanted = min(max(messages // _TERMS_PER_MESSAGE_AND_BUCKET, _MIN_BUCKETS), _MAX_BUCKETS)
    return 1 << (wanted - 1).bit_length()


def contents_of(entries: Iterable[Entry]) -> Contents:
    """Return the numbering of messages: by ascending id."""
    ordered = sorted(entries)
    return Contents(array("q", [one.message_id for one in ordered]), array("q", [one.received_at for one in ordered]))


def build(messages: int, terms: Iterable[Iterable[str]], place: Hash) -> Iterator[tuple[int, bytes]]:
    """Yield (number, bucket) of a segment whose n-th message has the n-th terms; empty buckets are left out."""
    size = postings.width(messages)
    numbers: defaultdict[str, list[int]] = defaultdict(list)
    for number, those in enumerate(terms):
        for term in those:
            numbers[term].append(number)
    mask = buckets_for(messages) - 1
    buckets: defaultdict[int, dict[str, bytes]] = defaultdict(dict)
    for term, list_ in numbers.items():
        buckets[place(term) & mask][term] = postings.encode(list_, size)
    for number in sorted(buckets):
        yield number, postings.pack(buckets[number])


class Merge:
    """Several segments becoming one; the dead are left out."""

    def __init__(self, sources: Sequence[Source], place: Hash) -> None:
        self._sources = sources
        self._place = place
        living = [
            (one.contents.ids[number], one.contents.times[number], at, number)
            for at, one in enumerate(sources)
            for number in range(len(one.contents.ids))
            if not one.dead >> number & 1
        ]
        living.sort()
        self.contents = Contents(array("q", [one[0] for one in living]), array("q", [one[1] for one in living]))
        self._renumber = [array("i", [-1]) * len(one.contents.ids) for one in sources]
        for new, (_id, _time, at, number) in enumerate(living):
            self._renumber[at][number] = new
        self._size = postings.width(len(living))
        self.buckets = buckets_for(len(living))

    def run(self) -> Iterator[tuple[int, bytes]]:
        """Yield (number, bucket), empty ones left out. Raises ValueError for a damaged source."""
        step = min([self.buckets, *(one.buckets for one in self._sources)])
        # All terms whose hash ends alike are in the same few buckets of every source.
        for low in range(step):
            numbers = self._gather(low, step)
            parts: defaultdict[int, dict[str, bytes]] = defaultdict(dict)
            for term, list_ in numbers.items():
                list_.sort()
                parts[self._place(term) & self.buckets - 1][term] = postings.encode(list_, self._size)
            for number in sorted(parts):
                yield number, postings.pack(parts[number])

    def _gather(self, low: int, step: int) -> dict[str, list[int]]:
        numbers: defaultdict[str, list[int]] = defaultdict(list)
        for source, renumber in zip(self._sources, self._renumber, strict=True):
            size = postings.width(len(renumber))
            for number in range(low, source.buckets, step):
                octets = source.read(number)
                if not octets:
                    continue
                for term, list_ in postings.Bucket(octets).items():
                    new = [renumber[one] for one in postings.numbers_of(list_, size)]
                    numbers[term] += [one for one in new if one >= 0]
        return {term: list_ for term, list_ in numbers.items() if list_}
