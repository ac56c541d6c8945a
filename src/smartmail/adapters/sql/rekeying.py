"""Changes of keys of companies and accounts (ports.store_rekeying.RekeyStore)."""

# Statements are made of this package's own column lists, and of the columns that the service names.

from collections.abc import Sequence
from functools import lru_cache

from smartmail.adapters.sql.declared import changed, every
from smartmail.adapters.sql.recorded import add_audit, record_change
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.task_tables import Tasks, TaskTable
from smartmail.adapters.sql.tasks import Leasing
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists
from smartmail.domain.rekeying import Rekey, SealedColumn, SealedValue
from smartmail.ports.store_rekeying import RekeyStore

_REKEY = Shape(Rekey)
_NOTED = _REKEY.values(
    "state, owner_id, part, found, seen, changed, octets, failed, done, total, changed_at, moved_at, ended_at"
)
_REKEY_VALUES = _REKEY.values(
    "scope, organization_id, account_id, state, owner_id, part, found, seen, changed, octets, failed, done, total, actor, started_at, changed_at, moved_at"
)
_BEGIN = f"""insert into rekey (scope, organization_id, account_id, state, owner_id, part, found, seen, changed, octets,
    failed, done, total, actor, started_at, changed_at, moved_at, leased_until, worker)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 0, '') returning {_REKEY}"""
_TASK = TaskTable("rekey", "rekey", "ended_at is null", renewable=True, progress="done, total")
_LEASING = Leasing(_TASK, _REKEY)
_NOTE = """update rekey set state = $3, owner_id = $4, part = $5, found = $6, seen = $7, changed = $8, octets = $9,
    failed = $10, done = $11, total = $12, changed_at = $13, moved_at = $14, ended_at = $15, leased_until = $16
    where id = $1 and worker = $2 and ended_at is null and (state <> 'withdrawing' or $17 = 1) returning id"""
_WITHDRAW = """update rekey set state = 'withdrawing', owner_id = 0, changed_at = $2, moved_at = $2
    where id = $1 and (state = 'announcing' or (state = 'switching' and part = 0)) returning id"""
_KEPT = f"select {_REKEY} from rekey where state = 'done' and destroyed_at is null order by id"
_DESTROYED = "update rekey set destroyed_at = $2 where id = $1 and destroyed_at is null returning id"
_ACCOUNT = "update account set wrapped_key = $3 where id = $1 and wrapped_key = $2 returning id"
_QUEUE = "update organization set wrapped_queue_key = $3 where id = $1 and wrapped_queue_key = $2 returning id"


@lru_cache(maxsize=256)
def _page(one: SealedColumn, *, further: bool) -> str:
    keys = ", ".join(one.key)
    place = ", ".join(f"${number}" for number in range(2, 2 + len(one.key)))
    beyond = f" and ({keys}) > ({place})" if further else ""
    limit = 2 + len(one.key) * further
    columns = ", ".join((*one.key, *one.facts, one.column))
    return f"""select {columns} from {one.table} where {one.owner} and {one.column} is not null{beyond}
        order by {keys} limit ${limit}"""


@lru_cache(maxsize=256)
def _swap(one: SealedColumn) -> str:
    row = " and ".join(f"{name} = ${number}" for number, name in enumerate(one.key, 2))
    old = 2 + len(one.key)
    return f"update {one.table} set {one.column} = ${old + 1} where {one.owner} and {row} and {one.column} = ${old}"


async def _begin(session: Session, one: Rekey, audit: AuditRecord) -> Rekey:
    if await session.row("select id from rekey where ended_at is null") is not None:
        raise AlreadyExists
    row = await row_of(session, _BEGIN, *_REKEY_VALUES(one))
    await add_audit(session, audit)
    return _REKEY.of(row)


class SqlRekeying(OnDatabase):
    """ports.store_rekeying.RekeyStore."""

    TASKS: Tasks = (_TASK,)

    async def begin_rekey(self, row: Rekey, audit: AuditRecord) -> Rekey:
        return await self._db.change(0, lambda session: _begin(session, row, audit))

    rekeys = every(RekeyStore.rekeys, _REKEY, f"select {_REKEY} from rekey order by id desc limit $1")

    async def lease_rekey(self, number: int, worker: str, now: int, until: int) -> Rekey | None:
        return await _LEASING.one(self._db, now, until, worker, number)

    async def note_rekey(self, row: Rekey, worker: str, until: int, audit: AuditRecord | None = None) -> bool:
        values = (row.id, worker, *_NOTED(row), until, int(row.state in {"withdrawing", "cancelled"}))
        return await record_change(self._db, audit, _NOTE, *values) is not None

    withdraw_rekey = changed(RekeyStore.withdraw_rekey, _WITHDRAW)
    kept_rekeys = every(RekeyStore.kept_rekeys, _REKEY, _KEPT)
    note_destroyed = changed(RekeyStore.note_destroyed, _DESTROYED)
    replace_account_key = changed(RekeyStore.replace_account_key, _ACCOUNT)
    replace_queue_key = changed(RekeyStore.replace_queue_key, _QUEUE)

    async def sealed_values(
        self, column: SealedColumn, owner: int, after: tuple[object, ...] | None, limit: int
    ) -> list[SealedValue]:
        found = await self._db.rows(_page(column, further=after is not None), owner, *(after or ()), limit)
        keys = len(column.key)
        return [SealedValue(_plain(row[:keys]), _plain(row[keys:-1]), bytes(row[-1])) for row in found]

    async def reseal_values(
        self, column: SealedColumn, owner: int, changes: Sequence[tuple[SealedValue, bytes]]
    ) -> None:
        sets = [(owner, *value.key, value.octets, new) for value, new in changes]
        await self._db.change(owner, lambda session: session.many(_swap(column), sets))


def _plain(values: Sequence[object]) -> tuple[object, ...]:
    return tuple(bytes(one) if isinstance(one, memoryview | bytearray) else one for one in values)
