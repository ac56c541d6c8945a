"""What a Word document before XML is made of ([MS-DOC] §2.4, §2.5): its text in pieces, and which looks lie where.

LIMITS    MAX_TEXT characters, _MAX_PIECES, _MAX_PAGES of looks. Every number is looked up within its octets, and is 0 beyond.
FAILURE   Unreadable for what is encrypted, older than Word 97, or has no text.
"""

import struct
from bisect import bisect_right
from collections.abc import Iterator
from typing import Final

import msgspec

from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.extract.out import Out, Unreadable
from smartmail.formats.layout.office_art import number

MAX_TEXT: Final = 2_000_000
_MAX_PIECES: Final = 100_000
_MAX_PAGES: Final = 20_000
_MAX_SPRMS: Final = 4_000
_PAGE: Final = 512
_PAIRS: Final = 0x9A
_LENGTHS: Final = 0x4C
_CLX: Final = 33
CHARACTER_PAGES, PARAGRAPH_PAGES = 12, 13
_NARROW: Final = 0x40000000
_DEFINE_TABLE: Final = frozenset({0xD606, 0xD608})
_CHANGE_TABS: Final = 0xC615
_SIZES: Final = (1, 1, 2, 4, 2, 2, 0, 3)
# A short property of a piece (§2.9.215): its place in the table of what it may be → the property itself.
_SHORT: Final = {0x55: 0x0835, 0x56: 0x0836, 0x57: 0x0837, 0x5C: 0x083C, 0x05: 0x2403, 0x5E: 0x2A3E}


class Piece(msgspec.Struct, frozen=True, gc=False):
    """A stretch of the text: characters from `first` to `last` lie at octet `place`. `looks`: what it says of them all."""

    first: int
    last: int
    place: int
    wide: bool
    looks: bytes

    def place_of(self, at: int) -> int:
        """Return where a character lies."""
        return self.place + (at - self.first) * (1 + self.wide)


class WordFile:
    """The streams, the text with one character a place, and its pieces."""

    def __init__(self, out: Out, file: CompoundFile) -> None:
        self.out, self._file = out, file
        self.body = self.stream("WordDocument")
        flags = number(self.body, 10, 2)
        if self.body[:2] != b"\xec\xa5":
            raise Unreadable("unsupported")  # Word 95 and older
        if flags & 0x0100:
            raise Unreadable("encrypted")
        self.table = self.stream("1Table" if flags & 0x0200 else "0Table")
        self._data: bytes | None = None
        self.pieces: list[Piece] = []
        self.text = self._read_pieces(self.held(_CLX))
        self._firsts = [piece.first for piece in self.pieces]
        self._characters = _Ranges(self, CHARACTER_PAGES)
        self._paragraphs = _Ranges(self, PARAGRAPH_PAGES)

    def stream(self, name: str) -> bytes:
        """Return a stream, b"" of none. Raises Enough."""
        entry = self._file.find(name)
        return b"" if entry is None else self._file.read(entry)

    @property
    def data(self) -> bytes:
        """The stream of pictures and of looks that are too large for a page. Raises Enough."""
        if self._data is None:
            self._data = self.stream("Data")
        return self._data

    def place(self, pair: int) -> tuple[int, int]:
        """Return where a structure lies in the table stream, and its size."""
        return number(self.body, _PAIRS + pair * 8), number(self.body, _PAIRS + pair * 8 + 4)

    def held(self, pair: int) -> bytes:
        """Return the octets of a structure."""
        start, size = self.place(pair)
        return self.table[start : start + size]

    def stories(self) -> list[tuple[int, int]]:
        """Return where the texts begin and end: main, footnotes, headers, macros, comments, endnotes, boxes."""
        found, at = [], 0
        for part in range(7):
            size = min(number(self.body, _LENGTHS + part * 4), len(self.text) - at)
            found.append((at, at + size))
            at += size
        return found if any(end > start for start, end in found) else [(0, len(self.text))] + [(0, 0)] * 6

    def paragraph_looks(self, at: int) -> tuple[int, bytes]:
        """Return (style, properties) of the paragraph that ends with this character."""
        piece = self._piece(at)
        if piece is None:
            return 0, b""
        _, place = self._paragraphs.over(piece.place_of(at))
        if place <= 0:
            return 0, piece.looks
        size = number(self.body, place, 1) * 2 - 1
        if size < 0:
            place, size = place + 1, number(self.body, place + 1, 1) * 2
        octets = self.body[place + 1 : place + 1 + size]
        return number(octets, 0, 2), octets[2:] + piece.looks

    def character_looks(self, start: int, end: int) -> Iterator[tuple[int, int, bytes]]:
        """Give (from, to, properties) over a stretch of the text, in its order."""
        while start < end:
            piece = self._piece(start)
            if piece is None:
                return
            octet = piece.place_of(start)
            until, place = self._characters.over(octet)
            step = max(1, (until - octet) // (1 + piece.wide))
            last = min(end, piece.last, start + step)
            size = number(self.body, place, 1) if place > 0 else 0
            yield start, last, self.body[place + 1 : place + 1 + size] + piece.looks
            start = last

    def _piece(self, at: int) -> Piece | None:
        found = bisect_right(self._firsts, at) - 1
        return self.pieces[found] if found >= 0 and at < self.pieces[found].last else None

    def _read_pieces(self, clx: bytes) -> str:
        at, known = 0, []
        while clx[at : at + 1] == b"\x01":
            size = number(clx, at + 1, 2)
            known.append(clx[at + 3 : at + 3 + size])
            at += 3 + size
        plc = clx[at + 5 : at + 5 + number(clx, at + 1)]
        count = min((len(plc) - 4) // 12, _MAX_PIECES)
        if clx[at : at + 1] != b"\x02" or count <= 0:
            raise Unreadable("damaged")
        places = (len(plc) - 4) // 12 * 4 + 4
        pieces: list[str] = []
        done = 0
        for index in range(count):
            length = min(number(plc, index * 4 + 4) - number(plc, index * 4), MAX_TEXT - done)
            where = number(plc, places + index * 8 + 2)
            if length <= 0:
                continue
            self.out.tick()
            wide = not where & _NARROW
            place = where & (_NARROW - 1) if wide else (where & (_NARROW - 1)) // 2
            text = _characters(self.body[place : place + length * (1 + wide)], wide=wide)
            looks = _piece_looks(number(plc, places + index * 8 + 6, 2), known)
            self.pieces.append(Piece(done, done + len(text), place, wide, looks))
            pieces.append(text)
            done += len(text)
        if done >= MAX_TEXT:
            self.out.note("limits")
        return "".join(pieces)


class _Ranges:
    """Which octets of the text have which properties: pages of 512 octets that end with how many they tell of (§2.9.33, §2.9.174)."""

    def __init__(self, file: WordFile, pair: int) -> None:
        self._found: list[tuple[int, int, int]] = []
        plc = file.held(pair)
        count = max(0, (len(plc) - 4) // 8)
        wide = 13 if pair == PARAGRAPH_PAGES else 1
        pages = {number(plc, (count + 1) * 4 + at * 4) & 0x3FFFFF for at in range(min(count, _MAX_PAGES))}
        for page in sorted(pages):
            file.out.tick()
            self._page(file.body, page * _PAGE, wide)
        self._found.sort()
        self._starts = [start for start, _, _ in self._found]

    def _page(self, body: bytes, base: int, wide: int) -> None:
        count = min(number(body, base + _PAGE - 1, 1), (_PAGE - 5) // (4 + wide))
        for at in range(count):
            start, end = number(body, base + at * 4), number(body, base + at * 4 + 4)
            inner = number(body, base + (count + 1) * 4 + at * wide, 1) * 2
            if start < end:
                self._found.append((start, end, base + inner if inner else 0))

    def over(self, octet: int) -> tuple[int, int]:
        """Return (up to which octet, where the properties lie); 0 for none."""
        at = bisect_right(self._starts, octet) - 1
        if at >= 0 and octet < self._found[at][1]:
            return self._found[at][1], self._found[at][2]
        return (self._starts[at + 1] if at + 1 < len(self._starts) else 1 << 40), 0


def sprms(octets: bytes) -> Iterator[tuple[int, bytes]]:
    """Give (property, operand) out of a list of them (§2.6); what tells the size of an operand is left out."""
    at = 0
    for _ in range(_MAX_SPRMS):
        if at + 3 > len(octets):
            return
        code = number(octets, at, 2)
        at += 2
        size = _SIZES[code >> 13]
        if code in _DEFINE_TABLE:
            size = max(0, number(octets, at, 2) - 1)
            at += 2
        elif not size:
            size = octets[at]
            at += 1
            if code == _CHANGE_TABS and size == 0xFF:
                gone = number(octets, at, 1)
                size = 2 + gone * 4 + number(octets, at + 1 + gone * 4, 1) * 3
        yield code, octets[at : at + size]
        at += size


def _piece_looks(short: int, known: list[bytes]) -> bytes:
    if short & 1:
        return known[short >> 1] if short >> 1 < len(known) else b""
    code = _SHORT.get(short >> 1 & 0x7F)
    return b"" if code is None else code.to_bytes(2, "little") + bytes((short >> 8,))


def _characters(octets: bytes, *, wide: bool) -> str:
    """Return one character a place: halves of pairs stay halves until they are shown."""
    if not wide:
        return octets.decode("cp1252", "replace")
    return "".join(map(chr, struct.unpack(f"<{len(octets) // 2}H", octets[: len(octets) // 2 * 2])))
