"""What a restore notes beside the data: that it was begun, which packs are done, how it ended.

NAME      restore journal
PURPOSE   A restore that was killed goes on, and until it has ended nobody starts a server, or a command, on what there is by
          then: it would make an empty company in the place of the one that was lost.
STATES    Made before anything else is written; removed when the database shows. The result is noted just before it shows, so
          that one who is killed in between still learns it.
FAILURE   A line without an end was cut, and counts for nothing. A journal beside a database that shows is a left-over.
"""

import asyncio
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict

from smartmail.app.settings import Settings
from smartmail.app.worker_context import CannotStartError
from smartmail.domain.ids import BlobId
from smartmail.service.operations.backup.restoring import Restored

JOURNAL = "restore.journal"
_RESULT = "result"
"""In the place of a pack's name, which has 32 hexadecimal digits."""


class FileJournal:
    """The journal in a directory. What it says of another backup, or of another volume, counts for nothing."""

    def __init__(self, directory: str) -> None:
        self._path = path_in(directory)
        self._done: dict[str, dict[BlobId, str]] = {}
        self.is_new = not os.path.exists(self._path)
        """Whether no restore was begun here."""

    def mark(self) -> None:
        """Note, durably, that a restore was begun."""
        os.close(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC, 0o600))
        _sync(os.path.dirname(self._path))

    def begin(self, about: str) -> None:
        """Read what was done of `about` (backup and volume); another one begins anew."""
        lines = self._lines()
        if not lines or lines[0] != about:
            with open(os.open(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="ascii") as file:
                file.write(about + "\n")
            return
        for line in lines[1:]:
            pack, placed = json.loads(line)
            if pack != _RESULT:
                self._done[pack] = {BlobId(bytes.fromhex(blob_id)): location for blob_id, location in placed.items()}

    def result(self) -> Restored | None:
        """Return how the restore ended, None when it did not."""
        found = [json.loads(line) for line in self._lines()[1:]]
        ends = [said for name, said in found if name == _RESULT]
        return Restored(**ends[-1]) if ends else None

    def remove(self) -> None:
        """Take the journal away: the restore has ended, or was never possible."""
        with suppress(FileNotFoundError):
            os.unlink(self._path)

    def done(self) -> Mapping[str, Mapping[BlobId, str]]:
        """Return pack → where its blobs lie."""
        return self._done

    async def note(self, pack: str, placed: Mapping[BlobId, str]) -> None:
        """Note a pack, durably."""
        said = {blob_id.hex(): location for blob_id, location in placed.items()}
        await asyncio.to_thread(self._note, json.dumps([pack, said]))

    async def end(self, restored: Restored) -> None:
        """Note, durably, how it ends: the database shows next."""
        await asyncio.to_thread(self._note, json.dumps([_RESULT, asdict(restored)]))

    def _lines(self) -> list[str]:
        try:
            with open(self._path, encoding="ascii") as file:
                return file.read().split("\n")[:-1]  # what has no end of line was cut
        except FileNotFoundError:
            return []

    def _note(self, line: str) -> None:
        with open(self._path, "a", encoding="ascii") as file:
            file.write(line + "\n")
            file.flush()
            os.fsync(file.fileno())


def path_in(directory: str) -> str:
    """Return where the journal of a data directory lies."""
    return os.path.join(directory, JOURNAL)


def require_no_restore(settings: Settings) -> None:
    """Raise CannotStartError while a restore into this directory was begun and has not ended."""
    path = path_in(settings.directory)
    if os.path.exists(path) and not _shows(settings):
        raise CannotStartError(
            f"A restore into {settings.directory} was begun and has not ended; a server would open an empty company there. "
            f"Go on with it, with the options that it was begun with: ./smartmail backup restore --data {settings.directory} "
            f"--place DIR. To give it up instead, remove {path}."
        )


def clear_journal(settings: Settings) -> None:
    """Remove a left-over journal; for who holds the node's lock. Raises CannotStartError as require_no_restore does."""
    require_no_restore(settings)
    with suppress(FileNotFoundError):
        os.unlink(path_in(settings.directory))


def _shows(settings: Settings) -> bool:
    """Whether the database is there. PostgreSQL is not asked: what serves there is seen by a restore that is run again."""
    return settings.uses_sqlite and os.path.exists(os.path.join(settings.directory, "smartmail.db"))


def _sync(directory: str) -> None:
    descriptor = os.open(directory, os.O_RDONLY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
