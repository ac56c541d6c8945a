"""Looks of Word before XML ([MS-DOC] §2.6): properties of characters, paragraphs and cells, styles, and lists.

LIMITS    _MAX_STYLES, _MAX_LISTS; styles stand on each other _MAX_CHAIN deep.
"""

from typing import Any, Final

import msgspec

from smartmail.formats.layout.model import Align
from smartmail.formats.layout.office_art import number
from smartmail.formats.layout.old_word_file import WordFile, sprms
from smartmail.formats.layout.rich_tables import Edge
from smartmail.formats.layout.word_styles import counted

Looks = dict[str, Any]
_STYLES, _LISTS, _LIST_USES = 1, 73, 74
_MAX_STYLES: Final = 4_000
_MAX_LISTS: Final = 2_000
_MAX_CHAIN: Final = 12
_MAX_HEADING: Final = 6
_MAX_CELLS: Final = 63
_LEVELS: Final = 9
_STANDARD_SIZE: Final = 10.0
_NO_STYLE: Final = 0xFFF
_PARAGRAPH_STYLE, _CHARACTER_STYLE = 1, 2
_TITLE: Final = 62
_TOGGLES: Final = {
    0x0835: "bold", 0x0836: "italic", 0x0837: "strike", 0x2A53: "strike", 0x083C: "hidden", 0x0800: "gone",
}  # fmt: skip
_COLOUR, _INDEX, _SIZE, _SCRIPT, _UNDERLINE, _HIGHLIGHT = 0x6870, 0x2A42, 0x4A43, 0x2A48, 0x2A3E, 0x2A0C
_CHARACTER_STYLE_OF, _PICTURE, _SYMBOL, _SHADE, _SHADE_80 = 0x4A30, 0x6A03, 0x6A09, 0xCA71, 0x4866
_INDEXED: Final = (
    "", "000000", "0000ff", "00ffff", "00ff00", "ff00ff", "ff0000", "ffff00", "ffffff", "000080", "008080", "008000",
    "800080", "800000", "808000", "808080", "c0c0c0",
)  # fmt: skip
_ALIGN: Final[dict[int, Align]] = {0: "left", 1: "center", 2: "right", 3: "justify", 4: "justify"}
_SAME, _OTHER = 0x80, 0x81
"""Operands of what is on or off: as the style has it, and not as the style has it."""


def character_looks(octets: bytes, styles: "Styles | None", base: Looks) -> Looks:
    """Return looks of characters: those of `base` with what the properties change."""
    found = dict(base)
    for code, operand in sprms(octets):
        if code in _TOGGLES:
            key, value = _TOGGLES[code], number(operand, 0, 1)
            under = bool(base.get(key))
            found[key] = under if value == _SAME else not under if value == _OTHER else bool(value)
        elif code == _UNDERLINE:
            found["underline"] = operand[:1] not in {b"\0", b"\xff"}
        elif code == _SIZE:
            found["size"] = max(1.0, min(number(operand, 0, 2) / 2, 400.0))
        elif code == _COLOUR:
            found["color"] = colour(operand)
        elif code == _INDEX:
            found["color"] = _indexed(number(operand, 0, 1))
        elif code == _HIGHLIGHT:
            found["back"] = _indexed(number(operand, 0, 1))
        elif code == _SHADE:
            found["back"] = shade(operand)
        elif code == _SHADE_80:
            found["back"] = _shade_80(number(operand, 0, 2))
        elif code == _SCRIPT:
            found["script"] = {1: "super", 2: "sub"}.get(number(operand, 0, 1), "")
        elif code == _CHARACTER_STYLE_OF and styles is not None:
            found.update(styles.of_characters(number(operand, 0, 2)))
        elif code == _PICTURE:
            found["picture"] = number(operand, 0)
        elif code == _SYMBOL:
            found["symbol"] = number(operand, 2, 2)
    return found


def colour(octets: bytes) -> str:
    """Return a colour, "" for the automatic one."""
    return "" if len(octets) < 4 or octets[3] else octets[:3].hex()


def shade(octets: bytes) -> str:
    """Return the ground that a shade of ten octets makes (§2.9.248)."""
    return colour(octets[:4]) if number(octets, 8, 2) == 1 else colour(octets[4:8])


def _shade_80(value: int) -> str:
    return _indexed(value & 31 if value >> 10 == 1 else value >> 5 & 31)


def _indexed(at: int) -> str:
    return _INDEXED[at] if at < len(_INDEXED) else ""


class Shape(msgspec.Struct):
    """How a paragraph stands. `ends_row`, `ends_cell`: what its mark ends in a table inside a table, or a row."""

    align: Align = ""
    heading: int = 0
    left: int = 0
    list_use: int = 0
    level: int = 0
    depth: int = 0
    ends_row: bool = False
    ends_cell: bool = False
    far: int = -1

    def take(self, octets: bytes) -> None:
        """Take properties of a paragraph."""
        for code, operand in sprms(octets):
            if code in {0x2461, 0x2403}:
                self.align = _ALIGN.get(number(operand, 0, 1), "")
            elif code in {0x840F, 0x845E}:
                self.left = number(operand, 0, 2, signed=True)
            elif code == 0x260A:
                self.level = min(number(operand, 0, 1), _LEVELS - 1)
            elif code == 0x460B:
                self.list_use = number(operand, 0, 2)
            elif code == 0x2640:
                level = number(operand, 0, 1) + 1
                self.heading = level if level <= _MAX_HEADING else self.heading if level <= _LEVELS else 0
            elif code == 0x2416:
                self.depth = max(self.depth, 1) if operand[:1] != b"\0" else 0
            elif code == 0x6649:
                self.depth = min(number(operand, 0), 100)
            elif code in {0x2417, 0x244C}:
                self.ends_row = operand[:1] != b"\0"
            elif code == 0x244B:
                self.ends_cell = operand[:1] != b"\0"
            elif code in {0x6645, 0x6646}:
                self.far = number(operand, 0)


class Row(msgspec.Struct):
    """What the end of a row says: where it starts, and its cells."""

    start: int
    edges: list[Edge]


def row_of(octets: bytes) -> Row:
    """Return the row that properties tell (§2.6.3)."""
    row = Row(0, [])
    fills: dict[int, str] = {}
    upright: dict[int, int] = {}
    for code, operand in sprms(octets):
        if code == 0xD608:
            row = _defined(operand)
        elif code in _SHADES:
            for at in range(min(len(operand) // 10, 22)):
                fills[_SHADES[code] + at] = shade(operand[at * 10 : at * 10 + 10])
        elif code == 0xD609:
            for at in range(min(len(operand) // 2, _MAX_CELLS)):
                fills.setdefault(at, _shade_80(number(operand, at * 2, 2)))
        elif code == 0xD62B:
            upright[number(operand, 0, 1)] = number(operand, 1, 1)
        elif code == 0x5624:
            for at in range(number(operand, 0, 1) + 1, min(number(operand, 1, 1), len(row.edges))):
                row.edges[at].left = True
    for at, edge in enumerate(row.edges):
        edge.fill = fills.get(at, "")
        if at in upright:
            edge.above, edge.begins = upright[at] == 1, upright[at] == 3
    return row


_SHADES: Final = {0xD612: 0, 0xD616: 22, 0xD60C: 44}


def _defined(octets: bytes) -> Row:
    count = min(number(octets, 0, 1), _MAX_CELLS)
    row = Row(number(octets, 1, 2, signed=True), [])
    cells = 3 + count * 2
    merged = 0
    for at in range(count):
        edge = Edge().at(number(octets, 3 + at * 2, 2, signed=True))
        flags = number(octets, cells + at * 20, 2)
        # Writers disagree which of both numbers begins and which goes on: the first of a run begins it.
        across, down = flags & 3, flags >> 5 & 3
        edge.left = bool(merged and across and across != merged)
        merged = merged if edge.left else across
        edge.above, edge.begins = down == 1, down > 1
        row.edges.append(edge)
    return row


class _Style(msgspec.Struct, frozen=True):
    kind: int
    under: int
    what: int
    paragraph: bytes
    characters: bytes


class Styles:
    """Looks by the number of a style (§2.9.271)."""

    def __init__(self, file: WordFile) -> None:
        octets = file.held(_STYLES)
        at = 2 + number(octets, 0, 2)
        base = number(octets, 4, 2)
        self._styles: list[_Style | None] = []
        for _ in range(min(number(octets, 2, 2), _MAX_STYLES)):
            size = number(octets, at, 2)
            self._styles.append(_style(octets[at + 2 : at + 2 + size], base))
            at += 2 + size + size % 2
        self._known: dict[int, tuple[Looks, Shape]] = {}
        self._inks: dict[int, Looks] = {}

    def of_paragraph(self, at: int) -> tuple[Looks, Shape]:
        """Return (looks of characters, how it stands); the latter is the caller's own."""
        if at not in self._known:
            looks: Looks = {"size": _STANDARD_SIZE}
            shape = Shape()
            for style in self._chain(at):
                if style.kind == _PARAGRAPH_STYLE:
                    if 1 <= style.what <= _LEVELS:
                        shape.heading = min(style.what, _MAX_HEADING)
                    elif style.what == _TITLE:
                        shape.heading = 1
                    shape.take(style.paragraph)
                    looks = character_looks(style.characters, self, looks)
            self._known[at] = looks, shape
        looks, shape = self._known[at]
        return looks, msgspec.structs.replace(shape)

    def of_characters(self, at: int) -> Looks:
        """Return what a style says of characters alone."""
        if at not in self._inks:
            looks: Looks = {}
            for style in self._chain(at):
                if style.kind == _CHARACTER_STYLE:
                    looks = character_looks(style.characters, None, looks)
            self._inks[at] = looks
        return self._inks[at]

    def _chain(self, at: int) -> list[_Style]:
        """Return a style and those it stands on, the lowest first."""
        found: list[_Style] = []
        while at < len(self._styles) and len(found) < _MAX_CHAIN:
            style = self._styles[at]
            if style is None or style in found:
                break
            found.append(style)
            at = style.under
        return found[::-1]


def _style(octets: bytes, base: int) -> _Style | None:
    if len(octets) < 10:
        return None
    what, kind, parts = (number(octets, at, 2) for at in (0, 2, 4))
    at = base + 4 + number(octets, base, 2) * 2
    looks: list[bytes] = []
    for _ in range(min(parts & 15, 3)):
        size = number(octets, at, 2)
        looks.append(octets[at + 2 : at + 2 + size])
        at += 2 + size + size % 2
    looks += [b""] * (2 - len(looks))
    paragraph, characters = (looks[0][2:], looks[1]) if kind & 15 == _PARAGRAPH_STYLE else (b"", looks[0])
    return _Style(kind & 15, kind >> 4 if kind >> 4 != _NO_STYLE else _MAX_STYLES, what & 0xFFF, paragraph, characters)


class _Level(msgspec.Struct, frozen=True):
    start: int
    kind: int
    text: str


_KINDS: Final = {1: "upperRoman", 2: "lowerRoman", 3: "upperLetter", 4: "lowerLetter", 18: "decimalEnclosedCircle",
                 24: "ganada", 25: "chosung"}  # fmt: skip
_BULLET, _NO_NUMBER = 23, 255
_BULLETS: Final = {"\uf0b7": "•", "\uf0a7": "▪", "\uf0d8": "▸", "\uf0fc": "✓", "o": "◦"}


class Lists:
    """What stands before the entries of lists (§2.9.131, §2.9.147), counted in the order of the text."""

    def __init__(self, file: WordFile) -> None:
        self._levels: dict[int, list[_Level]] = {}
        start, size = file.place(_LISTS)
        heads = file.held(_LISTS)
        at = start + size
        for entry in range(min(number(heads, 0, 2), _MAX_LISTS, len(heads) // 28)):
            head = heads[2 + entry * 28 : 30 + entry * 28]
            levels = []
            for _ in range(1 if number(head, 26, 1) & 1 else _LEVELS):
                level, at = _level(file.table, at)
                levels.append(level)
            self._levels[number(head, 0)] = levels
        uses = file.held(_LIST_USES)
        self._uses = [number(uses, 4 + at * 16) for at in range(min(number(uses, 0), _MAX_LISTS, len(uses) // 16))]
        self._counts: dict[int, list[int]] = {}

    def marker(self, use: int, level: int) -> str:
        """Return what stands before an entry, "" for what is in no list."""
        levels = self._levels.get(self._uses[use - 1], []) if 0 < use <= len(self._uses) else []
        if level >= len(levels):
            return ""
        shape = levels[level]
        if shape.kind == _BULLET:
            return _BULLETS.get(shape.text, shape.text[:2] if shape.text.isprintable() and shape.text else "•")
        counts = self._counts.setdefault(self._uses[use - 1], [])
        del counts[level + 1 :]
        while len(counts) <= level:
            counts.append(levels[len(counts)].start - (len(counts) == level))
        counts[level] += 1
        return "".join(
            _counted(levels[ord(char)].kind, counts[ord(char)]) if ord(char) <= level else char
            for char in shape.text if ord(char) >= _LEVELS or ord(char) <= level
        )[:40]  # fmt: skip


def _counted(kind: int, count: int) -> str:
    return "" if kind == _NO_NUMBER else counted(_KINDS.get(kind, ""), count)


def _level(table: bytes, at: int) -> tuple[_Level, int]:
    """Return a level of a list and where the next begins."""
    start, kind = min(number(table, at), 100_000), number(table, at + 4, 1)
    at += 28 + number(table, at + 24, 1) + number(table, at + 25, 1)
    size = min(number(table, at, 2), 200)
    text = table[at + 2 : at + 2 + size * 2].decode("utf-16-le", "replace")
    return _Level(start, kind, text), at + 2 + number(table, at, 2) * 2
