"""Reading from packs: open files are kept within a bound, and the loop waits for no disk.

What the page cache has is read at once; what a disk must be asked for is read in a thread.
"""

import asyncio
import os
import zlib
from collections import OrderedDict
from concurrent.futures import Executor
from typing import NoReturn

from smartmail.adapters.volumes.files import Files
from smartmail.adapters.volumes.layout import Layout
from smartmail.adapters.volumes.records import RECORD_HEADER_OCTETS, Place, RecordHeader, decode_header
from smartmail.ports.blobs import BlobDamaged, BlobMissing, VolumeUnavailable

# Up to here a read from the page cache and its checksum take < 50 µs; more would hold the loop up.
_INLINE_OCTETS = 256 * 1024


class _OpenFile:
    """A descriptor and how many reads use it; closed when the last one ends after it was dropped."""

    __slots__ = ("descriptor", "dropped", "readers")

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor
        self.readers = 0
        self.dropped = False


class Reader:
    """Reads by place. `keep_open` bounds the open files."""

    def __init__(self, files: Files, layout: Layout, threads: Executor, *, keep_open: int = 256) -> None:
        self._files = files
        self._layout = layout
        self._threads = threads
        self._keep_open = keep_open
        self._open: OrderedDict[str, _OpenFile] = OrderedDict()

    async def read(self, place: Place, start: int, length: int | None) -> bytes:
        """Return octets of a blob; a whole read is checked. Raises BlobMissing, BlobDamaged, VolumeUnavailable."""
        start = min(max(start, 0), place.size)
        take = place.size - start if length is None else min(max(length, 0), place.size - start)
        if take == place.size:
            octets = await self._octets(place, place.offset, RECORD_HEADER_OCTETS + take)
            if take <= _INLINE_OCTETS:
                return checked(place, octets)
            return await asyncio.get_running_loop().run_in_executor(self._threads, checked, place, octets)
        return await self._octets(place, place.offset + RECORD_HEADER_OCTETS + start, take)

    async def header(self, place: Place) -> RecordHeader:
        """Return the record header at a place. Raises as `read`."""
        return header_of(place, await self._octets(place, place.offset, RECORD_HEADER_OCTETS))

    async def _octets(self, place: Place, offset: int, size: int) -> bytes:
        file = self._file(place.name)
        file.readers += 1
        try:
            octets = self._files.read_cached(file.descriptor, size, offset) if size <= _INLINE_OCTETS else None
            if octets is None or len(octets) < size:
                octets = await asyncio.get_running_loop().run_in_executor(
                    self._threads, read_all, self._files, file.descriptor, size, offset
                )
            if len(octets) < size:
                self._tell_why(place, file)
            return octets
        except OSError as error:
            raise BlobDamaged(f"{place.name} cannot be read: {error.strerror}") from error
        finally:
            # A cancelled read may still run in its thread; whatever it gets is thrown away.
            file.readers -= 1
            self._close_unused(file)

    def _tell_why(self, place: Place, file: _OpenFile) -> NoReturn:
        """Raise for octets that are not there: a swept pack (emptied, and without a name) is no damage."""
        if self._files.stat(file.descriptor).links == 0:
            self.drop(place.name)
            raise BlobMissing(f"pack {place.name} was removed")
        raise BlobDamaged(f"{place.name} ends before its blob at {place.offset}")

    def _file(self, name: str) -> _OpenFile:
        known = self._open.get(name)
        if known is not None:
            self._open.move_to_end(name)
            return known
        try:
            made = _OpenFile(self._files.open(self._layout.pack(name), os.O_RDONLY))
        except FileNotFoundError:
            raise BlobMissing(f"there is no pack {name}") from None
        except OSError as error:
            raise VolumeUnavailable(f"{name} cannot be opened: {error.strerror}") from error
        self._open[name] = made
        if len(self._open) > self._keep_open:
            self.drop(next(iter(self._open)))
        return made

    def drop(self, name: str) -> None:
        """Close a pack's file as soon as nobody reads it."""
        file = self._open.pop(name, None)
        if file is not None:
            file.dropped = True
            self._close_unused(file)

    def _close_unused(self, file: _OpenFile) -> None:
        if file.dropped and file.readers == 0 and file.descriptor >= 0:
            self._files.close(file.descriptor)
            file.descriptor = -1

    def close(self) -> None:
        """Close all files."""
        for name in list(self._open):
            self.drop(name)


def read_all(files: Files, descriptor: int, size: int, offset: int) -> bytes:
    """Return `size` octets, fewer only at the file's end. Raises OSError."""
    octets = files.read(descriptor, size, offset)
    if len(octets) == size or not octets:
        return octets
    parts = [octets]
    got = len(octets)
    while got < size and (more := files.read(descriptor, size - got, offset + got)):
        parts.append(more)
        got += len(more)
    return b"".join(parts)


def header_of(place: Place, octets: bytes) -> RecordHeader:
    """Return the header that must stand at a place. Raises BlobDamaged."""
    header = decode_header(octets)
    if header is None or header.size != place.size:
        raise BlobDamaged(f"{place.name} has no such blob at {place.offset}")
    return header


def checked(place: Place, record: bytes) -> bytes:
    """Return the body of a whole record whose checksum is right. Raises BlobDamaged."""
    header = header_of(place, record[:RECORD_HEADER_OCTETS])
    body = record[RECORD_HEADER_OCTETS:]
    if zlib.crc32(body) != header.checksum:
        raise BlobDamaged(f"the blob in {place.name} at {place.offset} is not as it was written")
    return body
