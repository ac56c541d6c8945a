"""What administrators ask of the queue: find by any mark, hold, release, retry, reroute, delete; totals.

Kept apart from queue.py, which workers live on: these statements may read the whole queue.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from smartmail.adapters.sql import rows
from smartmail.adapters.sql.approvals import close_question
from smartmail.adapters.sql.queue import add_entry, remove_when_done
from smartmail.adapters.sql.recorded import add_audit
from smartmail.adapters.sql.session import OnDatabase, Session
from smartmail.adapters.sql.trace import tally
from smartmail.adapters.sql.transactions import change_by, read_aside_by
from smartmail.adapters.sql.work import Now
from smartmail.domain.approving import Act
from smartmail.domain.audit import AuditRecord
from smartmail.domain.ids import QueueEntryId
from smartmail.domain.queue import QueueAct, QueueEntryRow, QueueFilter, QueueRecipient, QueueTarget, QueueTotals

_SCAN = """select distinct q.entry_id from queue_recipient q join queue_entry e on e.id = q.entry_id
    where q.entry_id > $1 and e.id > $1 and {where} order by q.entry_id limit $2"""
_ROWS = "select {columns} from queue_recipient q join queue_entry e on e.id = q.entry_id where {where} order by 1, 2"
_ENTRIES = f"select {rows.ENTRY} from queue_entry e left join blob b on b.id = e.blob_id where e.id = any($1)"
_OPEN = "q.state in ('held', 'ready', 'leased')"
_STATES = {
    "held": "q.state = 'held'",
    "leased": "q.state = 'leased'",
    "ready": "q.state = 'ready' and q.due_at <= {now}",
    "waiting": "q.state = 'ready' and q.due_at > {now}",
}
_ACTS = {
    "hold": """update queue_recipient set state = 'held', hold_reason = 'administrator', line = 0, due_at = $3
        where entry_id = $1 and number = any($2) and state = 'ready' returning number""",
    "release": """update queue_recipient set state = 'ready', hold_reason = null, due_at = $3, line = 1
        where entry_id = $1 and number = any($2) and state = 'held' returning number""",
    "retry": """update queue_recipient set due_at = $3, line = 1
        where entry_id = $1 and number = any($2) and state = 'ready' returning number""",
    "delete": """update queue_recipient set state = 'cancelled', line = 0, due_at = $3
        where entry_id = $1 and number = any($2) and state in ('held', 'ready') returning number""",
}
_REROUTE = """update queue_recipient set domain = $4, due_at = $3,
    line = case when state = 'ready' then 1 else 0 end
    where entry_id = $1 and number = any($2) and state in ('held', 'ready') returning number"""
_STILL_ASKED = """select 1 from queue_recipient where entry_id = $1 and state = 'held' and hold_reason = 'approval'
    limit 1"""
_ANSWERS = {"delete": "rejected", "release": "approved"}
_BY_STATE = """select case when state = 'ready' and line = 0 then 'waiting' when line = 2 then 'behind' else state end,
    count(*) from queue_recipient group by 1 order by 1"""
_BY_DOMAIN = f"""select q.domain, count(*) from queue_recipient q where {_OPEN}
    group by q.domain order by count(*) desc, q.domain limit $1"""


class _Where:
    """Conditions and their values, numbered from `first`."""

    def __init__(self, first: int) -> None:
        self._first = first
        self.parts = [_OPEN]
        self.values: list[Any] = []

    def add(self, text: str, *values: object) -> None:
        names = [f"${self._first + len(self.values) + number}" for number in range(len(values))]
        self.parts.append(text.format(*names))
        self.values += values

    @property
    def text(self) -> str:
        return " and ".join(self.parts)


def _where(wanted: QueueFilter, now: int, first: int) -> _Where:
    where = _Where(first)
    for value, text in (
        (wanted.organization_id, "e.organization_id = {}"), (wanted.account_id, "e.account_id = {}"),
        (wanted.sender_domain or None, "e.sender_domain = {}"), (wanted.domain or None, "q.domain = {}"),
        (wanted.hold_reason, "q.hold_reason = {}"), (wanted.created_before, "e.created_at < {}"),
        (wanted.created_after, "e.created_at > {}"), (wanted.larger, "e.size > {}"), (wanted.smaller, "e.size < {}"),
    ):  # fmt: skip
        if value is not None:
            where.add(text, value)
    for values, text in (
        (wanted.entries, "q.entry_id = any({})"), (wanted.senders, "e.sender_hash = any({})"),
        (wanted.recipients, "q.address_hash = any({})"),
    ):  # fmt: skip
        if values:
            where.add(text, list(values))
    if wanted.state:
        condition = _STATES[wanted.state]
        where.add(condition.replace("{now}", "{}"), *([now] if "{now}" in condition else []))
    return where


async def _find(
    session: Session, wanted: QueueFilter, *, now: int, after: QueueEntryId, limit: int
) -> list[tuple[QueueEntryRow, list[QueueRecipient]]]:
    where = _where(wanted, now, 3)
    ids = [row[0] for row in await session.rows(_SCAN.format(where=where.text), after, limit, *where.values)]
    if not ids:
        return []
    entries = {row[0]: rows.queue_entry(row) for row in await session.rows(_ENTRIES, ids)}
    where = _where(wanted, now, 2)
    columns = rows.RECIPIENT.qualified("q")
    statement = _ROWS.format(columns=columns, where=f"q.entry_id = any($1) and {where.text}")
    found: dict[int, list[QueueRecipient]] = {number: [] for number in ids}
    for row in await session.rows(statement, ids, *where.values):
        found[row[0]].append(rows.recipient(row))
    return [(entries[number], found[number]) for number in ids]


async def _change(
    session: Session,
    act: QueueAct,
    targets: Sequence[QueueTarget],
    *,
    now: int,
    domain: str = "",
    audit: AuditRecord | None = None,
) -> list[tuple[QueueEntryId, list[int]]]:
    met = []
    for target in sorted(targets, key=lambda one: one.entry_id):
        entry = await session.row("select id, blob_id from queue_entry where id = $1 for update", target.entry_id)
        if entry is None:
            continue
        numbers = list(target.numbers)
        if act == "reroute":
            changed = await session.rows(_REROUTE, target.entry_id, numbers, now, domain)
        else:
            changed = await session.rows(_ACTS[act], target.entry_id, numbers, now)
        if not changed:
            continue
        met.append((target.entry_id, sorted(row[0] for row in changed)))
        if act == "delete":
            await tally(session, target.entry_id, "removed", len(changed))
            if target.report is not None:
                await add_entry(session, target.report)
            await remove_when_done(session, target.entry_id, entry[1], now)
        if target.question and act in _ANSWERS and audit is not None:
            await _end_question(session, target, _ANSWERS[act], audit)
    if met and audit is not None:
        await add_audit(session, audit)
    return met


async def _end_question(session: Session, target: QueueTarget, answer: str, audit: AuditRecord) -> None:
    """Close the question of an entry of which nothing waits for an answer any more."""
    if await session.row(_STILL_ASKED, target.entry_id) is not None:
        return
    act: Act = "release" if answer == "approved" else "refuse"
    if not await close_question(session, target.question, answer, act, audit.at, audit.actor):
        return
    if target.told is not None:
        await add_entry(session, target.told)
    about = replace(audit, action=f"approval.{answer}", object=f"approval:{target.question}")
    await add_audit(session, about, None)


async def _totals(session: Session, limit: int) -> QueueTotals:
    counted = await session.row("select count(*), coalesce(sum(size), 0) from queue_entry")
    states = await session.rows(_BY_STATE)
    domains = await session.rows(_BY_DOMAIN, limit)
    entries, octets = (0, 0) if counted is None else (counted[0], int(counted[1]))
    return QueueTotals(entries, octets, tuple((s, n) for s, n in states), tuple((d, n) for d, n in domains))


class SqlQueueControl(OnDatabase):
    """The part of ports.store_queue that administrators use."""

    _now: Now

    find_queue = read_aside_by(_find)
    change_queue = change_by(_change)
    queue_totals = read_aside_by(_totals)
