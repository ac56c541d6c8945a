"""Office documents before XML: Word ([MS-DOC]), PowerPoint ([MS-PPT]), Excel (biff.py)."""

import re
import struct
from typing import Final

from smartmail.formats.extract import biff, inflating, objects, properties
from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.extract.out import Out, Unreadable

_MAX_PIECES: Final = 200_000
# Between its begin and its separator a field holds its instruction, not its result.
_INSTRUCTION: Final = re.compile("\x13[^\x13\x14\x15]{0,10000}[\x14\x15]?")
_WORD_MARKS: Final = {
    7: "\t",
    11: "\n",
    12: "\n",
    13: "\n",
    30: "-",
    31: "",
    160: " ",
    **dict.fromkeys((1, 2, 5, 8), ""),
}


def extract(out: Out, file: CompoundFile) -> None:
    """Write the text of a document, and of the objects in it. Raises Unreadable and Enough."""
    properties.keep(out, file)
    is_known = _document(out, file)
    for path in objects.storages(file):
        try:
            _document(out, file.inside(path))
        except Unreadable as error:
            out.note(error.problem)
        is_known = True
    if not objects.extract(out, file) and not is_known:
        raise Unreadable("unsupported")


def _document(out: Out, file: CompoundFile) -> bool:
    """Write a document; say whether it was one."""
    if file.find("WordDocument"):
        _word(out, file)
    elif file.find("PowerPoint Document"):
        _slides(out, file)
    elif book := file.find("Workbook") or file.find("Book"):
        biff.extract(out, file.read(book))
    else:
        return False
    return True


def _word(out: Out, file: CompoundFile) -> None:
    entry = file.find("WordDocument")
    body = file.read(entry) if entry else b""
    if len(body) < 0x1AA or body[:2] != b"\xec\xa5":
        raise Unreadable("unsupported")  # Word 95 and older
    flags = int.from_bytes(body[10:12], "little")
    if flags & 0x0100:
        raise Unreadable("encrypted")
    table = file.find("1Table" if flags & 0x0200 else "0Table")
    if table is None:
        raise Unreadable("damaged")
    start, size = struct.unpack_from("<II", body, 0x1A2)
    main, notes, margins = struct.unpack_from("<III", body, 0x4C)
    _word_pieces(out, body, file.read(table)[start : start + size], range(main + notes, main + notes + margins))


def _word_pieces(out: Out, body: bytes, clx: bytes, margins: range) -> None:
    """Write the pieces that the text is made of (§2.4.1): main text, notes, headers, comments, boxes, in this order.
    `margins`: the characters of headers and footers.
    """
    at = 0
    while clx[at : at + 1] == b"\x01":
        at += 3 + int.from_bytes(clx[at + 1 : at + 3], "little")
    if clx[at : at + 1] != b"\x02":
        raise Unreadable("damaged")
    plc = clx[at + 5 : at + 5 + int.from_bytes(clx[at + 1 : at + 5], "little")]
    count = min((len(plc) - 4) // 12, _MAX_PIECES)
    if count <= 0:
        raise Unreadable("damaged")
    positions = struct.unpack_from(f"<{count + 1}I", plc)
    places = (len(plc) - 4) // 12 * 4 + 4
    for index in range(count):
        out.tick()
        length = positions[index + 1] - positions[index]
        (where,) = struct.unpack_from("<I", plc, places + index * 8 + 2)
        if length > 0:
            out.add(_word_text(body, where, length))
        first, last = max(positions[index], margins.start), min(positions[index + 1], margins.stop)
        if first < last:
            moved = where + 2 * (first - positions[index])  # of narrow characters, twice their place is written
            out.label(_word_text(body, moved, last - first))
    out.line()


def _word_text(body: bytes, where: int, length: int) -> str:
    if where & 0x40000000:
        start = (where & 0x3FFFFFFF) // 2
        text = body[start : start + length].decode("cp1252", "replace")
    else:
        start = where & 0x3FFFFFFF
        text = body[start : start + length * 2].decode("utf-16-le", "replace")
    return _INSTRUCTION.sub("", text).translate(_WORD_MARKS)


_TEXT_CHARS, _TEXT_BYTES, _CSTRING, _OBJECT = 4000, 4008, 4026, 4113
# Containers of no text of the slides: the master, whose text asks to be replaced, and what add-ins keep.
_NOT_SHOWN: Final = frozenset({1016, 5000})


def _slides(out: Out, file: CompoundFile) -> None:
    if file.find("EncryptedSummary"):
        raise Unreadable("encrypted")
    entry = file.find("PowerPoint Document")
    octets = file.read(entry) if entry else b""
    at, number = 0, 0
    while at + 8 <= len(octets):
        version, kind, size = struct.unpack_from("<HHI", octets, at)
        at += 8
        number += 1
        if not number % 1_000:
            out.tick()
        if version & 0xF == 0xF:  # a container: its records follow
            at += size if kind in _NOT_SHOWN else 0
            continue
        if kind in {_TEXT_CHARS, _CSTRING}:
            out.add(octets[at : at + size].decode("utf-16-le", "replace").replace("\x0b", "\n"))
            out.line()
        elif kind == _TEXT_BYTES:
            out.add(octets[at : at + size].decode("latin-1").replace("\x0b", "\n"))
            out.line()
        elif kind == _OBJECT:
            packed = octets[at : at + size]
            if version >> 4:  # a size, then a stream of zlib
                packed = inflating.whole(out, inflating.deflated(out, packed[4:], inflating.ZLIB))
            out.nested(packed)
        at += size
