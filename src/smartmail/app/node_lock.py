"""One process tree per data directory, one process of a name in it: file locks that die with their holders."""

import contextlib
import errno
import fcntl
import os
import time

from smartmail.app.worker_context import CannotStartError

_NAME = "node.lock"
_POLL_S = 0.05


class FileLock:
    """An exclusive lock on a file; the kernel ends it when the process that holds it is dead."""

    def __init__(self, path: str) -> None:
        """Open the file. Raises OSError."""
        self._descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)

    def taken(self, patience_s: float) -> bool:
        """Take it, waiting for a holder that is just ending; say whether it is ours. Raises OSError."""
        deadline = time.monotonic() + patience_s
        while not self._tried():
            if time.monotonic() > deadline:
                return False
            time.sleep(_POLL_S)
        # Who holds it is for people only; on a full disk it stays untold.
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)
        return True

    def holder(self) -> str:
        """Return the process that holds it, as it wrote itself down."""
        return os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()

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
    """Held by the supervisor for its whole life."""

    def __init__(self, directory: str, patience_s: float = 5.0) -> None:
        """Take the lock, waiting for a tree that is just ending. Raises CannotStartError."""
        try:
            os.makedirs(directory, mode=0o700, exist_ok=True)
            self._lock = FileLock(os.path.join(directory, _NAME))
        except OSError as error:
            raise CannotStartError(
                f"{error.filename}: {error.strerror}. Choose a data directory that this account may write "
                "with --data DIR."
            ) from error
        try:
            taken = self._lock.taken(patience_s)
        except OSError as error:
            raise CannotStartError(f"{directory}: {error.strerror}.") from error
        if not taken:
            holder = self._lock.holder()
            self._lock.release()
            raise CannotStartError(
                f"A SmartMail is running on {directory} already (process {holder}). "
                "Stop it first, or choose another directory with --data DIR."
            )

    def release(self) -> None:
        """Let another tree start."""
        self._lock.release()
