"""A Debian OpenSMTPD of the test's own: one listener with STARTTLS, one mailbox, relay by MX."""

import contextlib
from collections.abc import Iterator

from tests.lab.authority import Issued
from tests.peers.exim import answers
from tests.peers.own_root import OwnRoot, own_root
from tests.peers.served import until

_USERS = {"opensmtpd": 4502, "opensmtpq": 4503}
_CONFIGURATION = """\
pki own cert "/etc/mx.crt"
pki own key "/etc/mx.key"
listen on {address} tls pki own hostname mx.{domain}
action "in" maildir "/var/mail/box"
action "out" relay src {address} helo mx.{domain}
match from any for domain "{domain}" action "in"
match from src {clients} for any action "out"
match from local for any action "out"
"""


@contextlib.contextmanager
def opensmtpd(domain: str, address: str, clients: str, nameserver: str, certificate: Issued) -> Iterator[OwnRoot]:
    """Run one on port 25 of an address until the block ends; `clients` is the network that may send through it."""
    with own_root("opensmtpd", _USERS, nameserver) as root:
        root.write("etc/smtpd.conf", _CONFIGURATION.format(domain=domain, address=address, clients=clients))
        key, _begin, rest = certificate.pem().partition(b"-----BEGIN CERTIFICATE-----")
        root.write("etc/mx.key", key, 0o600)
        root.write("etc/mx.crt", _begin + rest)
        root.write("etc/ssl/certs/ca-certificates.crt", _begin + rest)
        root.own("var/lib/opensmtpd/empty", 0)
        root.write("etc/mailname", f"mx.{domain}\n")
        root.start("/usr/sbin/smtpd", "-d", "-f", "/etc/smtpd.conf")
        until(lambda: answers(address) or not root.is_running, 120, "OpenSMTPD")
        assert root.is_running, root.log()
        yield root
