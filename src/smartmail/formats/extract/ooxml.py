"""Office Open XML (ECMA-376, ISO/IEC 29500): DOCX, XLSX, PPTX and their macro and template kin.

A part is found by its place in the package, as all writers put it; relationships are not followed, so that nothing
can be hidden by leaving one out.
"""

import re
from typing import Final

from smartmail.formats.extract import biff, biff12, labels, leftovers, xml_text
from smartmail.formats.extract.out import Out, Unreadable
from smartmail.formats.extract.xml_text import Rules, Sink, local
from smartmail.formats.extract.zip_archive import Archive, Member

# Word writes drawings twice, for new and for old readers; properties hold `tab` elements that are no characters.
_SKIP: Final = frozenset({"Fallback", "pPr", "rPr", "tblPr", "tcPr", "sectPr", "instrText"})
_WORDS: Final = Rules(
    frozenset({"t", "delText"}),
    frozenset({"p", "comment"}),
    {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-"},
    _SKIP,
)
_SLIDES: Final = Rules(frozenset({"t", "text"}), frozenset({"p", "text", "tr"}), {"br": "\n", "tab": "\t"}, _SKIP)
_CHART: Final = Rules(frozenset({"t", "v"}), frozenset({"p", "pt"}), {}, _SKIP)
_SHARED: Final = Rules(
    frozenset({"t", "text"}), frozenset({"si", "comment", "threadedComment"}), {}, frozenset({"rPh"})
)

_WORD_PARTS: Final = (
    re.compile(r"word/document\d*\.xml"),
    re.compile(r"word/(?:header|footer|footnotes|endnotes|comments|glossary/document)\d*\.xml"),
)
_MARGINS: Final = re.compile(r"word/(?:header|footer)\d*\.xml")
_SLIDE_PARTS: Final = (
    re.compile(r"ppt/slides/slide\d+\.xml"),
    re.compile(r"ppt/(?:notesslides/notesslide|comments/(?:modern)?comment)[^/]*\.xml"),
)
_DRAWINGS: Final = re.compile(r"(?:word|ppt|xl)/(?:charts/chart|diagrams/data|drawings/drawing)[^/]*\.xml")
_EMBEDDED: Final = re.compile(r"(?:word|ppt|xl)/embeddings/[^/]+")
_SHEETS: Final = re.compile(r"xl/(?:work|chart|dialog|macro)sheets/[^/]+\.xml")
_SHEET_COMMENTS: Final = re.compile(r"xl/(?:comments|threadedcomments/|comments/)[^/]*\.xml")


def extract(out: Out, archive: Archive) -> None:
    """Write the text of a package: main text, then what hangs on it. Raises Unreadable and Enough."""
    labels.properties(out, archive)
    for pattern in _WORD_PARTS:
        _parts(out, archive, pattern, _WORDS)
    for pattern in _SLIDE_PARTS:
        _parts(out, archive, pattern, _SLIDES)
    _workbook(out, archive)
    biff12.extract(out, archive)
    _parts(out, archive, _DRAWINGS, _CHART)
    for member in archive.matching(_EMBEDDED):
        _embedded(out, archive, member)
    if out.limits.thorough:
        for member in archive.matching(_MARGINS):
            _label(out, archive, member)
        leftovers.extract(out, archive)


def _label(out: Out, archive: Archive, member: Member) -> None:
    try:
        labels.keep(out, archive.pieces(out, member), _WORDS)
    except Unreadable as error:
        out.note(error.problem)


def _parts(out: Out, archive: Archive, pattern: re.Pattern[str], rules: Rules) -> None:
    for member in archive.matching(pattern):
        read_part(out, archive, member, Sink(out, rules))


def read_part(out: Out, archive: Archive, member: Member, sink: Sink) -> None:
    """Read one XML part; a damaged one is noted and costs no other. Raises Enough."""
    try:
        xml_text.parse(archive.pieces(out, member), sink)
    except Unreadable as error:
        out.note(error.problem)
    out.line()


def _embedded(out: Out, archive: Archive, member: Member) -> None:
    if not out.may_descend:
        out.closed(member.name, "limits", member.size)
        return
    try:
        octets = archive.read(out, member)
    except Unreadable as error:
        out.closed(member.name, error.problem, member.size)
    else:
        out.nested(octets, name=member.name)


# Of 4,096 characters; the applications allow 32,767 characters in a cell.
_CELL_PIECES: Final = 32
_HEADERS: Final = frozenset({"oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"})


# --- workbooks --------------------------------------------------------------------------------------------------


def _workbook(out: Out, archive: Archive) -> None:
    workbook = archive.find("xl/workbook.xml")
    if workbook is None:
        return
    read_part(out, archive, workbook, _SheetNames(out))
    shared = _Strings(out)
    strings = archive.find("xl/sharedStrings.xml")
    if strings is not None:
        _collect(out, archive, strings, shared)
    for member in archive.matching(_SHEETS):
        read_part(out, archive, member, _Cells(out, shared.values))
    for value in shared.unused():
        out.add(value)
        out.line()
    _parts(out, archive, _SHEET_COMMENTS, _SHARED)


def _collect(out: Out, archive: Archive, member: Member, sink: "_Strings") -> None:
    try:
        xml_text.parse(archive.pieces(out, member), sink)
    except Unreadable as error:
        out.note(error.problem)


class _SheetNames(Sink):
    """The names of sheets, hidden ones too."""

    def __init__(self, out: Out) -> None:
        super().__init__(out, Rules(frozenset(), frozenset()))

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if local(tag) == "sheet":
            self.out.add(attributes.get("name", "") + "\n")


class _Strings(Sink):
    """The table of shared strings: kept, not written; bounded by the characters that may be written."""

    def __init__(self, out: Out) -> None:
        super().__init__(out, _SHARED)
        self.values = _Table()
        self._pieces: list[str] = []
        self._room = out.limits.chars

    def characters(self, text: str) -> None:
        if self._text and not self._skipped:
            self._room -= len(text)
            if self._room >= 0:
                self._pieces.append(text)
            else:
                self.out.note("limits")

    def end(self, tag: str) -> None:
        if self._skipped:
            self._skipped -= 1
            return
        name = local(tag)
        if name == "t":
            self._text -= 1
        elif name == "si" and self._room >= 0:
            self.values.strings.append("".join(self._pieces))
            self._pieces = []

    def unused(self) -> list[str]:
        """Strings that no cell shows."""
        return [value for index, value in enumerate(self.values.strings) if index not in self.values.used]


class _Table:
    def __init__(self) -> None:
        self.strings: list[str] = []
        self.used: set[int] = set()

    def get(self, number: str) -> str:
        number = number.strip()
        if len(number) > 9 or not number.isdecimal():
            return ""
        index = int(number)
        if index >= len(self.strings):
            return ""
        self.used.add(index)
        return self.strings[index]


class _Cells(Sink):
    """Rows as lines, cells apart by tabs; values as stored, formulas by their last result."""

    def __init__(self, out: Out, strings: _Table) -> None:
        super().__init__(out, Rules(frozenset({"v", "t"}) | _HEADERS, frozenset(), {}, frozenset({"rPh"})))
        self._strings = strings
        self._type = ""
        self._value: list[str] = []
        self._row_open = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        if local(tag) == "c":
            self._type = attributes.get("t", "")
            self._value = []

    def characters(self, text: str) -> None:
        if self._text and not self._skipped and len(self._value) < _CELL_PIECES:
            self._value.append(text)

    def end(self, tag: str) -> None:
        name = local(tag)
        super().end(tag)
        if name == "c":
            self._cell()
        elif name == "row":
            self._row_open = False
            self.out.line()
        elif name in _HEADERS:
            words = biff.without_codes("".join(self._value))
            self.out.label(words)
            self.out.add(words + "\n")
            self._value = []

    def _cell(self) -> None:
        value = "".join(self._value)
        self._value = []
        if self._type == "s":
            value = self._strings.get(value)
        elif self._type == "b":
            value = "TRUE" if value == "1" else "FALSE"
        if value:
            self.out.add("\t" + value if self._row_open else value)
            self._row_open = True
