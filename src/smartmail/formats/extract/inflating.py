"""Compressed streams, unpacked within bounds: a bomb costs what the bounds allow and no more."""

import bz2
import lzma
import zlib
from collections.abc import Iterator
from typing import Final, Protocol

from smartmail.formats.extract.out import Enough, Out, Unreadable

_PIECE: Final = 256 * 1024
_LZMA_MEMORY: Final = 64 << 20  # of the dictionary, which the stream itself declares

RAW_DEFLATE: Final = -15
GZIP: Final = 31


class _Unpacker(Protocol):
    def unpack(self, octets: bytes, room: int) -> bytes: ...
    def has_ended(self) -> bool: ...


class _Deflate:
    def __init__(self, window: int) -> None:
        self._inner = zlib.decompressobj(window)

    def unpack(self, octets: bytes, room: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + octets, room)

    def has_ended(self) -> bool:
        return self._inner.eof


class _Other:
    """bz2 and lzma keep what they have not used themselves."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    def unpack(self, octets: bytes, room: int) -> bytes:
        return self._inner.decompress(octets if self._inner.needs_input else b"", room)

    def has_ended(self) -> bool:
        return self._inner.eof


def deflated(out: Out, packed: bytes | memoryview, window: int = RAW_DEFLATE) -> Iterator[bytes]:
    """Give the unpacked octets in pieces. Raises Unreadable in the middle when the stream is damaged."""
    return _pieces(out, packed, _Deflate(window))


def bzipped(out: Out, packed: bytes | memoryview) -> Iterator[bytes]:
    """The same for bzip2."""
    return _pieces(out, packed, _Other(bz2.BZ2Decompressor()))


def xzipped(out: Out, packed: bytes | memoryview) -> Iterator[bytes]:
    """The same for xz."""
    return _pieces(out, packed, _Other(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY)))


def _pieces(out: Out, packed: bytes | memoryview, unpacker: _Unpacker) -> Iterator[bytes]:
    total, limits = 0, out.limits
    for start in range(0, len(packed), _PIECE):
        feed = bytes(packed[start : start + _PIECE])
        while not unpacker.has_ended():
            try:
                piece = unpacker.unpack(feed, _PIECE)
            except (zlib.error, OSError, EOFError, ValueError, lzma.LZMAError):
                raise Unreadable("damaged") from None
            if not piece:
                break
            feed = b""
            total += len(piece)
            out.unpacked(len(piece))
            if total > limits.ratio_from and total > limits.ratio * len(packed):
                raise Unreadable("limits")
            yield piece
        if unpacker.has_ended():
            return
    raise Unreadable("damaged")  # the stream ends before its end


def whole(out: Out, pieces: Iterator[bytes]) -> bytes:
    """Join the pieces, at most `limits.member` octets; of a damaged stream what came before the damage.

    What is missing is noted in `out`. Raises Enough only.
    """
    kept = bytearray()
    try:
        for piece in pieces:
            kept += piece[: out.limits.member - len(kept)]
            if len(kept) >= out.limits.member:
                out.note("limits")
                break
    except Unreadable as error:
        out.note(error.problem)
        if error.problem == "limits":  # a bomb holds nothing that is worth reading
            return b""
    except Enough:
        if not kept:
            raise
    return bytes(kept)
