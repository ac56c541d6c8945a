"""Presentations before XML ([MS-PPT]): slides as boxes in their places, with the looks of their masters, pictures, grounds.

Where the parts of a presentation lie is told by the last of its edits; one without them has its slides in the order of its octets.
Shapes are drawn as their rectangles, lines and effects are not. Hidden slides, notes, dates, numbers and footers are not shown.

LIMITS    Those of `making` and `office_art`; groups lie MAX_NESTED in each other.
"""

from typing import Final, Literal

import msgspec

from smartmail.formats.extract.compound_file import CompoundFile
from smartmail.formats.extract.out import Unreadable
from smartmail.formats.layout import office_art
from smartmail.formats.layout.making import MAX_NESTED, Making
from smartmail.formats.layout.model import Block, Box, Page, Picture
from smartmail.formats.layout.office_art import Record, Records, Store, number
from smartmail.formats.layout.old_slides_text import (
    TEXT_HEAD,
    Masters,
    Words,
    master_looks,
    paragraphs,
    text_colour,
    words_of,
)

_DOCUMENT, _DOCUMENT_ATOM, _ENVIRONMENT, _DRAWING_GROUP = 0x03E8, 0x03E9, 0x03F2, 0x040B
_SLIDE, _SLIDE_ATOM, _SLIDE_SHOW, _DRAWING = 0x03EE, 0x03EF, 0x03F9, 0x040C
_SLIDES, _SLIDE_PLACE, _OUTLINE_TEXT, _SCHEME, _HOLDER = 0x0FF0, 0x03F3, 0x0F9E, 0x07F0, 0x0BC3
_EDIT, _PLACES = 0x0FF5, 0x1772
_GROUP_OF_DRAWINGS: Final = 0xF000
_ENCRYPTED: Final = 0xF3D1C4DF
_UNITS: Final = 8  # of a master in a point
_MAX_EDITS: Final = 1_000
_MAX_PLACES: Final = 100_000
_STANDARD_SIZE: Final = (5_760, 4_320)
_NOT_SHOWN: Final = frozenset({7, 8, 9, 10})
"""Placeholders of dates, numbers, footers, headers."""
_PICTURE, _FILL_KIND, _FILL_COLOUR, _FILL_PICTURE, _FILL_FLAGS, _TEXT_ANCHOR = (
    0x0104,
    0x0180,
    0x0181,
    0x0186,
    0x01BF,
    0x0087,
)
_FILLED, _SAYS_FILLED, _FILLED_BY_PICTURE = 0x10, 0x100000, 3
_OF_SCHEME: Final = 0x08
_ANCHORS: Final[dict[int, Literal["", "middle", "bottom"]]] = {1: "middle", 2: "bottom", 4: "middle", 5: "bottom"}
_MASTER_SHAPES, _MASTER_SCHEME, _MASTER_GROUND, _HIDDEN = 1, 2, 4, 4

_Frame = tuple[float, float, float, float]
"""left, top, right, bottom."""
_Shift = tuple[float, float, float, float]
"""What moves (two) and scales (two) the places in a group."""


class _Entry(msgspec.Struct):
    """A slide as the list of a presentation tells it."""

    ident: int
    place: int
    words: list[Words]


def read(making: Making, file: CompoundFile) -> None:
    """Make a page of each slide. Raises Unreadable and Enough."""
    user, stream, pictures = (file.find(name) for name in ("Current User", "PowerPoint Document", "Pictures"))
    current = b"" if user is None else file.read(user)
    if file.find("EncryptedSummary") or number(current, 12) == _ENCRYPTED:
        raise Unreadable("encrypted")
    records = Records(making.out, b"" if stream is None else file.read(stream))
    _Show(making, records, b"" if pictures is None else file.read(pictures), number(current, 16)).make()


class _Show:
    def __init__(self, making: Making, records: Records, pictures: bytes, edit: int) -> None:
        self.making, self.records = making, records
        self._places, number_of = self._persisted(edit)
        document = self._at(number_of, _DOCUMENT)
        if document is None:
            document = next((each for each in records.between(0, len(records.octets)) if each.kind == _DOCUMENT), None)
        atom = records.payload(records.find(document, _DOCUMENT_ATOM))
        size = number(atom, 0, signed=True), number(atom, 4, signed=True)
        self.size = size if min(size) >= _UNITS else _STANDARD_SIZE
        environment = records.find(document, _ENVIRONMENT)
        self.looks = master_looks(records, records.inside(environment))
        drawings = records.find(document, _DRAWING_GROUP, _GROUP_OF_DRAWINGS, office_art.BLIP_STORE)
        self._store = Store(records, drawings, pictures)
        self._pictures: dict[int, int] = {}
        self._slides: list[_Entry] = []
        self._masters: dict[int, int] = {}
        for entries in records.inside(document, _SLIDES):
            if entries.instance == 0:
                self._slides += self._entries(entries)
            elif entries.instance == 1:
                self._masters |= {entry.ident: entry.place for entry in self._entries(entries)}
        self._kept: dict[int, _Master] = {}

    def make(self) -> None:
        """Keep a page of each slide. Raises Enough."""
        found = [(slide, entry.words) for entry in self._slides if (slide := self._at(entry.place, _SLIDE)) is not None]
        if not found:
            found = [(each, []) for each in self.records.between(0, len(self.records.octets)) if each.kind == _SLIDE]
        for slide, words in found:
            shown = self.records.payload(self.records.find(slide, _SLIDE_SHOW))
            if not number(shown, 10, 2) & _HIDDEN:
                _Slide(self, slide, words).make()

    def master(self, ident: int) -> "_Master":
        """Return a master by its number; an empty one where there is none. Raises Enough."""
        if ident not in self._kept:
            place = self._places.get(self._masters.get(ident, -1))
            self._kept[ident] = _Master(self, None if place is None else self.records.at(place))
        return self._kept[ident]

    def picture(self, at: int, width: float, height: float) -> Picture:
        """Return a picture of the store. Raises Enough."""
        if at not in self._pictures:
            self._pictures[at] = self.making.drawn(self._store.octets(at))
        return Picture(self._pictures[at], *(int(max(0, min(side / _UNITS, 4_000))) for side in (width, height)))

    def _at(self, place: int, kind: int) -> Record | None:
        start = self._places.get(place)
        record = None if start is None else self.records.at(start)
        return record if record is not None and record.kind == kind else None

    def _persisted(self, edit: int) -> tuple[dict[int, int], int]:
        """Return (number → where a part lies, number of the document); what a later edit says goes before. Raises Enough."""
        places: dict[int, int] = {}
        document = -1
        for _ in range(_MAX_EDITS):
            record = self.records.at(edit) if edit else None
            if record is None or record.kind != _EDIT:
                break
            octets = self.records.payload(record)
            before, directory = number(octets, 8), number(octets, 12)
            document = number(octets, 16) if document < 0 else document
            self._directory(self.records.at(directory), places)
            if before >= edit:  # each lies behind the one before it
                break
            edit = before
        return places, document

    def _directory(self, record: Record | None, places: dict[int, int]) -> None:
        octets = self.records.payload(record) if record is not None and record.kind == _PLACES else b""
        at = 0
        while at + 4 <= len(octets) and len(places) < _MAX_PLACES:
            head = number(octets, at)
            for step in range(min(head >> 20, (len(octets) - at - 4) // 4)):
                places.setdefault((head & 0xFFFFF) + step, number(octets, at + 4 + step * 4))
            at += 4 + (head >> 20) * 4

    def _entries(self, around: Record) -> list[_Entry]:
        """Return the slides of a list, with the texts that it keeps for them. Raises Enough."""
        found: list[_Entry] = []
        held: list[list[Record]] = []
        for record in self.records.inside(around):
            if record.kind == _SLIDE_PLACE:
                octets = self.records.payload(record)
                found.append(_Entry(number(octets, 12), number(octets, 0), []))
                held.append([])
            elif held:
                held[-1].append(record)
        for entry, inner in zip(found, held, strict=True):
            entry.words = words_of(self.records, inner)
        return found


class _Master:
    """What a slide takes from its master."""

    def __init__(self, show: _Show, record: Record | None) -> None:
        records = show.records
        self.drawing = records.find(record, _DRAWING, office_art.DRAWING)
        self.scheme = scheme_of(records, record)
        self.looks: Masters = {**show.looks, **master_looks(records, records.inside(record))}
        # A master of titles takes its looks from another.
        above = (
            number(records.payload(records.find(record, _SLIDE_ATOM)), 12) if record and record.kind == _SLIDE else 0
        )
        self.above = above


def scheme_of(records: Records, record: Record | None) -> list[str]:
    """Return the colours of a slide, [] where it has none. Raises Enough."""
    for each in records.inside(record, _SCHEME):
        if each.instance == 1:
            octets = records.payload(each)
            return [octets[at : at + 3].hex() for at in range(0, min(len(octets), 32) - 3, 4)]
    return []


class _Slide:
    def __init__(self, show: _Show, record: Record, words: list[Words]) -> None:
        self._show, self._records, self._words = show, show.records, words
        atom = self._records.payload(self._records.find(record, _SLIDE_ATOM))
        self._flags = number(atom, 20, 2)
        self._masters = [show.master(number(atom, 12))]
        if self._masters[0].above:
            self._masters.append(show.master(self._masters[0].above))
        self._drawing = self._records.find(record, _DRAWING, office_art.DRAWING)
        own = [] if self._flags & _MASTER_SCHEME else scheme_of(self._records, record)
        self._scheme = own or next((each.scheme for each in self._masters if each.scheme), [])
        self._looks: Masters = {}
        for each in reversed(self._masters):
            self._looks |= each.looks
        self._boxes: list[Box] = []

    def make(self) -> None:
        """Keep the page, as far as it was made. Raises Enough."""
        masters = [each.drawing for each in reversed(self._masters)]
        back = ""
        try:
            back = self._ground(masters[-1] if self._flags & _MASTER_GROUND else self._drawing)
            if self._flags & _MASTER_SHAPES:
                for drawing in masters:
                    self._shapes(self._records.find(drawing, office_art.GROUP), 0, (0.0, 0.0, 1.0, 1.0), ground=True)
            self._shapes(self._records.find(self._drawing, office_art.GROUP), 0, (0.0, 0.0, 1.0, 1.0))
        finally:
            width, height = self._show.size
            page = Page(boxes=tuple(self._boxes), width=width / _UNITS, height=height / _UNITS, back=back)
        self._show.making.page(page)

    def _ground(self, drawing: Record | None) -> str:
        """Return the colour of the ground; a picture becomes the lowest box. Raises Enough."""
        looks = self._records.properties(self._records.find(drawing, office_art.SHAPE))
        if looks.get(_FILL_KIND) == _FILLED_BY_PICTURE and (place := looks.get(_FILL_PICTURE, 0)):
            picture = self._show.picture(place, *self._show.size)
            if picture.at >= 0:
                self._boxes.append(Box(0.0, 0.0, 1.0, 1.0, (picture,)))
        return self._fill(looks) or (self._scheme[0] if self._scheme else "")

    def _shapes(self, group: Record | None, depth: int, shift: _Shift, *, ground: bool = False) -> None:
        """Add the boxes of a group; the first shape is the group itself. Raises Enough."""
        first = True
        for record in self._records.inside(group, office_art.GROUP, office_art.SHAPE):
            if record.kind == office_art.GROUP:
                if depth < MAX_NESTED:
                    self._shapes(record, depth + 1, self._moved(record, shift), ground=ground)
            elif not first:
                self._shape(record, shift, ground=ground)
            first = False

    def _moved(self, group: Record, shift: _Shift) -> _Shift:
        head = self._records.find(group, office_art.SHAPE)
        outer = self._frame(head)
        octets = self._records.payload(self._records.find(head, office_art.GROUP_PLACE))
        left, top, right, bottom = (number(octets, at, signed=True) for at in (0, 4, 8, 12))
        if outer is None or right == left or bottom == top:
            return shift
        across, down = (outer[2] - outer[0]) / (right - left), (outer[3] - outer[1]) / (bottom - top)
        x, y = outer[0] - left * across, outer[1] - top * down
        return shift[0] + x * shift[2], shift[1] + y * shift[3], across * shift[2], down * shift[3]

    def _shape(self, shape: Record, shift: _Shift, *, ground: bool) -> None:
        holder = self._records.payload(self._records.find(shape, office_art.CLIENT_DATA, _HOLDER))
        frame = self._frame(shape)
        if frame is None or (holder and (ground or number(holder, 4, 1) in _NOT_SHOWN)):
            return
        self._show.making.block()
        looks = self._records.properties(shape)
        width, height = (frame[2] - frame[0]) * shift[2], (frame[3] - frame[1]) * shift[3]
        blocks: tuple[Block, ...] = tuple(self._text(shape))
        if place := looks.get(_PICTURE, 0):
            blocks = (self._show.picture(place, width, height), *blocks)
        fill = self._fill(looks)
        if blocks or fill:
            wide, high = self._show.size
            x, y = _share(shift[0] + frame[0] * shift[2], wide), _share(shift[1] + frame[1] * shift[3], high)
            anchor = _ANCHORS.get(looks.get(_TEXT_ANCHOR, 0), "")
            self._boxes.append(Box(x, y, _share(width, wide), _share(height, high), blocks, fill, anchor))

    def _frame(self, shape: Record | None) -> _Frame | None:
        anchor = next(self._records.inside(shape, office_art.ANCHOR, office_art.CHILD_ANCHOR), None)
        octets = self._records.payload(anchor)
        if anchor is None or len(octets) < 8:
            return None
        if anchor.kind == office_art.CHILD_ANCHOR:
            left, top, right, bottom = (number(octets, at, signed=True) for at in (0, 4, 8, 12))
        else:
            size = 4 if len(octets) >= 16 else 2
            top, left, right, bottom = (number(octets, at * size, size, signed=True) for at in range(4))
        return min(left, right), min(top, bottom), max(left, right), max(top, bottom)

    def _text(self, shape: Record) -> list[Block]:
        box = self._records.find(shape, office_art.TEXT_BOX)
        if box is None:
            return []
        inner = list(self._records.inside(box))
        found = words_of(self._records, inner) if any(each.kind == TEXT_HEAD for each in inner) else []
        for record in inner:
            at = number(self._records.payload(record), 0) if record.kind == _OUTLINE_TEXT else -1
            if 0 <= at < len(self._words):
                found.append(self._words[at])
        blocks: list[Block] = []
        for words in found:
            blocks += paragraphs(self._show.making, words, self._looks, lambda value: text_colour(value, self._scheme))
        return blocks

    def _fill(self, looks: dict[int, int]) -> str:
        value, flags = looks.get(_FILL_COLOUR), looks.get(_FILL_FLAGS, 0)
        if value is None or (flags & _SAYS_FILLED and not flags & _FILLED):
            return ""
        kind = value >> 24
        if kind & _OF_SCHEME:
            return self._scheme[value & 0xFF] if value & 0xFF < len(self._scheme) else ""
        return "" if kind else (value & 0xFFFFFF).to_bytes(3, "little").hex()


def _share(value: float, whole: float) -> float:
    return round(max(-1.0, min(value / whole, 2.0)), 4)
