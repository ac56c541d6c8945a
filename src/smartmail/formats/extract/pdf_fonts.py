"""The only font that PDFium is given for fonts that a PDF does not carry: one in which every character is a full square.

NAME        pdf fonts
PURPOSE     The text of a PDF is in its codes and CMaps; glyphs only tell PDFium how wide a letter is, and it drops a piece of
            text whose letters have no width. With fonts of the machine the text of one file would differ between
            machines, and on one without fonts letters would be lost. So none is ever looked for.
LIMITS      Fonts inside a PDF and PDFium's own 14 standard fonts (Latin) are used as ever.
SECURITY    Nothing is opened: the font is made here, a few hundred octets, its square a line without area that draws nothing.
STANDARDS   OpenType 1.9 (cmap format 13 maps all of Unicode to one glyph); FPDF_SYSFONTINFO of PDFium's fpdf_sysfontinfo.h.
"""

import ctypes
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

_UNITS: Final = 1_000
_BOTTOM, _TOP = -120, 880  # as fonts of Hangul and Han have it
_EAST: Final = frozenset({128, 129, 130, 134, 136})  # charsets of Windows: Japanese, Korean twice, Chinese twice
_LAST: Final = 0x10FFFF

_installed: list[Any] = []
"""What PDFium keeps pointers to."""
_drawing: list[bool] = []


def install(raw: Any) -> None:
    """Give a loaded PDFium (its raw bindings) this font and no other. Once is enough."""
    if _installed:
        return
    info = raw.FPDF_SYSFONTINFO()
    info.version = 1
    types, font = dict(raw.FPDF_SYSFONTINFO._fields_), square()
    answers: dict[str, Callable[..., Any]] = {
        "MapFont": lambda _this, _weight, _italic, charset, *_more: 1 if charset in _EAST or not _drawing else None,
        "GetFontData": lambda _this, _font, table, buffer, size: 0 if table else _copied(font, buffer, size),
        "GetFaceName": lambda *_asked: 0,
        "GetFontCharset": lambda *_asked: 0,
    }
    for name, kind in types.items():
        if name != "version":
            answer = kind(answers.get(name, _nothing))
            _installed.append(answer)
            setattr(info, name, answer)
    _installed.append(info)
    raw.FPDF_SetSystemFontInfo(ctypes.byref(info))


@contextmanager
def drawing() -> Iterator[None]:
    """Documents whose pages are drawn in here get PDFium's own Latin letters where they carry none, and lose some text."""
    _drawing.append(True)
    try:
        yield
    finally:
        _drawing.pop()


def _nothing(*_asked: Any) -> None:
    return None


def _copied(font: bytes, buffer: Any, size: int) -> int:
    """Write the font where there is room for it; return its size in any case."""
    if buffer and size >= len(font):
        ctypes.memmove(buffer, font, len(font))
    return len(font)


# --- the font -------------------------------------------------------------------------------------------------------


def square() -> bytes:
    """Return the font, in TrueType form."""
    glyph = _glyph()
    tables = {
        b"cmap": struct.pack(">HHHHI", 0, 1, 3, 10, 12) + struct.pack(">HHIIIIII", 13, 0, 28, 0, 1, 1, _LAST, 1),
        b"glyf": glyph * 2,
        b"head": struct.pack(
            ">IIIIHHqqhhhhHHhhh",
            0x10000,
            0x10000,
            0,
            0x5F0F3CF5,
            0,
            _UNITS,
            0,
            0,
            0,
            _BOTTOM,
            _UNITS,
            _TOP,
            0,
            8,
            2,
            1,
            0,
        ),
        b"hhea": struct.pack(">Ihhh", 0x10000, _TOP, _BOTTOM, 0) + struct.pack(">H", _UNITS) + bytes(22) + b"\0\2",
        b"hmtx": struct.pack(">HhHh", _UNITS, 0, _UNITS, 0),
        b"loca": struct.pack(">III", 0, len(glyph), 2 * len(glyph)),
        b"maxp": struct.pack(">IHHH", 0x10000, 2, 2, 1) + struct.pack(">HHH", 0, 0, 2) + bytes(16),
        b"name": _names("Square"),
        b"post": struct.pack(">Iihh", 0x30000, 0, -100, 50) + bytes(20),
    }
    return _file(tables)


def _glyph() -> bytes:
    """A line from one corner of the square to the other: as large as the square, and without area."""
    head = struct.pack(">hhhhh", 1, 0, _BOTTOM, _UNITS, _TOP)
    points = struct.pack(">HHBB", 1, 0, 1, 1) + struct.pack(">hhhh", 0, _UNITS, _BOTTOM, _TOP - _BOTTOM)
    return _padded(head + points)


def _names(name: str) -> bytes:
    text, records = name.encode("utf-16-be"), (1, 4, 6)
    head = struct.pack(">HHH", 0, len(records), 6 + 12 * len(records))
    return head + b"".join(struct.pack(">HHHHHH", 3, 1, 0x409, number, len(text), 0) for number in records) + text


def _file(tables: dict[bytes, bytes]) -> bytes:
    out, data = struct.pack(">IHHHH", 0x10000, len(tables), 128, 3, 16 * len(tables) - 128), b""
    start = len(out) + 16 * len(tables)
    for tag, table in sorted(tables.items()):
        words = struct.unpack(f">{len(_padded(table)) // 4}I", _padded(table))
        out += tag + struct.pack(">III", sum(words) & 0xFFFFFFFF, start + len(data), len(table))
        data += _padded(table)
    return out + data


def _padded(octets: bytes) -> bytes:
    return octets + bytes(-len(octets) % 4)
