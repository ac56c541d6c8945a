"""Exporting: an account's messages as they came in, mailbox by mailbox.

Imported mail is given back with its own line ends and `From ` line, mail that came by protocol as it is stored. Must
not know files: export_files.py writes what comes out of here.
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass

from smartmail.domain.errors import Unavailable
from smartmail.domain.ids import AccountId, Uid
from smartmail.domain.mailbox import Mailbox
from smartmail.domain.message import MessageRow
from smartmail.domain.principal import Actor
from smartmail.formats.summary import Summary
from smartmail.ports.store_mail import MailReads
from smartmail.service.kernel import rights
from smartmail.service.mailbox import import_origin
from smartmail.service.mailbox.mailstore.keywords import KeywordService
from smartmail.service.mailbox.mailstore.mailboxes import MailboxService
from smartmail.service.mailbox.mailstore.reading import ReadingService

_NEVER = 1 << 62
PAGE = 256
"""Messages whose rows and summaries are looked up at once; their octets are read one by one."""


@dataclass(frozen=True, slots=True)
class Exported:
    """One message in one mailbox. `stored` are its octets with CRLF; `names` its keywords, JMAP spelling.

    `received_at` in seconds. Use `file_octets` and `mbox_octets` for the octets as they came in.
    """

    uid: Uid
    stored: bytes
    received_at: int
    names: tuple[str, ...]
    summary: Summary

    def file_octets(self) -> bytes:
        """Return the message as a file of its own."""
        return import_origin.file_octets(self.stored, import_origin.unpack(self.summary.origin))

    def mbox_octets(self) -> bytes:
        """Return the message as a stretch of an mbox file."""
        senders = self.summary.sender or self.summary.from_
        sender = senders[0].address if senders else ""
        origin = import_origin.unpack(self.summary.origin)
        return import_origin.mbox_octets(self.stored, origin, sender, self.received_at)


class ExportService:
    """Reads whole mailboxes."""

    def __init__(
        self, store: MailReads, mailboxes: MailboxService, reading: ReadingService, keywords: KeywordService
    ) -> None:
        self._store = store
        self._mailboxes = mailboxes
        self._reading = reading
        self._keywords = keywords

    async def mailboxes(self, actor: Actor, account_id: AccountId) -> list[Mailbox]:
        """Return the mailboxes that there are to export."""
        return await self._mailboxes.list_all(actor, account_id)

    async def messages(
        self, actor: Actor, account_id: AccountId, mailbox: Mailbox, since: int = 0, until: int | None = None
    ) -> AsyncIterator[Exported | tuple[Uid, str]]:
        r"""Yield the messages of a mailbox by ascending UID, without those marked \Deleted.

        Only those received from `since` to before `until` (milliseconds). A message that cannot be read is told as (UID,
        reason); the others go on.
        """
        rights.require(actor, account_id, "r")
        _row, lines = await self._store.view(account_id, mailbox.row.id)
        wanted = [line for line in lines if not line.deleted]
        for start in range(0, len(wanted), PAGE):
            page = wanted[start : start + PAGE]
            opened = await self._reading.messages(actor, account_id, [line.message_id for line in page])
            known = {one.row.id: one for one in opened}
            for line in page:
                message = known.get(line.message_id)
                if message is None or not since <= message.row.received_at < (until or _NEVER):
                    continue
                yield await self._read(actor, account_id, line.uid, message.row, message.summary)

    async def _read(
        self, actor: Actor, account_id: AccountId, uid: Uid, row: MessageRow, summary: Summary
    ) -> Exported | tuple[Uid, str]:
        try:
            stored = await self._reading.octets(actor, account_id, row.id)
        except Unavailable:
            raise
        except Exception as error:
            # Damaged or missing: named, like everything else that is wrong, by check-store.
            return uid, f"{type(error).__name__}: {error}"
        names = await self._keywords.show(account_id, row.keywords)
        return Exported(uid, stored, row.received_at // 1000, tuple(names), summary)
