"""Answers, long work and keys of the admin API (ports.store_admin_jobs.AdminJobStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.declared import changed, every, executed, integer, optional
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Row, Session
from smartmail.adapters.sql.shape import ITEMS, Shape
from smartmail.adapters.sql.task_tables import Tasks, TaskTable
from smartmail.adapters.sql.tasks import Leasing
from smartmail.adapters.sql.transactions import in_account_change
from smartmail.domain.account import Account
from smartmail.domain.admin_api import AccountMarks, AccountOrder, AdminKeyRow, JobRow, KeptAnswer
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.factors import FactorKind
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.ports.store_admin_jobs import AdminJobStore

_DROP_OLD = "delete from admin_answer where account_id = $1 and key_hash = $2 and expires_at <= $3"
_CLAIM = """insert into admin_answer (account_id, key_hash, request_hash, status, expires_at)
    values ($1, $2, $3, 0, $4) on conflict (account_id, key_hash) do nothing returning status"""
_KEPT = "select request_hash, status, sealed_answer from admin_answer where account_id = $1 and key_hash = $2"
_KEEP = """update admin_answer set status = $3, sealed_answer = $4, expires_at = $5
    where account_id = $1 and key_hash = $2"""
_DROP = "delete from admin_answer where account_id = $1 and key_hash = $2"
_OLD = "select account_id, key_hash from admin_answer where expires_at <= $1 limit $2"
_JOB = Shape(JobRow)
_JOB_ROW_VALUES = _JOB.values("organization_id, account_id, kind, sealed_request, total, created_at")
# The index admin_job_alone decides between two that are added at once: on PostgreSQL neither transaction sees the other's row.
_ADD_JOB = f"""insert into admin_job (organization_id, account_id, kind, state, sealed_request, total, created_at, alone)
    values ($1, $2, $3, 'waiting', $4, $5, $6, $7) on conflict do nothing returning {_JOB}"""
# For rows that the index does not hold: older ones, and those of a node that runs the previous version.
_SAME_KIND = "select 1 from admin_job where kind = $1 and state = any($2) limit 1"
_JOBS = f"""select {_JOB} from admin_job where organization_id = $1 and id < $2 order by id desc limit $3"""
_TASK = TaskTable(
    "admin-jobs", "admin_job", "state in ('waiting', 'running')", order="leased_until, id",
    sets="state = 'running', started_at = coalesce(started_at, $1)", progress="done, total",
)  # fmt: skip
_LEASING = Leasing(_TASK, _JOB)
_NOTE_JOB = """update admin_job set done = $3, total = $4, leased_until = $5
    where id = $1 and worker = $2 and state = 'running' returning cancelling"""
_KEEP_JOB = "update admin_job set sealed_result = $3 where id = $1 and worker = $2 and state = 'running'"
_END_JOB = """update admin_job set state = $3, sealed_result = $4, error = $5, ended_at = $6, leased_until = 0
    where id = $1 and worker = $2 and state = 'running'"""
_CANCEL = """update admin_job set cancelling = 1,
    ended_at = case when state = 'waiting' then $2 else ended_at end,
    state = case when state = 'waiting' then 'cancelled' else state end
    where id = $1 and state = any($3) returning id"""
_KEY = Shape(AdminKeyRow, permissions=ITEMS, networks=ITEMS)
_ADMIN_KEY_ROW_VALUES = _KEY.values(
    "organization_id, account_id, lookup, sealed_label, permissions, networks, created_at, expires_at"
)
_ADD_KEY = f"""insert into admin_key (organization_id, account_id, lookup, sealed_label, permissions, networks,
    created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8) returning {_KEY}"""
_KEYS = f"select {_KEY} from admin_key where organization_id = $1 order by id"
_PAGE = f"select {rows.ACCOUNT} from account where organization_id = $1 and id > $2 order by id limit $3"
_STATES = """select state, count(*) from account where organization_id = $1 and kind = 'person'
    group by state order by state"""
_FITS = """organization_id = $1 and ($2 = '' or state = $2) and ($3 = '' or kind = $3)
    and ($4 = '' or login like $5 escape '!') and ($6 = 0 or department_id = any($7))
    and ($8 = '' or name like $9 escape '!' or lower(name) like $10 escape '!' or login like $10 escape '!'
    or lower(department) like $10 escape '!' or department like $9 escape '!'
    or lower(title) like $10 escape '!' or title like $9 escape '!')
    and ($11 = '' or ($11 = 'none') <> exists (select 1 from factor where factor.account_id = account.id
    and factor.kind <> 'recovery' and ($11 = 'none' or $11 = 'any' or factor.kind = $11)))"""
_COUNT = f"select count(*) from account where {_FITS}"
_KINDS = "select distinct account_id, kind from factor where account_id = any($1) order by account_id, kind"
_ORDERS: dict[AccountOrder, str] = {
    "id": "id", "name": "name, id", "department": "department, name, id", "state": "state, name, id",
    "used": "used, id", "messages": "messages, id",
}  # fmt: skip


def _found(order: AccountOrder, *, descending: bool) -> str:
    """Return the statement of a page in an order: it goes on behind the account of $12, wherever that is now."""
    columns, step, way = _ORDERS[order], *(("<", "desc") if descending else (">", "asc"))
    sorts = ", ".join(f"{one} {way}" for one in columns.split(", "))
    return f"""select {rows.ACCOUNT} from account where {_FITS}
        and ($12 = 0 or ({columns}) {step} (select {columns} from account where id = $12)) order by {sorts} limit $13"""


_FOUND = {(order, way): _found(order, descending=way) for order in _ORDERS for way in (False, True)}
_OPEN = ["waiting", "running"]
_LAST = (1 << 63) - 1


def _octets(value: object) -> bytes | None:
    return None if value is None else bytes(value)  # type: ignore[call-overload]


def _within(words: str) -> str:
    """Return the pattern of texts that hold these words, whatever signs are in them."""
    for sign in "!%_":
        words = words.replace(sign, f"!{sign}")
    return f"%{words}%"


def _marked(organization_id: OrganizationId, marks: AccountMarks) -> tuple[object, ...]:
    """Return the arguments of `_FITS`."""
    domain = f"%@{_within(marks.domain.lower())[1:-1]}"
    return (
        organization_id, marks.state, marks.kind, marks.domain, domain, int(bool(marks.departments)),
        list(marks.departments), marks.words, _within(marks.words), _within(marks.words.casefold()), marks.factor,
    )  # fmt: skip


def _factor_kind(row: Row) -> tuple[AccountId, FactorKind]:
    return AccountId(row[0]), row[1]


class SqlAdminJobs(OnDatabase):
    """ports.store_admin_jobs.AdminJobStore."""

    TASKS: Tasks = (_TASK,)

    @in_account_change
    async def claim_answer(
        self, session: Session, account_id: AccountId, key_hash: bytes, request_hash: bytes, now: int, until: int
    ) -> KeptAnswer | None:
        await session.run(_DROP_OLD, account_id, key_hash, now)
        if await session.row(_CLAIM, account_id, key_hash, request_hash, until) is not None:
            return None
        row = await session.row(_KEPT, account_id, key_hash)
        return None if row is None else KeptAnswer(bytes(row[0]), row[1], _octets(row[2]))

    count_answers = integer(AdminJobStore.count_answers, "select count(*) from admin_answer where account_id = $1")
    keep_answer = executed(AdminJobStore.keep_answer, _KEEP, by_account=True)
    drop_answer = executed(AdminJobStore.drop_answer, _DROP, by_account=True)

    async def forget_answers(self, now: int, limit: int) -> int:
        old = [tuple(row) for row in await self._db.rows(_OLD, now, limit)]
        if old:
            await self._db.change(0, lambda session: session.many(_DROP, old))
        return len(old)

    async def add_job(self, row: JobRow, audit: AuditRecord, *, alone: bool = False) -> JobRow:
        values = (*_JOB_ROW_VALUES(row), int(alone))

        async def work(session: Session) -> JobRow:
            is_open = alone and await session.row(_SAME_KIND, row.kind, _OPEN) is not None
            made = None if is_open else await session.row(_ADD_JOB, *values)
            if made is None:
                raise AlreadyExists(
                    "work of this kind waits or runs already: wait for its end, or end it first", reason="job.waits"
                )
            await add_audit(session, audit)
            return _JOB.of(made)

        return await self._db.change(0, work)

    job = optional(AdminJobStore.job, _JOB, f"select {_JOB} from admin_job where id = $1")

    async def jobs(self, organization_id: OrganizationId, before: int, limit: int) -> list[JobRow]:
        return [_JOB.of(row) for row in await self._db.rows(_JOBS, organization_id, before or _LAST, limit)]

    async def lease_job(self, now: int, until: int, worker: str) -> JobRow | None:
        return await _LEASING.next(self._db, now, until, worker)

    async def note_job(self, job_id: int, worker: str, done: int, total: int, until: int) -> bool:
        row = await self._db.change(0, lambda session: session.row(_NOTE_JOB, job_id, worker, done, total, until))
        return row is not None and not row[0]

    keep_job = executed(AdminJobStore.keep_job, _KEEP_JOB)
    end_job = executed(AdminJobStore.end_job, _END_JOB)
    cancel_job = changed(AdminJobStore.cancel_job, _CANCEL, also=(_OPEN,))

    async def add_admin_key(self, row: AdminKeyRow, audit: AuditRecord) -> AdminKeyRow:
        values = _ADMIN_KEY_ROW_VALUES(row)

        async def work(session: Session) -> AdminKeyRow:
            made = await session.row(_ADD_KEY, *values)
            await add_audit(session, audit, row.account_id)
            assert made is not None
            return _KEY.of(made)

        return await self._db.change(0, work)

    admin_key = optional(AdminJobStore.admin_key, _KEY, f"select {_KEY} from admin_key where lookup = $1")
    admin_keys = every(AdminJobStore.admin_keys, _KEY, _KEYS)
    touch_admin_key = executed(AdminJobStore.touch_admin_key, "update admin_key set last_used_at = $2 where id = $1")
    delete_admin_key = changed(AdminJobStore.delete_admin_key, "delete from admin_key where id = $1 returning id")
    account_page = every(AdminJobStore.account_page, rows.account, _PAGE)
    count_states = every(AdminJobStore.count_states, lambda row: (row[0], int(row[1])), _STATES)

    async def find_accounts(
        self, organization_id: OrganizationId, marks: AccountMarks, after: AccountId, limit: int,
        order: AccountOrder = "id", *, descending: bool = False,
    ) -> Sequence[Account]:  # fmt: skip
        values = (*_marked(organization_id, marks), after, limit)
        statement = _FOUND[order, descending]
        return [
            rows.account(row) for row in await self._db.read_aside(lambda session: session.rows(statement, *values))
        ]

    async def count_accounts(self, organization_id: OrganizationId, marks: AccountMarks) -> int:
        values = _marked(organization_id, marks)
        row = await self._db.read_aside(lambda session: session.row(_COUNT, *values))
        assert row is not None
        return int(row[0])

    factor_kinds = every(AdminJobStore.factor_kinds, _factor_kind, _KINDS)
