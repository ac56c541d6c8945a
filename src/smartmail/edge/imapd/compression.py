"""COMPRESS=DEFLATE (RFC 4978): octets of one connection through raw deflate, both ways.

LIMITS  Some 32 KB for what goes out, made at the first answer; what comes in needs the peer's window of 32 KB, made at
        the first input. A piece of input unfolds to `PIECE` octets at most before the engine has seen them.
"""

import zlib
from typing import Any

PIECE = 65_536
_WINDOW = 12
_MEMORY = 5


class DeflateError(Exception):
    """The peer's octets are no deflate stream, or it has ended."""


class Deflate:
    """Both directions of one connection."""

    __slots__ = ("_in", "_out")

    def __init__(self) -> None:
        self._in: Any = None
        self._out: Any = None

    def deflate(self, data: bytes) -> bytes:
        """Return octets to send; the peer can read all of `data` from them."""
        if self._out is None:
            # RFC 4978 §3: raw deflate; a small window costs some ratio and saves 230 KB for each session.
            self._out = zlib.compressobj(zlib.Z_BEST_SPEED, zlib.DEFLATED, -_WINDOW, _MEMORY)
        packed: bytes = self._out.compress(data)
        return packed + bytes(self._out.flush(zlib.Z_SYNC_FLUSH))

    def inflate(self, data: bytes) -> tuple[bytes, bytes]:
        """Return (plain octets, packed octets that wait). Raises DeflateError."""
        if self._in is None:
            self._in = zlib.decompressobj(-zlib.MAX_WBITS)
        try:
            plain: bytes = self._in.decompress(data, PIECE)
            if len(plain) == PIECE and not self._in.unconsumed_tail:
                # The end of a long match may still be inside.
                plain += self._in.decompress(b"", PIECE)
        except zlib.error as error:
            raise DeflateError from error
        if self._in.eof:
            raise DeflateError
        return plain, self._in.unconsumed_tail
