"""RAR archives, of version 4 (technote.txt) and 5 ("RAR 5.0 archive format"): their directory, and what is stored.

Packed files are told as unsupported, as no reader of a free licence is to be had as a library; encrypted ones, and
archives whose directory is encrypted, as encrypted; parts of split archives as unsupported.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from smartmail.formats import charset
from smartmail.formats.extract import inflating
from smartmail.formats.extract.alz import checked
from smartmail.formats.extract.members import Entry
from smartmail.formats.extract.out import Out, Problem, Unreadable

MAGIC: Final = b"Rar!\x1a\x07"
_MAGIC_4, _MAGIC_5 = MAGIC + b"\0", MAGIC + b"\1\0"
_MAX_NAME: Final = 4_096


def entries(out: Out, octets: bytes) -> Iterator[Entry]:
    """Give the files of an archive. Raises Unreadable where it breaks, after the files before it, and Enough."""
    if octets.startswith(_MAGIC_5):
        return _entries_5(out, octets)
    return _entries_4(out, octets)


def _entry(
    out: Out, name: str, size: int, packed: memoryview, crc: int | None, problem: Problem | None, *, is_stored: bool
) -> Entry:
    def pieces() -> Iterator[bytes]:
        if len(packed) < size:
            raise Unreadable("damaged")
        stored = inflating.stored(out, packed[:size])
        return stored if crc is None else checked(stored, crc)

    return Entry(name.replace("\\", "/"), size, pieces, problem or (None if is_stored else "unsupported"))


# --- version 4 ------------------------------------------------------------------------------------------------------

_BLOCK_4: Final = struct.Struct("<HBHH")  # CRC, type, flags, size
_FILE_4: Final = struct.Struct("<IIBIIBBHI")  # packed, size, system, CRC, time, version, method, name size, attributes
_MAIN, _FILE, _END = 0x73, 0x74, 0x7B
_LONG_BLOCK, _LOCKED_HEADERS = 0x8000, 0x0080
_SPLIT, _LOCKED, _DIRECTORY, _WIDE_SIZES, _UNICODE = 0x0003, 0x0004, 0x00E0, 0x0100, 0x0200
_STORED: Final = 0x30


def _entries_4(out: Out, octets: bytes) -> Iterator[Entry]:
    at = len(_MAGIC_4)
    while at + _BLOCK_4.size <= len(octets):
        out.tick()
        _, kind, flags, size = _BLOCK_4.unpack_from(octets, at)
        if kind == _END:
            return
        if size < _BLOCK_4.size or at + size > len(octets):
            break
        if kind == _MAIN and flags & _LOCKED_HEADERS:
            raise Unreadable("encrypted")
        block, data = octets[at : at + size], 0
        if (flags & _LONG_BLOCK or kind == _FILE) and size >= 11:
            data = int.from_bytes(block[7:11], "little")
        if kind == _FILE and size >= 7 + _FILE_4.size:
            fields, place = _FILE_4.unpack_from(block, 7), 7 + _FILE_4.size
            unpacked = fields[1]
            if flags & _WIDE_SIZES and size >= place + 8:
                data |= int.from_bytes(block[place : place + 4], "little") << 32
                unpacked |= int.from_bytes(block[place + 4 : place + 8], "little") << 32
                place += 8
            if flags & _DIRECTORY != _DIRECTORY:
                name = _name_4(block[place : place + fields[7]], is_unicode=bool(flags & _UNICODE))
                problem: Problem | None = "encrypted" if flags & _LOCKED else "unsupported" if flags & _SPLIT else None
                packed = memoryview(octets)[at + size : at + size + data]
                yield _entry(out, name, unpacked, packed, fields[3], problem, is_stored=fields[6] == _STORED)
        at += size + data
    raise Unreadable("damaged")


def _name_4(raw: bytes, *, is_unicode: bool) -> str:
    plain, cut, coded = raw.partition(b"\0")
    if not is_unicode:
        return charset.decode(plain)[0]
    return _wide_name(plain, coded) if cut else charset.decode(raw, "utf-8")[0]


def _wide_name(plain: bytes, coded: bytes) -> str:
    """Undo the packing of a Unicode name: two bits for each step say how it is written."""
    units: list[int] = []
    high = coded[0] if coded else 0
    at, flags, bits = 1, 0, 0
    while at < len(coded) and len(units) < _MAX_NAME:
        if not bits:
            flags, bits, at = coded[at], 8, at + 1
            continue
        bits -= 2
        step = flags >> bits & 3
        piece = coded[at : at + 2].ljust(2, b"\0")
        if step < 2:
            units.append(piece[0] | (high << 8 if step else 0))
            at += 1
        elif step == 2:
            units.append(piece[0] | piece[1] << 8)
            at += 2
        else:
            at += 2 if piece[0] & 0x80 else 1
            veil, top = (piece[1], high << 8) if piece[0] & 0x80 else (0, 0)
            there = plain[len(units) : len(units) + (piece[0] & 0x7F) + 2]
            units += [(one + veil & 0xFF) | top for one in there]
    return struct.pack(f"<{len(units)}H", *units).decode("utf-16-le", "replace")


# --- version 5 ------------------------------------------------------------------------------------------------------

_FILE_5, _LOCKED_5, _END_5 = 2, 4, 5
_HAS_EXTRA, _HAS_DATA, _SPLIT_5 = 0x01, 0x02, 0x18
_IS_DIRECTORY, _HAS_TIME, _HAS_CRC = 0x01, 0x02, 0x04
_EXTRA_LOCKED, _EXTRA_REDIRECTED = 1, 5
_MAX_HEADER: Final = 2 << 20


class _Walk:
    """A place in a header. Raises Unreadable behind its end."""

    def __init__(self, octets: bytes, at: int, end: int) -> None:
        self.octets, self.at, self.end = octets, at, min(end, len(octets))

    def number(self) -> int:
        value, shift = 0, 0
        while self.at < self.end and shift < 70:
            octet = self.octets[self.at]
            self.at += 1
            value |= (octet & 0x7F) << shift
            if octet < 0x80:
                return value
            shift += 7
        raise Unreadable("damaged")

    def take(self, size: int) -> bytes:
        if size > self.end - self.at:
            raise Unreadable("damaged")
        self.at += size
        return self.octets[self.at - size : self.at]


def _entries_5(out: Out, octets: bytes) -> Iterator[Entry]:
    at = len(_MAGIC_5)
    while at + 7 <= len(octets):
        out.tick()
        size = _Walk(octets, at + 4, len(octets))
        length = size.number()
        end = size.at + length
        if length > _MAX_HEADER or end > len(octets):
            break
        if zlib.crc32(octets[at + 4 : end]) != int.from_bytes(octets[at : at + 4], "little"):
            break
        walk = _Walk(octets, size.at, end)
        kind, flags = walk.number(), walk.number()
        extra = walk.number() if flags & _HAS_EXTRA else 0
        data = walk.number() if flags & _HAS_DATA else 0
        if kind == _LOCKED_5:
            raise Unreadable("encrypted")
        if kind == _END_5:
            return
        if kind == _FILE_5:
            split: Problem | None = "unsupported" if flags & _SPLIT_5 else None
            yield from _file_5(out, walk, extra, memoryview(octets)[end : end + data], split)
        at = end + data
    raise Unreadable("damaged")


def _file_5(out: Out, walk: _Walk, extra: int, packed: memoryview, problem: Problem | None) -> Iterator[Entry]:
    flags, size = walk.number(), walk.number()
    walk.number()  # attributes
    if flags & _HAS_TIME:
        walk.take(4)
    crc = int.from_bytes(walk.take(4), "little") if flags & _HAS_CRC else None
    method = walk.number() >> 7 & 7
    walk.number()  # system
    name = charset.decode(walk.take(walk.number()), "utf-8")[0]
    if flags & _IS_DIRECTORY:
        return
    found = _extras(_Walk(walk.octets, walk.end - extra, walk.end)) if extra <= walk.end - walk.at else set()
    if _EXTRA_LOCKED in found:
        problem = "encrypted"
    elif _EXTRA_REDIRECTED in found:  # a link, or once more what another file of the archive holds
        return
    yield _entry(out, name, size, packed, crc, problem, is_stored=method == 0)


def _extras(walk: _Walk) -> set[int]:
    found = set()
    while walk.at < walk.end:
        size = walk.number()
        start = walk.at
        found.add(walk.number())
        walk.at = start + size
    return found
