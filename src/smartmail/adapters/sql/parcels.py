"""Parcels: mail in one file, out or in (ports.store_parcels.ParcelStore)."""

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.declared import changed, every, first_column, optional
from smartmail.adapters.sql.queue import count_blob
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.task_tables import Tasks, TaskTable
from smartmail.adapters.sql.tasks import Leasing
from smartmail.adapters.sql.transactions import change_by, in_change
from smartmail.adapters.sql.work import DROP_BLOB
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import NotFound, RateLimited, StateMismatch
from smartmail.domain.ids import BlobId
from smartmail.domain.parcels import OPEN, Parcel, ParcelPart
from smartmail.ports.store_parcels import ParcelStore

_PARCEL = Shape(Parcel)
_ADD = f"insert into parcel ({_PARCEL}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
_OPEN = "select count(*) from parcel where account_id = $1 and state = any($2)"
_ONE = f"select {_PARCEL} from parcel where id = $1"
_LOCK = f"{_ONE} for update"
_ALL = f"select {_PARCEL} from parcel where account_id = $1 order by created_at desc, id desc"
_GROW = f"update parcel set size = $2, received = $3, parts = $4, state = $5 where id = $1 returning {_PARCEL}"
_ADD_PART = """insert into parcel_part (parcel_id, number, start, size, blob_id, wrapped_key)
    values ($1, $2, $3, $4, $5, $6)"""
_PARTS = """select p.number, p.start, p.wrapped_key, b.id, b.volume_id, b.location, b.size, b.newer_key
    from parcel_part p join blob b on b.id = p.blob_id
    where p.parcel_id = $1 and p.start < $3 and p.start + p.size > $2 order by p.number"""
_TASK = TaskTable(
    "parcels", "parcel", "state in ('waiting', 'working')", order="created_at, id", sets="state = 'working'"
)
_LEASING = Leasing(_TASK, _PARCEL)
_NOTE = """update parcel set done = $3, total = $4, leased_until = $5
    where id = $1 and worker = $2 and state = 'working' returning id"""
_MINE = "select id from parcel where id = $1 and worker = $2 and state = 'working' for update"
_EMPTIED = """update parcel set parts = 0, received = 0, size = case when direction = 'out' then 0 else size end where
    id = $1"""
_END = """update parcel set state = $3, sealed = $4, expires_at = $5, worker = '', leased_until = 0
    where id = $1 and worker = $2 and state = 'working' returning id"""
_TURN = "update parcel set state = $3 where id = $1 and state = any($2) returning id"
_DROP_PARTS = "delete from parcel_part where parcel_id = $1 returning blob_id"
_OVER = f"select {_PARCEL} from parcel where expires_at <= $1 order by expires_at limit $2"
_MESSAGES = """select message_id from parcel_message where parcel_id = $1 and message_id > $2
    order by message_id limit $3"""
_BLOBS = """select parcel_id, number, blob_id from parcel_part where (parcel_id, number) > ($1, $2)
    order by parcel_id, number limit $3"""
_FOREVER = 1 << 62


async def _grow(session: Session, parcel_id: bytes, received: int, part: ParcelPart, worker: str = "") -> Parcel:
    found = await session.row(_LOCK, parcel_id)
    row = None if found is None else _PARCEL.of(found)
    if row is None or row.state != ("coming" if row.direction == "in" else "working"):
        raise NotFound
    if row.received != received or (row.direction == "out" and row.worker != worker):
        raise StateMismatch
    await count_blob(session, part.blob)
    await session.run(_ADD_PART, parcel_id, part.number, part.start, part.blob.size, part.blob.id, part.wrapped_key)
    end = received + part.blob.size
    whole = row.direction == "in" and end == row.size
    size = row.size if row.direction == "in" else end
    grown = await row_of(session, _GROW, parcel_id, size, end, row.parts + 1, "waiting" if whole else row.state)
    return _PARCEL.of(grown)


async def _drop_parts(session: Session, parcel_id: bytes, now: int) -> None:
    blobs = sorted(bytes(row[0]) for row in await session.rows(_DROP_PARTS, parcel_id))
    await session.many(DROP_BLOB, [(one, 1, now) for one in blobs])


async def _drop(session: Session, parcel_id: bytes, now: int, audit: AuditRecord | None = None) -> bool:
    if await session.row("delete from parcel where id = $1 returning id", parcel_id) is None:
        return False
    await _drop_parts(session, parcel_id, now)
    await session.run("delete from parcel_message where parcel_id = $1", parcel_id)
    await add_audit(session, audit)
    return True


class SqlParcels(OnDatabase):
    """ports.store_parcels.ParcelStore."""

    TASKS: Tasks = (_TASK,)

    @in_change
    async def add_parcel(self, session: Session, row: Parcel, most: int, audit: AuditRecord) -> None:
        await session.row("select id from account where id = $1 for update", row.account_id)
        running = await session.row(_OPEN, row.account_id, list(OPEN))
        if running is not None and running[0] >= most:
            raise RateLimited("wait until what was asked for before is done")
        await session.run(_ADD, *_PARCEL.dump(row))
        await add_audit(session, audit)

    parcel = optional(ParcelStore.parcel, _PARCEL, _ONE)
    parcels = every(ParcelStore.parcels, _PARCEL, _ALL)
    add_parcel_part = change_by(_grow)

    async def parcel_parts(self, parcel_id: bytes, start: int = 0, end: int | None = None) -> list[ParcelPart]:
        found = await self._db.rows(_PARTS, parcel_id, start, _FOREVER if end is None else end)
        return [ParcelPart(row[0], row[1], rows.blob(row[3:]), bytes(row[2])) for row in found]

    async def lease_parcel(self, now: int, until: int, worker: str) -> Parcel | None:
        return await _LEASING.next(self._db, now, until, worker)

    async def note_parcel(self, parcel_id: bytes, worker: str, done: int, total: int, until: int) -> bool:
        row = await self._db.change(0, lambda session: session.row(_NOTE, parcel_id, worker, done, total, until))
        return row is not None

    @in_change
    async def empty_parcel(self, session: Session, parcel_id: bytes, worker: str, now: int) -> bool:
        if await session.row(_MINE, parcel_id, worker) is None:
            return False
        await _drop_parts(session, parcel_id, now)
        await session.run(_EMPTIED, parcel_id)
        return True

    end_parcel = changed(ParcelStore.end_parcel, _END)
    turn_parcel = changed(ParcelStore.turn_parcel, _TURN)

    drop_parcel = change_by(_drop)
    parcels_over = every(ParcelStore.parcels_over, _PARCEL, _OVER)
    parcel_messages = every(ParcelStore.parcel_messages, first_column, _MESSAGES)

    async def parcel_blobs(self, after: tuple[bytes, int], limit: int) -> list[tuple[bytes, int, BlobId]]:
        return [(bytes(row[0]), row[1], BlobId(bytes(row[2]))) for row in await self._db.rows(_BLOBS, *after, limit)]
