"""Old TLS for single hosts until a day: which context a connection begins with.

PURPOSE   A copier or a controller that speaks TLS 1.0 alone may reach one listener of ours until its exception ends. The
          context that a door gives is replaced by an older twin for such a peer, and for no other.
STATES    `learn` gets the exceptions anew on a hint, and every few seconds; whether one is in force is judged at each
          connection.
FAILURE   What is no network is left out. Where OpenSSL was built without old versions, the handshake fails as before.
SECURITY  The twin allows TLS 1.0 and 1.1 and ciphers of their time (OpenSSL's security level 0), with the same
          certificates. The peer's address decides, after PROXY from trusted balancers only.
"""

import ipaddress
import ssl
import warnings
from collections.abc import Callable, Iterable
from typing import Final

from smartmail.domain.transport import TlsException
from smartmail.edge.net.peer import Peer
from smartmail.ports.clock import Clock

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
_CIPHERS: Final = "DEFAULT:@SECLEVEL=0"


class OldTls:
    """The exceptions of a process. `twin` makes an older context of one that a door gives."""

    def __init__(self, clock: Clock, twin: Callable[[ssl.SSLContext], ssl.SSLContext]) -> None:
        self._clock = clock
        self._twin = twin
        self._known: tuple[tuple[Network, int, int], ...] = ()

    def learn(self, exceptions: Iterable[TlsException]) -> None:
        """Obey these from now on; the host of one is a network."""
        self._known = tuple((ipaddress.ip_network(one.host), one.port, one.until) for one in exceptions)

    def choose(self, peer: Peer, context: ssl.SSLContext) -> ssl.SSLContext:
        """Return what a connection begins with."""
        if not self._known or not self._is_excepted(peer):
            return context
        return self._twin(context)

    def _is_excepted(self, peer: Peer) -> bool:
        try:
            address = ipaddress.ip_address(peer.host)
        except ValueError:
            return False
        now = self._clock.now()
        return any(
            port == peer.local_port and now < until and address in network for network, port, until in self._known
        )


def loosen(context: ssl.SSLContext) -> ssl.SSLContext:
    """Let a context speak what was usual before 2010."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of old versions: that is what is wanted here
        context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers(_CIPHERS)
    return context
