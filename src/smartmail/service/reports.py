"""Reports to senders: what could not be delivered, what is late, what was delivered (RFC 3464).

Makes the message and its queue entry; service.queue enqueues it in the commit that records the failure, so that no
sender is left without word.
"""

from dataclasses import dataclass

from smartmail.domain.ids import QueueEntryId
from smartmail.domain.queue import NewQueueEntry, QueueEntryRow
from smartmail.ports.clock import Clock
from smartmail.ports.store import Store
from smartmail.service.clock import DAY
from smartmail.service.envelope import Envelope, Recipient, Result, new_entry
from smartmail.service.keyring import Keyring
from smartmail.service.sealed_blobs import SealedBlobs

RETURNED_OCTETS = 64 * 1024
"""Of the original's header and text: enough to know it by, without sending a big message back."""
LIFETIME = 5 * DAY


@dataclass(frozen=True, slots=True)
class Notice:
    """What the sender must be told, failed, delayed or delivered recipients."""

    entry: QueueEntryRow
    envelope: Envelope
    failed: tuple[tuple[Recipient, Result], ...] = ()
    delayed: tuple[tuple[Recipient, Result], ...] = ()
    delivered: tuple[tuple[Recipient, Result], ...] = ()


class ReportService:
    """Builds delivery status notifications."""

    def __init__(self, store: Store, keyring: Keyring, blobs: SealedBlobs, clock: Clock, host: str) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._clock = clock
        self._host = host

    async def entry(self, notice: Notice) -> NewQueueEntry:
        """Return a queue entry that carries the report; its blob is durable already."""
        octets = await self._build(notice)
        organization_id = notice.entry.organization_id
        blob = await self._blobs.store(organization_id, octets)
        keys = await self._keyring.queue(organization_id)
        now = self._clock.now()
        # RFC 3464 §2: the report goes out with the null reverse-path, so that it can never cause another one.
        envelope = Envelope("", language=notice.envelope.language)
        return new_entry(
            keys, QueueEntryId(self._clock.new_id()), blob.row, blob.data_key, envelope,
            [Recipient(notice.envelope.reverse_path, ("NEVER",))], created_at=now, expires_at=now + LIFETIME,
        )  # fmt: skip

    async def _build(self, notice: Notice) -> bytes:
        raise NotImplementedError
