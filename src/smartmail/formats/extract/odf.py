"""OpenDocument (ISO/IEC 26300): ODT, ODS, ODP and their templates."""

import re
from contextlib import suppress
from typing import Final

from smartmail.formats.extract import labels, leftovers
from smartmail.formats.extract.out import Out, Unreadable
from smartmail.formats.extract.xml_text import Rules, Sink, local, parse
from smartmail.formats.extract.zip_archive import Archive, Member

_TEXT: Final = frozenset({"p", "h"})
_RULES: Final = Rules(
    _TEXT,
    frozenset({"p", "h", "table-row"}),
    {"tab": "\t", "line-break": "\n"},
    frozenset({"tracked-changes", "binary-data", "event-listeners", "note-citation"}),
)
_KINDS: Final = re.compile(rb"opendocument\.([a-z]+)")
_NAMES: Final = {b"text": "odt", b"spreadsheet": "ods", b"presentation": "odp", b"graphics": "odg"}
_ASIDE: Final = frozenset({"note", "annotation"})  # stand in the middle of a paragraph, and of a word
_MAX_SPACES: Final = 100


class _Body(Sink):
    """ODF writes runs of spaces as an element with a count; who wrote a comment and when (dc:…) is no text of it."""

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        if tag.startswith("dc:") and not self._skipped:
            self._skipped = 1
            return
        super().start(tag, attributes)
        name = local(tag)
        if name == "s" and self._text:
            count = next((value for key, value in attributes.items() if local(key) == "c"), "1")
            self.out.add(" " * min(int(count) if count.isdecimal() and len(count) < 6 else 1, _MAX_SPACES))
        elif name in _ASIDE and not self._skipped:
            self.out.line()
        elif name == "table":
            title = next((value for key, value in attributes.items() if local(key) == "name"), "")
            self.out.add(title + "\n")


class _Manifest(Sink):
    """Looks for members that need a key."""

    def __init__(self, out: Out) -> None:
        super().__init__(out, Rules(frozenset(), frozenset()))
        self.encrypted = False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.encrypted = self.encrypted or local(tag) in {"encryption-data", "encrypted-key"}


def extract(out: Out, archive: Archive) -> None:
    """Write the text of the content, and of headers and footers, which stand among the styles. Raises Unreadable."""
    refuse_encrypted(out, archive)
    if (mimetype := archive.find("mimetype")) and (kind := _KINDS.search(archive.read(out, mimetype)[:200])):
        out.kind(_NAMES.get(kind[1], "odf"))
    labels.properties(out, archive)
    for name in ("content.xml", "styles.xml"):
        member = archive.find(name)
        if member is not None:
            try:
                parse(archive.pieces(out, member), _Body(out, _RULES))
            except Unreadable as error:
                out.note(error.problem)
            out.line()
            if name == "styles.xml":
                _label(out, archive, member)
    leftovers.extract(out, archive)


def _label(out: Out, archive: Archive, member: Member) -> None:
    """Of the styles, headers and footers are all that has text."""
    if out.limits.thorough:
        with suppress(Unreadable):  # noted when its text was written
            labels.keep(out, archive.pieces(out, member), _RULES)


def refuse_encrypted(out: Out, archive: Archive) -> None:
    """Raise Unreadable("encrypted") when the manifest says so (ODF 1.3 part 2 §4; OWPML took it over)."""
    manifest = archive.find("META-INF/manifest.xml")
    if manifest is None:
        return
    sink = _Manifest(out)
    try:
        parse(archive.pieces(out, manifest), sink)
    except Unreadable as error:
        out.note(error.problem)
    if sink.encrypted:
        raise Unreadable("encrypted")
