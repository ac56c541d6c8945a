"""APPEND and MULTIAPPEND: messages stream in, are stored all or none (RFC 3501 §6.3.11, RFC 3502).

LIMITS  Messages of one command become durable side by side, `PENDING` at most, so that they share syncs.
"""

import asyncio

from smartmail.domain.errors import MailError, NotFound
from smartmail.domain.mailbox import Mailbox
from smartmail.domain.principal import Actor
from smartmail.edge.imapd import flags
from smartmail.edge.imapd.names import path_of
from smartmail.proto.imap import wire
from smartmail.proto.imap.commands import AppendHead
from smartmail.proto.imap.events import AppendStart
from smartmail.service.catalogue import Services
from smartmail.service.intake import Content, Intake
from smartmail.service.mailstore.keywords import checked
from smartmail.service.mailstore.messages import Addition

PENDING = 32


class Appending:
    """One APPEND command on its way in."""

    def __init__(self, services: Services, actor: Actor, mailbox: Mailbox) -> None:
        self._services = services
        self._actor = actor
        self._mailbox = mailbox
        self._heads: list[AppendHead] = []
        self._contents: list[asyncio.Future[Content]] = []
        self._intake: Intake | None = None

    @classmethod
    async def begin(cls, services: Services, actor: Actor, event: AppendStart) -> "Appending":
        """Find the mailbox. Raises NotFound; the caller answers TRYCREATE (RFC 3501 §6.3.11)."""
        mailbox = await services.mailboxes.find(actor, actor.account_id, path_of(event.message.mailbox))
        return cls(services, actor, mailbox)

    async def start(self, event: AppendStart) -> None:
        """Begin one message. Raises StorageFull, OverQuota, Invalid (a flag that cannot be)."""
        names, _deleted = flags.split(event.message.flags)
        for name in names:
            checked(name)
        self._heads.append(event.message)
        self._intake = await self._services.messages.begin(self._actor, self._actor.account_id, event.size)

    async def feed(self, data: bytes) -> None:
        """Take octets of the message that comes in."""
        assert self._intake is not None
        await self._intake.feed(data)

    async def stop(self) -> None:
        """The message is whole: let it become durable. Raises what an earlier message of the command met."""
        assert self._intake is not None
        intake, self._intake = self._intake, None
        self._contents.append(asyncio.ensure_future(intake.finish()))
        if len(self._contents) >= PENDING:
            await self._contents[-PENDING]

    async def store(self) -> bytes:
        """Store all messages; return the APPENDUID code. Raises OverQuota, Invalid, NotFound, StorageFull."""
        await asyncio.gather(*self._contents, return_exceptions=True)
        contents = [future.result() for future in self._contents]
        additions = [_addition(content, head) for content, head in zip(contents, self._heads, strict=True)]
        row = self._mailbox.row
        added = await self._services.messages.add_many(self._actor, self._actor.account_id, additions, [row.id])
        return wire.append_uid(row.uidvalidity, [one.placements[0][1] for one in added])

    async def abort(self) -> None:
        """Forget everything of the command; what is durable already is collected as an orphan."""
        intake, self._intake = self._intake, None
        if intake is not None:
            await intake.abort()
        await asyncio.gather(*self._contents, return_exceptions=True)


def _addition(content: Content, head: AppendHead) -> Addition:
    names, deleted = flags.split(head.flags)
    received_at = None if head.date is None else int(head.date.timestamp() * 1000)
    return Addition(content, names, received_at, deleted)


def code_of(error: MailError) -> bytes | None:
    """Return TRYCREATE for a missing mailbox, None for the table's own code."""
    return b"TRYCREATE" if isinstance(error, NotFound) else None
