"""Commands on the mailbox tree: CREATE, DELETE, RENAME, SUBSCRIBE, LIST, LSUB, STATUS, NAMESPACE.

Each returns the untagged lines, the words and the code of its OK; errors of the catalogue go up to the session.
STANDARDS RFC 3501 §6.3, RFC 5258, RFC 5819, RFC 6154, RFC 8438, RFC 8474, RFC 9590.
"""

import contextlib
from collections.abc import Awaitable, Callable, Sequence

from smartmail.domain.errors import Invalid, NotFound, RateLimited
from smartmail.domain.ids import NO_PARENT, AccountId, MailboxId
from smartmail.domain.mailbox import OTHERS, SHARED, MailboxRole, MailboxRow
from smartmail.domain.principal import Actor
from smartmail.edge.imapd import annotations
from smartmail.edge.imapd.errors import HasChildrenError, UseAttributeError
from smartmail.edge.imapd.names import DELIMITER, ROLE_OF, SPECIAL_USE, path_of
from smartmail.edge.imapd.places import (
    Place,
    foreign_places,
    locate,
    mailbox_code,
    own_places,
    where,
)
from smartmail.proto.imap import commands, wire
from smartmail.proto.imap.commands import StatusItem
from smartmail.proto.imap.listing import Listed, select_rows
from smartmail.service.catalogue import Services
from smartmail.service.mailbox.mailstore.mailboxes import canonical_path

_STATUS: dict[StatusItem, Callable[[MailboxRow], int | str]] = {
    StatusItem.MESSAGES: lambda row: row.placements,
    StatusItem.UIDNEXT: lambda row: row.uidnext,
    StatusItem.UIDVALIDITY: lambda row: row.uidvalidity,
    StatusItem.UNSEEN: lambda row: row.unseen_placements,
    StatusItem.DELETED: lambda row: row.placements - row.total,
    StatusItem.SIZE: lambda row: row.size,
    StatusItem.HIGHESTMODSEQ: lambda row: max(1, row.highest_modseq),
}


Told = tuple[bytes, str, bytes]


class Tree:
    """The mailbox tree as the logged-in person sees it."""

    def __init__(self, services: Services, actor: Actor, max_append: int) -> None:
        self._services = services
        self._actor = actor
        self._max_append = max_append
        self.deleted: tuple[AccountId, MailboxId] | None = None
        """The mailbox that this command removed."""

    async def create(self, command: commands.Create, *, utf8: bool) -> Told:
        role = _role(command.special_use)
        mailboxes = self._services.mailboxes
        account, path = await where(self._services, self._actor, command.mailbox)
        if role is not None and any(one.row.role == role for one in await mailboxes.list_all(self._actor, account)):
            raise UseAttributeError("another mailbox has that use")
        row = await mailboxes.create_path(self._actor, account, path, role=role)
        if row.subscribed:
            # The mailbox itself says so from now on.
            await self._forget_subscription(command.mailbox)
        # RFC 8474 §4.1
        return b"", "created", f"MAILBOXID ({mailbox_code(self._actor, account, row.id)})".encode("ascii")

    async def delete(self, command: commands.Delete, *, utf8: bool) -> Told:
        place = await self._find(command.mailbox)
        row = place.mailbox.row
        if row.role == "inbox":
            raise Invalid("INBOX stays")
        mailboxes, account = self._services.mailboxes, place.account_id
        if any(one.row.parent_id == row.id for one in await mailboxes.list_all(self._actor, account)):
            raise HasChildrenError("mailboxes below it come first")
        await mailboxes.destroy(self._actor, account, row.id, with_messages=True)
        self.deleted = (account, row.id)
        if row.subscribed:
            # RFC 9051 §6.3.7: the name stays subscribed until the client says otherwise; those beyond a bound do not.
            with contextlib.suppress(RateLimited):
                await self._services.metadata.keep_subscription(self._actor, place.name, kept=True)
        return b"", "deleted", b""

    async def rename(self, command: commands.Rename, *, utf8: bool) -> Told:
        found = await self._find(command.mailbox)
        account, target = await where(self._services, self._actor, command.to)
        if account != found.account_id:
            raise Invalid("a mailbox stays in its account")
        if found.mailbox.row.role == "inbox":
            await self._rename_inbox(found, target)
            return b"", "the messages were moved", b""
        parent = await self._parent(account, target)
        await self._services.mailboxes.update(
            self._actor, account, found.mailbox.row.id, name=target[-1], parent_id=parent
        )
        return b"", "renamed", b""

    async def _rename_inbox(self, inbox: Place, target: tuple[str, ...]) -> None:
        """RFC 3501 §6.3.5: renaming INBOX moves its messages to a new mailbox and leaves INBOX empty."""
        account, row = inbox.account_id, inbox.mailbox.row
        made = await self._services.mailboxes.create_path(self._actor, account, target)
        shared = await self._services.views.open(self._actor, account, row.id)
        await self._services.messages.move(self._actor, account, row.id, list(shared.uids), made.id)

    async def _parent(self, account: AccountId, path: tuple[str, ...]) -> MailboxId:
        if len(path) == 1:
            return NO_PARENT
        mailboxes = self._services.mailboxes
        try:
            return (await mailboxes.find(self._actor, account, path[:-1])).row.id
        except NotFound:
            return (await mailboxes.create_path(self._actor, account, path[:-1])).id

    async def subscribe(self, command: commands.Subscribe, *, utf8: bool) -> Told:
        try:
            await self._set_subscribed(command.mailbox, subscribed=True)
        except NotFound:
            if _spelled(command.mailbox) not in await self._services.metadata.kept_subscriptions(self._actor):
                raise
        return b"", "subscribed", b""

    async def unsubscribe(self, command: commands.Unsubscribe, *, utf8: bool) -> Told:
        was_kept = await self._forget_subscription(command.mailbox)
        try:
            await self._set_subscribed(command.mailbox, subscribed=False)
        except NotFound:
            if not was_kept:
                raise
        return b"", "unsubscribed", b""

    async def _set_subscribed(self, name: str, *, subscribed: bool) -> None:
        found = await self._find(name)
        row = found.mailbox.row
        await self._services.mailboxes.update(self._actor, found.account_id, row.id, subscribed=subscribed)

    async def _forget_subscription(self, name: str) -> bool:
        """Take a name out of those that outlived their mailboxes; say whether it was there."""
        metadata, spelled = self._services.metadata, _spelled(name)
        if spelled not in await metadata.kept_subscriptions(self._actor):
            return False
        await metadata.keep_subscription(self._actor, spelled, kept=False)
        return True

    async def list(self, command: commands.List | commands.Lsub, *, utf8: bool) -> Told:
        places = await own_places(self._services, self._actor) + await foreign_places(self._services, self._actor)
        verb = b"LSUB" if isinstance(command, commands.Lsub) else b"LIST"
        by_name = {place.name: place for place in places}
        lines: list[bytes] = []
        listed = _listed(places, self._actor.account_id)
        if isinstance(command, commands.Lsub) or commands.ListSelect.SUBSCRIBED in command.select:
            gone = await self._services.metadata.kept_subscriptions(self._actor) - {one.name for one in listed}
            listed += [Listed(name, subscribed=True, exists=False) for name in gone]
        for row in select_rows(command, listed):
            lines.append(wire.list_line(row.name, row.attributes, child_info=row.child_info, utf8=utf8, verb=verb))
            if row.status and isinstance(command, commands.List):
                lines.append(await self._more(by_name[row.name], command, utf8=utf8))
        return b"".join(lines), "done", b""

    async def _more(self, place: Place, command: commands.List, *, utf8: bool) -> bytes:
        """Return what RETURN wants of one mailbox besides its name (RFC 5819, RFC 9590)."""
        told = b""
        if command.status:
            told += await self._status_line(place, command.status, utf8=utf8)
        if command.metadata:
            told += await annotations.listed(self._services, self._actor, place, command.metadata, utf8=utf8)
        return told

    async def status(self, command: commands.Status, *, utf8: bool) -> Told:
        return await self._status_line(await self._find(command.mailbox), command.items, utf8=utf8), "done", b""

    async def _status_line(self, place: Place, items: Sequence[StatusItem], *, utf8: bool) -> bytes:
        values = {item: await self._value(place, item) for item in dict.fromkeys(items)}
        return wire.status_line(place.name, values, utf8=utf8)

    async def _value(self, place: Place, item: StatusItem) -> int | str:
        row = place.mailbox.row
        if item is StatusItem.APPENDLIMIT:
            return self._max_append
        if item is StatusItem.MAILBOXID:
            return mailbox_code(self._actor, place.account_id, row.id)
        if item is StatusItem.RECENT:
            return await self._services.metadata.recent(place.account_id, row)
        if item is StatusItem.DELETED_STORAGE:
            return await self._deleted_storage(place)
        return _STATUS[item](row)

    async def _deleted_storage(self, place: Place) -> int:
        """RFC 9208 §4.1.4: what EXPUNGE would set free at most, in octets."""
        row = place.mailbox.row
        if row.placements == row.total:
            return 0
        shared = await self._services.views.open(self._actor, place.account_id, row.id)
        marked = [line.message_id for line in shared.entries if line.deleted]
        rows = await self._services.reading.rows(self._actor, place.account_id, marked)
        return sum(one.size for one in rows.values())

    async def namespace(self, command: commands.Namespace, *, utf8: bool) -> Told:
        others, shared = (OTHERS + DELIMITER, DELIMITER), (SHARED + DELIMITER, DELIMITER)
        return wire.namespace_line([("", DELIMITER)], [others], [shared], utf8=utf8), "done", b""

    async def _find(self, name: str) -> Place:
        return await locate(self._services, self._actor, name)


def _listed(places: Sequence[Place], own: AccountId) -> list[Listed]:
    """Return what LIST selects from, the levels above others' mailboxes too."""
    found = [
        Listed(
            place.name,
            subscribed=place.mailbox.row.subscribed,
            # RFC 6154 §2: the uses of somebody else's mailboxes are not this person's.
            special_use=_uses(place.mailbox.row.role) if place.account_id == own else (),
        )
        for place in places
    ]
    levels = {tuple(place.name.split(DELIMITER)[:2]) for place in places if place.account_id != own}
    known = {place.name for place in places}
    found += [Listed(top, selectable=False) for top in sorted({top for top, _login in levels} - known)]
    return found + [Listed(f"{top}{DELIMITER}{login}", selectable=False) for top, login in sorted(levels)]


def _spelled(name: str) -> str:
    """Return a name as our lists spell it."""
    return DELIMITER.join(canonical_path(path_of(name)))


def _uses(role: MailboxRole | None) -> tuple[str, ...]:
    return (SPECIAL_USE[role],) if role in SPECIAL_USE else ()


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
