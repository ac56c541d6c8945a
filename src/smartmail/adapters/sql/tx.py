"""A mail transaction as services see it (ports.store_tx.MailTx): keywords, imports, identities, submissions, queue."""

from collections.abc import Awaitable, Callable
from operator import attrgetter
from typing import TypeVar

from smartmail.adapters.sql import rows, tombstones
from smartmail.adapters.sql.approvals import note_question, withdraw_about
from smartmail.adapters.sql.contacts import TxContacts
from smartmail.adapters.sql.filters import TxFilters
from smartmail.adapters.sql.lessons import TxLessons
from smartmail.adapters.sql.queue import add_entry, cancel_own, count_blob
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.recurring import TxRecurring
from smartmail.adapters.sql.reminders import TxReminders
from smartmail.adapters.sql.session import Session, row_of
from smartmail.adapters.sql.tx_mailboxes import TxMailboxes
from smartmail.adapters.sql.tx_sharing import TxSharing
from smartmail.adapters.sql.vault import TxTags
from smartmail.adapters.sql.work import lock_account
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import StateMismatch
from smartmail.domain.ids import IdentityId, MessageId, ModSeq, QueueEntryId, SubmissionId
from smartmail.domain.message import BlobRow
from smartmail.domain.queue import NewQueueEntry
from smartmail.domain.submission import IdentityRow, NewSubmission, SubmissionRow, UndoStatus
from smartmail.ports.acting import Acting
from smartmail.ports.expectation import Expectation
from smartmail.ports.store_approvals import Asking

_NEW_SUBMISSION_VALUES = attrgetter(
    "identity_id", "message_id", "thread_id", "queue_id", "sealed", "undo_status", "send_at"
)
T = TypeVar("T")

_FIND_KEYWORD = "select number from keyword where account_id = $1 and name_hash = $2"
_ADD_KEYWORD = "insert into keyword (account_id, number, name_hash, sealed_name) values ($1, $2, $3, $4)"
_ADD_IMPORT = """insert into import_key (account_id, key, message_id) values ($1, $2, $3)
    on conflict (account_id, key) do nothing returning 1"""
_ADD_PARCEL_MESSAGE = "insert into parcel_message (parcel_id, message_id) values ($1, $2)"
_ADD_IDENTITY = """insert into identity (account_id, id, address, sealed, created_modseq, modseq)
    values ($1, $2, $3, $4, $5, $5)"""
_SET_IDENTITY = f"""update identity set address = $3, sealed = $4, modseq = $5 where account_id = $1 and id = $2
    returning {rows.IDENTITY}"""
_DROP_IDENTITY = "delete from identity where account_id = $1 and id = $2 returning created_modseq"
_HAS_IDENTITY = "select 1 from identity where account_id = $1 and id = $2"
_ADD_SUBMISSION = f"""insert into submission (account_id, id, identity_id, message_id, thread_id, queue_id, sealed,
    undo_status, send_at, created_modseq, modseq) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10)
    returning {rows.SUBMISSION}"""
_DROP_SUBMISSION = "delete from submission where account_id = $1 and id = $2 returning created_modseq"
_ONE_SUBMISSION = f"select {rows.SUBMISSION} from submission where account_id = $1 and id = $2"
_SET_SUBMISSION = f"""update submission set undo_status = coalesce($3, undo_status), sealed = coalesce($4, sealed),
    modseq = $5 where account_id = $1 and id = $2 returning {rows.SUBMISSION}"""
_HAS_UPLOAD = "select 1 from upload where account_id = $1 and blob_id = $2"
_PUT_UPLOAD = """insert into upload (account_id, blob_id, wrapped_key, media_type, expires_at)
    values ($1, $2, $3, $4, $5) on conflict (account_id, blob_id) do update set wrapped_key = excluded.wrapped_key,
    media_type = excluded.media_type, expires_at = excluded.expires_at"""


class SqlTx(TxReminders, TxRecurring, TxContacts, TxSharing, TxFilters, TxLessons, TxTags, TxMailboxes):
    """ports.store_tx.MailTx."""

    async def keyword_number(self, name_hash: bytes, sealed_name: bytes) -> int:
        row = await self._session.row(_FIND_KEYWORD, self._id, name_hash)
        if row is not None:
            return int(row[0])
        number: int = self._state.next_keyword
        self._state.next_keyword += 1
        self._state.dirty = True
        await self._session.run(_ADD_KEYWORD, self._id, number, name_hash, sealed_name)
        return number

    async def remember_import(self, key: bytes, message_id: MessageId | None) -> bool:
        return await self._session.row(_ADD_IMPORT, self._id, key, message_id) is not None

    async def note_parcel_message(self, parcel_id: bytes, message_id: MessageId) -> None:
        await self._session.run(_ADD_PARCEL_MESSAGE, parcel_id, message_id)

    async def put_identity(self, identity_id: IdentityId | None, address: str, sealed: bytes) -> IdentityRow:
        state = self._state
        if identity_id is not None:
            await row_of(self._session, _HAS_IDENTITY, self._id, identity_id)
            state.identity_state = state.touch()
            row = await row_of(self._session, _SET_IDENTITY, self._id, identity_id, address, sealed, state.modseq)
            return rows.identity(row)
        modseq = state.identity_state = state.touch()
        number = IdentityId(state.next_identity)
        state.next_identity += 1
        await self._session.run(_ADD_IDENTITY, self._id, number, address, sealed, modseq)
        return IdentityRow(number, address, sealed, modseq, modseq)

    async def destroy_identity(self, identity_id: IdentityId) -> None:
        row = await row_of(self._session, _DROP_IDENTITY, self._id, identity_id)
        self._state.identity_state = self._state.touch()
        self._bury(tombstones.IDENTITY, [(identity_id, row[0])])

    async def add_submission(self, new: NewSubmission) -> SubmissionRow:
        state = self._state
        modseq = state.submission_state = state.touch()
        number = state.next_submission
        state.next_submission += 1
        row = await row_of(self._session, _ADD_SUBMISSION, self._id, number, *_NEW_SUBMISSION_VALUES(new), modseq)
        return rows.submission(row)

    async def submission(self, submission_id: SubmissionId) -> SubmissionRow:
        return rows.submission(await row_of(self._session, _ONE_SUBMISSION, self._id, submission_id))

    async def update_submission(
        self, submission_id: SubmissionId, *, undo_status: UndoStatus | None = None, sealed: bytes | None = None
    ) -> SubmissionRow:
        await self.submission(submission_id)
        state = self._state
        modseq = state.submission_state = state.touch()
        row = await row_of(self._session, _SET_SUBMISSION, self._id, submission_id, undo_status, sealed, modseq)
        return rows.submission(row)

    async def destroy_submission(self, submission_id: SubmissionId) -> None:
        row = await row_of(self._session, _DROP_SUBMISSION, self._id, submission_id)
        self._state.submission_state = self._state.touch()
        self._bury(tombstones.SUBMISSION, [(submission_id, row[0])])

    async def add_queue_entry(self, entry: NewQueueEntry) -> None:
        await add_entry(self._session, entry)

    async def ask_approval(self, asking: Asking) -> None:
        await note_question(self._session, asking)

    async def cancel_queue_entry(self, entry_id: QueueEntryId) -> bool:
        return await cancel_own(self._session, entry_id, self._id, self._now)

    async def end_question(self, entry_id: QueueEntryId, by: str) -> int | None:
        return await withdraw_about(self._session, entry_id, self._now, by)

    async def put_upload(self, blob: BlobRow, wrapped_key: bytes, media_type: str, expires_at: int) -> None:
        if await self._session.row(_HAS_UPLOAD, self._id, blob.id) is None:
            await count_blob(self._session, blob)
        await self._session.run(_PUT_UPLOAD, self._id, blob.id, wrapped_key, media_type, expires_at)

    async def audit(self, record: AuditRecord) -> None:
        await add_audit(self._session, record, self._id)


async def run_expected(
    session: Session, acting: Acting, body: Callable[[SqlTx], Awaitable[T]], now: int, expected: Expectation
) -> tuple[T, ModSeq]:
    """As `run_body`, and also return the state that it leaves. Raises StateMismatch, and nothing is changed, when the
    account is not in the expected state.
    """
    tx = SqlTx(session, await lock_account(session, acting.account_id), now, acting)
    # Above, not "other than": who looks at a foreign account is told a state no older than their own rights.
    if tx.state_of(expected.kind) > expected.state:
        raise StateMismatch
    result = await body(tx)
    await tx.finish()
    return result, tx.state_of(expected.kind)


async def run_body(session: Session, acting: Acting, body: Callable[[SqlTx], Awaitable[T]], now: int) -> T:
    """Run a body on a locked account and write what it changed."""
    tx = SqlTx(session, await lock_account(session, acting.account_id), now, acting)
    result = await body(tx)
    await tx.finish()
    return result
