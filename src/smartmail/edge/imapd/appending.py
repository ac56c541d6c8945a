"""APPEND, MULTIAPPEND, CATENATE and REPLACE: messages stream in, are stored all or none (RFC 3501 §6.3.11, RFC 3502,
RFC 4469, RFC 8508).

LIMITS  Messages of one command become durable side by side, `PENDING` at most, so that they share syncs.
"""

import asyncio

from smartmail.domain.errors import MailError, NotFound, TooLarge
from smartmail.domain.ids import AccountId, MailboxId, Uid
from smartmail.domain.principal import Actor
from smartmail.edge.imapd import flags
from smartmail.edge.imapd.catenating import BadUrlError, octets_of
from smartmail.edge.imapd.dialog import Dialog
from smartmail.edge.imapd.errors import MessageGoneError, NulError
from smartmail.edge.imapd.places import Place, locate
from smartmail.proto.imap import wire
from smartmail.proto.imap.commands import AppendHead
from smartmail.proto.imap.events import AppendStart
from smartmail.service.catalogue import Services
from smartmail.service.kernel.intake import Content, Intake
from smartmail.service.mailbox.mailstore.keywords import checked
from smartmail.service.mailbox.mailstore.messages import Addition

PENDING = 32


class Appending:
    """One APPEND command on its way in."""

    def __init__(self, services: Services, actor: Actor, place: Place, largest: int) -> None:
        self._services = services
        self._actor = actor
        self._place = place
        self._largest = largest
        self._heads: list[AppendHead] = []
        self._contents: list[asyncio.Future[Content]] = []
        self._intake: Intake | None = None
        self._octets = 0
        self._replaced: tuple[AccountId, MailboxId, Uid] | None = None

    @classmethod
    async def begin(cls, dialog: Dialog, event: AppendStart) -> "Appending":
        """Find the mailbox, and the message that will go. Raises NotFound: the caller answers TRYCREATE (RFC 3501
        §6.3.11); MessageGoneError; Invalid.
        """
        services, actor, head = dialog.services, dialog.own(), event.message
        appending = cls(services, actor, await locate(services, actor, head.mailbox), dialog.config.max_append)
        if head.replaces is not None:
            selected = dialog.writable()
            await selected.sync()
            ranges = selected.view.resolve(head.replaces, uid=head.uid) or []
            uids = selected.uids(ranges)
            if len(uids) != 1 or selected.shared.entry(uids[0]) is None:
                raise MessageGoneError("no such message")
            appending._replaced = (selected.account_id, selected.mailbox_id, uids[0])
        return appending

    @property
    def replaces(self) -> bool:
        """Whether a message goes in the same step."""
        return self._replaced is not None

    async def start(self, event: AppendStart) -> None:
        """Begin one message. Raises StorageFull, OverQuota, Invalid (a flag that cannot be)."""
        names, _deleted = flags.split(event.message.flags)
        for name in names:
            checked(name)
        self._heads.append(event.message)
        self._octets = 0
        self._intake = await self._services.messages.begin(self._actor, self._place.account_id, event.size or 0)

    async def feed(self, data: bytes) -> None:
        """Take octets of the message that comes in. Raises TooLarge: parts by URL count too (RFC 4469 §5); NulError."""
        assert self._intake is not None
        if b"\x00" in data:
            # RFC 3501 §9: a literal is CHAR8; a literal8 may be refused (RFC 3516 §4.4).
            raise NulError("the message holds NUL; send it with a transfer encoding of base64")
        self._octets += len(data)
        if self._octets > self._largest:
            raise TooLarge
        await self._intake.feed(data)

    async def add_url(self, url: str) -> None:
        """Take what a URL names as the next part. Raises BadUrlError."""
        async for piece in octets_of(self._services, self._actor, url):
            await self.feed(piece)

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
        place, messages = self._place, self._services.messages
        row = place.mailbox.row
        old = self._replaced
        within = old is not None and old[0] == place.account_id
        added = await messages.add_many(
            self._actor,
            place.account_id,
            additions,
            [row.id],
            instead_of=old[1:] if old is not None and within else None,
        )
        if old is not None and not within:
            # Two accounts have no transaction in common: the new message is there before the old one goes.
            await messages.store_flags(self._actor, *old[:2], [old[2]], flags.change_of("add", [flags.DELETED]))
            await messages.expunge(self._actor, *old[:2], [old[2]])
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
    """Return TRYCREATE for a missing mailbox, BADURL for a part, None for the table's own code."""
    if isinstance(error, BadUrlError):
        return b"BADURL " + wire.quoted(error.url.encode("ascii", "replace").replace(b"]", b"%5D"))
    return b"TRYCREATE" if isinstance(error, NotFound) else None
