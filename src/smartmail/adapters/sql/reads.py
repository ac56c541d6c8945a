"""What services read of one account's mail (ports.store_mail.MailReads). Large answers come in pages, so that no statement
holds the event loop for more than some 20 ms and none stays open across an await.
"""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from operator import attrgetter

from smartmail.adapters.sql import changes, rows
from smartmail.adapters.sql.declared import first_column, required
from smartmail.adapters.sql.session import OnDatabase, Row, Session, row_of
from smartmail.adapters.sql.transactions import in_read, read_by
from smartmail.adapters.sql.work import UNREAD_MASK
from smartmail.domain.account import Account
from smartmail.domain.changes import Changes, ChangeType
from smartmail.domain.errors import NotFound
from smartmail.domain.ids import AccountId, BlobId, MailboxId, MessageId, ModSeq, SubmissionId, ThreadId
from smartmail.domain.mailbox import MailboxRow
from smartmail.domain.message import BlobRow, MessageRow, Placement, ViewChanges, ViewEntry
from smartmail.domain.submission import IdentityRow, SubmissionRow
from smartmail.ports.store_blobs import BlobRowStore

PAGE = 8_000
"""Lines of a mailbox in one step of the event loop."""
_SUMMARY_PAGE = 2_000

ACCOUNT = f"select {rows.ACCOUNT} from account where id = $1"
_MAILBOXES = f"select {rows.MAILBOX} from mailbox where account_id = $1 order by id"
_MAILBOX = f"select {rows.MAILBOX} from mailbox where account_id = $1 and id = $2"
_VIEW = f"""select {rows.VIEW} from placement p join message m on m.account_id = p.account_id and m.id = p.message_id
    where p.account_id = $1 and p.mailbox_id = $2 and p.uid > $3 order by p.uid limit $4"""
_MESSAGES = f"select {rows.MESSAGE} from message where account_id = $1 and id = any($2)"
_ALL_MESSAGES = f"select {rows.MESSAGE} from message where account_id = $1 and id > $2 order by id limit $3"
_PLACEMENTS = f"select {rows.PLACEMENT} from placement where account_id = $1 and message_id = any($2)"
_INSPECTIONS = "select message_id, blob_id, sealed from inspection where account_id = $1 and message_id = any($2)"
_SUMMARIES = "select message_id, blob_id, sealed from summary where account_id = $1 and message_id = any($2)"
_BLOBS = "select id, volume_id, location, size, newer_key from blob where id = any($1)"
_KEY = """select wrapped_key from message where account_id = $1 and blob_id = $2
    union all select wrapped_key from upload where account_id = $1 and blob_id = $2 limit 1"""
_WINDOW = """select message_id from placement where account_id = $1 and mailbox_id = $2 and deleted = 0
    order by received_at desc, uid desc limit $3 offset $4"""
_THREAD = """select thread_id, id from message where account_id = $1 and thread_id = any($2)
    order by thread_id, received_at, id"""
# RFC 8621 §2: for unreadThreads a message that is only in the trash does not count elsewhere, and one that is not in the
# trash does not count there.
_THREAD_COUNTS = f"""with placed as (
        select p.mailbox_id, m.thread_id, case when m.flags & {UNREAD_MASK} = 0 then 1 else 0 end as unread,
            case when b.role = 'trash' then 1 else 0 end as trashed
        from placement p
        join message m on m.account_id = p.account_id and m.id = p.message_id
        join mailbox b on b.account_id = p.account_id and b.id = p.mailbox_id
        where p.account_id = $1 and p.deleted = 0
    ), marked as (
        select mailbox_id, thread_id, max(unread) over (partition by thread_id, trashed) as unread from placed
    )
    select mailbox_id, count(distinct thread_id), count(distinct case when unread = 1 then thread_id end)
    from marked group by mailbox_id"""
_KEYWORDS = "select number, sealed_name from keyword where account_id = $1 order by number"
_IMPORTED = "select key from import_key where account_id = $1 and key = any($2)"
_IDENTITIES = f"select {rows.IDENTITY} from identity where account_id = $1 order by id"
_SUBMISSIONS = f"select {rows.SUBMISSION} from submission where account_id = $1 order by id"
_SOME_SUBMISSIONS = f"select {rows.SUBMISSION} from submission where account_id = $1 and id = any($2) order by id"

_newest = attrgetter("received_at", "id")


async def _view_page(
    session: Session, account_id: int, mailbox_id: int, after: int
) -> tuple[MailboxRow, list[ViewEntry]]:
    box = await mailbox(session, account_id, mailbox_id)
    return box, rows.entries(await session.rows(_VIEW, account_id, mailbox_id, after, PAGE))


async def mailbox(session: Session, account_id: int, mailbox_id: int) -> MailboxRow:
    """Return a mailbox. Raises NotFound."""
    return rows.mailbox(await row_of(session, _MAILBOX, account_id, mailbox_id))


def _merged(lines: Iterable[ViewEntry], late: ViewChanges) -> list[ViewEntry]:
    """Return lines read page by page as they are at the moment of the last page."""
    by_uid = {line.uid: line for line in lines}
    for line in late.entries:
        by_uid[line.uid] = line
    for uid in late.vanished:
        by_uid.pop(uid, None)
    return [by_uid[uid] for uid in sorted(by_uid)]


class SqlReads(OnDatabase):
    """ports.store_mail.MailReads, and rows of blobs (ports.store_blobs)."""

    async def account(self, account_id: AccountId) -> Account:
        row = await self._db.row(ACCOUNT, account_id)
        if row is None:
            raise NotFound
        return rows.account(row)

    async def mailboxes(self, account_id: AccountId) -> list[MailboxRow]:
        return [rows.mailbox(row) for row in await self._rows(_MAILBOXES, account_id)]

    async def view(self, account_id: AccountId, mailbox_id: MailboxId) -> tuple[MailboxRow, list[ViewEntry]]:
        box, lines = await self._view_page(account_id, mailbox_id, 0)
        if len(lines) < PAGE:
            return box, lines
        started = box.highest_modseq
        page = lines
        while len(page) == PAGE:
            await asyncio.sleep(0)
            box, page = await self._view_page(account_id, mailbox_id, page[-1].uid)
            lines += page
        if box.highest_modseq == started:
            return box, lines
        return await self._db.read(lambda s: _caught_up(s, account_id, mailbox_id, started, lines))

    async def view_changes(
        self, account_id: AccountId, mailbox_id: MailboxId, since: ModSeq, *, everything: bool = False
    ) -> ViewChanges:
        return await self._db.read(
            lambda s: changes.view_changes(s, account_id, mailbox_id, since, everything=everything)
        )

    async def messages(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> list[MessageRow]:
        found: list[MessageRow] = []
        async for page in self._paged(_MESSAGES, account_id, message_ids, PAGE):
            found += rows.messages(page)
        return found

    async def placements(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> list[Placement]:
        found: list[Placement] = []
        async for page in self._paged(_PLACEMENTS, account_id, message_ids, PAGE):
            found += rows.placements(page)
        return found

    async def summaries(
        self, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> list[tuple[MessageId, BlobId, bytes]]:
        found: list[tuple[MessageId, BlobId, bytes]] = []
        async for page in self._paged(_SUMMARIES, account_id, message_ids, _SUMMARY_PAGE):
            found += [(row[0], row[1], row[2]) for row in page]
        return found

    async def inspections(
        self, account_id: AccountId, message_ids: Sequence[MessageId]
    ) -> list[tuple[MessageId, BlobId, bytes]]:
        found: list[tuple[MessageId, BlobId, bytes]] = []
        async for page in self._paged(_INSPECTIONS, account_id, message_ids, _SUMMARY_PAGE):
            found += [(row[0], row[1], row[2]) for row in page]
        return found

    async def _paged(
        self, sql: str, account_id: AccountId, ids: Sequence[int] | Sequence[bytes], size: int
    ) -> AsyncIterator[Sequence[Row]]:
        for start in range(0, len(ids), size):
            if start:
                await asyncio.sleep(0)
            yield await self._rows(sql, account_id, list(ids[start : start + size]))

    async def _rows(self, sql: str, *args: object) -> Sequence[Row]:
        return await self._db.rows(sql, *args)

    _view_page = read_by(_view_page)

    async def blob(self, blob_id: BlobId) -> BlobRow:
        found = await self.blobs([blob_id])
        if not found:
            raise NotFound
        return found[0]

    async def blobs(self, blob_ids: Sequence[BlobId]) -> list[BlobRow]:
        if not blob_ids:
            return []
        return [rows.blob(row) for row in await self._rows(_BLOBS, list(blob_ids))]

    blob_key = required(BlobRowStore.blob_key, first_column, _KEY)

    @in_read
    async def list_messages(
        self, session: Session, account_id: AccountId, mailbox_id: MailboxId, *, position: int, limit: int
    ) -> tuple[list[MessageId], int]:
        total = await row_of(
            session, "select total from mailbox where account_id = $1 and id = $2", account_id, mailbox_id
        )
        return [row[0] for row in await session.rows(_WINDOW, account_id, mailbox_id, limit, position)], total[0]

    async def all_messages(self, account_id: AccountId) -> list[MessageRow]:
        found: list[MessageRow] = []
        page: Sequence[Row] = ()
        while not found or len(page) == PAGE:
            page = await self._rows(_ALL_MESSAGES, account_id, found[-1].id if found else 0, PAGE)
            found += rows.messages(page)
            if len(page) < PAGE:
                break
            await asyncio.sleep(0)
        found.sort(key=_newest, reverse=True)
        return found

    async def thread(self, account_id: AccountId, thread_ids: Sequence[ThreadId]) -> list[tuple[ThreadId, MessageId]]:
        found: list[tuple[ThreadId, MessageId]] = []
        async for page in self._paged(_THREAD, account_id, thread_ids, PAGE):
            found += [(row[0], row[1]) for row in page]
        return found

    async def thread_counts(self, account_id: AccountId) -> Mapping[MailboxId, tuple[int, int]]:
        counted = await self._db.read_aside(lambda s: s.rows(_THREAD_COUNTS, account_id))
        return {row[0]: (row[1], row[2]) for row in counted}

    async def keywords(self, account_id: AccountId) -> list[tuple[int, bytes]]:
        return [(row[0], row[1]) for row in await self._rows(_KEYWORDS, account_id)]

    async def changes(self, account_id: AccountId, kind: ChangeType, since: ModSeq, limit: int) -> Changes | None:
        return await self._db.read(lambda s: changes.changes(s, account_id, kind, since, limit))

    async def state(self, account_id: AccountId, kind: ChangeType) -> ModSeq:
        return await self._db.read(lambda s: changes.state(s, account_id, kind))

    async def imported(self, account_id: AccountId, keys: Sequence[bytes]) -> set[bytes]:
        found: set[bytes] = set()
        async for page in self._paged(_IMPORTED, account_id, keys, PAGE):
            found.update(bytes(row[0]) for row in page)
        return found

    async def identities(self, account_id: AccountId) -> list[IdentityRow]:
        return [rows.identity(row) for row in await self._rows(_IDENTITIES, account_id)]

    async def submissions(self, account_id: AccountId, ids: Sequence[SubmissionId] | None) -> list[SubmissionRow]:
        if ids is None:
            found = await self._rows(_SUBMISSIONS, account_id)
        elif ids:
            found = await self._rows(_SOME_SUBMISSIONS, account_id, list(ids))
        else:
            found = ()
        return [rows.submission(row) for row in found]


async def _caught_up(
    session: Session, account_id: int, mailbox_id: int, started: ModSeq, lines: list[ViewEntry]
) -> tuple[MailboxRow, list[ViewEntry]]:
    """Return the mailbox as it is now: pages read since `started` plus what happened meanwhile."""
    late = await changes.view_changes(session, account_id, mailbox_id, started, everything=True)
    return await mailbox(session, account_id, mailbox_id), _merged(lines, late)
