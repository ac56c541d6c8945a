"""Sheets of OpenDocument (ISO/IEC 26300, ODF 1.3 part 3 §9): a cell shows the words that its writer showed.

LIMITS    Those of `grid`. Hidden sheets, and what another file lent, are not shown.
FAILURE   A cell whose words were not written shows its value: numbers plain, days and hours as ISO 8601 has them.
"""

import re
from typing import Any, Final

from msgspec.structs import replace

from smartmail.formats.extract.zip_archive import Archive
from smartmail.formats.layout import tree
from smartmail.formats.layout.cell_formats import shown
from smartmail.formats.layout.grid import MAX_COLUMNS, MAX_ROWS, MAX_SHEETS, Grid, Place
from smartmail.formats.layout.making import Making, align, colour, number, whole
from smartmail.formats.layout.model import Block, Cell, Page, Paragraph, Run
from smartmail.formats.layout.odf_styles import Properties, Styles, points
from smartmail.formats.layout.odf_text import DRAWN, Words, columns_of, rows_of
from smartmail.formats.layout.tree import Node

_STANDARD_WIDTH: Final = 64
_HIDDEN_WIDTH: Final = 12
_STANDS_OUT: Final = 13.0  # points; smaller characters are as large as the page has them
_MAX_REPEATED: Final = 2_000_000
_UNSEEN: Final = frozenset({"collapse", "filter"})
_VALUES: Final = ("string-value", "date-value", "time-value", "boolean-value", "value")
_HOURS: Final = re.compile(r"PT(\d{1,6})H(\d{1,2})M(\d{1,2})(?:[.,]\d*)?S")


def read(making: Making, archive: Archive, content: Node) -> None:
    """Make a page of each sheet. Raises Enough."""
    styles = Styles(tree.part(making.out, archive, "styles.xml").find("styles"), content.find("automatic-styles"))
    for at, node in enumerate(content.find("body", "spreadsheet").nodes("table")):
        if styles.of("table", node.get("style-name")).get("display") == "false" or node.find("table-source"):
            continue
        if at >= MAX_SHEETS:
            making.out.note("limits")
            break
        words = Words(making, archive, styles)
        name = making.text(node.get("name"))[:200]
        blocks: list[Block] = []
        try:
            _Sheet(making, words, styles, node).make(blocks)
            words.blocks(node.find("shapes"), blocks, 0)
        finally:
            making.pages.append(Page(name=name, blocks=tuple(blocks)))


class _Sheet:
    def __init__(self, making: Making, words: Words, styles: Styles, node: Node) -> None:
        self._making, self._words, self._styles, self._node = making, words, styles, node
        self._grid = Grid(making)
        self._areas: list[tuple[Place, Place]] = []
        self._defaults: list[str] = []
        self._widths: list[int] = []
        for column in columns_of(node):
            times = min(_times(column, "columns"), MAX_COLUMNS - len(self._widths))
            self._defaults += [column.get("default-cell-style-name")] * times
            self._widths += [self._width(column)] * times

    def make(self, blocks: list[Block]) -> None:
        """Add the sheet, as far as it was made. Raises Enough."""
        try:
            self._fill()
        finally:
            table = self._grid.table(self._areas, tuple(self._widths))
            if table.rows:
                blocks.append(table)

    def _fill(self) -> None:
        at = 0
        for row in rows_of(self._node):
            times = _times(row, "rows")
            said = any(_says(cell) for cell in row.nodes("table-cell"))
            # Writers colour a million rows to say that the sheet is coloured: that is no content.
            if row.get("visibility") not in _UNSEEN and (said or at + times <= MAX_ROWS):
                for each in range(times):
                    if not self._grid.has_room(at + each) or not self._row(row, at + each):
                        break
            at += times

    def _row(self, node: Node, row: int) -> bool:
        """Put the cells of a row; False when it holds nothing."""
        column, found = 0, False
        for cell in node.nodes("table-cell", "covered-table-cell"):
            times = _times(cell, "columns")
            if cell.name == "table-cell" and column < MAX_COLUMNS:
                default = self._defaults[column] if column < len(self._defaults) else ""
                said = self._styles.of(
                    "table-cell", cell.get("style-name") or node.get("default-cell-style-name") or default
                )
                found = self._put(cell, said, (row, column), times) or found
            elif _says(cell) and cell.name == "table-cell":
                self._grid.has_room(row, column)
            column += times
        return found

    def _put(self, node: Node, said: Properties, place: Place, times: int) -> bool:
        row, column = place
        ground = colour(said.get("background-color", ""))
        if not _says(node):
            if not ground or column + times > MAX_COLUMNS:
                return False
            for each in range(times):
                self._grid.put(row, column + each, Cell(fill=ground))
        else:
            for each in range(times):
                if not self._grid.has_room(row, column + each):
                    break
                self._grid.put(row, column + each, Cell(tuple(self._blocks(node, said)), fill=ground))
        down, right = (whole(node.get(f"number-{each}-spanned"), 1, most=_MAX_REPEATED) for each in ("rows", "columns"))
        if down > 1 or right > 1:
            self._areas.append((place, (row + max(down, 1) - 1, column + max(right, 1) - 1)))
        return True

    def _blocks(self, node: Node, said: Properties) -> list[Block]:
        base = dict(said)
        for key in ("font-size", "font-size-asian"):
            if points(base.get(key, "")) <= _STANDS_OUT:
                base.pop(key, None)
        kind = node.get("value-type")
        standing: Any = {"string": "", "": "", "boolean": "center"}.get(kind, "right")
        if base.get("text-align-source") != "value-type":
            standing = align(base.get("text-align", "")) or standing
        base.pop("text-align", None)
        base.pop("margin-left", None)
        blocks: list[Block] = []
        self._words.blocks(node, blocks, 1, (base,))
        if not blocks:
            blocks.append(Paragraph((Run(self._making.text(_value(node, kind))),)))
        return [
            replace(each, align=standing) if isinstance(each, Paragraph) and not each.align else each for each in blocks
        ]

    def _width(self, column: Node) -> int:
        if column.get("visibility") in _UNSEEN:
            return _HIDDEN_WIDTH
        wide = points(
            self._styles.of("table-column", column.get("style-name")).get("column-width", ""), _STANDARD_WIDTH
        )
        return int(min(max(wide, _HIDDEN_WIDTH), 512))


def _says(cell: Node) -> bool:
    return any(cell.nodes("p", "list", *DRAWN)) or any(cell.get(name) for name in _VALUES)


def _times(node: Node, what: str) -> int:
    return max(1, whole(node.get(f"number-{what}-repeated"), 1, most=_MAX_REPEATED))


def _value(cell: Node, kind: str) -> str:
    text = next((found for name in _VALUES if (found := cell.get(name))), "")
    if kind == "boolean":
        return text.upper()
    if kind == "date":
        return text.replace("T", " ")
    if match := _HOURS.fullmatch(text):
        return f"{match[1]}:{match[2]:0>2}:{match[3]:0>2}"
    if kind in {"float", "currency", "percentage"}:
        value = shown(number(text), "0.00%" if kind == "percentage" else "General")
        return f"{value} {cell.get('currency')}".strip()
    return text
