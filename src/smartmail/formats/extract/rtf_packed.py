"""Compressed RTF ([MS-OXRTFCP]), in which Outlook keeps the bodies of messages."""

import struct
from typing import Final

from smartmail.formats.extract.out import Out

_HEADER: Final = struct.Struct("<I I 4s I")
_PACKED, _PLAIN = b"LZFu", b"MELA"
_WINDOW: Final = 4_096
# §2.1.3.1.4: what the dictionary holds at first.
_FIRST: Final = (
    b"{\\rtf1\\ansi\\mac\\deff0\\deftab720{\\fonttbl;}{\\f0\\fnil \\froman \\fswiss \\fmodern \\fscript \\fdecor MS Sans"
    b" SerifSymbolArialTimes New RomanCourier{\\colortbl\\red0\\green0\\blue0\r\n\\par \\pard\\plain\\f0\\fs20\\b\\i\\u"
    b"\\tab\\tx"
)


def unpack(out: Out, octets: bytes) -> bytes:
    """Return the RTF; b"" when it is none. Of a cut stream what is there. Raises Enough."""
    if len(octets) < _HEADER.size:
        return b""
    _, size, kind, _ = _HEADER.unpack_from(octets)
    body = octets[_HEADER.size :]
    if kind == _PLAIN:
        return body[:size]
    return _inflate(out, body, min(size, out.limits.member)) if kind == _PACKED else b""


def _inflate(out: Out, body: bytes, size: int) -> bytes:
    window = bytearray(_FIRST.ljust(_WINDOW, b" "))
    write, at = len(_FIRST), 0
    made = bytearray()
    while at < len(body) and len(made) < size:
        control = body[at]
        at += 1
        out.tick()
        for bit in range(8):
            if control >> bit & 1:
                if at + 2 > len(body):
                    return bytes(made)
                reference = body[at] << 8 | body[at + 1]
                at += 2
                offset, length = reference >> 4, (reference & 15) + 2
                if offset == write:  # the end mark
                    return bytes(made)
                piece = [0] * length
                for index in range(length):  # may overlap what it writes
                    octet = piece[index] = window[(offset + index) % _WINDOW]
                    window[write] = octet
                    write = (write + 1) % _WINDOW
                made += bytes(piece)
            elif at < len(body):
                window[write] = body[at]
                made.append(body[at])
                write = (write + 1) % _WINDOW
                at += 1
    return bytes(made[:size])
