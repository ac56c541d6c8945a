"""Where a host is: its address and its network as keys of budgets and subjects of bans."""

import ipaddress
from dataclasses import dataclass
from functools import lru_cache

ADDRESS_BITS = {4: 32, 6: 64}
"""What one customer has: an IPv4 address, an IPv6 /64 (RFC 6177)."""
NETWORK_BITS = {4: 24, 6: 48}


@dataclass(frozen=True, slots=True)
class Place:
    """`address` and `network` as CIDR texts."""

    address: str
    network: str


@lru_cache(maxsize=8192)
def place_of(host: str) -> Place | None:
    """Return where a numeric address is; None for this machine and for what is no address: those are not judged."""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return None
    mapped = getattr(address, "ipv4_mapped", None)
    address = mapped or address
    if address.is_loopback or address.is_unspecified:
        return None
    return Place(
        str(ipaddress.ip_network((address, ADDRESS_BITS[address.version]), strict=False)),
        str(ipaddress.ip_network((address, NETWORK_BITS[address.version]), strict=False)),
    )


def subject_of(text: str) -> str:
    """Return the CIDR text of a typed address or network. Raises ValueError; for everything and this machine too."""
    network = ipaddress.ip_network(text.strip(), strict=False)
    if "/" not in text:
        network = ipaddress.ip_network((network.network_address, ADDRESS_BITS[network.version]), strict=False)
    if network.prefixlen < (8 if network.version == 4 else 16) or network.is_loopback:
        raise ValueError("too much at once")
    return str(network)


def shown(subject: str) -> str:
    """Return a subject for people: a single IPv4 address without its length."""
    return subject.removesuffix("/32") if "." in subject else subject


class Networks:
    """Finds the narrowest of many networks that holds a host: a dictionary for each length, longest first."""

    def __init__(self, subjects: "dict[str, int] | None" = None) -> None:
        self._tables: dict[tuple[int, int], dict[int, int]] = {}
        for subject, value in (subjects or {}).items():
            network = ipaddress.ip_network(subject)
            table = self._tables.setdefault((network.version, network.prefixlen), {})
            table[int(network.network_address)] = value
        self._lengths = sorted(self._tables, reverse=True)

    def find(self, host: str) -> int | None:
        """Return the value of the narrowest network, None when none holds the host."""
        if not self._tables:
            return None
        try:
            address = ipaddress.ip_address(host)
        except ValueError:
            return None
        address = getattr(address, "ipv4_mapped", None) or address
        number = int(address)
        for version, length in self._lengths:
            if version == address.version:
                low = address.max_prefixlen - length
                value = self._tables[version, length].get(number >> low << low)
                if value is not None:
                    return value
        return None
