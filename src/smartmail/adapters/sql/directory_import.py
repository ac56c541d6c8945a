"""Imports of directories (ports.store_directory_import.DirectoryImportStore)."""

from collections.abc import Sequence
from typing import Literal

from smartmail.adapters.sql.declared import executed, optional
from smartmail.adapters.sql.organization import RAISE_DIRECTORY
from smartmail.adapters.sql.recorded import add_audit, recorded
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.task_tables import Tasks, TaskTable
from smartmail.adapters.sql.transactions import change_by, in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.directory_import import ImportRow, ImportState, ImportStep, MadeAccount
from smartmail.domain.ids import OrganizationId
from smartmail.formats.address import split_address
from smartmail.ports.store_directory_import import DirectoryImportStore

_IMPORT = Shape(ImportRow)
_ADD = """insert into directory_import (id, organization_id, account_id, kind, state, total, created_at)
    values ($1, $2, $3, $4, $5, $6, $7)"""
_ADD_STEP = "insert into directory_import_step (import_id, number, state, sealed) values ($1, $2, 'waiting', $3)"
_ONE = f"select {_IMPORT} from directory_import where id = $1"
_ALL = f"select {_IMPORT} from directory_import where organization_id = $1 and id < $2 order by id desc limit $3"
_STEPS = """select import_id, number, state, sealed from directory_import_step
    where import_id = $1 and number > $2 order by number limit $3"""
_PUT_STEP = "update directory_import_step set state = $3, sealed = $4 where import_id = $1 and number = $2"
_LEASE = """update directory_import set state = $2, leased_until = $4, worker = $5, ended_at = null
    where id = $1 and state = any($6) and (leased_until <= $3 or worker = $5) returning id"""
_NOTE = """update directory_import set done = $3, failed = $4, leased_until = $5
    where id = $1 and worker = $2 returning state"""
_END = """update directory_import set state = $3, done = $4, failed = $5, ended_at = $6, leased_until = 0, worker = ''
    where id = $1 and worker = $2 returning id"""
_CANCEL = """update directory_import set ended_at = case when leased_until <= $2 then $2 else ended_at end,
    state = case when leased_until <= $2 then 'cancelled' else 'cancelling' end
    where id = $1 and state in ('waiting', 'running', 'cancelling') returning id"""
_TASK = TaskTable(
    "directory-imports", "directory_import", "state in ('running', 'undoing')", progress="done, total", polled=False
)
_FROM = {"running": ["waiting", "cancelled", "running"], "undoing": ["done", "cancelled", "undoing"]}
_LAST = (1 << 63) - 1

# A second look at everything that shows that somebody was there; the counters of the account rise with each object.
_UNTOUCHED = """select login, organization_id from account where id = $1 and modseq = $2 and auth_epoch = $3
    and state = 'active' and is_admin = 0 and messages = 0 and next_message = 1 and next_submission = 1"""
_TRACES = """select 1 from login_attempt where account_id = $1
    union all select 1 from session where account_id = $1
    union all select 1 from factor where account_id = $1
    union all select 1 from people_group_member where account_id = $1
    union all select 1 from appointment where account_id = $1
    union all select 1 from share_grant where account_id = $1
    union all select 1 from share_grant where grantee_kind = 'account' and grantee_id = $1
    union all select 1 from hold where account_id = $1
    union all select 1 from address where account_id = $1 and address <> $2 limit 1"""
_DROPS = tuple(
    f"delete from {table} where {column} = $1"
    for table, column in (
        ("address", "account_id"), ("credential", "account_id"), ("mailbox", "account_id"), ("identity", "account_id"),
        ("keyword", "account_id"), ("photograph", "account_id"), ("seat", "account_id"), ("person", "account_id"), ("account_proof", "account_id"),
        ("old_password", "account_id"), ("account", "id"),
    )
)  # fmt: skip
_ADDRESSES = """select d.address from account a join address d on d.account_id = a.id where a.organization_id = $1"""
_STAND_INS = "select address from stand_in where organization_id = $1"
_SIGNED = "select distinct domain from dkim_key where domain = any($1)"
_DROP_DOMAIN = "delete from domain where name = $1 and organization_id = $2 returning name"


async def _drop_account(session: Session, made: MadeAccount, audit: AuditRecord) -> bool:
    row = await session.row(_UNTOUCHED, made.account_id, made.modseq, made.auth_epoch)
    if row is None or await session.row(_TRACES, made.account_id, row[0]) is not None:
        return False
    for sql in _DROPS:
        await session.run(sql, made.account_id)
    await session.run(RAISE_DIRECTORY, row[1])
    await add_audit(session, audit)
    return True


async def _drop_domains(
    session: Session, organization_id: OrganizationId, names: Sequence[str], audit: AuditRecord
) -> list[str]:
    rows = [*await session.rows(_ADDRESSES, organization_id), *await session.rows(_STAND_INS, organization_id)]
    used = {split_address(row[0])[1] for row in rows} | {row[0] for row in await session.rows(_SIGNED, list(names))}
    gone = [name for name in names if name not in used]
    gone = [name for name in gone if await session.row(_DROP_DOMAIN, name, organization_id) is not None]
    if gone:
        await session.run(RAISE_DIRECTORY, organization_id)
        await add_audit(session, audit)
    return gone


class SqlDirectoryImport(OnDatabase):
    """ports.store_directory_import.DirectoryImportStore."""

    TASKS: Tasks = (_TASK,)

    async def add_import(self, row: ImportRow, steps: Sequence[bytes], audit: AuditRecord) -> None:
        values = (row.id, row.organization_id, row.account_id, row.kind, row.state, row.total, row.created_at)

        async def work(session: Session) -> None:
            await session.run(_ADD, *values)
            await session.many(_ADD_STEP, [(row.id, number, sealed) for number, sealed in enumerate(steps, start=1)])
            await add_audit(session, audit)

        await self._db.change(0, work)

    directory_import = optional(DirectoryImportStore.directory_import, _IMPORT, _ONE)

    async def directory_imports(self, organization_id: OrganizationId, before: int, limit: int) -> list[ImportRow]:
        return [_IMPORT.of(row) for row in await self._db.rows(_ALL, organization_id, before or _LAST, limit)]

    async def import_steps(self, import_id: int, after: int, limit: int) -> list[ImportStep]:
        rows = await self._db.rows(_STEPS, import_id, after, limit)
        return [ImportStep(row[0], row[1], row[2], bytes(row[3])) for row in rows]

    put_import_step = executed(DirectoryImportStore.put_import_step, _PUT_STEP)

    async def lease_import(
        self, import_id: int, state: Literal["running", "undoing"], now: int, until: int, worker: str
    ) -> bool:
        values = (import_id, state, now, until, worker, _FROM[state])
        return await self._db.lease(lambda session: session.row(_LEASE, *values)) is not None

    async def note_import(self, import_id: int, worker: str, done: int, failed: int, until: int) -> bool:
        values = (import_id, worker, done, failed, until)
        row = await self._db.change(0, lambda session: session.row(_NOTE, *values))
        return row is not None and row[0] in {"running", "undoing"}

    @in_change
    async def end_import(
        self,
        session: Session,
        import_id: int,
        worker: str,
        state: ImportState,
        done: int,
        failed: int,
        audit: AuditRecord,
    ) -> None:
        if await session.row(_END, import_id, worker, state, done, failed, audit.at) is not None:
            await add_audit(session, audit)

    async def cancel_import(self, import_id: int, audit: AuditRecord) -> bool:
        return await self._db.change(0, lambda session: recorded(session, audit, None, _CANCEL, import_id, audit.at))

    drop_new_account = change_by(_drop_account)
    drop_new_domains = change_by(_drop_domains)
