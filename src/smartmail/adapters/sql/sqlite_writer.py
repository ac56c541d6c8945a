"""The one thread of a process that writes to SQLite: group commit.

NAME      sqlite_writer
PURPOSE   run what callers want to write, many in one commit, and answer each only after the commit is durable
STATES    idle, waiting for the file lock, in a transaction, committing, stopped, broken
LIMITS    at most BATCH jobs in a commit; bodies of a commit are sorted by account
FAILURE   a body that raises changes nothing. Bodies run without savepoints first, which are paid for only when one
          raises after it has written: then the commit is undone and run again, each body in a savepoint (bodies may be
          run again). A full disk fails the jobs of that commit and no later one. A failed sync breaks the writer for
          good: nothing is written any more, and `on_fatal` is told, so that the process ends and recovery runs
SECURITY  sees sealed bytes only
STANDARDS RFC 5321 §6.1 (what is acknowledged is not lost)

Writers of several processes queue on a `flock` beside the database before BEGIN IMMEDIATE: SQLite's own lock polling
starves (stack.md S1). Checkpoints run in a thread of their own, so that commits do not pay for them.
"""

import asyncio
import fcntl
import os
import threading
from collections.abc import Callable, Coroutine
from queue import SimpleQueue
from typing import Any

import apsw

from smartmail.adapters.sql.deliver import deliver_calls
from smartmail.adapters.sql.session import DeliverCall, DeliverOutcome, Session
from smartmail.adapters.sql.sqlite_checkpoint import Checkpointer
from smartmail.adapters.sql.sqlite_session import SqliteSession, connect, finish_now, translated
from smartmail.adapters.sql.work import Now
from smartmail.domain.errors import MailError, Unavailable

BATCH = 256
"""Jobs in one commit: bounds the wait of the first and what a failing body makes run again."""

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


class Writer:
    """Owns the writing connection; `submit` belongs to the event loop, all else to the thread."""

    def __init__(self, path: str, now: Now, on_fatal: Callable[[BaseException], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._now = now
        self._on_fatal = on_fatal
        self._waiting: list[Job] = []
        self._queue: SimpleQueue[list[Job] | None] = SimpleQueue()
        self._broken: Unavailable | None = None
        self._connection = connect(path, writable=True)
        self._lock = os.open(path + ".lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._session = SqliteSession(self._connection)
        self._checkpointer = Checkpointer(path, path + ".lock")
        self._connection.set_wal_hook(self._checkpointer.committed)
        self._thread = threading.Thread(target=self._work, name="sqlite-writer", daemon=True)

    def start(self) -> None:
        """Begin to write."""
        self._thread.start()
        self._checkpointer.start()

    def submit(self, job: Job) -> None:
        """Take a job. All jobs of one turn of the event loop are handed over together."""
        if not self._waiting:
            self._loop.call_soon(self._hand_over)
        self._waiting.append(job)

    def _hand_over(self) -> None:
        jobs, self._waiting = self._waiting, []
        if jobs:
            self._queue.put(jobs)

    async def close(self) -> None:
        """Write what waits, then stop."""
        self._hand_over()
        self._queue.put(None)
        await asyncio.to_thread(self._thread.join)
        await asyncio.to_thread(self._checkpointer.stop)
        self.abandon()

    def abandon(self) -> None:
        """Let go of a writer whose thread does not run."""
        self._connection.close()
        os.close(self._lock)

    def exclusively(self, work: Work) -> Any:
        """Run work in a transaction at once, before the thread is started (migrations)."""
        job = Job(0, work, None, self._loop.create_future())
        self._commit([job])
        job.future.cancel()
        if job.error is not None:
            raise job.error
        return job.result

    # The thread.

    def _work(self) -> None:
        jobs: list[Job] = []
        stopping = False
        while not (stopping and not jobs):
            if not jobs:
                stopping = self._take(jobs, block=True) or stopping
            while len(jobs) < BATCH and not self._queue.empty():
                stopping = self._take(jobs, block=False) or stopping
            batch, jobs = jobs[:BATCH], jobs[BATCH:]
            batch = [job for job in batch if not job.future.cancelled()]
            if batch:
                self._commit(batch)
                self._loop.call_soon_threadsafe(_answer, batch)

    def _take(self, jobs: list[Job], *, block: bool) -> bool:
        """Add waiting jobs; True when the writer is to stop."""
        taken = self._queue.get(block)
        if taken is None:
            return True
        jobs += taken
        return False

    def _commit(self, batch: list[Job]) -> None:
        """Run a batch in one commit; afterwards each job has its result or its error."""
        if self._broken is not None:
            _fail(batch, self._broken)
            return
        batch.sort(key=_order)
        fcntl.flock(self._lock, fcntl.LOCK_EX)
        try:
            self._transact(batch)
        except apsw.Error as error:
            self._undo()
            _fail(batch, translated(error))
        except BaseException as error:
            self._undo()
            _fail(batch, error)
        finally:
            fcntl.flock(self._lock, fcntl.LOCK_UN)

    def _transact(self, batch: list[Job]) -> None:
        self._connection.execute("begin immediate")
        try:
            self._run_together(batch)
        except _Dirty:
            self._connection.execute("rollback")
            self._connection.execute("begin immediate")
            self._run_apart(batch)
        try:
            self._connection.execute("commit")
        except apsw.IOError as error:
            # The kernel may have dropped the pages that it could not write: a second sync would lie.
            self._broken = translated(error)
            self._on_fatal(error)
            raise

    def _undo(self) -> None:
        if self._connection.in_transaction:
            try:
                self._connection.execute("rollback")
            except apsw.Error as error:
                self._broken = translated(error)
                self._on_fatal(error)

    def _run_together(self, batch: list[Job]) -> None:
        """Run all jobs without savepoints. Raises _Dirty when one that raised must be undone alone."""
        calls = [job for job in batch if job.call is not None]
        if calls:
            self._deliver(calls)
        for job in batch:
            if job.work is not None:
                self._run_one(job, job.work, alone=len(batch) == 1)

    def _deliver(self, jobs: list[Job]) -> None:
        before = self._connection.total_changes()
        try:
            calls = [job.call for job in jobs if job.call is not None]
            outcomes = finish_now(deliver_calls(self._session, calls, self._now()))
        except Exception as error:
            if _engine_failed(error):
                raise
            if len(jobs) > 1 or self._connection.total_changes() != before:
                raise _Dirty from error
            jobs[0].error = error
            return
        for job, outcome in zip(jobs, outcomes, strict=True):
            job.settle(outcome)

    def _run_one(self, job: Job, work: Work, *, alone: bool) -> None:
        before = self._connection.total_changes()
        job.error = None
        try:
            job.result = finish_now(work(self._session))
        except Exception as error:
            if _engine_failed(error):
                raise
            job.error = error
            if self._connection.total_changes() != before:
                if not alone:
                    raise _Dirty from error
                self._connection.execute("rollback")
                self._connection.execute("begin immediate")

    def _run_apart(self, batch: list[Job]) -> None:
        for job in batch:
            self._connection.execute("savepoint job")
            job.result = job.error = None
            try:
                if job.work is not None:
                    job.result = finish_now(job.work(self._session))
                elif job.call is not None:
                    job.settle(finish_now(deliver_calls(self._session, [job.call], self._now()))[0])
            except Exception as error:
                if _engine_failed(error):
                    raise
                job.error = error
                self._connection.execute("rollback to job")
            self._connection.execute("release job")


def _order(job: Job) -> int:
    return job.order


def _engine_failed(error: BaseException) -> bool:
    """Tell whether the database failed, not the body: then nothing of the commit can be kept."""
    return isinstance(error, apsw.Error) and not isinstance(error, apsw.ConstraintError | apsw.SQLError)


def _fail(batch: list[Job], error: BaseException) -> None:
    for job in batch:
        job.error = error


def _answer(batch: list[Job]) -> None:
    """Answer the callers, on the event loop, once per commit."""
    for job in batch:
        if job.future.cancelled():
            continue
        if job.error is not None:
            job.future.set_exception(job.error)
        else:
            job.future.set_result(job.result)
