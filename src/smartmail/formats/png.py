"""PNG pictures read to their pixels and written anew, so that nothing but the pixels is left (W3C PNG, third edition).

LIMITS    Sides of MOST_SIDE pixels, eight bits a sample, not interlaced: what a browser's canvas writes. Nothing is unpacked
          beyond the size that the header promises.
SECURITY  Text, profiles, and whatever stands behind the end are dropped. No library parses what came from outside.
"""

import struct
import zlib
from typing import Final

SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
MOST_SIDE: Final = 512
MOST_OCTETS: Final = 512 << 10
_SAMPLES: Final = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}
"""Samples of a pixel by colour type."""


class PngError(ValueError):
    """It is no PNG that is taken here."""


def cleaned(octets: bytes) -> tuple[bytes, int, int]:
    """Return the picture written anew with eight-bit RGBA, its width and height. Raises PngError."""
    if len(octets) > MOST_OCTETS or not octets.startswith(SIGNATURE):
        raise PngError("not a PNG, or too large")
    width, height, kind, palette, alpha, packed = _chunks(octets)
    samples = _SAMPLES[kind]
    lines = _lines(packed, width * samples, height, samples)
    rows = [_rgba(line, kind, palette, alpha) for line in lines]
    return _written(rows, width, height), width, height


def _chunks(octets: bytes) -> tuple[int, int, int, bytes, bytes, bytes]:
    at, header, palette, alpha, data = len(SIGNATURE), b"", b"", b"", []
    while at + 12 <= len(octets):
        (length,) = struct.unpack_from(">I", octets, at)
        name, body = octets[at + 4 : at + 8], octets[at + 8 : at + 8 + length]
        if len(body) != length or octets[at + 8 + length : at + 12 + length] != _sum(name + body):
            raise PngError("a chunk is broken")
        at += 12 + length
        if name == b"IHDR":
            header = body
        elif name == b"PLTE":
            palette = body
        elif name == b"tRNS":
            alpha = body
        elif name == b"IDAT":
            data.append(body)
        elif name == b"IEND":
            break
    if len(header) != 13 or not data:
        raise PngError("something is missing")
    width, height, depth, kind, packing, filtering, interlaced = struct.unpack(">IIBBBBB", header)
    if not (0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE):
        raise PngError(f"a side has at most {MOST_SIDE} pixels")
    if depth != 8 or kind not in _SAMPLES or packing or filtering or interlaced:
        raise PngError("not in eight bits, or interlaced")
    return width, height, kind, palette, alpha, b"".join(data)


def _sum(octets: bytes) -> bytes:
    return struct.pack(">I", zlib.crc32(octets))


def _lines(packed: bytes, width: int, height: int, step: int) -> list[bytearray]:
    """Return the lines of samples, with their filters undone (§9)."""
    wanted = height * (width + 1)
    unpacker = zlib.decompressobj()
    try:
        plain = unpacker.decompress(packed, wanted + 1)
    except zlib.error as error:
        raise PngError("does not unpack") from error
    if len(plain) != wanted:
        raise PngError("has another size than it says")
    lines, above = [], bytearray(width)
    for at in range(0, wanted, width + 1):
        line = bytearray(plain[at + 1 : at + 1 + width])
        _unfilter(plain[at], line, above, step)
        lines.append(line)
        above = line
    return lines


def _unfilter(kind: int, line: bytearray, above: bytearray, step: int) -> None:
    if kind > 4:
        raise PngError("an unknown filter")
    for at in range(len(line) if kind else 0):
        left = line[at - step] if at >= step else 0
        if kind == 1:
            guess = left
        elif kind == 2:
            guess = above[at]
        elif kind == 3:
            guess = (left + above[at]) // 2
        else:
            guess = _paeth(left, above[at], above[at - step] if at >= step else 0)
        line[at] = (line[at] + guess) & 0xFF


def _paeth(left: int, above: int, corner: int) -> int:
    base = left + above - corner
    distances = (abs(base - left), abs(base - above), abs(base - corner))
    least = min(distances)
    return (left, above, corner)[distances.index(least)]


def _rgba(line: bytearray, kind: int, palette: bytes, alpha: bytes) -> bytes:
    if kind == 6:
        return bytes(line)
    if kind == 2:
        return b"".join(bytes(line[at : at + 3]) + b"\xff" for at in range(0, len(line), 3))
    if kind == 4:
        return b"".join(bytes((line[at],)) * 3 + line[at + 1 : at + 2] for at in range(0, len(line), 2))
    if kind == 0:
        return b"".join(bytes((one, one, one, 255)) for one in line)
    if len(palette) % 3 or (line and max(line) * 3 + 3 > len(palette)):
        raise PngError("a colour is not in its palette")
    return b"".join(palette[one * 3 : one * 3 + 3] + (alpha[one : one + 1] or b"\xff") for one in line)


def _written(rows: list[bytes], width: int, height: int) -> bytes:
    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + _sum(name + body)

    plain = b"".join(b"\x00" + row for row in rows)
    return (
        SIGNATURE + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0))
        + chunk(b"IDAT", zlib.compress(plain, 9)) + chunk(b"IEND", b"")
    )  # fmt: skip
