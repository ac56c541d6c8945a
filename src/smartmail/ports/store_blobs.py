"""Rows of blobs: where each lies, and its key for an account. The bytes themselves are behind ports.blobs."""

from collections.abc import Sequence
from typing import Protocol

from smartmail.domain.ids import AccountId, BlobId
from smartmail.domain.message import BlobRow


class BlobRowStore(Protocol):
    """Where blobs lie, and which of them nobody refers to."""

    async def blob(self, blob_id: BlobId) -> BlobRow:
        """Return where a blob lies. Raises NotFound."""
        ...

    async def blobs(self, blob_ids: Sequence[BlobId]) -> list[BlobRow]:
        """Return those that exist, in no order."""
        ...

    async def blob_key(self, account_id: AccountId, blob_id: BlobId) -> bytes:
        """Return the data key wrapped for the account, from a message or an upload. Raises NotFound: also the proof
        that the account may read the blob.
        """
        ...

    async def blob_rows(self, after: BlobId, limit: int) -> list[tuple[BlobRow, int]]:
        """Return blobs with their reference count by ascending id (check-store, compaction)."""
        ...

    async def dead_blobs(self, before: int, limit: int) -> list[BlobRow]:
        """Return blobs without a reference since `before` (milliseconds)."""
        ...

    async def forget_blobs(self, blob_ids: Sequence[BlobId]) -> list[BlobId]:
        """Remove rows of blobs that still have no reference; return those removed."""
        ...

    async def relocate_blob(self, blob_id: BlobId, old: BlobRow, new: BlobRow) -> bool:
        """Swap a blob's location if it still is `old`."""
        ...
