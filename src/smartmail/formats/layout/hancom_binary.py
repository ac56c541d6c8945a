"""HWP 5 documents (Hancom's "HWP Document File Formats 5.0", revision 1.3): the looks that DocInfo tells, tables, pictures, boxes.

Records of a section form a tree by their levels: a paragraph holds its controls, a control its lists, a list stands before
its paragraphs on the same level.
"""

import struct
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import msgspec

from smartmail.formats.extract import hwp
from smartmail.formats.extract.compound_file import CompoundFile, Entry
from smartmail.formats.extract.out import Out
from smartmail.formats.layout.hancom import UNIT
from smartmail.formats.layout.making import MAX_NESTED, Making, joined
from smartmail.formats.layout.model import Align, Block, Cell, Page, Paragraph, Picture, Run, Table

_BIN_DATA, _BORDER_FILL, _CHAR_SHAPE, _PARA_SHAPE = 18, 20, 21, 25
_PARA_HEADER, _PARA_TEXT, _PARA_CHAR_SHAPE, _CONTROL, _LIST, _PICTURE, _EQUATION = 66, 67, 68, 71, 72, 85, 88
_TABLE_CONTROL, _OBJECT_CONTROL = b" lbt", b" osg"
_BESIDE: Final = frozenset({b"daeh", b"  nf", b"  ne"})  # header, footnote, endnote
_ALIGNS: Final[tuple[Align, ...]] = ("justify", "left", "right", "center", "justify", "justify")
_OUTLINE, _NUMBER, _BULLET = 1, 2, 3
_STANDARD_SIZE: Final = 10.0
_MAX_RECORDS: Final = 400_000
_MAX_LEVEL: Final = 60
_MAX_HEADING: Final = 6
_MAX_COLUMNS: Final = 60
_COMPRESSED: Final = 1


class _Record(msgspec.Struct, gc=False):
    """A record with those of the next level."""

    tag: int
    payload: bytes
    inner: "list[_Record]"

    def number(self, at: int, size: int = 2) -> int:
        """Return a number of the payload, 0 beyond its end."""
        return int.from_bytes(self.payload[at : at + size], "little")

    def every(self, tag: int) -> "Iterator[_Record]":
        """Give the records of this tag at any depth."""
        todo = self.inner[::-1]
        while todo:
            record = todo.pop()
            if record.tag == tag:
                yield record
            todo += record.inner[::-1]


def read(making: Making, file: CompoundFile) -> None:
    """Make the page of a document. Raises Unreadable and Enough."""
    flags = hwp.flags_of(file)
    document = _Document(making, file, flags)
    blocks: list[Block] = []
    try:
        for octets in hwp.sections(making.out, file, flags):
            document.blocks(_tree(making.out, octets), blocks, 0)
    finally:
        making.pages.append(Page(blocks=tuple(blocks)))


def _tree(out: Out, octets: bytes) -> list[_Record]:
    """Return the records of the lowest level; those that are too deep stand where they would be deepest."""
    root = _Record(0, b"", [])
    path = [root]
    for number, (tag, level, payload) in enumerate(hwp.records(octets)):
        if not number % 1_000:
            out.tick()
        if number >= _MAX_RECORDS:
            out.note("limits")
            break
        del path[min(level, _MAX_LEVEL) + 1 :]
        record = _Record(tag, payload, [])
        path[-1].inner.append(record)
        path.append(record)
    return root.inner


class _Document:
    def __init__(self, making: Making, file: CompoundFile, flags: int) -> None:
        self._making, self._file, self._flags = making, file, flags
        entry = file.find("DocInfo")
        octets = hwp.unpacked(making.out, file.read(entry), flags) if entry is not None else b""
        held: dict[int, list[bytes]] = {_BIN_DATA: [], _BORDER_FILL: [], _CHAR_SHAPE: [], _PARA_SHAPE: []}
        for tag, _, payload in hwp.records(octets):
            if tag in held:
                held[tag].append(payload)
        self._looks = [_run_looks(payload) for payload in held[_CHAR_SHAPE]]
        self._shapes = [int.from_bytes(payload[:4], "little") for payload in held[_PARA_SHAPE]]
        self._fills = [_fill(payload) for payload in held[_BORDER_FILL]]
        self._binaries = held[_BIN_DATA]
        self._known: dict[int, int] = {}
        self._counts: list[int] = []

    def blocks(self, records: Sequence[_Record], blocks: list[Block], depth: int) -> None:
        """Add the paragraphs among these records. Raises Enough."""
        for record in records:
            if record.tag == _PARA_HEADER:
                self._paragraph(record, blocks, depth)

    def _paragraph(self, record: _Record, blocks: list[Block], depth: int) -> None:
        self._making.block()
        beside: list[Block] = []
        text, places = b"", b""
        for part in record.inner:
            if part.tag == _PARA_TEXT:
                text = part.payload
            elif part.tag == _PARA_CHAR_SHAPE:
                places = part.payload
            elif part.tag == _CONTROL and depth < MAX_NESTED:
                self._control(part, beside, depth + 1)
        runs = self._runs(text, places)
        number = record.number(8)
        shape = self._shapes[number] if number < len(self._shapes) else 0
        if runs or not beside:
            blocks.append(Paragraph(runs, align=_ALIGNS[min(shape >> 2 & 7, 5)], **self._heading(shape, bool(runs))))
        blocks.extend(beside)

    def _runs(self, text: bytes, places: bytes) -> tuple[Run, ...]:
        starts = list(struct.iter_unpack("<II", places[: len(places) // 8 * 8])) or [(0, 0)]
        found: list[Run] = []
        for at, (start, shape) in enumerate(starts):
            end = starts[at + 1][0] if at + 1 < len(starts) else len(text) // 2
            words = hwp.paragraph_text(text[start * 2 : end * 2]) if end > start else ""
            if at + 1 == len(starts):
                words = words.removesuffix("\n")
            looks = self._looks[shape] if shape < len(self._looks) else {}
            found.append(Run(self._making.text(words), **looks))
        return joined(found)

    def _heading(self, shape: int, written: bool) -> dict[str, Any]:
        kind, level = shape >> 23 & 3, shape >> 25 & 7
        if not written:
            return {}
        if kind == _OUTLINE:
            return {"heading": level + 1} if level < _MAX_HEADING else {}
        if kind == _BULLET:
            return {"marker": "•", "indent": level + 1}
        if kind == _NUMBER:
            del self._counts[level + 1 :]
            self._counts += [0] * (level + 1 - len(self._counts))
            self._counts[level] += 1
            return {"marker": f"{self._counts[level]}.", "indent": level + 1}
        return {}

    def _control(self, record: _Record, blocks: list[Block], depth: int) -> None:
        kind = record.payload[:4]
        if kind == _TABLE_CONTROL:
            blocks.append(self._table(record, depth))
        elif kind == _OBJECT_CONTROL:
            for picture in record.every(_PICTURE):
                self._making.block()
                size = record.number(16, 4) / UNIT, record.number(20, 4) / UNIT
                blocks.append(Picture(self._picture(picture.number(71)), *(int(min(each, 4_000)) for each in size)))
            for component in record.inner:
                self.blocks(component.inner, blocks, depth)
        elif kind in _BESIDE:
            self.blocks(record.inner, blocks, depth)
        for equation in record.inner:
            if equation.tag == _EQUATION:
                words = equation.payload[6 : 6 + equation.number(4) * 2].decode("utf-16-le", "replace")
                blocks.append(Paragraph(joined([Run(self._making.text(words), italic=True)])))

    def _table(self, record: _Record, depth: int) -> Table:
        rows: dict[int, list[Cell]] = {}
        widths: dict[int, int] = {}
        lists = [at for at, part in enumerate(record.inner) if part.tag == _LIST and len(part.payload) >= 34]
        for at, end in pairwise([*lists, len(record.inner)]):
            head = record.inner[at]
            self._making.block()
            column, row, wide, high = (head.number(place) for place in (8, 10, 12, 14))
            blocks: list[Block] = []
            self.blocks(record.inner[at + 1 : end], blocks, depth)
            if wide == 1:
                widths[column] = min(head.number(16, 4) // UNIT, 4_000)
            fill = head.number(32) - 1
            wide, high = max(1, min(wide, _MAX_COLUMNS)), max(1, min(high, 1_000))
            shade = self._fills[fill] if 0 <= fill < len(self._fills) else ""
            rows.setdefault(row, []).append(Cell(tuple(blocks), wide, high, shade))
        known = sorted(widths) == list(range(len(widths)))
        return Table(
            tuple(tuple(rows[row]) for row in sorted(rows)), tuple(widths[at] for at in sorted(widths)) if known else ()
        )  # fmt: skip

    def _picture(self, number: int) -> int:
        """Return the place of a picture by its number among the binary data, from 1."""
        if number not in self._known:
            entry = self._entry(number)
            octets = b"" if entry is None else self._file.read(entry)
            if entry is not None and self._packed(number):
                octets = hwp.unpacked(self._making.out, octets, _COMPRESSED)
            self._known[number] = self._making.drawn(octets)
        return self._known[number]

    def _entry(self, number: int) -> Entry | None:
        if not 0 < number <= len(self._binaries):
            return None
        told = self._binaries[number - 1]
        if told[0:1] and told[0] & 0xF != 1:  # a link to a file outside, or another kind of object
            return None
        stem = f"bin{int.from_bytes(told[2:4], 'little'):04x}."
        return next((each for each in self._file.under("BinData") if each.path[-1].lower().startswith(stem)), None)

    def _packed(self, number: int) -> bool:
        way = self._binaries[number - 1][0] >> 4 & 3
        return way == 1 or (way == 0 and bool(self._flags & _COMPRESSED))


def _run_looks(payload: bytes) -> dict[str, Any]:
    if len(payload) < 64:
        return {}
    height, attributes = struct.unpack_from("<iI", payload, 42)
    text, shade = _colour(payload, 52), _colour(payload, 60)
    found: dict[str, Any] = {
        "italic": bool(attributes & 1), "bold": bool(attributes & 2), "underline": attributes >> 2 & 3 == 1,
        "strike": bool(attributes >> 18 & 7), "color": "" if text == "000000" else text,
        "back": "" if shade == "ffffff" else shade,
    }  # fmt: skip
    size = height / 100
    if 0 < size <= 200 and size != _STANDARD_SIZE:
        found["size"] = size
    if attributes & 0x8000:
        found["script"] = "super"
    elif attributes & 0x10000:
        found["script"] = "sub"
    return found


def _colour(payload: bytes, at: int) -> str:
    """Return a colour of Windows: blue in front, and the highest octet set for none."""
    red, green, blue, none = payload[at : at + 4].ljust(4, b"\xff")
    return "" if none else f"{red:02x}{green:02x}{blue:02x}"


def _fill(payload: bytes) -> str:
    """Return the colour that a border's inside has, "" for white and none."""
    if len(payload) < 40 or not payload[32] & 1:
        return ""
    found = _colour(payload, 36)
    return "" if found == "ffffff" else found
