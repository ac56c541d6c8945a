"""A message as an attached file (RFC 5322, MIME): the fields that a reader sees, its texts, its attachments."""

import re
from typing import Final

from smartmail.formats.extract import plain
from smartmail.formats.extract.out import Out
from smartmail.formats.headers import Header
from smartmail.formats.mime.parts import Part, list_parts
from smartmail.formats.mime.scanner import scan
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.words import decode_text

_POSTMARK: Final = re.compile(rb"(?:\A|(?<=\n)\r?\n)From [^\r\n]{3,200}\r?\n")
_SHOWN: Final = (b"from", b"to", b"cc", b"subject", b"date")


def extract(out: Out, octets: bytes) -> None:
    """Write the text of the message and of all messages inside it. Raises Enough."""
    root = scan(octets)
    if root.limited:
        out.note("limits")
    _fields(out, octets[root.header_start : root.body_start])
    for part in list_parts(root):
        if part.is_multipart:
            continue
        out.tick()
        if part.inner_body:
            out.line()
            _fields(out, octets[part.body_start : part.inner_body])
        else:
            _part(out, octets, part)


def extract_mbox(out: Out, octets: bytes) -> None:
    """Read each message of a mailbox in one file (RFC 4155). Raises Enough."""
    starts = [match.end() for match in _POSTMARK.finditer(octets)]
    ends = [match.start() for match in _POSTMARK.finditer(octets)][1:]
    for start, end in zip(starts, [*ends, len(octets)], strict=True):
        out.nested(octets[start:end], "message/rfc822")


def _fields(out: Out, block: bytes) -> None:
    header = Header(block)
    for field in header.fields:
        if field.name.lower() in _SHOWN:
            out.add(decode_text(header.block[field.value_start : field.end].strip(b" \t\r\n")) + "\n")


def _part(out: Out, octets: bytes, part: Part) -> None:
    body = decode_body(octets[part.body_start : part.body_end], part.encoding)
    if part.name:
        out.file(part.name)
    elif part.type == "text/plain":
        plain.text(out, body, part.charset)
    elif part.type == "text/html":
        plain.html(out, body, part.charset)
    out.line()
    if part.name or not part.type.startswith("text/"):
        out.nested(body, part.type, part.name)
