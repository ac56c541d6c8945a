"""Which objects of an account hold a blob (RFC 9404 §4.3). Must not know how ids are written."""

from collections.abc import Sequence
from dataclasses import dataclass

from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, BlobId, MailboxId, MessageId, ThreadId
from smartmail.domain.principal import Actor
from smartmail.ports.store_sharing import SharingStore
from smartmail.service.mailbox.mailstore.reading import ReadingService


@dataclass(frozen=True, slots=True)
class BlobHolders:
    """What the actor can see of those who hold a blob; an upload that nobody uses has none."""

    messages: Sequence[MessageId] = ()
    threads: Sequence[ThreadId] = ()
    mailboxes: Sequence[MailboxId] = ()


class BlobLookupService:
    """Looks up who holds blobs."""

    def __init__(self, store: SharingStore, reading: ReadingService) -> None:
        self._store = store
        self._reading = reading

    async def holders(self, actor: Actor, account_id: AccountId, blob_id: BlobId) -> BlobHolders:
        """Return who holds a blob. Raises NotFound for one that the actor may not read."""
        await self._reading.reader(actor, account_id, blob_id, shows=False)
        rows = await self._store.blob_messages(account_id, blob_id)
        try:
            placed = await self._reading.placed(actor, account_id, [row.id for row in rows])
        except NotFound:
            placed = {}
        seen = [row for row in rows if row.id in placed]
        return BlobHolders(
            [row.id for row in seen],
            sorted({row.thread_id for row in seen}),
            sorted({box for row in seen for box in placed[row.id]}),
        )
