"""Volumes at work (ports.store_volumes.VolumeStore)."""

from collections.abc import Sequence
from operator import attrgetter

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.declared import changed, every, executed
from smartmail.adapters.sql.recorded import add_audit, record_change
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import OR_EMPTY, Shape
from smartmail.adapters.sql.task_tables import Tasks, TaskTable
from smartmail.adapters.sql.tasks import Leasing
from smartmail.adapters.sql.transactions import change_by, in_read_aside
from smartmail.domain.audit import AuditRecord
from smartmail.domain.cluster import VolumeRow, VolumeState
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.ids import BlobId, VolumeId
from smartmail.domain.message import BlobRow
from smartmail.domain.volumes import VolumeFinding, VolumeSample, VolumeUse, VolumeWork, WorkState
from smartmail.ports.store_volumes import VolumeStore

VOLUME = Shape(VolumeRow, sealed=OR_EMPTY)
_REGISTER = f"""insert into volume (kind, state, config, weight, read_only, sealed) values ($1, $2, $3, $4, $5, $6)
    returning {VOLUME}"""
_CHANGE = """update volume set weight = case when $2 < 0 then weight else $2 end,
    read_only = case when $3 < 0 then read_only else $3 end where id = $1 returning id"""
_TURN = "update volume set state = $2 where id = $1 and state = any($3) returning id"
_USE = "select volume_id, count(*), sum(size)::bigint from blob group by volume_id"

_WORK = Shape(VolumeWork)
_NOTED = _WORK.values("state, cursor, found, blobs, octets, failed, ended_at")
_VOLUME_WORK_VALUES = _WORK.values(
    "volume_id, kind, state, target_id, cap, bound, least, cursor, found, blobs, octets, failed, total, started_at, ended_at"
)
_BEGIN = f"""insert into volume_work (volume_id, kind, state, target_id, cap, bound, least, cursor, found, blobs, octets,
        failed, total, started_at, ended_at, leased_until, worker)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, '')
    returning {_WORK}"""
_OPEN = "select id from volume_work where volume_id = $1 and state in ('running', 'paused')"
_WORKS = f"select {_WORK} from volume_work where state = any($1) order by id"
_TASK = TaskTable(
    "volume-works", "volume_work", "state = 'running'", renewable=True, progress="octets, total",
    also="select 1 from volume_leaving where due_at <= $1",
)  # fmt: skip
_LEASING = Leasing(_TASK, _WORK)
_NOTE = """update volume_work set state = $3, cursor = $4, found = $5, blobs = $6, octets = $7, failed = $8, ended_at = $9,
    leased_until = $10 where id = $1 and worker = $2 and state = 'running' returning id"""
_TURN_WORK = """update volume_work set state = $2, ended_at = $3, leased_until = 0, worker = ''
    where volume_id = $1 and state in ('running', 'paused') and state = any($4) returning id"""
_CAP = "update volume_work set cap = $2 where volume_id = $1 and state in ('running', 'paused') returning id"

_SWAP = """update blob set volume_id = $4, location = $5 where id = $1 and volume_id = $2 and location = $3
    returning id"""
_LEAVING = """insert into volume_leaving (volume_id, location, blob_id, due_at) values ($1, $2, $3, $4)
    on conflict (volume_id, location) do update set due_at = excluded.due_at"""
_DUE = "select blob_id, volume_id, location, 0 from volume_leaving where due_at <= $1 order by due_at limit $2"
_LEAVING_OF = "select location from volume_leaving where volume_id = $1 and location = any($2)"
_DROP_PLACE = "delete from volume_leaving where volume_id = $1 and location = $2"
_PUT_FINDING = """insert into volume_finding (volume_id, blob_id, location, what, at) values ($1, $2, $3, $4, $5)
    on conflict (volume_id, blob_id) do update set location = excluded.location, what = excluded.what, at = excluded.at"""
_FINDINGS = """select volume_id, blob_id, location, what, at from volume_finding where volume_id = $1
    order by blob_id limit $2"""
_PUT_SAMPLE = """insert into volume_sample (volume_id, day, used, total) values ($1, $2, $3, $4)
    on conflict (volume_id, day) do update set used = excluded.used, total = excluded.total"""
_SAMPLES = "select volume_id, day, used, total from volume_sample where volume_id = $1 and day >= $2 order by day"


async def _begin(session: Session, work: VolumeWork, audit: AuditRecord) -> VolumeWork:
    if await session.row(_OPEN, work.volume_id) is not None:
        raise AlreadyExists
    row = await row_of(session, _BEGIN, *_VOLUME_WORK_VALUES(work))
    await add_audit(session, audit)
    return _WORK.of(row)


async def _move(session: Session, moves: Sequence[tuple[BlobRow, BlobRow]], due_at: int) -> list[BlobId]:
    moved = []
    for old, new in moves:
        swapped = await session.row(_SWAP, old.id, old.volume_id, old.location, new.volume_id, new.location)
        if swapped is not None:
            moved.append(old)
    await session.many(_LEAVING, [(old.volume_id, old.location, old.id, due_at) for old in moved])
    return [old.id for old in moved]


class SqlVolumes(OnDatabase):
    """ports.store_volumes.VolumeStore."""

    TASKS: Tasks = (_TASK,)

    async def register_volume(self, row: VolumeRow, audit: AuditRecord) -> VolumeRow:
        values = (row.kind, row.state, row.config, row.weight, int(row.read_only), row.sealed or None)
        made = await record_change(self._db, audit, _REGISTER, *values)
        assert made is not None
        return VOLUME.of(made)

    async def change_volume(
        self, volume_id: VolumeId, *, weight: int | None = None, read_only: bool | None = None, audit: AuditRecord
    ) -> None:
        values = (-1 if weight is None else weight, -1 if read_only is None else int(read_only))
        if await record_change(self._db, audit, _CHANGE, volume_id, *values) is None:
            raise NotFound

    async def turn_volume(
        self, volume_id: VolumeId, before: Sequence[VolumeState], state: VolumeState, audit: AuditRecord | None = None
    ) -> bool:
        return await record_change(self._db, audit, _TURN, volume_id, state, list(before)) is not None

    volume_use = every(VolumeStore.volume_use, Shape(VolumeUse), _USE, aside=True)

    @in_read_aside
    async def holds_blobs(self, session: Session, volume_id: VolumeId) -> bool:
        if await session.row("select 1 from volume_leaving where volume_id = $1 limit 1", volume_id) is not None:
            return True
        return await session.row("select 1 from blob where volume_id = $1 limit 1", volume_id) is not None

    begin_work = change_by(_begin)
    volume_works = every(VolumeStore.volume_works, _WORK, _WORKS)

    async def lease_work(self, work_id: int, worker: str, now: int, until: int) -> VolumeWork | None:
        return await _LEASING.one(self._db, now, until, worker, work_id)

    async def note_work(self, work: VolumeWork, worker: str, until: int) -> bool:
        values = (work.id, worker, *_NOTED(work), until)
        return await self._db.change(0, lambda session: session.row(_NOTE, *values)) is not None

    async def turn_work(
        self, volume_id: VolumeId, before: Sequence[WorkState], state: WorkState, audit: AuditRecord
    ) -> bool:
        ended = audit.at if state in {"done", "cancelled"} else None
        return await record_change(self._db, audit, _TURN_WORK, volume_id, state, ended, list(before)) is not None

    cap_work = changed(VolumeStore.cap_work, _CAP)

    async def move_blobs(self, moves: Sequence[tuple[BlobRow, BlobRow]], due_at: int) -> list[BlobId]:
        return await self._db.change(0, lambda session: _move(session, moves, due_at)) if moves else []

    due_places = every(VolumeStore.due_places, rows.blob, _DUE)

    async def leaving_places(self, volume_id: VolumeId, locations: Sequence[str]) -> list[str]:
        return [row[0] for row in await self._db.rows(_LEAVING_OF, volume_id, list(locations))] if locations else []

    async def drop_places(self, places: Sequence[BlobRow]) -> None:
        if places:
            gone = [(one.volume_id, one.location) for one in places]
            await self._db.change(0, lambda session: session.many(_DROP_PLACE, gone))

    put_finding = executed(
        VolumeStore.put_finding, _PUT_FINDING, row=attrgetter("volume_id", "blob_id", "location", "what", "at")
    )
    drop_findings = executed(VolumeStore.drop_findings, "delete from volume_finding where volume_id = $1")

    async def volume_findings(self, volume_id: VolumeId, limit: int) -> list[VolumeFinding]:
        found = await self._db.rows(_FINDINGS, volume_id, limit)
        return [VolumeFinding(VolumeId(row[0]), BlobId(bytes(row[1])), *row[2:]) for row in found]

    put_sample = executed(VolumeStore.put_sample, _PUT_SAMPLE, row=attrgetter("volume_id", "day", "used", "total"))
    volume_samples = every(VolumeStore.volume_samples, Shape(VolumeSample), _SAMPLES)
