"""Commands on the mailbox tree: CREATE, DELETE, RENAME, SUBSCRIBE, LIST, LSUB, STATUS, NAMESPACE.

Each returns the untagged lines, the words and the code of its OK; errors of the catalogue go up to the session.
STANDARDS RFC 3501 §6.3, RFC 5258, RFC 5819, RFC 6154, RFC 8438, RFC 8474.
"""

from collections.abc import Awaitable, Callable

from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.ids import NO_PARENT, MailboxId
from smartmail.domain.mailbox import Mailbox, MailboxRole, MailboxRow
from smartmail.domain.principal import Actor
from smartmail.edge.imapd.errors import HasChildrenError, UseAttributeError
from smartmail.edge.imapd.names import ROLE_OF, listed, name_of, path_of
from smartmail.proto.imap import commands, wire
from smartmail.proto.imap.commands import StatusItem
from smartmail.proto.imap.listing import select_rows
from smartmail.service.catalogue import Services

_STATUS: dict[StatusItem, Callable[[MailboxRow], int | str]] = {
    StatusItem.MESSAGES: lambda row: row.placements,
    StatusItem.RECENT: lambda _row: 0,
    StatusItem.UIDNEXT: lambda row: row.uidnext,
    StatusItem.UIDVALIDITY: lambda row: row.uidvalidity,
    StatusItem.UNSEEN: lambda row: row.unseen_placements,
    StatusItem.DELETED: lambda row: row.placements - row.total,
    StatusItem.SIZE: lambda row: row.size,
    StatusItem.HIGHESTMODSEQ: lambda row: max(1, row.highest_modseq),
    StatusItem.MAILBOXID: lambda row: f"F{row.id}",
}


Told = tuple[bytes, str, bytes]


class Tree:
    """The mailbox tree of the logged-in account."""

    def __init__(self, services: Services, actor: Actor, max_append: int) -> None:
        self._services = services
        self._actor = actor
        self._max_append = max_append
        self.deleted: MailboxId | None = None
        """The mailbox that this command removed."""

    async def create(self, command: commands.Create, *, utf8: bool) -> Told:
        role = _role(command.special_use)
        mailboxes, account = self._services.mailboxes, self._actor.account_id
        path = path_of(command.mailbox)
        if role is not None and any(one.row.role == role for one in await mailboxes.list_all(self._actor, account)):
            raise UseAttributeError("another mailbox has that use")
        row = await mailboxes.create_path(self._actor, account, path, role=role)
        # RFC 8474 §4.1
        return b"", "created", b"MAILBOXID (F%d)" % row.id

    async def delete(self, command: commands.Delete, *, utf8: bool) -> Told:
        found = await self._find(command.mailbox)
        if found.row.role == "inbox":
            raise Invalid("INBOX stays")
        mailboxes, account = self._services.mailboxes, self._actor.account_id
        try:
            await mailboxes.destroy(self._actor, account, found.row.id, with_messages=True)
        except Forbidden:
            raise HasChildrenError("mailboxes below it come first") from None
        self.deleted = found.row.id
        return b"", "deleted", b""

    async def rename(self, command: commands.Rename, *, utf8: bool) -> Told:
        found = await self._find(command.mailbox)
        if found.row.role == "inbox":
            await self._rename_inbox(found, command.to)
            return b"", "the messages were moved", b""
        target = path_of(command.to)
        parent = await self._parent(target)
        await self._services.mailboxes.update(
            self._actor, self._actor.account_id, found.row.id, name=target[-1], parent_id=parent
        )
        return b"", "renamed", b""

    async def _rename_inbox(self, inbox: Mailbox, to: str) -> None:
        """RFC 3501 §6.3.5: renaming INBOX moves its messages to a new mailbox and leaves INBOX empty."""
        account = self._actor.account_id
        made = await self._services.mailboxes.create_path(self._actor, account, path_of(to))
        shared = await self._services.views.open(self._actor, account, inbox.row.id)
        await self._services.messages.move(self._actor, account, inbox.row.id, list(shared.uids), made.id)

    async def _parent(self, path: tuple[str, ...]) -> MailboxId:
        if len(path) == 1:
            return NO_PARENT
        try:
            return (await self._find("/".join(path[:-1]))).row.id
        except NotFound:
            made = await self._services.mailboxes.create_path(self._actor, self._actor.account_id, path[:-1])
            return made.id

    async def subscribe(self, command: commands.Subscribe, *, utf8: bool) -> Told:
        await self._set_subscribed(command.mailbox, subscribed=True)
        return b"", "subscribed", b""

    async def unsubscribe(self, command: commands.Unsubscribe, *, utf8: bool) -> Told:
        await self._set_subscribed(command.mailbox, subscribed=False)
        return b"", "unsubscribed", b""

    async def _set_subscribed(self, name: str, *, subscribed: bool) -> None:
        found = await self._find(name)
        await self._services.mailboxes.update(self._actor, self._actor.account_id, found.row.id, subscribed=subscribed)

    async def list(self, command: commands.List | commands.Lsub, *, utf8: bool) -> Told:
        mailboxes = await self._services.mailboxes.list_all(self._actor, self._actor.account_id)
        verb = b"LSUB" if isinstance(command, commands.Lsub) else b"LIST"
        wanted = command.status if isinstance(command, commands.List) else ()
        rows = {name_of(one): one.row for one in mailboxes}
        lines: list[bytes] = []
        for row in select_rows(command, listed(mailboxes)):
            lines.append(wire.list_line(row.name, row.attributes, child_info=row.child_info, utf8=utf8, verb=verb))
            if wanted and row.status:
                lines.append(wire.status_line(row.name, self._values(rows[row.name], wanted), utf8=utf8))
        return b"".join(lines), "done", b""

    async def status(self, command: commands.Status, *, utf8: bool) -> Told:
        found = await self._find(command.mailbox)
        return wire.status_line(name_of(found), self._values(found.row, command.items), utf8=utf8), "done", b""

    async def namespace(self, command: commands.Namespace, *, utf8: bool) -> Told:
        return wire.namespace_line([("", "/")], [], [], utf8=utf8), "done", b""

    def _values(self, row: MailboxRow, items: tuple[StatusItem, ...]) -> dict[StatusItem, int | str]:
        return {
            item: self._max_append if item is StatusItem.APPENDLIMIT else _STATUS[item](row)
            for item in dict.fromkeys(items)
        }

    async def _find(self, name: str) -> Mailbox:
        return await self._services.mailboxes.find(self._actor, self._actor.account_id, path_of(name))


def _role(uses: tuple[str, ...]) -> MailboxRole | None:
    """Return the role of a CREATE's special use. Raises UseAttributeError for one that no mailbox here can have."""
    if not uses:
        return None
    role = ROLE_OF.get(uses[0].lower())
    if role is None or len(uses) > 1:
        raise UseAttributeError("that special use is not offered")
    return role


Verb = Callable[..., Awaitable[Told]]
VERBS: dict[type, Callable[[Tree], Verb]] = {
    commands.Create: lambda tree: tree.create,
    commands.Delete: lambda tree: tree.delete,
    commands.Rename: lambda tree: tree.rename,
    commands.Subscribe: lambda tree: tree.subscribe,
    commands.Unsubscribe: lambda tree: tree.unsubscribe,
    commands.List: lambda tree: tree.list,
    commands.Lsub: lambda tree: tree.list,
    commands.Status: lambda tree: tree.status,
    commands.Namespace: lambda tree: tree.namespace,
}
