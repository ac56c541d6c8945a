"""A Debian Exim of the test's own: it signs what it sends (DKIM), finds others by MX and proves them by DANE."""

import contextlib
import socket
from collections.abc import Iterator

from tests.lab.authority import Issued
from tests.peers.own_root import OwnRoot, own_root
from tests.peers.served import until

_USER = "Debian-exim"
_NUMBER = 4501
_CONFIGURATION = """\
primary_hostname = mx.{domain}
domainlist local_domains = {domain}
local_interfaces = {address}
daemon_smtp_ports = 25
spool_directory = /var/spool/exim4
log_file_path = /var/log/exim4/%slog
log_selector = +tls_cipher +tls_certificate_verified +dnssec
tls_advertise_hosts = *
tls_certificate = /etc/exim4/mx.pem
tls_privatekey = /etc/exim4/mx.pem
smtputf8_advertise_hosts = *
dsn_advertise_hosts = *
never_users = root
dns_dnssec_ok = 1
acl_smtp_rcpt = recipients
acl_smtp_data = message
keep_environment =

begin acl
recipients:
  accept domains = +local_domains
  accept hosts = {clients}
  deny message = relaying is not for you
message:
  accept

begin routers
here:
  driver = accept
  domains = +local_domains
  transport = box
away:
  driver = dnslookup
  transport = exchanger
  dnssec_request_domains = *
  self = fail
  no_more

begin transports
box:
  driver = appendfile
  maildir_format
  directory = /var/mail/box
  create_directory
  return_path_add
  user = box
  group = box
exchanger:
  driver = smtp
  interface = {address}
  helo_data = mx.{domain}
  dnssec_request_domains = *
  hosts_try_dane = *
  dkim_domain = {domain}
  dkim_selector = {selector}
  dkim_private_key = /etc/exim4/dkim.pem

begin retry
* * F,10m,2s
"""


@contextlib.contextmanager
def exim(
    domain: str, address: str, clients: str, nameserver: str, certificate: Issued, selector: str, dkim_key: bytes
) -> Iterator[OwnRoot]:
    """Run one on port 25 of an address until the block ends; `clients` are the addresses that may send through it."""
    with own_root("exim4-daemon-light", {_USER: _NUMBER}, nameserver) as root:
        text = _CONFIGURATION.format(domain=domain, address=address, clients=clients, selector=selector)
        root.write("etc/exim4/exim4.conf", text)
        root.write("etc/exim4/mx.pem", certificate.pem(), 0o600, _NUMBER)
        root.write("etc/exim4/dkim.pem", dkim_key, 0o600, _NUMBER)
        root.own("var/spool/exim4", _NUMBER)
        root.own("var/log/exim4", _NUMBER)
        root.start("/usr/sbin/exim4", "-bdf", "-q2s")
        until(lambda: answers(address) or not root.is_running, 120, "Exim")
        assert root.is_running, root.log()
        yield root


def answers(address: str) -> bool:
    """Whether somebody listens at port 25 of an address."""
    with contextlib.suppress(OSError), socket.create_connection((address, 25), 1) as one:
        return one.recv(4).startswith(b"220")
    return False
