"""Volumes, nodes, blobs that nobody refers to, clearing up (ports.store_nodes, store_upkeep, store_blobs)."""

from collections.abc import Sequence
from functools import partial

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.declared import changed, every, inserted
from smartmail.adapters.sql.deliver import REPEAT_WINDOW
from smartmail.adapters.sql.migrate import knows
from smartmail.adapters.sql.session import OnDatabase, Row, Session, row_of
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import change_by, in_account_change, in_change
from smartmail.adapters.sql.volumes import VOLUME
from smartmail.adapters.sql.work import DROP_BLOB, Now
from smartmail.domain.cluster import NodeClaim, NodeRow
from smartmail.domain.ids import AccountId, BlobId, ModSeq
from smartmail.domain.message import BlobRow
from smartmail.ports.store_blobs import BlobRowStore
from smartmail.ports.store_nodes import NodeStore
from smartmail.ports.store_volumes import VolumeStore

_NODE_ROW = Shape(NodeRow)
_ADD_VOLUME = f"""insert into volume (kind, state, config, weight) values ($1, 'online', $2, $3) returning {VOLUME}"""
_BEAT = """insert into node (id, started_at, seen_at, roles, volume_kind) values ($1, $2, $3, $4, $5)
    on conflict (id) do update set started_at = excluded.started_at, seen_at = excluded.seen_at,
    roles = excluded.roles, volume_kind = excluded.volume_kind"""
_NODES = "select id, started_at, seen_at, roles, volume_kind from node where seen_at >= $1 order by id"
_DEAD = """select id, volume_id, location, size from blob
    where refs = 0 and dead_since < $1 order by dead_since limit $2"""
_FORGET = "delete from blob where id = any($1) and refs = 0 returning id"
_RELOCATE = """update blob set volume_id = $4, location = $5 where id = $1 and volume_id = $2 and location = $3
    returning id"""
_BLOB_ROWS = "select id, volume_id, location, size, newer_key, refs from blob where id > $1 order by id limit $2"
_DROP_KEYS = """delete from delivery_key where (account_id, key) in
    (select account_id, key from delivery_key where at < $1 order by at limit $2) returning 1"""
_DROP_SESSIONS = """delete from session where token_hash in
    (select token_hash from session where expires_at <= $1 order by expires_at limit $2) returning 1"""
_DROP_UPLOADS = """delete from upload where (account_id, blob_id) in
    (select account_id, blob_id from upload where expires_at <= $1 order by expires_at limit $2) returning blob_id"""
_SWEEP_REFS = """delete from thread_ref where account_id = $1
    and not exists (select 1 from message m
        where m.account_id = thread_ref.account_id and m.thread_id = thread_ref.thread_id)
    returning 1"""
_LOCKED = """insert into named_lock (name, owner, until) values ($1, $2, $4) on conflict (name) do update
    set owner = excluded.owner, until = excluded.until
    where named_lock.owner = excluded.owner or named_lock.until <= $3 returning name"""
_CLAIM_COLUMNS = Shape(NodeClaim)
_CLAIM = f"""insert into node_claim ({_CLAIM_COLUMNS}) values ($1, $2, $3, $4, $4, $5) on conflict (name) do update
    set place = excluded.place, holder = excluded.holder, claimed_at = excluded.claimed_at, seen_at = excluded.seen_at,
    skew = excluded.skew where node_claim.place = excluded.place or node_claim.seen_at <= $6 returning {_CLAIM_COLUMNS}"""
_CLAIM_OF = f"select {_CLAIM_COLUMNS} from node_claim where name = $1"
_CLAIMS = f"select {_CLAIM_COLUMNS} from node_claim where seen_at >= $1 order by name"
_HOLD_CLAIM = "update node_claim set seen_at = $3, skew = $4 where name = $1 and holder = $2 returning name"
_HORIZON = """update account set horizon = case when horizon < $2 then $2 else horizon end where id = $1 and modseq >= $2
    returning id"""

_FORGOTTEN = """insert into change_horizon (account_id, type, mailbox_id, modseq)
    select account_id, type, mailbox_id, max(modseq) from tombstone where account_id = $1 and modseq <= $2
    group by account_id, type, mailbox_id
    on conflict (account_id, type, mailbox_id) do update set modseq = excluded.modseq"""
_MARK = """insert into change_mark (account_id, at, modseq)
    select a.id, $1::bigint, a.modseq from account a where a.id in (
        select b.id from account b where b.id > $3 and b.modseq > b.horizon and not exists (
            select 1 from change_mark m where m.account_id = b.id and (m.modseq >= b.modseq or m.at > $2))
        order by b.id limit $4)
    returning account_id"""
_OLD_MARKS = "select account_id, modseq from change_mark where at < $1 order by at limit $2"

NODE_LIFE = 60_000
"""Milliseconds after which a silent node is left out."""
_CHUNK = 10_000
"""Rows that one transaction of `expire` removes of a kind: the writer is not held for long."""


async def _beat(session: Session, node: NodeRow) -> list[NodeRow]:
    await session.run(_BEAT, node.id, node.started_at, node.seen_at, node.roles, node.volume_kind)
    return [_NODE_ROW.of(row) for row in await session.rows(_NODES, node.seen_at - NODE_LIFE)]


async def _expire(session: Session, now: int) -> tuple[int, int]:
    """Remove a chunk; return how much, and the size of the largest kind."""
    uploads = sorted(bytes(row[0]) for row in await session.rows(_DROP_UPLOADS, now, _CHUNK))
    await session.many(DROP_BLOB, [(blob_id, 1, now) for blob_id in uploads])
    counts = [
        len(uploads),
        len(await session.rows(_DROP_KEYS, now - REPEAT_WINDOW, _CHUNK)),
        len(await session.rows(_DROP_SESSIONS, now, _CHUNK)),
        len(await session.rows("delete from once_token where expires_at <= $1 returning 1", now)),
    ]
    return sum(counts), max(counts[:3])


async def _sweep(session: Session, account_id: AccountId) -> int:
    await session.row("select unswept from account where id = $1 for update", account_id)
    swept = await session.rows(_SWEEP_REFS, account_id)
    await session.run("update account set unswept = 0 where id = $1", account_id)
    return len(swept)


async def _mark(session: Session, now: int, last: int, after: int) -> list[int]:
    return [row[0] for row in await session.rows(_MARK, now, last, after, _CHUNK)]


class SqlCluster(OnDatabase):
    """ports.store_nodes, store_upkeep, and rows of blobs and volumes."""

    _now: Now

    volumes = every(VolumeStore.volumes, VOLUME, f"select {VOLUME} from volume order by id")
    add_volume = inserted(VolumeStore.add_volume, VOLUME, _ADD_VOLUME)
    heartbeat = change_by(_beat)
    dead_blobs = every(BlobRowStore.dead_blobs, rows.blob, _DEAD)

    async def forget_blobs(self, blob_ids: Sequence[BlobId]) -> list[BlobId]:
        if not blob_ids:
            return []
        return [BlobId(bytes(row[0])) for row in await self._db.change(0, lambda s: s.rows(_FORGET, list(blob_ids)))]

    async def relocate_blob(self, blob_id: BlobId, old: BlobRow, new: BlobRow) -> bool:
        values = (blob_id, old.volume_id, old.location, new.volume_id, new.location)
        return await self._db.change(0, lambda s: s.row(_RELOCATE, *values)) is not None

    async def blob_rows(self, after: BlobId, limit: int) -> list[tuple[BlobRow, int]]:
        found: Sequence[Row] = await self._db.rows(_BLOB_ROWS, after, limit)
        return [(rows.blob(row), row[5]) for row in found]

    async def expire(self, now: int) -> int:
        removed, largest = 0, _CHUNK
        while largest >= _CHUNK:
            count, largest = await self._db.change(0, lambda s: _expire(s, now))
            removed += count
        while (row := await self._db.row("select id from account where unswept > 0 order by id limit 1")) is not None:
            await self._db.change(row[0], partial(_sweep, account_id=AccountId(row[0])))
        return removed

    @in_account_change
    async def trim_changes(self, session: Session, account_id: AccountId, below: ModSeq) -> None:
        await row_of(session, _HORIZON, account_id, below)
        await session.run(_FORGOTTEN, account_id, below)
        await session.run("delete from tombstone where account_id = $1 and modseq <= $2", account_id, below)
        await session.run("delete from change_mark where account_id = $1 and modseq <= $2", account_id, below)

    async def mark_changes(self, now: int, last: int) -> int:
        marked, after, full = 0, 0, True
        while full:
            done = await self._db.change(0, partial(_mark, now=now, last=last, after=after))
            marked, after, full = marked + len(done), max(done, default=0), len(done) >= _CHUNK
        return marked

    async def old_marks(self, before: int, limit: int) -> list[tuple[AccountId, ModSeq]]:
        newest: dict[AccountId, ModSeq] = {}
        for account_id, modseq in await self._db.rows(_OLD_MARKS, before, limit):
            newest[AccountId(account_id)] = ModSeq(modseq)
        return list(newest.items())

    async def lock(self, name: str, owner: str, *, now: int, until: int, any_clock: bool = False) -> bool:
        async def work(session: Session) -> bool:
            return await session.row(_LOCKED, name, owner, now, until) is not None

        return await (self._db.change(0, work) if any_clock or until <= now else self._db.lease(work))

    @in_change
    async def take_back_locks(self, session: Session, owners: str) -> None:
        for name, owner in await session.rows("select name, owner from named_lock where until > 0"):
            if owner.startswith(owners):
                await session.run("update named_lock set until = 0 where name = $1 and owner = $2", name, owner)

    async def moment(self) -> int:
        return await self._db.moment()

    async def knows_schema(self) -> bool:
        return await knows(self._db.row)

    async def claim_node(self, claim: NodeClaim, silent_since: int) -> NodeClaim:
        values = (claim.name, claim.place, claim.holder, claim.seen_at, claim.skew, silent_since)

        async def work(session: Session) -> NodeClaim:
            row = await session.row(_CLAIM, *values) or await session.row(_CLAIM_OF, claim.name)
            assert row is not None
            return _CLAIM_COLUMNS.of(row)

        return await self._db.change(0, work)

    hold_node = changed(NodeStore.hold_node, _HOLD_CLAIM)
    node_claims = every(NodeStore.node_claims, _CLAIM_COLUMNS, _CLAIMS)
