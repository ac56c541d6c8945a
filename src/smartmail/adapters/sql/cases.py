"""Reported phishing and purges (ports.store_cases.CaseStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import every, executed, whole_row
from smartmail.adapters.sql.queue import add_entry, count_blob
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.cases import CaseRow, CaseState, PurgeHit, PurgeRow, PurgeState
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.ids import AccountId, MailboxId, MessageId
from smartmail.domain.message import BlobRow
from smartmail.domain.queue import NewQueueEntry
from smartmail.ports.store_cases import CaseStore

_CASE = Shape(CaseRow)
_CASES = f"""select {_CASE} from phishing_case where ($1::bigint is null or organization_id = $1) and changed_at >= $2
    order by changed_at desc, id desc limit $3"""
_ONE = f"select {_CASE} from phishing_case where id = $1"
_OPEN = f"""insert into phishing_case (organization_id, state, similarity, sealed, blob_id, wrapped_key, opened_at,
    changed_at, reports) values ($1, $2, $3, $4, $5, $6, $7, $7, 1) returning {_CASE}"""
_REPORT = """insert into phishing_report (account_id, message_id, case_id, at) values ($1, $2, $3, $4)
    on conflict (account_id, message_id) do nothing returning case_id"""
_COUNT = "update phishing_case set reports = reports + 1, sealed = $2, changed_at = $3 where id = $1 returning id"
_REPORTED = "select message_id, case_id from phishing_report where account_id = $1 and message_id = any($2)"
_REPORTERS = """select account_id, message_id, at from phishing_report where case_id = $1 order by at, account_id,
    message_id"""
_SET = "update phishing_case set state = $2, sealed = $3, changed_at = $4 where id = $1 returning id"
_PUT_BOX = """insert into report_mailbox (account_id, mailbox_id) values ($1, $2)
    on conflict (account_id) do update set mailbox_id = excluded.mailbox_id"""
# A cross join keeps the order: the few report mailboxes lead to their messages, never all messages to them.
_MOVED = """select p.account_id, p.mailbox_id, p.message_id from report_mailbox r
    cross join placement p where p.account_id = r.account_id and p.mailbox_id = r.mailbox_id
    order by p.account_id, p.message_id limit $1"""
_PURGE = Shape(PurgeRow)
_BEGIN = f"""insert into mail_purge (organization_id, state, sealed, author, started_at, changed_at)
    values ($1, 'running', $2, $3, $4, $4) returning {_PURGE}"""
_HIT = "insert into mail_purge_hit (purge_id, account_id, message_id, state) values ($1, $2, $3, 'found')"
_HITS = "select account_id, message_id, state from mail_purge_hit where purge_id = $1 order by account_id, message_id"
_MARK = "update mail_purge_hit set state = $4 where purge_id = $1 and account_id = $2 and message_id = any($3)"
_SET_PURGE = "update mail_purge set state = $2, changed_at = $3 where id = $1 returning id"


class SqlCases(OnDatabase):
    """ports.store_cases.CaseStore."""

    cases = every(CaseStore.cases, _CASE, _CASES)

    async def case(self, case_id: int) -> CaseRow:
        row = await self._db.row(_ONE, case_id)
        if row is None:
            raise NotFound("there is no such case")
        return _CASE.of(row)

    @in_change
    async def open_case(
        self,
        session: Session,
        row: CaseRow,
        evidence: BlobRow,
        report: tuple[AccountId, MessageId],
        notices: Sequence[NewQueueEntry],
    ) -> CaseRow:
        made = await row_of(
            session,
            _OPEN,
            row.organization_id,
            row.state,
            row.similarity,
            row.sealed,
            evidence.id,
            row.wrapped_key,
            row.opened_at,
        )
        if await session.row(_REPORT, *report, made[0], row.opened_at) is None:
            raise AlreadyExists  # nothing of this one is kept
        await count_blob(session, evidence)
        for one in notices:
            await add_entry(session, one)
        return _CASE.of(made)

    @in_change
    async def add_report(
        self, session: Session, case_id: int, report: tuple[AccountId, MessageId], sealed: bytes, now: int
    ) -> bool:
        if await session.row(_REPORT, *report, case_id, now) is None:
            return False
        if await session.row(_COUNT, case_id, sealed, now) is None:
            raise NotFound("there is no such case")
        return True

    async def reported(self, account_id: AccountId, message_ids: Sequence[MessageId]) -> dict[MessageId, int]:
        rows = await self._db.rows(_REPORTED, account_id, list(message_ids))
        return {MessageId(row[0]): row[1] for row in rows}

    reporters = every(CaseStore.reporters, whole_row, _REPORTERS)

    @in_change
    async def set_case(
        self, session: Session, case_id: int, state: CaseState, sealed: bytes, audit: AuditRecord
    ) -> None:
        if await session.row(_SET, case_id, state, sealed, audit.at) is None:
            raise NotFound("there is no such case")
        await add_audit(session, audit)

    put_report_mailbox = executed(CaseStore.put_report_mailbox, _PUT_BOX)

    async def moved_to_report(self, limit: int) -> list[tuple[AccountId, MailboxId, MessageId]]:
        rows = await self._db.rows(_MOVED, limit)
        return [(AccountId(row[0]), MailboxId(row[1]), MessageId(row[2])) for row in rows]

    @in_change
    async def begin_purge(
        self, session: Session, row: PurgeRow, hits: Sequence[PurgeHit], audit: AuditRecord
    ) -> PurgeRow:
        made = await row_of(session, _BEGIN, row.organization_id, row.sealed, row.author, row.started_at)
        await session.many(_HIT, [(made[0], one.account_id, one.message_id) for one in hits])
        await add_audit(session, audit)
        return _PURGE.of(made)

    purges = every(CaseStore.purges, _PURGE, f"select {_PURGE} from mail_purge order by id desc limit $1")

    async def purge_hits(self, purge_id: int) -> list[PurgeHit]:
        rows = await self._db.rows(_HITS, purge_id)
        return [PurgeHit(AccountId(row[0]), MessageId(row[1]), row[2]) for row in rows]

    mark_hits = executed(CaseStore.mark_hits, _MARK)

    @in_change
    async def set_purge(self, session: Session, purge_id: int, state: PurgeState, audit: AuditRecord) -> None:
        if await session.row(_SET_PURGE, purge_id, state, audit.at) is None:
            raise NotFound("there is no such purge")
        await add_audit(session, audit)
