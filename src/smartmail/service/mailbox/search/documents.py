"""Reads the search text of messages out of their blobs, and keeps and opens sealed search texts.

LIMITS   Text parts up to formats.search.message.MAX_PART octets, files up to MAX_BINARY; a file that the extractor
         cannot read has its name alone.
FAILURE  A message whose octets do not open has what its summary tells, one whose summary does not open has an empty text,
         so that the index can go on; it is logged.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.ids import AccountId, BlobId, MessageId
from smartmail.domain.message import BlobRow, MessageRow
from smartmail.formats.mime.parts import Part
from smartmail.formats.seal import Kind, SealError, SealKey
from smartmail.formats.search import document as documents
from smartmail.formats.search import message as messages
from smartmail.formats.search.document import Document
from smartmail.formats.summary import Summary
from smartmail.ports.blobs import BlobDamaged
from smartmail.ports.extraction import TextExtractor
from smartmail.service.kernel.intake import open_summary
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.search.store import Store

WHOLE = 256 << 10
"""Messages up to this size are read in one go, larger ones part by part."""


@dataclass(frozen=True, slots=True)
class ReadMessage:
    """A message with its text. `whole`: that of its files is in it, as far as it can be read at all. `unseen_files`: its row
    says that it has none, as an older way of reading found.
    """

    id: MessageId
    blob_id: BlobId
    received_at: int
    document: Document
    whole: bool = True
    unseen_files: bool = False


class DocumentReader:
    """Makes documents of messages."""

    def __init__(
        self, store: Store, keyring: Keyring, blobs: SealedBlobs, extractor: TextExtractor | None = None
    ) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._extractor = extractor

    async def read(
        self, account_id: AccountId, message_ids: Sequence[MessageId], *, with_files: bool
    ) -> list[ReadMessage]:
        """Return the documents of those messages that exist. `with_files`: also the text of attachments, which takes
        long. Raises NotFound (account), SealError (its key), Unavailable (volume away).
        """
        if not message_ids:
            return []
        account = await self._store.account(account_id)
        keys = await self._keyring.account(account)
        rows = await self._store.messages(account_id, message_ids)
        blobs = {row.id: row for row in await self._store.blobs([row.blob_id for row in rows])}
        sealed = {one[0]: one[2] for one in await self._store.summaries(account_id, message_ids)}
        found = []
        for row in rows:
            source = _Source(self._blobs, account, keys, row, blobs.get(row.blob_id))
            document, whole, has_files = await self._document(source, sealed.get(row.id, b""), with_files=with_files)
            unseen = has_files and not row.has_attachment
            found.append(ReadMessage(row.id, row.blob_id, row.received_at, document, whole, unseen))
        return found

    async def _document(self, source: "_Source", sealed: bytes, *, with_files: bool) -> tuple[Document, bool, bool]:
        summary: Summary | None = None
        try:
            summary = open_summary(source.keys, source.row.blob_id, sealed)
            header, bodies = await source.load(summary)
            extracted = await self._extract(source, summary) if with_files else {}
        except (SealError, BlobDamaged, ValueError) as error:
            log.event("message.unreadable", blob=source.row.blob_id.hex(), error=type(error).__name__)
            if summary is None:
                return documents.compose(), True, False
            return messages.make(summary, b"", {}, {}), True, summary.has_files
        whole = with_files or not self._readable(summary)
        if len(bodies) > 4 or summary.size > WHOLE:
            document = await asyncio.to_thread(messages.make, summary, header, bodies, extracted)
            return document, whole, summary.has_files
        return messages.make(summary, header, bodies, extracted), whole, summary.has_files

    def _readable(self, summary: Summary) -> list[Part]:
        """Return the files that the extractor may find text in."""
        extractor = self._extractor
        if extractor is None:
            return []
        return [part for part in messages.binaries(summary) if extractor.handles(part.type, part.name)]

    async def _extract(self, source: "_Source", summary: Summary) -> dict[str, str]:
        found: dict[str, str] = {}
        if self._extractor is None:
            return found
        for part in self._readable(summary):
            octets = await source.octets(part.body_start, part.octets)
            text = await self._extractor.text_of(part.type, part.name, messages.decoded(part, octets))
            if text is not None:
                found[part.section] = text.text
        return found


class _Source:
    """The octets of one message."""

    def __init__(
        self, blobs: SealedBlobs, account: Account, keys: Sealer, row: MessageRow, blob: BlobRow | None
    ) -> None:
        self._blobs = blobs
        self._account = account
        self._blob = blob
        self._data_key: SealKey | None = None
        self._whole: bytes | None = None
        self.keys = keys
        self.row = row

    async def octets(self, start: int, length: int) -> bytes:
        """Return a range. Raises SealError, BlobDamaged, Unavailable."""
        if self._whole is not None:
            return self._whole[start : start + length]
        if self._blob is None:
            raise BlobDamaged("no blob")
        if self._data_key is None:
            self._data_key = self.keys.unwrap(self.row.blob_id, self.row.wrapped_key)
        return await self._blobs.read(self._blob, self._account.organization_id, self._data_key, start, length)

    async def load(self, summary: Summary) -> tuple[bytes, dict[str, bytes]]:
        """Return the header block, and the octets of text parts and of headers of messages inside."""
        if summary.size <= WHOLE:
            self._whole = await self.octets(0, summary.size)
        header = await self.octets(0, min(summary.header_size, WHOLE))
        bodies = {
            part.section: await self.octets(part.body_start, min(part.octets, messages.MAX_PART))
            for part in messages.texts(summary)
        }
        for part in summary.parts:
            if part.inner_body:
                bodies[part.section] = await self.octets(part.body_start, min(part.inner_body - part.body_start, WHOLE))
        return header, bodies


def seal_document(keys: Sealer, message_id: MessageId, document: Document) -> bytes:
    """Return the sealed search text."""
    return keys.seal(Kind.SEARCH_TEXT, documents.pack(document), message_id)


def open_document(keys: Sealer, message_id: MessageId, sealed: bytes) -> Document | None:
    """Return the document, None when it does not open."""
    try:
        return documents.unpack(keys.open(Kind.SEARCH_TEXT, sealed, message_id))
    except (SealError, ValueError) as error:
        log.event("search.unreadable", account=keys.owner, message=message_id, error=type(error).__name__)
        return None
