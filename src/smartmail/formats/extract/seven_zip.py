"""7z archives (7zFormat.txt of 7-Zip): their directory, and the files out of their packed streams in order.

Streams are read by seven_zip_streams. An archive whose directory is encrypted is told as a whole, encrypted files by
their names. Split archives (`.7z.001`) are damaged ones: their directory lies in another part.
"""

import struct
import zlib
from collections.abc import Iterator
from typing import Final

import msgspec

from smartmail.formats.extract import inflating
from smartmail.formats.extract.members import Entry
from smartmail.formats.extract.out import Out, Unreadable
from smartmail.formats.extract.seven_zip_streams import Coder, CoderGroup, Part, Stream, pieces_of

MAGIC: Final = b"7z\xbc\xaf\x27\x1c"
_START: Final = 32
_END, _HEADER, _PROPERTIES, _STREAMS, _FILES, _PACK, _UNPACK, _SUBSTREAMS, _SIZE, _CRC, _FOLDER, _CODERS_SIZE = (
    0, 1, 2, 4, 5, 6, 7, 8, 9, 10, 11, 12,
)  # fmt: skip
_COUNT, _EMPTY_STREAM, _EMPTY_FILE, _NAMES, _ENCODED = 13, 14, 15, 17, 23
_MAX_FILES: Final = 200_000
_MAX_FOLDERS: Final = 20_000
_MAX_DIRECTORY: Final = 32 << 20
_MAX_NESTED: Final = 4  # packed directories of packed directories


class _Streams(msgspec.Struct):
    """Packed streams, what makes folders of them, and how many octets of each folder are one file's."""

    packed: list[memoryview] = []
    folders: list[CoderGroup] = []
    sizes: list[list[int]] = []


class _Walk:
    """A place in the directory. Raises Unreadable behind its end."""

    def __init__(self, octets: bytes) -> None:
        self.octets = octets
        self.at = 0

    def take(self, size: int) -> bytes:
        if not 0 <= size <= len(self.octets) - self.at:
            raise Unreadable("damaged")
        self.at += size
        return self.octets[self.at - size : self.at]

    def octet(self) -> int:
        return self.take(1)[0]

    def number(self) -> int:
        """Return a number whose first octet tells how many follow it."""
        first, mask, value = self.octet(), 0x80, 0
        for index in range(8):
            if not first & mask:
                return value | (first & mask - 1) << 8 * index
            value |= self.octet() << 8 * index
            mask >>= 1
        return value

    def count(self, most: int) -> int:
        value = self.number()
        if value > most:
            raise Unreadable("limits" if value < len(self.octets) * 8 else "damaged")
        return value

    def expect(self, wanted: int) -> None:
        if self.number() != wanted:
            raise Unreadable("damaged")

    def flags(self, count: int, *, all_first: bool = True) -> list[bool]:
        """Return bits; `all_first`: an octet before them may say that all are set."""
        if all_first and self.octet():
            return [True] * count
        octets = self.take((count + 7) // 8)
        return [bool(octets[index // 8] << index % 8 & 0x80) for index in range(count)]

    def digests(self, count: int) -> None:
        self.take(4 * sum(self.flags(count)))


def entries(out: Out, octets: bytes) -> Iterator[Entry]:
    """Give the files of an archive. Raises Unreadable and Enough."""
    if len(octets) < _START:
        raise Unreadable("damaged")
    offset, size = struct.unpack_from("<QQ", octets, 12)
    directory = octets[_START + offset : _START + offset + size]
    if len(directory) != size or zlib.crc32(directory) != int.from_bytes(octets[28:32], "little"):
        raise Unreadable("damaged")
    if not size:
        return
    walk = _directory(out, octets, directory)
    kind = walk.number()
    if kind == _PROPERTIES:
        while walk.number() != _END:
            walk.take(walk.number())
        kind = walk.number()
    if kind == 3:  # streams of the directory itself, which nobody writes
        raise Unreadable("unsupported")
    streams = _Streams()
    if kind == _STREAMS:
        streams = _streams(walk, octets)
        kind = walk.number()
    if kind == _FILES:
        yield from _files(out, walk, streams)


def _directory(out: Out, octets: bytes, directory: bytes) -> _Walk:
    """Return the directory behind its first mark, unpacked as often as it was packed."""
    for _ in range(_MAX_NESTED):
        walk = _Walk(directory)
        kind = walk.number()
        if kind == _HEADER:
            return walk
        if kind != _ENCODED:
            break
        streams = _streams(walk, octets)
        if len(streams.folders) != 1 or streams.folders[0].size > _MAX_DIRECTORY:
            raise Unreadable("damaged")
        directory, problem = inflating.collected(out, pieces_of(out, streams.folders[0]))
        if problem is not None:
            raise Unreadable(problem)
    raise Unreadable("damaged")


# --- streams --------------------------------------------------------------------------------------------------------


def _streams(walk: _Walk, octets: bytes) -> _Streams:
    found = _Streams()
    kind = walk.number()
    if kind == _PACK:
        found.packed = _packed(walk, octets)
        kind = walk.number()
    if kind == _UNPACK:
        found.folders = _coder_groups(walk, found.packed)
        kind = walk.number()
    found.sizes = [[folder.size] for folder in found.folders]
    if kind == _SUBSTREAMS:
        found.sizes = _substreams(walk, found.folders)
        kind = walk.number()
    if kind != _END:
        raise Unreadable("damaged")
    return found


def _packed(walk: _Walk, octets: bytes) -> list[memoryview]:
    at, view = _START + walk.number(), memoryview(octets)
    count, found = walk.count(_MAX_FOLDERS * 4), []
    kind = walk.number()
    if kind == _SIZE:
        for _ in range(count):
            size = walk.number()
            found.append(view[at : at + size])
            at += size
        kind = walk.number()
    if kind == _CRC:
        walk.digests(count)
        kind = walk.number()
    if kind != _END:
        raise Unreadable("damaged")
    return found


def _coder_groups(walk: _Walk, packed: list[memoryview]) -> list[CoderGroup]:
    walk.expect(_FOLDER)
    count = walk.count(_MAX_FOLDERS)
    if walk.octet():
        raise Unreadable("unsupported")  # kept elsewhere, which nobody writes
    folders = [_coder_group(walk) for _ in range(count)]
    walk.expect(_CODERS_SIZE)
    at = 0
    for folder in folders:
        folder.sizes = [walk.number() for _ in range(sum(coder.outputs for coder in folder.coders))]
        folder.packed = packed[at : at + len(folder.inputs)]
        at += len(folder.inputs)
    kind = walk.number()
    if kind == _CRC:
        walk.digests(count)
        kind = walk.number()
    if kind != _END:
        raise Unreadable("damaged")
    return folders


def _coder_group(walk: _Walk) -> CoderGroup:
    coders = []
    for _ in range(walk.count(8)):
        flags = walk.octet()
        method = walk.take(flags & 0x0F)
        inputs, outputs = (walk.count(8), walk.count(8)) if flags & 0x10 else (1, 1)
        coders.append(Coder(method, inputs, outputs, walk.take(walk.number()) if flags & 0x20 else b""))
    inputs, outputs = sum(coder.inputs for coder in coders), sum(coder.outputs for coder in coders)
    if not outputs or outputs - 1 > inputs:
        raise Unreadable("damaged")
    bonds = {walk.number(): walk.number() for _ in range(outputs - 1)}
    free = inputs - len(bonds)
    if free == 1:
        left = [number for number in range(inputs) if number not in bonds]
    else:
        left = [walk.number() for _ in range(free)]
    return CoderGroup(coders, bonds, left)


def _substreams(walk: _Walk, folders: list[CoderGroup]) -> list[list[int]]:
    counts, kind = [1] * len(folders), walk.number()
    if kind == _COUNT:
        counts = [walk.count(_MAX_FILES) for _ in folders]
        kind = walk.number()
    if sum(counts) > _MAX_FILES:
        raise Unreadable("limits")
    found = []
    for folder, count in zip(folders, counts, strict=True):
        sizes = [walk.number() for _ in range(count - 1)] if kind == _SIZE else []
        if count:
            sizes.append(max(0, folder.size - sum(sizes)))
        found.append(sizes)
    while kind != _END:  # sizes were read above; checksums are not looked at
        if kind == _CRC:
            walk.digests(sum(counts) if any(count != 1 for count in counts) else len(folders))
        elif kind != _SIZE:
            raise Unreadable("damaged")
        kind = walk.number()
    return found


# --- files ----------------------------------------------------------------------------------------------------------


def _files(out: Out, walk: _Walk, streams: _Streams) -> Iterator[Entry]:
    count = walk.count(_MAX_FILES)
    empty, directories, names = [False] * count, [False] * count, [""] * count
    while (kind := walk.number()) != _END:
        body = _Walk(walk.take(walk.number()))
        if kind == _EMPTY_STREAM:
            empty = body.flags(count, all_first=False)
            directories = empty[:]
        elif kind == _EMPTY_FILE:
            files = iter(body.flags(sum(empty), all_first=False))
            directories = [is_empty and not next(files) for is_empty in empty]
        elif kind == _NAMES and not body.octet():
            names = _names(body.octets[1:], count)
    contents = _contents(out, streams)
    for name, is_empty, is_directory in zip(names, empty, directories, strict=True):
        if not is_empty:
            found = next(contents, None)
            if found is None:
                raise Unreadable("damaged")
            yield Entry(name, found.size, found.pieces, found.problem)
        elif not is_directory:
            yield Entry(name, 0, lambda: iter(()))


def _names(octets: bytes, count: int) -> list[str]:
    names = octets.decode("utf-16-le", "replace").split("\0")[:count]
    return [name.replace("\\", "/") for name in names] + [""] * (count - len(names))


def _contents(out: Out, streams: _Streams) -> Iterator[Entry]:
    """Give the files of all folders, without their names, to be read in this order."""
    for folder, sizes in zip(streams.folders, streams.sizes, strict=True):
        stream = Stream(out, folder)
        start = 0
        for size in sizes:
            yield Entry("", size, Part(stream, start, size), folder.problem)
            start += size
