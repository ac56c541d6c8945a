"""The queue: leases, results, inspection (architecture 4.9).

Whatever changes recipients locks their entry first, so that a recipient is never both cancelled and leased. A lease is
`worker` and `due_at` (its end) on each recipient; it is lost when another worker's name stands there.
"""

# ruff: noqa: S608 (statements are made of this package's own column lists only)

from collections.abc import Mapping, Sequence
from typing import Any

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.session import Database, Session
from smartmail.adapters.sql.work import ADD_BLOB, DROP_BLOB, Now
from smartmail.domain.errors import AlreadyExists, NotFound
from smartmail.domain.ids import AccountId, QueueEntryId
from smartmail.domain.message import BlobRow
from smartmail.domain.queue import (
    FINAL_STATES,
    Attempt,
    HoldReason,
    Lease,
    NewQueueEntry,
    QueueEntryRow,
    QueueRecipient,
)

_ADD_ENTRY = """insert into queue_entry (id, organization_id, account_id, submission_id, blob_id, wrapped_key,
    sealed_envelope, size, created_at, expires_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
    on conflict (id) do nothing returning id"""
_ADD_RECIPIENT = """insert into queue_recipient (entry_id, number, domain, address_hash, sealed, state, hold_reason,
    due_at, attempts, delay_told) values ($1, $2, $3, $4, $5, $6, $7, $8, 0, 0)"""
_DUE = """select entry_id, domain, min(due_at) as first_due from queue_recipient
    where state in ('ready', 'leased') and due_at <= $1 and not (domain = any($2))
    group by entry_id, domain order by first_due, entry_id limit $3"""
_LOCK_ENTRIES = "select id from queue_entry where id = any($1) order by id for update skip locked"
_LOCK_ENTRY = "select id, blob_id, account_id from queue_entry where id = $1 for update"
_TAKE = f"""update queue_recipient set state = 'leased', worker = $4, due_at = $5
    where entry_id = $1 and domain = $2 and state in ('ready', 'leased') and due_at <= $3
    returning {rows.RECIPIENT}"""
_ENTRIES = f"select {rows.ENTRY} from queue_entry e left join blob b on b.id = e.blob_id where e.id = any($1)"
_OLDEST = f"select {rows.ENTRY} from queue_entry e left join blob b on b.id = e.blob_id order by e.id limit $1"
_RECIPIENTS = f"select {rows.RECIPIENT} from queue_recipient where entry_id = any($1) order by entry_id, number"
_HELD_BY = "select number from queue_recipient where entry_id = $1 and state = 'leased' and worker = $2"
_SETTLE = """update queue_recipient set state = $3, due_at = $4, sealed_result = $5, delay_told = $6,
    attempts = attempts + 1, worker = null where entry_id = $1 and number = $2"""
_OPEN = """select count(*) from queue_recipient
    where entry_id = $1 and state not in ('delivered', 'bounced', 'expired', 'cancelled')"""
_STATES = "select number, state from queue_recipient where entry_id = $1"
_DROP_RECIPIENTS = "delete from queue_recipient where entry_id = $1"
_DROP_ENTRY = "delete from queue_entry where id = $1"
_SET_PREFIX = """update queue_entry set sealed_prefix = coalesce(sealed_prefix, $2) where id = $1
    returning sealed_prefix"""
_NEXT_DUE = "select min(due_at) from queue_recipient where state in ('ready', 'leased')"
_HASTEN = """update queue_recipient set due_at = $2
    where entry_id = $1 and state = 'ready' and due_at > $2 returning number"""
_RELEASE = """update queue_recipient set state = 'ready', hold_reason = null, due_at = $3
    where entry_id = $1 and state = 'held' and hold_reason = $2 returning number"""


async def insert_entry(session: Session, entry: NewQueueEntry) -> bool:
    """Insert an entry without counting its blob; False when the id is taken."""
    made = await session.row(
        _ADD_ENTRY, entry.id, entry.organization_id, entry.account_id, entry.submission_id, entry.blob.id,
        entry.wrapped_key, entry.sealed_envelope, entry.size, entry.created_at, entry.expires_at,
    )  # fmt: skip
    if made is None:
        return False
    await session.many(_ADD_RECIPIENT, [
        (entry.id, number, r.domain, r.address_hash, r.sealed, r.state, r.hold_reason, r.next_at)
        for number, r in enumerate(entry.recipients)
    ])  # fmt: skip
    return True


async def add_entry(session: Session, entry: NewQueueEntry) -> None:
    """Insert an entry and count its blob. Raises AlreadyExists."""
    if not await insert_entry(session, entry):
        raise AlreadyExists
    await count_blob(session, entry.blob)


async def count_blob(session: Session, blob: BlobRow) -> None:
    """Count one reference to a blob more."""
    await session.run(ADD_BLOB, blob.id, blob.volume_id, blob.location, blob.size, 1)


async def cancel_own(session: Session, entry_id: QueueEntryId, account_id: AccountId, now: int) -> bool:
    """Cancel all recipients of an account's entry, or none when one was leased or is final."""
    entry = await session.row(_LOCK_ENTRY, entry_id)
    if entry is None or entry[2] != account_id:
        return False
    if any(state not in ("held", "ready") for _, state in await session.rows(_STATES, entry_id)):
        return False
    await _remove(session, entry_id, entry[1], now)
    return True


async def _cancel_any(session: Session, entry_id: QueueEntryId, now: int) -> bool:
    entry = await session.row(_LOCK_ENTRY, entry_id)
    if entry is None or any(state == "leased" for _, state in await session.rows(_STATES, entry_id)):
        return False
    await _remove(session, entry_id, entry[1], now)
    return True


async def _remove(session: Session, entry_id: QueueEntryId, blob_id: bytes, now: int) -> None:
    await session.run(_DROP_RECIPIENTS, entry_id)
    await session.run(_DROP_ENTRY, entry_id)
    await session.run(DROP_BLOB, blob_id, 1, now)


async def _lease(
    session: Session, worker: str, now: int, until: int, limit: int, busy: Mapping[str, int]
) -> list[Lease]:
    full = [domain for domain, room in busy.items() if room <= 0]
    due = _within(await session.rows(_DUE, now, full, limit), busy)
    if not due:
        return []
    ids = sorted({entry_id for entry_id, _ in due})
    locked = {row[0] for row in await session.rows(_LOCK_ENTRIES, ids)}
    if not locked:
        return []
    entries = {row[0]: rows.queue_entry(row) for row in await session.rows(_ENTRIES, sorted(locked))}
    leases = []
    for entry_id, domain in due:
        if entry_id in entries:
            # Under the lock it is looked at again: another worker may have taken it before the lock.
            taken = await session.rows(_TAKE, entry_id, domain, now, worker, until)
            if taken:
                recipients = tuple(sorted((rows.recipient(r) for r in taken), key=lambda r: r.number))
                leases.append(Lease(entries[entry_id], recipients, until))
    return leases


def _within(due: Sequence[Any], busy: Mapping[str, int]) -> list[tuple[QueueEntryId, str]]:
    """Return due groups, no more per destination than there is room for."""
    room = dict(busy)
    chosen = []
    for entry_id, domain, _ in due:
        if domain in room:
            if room[domain] <= 0:
                continue
            room[domain] -= 1
        chosen.append((entry_id, domain))
    return chosen


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
        (entry_id, a.number, a.state, a.next_at, a.sealed_result, int(a.delay_told)) for a in attempts
    ])  # fmt: skip
    for entry_to_add in enqueue:
        await add_entry(session, entry_to_add)
    left = await session.row(_OPEN, entry_id)
    if left is not None and left[0] == 0:
        await _remove(session, entry_id, entry[1], now)
    return True


async def _count(session: Session, sql: str, entry_id: QueueEntryId, *args: object) -> int:
    """Run a change of an entry's recipients under its lock; return how many it met."""
    if await session.row(_LOCK_ENTRY, entry_id) is None:
        return 0
    return len(await session.rows(sql, entry_id, *args))


async def _listed(session: Session, limit: int) -> list[tuple[QueueEntryRow, list[QueueRecipient]]]:
    entries = [rows.queue_entry(row) for row in await session.rows(_OLDEST, limit)]
    if not entries:
        return []
    recipients: dict[int, list[QueueRecipient]] = {entry.id: [] for entry in entries}
    for row in await session.rows(_RECIPIENTS, list(recipients)):
        recipients[row[0]].append(rows.recipient(row))
    return [(entry, recipients[entry.id]) for entry in entries]


class SqlQueue:
    """ports.store.QueueStore."""

    _db: Database
    _now: Now

    async def enqueue(self, entry: NewQueueEntry) -> None:
        await self._db.change(0, lambda s: add_entry(s, entry))

    async def lease(self, worker: str, *, now: int, until: int, limit: int, busy: Mapping[str, int]) -> list[Lease]:
        # Looking first spares idle workers the writer's turn.
        due = await self.next_due()
        if due is None or due > now:
            return []
        return await self._db.change(0, lambda s: _lease(s, worker, now, until, limit, busy))

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

    async def next_due(self) -> int | None:
        row = await self._db.row(_NEXT_DUE)
        return None if row is None else row[0]

    async def queue_entries(self, limit: int) -> list[tuple[QueueEntryRow, list[QueueRecipient]]]:
        return await self._db.read(lambda s: _listed(s, limit))

    async def release(self, entry_id: QueueEntryId, reason: HoldReason, *, now: int) -> int:
        return await self._db.change(0, lambda s: _count(s, _RELEASE, entry_id, reason, now))

    async def hasten(self, entry_id: QueueEntryId, *, now: int) -> int:
        return await self._db.change(0, lambda s: _count(s, _HASTEN, entry_id, now))

    async def cancel_entry(self, entry_id: QueueEntryId) -> bool:
        return await self._db.change(0, lambda s: _cancel_any(s, entry_id, self._now()))
