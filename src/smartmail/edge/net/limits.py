"""How many connections a listener holds: in all, from one address, from one network."""

import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from smartmail.edge.net.peer import Peer, address_key, network_key

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one listener in one process.

    `total` is where accepting stops, so that a sibling process or the kernel's queue takes the next one;
    the other two refuse. 0 means no bound. Peers in `exempt` are only counted in `total`.
    """

    total: int = 8000
    per_address: int = 60
    # 200 slow clients from 200 addresses must not starve others (reliability.md row 11): memory, not slots, is
    # the bound, so a network may hold many.
    per_network: int = 600
    exempt: tuple[Network, ...] = ()


# From this part of `total` on, strangers get less time, and from that part on those that idle are closed
# (Postfix's stress mode goes from 300 s to 10 s): what is scarce then is room, not patience.
TIGHT_AT = 0.5
SCARCE_AT = 0.75
TIGHT_S = 60.0
SCARCE_S = 10.0


class Gate:
    """Counts the open connections of one listener. Not shared between processes."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.total = 0
        self._addresses: dict[bytes, int] = {}
        self._networks: dict[bytes, int] = {}

    @property
    def full(self) -> bool:
        """Whether accepting should stop for now."""
        return 0 < self.limits.total <= self.total

    @property
    def pressure(self) -> float:
        """How full the listener is: 0 empty, 1 full."""
        return self.total / self.limits.total if self.limits.total > 0 else 0.0

    def patience(self, seconds: float) -> float:
        """Return how long a stranger may be silent where `seconds` are usual."""
        pressure = self.pressure
        if pressure < TIGHT_AT:
            return seconds
        return min(seconds, TIGHT_S if pressure < SCARCE_AT else SCARCE_S)

    def enter(self, peer: Peer) -> str:
        """Count `peer` in and return "", or return why it is refused: "per_address" or "per_network"."""
        if contains(self.limits.exempt, peer.host):
            return ""
        address, network = address_key(peer.host), network_key(peer.host)
        if 0 < self.limits.per_address <= self._addresses.get(address, 0):
            return "per_address"
        if 0 < self.limits.per_network <= self._networks.get(network, 0):
            return "per_network"
        self._addresses[address] = self._addresses.get(address, 0) + 1
        self._networks[network] = self._networks.get(network, 0) + 1
        return ""

    def leave(self, peer: Peer) -> None:
        """Count out a peer that `enter` admitted."""
        if contains(self.limits.exempt, peer.host):
            return
        _decrease(self._addresses, address_key(peer.host))
        _decrease(self._networks, network_key(peer.host))


def _decrease(counts: dict[bytes, int], key: bytes) -> None:
    left = counts.get(key, 0) - 1
    if left > 0:
        counts[key] = left
    else:
        counts.pop(key, None)


def contains(networks: Sequence[Network], host: str) -> bool:
    """Whether the numeric address `host` lies in one of `networks`. False for anything else."""
    if not networks:
        return False
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return False
    return any(address in network for network in networks)
