"""Workbooks of Excel before XML ([MS-XLS], BIFF8): sheets as tables with merged cells, looks of cells, numbers as they are shown.

LIMITS    Those of `grid`. Older ones (BIFF5) have no layout; hidden sheets and charts are not shown.
FAILURE   A record that lies about its size is left out; encrypted ones raise Unreadable.
"""

import struct
from typing import Any, Final

from smartmail.formats.extract import biff
from smartmail.formats.extract.out import Unreadable
from smartmail.formats.layout.cell_formats import BUILT_IN, shown
from smartmail.formats.layout.grid import MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Grid, Place
from smartmail.formats.layout.making import Making, joined
from smartmail.formats.layout.model import Align, Block, Cell, Page, Paragraph, Run

_BOF, _EOF, _FILEPASS, _BOUNDSHEET, _SST, _DATES = 0x0809, 0x000A, 0x002F, 0x0085, 0x00FC, 0x0022
_FONT, _FORMAT, _XF, _PALETTE = 0x0031, 0x041E, 0x00E0, 0x0092
_ROW, _COLINFO, _MERGED = 0x0208, 0x007D, 0x00E5
_BLANK, _MULBLANK, _NUMBER, _RK, _MULRK = 0x0201, 0x00BE, 0x0203, 0x027E, 0x00BD
_LABEL, _LABELSST, _BOOLERR, _FORMULA, _STRING = 0x0204, 0x00FD, 0x0205, 0x0006, 0x0207
_BIFF8, _WORKSHEET = b"\x00\x06", b"\x10\x00"
_POINTS: Final = 6.4 / 256  # of a column's width
_STANDARD: Final = 56
_MAX_KEPT: Final = 20_000  # fonts, formats, looks, merged areas
_STANDS_OUT: Final = 13.0
_ALIGN: Final[dict[int, Align]] = {1: "left", 2: "center", 3: "right", 5: "justify", 6: "center"}
_ERRORS: Final = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_COLOURS: Final = (
    "000000 ffffff ff0000 00ff00 0000ff ffff00 ff00ff 00ffff 800000 008000 000080 808000 800080 008080 c0c0c0 808080 "
    "9999ff 993366 ffffcc ccffff 660066 ff8080 0066cc ccccff 000080 ff00ff ffff00 00ffff 800080 800000 008080 0000ff "
    "00ccff ccffff ccffcc ffff99 99ccff ff99cc cc99ff ffcc99 3366ff 33cccc 99cc00 ffcc00 ff9900 ff6600 666699 969696 "
    "003366 339966 003300 333300 993300 993366 333399 333333"
)
_FIRST_COLOUR: Final = 8


def read(making: Making, octets: bytes) -> None:
    """Make a page of each sheet. Raises Unreadable and Enough."""
    book = _Book(making)
    try:
        for number, (kind, payloads) in enumerate(biff.records(octets)):
            if not number % 1_000:
                making.out.tick()
            try:
                book.take(kind, payloads)
            except (struct.error, IndexError):
                making.out.note("damaged")
    finally:
        book.end_sheet()


class _Book:
    """What stands before the sheets, and the sheet that is being read; one stream may lie in another (a chart in a sheet)."""

    def __init__(self, making: Making) -> None:
        self._making = making
        self._depth = 0
        self._names: list[tuple[int, str, bool]] = []
        self._next = 0
        self._sheet: _Sheet | None = None
        self.looks = _Looks()
        self.strings: list[str] = []
        self.since_1904 = False

    def take(self, kind: int, payloads: list[bytes]) -> None:
        """Take a record. Raises struct.error and IndexError for a lie, Unreadable and Enough."""
        payload = payloads[0]
        if kind == _BOF:
            self._begin(payload)
        elif kind == _EOF:
            self._depth = max(0, self._depth - 1)
            if not self._depth:
                self.end_sheet()
        elif kind == _FILEPASS:
            raise Unreadable("encrypted")
        elif self._sheet is not None:
            if self._depth == 1:
                self._sheet.take(kind, payload)
        elif kind == _SST:
            self.strings = list(biff.shared_strings(self._making.out, payloads))
        elif kind == _BOUNDSHEET:
            if len(self._names) < MAX_SHEETS:
                place, hidden, what = struct.unpack_from("<IBB", payload)
                self._names.append((place, _text(payload[6:], payload[6], 1), bool(hidden & 3 or what)))
            else:
                self._making.out.note("limits")
        elif kind == _DATES:
            self.since_1904 = payload[:1] == b"\x01"
        else:
            self.looks.take(kind, payload)

    def _begin(self, payload: bytes) -> None:
        if not self._depth and payload[:2] != _BIFF8:
            raise Unreadable("unsupported")
        self._depth += 1
        if self._depth == 1 and self._names:
            self._names.sort()
            name, hidden = self._names[self._next][1:] if self._next < len(self._names) else ("", True)
            self._next += 1
            self._sheet = _Sheet(self._making, self, name, hidden=hidden or payload[2:4] != _WORKSHEET)

    def end_sheet(self) -> None:
        """Keep the page of the sheet that was read. Raises Enough."""
        sheet, self._sheet = self._sheet, None
        if sheet is not None:
            sheet.end()


class _Looks:
    """Fonts, formats, grounds and alignments by the number of a cell's look."""

    def __init__(self) -> None:
        self._colours = _COLOURS.split()
        self._fonts: list[dict[str, Any]] = []
        self._forms: dict[int, str] = {}
        self._looks: list[tuple[int, int, Align, int]] = []

    def take(self, kind: int, payload: bytes) -> None:
        if kind == _PALETTE:
            for at in range(min(struct.unpack_from("<H", payload)[0], len(self._colours))):
                self._colours[at] = payload[2 + at * 4 : 5 + at * 4].hex().ljust(6, "0")
        elif kind == _FONT and len(self._fonts) < _MAX_KEPT:
            size, flags, colour, weight, _, line = struct.unpack_from("<HHHHHB", payload)
            found: dict[str, Any] = {"bold": weight >= 600, "italic": bool(flags & 2), "strike": bool(flags & 8),
                                     "underline": bool(line), "color": colour}  # fmt: skip
            if size / 20 > _STANDS_OUT:
                found["size"] = min(size / 20, 60)
            self._fonts.append(found)
        elif kind == _FORMAT and len(self._forms) < _MAX_KEPT:
            number, count = struct.unpack_from("<HH", payload)
            self._forms[number] = _text(payload[2:], count, 2)
        elif kind == _XF and len(self._looks) < _MAX_KEPT:
            font, form = struct.unpack_from("<HH", payload)
            pattern, ground = struct.unpack_from("<IH", payload, 14)
            fill = ground & 0x7F if pattern >> 26 == 1 else 0x7F
            self._looks.append((font, form, _ALIGN.get(payload[6] & 7, ""), fill))

    def of(self, number: int) -> tuple[str, dict[str, Any], str, Align]:
        """Return (format, looks of characters, ground, alignment)."""
        font, form, align, fill = self._looks[number] if number < len(self._looks) else (0, 0, "", 0x7F)
        font -= font > 4  # there is no font of number 4
        looks = self._fonts[font] if font < len(self._fonts) else {}
        looks = {**looks, "color": self._colour(looks.get("color", 0x7F))}
        return self._forms.get(form) or BUILT_IN.get(form, "General"), looks, self._colour(fill), align

    def _colour(self, number: int) -> str:
        at = number - _FIRST_COLOUR if number >= _FIRST_COLOUR else number
        return self._colours[at] if at < len(self._colours) else ""


class _Sheet:
    def __init__(self, making: Making, book: _Book, name: str, *, hidden: bool) -> None:
        self._making, self._book, self._hidden = making, book, hidden
        self._name = "" if hidden else making.text(name)[:200]
        self._grid = Grid(making)
        self._areas: list[tuple[Place, Place]] = []
        self._widths = [_STANDARD] * MAX_COLUMNS
        self._hidden_rows: set[int] = set()
        self._waiting: tuple[int, int, int] | None = None  # a formula whose text follows

    def take(self, kind: int, payload: bytes) -> None:
        """Take a record of the sheet. Raises struct.error and IndexError for a lie, and Enough."""
        if self._hidden:
            return
        if kind in {_BLANK, _NUMBER, _RK, _LABEL, _LABELSST, _BOOLERR, _FORMULA}:
            row, column, look = struct.unpack_from("<HHH", payload)
            self._cell(kind, payload, (row, column, look))
        elif kind in {_MULRK, _MULBLANK}:
            row, column = struct.unpack_from("<HH", payload)
            size = 6 if kind == _MULRK else 2
            for at in range(4, len(payload) - 1 - size, size):
                (look,) = struct.unpack_from("<H", payload, at)
                self._put(biff.rk(payload[at + 2 : at + 6]) if kind == _MULRK else "", (row, column, look))
                column += 1
        elif kind == _STRING and self._waiting:
            self._put(_text(payload, struct.unpack_from("<H", payload)[0], 2), self._waiting)
            self._waiting = None
        elif kind == _MERGED:
            for at in range(2, len(payload) - 7, 8):
                top, bottom, left, right = struct.unpack_from("<HHHH", payload, at)
                if len(self._areas) < _MAX_KEPT:
                    self._areas.append(((top, left), (bottom, right)))
        elif kind == _COLINFO:
            first, last, width, _, flags = struct.unpack_from("<HHHHH", payload)
            for at in range(first, min(last + 1, MAX_COLUMNS)):
                self._widths[at] = 12 if flags & 1 else int(min(max(width * _POINTS, 12), 512))
        elif kind == _ROW and struct.unpack_from("<I", payload, 12)[0] & 0x20:
            self._hidden_rows.add(struct.unpack_from("<H", payload)[0])

    def _cell(self, kind: int, payload: bytes, place: tuple[int, int, int]) -> None:
        value: str | float = ""
        if kind == _NUMBER or (kind == _FORMULA and payload[12:14] != b"\xff\xff"):
            (value,) = struct.unpack_from("<d", payload, 6)
        elif kind == _RK:
            value = biff.rk(payload[6:10])
        elif kind == _LABELSST:
            (at,) = struct.unpack_from("<I", payload, 6)
            value = self._book.strings[at]
        elif kind == _LABEL:
            value = _text(payload[6:], struct.unpack_from("<H", payload, 6)[0], 2)
        elif kind == _BOOLERR:
            value = _ERRORS.get(payload[6], "") if payload[7] else _truth(payload[6])
        elif kind == _FORMULA:
            what = payload[6]
            self._waiting = place if what == 0 else None
            value = _truth(payload[8]) if what == 1 else _ERRORS.get(payload[8], "") if what == 2 else ""
        self._put(value, place)

    def _put(self, value: str | float, place: tuple[int, int, int]) -> None:
        row, column, look = place
        form, looks, fill, align = self._book.looks.of(look)
        if value == "" and (not fill or row >= MAX_ROWS or column >= MAX_COLUMNS):
            return
        if row in self._hidden_rows or not self._grid.has_room(row, column):
            return
        text = value if isinstance(value, str) else _shown(value, form, since_1904=self._book.since_1904)
        blocks: tuple[Block, ...] = ()
        if text:
            run = Run(self._making.text(text), **looks)
            blocks = (Paragraph(joined([run]), align=align or ("" if isinstance(value, str) else "right")),)
        self._grid.put(row, column, Cell(blocks, fill=fill))

    def end(self) -> None:
        """Keep the page. Raises Enough."""
        if not self._hidden:
            table = self._grid.table(self._areas, tuple(self._widths))
            self._making.page(Page(name=self._name, blocks=(table,) if table.rows else ()))


def _shown(value: float, form: str, *, since_1904: bool) -> str:
    try:
        return shown(value, form, since_1904=since_1904)
    except (ValueError, OverflowError):  # neither infinity nor what is no number has a form
        return str(value)


def _truth(octet: int) -> str:
    return "TRUE" if octet else "FALSE"


def _text(octets: bytes, count: int, head: int) -> str:
    """Return a string of one size octet or two (§2.5.293, §2.5.294)."""
    wide = bool(octets[head] & 1)
    return biff.characters(octets[head + 1 : head + 1 + count * (1 + wide)], wide=wide)
