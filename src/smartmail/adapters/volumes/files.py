"""The few file calls that pack files need, behind one small interface, so that tests can fail any of them and drop
what was not synced.
"""

import errno
import fcntl
import os
from collections.abc import Sequence
from typing import NamedTuple, Protocol

from smartmail.base import log
from smartmail.ports.blobs import VolumeError, VolumeFull, VolumeUnavailable


class FileStat(NamedTuple):
    """Size in octets, time of the last write in Unix seconds, and how many names the file has."""

    size: int
    written_at: int
    links: int


class Files(Protocol):
    """Calls raise OSError as the system does."""

    def open(self, path: str, flags: int) -> int:
        """Open with mode 0600; files are closed on exec."""
        ...

    def close(self, descriptor: int) -> None: ...

    def write(self, descriptor: int, parts: Sequence[bytes], offset: int) -> int:
        """Write at an offset; return how many octets were written: perhaps fewer than given."""
        ...

    def append(self, descriptor: int, octets: bytes) -> int:
        """Write at the end of a file opened with O_APPEND."""
        ...

    def read(self, descriptor: int, size: int, offset: int) -> bytes: ...

    def read_cached(self, descriptor: int, size: int, offset: int) -> bytes | None:
        """Return octets only if no disk is needed for it: None, or fewer octets than asked for, else."""
        ...

    def sync(self, descriptor: int) -> None:
        """Make the file's octets and size durable."""
        ...

    def sync_directory(self, path: str) -> None:
        """Make the names in a directory durable."""
        ...

    def truncate(self, descriptor: int, size: int) -> None: ...

    def stat(self, descriptor: int) -> FileStat: ...

    def lock(self, descriptor: int) -> bool:
        """Take the exclusive lock that dies with the process; False when another open file has it."""
        ...

    def unlink(self, path: str) -> None: ...

    def link(self, path: str, new: str) -> None: ...

    def list(self, path: str) -> Sequence[str]: ...

    def make_directory(self, path: str) -> None:
        """Make it unless it exists."""
        ...

    def space(self, path: str) -> tuple[int, int]:
        """Return octets of the file system: all, and those free for us."""
        ...


class PosixFiles:
    """The system's calls."""

    def open(self, path: str, flags: int) -> int:
        return os.open(path, flags | os.O_CLOEXEC, 0o600)

    def close(self, descriptor: int) -> None:
        os.close(descriptor)

    def write(self, descriptor: int, parts: Sequence[bytes], offset: int) -> int:
        return os.pwritev(descriptor, parts, offset)

    def append(self, descriptor: int, octets: bytes) -> int:
        return os.write(descriptor, octets)

    def read(self, descriptor: int, size: int, offset: int) -> bytes:
        return os.pread(descriptor, size, offset)

    def read_cached(self, descriptor: int, size: int, offset: int) -> bytes | None:
        buffer = bytearray(size)
        try:
            got = os.preadv(descriptor, [buffer], offset, os.RWF_NOWAIT)
        except OSError as error:
            if error.errno in {errno.EAGAIN, errno.EOPNOTSUPP, errno.EINVAL, errno.ENOSYS}:
                return None
            raise
        return bytes(memoryview(buffer)[:got])

    def sync(self, descriptor: int) -> None:
        os.fdatasync(descriptor)

    def sync_directory(self, path: str) -> None:
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def truncate(self, descriptor: int, size: int) -> None:
        os.ftruncate(descriptor, size)

    def stat(self, descriptor: int) -> FileStat:
        status = os.fstat(descriptor)
        return FileStat(status.st_size, int(status.st_mtime), status.st_nlink)

    def lock(self, descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def unlink(self, path: str) -> None:
        os.unlink(path)

    def link(self, path: str, new: str) -> None:
        os.link(path, new)

    def list(self, path: str) -> Sequence[str]:
        return sorted(os.listdir(path))

    def make_directory(self, path: str) -> None:
        os.makedirs(path, mode=0o700, exist_ok=True)

    def space(self, path: str) -> tuple[int, int]:
        status = os.statvfs(path)
        return status.f_blocks * status.f_frsize, status.f_bavail * status.f_frsize


def write_all(files: Files, descriptor: int, parts: Sequence[bytes], offset: int) -> int:
    """Write all parts at an offset and return the offset after them. Raises OSError."""
    size = sum(map(len, parts))
    # One call takes at most IOV_MAX (1,024) parts; few calls have more than three.
    octets = parts if len(parts) <= 64 else [b"".join(parts)]
    written = files.write(descriptor, octets, offset)
    while written < size:
        rest = memoryview(b"".join(parts))[written:]
        more = files.write(descriptor, [bytes(rest)], offset + written)
        if more <= 0:
            raise OSError(errno.EIO, "a write made no progress")
        written += more
    return offset + size


def no_space(error: OSError) -> bool:
    """Say whether a call failed for want of space or quota."""
    return error.errno in {errno.ENOSPC, errno.EDQUOT}


def refused(error: OSError) -> VolumeError:
    """Return what a failed call means for the one who wanted it."""
    if no_space(error):
        log.event("volume.full", errno=errno.errorcode[error.errno or 0])
        return VolumeFull("no space left in the volume")
    return VolumeUnavailable(f"the volume refused: {error.strerror}")
