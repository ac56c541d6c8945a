"""What a file is, told by its octets; by its name and declared type only where the octets are plain text."""

import re
from typing import Final, Literal

from smartmail.formats.extract import compound_file, rtf

Kind = Literal[
    "zip", "compound", "pdf", "rtf", "tnef", "gzip", "bzip2", "xz", "lzma", "tar", "7z", "rar", "alz", "egg", "html", "xml",
    "message", "mbox", "text", "unsupported", "none",
]  # fmt: skip
"""`unsupported`: holds text that we cannot read, which must be said. `none`: holds no text."""

ARCHIVES: Final[frozenset[Kind]] = frozenset(("7z", "rar", "alz", "egg"))
PACKED: Final[frozenset[Kind]] = frozenset(("gzip", "bzip2", "xz", "lzma"))
"""One file, packed."""

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
    (b"7z\xbc\xaf\x27\x1c", "7z"),
    (b"Rar!\x1a\x07", "rar"),
    (b"ALZ\x01", "alz"),
    (b"EGGA", "egg"),
    (b"\x5d\x00\x00", "lzma"),
    (b"HWP Document File V", "unsupported"),  # HWP 3
    (b"RE~^", "unsupported"),  # RAR before 1.5
    (b"MSCF", "unsupported"),  # cabinet
    (b"\x28\xb5\x2f\xfd", "unsupported"),  # zstd
    (b"\x04\x22\x4d\x18", "unsupported"),  # lz4
    (b"LZIP\x01", "unsupported"),
    (b"\x1f\x9d", "unsupported"),  # compress
    (b"!BDN", "unsupported"),  # Outlook's store of mail
    (b"\xff\xd8\xff", "none"),
    (b"\x89PNG", "none"),
    (b"GIF8", "none"),
    (b"MZ", "none"),
    (b"\x7fELF", "none"),
)
_PDF: Final = b"%PDF-"
_PDF_WITHIN: Final = 1_024  # ISO 32000-1, implementation note 13: readers accept that much before it
_TAR_MAGIC: Final = (b"ustar", 257)
_TAR_SUM: Final = slice(148, 156)
_LHA: Final = re.compile(rb".{2}-lh[0-9d]-", re.DOTALL)
_DISK: Final = (b"CD001", 32_769)
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
_MBOX: Final = re.compile(rb"From [^\r\n]{3,200}\r?\n" + _FIELD.pattern, re.IGNORECASE)
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
    if head.startswith(_TAR_MAGIC[0], _TAR_MAGIC[1]) or _is_old_tar(head[:512]):
        return "tar"
    if _LHA.match(head) or octets.startswith(_DISK[0], _DISK[1]):
        return "unsupported"
    if head.lstrip().startswith(rtf.MAGIC):
        return "rtf"
    return _text_kind(head, media_type.lower(), name.lower()) if _is_text(head) else "none"


def _is_old_tar(header: bytes) -> bool:
    """Say whether this is the header of a tar archive before POSIX: no magic, but a sum of its octets."""
    field = header[_TAR_SUM].strip(b" \0")
    if len(header) < 512 or not 0 < len(field) < 8 or not all(0x30 <= digit <= 0x37 for digit in field):
        return False
    return int(field, 8) == sum(header) - sum(header[_TAR_SUM]) + 8 * 0x20


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
    if _MBOX.match(head):
        return "mbox"
    if media_type in {"text/plain", "text/csv"}:
        return "text"
    if _XML.match(head) or name.endswith(_XML_NAMES):
        return "xml"
    return "message" if _FIELD.match(head) else "text"
