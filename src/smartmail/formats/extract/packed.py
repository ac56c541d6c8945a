"""Tar archives and single packed files (gzip, bzip2, xz): what systems of other make send."""

from collections.abc import Iterator
from typing import Final

from smartmail.formats import charset
from smartmail.formats.extract import inflating
from smartmail.formats.extract.out import Out

_BLOCK: Final = 512
_SUFFIXES: Final = {".gz": "", ".bz2": "", ".xz": "", ".tgz": ".tar", ".tbz2": ".tar", ".txz": ".tar"}


def extract_packed(out: Out, octets: bytes, kind: str, name: str) -> None:
    """Read the one file inside. Raises Enough."""
    pieces: Iterator[bytes]
    if kind == "gzip":
        pieces = inflating.deflated(out, octets, inflating.GZIP)
    else:
        pieces = inflating.bzipped(out, octets) if kind == "bzip2" else inflating.xzipped(out, octets)
    inner = inflating.whole(out, pieces)
    for suffix, replacement in _SUFFIXES.items():
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)] + replacement
            break
    out.nested(inner, name=name)


def extract_tar(out: Out, octets: bytes) -> None:
    """Write the names and texts of all files (POSIX ustar, GNU long names). Raises Enough."""
    at, long_name = 0, ""
    while at + _BLOCK <= len(octets):
        header = octets[at : at + _BLOCK]
        if not header.strip(b"\0"):
            break
        size = _octal(header[124:136])
        data = octets[at + _BLOCK : at + _BLOCK + size]
        at += _BLOCK + (size + _BLOCK - 1) // _BLOCK * _BLOCK
        out.tick()
        kind = header[156:157]
        if kind == b"L":
            long_name = charset.decode(data[:4_096].rstrip(b"\0"))[0]
        elif kind in {b"0", b"\0"}:
            name, long_name = long_name or _name(header), ""
            out.file(name)
            out.nested(data, name=name)


def _name(header: bytes) -> str:
    name, prefix = header[:100].split(b"\0")[0], header[345:500].split(b"\0")[0]
    joined = prefix + b"/" + name if prefix and header[257:263] == b"ustar\0" else name
    return charset.decode(joined)[0]


def _octal(field: bytes) -> int:
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    return int(digits, 8) if digits and all(0x30 <= digit <= 0x37 for digit in digits) else 0
