"""The octets of a message as they leave: what only its writer may see is taken out, and what only this house may write.

STRATEGIES  A message that needs no change is sent from the blob that it has; its header is read for that, not its body.
SECURITY    Fields that readers believe of this house (Authentication-Results, X-SmartMail-…) do not go out with a draft
            that somebody made by hand: a colleague's filter would take them for ours.
Must not know the queue.
"""

from smartmail.domain.ids import AccountId
from smartmail.domain.message import BlobRow
from smartmail.domain.principal import Actor
from smartmail.formats.footer import pieces
from smartmail.formats.headers import exclude
from smartmail.formats.seal import SealKey
from smartmail.service.authentication.forgeries import forgeries, without
from smartmail.service.footers import Below
from smartmail.service.mailstore.reading import OpenMessage, ReadingService
from smartmail.service.sealed_blobs import SealedBlobs
from smartmail.service.sharing import SendingService

__all__ = ["Sendable"]


class Sendable:
    """Makes them. `host` is our name in mail that we write."""

    def __init__(self, reading: ReadingService, sending: SendingService, blobs: SealedBlobs, host: str) -> None:
        self._reading = reading
        self._sending = sending
        self._blobs = blobs
        self._host = host.lower()

    async def of(
        self, actor: Actor, account_id: AccountId, message: OpenMessage, below: Below | None = None
    ) -> tuple[BlobRow, SealKey]:
        """Return the blob to send: the message's own, or a new one with the Sender that it lacks and what stands `below`.

        Raises NotFound.
        """
        boxes, size = message.summary.addresses, message.summary.header_size
        sender = await self._sending.missing_sender(
            actor, [one.address for one in boxes.from_], [one.address for one in boxes.sender]
        )
        header = await self._reading.octets(actor, account_id, message.row.id, 0, size)
        cuts = forgeries(header, self._host)
        edits = {}
        if below is not None:

            async def read(start: int, length: int) -> bytes:
                return await self._reading.octets(actor, account_id, message.row.id, start, length)

            edits = await below.edits(message.summary.parts, header, read)
        if not boxes.bcc and not sender and not cuts and not edits:
            return await self._reading.data_key(actor, account_id, message.row.blob_id)
        octets = await self._reading.octets(actor, account_id, message.row.id)
        head = exclude(without(octets[:size], cuts), ("bcc",))
        chunks = pieces(message.summary.parts, edits, len(octets), sender + head)
        whole = b"".join(one if isinstance(one, bytes) else octets[slice(*one)] for one in chunks)
        stored = await self._blobs.store(actor.organization_id, whole)
        return stored.row, stored.data_key
