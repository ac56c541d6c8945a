"""Which addresses are of the open Internet: what others may have this installation connect to.

RFC 4291 (IPv6), RFC 6052 (translated addresses), the special registries of IANA as the standard library has them. Must not
know who asks.
"""

import ipaddress
from collections.abc import Sequence

Networks = Sequence[ipaddress.IPv4Network | ipaddress.IPv6Network]

# RFC 6052: addresses of IPv4 inside IPv6, which a NAT64 would lead anywhere.
_TRANSLATED = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))

_UNICAST = ipaddress.IPv6Network("2000::/3")
"""RFC 4291 §2.4: all that is given out of IPv6; addresses of IPv4 and of sites lie outside."""


def is_public(address: str) -> bool:
    """Whether an address is one of the open Internet: not ours, not a neighbour's, not a special one."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(ip, ipaddress.IPv6Address):
        if ip.ipv4_mapped is not None:
            return is_public(str(ip.ipv4_mapped))
        if ip not in _UNICAST:
            return False
        if ip.sixtofour is not None or ip.teredo is not None or any(ip in network for network in _TRANSLATED):
            return False
    return ip.is_global and not ip.is_multicast


def may_be_asked(address: str, networks: Networks) -> bool:
    """Whether an address is of the open Internet, or in one of our own networks that may be asked all the same."""
    if is_public(address):
        return True
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return any(ip in network for network in networks)
