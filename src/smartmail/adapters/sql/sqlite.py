"""SQLite as a `Database`: reads on the event loop's connection, writes through the writer."""

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractAsyncContextManager
from typing import Any, TypeVar

import apsw

from smartmail.adapters.sql.dialect import schema_for_sqlite
from smartmail.adapters.sql.long_read import sqlite_snapshot
from smartmail.adapters.sql.migrate import migrate
from smartmail.adapters.sql.session import DeliverCall, DeliverOutcome, Row, Tags, Work
from smartmail.adapters.sql.sqlite_care import SqliteCare
from smartmail.adapters.sql.sqlite_session import SqliteSession, connect, finish_now, translated
from smartmail.adapters.sql.sqlite_writer import Job, Writer
from smartmail.adapters.sql.work import Now
from smartmail.domain.errors import Unavailable
from smartmail.ports.store_backup import Snapshot

T = TypeVar("T")

_SWITCH = 0.0005
"""Seconds after which the event loop lets go of the interpreter lock: the thread that has just committed waits for it,
and everybody who is to be answered with it. Python's own 5 ms is as long as the commit.
"""


class SqliteDatabase:
    """session.Database on one file. Made on the event loop that uses it."""

    def __init__(self, path: str, now: Now, on_fatal: Callable[[BaseException], None]) -> None:
        self._path = path
        self._now = now
        self.tags = Tags()
        self._closed = False
        self._loop = asyncio.get_running_loop()
        sys.setswitchinterval(min(sys.getswitchinterval(), _SWITCH))
        try:
            _prepare(path)
            self._writer = Writer(path, now, on_fatal, self.tags)
        except OSError as error:
            raise Unavailable(detail=f"{path}: {error.strerror}") from error
        try:
            self._writer.prepare(lambda session: migrate(session, schema_for_sqlite))
        except BaseException:
            self._writer.abandon()
            raise
        self._writer.start()
        self._reader = _Reader(path)
        self._aside: _Reader | None = None
        self._threads = ThreadPoolExecutor(1, "sqlite-aside")

    async def change(self, order: int, work: Work[T]) -> T:
        result: T = await self._submit(order, work, None)
        return result

    async def lease(self, work: Work[T]) -> T:
        return await self.change(0, work)

    async def moment(self) -> int:
        return self._now()

    async def deliver(self, call: DeliverCall) -> DeliverOutcome:
        order = call.deliveries[0].account_id if call.deliveries else 0
        result: DeliverOutcome = await self._submit(order, None, call)
        return result

    def _submit(self, order: int, work: Work[Any] | None, call: DeliverCall | None) -> "asyncio.Future[Any]":
        if self._closed:
            raise Unavailable(detail="the store is closed")
        future: asyncio.Future[Any] = self._loop.create_future()
        self._writer.submit(Job(order, work, call, future))
        return future

    async def rows(self, sql: str, *args: object) -> Sequence[Row]:
        return self._reader.rows(sql, *args)

    async def row(self, sql: str, *args: object) -> Row | None:
        found = self._reader.rows(sql, *args)
        return found[0] if found else None

    async def read(self, work: Work[T]) -> T:
        return self._reader.run(work)

    async def read_aside(self, work: Work[T]) -> T:
        return await self._loop.run_in_executor(self._threads, self._run_aside, work)

    def _run_aside(self, work: Work[T]) -> T:
        if self._aside is None:
            self._aside = _Reader(self._path)
        return self._aside.run(work)

    def snapshot(self) -> AbstractAsyncContextManager[Snapshot]:
        return sqlite_snapshot(self._path)

    def care(self) -> SqliteCare:
        return SqliteCare(self._path)

    async def close(self) -> None:
        if self._closed:
            return
        self._closed = True
        await self._writer.close()
        await asyncio.to_thread(self._threads.shutdown)
        self._reader.close()
        if self._aside is not None:
            self._aside.close()


class _Reader:
    """A connection for reading: every work is one snapshot, and nothing stays open after it."""

    def __init__(self, path: str) -> None:
        self._connection = connect(path, writable=False)
        self._session = SqliteSession(self._connection)

    def run(self, work: Work[T]) -> T:
        try:
            self._connection.execute("begin")
            try:
                return finish_now(work(self._session))
            finally:
                self._connection.execute("commit")
        except apsw.Error as error:
            raise translated(error) from error

    def rows(self, sql: str, *args: object) -> Sequence[Row]:
        try:
            return finish_now(self._session.rows(sql, *args))
        except apsw.Error as error:
            raise translated(error) from error

    def close(self) -> None:
        self._connection.close()


def _prepare(path: str) -> None:
    """Make the file, durably, with narrow rights: what is plain in it concerns nobody else on the host."""
    if os.path.exists(path):
        return
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
    folder = os.open(os.path.dirname(os.path.abspath(path)), os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
