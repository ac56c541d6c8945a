"""A place in a directory: each object a file, written beside its place, synced, and renamed.

FAILURE   A killed process leaves at most files that end with `.part`: they are no objects, and a `sweep` of the
          directory by hand may remove them.
SECURITY  Files and directories are of the server's account alone (0600, 0700). Names are checked: none leaves the directory.
"""

import asyncio
import errno
import os
import re
from collections.abc import Callable
from contextlib import suppress
from typing import Final, ParamSpec, TypeVar

from smartmail.ports.backup import BackupPlace, Kept, ObjectMissing, PlaceError, PlaceFull

P = ParamSpec("P")
R = TypeVar("R")

_NAME: Final = re.compile(r"[a-z0-9-]+(?:/[a-z0-9-]+)*", re.ASCII)
_PART: Final = ".part"


class DirectoryPlace(BackupPlace):
    """A BackupPlace in `directory`, made at the first `put`."""

    def __init__(self, directory: str) -> None:
        self._directory = directory

    async def put(self, name: str, octets: bytes) -> None:
        await asyncio.to_thread(_guarded, self._put, self._path(name), octets)

    async def get(self, name: str) -> bytes:
        return await asyncio.to_thread(_guarded, self._get, self._path(name))

    async def entries(self, prefix: str) -> list[Kept]:
        return await asyncio.to_thread(_guarded, self._entries, prefix)

    async def delete(self, name: str) -> None:
        await asyncio.to_thread(_guarded, self._delete, self._path(name))

    async def free(self) -> int | None:
        return await asyncio.to_thread(_guarded, self._free)

    def _path(self, name: str) -> str:
        if not _NAME.fullmatch(name):
            raise PlaceError(f"{name[:80]!r} is no name of an object")
        return os.path.join(self._directory, name)

    def _put(self, path: str, octets: bytes) -> None:
        folder = os.path.dirname(path)
        os.makedirs(folder, mode=0o700, exist_ok=True)
        beside = f"{path}.{os.getpid()}{_PART}"
        try:
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600), "wb") as file:
                file.write(octets)
                file.flush()
                os.fdatasync(file.fileno())
            os.rename(beside, path)
        except OSError:
            with suppress(OSError):
                os.unlink(beside)
            raise
        _sync_directory(folder)

    @staticmethod
    def _get(path: str) -> bytes:
        with open(path, "rb") as file:
            return file.read()

    def _entries(self, prefix: str) -> list[Kept]:
        folder = os.path.join(self._directory, prefix)
        if not os.path.isdir(folder):
            return []
        found = []
        with os.scandir(folder) as entries:
            for entry in entries:
                if entry.name.endswith(_PART) or not entry.is_file(follow_symlinks=False):
                    continue
                status = entry.stat(follow_symlinks=False)
                found.append(Kept(prefix + entry.name, status.st_size, int(status.st_mtime)))
        return sorted(found)

    @staticmethod
    def _delete(path: str) -> None:
        with suppress(FileNotFoundError):
            os.unlink(path)

    def _free(self) -> int:
        path = self._directory
        while not os.path.exists(path):
            path = os.path.dirname(path) or "."
        status = os.statvfs(path)
        return status.f_bavail * status.f_frsize


def _sync_directory(path: str) -> None:
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _guarded(call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    try:
        return call(*args, **kwargs)
    except FileNotFoundError as error:
        raise ObjectMissing("there is no such object") from error
    except OSError as error:
        if error.errno in {errno.ENOSPC, errno.EDQUOT}:
            raise PlaceFull("no space is left for backups") from error
        raise PlaceError(f"the place of backups refused: {error.strerror}") from error
