"""A DNS of the tests' own: Knot serves zones that the lab signs, Unbound validates them up to a root of ours.

Nothing leaves the machine: what no test made is NXDOMAIN, proven by our root. Ports are free ones on loopback.

    def test_something(dns_lab):
        dns_lab.zone("good.test", "@ MX 10 mx.good.test.\\nmx A 127.0.0.1\\n_25._tcp.mx TLSA 3 1 1 …")
        resolver = DnsResolver(*dns_lab.resolver)

Names are free: each test takes domains that no other test takes, or states the zone anew; a call of `zone` is answered
with the new data when it returns. Records are zone file lines; names without a last dot lie below the zone.
"""

import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import dns.exception
import dns.message
import dns.query
import dns.rdatatype
import pytest
from tests.lab.signing import TTL, Zone, ZoneKeys, absolute

WAIT_S = 15.0
_ROOT = f". {TTL} IN NS ns.lab.\nns.lab. {TTL} IN A 127.0.0.1\n"
_KNOT = """\
server:
  rundir: "{folder}"
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
database:
  storage: "{folder}/knot"
control:
  listen: "{folder}/knot.sock"
log:
  - target: "{folder}/knot.log"
    any: info
template:
  - id: default
    storage: "{folder}/zones"
    semantic-checks: off
    zonefile-load: whole
    zonefile-sync: -1
    journal-content: none
zone:
"""
_UNBOUND = """\
server:
  directory: "{folder}"
  chroot: ""
  username: ""
  pidfile: ""
  use-syslog: no
  logfile: "{folder}/unbound.log"
  do-daemonize: no
  interface: 127.0.0.1
{standard}  port: {port}
  access-control: 127.0.0.0/8 allow
  num-threads: 1
  do-ip6: no
  do-not-query-localhost: no
  module-config: "validator iterator"
  trust-anchor: "{anchor}"
  trust-anchor-signaling: no
  root-key-sentinel: no
  qname-minimisation: no
  aggressive-nsec: no
  unblock-lan-zones: yes
  local-zone: "test." nodefault
  local-zone: "invalid." nodefault
  local-zone: "127.in-addr.arpa." nodefault
  infra-host-ttl: 1
remote-control:
  control-enable: yes
  control-interface: "{folder}/unbound.sock"
  control-use-cert: no
stub-zone:
  name: "."
  stub-addr: 127.0.0.1@{knot}
  stub-prime: no
"""


@dataclass
class DnsLab:
    """Two servers and the zones they know."""

    folder: Path
    knot_port: int = 0
    port: int = 0
    nameserver: str = ""
    """Address of the validating resolver at port 53, for programs that know no other; "" where we are not root."""
    zones: dict[str, Zone] = field(default_factory=dict)
    _root: ZoneKeys = field(default_factory=lambda: ZoneKeys("."))
    _serial: int = 1
    _servers: dict[str, subprocess.Popen[bytes]] = field(default_factory=dict)

    @property
    def resolver(self) -> tuple[str, int]:
        """Address and port of the validating resolver."""
        return "127.0.0.1", self.port

    @property
    def authority(self) -> tuple[str, int]:
        """Address and port of the server that holds the zones (it validates nothing and sets no AD)."""
        return "127.0.0.1", self.knot_port

    def zone(self, name: str, records: str, *, secure: bool = True, bogus: bool = False, expired: bool = False) -> None:
        """State a zone: signed unless `secure` is false; `bogus` under a foreign DS, `expired` signatures of old."""
        name = absolute(name)
        self.zones[name] = Zone(name, records.strip() + "\n", secure, bogus, expired, ZoneKeys(name), ZoneKeys(name))
        self._publish(self.zones[name])

    def remove(self, name: str) -> None:
        """Forget a zone: its names are NXDOMAIN."""
        del self.zones[absolute(name)]
        self._publish()

    def start(self) -> None:
        (self.folder / "zones").mkdir()
        self.knot_port, self.port = _free_port(), _free_port()
        self.nameserver = _free_nameserver() if os.geteuid() == 0 else ""
        self._write(None)
        self._begin("knot", ["knotd", "-c", str(self.folder / "knot.conf")])
        self._wait_serial(self.knot_port, ".")
        self._begin("unbound", ["unbound", "-d", "-c", str(self.folder / "unbound.conf")])
        self._wait_serial(self.port, ".")

    def stop(self) -> None:
        for server in self._servers.values():
            server.terminate()
        for server in self._servers.values():
            try:
                server.wait(WAIT_S)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()

    def silence(self) -> contextlib.AbstractContextManager[None]:
        """Stop the validating resolver's process while the block runs: questions get no answer at all."""
        return self._silence()

    @contextlib.contextmanager
    def _silence(self) -> Iterator[None]:
        process = self._servers["unbound"]
        process.send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            process.send_signal(signal.SIGCONT)

    def _publish(self, changed: Zone | None = None) -> None:
        self._serial += 1
        self._write(changed)
        self._run("knotc", "-s", str(self.folder / "knot.sock"), "reload")
        for name in (".", changed.name) if changed else (".",):
            self._wait_serial(self.knot_port, name)
        self._run("unbound-control", "-c", str(self.folder / "unbound.conf"), "flush_zone", ".")
        self._run("unbound-control", "-c", str(self.folder / "unbound.conf"), "flush_infra", "all")

    def _write(self, changed: Zone | None) -> None:
        delegations = "".join(zone.delegation() for zone in self.zones.values())
        root = Zone(".", _ROOT + delegations, True, False, False, self._root, self._root)
        (self.folder / "zones" / "root.zone").write_text(root.text(self._serial))
        if changed:
            (self.folder / "zones" / f"{changed.name}zone").write_text(changed.text(self._serial))
        knot = _KNOT.format(folder=self.folder, port=self.knot_port) + '  - domain: "."\n    file: root.zone\n'
        knot += "".join(f'  - domain: "{name}"\n    file: "{name}zone"\n' for name in self.zones)
        (self.folder / "knot.conf").write_text(knot)
        anchor = f". IN DS {self._root.ds}"
        standard = f"  interface: {self.nameserver}@53\n" if self.nameserver else ""
        unbound = _UNBOUND.format(
            folder=self.folder, port=self.port, knot=self.knot_port, anchor=anchor, standard=standard
        )
        (self.folder / "unbound.conf").write_text(unbound)

    def _begin(self, name: str, words: list[str]) -> None:
        if shutil.which(words[0]) is None:
            pytest.fail(f"{words[0]} is needed: tools/system_packages.toml")
        with (self.folder / f"{name}.out").open("wb") as out:
            self._servers[name] = subprocess.Popen(words, stdout=out, stderr=out, start_new_session=True)

    def _run(self, *words: str) -> None:
        done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=WAIT_S)
        assert done.returncode == 0, f"{words}: {done.stdout}{done.stderr}{self._logs()}"

    def _wait_serial(self, port: int, name: str) -> None:
        question = dns.message.make_query(name, "SOA")
        end = time.monotonic() + WAIT_S
        while time.monotonic() < end:
            with contextlib.suppress(dns.exception.DNSException, OSError):
                answer = dns.query.tcp(question, "127.0.0.1", port=port, timeout=1.0).answer
                if answer and answer[0].rdtype == dns.rdatatype.SOA and answer[0][0].serial >= self._serial:
                    return
            time.sleep(0.01)
        raise AssertionError(f"no answer for {name} at port {port}: {self._logs()}")

    def _logs(self) -> str:
        return "\n".join(path.read_text(errors="replace")[-2000:] for path in self.folder.glob("*.[ol][uo][tg]"))


def _free_port() -> int:
    """Return a port that is free for TCP and UDP on loopback."""
    while True:
        with socket.create_server(("127.0.0.1", 0)) as taken, socket.socket(type=socket.SOCK_DGRAM) as other:
            port = int(taken.getsockname()[1])
            with contextlib.suppress(OSError):
                other.bind(("127.0.0.1", port))
                return port


def _free_nameserver() -> str:
    """Return an address of loopback whose port 53 is free for TCP and UDP."""
    while True:
        address = f"127.53.{random.SystemRandom().randrange(256)}.{random.SystemRandom().randrange(1, 255)}"
        with (
            contextlib.suppress(OSError),
            socket.create_server((address, 53)),
            socket.socket(type=socket.SOCK_DGRAM) as one,
        ):
            one.bind((address, 53))
            return address


@contextlib.contextmanager
def open_dns_lab() -> Iterator[DnsLab]:
    """Run a lab until the block ends."""
    # Paths of Unix sockets are short: not in pytest's folders.
    folder = Path(tempfile.mkdtemp(prefix="smartmail-dns-"))
    lab = DnsLab(folder)
    try:
        lab.start()
        yield lab
    finally:
        lab.stop()
        shutil.rmtree(folder, ignore_errors=True)
