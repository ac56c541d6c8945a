"""Small file systems of a test's own: they fill up, and their power can be cut. Needs root."""

import contextlib
import fcntl
import os
import struct
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from tests.peers.served import until

_MIB = 1 << 20
# EXT4_IOC_SHUTDOWN: the file system ends at once. With NOLOGFLUSH nothing more reaches the disk, as in a power cut.
_SHUTDOWN, _NOLOGFLUSH = 0x8004587D, 2


@dataclass
class Disk:
    """A mounted file system; `path` is where."""

    path: Path
    kind: str
    size_mib: int
    image: Path

    @property
    def filler(self) -> Path:
        return self.path / "filler"

    def fill(self) -> None:
        """Take every octet that is left."""
        with open(self.filler, "ab", buffering=0) as file:
            for size in (_MIB, 4096, 1):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(b"x" * size)

    def relieve(self) -> None:
        """Give it back, or grow."""
        if self.filler.exists():
            self.filler.unlink()
        else:
            subprocess.run(["mount", "-o", f"remount,size={4 * self.size_mib}m", str(self.path)], check=True)

    def mount(self) -> None:
        if self.kind == "tmpfs":
            command = ["mount", "-t", "tmpfs", "-o", f"size={self.size_mib}m", "tmpfs", str(self.path)]
        else:
            command = ["mount", "-o", "loop", str(self.image), str(self.path)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.fail(f"cannot mount a small {self.kind} (root needed): {done.stderr.strip()}")

    def cut_power(self) -> None:
        """Lose everything that was not synced. Processes that use the files get errors from now on."""
        folder = os.open(self.path, os.O_RDONLY)
        try:
            fcntl.ioctl(folder, _SHUTDOWN, struct.pack("I", _NOLOGFLUSH))
        finally:
            os.close(folder)

    def come_back(self) -> None:
        """Mount what is left, once the last thread of those who were killed has let go of the files."""
        until(lambda: subprocess.run(["umount", str(self.path)], capture_output=True).returncode == 0, 120, "umount")
        self.mount()


@contextlib.contextmanager
def small_disk(kind: str, directory: Path, size_mib: int, name: str = "disk") -> Iterator[Disk]:
    """Mount a file system below `directory` until the block ends: "tmpfs" or "ext4"."""
    disk = Disk(directory / name, kind, size_mib, directory / f"{name}.image")
    disk.path.mkdir()
    if kind != "tmpfs":
        with open(disk.image, "wb") as file:
            file.truncate(size_mib * _MIB)
        subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", str(disk.image)], check=True)
    disk.mount()
    try:
        yield disk
    finally:
        subprocess.run(["umount", "-l", str(disk.path)], check=False)
        disk.image.unlink(missing_ok=True)
