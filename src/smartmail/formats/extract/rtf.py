"""RTF (Rich Text Format specification 1.9.1): the text of the document, in the code pages that it changes between.

Korean Word writes syllables twice: as `\\uN` for those who know Unicode, and as octets of code page 949 after it for
those who do not, which `\\ucN` tells how many to leave out. Older writers have only the octets, in the code page of the
font that is in force.
"""

import re
from typing import Final

from smartmail.formats import charset
from smartmail.formats.extract import objects
from smartmail.formats.extract.out import Out

MAGIC: Final = b"{\\rtf"

_TOKEN: Final = re.compile(
    rb"\\([a-zA-Z]{1,32})(-?[0-9]{1,10})? ?|\\'([0-9a-fA-F]{2})|\\([^a-zA-Z])|([{}])|([^\\{}\r\n]+)|[\r\n]+|\\",
    re.DOTALL,
)
_MAX_DEPTH: Final = 1_000
_MAX_FONTS: Final = 5_000

_MARKS: Final = {
    b"par": "\n", b"line": "\n", b"page": "\n", b"sect": "\n", b"row": "\n", b"column": "\n", b"tab": "\t",
    b"cell": "\t", b"nestcell": "\t", b"nestrow": "\n", b"emdash": "—", b"endash": "–", b"emspace": " ",
    b"enspace": " ", b"lquote": "‘", b"rquote": "’", b"ldblquote": "“", b"rdblquote": "”", b"bullet": "•",
}  # fmt: skip
# Groups whose characters are no text of the document.
_HIDDEN: Final = frozenset(
    b"fonttbl colortbl stylesheet pict objdata themedata colorschememapping datastore latentstyles listtable "
    b"listoverridetable rsidtbl generator filetbl revtbl xmlnstbl fldinst bkmkstart bkmkend blipuid info userprops "
    b"mmathPr wgrffmtfilter atnid atnauthor atndate atntime atnref atnparent atnicn panose falt fontemb pgptbl template private".split()
)
# Starred groups that hold text all the same.
_SHOWN_STARRED: Final = frozenset((b"shptxt", b"annotation", b"footnote", b"shpinst", b"nonesttables"))
_CHARSETS: Final = {
    0: "cp1252", 77: "mac_roman", 128: "cp932", 129: "cp949", 130: "johab", 134: "gb18030", 136: "cp950", 161: "cp1253",
    162: "cp1254", 163: "cp1258", 177: "cp1255", 178: "cp1256", 186: "cp1257", 204: "cp1251", 222: "cp874", 238: "cp1250",
}  # fmt: skip
_PAGES: Final = {65001: "utf_8", 936: "gb18030", 10000: "mac_roman", 1361: "johab", 54936: "gb18030"}


class State:
    """What a group inherits and its end undoes."""

    __slots__ = ("codec", "fallback", "hidden", "in_fonts")

    def __init__(self, codec: str, fallback: int, *, hidden: bool, in_fonts: bool) -> None:
        self.codec = codec  # "" is that of the document
        self.fallback = fallback  # \ucN: what stands for one Unicode character
        self.hidden = hidden
        self.in_fonts = in_fonts

    def copy(self) -> "State":
        return State(self.codec, self.fallback, hidden=self.hidden, in_fonts=self.in_fonts)


class Reader:
    """Follows groups, fonts and code pages; who wants more than text derives from it (layout/rich_text.py)."""

    def __init__(self, out: Out) -> None:
        self.out = out
        self.state = State("", 1, hidden=False, in_fonts=False)
        self.stack: list[State] = []
        self.page = "cp949"  # without \ansicpg; \ansi alone comes from writers that mean the machine's own
        self.fonts: dict[int, str] = {}
        self.font = 0
        self.octets = bytearray()  # of characters not yet decoded, all in the code page in force
        self.skip = 0  # what is left of the other form of a Unicode character
        self.first = False  # the next word names its group
        self.starred = False
        self.binary_to = 0

    def put(self, text: str) -> None:
        """Take characters of the document. Raises Enough."""
        self.out.add(text)

    def mark(self, word: bytes, text: str) -> None:
        """Take a word that stands for a character, or ends a paragraph, a cell or a row. Raises Enough."""
        self.put(text)

    def flush(self) -> None:
        """Decode what was collected, in the code page in force."""
        if self.octets:
            self.put(charset.decode(bytes(self.octets), self.state.codec or self.page)[0])
            self.octets.clear()

    def open(self) -> None:
        """A group begins."""
        self.flush()
        self.skip = 0
        if len(self.stack) < _MAX_DEPTH:
            self.stack.append(self.state)
            self.state = self.state.copy()
        else:
            self.out.note("limits")
        self.first, self.starred = True, False

    def close(self) -> None:
        """A group ends."""
        self.flush()
        self.skip = 0
        if self.stack:
            self.state = self.stack.pop()
        self.first = False

    def word(self, word: bytes, value: int | None, end: int) -> None:
        """Take a control word; `end`: where the octets after it begin."""
        self.name_group(word)
        if word == b"u" and value is not None:
            self._unicode(value)
            return
        if self.skip > 0:
            self.skip -= 1
            return
        if word == b"f" and value is not None:
            self._font(value)
        elif word == b"fcharset" and self.state.in_fonts and len(self.fonts) < _MAX_FONTS:
            self.fonts[self.font] = _CHARSETS.get(value or 0, "")
        elif word == b"uc" and value is not None:
            self.state.fallback = max(0, min(value, 10))
        elif word == b"ansicpg" and value:
            self.page = _PAGES.get(value) or charset.codec_of(f"cp{value}") or self.page
        elif word == b"plain":
            self._use("")
        elif word == b"bin" and value and value > 0:
            self.binary_to = end + value
        elif not self.state.hidden and (mark := _MARKS.get(word)):
            self.flush()
            self.mark(word, mark)

    def name_group(self, word: bytes) -> None:
        """Take the first word of a group, which says what the group is."""
        if not self.first:
            return
        self.first = False
        if word == b"fonttbl":
            self.state.in_fonts = True
        if word in _HIDDEN or (self.starred and word not in _SHOWN_STARRED):
            self.state.hidden = True

    def _unicode(self, value: int) -> None:
        self.flush()
        self.skip = self.state.fallback
        if not self.state.hidden:
            self.put(chr(value & 0xFFFF))  # halves of a pair are joined at the end

    def _font(self, number: int) -> None:
        self.font = number
        if not self.state.in_fonts:
            self._use(self.fonts.get(number, ""))

    def _use(self, codec: str) -> None:
        if codec != self.state.codec:
            self.flush()
            self.state.codec = codec

    def characters(self, octets: bytes) -> None:
        """Take characters, not decoded yet."""
        self.first = False
        if self.skip:
            cut = min(self.skip, len(octets))
            self.skip -= cut
            octets = octets[cut:]
        if not self.state.hidden:
            self.octets += octets

    def symbol(self, octet: bytes) -> None:
        """Take a control symbol."""
        if octet == b"*":
            self.starred = self.first
            return
        if octet == b"~":
            self.characters(b" ")
        elif octet in {b"\r", b"\n"}:
            self.word(b"par", None, 0)
        elif octet == b"_":
            self.characters(b"-")
        elif octet in {b"\\", b"{", b"}"}:
            self.characters(octet)


def extract(out: Out, octets: bytes) -> None:
    """Write the text of the document, and of the objects in it. Raises Enough."""
    read(Reader(out), octets)
    out.line()
    objects.extract_rtf(out, octets)


def read(reader: Reader, octets: bytes) -> None:
    """Give a document to a reader, token by token. Raises Enough."""
    at, tokens = 0, 0
    while at < len(octets):
        match = _TOKEN.match(octets, at)
        if match is None:  # no octet is without a token; for safety
            at += 1
            continue
        at = match.end()
        _take(reader, match)
        if reader.binary_to:
            at, reader.binary_to = max(at, reader.binary_to), 0
        tokens += 1
        if not tokens % 4_096:
            reader.out.tick()
            if len(reader.octets) > 1 << 16:
                reader.flush()
    reader.flush()


def _take(reader: Reader, match: re.Match[bytes]) -> None:
    word, value, hexadecimal, symbol, brace, text = match.groups()
    if text is not None:
        reader.characters(text)
    elif word is not None:
        reader.word(word, int(value) if value else None, match.end())
    elif hexadecimal is not None:
        reader.characters(bytes((int(hexadecimal, 16),)))
    elif brace is not None:
        reader.open() if brace == b"{" else reader.close()
    elif symbol is not None:
        reader.symbol(symbol)
