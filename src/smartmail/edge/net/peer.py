"""Who is at the other end of a connection."""

import socket
from collections.abc import Mapping
from dataclasses import dataclass, field

CERTIFICATE = "smartmail.certificate"
"""Where the `state` of an HTTP request holds the certificate that the client showed, and those that came along (DER)."""
TRUST = "smartmail.trust"
"""Where it holds what is to be told whose connection this is (`Wire.trust`), once that is proved."""


@dataclass(frozen=True, slots=True)
class Peer:
    """Addresses of one connection, after the PROXY header where one was read.

    `host` and `local_host` are numeric addresses without a zone; both are empty for a Unix socket.
    """

    host: str
    port: int
    local_host: str
    local_port: int
    proxied: bool = False

    @property
    def is_loopback(self) -> bool:
        """Whether the peer is this machine (127.0.0.0/8 or ::1)."""
        return self.host.startswith("127.") or self.host == "::1"


@dataclass(frozen=True, slots=True)
class TlsInfo:
    """What the handshake agreed on, for Received lines, Authentication rules and logs."""

    version: str
    cipher: str
    bits: int
    # What clients can bind a login to, by kind (RFC 5929, RFC 9266), and the client's certificate (DER) with what came
    # along with it.
    bindings: Mapping[str, bytes] = field(default_factory=dict, repr=False)
    certificate: bytes = field(default=b"", repr=False)
    others: tuple[bytes, ...] = field(default=(), repr=False)


def peer_of(remote: object, local: object) -> Peer:
    """Build a Peer from the two socket names as the transport reports them."""
    host, port = _host_and_port(remote)
    local_host, local_port = _host_and_port(local)
    return Peer(host, port, local_host, local_port)


def _host_and_port(name: object) -> tuple[str, int]:
    if not isinstance(name, tuple) or len(name) < 2:
        return "", 0
    host = str(name[0]).partition("%")[0]
    # A dual-stack socket reports IPv4 peers as ::ffff:a.b.c.d; rules and logs want the plain form.
    if host.startswith("::ffff:") and "." in host:
        host = host[7:]
    return host, int(name[1])


def address_key(host: str) -> bytes:
    """Return the octets that stand for one customer: an IPv4 address, or an IPv6 /64."""
    return _packed(host)[:8]


def network_key(host: str) -> bytes:
    """Return the octets that stand for one network: an IPv4 /24, or an IPv6 /48."""
    packed = _packed(host)
    return packed[:3] if len(packed) == 4 else packed[:6]


def _packed(host: str) -> bytes:
    try:
        return socket.inet_pton(socket.AF_INET6 if ":" in host else socket.AF_INET, host)
    except OSError:
        return b""
