"""Packed streams of 7z archives: what their coders make of them.

Read: copy, LZMA, LZMA2, deflate, bzip2, and before these the delta and branch filters of the library. Told and not read:
AES (`encrypted`); PPMd, BCJ2, deflate64 and what forks of 7-Zip add (`unsupported`).
"""

import lzma
from collections.abc import Iterator
from typing import Final

import msgspec

from smartmail.formats.extract import inflating
from smartmail.formats.extract.inflating import Filter
from smartmail.formats.extract.out import Out, Problem, Unreadable

_COPY, _LZMA2, _LZMA, _DEFLATE, _BZIP2 = b"\0", b"\x21", b"\3\1\1", b"\4\1\x08", b"\4\2\2"
_READ: Final = frozenset((_COPY, _LZMA2, _LZMA, _DEFLATE, _BZIP2))
_ENCRYPTED: Final = (b"\x06\xf1",)
_DELTA: Final = b"\3"
_FILTERS: Final = {
    b"\x04": lzma.FILTER_X86, b"\3\3\1\3": lzma.FILTER_X86, b"\5": lzma.FILTER_POWERPC, b"\3\3\2\5": lzma.FILTER_POWERPC,
    b"\6": lzma.FILTER_IA64, b"\3\3\4\1": lzma.FILTER_IA64, b"\7": lzma.FILTER_ARM, b"\3\3\5\1": lzma.FILTER_ARM,
    b"\x08": lzma.FILTER_ARMTHUMB, b"\3\3\7\1": lzma.FILTER_ARMTHUMB, b"\x09": lzma.FILTER_SPARC,
    b"\3\3\x08\5": lzma.FILTER_SPARC,
}  # fmt: skip
_CHUNK: Final = 1 << 16


class Coder(msgspec.Struct):
    """One step: a method by its number, how many streams go in and come out, its parameters."""

    method: bytes
    inputs: int
    outputs: int
    properties: bytes


class CoderGroup(msgspec.Struct):
    """Coders that make one stream. `bonds`: input → output that it comes from; `inputs`: those that are packed
    streams of the archive, `packed`; `sizes`: of all outputs.
    """

    coders: list[Coder]
    bonds: dict[int, int]
    inputs: list[int]
    sizes: list[int] = []
    packed: list[memoryview] = []

    @property
    def size(self) -> int:
        """Octets of what comes out in the end."""
        last = set(range(len(self.sizes))) - set(self.bonds.values())
        return self.sizes[last.pop()] if last else 0

    @property
    def problem(self) -> Problem | None:
        """Why this folder cannot be read."""
        if any(coder.method.startswith(_ENCRYPTED) for coder in self.coders):
            return "encrypted"
        known = all(
            coder.method in _READ or coder.method in _FILTERS or coder.method == _DELTA for coder in self.coders
        )
        simple = all((coder.inputs, coder.outputs) == (1, 1) for coder in self.coders)
        if known and simple and len(self.inputs) == 1:
            return None if len(self.packed) == 1 and len(self.sizes) == len(self.coders) else "damaged"
        return "unsupported"


def pieces_of(out: Out, folder: CoderGroup) -> Iterator[bytes]:
    """Give what comes out of a folder. Raises Unreadable and Enough."""
    if folder.problem is not None:
        raise Unreadable(folder.problem)
    # Each has one input and one output, so that their numbers are those of the coders.
    number = folder.inputs[0]
    pieces: Iterator[bytes] = iter((bytes(folder.packed[0]),))
    for _ in folder.coders:
        if not 0 <= number < len(folder.coders):
            raise Unreadable("damaged")
        pieces = _decoded(out, folder.coders[number], pieces, folder.sizes[number])
        following = [after for after, before in folder.bonds.items() if before == number]
        if not following:
            return pieces
        number = following[0]
    raise Unreadable("damaged")


def _decoded(out: Out, coder: Coder, pieces: Iterator[bytes], size: int) -> Iterator[bytes]:
    if coder.method in _FILTERS:
        return _filtered({"id": _FILTERS[coder.method]}, pieces)
    if coder.method == _DELTA:
        return _filtered({"id": lzma.FILTER_DELTA, "dist": (coder.properties or b"\0")[0] + 1}, pieces)
    packed = b"".join(pieces)
    if coder.method == _COPY:
        return inflating.stored(out, packed[:size])
    if coder.method == _DEFLATE:
        return inflating.deflated(out, packed)
    if coder.method == _BZIP2:
        return inflating.bzipped(out, packed)
    one = (inflating.lzma2_filter if coder.method == _LZMA2 else inflating.lzma_filter)(coder.properties)
    return inflating.raw(out, packed, [one], size)


def _filtered(one: Filter, pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Undo a filter. The library knows filters only before LZMA2, so it gets LZMA2 whose chunks are not packed."""
    chain = [one, {"id": lzma.FILTER_LZMA2, "dict_size": _CHUNK}]
    unpacker = lzma.LZMADecompressor(lzma.FORMAT_RAW, filters=chain)
    try:
        for piece in pieces:
            for at in range(0, len(piece), _CHUNK):
                chunk = piece[at : at + _CHUNK]
                yield unpacker.decompress(b"\x01" + (len(chunk) - 1).to_bytes(2, "big") + chunk)
        yield unpacker.decompress(b"\0")
    except lzma.LZMAError:
        raise Unreadable("damaged") from None


class Part:
    """Begins to unpack one file of a folder."""

    def __init__(self, stream: "Stream", start: int, size: int) -> None:
        self._stream, self._start, self._size = stream, start, size

    def __call__(self) -> Iterator[bytes]:
        return self._stream.part(self._start, self._size)


class Stream:
    """What comes out of a folder, read once from its beginning to its end."""

    def __init__(self, out: Out, folder: CoderGroup) -> None:
        self._out, self._folder = out, folder
        self._pieces: Iterator[bytes] | None = None
        self._left = b""
        self._at = 0

    def part(self, start: int, size: int) -> Iterator[bytes]:
        """Give the octets of one file; what comes before them and was not read is left out."""
        if self._pieces is None:
            self._pieces = pieces_of(self._out, self._folder)
        while self._at < start:
            self._next(start - self._at)
        end = start + size
        while self._at < end:
            yield self._next(end - self._at)

    def _next(self, most: int) -> bytes:
        if not self._left:
            piece = next(self._pieces or iter(()), None)
            if piece is None:
                raise Unreadable("damaged")
            self._left = piece
        taken, self._left = self._left[:most], self._left[most:]
        self._at += len(taken)
        return taken
