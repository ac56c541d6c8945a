"""Adopting: a blob that the account holds already becomes a message without being stored a second time.

Used where a client uploads a message first and asks to keep it afterwards (RFC 8621 §4.8). Must not know JMAP.
"""

import asyncio
import hashlib

from smartmail.domain.errors import Invalid
from smartmail.domain.ids import AccountId, BlobId
from smartmail.domain.principal import Actor
from smartmail.formats.headers import split_fields
from smartmail.formats.lineends import to_crlf
from smartmail.formats.mime.scanner import Scanner
from smartmail.service.kernel.intake import Content, content_of
from smartmail.service.kernel.sealed_blobs import SealedBlob
from smartmail.service.mailbox.mailstore.messages import MessageService
from smartmail.service.mailbox.mailstore.reading import OctetReader, ReadingService

CHUNK = 1 << 20
LOOKED_AT = 64 * 1024
"""Octets in which the first header field must end."""


async def adopt(
    reading: ReadingService, messages: MessageService, actor: Actor, account_id: AccountId, blob_id: BlobId
) -> Content:
    """Return the blob as content that can be added to mailboxes.

    A blob with line ends other than CRLF is stored anew in the form that mail has. Raises NotFound; Invalid when the
    octets do not begin as a message does; OverQuota, StorageFull, Unavailable.
    """
    reader = await reading.reader(actor, account_id, blob_id)
    head = await reader.read(0, LOOKED_AT)
    if not any(field.name for field in split_fields(head, limit=1)):
        raise Invalid("this is not a message")
    scanner, digest, last = Scanner(), hashlib.sha256(), b""
    for start in range(0, reader.size, CHUNK):
        chunk = await reader.read(start, CHUNK)
        if not _is_crlf(last, chunk):
            return await _stored_anew(messages, actor, account_id, reader)
        scanner.feed(chunk)
        digest.update(chunk)
        last = chunk[-1:]
        await asyncio.sleep(0)
    if last == b"\r":
        return await _stored_anew(messages, actor, account_id, reader)
    row, data_key = await reading.data_key(actor, account_id, blob_id)
    return content_of(SealedBlob(row, actor.organization_id, data_key), scanner.finish(), digest.digest())


def _is_crlf(before: bytes, chunk: bytes) -> bool:
    """Say whether each line end in the chunk is CRLF; a CR at its end is judged with the next one."""
    octets = before + chunk if before == b"\r" else chunk
    pairs = octets.count(b"\r\n")
    returns = octets.count(b"\r") - octets.endswith(b"\r")
    return octets.count(b"\n") == pairs == returns


async def _stored_anew(messages: MessageService, actor: Actor, account_id: AccountId, reader: OctetReader) -> Content:
    octets = await asyncio.to_thread(to_crlf, await reader.read())
    intake = await messages.begin(actor, account_id, len(octets[0]))
    await intake.feed(octets[0])
    return await intake.finish()
