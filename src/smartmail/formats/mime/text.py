"""The text of a message as a search reads it: decoded header, decoded text parts, file names.

STANDARDS RFC 3501 §6.4.4 TEXT and BODY; transfer encodings, charsets and encoded-words undone. Attachments that are
not text come with the search issue.
"""

from typing import Final

from smartmail.formats import charset
from smartmail.formats.headers import Field, Header
from smartmail.formats.html_text import to_text
from smartmail.formats.mime.parts import Part, list_parts
from smartmail.formats.mime.scanner import scan
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.words import decode_text

MAX_PART_OCTETS: Final = 4 << 20
"""Of one text part, as stored: a search must not decode a log file of a gigabyte."""


def searchable_text(message: bytes) -> tuple[str, str]:
    """Return (header text, body text) of a whole message. Never raises."""
    root = scan(message)
    header = Header(message[root.header_start : root.body_start])
    lines = [f"{field.name.decode('latin-1')}: {decode_text(_value(header, field))}" for field in header.fields]
    bodies: list[str] = []
    for part in list_parts(root):
        if part.name:
            bodies.append(part.name)
        if part.type.startswith("text/"):
            bodies.append(_text(message, part))
    return "\n".join(lines), "\n".join(bodies)


def _value(header: Header, field: Field) -> bytes:
    return header.block[field.value_start : field.end].strip(b" \t\r\n")


def _text(message: bytes, part: Part) -> str:
    octets = message[part.body_start : min(part.body_end, part.body_start + MAX_PART_OCTETS)]
    text = charset.decode(decode_body(octets, part.encoding), part.charset)[0]
    return to_text(text) if part.type == "text/html" else text
