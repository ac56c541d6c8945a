"""HWPX, the XML form of Hancom documents (KS X 6101, OWPML): sections in a ZIP container."""

import re
from typing import Final

from smartmail.formats import charset
from smartmail.formats.extract import leftovers
from smartmail.formats.extract.odf import refuse_encrypted
from smartmail.formats.extract.out import Out, Unreadable
from smartmail.formats.extract.xml_text import Rules, Sink, local, parse
from smartmail.formats.extract.zip_archive import Archive

# `script` holds the source of an equation. Cells, text boxes, headers, footnotes and memos are paragraphs inside.
_RULES: Final = Rules(
    frozenset({"t", "script"}),
    frozenset({"p"}),
    {"tab": "\t", "lineBreak": "\n", "nbSpace": " ", "fwSpace": " ", "hyphen": "-"},
    frozenset({"secPr", "deleteBegin", "deleteEnd"}),
)
_MARGINS: Final = frozenset({"header", "footer"})
_MAX_WORDS: Final = 100
_SECTIONS: Final = re.compile(r"contents/section\d+\.xml")
_MASTER_PAGES: Final = re.compile(r"contents/masterpage\d*\.xml")
_BINARIES: Final = re.compile(r"bindata/[^/]+\.ole")


class _Section(Sink):
    """Headers and footers are kept as labels besides."""

    def __init__(self, out: Out, rules: Rules) -> None:
        super().__init__(out, rules)
        self._margin = 0
        self._words: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        super().start(tag, attributes)
        self._margin += local(tag) in _MARGINS

    def characters(self, text: str) -> None:
        super().characters(text)
        if self._margin and self._text and len(self._words) < _MAX_WORDS:
            self._words.append(text)

    def end(self, tag: str) -> None:
        super().end(tag)
        if local(tag) in _MARGINS:
            self._margin -= 1
            self.out.label("".join(self._words))
            self._words = []


def extract(out: Out, archive: Archive) -> None:
    """Write the text of all sections. Raises Unreadable and Enough."""
    refuse_encrypted(out, archive)
    sections = archive.matching(_SECTIONS)
    for member in sections + archive.matching(_MASTER_PAGES):
        try:
            parse(archive.pieces(out, member), _Section(out, _RULES))
        except Unreadable as error:
            out.note(error.problem)
        out.line()
    if not sections:
        _preview(out, archive)
    for member in archive.matching(_BINARIES):
        try:
            octets = archive.read(out, member)
        except Unreadable as error:
            out.note(error.problem)
        else:
            out.nested(octets, name=member.name)
    leftovers.extract(out, archive)


def _preview(out: Out, archive: Archive) -> None:
    """A container without sections still has the first page as text."""
    out.note("damaged")
    preview = archive.find("Preview/PrvText.txt")
    if preview is not None:
        out.add(charset.decode(archive.read(out, preview))[0])
