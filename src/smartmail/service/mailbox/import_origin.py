"""How an imported file differed from the message that is stored, so that export gives back the file byte for byte.

Messages are kept with CRLF line ends and without an mbox `From ` line; what was taken away is small and lies in the
message's sealed summary. Must not know files, stores or accounts.
"""

import zlib
from typing import Literal

import msgspec

from smartmail.formats import lineends, mbox

MAX_OCTETS = 64 << 10
"""Of a packed origin: summaries are read for lists. Only a message that mixes line ends at random tens of thousands of
times needs more; its line ends are not kept.
"""
_SQUEEZE_ABOVE = 200
_PLAIN, _SQUEEZED = b"m", b"z"


class Origin(msgspec.Struct, frozen=True, array_like=True):
    """Where a message came from: a file of its own or a stretch of an mbox file.

    `line_ends` is a note of formats.lineends. `envelope` is the `From ` line with its line end, empty when there was
    none; `separator` and `rule` are those of formats.mbox.
    """

    kind: Literal["file", "mbox"] = "file"
    line_ends: str = "c"
    envelope: bytes = b""
    separator: bytes = b""
    rule: mbox.Rule = "mboxrd"


AS_STORED = Origin()
_DECODER = msgspec.msgpack.Decoder(Origin)


def pack(origin: Origin) -> bytes | None:
    """Return the kept form, empty when nothing differed; None when it is larger than `MAX_OCTETS`."""
    if origin == AS_STORED:
        return b""
    octets = msgspec.msgpack.encode(origin)
    packed = _PLAIN + octets if len(octets) <= _SQUEEZE_ABOVE else _SQUEEZED + zlib.compress(octets, 9)
    return packed if len(packed) <= MAX_OCTETS else None


def unpack(packed: bytes) -> Origin:
    """Return the origin of a kept form. Raises ValueError."""
    if not packed:
        return AS_STORED
    try:
        octets = zlib.decompress(packed[1:]) if packed[:1] == _SQUEEZED else packed[1:]
        return _DECODER.decode(octets)
    except (zlib.error, msgspec.DecodeError) as error:
        raise ValueError(f"not an origin: {error}") from error


def file_octets(stored: bytes, origin: Origin) -> bytes:
    """Return the message's file as it was; of an mbox, the message after unquoting. Raises ValueError."""
    octets = lineends.from_crlf(stored, origin.line_ends)
    return origin.envelope + octets if origin.kind == "file" else octets


def mbox_octets(stored: bytes, origin: Origin, sender: str, received: int) -> bytes:
    """Return the message as a stretch of an mbox file: the very octets if it came from one. Raises ValueError.

    `sender` and `received` (seconds) make the `From ` line of a message that had none.
    """
    content = lineends.from_crlf(stored, origin.line_ends)
    envelope = origin.envelope or mbox.envelope_line(sender, received)
    if origin.kind == "mbox":
        return mbox.write(mbox.MboxMessage(content, envelope, origin.separator, origin.rule))
    line_end = b"\r\n" if origin.line_ends == "c" else b"\n"
    # RFC 4155: a message ends with a line end, and an empty line follows.
    separator = line_end if content.endswith(b"\n") else line_end * 2
    return mbox.write(mbox.MboxMessage(content, envelope, separator, "mboxrd"))
