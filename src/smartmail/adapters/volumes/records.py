"""How blobs lie in pack files: pure framing, no files.

    file    "SMPACK1\\n"(8) pack id(8) volume id(16), then records
    record  "SMRC"(4) version(1) 0 0 0 blob id(16) size(8) checksum of the body(4) checksum of what precedes(4), body
    dead    entries of an offset(8) size(8) checksum(4): what was deleted from the pack of the same name

Numbers are big-endian. Checksums are CRC-32: they find damage by accident; against intent the seal's tags stand.
"""

import re
import struct
import zlib
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple

from smartmail.domain.ids import BlobId
from smartmail.ports.blobs import BlobMissing, Location

FILE_MAGIC: Final = b"SMPACK1\n"
FILE_HEADER_OCTETS: Final = 32
RECORD_MAGIC: Final = b"SMRC"
RECORD_HEADER_OCTETS: Final = 40
DEAD_OCTETS: Final = 20

_RECORD = struct.Struct(">4sB3x16sQI")
_CRC = struct.Struct(">I")
_DEAD = struct.Struct(">QQ")
_VERSION = 1


class RecordHeader(NamedTuple):
    """What stands before a blob's sealed octets."""

    blob_id: BlobId
    size: int
    checksum: int


class Place(NamedTuple):
    """A location taken apart. `name` is of the pack: "p" or "l" (one large blob) and twelve hexadecimal digits."""

    name: str
    offset: int
    size: int

    @property
    def end(self) -> int:
        """Return the offset after the record."""
        return self.offset + RECORD_HEADER_OCTETS + self.size


def file_header(name: str, volume_id: bytes) -> bytes:
    """Return the first octets of the pack `name`."""
    return FILE_MAGIC + int(name[1:], 16).to_bytes(8, "big") + volume_id


def encode_header(header: RecordHeader) -> bytes:
    """Return the 40 octets before a blob."""
    body = _RECORD.pack(RECORD_MAGIC, _VERSION, *header)
    return body + _CRC.pack(zlib.crc32(body))


def decode_header(octets: bytes) -> RecordHeader | None:
    """Return the header, or None when these are not the octets of one."""
    if len(octets) != RECORD_HEADER_OCTETS or octets[:4] != RECORD_MAGIC:
        return None
    if _CRC.unpack_from(octets, RECORD_HEADER_OCTETS - 4)[0] != zlib.crc32(octets[:-4]):
        return None
    _, version, blob_id, size, checksum = _RECORD.unpack_from(octets)
    return RecordHeader(BlobId(blob_id), size, checksum) if version == _VERSION else None


def encode_place(place: Place) -> Location:
    """Return the token that the store keeps."""
    return f"{place.name}-{place.offset:x}-{place.size:x}"


_TOKEN = re.compile(r"([pl][0-9a-f]{12})-([0-9a-f]{1,12})-([0-9a-f]{1,12})", re.ASCII)


def decode_place(location: Location) -> Place:
    """Take a token apart. Raises BlobMissing for one that this volume never gave."""
    match = _TOKEN.fullmatch(location)
    if match is None:
        raise BlobMissing(f"{location[:120]!r} is no location of a pack volume")
    return Place(match[1], int(match[2], 16), int(match[3], 16))


def encode_dead(places: Iterable[Place]) -> bytes:
    """Return entries for a dead list."""
    entries = [_DEAD.pack(place.offset, place.size) for place in places]
    return b"".join([entry + _CRC.pack(zlib.crc32(entry)) for entry in entries])


def decode_dead(octets: bytes) -> dict[int, int]:
    """Return offset → size of what a dead list names. A torn or damaged entry is passed over: its blob, still
    listed as live, is found as an orphan and deleted again.
    """
    dead: dict[int, int] = {}
    at = 0
    while at + DEAD_OCTETS <= len(octets):
        entry, check = octets[at : at + 16], octets[at + 16 : at + DEAD_OCTETS]
        if _CRC.unpack(check)[0] == zlib.crc32(entry):
            offset, size = _DEAD.unpack(entry)
            dead[offset] = size
            at += DEAD_OCTETS
        else:
            # A torn write shifts what was appended after it: look for the next entry octet by octet.
            at += 1
    return dead


class Entry(NamedTuple):
    """One stretch of a pack file.

    record      a header that is whole and whose body lies inside the file
    gap         octets between records that are no record: damage
    unfinished  the tail of a write that never ended: nobody was promised it
    tail        octets up to the end that are no record, and no unfinished write either: damage, or torn by power loss
    """

    what: Literal["record", "gap", "unfinished", "tail"]
    offset: int
    size: int
    header: RecordHeader | None = None
