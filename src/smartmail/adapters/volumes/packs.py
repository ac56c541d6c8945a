"""The local volume: pack files in a directory.

NAME      packs
PURPOSE   Keeps sealed blobs on a local disk: appended to packs, one sync for many commits. Must not know keys,
          accounts or what refers to a blob; must not be put on a disk that several nodes share.
QUEUES    Commits that wait for the next sync of their pack (group_sync); one large blob per file of its own.
LIMITS    A blob of at most `small_octets` (1 MiB) is held in memory until its commit, larger ones go to a file of
          their own as they come; when all waiting blobs together hold more than `memory_octets`, blobs above 64 KiB
          do so too. A pack is closed at `roll_octets`. The volume is full while less than `reserve_octets` are free,
          so that the database beside it can still commit: it needs room to delete, move and flag when mail is
          refused. A reserve file would be spent once and could not be made again on a full disk; a bound on what we
          take needs no act.
FAILURE   No space: VolumeFull, what was written is taken back, and the next blob is tried afresh, so that the volume
          heals by itself. Another failed write: VolumeUnavailable, and the pack is left for a new one. A failed sync:
          VolumeFailed; the volume stays failed, `on_failure` is called (it ends the process), and no sync is ever
          tried again, because after an error the system may drop the octets and report success.
          Killed: records whose commit did not return are orphans; nobody else ever appends to the pack.
SECURITY  Files have mode 0600. Only ciphertext and random ids lie in them.
STANDARDS POSIX.1-2017 fdatasync(); durable names need the directory synced too.
"""

import asyncio
import os
import zlib
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice
from time import monotonic
from typing import Any, TypeVar

from smartmail.adapters.volumes.files import Files, PosixFiles, refused
from smartmail.adapters.volumes.group_sync import SyncThread
from smartmail.adapters.volumes.layout import Layout
from smartmail.adapters.volumes.reading import Reader
from smartmail.adapters.volumes.records import Place, RecordHeader, decode_place, encode_place
from smartmail.adapters.volumes.upkeep import PackView, Upkeep, mark_dead
from smartmail.adapters.volumes.writing import LargeFile, OpenPack
from smartmail.base import log
from smartmail.domain.ids import BlobId
from smartmail.ports.blobs import (
    BlobMissing,
    BlobStat,
    CompactResult,
    Location,
    Relocate,
    Room,
    Scanned,
    VolumeError,
    VolumeFailed,
    VolumeFull,
    VolumeSpace,
    VolumeUnavailable,
)

Result = TypeVar("Result")

_MIB = 1024 * 1024
_SPILL_FLOOR = 64 * 1024
# What a large blob collects before a thread writes it.
_LARGE_WRITE_OCTETS = _MIB
# A look at the free space counts for so long, and for a small part of what it found: others write too.
_ROOM_S = 0.1
_SHARE_AT_ONCE = 8


@dataclass(frozen=True, slots=True)
class PackLimits:
    """Bounds of a pack volume, in octets."""

    small_octets: int = _MIB
    memory_octets: int = 64 * _MIB
    roll_octets: int = 512 * _MIB
    reserve_octets: int = 64 * _MIB


class PackVolume:
    """A Volume on a local directory. One object per process and volume."""

    shared = False

    def __init__(
        self,
        root: str,
        *,
        files: Files | None = None,
        limits: PackLimits | None = None,
        random: Callable[[int], bytes] = os.urandom,
        on_failure: Callable[[VolumeFailed], None] | None = None,
        identity: str = "",
    ) -> None:
        """Make or open the volume; open that of an identity, where one is given. `on_failure` must end the process.

        Raises VolumeUnavailable.
        """
        self._files = files or PosixFiles()
        self._limits = limits or PackLimits()
        self._random = random
        self._on_failure = on_failure
        self._layout = Layout(os.path.abspath(root), self._files)
        self._volume_id = self._layout.prepare(random, identity)
        self._threads = ThreadPoolExecutor(4, "volume")
        self._syncs = SyncThread()
        self._reader = Reader(self._files, self._layout, self._threads)
        self._upkeep = Upkeep(self._files, self._layout, small_pack=self._limits.roll_octets // 16)
        self._pack: OpenPack | None = None
        self._failed = False
        self._full = False
        self._room = 0  # octets that may be taken without looking again
        self._room_until = 0.0
        self.held = 0
        """Octets of small blobs that wait in memory."""
        self.coming = 0
        """Small blobs that come in and are not committed yet."""

    def _coming(self) -> bool:
        return self.coming > 0

    async def identity(self) -> str:
        return self._volume_id.hex()

    async def create(self, blob_id: BlobId, size_hint: int = 0) -> "PackWriter":
        self.check(size_hint)
        return PackWriter(self, blob_id, self._limits)

    async def read(self, location: Location, start: int = 0, length: int | None = None) -> bytes:
        try:
            return await self._reader.read(decode_place(location), start, length)
        except BlobMissing:
            await self._require_here()
            raise

    async def stat(self, location: Location) -> BlobStat:
        try:
            header = await self._reader.header(decode_place(location))
        except BlobMissing:
            await self._require_here()
            raise
        return BlobStat(header.blob_id, header.size)

    async def delete(self, location: Location) -> None:
        place = decode_place(location)
        try:
            await self._reader.header(place)
        except BlobMissing:
            await self._require_here()
            raise
        await self._mark_dead([place])

    async def close(self) -> None:
        pack, self._pack = self._pack, None
        if pack is not None:
            if not self._failed and not pack.group.idle:
                await self._synced(pack.group.request())
            pack.finish()
        self._reader.close()
        await asyncio.to_thread(self._syncs.stop)
        await asyncio.to_thread(self._threads.shutdown)

    # --- for writers ---

    def check(self, size: int) -> None:
        """Raise VolumeFull unless `size` octets more leave the reserve free; VolumeFailed after a failed sync."""
        if self._failed:
            raise VolumeFailed("a sync of this volume has failed")
        if size <= self._room and monotonic() < self._room_until:
            self._room -= size
            return
        try:
            _, free = self._files.space(self._layout.root)
        except OSError as error:
            raise VolumeUnavailable(f"the volume does not answer: {error.strerror}") from error
        self._room = (free - self._limits.reserve_octets) // _SHARE_AT_ONCE
        self._room_until = monotonic() + _ROOM_S
        if free - size < self._limits.reserve_octets:
            # Told once until something is taken again, not for each message that is refused.
            if not self._full:
                log.event("volume.full", free=free, reserve=self._limits.reserve_octets)
            self._full = True
            raise VolumeFull("the volume has only its reserve left")

    async def commit_small(self, header: RecordHeader, parts: Sequence[bytes]) -> Place:
        """Append a record and return when it is durable."""
        self.check(header.size)
        place, synced = self._append(header, parts)
        await self._synced(synced)
        self._full = False
        return place

    def _append(self, header: RecordHeader, parts: Sequence[bytes]) -> "tuple[Place, asyncio.Future[None]]":
        try:
            pack = self._current_pack()
            place = pack.append(header, parts)
            # Asked for before the pack may be left: it stays open for the sync.
            return place, pack.group.request()
        except OSError as error:
            raise refused(error) from error
        finally:
            if self._pack is not None and (self._pack.broken or self._pack.end >= self._limits.roll_octets):
                self._pack.finish()
                self._pack = None

    def _current_pack(self) -> OpenPack:
        if self._pack is None:
            self._pack = OpenPack(
                self._files, self._layout, self._new_name("p"), self._volume_id, self._syncs, self._coming
            )
        return self._pack

    def _new_name(self, kind: str) -> str:
        return kind + self._random(6).hex()

    async def _synced(self, synced: "asyncio.Future[None]") -> None:
        try:
            await synced
        except OSError as error:
            raise self.fail(error) from error

    def fail(self, error: OSError) -> VolumeFailed:
        """Fail for good after a sync that failed."""
        failure = VolumeFailed(f"a sync failed: {error.strerror}")
        if not self._failed:
            self._failed = True
            if self._on_failure is not None:
                self._on_failure(failure)
        return failure

    async def in_thread(self, call: Callable[[], Result]) -> Result:
        """Run file calls that may wait for the disk."""
        return await asyncio.get_running_loop().run_in_executor(self._threads, call)

    async def new_large(self) -> LargeFile:
        """Make a file for one large blob. Raises OSError."""
        name = self._new_name("l")
        return await self.in_thread(lambda: LargeFile(self._files, self._layout, name, self._volume_id))

    # --- upkeep ---

    async def _looked(self, call: Callable[[], Result]) -> Result:
        try:
            return await self.in_thread(call)
        except OSError as error:
            raise refused(error) from error

    async def _require_here(self) -> None:
        """Raise VolumeUnavailable unless the volume is there: what an unplugged disk does not have is not lost."""
        if not await self._looked(lambda: self._layout.holds(self._volume_id)):
            raise VolumeUnavailable(f"the volume {self._volume_id.hex()} is not at {self._layout.root}")

    async def room(self) -> Room:
        await self._require_here()
        total, free = await self._looked(lambda: self._files.space(self._layout.root))
        return Room(total, max(0, free - self._limits.reserve_octets))

    async def space(self) -> VolumeSpace:
        return await self._looked(self._upkeep.space)

    async def scan(self, *, verify: bool = True) -> AsyncIterator[Scanned]:
        found = self._upkeep.scan(verify=verify)
        while batch := await self._looked(lambda: list(islice(found, 256))):
            for one in batch:
                yield one

    async def sweep(self, *, now: float, grace_s: float) -> int:
        gone = await self._looked(lambda: self._upkeep.sweep(now - grace_s))
        for name, _ in gone:
            self._reader.drop(name)
        return sum(octets for _, octets in gone)

    async def _mark_dead(self, places: Sequence[Place]) -> None:
        await self._looked(lambda: mark_dead(self._files, self._layout, places))

    async def compact(self, relocate: Relocate, *, now: float, grace_s: float) -> CompactResult:
        moved = left = octets = 0
        for name in await self._looked(lambda: self._upkeep.worth_moving(now - grace_s)):
            with self._upkeep.locked(name) as view:
                if view is not None:
                    one = await self._move_out(view, relocate)
                    moved, left, octets = moved + one.moved, left + one.left, octets + one.octets
        return CompactResult(moved, left, octets)

    async def _move_out(self, view: PackView, relocate: Relocate) -> CompactResult:
        moved = left = octets = 0
        records = self._upkeep.live_records(view)
        while batch := await self._looked(lambda: self._upkeep.read_batch(view, records)):
            # A damaged record stays where it is, for check-store to name and a backup to mend.
            good = [(place, header, body) for place, header, body in batch if body is not None]
            swapped = await self._move(good, relocate)
            moved += len(swapped)
            left += len(batch) - len(swapped)
            octets += sum(place.size for place in swapped)
        return CompactResult(moved, left, octets)

    async def _move(self, batch: Sequence[tuple[Place, RecordHeader, bytes]], relocate: Relocate) -> list[Place]:
        """Copy, sync, swap in the store, mark dead: in this order a kill leaves at worst a copy that nobody knows.

        The reserve is there for this too: a full volume must be able to win space back.
        """
        copies: list[tuple[Place, asyncio.Future[None]]] = []
        try:
            for _, header, body in batch:
                copies.append(self._append(header, [body]))
        except VolumeError:
            with suppress(VolumeError):
                await self._mark_dead([new for new, _ in copies])
            raise
        for _, synced in copies:
            await self._synced(synced)
        swapped: list[Place] = []
        unwanted: list[Place] = []
        try:
            for (old, header, _), (new, _) in zip(batch, copies, strict=True):
                if await relocate(header.blob_id, encode_place(old), encode_place(new)):
                    swapped.append(old)
                else:
                    # The store does not know the old place: whether it is an orphan is check-store's to say.
                    unwanted.append(new)
        finally:
            await self._mark_dead(swapped + unwanted)
        return swapped


class PackWriter:
    """One blob on its way into a pack volume: in memory while small, in a file of its own once large."""

    def __init__(self, volume: PackVolume, blob_id: BlobId, limits: PackLimits) -> None:
        self._volume = volume
        self._blob_id = blob_id
        self._limits = limits
        self._parts: list[bytes] = []
        self._waiting = 0
        self._size = 0
        self._checksum = 0
        self._large: LargeFile | None = None
        self._busy: asyncio.Future[Any] | None = None
        self._open = True
        self._counted = True
        volume.coming += 1

    def _no_more_coming(self) -> None:
        if self._counted:
            self._counted = False
            self._volume.coming -= 1

    async def append(self, sealed: bytes) -> None:
        if not self._open:
            raise ValueError("the blob has ended")
        self._parts.append(sealed)
        self._waiting += len(sealed)
        self._size += len(sealed)
        self._checksum = zlib.crc32(sealed, self._checksum)
        self._volume.held += len(sealed)
        if self._waiting > self._bound():
            await self._spill()

    def _bound(self) -> int:
        bound = self._limits.small_octets if self._large is None else _LARGE_WRITE_OCTETS
        return min(_SPILL_FLOOR, bound) if self._volume.held > self._limits.memory_octets else bound

    async def _spill(self) -> None:
        try:
            self._volume.check(self._waiting)
            await self._unbroken(self._write_large(self._take()))
        except OSError as error:
            await self.abort()
            raise refused(error) from error
        except VolumeError:
            await self.abort()
            raise

    def _take(self) -> list[bytes]:
        parts, self._parts = self._parts, []
        self._volume.held -= self._waiting
        self._waiting = 0
        return parts

    async def commit(self) -> Location:
        if not self._open:
            raise ValueError("the blob has ended")
        header = RecordHeader(self._blob_id, self._size, self._checksum)
        self._no_more_coming()
        if self._large is None:
            self._open = False
            return encode_place(await self._volume.commit_small(header, self._take()))
        await self._spill()
        self._open = False
        return encode_place(await self._unbroken(self._commit_large(self._large, header)))

    async def _write_large(self, parts: list[bytes]) -> None:
        self._no_more_coming()
        if self._large is None:
            self._large = await self._volume.new_large()
        large = self._large
        await self._volume.in_thread(lambda: large.write(parts))

    async def _commit_large(self, large: LargeFile, header: RecordHeader) -> Place:
        try:
            place = large.complete(header)
        except OSError as error:
            large.drop()
            raise refused(error) from error
        try:
            await self._volume.in_thread(large.sync)
        except OSError as error:
            raise self._volume.fail(error) from error
        finally:
            large.close()
        return place

    async def _unbroken(self, work: Coroutine[Any, Any, Result]) -> Result:
        # A cancelled caller must not leave a thread behind that writes to a file which abort then closes.
        task = asyncio.ensure_future(work)
        # Its error is then nobody's to hear.
        task.add_done_callback(lambda done: done.cancelled() or done.exception())
        self._busy = task
        return await asyncio.shield(task)

    async def abort(self) -> None:
        if not self._open:
            return
        self._open = False
        self._no_more_coming()
        self._take()
        if self._busy is not None:
            with suppress(OSError, VolumeError):
                await self._busy
        if self._large is not None:
            self._large.drop()
