"""APPEND and MULTIAPPEND: messages stream in, are stored all or none (RFC 3501 §6.3.11, RFC 3502)."""

from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.mailbox import Mailbox
from smartmail.domain.principal import Actor
from smartmail.edge.imapd import flags
from smartmail.edge.imapd.names import path_of
from smartmail.proto.imap import wire
from smartmail.proto.imap.events import AppendStart
from smartmail.service.catalogue import Services
from smartmail.service.intake import Content, Intake


class Appending:
    """One APPEND command on its way in."""

    def __init__(self, services: Services, actor: Actor, mailbox: Mailbox) -> None:
        self._services = services
        self._actor = actor
        self._mailbox = mailbox
        self._done: list[tuple[Content, tuple[str, ...], int | None]] = []
        self._deleted: list[bool] = []
        self._intake: Intake | None = None
        self._facts: tuple[tuple[str, ...], int | None] = ((), None)

    @classmethod
    async def begin(cls, services: Services, actor: Actor, event: AppendStart) -> "Appending":
        """Find the mailbox. Raises NotFound; the caller answers TRYCREATE (RFC 3501 §6.3.11)."""
        mailbox = await services.mailboxes.find(actor, actor.account_id, path_of(event.message.mailbox))
        return cls(services, actor, mailbox)

    async def start(self, event: AppendStart) -> None:
        """Begin one message. Raises StorageFull."""
        names, deleted = flags.split(event.message.flags)
        date = event.message.date
        self._facts = (names, None if date is None else int(date.timestamp() * 1000))
        self._deleted.append(deleted)
        self._intake = await self._services.messages.begin(self._actor, self._actor.account_id, event.size)

    async def feed(self, data: bytes) -> None:
        """Take octets of the message that comes in."""
        assert self._intake is not None
        await self._intake.feed(data)

    async def stop(self) -> None:
        """The message is whole: make it durable."""
        assert self._intake is not None
        intake, self._intake = self._intake, None
        self._done.append((await intake.finish(), *self._facts))

    async def store(self) -> bytes:
        """Store all messages; return the APPENDUID code. Raises OverQuota, Invalid."""
        mailbox_id = self._mailbox.row.id
        added = await self._services.messages.add_many(self._actor, self._actor.account_id, self._done, [mailbox_id])
        uids = [one.placements[0][1] for one in added]
        marked = [uid for uid, deleted in zip(uids, self._deleted, strict=True) if deleted]
        if marked:
            change = flags.change_of("add", [flags.DELETED])
            await self._services.messages.store_flags(self._actor, self._actor.account_id, mailbox_id, marked, change)
        return wire.append_uid(self._mailbox.row.uidvalidity, uids)

    async def abort(self) -> None:
        """Forget everything of the command."""
        intake, self._intake = self._intake, None
        if intake is not None:
            await intake.abort()


def code_of(error: MailError) -> bytes | None:
    """Return TRYCREATE for a missing mailbox, None for the table's own code."""
    return b"TRYCREATE" if isinstance(error, NotFound) else None
