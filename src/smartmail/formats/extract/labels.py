"""What a document says of itself apart from its text: properties, headers and footers, the places of security labels."""

import re
from collections.abc import Iterable
from typing import Final

from smartmail.formats.extract import xml_text
from smartmail.formats.extract.out import Enough, Limits, Out, Unreadable
from smartmail.formats.extract.xml_text import Rules, Sink, local
from smartmail.formats.extract.zip_archive import Archive

_ASIDE: Final = Limits(chars=4_000)
# Custom ones first: what is more than may be kept is then of less use.
_PROPERTIES: Final = (re.compile(r"docprops/custom\.xml"), re.compile(r"docprops/core\.xml|meta\.xml"))


def keep(out: Out, pieces: Iterable[bytes], rules: Rules) -> None:
    """Keep the lines of an XML part, a header or footer, as labels. Raises Unreadable and Enough."""
    aside = Out(_ASIDE, lambda *_: None, out.expired)
    try:
        xml_text.parse(pieces, Sink(aside, rules))
    except Enough:
        out.tick()
    out.label(aside.result().text)


def properties(out: Out, archive: Archive) -> None:
    """Keep the properties of a package, of Office and of OpenDocument, as `name=value`. Raises Enough."""
    if not out.limits.thorough:
        return
    for member in (member for pattern in _PROPERTIES for member in archive.matching(pattern)):
        try:
            xml_text.parse(archive.pieces(out, member), _Properties(out))
        except Unreadable as error:
            out.note(error.problem)


class _Properties(Sink):
    """Custom properties have a name, the others are named by their element."""

    def __init__(self, out: Out) -> None:
        super().__init__(out, Rules(frozenset(), frozenset()))
        self._name = ""
        self._value: list[str] = []

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        given = attributes.get("name") or next((value for key, value in attributes.items() if local(key) == "name"), "")
        self._name = given or (self._name if tag.startswith("vt:") else local(tag))
        self._value = []

    def characters(self, text: str) -> None:
        if len(self._value) < 10:
            self._value.append(text)

    def end(self, tag: str) -> None:
        value = "".join(self._value).strip()
        self._value = []
        if value:
            self.out.label(f"{self._name}={value}")
