"""Compressed streams, unpacked within bounds: a bomb costs what the bounds allow and no more."""

import bz2
import lzma
import zlib
from collections.abc import Callable, Iterator
from typing import Final, Protocol

from smartmail.formats.extract.out import Enough, Out, Problem, Unreadable

_PIECE: Final = 256 * 1024
_LZMA_MEMORY: Final = 96 << 20  # of the dictionary, which the stream itself declares

_LEAST_DICTIONARY: Final = 4_096
_MAX_STREAMS: Final = 10_000
_PADDING: Final = 1 << 20  # zeros that may stand between streams

RAW_DEFLATE: Final = -15
GZIP: Final = 31
ZLIB: Final = 15


class _Unpacker(Protocol):
    def unpack(self, octets: bytes, room: int) -> bytes: ...
    def has_ended(self) -> bool: ...
    def rest(self) -> bytes: ...


class _Deflate:
    def __init__(self, window: int) -> None:
        self._inner = zlib.decompressobj(window)

    def unpack(self, octets: bytes, room: int) -> bytes:
        return self._inner.decompress(self._inner.unconsumed_tail + octets, room)

    def has_ended(self) -> bool:
        return self._inner.eof

    def rest(self) -> bytes:
        return self._inner.unused_data


class _Other:
    """bz2 and lzma keep what they have not used themselves."""

    def __init__(self, inner: bz2.BZ2Decompressor | lzma.LZMADecompressor) -> None:
        self._inner = inner

    def unpack(self, octets: bytes, room: int) -> bytes:
        return self._inner.decompress(octets if self._inner.needs_input else b"", room)

    def has_ended(self) -> bool:
        return self._inner.eof

    def rest(self) -> bytes:
        return self._inner.unused_data


def deflated(out: Out, packed: bytes | memoryview, window: int = RAW_DEFLATE) -> Iterator[bytes]:
    """Give the unpacked octets in pieces. Raises Unreadable in the middle when the stream is damaged."""
    return _pieces(out, packed, _Deflate(window))


def gunzipped(out: Out, packed: bytes | memoryview) -> Iterator[bytes]:
    """The same for gzip, and for all streams of a file that is several of them: tools unpack them as one."""
    return _streams(out, packed, lambda: _Deflate(GZIP), b"\x1f\x8b")


def bzipped(out: Out, packed: bytes | memoryview) -> Iterator[bytes]:
    """The same for bzip2."""
    return _streams(out, packed, lambda: _Other(bz2.BZ2Decompressor()), b"BZh")


def xzipped(out: Out, packed: bytes | memoryview) -> Iterator[bytes]:
    """The same for xz."""
    unpacker = lambda: _Other(lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_LZMA_MEMORY))  # noqa: E731
    return _streams(out, packed, unpacker, b"\xfd7zXZ\0")


def _streams(out: Out, packed: bytes | memoryview, unpacker: Callable[[], _Unpacker], magic: bytes) -> Iterator[bytes]:
    left = memoryview(packed)
    for _ in range(_MAX_STREAMS):
        fed: list[int] = []
        one = unpacker()
        yield from _pieces(out, left, one, fed)
        left = left[sum(fed) - len(one.rest()) :]
        at = next((at for at in range(0, min(len(left), _PADDING), 4) if any(left[at : at + 4])), len(left))
        left = left[at:]
        if bytes(left[: len(magic)]) != magic:
            return
    raise Unreadable("limits")


def lzma_alone(out: Out, packed: bytes | memoryview) -> Iterator[bytes]:
    """The same for the form before xz."""
    return _pieces(out, packed, _Other(lzma.LZMADecompressor(lzma.FORMAT_ALONE, memlimit=_LZMA_MEMORY)))


def stored(out: Out, octets: bytes | memoryview) -> Iterator[bytes]:
    """Give octets that are not packed, counted like those that are."""
    for start in range(0, len(octets), _PIECE):
        piece = bytes(octets[start : start + _PIECE])
        out.unpacked(len(piece))
        yield piece


Filter = dict[str, int]
"""One step of a chain, as the library takes it."""


def lzma_filter(properties: bytes) -> Filter:
    """Return LZMA with the five octets that its streams are described by. Raises Unreadable."""
    if len(properties) < 5 or properties[0] >= 9 * 5 * 5:
        raise Unreadable("damaged")
    rest, literal_context = divmod(properties[0], 9)
    position, literal_position = divmod(rest, 5)
    dictionary = int.from_bytes(properties[1:5], "little")
    return {
        "id": lzma.FILTER_LZMA1, "dict_size": dictionary, "lc": literal_context, "lp": literal_position,
        "pb": position,
    }  # fmt: skip


def lzma2_filter(properties: bytes) -> Filter:
    """Return LZMA2 with the octet that its streams are described by. Raises Unreadable."""
    if not properties or properties[0] > 40:
        raise Unreadable("damaged")
    dictionary = 0xFFFFFFFF if properties[0] == 40 else (2 | properties[0] & 1) << (properties[0] // 2 + 11)
    return {"id": lzma.FILTER_LZMA2, "dict_size": dictionary}


def raw(out: Out, packed: bytes | memoryview, chain: list[Filter], size: int) -> Iterator[bytes]:
    """Give `size` octets of a stream without a header, which need not tell its end. Raises Unreadable and Enough."""
    for one in chain:
        if "dict_size" in one:  # no dictionary is larger than what it is of
            one["dict_size"] = max(_LEAST_DICTIONARY, min(one["dict_size"], size))
            if one["dict_size"] > _LZMA_MEMORY:
                raise Unreadable("limits")
    try:
        unpacker = _Other(lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain))
    except (lzma.LZMAError, ValueError):
        raise Unreadable("damaged") from None
    return _exactly(_pieces(out, packed, unpacker), size)


def judge(out: Out, total: int, packed: int) -> None:
    """Raise Unreadable when so many octets out of so few are a bomb."""
    if total > out.limits.ratio_from and total > out.limits.ratio * packed:
        raise Unreadable("limits")


def _exactly(pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    while size > 0:
        try:
            piece = next(pieces)
        except StopIteration:
            raise Unreadable("damaged") from None
        yield piece[:size]
        size -= len(piece)


def _pieces(out: Out, packed: bytes | memoryview, unpacker: _Unpacker, fed: list[int] | None = None) -> Iterator[bytes]:
    """Give what comes out of one stream; `fed` gets the sizes of what went in."""
    total = 0
    for start in range(0, len(packed), _PIECE):
        feed = bytes(packed[start : start + _PIECE])
        if fed is not None:
            fed.append(len(feed))
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
            judge(out, total, len(packed))
            yield piece
        if unpacker.has_ended():
            return
    raise Unreadable("damaged")  # the stream ends before its end


def whole(out: Out, pieces: Iterator[bytes]) -> bytes:
    """Join the pieces, at most `limits.member` octets; of a damaged stream what came before the damage.

    What is missing is noted in `out`. Raises Enough only.
    """
    kept, problem = collected(out, pieces)
    if problem is not None:
        out.note(problem)
    return kept


def collected(out: Out, pieces: Iterator[bytes]) -> tuple[bytes, Problem | None]:
    """Do the same, and return what is wrong with it instead of noting it. Raises Enough only."""
    kept = bytearray()
    problem: Problem | None = None
    try:
        for piece in pieces:
            kept += piece[: out.limits.member - len(kept)]
            if len(kept) >= out.limits.member:
                problem = "limits"
                break
    except Unreadable as error:
        problem = error.problem
        if problem == "limits":  # a bomb holds nothing that is worth reading
            kept.clear()
    except Enough:
        if not kept:
            raise
        problem = "limits"
    return bytes(kept), problem
