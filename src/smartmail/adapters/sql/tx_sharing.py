"""Sharing inside a mail transaction (ports.store_sharing.SharingTx)."""

from collections.abc import Mapping, Sequence

from smartmail.adapters.sql import rows, sharing, tombstones
from smartmail.adapters.sql.session import row_of
from smartmail.adapters.sql.tx_acts import MARK_READ, UNREAD_STORIES
from smartmail.adapters.sql.tx_base import TxBase
from smartmail.domain.ids import AccountId, MailboxId, MessageId, ThreadId
from smartmail.domain.keywords import SEEN, Keywords
from smartmail.domain.rights import NO_END, NOTHING, WHOLE_ACCOUNT, Grant, Grantee
from smartmail.domain.sharing import AssignmentRow, AssignmentState, NoteRow, NoticeRow, PersonKeywords, SentByRow

_OLD_GRANT = """select rights, ends_at from share_grant
    where account_id = $1 and mailbox_id = $2 and grantee_kind = $3 and grantee_id = $4"""
_PUT_GRANT = """insert into share_grant (account_id, mailbox_id, grantee_kind, grantee_id, rights, modseq, ends_at)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (account_id, mailbox_id, grantee_kind, grantee_id) do update set rights = excluded.rights,
    modseq = excluded.modseq, ends_at = excluded.ends_at"""
_DROP_GRANT = """delete from share_grant
    where account_id = $1 and mailbox_id = $2 and grantee_kind = $3 and grantee_id = $4"""
_END_GRANT = f"{_DROP_GRANT} and ends_at = $5 returning mailbox_id"
_COPY_GRANTS = """insert into share_grant (account_id, mailbox_id, grantee_kind, grantee_id, rights, modseq, ends_at)
    select account_id, $3::bigint, grantee_kind, grantee_id, rights, $4::bigint, ends_at from share_grant
    where account_id = $1 and mailbox_id = $2 returning mailbox_id"""
_COPY_PERSONAL = """insert into share_personal (account_id, mailbox_id)
    select account_id, $3::bigint from share_personal where account_id = $1 and mailbox_id = $2 returning mailbox_id"""
_DROP_GRANTS = "delete from share_grant where account_id = $1 and mailbox_id = $2 returning mailbox_id"
_DROP_PERSONAL = "delete from share_personal where account_id = $1 and mailbox_id = $2 returning mailbox_id"
_PUT_PERSONAL = "insert into share_personal (account_id, mailbox_id) values ($1, $2) on conflict do nothing"
_DROP_SUBSCRIPTIONS = "delete from person_subscription where account_id = $1 and mailbox_id = $2"
_TOUCH_BOX = "update mailbox set modseq = $3 where account_id = $1 and id = $2"
_SUBSCRIBE = """insert into person_subscription (account_id, person_id, mailbox_id, subscribed) values ($1, $2, $3, $4)
    on conflict (account_id, person_id, mailbox_id) do update set subscribed = excluded.subscribed"""
_PUT_KEYWORDS = """insert into person_keyword (account_id, person_id, message_id, flags, tags)
    values ($1, $2, $3, $4, $5)
    on conflict (account_id, person_id, message_id) do update set flags = excluded.flags, tags = excluded.tags"""
_THREAD = "select thread_id from message where account_id = $1 and id = $2"
_PUT_ASSIGNMENT = f"""insert into assignment ({sharing.ASSIGNMENT}, account_id)
    values ($1, $2, $3, $4, $5, $6, $7, $7, $8)
    on conflict (account_id, id) do update set message_id = excluded.message_id, assignee = excluded.assignee,
    assigned_by = excluded.assigned_by, at = excluded.at, state = excluded.state, modseq = excluded.modseq
    returning {sharing.ASSIGNMENT}"""
_DROP_ASSIGNMENT = "delete from assignment where account_id = $1 and id = $2 returning created_modseq, message_id"
_ASSIGNED_MESSAGE = "select message_id from assignment where account_id = $1 and id = $2"
_ASSIGNED_ON = "select id, created_modseq from assignment where account_id = $1 and message_id = any($2)"
_NEWEST_OF_THREAD = "select max(id) from message where account_id = $1 and thread_id = $2"
_MOVE_ASSIGNMENT = "update assignment set message_id = $3, modseq = $4 where account_id = $1 and id = $2"
_ADD_NOTE = f"""insert into note ({sharing.NOTE}, account_id) values ($1, $2, $3, $4, $5, null, $6, $7, $7, $8)
    returning {sharing.NOTE}"""
_SET_NOTE = f"""update note set sealed = $3, edited_at = $4, modseq = $5 where account_id = $1 and id = $2
    returning {sharing.NOTE}"""
_HAS_NOTE = "select message_id from note where account_id = $1 and id = $2"
_DROP_NOTE = "delete from note where account_id = $1 and id = $2 returning created_modseq, message_id"
_DROP_NOTES_ON = "delete from note where account_id = $1 and message_id = any($2) returning id, created_modseq"
_PUT_SENT_BY = """insert into sent_by (account_id, message_id, person_id, on_behalf, at, sealed, queue_id)
    values ($1, $2, $3, $4, $5, $6, $7)
    on conflict (account_id, message_id) do update set person_id = excluded.person_id, on_behalf = excluded.on_behalf,
    at = excluded.at, sealed = excluded.sealed, queue_id = excluded.queue_id"""
_DROP_SENT_BY = "delete from sent_by where account_id = $1 and message_id = $2 returning message_id"
_ADD_NOTICE = """insert into share_notice (account_id, changed_by, object_account, mailbox_id, old_rights, new_rights, at,
    created_modseq) values ($1, $2, $3, $4, $5, $6, $7, $8)"""
_DROP_NOTICES = "delete from share_notice where account_id = $1 and id = any($2) returning id, created_modseq"


class TxSharing(TxBase):
    """ports.store_sharing.SharingTx."""

    # -- grants ----------------------------------------------------------------------------------------------------

    async def set_grant(
        self, mailbox_id: MailboxId, grantee: Grantee, rights: frozenset[str], ends_at: int | None = None
    ) -> frozenset[str]:
        if mailbox_id != WHOLE_ACCOUNT:
            await self._box(mailbox_id)
        key = (self._id, mailbox_id, grantee.kind, grantee.id)
        row = await self._session.row(_OLD_GRANT, *key)
        before, held_until = (sharing.rights_of(row[0]), row[1]) if row else (NOTHING, NO_END)
        until = held_until if ends_at is None else ends_at
        if before == rights and (not rights or until == held_until):
            return before
        modseq = self._state.touch()
        if rights:
            await self._session.run(_PUT_GRANT, *key, sharing.rights_text(rights), modseq, until)
        else:
            await self._session.run(_DROP_GRANT, *key)
        await self._grants_changed((mailbox_id,))
        return before

    async def end_grant(self, ended: Grant) -> bool:
        key = (self._id, ended.mailbox_id, ended.grantee.kind, ended.grantee.id)
        if await self._session.row(_END_GRANT, *key, ended.ends_at) is None:
            return False
        await self._grants_changed((ended.mailbox_id,))
        return True

    async def _grants_changed(self, mailbox_ids: Sequence[MailboxId]) -> None:
        """What clients were told before is void; the mailboxes have changed for whoever sees them."""
        modseq = self._state.touch()
        await self._session.run("update account set grants_modseq = $2 where id = $1", self._id, modseq)
        self._state.grants_modseq = modseq
        self._state.mailbox_state = modseq
        boxes = await self._load_all_boxes()
        for box in boxes:
            if box.id in mailbox_ids or WHOLE_ACCOUNT in mailbox_ids:
                box.modseq = modseq
                box.touch(modseq)
                await self._session.run(_TOUCH_BOX, self._id, box.id, modseq)

    async def copy_grants(self, source: MailboxId, target: MailboxId) -> None:
        modseq = self._state.touch()
        copied = await self._session.rows(_COPY_GRANTS, self._id, source, target, modseq)
        switched = await self._session.rows(_COPY_PERSONAL, self._id, source, target)
        if copied or switched:
            await self._grants_changed((target,))

    async def drop_grants(self, mailbox_id: MailboxId) -> None:
        dropped = await self._session.rows(_DROP_GRANTS, self._id, mailbox_id)
        switched = await self._session.rows(_DROP_PERSONAL, self._id, mailbox_id)
        await self._session.run(_DROP_SUBSCRIPTIONS, self._id, mailbox_id)
        if dropped or switched:
            await self._grants_changed(())

    async def set_personal(self, mailbox_id: MailboxId, *, personal: bool) -> None:
        await self._box(mailbox_id)
        await self._session.run(_PUT_PERSONAL if personal else _DROP_PERSONAL, self._id, mailbox_id)
        await self._grants_changed((mailbox_id,))

    async def set_person_subscribed(self, person_id: AccountId, mailbox_id: MailboxId, *, subscribed: bool) -> None:
        box = await self._box(mailbox_id)
        await self._session.run(_SUBSCRIBE, self._id, person_id, mailbox_id, int(subscribed))
        box.touch(self._state.touch())

    async def touch_senders(self) -> None:
        modseq = self._state.identity_state = self._state.touch()
        await self._session.run("update account set senders_modseq = $2 where id = $1", self._id, modseq)

    # -- a person's own keywords -----------------------------------------------------------------------------------

    async def person_keywords(self, person_id: AccountId, message_ids: Sequence[MessageId]) -> list[PersonKeywords]:
        if not message_ids:
            return []
        await self._sync()
        return await sharing.person_keywords(self._session, self._id, person_id, list(message_ids))

    async def set_person_keywords(self, person_id: AccountId, changes: Mapping[MessageId, Keywords]) -> list[MessageId]:
        held = {one.message_id: one.keywords for one in await self.person_keywords(person_id, list(changes))}
        changed = {one: wanted for one, wanted in changes.items() if held.get(one, Keywords()) != wanted}
        if not changed:
            return []
        await self._session.many(
            _PUT_KEYWORDS,
            [(self._id, person_id, one, wanted.bits, rows.tags_text(wanted)) for one, wanted in changed.items()],
        )
        seen = [one for one, wanted in changed.items() if wanted.bits & SEEN]
        fresh = await self._session.rows(UNREAD_STORIES, self._id, seen) if seen else []
        if fresh:
            self._acts.read(fresh)
            await self._session.run(MARK_READ, self._id, [row[0] for row in fresh])
        await self._touch_messages(list(changed), self._state.touch())
        return list(changed)

    # -- work ------------------------------------------------------------------------------------------------------

    async def put_assignment(
        self, message_id: MessageId, assignee: AccountId, assigned_by: AccountId, at: int, state: AssignmentState
    ) -> AssignmentRow:
        thread_id = await self._thread(message_id)
        held = await self._session.row(_ASSIGNED_MESSAGE, self._id, thread_id)
        modseq = self._state.assignment_state = self._state.touch()
        row = await self._session.row(
            _PUT_ASSIGNMENT, thread_id, message_id, assignee, assigned_by, at, state, modseq, self._id
        )
        # Who sees the message that it hung on until now must learn that it went.
        await self._touch_holders([message_id, *([MessageId(held[0])] if held is not None else [])], modseq)
        assert row is not None
        return AssignmentRow(*row)

    async def drop_assignment(self, thread_id: ThreadId) -> None:
        row = await row_of(self._session, _DROP_ASSIGNMENT, self._id, thread_id)
        modseq = self._state.assignment_state = self._state.touch()
        self._bury(tombstones.ASSIGNMENT, [(thread_id, row[0])])
        await self._touch_holders([row[1]], modseq)

    async def put_note(
        self, note_id: int | None, message_id: MessageId, author: AccountId, at: int, sealed: bytes
    ) -> NoteRow:
        state = self._state
        if note_id is not None:
            held = await row_of(self._session, _HAS_NOTE, self._id, note_id)
            message_id = MessageId(held[0])
            modseq = state.note_state = state.touch()
            row = await self._session.row(_SET_NOTE, self._id, note_id, sealed, at, modseq)
        else:
            thread_id = await self._thread(message_id)
            modseq = state.note_state = state.touch()
            number = state.next_note
            state.next_note += 1
            row = await self._session.row(
                _ADD_NOTE, number, thread_id, message_id, author, at, sealed, modseq, self._id
            )
        assert row is not None
        await self._touch_holders([message_id], modseq)
        return NoteRow(*row)

    async def drop_note(self, note_id: int) -> None:
        row = await row_of(self._session, _DROP_NOTE, self._id, note_id)
        modseq = self._state.note_state = self._state.touch()
        self._bury(tombstones.NOTE, [(note_id, row[0])])
        await self._touch_holders([row[1]], modseq)

    async def _forget_work(self, message_ids: Sequence[MessageId]) -> None:
        """Notes go with their message; an assignment stays with its conversation while there is one."""
        state, ids = self._state, list(message_ids)
        if state.note_state:
            gone = await self._session.rows(_DROP_NOTES_ON, self._id, ids)
            if gone:
                state.note_state = state.touch()
                self._bury(tombstones.NOTE, [(row[0], row[1]) for row in gone])
        if not state.assignment_state:
            return
        for thread_id, created in await self._session.rows(_ASSIGNED_ON, self._id, ids):
            state.assignment_state = state.touch()
            newest = await self._session.row(_NEWEST_OF_THREAD, self._id, thread_id)
            if newest is not None and newest[0] is not None:
                await self._session.run(_MOVE_ASSIGNMENT, self._id, thread_id, newest[0], state.assignment_state)
                await self._touch_holders([newest[0]], state.assignment_state)
            else:
                await self._session.run(_DROP_ASSIGNMENT, self._id, thread_id)
                self._bury(tombstones.ASSIGNMENT, [(thread_id, created)])

    async def put_sent_by(self, row: SentByRow) -> None:
        await self._thread(row.message_id)
        await self._session.run(
            _PUT_SENT_BY, self._id, row.message_id, row.person_id, int(row.on_behalf), row.at, row.sealed, row.queue_id
        )
        await self._touch_messages([row.message_id], self._state.touch())

    async def drop_sent_by(self, message_id: MessageId) -> None:
        if await self._session.row(_DROP_SENT_BY, self._id, message_id) is not None:
            await self._touch_messages([message_id], self._state.touch())

    async def _thread(self, message_id: MessageId) -> ThreadId:
        await self._sync()
        found = await row_of(self._session, _THREAD, self._id, message_id)
        return ThreadId(found[0])

    # -- notices ---------------------------------------------------------------------------------------------------

    async def add_notice(self, notice: NoticeRow) -> None:
        modseq = self._state.notice_state = self._state.touch()
        await self._session.run(
            _ADD_NOTICE, self._id, notice.changed_by, notice.object_account, notice.mailbox_id,
            sharing.rights_text(notice.old), sharing.rights_text(notice.new), notice.at, modseq,
        )  # fmt: skip

    async def touch_notices(self) -> None:
        self._state.notice_state = self._state.touch()

    async def drop_notices(self, ids: Sequence[int]) -> list[int]:
        gone = await self._session.rows(_DROP_NOTICES, self._id, list(ids)) if ids else ()
        if gone:
            self._state.notice_state = self._state.touch()
            self._bury(tombstones.NOTICE, [(row[0], row[1]) for row in gone])
        return [row[0] for row in gone]
