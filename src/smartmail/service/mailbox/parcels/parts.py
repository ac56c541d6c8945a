"""The octets of a parcel: sealed part by part as they come, read by range.

LIMITS     `PART_OCTETS` of a part: no more than these are lost with a killed server. `MAX_PARTS` of a file: who sends single
           octets does not fill the store with rows.
SECURITY   Nothing of a file lies in clear or is held whole.
"""

from collections.abc import AsyncIterator
from typing import Final

from smartmail.domain.errors import Invalid, TooLarge
from smartmail.domain.parcels import Parcel, ParcelPart
from smartmail.ports.store_parcels import ParcelStore
from smartmail.service.kernel.keyring import Sealer
from smartmail.service.kernel.sealed_blobs import SealedBlobs, SealingWriter

PART_OCTETS: Final = 16 << 20
MAX_PARTS: Final = 200_000
CHUNK: Final = 1 << 20


class PartWriter:
    """Octets that come for one parcel. Ends by `settle` or `drop`; whole parts count at once."""

    def __init__(self, store: ParcelStore, blobs: SealedBlobs, keys: Sealer, row: Parcel, worker: str = "") -> None:
        self._store = store
        self._blobs = blobs
        self._keys = keys
        self._worker = worker
        self._writer: SealingWriter | None = None
        self._in_part = 0
        self.row = row

    async def feed(self, octets: bytes) -> None:
        """Take octets. Raises Invalid (more than was told), TooLarge, StorageFull, Unavailable, StateMismatch, NotFound."""
        coming = self.row.direction == "in"
        if coming and self.row.received + self._in_part + len(octets) > self.row.size:
            raise Invalid("more octets than the file has")
        view = memoryview(octets)
        while view:
            if self._writer is None:
                self._writer = await self._begin()
            piece = view[: PART_OCTETS - self._in_part]
            await self._writer.append(bytes(piece))
            self._in_part += len(piece)
            view = view[len(piece) :]
            if self._in_part == PART_OCTETS:
                await self._close()

    async def settle(self) -> Parcel:
        """Make all that came durable and count it. Raises as `feed`."""
        await self._close()
        return self.row

    async def drop(self) -> None:
        """Give up what does not count yet."""
        writer, self._writer, self._in_part = self._writer, None, 0
        if writer is not None:
            await writer.abort()

    async def _begin(self) -> SealingWriter:
        if self.row.parts >= MAX_PARTS:
            raise TooLarge("the file came in too many pieces")
        hint = min(PART_OCTETS, self.row.size - self.row.received) if self.row.direction == "in" else PART_OCTETS
        return await self._blobs.create(self.row.organization_id, hint)

    async def _close(self) -> None:
        writer, self._writer, self._in_part = self._writer, None, 0
        if writer is None:
            return
        blob = await writer.commit()
        part = ParcelPart(self.row.parts, self.row.received, blob.row, self._keys.wrap(blob.row.id, blob.data_key))
        try:
            self.row = await self._store.add_parcel_part(self.row.id, self.row.received, part, self._worker)
        except BaseException:
            await self._blobs.discard(blob)
            raise


class PartReader:
    """Reads a parcel by range."""

    def __init__(self, store: ParcelStore, blobs: SealedBlobs, keys: Sealer, row: Parcel) -> None:
        self._store = store
        self._blobs = blobs
        self._keys = keys
        self._row = row

    @property
    def size(self) -> int:
        """Octets in all."""
        return self._row.size

    async def pieces(self, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield octets [start, end). Raises NotFound, Unavailable, SealError."""
        end = self.size if end is None else min(end, self.size)
        for part in await self._store.parcel_parts(self._row.id, start, end):
            key = self._keys.unwrap(part.blob.id, part.wrapped_key)
            at, until = max(0, start - part.start), min(part.blob.size, end - part.start)
            while at < until:
                length = min(CHUNK, until - at)
                yield await self._blobs.read(part.blob, self._row.organization_id, key, at, length)
                at += length

    async def read(self, start: int, length: int) -> bytes:
        """Return octets [start, start + length), fewer at the end. Raises as `pieces`."""
        return b"".join([piece async for piece in self.pieces(start, start + length)])
