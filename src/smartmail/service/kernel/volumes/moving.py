"""NAME
    moving: blobs that change their volume, and volumes that are read through

STATES
    A work on a volume runs, is paused, is done or cancelled (domain.volumes). Its cursor is the last blob looked at.

STRATEGIES
    The store's blobs are walked by id. A page at a time: copy the sealed octets, read them back and compare, swap all the
    places in one commit that also notes the old ones as leaving, write the cursor. Old octets go `GRACE_MS` later: whoever
    looked a place up before the swap still reads, whoever comes too late looks it up again. A drain walks until a whole
    walk has met nothing: blobs that were on their way in when it began are found by a later walk.

LIMITS
    Those of a walk (service.kernel.walking).

FAILURE
    Killed at any point: nothing is lost, for the place is swapped only to what was read back. A copy that nobody came to
    know is an orphan and collected after a day (service.operations.upkeep); an old place that was noted is removed when its time has
    come. A blob that cannot be read is noted, stays where it is, and does not stop the others. A volume that does not
    answer, or has no room, ends the turn; the next one goes on.

SECURITY
    Ciphertext is copied as it is. No key is needed.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from smartmail.base import log
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import BlobId, VolumeId
from smartmail.domain.message import BlobRow
from smartmail.domain.volumes import MOVERS, Fault, VolumeFinding, VolumeWork
from smartmail.ports.blobs import BlobDamaged, BlobMissing, Location, Volume, VolumeFull, VolumeUnavailable
from smartmail.ports.clock import Clock
from smartmail.service.kernel.clock import MINUTE
from smartmail.service.kernel.volumes.book import VolumeBook
from smartmail.service.kernel.volumes.store import Store
from smartmail.service.kernel.walking import LEASE_MS, Pause, Walk, batches

GRACE_MS: Final = 5 * MINUTE
PAGE: Final = 1000
COMPARED_OCTETS: Final = 4 << 20
DUE_PAGE: Final = 500
TIME_BITS: Final = 22
"""Bits of an id below its milliseconds (ports.clock: the upper bits of an id are the time)."""

Copy = tuple[BlobRow, BlobRow]


def came_before(at: int) -> BlobId:
    """Return the id below which all blobs came before a time."""
    return BlobId((at << TIME_BITS).to_bytes(8, "big") + bytes(8))


class _Stopped(Exception):
    """A volume is away or full: the turn ends and the next one goes on."""


class VolumeMover:
    """Does the open works, one step at a time. A job's work."""

    def __init__(self, store: Store, book: VolumeBook, clock: Clock, pause: Pause = asyncio.sleep) -> None:
        self._store = store
        self._book = book
        self._clock = clock
        self._walk = Walk(clock, pause, store.note_work)

    async def turn(self) -> int:
        """Go on with all works that run, and remove old places whose time has come; return the blobs looked at."""
        works = await self._store.volume_works(["running"])
        if works:
            await self._book.refresh()
        done = await asyncio.gather(*(self._advance(work) for work in works))
        await self.drop_left()
        return sum(done)

    async def drop_left(self) -> int:
        """Remove the octets of old places whose time has come; return how many."""
        dropped = 0
        while places := await self._store.due_places(self._clock.now(), DUE_PAGE):
            gone = [one for one in places if await self._drop(one)]
            await self._store.drop_places(gone)
            dropped += len(gone)
            if len(gone) < len(places):
                break  # a volume is away: later
        return dropped

    async def _drop(self, place: BlobRow) -> bool:
        volume = self._book.get(place.volume_id)
        if volume is None:
            # Removed: nothing is there to be deleted. Away: the next time.
            return place.volume_id not in self._book.rows or self._book.rows[place.volume_id].state == "removed"
        try:
            await volume.delete(place.location)
        except (BlobMissing, BlobDamaged):
            return True
        except VolumeUnavailable:
            return False
        return True

    # --- a work ---

    async def _advance(self, work: VolumeWork) -> int:
        now = self._clock.now()
        leased = await self._store.lease_work(work.id, self._walk.worker, now, now + LEASE_MS)
        if leased is None or leased.volume_id not in self._book:
            return 0
        seen, before = leased, leased.blobs
        try:
            async for further in self._walk.steps(leased, now, self._page):
                seen = further
        except _Stopped as stopped:
            log.event("volume.work_waits", volume=work.volume_id, work=work.kind, detail=str(stopped))
        return seen.blobs - before

    async def _page(self, work: VolumeWork) -> VolumeWork | None:
        """Look at the next blobs; None when the work shall not go on."""
        rows = [row for row, _ in await self._store.blob_rows(work.cursor, PAGE)]
        ended = len(rows) < PAGE
        if work.kind == "tier":
            last = came_before(work.bound)
            ended |= any(row.id >= last for row in rows)
            rows = [row for row in rows if row.id < last]
        for batch in batches([row for row in rows if self._concerns(work, row)], _size):
            further = await self._batch(replace(work, cursor=batch[-1].id), batch)
            if further is None:
                return None
            work = further
            if work.kind == "rebalance" and work.octets >= work.bound:
                ended = True
                break
        cursor = rows[-1].id if rows else work.cursor
        return await self._walk.noted(self._ended(work) if ended else replace(work, cursor=cursor))

    def _concerns(self, work: VolumeWork, row: BlobRow) -> bool:
        return row.volume_id == work.volume_id and row.size >= work.least

    def _ended(self, work: VolumeWork) -> VolumeWork:
        """Return the work after a walk: a drain walks again while the walk before has met anything that can move."""
        if work.kind == "drain" and work.found:
            return replace(work, cursor=BlobId(b""), found=0, failed=0)
        log.event("volume.work_done", volume=work.volume_id, work=work.kind, blobs=work.blobs, failed=work.failed)
        return replace(work, state="done", ended_at=self._clock.now())

    async def _batch(self, work: VolumeWork, batch: Sequence[BlobRow]) -> VolumeWork | None:
        began = self._clock.now()
        if work.kind in MOVERS:
            moved, left = await self._move(work, batch)
        else:
            moved, left = await self._read_through(work, batch)
        octets = sum(row.size for row in moved)
        further = replace(
            work, blobs=work.blobs + len(moved), octets=work.octets + octets, found=work.found + len(batch) - left,
            failed=work.failed + left,
        )  # fmt: skip
        return await self._walk.noted_slowly(further, octets, began)

    # --- moving ---

    async def _move(self, work: VolumeWork, batch: Sequence[BlobRow]) -> tuple[list[BlobRow], int]:
        """Copy and swap; return what has moved, and how many cannot be read."""
        made = await asyncio.gather(*(self._copy(work, row) for row in batch), return_exceptions=True)
        copies = [one for one in made if isinstance(one, tuple)]
        errors = [one for one in made if isinstance(one, BaseException)]
        swapped = set(await self._store.move_blobs(copies, self._clock.now() + GRACE_MS))
        for old, new in copies:
            if old.id not in swapped:
                # Compaction has moved it meanwhile, or it was deleted: a later walk sees.
                await self._give_up(new)
        if errors:
            raise errors[0]
        return [old for old, _ in copies if old.id in swapped], sum(1 for one in made if one == "failed")

    async def _copy(self, work: VolumeWork, row: BlobRow) -> Copy | str:
        """Return the blob's old and new place; "failed" when it cannot be read, "moved" when it lies elsewhere."""
        sealed = await self._octets(row)
        if isinstance(sealed, str):
            return sealed
        tried = {row.volume_id}
        while True:
            target_id = work.target_id or self._book.next(tried)
            if not target_id or target_id in tried or not self._book.takes(VolumeId(target_id)):
                raise _Stopped("no other volume takes blobs")
            tried.add(target_id)
            try:
                location = await written(self._book[target_id], row.id, sealed)
            except VolumeFull:
                await self._book.met(VolumeId(target_id), full=True)
            except VolumeUnavailable:
                await self._book.met(VolumeId(target_id), full=False)
            else:
                return row, replace(row, volume_id=VolumeId(target_id), location=location)

    async def _give_up(self, place: BlobRow) -> None:
        volume = self._book.get(place.volume_id)
        if volume is not None:
            try:
                await volume.delete(place.location)
            except (BlobMissing, VolumeUnavailable):
                return  # an orphan: collected after a day

    # --- reading through ---

    async def _read_through(self, work: VolumeWork, batch: Sequence[BlobRow]) -> tuple[list[BlobRow], int]:
        read, failed = [], 0
        for row in batch:
            octets = await self._octets(row)
            read.append(row)
            failed += octets == "failed"
        return read, failed

    async def _octets(self, row: BlobRow) -> bytes | str:
        """Return a blob as it lies, its checksum compared; a word as `_copy` where that cannot be."""
        try:
            return await self._book[row.volume_id].read(row.location)
        except BlobMissing:
            return await self._judge(row, "missing")
        except BlobDamaged:
            return await self._judge(row, "damaged")
        except (VolumeUnavailable, KeyError) as error:
            raise _Stopped(str(error)) from error

    async def _judge(self, row: BlobRow, fault: Fault) -> str:
        """Note what is wrong, unless the blob has moved or gone meanwhile."""
        try:
            now = await self._store.blob(row.id)
        except NotFound:
            return "moved"
        if (now.volume_id, now.location) != (row.volume_id, row.location):
            return "moved"
        log.event("volume.unreadable", volume=row.volume_id, blob=row.id.hex(), fault=fault)
        await self._store.put_finding(VolumeFinding(row.volume_id, row.id, row.location, fault, self._clock.now()))
        return "failed"


def _size(row: BlobRow) -> int:
    return row.size


async def written(volume: Volume, blob_id: BlobId, sealed: bytes) -> Location:
    """Write a blob, read it back and return its place. Raises VolumeFull, VolumeUnavailable."""
    writer = await volume.create(blob_id, len(sealed))
    view = memoryview(sealed)
    for at in range(0, len(sealed), COMPARED_OCTETS):
        await writer.append(bytes(view[at : at + COMPARED_OCTETS]))
    location = await writer.commit()
    try:
        same = await _lies_there(volume, location, view)
    except (BlobMissing, BlobDamaged):
        same = False
    if not same:
        raise VolumeUnavailable(f"what was written to {location} is not what is read")
    return location


async def _lies_there(volume: Volume, location: Location, view: memoryview) -> bool:
    if len(view) <= COMPARED_OCTETS:
        return await volume.read(location) == view
    for at in range(0, len(view), COMPARED_OCTETS):
        if await volume.read(location, at, COMPARED_OCTETS) != view[at : at + COMPARED_OCTETS]:
            return False
    return True
