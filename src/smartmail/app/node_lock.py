"""One process tree per data directory: a file lock that dies with its holder."""

import contextlib
import errno
import fcntl
import os
import time

from smartmail.app.worker_context import CannotStartError

_NAME = "node.lock"
_POLL_S = 0.05


class NodeLock:
    """Held by the supervisor for its whole life."""

    def __init__(self, directory: str, patience_s: float = 5.0) -> None:
        """Take the lock, waiting for a tree that is just ending. Raises CannotStartError."""
        try:
            os.makedirs(directory, mode=0o700, exist_ok=True)
            self._descriptor = os.open(os.path.join(directory, _NAME), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise CannotStartError(
                f"{error.filename}: {error.strerror}. Choose a data directory that this account may write "
                "with --data DIR."
            ) from error
        self._take(directory, time.monotonic() + patience_s)
        # Who holds it is for people only; on a full disk it stays untold.
        with contextlib.suppress(OSError):
            os.ftruncate(self._descriptor, 0)
            os.pwrite(self._descriptor, f"{os.getpid()}\n".encode(), 0)

    def release(self) -> None:
        """Let another tree start."""
        os.close(self._descriptor)

    def _take(self, directory: str, deadline: float) -> None:
        while True:
            try:
                fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return
            except OSError as error:
                if error.errno not in {errno.EWOULDBLOCK, errno.EACCES}:
                    raise CannotStartError(f"{directory}: {error.strerror}.") from error
            if time.monotonic() > deadline:
                holder = os.pread(self._descriptor, 32, 0).decode("ascii", "replace").strip()
                os.close(self._descriptor)
                raise CannotStartError(
                    f"A SmartMail is running on {directory} already (process {holder}). "
                    "Stop it first, or choose another directory with --data DIR."
                )
            time.sleep(_POLL_S)
