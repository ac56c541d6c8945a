"""Reads of sharing (ports.store_sharing.SharingStore)."""

from collections.abc import Mapping, Sequence

from smartmail.adapters.sql import rows, tombstones
from smartmail.adapters.sql.declared import every, exists, first_column, whole_row
from smartmail.adapters.sql.session import OnDatabase, Row, Session
from smartmail.adapters.sql.shape import Parts, Shape
from smartmail.adapters.sql.task_tables import Look, Tasks
from smartmail.adapters.sql.transactions import in_account_change
from smartmail.adapters.sql.work import UNREAD_MASK
from smartmail.domain.ids import AccountId, BlobId, MailboxId, MessageId, ModSeq, ThreadId
from smartmail.domain.keywords import DRAFT, SEEN
from smartmail.domain.message import MessageRow
from smartmail.domain.rights import LETTERS, Grant, Grantee
from smartmail.domain.sharing import AssignmentRow, NoteRow, NoticeRow, PersonKeywords, SentByRow
from smartmail.ports.store_sharing import SharingStore

ASSIGNMENT = Shape(AssignmentRow, thread_id=Parts(int, "id"))
NOTE = Shape(NoteRow)
GRANT = "account_id, mailbox_id, grantee_kind, grantee_id, rights, modseq, ends_at"
_GRANTS = f"""select {GRANT} from share_grant where account_id = $1
    order by mailbox_id, grantee_kind, grantee_id"""
_ENDED = f"""select {GRANT} from share_grant where ends_at > 0 and ends_at <= $1
    order by ends_at, account_id, mailbox_id limit $2"""
_SHARED_WITH = """select distinct account_id from share_grant where grantee_kind = $1 and grantee_id = any($2)
    order by account_id"""
_PERSONAL = "select mailbox_id from share_personal where account_id = $1 order by mailbox_id"
_SUBSCRIPTIONS = "select mailbox_id, subscribed from person_subscription where account_id = $1 and person_id = $2"
_PERSON_ROWS = """select message_id, flags, tags from person_keyword
    where account_id = $1 and person_id = $2 and message_id = any($3)"""
# The plus keeps the planners from walking the whole mailbox.
_PERSON_PLACED = """select distinct message_id from placement p
    where p.account_id = $1 and p.message_id = any($2)
    and +p.mailbox_id in (select mailbox_id from share_personal where account_id = $1)"""
_UNSEEN = f"""select p.mailbox_id,
        sum(case when p.deleted = 0 and (m.flags & {DRAFT}) = 0 and (coalesce(k.flags, 0) & {SEEN}) = 0 then 1 else 0 end),
        sum(case when (coalesce(k.flags, 0) & {SEEN}) = 0 then 1 else 0 end)
    from placement p join message m on m.account_id = p.account_id and m.id = p.message_id
    left join person_keyword k on k.account_id = p.account_id and k.person_id = $2 and k.message_id = p.message_id
    where p.account_id = $1 and p.mailbox_id in (select mailbox_id from share_personal where account_id = $1)
    group by p.mailbox_id"""
_BLOB_MESSAGES = f"select {rows.MESSAGE} from message where account_id = $1 and blob_id = $2 order by id"
_ASSIGNMENTS = f"select {ASSIGNMENT} from assignment where account_id = $1 order by id"
_SOME_ASSIGNMENTS = f"select {ASSIGNMENT} from assignment where account_id = $1 and id = any($2) order by id"
_NOTES = f"select {NOTE} from note where account_id = $1 order by id"
_SOME_NOTES = f"select {NOTE} from note where account_id = $1 and id = any($2) order by id"
_NOTES_ON = f"select {NOTE} from note where account_id = $1 and thread_id = any($2) order by id"
_SENT_BY = """select message_id, person_id, on_behalf, at, sealed, queue_id from sent_by
    where account_id = $1 and message_id = any($2)"""
_COPIES = "select account_id, message_id from sent_by where queue_id = $1 and queue_id <> 0"
_NOTICES = """select id, changed_by, object_account, mailbox_id, old_rights, new_rights, at from share_notice
    where account_id = $1 order by id"""
_LEFT = """select type, gone from tombstone where account_id = $1 and modseq > $2 and modseq <= $3 and type = any($4)
    and mailbox_id = any($5)"""
_SWEEPS = tuple(
    f"""delete from {table} where account_id = $1 and not exists (select 1 from message m
        where m.account_id = $1 and m.id = {table}.message_id) returning account_id"""
    for table in ("person_keyword", "sent_by")
)

assert UNREAD_MASK == SEEN | DRAFT


def rights_text(rights: frozenset[str]) -> str:
    """Return the stored form of rights: letters in their order, then words."""
    letters = "".join(one for one in LETTERS if one in rights)
    return " ".join([letters, *sorted(one for one in rights if len(one) > 1)]).strip()


def rights_of(text: str) -> frozenset[str]:
    """Return rights from their stored form."""
    words = text.split()
    return frozenset(one for word in words for one in ([word] if word.startswith("send") else word))


async def person_keywords(
    session: Session, account_id: int, person_id: int, message_ids: list[MessageId]
) -> list[PersonKeywords]:
    """Return what a person has set: entries for messages that are personal or have a row."""
    held = {row[0]: row for row in await session.rows(_PERSON_ROWS, account_id, person_id, message_ids)}
    placed: set[MessageId] = set()
    if await session.row("select 1 from share_personal where account_id = $1 limit 1", account_id):
        placed = {row[0] for row in await session.rows(_PERSON_PLACED, account_id, message_ids)}
    return [
        PersonKeywords(one, rows.keywords(*(held[one][1:] if one in held else (0, None))), one in placed)
        for one in dict.fromkeys(message_ids)
        if one in held or one in placed
    ]


def grant(row: Row) -> Grant:
    """Return a row of GRANT as a grant."""
    return Grant(row[0], row[1], Grantee(row[2], row[3]), rights_of(row[4]), row[5], row[6])


class SqlSharing(OnDatabase):
    """ports.store_sharing.SharingStore."""

    TASKS: Tasks = (Look("share-ends", "select 1 from share_grant where ends_at > 0 and ends_at <= $1"),)

    grants = every(SharingStore.grants, grant, _GRANTS)
    ended_grants = every(SharingStore.ended_grants, grant, _ENDED)

    async def grants_state(self, account_id: AccountId) -> ModSeq:
        row = await self._db.row("select grants_modseq from account where id = $1", account_id)
        return ModSeq(row[0] if row else 0)

    async def accounts_shared_with(self, grantees: Sequence[Grantee]) -> list[AccountId]:
        by_kind: dict[str, list[int]] = {}
        for one in grantees:
            by_kind.setdefault(one.kind, []).append(one.id)
        found: set[AccountId] = set()
        for kind, ids in by_kind.items():
            found.update(row[0] for row in await self._db.rows(_SHARED_WITH, kind, ids))
        return sorted(found)

    personal_mailboxes = every(SharingStore.personal_mailboxes, first_column, _PERSONAL)

    async def person_subscriptions(self, account_id: AccountId, person_id: AccountId) -> Mapping[MailboxId, bool]:
        return {row[0]: bool(row[1]) for row in await self._db.rows(_SUBSCRIPTIONS, account_id, person_id)}

    async def person_keywords(
        self, account_id: AccountId, person_id: AccountId, message_ids: Sequence[MessageId]
    ) -> list[PersonKeywords]:
        if not message_ids:
            return []
        return await self._db.read(lambda s: person_keywords(s, account_id, person_id, list(message_ids)))

    async def person_unseen(self, account_id: AccountId, person_id: AccountId) -> Mapping[MailboxId, tuple[int, int]]:
        counted = await self._db.read_aside(lambda s: s.rows(_UNSEEN, account_id, person_id))
        return {row[0]: (int(row[1]), int(row[2])) for row in counted}

    async def blob_messages(self, account_id: AccountId, blob_id: BlobId) -> list[MessageRow]:
        return rows.messages(await self._db.rows(_BLOB_MESSAGES, account_id, blob_id))

    is_upload = exists(SharingStore.is_upload, "select 1 from upload where account_id = $1 and blob_id = $2")

    async def assignments(self, account_id: AccountId, thread_ids: Sequence[ThreadId] | None) -> list[AssignmentRow]:
        return [ASSIGNMENT.of(row) for row in await self._some(_ASSIGNMENTS, _SOME_ASSIGNMENTS, account_id, thread_ids)]

    async def notes(self, account_id: AccountId, ids: Sequence[int] | None) -> list[NoteRow]:
        return [NOTE.of(row) for row in await self._some(_NOTES, _SOME_NOTES, account_id, ids)]

    notes_on = every(SharingStore.notes_on, NOTE, _NOTES_ON)

    async def sent_by(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> list[SentByRow]:
        found = await self._db.rows(_SENT_BY, account_id, list(message_ids))
        return [SentByRow(row[0], row[1], bool(row[2]), row[3], row[4], row[5]) for row in found]

    sent_copies = every(SharingStore.sent_copies, whole_row, _COPIES)

    async def left(
        self, account_id: AccountId, mailbox_ids: Sequence[MailboxId], since: ModSeq, until: ModSeq
    ) -> tuple[set[MessageId], set[ThreadId]]:
        kinds = [tombstones.LEFT, tombstones.THREAD_LEFT]
        messages: set[MessageId] = set()
        threads: set[ThreadId] = set()
        for kind, gone in await self._db.rows(_LEFT, account_id, since, until, kinds, list(mailbox_ids)):
            known = [number for number, created in tombstones.unpack(gone) if created <= since]
            if kind == tombstones.LEFT:
                messages.update(map(MessageId, known))
            else:
                threads.update(map(ThreadId, known))
        return messages, threads

    async def notices(self, account_id: AccountId) -> list[NoticeRow]:
        found = await self._db.rows(_NOTICES, account_id)
        return [
            NoticeRow(row[0], row[1], row[2], row[3], rights_of(row[4]), rights_of(row[5]), row[6]) for row in found
        ]

    @in_account_change
    async def sweep_sharing(self, session: Session, account_id: AccountId) -> int:
        return sum([len(await session.rows(sql, account_id)) for sql in _SWEEPS])

    async def _some(self, every: str, some: str, account_id: AccountId, ids: Sequence[int] | None) -> Sequence[Row]:
        if ids is None:
            return await self._db.rows(every, account_id)
        return await self._db.rows(some, account_id, list(ids)) if ids else ()
