"""Sandboxes of rehearsals: a folder that only its rehearsal uses and that is removed afterwards.

NAME        sandbox
PURPOSE     Several rehearsals may use one directory at the same time: that of the schedule, that of a command. Must not
            know what is restored.
STRATEGIES  Whoever makes a sandbox locks its folder (flock) for as long as it is used. What a killed process left is
            unlocked, and the next one that makes a sandbox there removes it; a locked one is never touched (ADR 79).
LIMITS      Waits for nobody. A file system without flock on directories refuses (OSError).
"""

import fcntl
import os
import shutil
import tempfile
from contextlib import suppress
from typing import Final

PREFIX: Final = "rehearsal-"


class Sandbox:
    """An empty folder below `place`, ours until `remove`. Raises OSError."""

    def __init__(self, place: str) -> None:
        _clear(place)
        made = None
        while made is None:  # another one may clear it away between its making and its locking
            folder = tempfile.mkdtemp(prefix=PREFIX, dir=place)
            made = _lock(folder)
        self.folder: Final = folder
        self._descriptor = made

    def remove(self) -> None:
        """Remove it with what is in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._descriptor)


def _clear(place: str) -> None:
    for name in os.listdir(place):
        folder = os.path.join(place, name)
        if name.startswith(PREFIX) and (descriptor := _lock(folder)) is not None:
            shutil.rmtree(folder, ignore_errors=True)
            os.close(descriptor)


def _lock(folder: str) -> int | None:
    """Return a descriptor that holds the folder, None where another one does or it is gone."""
    with suppress(FileNotFoundError, NotADirectoryError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.path.samestat(os.fstat(descriptor), os.stat(folder)):
                return descriptor
        except BlockingIOError:
            pass
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)
    return None
