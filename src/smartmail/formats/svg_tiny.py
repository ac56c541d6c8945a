"""Pictures as SVG Tiny Portable/Secure: what a brand's logo must be (draft-svg-tiny-ps-abrotman), checked.

An allow-list: elements that draw, attributes that are not events, references that stay inside the picture. What is not
known is not shown. No script, no style sheet, no picture in the picture, no animation, no entity, no link.
"""

import re
import zlib
from typing import Final
from xml.parsers import expat

MAX_OCTETS: Final = 64 * 1024
"""The draft wants 32 KiB at most; twice that is borne."""
MAX_ELEMENTS: Final = 5_000
MAX_DEPTH: Final = 64
SVG: Final = "http://www.w3.org/2000/svg"
_XLINK: Final = "http://www.w3.org/1999/xlink"
_ELEMENTS: Final = frozenset(
    [
        "svg",
        "title",
        "desc",
        "g",
        "defs",
        "path",
        "rect",
        "circle",
        "ellipse",
        "line",
        "polyline",
        "polygon",
        "text",
        "tspan",
        "textArea",
        "tbreak",
        "use",
        "linearGradient",
        "radialGradient",
        "stop",
        "solidColor",
    ]
)
_HREFS: Final = frozenset({"href", f"{_XLINK} href"})
_URL: Final = re.compile(r"url\s*\(\s*['\"]?\s*([^'\")\s]*)", re.IGNORECASE)
_GZIP: Final = b"\x1f\x8b"


class SvgError(ValueError):
    """Not a picture of this kind. The text says why."""


def unpacked(octets: bytes) -> bytes:
    """Return a picture that may be gzip-compressed as it is (certificates carry them so). Raises SvgError."""
    if not octets.startswith(_GZIP):
        return octets
    try:
        plain = zlib.decompressobj(wbits=31).decompress(octets, MAX_OCTETS + 1)
    except zlib.error as error:
        raise SvgError("not a gzip stream") from error
    if len(plain) > MAX_OCTETS:
        raise SvgError("larger than a logo may be")
    return plain


def check(octets: bytes) -> None:
    """Let pass what is a picture of this kind. Raises SvgError."""
    if len(octets) > MAX_OCTETS:
        raise SvgError("larger than a logo may be")
    reader = _Reader()
    parser = expat.ParserCreate(namespace_separator=" ")
    # Attributes in the order of the file, so that each one is seen; no entity can be declared without a document type.
    parser.ordered_attributes = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.forbidden
    parser.ProcessingInstructionHandler = reader.forbidden
    try:
        parser.Parse(octets, True)
    except expat.ExpatError as error:
        raise SvgError(f"not well-formed XML: {error}") from error
    if not reader.titled:
        raise SvgError("it has no title")


class _Reader:
    def __init__(self) -> None:
        self.titled = False
        self._path: list[str] = []
        self._count = 0

    def start(self, name: str, attributes: list[str]) -> None:
        """Judge an element."""
        namespace, _, local = name.rpartition(" ")
        self._count += 1
        if namespace != SVG or local not in _ELEMENTS:
            raise SvgError(f"an element that draws nothing: {local[:40]}")
        if self._count > MAX_ELEMENTS or len(self._path) >= MAX_DEPTH:
            raise SvgError("more elements than a logo may have")
        pairs = dict(zip(attributes[::2], attributes[1::2], strict=True))
        if not self._path:
            _check_root(local, pairs)
        elif local == "svg":
            raise SvgError("a picture inside the picture")
        for key, value in pairs.items():
            _check_attribute(key, value)
        self._path.append(local)

    def end(self, _name: str) -> None:
        """Leave an element."""
        self._path.pop()

    def text(self, text: str) -> None:
        """Note the title."""
        if self._path == ["svg", "title"] and text.strip():
            self.titled = True

    def forbidden(self, *_values: object) -> None:
        """Refuse what can name or run things outside."""
        raise SvgError("a document type or an instruction")


def _check_root(local: str, pairs: dict[str, str]) -> None:
    if local != "svg":
        raise SvgError("not an SVG picture")
    if pairs.get("baseProfile") != "tiny-ps" or pairs.get("version") != "1.2":
        raise SvgError("not SVG 1.2 of the profile tiny-ps")
    if {"x", "y"} & pairs.keys():
        raise SvgError("the picture itself has a place")


def _check_attribute(key: str, value: str) -> None:
    local = key.rpartition(" ")[2]
    if local.lower().startswith("on"):
        raise SvgError(f"an event: {local[:40]}")
    if key in _HREFS and not value.strip().startswith("#"):
        raise SvgError("a reference to something outside")
    # Colours are attributes that are read as CSS: an escape there writes url(…) without its letters.
    if "\\" in value:
        raise SvgError("an escaped value")
    if local == "style" and ("@" in value or "expression" in value.lower()):
        raise SvgError("a style that does more than colour")
    if any(not inside.startswith("#") for inside in _URL.findall(value)):
        raise SvgError("a reference to something outside")
