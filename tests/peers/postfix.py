"""A Debian Postfix of the test's own: configuration, queue and mailboxes in a folder of its own, one loopback port."""

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from tests.peers.served import until

DOMAIN = "postfix.example"
_DAEMONS = "/usr/lib/postfix/sbin"
_MASTER = """\
{address}:{port} inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
tlsmgr unix - - n 1000? 1 tlsmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
discard unix - - n - - discard
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
"""
_MAIN = """\
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/lib
command_directory = /usr/sbin
daemon_directory = {daemons}
maillog_file = {folder}/log
maillog_file_prefixes = {folder}
myhostname = {domain}
mydestination =
mynetworks = 127.0.0.0/8
inet_protocols = ipv4
virtual_mailbox_domains = {domain}
virtual_mailbox_base = {folder}/mail
virtual_mailbox_maps = static:box/
virtual_minimum_uid = 1
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
transport_maps = inline:{{ {transports} }}
relay_domains = {relayed}
smtp_host_lookup = native
smtp_tls_security_level = may
smtpd_client_connection_rate_limit = 0
smtpd_client_connection_count_limit = 0
"""


@dataclass
class Postfix:
    """One instance; `start` and `stop` at will."""

    folder: Path
    port: int
    address: str
    relays: dict[str, int] = field(default_factory=dict)
    """Domain → port on loopback where mail for it goes."""

    def write(self) -> None:
        for name in ("config", "queue", "lib", "mail"):
            (self.folder / name).mkdir(exist_ok=True)
        transports = ", ".join(f"{{ {domain} = smtp:[127.0.0.1]:{port} }}" for domain, port in self.relays.items())
        text = _MAIN.format(
            folder=self.folder, daemons=_DAEMONS, domain=DOMAIN, transports=transports, relayed=", ".join(self.relays)
        )
        (self.folder / "config" / "main.cf").write_text(text)
        (self.folder / "config" / "master.cf").write_text(_MASTER.format(address=self.address, port=self.port))
        shutil.chown(self.folder / "lib", "postfix", "postfix")
        os.chown(self.folder / "mail", 65534, 65534)

    def run(self, *words: str) -> str:
        command = ["postfix", "-c", str(self.folder / "config"), *words]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr + self.log()
        return done.stdout

    def start(self) -> None:
        self.run("start")

    def stop(self) -> None:
        self.run("stop")
        until(lambda: not self.is_running(), 120, "the end of Postfix")

    def is_running(self) -> bool:
        words = ["postfix", "-c", str(self.folder / "config"), "status"]
        return subprocess.run(words, capture_output=True, check=False).returncode == 0

    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def messages(self) -> list[bytes]:
        """Return what has arrived, with CRLF line ends."""
        new = self.folder / "mail" / "box" / "new"
        files = sorted(new.iterdir()) if new.is_dir() else []
        return [file.read_bytes().replace(b"\n", b"\r\n") for file in files]


@contextlib.contextmanager
def postfix(
    port: int, relays: dict[str, int], address: str = "127.0.0.1", make: Callable[..., Postfix] = Postfix
) -> Iterator[Postfix]:
    """Run an instance until the block ends."""
    if shutil.which("postfix") is None or os.geteuid() != 0:
        pytest.fail("Postfix and root are needed")
    # Its processes run as other users, who may not enter pytest's folders.
    folder = Path(tempfile.mkdtemp(prefix="smartmail-postfix-"))
    folder.chmod(0o755)
    peer = make(folder, port, address, relays)
    try:
        peer.write()
        peer.start()
        yield peer
    finally:
        if peer.is_running():
            peer.stop()
        shutil.rmtree(folder, ignore_errors=True)
