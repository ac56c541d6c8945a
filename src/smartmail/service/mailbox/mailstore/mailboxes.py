"""Mailboxes: names, tree, roles.

Names are sealed; uniqueness under a parent is kept by a keyed hash of the NFC name.
The inbox answers to INBOX in any case (RFC 3501 §5.1) and lies at the root.
"""

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import replace

from smartmail.domain.account import Account
from smartmail.domain.errors import AlreadyExists, Forbidden, Invalid, NotFound
from smartmail.domain.ids import NO_PARENT, AccountId, MailboxId, MessageId
from smartmail.domain.mailbox import (
    MAX_DEPTH,
    MAX_NAME_OCTETS,
    OTHERS,
    SHARED,
    Mailbox,
    MailboxRole,
    MailboxRow,
    NewMailbox,
    is_reserved,
)
from smartmail.domain.principal import Actor
from smartmail.formats.seal import Kind, Purpose
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights
from smartmail.service.mailbox.mailstore.foreign import shown_to
from smartmail.service.mailbox.mailstore.store import Store

DEFAULT_MAILBOXES: tuple[tuple[MailboxRole, str], ...] = (
    ("inbox", "INBOX"), ("sent", "Sent"), ("drafts", "Drafts"), ("trash", "Trash"), ("junk", "Junk"),
    ("archive", "Archive"),
)  # fmt: skip
"""Plain names that every client knows; the webmail shows them by role in the reader's language."""
SORT_STEP = 10
MAX_OPENED_NAMES = 50_000
"""Opened names kept per process, some 200 octets each: every LIST asks for all of an account's."""
NAME_KIND = Kind.MAILBOX_NAME
_RESERVED = "mailboxes of other people are shown under that name: choose another one"


class MailboxService:
    """Reads and changes the mailbox tree of an account."""

    def __init__(self, store: Store, rights: Rights, keyring: Keyring, hints: Hints) -> None:
        self._store = store
        self._rights = rights
        self._keyring = keyring
        self._hints = hints
        self._opened: dict[tuple[AccountId, bytes], str] = {}

    async def list_all(self, actor: Actor, account_id: AccountId) -> list[Mailbox]:
        """Return all mailboxes with opened names and paths, parents before children. Raises NotFound.

        Of another's account those that the actor may see (`l`); one whose parent they may not see lies at the root.
        """
        keys = await self._keyring.account_by_id(account_id)
        if actor.account_id == account_id:
            rows = await self._store.mailboxes(account_id)
            return tree(rows, {row.id: self._name(keys, account_id, row.sealed_name) for row in rows})
        rows = await self._foreign_rows(actor, account_id)
        return tree(rows, distinct(rows, {row.id: self._name(keys, account_id, row.sealed_name) for row in rows}))

    async def _foreign_rows(self, actor: Actor, account_id: AccountId) -> list[MailboxRow]:
        access = await self._rights.access(actor, account_id)
        rows = await self._store.mailboxes(account_id)
        said = await self._store.person_subscriptions(account_id, actor.account_id)
        unseen = await self._store.person_unseen(account_id, actor.account_id) if access.personal else {}
        return shown_to(rows, access, said, unseen)

    def _name(self, keys: Sealer, account_id: AccountId, sealed: bytes) -> str:
        """Open a name once: a sealed form is never used for another name."""
        name = self._opened.get((account_id, sealed))
        if name is None:
            while len(self._opened) >= MAX_OPENED_NAMES:
                del self._opened[next(iter(self._opened))]
            name = self._opened[account_id, sealed] = keys.open_text(NAME_KIND, sealed)
        return name

    async def get(self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId) -> Mailbox:
        """Return one mailbox. Raises NotFound."""
        for mailbox in await self.list_all(actor, account_id):
            if mailbox.row.id == mailbox_id:
                return mailbox
        raise NotFound

    async def find(self, actor: Actor, account_id: AccountId, path: Sequence[str]) -> Mailbox:
        """Return the mailbox at a path; "INBOX" in any case is the inbox. Raises NotFound."""
        wanted = canonical_path(path)
        if actor.account_id != account_id:
            return await self._find_foreign(actor, account_id, wanted)
        keys = await self._keyring.account_by_id(account_id)
        rows = await self._store.mailboxes(account_id)
        parent, found = NO_PARENT, None
        for name in wanted:
            # By the keyed hash, so that no name of the tree is opened.
            hashed = name_hash(keys, name)
            found = next((row for row in rows if row.parent_id == parent and row.name_hash == hashed), None)
            if found is None:
                raise NotFound
            parent = found.id
        if found is None:
            raise NotFound
        return Mailbox(found, wanted[-1], wanted)

    async def _find_foreign(self, actor: Actor, account_id: AccountId, path: tuple[str, ...]) -> Mailbox:
        for mailbox in await self.list_all(actor, account_id):
            if mailbox.path == path:
                return mailbox
        raise NotFound

    async def by_role(self, actor: Actor, account_id: AccountId, role: MailboxRole) -> Mailbox:
        """Return the mailbox that plays a role. Raises NotFound."""
        for mailbox in await self.list_all(actor, account_id):
            if mailbox.row.role == role:
                return mailbox
        raise NotFound

    async def own_inbox(self, actor: Actor) -> MailboxId | None:
        """Return the number of the actor's inbox; nothing is opened for it."""
        rows = await self._store.mailboxes(actor.account_id)
        return next((row.id for row in rows if row.role == "inbox"), None)

    async def create_defaults(self, account: Account) -> None:
        """Make the mailboxes that every account has; those that exist are left as they are."""
        keys = await self._keyring.account(account)

        async def body(tx: MailTx) -> None:
            held = {row.role for row in await tx.mailboxes()}
            for position, (role, name) in enumerate(DEFAULT_MAILBOXES):
                if role not in held:
                    await tx.create_mailbox(new_mailbox(keys, NO_PARENT, name, role, (position + 1) * SORT_STEP))

        await self._store.write(account.id, body)

    async def create(
        self,
        actor: Actor,
        account_id: AccountId,
        name: str,
        *,
        parent_id: MailboxId = NO_PARENT,
        role: MailboxRole | None = None,
        subscribed: bool = True,
        sort_order: int = 0,
    ) -> MailboxRow:
        """Make a mailbox under a parent, whose grants it takes over (RFC 4314 §4: `k` on the parent).

        Raises Invalid (name, depth), NotFound (parent), AlreadyExists, Forbidden.
        """
        await self._rights.require_place(actor, account_id, "k", parent_id)
        keys = await self._keyring.account(await self._store.account(account_id))
        new = new_mailbox(keys, parent_id, checked_name(name), role, sort_order, subscribed=subscribed)

        async def body(tx: MailTx) -> MailboxRow:
            rows = await tx.mailboxes()
            _check_place(rows, parent_id, name)
            if is_reserved((*_path(keys, rows, parent_id), checked_name(name))):
                raise Invalid(_RESERVED, reason="folder.reserved")
            made = await tx.create_mailbox(new)
            if parent_id != NO_PARENT:
                await tx.copy_grants(parent_id, made.id)
            return made

        row = await self._store.write(account_id, body)
        if parent_id != NO_PARENT:
            self._rights.changed(account_id)
        self._hints.account_changed(account_id)
        return row

    async def create_path(
        self, actor: Actor, account_id: AccountId, path: Sequence[str], *, role: MailboxRole | None = None
    ) -> MailboxRow:
        """Make the mailbox at a path and the parents it lacks (RFC 3501 §6.3.3). Raises AlreadyExists, Invalid."""
        wanted = canonical_path(path)
        if len(wanted) > MAX_DEPTH or not wanted:
            raise Invalid("too deep", reason="folder.deep")
        known = {mailbox.path: mailbox.row for mailbox in await self.list_all(actor, account_id)}
        if wanted in known:
            raise AlreadyExists
        parent = NO_PARENT
        for depth in range(1, len(wanted)):
            row = known.get(wanted[:depth]) or await self.create(actor, account_id, wanted[depth - 1], parent_id=parent)
            parent = row.id
        return await self.create(actor, account_id, wanted[-1], parent_id=parent, role=role)

    async def update(
        self,
        actor: Actor,
        account_id: AccountId,
        mailbox_id: MailboxId,
        *,
        name: str | None = None,
        parent_id: MailboxId | None = None,
        role: str | None = None,
        subscribed: bool | None = None,
        sort_order: int | None = None,
    ) -> MailboxRow:
        """Rename, move, give or take (role "") a role, subscribe. Raises Invalid, NotFound, AlreadyExists, Forbidden."""
        own = actor.account_id == account_id
        if not own:
            await self._require_update(actor, account_id, mailbox_id, name, parent_id, role, sort_order)
        keys = await self._keyring.account(await self._store.account(account_id))

        async def body(tx: MailTx) -> MailboxRow:
            rows = await tx.mailboxes()
            row = _row(rows, mailbox_id)
            if subscribed is not None and not own:
                await tx.set_person_subscribed(actor.account_id, mailbox_id, subscribed=subscribed)
                if name is None and parent_id is None and role is None and sort_order is None:
                    return row
            if row.role == "inbox" and (name is not None or parent_id is not None or role is not None):
                raise Forbidden("the inbox keeps its name and place", reason="folder.inbox")
            target = row.parent_id if parent_id is None else parent_id
            wanted = keys.open_text(NAME_KIND, row.sealed_name) if name is None else checked_name(name)
            if name is not None or parent_id is not None:
                _check_place(rows, target, wanted)
                _check_no_loop(rows, mailbox_id, target)
                _check_moved(keys, rows, replace(row, parent_id=target), wanted)
            renamed = name is not None or parent_id is not None
            return await tx.update_mailbox(
                mailbox_id,
                parent_id=parent_id,
                sealed_name=keys.seal_text(NAME_KIND, wanted) if renamed else None,
                name_hash=name_hash(keys, wanted) if renamed else None,
                role=role,
                subscribed=subscribed if own else None,
                sort_order=sort_order,
            )

        row = await self._store.write(account_id, body)
        self._hints.account_changed(account_id)
        return row

    async def _require_update(
        self,
        actor: Actor,
        account_id: AccountId,
        mailbox_id: MailboxId,
        name: str | None,
        parent_id: MailboxId | None,
        role: str | None,
        sort_order: int | None,
    ) -> None:
        """RFC 4314 §4: RENAME needs `x`, and `k` where it goes. What a mailbox is for is its administrator's."""
        needed = "l"
        if name is not None or parent_id is not None or sort_order is not None:
            needed += "x"
        if role is not None:
            needed += "a"
        await self._rights.require(actor, account_id, needed, mailbox_id)
        if parent_id is not None:
            await self._rights.require_place(actor, account_id, "k", parent_id)

    async def destroy(
        self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId, *, with_messages: bool
    ) -> list[MessageId]:
        """Remove a mailbox. Raises Forbidden (inbox, or children left), Invalid (not empty), NotFound."""
        await self._rights.require(actor, account_id, "x", mailbox_id)

        async def body(tx: MailTx) -> list[MessageId]:
            rows = await tx.mailboxes()
            row = _row(rows, mailbox_id)
            if row.role == "inbox":
                raise Forbidden("the inbox cannot be removed", reason="folder.inbox")
            if any(other.parent_id == mailbox_id for other in rows):
                raise Forbidden("the mailbox has children", reason="folder.children")
            if row.placements and not with_messages:
                raise Invalid("the mailbox is not empty", reason="folder.full")
            gone = await tx.destroy_mailbox(mailbox_id)
            await tx.drop_grants(mailbox_id)
            return gone

        gone = await self._store.write(account_id, body)
        self._rights.changed(account_id)
        self._hints.account_changed(account_id)
        return gone


def tree(rows: Sequence[MailboxRow], names: Mapping[MailboxId, str]) -> list[Mailbox]:
    """Return mailboxes with their opened names, parents before children, siblings by sort order, then name."""
    children: dict[MailboxId, list[MailboxRow]] = {}
    for row in rows:
        children.setdefault(row.parent_id, []).append(row)
    found: list[Mailbox] = []

    def walk(parent: MailboxId, path: tuple[str, ...]) -> None:
        for row in sorted(children.get(parent, ()), key=lambda row: (row.sort_order or 10_000, names[row.id])):
            here = (*path, names[row.id])
            found.append(Mailbox(row, names[row.id], here))
            walk(row.id, here)

    walk(NO_PARENT, ())
    return found


def distinct(rows: Sequence[MailboxRow], names: Mapping[MailboxId, str]) -> dict[MailboxId, str]:
    """Return the names with numbers behind those that stand twice under one parent, as mailboxes can whose true parents
    are hidden.
    """
    taken: set[tuple[MailboxId, str]] = set()
    found: dict[MailboxId, str] = {}
    for row in sorted(rows, key=lambda row: row.id):
        name, number = names[row.id], 1
        while (row.parent_id, name) in taken:
            number += 1
            name = f"{names[row.id]} ({number})"
        taken.add((row.parent_id, name))
        found[row.id] = name
    return found


def canonical_path(path: Sequence[str]) -> tuple[str, ...]:
    """Return the path in NFC with the inbox spelled INBOX."""
    parts = tuple(unicodedata.normalize("NFC", part) for part in path)
    return ("INBOX", *parts[1:]) if parts and parts[0].upper() == "INBOX" else parts


def checked_name(name: str) -> str:
    """Return the NFC form of a name. Raises Invalid for one that some protocol could not carry."""
    name = unicodedata.normalize("NFC", name)
    if not name.strip() or len(name.encode()) > MAX_NAME_OCTETS or "/" in name:
        raise Invalid("a mailbox name has 1 to 255 octets and no slash", reason="folder.name")
    if any(unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"} for character in name):
        # RFC 9051 §5.1 and RFC 5198 §2: no control characters, no line separators.
        raise Invalid("a mailbox name has no control characters", reason="folder.name")
    return name


def new_mailbox(
    keys: Sealer,
    parent_id: MailboxId,
    name: str,
    role: MailboxRole | None = None,
    sort_order: int = 0,
    *,
    subscribed: bool = True,
) -> NewMailbox:
    """Return a mailbox ready for the store, its name sealed."""
    sealed = keys.seal_text(NAME_KIND, name)
    return NewMailbox(parent_id, role, sealed, name_hash(keys, name), subscribed, sort_order)


def name_hash(keys: Sealer, name: str) -> bytes:
    """Return the keyed hash that keeps names unique under one parent."""
    return keys.hash(Purpose.MAILBOX_NAME, unicodedata.normalize("NFC", name).encode())


def _row(rows: Sequence[MailboxRow], mailbox_id: MailboxId) -> MailboxRow:
    for row in rows:
        if row.id == mailbox_id:
            return row
    raise NotFound


def _check_place(rows: Sequence[MailboxRow], parent_id: MailboxId, name: str) -> None:
    if parent_id == NO_PARENT:
        if name.upper() == "INBOX":
            raise AlreadyExists
        return
    parents = {row.id: row.parent_id for row in rows}
    depth, at = 1, parent_id
    while at != NO_PARENT:
        if at not in parents:
            raise NotFound
        at, depth = parents[at], depth + 1
        if depth > MAX_DEPTH:
            raise Invalid("too deep", reason="folder.deep")


def _check_no_loop(rows: Sequence[MailboxRow], mailbox_id: MailboxId, parent_id: MailboxId) -> None:
    parents = {row.id: row.parent_id for row in rows}
    at = parent_id
    while at != NO_PARENT:
        if at == mailbox_id:
            raise Invalid("a mailbox cannot lie in itself", reason="folder.itself")
        at = parents.get(at, NO_PARENT)


def _path(keys: Sealer, rows: Sequence[MailboxRow], mailbox_id: MailboxId) -> tuple[str, ...]:
    """Return the path of a mailbox whose ancestors are there; () for the root."""
    by_id, names = {row.id: row for row in rows}, []
    while mailbox_id != NO_PARENT:
        row = by_id[mailbox_id]
        names.append(keys.open_text(NAME_KIND, row.sealed_name))
        mailbox_id = row.parent_id
    return tuple(reversed(names))


def _check_moved(keys: Sealer, rows: Sequence[MailboxRow], moved: MailboxRow, name: str) -> None:
    """Raise Invalid where a mailbox in its new place, or one below it, would be hidden behind mailboxes of others."""
    top = (*_path(keys, rows, moved.parent_id), name)
    if top[0] not in (OTHERS, SHARED):
        return
    names = {row.id: keys.open_text(NAME_KIND, row.sealed_name) for row in rows} | {moved.id: name}
    after = tree([moved if row.id == moved.id else row for row in rows], names)
    if any(one.path[: len(top)] == top and is_reserved(one.path) for one in after):
        raise Invalid(_RESERVED, reason="folder.reserved")
