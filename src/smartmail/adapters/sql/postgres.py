"""PostgreSQL as a `Database`: a pool, one body per transaction, deliveries of many callers in one.

The server groups commits of concurrent transactions itself. Deadlocks (40P01) and serialisation failures (40001) are
run again. Losing the connection during a commit leaves open whether it happened: callers get Unavailable, and a repeat
of a delivery is known by its key.
"""

import asyncio
import random
from collections.abc import Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import asyncpg

from smartmail.adapters.sql.deliver import deliver_calls
from smartmail.adapters.sql.dialect import for_postgres, schema_for_postgres
from smartmail.adapters.sql.long_read import postgres_snapshot
from smartmail.adapters.sql.migrate import migrate
from smartmail.adapters.sql.postgres_care import PostgresCare
from smartmail.adapters.sql.session import DatabaseAway, DeliverCall, DeliverOutcome, Row, Tags, Work
from smartmail.adapters.sql.work import ClockFault, Now
from smartmail.domain.errors import ClockOff, MailError, StorageFull, Unavailable
from smartmail.ports.store_backup import Snapshot

T = TypeVar("T")

_TRIES = 8
"""Runs of a transaction that meets deadlocks before its caller is told to come back."""
_STATEMENTS = 400
_DELIVERY_BATCH = 64
_DELIVERY_RUNNERS = 2
"""Delivery transactions at once in a process: while one commits, the next is filled."""
_MIGRATION_LOCK = 0x534D4149
_ACQUIRE_SECONDS = 10.0
_COMMAND_SECONDS = 60.0
_AWAY = ("08", "25", "53", "57", "58")
"""SQLSTATE classes that say: connection, read-only (a standby), resources, operator, input/output."""

_PLANNER = {
    "application_name": "smartmail",
    "enable_seqscan": "off",
    "enable_hashjoin": "off",
    "enable_mergejoin": "off",
    "enable_material": "off",
    "jit": "off",
}
"""Every statement here is a walk along an index. Said so, a table that has grown since it was last analysed (a new
account, an import) does not get plans that read all of it, which a prepared statement would then keep.
"""

_Waiting = tuple[DeliverCall, "asyncio.Future[DeliverOutcome]"]


class _Texts(dict[str, str]):
    def __missing__(self, sql: str) -> str:
        self[sql] = text = for_postgres(sql)
        return text


_texts = _Texts()


class PostgresSession:
    """session.Session on a connection inside a transaction."""

    def __init__(self, connection: Any, tags: Tags | None = None) -> None:
        self._connection = connection
        self.tags = tags or Tags()

    async def rows(self, sql: str, *args: Any) -> Sequence[Row]:
        found: Sequence[Row] = await self._connection.fetch(sql, *args)
        return found

    async def row(self, sql: str, *args: Any) -> Row | None:
        found: Row | None = await self._connection.fetchrow(sql, *args)
        return found

    async def run(self, sql: str, *args: Any) -> None:
        await self._connection.fetch(sql, *args)

    async def many(self, sql: str, sets: Sequence[tuple[Any, ...]]) -> None:
        if len(sets) == 1:
            await self._connection.fetch(sql, *sets[0])
        elif sets:
            await self._connection.executemany(sql, sets)

    async def lookup(self, sql: str, keys: Sequence[tuple[Any, ...]]) -> Sequence[Row]:
        columns = [list(column) for column in zip(*keys, strict=True)]
        found: Sequence[Row] = await self._connection.fetch(_texts[sql], *columns)
        return found


class PostgresDatabase:
    """session.Database on a pool of connections."""

    def __init__(self, pool: Any, now: Now, clock_fault: ClockFault) -> None:
        self._pool = pool
        self._now = now
        self._clock_fault = clock_fault
        self.tags = Tags()
        self._waiting: list[_Waiting] = []
        self._runners: set[asyncio.Task[None]] = set()
        self._closed = False

    @classmethod
    async def connect(
        cls, address: str, now: Now, connections: int, clock_fault: ClockFault = lambda: ""
    ) -> "PostgresDatabase":
        """Connect and bring the schema up to date. Raises Unavailable."""
        try:
            pool = await asyncpg.create_pool(
                address,
                min_size=1,
                max_size=connections,
                statement_cache_size=_STATEMENTS,
                command_timeout=_COMMAND_SECONDS,
                reset=_keep,
                server_settings=_PLANNER,
            )
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError, ValueError) as error:
            kind = DatabaseAway if _may_come_back(error) else Unavailable
            raise kind(detail=f"PostgreSQL: {type(error).__name__}: {error}") from error
        database = cls(pool, now, clock_fault)
        try:
            await database.change(0, _prepare)
        except BaseException:
            await database.close()
            raise
        return database

    async def change(self, order: int, work: Work[T]) -> T:
        del order  # every body has a transaction of its own; its account's row lock sorts it
        for attempt in range(_TRIES):
            try:
                return await self._transact(work)
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                await asyncio.sleep(random.uniform(0, 0.002 * 2**attempt))
            except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
                raise _translated(error) from error
        raise Unavailable(detail="PostgreSQL: too many deadlocks")

    async def lease(self, work: Work[T]) -> T:
        if fault := self._clock_fault():
            raise ClockOff(detail=fault)
        return await self.change(0, work)

    async def moment(self) -> int:
        # Not now(): that is when the transaction began.
        row = await self.row("select (extract(epoch from clock_timestamp()) * 1000)::bigint")
        assert row is not None
        return int(row[0])

    async def _transact(self, work: Work[T], **options: Any) -> T:
        async with self._pool.acquire(timeout=_ACQUIRE_SECONDS) as connection, connection.transaction(**options):
            return await work(PostgresSession(connection, self.tags))

    async def read(self, work: Work[T]) -> T:
        try:
            return await self._transact(work, isolation="repeatable_read", readonly=True)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise _translated(error) from error

    async def read_aside(self, work: Work[T]) -> T:
        return await self.read(work)

    async def rows(self, sql: str, *args: object) -> Sequence[Row]:
        try:
            found: Sequence[Row] = await self._pool.fetch(sql, *args)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise _translated(error) from error
        return found

    async def row(self, sql: str, *args: object) -> Row | None:
        found = await self.rows(sql, *args)
        return found[0] if found else None

    async def deliver(self, call: DeliverCall) -> DeliverOutcome:
        future: asyncio.Future[DeliverOutcome] = asyncio.get_running_loop().create_future()
        self._waiting.append((call, future))
        if len(self._runners) < _DELIVERY_RUNNERS:
            # A task starts in the next turn of the loop, so all calls of this turn go together.
            task = asyncio.create_task(self._run_deliveries())
            self._runners.add(task)
            task.add_done_callback(self._runners.discard)
        return await future

    async def _run_deliveries(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:_DELIVERY_BATCH], self._waiting[_DELIVERY_BATCH:]
            await self._deliver(batch)

    async def _deliver(self, batch: list[_Waiting]) -> None:
        """Run calls in one transaction; when it fails as a whole, each alone, so that none spoils the others."""
        calls = [call for call, _ in batch]
        try:
            outcomes = await self.change(0, lambda s: deliver_calls(s, calls, self._now()))
        except BaseException as error:
            if len(batch) > 1 and isinstance(error, Exception) and not isinstance(error, Unavailable):
                for one in batch:
                    await self._deliver([one])
                return
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            if not isinstance(error, Exception):
                raise
            return
        for (_, future), outcome in zip(batch, outcomes, strict=True):
            if future.done():
                continue
            if isinstance(outcome, MailError):
                future.set_exception(outcome)
            else:
                future.set_result(outcome)

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        return postgres_snapshot(self._pool)

    def care(self) -> PostgresCare:
        return PostgresCare(self._pool)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._runners:
            await asyncio.wait(self._runners)
        await self._pool.close()


async def _keep(_connection: Any) -> None:
    """Nothing is set on a connection that its next user would have to undo: spare the round trip."""


async def _prepare(session: Any) -> None:
    for name in ("synchronous_commit", "fsync"):
        row = await session.row("select current_setting($1)", name)
        if row[0] == "off":
            raise Unavailable(detail=f"PostgreSQL runs with {name} = off: acknowledged mail could be lost")
    await session.run("select pg_advisory_xact_lock($1)", _MIGRATION_LOCK)
    await migrate(session, schema_for_postgres)


def _may_come_back(error: Exception) -> bool:
    """Whether a failed connection says nothing about the address: no answer, starting up, shutting down, too busy."""
    state = getattr(error, "sqlstate", None)
    return isinstance(error, OSError | TimeoutError) if state is None else state[:2] in _AWAY


def _translated(error: Exception) -> Exception:
    """Return Unavailable when the database is away; any other error is a fault of ours and stays as it is."""
    detail = f"PostgreSQL: {type(error).__name__}: {error}"
    if isinstance(error, asyncpg.DiskFullError):
        return StorageFull(detail=detail)
    state = getattr(error, "sqlstate", None)
    if state is None or state[:2] in _AWAY:
        return Unavailable(detail=detail)
    return error
