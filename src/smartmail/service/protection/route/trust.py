"""The trust line: where what we know ends and what the message says of itself begins (KA-30).

Pure. The peer that our edge saw is the authoritative one. Only where that is a relay that an administrator trusts, the
line that it wrote, which is the topmost of the message, is believed too, and the host named there takes its place.
"""

import ipaddress
from collections.abc import Callable, Sequence
from typing import Final

from smartmail.domain.inspection import Hop
from smartmail.formats.geo_table import is_inside, parse_address
from smartmail.formats.received import TraceHop
from smartmail.ports.geo import Place

INSIDE: Final = "-"
"""The country of a private network (내부망)."""
WHOLE_HOPS: Final = 12
"""Of the later ones no more is kept than where and when, so that a way takes 4 KB at most (KA-31)."""
MAX_TEXT: Final = 64

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Look = Callable[[str], Place]


class Relays:
    """Networks of relays whose Received lines are believed."""

    def __init__(self, networks: Sequence[Network] = ()) -> None:
        self.networks = tuple(networks)

    def __contains__(self, address: str) -> bool:
        """Say whether an address is one of theirs."""
        parsed = parse_address(address)
        if parsed is None:
            return False
        return any(
            network.version == parsed.version
            and int(network.network_address) <= parsed.number <= int(network.broadcast_address)
            for network in self.networks
        )


def believed(peer: str, told: Sequence[TraceHop], relays: Relays, *, partner: bool = False) -> tuple[int, str]:
    """Return how many of the told hops are believed, and the address of the authoritative peer.

    A relay that handed the message to itself, as to a filter beside it, wrote the next line as well. One that does not
    say from whom it had the message is where it came from, as far as anybody knows.
    """
    count, authoritative = 0, peer
    trusted = partner or peer in relays
    while trusted and count < len(told) and told[count].address:
        address = told[count].address
        count += 1
        if not is_loopback(address):
            authoritative = address
            trusted = address in relays
    return count, authoritative


def is_loopback(address: str) -> bool:
    """Say whether an address is the host itself."""
    return address == "::1" or address.startswith("127.")


def country_of(address: str, look: Look) -> tuple[str, int]:
    """Return country and network of an address: `-` for a private one, "" and 0 for unknown."""
    parsed = parse_address(address)
    if parsed is None:
        return "", 0
    if is_inside(parsed):
        return INSIDE, 0
    place = look(address)
    return place.country or "", place.asn or 0


def hops_of(edge: Hop, told: Sequence[TraceHop], count: int, look: Look) -> list[Hop]:
    """Return all hops as they are kept, ours first. `count` of the told ones are believed."""
    hops = [edge] + [
        Hop(index < count, hop.from_name, hop.address, hop.by, hop.protocol, hop.tls, hop.at)
        for index, hop in enumerate(told)
    ]
    return [_complete(hop, index, _before(hops, index), look) for index, hop in enumerate(hops)]


def _before(hops: Sequence[Hop], index: int) -> int:
    """Return when the message was at the nearest earlier hop that tells a time, 0 when none does."""
    return next((hop.at for hop in hops[index + 1 :] if hop.at), 0)


def _complete(hop: Hop, index: int, before: int, look: Look) -> Hop:
    country, asn = country_of(hop.address, look)
    delay = hop.at - before if hop.at and before else 0
    if index >= WHOLE_HOPS:
        return Hop(hop.verified, "", hop.address, "", "", "", hop.at, delay, country, asn)
    return Hop(
        hop.verified, hop.from_name[:MAX_TEXT], hop.address, hop.by[:MAX_TEXT], hop.protocol[:MAX_TEXT],
        hop.tls[:MAX_TEXT], hop.at, delay, country, asn,
    )  # fmt: skip
