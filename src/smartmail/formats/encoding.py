"""Transfer encodings of what we write (RFC 2045 §6), and format=flowed text (RFC 3676).

Knows octets and text of one part; nothing of headers or structure. Every result keeps the line limits of
RFC 5322 §2.1.1, ends its lines with CRLF and holds no bare CR or LF.
"""

import binascii
import re
from typing import Final, Literal

TransferEncoding = Literal["7bit", "8bit", "quoted-printable", "base64"]

# RFC 5322 §2.1.1: at most 998 octets a line, without CRLF.
MAX_LINE: Final = 998
# RFC 3676 §4.2: flowed lines should have at most 78 characters; 76 leaves room for one more quote mark on reply.
_FLOW: Final = 76
_BARE: Final = re.compile(rb"\r\n|\r|\n")
_LONG: Final = re.compile(rb"[^\r\n]{999}")
_UNCLEAN: Final = re.compile(rb"[\x00\x80-\xff]|\r(?!\n)|(?<!\r)\n")
_QUOTE_MARKS: Final = re.compile(r"(?:> ?)*")
_ASCII_SPACED: Final = re.compile(r"\S+ *| +")


def canonical_lines(data: bytes) -> bytes:
    """Return the octets with every line end written as CRLF."""
    return _BARE.sub(b"\r\n", data)


def is_seven_bit(data: bytes) -> bool:
    """Whether the octets may be sent as `7bit` (RFC 2045 §2.7): no NUL, no 8-bit, CRLF only, no long line."""
    return _UNCLEAN.search(data) is None and _LONG.search(data) is None


def is_eight_bit(data: bytes) -> bool:
    """Whether the octets may be sent as `8bit` (RFC 2045 §2.8)."""
    return not (b"\x00" in data or re.search(rb"\r(?!\n)|(?<!\r)\n", data) or _LONG.search(data))


def encode_text(text: str) -> tuple[TransferEncoding, bytes]:
    """Return (encoding, octets) of UTF-8 text: 7bit when it can be, else the shorter of QP and base64."""
    data = canonical_lines(text.encode("utf-8", "replace"))
    # `--` at the start of a line could be a boundary of ours; "From " is what mbox writers spoil.
    if is_seven_bit(data) and not re.search(rb"^(?:From |--=_)", data, re.MULTILINE):
        return "7bit", data
    printable = quoted_printable(data)
    # base64 is what no gateway touches, QP what a person can still read: QP wins when it costs little.
    if len(printable) <= len(data) * 4 // 3 + 80:
        return "quoted-printable", printable
    return "base64", base64_lines(data)


def quoted_printable(data: bytes) -> bytes:
    """Return canonical text octets as quoted-printable (RFC 2045 §6.7)."""
    encoded = binascii.b2a_qp(data, quotetabs=False, istext=True, header=False)
    encoded = _BARE.sub(b"\r\n", encoded)
    return re.sub(rb"^From ", b"=46rom ", encoded, flags=re.MULTILINE)


def base64_lines(data: bytes) -> bytes:
    """Return base64 in lines of 76 characters, without a line end after the last (RFC 2045 §6.8)."""
    text = binascii.b2a_base64(data, newline=False)
    return b"\r\n".join(text[at : at + 76] for at in range(0, len(text), 76))


# -- format=flowed --------------------------------------------------------------------------------------------------


def flow(text: str) -> str:
    """Return text as format=flowed (RFC 3676 §4.2): soft breaks after a blank, stuffed lines, CRLF.

    Lines that begin with `>` are taken as quoted and keep their depth.
    """
    out: list[str] = []
    for line in text.replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        marks = _QUOTE_MARKS.match(line)
        end = marks.end() if marks is not None else 0
        depth = line.count(">", 0, end)
        out.extend(_flow_line(line[end:], ">" * depth))
    return "\r\n".join(out)


def _flow_line(line: str, marks: str) -> list[str]:
    # RFC 3676 §4.3: the signature separator is the one fixed line that ends with a blank.
    line = line if line == "-- " else line.rstrip(" ")
    if line == "-- " or len(line) + len(marks) <= _FLOW:
        return [marks + _stuffed(line, marks)]
    lines: list[str] = []
    current = ""
    for word in _ASCII_SPACED.findall(line):
        if current.endswith(" ") and len(marks) + len(current) + len(word.rstrip(" ")) > _FLOW:
            lines.append(marks + _stuffed(current, marks))
            current = ""
        current += word
    lines.append(marks + _stuffed(current, marks))
    return lines


def _stuffed(line: str, marks: str) -> str:
    """RFC 3676 §4.4: a blank before what would be read as a quote, as stuffing or as an mbox separator."""
    return " " + line if marks or line.startswith((" ", ">", "From ")) else line
