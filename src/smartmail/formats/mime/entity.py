"""What one MIME entity is: where it lies in the octets, and what its content fields say (RFC 2045, 2183, 2046).

Knows the header octets of one entity; the scanner finds where entities lie.
"""

import re
from functools import lru_cache
from typing import Final, NamedTuple

import msgspec

from smartmail.formats import words
from smartmail.formats.params import RawParams, parse_media_type, parse_token_value, strip_comments

_CONTENT: Final = re.compile(
    rb"\ncontent-(type|transfer-encoding|disposition|id|description|language|location|md5)[ \t]*+:"
    rb"([^\n]*+(?:\n[ \t][^\n]*+)*+)",
    re.IGNORECASE,
)
# Encodings under which the octets of an encapsulated message are themselves the message (RFC 2046 §5.2.1).
_IDENTITY: Final = frozenset({"7bit", "8bit", "binary"})


class Entity(msgspec.Struct):
    """One entity: the message itself, a part, or an encapsulated message. Offsets are octets from the message's start.

    `header_start` ≤ `body_start` ≤ `body_end`; the header includes the empty line, the body excludes the line end
    that belongs to the following delimiter. `lines` counts line ends in the body of text and entered message/rfc822
    entities, else 0. `header` holds the raw header octets, perhaps cut by a limit.
    `sample` holds the first octets of the first text/plain and text/html leaves, as encoded; `page` those of every
    text/html leaf beside other parts, for what it refers to. `decoded` counts the octets of a leaf's body after its
    transfer encoding is undone, -1 where that changes nothing. The root's `limited` is true when a limit made some content opaque: a filter must then not rely on the tree.
    """

    header_start: int
    body_start: int = 0
    body_end: int = 0
    lines: int = 0
    header: bytes = b""
    type: str = "text"
    subtype: str = "plain"
    raw_params: RawParams = ()
    typed: bool = False  # a usable Content-Type was there
    encoding: str = "7bit"
    disposition: str = ""  # in lower case, "" when there is none
    disposition_params: RawParams = ()
    raw_fields: dict[bytes, bytes] = {}  # the other content fields, never changed: name without "content-" → unfolded
    children: list["Entity"] = []
    opaque: bool = False  # a message/rfc822 or multipart that was not entered
    sample: bytes = b""
    limited: bool = False
    page: bytes = b""
    decoded: int = -1

    @property
    def media_type(self) -> str:
        """`type/subtype` in lower case."""
        return f"{self.type}/{self.subtype}"

    @property
    def is_multipart(self) -> bool:
        """Whether the entity is made of parts."""
        return self.type == "multipart"

    @property
    def is_message(self) -> bool:
        """Whether the entity encapsulates a message that was entered: `children[0]` is that message."""
        return self.type == "message" and self.subtype in {"rfc822", "global"} and bool(self.children)

    @property
    def size(self) -> int:
        """Octets of the body as stored."""
        return self.body_end - self.body_start

    @property
    def decoded_size(self) -> int:
        """Octets of the body after its transfer encoding is undone (RFC 8621 §4.1.4)."""
        return self.size if self.decoded < 0 else self.decoded

    def param(self, name: bytes) -> bytes | None:
        """Return the first Content-Type parameter of this name (lower case) as written."""
        for key, value in self.raw_params:
            if key == name:
                return value
        return None


class _Content(NamedTuple):
    """What the content fields of one header say; `media_type` is None without a Content-Type."""

    media_type: tuple[str, str, RawParams] | None
    typed: bool
    encoding: str
    disposition: str
    disposition_params: RawParams
    others: dict[bytes, bytes]


def read_content_fields(entity: Entity, header: bytes, default: tuple[str, str]) -> None:
    """Fill the content fields of `entity` from its header octets; of equal fields the first counts.

    `default` is the media type without a Content-Type: text/plain, or message/rfc822 in multipart/digest. What cannot
    be understood is text/plain (RFC 2045 §5.2).
    """
    content = _remembered(header) if len(header) <= _REMEMBER else _read(header)
    if content.media_type is None:
        entity.type, entity.subtype = default
    else:
        entity.type, entity.subtype, entity.raw_params = content.media_type
    entity.typed = content.typed
    entity.encoding = content.encoding
    entity.disposition, entity.disposition_params = content.disposition, content.disposition_params
    entity.raw_fields = content.others


def _read(header: bytes) -> _Content:
    found: dict[bytes, bytes] = {}
    for match in _CONTENT.finditer(b"\n" + header):
        found.setdefault(match[1].lower(), words.unfold(match[2]))
    value = found.pop(b"type", None)
    media_type = None if value is None else parse_media_type(value)
    typed = media_type is not None
    if value is not None and media_type is None:
        media_type = ("text", "plain", ())
    encoding = found.pop(b"transfer-encoding", b"")
    disposition = parse_token_value(found.pop(b"disposition", b""))
    return _Content(media_type, typed, _encoding(encoding) if encoding else "7bit", *disposition, found)


# The header of a text part is one of a few (`Content-Type: text/plain; charset=utf-8` and an encoding).
_REMEMBER: Final = 128  # octets of a header that is kept
_remembered = lru_cache(1_024)(_read)


def _encoding(value: bytes) -> str:
    text = value if value.isalnum() else strip_comments(value).partition(b";")[0].strip(b" \t\"'")
    return text[:40].decode("latin-1").lower() or "7bit"


def boundary_of(entity: Entity) -> bytes | None:
    """Return the boundary of a multipart, None when it has no usable one (RFC 2046 §5.1.1: 1 to 70 characters)."""
    boundary = entity.param(b"boundary")
    if boundary is None:
        boundary = _extended_boundary(entity)
    boundary = boundary.rstrip() if boundary else b""
    return boundary if 0 < len(boundary) <= MAX_BOUNDARY else None


def _extended_boundary(entity: Entity) -> bytes | None:
    """Read a boundary that an agent wrote as RFC 2231 sections, which that RFC allows for any parameter."""
    sections = [(name, value) for name, value in entity.raw_params if name.startswith(b"boundary*")]
    if not sections:
        return None
    return b"".join(value.rpartition(b"'")[2] for _, value in sorted(sections))


# RFC 2046 allows 70; real agents have passed that a little.
MAX_BOUNDARY: Final = 200


def enters_message(entity: Entity) -> bool:
    """Return whether the body of the entity is to be read as a message."""
    return entity.type == "message" and entity.subtype in {"rfc822", "global"} and entity.encoding in _IDENTITY
