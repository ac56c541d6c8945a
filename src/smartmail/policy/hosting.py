"""Networks of companies that rent out machines: where servers and tunnels come from, seldom people.

Public facts (numbers of autonomous systems as their registries list them). Not complete, and no list of tunnels: an
administrator names more of them in a condition ({"fact": "asn", "in": [...]}).
"""

from typing import Final

from smartmail.domain.access import NetworkClass

HOSTING: Final = frozenset({
    16509, 14618, 396982, 8075, 14061, 16276, 24940, 213230, 63949, 20473, 45102, 37963, 132203, 45090, 31898, 12876,
    60781, 28753, 30633, 51167, 9009, 60068, 212238, 136907, 55990, 36007, 36351, 33070, 19994, 135377, 23576, 197540,
    29802, 40676, 8100, 53667, 62567, 394380, 46606, 26496,
})  # fmt: skip


def class_of(asn: int) -> NetworkClass:
    """Return what a network is for, "" where its number does not say."""
    return "hosting" if asn in HOSTING else ""
