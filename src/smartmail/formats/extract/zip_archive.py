"""ZIP containers (APPNOTE 6.3.10): their directory, and members unpacked within bounds.

Made for archives of people and for documents that are archives. Reads the central directory; where there is none
(cut off in transfer) it walks the local headers. Names without the UTF-8 flag are what Korean Windows writes: CP949.
"""

import re
import struct
from collections.abc import Iterator
from typing import Final

import msgspec

from smartmail.formats import charset
from smartmail.formats.extract import inflating, members
from smartmail.formats.extract.members import Entry
from smartmail.formats.extract.out import Out, Unreadable

_LOCAL: Final = b"PK\x03\x04"
_CENTRAL: Final = b"PK\x01\x02"
_END: Final = b"PK\x05\x06"
_END64: Final = b"PK\x06\x06"
_LOCAL_FIELDS: Final = struct.Struct("<4s5HIIIHH")
_CENTRAL_FIELDS: Final = struct.Struct("<4s6HIIIHHHHHII")
_END_TAIL: Final = 65_557  # the end record and the longest comment
_MASKED: Final = 0xFFFFFFFF
_ENCRYPTED, _UTF8 = 0x0001, 0x0800
_ZIP64_EXTRA, _UNICODE_PATH_EXTRA, _AES_EXTRA = 0x0001, 0x7075, 0x9901
_MAX_DIRECTORY: Final = 20_000  # entries; beyond, the rest is not looked at
_DIGITS: Final = re.compile(r"\d{1,9}")


class Member(msgspec.Struct, frozen=True, gc=False):
    """One file of the archive. `at` is the octet where its local header begins; `data` where its data does, if known
    (no central directory). `size`: of its unpacked octets, as the directory claims.
    """

    name: str
    method: int
    encrypted: bool
    packed: int
    at: int
    data: int = -1
    size: int = 0


class Archive:
    """The directory of an archive. `members` in the order of the directory; `cut` when some of it was missing."""

    def __init__(self, octets: bytes) -> None:
        self._octets = octets
        self._view = memoryview(octets)
        self.cut = False
        self.taken: set[str] = set()
        """Names of members that were asked for."""
        self.members: list[Member] = []
        start = self._directory()
        if start is None:
            self.cut = True
            self.members.extend(self._walk_local())
        else:
            self.members.extend(self._walk_central(start))
        self._by_name = {member.name.lower(): member for member in reversed(self.members)}

    def find(self, name: str) -> Member | None:
        """Return the member of this name, in any case of letters."""
        return self._by_name.get(name.lower())

    def matching(self, pattern: re.Pattern[str]) -> list[Member]:
        """Return the members whose whole lower-case name matches, `part2` before `part10`."""
        found = [member for name, member in self._by_name.items() if pattern.fullmatch(name)]
        return sorted(found, key=lambda member: _natural(member.name))

    def pieces(self, out: Out, member: Member) -> Iterator[bytes]:
        """Give the unpacked octets of a member. Raises Unreadable and Enough."""
        self.taken.add(member.name)
        if member.encrypted:
            raise Unreadable("encrypted")
        packed = self._packed(member)
        if member.method == 0:
            return inflating.stored(out, packed)
        if member.method == 8:
            return inflating.deflated(out, packed)
        if member.method == 12:
            return inflating.bzipped(out, packed)
        if member.method == 14:
            return _lzma(out, packed, member.size)
        if member.method == 95:
            return inflating.xzipped(out, packed)
        raise Unreadable("unsupported")

    def read(self, out: Out, member: Member) -> bytes:
        """Return a member whole, within `limits.member`. Raises Unreadable and Enough."""
        return inflating.whole(out, self.pieces(out, member))

    def _packed(self, member: Member) -> memoryview:
        start = member.data
        if start < 0:
            header = self._octets[member.at : member.at + _LOCAL_FIELDS.size]
            if len(header) < _LOCAL_FIELDS.size or not header.startswith(_LOCAL):
                raise Unreadable("damaged")
            fields = _LOCAL_FIELDS.unpack(header)
            start = member.at + _LOCAL_FIELDS.size + fields[9] + fields[10]
        return self._view[start : start + member.packed]

    def _directory(self) -> int | None:
        """Return where the central directory begins, None when there is none."""
        octets = self._octets
        at = octets.rfind(_END, max(0, len(octets) - _END_TAIL))
        if at < 0 or at + 22 > len(octets):
            return None
        size: int
        start: int
        size, start = struct.unpack_from("<II", octets, at + 12)
        if _MASKED in {start, size}:
            end64 = octets.rfind(_END64, 0, at)
            if end64 < 0 or end64 + 56 > len(octets):
                return None
            size, start = struct.unpack_from("<QQ", octets, end64 + 40)
            at = end64
        for place in (start, at - size):  # the second: something (a stub that unpacks itself) stands before the archive
            if 0 <= place < len(octets) and octets.startswith(_CENTRAL, place):
                self._shift = place - start
                return place
        return at if size == 0 else None

    _shift = 0

    def _walk_central(self, at: int) -> Iterator[Member]:
        octets = self._octets
        while octets.startswith(_CENTRAL, at) and at + _CENTRAL_FIELDS.size <= len(octets):
            fields = _CENTRAL_FIELDS.unpack_from(octets, at)
            flags, method, packed = fields[3], fields[4], fields[8]
            name_size, extra_size, comment_size, local = fields[10], fields[11], fields[12], fields[16]
            at += _CENTRAL_FIELDS.size
            raw, extra = octets[at : at + name_size], octets[at + name_size : at + name_size + extra_size]
            at += name_size + extra_size + comment_size
            fields_of = _extra_fields(extra)
            packed, local = _wide(fields_of.get(_ZIP64_EXTRA, b""), fields[9], packed, local)
            encrypted = bool(flags & _ENCRYPTED) or _AES_EXTRA in fields_of
            name = _name(raw, flags, fields_of.get(_UNICODE_PATH_EXTRA, b""))
            yield Member(name, method, encrypted, packed, local + self._shift, size=fields[9])
            if len(self.members) >= _MAX_DIRECTORY:
                self.cut = True
                return

    def _walk_local(self) -> Iterator[Member]:
        octets, at = self._octets, self._octets.find(_LOCAL)
        while at >= 0 and at + _LOCAL_FIELDS.size <= len(octets) and len(self.members) < _MAX_DIRECTORY:
            fields = _LOCAL_FIELDS.unpack_from(octets, at)
            flags, method, packed, name_size, extra_size = fields[2], fields[3], fields[7], fields[9], fields[10]
            start = at + _LOCAL_FIELDS.size
            raw, extra = octets[start : start + name_size], octets[start + name_size : start + name_size + extra_size]
            data = start + name_size + extra_size
            following = octets.find(_LOCAL, data + packed)
            if packed in {0, _MASKED} and flags & 0x0008:  # the size comes after the data: up to the next header
                packed = (following if following >= 0 else len(octets)) - data
            found = _extra_fields(extra)
            encrypted = bool(flags & _ENCRYPTED) or _AES_EXTRA in found
            name = _name(raw, flags, found.get(_UNICODE_PATH_EXTRA, b""))
            yield Member(name, method, encrypted, packed, at, data)
            at = following


def _lzma(out: Out, packed: memoryview, size: int) -> Iterator[bytes]:
    """APPNOTE §5.8.8: version, size of the properties, properties, stream."""
    start = 4 + int.from_bytes(packed[2:4], "little")
    return inflating.raw(out, packed[start:], [inflating.lzma_filter(bytes(packed[4:start]))], size)


def _extra_fields(extra: bytes) -> dict[int, bytes]:
    found: dict[int, bytes] = {}
    at = 0
    while at + 4 <= len(extra):
        kind, size = struct.unpack_from("<HH", extra, at)
        found.setdefault(kind, extra[at + 4 : at + 4 + size])
        at += 4 + size
    return found


def _wide(extra: bytes, size: int, packed: int, local: int) -> tuple[int, int]:
    """Return (packed size, offset) with the ZIP64 values, which stand there only for those fields that are masked."""
    values = [int.from_bytes(extra[at : at + 8], "little") for at in range(0, len(extra) - 7, 8)]
    for is_size, value in ((True, size), (None, packed), (False, local)):
        if value == _MASKED and values:
            wide = values.pop(0)
            if is_size is None:
                packed = wide
            elif is_size is False:
                local = wide
    return packed, local


def _name(raw: bytes, flags: int, unicode_path: bytes) -> str:
    if len(unicode_path) > 5:
        raw, flags = unicode_path[5:], _UTF8
    label = "utf-8" if flags & _UTF8 else None
    return charset.decode(raw, label)[0].replace("\\", "/")


def _natural(name: str) -> str:
    return _DIGITS.sub(lambda match: match[0].zfill(9), name.lower())


def extract(out: Out, archive: Archive) -> None:
    """Write the names of all files, and the text of those that can be read. Raises Enough."""
    if archive.cut:
        out.note("damaged")
    members.extract(out, (_entry(out, archive, member) for member in archive.members if not member.name.endswith("/")))


def _entry(out: Out, archive: Archive, member: Member) -> Entry:
    return Entry(
        member.name, member.size, lambda: archive.pieces(out, member), "encrypted" if member.encrypted else None
    )
