"""Workbooks (ECMA-376 part 1, §18): sheets as tables with merged cells, looks of cells, numbers as they are shown, charts under them.

LIMITS    Those of `grid`. Hidden sheets are not shown, as in an office program; the text of the file names what is in
          them.
"""

import re
from collections.abc import Iterator
from typing import Any, Final

from smartmail.formats.extract.zip_archive import Archive
from smartmail.formats.layout import charts, tree
from smartmail.formats.layout.cell_formats import BUILT_IN, shown
from smartmail.formats.layout.grid import MAX_SHEETS, Grid, Place
from smartmail.formats.layout.making import Making, align, colour, joined, number, whole
from smartmail.formats.layout.model import Cell, Page, Paragraph, Run, Table
from smartmail.formats.layout.tree import Node

_CELL: Final = re.compile(r"([A-Z]{1,3})([1-9]\d{0,6})")
_AREA: Final = re.compile(r"([A-Z]{1,3}[1-9]\d{0,6}):([A-Z]{1,3}[1-9]\d{0,6})")
_POINTS: Final = 6.4  # of one character of a column's width
_STANDARD: Final = 8.43


def read(making: Making, archive: Archive) -> None:
    """Make a page of each sheet. Raises Enough."""
    book = tree.part(making.out, archive, "xl/workbook.xml")
    relations = tree.relations(making.out, archive, "xl/workbook.xml")
    since_1904 = book.find("workbookPr").get("date1904") in {"1", "true"}
    strings = [_plain(node) for node in tree.part(making.out, archive, "xl/sharedStrings.xml").nodes("si")]
    looks = _Looks(tree.part(making.out, archive, "xl/styles.xml"))
    for at, node in enumerate(book.find("sheets").nodes("sheet")):
        if node.get("state") in {"hidden", "veryHidden"}:
            continue
        if at >= MAX_SHEETS:
            making.out.note("limits")
            break
        name = making.text(node.get("name"))[:200]
        # A package without its relations has its sheets where all writers put them.
        place = relations.get(node.relation(), f"xl/worksheets/sheet{at + 1}.xml")
        part = tree.part(making.out, archive, place)
        table = _Sheet(making, strings, looks, since_1904=since_1904).table(part)
        drawings = charts.of_sheet(making, archive, part, place)
        making.page(Page(name=name, blocks=(*((table,) if table.rows else ()), *drawings)))


def _plain(node: Node) -> str:
    """Return the characters of a string, without what tells how to read it aloud."""
    return "".join(t.text() for part in (node, *node.nodes("r")) for t in part.nodes("t"))


class _Looks:
    """Formats, fonts, fills and alignments by the number of a cell's style."""

    def __init__(self, root: Node) -> None:
        forms = {whole(node.get("numFmtId")): node.get("formatCode") for node in root.find("numFmts").nodes("numFmt")}
        fonts = [_font(node) for node in root.find("fonts").nodes("font")]
        fills = [_fill(node) for node in root.find("fills").nodes("fill")]
        self._found: list[tuple[str, dict[str, Any], str, str]] = []
        for node in root.find("cellXfs").nodes("xf"):
            form, font, fill = (whole(node.get(key)) for key in ("numFmtId", "fontId", "fillId"))
            self._found.append((
                forms.get(form) or BUILT_IN.get(form, "General"), fonts[font] if font < len(fonts) else {},
                fills[fill] if fill < len(fills) else "", node.find("alignment").get("horizontal"),
            ))  # fmt: skip

    def of(self, style: int) -> tuple[str, dict[str, Any], str, str]:
        """Return (format, looks of characters, fill, alignment)."""
        return self._found[style] if style < len(self._found) else ("General", {}, "", "")


def _font(node: Node) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for tag, key in (("b", "bold"), ("i", "italic"), ("u", "underline"), ("strike", "strike")):
        if each := node.find(tag):
            found[key] = each.get("val") not in {"0", "false", "none"}
    found["color"] = colour(node.find("color").get("rgb"))
    size = number(node.find("sz").get("val"))
    if size > 13:  # what stands out; the rest is as large as the page has it
        found["size"] = min(size, 60)
    return found


def _fill(node: Node) -> str:
    pattern = node.find("patternFill")
    return colour(pattern.find("fgColor").get("rgb")) if pattern.get("patternType") == "solid" else ""


class _Sheet:
    def __init__(self, making: Making, strings: list[str], looks: _Looks, *, since_1904: bool) -> None:
        self._making, self._strings, self._looks, self._since_1904 = making, strings, looks, since_1904

    def table(self, root: Node) -> Table:
        """Return the sheet; rows and columns beyond the bounds are noted as missing."""
        grid = Grid(self._making)
        row_at = -1
        for row in root.find("sheetData").nodes("row"):
            row_at = whole(row.get("r"), row_at + 2, most=10_000_000) - 1
            if not grid.has_room(row_at):
                break
            if row.get("hidden") not in {"1", "true"}:
                self._row(row, row_at, grid)
        return grid.table(_merged(root), _widths(root, grid.size[1]))

    def _row(self, row: Node, row_at: int, grid: Grid) -> None:
        column = -1
        for node in row.nodes("c"):
            place = _place(node.get("r"))
            column = column + 1 if place is None else place[1]
            if not grid.has_room(row_at, column):
                break
            cell = self._cell(node)
            if cell.blocks or cell.fill:
                grid.put(row_at, column, cell)

    def _cell(self, node: Node) -> Cell:
        form, font, fill, horizontal = self._looks.of(whole(node.get("s")))
        text, standing = self._value(node, form)
        if not text:
            return Cell(fill=fill)
        run = Run(self._making.text(text), **font)
        return Cell((Paragraph(joined([run]), align=align(horizontal) or standing),), fill=fill)

    def _value(self, node: Node, form: str) -> tuple[str, Any]:
        """Return what a cell shows, and how it stands if nothing tells: numbers stand at the right."""
        kind, value = node.get("t"), node.find("v").text().strip()
        if kind == "inlineStr":
            return _plain(node.find("is")), ""
        if kind == "s":
            at = whole(value, -1)
            return (self._strings[at] if value and at < len(self._strings) else ""), ""
        if kind == "b":
            return "TRUE" if value == "1" else "FALSE", "center"
        if kind in {"str", "e"} or not value:
            return value, ""
        try:
            return shown(float(value), form, since_1904=self._since_1904), "right"
        except (ValueError, OverflowError):
            return value, ""


def _place(name: str) -> Place | None:
    match = _CELL.fullmatch(name)
    if match is None:
        return None
    column = 0
    for letter in match[1]:
        column = column * 26 + ord(letter) - 64
    return int(match[2]) - 1, column - 1


def _merged(root: Node) -> Iterator[tuple[Place, Place]]:
    for node in root.find("mergeCells").nodes("mergeCell"):
        match = _AREA.fullmatch(node.get("ref"))
        start, end = (_place(match[1]), _place(match[2])) if match else (None, None)
        if start is not None and end is not None:
            yield start, end


def _widths(root: Node, columns: int) -> tuple[int, ...]:
    standard = number(root.find("sheetFormatPr").get("defaultColWidth"), _STANDARD)
    widths = [standard] * columns
    for node in root.find("cols").nodes("col"):
        wide = 0.0 if node.get("hidden") in {"1", "true"} else number(node.get("width"), standard)
        for at in range(max(0, whole(node.get("min"), 1) - 1), min(whole(node.get("max")), columns)):
            widths[at] = wide
    return tuple(int(min(max(width, 2), 80) * _POINTS) for width in widths)
