"""Reading: summaries opened once and kept, octets of messages by range.

IMAP FETCH, JMAP Email/get, lists and search read here and never parse mail. Must not know their wire forms.
LIMITS   Opened summaries are kept per process up to `cache_octets`; the oldest go first.
SECURITY Who looks at another's messages is on record before they are opened (service.kernel.audit.witness), or sees nothing.
         What is shown of a message beyond its header is noted first (first_reads); `shows` False: it stays inside, as for a
         search, or is of the header only.
         A message of another's account is read by whoever holds `r` on a mailbox that it lies in; others do not exist.
FAILURE  A summary that does not open is left out and logged; octets that do not open are Unavailable.
"""

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from smartmail.base import log
from smartmail.base.i18n import translate
from smartmail.domain.account import Account
from smartmail.domain.changes import Changes, ChangeType
from smartmail.domain.errors import NotFound, Unavailable
from smartmail.domain.ids import AccountId, BlobId, MailboxId, MessageId, ModSeq, OrganizationId, ThreadId
from smartmail.domain.message import BlobRow, MessageRow
from smartmail.domain.principal import Actor
from smartmail.domain.rights import Access
from smartmail.formats.seal import SealError, SealKey
from smartmail.formats.summary import Summary
from smartmail.ports.blobs import BlobDamaged
from smartmail.service.kernel.audit.witness import Witness
from smartmail.service.kernel.intake import open_summary
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.rights import Rights, since_when, within
from smartmail.service.kernel.sealed_blobs import SealedBlobs, VolumeAway
from smartmail.service.mailbox.mailstore.first_reads import FirstReads
from smartmail.service.mailbox.mailstore.foreign import (
    mailbox_changes,
    message_changes,
    thread_changes,
    threads_since,
)
from smartmail.service.mailbox.mailstore.store import Store
from smartmail.service.mailbox.sharing.personal import PersonalService

CACHE_OCTETS = 64 << 20
_ENTRY_OVERHEAD = 500


SEEN_BY: Mapping[ChangeType, str] = {"mailbox": "l", "message": "r", "thread": "r"}
"""The right on its mailbox by which an object of a kind is seen; other kinds belong to the whole account."""


@dataclass(frozen=True, slots=True)
class OpenMessage:
    """A message with its summary."""

    row: MessageRow
    summary: Summary


class OctetReader:
    """Reads one blob by range; everything that it needs has been looked up."""

    __slots__ = ("_blobs", "_data_key", "_language", "_organization_id", "_row", "_store")

    def __init__(
        self, store: Store, blobs: SealedBlobs, row: BlobRow, organization_id: OrganizationId, data_key: SealKey,
        language: str = "",
    ) -> None:  # fmt: skip
        """`language`: of who is told when the octets are away, "" where the door has words of its own."""
        self._store = store
        self._blobs = blobs
        self._row = row
        self._organization_id = organization_id
        self._data_key = data_key
        self._language = language

    @property
    def size(self) -> int:
        """Octets in all."""
        return self._row.size

    async def read(self, start: int = 0, length: int | None = None) -> bytes:
        """Return octets [start, start + length), fewer at the end. Raises Unavailable: away, or damaged."""
        try:
            return await self._read(start, length)
        except NotFound:
            # Compaction may have moved it between the look-up and the read: look once more.
            self._row = await self._store.blob(self._row.id)
            return await self._read(start, length)

    async def _read(self, start: int, length: int | None) -> bytes:
        try:
            return await self._blobs.read(self._row, self._organization_id, self._data_key, start, length)
        except VolumeAway as error:
            if self._language:
                raise VolumeAway(translate(self._language, "storage.away"), detail=error.detail) from error
            raise
        except (SealError, BlobDamaged) as error:
            log.event("message.unreadable", blob=self._row.id.hex(), error=str(error))
            raise Unavailable(detail=str(error)) from error


class ReadingService:
    """Opens what the store keeps sealed."""

    def __init__(
        self,
        store: Store,
        rights: Rights,
        keyring: Keyring,
        blobs: SealedBlobs,
        witness: Witness,
        cache_octets: int = CACHE_OCTETS,
    ) -> None:
        self._store = store
        self._witness = witness
        self._rights = rights
        self._personal = PersonalService(store)
        self._first = FirstReads(store)
        self._keyring = keyring
        self._blobs = blobs
        self._bound = cache_octets
        self._held = 0
        self._summaries: OrderedDict[tuple[AccountId, MessageId], tuple[Summary, int]] = OrderedDict()

    async def summaries(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, Summary]:
        """Return the summaries of those messages that exist. Raises NotFound (account)."""
        message_ids = await self._rights.visible(actor, account_id, message_ids)
        if message_ids:
            await self._witness.saw(actor, account_id, "list", message_ids)
        return await self._summaries_of(account_id, message_ids)

    async def _summaries_of(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> dict[MessageId, Summary]:
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
            try:
                summary = open_summary(keys, blob_id, sealed)
            except (SealError, ValueError) as error:
                log.event("message.unreadable", account=account_id, message=message_id, error=type(error).__name__)
                continue
            found[message_id] = summary
            self._keep(account_id, message_id, summary, len(sealed))
        return found

    def _keep(self, account_id: AccountId, message_id: MessageId, summary: Summary, octets: int) -> None:
        key = (account_id, message_id)
        if key in self._summaries:
            return  # somebody else opened it meanwhile
        cost = octets + _ENTRY_OVERHEAD
        self._summaries[key] = (summary, cost)
        self._held += cost
        while self._held > self._bound:
            _key, (_summary, freed) = self._summaries.popitem(last=False)
            self._held -= freed

    async def messages(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> list[OpenMessage]:
        """Return rows and summaries of those that exist, in the order asked."""
        rows = await self.rows(actor, account_id, message_ids)
        if rows:
            await self._witness.saw(actor, account_id, "list", list(rows))
        opened = await self._summaries_of(account_id, list(rows))
        return [OpenMessage(rows[one], opened[one]) for one in message_ids if one in rows and one in opened]

    async def rows(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, MessageRow]:
        """Return the rows of those messages that exist, with the actor's own marks where they are personal."""
        message_ids = await self._rights.visible(actor, account_id, message_ids)
        found = await self._store.messages(account_id, message_ids)
        return {row.id: row for row in await self._personal.rows(actor, account_id, found)}

    async def row(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> MessageRow:
        """Return one message's row. Raises NotFound."""
        rows = await self.rows(actor, account_id, [message_id])
        if not rows:
            raise NotFound
        return rows[message_id]

    async def shown(self, actor: Actor, account_id: AccountId, rows: Iterable[MessageRow]) -> set[MessageId]:
        """Note that the content of messages is about to be shown, all at once; return those that are still there."""
        return await self._first.note(actor, account_id, list(rows))

    async def readers(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId], *, shows: bool = True
    ) -> dict[MessageId, OctetReader]:
        """Return readers of the octets of those messages that exist and whose keys open: four look-ups for them all."""
        message_ids = await self._rights.visible(actor, account_id, message_ids)
        account = await self._store.account(account_id)
        keys = await self._keyring.account(account)
        rows = await self._store.messages(account_id, message_ids)
        blobs = {blob.id: blob for blob in await self._store.blobs([row.blob_id for row in rows])}
        if rows:
            await self._witness.saw(actor, account_id, "read", [row.id for row in rows])
        there = await self.shown(actor, account_id, rows) if shows else {row.id for row in rows}
        found: dict[MessageId, OctetReader] = {}
        for row in (one for one in rows if one.id in there):
            data_key = await self._data_key(account_id, keys, row.blob_id, row.wrapped_key)
            if row.blob_id in blobs and data_key is not None:
                blob = blobs[row.blob_id]
                language = _language(actor, account)
                found[row.id] = OctetReader(self._store, self._blobs, blob, account.organization_id, data_key, language)
        return found

    async def octets(
        self, actor: Actor, account_id: AccountId, message_id: MessageId, start: int = 0, length: int | None = None,
        *, shows: bool = True,
    ) -> bytes:  # fmt: skip
        """Return octets [start, start + length) of a message as it was received. Raises NotFound, Unavailable."""
        row = await self.row(actor, account_id, message_id)
        await self._witness.saw(actor, account_id, "read", [message_id])
        if shows and not await self.shown(actor, account_id, [row]):
            raise NotFound
        return await self._read(account_id, row.blob_id, row.wrapped_key, start, length)

    async def blob(
        self, actor: Actor, account_id: AccountId, blob_id: BlobId, start: int = 0, length: int | None = None
    ) -> bytes:
        """Return octets of a blob that the account refers to. Raises NotFound for any other."""
        await self._require_blob(actor, account_id, blob_id)
        wrapped = await self._store.blob_key(account_id, blob_id)
        return await self._read(account_id, blob_id, wrapped, start, length)

    async def reader(self, actor: Actor, account_id: AccountId, blob_id: BlobId, *, shows: bool = True) -> OctetReader:
        """Return a reader of a blob that the account refers to. Raises NotFound for any other, Unavailable."""
        await self._require_blob(actor, account_id, blob_id, shows=shows)
        account = await self._store.account(account_id)
        wrapped = await self._store.blob_key(account_id, blob_id)
        data_key = await self._data_key(account_id, await self._keyring.account(account), blob_id, wrapped)
        if data_key is None:
            raise Unavailable(detail="the data key does not open")
        row = await self._store.blob(blob_id)
        language = _language(actor, account)
        return OctetReader(self._store, self._blobs, row, account.organization_id, data_key, language)

    async def state(self, actor: Actor, account_id: AccountId, kind: ChangeType) -> ModSeq:
        """Return the highest modseq among a kind's changes (AR-5)."""
        state = await self._store.state(account_id, kind)
        if actor.account_id == account_id:
            return state
        access = await self._rights.require_kind(actor, account_id, kind)
        if kind not in SEEN_BY:
            return max(state, access.since)
        return await self._rights.seen_state(account_id, access, SEEN_BY[kind], state)

    async def changes(
        self, actor: Actor, account_id: AccountId, kind: ChangeType, since: ModSeq, limit: int
    ) -> Changes | None:
        """Return what happened to objects of a kind after `since`; None when the log does not reach back that far, or
        the actor's rights have changed since.
        """
        if actor.account_id == account_id:
            return await self._store.changes(account_id, kind, since, limit)
        return await self._foreign_changes(actor, account_id, kind, since, limit)

    async def _foreign_changes(
        self, actor: Actor, account_id: AccountId, kind: ChangeType, since: ModSeq, limit: int
    ) -> Changes | None:
        access = await self._rights.require_kind(actor, account_id, kind)
        if since < access.since:
            return None
        seen = await self.state(actor, account_id, kind)
        whole = SEEN_BY.get(kind, "") in {"", *access.everywhere}
        # Of a thread the person sees those messages that they see: what happened to it follows from them.
        asked: ChangeType = kind if whole or kind != "thread" else "message"
        found = await self._store.changes(account_id, asked, since, limit)
        if found is None:
            return None
        if not whole:
            found = await self._visible(account_id, access, kind, found, since)
        return within(found, seen, since)

    async def _visible(
        self, account_id: AccountId, access: Access, kind: ChangeType, found: Changes, since: ModSeq
    ) -> Changes:
        if kind == "mailbox":
            return mailbox_changes(found, access)
        readable = [row.id for row in await self._store.mailboxes(account_id) if access.has("r", row.id)]
        left, threads_left = await self._store.left(account_id, readable, since, found.until)
        ids = [MessageId(one) for one in (*found.created, *found.updated)]
        seen = since_when(await self._store.placements(account_id, [*ids, *left]), access)
        if kind == "message":
            return message_changes(found, since, seen, left)
        rows = await self._store.messages(account_id, [one for one in ids if one in seen])
        touched = list(dict.fromkeys(row.thread_id for row in rows))
        members = await self._store.thread(account_id, [*touched, *threads_left])
        placements = await self._store.placements(account_id, [message_id for _thread_id, message_id in members])
        return thread_changes(
            found, since, threads_since(members, since_when(placements, access)), touched, threads_left
        )

    async def placed(
        self, actor: Actor, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> dict[MessageId, list[MailboxId]]:
        """Return where messages lie, without placements marked deleted; a message that lies nowhere is left out."""
        access = await self._rights.access(actor, account_id)
        found: dict[MessageId, list[MailboxId]] = {}
        for placement in await self._store.placements(account_id, message_ids):
            if not placement.deleted and access.has("r", placement.mailbox_id):
                found.setdefault(placement.message_id, []).append(placement.mailbox_id)
        return found

    async def threads(
        self, actor: Actor, account_id: AccountId, thread_ids: Sequence[ThreadId]
    ) -> dict[ThreadId, list[MessageId]]:
        """Return the members of threads, oldest received first, deleted ones too."""
        members = await self._store.thread(account_id, thread_ids)
        seen = set(await self._rights.visible(actor, account_id, [message_id for _thread_id, message_id in members]))
        found: dict[ThreadId, list[MessageId]] = {}
        for thread_id, message_id in members:
            if message_id in seen:
                found.setdefault(thread_id, []).append(message_id)
        return found

    async def thread_counts(self, actor: Actor, account_id: AccountId) -> Mapping[MailboxId, tuple[int, int]]:
        """Return mailbox → (threads, threads with an unseen message): a walk over all messages, so ask rarely."""
        access = await self._rights.access(actor, account_id)
        counts = await self._store.thread_counts(account_id)
        if "r" in access.everywhere:
            return counts
        return {box: pair for box, pair in counts.items() if access.has("r", box)}

    async def window(
        self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId, position: int, limit: int
    ) -> tuple[list[MessageId], int]:
        """Return ids in a mailbox, newest received first, and how many there are in all. Raises NotFound."""
        await self._rights.require(actor, account_id, "r", mailbox_id)
        return await self._store.list_messages(account_id, mailbox_id, position=position, limit=limit)

    async def every_row(self, actor: Actor, account_id: AccountId) -> list[MessageRow]:
        """Return every message of the account that the actor may read, newest received first."""
        rows = await self._store.all_messages(account_id)
        if actor.account_id == account_id:
            return rows
        seen = set(await self._rights.visible(actor, account_id, [row.id for row in rows]))
        return await self._personal.rows(actor, account_id, [row for row in rows if row.id in seen])

    async def mailbox_ids(self, actor: Actor, account_id: AccountId) -> list[MailboxId]:
        """Return the ids of all mailboxes that the actor may read."""
        access = await self._rights.access(actor, account_id)
        return [row.id for row in await self._store.mailboxes(account_id) if access.has("r", row.id)]

    async def data_key(self, actor: Actor, account_id: AccountId, blob_id: BlobId) -> tuple[BlobRow, SealKey]:
        """Return where a blob of the account lies and its data key, to be wrapped for somebody else."""
        await self._require_blob(actor, account_id, blob_id)
        keys = await self._keyring.account_by_id(account_id)
        wrapped = await self._store.blob_key(account_id, blob_id)
        return await self._store.blob(blob_id), keys.unwrap(blob_id, wrapped)

    async def _require_blob(self, actor: Actor, account_id: AccountId, blob_id: BlobId, *, shows: bool = True) -> None:
        await self._rights.require_blob(actor, account_id, blob_id)
        own = self._witness.is_own(actor, account_id)
        rows = await self._store.blob_messages(account_id, blob_id) if shows or not own else []
        if not own:
            await self._witness.saw(actor, account_id, "read", [row.id for row in rows])
        if shows and rows and not await self.shown(actor, account_id, rows):
            raise NotFound

    async def _read(
        self, account_id: AccountId, blob_id: BlobId, wrapped: bytes, start: int, length: int | None
    ) -> bytes:
        account = await self._store.account(account_id)
        data_key = await self._data_key(account_id, await self._keyring.account(account), blob_id, wrapped)
        if data_key is None:
            raise Unavailable(detail="the data key does not open")
        row = await self._store.blob(blob_id)
        reader = OctetReader(self._store, self._blobs, row, account.organization_id, data_key)
        return await reader.read(start, length)

    async def _data_key(self, account_id: AccountId, keys: Sealer, blob_id: BlobId, wrapped: bytes) -> SealKey | None:
        """Return a blob's data key; None, and logged, where it does not open.

        A previous key may have been destroyed between the look-up and this: what is kept of both is read once more.
        """
        try:
            return keys.unwrap(blob_id, wrapped)
        except SealError:
            keys = await self._keyring.account_by_id(account_id)
        try:
            return keys.unwrap(blob_id, await self._store.blob_key(account_id, blob_id))
        except SealError as error:
            log.event("message.unreadable", blob=blob_id.hex(), error=type(error).__name__)
            return None


def _language(actor: Actor, account: Account) -> str:
    """Return the language of texts for doors that show ours; the others have words of their own."""
    return account.language if actor.origin.door in {"web", "jmap"} else ""
