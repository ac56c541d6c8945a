"""The octets of a big file, by range, CHUNK at a time."""

from collections.abc import AsyncIterator
from typing import Final

from smartmail.ports.store_big_files import BigFileStore
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.big_files.texts import OpenFile

CHUNK: Final = 1 << 20


class Contents:
    """Reads files."""

    def __init__(self, store: BigFileStore, blobs: SealedBlobs) -> None:
        self._store = store
        self._blobs = blobs

    async def pieces(self, file: OpenFile, start: int = 0, end: int | None = None) -> AsyncIterator[bytes]:
        """Yield octets [start, end). Raises NotFound, Unavailable, SealError."""
        row = file.row
        end = row.size if end is None else min(end, row.size)
        for part in await self._store.big_parts(row.id, start, end):
            key = file.keys.unwrap(part.blob.id, part.wrapped_key)
            at, until = max(0, start - part.start), min(part.blob.size, end - part.start)
            while at < until:
                length = min(CHUNK, until - at)
                yield await self._blobs.read(part.blob, row.organization_id, key, at, length)
                at += length
