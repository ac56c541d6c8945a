"""Leased work as data: what its tables have in common, and the statements that follow from it (ports.store_tasks).

A row of such a table waits, is leased by one worker until a time, and is done or waits again. What differs is data of a
`TaskTable`: the key, what a lease returns, which rows are due. A new kind of work is one more of them in `TASKS`; the queue, whose
entries are leased with many recipients at once, is not (adapters.sql.queue).
"""

from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from smartmail.adapters.sql.session import Database, OnDatabase, Row, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.transactions import in_read
from smartmail.domain.tasks import DueKind, HeldTask, TaskKind

T = TypeVar("T")
_TRIES: Final = 3
"""How often another row is looked for where another worker was faster; then the next turn looks."""


@dataclass(frozen=True, slots=True)
class TaskTable:
    """A table whose rows are leased.

    `kind` names the work; `due` is the SQL condition under which a row may be leased apart from its lease, with $1 the time now.
    `order` says which of several is the first. `sets` is changed by a lease too, $1 again the time. `renewable`: the
    worker that holds a row may lease it again. `progress`: how far a row is, and of how much.
    `until` is the column of the end of the lease.
    """

    kind: TaskKind
    table: str
    due: str = ""
    key: tuple[str, ...] = ("id",)
    order: str = "id"
    sets: str = ""
    renewable: bool = False
    progress: str = "0, 0"
    until: str = "leased_until"

    @property
    def first(self) -> str:
        """The key of the row to be leased first. $1: now."""
        return f"select {', '.join(self.key)} from {self.table} where {self._free} order by {self.order} limit 1"

    def lease(self, columns: str) -> str:
        """Lease a row and return columns of it; nothing where another worker was faster. $1: now; $2: until; $3: the worker;
        then the key. All conditions are looked at again: on PostgreSQL two workers may have found the same row.
        """
        sets = f", {self.sets}" if self.sets else ""
        own = f" or (({self.due}) and worker = $3)" if self.renewable else ""
        key = " and ".join(f"{name} = ${number}" for number, name in enumerate(self.key, 4))
        return f"""update {self.table} set {self.until} = $2, worker = $3{sets}
            where {key} and ({self._free}{own}) returning {columns}"""

    @property
    def held(self) -> str:
        """What workers hold. $1: now; $2: how many."""
        return f"""select {self.progress}, worker, {self.until}, {", ".join(self.key)} from {self.table}
            where {self.until} > 0 and worker > '' and {self.until} > $1 order by worker limit $2"""

    @property
    def workers(self) -> str:
        """Who holds rows."""
        return f"select distinct worker from {self.table} where {self.until} > 0 and worker > ''"

    @property
    def release(self) -> str:
        """End all leases of a worker. $1: the worker."""
        return f"update {self.table} set {self.until} = 0, worker = '' where worker = $1 and {self.until} > 0"

    @property
    def waiting(self) -> str:
        """Whether there is something to do. $1: now."""
        return f"select 1 from {self.table} where {self.due if self.renewable else self._free}"

    @property
    def _free(self) -> str:
        return f"({self.due}) and {self.until} <= $1" if self.due else f"{self.until} <= $1"


ADMIN_JOB: Final = TaskTable(
    "admin-jobs", "admin_job", "state in ('waiting', 'running')", order="leased_until, id",
    sets="state = 'running', started_at = coalesce(started_at, $1)", progress="done, total",
)  # fmt: skip
DIRECTORY_IMPORT: Final = TaskTable(
    "directory-imports", "directory_import", "state in ('running', 'undoing')", progress="done, total"
)
PARCEL: Final = TaskTable(
    "parcels",
    "parcel",
    "state in ('waiting', 'working')",
    order="created_at, id",
    sets="state = 'working'",
    progress="done, total",
)
PULL: Final = TaskTable("pulls", "pull", "enabled = 1 and next_at <= $1", order="next_at, id")
RECURRING: Final = TaskTable(
    "recurring", "recurring", "state = 'active' and next_at <= $1", key=("account_id", "message_id"),
    order="next_at, account_id, message_id",
)  # fmt: skip
SHARE_LETTER: Final = TaskTable("share-letters", "share_letter", order="leased_until, created_at, id")
WEBHOOK: Final = TaskTable("webhooks", "webhook", "state = 'active' and next_at <= $1", order="next_at, id")
VOLUME_WORK: Final = TaskTable(
    "volume-works", "volume_work", "state = 'running'", renewable=True, progress="octets, total"
)
RESEAL: Final = TaskTable(
    "reseal", "reseal", "ended_at is null and state = 'running'", renewable=True, progress="octets, total"
)
REKEY: Final = TaskTable("rekey", "rekey", "ended_at is null", renewable=True, progress="done, total")
PROPOSAL: Final = TaskTable("proposals", "act_proposal", "state = 'running'", until="lease_until")

TASKS: Final = (
    ADMIN_JOB, DIRECTORY_IMPORT, PARCEL, PULL, RECURRING, SHARE_LETTER, WEBHOOK, VOLUME_WORK, RESEAL, REKEY, PROPOSAL,
)  # fmt: skip
"""All leased work but the queue."""


_POLLED: Final[dict[DueKind, tuple[str, ...]]] = {
    **{
        task.kind: (task.waiting,)
        for task in (ADMIN_JOB, PARCEL, PULL, RECURRING, SHARE_LETTER, WEBHOOK, RESEAL, REKEY)
    },
    "volume-works": (VOLUME_WORK.waiting, "select 1 from volume_leaving where due_at <= $1"),
    "master-key": ("select 1 from key_rotation",),
    "policy-changes": ("select 1 from policy_change where state = 'scheduled' and apply_at <= $1",),
    "reminders": ("select 1 from reminder where state = 'waiting' and wake_at <= $1",),
    "share-ends": ("select 1 from share_grant where ends_at > 0 and ends_at <= $1",),
}
"""Of what kinds each process looks every second whether something is due, and how it sees that. The others are begun by an
administrator (imports), or looked at once a minute by one node (proposals).
"""
DUE: Final = " union all ".join(
    f"select '{kind}' where {' or '.join(f'exists ({one})' for one in ones)}" for kind, ones in _POLLED.items()
)


class Leasing(Generic[T]):
    """Leases rows of a task table, the first that is due before the others."""

    def __init__(self, table: TaskTable, shape: Shape[T]) -> None:
        self.first = table.first
        self.lease = table.lease(shape.columns)
        self.of = shape.of

    async def next(self, db: Database, now: int, until: int, worker: str) -> T | None:
        """Lease the first row that is due; None where there is none. Raises ClockOff, Unavailable."""
        for _ in range(_TRIES):
            # A look first: asking every second shall not write every second.
            due = await db.row(self.first, now)
            if due is None:
                return None
            if (leased := await self.one(db, now, until, worker, *due)) is not None:
                return leased
        return None

    async def one(self, db: Database, now: int, until: int, worker: str, *key: object) -> T | None:
        """Lease the row of a key; None where it is not due, or another's. Raises ClockOff, Unavailable."""
        row = await db.lease(lambda session: session.row(self.lease, now, until, worker, *key))
        return None if row is None else self.of(row)


class SqlTasks(OnDatabase):
    """ports.store_tasks.TaskStore."""

    async def due_tasks(self, now: int) -> set[DueKind]:
        return {row[0] for row in await self._db.rows(DUE, now)}

    @in_read
    async def held_tasks(self, session: Session, now: int, limit: int) -> list[HeldTask]:
        return [_held(task.kind, row) for task in TASKS for row in await session.rows(task.held, now, limit)]

    async def take_back_tasks(self, workers: str) -> dict[TaskKind, int]:
        return await self._db.change(0, lambda session: _take_back(session, workers))


def _held(kind: TaskKind, row: Row) -> HeldTask:
    done, total, worker, until, *key = row
    return HeldTask(
        kind, "/".join(one.hex() if isinstance(one, bytes) else str(one) for one in key), worker, done, total, until
    )


async def _take_back(session: Session, workers: str) -> dict[TaskKind, int]:
    taken: dict[TaskKind, int] = {}
    for task in TASKS:
        left = [row[0] for row in await session.rows(task.workers) if row[0].startswith(workers)]
        for worker in left:
            await session.run(task.release, worker)
        if left:
            taken[task.kind] = len(left)
    return taken
