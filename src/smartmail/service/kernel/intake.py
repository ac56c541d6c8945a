"""Intake: a message on its way in is scanned, hashed and sealed chunk by chunk; nothing is held whole.

Used by SMTP, LMTP, submission, IMAP APPEND, JMAP, import: all mail enters here. What comes out is `Content`: a
durable blob and what the octets tell about themselves. Must not know who receives it.
"""

import hashlib
from dataclasses import dataclass

from smartmail.domain.ids import MailboxId, OrganizationId
from smartmail.domain.keywords import NONE, Keywords
from smartmail.domain.message import NewMessage, ThreadKeys
from smartmail.formats import summary as summaries
from smartmail.formats.mime.entity import Entity
from smartmail.formats.mime.scanner import Scanner
from smartmail.formats.seal import Kind, Purpose
from smartmail.formats.summary import Summary
from smartmail.formats.threading import thread_ids, thread_subject
from smartmail.service.kernel.keyring import Sealer
from smartmail.service.kernel.sealed_blobs import SealedBlob, SealedBlobs, SealingWriter

MAX_REFERENCES = 50
"""References looked at for threading: the newest ones, so that a forged header costs nothing."""


@dataclass(frozen=True, slots=True)
class Content:
    """A durable message that no account has yet. `digest` is SHA-256 of the octets after our own trace lines."""

    blob: SealedBlob
    summary: Summary
    encoded: bytes
    digest: bytes


class Intake:
    """One message on its way in."""

    def __init__(self, writer: SealingWriter) -> None:
        self._writer = writer
        self._scanner = Scanner()
        self._hash = hashlib.sha256()

    @classmethod
    async def begin(
        cls, blobs: SealedBlobs, organization_id: OrganizationId, *, prefix: bytes = b"", size_hint: int = 0
    ) -> "Intake":
        """Begin a message that starts with our own `prefix` (trace lines). Raises StorageFull, Unavailable."""
        intake = cls(await blobs.create(organization_id, size_hint))
        if prefix:
            await intake.add(prefix)
        return intake

    async def add(self, lines: bytes) -> None:
        """Take lines of our own; they do not count for recognising a repeat. Raises StorageFull, Unavailable."""
        self._scanner.feed(lines)
        await self._writer.append(lines)

    async def feed(self, chunk: bytes) -> None:
        """Take more octets. Raises StorageFull, Unavailable."""
        self._hash.update(chunk)
        self._scanner.feed(chunk)
        await self._writer.append(chunk)

    async def finish(self) -> Content:
        """Make the message durable. Raises StorageFull, Unavailable."""
        entity = self._scanner.finish()
        return content_of(await self._writer.commit(), entity, self._hash.digest())

    async def abort(self) -> None:
        """Drop it."""
        await self._writer.abort()


def content_of(blob: SealedBlob, entity: Entity, digest: bytes) -> Content:
    """Return what a durable blob and its scanned structure tell."""
    summary = summaries.build(entity)
    return Content(blob, summary, summaries.encode(summary), digest)


def new_message(
    keys: Sealer,
    content: Content,
    mailboxes: tuple[MailboxId, ...],
    *,
    received_at: int,
    keywords: Keywords = NONE,
    inspection: bytes = b"",
    story: int = 0,
) -> NewMessage:
    """Return the content as a message of the account whose sealer is given."""
    blob, summary = content.blob, content.summary
    return NewMessage(
        blob=blob.row,
        wrapped_key=keys.wrap(blob.row.id, blob.data_key),
        size=blob.row.size,
        received_at=received_at,
        sent_at=received_at if summary.sent_at is None else summary.sent_at * 1000,
        summary=seal_summary(keys, blob.row.id, content.encoded),
        mailboxes=mailboxes,
        keywords=keywords,
        thread=thread_keys(keys, summary),
        has_attachment=summary.has_attachment,
        inspection=inspection,
        story=story,
    )


def seal_summary(keys: Sealer, blob_id: bytes, encoded: bytes) -> bytes:
    """Seal a summary; it is bound to account and blob, so that copies of a message share it."""
    return keys.seal(Kind.SUMMARY, encoded, blob_id)


def open_summary(keys: Sealer, blob_id: bytes, sealed: bytes) -> Summary:
    """Open a summary. Raises SealError."""
    return summaries.decode(keys.open(Kind.SUMMARY, sealed, blob_id))


def thread_keys(keys: Sealer, summary: Summary) -> ThreadKeys:
    """Return the keyed hashes that decide the thread."""
    ids = summary.ids
    named = [*ids.message_id, *thread_ids(ids.references, ids.in_reply_to, MAX_REFERENCES)]
    refs = dict.fromkeys(keys.hash(Purpose.MESSAGE_ID, one.encode()) for one in named)
    return ThreadKeys(tuple(refs), keys.hash(Purpose.SUBJECT, thread_subject(summary.subject).encode()))
