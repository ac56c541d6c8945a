"""Upkeep: what no person asks for and what must be done once in the cluster.

NAME        upkeep
PURPOSE     Remove what has expired, give back the space of blobs that nobody refers to, tell that the node lives. Must
            not know when it is called: edge/jobs has the loops.
QUEUES      The store's lists of dead blobs; each step takes a page.
STRATEGIES  Deleting goes the way of accepting, backwards (AR-1): first the row, in a transaction
            that looks again whether anybody refers to the blob, then the octets. What a crash leaves between the two is
            an orphan, and `collect_orphans` takes it.
LIMITS      A blob dies only after an hour without a reference, an orphan after a day: whoever read a location a moment
            ago still gets the octets, and mail that is being accepted is never taken for an orphan.
FAILURE     Each step may be repeated and may be killed. A volume that does not answer is tried again the next time.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from smartmail.domain.cluster import NodeRow
from smartmail.domain.errors import ClockOff, Internal
from smartmail.domain.ids import BlobId, VolumeId
from smartmail.domain.message import BlobRow
from smartmail.ports.blobs import BlobMissing, Location, Relocate, Scanned, Volume, VolumeFull, VolumeUnavailable
from smartmail.ports.clock import Clock
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_filters import FilterStore
from smartmail.ports.store_nodes import LeaseStore, NodeStore
from smartmail.ports.store_sharing import SharingStore
from smartmail.ports.store_tasks import TaskStore
from smartmail.ports.store_upkeep import UpkeepStore
from smartmail.ports.store_volumes import VolumeStore
from smartmail.service.kernel.clock import DAY, HOUR


class _Store(BlobRowStore, FilterStore, LeaseStore, NodeStore, SharingStore, UpkeepStore, VolumeStore, Protocol):
    @property
    def tasks(self) -> TaskStore: ...


BLOB_GRACE = HOUR
ORPHAN_GRACE = DAY
CHANGES_KEPT = 90 * DAY
"""A client that was away for a quarter of a year still learns what went meanwhile."""
MARK_EVERY = 7 * DAY
PAGE = 256
MAX_ORPHANS = 10_000
FEW_ORPHANS = 1_000
"""More in one volume are taken only when they are less than a tenth of all."""


@dataclass(frozen=True, slots=True)
class Reclaimed:
    """What a round of space keeping did: blobs forgotten, moved and octets won."""

    blobs: int = 0
    moved: int = 0
    octets: int = 0


class UpkeepService:
    """The work of the jobs role."""

    def __init__(self, store: _Store, volumes: Mapping[VolumeId, Volume], clock: Clock, node: NodeRow) -> None:
        self._store = store
        self._volumes = volumes
        self._clock = clock
        self._node = replace(node, started_at=clock.now())

    async def lead(self, job: str, worker: str, lease_ms: int, *, any_clock: bool = False) -> bool:
        """Take or renew the right to do a job that runs once in the cluster; a node whose clock is off leads none, unless
        `any_clock`: it goes on with a turn that it has begun, or the job needs no right clock.
        """
        now = self._clock.now()
        try:
            return await self._store.lock(f"job:{job}", worker, now=now, until=now + lease_ms, any_clock=any_clock)
        except ClockOff:
            return False

    async def due_tasks(self) -> set[str]:
        """Return of which kinds of work something is due. Raises Unavailable."""
        return await self._store.tasks.due(self._clock.now())

    async def heartbeat(self) -> list[NodeRow]:
        """Tell that this node lives; return those that do."""
        return await self._store.heartbeat(replace(self._node, seen_at=self._clock.now()))

    async def expire(self) -> int:
        """Remove delivery keys, sessions, uploads, tokens and notes of filters whose time is over; return how many."""
        now = self._clock.now()
        removed = await self._store.expire(now)
        while forgotten := await self._store.forget_expired(now, PAGE):
            removed += forgotten
        return removed

    async def trim_changes(self) -> int:
        """Forget what was destroyed longer than CHANGES_KEPT ago; return in how many accounts.

        Whoever comes back after that is told to read everything anew (RFC 8620 §5.2, cannotCalculateChanges; RFC 7162
        §3.2.5.1): slower, and right.
        """
        now = self._clock.now()
        await self._store.mark_changes(now, now - MARK_EVERY)
        trimmed = 0
        while old := await self._store.old_marks(now - CHANGES_KEPT, PAGE):
            for account_id, modseq in old:
                await self._store.trim_changes(account_id, modseq)
                # People's own marks, and who sent, of messages that have gone.
                await self._store.sweep_sharing(account_id)
            trimmed += len(old)
        return trimmed

    async def collect_blobs(self) -> int:
        """Delete blobs that have had no reference for an hour; return how many."""
        collected = 0
        while True:
            dead = await self._store.dead_blobs(self._clock.now() - BLOB_GRACE, PAGE)
            here = [row for row in dead if row.volume_id in self._volumes]
            gone = set(await self._store.forget_blobs([row.id for row in here]))
            for row in here:
                if row.id in gone:
                    await self._delete(row)
            collected += len(gone)
            if len(dead) < PAGE or not gone:
                return collected

    async def reclaim(self) -> Reclaimed:
        """Win back space: collect dead blobs, remove files that are all dead, move the living out of the others."""
        blobs, moved, octets = await self.collect_blobs(), 0, 0
        now, grace_s = self._clock.now() / 1000, BLOB_GRACE / 1000
        for volume_id, volume in self._volumes.items():
            try:
                octets += await volume.sweep(now=now, grace_s=grace_s)
                result = await volume.compact(self._relocate(volume_id), now=now, grace_s=grace_s)
            except (VolumeFull, VolumeUnavailable):
                continue  # the watch tells; the others have their turn
            moved += result.moved
        return Reclaimed(blobs, moved, octets)

    def _relocate(self, volume_id: VolumeId) -> Relocate:
        async def relocate(blob_id: BlobId, old: Location, new: Location) -> bool:
            # The size is no part of the comparison.
            before, after = BlobRow(blob_id, volume_id, old, 0), BlobRow(blob_id, volume_id, new, 0)
            return await self._store.relocate_blob(blob_id, before, after)

        return relocate

    async def collect_orphans(self) -> int:
        """Delete octets that the store does not know and that are older than a day; return how many blobs.

        Raises Internal, and deletes nothing, when there are so many that the store may be the one that is wrong: an
        older copy of the database put back over a newer volume must not cost the mail in between.
        """
        collected = 0
        for volume_id, volume in self._volumes.items():
            try:
                orphans = await self._orphans(volume_id, volume)
            except VolumeUnavailable:
                continue
            for found in orphans:
                await self._delete(BlobRow(BlobId(found.blob_id or b""), volume_id, found.location, 0))
            collected += len(orphans)
        return collected

    async def _orphans(self, volume_id: VolumeId, volume: Volume) -> list[Scanned]:
        before = (self._clock.now() - ORPHAN_GRACE) // 1000
        orphans: list[Scanned] = []
        live = 0
        async for page in pages(volume.scan(verify=False)):
            old = [found for found in page if found.state == "live" and found.written_at < before]
            live += len(old)
            if len(orphans) < MAX_ORPHANS:
                orphans += await unknown(self._store, volume_id, old)
        if len(orphans) > max(FEW_ORPHANS, live // 10):
            raise Internal(detail=f"{len(orphans)} of {live} blobs of volume {volume_id} are unknown: run check-store")
        return orphans

    async def _delete(self, row: BlobRow) -> None:
        try:
            await self._volumes[row.volume_id].delete(row.location)
        except (BlobMissing, VolumeUnavailable):
            # Deleted before, or its file went as a whole. A volume that is away keeps an orphan.
            return


async def pages(scanned: AsyncIterator[Scanned]) -> AsyncIterator[list[Scanned]]:
    """Return what a scan finds, some hundred at a time."""
    page: list[Scanned] = []
    async for found in scanned:
        page.append(found)
        if len(page) >= PAGE:
            yield page
            page = []
    yield page


class _Places(BlobRowStore, VolumeStore, Protocol): ...


async def unknown(store: _Places, volume_id: VolumeId, page: Sequence[Scanned]) -> list[Scanned]:
    """Return those live things of a volume that the store does not know at that place."""
    ids = [found.blob_id for found in page if found.blob_id is not None]
    places = {(row.id, row.location) for row in await store.blobs(ids) if row.volume_id == volume_id}
    strange = [found for found in page if (found.blob_id, found.location) not in places]
    # Old places of blobs that moved to another volume are removed by the mover.
    leaving = set(await store.leaving_places(volume_id, [found.location for found in strange]))
    return [found for found in strange if found.location not in leaving]
