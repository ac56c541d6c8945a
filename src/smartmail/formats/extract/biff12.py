"""Workbooks in binary form ([MS-XLSB]): the parts of an .xlsb package, as lines of cells."""

import re
import struct
from collections.abc import Iterator
from typing import Final

from smartmail.formats.extract import biff, inflating
from smartmail.formats.extract.out import Out, Unreadable
from smartmail.formats.extract.zip_archive import Archive, Member

BOOK: Final = "xl/workbook.bin"
_STRINGS: Final = "xl/sharedStrings.bin"
_SHEETS: Final = re.compile(r"xl/(?:work|chart|dialog|macro)sheets/[^/]+\.bin")
_COMMENTS: Final = re.compile(r"xl/(?:comments|threadedcomments/)[^/]*\.bin")
_ROW, _RK, _BOOL, _REAL, _INLINE, _SHARED, _FORMULA_TEXT, _FORMULA_REAL, _FORMULA_BOOL = 0, 2, 4, 5, 6, 7, 8, 9, 10
_ITEM, _SHEET, _COMMENT = 19, 156, 637
_CELL: Final = 8  # column, style and flags stand before the value
_MAX_NUMBER: Final = 4  # octets of the size of a record


def extract(out: Out, archive: Archive) -> None:
    """Write the cells of all sheets, hidden ones too, and comments. Raises Enough."""
    strings: list[str] = []
    used: set[int] = set()
    for kind, payload in _part(out, archive, archive.find(BOOK)):
        if kind == _SHEET and (text := _text_behind(payload, 8, skip=1)):
            out.add(text + "\n")
    room = out.limits.chars
    for kind, payload in _part(out, archive, archive.find(_STRINGS)):
        if kind == _ITEM:
            strings.append(_text(payload, 1)[:room])
            room -= len(strings[-1])
    for member in archive.matching(_SHEETS):
        _sheet(out, _part(out, archive, member), strings, used)
    for index, value in enumerate(strings):
        if index not in used:
            out.add(value + "\n")
    for member in archive.matching(_COMMENTS):
        for kind, payload in _part(out, archive, member):
            if kind == _COMMENT:
                out.add(_text(payload, 1) + "\n")


def _part(out: Out, archive: Archive, member: Member | None) -> Iterator[tuple[int, bytes]]:
    if member is None:
        return
    try:
        octets = inflating.whole(out, archive.pieces(out, member))
    except Unreadable as error:
        out.note(error.problem)
        return
    for number, found in enumerate(records(octets)):
        if not number % 1_000:
            out.tick()
        yield found


def records(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Give (type, payload): types of one or two octets, sizes of up to four, seven bits each."""
    at, end = 0, len(octets)
    while at < end:
        kind = octets[at]
        at += 1
        if kind & 0x80 and at < end:
            kind = kind & 0x7F | (octets[at] & 0x7F) << 7
            at += 1
        size = 0
        for place in range(_MAX_NUMBER):
            if at >= end:
                return
            octet = octets[at]
            at += 1
            size |= (octet & 0x7F) << 7 * place
            if octet < 0x80:
                break
        yield kind, octets[at : at + size]
        at += size


def _text(payload: bytes, at: int) -> str:
    """Return the text at a place: its length in characters, then two octets each."""
    count = int.from_bytes(payload[at : at + 4], "little")
    return payload[at + 4 : at + 4 + min(count, len(payload)) * 2].decode("utf-16-le", "replace")


def _text_behind(payload: bytes, at: int, *, skip: int) -> str:
    for _ in range(skip):
        at += 4 + 2 * min(int.from_bytes(payload[at : at + 4], "little"), len(payload))
    return _text(payload, at)


def _sheet(out: Out, found: Iterator[tuple[int, bytes]], strings: list[str], used: set[int]) -> None:
    is_fresh = True
    for kind, payload in found:
        if kind == _ROW:
            out.line()
            is_fresh = True
            continue
        value = _value(kind, payload, strings, used)
        if value:
            out.add(value if is_fresh else "\t" + value)
            is_fresh = False
    out.line()


def _value(kind: int, payload: bytes, strings: list[str], used: set[int]) -> str:
    body = payload[_CELL:]
    if kind in {_INLINE, _FORMULA_TEXT}:
        return _text(payload, _CELL)
    if kind == _SHARED and len(body) >= 4:
        (index,) = struct.unpack_from("<I", body)
        used.add(index)
        return strings[index] if index < len(strings) else ""
    if kind in {_REAL, _FORMULA_REAL} and len(body) >= 8:
        return biff.decimal(float(struct.unpack_from("<d", body)[0]))
    if kind == _RK and len(body) >= 4:
        return biff.decimal(biff.rk(body[:4]))
    if kind in {_BOOL, _FORMULA_BOOL} and body:
        return "TRUE" if body[0] else "FALSE"
    return ""
