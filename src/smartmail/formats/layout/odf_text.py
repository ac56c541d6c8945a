"""Words of OpenDocument (ISO/IEC 26300, ODF 1.3 part 3 §5, §6, §9, §10): paragraphs, lists, tables, pictures and boxes.

Serves texts, and the boxes of slides and the cells of sheets, whose characters look like the style of what is around
them (`base`). A link is its characters; a picture that lies elsewhere is not there; comments, forms and what was struck
out by a change are not shown.
"""

import re
from collections.abc import Iterator
from typing import Final

from msgspec.structs import replace

from smartmail.formats.extract.zip_archive import Archive
from smartmail.formats.layout import tree
from smartmail.formats.layout.making import MAX_NESTED, Making, colour, joined, number, whole
from smartmail.formats.layout.model import Block, Cell, Page, Paragraph, Run, Table
from smartmail.formats.layout.odf_styles import Counter, Properties, Styles, merge, paragraph_looks, points, run_looks
from smartmail.formats.layout.tree import NOTHING, Node

_SPACE: Final = re.compile(r"[ \t\r\n]+")
_AROUND: Final = frozenset((
    "section", "index-body", "index-title", "table-of-content", "illustration-index", "table-index", "object-index",
    "user-index", "alphabetical-index", "bibliography", "numbered-paragraph", "text-box",
))  # fmt: skip
_SHAPES: Final = frozenset(
    {"custom-shape", "rect", "ellipse", "circle", "polygon", "path", "caption", "regular-polygon"}
)
DRAWN: Final = _SHAPES | {"frame", "g", "a"}
_HIDDEN: Final = frozenset((
    "annotation", "annotation-end", "tracked-changes", "forms", "event-listeners", "script", "binary-data",
    "note-citation", "meta-template", "number",
))  # fmt: skip
_MAX_SPACES: Final = 100
_MAX_COLUMNS: Final = 60
_MAX_REPEATED: Final = 100
_MAX_SPAN: Final = 1_000
_PAGE_WIDTH: Final = 480.0  # points between the margins of A4
_MAX_HEADING: Final = 6
_MAX_MARKER: Final = 40

Base = tuple[Properties, ...]
"""How characters look by what is around them, at each level of its lists; the first is that of what is in no list."""


def read(making: Making, archive: Archive, content: Node) -> None:
    """Make the page of a text: the header of its pages, its body, its notes. Raises Enough."""
    styles = tree.part(making.out, archive, "styles.xml")
    blocks: list[Block] = []
    try:
        Words(making, archive, Styles(styles.find("styles"), styles.find("automatic-styles"))).blocks(
            _header(styles), blocks, 0
        )
        words = Words(making, archive, Styles(styles.find("styles"), content.find("automatic-styles")))
        try:
            words.blocks(content.find("body", "text"), blocks, 0)
        finally:
            blocks.extend(words.notes)
    finally:
        making.pages.append(Page(blocks=tuple(blocks)))


def _header(styles: Node) -> Node:
    pages = list(styles.find("master-styles").nodes("master-page"))
    page = next((each for each in pages if each.get("name") == "Standard"), pages[0] if pages else NOTHING)
    header = page.find("header")
    return NOTHING if header.get("display") == "false" else header


class _Line:
    """The runs of one paragraph. White space is one space, and none at its beginning (§6.1.2)."""

    def __init__(self) -> None:
        self.runs: list[Run] = []
        self.beside: list[Block] = []
        self.spaced = True
        self.said: Properties | None = None  # of the last run


class Words:
    """Makes blocks of elements. `notes` are collected: footnotes and endnotes, in their order."""

    def __init__(self, making: Making, archive: Archive, styles: Styles) -> None:
        self._making, self._archive, self._styles = making, archive, styles
        self.notes: list[Block] = []
        self._outline = Counter(styles.numbering)
        self._lists: dict[str, Counter] = {}

    def blocks(self, around: Node, blocks: list[Block], depth: int, base: Base | None = None) -> None:
        """Add what is right inside. Raises Enough."""
        for node in around.nodes():
            self._block(node, blocks, depth, base)

    def _block(self, node: Node, blocks: list[Block], depth: int, base: Base | None) -> None:
        if node.name in {"p", "h"}:
            self._paragraph(node, blocks, depth, base)
        elif node.name == "list":
            self.entries(node, blocks, depth, base)
        elif node.name == "table" and depth < MAX_NESTED:
            blocks.append(self.table(node, depth + 1))
        elif node.name in _AROUND and node.get("display") != "none":
            self.blocks(node, blocks, depth, base)
        elif node.name in DRAWN:
            self._drawn(node, blocks, depth + 1)

    # --- Paragraphs -------------------------------------------------------------------------------------------------

    def _paragraph(
        self, node: Node, blocks: list[Block], depth: int, base: Base | None, marker: str = "", indent: int = 0
    ) -> None:
        self._making.block()
        name = node.get("style-name")
        said = self._said(name, base, indent)
        line = _Line()
        self._walk(node, said, line, depth)
        looks = paragraph_looks(said)
        if indent:
            looks["indent"] = indent
        if any(run.text.strip() for run in line.runs) and (heading := self._heading(node, name)):
            looks["heading"] = heading
            if not indent and node.name == "h":
                marker = self._numbered(node, heading)
        if line.runs or marker or not line.beside:
            blocks.append(Paragraph(joined(line.runs), marker=self._making.text(marker), **looks))
        blocks.extend(line.beside)

    def _said(self, name: str, base: Base | None, level: int) -> Properties:
        if not base:
            return self._styles.of("paragraph", name)
        said = dict(base[min(max(level, 1), len(base)) - 1])
        merge(said, self._styles.own("paragraph", name))
        return said

    def _heading(self, node: Node, style: str) -> int:
        if node.name == "h":
            return max(1, whole(node.get("outline-level"), 1, most=_MAX_HEADING))
        return 1 if self._styles.title(style) else 0

    def _numbered(self, node: Node, level: int) -> str:
        own = self._styles.node("paragraph", node.get("style-name"))
        if node.get("is-list-header") == "true" or own.get("list-style-name", "outline") == "":
            return ""
        return self._outline.marker(level, node.get("start-value") if node.get("restart-numbering") == "true" else "")

    def _walk(self, node: Node, said: Properties, line: _Line, depth: int) -> None:
        for part in node.parts:
            if isinstance(part, str):
                text = _SPACE.sub(" ", part)
                text = text[1:] if line.spaced and text.startswith(" ") else text
                if text:
                    self._run(text, said, line)
                    line.spaced = text.endswith(" ")
            else:
                self._inline(part, said, line, depth)

    def _inline(self, node: Node, said: Properties, line: _Line, depth: int) -> None:
        if node.name == "span":
            own = dict(said)
            merge(own, self._styles.own("text", node.get("style-name")))
            if own.get("display") != "none":
                self._walk(node, own, line, depth)
        elif node.name == "s":
            self._run(" " * min(whole(node.get("c"), 1), _MAX_SPACES), said, line)
            line.spaced = False
        elif node.name in {"tab", "line-break"}:
            self._run("\t" if node.name == "tab" else "\n", said, line)
            line.spaced = node.name == "line-break"
        elif node.name == "note":
            self._note(node, said, line, depth)
        elif node.name == "ruby-text":
            self._run(f"({node.text()})", said, line)
        elif node.name in DRAWN and node.name != "a":
            self._drawn(node, line.beside, depth + 1)
        elif node.name not in _HIDDEN and node.get("is-hidden") != "true":
            self._walk(node, said, line, depth)

    def _run(self, text: str, said: Properties, line: _Line) -> None:
        if said.get("display") == "none":
            return
        text = self._making.text(text)
        if said is line.said and not text.strip():
            line.runs.append(replace(line.runs[-1], text=text))  # spaces are as large as the Hangul before them
        else:
            line.runs.append(Run(text, **run_looks(said, text)))
            line.said = said

    def _note(self, node: Node, said: Properties, line: _Line, depth: int) -> None:
        sign = node.find("note-citation").text()[:_MAX_MARKER]
        self._run(sign, {**said, "text-position": "super"}, line)
        if depth < MAX_NESTED:
            notes: list[Block] = []
            self.blocks(node.find("note-body"), notes, depth + 1)
            if notes and isinstance(notes[0], Paragraph):
                notes[0] = replace(notes[0], marker=self._making.text(sign), indent=1)
            self.notes += notes

    # --- Lists ------------------------------------------------------------------------------------------------------

    def entries(
        self, node: Node, blocks: list[Block], depth: int, base: Base | None, level: int = 1,
        counter: Counter | None = None,
    ) -> None:  # fmt: skip
        """Add the entries of a list and of those in it. Raises Enough."""
        name = node.get("style-name")
        shape = self._styles.list_style(name)
        goes_on = self._lists.get(f"#{node.get('continue-list')}") if level == 1 else None
        if goes_on is None and node.get("continue-numbering") == "true":
            goes_on = self._lists.get(name)
        if goes_on is not None:
            counter = goes_on
        elif counter is None or shape:
            counter = Counter(shape)
        if level == 1:
            self._lists[name] = counter
            if node.get("id"):
                self._lists[f"#{node.get('id')}"] = counter
        for entry in node.nodes("list-item", "list-header"):
            marker = entry.name == "list-item"
            for part in entry.nodes():
                if part.name == "list":
                    self.entries(part, blocks, depth, base, level + 1, counter)
                elif part.name in {"p", "h"}:
                    sign = counter.marker(level, entry.get("start-value")) if marker else ""
                    self._paragraph(part, blocks, depth, base, sign, level)
                    marker = False
                else:
                    self._block(part, blocks, depth, base)

    # --- Tables, pictures, boxes ------------------------------------------------------------------------------------

    def table(self, node: Node, depth: int, base: Base | None = None) -> Table:
        """Return a table of a text or of a slide. Raises Enough."""
        rows: list[tuple[Cell, ...]] = []
        for row in rows_of(node):
            # What is repeated is made anew: its characters count each time.
            times = max(1, whole(row.get("number-rows-repeated"), 1, most=_MAX_REPEATED))
            rows.extend(self._row(row, depth, base) for _ in range(times))
        return Table(tuple(rows), self._widths(node))

    def _row(self, node: Node, depth: int, base: Base | None) -> tuple[Cell, ...]:
        cells: list[Cell] = []
        column = 0
        for cell in node.nodes("table-cell", "covered-table-cell"):
            times = max(1, whole(cell.get("number-columns-repeated"), 1, most=_MAX_COLUMNS))
            for _ in range(min(times, _MAX_COLUMNS - column)):
                self._making.block()
                column += 1
                if cell.name == "table-cell":
                    cells.append(self._cell(cell, depth, base))
        return tuple(cells)

    def _cell(self, node: Node, depth: int, base: Base | None) -> Cell:
        blocks: list[Block] = []
        name = node.get("style-name")
        if base:  # on slides the style of a cell says how its words look
            base = ({**base[0], **self._styles.own("table-cell", name)},)
        self.blocks(node, blocks, depth, base)
        said = self._styles.of("table-cell", name)
        columns, down = (
            max(1, whole(node.get(f"number-{key}-spanned"), 1, most=most))
            for key, most in (("columns", _MAX_COLUMNS), ("rows", _MAX_SPAN))
        )
        ground = colour(said.get("background-color", "")) or (
            colour(said.get("fill-color", "")) if said.get("fill") == "solid" else ""
        )
        return Cell(tuple(blocks), columns, down, ground)

    def _widths(self, node: Node) -> tuple[int, ...]:
        widths: list[float] = []
        shares: list[float] = []
        for column in columns_of(node):
            said = self._styles.of("table-column", column.get("style-name"))
            times = min(max(1, whole(column.get("number-columns-repeated"), 1)), _MAX_COLUMNS - len(widths))
            widths += [points(said.get("column-width", ""))] * times
            shares += [number(said.get("rel-column-width", "").removesuffix("*"))] * times
        if not all(widths):
            wide = points(self._styles.of("table", node.get("style-name")).get("width", ""), _PAGE_WIDTH)
            widths = [share * wide / sum(shares) for share in shares] if shares and all(shares) else []
        return tuple(max(1, min(int(width), 4_000)) for width in widths)

    def _drawn(self, node: Node, blocks: list[Block], depth: int) -> None:
        if depth > MAX_NESTED:
            return
        if node.name == "frame":
            self.frame(node, blocks, depth, None)
        elif node.name in {"g", "a"}:
            for inner in node.nodes(*DRAWN):
                self._drawn(inner, blocks, depth + 1)
        else:
            self.blocks(node, blocks, depth)

    def frame(self, node: Node, blocks: list[Block], depth: int, base: Base | None) -> None:
        """Add what a frame holds: words, a table, or the first of its pictures that is drawn. Raises Enough."""
        if box := node.find("text-box"):
            self.blocks(box, blocks, depth, base)
            return
        if table := node.find("table"):
            blocks.append(self.table(table, depth, base))
            return
        found = []
        for image in node.nodes("image"):
            name = image.get("href").removeprefix("./")
            if name and "://" not in name and self._archive.find(name) is not None:
                self._making.block()
                size = points(node.get("width")), points(node.get("height"))
                found.append(self._making.picture(self._archive, name, *size))
        if found:
            blocks.append(next((each for each in found if each.at >= 0), found[0]))


def rows_of(table: Node) -> Iterator[Node]:
    """Give the rows of a table, those in groups and heads too."""
    yield from _inside(table, "table-row", {"table-header-rows", "table-rows", "table-row-group"})


def columns_of(table: Node) -> Iterator[Node]:
    """Give the columns of a table, those in groups and heads too."""
    yield from _inside(table, "table-column", {"table-header-columns", "table-columns", "table-column-group"})


def _inside(around: Node, wanted: str, groups: set[str]) -> Iterator[Node]:
    todo = list(around.nodes())[::-1]
    while todo:
        node = todo.pop()
        if node.name == wanted:
            yield node
        elif node.name in groups:
            todo += list(node.nodes())[::-1]
