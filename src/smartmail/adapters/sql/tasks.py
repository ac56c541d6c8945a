"""Leased work of all kinds that the groups of a store declare (ports.store_tasks)."""

from typing import Final, Generic, TypeVar

from smartmail.adapters.sql.session import Database, OnDatabase, Row, Session
from smartmail.adapters.sql.shape import Shape
from smartmail.adapters.sql.task_tables import TaskTable
from smartmail.adapters.sql.transactions import in_change, in_read
from smartmail.domain.tasks import HeldTask

T = TypeVar("T")
_TRIES: Final = 3
"""How often another row is looked for where another worker was faster; then the next turn looks."""


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
    """ports.store_tasks.TaskStore, over what the groups of a store declare."""

    def __init__(self, database: Database, store: OnDatabase) -> None:
        super().__init__(database)
        groups = [*type(store).__mro__, *map(type, vars(store).values())]
        declared = [task for group in groups if issubclass(group, OnDatabase) for task in vars(group).get("TASKS", ())]
        self.tables: Final = [task for task in declared if isinstance(task, TaskTable)]
        self.looks: Final = {task.kind: task.looks for task in declared if task.looks}
        self._due: Final = " union all ".join(
            f"select '{kind}' where {' or '.join(f'exists ({look})' for look in looks)}"
            for kind, looks in self.looks.items()
        )

    async def due(self, now: int) -> set[str]:
        return {row[0] for row in await self._db.rows(self._due, now)}

    @in_read
    async def held(self, session: Session, now: int, limit: int) -> list[HeldTask]:
        return [_held(task.kind, row) for task in self.tables for row in await session.rows(task.held, now, limit)]

    @in_change
    async def take_back(self, session: Session, workers: str) -> dict[str, int]:
        taken: dict[str, int] = {}
        for task in self.tables:
            left = [row[0] for row in await session.rows(task.workers) if row[0].startswith(workers)]
            for worker in left:
                await session.run(task.release, worker)
            if left:
                taken[task.kind] = len(left)
        return taken


def _held(kind: str, row: Row) -> HeldTask:
    done, total, worker, until, *key = row
    return HeldTask(
        kind, "/".join(one.hex() if isinstance(one, bytes) else str(one) for one in key), worker, done, total, until
    )
