"""Texts of PowerPoint before XML ([MS-PPT] §2.9): runs of looks beside the characters, over what the master says of a level.

LIMITS    _LEVELS and _MAX_RUNS of a text.
"""

from collections import deque
from collections.abc import Callable, Iterable
from typing import Any, Final

import msgspec

from smartmail.formats.layout.making import Making, joined
from smartmail.formats.layout.model import Align, Paragraph, Run
from smartmail.formats.layout.office_art import Record, Records, number

TEXT_HEAD, TEXT_CHARS, TEXT_BYTES, TEXT_LOOKS, MASTER_LOOKS = 0x0F9F, 0x0FA0, 0x0FA8, 0x0FA1, 0x0FA3
OTHER: Final = 4
_LEVELS: Final = 5
_MAX_RUNS: Final = 20_000
_LIKE: Final = {5: 1, 6: 0, 7: 1, 8: 1}
"""Kinds of text, and the kind that they take their looks from: bodies and titles of other sizes."""
_ALIGN: Final[dict[int, Align]] = {0: "left", 1: "center", 2: "right", 3: "justify"}
_RGB, _SCHEME = 0xFE, 8

Looks = dict[str, Any]
Colours = Callable[[int], str]


class Words(msgspec.Struct):
    """A text as it is stored: its kind, its characters, the octets that tell its looks."""

    kind: int = OTHER
    text: str = ""
    looks: bytes = b""


class Level(msgspec.Struct, frozen=True):
    """What a master says of a level of text."""

    paragraph: Looks = {}
    characters: Looks = {}


Masters = dict[int, list[Level]]
"""Kind of text → its levels."""


def words_of(records: Records, inner: Iterable[Record]) -> list[Words]:
    """Return the texts among some records: each begins with its head. Raises Enough."""
    found: list[Words] = []
    for record in inner:
        if record.kind == TEXT_HEAD:
            found.append(Words(number(records.payload(record), 0)))
        elif not found:
            continue
        elif record.kind == TEXT_CHARS:
            found[-1].text = records.payload(record).decode("utf-16-le", "replace")
        elif record.kind == TEXT_BYTES:
            found[-1].text = records.payload(record).decode("latin-1")
        elif record.kind == TEXT_LOOKS:
            found[-1].looks = records.payload(record)
    return found


def master_looks(records: Records, inner: Iterable[Record]) -> Masters:
    """Return what master styles among some records say. Raises Enough."""
    found: Masters = {}
    for record in inner:
        if record.kind != MASTER_LOOKS:
            continue
        read = _Reader(records.payload(record))
        levels: list[Level] = []
        for _ in range(min(read.number(2), _LEVELS)):
            if record.instance >= 5:
                read.number(2)
            levels.append(Level(read.paragraph(), read.characters()))
        found[record.instance] = levels
    return found


class _Reader:
    """Exceptions to the looks of a text (§2.9.18, §2.9.13): masks say which fields follow, in an order of their own."""

    def __init__(self, octets: bytes) -> None:
        self._octets, self._at = octets, 0

    def has_more(self) -> bool:
        """Return whether octets are left."""
        return self._at < len(self._octets)

    def number(self, size: int) -> int:
        """Return the next number, 0 beyond the end."""
        self._at += size
        return number(self._octets, self._at - size, size)

    def paragraph(self) -> Looks:
        """Return the next exception of a paragraph."""
        mask = self.number(4)
        found: Looks = {}
        if mask & 0xF:
            flags = self.number(2)
            if mask & 1:
                found["bullet"] = bool(flags & 1)
        if mask & 0x80:
            found["char"] = self.number(2)
        for bit, size in ((0x10, 2), (0x40, 2), (0x20, 4)):
            self._pass(mask & bit, size)
        if mask & 0x800:
            found["align"] = self.number(2)
        for bit in (0x1000, 0x2000, 0x4000, 0x100, 0x400, 0x8000):
            self._pass(mask & bit, 2)
        if mask & 0x100000:
            stops = self.number(2)
            self._at += stops * 4
        for bit in (0x10000, 0xE0000, 0x200000):
            self._pass(mask & bit, 2)
        return found

    def characters(self) -> Looks:
        """Return the next exception of characters."""
        mask = self.number(4)
        found: Looks = {}
        if mask & 0x3EFF:
            flags = self.number(2)
            for bit, name in ((1, "bold"), (2, "italic"), (4, "underline")):
                if mask & bit:
                    found[name] = bool(flags & bit)
        for bit in (0x10000, 0x200000, 0x400000, 0x800000):
            self._pass(mask & bit, 2)
        if mask & 0x20000:
            found["size"] = float(max(1, min(self.number(2), 400)))
        if mask & 0x40000:
            found["colour"] = self.number(4)
        if mask & 0x80000:
            found["script"] = self.number(2)
        return found

    def _pass(self, there: int, size: int) -> None:
        self._at += size if there else 0


def paragraphs(making: Making, words: Words, masters: Masters, colours: Colours) -> list[Paragraph]:
    """Return a text with its looks. Raises Enough."""
    stands, inks = _spans(words)
    found: list[Paragraph] = []
    at = place = 0
    for line in words.text.split("\r"):
        making.block()
        while place + 1 < len(stands) and stands[place][0] <= at:
            place += 1
        level, own = stands[place][1:] if stands else (0, {})
        master = _level(masters, words.kind, level)
        looks = {**master.paragraph, **own}
        runs = []
        for start, end, ink in _over(inks, at, at + len(line)):
            text = making.text(words.text[start:end].replace("\x0b", "\n"))
            runs.append(Run(text, **_looks({**master.characters, **ink}, colours)))
        made = joined(runs)
        written = any(run.text.strip() for run in made)
        marker = _bullet(looks.get("char", 0x2022)) if looks.get("bullet") and written else ""
        align = _ALIGN.get(looks.get("align", 0), "")
        found.append(Paragraph(made, align="" if align == "left" else align, marker=marker, indent=level))
        at += len(line) + 1
    return found if any(each.runs for each in found) else []


def _spans(words: Words) -> tuple[list[tuple[int, int, Looks]], deque[tuple[int, Looks]]]:
    """Return (end, level, looks) of the paragraphs and (end, looks) of the characters."""
    read, size = _Reader(words.looks), len(words.text) + 1
    stands: list[tuple[int, int, Looks]] = []
    inks: deque[tuple[int, Looks]] = deque()
    done = 0
    while done < size and read.has_more() and len(stands) < _MAX_RUNS:
        done += read.number(4)
        level = min(read.number(2), _LEVELS - 1)
        stands.append((done, level, read.paragraph()))
    done = 0
    while done < size and read.has_more() and len(inks) < _MAX_RUNS:
        done += read.number(4)
        inks.append((done, read.characters()))
    return stands, inks


def _over(inks: deque[tuple[int, Looks]], start: int, end: int) -> Iterable[tuple[int, int, Looks]]:
    """Give (from, to, looks) over a stretch; what stood before it is taken off the list."""
    while inks and inks[0][0] <= start:
        inks.popleft()
    while start < end:
        until, looks = inks[0] if inks else (end, {})
        last = min(until, end)
        yield start, last, looks
        start = last
        while inks and inks[0][0] <= start:
            inks.popleft()


def _level(masters: Masters, kind: int, level: int) -> Level:
    for each in (kind, _LIKE.get(kind, kind)):
        levels = masters.get(each, [])
        if level < len(levels):
            return levels[level]
    return Level()


def _looks(told: Looks, colours: Colours) -> Looks:
    found: Looks = {key: told[key] for key in ("bold", "italic", "underline", "size") if key in told}
    if "colour" in told:
        found["color"] = colours(told["colour"])
    if rise := told.get("script", 0):
        found["script"] = "super" if rise < 0x8000 else "sub"
    return found


def text_colour(value: int, scheme: list[str]) -> str:
    """Return a colour of a text (§2.12.2): one of the scheme, or itself."""
    at = value >> 24
    if at == _RGB:
        return (value & 0xFFFFFF).to_bytes(3, "little").hex()
    return scheme[at] if at < min(_SCHEME, len(scheme)) else ""


def _bullet(char: int) -> str:
    """Return a bullet; letters and what is private are pictures of a font of symbols."""
    text = chr(char)
    return "•" if text.isascii() or not text.isprintable() or 0xE000 <= char <= 0xF8FF else text
