"""Adding, placing, marking and removing messages.

Every verb is one transaction on one account, published as a hint after its commit. Must not know IMAP or JMAP: a
mailbox view with sequence numbers belongs to views.py and the edge.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TypeVar

from smartmail.domain.errors import Forbidden, Invalid, MailError, NotFound, OverQuota
from smartmail.domain.ids import AccountId, MailboxId, MessageId, ModSeq, Uid
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.message import Added, NewMessage, ViewChanges, ViewEntry
from smartmail.domain.principal import Actor
from smartmail.domain.rights import EVERY
from smartmail.ports.acting import act_on
from smartmail.ports.clock import Clock
from smartmail.ports.store_tx import Body, MailTx
from smartmail.service.kernel.audit.witness import Witness
from smartmail.service.kernel.inspection.keeping import carry_inspection
from smartmail.service.kernel.intake import Content, Intake, new_message
from smartmail.service.kernel.keyring import Keyring
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights, check
from smartmail.service.kernel.sealed_blobs import SealedBlobs
from smartmail.service.mailbox.mailstore.keywords import number_keywords
from smartmail.service.mailbox.mailstore.marking import (
    OWNER,
    FlagChange,
    Flagged,
    Marker,
    highest_modseq,
    mark,
    mark_deleted,
)
from smartmail.service.mailbox.mailstore.patching import Patch, Patcher, apply_patches, remove_seen
from smartmail.service.mailbox.mailstore.store import Store
from smartmail.service.mailbox.mailstore.views import KnownChange
from smartmail.service.protection.filtering.lessons import note_moved

T = TypeVar("T")
BLOCK = 1_000
"""Lines of one transaction where a command may be done in several: longer ones would make others wait."""
COPY_BLOCK = 5_000
"""The same for COPY, whose blocks are taken back when a later one fails."""
_DRAFT = "$draft"


@dataclass(frozen=True, slots=True)
class Addition:
    """A durable content on its way into a mailbox. `received_at` in milliseconds, None: now; `deleted`: \\Deleted."""

    content: Content
    names: tuple[str, ...] = ()
    received_at: int | None = None
    deleted: bool = False


@dataclass(frozen=True, slots=True)
class Copied:
    """Source and new UIDs of COPY or MOVE, in one order (RFC 4315 COPYUID). `known`: what MOVE did to the source."""

    uidvalidity: int = 0
    source: list[Uid] = field(default_factory=list)
    target: list[Uid] = field(default_factory=list)
    known: list[KnownChange] = field(default_factory=list)

    def __add__(self, later: "Copied") -> "Copied":
        """Return both blocks of one command."""
        return Copied(
            later.uidvalidity, self.source + later.source, self.target + later.target, self.known + later.known
        )


class _AlreadyHeld(Exception):
    """Control flow inside a transfer. The target holds these messages already: they need new ones (AR-3)."""

    def __init__(self, message_ids: Iterable[MessageId]) -> None:
        self.message_ids = tuple(message_ids)


class MessageService:
    """Changes messages of an account."""

    def __init__(
        self,
        store: Store,
        rights: Rights,
        keyring: Keyring,
        blobs: SealedBlobs,
        hints: Hints,
        clock: Clock,
        witness: Witness,
    ) -> None:
        self._store = store
        self._witness = witness
        self._rights = rights
        self._keyring = keyring
        self._blobs = blobs
        self._hints = hints
        self._clock = clock

    async def begin(self, actor: Actor, account_id: AccountId, size_hint: int = 0) -> Intake:
        """Begin a message for the account. Raises NotFound, StorageFull; OverQuota before octets are taken in vain."""
        await self._rights.require(actor, account_id, "i")
        account = await self._store.account(account_id)
        if account.quota is not None and account.used + size_hint > account.quota:
            raise OverQuota
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
        added = await self.add_many(actor, account_id, [Addition(content, tuple(names), received_at)], mailboxes)
        return added[0]

    async def add_many(
        self,
        actor: Actor,
        account_id: AccountId,
        additions: Sequence[Addition],
        mailboxes: Sequence[MailboxId],
        *,
        instead_of: tuple[MailboxId, Uid] | None = None,
    ) -> list[Added]:
        """Store several at once, all or none (RFC 3502). Raises as `add`, Forbidden.

        Marks that the actor may not set are left out (RFC 4314 §4). `instead_of`: a placement of the same account that
        goes in the same step (RFC 8508); Invalid when it is gone already.
        """
        marker = await self.marker(actor, account_id, mailboxes, "i")
        if instead_of is not None:
            await self._rights.require(actor, account_id, "te", instead_of[0])
        drafts = sum(_DRAFT in one.names for one in additions)
        if drafts:
            await self._witness.saw(actor, account_id, "write", count=drafts)
        keys = await self._keyring.account_by_id(account_id)
        now = self._clock.now()

        async def body(tx: MailTx) -> list[Added]:
            added = []
            for one in additions:
                keywords, own = marker.given(await number_keywords(tx, keys, one.names), mailboxes)
                at = now if one.received_at is None else one.received_at
                new = new_message(keys, one.content, tuple(mailboxes), received_at=at, keywords=keywords)
                added.append(await tx.add_message(new))
                if marker.person_id is not None and own.bits:
                    await tx.set_person_keywords(marker.person_id, {added[-1].message_id: own})
            if "t" in marker.allowed:
                await mark_deleted(tx, [new for new, one in zip(added, additions, strict=True) if one.deleted])
            if instead_of is not None:
                if not await tx.entries(instead_of[0], [instead_of[1]]):
                    raise Invalid("the message has gone")
                await tx.remove_placements(instead_of[0], [instead_of[1]])
            return added

        return await self._write(account_id, body)

    async def marker(
        self, actor: Actor, account_id: AccountId, mailboxes: Sequence[MailboxId], needed: str = ""
    ) -> Marker:
        """Return how the actor marks messages in all of these mailboxes. Raises NotFound, Forbidden."""
        act_on(account_id, actor)
        if actor.account_id == account_id:
            return OWNER
        access = await self._rights.access(actor, account_id)
        held = EVERY
        for mailbox_id in mailboxes:
            check(access, needed, mailbox_id)
            held &= access.on(mailbox_id)
        return Marker(held, actor.account_id if access.personal else None, access.personal)

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
        """Change keywords and \\Deleted of placements, block by block. Raises NotFound, Invalid, RateLimited; Forbidden
        when the actor may set none of what the change names: what they may not set is left alone (RFC 4314 §4).
        """
        marker = await self.marker(actor, account_id, [mailbox_id])
        if not marker.may_some(change):
            raise Forbidden
        keys = await self._keyring.account_by_id(account_id)
        outcome = Flagged()
        for block in _blocks(uids):

            async def body(tx: MailTx, block: Sequence[Uid] = block) -> Flagged:
                return await mark(tx, keys, mailbox_id, block, change, unchanged_since, marker)

            outcome.extend(await self._write(account_id, body))
        return outcome

    async def copy(
        self, actor: Actor, account_id: AccountId, source: MailboxId, uids: Sequence[Uid], target: MailboxId
    ) -> Copied:
        """Add placements of the messages to another mailbox, all or none. Raises NotFound (target), OverQuota."""
        await self._rights.require(actor, account_id, "r", source)
        await self._rights.require(actor, account_id, "i", target)
        copied = Copied()
        try:
            for block in _blocks(uids, COPY_BLOCK):
                copied += await self._transfer(account_id, source, block, target, move=False)
        except MailError:
            # RFC 3501 §6.4.7: the target is as it was before.
            if copied.target:
                await self._take_back(account_id, target, copied.target)
            raise
        return copied

    async def _take_back(self, account_id: AccountId, mailbox_id: MailboxId, uids: Sequence[Uid]) -> None:
        async def body(tx: MailTx) -> None:
            await tx.remove_placements(mailbox_id, uids)

        await self._write(account_id, body)

    async def move(
        self, actor: Actor, account_id: AccountId, source: MailboxId, uids: Sequence[Uid], target: MailboxId
    ) -> Copied:
        """Copy and remove from the source, block by block, each in one transaction (RFC 6851 §3.3: a message is never
        in both or in neither).
        """
        await self._rights.require(actor, account_id, "rte", source)
        await self._rights.require(actor, account_id, "i", target)
        moved = Copied()
        for block in _blocks(uids):
            moved += await self._transfer(account_id, source, block, target, move=True)
        return moved

    async def _transfer(
        self, account_id: AccountId, source: MailboxId, uids: Sequence[Uid], target: MailboxId, *, move: bool
    ) -> Copied:
        again: dict[MessageId, NewMessage] = {}
        while True:

            async def body(tx: MailTx) -> Copied:
                rows = await tx.mailboxes()
                entries = await tx.entries(source, uids)
                placed = await _place_all(tx, target, entries, again)
                gone = [entry.uid for entry in entries]
                known = await _remove(tx, source, gone) if move and source != target else []
                if move and source == target:
                    await tx.remove_placements(source, gone)
                await note_moved(tx, {one.message_id: ({target}, {source} if move else set()) for one in entries})
                return Copied(_uidvalidity(rows, target), gone, placed, known)

            try:
                return await self._write(account_id, body)
            except _AlreadyHeld as held:
                again.update(await self._once_more(account_id, held.message_ids, target))

    async def _once_more(
        self, account_id: AccountId, message_ids: Sequence[MessageId], target: MailboxId
    ) -> dict[MessageId, NewMessage]:
        """Return messages as new ones. Nothing read here ever changes, so it may be read outside the transaction."""
        rows = await self._store.messages(account_id, message_ids)
        sealed = {one: octets for one, _blob, octets in await self._store.summaries(account_id, message_ids)}
        blobs = {blob.id: blob for blob in await self._store.blobs([row.blob_id for row in rows])}
        keys = await self._keyring.account_by_id(account_id)
        inspected = {
            one: (blob, octets) for one, blob, octets in await self._store.inspections(account_id, message_ids)
        }
        return {
            row.id: NewMessage(
                blobs[row.blob_id], row.wrapped_key, row.size, row.received_at, row.sent_at, sealed[row.id], (target,),
                has_attachment=row.has_attachment, thread_id=row.thread_id,
                inspection=carry_inspection(keys, inspected.get(row.id), keys, row.blob_id),
            )
            for row in rows
            if row.id in sealed and row.blob_id in blobs
        }  # fmt: skip

    async def expunge(
        self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId, uids: Sequence[Uid] | None = None
    ) -> list[KnownChange]:
        """Remove placements marked \\Deleted, all or those among `uids` (RFC 4315 UID EXPUNGE), block by block."""
        await self._rights.require(actor, account_id, "e", mailbox_id)
        if uids is None:
            _row, lines = await self._store.view(account_id, mailbox_id)
            uids = [line.uid for line in lines if line.deleted]
        if uids:
            await self._witness.saw(actor, account_id, "delete", count=len(uids))
        known: list[KnownChange] = []
        for block in _blocks(uids):

            async def body(tx: MailTx, block: Sequence[Uid] = block) -> list[KnownChange]:
                gone = [entry.uid for entry in await tx.entries(mailbox_id, block) if entry.deleted]
                return await _remove(tx, mailbox_id, gone)

            known += await self._write(account_id, body)
        return known

    async def remove(
        self, actor: Actor, account_id: AccountId, mailbox_id: MailboxId, uids: Sequence[Uid]
    ) -> list[KnownChange]:
        """Remove placements, marked \\Deleted or not, block by block. Raises NotFound, Forbidden (`t` and `e`)."""
        await self._rights.require(actor, account_id, "te", mailbox_id)
        if uids:
            await self._witness.saw(actor, account_id, "delete", count=len(uids))
        known: list[KnownChange] = []
        for block in _blocks(uids):

            async def body(tx: MailTx, block: Sequence[Uid] = block) -> list[KnownChange]:
                gone = [entry.uid for entry in await tx.entries(mailbox_id, block)]
                return await _remove(tx, mailbox_id, gone)

            known += await self._write(account_id, body)
        return known

    async def destroy(self, actor: Actor, account_id: AccountId, ids: Sequence[MessageId]) -> list[MessageId]:
        """Remove messages from everywhere; return those that existed. Raises Forbidden, and nothing is removed, when one
        of another's account may not be.
        """
        gone, failed = await self.destroy_many(actor, account_id, ids, all_or_none=True)
        for error in failed.values():
            if isinstance(error, Forbidden):
                raise error
        return gone

    async def destroy_many(
        self, actor: Actor, account_id: AccountId, ids: Sequence[MessageId], *, all_or_none: bool = False
    ) -> tuple[list[MessageId], dict[MessageId, MailError]]:
        """Remove messages from everywhere, those of another's account from every mailbox that the actor can see, where
        they need `t` and `e`; return those removed and why others were not: NotFound, Forbidden.
        """
        access = await self._rights.access(actor, account_id)
        patcher = Patcher() if actor.account_id == account_id else Patcher(access, actor.account_id)

        async def body(tx: MailTx) -> tuple[list[MessageId], dict[MessageId, MailError]]:
            if actor.account_id == account_id:
                gone = await tx.destroy_messages(ids)
                return gone, {one: NotFound() for one in set(ids) - set(gone)}
            return await remove_seen(tx, patcher, ids, all_or_none=all_or_none)

        if ids:
            await self._witness.saw(actor, account_id, "delete", ids)
        return await self._write(account_id, body)

    async def update_many(
        self, actor: Actor, account_id: AccountId, patches: Mapping[MessageId, Patch]
    ) -> dict[MessageId, MailError]:
        """Change where messages lie and their keywords, all in one transaction (RFC 8621 §4.6).

        Returns why some were left as they are: NotFound, Invalid, RateLimited, Forbidden.
        """
        access = await self._rights.access(actor, account_id)
        if not patches:
            return {}
        own = actor.account_id == account_id
        patcher = Patcher() if own else Patcher(access, actor.account_id)
        keys = await self._keyring.account_by_id(account_id)

        async def body(tx: MailTx) -> dict[MessageId, MailError]:
            return await apply_patches(tx, keys, patches, patcher)

        return await self._write(account_id, body)

    async def _write(self, account_id: AccountId, body: Body[T]) -> T:
        result = await self._store.write(account_id, body)
        self._hints.account_changed(account_id)
        return result


def _uidvalidity(rows: Sequence[MailboxRow], mailbox_id: MailboxId) -> int:
    for row in rows:
        if row.id == mailbox_id:
            return row.uidvalidity
    raise NotFound


def _blocks(uids: Sequence[Uid], size: int = BLOCK) -> Iterator[Sequence[Uid]]:
    for start in range(0, len(uids), size):
        yield uids[start : start + size]


async def _remove(tx: MailTx, mailbox_id: MailboxId, gone: Sequence[Uid]) -> list[KnownChange]:
    """Remove placements; return what that means for a view of the mailbox."""
    if not gone:
        return []
    before = await highest_modseq(tx, mailbox_id)
    await tx.remove_placements(mailbox_id, gone)
    return [KnownChange(before, ViewChanges((), sorted(gone), (await tx.account()).modseq))]


async def _place_all(
    tx: MailTx, target: MailboxId, entries: Sequence[ViewEntry], again: Mapping[MessageId, NewMessage]
) -> list[Uid]:
    """Place messages in order, those in `again` as new messages; return UIDs that ascend (RFC 4315 §3 COPYUID)."""
    uids: list[Uid] = []
    for is_new, run in groupby(entries, lambda entry: entry.message_id in again):
        if is_new:
            for entry in run:
                added = await tx.add_message(replace(again[entry.message_id], keywords=entry.keywords))
                uids.append(added.placements[0][1])
            continue
        wanted = [entry.message_id for entry in run]
        placed = await tx.place(target, wanted)
        if len(placed) < len(wanted):
            raise _AlreadyHeld(set(wanted) - {message_id for message_id, _uid in placed})
        uids += [uid for _message_id, uid in placed]
    return uids
