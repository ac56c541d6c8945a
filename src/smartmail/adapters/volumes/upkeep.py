"""Walking packs: what lies in them, what is dead, what can be moved or removed. All calls may wait for the disk.

Everything that upkeep knows lies in the files themselves, so that a kill at any point loses no bookkeeping: the lock
says whether a pack's process lives, the dead list what was deleted, the time of the last write how old both are.
"""

import contextlib
import errno
import os
import zlib
from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from smartmail.adapters.volumes.files import Files, FileStat
from smartmail.adapters.volumes.layout import Layout
from smartmail.adapters.volumes.reading import read_all
from smartmail.adapters.volumes.records import (
    FILE_HEADER_OCTETS,
    RECORD_HEADER_OCTETS,
    RECORD_MAGIC,
    Entry,
    Place,
    RecordHeader,
    decode_dead,
    decode_header,
    encode_dead,
    encode_place,
)
from smartmail.ports.blobs import Scanned, VolumeSpace

_CHUNK = 1024 * 1024
# What a disk that cannot read one sector refuses at once.
_BLOCK = 4096
_BATCH = 64
_BATCH_OCTETS = 4 * 1024 * 1024


class PackView(NamedTuple):
    """One pack, open for reading."""

    name: str
    descriptor: int
    stat: FileStat
    dead: dict[int, int]
    dead_at: int
    """When the dead list was last written; 0 when there is none."""

    @property
    def dead_octets(self) -> int:
        """Return the octets of deleted records."""
        return sum(self.dead.values()) + RECORD_HEADER_OCTETS * len(self.dead)


def mark_dead(files: Files, layout: Layout, places: Sequence[Place]) -> None:
    """Note deleted records. Not synced: an entry lost with the power is an orphan that is deleted again."""
    for name, group in groupby(sorted(places), key=lambda place: place.name):
        descriptor = files.open(layout.dead(name), os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        try:
            octets = encode_dead(group)
            if files.append(descriptor, octets) != len(octets):
                raise OSError(errno.ENOSPC, "no space left for the dead list")
        finally:
            files.close(descriptor)


class Upkeep:
    """Counts, lists and removes packs of one volume. `small_pack` is the size below which packs are worth merging."""

    def __init__(self, files: Files, layout: Layout, *, small_pack: int) -> None:
        self._files = files
        self._layout = layout
        self._small_pack = small_pack

    # --- looking ---

    def _view(self, name: str) -> PackView:
        descriptor = self._files.open(self._layout.pack(name), os.O_RDONLY)
        try:
            dead, dead_at = self._dead(name)
            return PackView(name, descriptor, self._files.stat(descriptor), dead, dead_at)
        except OSError:
            self._files.close(descriptor)
            raise

    def _dead(self, name: str) -> tuple[dict[int, int], int]:
        try:
            descriptor = self._files.open(self._layout.dead(name), os.O_RDONLY)
        except FileNotFoundError:
            return {}, 0
        try:
            stat = self._files.stat(descriptor)
            return decode_dead(read_all(self._files, descriptor, stat.size, 0)), stat.written_at
        finally:
            self._files.close(descriptor)

    def _views(self, kinds: str = "pl") -> Iterator[PackView]:
        """Open one pack after the other; one that cannot be read is passed over: `scan` names it."""
        for name in self._layout.names(kinds):
            with contextlib.suppress(OSError), self._closing(self._view(name)) as view:
                yield view

    @contextlib.contextmanager
    def _closing(self, view: PackView) -> Iterator[PackView]:
        try:
            yield view
        finally:
            self._files.close(view.descriptor)

    @contextlib.contextmanager
    def locked(self, name: str) -> Iterator[PackView | None]:
        """Open a pack that no process writes any more, and keep others from moving or removing it meanwhile.

        None when it is gone, cannot be read, or is in use.
        """
        try:
            view = self._view(name)
        except OSError:
            yield None
            return
        with self._closing(view):
            yield view if self._lock(view) else None

    def _lock(self, view: PackView) -> bool:
        try:
            return self._files.lock(view.descriptor)
        except OSError:
            return False

    def space(self) -> VolumeSpace:
        """Count octets of live and dead records; what is torn or damaged counts as live until it is deleted."""
        live = dead = 0
        for view in self._views():
            gone = min(view.dead_octets, view.stat.size)
            dead += gone
            live += max(view.stat.size - FILE_HEADER_OCTETS - gone, 0)
        total, free = self._files.space(self._layout.root)
        return VolumeSpace(total, free, live, dead)

    def scan(self, *, verify: bool) -> Iterator[Scanned]:
        """Name everything in all packs."""
        for name in self._layout.names():
            try:
                view = self._view(name)
            except FileNotFoundError:
                continue
            except OSError:
                yield Scanned("damaged", encode_place(Place(name, 0, 0)), None, 0, 0)
                continue
            with self._closing(view):
                for entry in walk(self._files, view.descriptor, view.stat.size):
                    yield self._judge(view, entry, verify=verify)

    def _judge(self, view: PackView, entry: Entry, *, verify: bool) -> Scanned:
        location = encode_place(Place(view.name, entry.offset, entry.size))
        found = Scanned("torn", location, None, entry.size, view.stat.written_at)
        if entry.header is None:
            return found._replace(state="torn" if entry.what == "unfinished" else "damaged")
        found = found._replace(blob_id=entry.header.blob_id)
        if entry.offset in view.dead:
            return found._replace(state="dead")
        if verify and not whole(self._files, view.descriptor, entry):
            return found._replace(state="damaged")
        return found._replace(state="live")

    # --- compaction ---

    def worth_moving(self, before: float) -> list[str]:
        """Return packs whose live records should move: mostly dead, or many small ones. Dead first.

        A pack must fit twice: the room that the database needs to work is not spent on copies.
        """
        _, free = self._files.space(self._layout.root)
        dead: list[tuple[float, str]] = []
        small: list[str] = []
        for view in self._views("p"):
            live = view.stat.size - view.dead_octets
            if view.stat.written_at > before or view.stat.size <= FILE_HEADER_OCTETS or live > free // 2:
                continue
            if live <= view.stat.size // 2:
                dead.append((live / view.stat.size, view.name))
            elif view.stat.size < self._small_pack and not view.dead:
                small.append(view.name)
        # Each start leaves a pack: they are merged by the eight, so that none is copied over and over.
        return [name for _, name in sorted(dead)] + (small if len(small) >= 8 else [])

    def live_records(self, view: PackView) -> Iterator[tuple[Place, RecordHeader]]:
        """Return the records that were not deleted."""
        for entry in walk(self._files, view.descriptor, view.stat.size):
            if entry.header is not None and entry.offset not in view.dead:
                yield Place(view.name, entry.offset, entry.size), entry.header

    def read_batch(
        self, view: PackView, records: Iterator[tuple[Place, RecordHeader]]
    ) -> list[tuple[Place, RecordHeader, bytes | None]]:
        """Return the next records with their sealed octets (None when damaged), some 4 MiB at most."""
        batch: list[tuple[Place, RecordHeader, bytes | None]] = []
        octets = 0
        for place, header in records:
            batch.append((place, header, self._body(view, place, header)))
            octets += place.size
            if len(batch) >= _BATCH or octets >= _BATCH_OCTETS:
                break
        return batch

    def _body(self, view: PackView, place: Place, header: RecordHeader) -> bytes | None:
        try:
            octets = read_all(self._files, view.descriptor, place.size, place.offset + RECORD_HEADER_OCTETS)
        except OSError:
            return None
        return octets if len(octets) == place.size and zlib.crc32(octets) == header.checksum else None

    # --- removing ---

    def sweep(self, before: float) -> list[tuple[str, int]]:
        """Remove packs in which nothing lives and whose last change is older than `before`; return name and octets."""
        gone = []
        for view in self._views():
            # One pack that cannot be removed must not keep the others.
            with contextlib.suppress(OSError):
                if self._removable(view, before) and self._lock(view) and self._unchanged(view):
                    self._remove(view)
                    gone.append((view.name, view.stat.size))
        return gone

    def _unchanged(self, view: PackView) -> bool:
        # Its process may have written once more, or another sweep been here, before we had the lock.
        return self._files.stat(view.descriptor) == view.stat

    def _removable(self, view: PackView, before: float) -> bool:
        if max(view.stat.written_at, view.dead_at) > before:
            return False
        # The walk reads every header of the pack: only worth while when the dead could be all.
        if view.stat.size - FILE_HEADER_OCTETS - view.dead_octets > _CHUNK + RECORD_HEADER_OCTETS:
            return view.name[0] == "l" and self._never_completed(view)
        # Damage is kept: it may be all that is left of a blob that somebody looks for.
        return all(
            entry.what == "unfinished" or (entry.what == "record" and entry.offset in view.dead)
            for entry in walk(self._files, view.descriptor, view.stat.size)
        )

    def _never_completed(self, view: PackView) -> bool:
        header = read_all(self._files, view.descriptor, RECORD_HEADER_OCTETS, FILE_HEADER_OCTETS)
        return not any(header)

    def _remove(self, view: PackView) -> None:
        path = self._layout.pack(view.name)
        descriptor = self._files.open(path, os.O_RDWR)
        try:
            self._files.unlink(path)
            # A reader that still has it open, in this process or another, must not keep its space.
            self._files.truncate(descriptor, 0)
        finally:
            self._files.close(descriptor)
        with contextlib.suppress(FileNotFoundError):
            self._files.unlink(self._layout.dead(view.name))


def whole(files: Files, descriptor: int, entry: Entry) -> bool:
    """Say whether a record's octets are those that were written."""
    assert entry.header is not None
    checksum = 0
    at, end = entry.offset + RECORD_HEADER_OCTETS, entry.offset + RECORD_HEADER_OCTETS + entry.size
    try:
        while at < end and (chunk := read_all(files, descriptor, min(_CHUNK, end - at), at)):
            checksum = zlib.crc32(chunk, checksum)
            at += len(chunk)
    except OSError:
        return False
    return at == end and checksum == entry.header.checksum


def walk(files: Files, descriptor: int, end: int) -> Iterator[Entry]:
    """Name every stretch of a pack file up to `end`: records, damage between them, and the tail.

    Linear: damaged octets are searched once for the next header.
    """
    at = FILE_HEADER_OCTETS
    while at < end:
        octets = _peek(files, descriptor, at)
        header = decode_header(octets)
        if header is not None and at + RECORD_HEADER_OCTETS + header.size <= end:
            yield Entry("record", at, header.size, header)
            at += RECORD_HEADER_OCTETS + header.size
            continue
        following = _next_record(files, descriptor, at + 1, end)
        if following is not None:
            yield Entry("gap", at, following - at)
            at = following
            continue
        never_ended = header is not None or len(octets) < RECORD_HEADER_OCTETS or not any(octets)
        yield Entry("unfinished" if never_ended else "tail", at, end - at)
        return


def _peek(files: Files, descriptor: int, at: int) -> bytes:
    try:
        return read_all(files, descriptor, RECORD_HEADER_OCTETS, at)
    except OSError:
        # A block that the disk cannot read is damage like any other.
        return b"\xff" * RECORD_HEADER_OCTETS


def _next_record(files: Files, descriptor: int, start: int, end: int) -> int | None:
    at = start
    while at < end:
        try:
            chunk = read_all(files, descriptor, min(_CHUNK, end - at), at)
        except OSError:
            at += _BLOCK
            continue
        found = chunk.find(RECORD_MAGIC)
        while found >= 0:
            header = decode_header(_peek(files, descriptor, at + found))
            if header is not None and at + found + RECORD_HEADER_OCTETS + header.size <= end:
                return at + found
            found = chunk.find(RECORD_MAGIC, found + 1)
        # A magic may lie across the border of two chunks.
        at += max(len(chunk) - len(RECORD_MAGIC) + 1, 1)
    return None
