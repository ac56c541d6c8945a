"""Care of a SQLite file: sizes, integrity, statistics, room given back.

STRATEGIES  Everything runs in a thread on a connection of its own. A check reads table by table, so that the write-ahead log
            can start anew between two of them, and then the pages that belong to no table. What writes takes the writers' file
            lock as every writer does: steps are small, but for `rewrite`, which holds it until it is done.
LIMITS      A file made before has no map of its pages: only `rewrite` gives its room back, and makes the map for later.
FAILURE     A cancelled statement is interrupted; SQLite undoes it. No room for a rewrite: nothing has changed.
SECURITY    The copy that a rewrite makes lies beside the file, unlinked while it is written, and is as sealed as the file.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import apsw

from smartmail.adapters.sql.sqlite_session import connect, translated
from smartmail.domain.database import DatabaseFacts, TableFacts
from smartmail.ports.store_database import CareTold

T = TypeVar("T")

MOST_FINDINGS: Final = 100
STEP_PAGES: Final = 1_000
"""Pages given back at a time: some milliseconds in which writers wait."""
LARGE_ROWS: Final = 10_000
"""Only tables with more rows get statistics. Without any, plans are made as for a large table; those of a table that was small
when it was counted would read all of it once it has grown.
"""
_INCREMENTAL: Final = 2
_TABLES: Final = "select name from sqlite_master where type = 'table' and name not like 'sqlite_%' order by name"
_SIZES: Final = """select m.tbl_name, sum(s.pgsize) from dbstat s join sqlite_master m on m.name = s.name
    where s.aggregate = true group by m.tbl_name"""
_RECKONED: Final = (
    "select tbl, max(cast(substr(stat, 1, instr(stat || ' ', ' ') - 1) as integer)) from sqlite_stat1 group by tbl"
)
_COUNTED: Final = 64 << 20
"""A table below this size is counted, one above is reckoned from the database's statistics where it has them."""


class SqliteCare:
    """ports.store_database.DatabaseCare on one file."""

    def __init__(self, path: str) -> None:
        self._path = path

    async def facts(self) -> DatabaseFacts:
        return await self._run(self._facts)

    async def tables(self) -> Sequence[TableFacts]:
        return await self._run(_tables)

    async def check(self, told: CareTold) -> list[str]:
        names = await self._run(_names)
        found: list[str] = []
        for done, name in enumerate(names):
            told(done, len(names) + 1)
            found += await self._run(_checked(f'pragma integrity_check("{name}")'))
            if len(found) >= MOST_FINDINGS:
                return found[:MOST_FINDINGS]
        told(len(names), len(names) + 1)
        found += await self._run(_checked(f"pragma quick_check({MOST_FINDINGS})"))
        told(len(names) + 1, len(names) + 1)
        return list(dict.fromkeys(found))[:MOST_FINDINGS]

    async def optimise(self, told: CareTold) -> None:
        names = await self._run(_large)
        for done, name in enumerate(names):
            told(done, len(names))
            await self._run(self._written(f'analyze "{name}"', limit=True), writable=True)
        told(len(names), len(names))

    async def give_back(self, told: CareTold) -> None:
        facts, total, done = await self.facts(), await self._run(_spare_pages), 0
        if not facts.stepwise:
            return
        while done < total:
            told(done, total)
            await self._run(self._written(f"pragma incremental_vacuum({STEP_PAGES})"), writable=True)
            done += STEP_PAGES
        await self._run(_moved, writable=True)
        told(total, total)

    async def rewrite(self, told: CareTold) -> None:
        told(0, 2)
        await self._run(self._rewritten, writable=True)
        told(1, 2)
        await self._run(_moved, writable=True)
        told(2, 2)

    def _facts(self, connection: apsw.Connection) -> DatabaseFacts:
        page, pages, spare = (_number(connection, name) for name in ("page_size", "page_count", "freelist_count"))
        place = os.statvfs(os.path.dirname(os.path.abspath(self._path)))
        try:
            log = os.stat(self._path + "-wal").st_size
        except FileNotFoundError:
            log = 0
        return DatabaseFacts(
            "sqlite", apsw.sqlite_lib_version(), page * pages, page * spare, log, place.f_bavail * place.f_frsize,
            _number(connection, "auto_vacuum") == _INCREMENTAL,
        )  # fmt: skip

    def _written(self, statement: str, *, limit: bool = False) -> Callable[[apsw.Connection], None]:
        def write(connection: apsw.Connection) -> None:
            if limit:
                # A sample of each index is enough for plans, and takes no longer on a large file.
                connection.execute("pragma analysis_limit = 1000")
            with self._locked():
                connection.execute(statement).fetchall()

        return write

    def _rewritten(self, connection: apsw.Connection) -> None:
        # In memory, as other temporary things are, the copy would be as large as the file.
        connection.execute("pragma temp_store = file")
        folder = os.path.dirname(os.path.abspath(self._path)).replace("'", "''")
        connection.execute(f"pragma temp_store_directory = '{folder}'")
        connection.execute(f"pragma auto_vacuum = {_INCREMENTAL}")
        with self._locked():
            connection.execute("vacuum")

    @contextmanager
    def _locked(self) -> Iterator[None]:
        lock = os.open(self._path + ".lock", os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    async def _run(self, work: Callable[[apsw.Connection], T], *, writable: bool = False) -> T:
        """Run in a thread; when the caller is cancelled the statement at hand is interrupted and waited for."""
        with ThreadPoolExecutor(1, "sqlite-care") as threads:
            connection = await asyncio.get_running_loop().run_in_executor(
                threads, lambda: connect(self._path, writable=writable)
            )
            running = asyncio.get_running_loop().run_in_executor(threads, work, connection)
            try:
                return await asyncio.shield(running)
            except asyncio.CancelledError:
                connection.interrupt()
                await asyncio.gather(running, return_exceptions=True)
                raise
            except apsw.Error as error:
                raise translated(error) from error
            finally:
                threads.submit(connection.close, True).result()


def _rows(connection: apsw.Connection, sql: str) -> list[tuple[Any, ...]]:
    return connection.execute(sql).fetchall()


def _names(connection: apsw.Connection) -> list[str]:
    return [str(row[0]) for row in _rows(connection, _TABLES)]


def _number(connection: apsw.Connection, name: str) -> int:
    return int(_rows(connection, f"pragma {name}")[0][0])


def _spare_pages(connection: apsw.Connection) -> int:
    return _number(connection, "freelist_count")


def _large(connection: apsw.Connection) -> list[str]:
    """Return the tables that are worth statistics."""
    return [
        name
        for name in _names(connection)
        if _rows(connection, f'select 1 from "{name}" limit 1 offset {LARGE_ROWS}')  # a name of the database's own
    ]


def _checked(statement: str) -> Callable[[apsw.Connection], list[str]]:
    def check(connection: apsw.Connection) -> list[str]:
        try:
            said = [str(row[0]) for row in connection.execute(statement)]
        except (apsw.CorruptError, apsw.NotADBError) as error:
            return [f"{statement}: {error}"]
        return [line for text in said for line in text.splitlines() if line != "ok"]

    return check


def _moved(connection: apsw.Connection) -> None:
    """Bring the write-ahead log into the file, which only then is as small as it can be."""
    try:
        connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_TRUNCATE)
    except apsw.BusyError:
        # Somebody reads what was there before; the writers' own checkpoints do it later.
        return


def _tables(connection: apsw.Connection) -> list[TableFacts]:
    sizes = {name: int(octets) for name, octets in _rows(connection, _SIZES)}
    known = _rows(connection, "select count(*) from sqlite_master where name = 'sqlite_stat1'")[0][0]
    reckoned = {name: int(rows or 0) for name, rows in _rows(connection, _RECKONED)} if known else {}
    found = []
    for name in _names(connection):
        octets = sizes.get(name, 0)
        if octets < _COUNTED or name not in reckoned:
            rows = int(_rows(connection, f'select count(*) from "{name}"')[0][0])  # a name of the database's own
        else:
            rows = reckoned[name]
        found.append(TableFacts(name, rows, octets))
    return sorted(found, key=lambda one: (-one.octets, one.name))
