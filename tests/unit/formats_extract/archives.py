"""Archives of kinds that no library of ours writes, made by hand: ALZ, EGG and RAR."""

import bz2
import io
import lzma
import struct
import tarfile
import zlib

from tests.unit.formats_extract.documents import deflate


def tarred(members, form=tarfile.GNU_FORMAT):
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w", format=form) as archive:
        for name, octets in members.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(octets)
            archive.addfile(entry, io.BytesIO(octets))
    return held.getvalue()


# --- ALZ ------------------------------------------------------------------------------------------------------------


def alz(members, *, method=2, encrypted=False, width=4):
    """`members`: name → octets; names are written as Korean Windows has them. Method 0, 1 or 2."""
    out = b"ALZ\x01\x0a\0\0\0"
    for name, octets in members.items():
        packed = {0: lambda o: o, 1: alz_bzip2, 2: deflate}.get(method, lambda o: o)(octets)
        raw = name.encode("cp949")
        out += b"BLZ\x01" + struct.pack("<HBIBB", len(raw), 0x20, 0, width << 4 | encrypted, 0)
        out += struct.pack("<BBI", method, 0, zlib.crc32(octets))
        out += len(packed).to_bytes(width, "little") + len(octets).to_bytes(width, "little") + raw
        out += (bytes(12) if encrypted else b"") + packed
    return out + b"CLZ\x01" + bytes(8) + b"CLZ\x02"


def alz_bzip2(octets):
    """The bzip2 of ALZ, of what the library writes: other marks, no checksums, no bit for randomised blocks."""
    packed = bz2.compress(octets)
    bits = bin(int.from_bytes(packed, "big"))[2:].zfill(len(packed) * 8)[32:]
    block, end = f"{0x314159265359:048b}", f"{0x177245385090:048b}"
    made, at = "", 0
    last = bits.rindex(end)
    while at < last:
        assert bits.startswith(block, at)
        following = bits.find(block, at + 48)
        following = last if following < 0 else following
        made += f"{0x444C5A01:032b}" + bits[at + 48 + 32 + 1 : following]
        at = following
    made += f"{0x444C5A02:032b}"
    made += "0" * (-len(made) % 8)
    return int(made, 2).to_bytes(len(made) // 8, "big") if made else b""


# --- EGG ------------------------------------------------------------------------------------------------------------

_END = struct.pack("<I", 0x08E28222)


def _field(magic, body, flags=0):
    return struct.pack("<IBH", magic, flags, len(body)) + body


def egg(members, *, method=1, encrypted=False, head=b"", locale=None, blocks=1, veiled=False):
    """`members`: name → octets. `locale`: 949 writes names so; `head`: more fields of the archive."""
    out = b"EGGA" + struct.pack("<HII", 0x100, 7, 0) + head + _END
    for number, (name, octets) in enumerate(members.items()):
        out += struct.pack("<IIQ", 0x0A8590E3, number, len(octets))
        if locale:
            out += _field(0x0A8591AC, struct.pack("<H", locale) + name.encode("cp949"), 8)
        else:
            out += _field(0x0A8591AC, name.encode(), 4 if veiled else 0)
        out += _field(0x2C86950B, bytes(9))
        out += _field(0x08D1470F, bytes(17)) if encrypted else b""
        out += _END
        step = max(1, -(-len(octets) // blocks))
        for at in range(0, max(1, len(octets)), step):
            out += egg_block(octets[at : at + step], method)
    return out + _END


def egg_block(octets, method):
    packed = {1: deflate, 2: bz2.compress, 4: egg_lzma}.get(method, lambda o: o)(octets)
    head = struct.pack("<IBBIII", 0x02B50C13, method, 0, len(octets), len(packed), zlib.crc32(octets))
    return head + _END + packed


def egg_lzma(octets):
    chain = [{"id": lzma.FILTER_LZMA1, "dict_size": 1 << 16, "lc": 3, "lp": 0, "pb": 2}]
    return b"\x09\x14" + struct.pack("<HBI", 5, 0x5D, 1 << 16) + lzma.compress(octets, lzma.FORMAT_RAW, filters=chain)


# --- RAR ------------------------------------------------------------------------------------------------------------


def _number(value):
    out = b""
    while value >= 0x80:
        out, value = out + bytes((value & 0x7F | 0x80,)), value >> 7
    return out + bytes((value,))


def _block5(kind, fields, *, data=None, extra=b""):
    flags = (1 if extra else 0) | (2 if data is not None else 0)
    body = _number(kind) + _number(flags) + (_number(len(extra)) if extra else b"")
    body += (_number(len(data)) if data is not None else b"") + fields + extra
    head = _number(len(body)) + body
    return struct.pack("<I", zlib.crc32(head)) + head + (data or b"")


def rar5(members, *, method=0, encrypted=False, locked=False):
    """`locked`: its directory is encrypted."""
    out = b"Rar!\x1a\x07\x01\x00"
    if locked:
        return out + _block5(4, bytes(20)) + bytes(100)
    out += _block5(1, _number(0))
    for name, octets in members.items():
        raw = name.encode()
        fields = _number(4) + _number(len(octets)) + _number(32) + struct.pack("<I", zlib.crc32(octets))
        fields += _number(method << 7) + _number(1) + _number(len(raw)) + raw
        extra = _number(2) + _number(1) + b"\0" if encrypted else b""
        out += _block5(2, fields, data=octets, extra=extra)
    return out + _block5(5, _number(0))


def rar4(members, *, method=0x30, encrypted=False, locked=False):
    def block(kind, flags, body):
        head = struct.pack("<BHH", kind, flags, 7 + len(body)) + body
        return struct.pack("<H", zlib.crc32(head) & 0xFFFF) + head

    out = b"Rar!\x1a\x07\x00" + block(0x73, 0x80 if locked else 0, bytes(6))
    for name, octets in members.items():
        raw = name.encode()
        fields = struct.pack(
            "<IIBIIBBHI", len(octets), len(octets), 3, zlib.crc32(octets), 0, 29, method, len(raw), 0x20
        )
        out += block(0x74, 0x8200 | (4 if encrypted else 0), fields + raw) + octets
    return out + block(0x7B, 0x4000, b"")
