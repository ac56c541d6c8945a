"""One process tree, or one restore, per data directory; one process of a name in it: file locks, which die with holders."""

import contextlib
import errno
import fcntl
import os
import time

from smartmail.app.worker_context import CannotStartError

_NAME = "node.lock"
_POLL_S = 0.05
SERVER = "A SmartMail"
RESTORE = "A restore"
MOVE = "A move of the database"
_STOP = "Stop it first"
_ADVICE = dict.fromkeys((RESTORE, MOVE), "Wait for its end")


class FileLock:
    """An exclusive lock on a file; the kernel ends it when the process that holds it is dead."""

    def __init__(self, path: str) -> None:
        """Open the file. Raises OSError."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def taken(self, patience_s: float, who: str = "") -> bool:
        """Take it as `who`, waiting for a holder that is just ending; say whether it is ours. Raises OSError."""
        deadline = time.monotonic() + patience_s
        while not self._tried():
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
        # Who holds it is for people only; on a full disk it stays untold.
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()} {who}\n".encode(), 0)
        return True

    def holder(self) -> tuple[str, str]:
        """Return the process that holds it and what it calls itself, as it wrote them down."""
        process, _, who = os.pread(self._descriptor, 64, 0).decode("ascii", "replace").strip().partition(" ")
        return process, who

    def release(self) -> None:
        """Let another have it."""
        os.close(self._descriptor)

    def _tried(self) -> bool:
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
                return False
            raise
        return True


class NodeLock:
    """Held by the supervisor for its whole life, and by a restore."""

    def __init__(self, directory: str, patience_s: float = 5.0, *, holder: str = SERVER) -> None:
        """Take the lock, waiting for a tree that is just ending. `holder` is told to who asks for it in vain. Raises
        CannotStartError.
        """
        try:
            os.makedirs(directory, mode=0o700, exist_ok=True)
            self._lock = FileLock(os.path.join(directory, _NAME))
        except OSError as error:
            raise CannotStartError(
                f"{error.filename}: {error.strerror}. Choose a data directory that this account may write "
                "with --data DIR."
            ) from error
        try:
            taken = self._lock.taken(patience_s, holder)
        except OSError as error:
            raise CannotStartError(f"{directory}: {error.strerror}.") from error
        if not taken:
            process, other = self._lock.holder()
            self._lock.release()
            raise CannotStartError(
                f"{other or SERVER} is running on {directory} already (process {process}). "
                f"{_ADVICE.get(other, _STOP)}, or choose another directory with --data DIR."
            )

    def release(self) -> None:
        """Let another tree start."""
        self._lock.release()
