"""Word documents (ECMA-376 part 1, §17): paragraphs, lists, tables with merged cells, pictures, charts; headers before, notes after."""

import re
from collections.abc import Iterator
from typing import Final

from smartmail.formats.extract.out import Out
from smartmail.formats.extract.zip_archive import Archive
from smartmail.formats.layout import charts, tree
from smartmail.formats.layout.making import MAX_NESTED, Making, colour, joined, number, whole
from smartmail.formats.layout.model import Block, Cell, Page, Paragraph, Run, Table
from smartmail.formats.layout.tree import Node
from smartmail.formats.layout.word_styles import Lists, Looks, Styles, paragraph_looks, run_looks

_MAIN: Final = "word/document.xml"
_AFTER: Final = ("word/footnotes.xml", "word/endnotes.xml")
_HEADERS: Final = re.compile(r"word/header\d*\.xml")
_EMU: Final = 12_700  # in a point
_TWIPS: Final = 20
_INLINE: Final = frozenset({"hyperlink", "ins", "smartTag", "fldSimple", "sdt", "sdtContent", "moveTo", "customXml"})
_MARKS: Final = {"tab": "\t", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
_MAX_COLUMNS: Final = 60


def read(making: Making, archive: Archive) -> None:
    """Make the page of a document. Raises Enough."""
    document = _Document(making, archive)
    blocks: list[Block] = []
    try:
        document.all(blocks)
    finally:
        making.pages.append(Page(blocks=tuple(blocks)))


class _Document:
    def __init__(self, making: Making, archive: Archive) -> None:
        self._making, self._archive = making, archive
        self._out: Out = making.out
        self._styles = Styles(tree.part(self._out, archive, "word/styles.xml"))
        self._lists = Lists(tree.part(self._out, archive, "word/numbering.xml"))
        self._relations: dict[str, str] = {}

    def all(self, blocks: list[Block]) -> None:
        headers = [member.name for member in self._archive.matching(_HEADERS)][:1]
        for name in (*headers, _MAIN, *_AFTER):
            self._relations = tree.relations(self._out, self._archive, name)
            root = tree.part(self._out, self._archive, name)
            if name == _MAIN:
                self._blocks(root.find("body"), blocks, 0)
            elif name in headers:
                self._blocks(root, blocks, 0)
            else:
                for note in root.nodes("footnote", "endnote"):
                    if not note.get("type"):  # separators have one
                        self._blocks(note, blocks, 0)

    def _blocks(self, around: Node, blocks: list[Block], depth: int) -> None:
        for node in around.nodes():
            if node.name == "p":
                self._paragraph(node, blocks, depth)
            elif node.name == "tbl" and depth < MAX_NESTED:
                blocks.append(self._table(node, depth + 1))
            elif node.name in {"sdt", "sdtContent", "customXml", "ins"}:
                self._blocks(node, blocks, depth)

    def _paragraph(self, node: Node, blocks: list[Block], depth: int) -> None:
        self._making.block()
        properties = node.find("pPr")
        looks, own = paragraph_looks(self._styles, properties)
        entry = properties.find("numPr") or self._styles.numbering(properties.find("pStyle").get("val"))
        marker, level = self._lists.marker(entry) if entry else ("", 0)
        indent = level or min(int(number(properties.find("ind").get("left")) / (_TWIPS * 20)), 8)
        runs: list[Run] = []
        beside: list[Block] = []  # pictures and boxes
        for run in _runs(node):
            self._run(run, looks, runs, beside, depth)
        if runs or not beside:
            blocks.append(Paragraph(joined(runs), marker=marker, indent=max(0, indent), **own))
        blocks.extend(beside)

    def _run(self, node: Node, looks: Looks, runs: list[Run], beside: list[Block], depth: int) -> None:
        properties = node.find("rPr")
        if properties:
            if properties.find("vanish") and properties.find("vanish").get("val") not in {"0", "false"}:
                return
            style = properties.find("rStyle").get("val")
            looks = {**looks, **(self._styles.of_run(style) if style else {}), **run_looks(properties)}
        text = ""
        for part in node.nodes():
            if part.name == "t":
                text += part.text()
            elif part.name == "br":
                text += "\n"
            elif part.name in _MARKS:
                text += _MARKS[part.name]
            elif part.name == "sym":
                text += "•" if part.get("char").upper() in {"F0B7", "F0A7"} else "□"
            elif part.name in {"drawing", "pict", "object", "AlternateContent"} and depth < MAX_NESTED:
                self._drawing(part, beside, depth + 1)
        if text:
            runs.append(Run(self._making.text(text), **looks))

    def _drawing(self, node: Node, beside: list[Block], depth: int) -> None:
        if node.name == "AlternateContent":  # the same twice, for new and old readers
            node = node.find("Choice")
        extent = next(node.every("extent"), Node("", {}))
        width, height = number(extent.get("cx")) / _EMU, number(extent.get("cy")) / _EMU
        for picture in node.every("blip", "imagedata"):
            name = self._relations.get(picture.relation())
            if name is not None:
                self._making.block()
                beside.append(self._making.picture(self._archive, name, width, height))
        if chart := charts.name_of(node, self._relations):
            beside += charts.with_table(self._making, self._archive, chart, width, height)
        for box in node.every("txbxContent"):
            self._blocks(box, beside, depth)

    def _table(self, node: Node, depth: int) -> Table:
        widths = tuple(whole(each.get("w")) // _TWIPS for each in node.find("tblGrid").nodes("gridCol"))[:_MAX_COLUMNS]
        rows: list[list[Cell]] = []
        growing: dict[int, tuple[int, int]] = {}  # column → row and place of the cell that covers what is below it
        for row in _rows(node):
            cells: list[Cell] = []
            column = whole(row.find("trPr", "gridBefore").get("val"), most=_MAX_COLUMNS)
            if column:
                cells.append(Cell(columns=column))
            for cell in (each for each in row.nodes("tc", "sdt") if column < _MAX_COLUMNS):
                column = self._cell(cell if cell.name == "tc" else cell.find("sdtContent", "tc"), column, depth,
                                    cells, rows, growing)  # fmt: skip
            rows.append(cells)
        return Table(tuple(map(tuple, rows)), widths)

    def _cell(
        self, node: Node, column: int, depth: int, cells: list[Cell], rows: list[list[Cell]],
        growing: dict[int, tuple[int, int]],
    ) -> int:  # fmt: skip
        """Add a cell to its row, or to the one above that covers it; return the column after it."""
        self._making.block()
        properties = node.find("tcPr")
        span = max(1, whole(properties.find("gridSpan").get("val"), 1, most=_MAX_COLUMNS))
        merge = properties.find("vMerge")
        if merge and merge.get("val") != "restart":
            above = growing.get(column)
            if above is not None:
                row, at = above
                old = rows[row][at]
                rows[row][at] = Cell(old.blocks, old.columns, old.rows + 1, old.fill)
                return column + span
        blocks: list[Block] = []
        self._blocks(node, blocks, depth)
        growing.pop(column, None)
        if merge:
            growing[column] = len(rows), len(cells)
        cells.append(Cell(tuple(blocks), span, 1, colour(properties.find("shd").get("fill"))))
        return column + span


def _runs(node: Node) -> Iterator[Node]:
    """Give the runs of a paragraph, those in links and accepted changes too; what was struck out by a change is gone."""
    todo = list(node.nodes())[::-1]
    while todo:
        part = todo.pop()
        if part.name == "r":
            yield part
        elif part.name in _INLINE:
            todo += list(part.nodes())[::-1]


def _rows(node: Node) -> Iterator[Node]:
    for part in node.nodes():
        if part.name == "tr":
            yield part
        elif part.name in {"sdt", "ins"}:
            yield from (part.find("sdtContent") or part).nodes("tr")
