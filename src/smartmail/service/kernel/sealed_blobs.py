"""Sealed blobs over all volumes: seal while the octets come, choose a volume, read by range.

The only service that asks the Blobs port for people's mail. Order, never changed: durable in its volume, then the database
commit that refers to it, then the answer (AR-1).
STRATEGIES  Which volume a blob goes to is the book's to say (service.kernel.volumes.book). A volume that has no room or fails while
            a blob comes in is left, and the blob goes to the next one within the same write: its sealed octets are held
            until it is durable. Where it lies is looked up again by a reader that does not find it: it may have moved.
LIMITS      Octets are held only where there is another volume to go to, `HELD_OCTETS` of one blob and `HELD_IN_ALL` in a
            process; a larger blob whose volume fills up midway is refused, and its sender tries again.
FAILURE     When no volume has room StorageFull is raised and nothing was kept. A volume whose sync failed is fatal to the
            process: `VolumeFailed` is not caught here.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, Protocol

from smartmail.base import log
from smartmail.domain.errors import MailError, NotFound, StorageFull, Unavailable
from smartmail.domain.ids import BlobId, OrganizationId, VolumeId
from smartmail.domain.message import BlobRow
from smartmail.formats.seal import (
    AES_256_GCM,
    KEY_OCTETS,
    SUITES,
    BlobOpener,
    BlobSealer,
    Kind,
    SealError,
    SealKey,
    context,
    unwrap_key,
    wrap_key,
)
from smartmail.ports.blobs import BlobMissing, BlobWriter, Location, Volume, VolumeFull, VolumeUnavailable
from smartmail.ports.clock import Clock
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_settings import SettingStore
from smartmail.service.kernel.volumes.book import VolumeBook


class _Store(BlobRowStore, SettingStore, Protocol): ...


HELD_OCTETS: Final = 16 << 20
HELD_IN_ALL: Final = 64 << 20
SUITE_FRESH_MS: Final = 2_000
SUITE_SETTING: Final = ("system", "seal-suite")


class VolumeAway(Unavailable):
    """What lies in a volume cannot be read now, for the volume is not there."""


@dataclass(frozen=True, slots=True)
class SealedBlob:
    """A durable blob and its data key, to be wrapped for each account that shall read it."""

    row: BlobRow
    organization_id: OrganizationId
    data_key: SealKey


def newer_key(row: BlobRow, organization_id: OrganizationId, data_key: SealKey) -> SealKey:
    """Return the key of the octets of today, given the key that messages have. Raises SealError."""
    if not row.newer_key:
        return data_key
    return unwrap_key(data_key, _newer(organization_id, row.id), row.newer_key)


def wrapped_newer(
    row: BlobRow, organization_id: OrganizationId, data_key: SealKey, newer: SealKey, nonce: bytes
) -> bytes:
    """Return a new key of a blob wrapped under the one that messages have."""
    return wrap_key(data_key, _newer(organization_id, row.id), nonce, newer)


def _newer(organization_id: OrganizationId, blob_id: BlobId) -> bytes:
    return context(Kind.KEY_OF_NEWER_BLOB, organization_id, blob_id)


class Place:
    """Where one blob is on its way to: a volume, and the next one when that fails."""

    def __init__(self, blobs: "SealedBlobs", blob_id: BlobId) -> None:
        self.volume_id = VolumeId(0)
        self._blobs = blobs
        self._book = blobs.book
        self._blob_id = blob_id
        self._tried: set[VolumeId] = set()
        self._full = False
        self._writer: BlobWriter | None = None
        self._held: list[bytes] | None = [] if self._book.several() else None
        self._size = 0

    async def open(self, size_hint: int) -> None:
        """Begin in the first volume that takes it. Raises StorageFull, Unavailable."""
        while (volume_id := self._book.next(self._tried)) is not None:
            self._tried.add(volume_id)
            try:
                self._writer = await self._book[volume_id].create(self._blob_id, size_hint)
            except (VolumeFull, VolumeUnavailable) as error:
                await self._met(volume_id, error)
                continue
            self.volume_id = volume_id
            return
        self.release()
        if not self._full:
            raise Unavailable(detail="no volume takes blobs")
        self._blobs.none_has_room()
        raise StorageFull(detail="no volume has room")

    async def append(self, sealed: bytes) -> None:
        """Take more octets. Raises StorageFull, Unavailable; the blob is then gone."""
        self._hold(sealed)
        assert self._writer is not None
        try:
            await self._writer.append(sealed)
        except (VolumeFull, VolumeUnavailable) as error:
            await self._elsewhere(error)

    async def commit(self) -> Location:
        """Make the blob durable. Raises as `append`."""
        if self._held is not None and not self._book.takes(self.volume_id) and self._book.next(self._tried):
            # It became read-only or is being emptied while the blob came in.
            await self.abort_writer()
            await self._again()
        while True:
            assert self._writer is not None
            try:
                location = await self._writer.commit()
            except (VolumeFull, VolumeUnavailable) as error:
                await self._elsewhere(error)
                continue
            self.release()
            return location

    async def _elsewhere(self, error: VolumeFull | VolumeUnavailable) -> None:
        await self._met(self.volume_id, error)
        if self._held is None:
            self.release()
            raise (StorageFull if isinstance(error, VolumeFull) else Unavailable)(detail=str(error)) from error
        await self._again()

    async def _again(self) -> None:
        """Write what is held into the next volume that takes it all."""
        while True:
            await self.open(self._size)
            assert self._writer is not None
            try:
                for sealed in self._held or ():
                    await self._writer.append(sealed)
            except (VolumeFull, VolumeUnavailable) as error:
                await self._met(self.volume_id, error)
                continue
            return

    async def _met(self, volume_id: VolumeId, error: VolumeFull | VolumeUnavailable) -> None:
        full = isinstance(error, VolumeFull)
        self._full |= full
        await self._book.met(volume_id, full=full)

    def _hold(self, sealed: bytes) -> None:
        if self._held is None:
            return
        self._held.append(sealed)
        self._size += len(sealed)
        self._blobs.held += len(sealed)
        if self._size > HELD_OCTETS or self._blobs.held > HELD_IN_ALL:
            self.release()

    def release(self) -> None:
        """Hold nothing any more."""
        if self._held is not None:
            self._blobs.held -= self._size
            self._held, self._size = None, 0

    async def abort_writer(self) -> None:
        """Drop what is written."""
        if self._writer is not None:
            await self._writer.abort()


class SealingWriter:
    """One blob on its way in: plain octets go in, sealed ones to the volume."""

    def __init__(self, place: Place, sealer: BlobSealer, blob: "_Started") -> None:
        self._place = place
        self._sealer = sealer
        self._blob = blob
        self._size = 0

    async def append(self, plain: bytes) -> None:
        """Seal and hand on. Raises StorageFull, Unavailable; the blob is then gone."""
        self._size += len(plain)
        sealed = self._sealer.update(plain)
        if sealed:
            await self._place.append(sealed)

    async def commit(self) -> SealedBlob:
        """Make it durable. Raises StorageFull, Unavailable."""
        await self._place.append(self._sealer.finish())
        location = await self._place.commit()
        row = BlobRow(self._blob.id, self._place.volume_id, location, self._size)
        return SealedBlob(row, self._blob.organization_id, self._blob.data_key)

    async def abort(self) -> None:
        """Drop it."""
        self._place.release()
        await self._place.abort_writer()


@dataclass(frozen=True, slots=True)
class _Started:
    id: BlobId
    organization_id: OrganizationId
    data_key: SealKey


class SealedBlobs:
    """Writes to the volumes that are online and reads from any."""

    def __init__(self, volumes: Mapping[VolumeId, Volume], clock: Clock, store: _Store | None = None) -> None:
        """Without a store a blob that has moved is not looked for."""
        self.book = VolumeBook.of(volumes)
        self.held = 0
        """Sealed octets that are held for another volume."""
        self._clock = clock
        self._store = store
        self._told_at = 0
        self._suite, self._suite_until = AES_256_GCM, 0

    async def create(self, organization_id: OrganizationId, size_hint: int = 0) -> SealingWriter:
        """Begin a blob of an organisation. Raises StorageFull, Unavailable."""
        data_key = SealKey(self._clock.random(KEY_OCTETS), await self.suite())
        blob = _Started(self._new_id(), organization_id, data_key)
        place = Place(self, blob.id)
        await place.open(size_hint)
        return SealingWriter(place, BlobSealer(blob.data_key, organization_id, blob.id), blob)

    async def suite(self) -> int:
        """Return the suite under which new blobs are sealed, as of `SUITE_FRESH_MS` ago at most."""
        now = self._clock.now()
        if self._store is not None and now >= self._suite_until:
            self._suite_until = now + SUITE_FRESH_MS
            try:
                kept = await self._store.setting(*SUITE_SETTING)
            except MailError:
                kept = None
            self._suite = int(kept) if kept and int(kept) in SUITES else self._suite
        return self._suite

    def _new_id(self) -> BlobId:
        """Return an id that rises with time, so that the store's index of blobs grows at one end, and that nobody can
        guess: 64 bits of time, 64 random ones.
        """
        return BlobId(self._clock.new_id().to_bytes(8, "big") + self._clock.random(8))

    def none_has_room(self) -> None:
        """Raise the alarm, once a minute."""
        if self._clock.now() - self._told_at >= 60_000:
            self._told_at = self._clock.now()
            log.event("volume.none_left", volumes=len(self.book))

    async def store(self, organization_id: OrganizationId, plain: bytes) -> SealedBlob:
        """Seal and keep octets that are at hand. Raises StorageFull, Unavailable."""
        writer = await self.create(organization_id, len(plain))
        await writer.append(plain)
        return await writer.commit()

    async def discard(self, blob: SealedBlob) -> None:
        """Give up a blob that nothing refers to; one that cannot be reached stays as an orphan and is collected."""
        volume = self.book.get(blob.row.volume_id)
        if volume is not None:
            with suppress(VolumeUnavailable):
                await volume.delete(blob.row.location)

    async def read(
        self,
        row: BlobRow,
        organization_id: OrganizationId,
        data_key: SealKey,
        start: int = 0,
        length: int | None = None,
    ) -> bytes:
        """Return plain octets [start, start + length), fewer at the end. Raises NotFound, Unavailable, SealError."""
        try:
            return await self._opened(row, organization_id, data_key, start, length)
        except (NotFound, VolumeAway):
            now = await self._where(row.id)
            if now is None or (now.volume_id, now.location) == (row.volume_id, row.location):
                raise
            return await self._opened(now, organization_id, data_key, start, length)

    async def _opened(
        self, row: BlobRow, organization_id: OrganizationId, data_key: SealKey, start: int, length: int | None
    ) -> bytes:
        if row.newer_key:
            newer = newer_key(row, organization_id, data_key)
            try:
                return await self._read(row, BlobOpener(newer, organization_id, row.id, row.size), start, length)
            except SealError:
                pass  # octets of a backup that was taken before they were sealed anew
        return await self._read(row, BlobOpener(data_key, organization_id, row.id, row.size), start, length)

    async def _where(self, blob_id: BlobId) -> BlobRow | None:
        try:
            return await self._store.blob(blob_id) if self._store is not None else None
        except MailError:
            return None

    async def _read(self, row: BlobRow, opener: BlobOpener, start: int, length: int | None) -> bytes:
        volume = self.book.get(row.volume_id) or await self.book.find(row.volume_id)
        if volume is None:
            raise VolumeAway(detail=f"volume {row.volume_id} is not here")
        try:
            if start == 0 and (length is None or length >= row.size):
                return opener.open_whole(await volume.read(row.location))
            span = opener.segments_for(start, row.size if length is None else length)
            return opener.open_span(span, await volume.read(row.location, span.offset, span.length))
        except BlobMissing as error:
            raise NotFound(detail=str(error)) from error
        except VolumeUnavailable as error:
            raise VolumeAway(detail=str(error)) from error
