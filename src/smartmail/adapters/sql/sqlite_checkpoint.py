"""Moving the WAL of SQLite back into its database, apart from the writer.

A passive checkpoint runs beside writers and readers, but while commits go on it never reaches the end of the WAL, which
then grows without bound. So, once the WAL is long, the rest (short by then) is moved under the writers' file lock.
A sync that fails here is as fatal as one of a commit: the next checkpoint would find the pages clean, though they never
reached the disk, and the WAL that still has them would start anew.
"""

import fcntl
import os
import threading
from collections.abc import Callable

import apsw

from smartmail.adapters.sql.sqlite_session import connect

PAGES = 2_000
"""WAL pages (4 KiB) after which a checkpoint starts."""
LONG = 8_000
"""WAL pages after which the end of it is moved under the lock, so that the WAL starts anew."""


class Checkpointer:
    """A thread that sleeps until a commit says that the WAL has grown."""

    def __init__(self, path: str, lock_path: str, on_fatal: Callable[[apsw.Error], None]) -> None:
        self._path = path
        self._lock_path = lock_path
        self._on_fatal = on_fatal
        self._pages = 0
        self._wanted = threading.Event()
        self._stopping = False
        self._thread = threading.Thread(target=self._work, name="sqlite-checkpoint", daemon=True)

    def start(self) -> None:
        """Begin to watch."""
        self._thread.start()

    def look(self, pages: int, moved: int) -> None:
        """Take note of the length of the WAL, and how much of it was moved already, after a commit."""
        self._pages = pages
        if pages - moved >= PAGES:
            self._wanted.set()

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
            self._move(connection)
            if self._pages >= LONG:
                fcntl.flock(lock, fcntl.LOCK_EX)
                try:
                    self._move(connection)
                finally:
                    fcntl.flock(lock, fcntl.LOCK_UN)
        os.close(lock)
        connection.close()

    def _move(self, connection: apsw.Connection) -> None:
        try:
            connection.wal_checkpoint(mode=apsw.SQLITE_CHECKPOINT_PASSIVE)
        except apsw.IOError as error:
            self._stopping = True
            self._on_fatal(error)
        except apsw.Error:
            # Another process is at it, or the disk is full: the WAL keeps everything until the next time.
            return
