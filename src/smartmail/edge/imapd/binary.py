"""BINARY: the octets of a part with its transfer encoding undone (RFC 3516 §4)."""

import asyncio

from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.summary import Summary
from smartmail.proto.imap import wire
from smartmail.proto.imap.fetch_items import BinarySection, BinarySize

_KNOWN = frozenset(
    {"", "7bit", "8bit", "binary", "base64", "quoted-printable", "uuencode", "x-uuencode", "uue", "x-uue"}
)
_ASIDE_OCTETS = 1 << 18
"""Parts above this are decoded off the event loop."""


class UnknownEncodingError(Exception):
    """The part has a transfer encoding that nobody here can undo (RFC 3516 §4.3 UNKNOWN-CTE)."""


def encoding_of(summary: Summary, part: tuple[int, ...]) -> str:
    """Return the transfer encoding of a part, lower case; of the message itself and of what is made of parts: none.
    Raises UnknownEncodingError.
    """
    number = ".".join(map(str, part))
    encoding = next(
        (one.encoding.lower() for one in summary.parts if one.section == number and not one.is_multipart), ""
    )
    if not part:
        return ""
    if encoding not in _KNOWN:
        raise UnknownEncodingError
    return encoding


async def undone(octets: bytes, encoding: str) -> bytes:
    """Return the octets behind a transfer encoding."""
    if len(octets) > _ASIDE_OCTETS and encoding:
        return await asyncio.to_thread(decode_body, octets, encoding)
    return decode_body(octets, encoding)


def answer(item: BinarySection | BinarySize, octets: bytes) -> tuple[bytes, bytes]:
    """Return label and value of the item in the answer."""
    if isinstance(item, BinarySize):
        return item.label, b"%d" % len(octets)
    if item.partial is not None:
        octets = octets[item.partial[0] :][: item.partial[1]]
    # RFC 3516 §4.2: a literal8 only where a literal cannot tell it.
    return wire.section_label(item), wire.literal8(octets) if b"\x00" in octets else wire.literal(octets)
