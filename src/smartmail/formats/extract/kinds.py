"""What a file is, told by its octets; by its name and declared type only where the octets are plain text."""

import re
from typing import Final, Literal

from smartmail.formats.extract import compound_file, rtf

Kind = Literal[
    "zip", "compound", "pdf", "rtf", "tnef", "gzip", "bzip2", "xz", "tar", "html", "xml", "message", "text",
    "unsupported", "none",
]  # fmt: skip
"""`unsupported`: holds text that we cannot read, which must be said. `none`: holds no text."""

_SAMPLE: Final = 4_096
_MAGIC: Final[tuple[tuple[bytes, Kind], ...]] = (
    (b"PK\x03\x04", "zip"),
    (b"PK\x05\x06", "zip"),
    (b"PK\x07\x08", "zip"),
    (compound_file.MAGIC, "compound"),
    (b"%PDF-", "pdf"),
    (b"\x78\x9f\x3e\x22", "tnef"),
    (b"\x1f\x8b\x08", "gzip"),
    (b"BZh", "bzip2"),
    (b"\xfd7zXZ\x00", "xz"),
    (b"HWP Document File V", "unsupported"),  # HWP 3
    (b"7z\xbc\xaf\x27\x1c", "unsupported"),
    (b"Rar!\x1a\x07", "unsupported"),
    (b"ALZ\x01", "unsupported"),
    (b"EGGA", "unsupported"),
    (b"\xff\xd8\xff", "none"),
    (b"\x89PNG", "none"),
    (b"GIF8", "none"),
    (b"MZ", "none"),
    (b"\x7fELF", "none"),
)
_PDF: Final = b"%PDF-"
_PDF_WITHIN: Final = 1_024  # ISO 32000-1, implementation note 13: readers accept that much before it
_TAR_MAGIC: Final = (b"ustar", 257)
_UTF16_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
_BINARY: Final = re.compile(rb"[\x00-\x06\x0e-\x1a\x1c-\x1f]")
_SHIFTS: Final = b"\x0e\x0f"  # ISO-2022-KR goes to Hangul and back by them, once it has told so
_ISO_2022_KR: Final = b"\x1b$)C"
_HTML: Final = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<!--.{0,500}?-->\s*)?<(?:!doctype html|html|head|body)\b", re.IGNORECASE | re.DOTALL
)
_XML: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<\?xml\b")
_FIELD: Final = re.compile(
    rb"(?:received|from|return-path|delivered-to|message-id|date|subject|mime-version|dkim-signature|to|content-type"
    rb"|x-[!-9;-~]{1,60}):[ \t][^\n]{0,998}\n(?:[ \t][^\n]{0,998}\n){0,50}(?:[!-9;-~]{1,80}:|\r?\n)",
    re.IGNORECASE,
)
_HTML_NAMES: Final = (".html", ".htm", ".xhtml")
_MESSAGE_NAMES: Final = (".eml", ".mht", ".mhtml")
_XML_NAMES: Final = (".xml", ".hml", ".fodt", ".fods", ".fodp", ".svg")


def kind_of(octets: bytes, media_type: str = "", name: str = "") -> Kind:
    """Return what the file is. `media_type` and `name` are claims of whoever sent it."""
    for magic, kind in _MAGIC:
        if octets.startswith(magic):
            return kind
    head = octets[:_SAMPLE]
    if _PDF in head[:_PDF_WITHIN]:
        return "pdf"
    if head.startswith(_TAR_MAGIC[0], _TAR_MAGIC[1]):
        return "tar"
    if head.lstrip().startswith(rtf.MAGIC):
        return "rtf"
    return _text_kind(head, media_type.lower(), name.lower()) if _is_text(head) else "none"


def _is_text(head: bytes) -> bool:
    if not head:
        return False
    if head.startswith(_UTF16_MARKS) or wide_text(head):
        return True
    if _ISO_2022_KR in head:
        head = head.translate(None, _SHIFTS)
    return len(_BINARY.findall(head)) * 50 < len(head)


def wide_text(head: bytes) -> str:
    """Return the codec of UTF-16 without a mark, "" when it is not that: every other octet of ASCII is NUL."""
    even, odd = head[0:_SAMPLE:2].count(0), head[1:_SAMPLE:2].count(0)
    half = len(head[:_SAMPLE]) // 2
    if half < 4:
        return ""
    if odd * 5 > half and even * 20 < odd:
        return "utf_16_le"
    return "utf_16_be" if even * 5 > half and odd * 20 < even else ""


def _text_kind(head: bytes, media_type: str, name: str) -> Kind:
    if media_type == "text/html" or name.endswith(_HTML_NAMES) or _HTML.match(head):
        return "html"
    if media_type == "message/rfc822" or name.endswith(_MESSAGE_NAMES):
        return "message"
    if media_type in {"text/plain", "text/csv"}:
        return "text"
    if _XML.match(head) or name.endswith(_XML_NAMES):
        return "xml"
    return "message" if _FIELD.match(head) else "text"
