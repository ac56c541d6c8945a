"""Adding, placing, marking and removing messages.

Every verb is one transaction on one account, published as a hint after its commit. Must not know IMAP or JMAP: a
mailbox view with sequence numbers belongs to views.py and the edge.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from smartmail.domain.errors import Invalid, NotFound
from smartmail.domain.ids import AccountId, MailboxId, MessageId, ModSeq, Uid
from smartmail.domain.keywords import Keywords
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.message import Added, MessageRow, NewMessage, ViewEntry
from smartmail.domain.principal import Actor
from smartmail.ports.clock import Clock
from smartmail.ports.store import Body, MailTx, Store
from smartmail.service import rights
from smartmail.service.intake import Content, Intake, new_message
from smartmail.service.keyring import Keyring, Sealer
from smartmail.service.mailstore.keywords import number_keywords
from smartmail.service.push import Hints
from smartmail.service.sealed_blobs import SealedBlobs

T = TypeVar("T")
FlagMode = Literal["add", "remove", "replace"]


@dataclass(frozen=True, slots=True)
class FlagChange:
    """Names of keywords, and \\Deleted apart because it belongs to the placement. For replace, `deleted` is the new
    value; for add and remove it says whether \\Deleted was named.
    """

    mode: FlagMode
    names: tuple[str, ...]
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Flagged:
    """Outcome of `store_flags`: the lines as they are now, and UIDs left alone because they changed after
    `unchanged_since` (RFC 7162 §3.1.3 MODIFIED).
    """

    entries: list[ViewEntry]
    modified: list[Uid]
    changed: frozenset[Uid]


@dataclass(frozen=True, slots=True)
class Copied:
    """Source and new UIDs of COPY or MOVE, in one order (RFC 4315 COPYUID)."""

    uidvalidity: int
    source: list[Uid]
    target: list[Uid]


class MessageService:
    """Changes messages of an account."""

    def __init__(self, store: Store, keyring: Keyring, blobs: SealedBlobs, hints: Hints, clock: Clock) -> None:
        self._store = store
        self._keyring = keyring
        self._blobs = blobs
        self._hints = hints
        self._clock = clock

    async def begin(self, actor: Actor, account_id: AccountId, size_hint: int = 0) -> Intake:
        """Begin a message for the account. Raises NotFound, StorageFull."""
        rights.require(actor, account_id, "i")
        account = await self._store.account(account_id)
        return await Intake.begin(self._blobs, account.organization_id, size_hint=size_hint)

    async def add(
        self,
        actor: Actor,
        account_id: AccountId,
        content: Content,
        mailboxes: Sequence[MailboxId],
        *,
        names: Iterable[str] = (),
        received_at: int | None = None,
    ) -> Added:
        """Store a received content in mailboxes. Raises NotFound, OverQuota, Invalid (keyword)."""
        added = await self.add_many(actor, account_id, [(content, tuple(names), received_at)], mailboxes)
        return added[0]

    async def add_many(
        self,
        actor: Actor,
        account_id: AccountId,
        contents: Sequence[tuple[Content, tuple[str, ...], int | None]],
        mailboxes: Sequence[MailboxId],
    ) -> list[Added]:
        """Store several (content, keyword names, received time) at once, all or none (RFC 3502)."""
        rights.require(actor, account_id, "i")
        keys = await self._keyring.account_by_id(account_id)
        now = self._clock.now()

        async def body(tx: MailTx) -> list[Added]:
            added = []
            for content, names, received_at in contents:
                keywords = await number_keywords(tx, keys, names)
                at = now if received_at is None else received_at
                new = new_message(keys, content, tuple(mailboxes), received_at=at, keywords=keywords)
                added.append(await tx.add_message(new))
            return added

        return await self._write(account_id, body)

    async def store_flags(
        self,
        actor: Actor,
        account_id: AccountId,
        mailbox_id: MailboxId,
        uids: Sequence[Uid],
        change: FlagChange,
        *,
        unchanged_since: ModSeq | None = None,
    ) -> Flagged:
        """Change keywords and \\Deleted of placements. Raises NotFound, Invalid."""
        rights.require(actor, account_id, "w")
        keys = await self._keyring.account_by_id(account_id)

        async def body(tx: MailTx) -> Flagged:
            entries = await tx.entries(mailbox_id, uids)
            modified = [
                entry.uid for entry in entries if unchanged_since is not None and entry.modseq > unchanged_since
            ]
            if modified:
                skip = set(modified)
                entries = [entry for entry in entries if entry.uid not in skip]
            changed = await _apply_flags(tx, keys, mailbox_id, entries, change)
            now = await tx.entries(mailbox_id, [entry.uid for entry in entries])
            return Flagged(now, modified, changed)

        return await self._write(account_id, body)

    async def copy(
        self, actor: Actor, account_id: AccountId, source: MailboxId, uids: Sequence[Uid], target: MailboxId
    ) -> Copied:
        """Add placements of the messages to another mailbox. Raises NotFound (target), OverQuota."""
        rights.require(actor, account_id, "i")
        return await self._transfer(account_id, source, uids, target, move=False)

    async def move(
        self, actor: Actor, account_id: AccountId, source: MailboxId, uids: Sequence[Uid], target: MailboxId
    ) -> Copied:
        """Copy and remove from the source in one transaction (RFC 6851)."""
        rights.require(actor, account_id, "ite")
        return await self._transfer(account_id, source, uids, target, move=True)

    async def _transfer(
        self, account_id: AccountId, source: MailboxId, uids: Sequence[Uid], target: MailboxId, *, move: bool
    ) -> Copied:
        async def body(tx: MailTx) -> Copied:
            validity = _uidvalidity(await tx.mailboxes(), target)
            entries = await tx.entries(source, uids)
            placed = dict(await tx.place(target, [entry.message_id for entry in entries]))
            for entry in entries:
                if entry.message_id not in placed:
                    # The target holds this message already: it gets a new one (docs/architecture.md 1.15).
                    placed[entry.message_id] = await self._duplicate(tx, account_id, entry.message_id, target)
            if move:
                await tx.remove_placements(source, [entry.uid for entry in entries])
            return Copied(validity, [entry.uid for entry in entries], [placed[entry.message_id] for entry in entries])

        return await self._write(account_id, body)

    async def _duplicate(self, tx: MailTx, account_id: AccountId, message_id: MessageId, target: MailboxId) -> Uid:
        row = (await tx.messages([message_id]))[0]
        new = await self._again(account_id, row, (target,))
        return (await tx.add_message(new)).placements[0][1]

    async def _again(self, account_id: AccountId, row: MessageRow, mailboxes: tuple[MailboxId, ...]) -> NewMessage:
        # Summary and blob row never change, so reading them outside the transaction is the same.
        sealed = (await self._store.summaries(account_id, [row.id]))[0][2]
        blob = await self._store.blob(row.blob_id)
        return NewMessage(
            blob, row.wrapped_key, row.size, row.received_at, row.sent_at, sealed, mailboxes, row.keywords,
            has_attachment=row.has_attachment, thread_id=row.thread_id,
        )  # fmt: skip

    async def expunge(
        self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId, uids: Sequence[Uid] | None = None
    ) -> list[Uid]:
        """Remove placements marked \\Deleted, all or those among `uids` (RFC 4315 UID EXPUNGE)."""
        rights.require(actor, account_id, "e")
        if uids is None:
            _row, lines = await self._store.view(account_id, mailbox_id)
            uids = [line.uid for line in lines if line.deleted]
        chosen = uids
        if not chosen:
            return []

        async def body(tx: MailTx) -> list[Uid]:
            gone = [entry.uid for entry in await tx.entries(mailbox_id, chosen) if entry.deleted]
            await tx.remove_placements(mailbox_id, gone)
            return gone

        return await self._write(account_id, body)

    async def destroy(self, actor: Actor, account_id: AccountId, ids: Sequence[MessageId]) -> list[MessageId]:
        """Remove messages from everywhere; return those that existed."""
        rights.require(actor, account_id, "te")

        async def body(tx: MailTx) -> list[MessageId]:
            return await tx.destroy_messages(ids)

        return await self._write(account_id, body)

    async def update(
        self,
        actor: Actor,
        account_id: AccountId,
        message_id: MessageId,
        *,
        mailboxes: Mapping[MailboxId, bool] | None = None,
        replace_mailboxes: bool = False,
        names: Mapping[str, bool] | None = None,
        replace_names: bool = False,
    ) -> None:
        """Change where a message lies and its keywords, as JMAP Email/set update does (RFC 8621 §4.6).

        With `replace_…` the mapping is the whole new value, else a patch. Raises NotFound, Invalid.
        """
        rights.require(actor, account_id, "w")
        keys = await self._keyring.account_by_id(account_id)

        async def body(tx: MailTx) -> None:
            rows = await tx.messages([message_id])
            if not rows:
                raise NotFound
            if mailboxes is not None:
                await _replace_placements(tx, message_id, mailboxes, whole=replace_mailboxes)
            if names is not None:
                await _patch_keywords(tx, keys, rows[0], names, whole=replace_names)

        await self._write(account_id, body)

    async def _write(self, account_id: AccountId, body: Body[T]) -> T:
        result = await self._store.write(account_id, body)
        self._hints.account_changed(account_id)
        return result


def _uidvalidity(rows: Sequence[MailboxRow], mailbox_id: MailboxId) -> int:
    for row in rows:
        if row.id == mailbox_id:
            return row.uidvalidity
    raise NotFound


async def _apply_flags(
    tx: MailTx, keys: Sealer, mailbox_id: MailboxId, entries: Sequence[ViewEntry], change: FlagChange
) -> frozenset[Uid]:
    """Apply one STORE to the lines; return the UIDs that really changed."""
    wanted = await number_keywords(tx, keys, change.names)
    targets = {entry.message_id: _changed_keywords(entry.keywords, wanted, change.mode) for entry in entries}
    touched = set(await tx.set_keywords(targets))
    changed = {entry.uid for entry in entries if entry.message_id in touched}
    if change.deleted or change.mode == "replace":
        value = change.deleted if change.mode == "replace" else change.mode == "add"
        uids = [entry.uid for entry in entries if entry.deleted != value]
        changed.update(await tx.set_deleted(mailbox_id, uids, deleted=value))
    return frozenset(changed)


def _changed_keywords(held: Keywords, wanted: Keywords, mode: FlagMode) -> Keywords:
    if mode == "add":
        return held.with_(wanted.bits, wanted.tags)
    if mode == "remove":
        return held.without(wanted.bits, wanted.tags)
    return wanted


async def _replace_placements(
    tx: MailTx, message_id: MessageId, wanted: Mapping[MailboxId, bool], *, whole: bool
) -> None:
    held = {placement.mailbox_id: placement.uid for placement in await tx.placements([message_id])}
    target = {box for box, inside in wanted.items() if inside}
    if not whole:
        target |= {box for box in held if wanted.get(box, True)}
    if not target:
        raise Invalid("a message lies in at least one mailbox")
    for box in sorted(target - held.keys()):
        await tx.place(box, [message_id])
    for box in sorted(held.keys() - target):
        await tx.remove_placements(box, [held[box]])


async def _patch_keywords(tx: MailTx, keys: Sealer, row: MessageRow, names: Mapping[str, bool], *, whole: bool) -> None:
    add = await number_keywords(tx, keys, [name for name, value in names.items() if value])
    if whole:
        await tx.set_keywords({row.id: add})
        return
    drop = await number_keywords(tx, keys, [name for name, value in names.items() if not value])
    await tx.set_keywords({row.id: row.keywords.without(drop.bits, drop.tags).with_(add.bits, add.tags)})
