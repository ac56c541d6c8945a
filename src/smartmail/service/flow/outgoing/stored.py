"""A stored message as it leaves: what it lacks is put in front (RFC 6409 §8), what only its writer may see is taken out, and
what only this house may write.

STRATEGIES  A message that needs no change is sent from the blob that it has; its header is read for that, not its body. Else
            its body goes from blob to blob, CHUNK at a time.
SECURITY    Fields that readers believe of this house (Authentication-Results, X-SmartMail-…) do not go out with a draft
            made by hand: a colleague's filter would take them for ours. Bcc never leaves (RFC 8621 §7.5).
Must not know the queue.
"""

from dataclasses import dataclass
from typing import Final

from smartmail.domain.ids import AccountId
from smartmail.domain.principal import Actor
from smartmail.formats import summary as summaries
from smartmail.formats.dates import format_date
from smartmail.formats.headers import Header, exclude
from smartmail.policy.security_labels import Chosen
from smartmail.ports.clock import Clock
from smartmail.service.flow.authentication.forgeries import forgeries, without
from smartmail.service.flow.outgoing.completing import header_too_large, is_seen_whole, missing_fields
from smartmail.service.flow.outgoing.labelling import Labelling
from smartmail.service.kernel.clock import SECOND
from smartmail.service.kernel.intake import Content, Intake
from smartmail.service.kernel.sealed_blobs import SealedBlob, SealedBlobs
from smartmail.service.mailbox.mailstore.reading import OpenMessage, ReadingService
from smartmail.service.mailbox.secure_mail.wishes import FIELD
from smartmail.service.mailbox.sharing import SendingService

CHUNK: Final = 1 << 20


@dataclass(frozen=True, slots=True)
class Leaving:
    """A stored message as it leaves. `secure`: what its X-SmartMail-Secure field said, which does not."""

    content: Content
    secure: str


class Sendable:
    """Makes them. `host` is our name in mail that we write."""

    def __init__(
        self, reading: ReadingService, sending: SendingService, blobs: SealedBlobs, clock: Clock, host: str,
        labels: Labelling,
    ) -> None:  # fmt: skip
        self._labels = labels
        self._reading = reading
        self._sending = sending
        self._blobs = blobs
        self._clock = clock
        self._host = host.lower()

    async def of(self, actor: Actor, account_id: AccountId, message: OpenMessage, label: Chosen) -> "Leaving":
        """Return what to send: the message's own bytes, or new ones with the fields that it lacks and the label that it carries.

        Raises NotFound, TooLarge (its header), StorageFull, Unavailable.
        """
        boxes, size = message.summary.addresses, message.summary.header_size
        block = await self._reading.octets(actor, account_id, message.row.id, 0, size)
        header = Header(block)
        if not is_seen_whole(header):
            raise header_too_large()
        lines = await self._sending.missing_sender(
            actor, [one.address for one in boxes.from_], [one.address for one in boxes.sender]
        )
        date = format_date(self._clock.now() // SECOND, 0)
        lines += missing_fields(header, date, f"{self._clock.new_id():x}@{self._host}")
        cuts = forgeries(block, self._host)
        if not boxes.bcc and not lines and not cuts and label.label is None:
            row, data_key = await self._reading.data_key(actor, account_id, message.row.blob_id)
            blob = SealedBlob(row, actor.organization_id, data_key)
            return Leaving(Content(blob, message.summary, summaries.encode(message.summary), b""), "")
        rest = await self._labels.written(actor, label, exclude(without(block, cuts), ("bcc",)))
        changed = await self._changed(actor, account_id, message, lines + rest)
        return Leaving(changed, header.text(FIELD) or "")

    async def _changed(self, actor: Actor, account_id: AccountId, message: OpenMessage, header: bytes) -> Content:
        """Return new bytes: another header before the same body."""
        intake = await Intake.begin(self._blobs, actor.organization_id, size_hint=message.row.size)
        try:
            await intake.feed(header)
            for start in range(message.summary.parts[0].body_start, message.row.size, CHUNK):
                await intake.feed(await self._reading.octets(actor, account_id, message.row.id, start, CHUNK))
            return await intake.finish()
        except BaseException:
            await intake.abort()
            raise
