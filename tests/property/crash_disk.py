"""A disk in memory that forgets what was not synced, and file calls that fail on demand.

Threads of a process call at the same time: who walks through the names walks through a copy.
Stricter than real file systems: syncing a file does not make its name durable, and after a power cut any part of what
was not synced may be there, in any order. Time is a number that tests set.
"""

import errno
import os
import random
from collections.abc import Callable, Sequence

from smartmail.adapters.volumes.files import FileStat


class Inode:
    def __init__(self) -> None:
        self.octets = bytearray()
        self.synced = b""
        self.unsynced: list[tuple[int, bytes | None]] = []
        self.written_at = 0


def apply(octets: bytearray, offset: int, data: bytes | None) -> None:
    """Write `data` at an offset, or cut at it when there is none."""
    if data is None:
        del octets[offset:]
        return
    octets.extend(bytes(max(0, offset - len(octets))))
    octets[offset : offset + len(data)] = data


class Disk:
    """What survives processes; `power_cut` gives the disk that is there afterwards."""

    def __init__(self) -> None:
        self.names: dict[str, Inode] = {}
        self.durable: dict[str, Inode] = {}
        self.directories: set[str] = {"/"}
        self.locked: dict[int, object] = {}
        self.now = 1_000
        self.free = 10**12

    def power_cut(self, rng: random.Random) -> "Disk":
        after = Disk()
        after.directories = set(self.directories)
        after.now = self.now
        survivors: dict[int, Inode] = {}
        for path in {**self.durable, **self.names}:
            choices = [self.durable.get(path), self.names.get(path)]
            inode = choices[0] if choices[0] is choices[1] else rng.choice(choices)
            if inode is not None:
                after.names[path] = survivors.setdefault(id(inode), settled(inode, rng))
        after.durable = dict(after.names)
        return after


def settled(inode: Inode, rng: random.Random) -> Inode:
    after = Inode()
    octets = bytearray(inode.synced)
    for offset, data in inode.unsynced:
        fate = rng.randrange(3)
        if fate == 0:
            continue
        apply(octets, offset, data if data is None or fate == 1 else data[: rng.randrange(len(data) + 1)])
    after.octets = octets
    after.synced = bytes(octets)
    after.written_at = inode.written_at
    return after


class DiskFiles:
    """The file calls of one process. `fault(call)` may return an errno; after `kill` nothing reaches the disk."""

    def __init__(self, disk: Disk, fault: Callable[[str], int | None] | None = None) -> None:
        self._disk = disk
        self._fault = fault
        self._open: dict[int, tuple[Inode, bool]] = {}
        self._next = 100
        self._alive = True
        self.calls: list[str] = []

    def kill(self) -> None:
        self._alive = False
        for inode, _ in list(self._open.values()):
            self._disk.locked.pop(id(inode), None)

    def _enter(self, call: str) -> None:
        if not self._alive:
            raise OSError(errno.EIO, "the process is dead")
        self.calls.append(call)
        code = self._fault(call) if self._fault else None
        if code:
            raise OSError(code, os.strerror(code))

    def open(self, path: str, flags: int) -> int:
        self._enter("open")
        names = self._disk.names
        if flags & os.O_CREAT and flags & os.O_EXCL and path in names:
            raise FileExistsError(errno.EEXIST, path)
        if path not in names:
            if not flags & os.O_CREAT:
                raise FileNotFoundError(errno.ENOENT, path)
            names[path] = Inode()
            names[path].written_at = self._disk.now
        self._next += 1
        self._open[self._next] = (names[path], bool(flags & (os.O_WRONLY | os.O_RDWR)))
        return self._next

    def close(self, descriptor: int) -> None:
        inode, _ = self._open.pop(descriptor)
        if self._disk.locked.get(id(inode)) == (id(self), descriptor):
            del self._disk.locked[id(inode)]

    def _inode(self, descriptor: int, *, writing: bool = False) -> Inode:
        if descriptor not in self._open:
            raise OSError(errno.EBADF, "bad descriptor")
        inode, writable = self._open[descriptor]
        if writing and not writable:
            raise OSError(errno.EBADF, "not open for writing")
        return inode

    def _change(self, inode: Inode, offset: int, data: bytes | None) -> None:
        apply(inode.octets, offset, data)
        inode.unsynced.append((offset, data))
        inode.written_at = self._disk.now

    def write(self, descriptor: int, parts: Sequence[bytes], offset: int) -> int:
        inode = self._inode(descriptor, writing=True)
        octets = b"".join(parts)
        try:
            self._enter("write")
        except OSError:
            # A write that fails may have got some way.
            if self._alive:
                self._change(inode, offset, octets[: len(octets) // 2])
            raise
        taken = octets[: max(1, len(octets) * 2 // 3)] if len(octets) > 5000 else octets
        self._change(inode, offset, taken)
        return len(taken)

    def append(self, descriptor: int, octets: bytes) -> int:
        self._enter("append")
        inode = self._inode(descriptor, writing=True)
        self._change(inode, len(inode.octets), octets)
        return len(octets)

    def read(self, descriptor: int, size: int, offset: int) -> bytes:
        self._enter("read")
        return bytes(self._inode(descriptor).octets[offset : offset + size])

    def read_cached(self, descriptor: int, size: int, offset: int) -> bytes | None:
        return None if size % 3 == 0 else self.read(descriptor, size // 2 if size % 3 == 1 else size, offset)

    def sync(self, descriptor: int) -> None:
        self._enter("sync")
        inode = self._inode(descriptor)
        inode.synced = bytes(inode.octets)
        inode.unsynced.clear()

    def sync_directory(self, path: str) -> None:
        self._enter("sync_directory")
        for name in {**self._disk.durable, **self._disk.names}:
            if os.path.dirname(name) == path:
                if name in self._disk.names:
                    self._disk.durable[name] = self._disk.names[name]
                else:
                    del self._disk.durable[name]

    def truncate(self, descriptor: int, size: int) -> None:
        self._enter("truncate")
        self._change(self._inode(descriptor, writing=True), size, None)

    def stat(self, descriptor: int) -> FileStat:
        self._enter("stat")
        inode = self._inode(descriptor)
        links = sum(1 for other in list(self._disk.names.values()) if other is inode)
        return FileStat(len(inode.octets), inode.written_at, links)

    def lock(self, descriptor: int) -> bool:
        self._enter("lock")
        key = id(self._inode(descriptor))
        if key in self._disk.locked:
            return False
        self._disk.locked[key] = (id(self), descriptor)
        return True

    def unlink(self, path: str) -> None:
        self._enter("unlink")
        if path not in self._disk.names:
            raise FileNotFoundError(errno.ENOENT, path)
        del self._disk.names[path]

    def link(self, path: str, new: str) -> None:
        self._enter("link")
        if new in self._disk.names:
            raise FileExistsError(errno.EEXIST, new)
        self._disk.names[new] = self._disk.names[path]

    def list(self, path: str) -> Sequence[str]:
        self._enter("list")
        return sorted(os.path.basename(name) for name in list(self._disk.names) if os.path.dirname(name) == path)

    def make_directory(self, path: str) -> None:
        self._disk.directories.add(path)

    def space(self, path: str) -> tuple[int, int]:
        self._enter("space")
        return 10**12, self._disk.free
