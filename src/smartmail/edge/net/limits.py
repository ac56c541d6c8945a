"""How many connections a listener holds: in all, of strangers from one address and one network, of one person.

Who has logged in is no stranger: an office of thousands behind one address counts person by person, while a flood from
one address stays as small as strangers are kept.
"""

import ipaddress
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from smartmail.edge.net.peer import Peer, address_key, network_key

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one listener in one process.

    `total` is where accepting stops, so that a sibling process or the kernel's queue takes the next one;
    the others refuse. 0 means no bound. Peers in `exempt` are only counted in `total`.
    `per_address` and `per_network` bound connections on which nobody has logged in; `per_person` those that one account
    may take out of that count.
    """

    total: int = 8000
    per_address: int = 60
    # 200 slow clients from 200 addresses must not starve others: memory, not slots, is the bound, so a network may
    # hold many.
    per_network: int = 600
    per_person: int = 200
    exempt: tuple[Network, ...] = ()


# From this part of `total` on, strangers get less time, and from that part on those that idle are closed
# (Postfix's stress mode goes from 300 s to 10 s): what is scarce then is room, not patience.
TIGHT_AT = 0.5
SCARCE_AT = 0.75
TIGHT_S = 60.0
SCARCE_S = 10.0
EXPLAINED_PER_S = 20.0
"""Refusals that a listener explains behind a TLS handshake, which costs; the others are only closed."""
LOGGED_EVERY_S = 60.0
_LOGGED_MOST = 1024

Room = Callable[[str, int], int]
"""How many strangers an address may have at once, told how many it has; 0: no bound."""


class Gate:
    """Counts the open connections of one listener. Not shared between processes."""

    def __init__(self, limits: Limits, room: Room | None = None) -> None:
        self.limits = limits
        self.total = 0
        self._room = room
        self._addresses: dict[bytes, int] = {}
        self._networks: dict[bytes, int] = {}
        self._people: dict[int, int] = {}
        self._explained_until = 0.0
        self._logged: OrderedDict[bytes, float] = OrderedDict()

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
        strangers = self._addresses.get(address, 0)
        bound = self.limits.per_address if self._room is None else self._room(peer.host, strangers)
        if 0 < bound <= strangers:
            return "per_address"
        together = max(self.limits.per_network, bound) if self.limits.per_network and bound else 0
        if 0 < together <= self._networks.get(network, 0):
            return "per_network"
        self._addresses[address] = strangers + 1
        self._networks[network] = self._networks.get(network, 0) + 1
        return ""

    def vouch(self, peer: Peer, person: int) -> bool:
        """Count a stranger that `enter` admitted as a person from now on; False for who has enough connections already."""
        held = self._people.get(person, 0)
        if 0 < self.limits.per_person <= held:
            return False
        self._people[person] = held + 1
        self.leave(peer)
        return True

    def part(self, person: int) -> None:
        """Count out a connection that was vouched for."""
        _decrease(self._people, person)

    def may_explain(self, now: float) -> bool:
        """Say whether one more refusal may cost a handshake; `now` in seconds."""
        start = max(self._explained_until, now - 1.0)
        if start > now:
            return False
        self._explained_until = start + 1 / EXPLAINED_PER_S
        return True

    def may_log(self, host: str, now: float) -> bool:
        """Say whether a refusal of an address is logged: one a minute of each, or a flood would fill the log."""
        key = address_key(host)
        if now - self._logged.get(key, -LOGGED_EVERY_S) < LOGGED_EVERY_S:
            return False
        self._logged[key] = now
        self._logged.move_to_end(key)
        while len(self._logged) > _LOGGED_MOST:
            self._logged.popitem(last=False)
        return True

    def leave(self, peer: Peer) -> None:
        """Count out a stranger that `enter` admitted."""
        if contains(self.limits.exempt, peer.host):
            return
        _decrease(self._addresses, address_key(peer.host))
        _decrease(self._networks, network_key(peer.host))


_Key = TypeVar("_Key")


def _decrease(counts: dict[_Key, int], key: _Key) -> None:
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
