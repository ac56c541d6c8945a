"""Word documents before XML ([MS-DOC]): paragraphs, lists, tables with merged cells, pictures; the header before, notes and boxes after.

A character alone tells where a paragraph or a cell ends; what they look like lies in pages of properties by the octets of the text.
Comments, footers, what a change struck out, metafiles and objects are not shown.
"""

import re
from typing import Any, Final

from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.layout import office_art
from smartmail.formats.layout.making import Making, joined
from smartmail.formats.layout.model import Block, Page, Paragraph, Picture, Run
from smartmail.formats.layout.office_art import Records, Store, number
from smartmail.formats.layout.old_word_file import WordFile
from smartmail.formats.layout.old_word_looks import Lists, Looks, Shape, Styles, character_looks, row_of
from smartmail.formats.layout.rich_tables import Tables

_HEADERS, _ANCHORS, _DRAWINGS = 11, 40, 50
_MAIN, _FOOTNOTES, _HEADER, _ENDNOTES, _BOXES = 0, 1, 2, 5, 6
_FIRST_HEADERS: Final = (10, 7, 6)
"""Which of the stories of headers is that of a first page, of each, of even pages (§2.3.3)."""
_PARAGRAPH: Final = re.compile("[^\r\x07\x0c]*[\r\x07\x0c]?")
_PIECE: Final = re.compile("[\x01\x08\x13\x14\x15\x28]|[^\x01\x08\x13\x14\x15\x28]+")
_MARKS: Final = {
    7: None,
    11: "\n",
    12: None,
    13: None,
    14: "\n",
    30: "-",
    31: None,
    **dict.fromkeys((0, 2, 3, 4, 5, 6), None),
}
_BEGIN, _SEPARATE, _END, _INLINE, _FLOATING, _SYMBOL = "\x13", "\x14", "\x15", "\x01", "\x08", "\x28"
_MAX_FIELDS: Final = 50
_MAX_INSTRUCTION: Final = 10_000
_MAX_ANCHORS: Final = 5_000
_INDENT: Final = 400  # twips of a level
_TWIPS: Final = 20
_PER_MILLE: Final = 1_000
_PICTURE_OF_SHAPE: Final = 0x0104
_BESIDE: Final = ("picture", "symbol", "hidden", "gone")


def read(making: Making, file: CompoundFile) -> None:
    """Make the page of a document. Raises Unreadable and Enough."""
    document = _Document(making, WordFile(making.out, file))
    blocks: list[Block] = []
    try:
        for start, end in document.shown():
            document.story(start, end, blocks)
    finally:
        making.pages.append(Page(blocks=tuple(blocks)))


class _Document:
    def __init__(self, making: Making, file: WordFile) -> None:
        self._making, self._file = making, file
        self._styles, self._lists = Styles(file), Lists(file)
        self._pictures = _Pictures(making, file)
        self._fields: list[int] = []  # of each that is open: characters of its instruction, -1 past it
        self._inks: dict[tuple[int, bytes], Looks] = {}

    def shown(self) -> list[tuple[int, int]]:
        """Return the stretches of the text that are shown, in the order of the page."""
        stories = self._file.stories()
        beside = [self._without_guard(*stories[at]) for at in (_FOOTNOTES, _ENDNOTES, _BOXES)]
        return [self._without_guard(*self._header(*stories[_HEADER])), stories[_MAIN], *beside]

    def _without_guard(self, start: int, end: int) -> tuple[int, int]:
        """Return a story without the mark of a paragraph that ends all of its kind (§2.3.2)."""
        return start, end - 1 if self._file.text[max(start, end - 2) : end] == "\r\r" else end

    def _header(self, start: int, end: int) -> tuple[int, int]:
        places = self._file.held(_HEADERS)
        for at in _FIRST_HEADERS:
            first, last = number(places, at * 4), number(places, at * 4 + 4)
            if first < last <= end - start and self._file.text[start + first : start + last].strip("\r"):
                return start + first, start + last
        return 0, 0

    def story(self, start: int, end: int, blocks: list[Block]) -> None:
        """Add the blocks of a text; what was made when a bound ends it too. Raises Enough."""
        tables = Tables(self._making)
        self._fields.clear()
        try:
            while start < end:
                match = _PARAGRAPH.match(self._file.text, start, end)
                last = match.end() if match else end
                self._paragraph(start, last, tables)
                start = last
        finally:
            blocks += tables.finish()

    def _paragraph(self, start: int, end: int, tables: Tables) -> None:
        """Add a paragraph where it stands. Raises Enough."""
        self._making.block()
        mark = self._file.text[end - 1]
        style, properties = self._file.paragraph_looks(end - 1)
        base, shape = self._styles.of_paragraph(style)
        shape.take(properties)
        if shape.far >= 0:
            size = number(self._file.data, shape.far, 2)
            properties += self._file.data[shape.far + 2 : shape.far + 2 + size]
            shape.take(properties)
        if mark == "\x07":
            shape.depth = max(shape.depth, 1)
        if shape.ends_row and shape.depth:
            row = row_of(properties)
            tables.begin_row(shape.depth)
            tables.starts_at(shape.depth, row.start)
            for edge in row.edges:
                tables.add_edge(shape.depth, edge)
            tables.end_row(shape.depth)
            return
        blocks = self._blocks(start, end, (style, base), shape)
        ends_cell = mark == "\x07" or (shape.ends_cell and shape.depth > 1)
        if blocks and not (ends_cell and tables.has_blocks(shape.depth) and blocks == [Paragraph(align=shape.align)]):
            tables.add(shape.depth, blocks)
        if ends_cell:
            tables.end_cell(shape.depth)

    def _blocks(self, start: int, end: int, style: tuple[int, Looks], shape: Shape) -> list[Block]:
        """Return the paragraph and the pictures in it."""
        runs: list[Run] = []
        beside: list[Block] = []
        for first, last, properties in self._file.character_looks(start, end):
            key = style[0], properties
            if key not in self._inks:
                if len(self._inks) > 10_000:
                    self._inks.clear()
                self._inks[key] = character_looks(properties, self._styles, style[1])
            self._run(first, last, self._inks[key], (runs, beside))
        made = joined(runs)
        written = any(run.text.strip() for run in made)
        if not made and (beside or self._fields):
            return beside
        told: dict[str, Any] = {"indent": max(0, min(shape.left // _INDENT, 8))}
        if written and shape.list_use:
            marker = self._lists.marker(shape.list_use, shape.level)
            told = {"marker": marker, "indent": shape.level + 1} if marker else told
        if written and shape.heading:
            told["heading"] = shape.heading
        return [Paragraph(made, align=shape.align, **told), *beside]

    def _run(self, start: int, end: int, looks: Looks, into: tuple[list[Run], list[Block]]) -> None:
        ink = {key: value for key, value in looks.items() if key not in _BESIDE}
        seen = not (looks.get("hidden") or looks.get("gone"))
        for match in _PIECE.finditer(self._file.text, start, end):
            text = match[0]
            if self._takes_field(text) or not seen:
                continue
            if text == _INLINE:
                into[1].extend(self._pictures.inline(looks.get("picture", -1)))
            elif text == _FLOATING:
                into[1].extend(self._pictures.floating(match.start()))
            else:
                if text == _SYMBOL and "symbol" in looks:
                    text = "•" if looks["symbol"] in {0xF0B7, 0xF0A7} else "□"
                into[0].append(Run(self._making.text(text.translate(_MARKS)), **ink))

    def _takes_field(self, text: str) -> bool:
        """Return whether a piece is a mark of a field, or stands in the instruction of one."""
        if text == _BEGIN:
            if len(self._fields) < _MAX_FIELDS:
                self._fields.append(0)
        elif text == _SEPARATE:
            if self._fields:
                self._fields[-1] = -1
        elif text == _END:
            if self._fields:
                self._fields.pop()
        elif self._fields and max(self._fields) >= 0:
            # One that never ends would hide the rest of the document.
            at = next(at for at, size in enumerate(self._fields) if size >= 0)
            self._fields[at] += len(text)
            if self._fields[at] > _MAX_INSTRUCTION:
                self._fields.clear()
        else:
            return False
        return True


class _Pictures:
    """Pictures in the line, and those that float where a character holds their place."""

    def __init__(self, making: Making, file: WordFile) -> None:
        self._making, self._file = making, file
        self._known: dict[tuple[str, int], int] = {}
        self._shapes: dict[int, int] | None = None
        self._anchors: dict[int, tuple[int, float, float]] = {}
        self._store: Store | None = None

    def inline(self, place: int) -> list[Block]:
        """Return the picture at a place of the data stream (§2.9.192). Raises Enough."""
        data = self._file.data if place >= 0 else b""
        size, head = number(data, place), number(data, place + 4, 2)
        if size <= head or head < 0x2C:
            return []
        self._making.block()
        if ("data", place) not in self._known:
            end = min(place + size, len(data))
            start = place + head
            if number(data, place + 6, 2) == 0x66:  # the name of a file stands before it
                start += 1 + number(data, start, 1)
            self._known["data", place] = self._making.drawn(_inline_octets(Records(self._making.out, data), start, end))
        sides = []
        for goal, scale in ((0x1C, 0x20), (0x1E, 0x22)):
            share = number(data, place + scale, 2) or _PER_MILLE
            sides.append(min(number(data, place + goal, 2) * share // (_PER_MILLE * _TWIPS), 4_000))
        return [Picture(self._known["data", place], *sides)]

    def floating(self, at: int) -> list[Block]:
        """Return the picture that floats at a character of the main text (§2.8.29). Raises Enough."""
        if self._shapes is None:
            self._shapes = self._read_shapes()
        shape, width, height = self._anchors.get(at, (-1, 0, 0))
        place = self._shapes.get(shape, 0)
        if not place or self._store is None:
            return []
        self._making.block()
        if ("store", place) not in self._known:
            self._known["store", place] = self._making.drawn(self._store.octets(place))
        return [Picture(self._known["store", place], int(width), int(height))]

    def _read_shapes(self) -> dict[int, int]:
        """Return shape → number of its picture. Raises Enough."""
        begin, _ = self._file.stories()[_MAIN]
        places = self._file.held(_ANCHORS)
        count = max(0, min((len(places) - 4) // 30, _MAX_ANCHORS))
        for at in range(count):
            spa = (count + 1) * 4 + at * 26
            left, top, right, bottom = (number(places, spa + 4 + side * 4, signed=True) for side in range(4))
            sides = (max(0, min((far - near) / _TWIPS, 4_000)) for near, far in ((left, right), (top, bottom)))
            self._anchors[begin + number(places, at * 4)] = (number(places, spa), *sides)  # type: ignore[assignment]
        start, size = self._file.place(_DRAWINGS)
        records = Records(self._making.out, self._file.table[: start + size])
        group = records.at(start)
        self._store = Store(records, records.find(group, office_art.BLIP_STORE), self._file.body)
        found: dict[int, int] = {}
        at = group.end if group else len(records.octets)
        while (drawing := records.at(at + 1)) is not None:
            for holder in records.inside(drawing, office_art.GROUP):
                for shape in records.inside(holder, office_art.SHAPE):
                    ident = number(records.payload(records.find(shape, office_art.SHAPE_ID)), 0)
                    found[ident] = records.properties(shape).get(_PICTURE_OF_SHAPE, 0)
            at = max(drawing.end, at + 9)
        return found


def _inline_octets(records: Records, start: int, end: int) -> bytes:
    """Return the octets of the first picture of a drawing in the line. Raises Enough."""
    for record in records.between(start, end):
        if record.kind == office_art.STORE_ENTRY:
            return office_art.entry_picture(records, record)
        if found := office_art.picture(records, record):
            return found
    return b""
