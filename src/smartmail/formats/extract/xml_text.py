"""XML read as a stream for its text: no document type, so no entities; no tree, so no depth.

Knows no vocabulary: `Rules` name the elements that matter, without their namespaces, because writers of office
documents choose prefixes and years of namespaces freely.
"""

from collections.abc import Iterable
from typing import Final
from xml.parsers import expat

import msgspec

from smartmail.formats.extract.out import Out, Unreadable

_PIECE: Final = 64 * 1024


class Rules(msgspec.Struct, frozen=True):
    """Which elements give text. `text`: their characters count (None: those of all elements). `lines`: a line ends
    with them. `marks`: characters that an element stands for. `skip`: left out with all they hold.
    """

    text: frozenset[str] | None
    lines: frozenset[str]
    marks: dict[str, str] = {}
    skip: frozenset[str] = frozenset()


class Sink:
    """Handlers of one parse; formats with a will of their own derive from it."""

    def __init__(self, out: Out, rules: Rules) -> None:
        self.out = out
        self._rules = rules
        self._text = 0  # open elements whose characters count
        self._skipped = 0  # open elements inside one that is left out, and itself

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        """An element begins."""
        name = local(tag)
        rules = self._rules
        if self._skipped or name in rules.skip:
            self._skipped += 1
            return
        if rules.text is not None and name in rules.text:
            self._text += 1
        mark = rules.marks.get(name)
        if mark is not None:
            self.out.add(mark)

    def end(self, tag: str) -> None:
        """An element ends."""
        if self._skipped:
            self._skipped -= 1
            return
        name = local(tag)
        rules = self._rules
        if rules.text is not None and name in rules.text:
            self._text -= 1
        if name in rules.lines:
            self.out.add("\n")

    def characters(self, text: str) -> None:
        """Characters between tags."""
        if (self._text or self._rules.text is None) and not self._skipped:
            self.out.add(text)


def local(tag: str) -> str:
    """Return the name of an element without its prefix."""
    return tag.rpartition(":")[2]


def parse(pieces: Iterable[bytes], sink: Sink) -> None:
    """Feed `sink`. Raises Unreadable("damaged") for what is not well-formed or has a document type, and Enough."""
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.buffer_size = 4_096
    parser.StartElementHandler = sink.start
    parser.EndElementHandler = sink.end
    parser.CharacterDataHandler = sink.characters
    parser.StartDoctypeDeclHandler = _refuse
    try:
        for octets in pieces:
            for at in range(0, len(octets), _PIECE):
                parser.Parse(octets[at : at + _PIECE], False)
                sink.out.tick()
        parser.Parse(b"", True)
    except (expat.ExpatError, ValueError, LookupError):  # the last two: an encoding that Python does not know or have
        raise Unreadable("damaged") from None


def _refuse(*_arguments: object) -> None:
    raise Unreadable("damaged")


ANY: Final = Rules(
    None,
    frozenset({"p", "P", "para", "title", "row", "tr", "item", "entry", "description", "name", "value", "li", "div"}),
)
"""For XML of unknown vocabulary."""
