"""The store as it was at one moment, for as long as somebody reads it: a connection of its own, beside all others.

SQLite: a reader in a thread of its own; writers go on, only the WAL cannot start anew before it ends. PostgreSQL: one
repeatable-read transaction with a cursor. Both give the same tables, columns and values (ports.store_backup.Snapshot).
Must not know what the rows are for.
"""

# Names of tables and columns come from the database itself.

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from collections.abc import Set as AbstractSet
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from itertools import islice
from typing import Any, TypeVar

import apsw

from smartmail.adapters.sql.migrate import VERSION
from smartmail.adapters.sql.sqlite_session import connect, translated
from smartmail.domain.backup import LEFT_OUT, Column, ColumnKind, TableHead
from smartmail.ports.store_backup import Values

T = TypeVar("T")

_KINDS: dict[str, ColumnKind] = {"text": "text", "blob": "bytes", "bytea": "bytes"}
_SQLITE_TABLES = (
    "select name, sql from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name",
)
_PG_COLUMNS = (
    """select c.table_name, c.column_name, c.data_type from information_schema.columns c
    join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
    where c.table_schema = current_schema() and t.table_type = 'BASE TABLE'
    order by c.table_name, c.ordinal_position""",
)
_PG_KEYS = (
    """select c.relname, a.attname from pg_index i join pg_class c on c.oid = i.indrelid
    join pg_attribute a on a.attrelid = i.indrelid and a.attnum = any(i.indkey)
    where i.indisprimary and c.relnamespace = current_schema()::regnamespace
    order by c.relname, array_position(i.indkey::int2[], a.attnum)""",
)
_PG_SERIALS = (
    """select s.relname, q.last_value from pg_sequences q join pg_class s on q.sequencename = s.relname || '_id_seq'
    where q.schemaname = current_schema() and s.relnamespace = current_schema()::regnamespace and s.relkind = 'r'""",
)


def select(table: TableHead, order: Sequence[str]) -> str:
    """Return the statement that reads a table."""
    columns = ", ".join(f'"{column.name}"' for column in table.columns)
    by = ", ".join(f'"{name}"' for name in order)
    return f'select {columns} from "{table.name}"' + (f" order by {by}" if by else "")


class SqliteSnapshot:
    """ports.store_backup.Snapshot on a SQLite file."""

    def __init__(
        self, connection: apsw.Connection, in_thread: Callable[..., Any], left_out: AbstractSet[str] = LEFT_OUT
    ) -> None:
        self._connection = connection
        self._left_out = left_out
        self._in_thread = in_thread
        self._orders: dict[str, list[str]] = {}
        self.schema = int(next(iter(connection.execute(VERSION)))[0])
        self.tables = self._heads()

    def _heads(self) -> list[TableHead]:
        def ask(sql: str) -> list[Any]:
            return self._connection.execute(sql).fetchall()

        given: dict[str, int] = dict(ask("select name, seq from sqlite_sequence"))
        heads = []
        for name, sql in ask(_SQLITE_TABLES[0]):
            if name in self._left_out:
                continue
            columns = ask(f'pragma table_info("{name}")')
            self._orders[name] = [row[1] for row in sorted(columns, key=lambda row: row[5]) if row[5]]
            kinds = tuple(Column(row[1], _KINDS.get(row[2].lower(), "int")) for row in columns)
            heads.append(TableHead(name, kinds, given.get(name, 0) if "autoincrement" in sql else None))
        return heads

    async def rows(self, table: TableHead, block: int) -> AsyncIterator[Sequence[Values]]:
        """Return a table's rows, a block at a time."""
        cursor = await self._in_thread(self._connection.execute, select(table, self._orders[table.name]))
        while found := await self._in_thread(lambda: list(islice(cursor, block))):
            yield found


@asynccontextmanager
async def sqlite_snapshot(path: str, left_out: AbstractSet[str] = LEFT_OUT) -> AsyncIterator[SqliteSnapshot]:
    """Open the rows of this moment, but those of the tables `left_out`. Raises Unavailable."""
    loop = asyncio.get_running_loop()
    with ThreadPoolExecutor(1, "sqlite-snapshot") as threads:

        async def in_thread(call: Callable[..., T], *args: object) -> T:
            try:
                return await loop.run_in_executor(threads, call, *args)
            except apsw.Error as error:
                raise translated(error) from error

        connection = await in_thread(lambda: connect(path, writable=False))
        try:
            await in_thread(connection.execute, "begin")
            yield await in_thread(SqliteSnapshot, connection, in_thread, left_out)
        finally:
            await in_thread(connection.close, True)


class PostgresSnapshot:
    """ports.store_backup.Snapshot on a connection inside a repeatable-read transaction."""

    def __init__(self, connection: Any, schema: int, tables: Sequence[TableHead], orders: dict[str, list[str]]) -> None:
        self._connection = connection
        self._orders = orders
        self.schema = schema
        self.tables = tables

    async def rows(self, table: TableHead, block: int) -> AsyncIterator[Sequence[Values]]:
        """Return a table's rows, a block at a time."""
        cursor = await self._connection.cursor(select(table, self._orders.get(table.name, ())))
        while found := await cursor.fetch(block):
            yield [tuple(row) for row in found]


async def postgres_heads(
    connection: Any, left_out: AbstractSet[str] = LEFT_OUT
) -> tuple[list[TableHead], dict[str, list[str]]]:
    """Return all tables, and by what each is ordered."""
    serials = {name: int(last or 0) for name, last in await connection.fetch(_PG_SERIALS[0])}
    columns: dict[str, list[Column]] = {}
    for table, name, kind in await connection.fetch(_PG_COLUMNS[0]):
        columns.setdefault(table, []).append(Column(name, _KINDS.get(kind, "int")))
    orders: dict[str, list[str]] = {}
    for table, name in await connection.fetch(_PG_KEYS[0]):
        orders.setdefault(table, []).append(name)
    heads = [
        TableHead(name, tuple(found), serials.get(name))
        for name, found in sorted(columns.items())
        if name not in left_out
    ]
    return heads, orders


@asynccontextmanager
async def postgres_snapshot(pool: Any) -> AsyncIterator[PostgresSnapshot]:
    """Open the rows of this moment."""
    async with pool.acquire() as connection, postgres_snapshot_on(connection) as snapshot:
        yield snapshot


@asynccontextmanager
async def postgres_snapshot_on(
    connection: Any, left_out: AbstractSet[str] = LEFT_OUT
) -> AsyncIterator[PostgresSnapshot]:
    """Open the rows of this moment on a connection, but those of the tables `left_out`."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        schema = int(await connection.fetchval(VERSION))
        heads, orders = await postgres_heads(connection, left_out)
        yield PostgresSnapshot(connection, schema, heads, orders)
