"""Custom properties of documents of the old form ([MS-OLEPS], [MS-OSHARED] §2.3.3.2): with the labels of MSIP."""

import struct
from collections.abc import Iterator
from typing import Final

from smartmail.formats import charset
from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.extract.out import Out

_STREAM: Final = "\x05DocumentSummaryInformation"
# D5CDD505-2E9C-101B-9397-08002B2CF9AE, as it is written
_CUSTOM: Final = bytes.fromhex("05d5cdd59c2e1b10939708002b2cf9ae")
_NAMES, _CODE_PAGE = 0, 1
_NARROW_TEXT, _WIDE_TEXT = 0x1E, 0x1F
_UTF16: Final = 1_200
_MAX_PROPERTIES: Final = 500


def keep(out: Out, file: CompoundFile) -> None:
    """Keep the custom properties as labels `name=value`; what is damaged has none. Raises Enough."""
    entry = file.find(_STREAM)
    if entry is None or not out.limits.thorough:
        return
    try:
        for name, value in _custom(file.read(entry)):
            out.label(f"{name}={value}")
    except (struct.error, IndexError, LookupError):
        out.note("damaged")


def _custom(octets: bytes) -> Iterator[tuple[str, str]]:
    (sets,) = struct.unpack_from("<I", octets, 24)
    for number in range(min(sets, 2)):
        if octets[28 + 20 * number : 44 + 20 * number] == _CUSTOM:
            (start,) = struct.unpack_from("<I", octets, 44 + 20 * number)
            yield from _properties(octets[start:])


def _properties(octets: bytes) -> Iterator[tuple[str, str]]:
    (count,) = struct.unpack_from("<I", octets, 4)
    places: dict[int, int] = {}
    for number in range(min(count, _MAX_PROPERTIES)):
        key, at = struct.unpack_from("<II", octets, 8 + 8 * number)
        places[key] = at
    page = struct.unpack_from("<H", octets, places[_CODE_PAGE] + 4)[0] if _CODE_PAGE in places else 949
    names = dict(_dictionary(octets, places.pop(_NAMES), page)) if _NAMES in places else {}
    for key, at in places.items():
        kind, size = struct.unpack_from("<II", octets, at)
        if key != _CODE_PAGE and kind in {_NARROW_TEXT, _WIDE_TEXT}:
            wide = kind == _WIDE_TEXT or page == _UTF16
            length = size * 2 if kind == _WIDE_TEXT else size
            yield names.get(key, str(key)), _text(octets[at + 8 : at + 8 + length], page, wide=wide)


def _dictionary(octets: bytes, at: int, page: int) -> Iterator[tuple[int, str]]:
    (count,) = struct.unpack_from("<I", octets, at)
    at += 4
    for _ in range(min(count, _MAX_PROPERTIES)):
        key, size = struct.unpack_from("<II", octets, at)
        length = size * 2 if page == _UTF16 else size
        yield key, _text(octets[at + 8 : at + 8 + length], page, wide=page == _UTF16)
        at += 8 + (length + 3 & ~3 if page == _UTF16 else length)


def _text(octets: bytes, page: int, *, wide: bool) -> str:
    if wide:
        return octets.decode("utf-16-le", "replace").rstrip("\0")
    return charset.decode(octets, "utf-8" if page == 65_001 else f"cp{page}")[0].rstrip("\0")
