"""Tar archives and single packed files (gzip, bzip2, xz, lzma): what systems of other make send."""

import re
from collections.abc import Iterator
from typing import Final

from smartmail.formats import charset
from smartmail.formats.extract import inflating, kinds, members
from smartmail.formats.extract.members import Entry
from smartmail.formats.extract.out import Out

_BLOCK: Final = 512
_SUFFIXES: Final = {
    ".gz": "", ".bz2": "", ".xz": "", ".lzma": "", ".tgz": ".tar", ".tbz2": ".tar", ".txz": ".tar", ".tlz": ".tar",
}  # fmt: skip
_PAX_PATH: Final = re.compile(rb"(?:^|\n)[0-9]{1,6} path=([^\n]*)")
_MAX_PAX: Final = 65_536
_FILES: Final = frozenset((b"0", b"\0", b"7"))


def extract_packed(out: Out, octets: bytes, kind: str, name: str) -> None:
    """Read the one file inside. Raises Enough."""
    pieces: Iterator[bytes]
    if kind == "gzip":
        pieces = inflating.gunzipped(out, octets)
    elif kind == "bzip2":
        pieces = inflating.bzipped(out, octets)
    else:
        pieces = inflating.xzipped(out, octets) if kind == "xz" else inflating.lzma_alone(out, octets)
    for suffix, replacement in _SUFFIXES.items():
        if name.lower().endswith(suffix):
            name = name[: -len(suffix)] + replacement
            break
    inner, problem = inflating.collected(out, pieces)
    if kinds.kind_of(inner, "", name) == "tar":  # one archive in two layers
        if problem is not None:
            out.note(problem)
        extract_tar(out, inner)
    elif problem == "limits" and not inner:
        out.closed(name, problem)
    else:
        out.nested(inner, name=name, problem=problem)


def extract_tar(out: Out, octets: bytes) -> None:
    """Write the names and texts of all files (POSIX ustar and pax, GNU long names, tar before these). Raises Enough."""
    members.extract(out, _entries(out, octets))


def _entries(out: Out, octets: bytes) -> Iterator[Entry]:
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
        elif kind == b"x":
            long_name = _pax_path(data) or long_name
        elif kind in _FILES and not _is_directory(header):
            name, long_name = long_name or _name(header), ""
            yield Entry(name, size, _Content(out, data), None if len(data) == size else "damaged")


class _Content:
    def __init__(self, out: Out, data: bytes) -> None:
        self._out, self._data = out, data

    def __call__(self) -> Iterator[bytes]:
        return inflating.stored(self._out, self._data)


def _is_directory(header: bytes) -> bool:
    """Say whether an archive before POSIX means a directory: it has only the end of the name to say so."""
    return header[156:157] == b"\0" and header[:100].rstrip(b"\0").endswith(b"/")


def _pax_path(data: bytes) -> str:
    """Return the name in an extended header: lines of `length key=value`."""
    match = _PAX_PATH.search(data[:_MAX_PAX])
    return charset.decode(match[1][:4_096], "utf-8")[0] if match else ""


def _name(header: bytes) -> str:
    name, prefix = header[:100].split(b"\0")[0], header[345:500].split(b"\0")[0]
    joined = prefix + b"/" + name if prefix and header[257:263] == b"ustar\0" else name
    return charset.decode(joined)[0]


def _octal(field: bytes) -> int:
    if field[:1] == b"\x80":
        return int.from_bytes(field[1:], "big")
    digits = field.strip(b" \0")
    return int(digits, 8) if digits and all(0x30 <= digit <= 0x37 for digit in digits) else 0
