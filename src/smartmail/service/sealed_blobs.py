"""Sealed blobs over all volumes: seal while the octets come, choose a volume, read by range.

The only service that asks the Blobs port. Order, never changed: durable in its volume, then the database commit that
refers to it, then the answer (docs/architecture.md 1.1).
FAILURE  A volume without room is passed over; when none has room StorageFull is raised and nothing was kept. A volume
whose sync failed is fatal to the process: `VolumeFailed` is not caught here.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass

from smartmail.domain.errors import NotFound, StorageFull, Unavailable
from smartmail.domain.ids import BlobId, OrganizationId, VolumeId
from smartmail.domain.message import BlobRow
from smartmail.formats.seal import KEY_OCTETS, BlobOpener, BlobSealer, SealKey
from smartmail.ports.blobs import BlobMissing, Blobs, BlobWriter, VolumeFull, VolumeUnavailable
from smartmail.ports.clock import Clock


@dataclass(frozen=True, slots=True)
class SealedBlob:
    """A durable blob and its data key, to be wrapped for each account that shall read it."""

    row: BlobRow
    organization_id: OrganizationId
    data_key: SealKey


class SealingWriter:
    """One blob on its way in: plain octets go in, sealed ones to the volume."""

    def __init__(self, volume_id: VolumeId, writer: BlobWriter, sealer: BlobSealer, blob: "_Started") -> None:
        self._volume_id = volume_id
        self._writer = writer
        self._sealer = sealer
        self._blob = blob
        self._size = 0

    async def append(self, plain: bytes) -> None:
        """Seal and hand on. Raises StorageFull, Unavailable; the blob is then gone."""
        self._size += len(plain)
        sealed = self._sealer.update(plain)
        if sealed:
            with _as_mail_errors():
                await self._writer.append(sealed)

    async def commit(self) -> SealedBlob:
        """Make it durable. Raises StorageFull, Unavailable."""
        with _as_mail_errors():
            await self._writer.append(self._sealer.finish())
            location = await self._writer.commit()
        row = BlobRow(self._blob.id, self._volume_id, location, self._size)
        return SealedBlob(row, self._blob.organization_id, self._blob.data_key)

    async def abort(self) -> None:
        """Drop it."""
        await self._writer.abort()


@dataclass(frozen=True, slots=True)
class _Started:
    id: BlobId
    organization_id: OrganizationId
    data_key: SealKey


class SealedBlobs:
    """Writes to the volumes that are online and reads from any."""

    def __init__(self, volumes: Mapping[VolumeId, Blobs], clock: Clock) -> None:
        self._volumes = volumes
        self._clock = clock

    async def create(self, organization_id: OrganizationId, size_hint: int = 0) -> SealingWriter:
        """Begin a blob of an organisation. Raises StorageFull, Unavailable."""
        blob = _Started(self._new_id(), organization_id, SealKey(self._clock.random(KEY_OCTETS)))
        full = False
        for volume_id, volume in self._volumes.items():
            try:
                writer = await volume.create(blob.id, size_hint)
            except VolumeFull:
                full = True
                continue
            except VolumeUnavailable:
                continue
            return SealingWriter(volume_id, writer, BlobSealer(blob.data_key, organization_id, blob.id), blob)
        raise StorageFull if full else Unavailable

    def _new_id(self) -> BlobId:
        """Return an id that rises with time, so that the store's index of blobs grows at one end, and that nobody can
        guess: 64 bits of time, 64 random ones.
        """
        return BlobId(self._clock.new_id().to_bytes(8, "big") + self._clock.random(8))

    async def store(self, organization_id: OrganizationId, plain: bytes) -> SealedBlob:
        """Seal and keep octets that are at hand. Raises StorageFull, Unavailable."""
        writer = await self.create(organization_id, len(plain))
        await writer.append(plain)
        return await writer.commit()

    async def discard(self, blob: SealedBlob) -> None:
        """Give up a blob that nothing refers to; one that cannot be reached stays as an orphan and is collected."""
        volume = self._volumes.get(blob.row.volume_id)
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
        volume = self._volumes.get(row.volume_id)
        if volume is None:
            raise Unavailable(detail=f"volume {row.volume_id} is not here")
        opener = BlobOpener(data_key, organization_id, row.id, row.size)
        try:
            if start == 0 and (length is None or length >= row.size):
                return opener.open_whole(await volume.read(row.location))
            span = opener.segments_for(start, row.size if length is None else length)
            return opener.open_span(span, await volume.read(row.location, span.offset, span.length))
        except BlobMissing as error:
            raise NotFound(detail=str(error)) from error
        except VolumeUnavailable as error:
            raise Unavailable(detail=str(error)) from error


class _as_mail_errors:  # noqa: N801 -- used as a verb, and cheaper than a generator on the accept path
    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, VolumeFull):
            raise StorageFull(detail=str(error)) from error
        if isinstance(error, VolumeUnavailable):
            raise Unavailable(detail=str(error)) from error
