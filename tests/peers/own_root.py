"""A root of its own for a mail system: the machine's programs, one unpacked package over them, and the test's own /etc.

Debian lets one mail system stand on a machine, and a resolver is asked at port 53 of what /etc/resolv.conf names. A
process that runs here sees neither rule: its mounts and process ids are its own, and all of it ends with the first one.
"""

import contextlib
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.peers.served import ROOT, children, until

from smartmail.app.cli import system_packages

BOX = 4500
"""User and group that own the mailboxes."""
_ENTER = """\
set -e
mount -t overlay overlay -o "ro,lowerdir=$LAYERS" "$OWN_ROOT/usr"
mount --rbind /dev "$OWN_ROOT/dev"
mount -t proc proc "$OWN_ROOT/proc"
exec chroot "$OWN_ROOT" "$@"
"""
_LINKS = ("bin", "sbin", "lib", "lib64")
_FOLDERS = (
    "usr",
    "dev",
    "proc",
    "etc",
    "run",
    "tmp",
    "root",
    "var/log",
    "var/spool",
    "var/mail",
    "var/empty",
    "var/lib",
)


@dataclass
class OwnRoot:
    """The root's folder, the users it knows (name → number, group alike) and the processes that run in it."""

    folder: Path
    layer: Path
    users: dict[str, int] = field(default_factory=dict)
    _process: subprocess.Popen[bytes] | None = None

    def make(self, nameserver: str) -> None:
        for name in _FOLDERS:
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        (self.folder / "tmp").chmod(0o1777)
        for name in _LINKS:
            (self.folder / name).symlink_to(f"usr/{name}")
        (self.folder / "var" / "run").symlink_to("../run")
        users = {"root": 0, "nobody": 65534, "box": BOX, **self.users}
        self.write("etc/passwd", "".join(f"{name}:x:{n}:{n}::/var/empty:/bin/sh\n" for name, n in users.items()))
        self.write("etc/group", "".join(f"{name}:x:{n}:\n" for name, n in users.items()))
        # Only an answer from a resolver that may be believed proves anything (DANE).
        self.write("etc/resolv.conf", f"nameserver {nameserver}\noptions trust-ad edns0\n")
        self.write("etc/nsswitch.conf", "passwd: files\ngroup: files\nhosts: files dns\nservices: files\n")
        self.write("etc/hosts", "127.0.0.1 localhost\n")
        self.write("etc/services", "smtp 25/tcp\ndomain 53/udp\ndomain 53/tcp\n")
        self.own("var/mail", BOX)

    def write(self, name: str, text: str | bytes, mode: int = 0o644, owner: int = 0) -> None:
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode() if isinstance(text, str) else text)
        path.chmod(mode)
        os.chown(path, owner, owner)

    def own(self, name: str, owner: int) -> None:
        """Give a folder, made when it is new, to a user."""
        path = self.folder / name
        path.mkdir(parents=True, exist_ok=True)
        os.chown(path, owner, owner)

    def start(self, *words: str) -> None:
        """Run a program in the foreground of the root; it says what it says in `said`."""
        command = ["unshare", "--mount", "--pid", "--fork", "sh", "-c", _ENTER, "sh", *words]
        environment = {**os.environ, "OWN_ROOT": str(self.folder), "LAYERS": f"{self.layer / 'usr'}:/usr"}
        with (self.folder / "said").open("wb") as out:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=environment, start_new_session=True
            )

    @property
    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def stop(self) -> None:
        """End the first process, and all others of the root with it."""
        if self._process is None:
            return
        # The kernel ends the others; --kill-child would not reach one that has become another user.
        for first in children(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(first, signal.SIGKILL)
        self._process.wait()
        until(lambda: not self._is_used(), 120, "the end of a root")

    def _is_used(self) -> bool:
        for place in Path("/proc").glob("[0-9]*/root"):
            with contextlib.suppress(OSError):
                if os.readlink(place).startswith(str(self.folder)):
                    return True
        return False

    def log(self) -> str:
        """Return all that was logged."""
        files = [self.folder / "said", *sorted((self.folder / "var" / "log").rglob("*"))]
        return "\n".join(one.read_text(errors="replace") for one in files if one.is_file())

    def messages(self) -> list[bytes]:
        """Return what lies in the maildir, with CRLF line ends."""
        new = self.folder / "var" / "mail" / "box" / "new"
        files = sorted(new.iterdir()) if new.is_dir() else []
        return [file.read_bytes().replace(b"\n", b"\r\n") for file in files]


@contextlib.contextmanager
def own_root(package: str, users: dict[str, int], nameserver: str) -> Iterator[OwnRoot]:
    """Give the files of a package a root until the block ends."""
    layer = system_packages.unpacked(ROOT / "tools" / "system_packages.toml")[package]
    if os.geteuid() != 0 or not layer.exists():
        pytest.fail(f"root and the files of {package} are needed: ./smartmail test brings them")
    folder = Path(tempfile.mkdtemp(prefix="smartmail-root-"))
    # Its processes run as other users.
    folder.chmod(0o755)
    root = OwnRoot(folder, layer, users)
    try:
        root.make(nameserver)
        yield root
    finally:
        root.stop()
        shutil.rmtree(folder, ignore_errors=True)
