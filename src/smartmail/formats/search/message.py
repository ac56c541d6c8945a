"""The search text of a message out of its summary and octets: what is read, what is left to an extractor.

Pure. Body: every text part that is no file, HTML as text, header lines of messages inside. Files: name, and text where
the file is text; other files are named by `binaries` for whoever can read them.
"""

import re
from collections.abc import Iterable, Iterator
from typing import Final

from smartmail.formats import charset
from smartmail.formats.headers import Header
from smartmail.formats.html_text import to_text
from smartmail.formats.mime.parts import Part
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.search.document import Document, compose
from smartmail.formats.summary import HeaderAddress, Summary
from smartmail.formats.words import decode_text

MAX_PART: Final = 4 << 20
"""Octets of one text part, as stored: a search must not decode a log file of a gigabyte."""
MAX_BINARY: Final = 64 << 20
"""Octets of one file given to an extractor, as stored."""
MAX_PARTS: Final = 200
_MAX_VALUE: Final = 4_000
_MAX_REPEATED: Final = 100
"""Fields of one name: as many as the Received lines of mail that has not run in a circle."""
_NESTED_FIELDS: Final = ("subject", "from", "to", "cc", "date")
_OTHER_FIELDS: Final = (
    "message-id", "in-reply-to", "references", "reply-to", "sender", "newsgroups", "organization", "x-mailer",
    "user-agent", "list-id", "list-post", "list-unsubscribe", "return-path", "delivered-to", "x-original-to",
    "disposition-notification-to", "thread-topic", "resent-from", "resent-to", "resent-cc", "resent-sender",
    "comments", "keywords", "x-label", "x-keywords", "importance", "x-priority", "precedence", "auto-submitted",
    "content-language", "date",
)  # fmt: skip
"""Fields that a person may look for: they stand first, where a header is longer than what is kept of it."""
_APART: Final = frozenset({"subject", "from", "to", "cc", "bcc"})
"""Fields that have a place of their own in the text."""
_SIGNATURES: Final = frozenset({
    "dkim-signature", "domainkey-signature", "arc-seal", "arc-message-signature", "x-google-dkim-signature",
})  # fmt: skip
_SIGNED: Final = re.compile(r"\b(bh?)=[A-Za-z0-9+/=\s]{20,}")
"""The octets of a signature: nobody looks for them, and no two messages share a term of them."""


def texts(summary: Summary) -> list[Part]:
    """Return the parts whose text is read."""
    return [part for part in summary.parts if part.type.startswith("text/")][:MAX_PARTS]


def binaries(summary: Summary) -> list[Part]:
    """Return the parts that are files but no text."""
    return [
        part
        for part in summary.parts
        if not part.is_multipart
        and not part.type.startswith("text/")
        and not part.inner_body
        and 0 < part.octets <= MAX_BINARY
    ][:MAX_PARTS]


def decoded(part: Part, octets: bytes) -> bytes:
    """Return the octets of a file."""
    return decode_body(octets, part.encoding)


def make(summary: Summary, header: bytes, bodies: dict[str, bytes], extracted: dict[str, str]) -> Document:
    """Return the document. `header`: the header block; `bodies`: section → octets as stored of `texts` and the header
    blocks of messages inside; `extracted`: section → text of files that were read.
    """
    body: list[str] = []
    files: list[tuple[str, str]] = []
    for part in summary.parts:
        text = part_text(part, bodies)
        if part.name:
            files.append((part.name, text or extracted.get(part.section, "")))
        elif text:
            body.append(text)
        elif part.section in extracted:
            files.append(("", extracted[part.section]))
    boxes = summary.addresses
    return compose(
        subject=summary.subject,
        from_=shown(boxes.from_),
        to=shown(boxes.to),
        cc=shown(boxes.cc),
        bcc=shown(boxes.bcc),
        other="\n".join(_others(header)),
        body="\n".join(body),
        files=files,
    )


def part_text(part: Part, bodies: dict[str, bytes]) -> str:
    """Return the text of a part of `texts`."""
    octets = bodies.get(part.section)
    if octets is None:
        return ""
    if part.inner_body:
        return "\n".join(_fields(octets, _NESTED_FIELDS))
    text = charset.decode(decode_body(octets, part.encoding), part.charset)[0]
    return to_text(text) if part.type == "text/html" else text


def _others(block: bytes) -> Iterator[str]:
    """Yield every field that has no place of its own: TEXT of IMAP looks into all of them (RFC 3501 §6.4.4)."""
    header = Header(block)
    held = dict.fromkeys(field.name.lower().decode("latin-1") for field in header.fields)
    names = dict.fromkeys([*(name for name in _OTHER_FIELDS if name in held), *held])
    return _of(header, [name for name in names if name not in _APART])


def _fields(block: bytes, names: Iterable[str]) -> Iterator[str]:
    return _of(Header(block), names)


def _of(header: Header, names: Iterable[str]) -> Iterator[str]:
    for name in names:
        for value in header.all(name)[:_MAX_REPEATED]:
            text = decode_text(value)[:_MAX_VALUE]
            if name in _SIGNATURES:
                text = _SIGNED.sub(r"\1=", text)
            yield f"{name}: {text}"


def shown(boxes: Iterable[HeaderAddress]) -> str:
    """Return names and addresses, one box a line."""
    return "\n".join(
        f"{box.group} {box.name} {box.address}" if box.group else f"{box.name} {box.address}" for box in boxes
    )
