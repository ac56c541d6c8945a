"""EGG archives of ALZip ("EGG format specification" 1.0 of ESTsoft): files of blocks, each packed by its own method.

Read: stored, deflate, bzip2, LZMA. Told and not read: AZO, encrypted files and names, split and solid archives.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from smartmail.formats import charset
from smartmail.formats.extract import inflating
from smartmail.formats.extract.members import Entry
from smartmail.formats.extract.out import Out, Problem, Unreadable

MAGIC: Final = b"EGGA"
_HEADER: Final = 14
_SPLIT, _SOLID, _ALL_ENCRYPTED = 0x24F5A262, 0x24E5A060, 0x08D144A8
_FILE, _NAME, _ENCRYPTED, _BLOCK, _END = 0x0A8590E3, 0x0A8591AC, 0x08D1470F, 0x02B50C13, 0x08E28222
_FIELDS: Final = frozenset((
    _SPLIT, _SOLID, _ALL_ENCRYPTED, _NAME, _ENCRYPTED, 0x04C63672, 0x2C86950B, 0x1EE922E5, 0x07463307, 0xFFFF0000,
))  # fmt: skip
_WINDOWS: Final = 0x2C86950B
_DIRECTORY: Final = 0x80
_LONG, _VEILED, _LOCALE, _PARENT = 0x01, 0x04, 0x08, 0x10
_BLOCK_FIELDS: Final = struct.Struct("<BBIII")  # method, hint, size, packed size, CRC-32
_STORED, _DEFLATED, _BZIP2, _LZMA = 0, 1, 2, 4
_LZMA_HEAD: Final = 4  # version of the library, size of the properties
_MAX_FIELDS: Final = 100
_MAX_BLOCKS: Final = 100_000
_UTF8, _LOCALES = "utf-8", {949: "cp949", 932: "cp932", 936: "gb18030", 950: "cp950", 65_001: "utf-8"}

_Block = tuple[int, int, int, memoryview]
"""Method, size, CRC-32, packed octets."""


class _Walk:
    """A place in the archive. Raises Unreadable behind its end."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.at = _HEADER

    def number(self, size: int) -> int:
        if self.at + size > len(self.octets):
            raise Unreadable("damaged")
        value = int.from_bytes(self.octets[self.at : self.at + size], "little")
        self.at += size
        return value

    def peek(self) -> int:
        """Return the next magic, 0 at the end."""
        return int.from_bytes(self.octets[self.at : self.at + 4].ljust(4, b"\0"), "little")

    def field(self) -> tuple[int, bytes]:
        """Return flags and octets of the field at hand, behind its magic."""
        flags = self.number(1)
        size = self.number(4 if flags & _LONG else 2)
        body = self.octets[self.at : self.at + size]
        self.at += size
        return flags, body

    def fields(self) -> Iterator[tuple[int, int, bytes]]:
        """Give (magic, flags, octets) up to the end mark, which is left behind."""
        for _ in range(_MAX_FIELDS):
            magic = self.number(4)
            if magic == _END:
                return
            if magic not in _FIELDS:
                raise Unreadable("damaged")
            yield (magic, *self.field())
        raise Unreadable("damaged")


def entries(out: Out, octets: bytes) -> Iterator[Entry]:
    """Give the files of an archive. Raises Unreadable where it breaks, after the files before it, and Enough."""
    walk = _Walk(octets)
    whole: Problem | None = None
    for magic, _, _ in walk.fields():
        if magic in {_SPLIT, _SOLID, _ALL_ENCRYPTED}:
            whole = whole or ("encrypted" if magic == _ALL_ENCRYPTED else "unsupported")
    while (magic := walk.peek()) not in {_END, 0}:
        out.tick()
        if magic in _FIELDS:
            walk.number(4)
            walk.field()  # a comment of the archive
        elif magic == _FILE:
            yield from _file(out, walk, whole)
        elif magic == _BLOCK:
            _blocks(walk)  # of a solid archive, whose files stand before them
        else:
            raise Unreadable("damaged")
    if magic != _END:
        raise Unreadable("damaged")


def _file(out: Out, walk: _Walk, problem: Problem | None) -> Iterator[Entry]:
    walk.number(8)  # magic and number
    size = walk.number(8)
    name, is_directory = "", False
    for magic, flags, body in walk.fields():
        if magic == _NAME:
            name = _name(flags, body)
            problem = "encrypted" if flags & _VEILED else problem
        elif magic == _ENCRYPTED:
            problem = "encrypted"
        elif magic == _WINDOWS:
            is_directory = len(body) >= 9 and bool(body[8] & _DIRECTORY)
    blocks = _blocks(walk)
    if blocks or not is_directory:
        yield Entry(name, size, lambda: _pieces(out, blocks), problem)


def _name(flags: int, body: bytes) -> str:
    if flags & _VEILED:
        return ""
    label = _UTF8
    if flags & _LOCALE:
        label, body = _LOCALES.get(int.from_bytes(body[:2], "little"), ""), body[2:]
    if flags & _PARENT:
        body = body[4:]
    return charset.decode(body, label or None)[0].replace("\\", "/")


def _blocks(walk: _Walk) -> list[_Block]:
    found: list[_Block] = []
    while walk.peek() == _BLOCK:
        walk.number(4)
        start = walk.at
        walk.at += _BLOCK_FIELDS.size
        if walk.at > len(walk.octets) or len(found) >= _MAX_BLOCKS:
            raise Unreadable("damaged")
        method, _, size, packed, crc = _BLOCK_FIELDS.unpack_from(walk.octets, start)
        for _ in walk.fields():
            pass
        found.append((method, size, crc, memoryview(walk.octets)[walk.at : walk.at + packed]))
        walk.at += packed
    return found


def _pieces(out: Out, blocks: list[_Block]) -> Iterator[bytes]:
    for method, size, crc, packed in blocks:
        found, length = 0, 0
        for piece in _unpacked(out, method, packed, size):
            found, length = zlib.crc32(piece, found), length + len(piece)
            yield piece
        if found != crc or length != size:
            raise Unreadable("damaged")


def _unpacked(out: Out, method: int, packed: memoryview, size: int) -> Iterator[bytes]:
    if method == _STORED:
        return inflating.stored(out, packed)
    if method == _DEFLATED:
        return inflating.deflated(out, packed)
    if method == _BZIP2:
        return inflating.bzipped(out, packed)
    if method != _LZMA:
        raise Unreadable("unsupported")
    properties = int.from_bytes(packed[2:_LZMA_HEAD], "little")
    body = packed[_LZMA_HEAD + properties :]
    chain = [inflating.lzma_filter(bytes(packed[_LZMA_HEAD : _LZMA_HEAD + properties]))]
    return inflating.raw(out, body, chain, size)
