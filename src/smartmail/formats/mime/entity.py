"""What one MIME entity is: where it lies in the octets, and what its content fields say (RFC 2045, 2183, 2046).

Knows the header octets of one entity; the scanner finds where entities lie.
"""

import re
from typing import Final

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
    `sample` holds the first octets of the first text/plain and text/html leaves, as encoded. The root's `limited` is
    true when a limit made some content opaque: a filter must then not rely on the tree.
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
    raw_fields: dict[bytes, bytes] = {}  # content fields except type and encoding: name without "content-" → unfolded
    children: list["Entity"] = []
    opaque: bool = False  # a message/rfc822 or multipart that was not entered
    sample: bytes = b""
    limited: bool = False

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

    def param(self, name: bytes) -> bytes | None:
        """Return the first Content-Type parameter of this name (lower case) as written."""
        for key, value in self.raw_params:
            if key == name:
                return value
        return None

    def disposition(self) -> tuple[str, RawParams]:
        """Return (disposition in lower case, raw parameters); ("", ()) when there is none."""
        value = self.raw_fields.get(b"disposition")
        return parse_token_value(value) if value else ("", ())


def read_content_fields(entity: Entity, header: bytes, default: tuple[str, str]) -> None:
    """Fill the content fields of `entity` from its header octets; of equal fields the first counts.

    `default` is the media type without a Content-Type: text/plain, or message/rfc822 in multipart/digest. What cannot
    be understood is text/plain (RFC 2045 §5.2).
    """
    entity.type, entity.subtype = default
    found: dict[bytes, bytes] = {}
    for match in _CONTENT.finditer(b"\n" + header):
        found.setdefault(match[1].lower(), words.unfold(match[2]))
    if not found:
        return
    media_type = found.pop(b"type", None)
    if media_type is not None:
        parsed = parse_media_type(media_type)
        if parsed is None:
            entity.type, entity.subtype = "text", "plain"
        else:
            entity.type, entity.subtype, entity.raw_params = parsed
            entity.typed = True
    encoding = found.pop(b"transfer-encoding", None)
    if encoding:
        entity.encoding = _encoding(encoding)
    entity.raw_fields = found


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
