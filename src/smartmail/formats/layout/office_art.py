"""Drawings of Office before XML ([MS-ODRAW], [MS-PPT] §2.3.1): records in records, properties of shapes, the octets of pictures.

LIMITS    MAX_RECORDS of one document are looked at, however often they point at each other; MAX_TAKEN octets of one.
FAILURE   None: beyond the end of the octets there are no records, and numbers are 0.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from smartmail.formats.extract.out import Enough, Out

MAX_RECORDS: Final = 500_000
MAX_TAKEN: Final = 8 << 20
_HEAD: Final = 8
_ALL: Final = 0xF  # the version of a record that holds others

BLIP_STORE, STORE_ENTRY = 0xF001, 0xF007
DRAWING, GROUP, SHAPE, GROUP_PLACE, SHAPE_ID, PROPERTIES = 0xF002, 0xF003, 0xF004, 0xF009, 0xF00A, 0xF00B
TEXT_BOX, CHILD_ANCHOR, ANCHOR, CLIENT_DATA = 0xF00D, 0xF00F, 0xF010, 0xF011
_JPEG, _PNG, _DIB, _JPEG_CMYK = 0xF01D, 0xF01E, 0xF01F, 0xF02A
_PICTURES: Final = frozenset({_JPEG, _PNG, _DIB, _JPEG_CMYK})
_TWO_NAMES: Final = frozenset({0x46B, 0x6E3, 0x6E1, 0x7A9})
"""Instances of pictures that carry two digests before their octets."""
_ENTRY: Final = 36
_BIT_FIELDS: Final = 3


class Record(msgspec.Struct, frozen=True, gc=False):
    """A record; its payload lies from `start` to `end` of its octets."""

    kind: int
    instance: int
    holds: bool
    start: int
    end: int


def number(octets: bytes, at: int, size: int = 4, *, signed: bool = False) -> int:
    """Return a number, 0 beyond the end."""
    return int.from_bytes(octets[at : at + size], "little", signed=signed) if at >= 0 else 0


class Records:
    """The records of one stream."""

    def __init__(self, out: Out, octets: bytes) -> None:
        self.octets = octets
        self.out = out
        self._room = MAX_RECORDS

    def at(self, start: int) -> Record | None:
        """Return the record that begins here."""
        return next(self.between(start, len(self.octets)), None)

    def between(self, start: int, end: int) -> Iterator[Record]:
        """Give the records of a stretch. Raises Enough."""
        end = min(end, len(self.octets))
        while 0 <= start <= end - _HEAD:
            self._room -= 1
            if self._room < 0:
                self.out.note("limits")
                raise Enough
            if not self._room % 1_000:
                self.out.tick()
            head, kind, size = (number(self.octets, start + at, wide) for at, wide in ((0, 2), (2, 2), (4, 4)))
            inner = start + _HEAD
            start = min(inner + size, end)
            yield Record(kind, head >> 4, head & _ALL == _ALL, inner, start)

    def inside(self, record: Record | None, *kinds: int) -> Iterator[Record]:
        """Give the records right inside another, of these kinds if any. Raises Enough."""
        if record is None:
            return
        for each in self.between(record.start, record.end):
            if not kinds or each.kind in kinds:
                yield each

    def find(self, record: Record | None, *path: int) -> Record | None:
        """Return the first record of a path. Raises Enough."""
        for kind in path:
            record = next(self.inside(record, kind), None)
        return record

    def payload(self, record: Record | None) -> bytes:
        """Return the octets of a record, b"" of none."""
        return b"" if record is None else self.octets[record.start : min(record.end, record.start + MAX_TAKEN)]

    def properties(self, shape: Record | None) -> dict[int, int]:
        """Return the simple properties of a shape (§2.3.1)."""
        found: dict[int, int] = {}
        for table in self.inside(shape, PROPERTIES):
            octets = self.octets[table.start : min(table.end, table.start + table.instance * 6)]
            for at in range(0, len(octets) - 5, 6):
                found.setdefault(number(octets, at, 2) & 0x3FFF, number(octets, at + 2))
        return found


class Store:
    """The pictures of a document by their numbers, from 1; those of a presentation lie in a stream of their own."""

    def __init__(self, records: Records, store: Record | None, delayed: bytes) -> None:
        self._records = records
        self._delayed = Records(records.out, delayed)
        self._entries = list(records.inside(store))

    def octets(self, at: int) -> bytes:
        """Return the octets of a picture, b"" for what no browser draws. Raises Enough."""
        if not 0 < at <= len(self._entries):
            return b""
        entry = self._entries[at - 1]
        if entry.kind != STORE_ENTRY:
            return picture(self._records, entry)
        if found := entry_picture(self._records, entry):
            return found
        far = self._delayed.at(number(self._records.octets, entry.start + 28))
        return b"" if far is None else picture(self._delayed, far)


def entry_picture(records: Records, entry: Record) -> bytes:
    """Return the picture inside an entry of a store, b"" where there is none. Raises Enough."""
    name = number(records.octets, entry.start + 33, 1)
    inner = next(records.between(entry.start + _ENTRY + name, entry.end), None)
    return b"" if inner is None else picture(records, inner)


def picture(records: Records, record: Record) -> bytes:
    """Return the octets of a picture (§2.2.23), b"" for a metafile and what is none. Raises Enough."""
    if record.kind not in _PICTURES:
        return b""
    records.out.unpacked(record.end - record.start)  # many entries may claim the same octets
    octets = records.payload(record)[33 if record.instance in _TWO_NAMES else 17 :]
    return _with_head(octets) if record.kind == _DIB else octets


def _with_head(octets: bytes) -> bytes:
    """Return a bitmap of Windows with the head that it has as a file."""
    size, depth, packing = number(octets, 0), number(octets, 14, 2), number(octets, 16)
    colours = number(octets, 32) or (1 << depth if depth <= 8 else 0)
    begin = 14 + size + min(colours, 256) * 4 + (12 if packing == _BIT_FIELDS and size == 40 else 0)
    return b"BM" + (14 + len(octets)).to_bytes(4, "little") + bytes(4) + begin.to_bytes(8, "little")[:4] + octets
