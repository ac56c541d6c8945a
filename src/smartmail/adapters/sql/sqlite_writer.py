"""The one writer of a process to SQLite: group commit.

NAME      sqlite_writer
PURPOSE   run what callers want to write, many in one commit, and answer each only after the commit is durable
STATES    idle, waiting for the file lock, in a transaction, committing, stopped, broken
STRATEGIES bodies run on the event loop, in turns of some milliseconds; only what waits (the file lock, the commit with
          its sync) runs in a thread. A thread that ran the bodies would fight the event loop for the interpreter lock
          after every statement
LIMITS    at most BATCH jobs in a commit; bodies of a commit are sorted by account
FAILURE   a body that raises changes nothing. Bodies run without savepoints first, which are paid for only when one
          raises after it has written: then the commit is undone and run again, each body in a savepoint (bodies may be
          run again). A full disk fails the jobs of that commit and no later one. A failed sync breaks the writer for
          good: nothing is written any more, and `on_fatal` is told, so that the process ends and recovery runs. A file that
          was put aside while a commit waited for the lock (a move to PostgreSQL) is not written to: all fail from then on
SECURITY  sees sealed bytes only
STANDARDS RFC 5321 §6.1 (what is acknowledged is not lost)

Writers of several processes queue on a `flock` beside the database before BEGIN IMMEDIATE: SQLite's own lock polling
starves. Checkpoints run in a thread of their own, so that commits do not pay for them.
"""

import asyncio
import fcntl
import os
from collections.abc import Callable, Coroutine, Sequence
from typing import Any, TypeVar

import apsw

from smartmail.adapters.sql.deliver import deliver_calls
from smartmail.adapters.sql.session import DeliverCall, DeliverOutcome, Session, Tags
from smartmail.adapters.sql.sqlite_checkpoint import Checkpointer
from smartmail.adapters.sql.sqlite_hand import Hand
from smartmail.adapters.sql.sqlite_session import SqliteSession, TurnSession, connect, finish_now, in_turns, translated
from smartmail.adapters.sql.work import Now
from smartmail.domain.errors import MailError, Unavailable

T = TypeVar("T")

BATCH = 256
"""Jobs in one commit: bounds the wait of the first and what a failing body makes run again."""

_PUT_ASIDE = "the database was moved while this waited to write: nothing was written. Run it again, on the new database"

Work = Callable[[Session], Coroutine[Any, Any, Any]]


class Job:
    """Something to write and who waits for it."""

    __slots__ = ("call", "error", "future", "order", "result", "work")

    def __init__(self, order: int, work: Work | None, call: DeliverCall | None, future: "asyncio.Future[Any]") -> None:
        self.order = order
        self.work = work
        self.call = call
        self.future = future
        self.result: Any = None
        self.error: BaseException | None = None

    def settle(self, outcome: DeliverOutcome | MailError) -> None:
        """Note what came of a delivery; an error here means that nothing was written for it."""
        self.result, self.error = (None, outcome) if isinstance(outcome, MailError) else (outcome, None)


class _Dirty(Exception):
    """A body raised after it had written: run the commit again with savepoints."""


def _identity(path: str) -> tuple[int, int] | None:
    """Return which file lies at a path; None for none."""
    try:
        found = os.stat(path)
    except FileNotFoundError:
        return None
    return found.st_dev, found.st_ino


class Writer:
    """Owns the writing connection. All of it belongs to the event loop's thread but what `Hand` is given."""

    def __init__(
        self, path: str, now: Now, on_fatal: Callable[[BaseException], None], tags: Tags | None = None
    ) -> None:
        self._now = now
        self._on_fatal = on_fatal
        self._waiting: list[Job] = []
        self._wake = asyncio.Event()
        self._stopping = False
        self._broken: Unavailable | None = None
        self._connection = connect(path, writable=True)
        self._path, self._file = path, _identity(path)
        self._lock = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._session = TurnSession(self._connection, tags)
        self._checkpointer = Checkpointer(path, path + ".lock", self._break)
        self._hand = Hand("sqlite-commit")
        self._task: asyncio.Task[None] | None = None

    def prepare(self, work: Work) -> None:
        """Run work in a transaction at once, before `start` (migrations)."""
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            self._require_in_place()
            self._connection.execute("begin immediate")
            finish_now(work(SqliteSession(self._connection)))
            self._connection.execute("commit")
        except apsw.Error as error:
            raise translated(error) from error
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def start(self) -> None:
        """Begin to write."""
        self._hand.start()
        self._checkpointer.start()
        self._task = asyncio.create_task(self._work())

    def submit(self, job: Job) -> None:
        """Take a job. All jobs of one turn of the event loop go into one commit."""
        self._waiting.append(job)
        self._wake.set()

    async def close(self) -> None:
        """Write what waits, then stop."""
        self._stopping = True
        self._wake.set()
        if self._task is not None:
            await self._task
        await asyncio.to_thread(self._hand.stop)
        await asyncio.to_thread(self._checkpointer.stop)
        self.abandon()

    def abandon(self) -> None:
        """Let go of a writer that was not started."""
        self._connection.close()
        os.close(self._lock)

    async def _work(self) -> None:
        while self._waiting or not self._stopping:
            if not self._waiting:
                self._wake.clear()
                await self._wake.wait()
            batch = self._taken(BATCH)
            if batch:
                await self._commit(batch)
                _answer(batch)
                self._look()

    def _taken(self, most: int) -> list[Job]:
        """Take jobs that somebody still waits for."""
        taken, self._waiting = self._waiting[:most], self._waiting[most:]
        return [job for job in taken if not job.future.cancelled()]

    def _look(self) -> None:
        """Tell the checkpointer how long the WAL is.

        Asked for, not told by a hook: a hook would need the interpreter lock in the middle of the commit.
        """
        try:
            self._checkpointer.look(*self._connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_NOOP))
        except apsw.BusyError:
            # Somebody moves it just now; the next commit looks again.
            return

    async def _commit(self, batch: list[Job]) -> None:
        """Run a batch in one commit; afterwards each job has its result or its error."""
        if self._broken is not None:
            _fail(batch, self._broken)
            return
        await self._take_lock()
        # What came while others held the lock goes along: fewer commits when processes compete.
        batch += self._taken(BATCH - len(batch))
        batch.sort(key=_order)
        try:
            self._require_in_place()
            await self._transact(batch)
        except apsw.Error as error:
            self._undo()
            _fail(batch, translated(error))
        except BaseException as error:
            self._undo()
            _fail(batch, error)
            if not isinstance(error, Exception):
                _answer(batch)
                raise
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    async def _take_lock(self) -> None:
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            await self._hand.run(lambda: fcntl.flock(self._lock, fcntl.LOCK_EX))

    def _require_in_place(self) -> None:
        """See, under the lock, that the file is still the database of this node: a move (app.moving_database) may have put it
        aside while somebody waited. What was written there would be lost. Raises Unavailable, then and ever after.
        """
        if self._broken is None and _identity(self._path) != self._file:
            self._broken = Unavailable(detail=_PUT_ASIDE)
        if self._broken is not None:
            raise self._broken

    async def _transact(self, batch: list[Job]) -> None:
        self._connection.execute("begin immediate")
        try:
            await self._run_together(batch)
        except _Dirty:
            self._connection.execute("rollback")
            self._connection.execute("begin immediate")
            await self._run_apart(batch)
        if self._connection.in_transaction:
            await self._hand.run(self._sync)

    def _sync(self) -> None:
        """Commit and let the next process write at once (in the thread)."""
        try:
            self._connection.execute("commit")
        except apsw.IOError as error:
            # The kernel may have dropped the pages that it could not write: a second sync would lie.
            self._break(error)
            raise
        fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _break(self, error: apsw.Error) -> None:
        """Write nothing any more, and end the process (from any thread)."""
        self._broken = translated(error)
        self._on_fatal(error)

    def _undo(self) -> None:
        if self._connection.in_transaction:
            try:
                self._connection.execute("rollback")
            except apsw.Error as error:
                self._break(error)

    async def _run_together(self, batch: list[Job]) -> None:
        """Run all jobs without savepoints. Raises _Dirty when one that raised must be undone alone."""
        calls = [job for job in batch if job.call is not None]
        if calls:
            await self._deliver(calls, alone=len(batch) == 1)
        for job in batch:
            if job.work is not None:
                await self._run_one(job, job.work, alone=len(batch) == 1)

    async def _deliver(self, jobs: list[Job], *, alone: bool) -> None:
        try:
            outcomes = await self._in_turns(lambda s: deliver_calls(s, _calls(jobs), self._now()))
        except Exception as error:
            if _engine_failed(error):
                raise
            if not alone:
                raise _Dirty from error
            jobs[0].error = error
            self._connection.execute("rollback")
            return
        for job, outcome in zip(jobs, outcomes, strict=True):
            job.settle(outcome)

    async def _run_one(self, job: Job, work: Work, *, alone: bool) -> None:
        before = self._connection.total_changes()
        try:
            job.result = await self._in_turns(work)
        except Exception as error:
            if _engine_failed(error):
                raise
            if not alone and self._connection.total_changes() != before:
                raise _Dirty from error
            job.error = error
            if alone:
                self._connection.execute("rollback")

    async def _run_apart(self, batch: list[Job]) -> None:
        for job in batch:
            self._connection.execute("savepoint job")
            job.result = job.error = None
            try:
                if job.work is not None:
                    job.result = await self._in_turns(job.work)
                elif job.call is not None:
                    job.settle(await self._deliver_one(job.call))
            except Exception as error:
                if _engine_failed(error):
                    raise
                job.error = error
                self._connection.execute("rollback to job")
            self._connection.execute("release job")

    async def _deliver_one(self, call: DeliverCall) -> DeliverOutcome | MailError:
        return (await self._in_turns(lambda s: deliver_calls(s, [call], self._now())))[0]

    async def _in_turns(self, work: Callable[[Session], Coroutine[Any, Any, T]]) -> T:
        self._session.begin_turn()
        return await in_turns(work(self._session))


def _calls(jobs: Sequence[Job]) -> list[DeliverCall]:
    return [job.call for job in jobs if job.call is not None]


def _order(job: Job) -> int:
    return job.order


def _engine_failed(error: BaseException) -> bool:
    """Tell whether the database failed, not the body: then nothing of the commit can be kept."""
    return isinstance(error, apsw.Error) and not isinstance(error, apsw.ConstraintError | apsw.SQLError)


def _fail(batch: list[Job], error: BaseException) -> None:
    for job in batch:
        job.error = error


def _answer(batch: list[Job]) -> None:
    """Answer the callers."""
    for job in batch:
        if job.future.done():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
