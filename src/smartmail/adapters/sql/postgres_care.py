"""Care of a PostgreSQL database: sizes, integrity, statistics, room given back.

STRATEGIES  Each statement runs by itself on a connection of the pool, outside a transaction as VACUUM wants it. A check reads
            indexes by `amcheck` where the extension is installed, and every table to its last octet.
LIMITS      The free room of the disk and the write-ahead log belong to the database's own host: they are not known here.
FAILURE     A cancelled statement is cancelled on the server. A table that cannot be read is a finding, not an error.
"""

from collections.abc import Sequence
from typing import Any, Final

import asyncpg

from smartmail.domain.database import DatabaseFacts, TableFacts
from smartmail.domain.errors import StorageFull, Unavailable
from smartmail.ports.store_database import CareTold

MOST_FINDINGS: Final = 100
_HOURS: Final = 24 * 3600.0
_FACTS: Final = """select current_setting('server_version'), pg_database_size(current_database()),
    coalesce((select sum(pg_table_size(relid)::numeric * n_dead_tup / (n_live_tup + n_dead_tup)) from pg_stat_user_tables
    where schemaname = current_schema() and n_dead_tup > 0), 0)::bigint"""
_TABLES: Final = """select c.relname, greatest(coalesce(s.n_live_tup, 0), c.reltuples::bigint), pg_total_relation_size(c.oid)
    from pg_class c left join pg_stat_user_tables s on s.relid = c.oid
    where c.relnamespace = current_schema()::regnamespace and c.relkind = 'r' order by 3 desc, 1"""
_AMCHECK: Final = (
    "select n.nspname from pg_extension e join pg_namespace n on n.oid = e.extnamespace where extname = 'amcheck'"
)
_INDEXES: Final = """select c.relname, c.oid::bigint from pg_class c join pg_index i on i.indexrelid = c.oid
    join pg_am a on a.oid = c.relam where a.amname = 'btree' and i.indisvalid and c.relnamespace = current_schema()::regnamespace"""
_DAMAGE: Final = ("XX", "58", "22", "42")
"""SQLSTATE classes by which a statement that only reads says that what it read is damaged, not that the server is away."""


class PostgresCare:
    """ports.store_database.DatabaseCare on a pool."""

    def __init__(self, pool: Any) -> None:
        self._pool = pool

    async def facts(self) -> DatabaseFacts:
        row = (await self._rows(_FACTS))[0]
        return DatabaseFacts("postgres", str(row[0]), int(row[1]), int(row[2]), None, None, True)

    async def tables(self) -> Sequence[TableFacts]:
        return [
            TableFacts(str(name), max(0, int(rows)), int(octets)) for name, rows, octets in await self._rows(_TABLES)
        ]

    async def check(self, told: CareTold) -> list[str]:
        names = [one.name for one in await self.tables()]
        schema = await self._rows(_AMCHECK)
        indexes = await self._rows(_INDEXES) if schema else []
        total, found = len(names) + len(indexes), list[str]()
        for done, name in enumerate(names):
            told(done, total)
            # As text every value is read to its end, also what lies apart from its row.
            found += await self._tried(name, f'select count(t::text) from "{name}" t')  # a name of the database's own
        for done, (name, number) in enumerate(indexes, len(names)):
            told(done, total)
            found += await self._tried(
                name, f'select "{schema[0][0]}".bt_index_check({int(number)}::oid::regclass, true)'
            )
        told(total, total)
        return found[:MOST_FINDINGS]

    async def optimise(self, told: CareTold) -> None:
        await self._each("analyze", told)

    async def give_back(self, told: CareTold) -> None:
        await self._each("vacuum (analyze)", told)

    async def rewrite(self, told: CareTold) -> None:
        await self._each("vacuum (full, analyze)", told)

    async def _each(self, words: str, told: CareTold) -> None:
        names = [one.name for one in await self.tables()]
        for done, name in enumerate(names):
            told(done, len(names))
            await self._rows(f'{words} "{name}"')
        told(len(names), len(names))

    async def _tried(self, name: str, statement: str) -> list[str]:
        try:
            await self._rows(statement)
        except asyncpg.PostgresError as error:
            return [f"{name}: {error}"]
        return []

    async def _rows(self, statement: str) -> Sequence[Any]:
        try:
            async with self._pool.acquire() as connection:
                found: Sequence[Any] = await connection.fetch(statement, timeout=_HOURS)
                return found
        except asyncpg.DiskFullError as error:
            raise StorageFull(detail=f"PostgreSQL: {error}") from error
        except asyncpg.PostgresError as error:
            if str(error.sqlstate)[:2] in _DAMAGE:
                raise
            raise Unavailable(detail=f"PostgreSQL: {type(error).__name__}: {error}") from error
        except (asyncpg.InterfaceError, OSError, TimeoutError) as error:
            raise Unavailable(detail=f"PostgreSQL: {type(error).__name__}: {error}") from error
