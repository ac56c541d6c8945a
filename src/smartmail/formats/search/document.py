"""The search text of a message: its searchable fields, joined, packed and taken apart.

Text is kept in NFKC and without invisible characters (soft hyphens, joiners): what is compared (NFKC, case-folded) and what a snippet shows come from one stored form.
Fields are parted by NUL, which no text has, so that nothing is found across a border.
"""

import zlib
from collections.abc import Iterable
from enum import StrEnum
from functools import cached_property
from typing import Final
from unicodedata import normalize

from smartmail.base.text import without_invisible

VERSION: Final = b"\x01"
READING: Final = 2
"""How texts are read out of mail. An index that was made with a lower number is made anew while it answers; raise it with
what finds more in mail that is there already. 1: invisible characters are left out, PDFs are read without fonts of the machine.
2: every field of the header is read.
"""
BORDER: Final = "\x00"
MAX_BODY: Final = 2_000_000
"""Characters of a body, or of one attachment, that are searched: a log file must not fill the index."""
MAX_FILES: Final = 8_000_000
"""Characters of all attachments of a message."""
MAX_HEADER: Final = 20_000
MAX_OTHER: Final = 60_000
"""Characters of all header fields that have no place of their own."""
MAX_PACKED_OUT: Final = 64 << 20
_LEVEL: Final = 1
"""Of Korean mail, 8 % larger than at level 6, for less than half of the time."""
_BODY: Final = 6
_HEAD_FIELDS: Final = 7


class Field(StrEnum):
    """Where a text is looked for.

    COMMON: subject, names and addresses, body, file names, text of attachments: what every door means by "text".
    ANYWHERE: COMMON and other header fields (IMAP TEXT). BODY: body, file names, text of attachments.
    """

    COMMON = "common"
    ANYWHERE = "anywhere"
    SUBJECT = "subject"
    FROM = "from"
    TO = "to"
    CC = "cc"
    BCC = "bcc"
    BODY = "body"
    FILE = "file"
    OTHER = "other"


_AT: Final = {Field.OTHER: 0, Field.SUBJECT: 1, Field.FROM: 2, Field.TO: 3, Field.CC: 4, Field.BCC: 5}


class Document:
    """The search text of one message. `joined`: fields parted by NUL: other, subject, from, to, cc, bcc, body, and for
    each file its name and its text.
    """

    def __init__(self, joined: str) -> None:
        self.joined = joined

    @cached_property
    def folded(self) -> str:
        """The text as it is compared."""
        return folded(self.joined)

    @cached_property
    def fields(self) -> list[str]:
        """The fields as they are shown."""
        return self.joined.split(BORDER)

    @property
    def files(self) -> list[tuple[str, str]]:
        """Name and text of each file."""
        names = self.fields[_HEAD_FIELDS:]
        return list(zip(names[::2], names[1::2], strict=False))

    @property
    def subject(self) -> str:
        return self.fields[1]

    @property
    def body(self) -> str:
        return self.fields[_BODY]


def compose(
    *,
    subject: str = "",
    from_: str = "",
    to: str = "",
    cc: str = "",
    bcc: str = "",
    other: str = "",
    body: str = "",
    files: Iterable[tuple[str, str]] = (),
) -> Document:
    """Return the document of these fields; what is too long is cut."""
    head = [_clean(other, MAX_OTHER), *(_clean(one, MAX_HEADER) for one in (subject, from_, to, cc, bcc))]
    named: list[str] = []
    room = MAX_FILES
    for file in files:
        for one in file:
            named.append(_clean(one, min(MAX_BODY, room)))
            room -= min(room, len(one))
    return Document(BORDER.join([*head, _clean(body, MAX_BODY), *named]))


def _clean(text: str, limit: int) -> str:
    return normalize("NFKC", without_invisible(text[:limit]).replace(BORDER, " "))


def folded(text: str) -> str:
    """Return text that is NFKC and without invisible characters already as it is compared: like base.text.fold."""
    if text.isascii():
        return text.lower()
    return normalize("NFC", text.casefold())


def region(text: str, field: Field) -> str:
    """Return the part of a joined text (folded or not) that a field names."""
    match field:
        case Field.ANYWHERE:
            return text
        case Field.COMMON:
            return text[text.index(BORDER) + 1 :]
        case Field.BODY:
            return text.split(BORDER, _BODY)[-1]
        case Field.FILE:
            return BORDER.join(text.split(BORDER)[_HEAD_FIELDS::2])
    at = _AT[field]
    return text.split(BORDER, at + 1)[at]


def pack(document: Document) -> bytes:
    """Return the stored form, to be sealed."""
    return VERSION + zlib.compress(document.joined.encode("utf-8", "replace"), _LEVEL)


def unpack(octets: bytes) -> Document:
    """Return the document. Raises ValueError: not of this version, or damaged."""
    if octets[:1] != VERSION:
        raise ValueError("search text of an unknown version")
    stream = zlib.decompressobj()
    try:
        text = stream.decompress(octets[1:], MAX_PACKED_OUT).decode()
    except zlib.error as error:
        raise ValueError("damaged search text") from error
    if not stream.eof:
        raise ValueError("search text cut short")
    if text.count(BORDER) < _BODY:
        raise ValueError("search text without its fields")
    return Document(text)
