"""ALZ archives, which ALZip made before EGG: a chain of files, each behind its own header.

There is no published specification; the layout is that which all open readers share. Encrypted files and the method 3
(deflate with a veiled table) are told and not read; parts of a split archive are read as far as they reach.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

from smartmail.formats import charset
from smartmail.formats.extract import alz_bzip2, inflating
from smartmail.formats.extract.members import Entry
from smartmail.formats.extract.out import Out, Problem, Unreadable

MAGIC: Final = b"ALZ\x01"
_FILE: Final = b"BLZ\x01"
_ENDS: Final = (b"CLZ", b"ELZ")  # the directory; a comment, which is last
_HEAD: Final = struct.Struct("<HBIBB")  # size of the name, attributes, time, descriptor, reserved
_DIRECTORY, _ENCRYPTED = 0x10, 0x01
_SIZES: Final = (1, 2, 4, 8)
_ENCRYPTION_HEADER: Final = 12
_STORED, _BZIP2, _DEFLATED = 0, 1, 2


def entries(out: Out, octets: bytes) -> Iterator[Entry]:
    """Give the files of an archive. Raises Unreadable where the chain breaks, after the files before it, and Enough."""
    at = 8
    while at + 4 <= len(octets):
        if octets[at : at + 3] in _ENDS:
            return
        if not octets.startswith(_FILE, at) or at + 4 + _HEAD.size > len(octets):
            raise Unreadable("damaged")
        out.tick()
        name_size, attributes, _, descriptor, _ = _HEAD.unpack_from(octets, at + 4)
        at += 4 + _HEAD.size
        method, crc, packed, size, width = _STORED, 0, 0, 0, descriptor >> 4
        if width:
            if width not in _SIZES or at + 6 + 2 * width > len(octets):
                raise Unreadable("damaged")
            method, crc = octets[at], int.from_bytes(octets[at + 2 : at + 6], "little")
            packed = int.from_bytes(octets[at + 6 : at + 6 + width], "little")
            size = int.from_bytes(octets[at + 6 + width : at + 6 + 2 * width], "little")
            at += 6 + 2 * width
        name = charset.decode(octets[at : at + name_size])[0].replace("\\", "/")
        at += name_size
        encrypted = bool(descriptor & _ENCRYPTED)
        at += _ENCRYPTION_HEADER if encrypted else 0
        if width or not attributes & _DIRECTORY:
            yield _entry(
                out, name, "encrypted" if encrypted else None, method, crc, size, memoryview(octets)[at : at + packed]
            )
        at += packed
    raise Unreadable("damaged")


def _entry(out: Out, name: str, problem: Problem | None, method: int, crc: int, size: int, packed: memoryview) -> Entry:
    def pieces() -> Iterator[bytes]:
        if method == _STORED:
            return checked(inflating.stored(out, packed), crc)
        if method == _DEFLATED:
            return checked(inflating.deflated(out, packed), crc)
        if method == _BZIP2:
            is_bare = bytes(packed[:3]) != b"BZh"
            return checked((alz_bzip2.unpacked if is_bare else inflating.bzipped)(out, packed), crc)
        raise Unreadable("unsupported")

    return Entry(name, size, pieces, problem)


def checked(pieces: Iterator[bytes], crc: int) -> Iterator[bytes]:
    """Give the pieces of a file. Raises Unreadable after the last when their CRC-32 is not that of the file."""
    found = 0
    for piece in pieces:
        found = zlib.crc32(piece, found)
        yield piece
    if found != crc:
        raise Unreadable("damaged")
