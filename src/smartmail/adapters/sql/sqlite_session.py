"""A connection to SQLite: opening it safely, and statements on it."""

import asyncio
from array import array
from collections.abc import Coroutine, Generator, Sequence
from time import monotonic
from typing import Any, TypeVar

import apsw

from smartmail.adapters.sql.dialect import for_sqlite
from smartmail.adapters.sql.session import Row, Tags
from smartmail.domain.errors import StorageFull, Unavailable

T = TypeVar("T")

_FIRST_BAD = (3, 7, 0)
_FIRST_GOOD = (3, 51, 3)
_BACK_PORTED = {(3, 44): 6, (3, 50): 7}
"""Releases that got the correction of the WAL-reset race, which loses committed writes silently."""

_STATEMENTS = 400
"""Prepared statements kept per connection: all that this package has."""
_CACHE_KIB = 32 * 1024
_NOTHING = apsw.carray(("\x01",))
"""An empty list: carray has none, and no value of ours equals this."""


def check_library(version: str) -> None:
    """Raise Unavailable for a SQLite library whose WAL can lose committed writes."""
    major, minor, patch = (int(part) for part in version.split(".")[:3])
    fixed = _BACK_PORTED.get((major, minor))
    if _FIRST_BAD <= (major, minor, patch) < _FIRST_GOOD and (fixed is None or patch < fixed):
        raise Unavailable(
            detail=f"SQLite {version} can lose committed writes (WAL-reset race); 3.51.3, 3.50.7 or 3.44.6 is needed"
        )


def connect(path: str, *, writable: bool, vfs: str | None = None) -> apsw.Connection:
    """Open a database in WAL mode; `vfs` names another file layer (fault tests). Raises Unavailable."""
    check_library(apsw.sqlite_lib_version())
    flags = apsw.SQLITE_OPEN_READWRITE | (apsw.SQLITE_OPEN_CREATE if writable else 0)
    try:
        connection = apsw.Connection(path, flags=flags, vfs=vfs, statementcachesize=_STATEMENTS)
        # Only recovery after a crash and the checkpoint's last step make anybody wait here: writers queue on a file lock.
        connection.set_busy_timeout(10_000)
        connection.execute("pragma journal_mode = wal")
        connection.execute("pragma synchronous = full")
        # The writer says when (sqlite_writer.py), so that no commit pays for a checkpoint.
        connection.execute("pragma wal_autocheckpoint = 0")
        connection.execute(f"pragma cache_size = -{_CACHE_KIB}")
        connection.execute("pragma temp_store = memory")
        if not writable:
            connection.execute("pragma query_only = on")
    except apsw.Error as error:
        raise translated(error) from error
    return connection


def translated(error: apsw.Error) -> Unavailable:
    """Return what callers see of a driver's error."""
    detail = f"{type(error).__name__}: {error}"
    return StorageFull(detail=detail) if isinstance(error, apsw.FullError) else Unavailable(detail=detail)


class _Texts(dict[str, tuple[str, bool]]):
    """PostgreSQL's words → SQLite's, and whether lists are among the arguments."""

    def __missing__(self, sql: str) -> tuple[str, bool]:
        value = (for_sqlite(sql), "= any(" in sql)
        self[sql] = value
        return value


_texts = _Texts()


def _bound(args: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(_list(arg) if isinstance(arg, list) else arg for arg in args)


def _list(values: list[Any]) -> Any:
    if not values:
        return _NOTHING
    return apsw.carray(array("q", values) if isinstance(values[0], int) else tuple(values))


class SqliteSession:
    """session.Session on a connection. No method suspends: run it with `finish_now`."""

    def __init__(self, connection: apsw.Connection, tags: Tags | None = None) -> None:
        self._cursor = connection.cursor()
        self.tags = tags or Tags()

    async def rows(self, sql: str, *args: Any) -> Sequence[Row]:
        text, lists = _texts[sql]
        return self._cursor.execute(text, _bound(args) if lists else args).fetchall()

    async def row(self, sql: str, *args: Any) -> Row | None:
        text, lists = _texts[sql]
        found = self._cursor.execute(text, _bound(args) if lists else args).fetchall()
        return found[0] if found else None

    async def run(self, sql: str, *args: Any) -> None:
        text, lists = _texts[sql]
        # Fetched to the end: a statement that returns rows would stay open and hinder the commit.
        self._cursor.execute(text, _bound(args) if lists else args).fetchall()

    async def many(self, sql: str, sets: Sequence[tuple[Any, ...]]) -> None:
        if len(sets) == 1:
            self._cursor.execute(_texts[sql][0], sets[0])
        else:
            self._cursor.executemany(_texts[sql][0], sets)

    async def lookup(self, sql: str, keys: Sequence[tuple[Any, ...]]) -> Sequence[Row]:
        if len(keys) == 1:
            return self._cursor.execute(_texts[sql][0], keys[0]).fetchall()
        return self._cursor.executemany(_texts[sql][0], keys).fetchall()


class _Pause:
    """Awaited inside a body: gives the event loop a turn while the transaction stays open."""

    def __await__(self) -> Generator[object, None, None]:
        yield self


_pause = _Pause()
TURN = 0.005
"""Seconds that a body holds the event loop at a time; one statement may be longer."""
_ROWS_PER_TURN = 250


class TurnSession(SqliteSession):
    """The writer's session: pauses after each TURN. Run it with `in_turns`."""

    def __init__(self, connection: apsw.Connection, tags: Tags | None = None) -> None:
        super().__init__(connection, tags)
        self._until = 0.0

    def begin_turn(self) -> None:
        """Start to count."""
        self._until = monotonic() + TURN

    async def rows(self, sql: str, *args: Any) -> Sequence[Row]:
        if monotonic() > self._until:
            await self._turn()
        return await super().rows(sql, *args)

    async def row(self, sql: str, *args: Any) -> Row | None:
        if monotonic() > self._until:
            await self._turn()
        return await super().row(sql, *args)

    async def run(self, sql: str, *args: Any) -> None:
        if monotonic() > self._until:
            await self._turn()
        await super().run(sql, *args)

    async def many(self, sql: str, sets: Sequence[tuple[Any, ...]]) -> None:
        if len(sets) <= _ROWS_PER_TURN:
            await super().many(sql, sets)
            return
        for start in range(0, len(sets), _ROWS_PER_TURN):
            if monotonic() > self._until:
                await self._turn()
            await super().many(sql, sets[start : start + _ROWS_PER_TURN])

    async def _turn(self) -> None:
        await _pause
        self.begin_turn()


async def in_turns(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine over a TurnSession. Raises RuntimeError when it waits for anything else."""
    while True:
        try:
            waits_for = work.send(None)
        except StopIteration as done:
            result: T = done.value
            return result
        if waits_for is not _pause:
            work.close()
            raise RuntimeError(_FOREIGN_WAIT)
        await asyncio.sleep(0)


_FOREIGN_WAIT = "a store body may await nothing but its transaction"


def finish_now(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine that never suspends. Raises RuntimeError when it waits for anything but its session."""
    try:
        work.send(None)
    except StopIteration as done:
        result: T = done.value
        return result
    work.close()
    raise RuntimeError(_FOREIGN_WAIT)
