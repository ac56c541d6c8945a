"""Attachments deleted without the message.

Content is immutable, so a message with fewer attachments is a new one: same mailboxes, keywords, thread and time of
receipt, a new UID; the old one goes into the vault in the same transaction, and comes back from there byte for byte.
Must not know protocols.
"""

import hashlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound, PolicyRejected
from smartmail.domain.ids import AccountId, BlobId, MailboxId, MessageId
from smartmail.domain.message import Added
from smartmail.domain.principal import Actor
from smartmail.formats.dates import format_date
from smartmail.formats.detach import DetachError, Note, choose, note_of, pieces
from smartmail.formats.mime.parts import Part
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_policy import HoldStore
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.intake import Content, new_message
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rewriting import decoded, rewritten
from smartmail.service.kernel.rights import Rights
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.mailstore.reading import OctetReader, OpenMessage, ReadingService


class _Store(AccountStore, HoldStore, Protocol): ...


CHUNK = 256 * 1024
NEEDED = frozenset("ite")
"""Rights on every mailbox that holds the message: the old one goes from there and the new one comes."""
LISTED = 500
"""Messages whose summaries are opened at once while looking for attachments."""


@dataclass(frozen=True, slots=True)
class Detached:
    """What became of a message: its new id, and by how many octets the account shrank."""

    message_id: MessageId
    freed: int


@dataclass(frozen=True, slots=True)
class HeldFile:
    """An attachment in the drawer (첨부 보관함). `size` in octets after decoding, `received_at` in milliseconds."""

    message_id: MessageId
    blob_id: BlobId
    part: Part
    size: int
    received_at: int
    sender: str
    subject: str
    mailboxes: tuple[MailboxId, ...] = ()

    @property
    def section(self) -> str:
        """Return the part's number (RFC 9051 §6.4.5)."""
        return self.part.section

    @property
    def name(self) -> str:
        """Return the file name; empty when the part has none."""
        return self.part.name

    @property
    def media_type(self) -> str:
        """Return the type, in lower case."""
        return self.part.type


class DetachService:
    """Takes attachments out of messages."""

    def __init__(
        self,
        store: _Store,
        rights: Rights,
        keyring: Keyring,
        blobs: SealedBlobs,
        reading: ReadingService,
        policy: PolicyService,
        hints: Hints,
        clock: Clock,
    ) -> None:
        self._store = store
        self._rights = rights
        self._keyring = keyring
        self._blobs = blobs
        self._reading = reading
        self._policy = policy
        self._hints = hints
        self._clock = clock

    async def detach(
        self, actor: Actor, account_id: AccountId, message_id: MessageId, sections: Sequence[str] | None = None
    ) -> Detached:
        """Take the named parts out of a message, or all its attachments.

        Raises NotFound, Forbidden, PolicyRejected, Invalid (no such attachment, or none at all), StorageFull.
        """
        await self._rights.require(actor, account_id, NEEDED)
        account = await self._store.account(account_id)
        if not await self._policy.value(account, knobs.DETACH):
            raise PolicyRejected
        message = next(iter(await self._reading.messages(actor, account_id, [message_id])), None)
        if message is None:
            raise NotFound
        parts = message.summary.parts
        if sections is None:
            sections = [part.section for part in removable(parts)]
        try:
            chosen = choose(parts, sections)
        except DetachError as error:
            raise Invalid(str(error)) from error
        if not chosen:
            raise Invalid("the message has no attachment")
        reader = (await self._reading.readers(actor, account_id, [message_id], shows=False)).get(message_id)
        if reader is None:
            raise NotFound
        notes = {index: await self._note(actor, account, parts[index], reader) for index in chosen}
        content = await self._rewritten(account, message, reader, notes)
        added = await self._replace(actor, account, message, content)
        return Detached(added.message_id, message.row.size - content.blob.row.size)

    async def _note(self, actor: Actor, account: Account, part: Part, reader: OctetReader) -> Note:
        """Read a part once for its size and hash, and say what was there in the account's language."""
        digest, size = hashlib.sha256(), 0
        async for chunk in decoded(reader.read, part):
            digest.update(chunk)
            size += len(chunk)
        text = translate(
            account.language, "detach.note", name=part.name or part.type, size=f"{size:,}", sha256=digest.hexdigest(),
            when=format_date(self._clock.now() // 1000), who=actor.login or account.login,
        )  # fmt: skip
        return Note(part.name, size, digest.hexdigest(), text)

    async def _rewritten(
        self, account: Account, message: OpenMessage, reader: OctetReader, notes: dict[int, Note]
    ) -> Content:
        header = await reader.read(0, message.summary.header_size)
        new = pieces(message.summary.parts, notes, reader.size, header)
        return await rewritten(self._blobs, account.organization_id, reader.read, new, size_hint=message.row.size)

    async def _replace(self, actor: Actor, account: Account, message: OpenMessage, content: Content) -> Added:
        keys = await self._keyring.account(account)
        access = await self._rights.access(actor, account.id)
        old = message.row
        made = replace(
            new_message(keys, content, (), received_at=old.received_at), sent_at=old.sent_at, thread_id=old.thread_id,
            replaces=True,
        )  # fmt: skip
        audit = AuditRecord(
            self._clock.now(), f"account:{actor.account_id}", "attachment.deleted", f"message:{account.id}/{old.id}",
            actor.origin.address, door=actor.origin.door,
        )  # fmt: skip

        async def body(tx: MailTx) -> Added:
            now = await tx.messages([old.id])
            places = await tx.placements([old.id])
            if not now or not places:
                raise NotFound
            boxes = tuple(one.mailbox_id for one in places)
            if not all(access.on(box).issuperset(NEEDED) for box in boxes):
                # It changes what everybody sees of it, in mailboxes that are hidden from this person too.
                raise Forbidden
            added = await tx.add_message(replace(made, keywords=now[0].keywords, mailboxes=boxes))
            for one in places:
                if one.deleted:
                    uid = dict(added.placements)[one.mailbox_id]
                    await tx.set_deleted(one.mailbox_id, [uid], deleted=True)
            await tx.move_marks(old.id, added.message_id)
            await tx.set_aside([old.id], reason="detached", replaced_by=added.message_id)
            await tx.audit(audit)
            return added

        added = await self._store.write(account.id, body)
        self._hints.account_changed(account.id)
        return added

    async def drawer(self, actor: Actor, account_id: AccountId) -> list[HeldFile]:
        """Return every attachment of the account's messages, newest first; the caller sorts and cuts."""
        rows = [row for row in await self._reading.every_row(actor, account_id) if row.has_attachment]
        found: list[HeldFile] = []
        for start in range(0, len(rows), LISTED):
            block = rows[start : start + LISTED]
            summaries = await self._reading.summaries(actor, account_id, [row.id for row in block])
            places = await self._reading.placed(actor, account_id, [row.id for row in block])
            for row in block:
                summary = summaries.get(row.id)
                if summary is None:
                    continue
                sender = next(iter(summary.from_), None)
                found += [
                    HeldFile(
                        row.id, row.blob_id, part, part.decoded_size, row.received_at,
                        sender.address if sender else "", summary.subject, tuple(places.get(row.id, ())),
                    )
                    for part in removable(summary.parts)
                ]  # fmt: skip
        return found

    async def by_rule(
        self, actor: Actor, account_id: AccountId, *, larger_than: int, older_than_days: int, dry_run: bool
    ) -> AsyncIterator[tuple[HeldFile, MailError | None]]:
        """Take out all attachments over a size in messages over an age; yields each file, and why it stayed.

        May be stopped and begun again at any time: what is done is done. What a hold keeps stays untouched.
        """
        before = self._clock.now() - older_than_days * DAY
        wanted: dict[MessageId, list[HeldFile]] = {}
        for one in await self.drawer(actor, account_id):
            if one.size > larger_than and one.received_at < before:
                wanted.setdefault(one.message_id, []).append(one)
        held = await self._store.held(account_id, list(wanted))
        for message_id, files in wanted.items():
            if message_id in held:
                continue
            error: MailError | None = None
            if not dry_run:
                try:
                    await self.detach(actor, account_id, message_id, [one.section for one in files])
                except MailError as raised:
                    error = raised
            for one in files:
                yield one, error


def removable(parts: Sequence[Part]) -> list[Part]:
    """Return the attachments of a message that can go: files, not pictures that the text shows, not notes of ours."""
    return [part for part in parts if part.is_file and not part.is_multipart and note_of(part) is None]
