"""Reading: summaries opened once and kept, octets of messages by range.

IMAP FETCH, JMAP Email/get, lists and search read here and never parse mail. Must not know their wire forms.
LIMITS  Opened summaries are kept per process up to `cache_octets`; the oldest go first.
"""

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, BlobId, MessageId
from smartmail.domain.message import BlobRow, MessageRow
from smartmail.domain.principal import Actor
from smartmail.formats.seal import SealKey
from smartmail.formats.summary import Summary
from smartmail.ports.store import Store
from smartmail.service import rights
from smartmail.service.intake import open_summary
from smartmail.service.keyring import Keyring
from smartmail.service.sealed_blobs import SealedBlobs

CACHE_OCTETS = 64 << 20
_ENTRY_OVERHEAD = 500


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """A message with its summary."""

    row: MessageRow
    summary: Summary


class ReadingService:
    """Opens what the store keeps sealed."""

    def __init__(self, store: Store, keyring: Keyring, blobs: SealedBlobs, cache_octets: int = CACHE_OCTETS) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._bound = cache_octets
        self._held = 0
        self._summaries: OrderedDict[tuple[AccountId, MessageId], tuple[Summary, int]] = OrderedDict()

    async def summaries(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, Summary]:
        """Return the summaries of those messages that exist. Raises NotFound (account)."""
        rights.require(actor, account_id, "r")
        cache = self._summaries
        found: dict[MessageId, Summary] = {}
        missing: list[MessageId] = []
        for message_id in message_ids:
            held = cache.get((account_id, message_id))
            if held is None:
                missing.append(message_id)
            else:
                found[message_id] = held[0]
        if missing:
            found.update(await self._open(account_id, missing))
        return found

    async def _open(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> dict[MessageId, Summary]:
        keys = await self._keyring.account_by_id(account_id)
        found: dict[MessageId, Summary] = {}
        for message_id, blob_id, sealed in await self._store.summaries(account_id, message_ids):
            summary = open_summary(keys, blob_id, sealed)
            found[message_id] = summary
            self._keep(account_id, message_id, summary, len(sealed))
        return found

    def _keep(self, account_id: AccountId, message_id: MessageId, summary: Summary, octets: int) -> None:
        cost = octets + _ENTRY_OVERHEAD
        self._summaries[account_id, message_id] = (summary, cost)
        self._held += cost
        while self._held > self._bound:
            _key, (_summary, freed) = self._summaries.popitem(last=False)
            self._held -= freed

    async def messages(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> list[OpenMessage]:
        """Return rows and summaries of those that exist, in the order asked."""
        rights.require(actor, account_id, "r")
        rows = {row.id: row for row in await self._store.messages(account_id, message_ids)}
        opened = await self.summaries(actor, account_id, list(rows))
        return [OpenMessage(rows[one], opened[one]) for one in message_ids if one in rows and one in opened]

    async def rows(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, MessageRow]:
        """Return the rows of those messages that exist."""
        rights.require(actor, account_id, "r")
        return {row.id: row for row in await self._store.messages(account_id, message_ids)}

    async def row(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> MessageRow:
        """Return one message's row. Raises NotFound."""
        rights.require(actor, account_id, "r")
        rows = await self._store.messages(account_id, [message_id])
        if not rows:
            raise NotFound
        return rows[0]

    async def octets(
        self, actor: Actor, account_id: AccountId, message_id: MessageId, start: int = 0, length: int | None = None
    ) -> bytes:
        """Return octets [start, start + length) of a message as it was received. Raises NotFound, Unavailable."""
        row = await self.row(actor, account_id, message_id)
        return await self._read(account_id, row.blob_id, row.wrapped_key, start, length)

    async def blob(
        self, actor: Actor, account_id: AccountId, blob_id: BlobId, start: int = 0, length: int | None = None
    ) -> bytes:
        """Return octets of a blob that the account refers to. Raises NotFound for any other."""
        rights.require(actor, account_id, "r")
        wrapped = await self._store.blob_key(account_id, blob_id)
        return await self._read(account_id, blob_id, wrapped, start, length)

    async def data_key(self, actor: Actor, account_id: AccountId, blob_id: BlobId) -> tuple[BlobRow, SealKey]:
        """Return where a blob of the account lies and its data key, to be wrapped for somebody else."""
        rights.require(actor, account_id, "r")
        keys = await self._keyring.account_by_id(account_id)
        wrapped = await self._store.blob_key(account_id, blob_id)
        return await self._store.blob(blob_id), keys.unwrap(blob_id, wrapped)

    async def _read(
        self, account_id: AccountId, blob_id: BlobId, wrapped: bytes, start: int, length: int | None
    ) -> bytes:
        account = await self._store.account(account_id)
        data_key = (await self._keyring.account(account)).unwrap(blob_id, wrapped)
        row = await self._store.blob(blob_id)
        try:
            return await self._blobs.read(row, account.organization_id, data_key, start, length)
        except NotFound:
            # Compaction may have moved it between the look-up and the read: look once more.
            row = await self._store.blob(blob_id)
            return await self._blobs.read(row, account.organization_id, data_key, start, length)
