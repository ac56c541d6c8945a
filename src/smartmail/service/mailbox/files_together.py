"""All attachments of a message in one ZIP, made while it goes out.

LIMITS     `MOST_FILES` files of `MOST_OCTETS` together, as they lie in the message; one file is at hand at a time.
SECURITY   Whoever may not read the message gets none of it; whether attachments may be saved is for service.people.saving to say,
           and for whoever calls this to ask. On record with its counts before the first octet.
Must not know: how a download is asked for.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound, TooLarge
from smartmail.domain.ids import AccountId, MessageId
from smartmail.domain.principal import Actor
from smartmail.formats.mime.parts import Part
from smartmail.formats.mime.transfer import decode_body
from smartmail.formats.zip_stream import ZipStream
from smartmail.ports.clock import Clock
from smartmail.ports.store_audit import AuditLog
from smartmail.service.kernel.audit.texts import RecordTexts
from smartmail.service.mailbox.export_files import safe_name
from smartmail.service.mailbox.mailstore.reading import OctetReader, OpenMessage, ReadingService

MOST_FILES: Final = 500
MOST_OCTETS: Final = 512 << 20
_KOREA_MINUTES: Final = 9 * 60
_ENDINGS: Final = {"message/rfc822": ".eml", "text/calendar": ".ics", "text/plain": ".txt", "text/html": ".html"}


@dataclass(frozen=True, slots=True)
class FilesOfMessage:
    """What goes out."""

    message: OpenMessage
    reader: OctetReader
    files: Sequence[Part]


class FilesTogether:
    """Makes the archives."""

    def __init__(self, store: AuditLog, reading: ReadingService, texts: RecordTexts, clock: Clock) -> None:
        self._store = store
        self._reading = reading
        self._texts = texts
        self._clock = clock

    async def find(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> FilesOfMessage:
        """Return the attachments of a message. Raises NotFound (no such message, or none in it), TooLarge."""
        message = next(iter(await self._reading.messages(actor, account_id, [message_id])), None)
        reader = (await self._reading.readers(actor, account_id, [message_id])).get(message_id)
        if message is None or reader is None:
            raise NotFound
        files = [part for part in message.summary.parts if part.is_file]
        if not files:
            raise NotFound
        if len(files) > MOST_FILES or sum(part.body_end - part.body_start for part in files) > MOST_OCTETS:
            raise TooLarge(f"at most {MOST_FILES} files of {MOST_OCTETS} octets together")
        return FilesOfMessage(message, reader, files)

    async def record(self, actor: Actor, account_id: AccountId, found: FilesOfMessage) -> None:
        """Put on record who took what out. Raises Unavailable."""
        now, thing = self._clock.now(), f"message:{account_id}/{found.message.row.id}"
        facts = {"files": len(found.files), "octets": sum(part.body_end - part.body_start for part in found.files)}
        sealed = await self._texts.seal(actor.organization_id, "attachment.save", thing, now, facts)
        record = AuditRecord(
            now, actor.named, "attachment.save", thing, actor.origin.address, sealed, actor.origin.door
        )
        await self._store.audit(record, actor.account_id)

    async def pieces(self, found: FilesOfMessage) -> AsyncIterator[bytes]:
        """Yield the octets of the archive. Raises NotFound when the message goes away meanwhile."""
        archive, used = ZipStream(_KOREA_MINUTES), set[str]()
        for part in found.files:
            stored = await found.reader.read(part.body_start, part.body_end - part.body_start)
            arguments = (_unique(part, used), part.encoding, stored, found.message.row.received_at // 1000)
            yield await asyncio.to_thread(_packed, archive, *arguments)
        yield archive.finish()


def _packed(archive: ZipStream, name: str, encoding: str, stored: bytes, at: int) -> bytes:
    return archive.add(name, decode_body(stored, encoding), at)


def _unique(part: Part, used: set[str]) -> str:
    """Return a name for a file, with a number where another one is called so."""
    name = safe_name("".join(char for char in part.name if char.isprintable())) if part.name else ""
    name = name or "file" + _ENDINGS.get(part.type, "")
    stem, dot, ending = name.rpartition(".")
    if not stem:
        stem, dot, ending = name, "", ""
    number = 1
    # Not all file systems tell capitals apart.
    while name.casefold() in used:
        number += 1
        name = f"{stem} ({number}){dot}{ending}"
    used.add(name.casefold())
    return name
