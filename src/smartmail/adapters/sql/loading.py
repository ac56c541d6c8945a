"""A database made of a snapshot (ports.store_backup.SnapshotLoader), shown when it is whole.

SQLite: a file beside its place, synced and renamed at the end. PostgreSQL: one transaction. A process that is killed
leaves nothing that anybody takes for a store. Both refuse a place that holds one already.
"""

# Names of tables and columns come from the snapshot, and are checked.

import asyncio
import os
import re
from collections.abc import AsyncIterator, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager, suppress
from typing import Any

import apsw
import asyncpg

from smartmail.adapters.sql.dialect import schema_for_postgres, schema_for_sqlite
from smartmail.adapters.sql.fencing import fence as raise_fence
from smartmail.adapters.sql.fencing import hold_queue as hold
from smartmail.adapters.sql.long_read import PostgresSnapshot, postgres_heads, postgres_snapshot_on
from smartmail.adapters.sql.migrate import WrongSchema, migrate, scripts
from smartmail.adapters.sql.postgres import PostgresSession
from smartmail.adapters.sql.sqlite_session import SqliteSession, connect, finish_now, translated
from smartmail.domain.backup import TableHead
from smartmail.domain.errors import Unavailable
from smartmail.ports.store_backup import Values

_MARK = "copy-of"
_NAME = re.compile(r"[a-z][a-z0-9_]{0,62}", re.ASCII)


def _check_schema(schema: int) -> None:
    if schema > len(scripts()):
        raise WrongSchema(
            detail=f"the backup has schema {schema}, this program knows {len(scripts())}: use the newer one"
        )


def _checked(table: TableHead) -> TableHead:
    if not all(_NAME.fullmatch(name) for name in (table.name, *(column.name for column in table.columns))):
        raise Unavailable(detail=f"the backup names a table or column that cannot be: {table.name[:40]!r}")
    return table


class SqliteLoader:
    """Makes the file `path`."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._beside = f"{path}.restoring"
        self._connection: apsw.Connection | None = None

    async def is_there(self) -> bool:
        return await asyncio.to_thread(os.path.exists, self._path)

    async def begin(self, schema: int) -> None:
        await asyncio.to_thread(self._begin, schema)

    def _begin(self, schema: int) -> None:
        _check_schema(schema)
        if os.path.exists(self._path):
            raise Unavailable(detail=f"{self._path} is there: a restore needs an empty place")
        self._remove()
        try:
            os.close(os.open(self._beside, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
            self._connection = connection = apsw.Connection(self._beside)
            # Nobody sees it before it is whole and synced: no journal is needed until then.
            connection.execute("pragma journal_mode = off; pragma synchronous = off; pragma cache_size = -262144")
            connection.execute("begin")
            finish_now(migrate(SqliteSession(connection), schema_for_sqlite, schema))
        except (apsw.Error, OSError) as error:
            raise Unavailable(detail=str(error)) from error

    async def add(self, table: TableHead, rows: Sequence[Values]) -> None:
        await asyncio.to_thread(self._add, _checked(table), rows)

    def _add(self, table: TableHead, rows: Sequence[Values]) -> None:
        assert self._connection is not None
        names = ", ".join(f'"{column.name}"' for column in table.columns)
        marks = ", ".join("?" * len(table.columns))
        try:
            self._connection.executemany(f'insert into "{table.name}" ({names}) values ({marks})', rows)
        except apsw.Error as error:
            raise translated(error) from error

    async def finish(self, tables: Sequence[TableHead], *, fence: bool, hold_queue: bool) -> None:
        await asyncio.to_thread(self._finish, tables, fence, hold_queue)

    def _finish(self, tables: Sequence[TableHead], fence: bool, hold_queue: bool) -> None:
        connection = self._connection
        assert connection is not None
        try:
            for table in tables:
                if table.serial:
                    connection.execute("delete from sqlite_sequence where name = ?", (table.name,))
                    connection.execute(
                        "insert into sqlite_sequence (name, seq) values (?, ?)", (table.name, table.serial)
                    )
            session = SqliteSession(connection)
            finish_now(migrate(session, schema_for_sqlite))
            if fence:
                finish_now(raise_fence(session))
            if hold_queue:
                finish_now(hold(session))
            connection.execute("commit")
            connection.close()
            self._connection = None
            # Opened once as it will be, so that the file itself says WAL.
            connect(self._beside, writable=True).close()
        except apsw.Error as error:
            raise translated(error) from error
        _sync(self._beside)
        os.rename(self._beside, self._path)
        _sync(os.path.dirname(os.path.abspath(self._path)))

    async def abort(self) -> None:
        if self._connection is not None:
            self._connection.close(True)
            self._connection = None
        self._remove()

    def _remove(self) -> None:
        for end in ("", "-journal", "-wal", "-shm"):
            with suppress(FileNotFoundError):
                os.unlink(self._beside + end)


def _sync(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


class PostgresLoader:
    """Fills the database at `address`, which must have no tables. `mark`: by which a copy is known again that nobody has
    served on.
    """

    def __init__(self, address: str, mark: str = "") -> None:
        self._address = address
        self._mark = mark
        self._connection: Any = None
        self._transaction: Any = None

    async def is_there(self) -> bool:
        async with self._connected() as connection:
            heads, _orders = await postgres_heads(connection)
            return bool(heads)

    async def begin(self, schema: int) -> None:
        _check_schema(schema)
        try:
            self._connection = await asyncpg.connect(self._address, command_timeout=None)
            self._transaction = self._connection.transaction()
            await self._transaction.start()
            heads, _orders = await postgres_heads(self._connection)
            if heads:
                raise Unavailable(detail="the database has tables already: a restore needs an empty one")
            await migrate(PostgresSession(self._connection), schema_for_postgres, schema)
            if self._mark:
                await self._connection.execute("insert into meta (name, value) values ($1, $2)", _MARK, self._mark)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise Unavailable(detail=f"PostgreSQL: {error}") from error

    async def is_unused_copy(self) -> bool:
        """Say whether what is there was made under our mark, and no node has ever served on it. Raises Unavailable."""
        async with self._connected() as connection:
            try:
                found = await connection.fetchval("select value from meta where name = $1", _MARK)
                served = await connection.fetchval("select count(*) from node_claim")
            except asyncpg.UndefinedTableError:
                return False
            return bool(self._mark) and found == self._mark and not served

    async def remove(self) -> None:
        """Remove all tables, of a copy that `is_unused_copy`. Raises Unavailable."""
        async with self._connected() as connection, connection.transaction():
            heads, _orders = await postgres_heads(connection, frozenset())
            for head in heads:
                await connection.execute(f'drop table "{_checked(head).name}" cascade')

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[Any]:
        try:
            connection = await asyncpg.connect(self._address, command_timeout=None)
            try:
                yield connection
            finally:
                await connection.close()
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise Unavailable(detail=f"PostgreSQL: {error}") from error

    async def clear(self, table: TableHead) -> None:
        """Remove the rows that the migrations put into a table: those of the source take their place."""
        await self._connection.execute(f'delete from "{_checked(table).name}"')

    @asynccontextmanager
    async def snapshot(self, left_out: AbstractSet[str]) -> AsyncIterator[PostgresSnapshot]:
        """Read what the database holds by now, but the tables `left_out`. Raises Unavailable."""
        async with self._connected() as connection, postgres_snapshot_on(connection, left_out) as snapshot:
            yield snapshot

    async def add(self, table: TableHead, rows: Sequence[Values]) -> None:
        names = [column.name for column in _checked(table).columns]
        try:
            # COPY takes given values for identity columns too.
            await self._connection.copy_records_to_table(table.name, records=rows, columns=names)
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise Unavailable(detail=f"PostgreSQL: {error}") from error

    async def finish(self, tables: Sequence[TableHead], *, fence: bool, hold_queue: bool) -> None:
        session = PostgresSession(self._connection)
        try:
            for table in tables:
                if table.serial:
                    name = f"{_checked(table).name}"
                    await session.run(f"select setval(pg_get_serial_sequence('{name}', 'id'), $1)", table.serial)
            await migrate(session, schema_for_postgres)
            if fence:
                await raise_fence(session)
            if hold_queue:
                await hold(session)
            await self._transaction.commit()
            await self._connection.execute("analyze")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
            raise Unavailable(detail=f"PostgreSQL: {error}") from error
        await self._connection.close()

    async def abort(self) -> None:
        if self._connection is not None:
            self._connection.terminate()
