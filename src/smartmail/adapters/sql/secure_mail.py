"""Secure mail: letters, tickets, views (ports.store_secure_mail.SecureMailStore).

SECURITY  A key is destroyed by writing as many random bytes in its place, by a statement of its own: SQLite then changes the
          page in place, so that no copy of the key stays in unused space of the file, where a backup would take it along.
"""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import changed, every, executed, optional
from smartmail.adapters.sql.queue import count_blob
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import in_change
from smartmail.adapters.sql.work import DROP_BLOB
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import BlobId
from smartmail.domain.message import BlobRow
from smartmail.domain.secure_mail import (
    MOST_TRIES,
    PAUSE_MS,
    PAUSE_TRIES,
    Recalled,
    SecureEnd,
    SecureLetter,
    SecureTicket,
    SecureView,
)
from smartmail.ports.store_secure_mail import SecureMailStore

_LETTER = Shape(SecureLetter)
_ADD_LETTER = f"""insert into secure_letter ({_LETTER}) values
    ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
    on conflict (id) do nothing returning id"""
_ONE_LETTER = f"select {_LETTER} from secure_letter where id = $1"
_LETTERS = f"select {_LETTER} from secure_letter where account_id = $1 order by created_at desc, id desc limit $2"
_OF_MESSAGE = f"""select {_LETTER} from secure_letter where account_id = $1 and message_hash = $2
    order by created_at desc, id"""
_OVER = f"select {_LETTER} from secure_letter where ended = '' and expires_at <= $1 order by expires_at limit $2"
_TAKE_LETTER = """update secure_letter set taken = taken + 1 where id = $1 and ended = '' and opens_at <= $2
    and expires_at > $2 and (most = 0 or taken < most) returning id"""
_DESTROY = "update secure_letter set content_key = $2 where id = $1 and ended = '' returning blob_id"
_END = "update secure_letter set ended = $2, ended_at = $3 where id = $1"
_CHANGE_LETTER = """update secure_letter set expires_at = $2, most = $3, sealed = $4 where id = $1 and ended = ''
    returning id"""
_OLD = "select id from secure_letter where ended_at > 0 and ended_at < $1 order by ended_at limit $2"
_BLOBS = "select id, blob_id from secure_letter where ended = '' and id > $1 order by id limit $2"

_TICKET = Shape(SecureTicket)
_ADD_TICKET = f"""insert into secure_ticket ({_TICKET}) values
    ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"""
_TICKETS = f"select {_TICKET} from secure_ticket where letter_id = any($1) order by created_at, id"
_TRY = """update secure_ticket set tries = tries + 1, rests_until = case when tries + 1 = $4 then $5 else rests_until end
    where id = $1 and tries < $3 and rests_until <= $2 returning tries"""
_TAKE_TICKET = """update secure_ticket set taken = taken + 1, tries = 0, rests_until = 0, last_at = $2,
    first_at = case when first_at = 0 then $2 else first_at end
    where id = $1 and recalled_at = 0 and (most = 0 or taken < most) returning id"""
_SEAL_TICKET = "update secure_ticket set sealed = $3 where id = $1 and sealed = $2 returning id"
_RECALL_TICKET = "update secure_ticket set recalled_at = $2 where id = $1 and recalled_at = 0 returning taken"
_RECALL_ALL = "update secure_ticket set recalled_at = $2 where letter_id = $1 and recalled_at = 0"
_CHANGE_TICKET = "update secure_ticket set most = $2 where id = $1 and recalled_at = 0 returning id"
_UNLOCK = "update secure_ticket set tries = 0, rests_until = 0 where letter_id = $1"
_DELIVERED = "update secure_ticket set delivered_at = $2 where id = $1 and delivered_at = 0"
_BOUNCED = "update secure_ticket set bounced_at = $2 where id = $1 and bounced_at = 0"

_VIEW = Shape(SecureView)
_ADD_VIEW = f"insert into secure_view ({_VIEW}) values ($1, $2, $3, $4, $5, $6, $7, $8)"
_VIEWS = f"select {_VIEW} from secure_view where letter_id = any($1) order by at desc, id limit $2"


class _Lost(Exception):
    """A ticket opens nothing: what was counted for its letter is taken back with the transaction."""


class SqlSecureMail(OnDatabase):
    """ports.store_secure_mail.SecureMailStore."""

    @in_change
    async def add(
        self, session: Session, letter: SecureLetter, blob: BlobRow, tickets: Sequence[SecureTicket], audit: AuditRecord
    ) -> bool:
        if await session.row(_ADD_LETTER, *_LETTER.dump(letter)) is None:
            return False
        await count_blob(session, blob)
        await session.many(_ADD_TICKET, [_TICKET.dump(one) for one in tickets])
        await add_audit(session, audit)
        return True

    letter = optional(SecureMailStore.letter, _LETTER, _ONE_LETTER)
    letters = every(SecureMailStore.letters, _LETTER, _LETTERS)
    letters_of_message = every(SecureMailStore.letters_of_message, _LETTER, _OF_MESSAGE)
    letters_over = every(SecureMailStore.letters_over, _LETTER, _OVER)
    tickets = every(SecureMailStore.tickets, _TICKET, _TICKETS)
    ticket = optional(SecureMailStore.ticket, _TICKET, f"select {_TICKET} from secure_ticket where id = $1")
    by_token = optional(SecureMailStore.by_token, _TICKET, f"select {_TICKET} from secure_ticket where token_hash = $1")
    views = every(SecureMailStore.views, _VIEW, _VIEWS)
    by_session = optional(SecureMailStore.by_session, _VIEW, f"select {_VIEW} from secure_view where session_hash = $1")

    @in_change
    async def try_ticket(self, session: Session, ticket_id: bytes, now: int) -> int:
        row = await session.row(_TRY, ticket_id, now, MOST_TRIES, PAUSE_TRIES, now + PAUSE_MS)
        return 0 if row is None else int(row[0])

    async def open_ticket(self, ticket_id: bytes, now: int, view: SecureView, audit: AuditRecord) -> bool:
        async def body(session: Session) -> bool:
            # The letter first: a recall locks it first, too.
            if await session.row(_TAKE_LETTER, view.letter_id, now) is None:
                return False
            if await session.row(_TAKE_TICKET, ticket_id, now) is None:
                raise _Lost
            await session.run(_ADD_VIEW, *_VIEW.dump(view))
            await add_audit(session, audit)
            return True

        try:
            return await self._db.change(0, body)
        except _Lost:
            return False

    seal_ticket = changed(SecureMailStore.seal_ticket, _SEAL_TICKET)
    note_act = executed(
        SecureMailStore.note_act,
        "update secure_view set downloads = downloads + $2, replies = replies + $3 where id = $1",
    )

    @in_change
    async def note_delivery(self, session: Session, ticket_id: bytes, now: int, *, delivered: bool) -> None:
        await session.run(_DELIVERED if delivered else _BOUNCED, ticket_id, now)

    @in_change
    async def end_letter(
        self,
        session: Session,
        letter_id: bytes,
        now: int,
        end: SecureEnd,
        noise: bytes,
        audit: AuditRecord | None = None,
    ) -> list[Recalled] | None:
        row = await session.row(_DESTROY, letter_id, noise)
        if row is None:
            return None
        await session.run(_END, letter_id, end, now)
        rows = await session.rows(_TICKETS, [letter_id])
        if end == "recalled":
            await session.run(_RECALL_ALL, letter_id, now)
        await session.many(DROP_BLOB, [(bytes(row[0]), 1, now)])
        await add_audit(session, audit)
        return [Recalled(one.id, one.taken) for one in map(_TICKET.of, rows) if not one.recalled_at]

    @in_change
    async def recall_ticket(self, session: Session, ticket_id: bytes, now: int, audit: AuditRecord) -> Recalled | None:
        row = await session.row(_RECALL_TICKET, ticket_id, now)
        if row is None:
            return None
        await add_audit(session, audit)
        return Recalled(ticket_id, int(row[0]))

    change_letter = changed(SecureMailStore.change_letter, _CHANGE_LETTER)
    change_ticket = changed(SecureMailStore.change_ticket, _CHANGE_TICKET)
    unlock_tickets = executed(SecureMailStore.unlock_tickets, _UNLOCK)

    @in_change
    async def forget(self, session: Session, before: int, limit: int) -> int:
        ids = [(bytes(row[0]),) for row in await session.rows(_OLD, before, limit)]
        await session.many("delete from secure_view where letter_id = $1", ids)
        await session.many("delete from secure_ticket where letter_id = $1", ids)
        await session.many("delete from secure_letter where id = $1", ids)
        return len(ids)

    async def blobs(self, after: bytes, limit: int) -> list[tuple[bytes, BlobId]]:
        return [(bytes(row[0]), BlobId(bytes(row[1]))) for row in await self._db.rows(_BLOBS, after, limit)]
