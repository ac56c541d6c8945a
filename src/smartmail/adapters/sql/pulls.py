"""Pulls: outside mailboxes and what was brought from them (ports.store_pulls.PullStore)."""

from collections.abc import Sequence

from smartmail.adapters.sql.declared import changed, every, executed, exists, optional
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.shape import OR_EMPTY, Shape, Stored
from smartmail.adapters.sql.task_tables import Tasks, TaskTable
from smartmail.adapters.sql.tasks import Leasing
from smartmail.adapters.sql.transactions import in_change
from smartmail.domain.audit import AuditRecord
from smartmail.domain.errors import RateLimited
from smartmail.domain.pulls import PullEnd, PullRow, SeenRow
from smartmail.ports.store_pulls import PullStore

_PULL = Shape(PullRow, sealed_said=Stored(OR_EMPTY.load, lambda said: said or None))
_CHANGED = _PULL.values("id, sealed, enabled, changed_at, next_at, reason, sealed_said, failures")
_ADD = f"insert into pull ({_PULL}) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
_OF_HOME = f"select {_PULL} from pull where organization_id = $1 and id > $2 order by id limit $3"
_OF_ALL = f"select {_PULL} from pull where id > $1 order by id limit $2"
_CHANGE = """update pull set sealed = $2, enabled = $3, changed_at = $4, next_at = $5, reason = $6, sealed_said = $7,
    failures = $8, worker = '', leased_until = 0 where id = $1 returning id"""
_FORGET = "delete from pull_seen where pull_id = $1"
_TASK = TaskTable("pulls", "pull", "enabled = 1 and next_at <= $1", order="next_at, id")
_LEASING = Leasing(_TASK, _PULL)
_KEEP = "update pull set leased_until = $3 where id = $1 and worker = $2 returning id"
_END = """update pull set reason = $3, sealed_said = $4, failures = $5, next_at = $6, pulled_at = $7, worker = '',
    leased_until = 0 where id = $1 and worker = $2 returning id"""
_SEEN = """insert into pull_seen (pull_id, key, digest, state, remove, seen_at) values ($1, $2, $3, $4, $5, $6)
    on conflict (pull_id, key) do nothing"""
_SEEN_OF = "select key, digest, state, remove, seen_at from pull_seen where pull_id = $1 and key = any($2)"
_OCTETS = "select 1 from pull_seen where pull_id = $1 and digest = $2 and state = 'taken' limit 1"


class SqlPulls(OnDatabase):
    """ports.store_pulls.PullStore."""

    TASKS: Tasks = (_TASK,)

    @in_change
    async def add_pull(self, session: Session, row: PullRow, most: int, audit: AuditRecord) -> None:
        await session.row("select id from account where id = $1 for update", row.account_id)
        held = await session.row("select count(*) from pull where account_id = $1", row.account_id)
        if held is not None and held[0] >= most:
            raise RateLimited(f"at most {most} outside mailboxes")
        await session.run(_ADD, *_PULL.dump(row))
        await add_audit(session, audit)

    pull = optional(PullStore.pull, _PULL, f"select {_PULL} from pull where id = $1")
    pulls = every(PullStore.pulls, _PULL, f"select {_PULL} from pull where account_id = $1 order by created_at, id")
    pulls_of_organization = every(PullStore.pulls_of_organization, _PULL, _OF_HOME, without=_OF_ALL)

    @in_change
    async def change_pull(self, session: Session, row: PullRow, audit: AuditRecord, *, forget: bool = False) -> bool:
        changed = await session.row(_CHANGE, *_CHANGED(row))
        if changed is None:
            return False
        if forget:
            await session.run(_FORGET, row.id)
        await add_audit(session, audit)
        return True

    @in_change
    async def drop_pull(self, session: Session, pull_id: bytes, audit: AuditRecord | None = None) -> bool:
        if await session.row("delete from pull where id = $1 returning id", pull_id) is None:
            return False
        await session.run(_FORGET, pull_id)
        await add_audit(session, audit)
        return True

    async def lease_pull(self, now: int, until: int, worker: str) -> PullRow | None:
        return await _LEASING.next(self._db, now, until, worker)

    keep_pull = changed(PullStore.keep_pull, _KEEP)

    async def end_pull(self, pull_id: bytes, worker: str, end: PullEnd) -> bool:
        row = await self._db.change(
            0,
            lambda session: session.row(
                _END, pull_id, worker, end.reason, end.sealed_said or None, end.failures, end.next_at, end.pulled_at
            ),
        )
        return row is not None

    @in_change
    async def note_seen(self, session: Session, pull_id: bytes, worker: str, rows: Sequence[SeenRow]) -> bool:
        if await session.row("select id from pull where id = $1 and worker = $2 for update", pull_id, worker) is None:
            return False
        values = [(pull_id, one.key, one.digest, one.state, int(one.remove), one.seen_at) for one in rows]
        await session.many(_SEEN, values)
        taken = sum(one.state == "taken" for one in rows)
        if taken:
            await session.run("update pull set taken = taken + $2 where id = $1", pull_id, taken)
        return True

    async def seen_of(self, pull_id: bytes, keys: Sequence[bytes]) -> dict[bytes, SeenRow]:
        found = await self._db.rows(_SEEN_OF, pull_id, list(keys))
        rows = [SeenRow(bytes(row[0]), bytes(row[1]), row[2], bool(row[3]), row[4]) for row in found]
        return {row.key: row for row in rows}

    saw_octets = exists(PullStore.saw_octets, _OCTETS)
    removed_there = executed(
        PullStore.removed_there, "update pull_seen set remove = 0 where pull_id = $1 and key = any($2)"
    )
