"""A host on which one command was typed, a partner whose server its mail reaches, and the clock in the picture."""

from __future__ import annotations

import contextlib
import datetime
import imaplib
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from tests.e2e.company import PARTNER
from tests.peers.served import Served, free_port_base, put_node_file, put_setting
from tools.fake_dns import FakeDns

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from playwright.sync_api import Page

DOMAIN = "hanbit.example"
FRESH_ADMIN = f"jiho.park@{DOMAIN}"
FRESH_PASSWORD = "Maple-gorge.quartz7"
_DNS = {
    DOMAIN: {"MX": [f"10 mail.{DOMAIN}"]},
    f"mail.{DOMAIN}": {"A": ["127.0.0.1"]},
    "bench.test": {"MX": ["10 mx.bench.test"]},
    "mx.bench.test": {"A": ["127.0.0.1"]},
    # Nobody listens there: mail waits.
    "slow.example": {"MX": ["10 mx.slow.example"]},
    "mx.slow.example": {"A": ["127.0.0.77"]},
    # Who sends what nobody wants.
    "junk.example": {"MX": ["10 mx.slow.example"]},
}
_CLOCK = """
addEventListener('DOMContentLoaded', () => {
  const began = BEGAN;
  const shown = document.createElement('output');
  shown.setAttribute('aria-hidden', 'true');
  shown.style.cssText = 'position:fixed;right:8px;bottom:8px;z-index:9;padding:2px 8px;background:#000;color:#fff;font:14px monospace';
  document.documentElement.append(shown);
  const tick = () => {
    const seconds = Math.floor((Date.now() - began) / 1000);
    shown.textContent = `${new Date().toLocaleTimeString('ko-KR')}  +${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
  };
  tick();
  setInterval(tick, 200);
});
"""


def show_clock(page: Page, began: float) -> None:
    """Let a clock run in every picture of a page: the time, and how long it has been since `began` (time.time())."""
    page.add_init_script(_CLOCK.replace("BEGAN", str(int(began * 1000))))


@dataclass(frozen=True)
class FreshHost:
    """A node that nobody has touched but by its start."""

    node: Served
    branch: Served

    @property
    def admin_site(self) -> str:
        """Address of the admin web."""
        return f"https://admin.localhost:{self.node.ports['https']}"

    @property
    def site(self) -> str:
        """Address of the webmail."""
        return f"https://localhost:{self.node.ports['https']}"

    def links(self) -> list[str]:
        """The addresses that its starts have printed, in order."""
        return re.findall(r"https://\S+/setup#\S+", self.node.stdout.decode())

    @property
    def link(self) -> str:
        """The address that the first start printed."""
        return self.links()[0]

    def partner_has(self, words: str) -> bool:
        """Whether a mail with these words in its subject lies in the partner's inbox."""
        with imaplib.IMAP4("localhost", self.branch.ports["imap"]) as session:
            session.login(PARTNER, "bench")
            session.select("INBOX")
            session.literal = words.encode()  # type: ignore[attr-defined]
            return bool(session.search("UTF-8", "SUBJECT")[1][0])


@contextlib.contextmanager
def fresh_host(directory: Path) -> Iterator[FreshHost]:
    """Run the empty host and the partner's."""
    with free_port_base() as first, free_port_base() as second, FakeDns(_DNS) as names:
        node = Served(directory / "fresh", first)
        branch = Served(directory / "branch", second, "--bench")
        # What the network around the host is: its name server, and at which port others listen.
        put_node_file(node.directory, f'[dns]\naddress = "127.0.0.1"\nport = {names.port}\n')
        put_setting(node.directory, "relay.port", branch.ports["smtp"])
        try:
            branch.start(wait=False)
            node.start(wait=False)
            node.wait_ready()
            branch.wait_ready()
            yield FreshHost(node, branch)
        finally:
            for each in (node, branch):
                each.kill_all()
                print("\n".join(each.complaints()[-40:]))


def own_certificate(name: str) -> tuple[x509.Certificate, ec.EllipticCurvePrivateKey]:
    """A certificate for a host, and its key, as somebody would bring them in a file."""
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    builder = x509.CertificateBuilder().subject_name(names).issuer_name(names).public_key(key.public_key())
    builder = builder.serial_number(x509.random_serial_number()).not_valid_before(now)
    builder = builder.not_valid_after(now + datetime.timedelta(days=90))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
    return builder.sign(key, hashes.SHA256()), key
