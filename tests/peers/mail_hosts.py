"""A Postfix that is many mail hosts: one address of loopback each, with the certificate, or the fault, of each."""

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.lab.authority import Issued
from tests.peers import postfix as postfix_peer
from tests.peers.postfix import Postfix

_NETWORK = "127.0.7"


@dataclass
class HostKind:
    """How one host behaves: its certificate, and options of its smtpd."""

    certificate: Issued | None
    options: tuple[str, ...] = ()
    address: str = ""


@dataclass
class MailHosts(Postfix):
    """One instance with a listener for each kind of host."""

    kinds: dict[str, HostKind] = field(default_factory=dict)
    domains: tuple[str, ...] = ()

    def write(self) -> None:
        super().write()
        master, main = self.folder / "config" / "master.cf", self.folder / "config" / "main.cf"
        # The first line is the listener of the plain peer; ours stand in its place.
        lines = [line for line in master.read_text().splitlines() if " smtpd" not in line]
        for number, (name, kind) in enumerate(self.kinds.items(), start=1):
            kind.address = f"{_NETWORK}.{number}"
            lines += self._listener(name, kind)
        master.write_text("\n".join(lines) + "\n")
        text = main.read_text().replace(
            f"virtual_mailbox_domains = {postfix_peer.DOMAIN}", f"virtual_mailbox_domains = {', '.join(self.domains)}"
        )
        main.write_text(text + "tls_medium_cipherlist = DEFAULT:@SECLEVEL=0\n")

    def _listener(self, name: str, kind: HostKind) -> list[str]:
        lines = [f"{kind.address}:{self.port} inet n - n - - smtpd", f"  -o syslog_name={name}"]
        if kind.certificate is not None:
            path = kind.certificate.write(Path(self.folder) / f"{name}.pem")
            lines += ["  -o smtpd_tls_security_level=may", f"  -o smtpd_tls_chain_files={path}"]
        return lines + [f"  -o {option}" for option in kind.options]


@contextlib.contextmanager
def mail_hosts(port: int, kinds: dict[str, HostKind], domains: tuple[str, ...]) -> Iterator[MailHosts]:
    """Run the hosts until the block ends."""

    def make(folder: Path, port: int, address: str, relays: dict[str, int]) -> MailHosts:
        return MailHosts(folder, port, address, relays, kinds, domains)

    with postfix_peer.postfix(port, {"nowhere.example": 9}, make=make) as peer:
        assert isinstance(peer, MailHosts)
        yield peer
