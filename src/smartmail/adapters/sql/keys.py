"""Keys at work (ports.store_keys.KeyStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.declared import changed, every, executed, first_column, optional
from smartmail.adapters.sql.recorded import add_audit, record_change
from smartmail.adapters.sql.records import destroy_many
from smartmail.adapters.sql.session import OnDatabase, Session, row_of
from smartmail.adapters.sql.shape import Parts, Shape
from smartmail.adapters.sql.task_tables import Look, Tasks, TaskTable
from smartmail.adapters.sql.tasks import Leasing
from smartmail.adapters.sql.transactions import change_by
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import AlreadyExists, StateMismatch
from smartmail.domain.ids import AccountId, OrganizationId
from smartmail.domain.keys import KeyAck, KeyRotation, Opening, Reseal, ResealState, RotationState
from smartmail.domain.message import BlobRow
from smartmail.domain.records import Destruction
from smartmail.ports.store_keys import KeyStore

_ACK = Shape(KeyAck)
_ROTATION = Shape(KeyRotation)
_KEY_ROTATION_VALUES = _ROTATION.values(
    "old_id, new_id, new_check, state, sealed, done, total, actor, started_at, changed_at"
)
_BEGIN_ROTATION = f"""insert into key_rotation (old_id, new_id, new_check, state, sealed, done, total, actor, started_at,
    changed_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) returning {_ROTATION}"""
_TURN_ROTATION = """update key_rotation set state = $2, changed_at = $3, ended_at = $4,
    sealed = case when $5 = 1 then $6 else sealed end where id = $1 and state = any($7) returning id"""
_PUT_ACK = """insert into key_ack (rotation_id, node, state, at, problem) values ($1, $2, $3, $4, $5)
    on conflict (rotation_id, node) do update set state = excluded.state, at = excluded.at, problem = excluded.problem"""
_ACKS = "select rotation_id, node, state, at, problem from key_ack where rotation_id = $1 order by node"
_ADD_SETTING = "insert into setting (scope, name, value) values ($1, $2, $3) on conflict (scope, name) do nothing"
_REPLACE = "update organization set wrapped_key = $3 where id = $1 and wrapped_key = $2 returning id"

_RESEAL = Shape(Reseal, table=Parts(str, "walks"))
_NOTED = _RESEAL.values("state, table, account_id, message_id, found, blobs, octets, failed, ended_at")
_RESEAL_VALUES = _RESEAL.values(
    "state, suite, cap, table, account_id, message_id, found, blobs, octets, failed, total, actor, started_at"
)
_BEGIN_RESEAL = f"""insert into reseal (state, suite, cap, walks, account_id, message_id, found, blobs, octets, failed,
    total, actor, started_at, leased_until, worker)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 0, '') returning {_RESEAL}"""
_TASK = TaskTable(
    "reseal", "reseal", "ended_at is null and state = 'running'", renewable=True, progress="octets, total"
)
_LEASING = Leasing(_TASK, _RESEAL)
_NOTE = """update reseal set state = $3, walks = $4, account_id = $5, message_id = $6, found = $7, blobs = $8, octets = $9,
    failed = $10, ended_at = $11, leased_until = $12 where id = $1 and worker = $2 and state = 'running' returning id"""
_TURN = """update reseal set state = $2, ended_at = $3, leased_until = 0, worker = '' where id = $1 and state = any($4)
    returning id"""
_CAP = "update reseal set cap = $2 where id = $1 and ended_at is null returning id"
_SEALED = """select t.account_id, t.{id}, t.wrapped_key, b.id, b.volume_id, b.location, b.size, b.newer_key from {table} t
    join blob b on b.id = t.blob_id where (t.account_id, t.{id}) > ($1, $2) order by t.account_id, t.{id} limit $3"""
_WALKS = {
    "message": _SEALED.format(table="message", id="id"), "vault": _SEALED.format(table="vault", id="message_id"),
}  # fmt: skip
_SWAP = """update blob set volume_id = $4, location = $5, newer_key = $6 where id = $1 and volume_id = $2 and location = $3
    and refs > 0 returning id"""
_LEAVING = """insert into volume_leaving (volume_id, location, blob_id, due_at) values ($1, $2, $3, $4)
    on conflict (volume_id, location) do update set due_at = excluded.due_at"""
_OCTETS = "select coalesce(sum(size), 0)::bigint from blob where refs > 0"

_OPENING = Shape(Opening)
_ADD_OPENING = """insert into opening (organization_id, account_id, proposal_key, proposed_by, confirmed_by, begun_at,
    until, sealed_reason, ended_by)
    select $1::bigint, $2::bigint, $3::bigint, $4::text,
        p.decider, $5::bigint, $6::bigint, $7::bytea, '' from act_proposal p
    where p.act_key = $3 and p.decider not in ('', 'waiting-time', $4)
    on conflict (proposal_key) do nothing returning id"""
_OPENINGS = f"select {_OPENING} from opening where organization_id = $1 order by id desc limit $2"
_EVERY_OPENING = f"select {_OPENING} from opening order by id desc limit $1"
_END_OPENING = "update opening set ended_at = $3, ended_by = $2 where id = $1 and ended_at is null returning id"


async def _begin_rotation(session: Session, one: KeyRotation, audit: AuditRecord) -> KeyRotation:
    if await session.row("select id from key_rotation where ended_at is null") is not None:
        raise AlreadyExists
    row = await row_of(session, _BEGIN_ROTATION, *_KEY_ROTATION_VALUES(one))
    await add_audit(session, audit)
    return _ROTATION.of(row)


async def _begin_reseal(session: Session, one: Reseal, audit: AuditRecord) -> Reseal:
    if await session.row("select id from reseal where ended_at is null") is not None:
        raise AlreadyExists
    row = await row_of(session, _BEGIN_RESEAL, *_RESEAL_VALUES(one))
    await add_audit(session, audit)
    return _RESEAL.of(row)


async def _swap(session: Session, old: BlobRow, new: BlobRow, due_at: int) -> bool:
    values = (old.id, old.volume_id, old.location, new.volume_id, new.location, new.newer_key)
    if await session.row(_SWAP, *values) is None:
        return False
    await session.run(_LEAVING, old.volume_id, old.location, old.id, due_at)
    return True


async def _add_opening(session: Session, one: Opening, proposal_key: int, audit: AuditRecord) -> int:
    row = await session.row(
        _ADD_OPENING, one.organization_id, one.account_id, proposal_key, one.proposed_by, one.begun_at, one.until,
        one.sealed_reason,
    )  # fmt: skip
    if row is None:
        row = await session.row("select id from opening where proposal_key = $1", proposal_key)
        if row is None:
            raise StateMismatch
    else:
        await add_audit(session, audit, one.account_id)
    return int(row[0])


class SqlKeys(OnDatabase):
    """ports.store_keys.KeyStore."""

    TASKS: Tasks = (_TASK, Look("master-key", "select 1 from key_rotation"))

    async def begin_rotation(self, row: KeyRotation, audit: AuditRecord) -> KeyRotation:
        return await self._db.change(0, lambda session: _begin_rotation(session, row, audit))

    rotations = every(KeyStore.rotations, _ROTATION, f"select {_ROTATION} from key_rotation order by id desc limit $1")

    async def turn_rotation(
        self,
        number: int,
        before: Sequence[RotationState],
        state: RotationState,
        at: int,
        audit: AuditRecord | None = None,
    ) -> bool:
        over = state in {"done", "cancelled"}
        values = (number, state, at, at if over else None, int(over), b"", list(before))
        return await record_change(self._db, audit, _TURN_ROTATION, *values) is not None

    count_rotation = executed(KeyStore.count_rotation, "update key_rotation set done = $2, total = $3 where id = $1")
    put_key_ack = executed(KeyStore.put_key_ack, _PUT_ACK, row=_ACK.values("rotation_id, node, state, at, problem"))
    key_acks = every(KeyStore.key_acks, _ACK, _ACKS)
    nodes_since = every(KeyStore.nodes_since, first_column, "select id from node where seen_at >= $1 order by id")
    add_setting = executed(KeyStore.add_setting, _ADD_SETTING)
    replace_organization_key = changed(KeyStore.replace_organization_key, _REPLACE)

    async def destroy_keys(
        self, account_ids: Sequence[AccountId], organization_id: OrganizationId | None, entry: Destruction,
        audit: AuditRecord,
    ) -> int:  # fmt: skip
        return await self._db.change(0, lambda s: destroy_many(s, account_ids, organization_id, entry, audit))

    async def begin_reseal(self, row: Reseal, audit: AuditRecord) -> Reseal:
        return await self._db.change(0, lambda session: _begin_reseal(session, row, audit))

    reseals = every(KeyStore.reseals, _RESEAL, f"select {_RESEAL} from reseal order by id desc limit $1")

    async def lease_reseal(self, number: int, worker: str, now: int, until: int) -> Reseal | None:
        return await _LEASING.one(self._db, now, until, worker, number)

    async def note_reseal(self, row: Reseal, worker: str, until: int) -> bool:
        values = (row.id, worker, *_NOTED(row), until)
        return await record_change(self._db, None, _NOTE, *values) is not None

    async def turn_reseal(
        self, number: int, before: Sequence[ResealState], state: ResealState, audit: AuditRecord
    ) -> bool:
        ended = audit.at if state in {"done", "cancelled"} else None
        return await record_change(self._db, audit, _TURN, number, state, ended, list(before)) is not None

    cap_reseal = changed(KeyStore.cap_reseal, _CAP)

    async def sealed_messages(
        self, table: str, account_id: AccountId, message_id: int, limit: int
    ) -> list[tuple[AccountId, int, bytes, BlobRow]]:
        found = await self._db.rows(_WALKS[table], account_id, message_id, limit)
        return [(AccountId(row[0]), row[1], bytes(row[2]), rows.blob(row[3:])) for row in found]

    reseal_blob = change_by(_swap)

    async def blob_octets(self) -> int:
        found = await self._db.read_aside(lambda session: session.rows(_OCTETS))
        return int(found[0][0])

    add_opening = change_by(_add_opening)
    openings = every(KeyStore.openings, _OPENING, _OPENINGS, without=_EVERY_OPENING)
    opening = optional(KeyStore.opening, _OPENING, f"select {_OPENING} from opening where id = $1")
    end_opening = changed(KeyStore.end_opening, _END_OPENING)
