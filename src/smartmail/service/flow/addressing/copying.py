"""Copying: the queue's messages as they are handed on: the beginning read, the whole made into another message."""

from collections.abc import AsyncIterator, Sequence

from smartmail.domain.ids import AccountId, OrganizationId, QueueEntryId
from smartmail.domain.queue import HoldReason, NewQueueEntry, QueueClass
from smartmail.formats import trace
from smartmail.formats.headers import Header
from smartmail.ports.clock import Clock
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.service.flow.queue_work import Work
from smartmail.service.kernel.envelope import Envelope, Recipient
from smartmail.service.kernel.intake import Content, Intake
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.letter_entries import LetterEntries
from smartmail.service.kernel.sealed_blobs import SealedBlob, SealedBlobs

CHUNK_OCTETS = 1 << 18
HEADER_OCTETS = 1 << 20
"""How far the header is looked for; what is longer counts as one that never ends."""


class QueueCopier:
    """Reads queue entries and makes new ones of them."""

    def __init__(self, store: BlobRowStore, keyring: Keyring, blobs: SealedBlobs, clock: Clock) -> None:
        self.store = store
        self.keyring = keyring
        self.blobs = blobs
        self.clock = clock
        self._entries = LetterEntries(keyring, clock)

    async def source(self, work: Work) -> SealedBlob:
        """Return the message of a piece of work. Raises NotFound, SealError."""
        entry = work.lease.entry
        keys = await self.keyring.queue(entry.organization_id)
        blob = await self.store.blob(entry.blob.id)
        return SealedBlob(blob, entry.organization_id, keys.unwrap(entry.blob.id, entry.wrapped_key))

    async def read(self, source: SealedBlob, start: int, length: int) -> bytes:
        """Return octets as stored. Raises NotFound, Unavailable, SealError."""
        return await self.blobs.read(source.row, source.organization_id, source.data_key, start, length)

    async def header(self, work: Work) -> tuple[Header, int]:
        """Return the header of the message proper and where, in the blob, the body begins."""
        source, strip = await self.source(work), work.envelope.strip
        octets = await self.read(source, strip, min(HEADER_OCTETS, max(0, source.row.size - strip)))
        if octets.startswith(b"\r\n"):
            return Header(b""), strip + 2
        end = octets.find(b"\r\n\r\n")
        if end < 0:
            return Header(octets), strip + len(octets)
        return Header(octets[: end + 2]), strip + end + 4

    async def made(
        self, work: Work, organization_id: OrganizationId, reverse_path: str, header: bytes, body_start: int
    ) -> tuple[Content, int]:
        """Return a new message with another header and the same body, and how long its Return-Path line is."""
        source = await self.source(work)
        path = trace.return_path(reverse_path)
        intake = await Intake.begin(self.blobs, organization_id, prefix=path, size_hint=source.row.size + len(header))
        try:
            await intake.feed(header)
            async for octets in self._octets(source, body_start):
                await intake.feed(octets)
            return await intake.finish(), len(path)
        except BaseException:
            await intake.abort()
            raise

    async def _octets(self, source: SealedBlob, start: int) -> AsyncIterator[bytes]:
        for at in range(start, source.row.size, CHUNK_OCTETS):
            yield await self.read(source, at, CHUNK_OCTETS)

    async def entry(
        self,
        source: SealedBlob,
        envelope: Envelope,
        recipients: Sequence[Recipient],
        *,
        expires_at: int,
        account_id: AccountId | None,
        entry_id: QueueEntryId | None = None,
        hold: HoldReason | None = None,
        queue_class: QueueClass | None = None,
    ) -> NewQueueEntry:
        """Return a new entry for a message that is in the queue's keys already, or was just made."""
        return await self._entries.entry(
            source, envelope, recipients, account_id=account_id, entry_id=entry_id, expires_at=expires_at, hold=hold,
            queue_class=queue_class,
        )  # fmt: skip
