"""Compound files ([MS-CFB]): the little file system in one file that HWP 5, older Office and .msg are kept in.

Every chain is followed at most as far as the file has sectors, every entry is visited once: loops end.
"""

import copy
import struct
from typing import Final

import msgspec

from smartmail.formats.extract.out import Out, Unreadable

MAGIC: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"

_LAST_REGULAR: Final = 0xFFFFFFF9  # above: DIFAT, FAT, end of chain, free
_NONE: Final = 0xFFFFFFFF
_STORAGE, _STREAM, _ROOT = 1, 2, 5
_ENTRY: Final = 128
_MAX_ENTRIES: Final = 20_000
_HEADER: Final = 512


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A storage or stream. `start`: its first sector."""

    path: tuple[str, ...]
    is_stream: bool
    start: int
    size: int


class CompoundFile:
    """The streams of a compound file: `entries` by their path in lower case. Raises Unreadable("damaged")."""

    def __init__(self, out: Out, octets: bytes) -> None:
        if len(octets) < _HEADER or not octets.startswith(MAGIC):
            raise Unreadable("damaged")
        self._out = out
        self._octets = octets
        shift, mini_shift = struct.unpack_from("<HH", octets, 30)
        if shift not in {9, 12} or mini_shift != 6:
            raise Unreadable("damaged")
        self._size, self._mini_size = 1 << shift, 1 << mini_shift
        self._sectors = len(octets) // self._size
        (directory,) = struct.unpack_from("<I", octets, 48)
        self._cutoff, mini_fat, _, difat, _ = struct.unpack_from("<5I", octets, 56)
        self._fat = self._numbers(b"".join(map(self._sector, self._fat_sectors(difat))))
        self._mini_fat = self._numbers(self._chain(mini_fat, len(octets)))
        self._mini = b""
        self.entries: dict[tuple[str, ...], Entry] = {}
        self._read_directory(self._chain(directory, _MAX_ENTRIES * _ENTRY))

    def find(self, *path: str) -> Entry | None:
        """Return the stream of this path, in any case of letters."""
        entry = self.entries.get(tuple(part.lower() for part in path))
        return entry if entry is not None and entry.is_stream else None

    def under(self, *path: str) -> list[Entry]:
        """Return the streams and storages directly inside a storage."""
        prefix = tuple(part.lower() for part in path)
        return [entry for key, entry in self.entries.items() if key[:-1] == prefix]

    def inside(self, path: tuple[str, ...]) -> "CompoundFile":
        """Return what a storage holds as if it were a file of its own; `path` as in `entries`."""
        view = copy.copy(self)
        view.entries = {key[len(path) :]: entry for key, entry in self.entries.items() if key[: len(path)] == path}
        return view

    def read(self, entry: Entry) -> bytes:
        """Return the octets of a stream; of a broken chain what is there. Raises Enough."""
        size = min(entry.size, len(self._octets))
        self._out.unpacked(size)  # many entries may claim the same sectors
        if entry.size >= self._cutoff:
            return self._chain(entry.start, size)
        return self._mini_chain(entry.start, size)

    def _sector(self, number: int) -> bytes:
        at = (number + 1) * self._size
        return self._octets[at : at + self._size]

    def _numbers(self, octets: bytes) -> tuple[int, ...]:
        return struct.unpack(f"<{len(octets) // 4}I", octets[: len(octets) // 4 * 4])

    def _fat_sectors(self, difat: int) -> list[int]:
        """Return the sectors that hold the allocation table: 109 in the header, the others in a chain."""
        numbers = list(struct.unpack_from("<109I", self._octets, 76))
        seen: set[int] = set()
        while difat < self._sectors and difat not in seen:
            seen.add(difat)
            more = self._numbers(self._sector(difat))
            if not more:
                break
            numbers.extend(more[:-1])
            difat = more[-1]
        found = dict.fromkeys(number for number in numbers if number < self._sectors)
        return list(found)

    def _chain(self, start: int, size: int) -> bytes:
        pieces: list[bytes] = []
        number, fat, room = start, self._fat, size
        for _ in range(self._sectors):
            if number > _LAST_REGULAR or number >= len(fat) or room <= 0:
                break
            pieces.append(self._sector(number))
            room -= self._size
            number = fat[number]
        self._out.tick()
        return b"".join(pieces)[:size]

    def _mini_chain(self, start: int, size: int) -> bytes:
        pieces: list[bytes] = []
        number, room, step = start, size, self._mini_size
        for _ in range(len(self._mini_fat)):
            if number >= len(self._mini_fat) or room <= 0:
                break
            pieces.append(self._mini[number * step : number * step + step])
            room -= step
            number = self._mini_fat[number]
        return b"".join(pieces)[:size]

    def _read_directory(self, octets: bytes) -> None:
        raw = [octets[at : at + _ENTRY] for at in range(0, len(octets) - _ENTRY + 1, _ENTRY)]
        if not raw or raw[0][66] != _ROOT:
            raise Unreadable("damaged")
        start, size = struct.unpack_from("<IQ", raw[0], 116)
        self._mini = self._chain(start, min(size, len(self._octets)))
        seen = {0}
        todo: list[tuple[int, tuple[str, ...]]] = [(_links(raw[0])[2], ())]
        while todo:
            number, parent = todo.pop()
            if number >= len(raw) or number in seen:
                continue
            seen.add(number)
            left, right, child = _links(raw[number])
            todo += [(left, parent), (right, parent)]
            entry = _entry(raw[number], parent, small=self._size == 512)
            if entry is None:
                continue
            path = tuple(part.lower() for part in entry.path)
            self.entries.setdefault(path, entry)
            if not entry.is_stream and len(path) < 20:
                todo.append((child, entry.path))


def _links(raw: bytes) -> tuple[int, int, int]:
    left, right, child = struct.unpack_from("<III", raw, 68)
    return left, right, child


def _entry(raw: bytes, parent: tuple[str, ...], *, small: bool) -> Entry | None:
    name_size, kind = struct.unpack_from("<HB", raw, 64)
    if kind not in {_STORAGE, _STREAM}:
        return None
    name = raw[: max(0, min(name_size, 64) - 2)].decode("utf-16-le", "replace")
    start, size = struct.unpack_from("<IQ", raw, 116)
    # [MS-CFB] §2.6.3: version 3 writers may leave rubbish in the upper half.
    return Entry((*parent, name), kind == _STREAM, start, size & 0xFFFFFFFF if small else size)
