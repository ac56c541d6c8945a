"""ZIP containers written as a stream: files come one after the other, octets go out at once, the directory at the end.

PURPOSE     Archives larger than memory and larger than 4 GiB (ZIP64), with names in any script. Must not know files.
LIMITS      A file of `add` is at hand whole and below 4 GiB; one of `begin` may have any length. The directory is held: about 120 octets for each file.
SECURITY    Names are the caller's; whoever unpacks takes them as paths.
STANDARDS   APPNOTE 6.3.10: deflate, UTF-8 names (bit 11), ZIP64; Info-ZIP's extended timestamp, for the fields of the format
            itself know neither a zone nor odd seconds.
"""

import struct
import zlib
from datetime import UTC, datetime, timedelta
from typing import Final

_LOCAL: Final = struct.Struct("<4s5H3I2H")
_CENTRAL: Final = struct.Struct("<4s6H3I5H2I")
_END: Final = struct.Struct("<4s4H2IH")
_END64: Final = struct.Struct("<4sQ2H2I4Q")
_LOCATOR64: Final = struct.Struct("<4sIQI")
_DESCRIPTOR64: Final = struct.Struct("<4sIQQ")
_UNKNOWN: Final = 0x0008
"""Bit 3: sums and sizes stand behind the file (APPNOTE 4.3.9)."""
_UTF8: Final = 0x0800
_DEFLATED, _STORED = 8, 0
_PLAIN, _WITH_64 = 20, 45
_MASK16, _MASK32 = 0xFFFF, 0xFFFFFFFF
_FILE_MODE: Final = 0o100600 << 16
_UNIX: Final = 3 << 8
_FIRST, _LAST = datetime(1980, 1, 1, tzinfo=UTC), datetime(2107, 12, 31, 23, 59, 58, tzinfo=UTC)
_LEVEL: Final = 1
"""Mail is mostly base64 or short text: more effort wins little and costs much."""


class ZipStream:
    """Writes one archive. `offset` is how many octets have gone out."""

    def __init__(self, zone_minutes: int = 0) -> None:
        """`zone_minutes` east of Greenwich: of the clock that the format's own dates show."""
        self.offset = 0
        self.count = 0
        self._zone = timedelta(minutes=zone_minutes)
        self._directory: list[bytes] = []

    def add(self, name: str, octets: bytes, at: int) -> bytes:
        """Return the octets of one file. `at`: seconds since 1970."""
        packed, method = _packed(octets)
        encoded, crc, when = name.encode("utf-8", "replace"), zlib.crc32(octets), self._dos(at)
        stamp = struct.pack("<HHBi", 0x5455, 5, 1, max(-(1 << 31), min(at, (1 << 31) - 1)))
        head = _LOCAL.pack(
            b"PK\x03\x04", _PLAIN, _UTF8, method, *when, crc, len(packed), len(octets), len(encoded), len(stamp)
        )
        large = self.offset >= _MASK32
        wide = struct.pack("<HHQ", 1, 8, self.offset) if large else b""
        self._directory.append(
            _CENTRAL.pack(
                b"PK\x01\x02", _UNIX | _WITH_64, _WITH_64 if large else _PLAIN, _UTF8, method, *when, crc, len(packed),
                len(octets), len(encoded), len(stamp) + len(wide), 0, 0, 0, _FILE_MODE,
                _MASK32 if large else self.offset,
            ) + encoded + wide + stamp
        )  # fmt: skip
        out = b"".join((head, encoded, stamp, packed))
        self.offset += len(out)
        self.count += 1
        return out

    def begin(self, name: str, at: int) -> "ZipFile":
        """Begin a file whose length nobody knows yet; nothing else may be added until it has ended."""
        return ZipFile(self, name, self._dos(at))

    def went(self, octets: bytes, entry: bytes = b"") -> bytes:
        """Count octets of a file that was begun; `entry` of the directory ends it."""
        self.offset += len(octets)
        if entry:
            self._directory.append(entry)
            self.count += 1
        return octets

    def finish(self) -> bytes:
        """Return the octets of the directory, which end the archive."""
        directory, start = b"".join(self._directory), self.offset
        size, end = len(directory), start + len(directory)
        tail = b""
        if self.count >= _MASK16 or end >= _MASK32:
            tail = _END64.pack(
                b"PK\x06\x06", _END64.size - 12, _UNIX | _WITH_64, _WITH_64, 0, 0, self.count, self.count, size, start
            ) + _LOCATOR64.pack(b"PK\x06\x07", 0, end, 1)
        count = min(self.count, _MASK16)
        tail += _END.pack(b"PK\x05\x06", 0, 0, count, count, min(size, _MASK32), min(start, _MASK32), 0)
        self.offset = end + len(tail)
        self._directory = []
        return directory + tail

    def _dos(self, at: int) -> tuple[int, int]:
        """Return (time, date) of the format: steps of two seconds, from 1980 to 2107."""
        try:
            when = datetime.fromtimestamp(at, UTC) + self._zone
        except (OverflowError, ValueError, OSError):
            when = _FIRST
        when = max(_FIRST, min(when, _LAST))
        time = when.hour << 11 | when.minute << 5 | when.second // 2
        return time, (when.year - 1980) << 9 | when.month << 5 | when.day


class ZipFile:
    """One file of an archive that comes in pieces: `head` goes out first, then what `feed` and `end` return."""

    def __init__(self, archive: ZipStream, name: str, when: tuple[int, int]) -> None:
        self._archive = archive
        self._name = name.encode("utf-8", "replace")
        self._when = when
        self._start = archive.offset
        self._packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
        self._sum = self._size = self._packed = 0
        # ZIP64 from the beginning: the descriptor behind the file has sizes of 64 bits then.
        wide = struct.pack("<HHQQ", 1, 16, 0, 0)
        local = _LOCAL.pack(
            b"PK\x03\x04", _WITH_64, _UTF8 | _UNKNOWN, _DEFLATED, *when, 0, _MASK32, _MASK32, len(self._name), len(wide)
        )
        self.head = archive.went(local + self._name + wide)

    def feed(self, octets: bytes) -> bytes:
        """Return what goes out of the next octets; may be empty."""
        self._sum = zlib.crc32(octets, self._sum)
        self._size += len(octets)
        return self._out(self._packer.compress(octets))

    def end(self) -> bytes:
        """Return the rest, and enter the file into the directory."""
        rest = self._out(self._packer.flush())
        wide = struct.pack("<HHQQQ", 1, 24, self._size, self._packed, self._start)
        entry = _CENTRAL.pack(
            b"PK\x01\x02", _UNIX | _WITH_64, _WITH_64, _UTF8 | _UNKNOWN, _DEFLATED, *self._when, self._sum, _MASK32,
            _MASK32, len(self._name), len(wide), 0, 0, 0, _FILE_MODE, _MASK32,
        )  # fmt: skip
        descriptor = _DESCRIPTOR64.pack(b"PK\x07\x08", self._sum, self._packed, self._size)
        return rest + self._archive.went(descriptor, entry + self._name + wide)

    def _out(self, octets: bytes) -> bytes:
        self._packed += len(octets)
        return self._archive.went(octets)


def _packed(octets: bytes) -> tuple[bytes, int]:
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, -zlib.MAX_WBITS)
    packed = packer.compress(octets) + packer.flush()
    return (packed, _DEFLATED) if len(packed) < len(octets) else (octets, _STORED)
