"""Records to collectors: syslog over TLS (RFC 5425).

STRATEGIES  One connection for each batch, in a thread, with blocking sockets: a batch is a fraction of a second of work.
            TLS itself confirms it: after the last record we say that we end, and the collector, which must answer that
            (RFC 5425 §4.4), has then read all before it. A record counts as received only after that answer.
LIMITS      TIMEOUT_S for each step; TLS 1.2 at least.
SECURITY    The certificate must be of the authority that the target names, or of one that the system trusts, and for the
            target's name. There is no way to send without. A collector that a company named lies in the open Internet,
            or in a network that the installation allows (outgoing.networks): else an administrator of one company could
            have this machine knock on its neighbours. What the installation itself names may lie anywhere.
FAILURE     Unavailable with the reason in the detail; what was sent in vain is sent again by who called.
"""

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import Sequence
from typing import Final

from smartmail.domain.errors import Unavailable
from smartmail.domain.records import SiemTarget
from smartmail.formats.open_internet import may_be_asked

TIMEOUT_S: Final = 20.0


class TlsCollector:
    """ports.siem.Collector. `networks` of our own that collectors of companies may lie in."""

    def __init__(self, networks: Sequence[str] = ()) -> None:
        self._networks = [ipaddress.ip_network(one, strict=False) for one in networks]

    async def deliver(self, target: SiemTarget, frames: Sequence[bytes]) -> None:
        try:
            await asyncio.to_thread(self._deliver, target, b"".join(frames))
        except (OSError, ValueError) as error:
            raise Unavailable(detail=f"{target.host}:{target.port}: {error or type(error).__name__}") from error

    def _deliver(self, target: SiemTarget, octets: bytes) -> None:
        context = ssl.create_default_context(cadata=target.authority or None)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        with self._connect(target) as plain:
            wrapped = context.wrap_socket(plain, server_hostname=target.host)
            try:
                wrapped.sendall(octets)
                _end(wrapped, strict=target.confirm == "close")
            finally:
                wrapped.close()

    def _connect(self, target: SiemTarget) -> socket.socket:
        """Connect to an address that was looked at: a name that is asked twice may answer twice. Raises OSError."""
        found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(str(one[4][0]) for one in found))
        if target.organization_id and not all(may_be_asked(one, self._networks) for one in addresses):
            raise OSError("the collector lies in a network of our own that outgoing.networks does not name")
        failure: OSError = OSError("the collector has no address")
        for address in addresses:
            try:
                return socket.create_connection((address, target.port), timeout=TIMEOUT_S)
            except OSError as error:
                failure = error
        raise failure


def _end(wrapped: ssl.SSLSocket, *, strict: bool) -> None:
    """Say that we end and wait for the answer; whatever the collector says before it is not for us."""
    try:
        wrapped.unwrap()
    except (OSError, ValueError):
        if strict:
            raise
