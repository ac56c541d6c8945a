"""Workbooks of Excel before XML with looks, made by hand."""

import struct

from tests.unit.formats_extract.documents import compound


def record(kind, payload=b""):
    return struct.pack("<HH", kind, len(payload)) + payload


def string(text, size="<H"):
    return struct.pack(size, len(text)) + b"\1" + text.encode("utf-16-le")


def font(size=10, flags=0, colour=0x7FFF, weight=400, underline=0):
    return record(
        0x31, struct.pack("<HHHHHBBBB", size * 20, flags, colour, weight, 0, underline, 0, 0, 0) + string("굴림", "<B")
    )


def xf(font=0, form=0, horizontal=0, fill=None):
    pattern, ground = (1 << 26, fill) if fill is not None else (0, 0)
    return record(0xE0, struct.pack("<HHHBBBBIIH", font, form, 0, horizontal, 0, 0, 0, 0, pattern, ground))


def bof(kind=0x10):
    return record(0x809, b"\x00\x06" + struct.pack("<H", kind) + bytes(12))


def text_cell(row, column, at, look=0):
    return record(0xFD, struct.pack("<HHHI", row, column, look, at))


def number_cell(row, column, value, look=0):
    return record(0x203, struct.pack("<HHHd", row, column, look, value))


def xls(*sheets, strings=(), hidden=(), names=("예산", "일정", "숨김"), before=b""):
    """A workbook of sheets as their records."""
    head = bof(5) + before
    head += b"".join(font(colour=9, weight=700, size=16) if at == 1 else font() for at in range(4))
    head += record(0x41E, struct.pack("<H", 164) + string('#,##0"원"'))
    head += xf() + xf(1, 0, 2, 0x38) + xf(0, 164) + xf(0, 9) + xf(0, 31) + xf(0, 0, 0, 43)
    for at in range(len(sheets)):
        head += record(0x85, struct.pack("<IBB", at, at in hidden, 0) + string(names[at], "<B"))
    head += record(0xFC, struct.pack("<II", len(strings), len(strings)) + b"".join(map(string, strings))) + record(0x0A)
    body = b"".join(bof() + sheet + record(0x0A) for sheet in sheets)
    return compound({"Workbook": head + body})


def budget():
    """Sheets with all that is drawn; a chart lies in the first."""
    formula = record(0x06, struct.pack("<HHH", 3, 0, 0) + b"\0\0\0\0\0\0\xff\xff" + bytes(8)) + record(
        0x207, string("합계")
    )
    first = (
        record(0x7D, struct.pack("<HHHHHH", 0, 0, 14 * 256, 0, 0, 0))
        + record(0x208, struct.pack("<HHHHHHI", 4, 0, 4, 0, 0, 0, 0x20))
        + text_cell(0, 0, 0, 1)
        + text_cell(1, 0, 1)
        + number_cell(1, 1, 1_240_000_000.0, 2)
        + number_cell(1, 2, 0.97, 3)
        + number_cell(1, 3, 46_400.0, 4)
        + bof(0x20)
        + text_cell(2, 0, 1)
        + record(0x0A)
        + formula
        + record(0xBD, struct.pack("<HHHIHIH", 3, 1, 2, (-5 & 0x3FFFFFFF) << 2 | 2, 0, 7 << 2 | 2, 2))
        + record(0x205, struct.pack("<HHHBB", 3, 3, 0, 7, 1))
        + text_cell(4, 0, 1)
        + record(0xE5, struct.pack("<HHHHH", 1, 0, 0, 0, 3))
    )
    second = number_cell(0, 0, 1.5) + record(0xBE, struct.pack("<HH", 1, 0) + struct.pack("<H", 5) * 200 + b"\xc7\0")
    return xls(first, second, text_cell(0, 0, 1), strings=("2027년 예산안", "영업본부"), hidden={2})
