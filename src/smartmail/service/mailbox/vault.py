"""The vault: a deleted message comes back, or goes for good when its time is over (docs/vocabulary.md).

A restored message is a new one in the mailboxes that held it, or in the inbox where those have gone. One that was
replaced by itself without attachments takes its place back: keywords and mailboxes are then those of today.
What was recalled is not shown to the person and not restored by them. A hold keeps rows for ever (the store looks).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

from smartmail.base import log
from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, MailboxId, MessageId
from smartmail.domain.keywords import Keywords
from smartmail.domain.message import BlobRow, NewMessage, ThreadKeys
from smartmail.domain.principal import Actor
from smartmail.domain.vault import VaultRow
from smartmail.formats.seal import SealError
from smartmail.formats.summary import Summary
from smartmail.policy import knobs
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_tx import MailTx
from smartmail.ports.store_vault import VaultStore
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.intake import open_summary, thread_keys
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.policy import PolicyService
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights


class _Store(AccountStore, BlobRowStore, VaultStore, Protocol): ...


MAX_RESTORE = 500
"""Messages of one call: each is read and written in one transaction."""
PURGE_BLOCK = 1_000


@dataclass(frozen=True, slots=True)
class VaultMessage:
    """A message in the vault as its person sees it; `until` is when it goes for good, in milliseconds."""

    row: VaultRow
    summary: Summary
    until: int


class VaultService:
    """Lists, restores and purges."""

    def __init__(
        self, store: _Store, rights: Rights, keyring: Keyring, policy: PolicyService, hints: Hints, clock: Clock
    ) -> None:
        self._store = store
        self._rights = rights
        self._keyring = keyring
        self._policy = policy
        self._hints = hints
        self._clock = clock

    async def deleted(
        self, account_id: AccountId, *, position: int = 0, limit: int = 100
    ) -> tuple[list[VaultMessage], int]:
        """Return a window, what went last first, and the total, for a service that has asked for its right. Raises NotFound."""
        account = await self._store.account(account_id)
        keys = await self._keyring.account(account)
        days = await self._policy.value(account, knobs.VAULT_DAYS)
        rows, total = await self._store.vault(account_id, position=position, limit=limit)
        found = []
        for row in rows:
            summary = None if row.reason == "recalled" else _opened(keys, row)
            if summary is not None:
                found.append(VaultMessage(row, summary, row.at + days * DAY))
        return found, total

    async def list(
        self, actor: Actor, account_id: AccountId, *, position: int = 0, limit: int = 100
    ) -> tuple[list[VaultMessage], int]:
        """Return a window, what went last first, and the total. Raises NotFound, Forbidden."""
        await self._rights.require_whole(actor, account_id, "r")
        return await self.deleted(account_id, position=position, limit=limit)

    async def restore(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, MessageId]:
        """Bring messages back; return old id → new id of those that could be. Raises NotFound, Forbidden, OverQuota."""
        await self._rights.require_whole(actor, account_id, "it")
        return await self.restore_for(actor, account_id, message_ids)

    async def restore_for(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, MessageId]:
        """Bring messages back for an act that has its own right. Raises NotFound, OverQuota."""
        wanted = list(dict.fromkeys(message_ids))[:MAX_RESTORE]
        audit = AuditRecord(
            self._clock.now(), actor.named, "message.restored", f"account:{account_id} count:{len(wanted)}",
            actor.origin.address, door=actor.origin.door,
        )  # fmt: skip
        return await self.bring_back(account_id, wanted, audit, recalled=False)

    async def bring_back(
        self, account_id: AccountId, wanted: Sequence[MessageId], audit: AuditRecord, *, recalled: bool
    ) -> dict[MessageId, MessageId]:
        """Bring messages back, those that were recalled or all others; return old id → new id. Raises NotFound, OverQuota.

        For a service that has asked for its right to do so.
        """
        account = await self._store.account(account_id)
        keys = await self._keyring.account(account)
        rows = [
            row for row in await self._store.vault_rows(account_id, wanted) if (row.reason == "recalled") == recalled
        ]
        blobs = {blob.id: blob for blob in await self._store.blobs([row.blob_id for row in rows])}
        ready = {row.message_id: _anew(keys, row, blobs[row.blob_id]) for row in rows if row.blob_id in blobs}

        async def body(tx: MailTx) -> dict[MessageId, MessageId]:
            restored = {}
            for row in await tx.take_from_vault(list(ready)):
                restored[row.message_id] = await _put_back(tx, row, ready[row.message_id])
            if restored:
                await tx.audit(audit)
            return restored

        restored = await self._store.write(account_id, body)
        if restored:
            self._hints.account_changed(account_id)
        return restored

    async def purge(self) -> int:
        """Forget what has been in the vaults for as long as policy keeps it; return how many messages. A job's work."""
        purged = 0
        for account_id, oldest in await self._store.vault_ages():
            try:
                account = await self._store.account(account_id)
            except NotFound:
                continue
            purged += await self._purge(account, oldest)
        return purged

    async def _purge(self, account: Account, oldest: int) -> int:
        before = self._clock.now() - await self._policy.value(account, knobs.VAULT_DAYS) * DAY
        purged = 0
        while oldest < before:
            count = await self._store.purge_vault(account.id, before=before, limit=PURGE_BLOCK)
            purged += count
            if count < PURGE_BLOCK:
                break
        return purged


def _opened(keys: Sealer, row: VaultRow) -> Summary | None:
    try:
        return open_summary(keys, row.blob_id, row.sealed_summary)
    except (SealError, ValueError) as error:
        log.event("message.unreadable", account=row.account_id, message=row.message_id, error=type(error).__name__)
        return None


def _anew(keys: Sealer, row: VaultRow, blob: BlobRow) -> NewMessage:
    """Return the message as a new one; its mailboxes are chosen inside the transaction."""
    summary = _opened(keys, row)
    thread = ThreadKeys() if summary is None else thread_keys(keys, summary)
    return NewMessage(
        blob, row.wrapped_key, row.size, row.received_at, row.sent_at, row.sealed_summary, (), row.keywords, thread,
        row.has_attachment, row.thread_id, story=row.story,
    )  # fmt: skip


async def _put_back(tx: MailTx, row: VaultRow, new: NewMessage) -> MessageId:
    """Add a message that was taken from the vault; return its new id. Raises OverQuota."""
    boxes, keywords, replaced = await _place(tx, row)
    added = await tx.add_message(replace(new, mailboxes=boxes, keywords=keywords, replaces=replaced is not None))
    await tx.move_marks(row.message_id, added.message_id)
    if replaced is not None:
        await tx.move_marks(replaced, added.message_id)
        await tx.discard_messages([replaced])
    return added.message_id


async def _place(tx: MailTx, row: VaultRow) -> tuple[tuple[MailboxId, ...], Keywords, MessageId | None]:
    """Return where a message goes back to, with which keywords, and which message makes room for it."""
    if row.replaced_by is not None:
        stands = await tx.messages([row.replaced_by])
        held = tuple(one.mailbox_id for one in await tx.placements([row.replaced_by]) if not one.deleted)
        if stands and held:
            return held, stands[0].keywords, row.replaced_by
    known = {box.id: box for box in await tx.mailboxes()}
    boxes = tuple(one for one in row.mailboxes if one in known and known[one].role != "trash")
    # Out of the trash it is not put back into it: whoever restores wants to see it.
    inbox = next(box.id for box in known.values() if box.role == "inbox")
    return boxes or (inbox,), row.keywords, None
