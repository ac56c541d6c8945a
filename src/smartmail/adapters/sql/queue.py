"""The queue: leases, results, inspection (architecture 4.9).

Whatever changes recipients locks their entry first, so that a recipient is never both cancelled and leased. A lease is
`worker` and `due_at` (its end) on each recipient; it is lost when another worker's name stands there.
"""

from collections.abc import Collection, Sequence
from operator import attrgetter

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.declared import counted, every, first_column, optional
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.trace import tally_attempts, tally_new, tally_rest
from smartmail.adapters.sql.transactions import change_by, read_by
from smartmail.adapters.sql.work import ADD_BLOB, DROP_BLOB, Now
from smartmail.domain.cluster import home_of
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.ids import AccountId, QueueEntryId
from smartmail.domain.message import BlobRow
from smartmail.domain.queue import (
    FINAL_STATES,
    Attempt,
    Flow,
    Lease,
    NewQueueEntry,
    Pick,
    QueueEntryRow,
    QueueRecipient,
)
from smartmail.ports.store_queue import QueueLineStore, QueueStore

_NEW_QUEUE_ENTRY_VALUES = attrgetter(
    "id",
    "organization_id",
    "account_id",
    "submission_id",
    "blob.id",
    "wrapped_key",
    "sealed_envelope",
    "size",
    "created_at",
    "expires_at",
    "sender_hash",
    "sender_domain",
)
_ADD_ENTRY = """insert into queue_entry (id, organization_id, account_id, submission_id, blob_id, wrapped_key,
    sealed_envelope, size, created_at, expires_at, sender_hash, sender_domain)
    values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
    on conflict (id) do nothing returning id"""
_ADD_RECIPIENT = """insert into queue_recipient (entry_id, number, domain, address_hash, sealed, state, hold_reason,
    due_at, lane, line, account_id, attempts, delay_told) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, 0)"""
# A partial index is used where its own condition stands in the statement word by word (SQLite).
_LINE_UP = """update queue_recipient set line = 1 where (entry_id, number) in (select entry_id, number
    from queue_recipient where state in ('ready', 'leased') and line <> 1 and due_at <= $1
    order by due_at limit $2 for update skip locked) returning number"""
# Walks from one lane or destination to the next by the index: what it costs depends on how many of them there are, not
# on how many recipients wait.
_LANES = """with recursive walk(lane) as (
    select min(q.lane) from queue_recipient q where q.line = 1 and q.lane >= $1 and q.lane < $2
    union all
    select (select min(q.lane) from queue_recipient q where q.line = 1 and q.lane > w.lane and q.lane < $2)
        from walk w where w.lane is not null
    ) select lane from walk where lane is not null limit $3"""
_FLOWS = """with recursive walk(domain) as (
    select min(q.domain) from queue_recipient q where q.line = 1 and q.lane = $1 and q.domain > $2
    union all
    select (select min(q.domain) from queue_recipient q where q.line = 1 and q.lane = $1 and q.domain > w.domain)
        from walk w where w.domain is not null
    ) select w.domain,
        (select min(q.entry_id) from queue_recipient q where q.line > 0 and q.lane = $1 and q.domain = w.domain),
        (select max(q.entry_id) from queue_recipient q where q.line > 0 and q.lane = $1 and q.domain = w.domain)
    from walk w where w.domain is not null limit $3"""
_FIRST = """select entry_id from queue_recipient where line > 0 and lane = $1 and domain = $2 and entry_id >= $3
    order by entry_id limit 1"""
_FIRST_IN_LINE = _FIRST.replace("line > 0", "line = 1")
_TAKE = f"""update queue_recipient set state = 'leased', worker = $4, due_at = $5, line = 0
    where entry_id = $1 and number in (select q.number from queue_recipient q
        where q.entry_id = $1 and q.domain = $2 and q.lane = $3 and q.line > 0 and not exists (
            select 1 from queue_recipient o where o.address_hash = q.address_hash and o.state = 'leased'
            and o.due_at > $7 and o.lane = q.lane and o.entry_id < q.entry_id)
        and not ($8 and exists (select 1 from queue_recipient o where o.address_hash = q.address_hash
            and o.line = 2 and o.lane = q.lane and o.domain = q.domain and o.entry_id < q.entry_id))
        order by q.number limit $6)
    returning {rows.RECIPIENT}"""
_RENEW = """update queue_recipient set due_at = $3, line = 0
    where entry_id = any($1) and state = 'leased' and worker = $2"""
_GIVE_BACK = """update queue_recipient set state = 'ready', worker = null, line = 1, due_at = $3
    where entry_id = $1 and state = 'leased' and worker = $2"""
_GIVE_SOME_BACK = f"{_GIVE_BACK} and number = any($4)"
# What is under way is not much; the order of names is the database's own (collations), so nothing is compared there.
_LEASED = "select worker, entry_id from queue_recipient where state = 'leased' order by worker, entry_id"
_CLAIMED = "select name, place, seen_at from node_claim"
_WAKE = """update queue_recipient set line = 1, due_at = $2 where (entry_id, number) in (select entry_id, number
    from queue_recipient where line = 2 and domain = $1
    order by entry_id limit $3 for update skip locked) returning number"""
_LOCK_ENTRY = "select id, blob_id, account_id from queue_entry where id = $1 for update"
_ENTRIES = f"select {rows.ENTRY} from queue_entry e left join blob b on b.id = e.blob_id where e.id = any($1)"
_OLDEST = f"select {rows.ENTRY} from queue_entry e left join blob b on b.id = e.blob_id order by e.id limit $1"
_RECIPIENTS = f"select {rows.RECIPIENT} from queue_recipient where entry_id = any($1) order by entry_id, number"
_HELD_BY = "select number from queue_recipient where entry_id = $1 and state = 'leased' and worker = $2"
_SETTLE = """update queue_recipient set state = $3, due_at = $4, sealed_result = $5, delay_told = $6,
    line = $7, attempts = attempts + 1, worker = null where entry_id = $1 and number = $2"""
_OPEN = """select count(*) from queue_recipient
    where entry_id = $1 and state not in ('delivered', 'bounced', 'expired', 'cancelled')"""
_STATES = "select number, state from queue_recipient where entry_id = $1"
_SET_PREFIX = """update queue_entry set sealed_prefix = coalesce(sealed_prefix, $2) where id = $1
    returning sealed_prefix"""
_NEXT_DUE = "select min(due_at) from queue_recipient where state in ('ready', 'leased') and line <> 1"


async def insert_entry(session: Session, entry: NewQueueEntry, left_out: Collection[int] = ()) -> bool:
    """Insert an entry without counting its blob; False when the id is taken.

    Recipients whose numbers are `left_out` are not kept; the others keep theirs, for they are sealed with them.
    """
    made = await session.row(_ADD_ENTRY, *_NEW_QUEUE_ENTRY_VALUES(entry))
    if made is None:
        return False
    await session.many(_ADD_RECIPIENT, [
        (entry.id, number, r.domain, r.address_hash, r.sealed, r.state, r.hold_reason, r.next_at, entry.lane,
         int(r.state == "ready" and r.next_at <= entry.created_at), r.account_id)
        for number, r in enumerate(entry.recipients) if number not in left_out
    ])  # fmt: skip
    await tally_new(session, entry.id, entry.organization_id, len(entry.recipients) - len(left_out))
    return True


async def add_entry(session: Session, entry: NewQueueEntry) -> None:
    """Insert an entry and count its blob. Raises AlreadyExists."""
    if not await insert_entry(session, entry):
        raise AlreadyExists
    await count_blob(session, entry.blob)


async def count_blob(session: Session, blob: BlobRow) -> None:
    """Count one reference to a blob more."""
    await session.run(ADD_BLOB, blob.id, blob.volume_id, blob.location, blob.size, 1, blob.newer_key or None)


async def cancel_own(session: Session, entry_id: QueueEntryId, account_id: AccountId, now: int) -> bool:
    """Cancel all recipients of an account's entry, or none when one was leased or is final."""
    entry = await session.row(_LOCK_ENTRY, entry_id)
    if entry is None or entry[2] != account_id:
        return False
    if any(state not in ("held", "ready") for _, state in await session.rows(_STATES, entry_id)):
        return False
    await tally_rest(session, entry_id, "withdrawn")
    await _remove(session, entry_id, entry[1], now)
    return True


async def _remove(session: Session, entry_id: QueueEntryId, blob_id: bytes, now: int) -> None:
    await session.run("delete from queue_recipient where entry_id = $1", entry_id)
    await session.run("delete from queue_entry where id = $1", entry_id)
    await session.run(DROP_BLOB, blob_id, 1, now)


_PASSED_OVER = 8
"""Entries of a flow that a pick may pass over: locked by another worker, or behind an older one on its way."""


async def _lease(session: Session, worker: str, now: int, until: int, picks: Sequence[Pick]) -> list[Lease]:
    taken: list[tuple[QueueEntryId, tuple[QueueRecipient, ...], int]] = []
    for pick in picks:
        for entry_id, recipients in await _picked(session, worker, now, until, pick):
            taken.append((entry_id, recipients, pick.lane))
    if not taken:
        return []
    ids = sorted({entry_id for entry_id, _, _ in taken})
    entries = {row[0]: rows.queue_entry(row) for row in await session.rows(_ENTRIES, ids)}
    return [Lease(entries[entry_id], recipients, until, lane) for entry_id, recipients, lane in taken]


async def _picked(
    session: Session, worker: str, now: int, until: int, pick: Pick
) -> list[tuple[QueueEntryId, tuple[QueueRecipient, ...]]]:
    found: list[tuple[QueueEntryId, tuple[QueueRecipient, ...]]] = []
    start = 0
    for _ in range(pick.count + _PASSED_OVER):
        first = await session.row(_FIRST if pick.reach == "there" else _FIRST_IN_LINE, pick.lane, pick.domain, start)
        if first is None or len(found) == pick.count:
            break
        entry_id = QueueEntryId(first[0])
        start = entry_id + 1
        if await session.row("select id from queue_entry where id = $1 for update skip locked", entry_id) is None:
            continue
        # Under the lock it is looked at again: another worker may have taken it before the lock.
        taken = await session.rows(
            _TAKE, entry_id, pick.domain, pick.lane, worker, until, pick.recipients, now, pick.reach == "unsure"
        )
        if taken:
            found.append((entry_id, tuple(sorted((rows.recipient(r) for r in taken), key=lambda r: r.number))))
            # It may have more recipients than one transaction takes.
            start = entry_id if len(taken) == pick.recipients else entry_id + 1
    return found


async def _report(
    session: Session,
    worker: str,
    entry_id: QueueEntryId,
    attempts: Sequence[Attempt],
    enqueue: Sequence[NewQueueEntry],
    now: int,
) -> bool:
    entry = await session.row(_LOCK_ENTRY, entry_id)
    if entry is None:
        return False
    held = {row[0] for row in await session.rows(_HELD_BY, entry_id, worker)}
    if not all(attempt.number in held for attempt in attempts):
        return False
    await session.many(_SETTLE, [
        (entry_id, a.number, a.state, a.next_at, a.sealed_result, int(a.delay_told),
         2 if a.behind and a.state == "ready" else 0)
        for a in attempts
    ])  # fmt: skip
    await tally_attempts(session, entry_id, attempts)
    for entry_to_add in enqueue:
        await add_entry(session, entry_to_add)
    await remove_when_done(session, entry_id, entry[1], now)
    return True


async def remove_when_done(session: Session, entry_id: QueueEntryId, blob_id: bytes, now: int) -> None:
    """Remove a locked entry whose recipients are all final."""
    left = await session.row(_OPEN, entry_id)
    if left is not None and left[0] == 0:
        await _remove(session, entry_id, blob_id, now)


async def _take_over(session: Session, now: int, silent_since: int) -> int:
    claims = {(name, place): seen_at for name, place, seen_at in await session.rows(_CLAIMED)}
    names = {name for name, _place in claims}
    lost = [
        (worker, entry_id)
        for worker, entry_id in (await session.rows(_LEASED) if claims else ())
        if (home := home_of(worker)) is not None and home[0] in names and claims.get(home, 0) <= silent_since
    ]
    for worker, entry_id in lost:
        await _run_locked(session, _GIVE_BACK, entry_id, worker, now)
    return len({entry_id for _worker, entry_id in lost})


async def _run_locked(session: Session, sql: str, entry_id: QueueEntryId, *args: object) -> None:
    """Run a change of an entry's recipients under its lock."""
    if await session.row(_LOCK_ENTRY, entry_id) is not None:
        await session.run(sql, entry_id, *args)


async def _listed(session: Session, limit: int) -> list[tuple[QueueEntryRow, list[QueueRecipient]]]:
    entries = [rows.queue_entry(row) for row in await session.rows(_OLDEST, limit)]
    if not entries:
        return []
    recipients: dict[int, list[QueueRecipient]] = {entry.id: [] for entry in entries}
    for row in await session.rows(_RECIPIENTS, list(recipients)):
        recipients[row[0]].append(rows.recipient(row))
    return [(entry, recipients[entry.id]) for entry in entries]


class SqlQueue(OnDatabase):
    """ports.store_queue."""

    _now: Now

    enqueue = change_by(add_entry)

    async def line_up(self, now: int, limit: int) -> int:
        # Looking first spares idle workers the writer's turn.
        due = await self.next_due()
        if due is None or due > now:
            return 0
        return len(await self._db.change(0, lambda s: s.rows(_LINE_UP, now, limit)))

    queue_lanes = every(QueueLineStore.queue_lanes, first_column, _LANES)

    async def queue_flows(self, lane: int, after: str, limit: int) -> list[Flow]:
        found = await self._db.rows(_FLOWS, lane, after, limit)
        return [Flow(lane, domain, low != high) for domain, low, high in found]

    async def lease(self, worker: str, *, now: int, until: int, picks: Sequence[Pick]) -> list[Lease]:
        return await self._db.lease(lambda s: _lease(s, worker, now, until, picks)) if picks else []

    async def renew(self, worker: str, entry_ids: Sequence[QueueEntryId], until: int) -> None:
        if entry_ids:
            await self._db.change(0, lambda s: s.run(_RENEW, list(entry_ids), worker, until))

    async def give_back(self, worker: str, entry_id: QueueEntryId, numbers: Sequence[int] = (), *, now: int) -> None:
        sql, which = (_GIVE_SOME_BACK, (list(numbers),)) if numbers else (_GIVE_BACK, ())
        await self._db.change(0, lambda s: _run_locked(s, sql, entry_id, worker, now, *which))

    async def take_back(self, workers: str, *, now: int) -> int:
        left = {(worker, entry_id) for worker, entry_id in await self._db.rows(_LEASED) if worker.startswith(workers)}
        for worker, entry_id in sorted(left):
            await self.give_back(worker, QueueEntryId(entry_id), now=now)
        return len(left)

    async def take_over(self, *, now: int, silent_since: int) -> int:
        return await self._db.lease(lambda s: _take_over(s, now, silent_since))

    wake = counted(QueueLineStore.wake, _WAKE)

    async def report(
        self, worker: str, entry_id: QueueEntryId, attempts: Sequence[Attempt], enqueue: Sequence[NewQueueEntry] = ()
    ) -> bool:
        assert all(a.state in FINAL_STATES or a.state == "ready" for a in attempts)
        return await self._db.change(0, lambda s: _report(s, worker, entry_id, attempts, enqueue, self._now()))

    async def set_prefix(self, entry_id: QueueEntryId, sealed_prefix: bytes) -> bytes:
        row = await self._db.change(0, lambda s: s.row(_SET_PREFIX, entry_id, sealed_prefix))
        if row is None:
            raise NotFound
        return bytes(row[0])

    next_due = optional(QueueStore.next_due, first_column, _NEXT_DUE)
    queue_entries = read_by(_listed)
