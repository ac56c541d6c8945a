"""Work on shared mail: who takes care of a conversation (Assignment) and what colleagues say about it (Note).

Both hang on a message and its conversation, may be read by whoever may read that message, and are changed by whoever may
also set keywords there (`w`). Their changes carry the account's modseq: `changes` tells them for JMAP.
SECURITY  A note's text is sealed under the account's key and bound to account and message; it never leaves with the mail.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

from smartmail.domain.account import Account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.changes import Changes
from smartmail.domain.errors import Forbidden, Invalid, NotFound
from smartmail.domain.ids import AccountId, MessageId, ModSeq, ThreadId
from smartmail.domain.principal import Actor
from smartmail.domain.rights import Access
from smartmail.domain.sharing import AssignmentRow, AssignmentState, NoteRow
from smartmail.formats.seal import Kind
from smartmail.ports.clock import Clock
from smartmail.ports.store_accounts import AccountStore
from smartmail.ports.store_mail import MailReads
from smartmail.ports.store_sharing import SharingStore
from smartmail.ports.store_tx import MailTx
from smartmail.service.kernel.keyring import Keyring, Sealer
from smartmail.service.kernel.push import Hints
from smartmail.service.kernel.rights import Rights, since_when, within
from smartmail.service.mailbox.sharing.granting import SharingService


class _Store(AccountStore, MailReads, SharingStore, Protocol): ...


FOR_EVER = ModSeq(1 << 62)
MAX_CANDIDATES = 200
"""People among whom an assignee is chosen: a team, not a company."""
MAX_NOTE = 20_000
"""Characters of a note: what needs more is a message."""

WorkKind = Literal["assignment", "note"]


@dataclass(frozen=True, slots=True)
class Note:
    """An internal note, opened."""

    row: NoteRow
    text: str


class WorkService:
    """Assignments and notes of an account."""

    def __init__(
        self, store: _Store, rights: Rights, sharing: SharingService, keyring: Keyring, hints: Hints, clock: Clock
    ) -> None:
        self._store = store
        self._sharing = sharing
        self._rights = rights
        self._keyring = keyring
        self._hints = hints
        self._clock = clock

    # -- assignments -----------------------------------------------------------------------------------------------

    async def assignments(
        self, actor: Actor, account_id: AccountId, thread_ids: Sequence[ThreadId] | None = None
    ) -> list[AssignmentRow]:
        """Return the assignments of the named conversations, or all, as far as the actor may read their message.
        Raises NotFound, Forbidden.
        """
        rows = await self._store.assignments(account_id, thread_ids)
        seen = await self._seen(actor, account_id, [row.message_id for row in rows])
        return [row for row in rows if row.message_id in seen]

    async def assign(
        self,
        actor: Actor,
        account_id: AccountId,
        message_id: MessageId,
        assignee: AccountId,
        state: AssignmentState = "open",
    ) -> AssignmentRow:
        """Give the message's conversation to somebody who may read it. Raises NotFound, Forbidden, Invalid (assignee)."""
        await self._require(actor, account_id, message_id)
        await self._check_assignee(actor, account_id, message_id, assignee)
        now = self._clock.now()
        record = self._record(actor, "assignment.set", f"message:{account_id}/{message_id} account:{assignee} {state}")

        async def body(tx: MailTx) -> AssignmentRow:
            await tx.audit(record)
            return await tx.put_assignment(message_id, assignee, actor.account_id, now, state)

        row = await self._store.write(account_id, body)
        self._hints.account_changed(account_id)
        return row

    async def unassign(self, actor: Actor, account_id: AccountId, thread_id: ThreadId) -> None:
        """Take an assignment away. Raises NotFound, Forbidden."""
        rows = await self.assignments(actor, account_id, [thread_id])
        if not rows:
            raise NotFound
        await self._require(actor, account_id, rows[0].message_id)
        record = self._record(actor, "assignment.remove", f"thread:{account_id}/{thread_id}")

        async def body(tx: MailTx) -> None:
            await tx.drop_assignment(thread_id)
            await tx.audit(record)

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)

    async def _check_assignee(
        self, actor: Actor, account_id: AccountId, message_id: MessageId, assignee: AccountId
    ) -> None:
        try:
            person = await self._store.account(assignee)
        except NotFound:
            raise Invalid("no such assignee") from None
        if not await self._may_take(person, actor, account_id, message_id):
            raise Invalid("the assignee cannot read this message")

    async def candidates(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> list[Account]:
        """Return to whom the message's conversation may be given: who reads it by a grant, and whose mail it is, by name;
        of a larger team the first `MAX_CANDIDATES`. Raises NotFound, Forbidden.
        """
        await self._require(actor, account_id, message_id)
        readers = await self._sharing.readers(account_id, MAX_CANDIDATES)
        people = [await self._store.account(one) for one in readers]
        found = [one for one in people if await self._may_take(one, actor, account_id, message_id)]
        return sorted(found, key=lambda one: (one.name, one.id))

    async def _may_take(self, person: Account, actor: Actor, account_id: AccountId, message_id: MessageId) -> bool:
        stand_in = Actor(person.id, person.organization_id, person.login, is_admin=False, origin=actor.origin)
        if not person.may("login", self._clock.now()):
            return False
        try:
            return bool(await self._rights.visible(stand_in, account_id, [message_id]))
        except (NotFound, Forbidden):
            return False

    # -- notes -----------------------------------------------------------------------------------------------------

    async def notes(self, actor: Actor, account_id: AccountId, ids: Sequence[int] | None = None) -> list[Note]:
        """Return the named notes, or all, oldest first, as far as the actor may read their message."""
        return await self._opened(actor, account_id, await self._store.notes(account_id, ids))

    async def notes_on(self, actor: Actor, account_id: AccountId, thread_ids: Sequence[ThreadId]) -> list[Note]:
        """Return the notes on conversations, oldest first, as far as the actor may read their message."""
        return await self._opened(actor, account_id, await self._store.notes_on(account_id, thread_ids))

    async def write_note(self, actor: Actor, account_id: AccountId, message_id: MessageId, text: str) -> NoteRow:
        """Add a note to a message. Raises NotFound, Forbidden, Invalid (empty, too long)."""
        await self._require(actor, account_id, message_id)
        sealed = await self._sealed(account_id, message_id, text)
        now = self._clock.now()

        async def body(tx: MailTx) -> NoteRow:
            return await tx.put_note(None, message_id, actor.account_id, now, sealed)

        row = await self._store.write(account_id, body)
        self._hints.account_changed(account_id)
        return row

    async def change_note(self, actor: Actor, account_id: AccountId, note_id: int, text: str) -> NoteRow:
        """Change a note of one's own. Raises NotFound, Forbidden, Invalid."""
        row = await self._own_note(actor, account_id, note_id)
        sealed = await self._sealed(account_id, row.message_id, text)
        now = self._clock.now()

        async def body(tx: MailTx) -> NoteRow:
            return await tx.put_note(note_id, row.message_id, row.author, now, sealed)

        changed = await self._store.write(account_id, body)
        self._hints.account_changed(account_id)
        return changed

    async def remove_note(self, actor: Actor, account_id: AccountId, note_id: int) -> None:
        """Remove a note: one's own, or any with `a`. Raises NotFound, Forbidden."""
        row = await self._own_note(actor, account_id, note_id, administrators_too=True)
        record = self._record(actor, "note.remove", f"message:{account_id}/{row.message_id} note:{note_id}")

        async def body(tx: MailTx) -> None:
            await tx.drop_note(note_id)
            await tx.audit(record)

        await self._store.write(account_id, body)
        self._hints.account_changed(account_id)

    async def _own_note(
        self, actor: Actor, account_id: AccountId, note_id: int, *, administrators_too: bool = False
    ) -> NoteRow:
        rows = await self._store.notes(account_id, [note_id])
        if not rows or rows[0].message_id not in await self._seen(actor, account_id, [rows[0].message_id]):
            raise NotFound
        access = await self._rights.access(actor, account_id)
        if rows[0].author != actor.account_id and not (administrators_too and "a" in access.everywhere):
            raise Forbidden
        return rows[0]

    async def _sealed(self, account_id: AccountId, message_id: MessageId, text: str) -> bytes:
        if not text.strip() or len(text) > MAX_NOTE:
            raise Invalid(f"a note has 1 to {MAX_NOTE} characters")
        return (await self._keyring.account_by_id(account_id)).seal_text(Kind.NOTE, text, message_id)

    async def _opened(self, actor: Actor, account_id: AccountId, rows: list[NoteRow]) -> list[Note]:
        seen = await self._seen(actor, account_id, [row.message_id for row in rows])
        keys = await self._keyring.account_by_id(account_id)
        return [Note(row, _open(keys, row)) for row in rows if row.message_id in seen]

    # -- both ------------------------------------------------------------------------------------------------------

    async def state(self, actor: Actor, account_id: AccountId, kind: WorkKind) -> ModSeq:
        """Return the modseq of the kind's newest change. Raises NotFound, Forbidden."""
        await self._rights.require(actor, account_id, "r")
        access = await self._rights.access(actor, account_id)
        return await self._rights.seen_state(account_id, access, "r", await self._store.state(account_id, kind))

    async def changes(
        self, actor: Actor, account_id: AccountId, kind: WorkKind, since: ModSeq, limit: int
    ) -> Changes | None:
        """Return what happened to assignments (by thread id) or notes after `since`, as `ReadingService.changes`; None
        when the log does not reach back or the actor's rights have changed since.
        """
        access = await self._rights.access(actor, account_id)
        if "r" not in access.anywhere():
            raise Forbidden
        if since < access.since:
            return None
        seen = await self.state(actor, account_id, kind)
        found = await self._store.changes(account_id, kind, since, limit)
        if found is None:
            return None
        if "r" in access.everywhere:
            return within(found, seen, since)
        if found.destroyed or found.more:
            # Whether the person saw what has gone is not in the log: they read anew the little that there is.
            return None
        return await self._visible_changes(account_id, access, kind, since, seen)

    async def _visible_changes(
        self, account_id: AccountId, access: Access, kind: WorkKind, since: ModSeq, seen: ModSeq
    ) -> Changes | None:
        """Return what came into sight, changed there and went out of it, with its message or by itself."""
        rows = await self._hung(account_id, kind)
        readable = [row.id for row in await self._store.mailboxes(account_id) if access.has("r", row.id)]
        left, _threads = await self._store.left(account_id, readable, since, FOR_EVER)
        placements = await self._store.placements(account_id, list({message_id for _, message_id, _, _ in rows}))
        at = since_when(placements, access)
        if kind == "assignment" and any(
            made <= since < changed and message_id not in at for _, message_id, made, changed in rows
        ):
            # It may have moved from a message that the person sees to another of the conversation.
            return None
        created = [
            one for one, message_id, made, _ in rows if message_id in at and (made > since or at[message_id] > since)
        ]
        known = set(created)
        updated = [
            one for one, message_id, _, changed in rows if message_id in at and changed > since and one not in known
        ]
        destroyed = [
            one for one, message_id, made, _ in rows if message_id in left and message_id not in at and made <= since
        ]
        return Changes(created, updated, destroyed, max(seen, since))

    async def _hung(self, account_id: AccountId, kind: WorkKind) -> list[tuple[int, MessageId, ModSeq, ModSeq]]:
        """Return (id, message, created_modseq, modseq) of all of a kind."""
        if kind == "note":
            notes = await self._store.notes(account_id, None)
            return [(row.id, row.message_id, row.created_modseq, row.modseq) for row in notes]
        assigned = await self._store.assignments(account_id, None)
        return [(row.thread_id, row.message_id, row.created_modseq, row.modseq) for row in assigned]

    async def _require(self, actor: Actor, account_id: AccountId, message_id: MessageId) -> None:
        """Let pass who may read the message and set keywords on it. Raises NotFound, Forbidden."""
        if message_id not in await self._seen(actor, account_id, [message_id]):
            raise NotFound
        if not await self._rights.visible(actor, account_id, [message_id], "w"):
            raise Forbidden

    async def _seen(self, actor: Actor, account_id: AccountId, ids: Sequence[MessageId]) -> set[MessageId]:
        """Return those messages that exist and that the actor may read."""
        seen = await self._rights.visible(actor, account_id, list(dict.fromkeys(ids)))
        return {row.id for row in await self._store.messages(account_id, seen)}

    def _record(self, actor: Actor, action: str, what: str) -> AuditRecord:
        return AuditRecord(
            self._clock.now(), f"account:{actor.account_id}", action, what, actor.origin.address, door=actor.origin.door
        )


def _open(keys: Sealer, row: NoteRow) -> str:
    return keys.open_text(Kind.NOTE, row.sealed, row.message_id)
