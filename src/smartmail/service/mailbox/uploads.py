"""Uploads: octets that a client hands over before it uses them (RFC 8620 §6.1)."""

from smartmail.domain.ids import AccountId, BlobId
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.clock import DAY
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.rights import Rights
from smartmail.service.kernel.sealed_blobs import SealedBlobs, SealingWriter

LIFETIME = DAY
"""RFC 8620 §6.1: an upload that nothing refers to is kept for at least an hour."""


class UploadService:
    """Takes uploads of an account."""

    def __init__(self, store: AccountStore, rights: Rights, keyring: Keyring, blobs: SealedBlobs, clock: Clock) -> None:
        self._store = store
        self._rights = rights
        self._keyring = keyring
        self._blobs = blobs
        self._clock = clock

    async def begin(self, actor: Actor, account_id: AccountId, size_hint: int = 0) -> SealingWriter:
        """Begin an upload: append octets, then hand the writer to `finish`. Raises NotFound, StorageFull."""
        await self._rights.require(actor, account_id, "i")
        account = await self._store.account(account_id)
        return await self._blobs.create(account.organization_id, size_hint)

    async def finish(
        self, actor: Actor, account_id: AccountId, writer: SealingWriter, media_type: str
    ) -> tuple[BlobId, int]:
        """Make the upload durable; return its blob id and size. Raises StorageFull, Unavailable."""
        await self._rights.require(actor, account_id, "i")
        blob = await writer.commit()
        keys = await self._keyring.account_by_id(account_id)
        wrapped = keys.wrap(blob.row.id, blob.data_key)
        expires_at = self._clock.now() + LIFETIME

        async def body(tx: MailTx) -> None:
            await tx.put_upload(blob.row, wrapped, media_type, expires_at)

        await self._store.write(account_id, body)
        return blob.row.id, blob.row.size
