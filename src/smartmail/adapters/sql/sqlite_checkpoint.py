"""Moving the WAL of SQLite back into its database, apart from the writer.

A passive checkpoint runs beside writers and readers, but while commits go on it never reaches the end of the WAL, which
then grows without bound. So, once the WAL is long, the rest (short by then) is moved under the writers' file lock.
"""

import fcntl
import os
import threading

import apsw

from smartmail.adapters.sql.sqlite_session import connect

PAGES = 2_000
"""WAL pages (4 KiB) after which a checkpoint starts."""
LONG = 8_000
"""WAL pages after which the end of it is moved under the lock, so that the WAL starts anew."""


class Checkpointer:
    """A thread that sleeps until a commit says that the WAL has grown."""

    def __init__(self, path: str, lock_path: str) -> None:
        self._path = path
        self._lock_path = lock_path
        self._pages = 0
        self._moved = 0
        self._wanted = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="sqlite-checkpoint", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def committed(self, _connection: apsw.Connection, _name: str, pages: int) -> int:
        """Note the length of the WAL after a commit (the writer's WAL hook)."""
        self._pages = pages
        if pages < self._moved:
            self._moved = 0
        if pages - self._moved >= PAGES:
            self._wanted.set()
        return apsw.SQLITE_OK

    def stop(self) -> None:
        """End, after a last checkpoint."""
        self._stopping = True
        self._wanted.set()
        self._thread.join()

    def _work(self) -> None:
        connection = connect(self._path, writable=True)
        lock = os.open(self._lock_path, os.O_RDWR | os.O_CLOEXEC)
        while not self._stopping:
            self._wanted.wait()
            self._wanted.clear()
            self._moved = _passive(connection)
            if self._pages >= LONG:
                fcntl.flock(lock, fcntl.LOCK_EX)
                try:
                    self._moved = _passive(connection)
                finally:
                    fcntl.flock(lock, fcntl.LOCK_UN)
        os.close(lock)
        connection.close()


def _passive(connection: apsw.Connection) -> int:
    """Move what can be moved; return how many pages of the WAL are done."""
    try:
        _, moved = connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
    except apsw.Error:
        # Another process is at it, or the disk is full: the WAL keeps everything until the next time.
        return 0
    return max(moved, 0)
