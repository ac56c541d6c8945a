"""Queue entries for what others write: a person's letter, an external sender's, and both as they are handed on.

One of two builders; what the house itself writes is `service.kernel.house_letters`. Below every package that sends, so that all
of them can use it. Must not know why a letter is queued, nor write anything.
"""

from collections.abc import Sequence

from smartmail.domain.ids import AccountId, QueueEntryId
from smartmail.domain.queue import HoldReason, NewQueueEntry, QueueClass
from smartmail.ports.clock import Clock
from smartmail.service.kernel.clock import MAX_LIFETIME
from smartmail.service.kernel.envelope import Envelope, Recipient, new_entry
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.sealed_blobs import SealedBlob


class LetterEntries:
    """Builds them under the queue key of the organisation that holds the message."""

    def __init__(self, keyring: Keyring, clock: Clock) -> None:
        self._keyring = keyring
        self._clock = clock

    async def entry(
        self,
        source: SealedBlob,
        envelope: Envelope,
        recipients: Sequence[Recipient],
        *,
        account_id: AccountId | None = None,
        entry_id: QueueEntryId | None = None,
        created_at: int | None = None,
        next_at: int = 0,
        expires_at: int | None = None,
        hold: HoldReason | None = None,
        queue_class: QueueClass | None = None,
    ) -> NewQueueEntry:
        """Return an entry for a message that is durable.

        `created_at`: when it was accepted, in milliseconds, by default now; `next_at`: when it may leave (0: at once);
        `expires_at`: when trying ends, by default `MAX_LIFETIME` after that.
        """
        keys = await self._keyring.queue(source.organization_id)
        now = self._clock.now() if created_at is None else created_at
        return new_entry(
            keys, entry_id or self.new_id(), source.row, source.data_key, envelope, recipients,
            created_at=now, expires_at=(next_at or now) + MAX_LIFETIME if expires_at is None else expires_at,
            account_id=account_id, hold=hold, next_at=next_at, queue_class=queue_class,
        )  # fmt: skip

    def new_id(self) -> QueueEntryId:
        """Return the id of an entry that is to be made."""
        return QueueEntryId(self._clock.new_id())
